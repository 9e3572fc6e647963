"""The command that makes papers to hand in and sheets to send."""

from pathlib import Path

import click

from gis.cli.base import commands, criteria_option, language_option, progress, settings, study_argument
from gis.errors import PaperError
from gis.files import replacing
from gis.messages import say

MAPS = ("map", "atlas")


@commands.command()
@study_argument
@click.option("--kind", required=True, help="commune-results, commune-scores, recognition, province-communes, "
              "province-villages, village-sheet, commune-sheet, map or atlas.")  # fmt: skip
@click.option("--format", "format_", required=True,
              help="xlsx, docx or pdf of a paper; pdf, png or a4 (a PDF for printing) of a sheet; a4 or a3 of a map.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="The file to write; a .zip takes one file for each commune, or for each village.")  # fmt: skip
@click.option("--commune", help="Code or name of the commune.")
@click.option("--village", help="Code of the village.")
@click.option("--issuer", default="", help="The body that hands the paper in; else that of the commune.")
@click.option("--place", default="", help="Where it is signed; else a dotted line.")
@click.option("--date", default="", help="When, as 2026-11-23; else a dotted line.")
@click.option("--criterion", help="Of a map or atlas: show this criterion, not the whole set.")
@click.option("--layers", default="", help="Of a map or atlas: layers drawn on it, as roads,schools.")
@click.option("--by-commune", is_flag=True, help="Of a map: colour communes by the share of their villages.")
@criteria_option
@language_option
def papers(
    study, kind, format_, out, commune, village, issuer, place, date, criterion, layers, by_commune, criteria, language
):  # fmt: skip
    """Write a paper to hand in, a one-page sheet, or a map to print, of STUDY."""
    from gis import sheets
    from gis.sheets import mapsheets
    from gis.workflows import find_study, judge

    # before any file is read
    known = (*sheets.KINDS, *MAPS)
    if kind not in known:
        raise PaperError("papers-no-kind", kind=kind[:60], known=" | ".join(known))
    formats = tuple(mapsheets.SIZES) if kind in MAPS else sheets.formats_of(kind)
    if format_ not in formats:
        raise PaperError("papers-no-format", format=format_[:60], known=list(formats))
    if kind not in MAPS and (criterion or layers or by_commune):
        raise PaperError("mapsheet-only-maps", kind=kind)
    if kind in MAPS and village is not None:
        raise PaperError("papers-not-of-village", kind=kind)
    review = judge(find_study(study, criteria=criteria, settings=settings(), report=progress(language)))
    commune = None if commune is None else _commune(review, commune)
    if kind in MAPS:
        ask = mapsheets.Ask(
            show="communes" if by_commune else "villages", criterion=criterion, commune=commune, size=format_, date=date,
            layers=tuple(part for part in layers.split(",") if part),
        )  # fmt: skip
        draw = mapsheets.map_sheet if kind == "map" else mapsheets.atlas
        with replacing(out) as fresh:
            fresh.write_bytes(draw(review, ask, language))
        click.echo(say("written", language, path=str(out)))
        return
    heading = sheets.Heading(issuer, place, date)
    options = (
        {"heading": heading} if kind in sheets.PAPERS else {"evidence": _evidence(study, review, language)}
    )
    if out.suffix.lower() == ".zip":
        parts = sheets.parts_of(review, kind, commune=commune)
        files = sheets.make_each(review, kind, format_, language, parts, **options)
        with replacing(out) as fresh, fresh.open("wb") as target:
            target.writelines(sheets.zipped(files))
        click.echo(say("papers-written-many", language, path=str(out), count=len(parts)))
        return
    made = sheets.make(review, kind, format_, language, commune=commune, village=village, **options)
    with replacing(out) as fresh:
        fresh.write_bytes(made.content)
    click.echo(say("written", language, path=str(out)))


def _commune(review, asked):
    """The id of a commune that was given by its code or, where only one is called so, by its name."""
    from gis.names import fold

    if asked in review.communes.index:
        return asked
    named = [id_ for id_, name in review.communes["name"].items() if fold(name) == fold(asked)]
    if len(named) != 1:
        raise PaperError("papers-no-commune-id", commune=asked[:60])
    return named[0]


def _evidence(study, review, language):
    """The lines of evidence of a study of the store; a study file has none."""
    from gis.workflows import opened
    from gis.workflows.papers import evidence_of

    if Path(study).exists() or Path(study).suffix:
        return {}
    with opened(settings()) as store:
        return evidence_of(store, study, review, language)
