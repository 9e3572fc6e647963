"""Commands about what there is: layers, criteria sets, indicators, the sample; and the server."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from gis.cli.base import commands, language_option, settings
from gis.messages import say


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
    chosen = replace(settings(), **{name: value for name, value in given.items() if value is not None})
    sys.exit(run_server(chosen, language))


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
        chosen = criteria_from_excel(from_path, out, settings=settings())
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
    print_set(chosen, language)


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


def print_set(chosen, language):
    from gis.sentences import figure_text, marks_text, points_text

    head = (chosen.label.pick(language), chosen.legal_ref, chosen.derived_from, marks_text(chosen, language))
    click.echo("\n".join(filter(None, head)) + "\n")
    for criterion in chosen.criteria:
        limits = ", ".join(
            f"{chosen.groups[group].pick(language)}: {figure_text(criterion, group, language)}"
            for group in criterion.thresholds
            if criterion.in_group(group)
        )
        words = sorted({say(f"verification-{word}", language) for word in criterion.verification.values()})
        click.echo(f"{criterion.code or '':<6} {criterion.id}: {criterion.label.pick(language)}")
        where = criterion.clause, criterion.legal_ref
        said = (limits, points_text(chosen, criterion, language), *where, "; ".join(words))
        click.echo("       " + " · ".join(filter(None, said)))
