"""The command about how far services are."""

from pathlib import Path

import click

from gis.cli.base import (
    commands,
    language_option,
    print_json,
    print_table,
    progress,
    settings,
    study_argument,
)
from gis.labels import format_number
from gis.messages import say
from gis.reaching import MODES, SEASONS

SHOWN = 10
"""Villages that are printed, those farthest first; the file and the JSON hold all."""


@commands.command()
@study_argument
@click.option(
    "--kind", help="Places to go to, such as clinics:station or schools; the usual ones when left out."
)
@click.option("--mode", type=click.Choice(MODES), default=MODES[0], show_default=True, help="How one goes.")
@click.option("--season", type=click.Choice(SEASONS), default=SEASONS[0], show_default=True)
@click.option("--limits", help="Minutes at which bands end, 15,30,60,120 when left out.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write bands, areas and ways (.gpkg, .geojson, .zip of shapefiles) or the list (.xlsx, .csv).",
)
@click.option("--json", "as_json", is_flag=True, help="Print bands and villages as JSON.")
@language_option
def reach(study, kind, mode, season, limits, out, as_json, language):
    """How long it takes from every village of STUDY to the nearest place of a kind."""
    from gis.exports import reach_suffix, write_reach
    from gis.reaching import how_far, limits_of, service_of
    from gis.workflows import find_study, judge

    limits = limits_of(limits)
    if out:
        reach_suffix(out)
    read = find_study(study, settings=settings(), report=progress(language))
    service = service_of(read, kind)
    far = how_far(read, service, mode=mode, season=season, limits=limits)
    if as_json:
        print_json(
            {
                "service": service.name,
                "mode": mode,
                "season": season,
                "bands": far.bands.drop(columns="geometry").to_dict("records"),
                "villages": far.villages.drop(columns="geometry").reset_index().to_dict("records"),
            }
        )
    else:
        _print(far, language)
    if out:
        click.echo(say("written", language, path=str(write_reach(judge(read), far, out, language=language))))


def _print(far, language):
    from gis.exports import reach_list
    from gis.reaching import band_text, title_of

    click.echo(title_of(far, language))
    columns = ("band", "villages", "people")
    people = [
        format_number(round(count), language) if count == count else "–" for count in far.bands["people"]
    ]
    words = [
        band_text(*ends, language) for ends in zip(far.bands["above_min"], far.bands["upto_min"], strict=True)
    ]
    rows = zip(words, far.bands["villages"].astype(int), people, strict=True)
    print_table([say(f"reach-column-{name}", language) for name in columns], list(rows))
    if far.people_unplaced > 0:
        click.echo(say("reach-unplaced", language, people=round(far.people_unplaced)))
    listed, headings = reach_list(far, language)
    shown = ["village", "commune", "answer", "minutes", "other", "place", "walk_km", "ride_km", "doubt"]
    click.echo()
    first = listed.head(SHOWN).astype(object)
    first["other"] = first["other"].where(first["other"].notna(), first["other_told"])
    cells = first[shown].where(first[shown].notna(), "")
    numbers = {"minutes": 1, "other": 1, "walk_km": 2, "ride_km": 2}
    print_table(
        [headings[name] for name in shown],
        [
            [
                format_number(cell, language, numbers[name])
                if name in numbers and not isinstance(cell, str)
                else cell
                for name, cell in row.items()
            ]
            for row in cells.to_dict("records")
        ],
    )
    click.echo(say("reach-shown", language, shown=min(SHOWN, len(listed)), all=len(listed)))
