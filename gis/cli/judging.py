"""Commands over one study: check it, judge it, draw it, export it."""

import sys
from pathlib import Path

import click

from gis.cli.base import (
    commands,
    criteria_option,
    language_option,
    print_json,
    print_problems,
    print_table,
    problems_as_data,
    progress,
    settings,
    study_argument,
)
from gis.errors import ExportError
from gis.labels import format_value
from gis.messages import say


@commands.command()
@study_argument
@criteria_option
@click.option("--strict", is_flag=True, help="Leave with 1 when there is any error or warning.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@language_option
def check(study, criteria, strict, as_json, language):
    """Say everything that is wrong with the inputs of STUDY."""
    from gis.workflows import check_study

    found = check_study(study, criteria=criteria, settings=settings())
    problems = found.problems
    if as_json:
        told = {"problems": problems_as_data(problems, language), "inputs": found.inputs}
        print_json(told | {"ground": _ground_as_data(found.ground)})
    else:
        _print_inputs(found.inputs, language)
        _print_ground(found.ground, language)
        print_problems(problems, language)
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
@click.option(
    "--also", multiple=True, help="Judge by this set as well; its files go into a folder of its name."
)
@click.option("--json", "as_json", is_flag=True, help="Print the headline figures as JSON.")
@click.option("--strict", is_flag=True, help="Leave with 1 when the inputs have errors or warnings.")
@language_option
def evaluate(study, out, wanted, criteria, also, as_json, strict, language):
    """Judge STUDY and write findings, measurements, verdicts and the run into a folder."""
    from gis.exports import export, formats, write_tables
    from gis.roadfacts import access_index
    from gis.workflows import judge

    suffixes = {name: _known_format(name, formats()).suffix for name in wanted}
    review = judge(_read(study, criteria, language, also), report=progress(language))
    reviews = {"": review, **{_folder(name): each for name, each in review.beside.items()}}
    written = []
    for place, each in reviews.items():
        folder = out / place
        folder.mkdir(parents=True, exist_ok=True)
        written += write_tables(each, folder)
        for name, suffix in suffixes.items():
            shared = list(suffixes.values()).count(suffix) > 1
            file = f"{each.study.id}-{name}{suffix}" if shared else f"{each.study.id}{suffix}"
            written.append(export(each, folder / file, name, language=language).path)
    if as_json:
        beside = {name: each.headline for name, each in review.beside.items()}
        near = access_index(review.study)
        print_json({"study": review.study.id, "run": review.run.id, "problems": len(review.study.problems),
                     **review.headline, "rural_access": near and near.figures(), "seconds": round(review.run.seconds, 3),
                     **({"also": beside} if beside else {})})  # fmt: skip
    else:
        for each in reviews.values():
            print_headline(each, language)
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
    from gis.reaching import judged_far
    from gis.workflows import judge

    review = judge(_read(study, criteria, language))
    path = save_map(review, out, language=language, far=judged_far(review.study))
    click.echo(say("written", language, path=str(path)))


@commands.command()
@study_argument
@click.option("--format", "name", required=True, help="shapefile, geopackage, geojson, csv or xlsx.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)
@click.option("--encoding", help="Of a shapefile's texts: utf-8 (default) or cp1258.")
@click.option("--fixes", "with_fixes", is_flag=True, help="In xlsx also the cheapest change for each gap.")
@criteria_option
@language_option
def export(study, name, out, encoding, with_fixes, criteria, language):
    """Export the villages of STUDY with their findings."""
    from gis.exports import export as write
    from gis.exports import formats
    from gis.workflows import judge

    _known_format(name, formats())
    if with_fixes and name != "xlsx":
        raise ExportError("export-no-fixes", format=name)
    review = judge(_read(study, criteria, language))
    fixes = _fixes(review, language) if with_fixes else None
    report = write(review, out, name, language=language, encoding=encoding, fixes=fixes)
    for problem in report.problems:
        click.echo(f"{say('severity-' + problem.severity, language)}: {problem.say(language)}", err=True)
    click.echo(say("written-rows", language, path=str(report.path), rows=report.rows))


def _fixes(review, language):
    from gis.plan import find_options
    from gis.plan.fixes import fixes_of

    return fixes_of(find_options(review, report=progress(language)))


def _folder(name):
    """The folder of a set that was named by an id or by a path."""
    return Path(name).stem if name.endswith((".yaml", ".yml")) else name


def _read(study, criteria, language, also=()):
    """The study, with progress shown, within the limits of the settings."""
    from gis.workflows import find_study

    return find_study(study, criteria=criteria, also=also, settings=settings(), report=progress(language))


def _print_inputs(inputs, language):
    """Every layer and sheet: its rows, its date and whether it is complete."""
    if not inputs:
        return
    columns = ("source", "file", "rows-in", "rows-used", "rows-reported", "as-of", "complete")
    rows = [
        (
            row["source"],
            row["file"],
            *(int(row[name]) for name in ("rows_in", "rows_used", "rows_reported")),
            row["as_of"] or "–",
            _completeness(row["complete"], language),
        )
        for row in inputs
    ]
    print_table([say(f"check-column-{column}", language) for column in columns], rows)
    click.echo()


def _print_ground(ground, language):
    """What is counted of the ground that times are calculated on."""
    if ground is None:
        return
    from gis.ground import ground_told

    told, rows = ground_told(ground, language)
    click.echo(" ".join(told))
    print_table([say(f"ground-{column}", language) for column in ("what", "dry", "wet")], rows)
    click.echo()


def _ground_as_data(ground):
    return ground and {
        "width_m": ground.width_m,
        "height_m": ground.height_m,
        "cells": ground.cells,
        "blank_pct": ground.blank_pct,
        "counts": {
            season: {name: int(n) for name, n in column.items()} for season, column in ground.counts.items()
        },
    }


def _completeness(complete, language):
    words = set(complete.values())
    if not words:
        return "–"
    return say(f"web-complete-{words.pop() if len(words) == 1 else 'mixed'}", language)


def _known_format(name, known):
    """The declared format, checked before any file is read."""
    if name not in known:
        raise ExportError("export-no-format", format=name, known=" | ".join(known))
    return known[name]


def print_marks(review, language):
    """Say where a study is an illustration, and where figures of its set are not checked."""
    if review.study.illustration:
        click.echo(say("illustration", language))
    if review.criteria.is_trial:
        figures = review.criteria.figures
        click.echo(say("trial-figures", language, checked=figures["checked"], total=figures["total"]))


def print_headline(review, language):
    headline = review.headline
    shown = {key: "–" if value is None else value for key, value in headline.items()}
    shown["share_pct"] = format_value(headline["share_pct"], "%", language)
    title = review.study.label.pick(language)
    click.echo(
        say("headline-study", language, title=title, criteria=review.criteria.label, run=review.run.id)
    )
    print_marks(review, language)
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
