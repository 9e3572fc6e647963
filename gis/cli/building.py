"""Commands about what can be built and what it costs."""

from pathlib import Path

import click

from gis.cli.base import commands, language_option, print_json, settings
from gis.labels import format_number
from gis.messages import say


@commands.command()
@click.option(
    "--to",
    "to_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the unit costs as an Excel table to be edited.",
)
@click.option(
    "--costs",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The unit costs of this table instead of those of the catalogue.",
)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@language_option
def interventions(to_path, costs, as_json, language):
    """List the kinds of work that a plan chooses from, with what they cost and who says so."""
    from gis.interventions import cost_word, load_interventions, sector_word, unit_word, where_text
    from gis.plan.record import plain
    from gis.workflows import costs_from_excel, costs_to_excel

    works = load_interventions() if costs is None else costs_from_excel(costs, settings=settings())
    if to_path is not None:
        costs_to_excel(to_path, works, language=language)
        click.echo(say("written", language, path=str(to_path)))
        return
    if as_json:
        print_json([plain(work) for work in works.values()])
        return
    for sector in dict.fromkeys(work.sector for work in works.values()):
        click.echo(sector_word(sector, language))
        for work in works.values():
            if work.sector != sector:
                continue
            click.echo(f"  {work.id:<30} {work.label.pick(language)}")
            for cost in work.costs:
                low, middle, high, fixed = (
                    format_number(vnd / 1e6, language)
                    for vnd in (cost.low, cost.vnd, cost.high, cost.fixed_vnd)
                )
                code = "costs-line-fixed" if cost.fixed_vnd else "costs-line"
                unit = unit_word(work.unit, language)
                line = say(
                    code, language, cost=middle, low=low, high=high, fixed=fixed, unit=unit, day=cost.as_of
                )
                told = (
                    line,
                    cost_word(cost.verification, language),
                    cost.source,
                    where_text(cost.where, language),
                )
                click.echo("      " + " · ".join(filter(None, told)))
