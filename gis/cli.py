"""The command line: each command parses, calls one verb and prints.

Exit codes: 0 done; 1 problems were found and ``--strict`` asked to fail on them; 2 wrong usage or input that
cannot be read.
"""

import json
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

import gis
from gis.errors import ExportError, GisError
from gis.labels import LANGUAGES, format_value
from gis.messages import LISTED, say


def main(arguments=None):
    """Run the command line and leave with its exit code; no traceback reaches the reader."""
    # another PROJ's data folder breaks the coordinate systems of the bundled one
    for name in ("PROJ_LIB", "PROJ_DATA"):
        os.environ.pop(name, None)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    commands(args=arguments, prog_name="gis", obj={})


class _Commands(click.Group):
    """Prints the sentences of our own errors and leaves with 2."""

    def invoke(self, context):
        try:
            return super().invoke(context)
        except GisError as fault:
            click.echo(fault.say(context.obj.get("language", "vi")), err=True)
            context.exit(2)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            context.exit(0)
        except OSError as fault:
            name = Path(fault.filename or "").name
            sentence = say(
                "file-unwritable", context.obj.get("language", "vi"), file=name, why=fault.strerror or ""
            )
            click.echo(sentence, err=True)
            context.exit(2)


def _language(context, _, value):
    context.obj = context.obj or {}
    if value:
        context.obj["language"] = value
    return context.obj.get("language", "vi")


language_option = click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), callback=_language, expose_value=True,
    help="Language of what is printed and written: vi or en.",
)  # fmt: skip
criteria_option = click.option("--criteria", help="Judge by this set instead of the one the study names.")
study_argument = click.argument("study", type=click.Path(path_type=Path))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", "language", type=click.Choice(LANGUAGES), callback=_language, expose_value=False)
@click.version_option(version=gis.__version__, prog_name="gis")
@click.pass_obj
def commands(shared):
    """LangMap: which villages meet which infrastructure criteria, and why."""
    from gis.settings import read_settings

    shared["settings"] = read_settings(os.environ)
    shared.setdefault("language", shared["settings"].language)


def _settings():
    return click.get_current_context().obj["settings"]


@commands.command()
@study_argument
@criteria_option
@click.option("--strict", is_flag=True, help="Leave with 1 when there is any error or warning.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@language_option
def check(study, criteria, strict, as_json, language):
    """Say everything that is wrong with the inputs of STUDY."""
    from gis.workflows import check_study

    problems = check_study(study, criteria=criteria, settings=_settings())
    if as_json:
        _print_json(
            [
                {
                    "severity": p.severity,
                    "code": p.code,
                    "sentence": p.say(language),
                    "arguments": dict(p.arguments),
                }
                for p in problems
            ]
        )
    else:
        for problem in problems:
            click.echo(f"{say('severity-' + problem.severity, language)}: {problem.say(language)}")
            for items in problem.arguments.values():
                if isinstance(items, (list, tuple)) and len(items) > LISTED:
                    click.echo("    " + "; ".join(str(item) for item in items))
        counts = {
            f"{word}s": sum(p.severity == word for p in problems) for word in ("error", "warning", "note")
        }
        click.echo(say("check-summary", language, **counts))
    if any(problem.severity == "error" for problem in problems):
        sys.exit(2)
    if strict and any(problem.severity == "warning" for problem in problems):
        sys.exit(1)


@commands.command()
@study_argument
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the results."
)
@click.option(
    "--format", "wanted", multiple=True, help="Also export in this format; may be given several times."
)
@criteria_option
@click.option("--json", "as_json", is_flag=True, help="Print the headline figures as JSON.")
@click.option("--strict", is_flag=True, help="Leave with 1 when the inputs have errors or warnings.")
@language_option
def evaluate(study, out, wanted, criteria, as_json, strict, language):
    """Judge STUDY and write findings, measurements, verdicts and the run into a folder."""
    from gis.exports import export, formats, write_tables
    from gis.workflows import judge

    suffixes = {name: _known_format(name, formats()).suffix for name in wanted}
    review = judge(_read(study, criteria, language), report=_progress(language))
    out.mkdir(parents=True, exist_ok=True)
    written = write_tables(review, out)
    for name, suffix in suffixes.items():
        shared = list(suffixes.values()).count(suffix) > 1
        file = f"{review.study.id}-{name}{suffix}" if shared else f"{review.study.id}{suffix}"
        written.append(export(review, out / file, name, language=language).path)
    if as_json:
        _print_json({"study": review.study.id, "run": review.run.id, "problems": len(review.study.problems),
                     **review.headline, "seconds": round(review.run.seconds, 3)})  # fmt: skip
    else:
        _print_headline(review, language)
        for path in written:
            click.echo(say("written", language, path=str(path)))
    if strict and any(problem.severity != "note" for problem in review.study.problems):
        sys.exit(1)


@commands.command("map")
@study_argument
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The HTML file to write."
)
@criteria_option
@language_option
def map_(study, out, criteria, language):
    """Write one HTML file with the map of STUDY; it opens without any network."""
    from gis.maps import save_map
    from gis.workflows import judge

    review = judge(_read(study, criteria, language))
    path = save_map(review, out, language=language)
    click.echo(say("written", language, path=str(path)))


@commands.command()
@study_argument
@click.option("--format", "name", required=True, help="shapefile, geopackage, geojson, csv or xlsx.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)
@click.option("--encoding", help="Of a shapefile's texts: utf-8 (default) or cp1258.")
@criteria_option
@language_option
def export(study, name, out, encoding, criteria, language):
    """Export the villages of STUDY with their findings."""
    from gis.exports import export as write
    from gis.exports import formats
    from gis.workflows import judge

    _known_format(name, formats())
    review = judge(_read(study, criteria, language))
    report = write(review, out, name, language=language, encoding=encoding)
    for problem in report.problems:
        click.echo(f"{say('severity-' + problem.severity, language)}: {problem.say(language)}", err=True)
    click.echo(say("written-rows", language, path=str(report.path), rows=report.rows))


@commands.command()
@click.option(
    "--studies", type=click.Path(path_type=Path, file_okay=False), help="Folder of studies to show."
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1.")
@language_option
def serve(studies, port, language):
    """Start the server on this machine."""
    from gis.web.serving import run_server

    given = {"studies": studies, "port": port}
    settings = replace(_settings(), **{name: value for name, value in given.items() if value is not None})
    sys.exit(run_server(settings, language))


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--villages", type=click.IntRange(1, 100_000), default=120, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--rung", type=click.IntRange(0, 5), default=5, show_default=True, help="How much data it has.")
@language_option
def sample(folder, villages, seed, rung, language):
    """Make an invented upland district in FOLDER."""
    from gis.sample import make_sample

    path = make_sample(folder, villages=villages, seed=seed, rung=rung)
    click.echo(say("written", language, path=str(path)))


@commands.command()
@language_option
def layers(language):
    """List the layer types and their fields."""
    from gis.catalogue import load_catalogue

    for layer in load_catalogue().values():
        click.echo(f"{layer.id:<16} {layer.role:<9} {layer.geometry:<8} {layer.label.pick(language)}")
        for field in layer.fields.values():
            unit = f" [{field.unit}]" if field.unit else ""
            click.echo(f"    {field.name:<28} {field.type:<8} {field.label.pick(language)}{unit}")


@commands.command()
@click.argument("name", required=False)
@click.option(
    "--to",
    "to_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the set as an Excel table.",
)
@click.option(
    "--from",
    "from_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read a set from an Excel table.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="With --from: the YAML file to write."
)
@language_option
def criteria(name, to_path, from_path, out, language):
    """List the criteria sets, show the set NAME, or take one to or from Excel."""
    from gis.criteria import list_criteria, load_criteria
    from gis.workflows import criteria_from_excel, criteria_to_excel

    if from_path:
        chosen = criteria_from_excel(from_path, out, settings=_settings())
        click.echo(say("criteria-read", language, criteria=chosen.id, count=len(chosen.criteria)))
        if out:
            click.echo(say("written", language, path=str(out)))
        return
    if name is None and to_path is None:
        for one in map(load_criteria, list_criteria()):
            figures = one.figures
            checked = say("figures-checked", language, checked=figures["checked"], total=figures["total"])
            click.echo(
                f"{one.id:<30} {one.level:<8} {len(one.criteria):>3}  {checked}  {one.label.pick(language)}"
            )
        return
    if name is None:
        raise click.UsageError(say("criteria-name-missing", language))
    chosen = load_criteria(name)
    if to_path:
        criteria_to_excel(chosen, to_path)
        click.echo(say("written", language, path=str(to_path)))
        return
    _print_set(chosen, language)


@commands.command()
@language_option
def indicators(language):
    """List the indicators that a criteria set can name, with their arguments."""
    from gis.registry import INDICATORS, discover

    discover("gis.indicators")
    for declared in INDICATORS.values():
        options = [
            name for name in (*declared.things, *declared.options) if name not in ("villages", "reported")
        ]
        unit = f" [{declared.unit}]" if declared.unit else ""
        click.echo(f"{declared.name:<24} {declared.label.pick(language)}{unit}: {', '.join(options)}")


def _read(study, criteria, language):
    """The study, with progress shown, within the limits of the settings."""
    from gis.workflows import read_study

    return read_study(study, criteria=criteria, settings=_settings(), report=_progress(language))


def _known_format(name, known):
    """The declared format, checked before any file is read."""
    if name not in known:
        raise ExportError("export-no-format", format=name, known=list(known))
    return known[name]


def _progress(language):
    """A line that is written over while files are read, only where a person is watching."""
    if not sys.stderr.isatty():
        return None

    def report(fraction, code, **arguments):
        click.echo(f"\r\033[K{fraction:4.0%} {say(code, language, **arguments)}", nl=False, err=True)
        if fraction >= 1:
            click.echo("\r\033[K", nl=False, err=True)

    return report


def _print_json(content):
    def plain(value):
        if isinstance(value, Mapping):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(inner) for inner in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    click.echo(json.dumps(plain(content), ensure_ascii=False, indent=1, default=str))


def _print_headline(review, language):
    headline = review.headline
    shown = {key: "–" if value is None else value for key, value in headline.items()}
    shown["share_pct"] = format_value(headline["share_pct"], "%", language)
    title = review.study.label.pick(language)
    click.echo(
        say("headline-study", language, title=title, criteria=review.criteria.label, run=review.run.id)
    )
    if review.study.illustration:
        click.echo(say("illustration", language))
    if headline["trial"]:
        click.echo(
            say(
                "trial-figures",
                language,
                checked=headline["figures_checked"],
                total=headline["figures_total"],
            )
        )
    outcome = review.criteria.outcomes
    words = {
        word: outcome[word].pick(language) if word in outcome else say(f"status-{word}", language)
        for word in ("met", "unmet")
    }
    click.echo(say("headline-all", language, **shown, met_word=words["met"], unmet_word=words["unmet"]))
    click.echo(say("headline-infra", language, **shown))
    if headline["target_pct"] is not None:
        click.echo(say("headline-target", language, **shown))
    if headline["communes_without_sheet"]:
        click.echo(say("headline-sheets", language, **shown))
    problems = review.study.problems
    if problems:
        counts = {
            f"{word}s": sum(p.severity == word for p in problems) for word in ("error", "warning", "note")
        }
        click.echo(say("check-summary", language, **counts))


def _print_set(chosen, language):
    from gis.sentences import figure_text

    click.echo(f"{chosen.label.pick(language)}\n{chosen.legal_ref}\n")
    for criterion in chosen.criteria:
        limits = ", ".join(
            f"{chosen.groups[group].pick(language)}: {figure_text(criterion, group, language)}"
            for group in criterion.thresholds
            if criterion.in_group(group)
        )
        words = sorted({say(f"verification-{word}", language) for word in criterion.verification.values()})
        click.echo(f"{criterion.code or '':<6} {criterion.id}: {criterion.label.pick(language)}")
        click.echo(f"       {limits} · {criterion.clause} · {'; '.join(words)}")
