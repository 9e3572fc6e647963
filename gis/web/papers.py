"""Papers to hand in and one-page sheets to send, as downloads."""

from flask import Blueprint, Response, render_template, request

from gis import sheets
from gis.web import asked, facts, pieces
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.payload import file_name, pack, send
from gis.web.texts import language, t
from gis.workflows.papers import evidence_lines

OF_COMMUNES = (*sheets.OF_ONE_COMMUNE, "recognition")
OF_PROVINCE = ("province-communes", "province-villages", "recognition")
LONGEST = 120
EVERY = "*"
"""Stands in addresses for one file of each commune."""

pages = Blueprint("papers", __name__)


@pages.get("/studies/<study_id>/papers")
def papers(study_id):
    """What can be had: papers of a commune, papers of the province, sheets."""
    review = ready(study_id).review
    return render_template(
        "papers/papers.html",
        review=review,
        study=review.study,
        study_id=study_id,
        of_communes=OF_COMMUNES,
        of_province=OF_PROVINCE,
        paper_formats=[(name, name) for name in sheets.formats_of(sheets.PAPERS[0])],
        communes=facts.communes_by_name(review, language()),
    )


@pages.get("/studies/<study_id>/papers/file")
def file(study_id):
    """One paper or sheet, or an archive of one for each commune or village."""
    standing = ready(study_id)
    review, reader = standing.review, language()
    kind = _chosen("kind", sheets.KINDS)
    format = _chosen("format", sheets.formats_of(kind))
    village = request.args.get("village") or None
    commune = _commune(review)
    heading = _heading()
    if village is not None:
        if village not in review.villages_table.index:
            raise Refused(404, "web-no-village", village=village[:60])
    elif kind == "village-sheet" or commune == EVERY:
        return _archive(study_id, review, kind, format, reader, commune, heading)
    options = {"heading": heading} if kind in sheets.PAPERS else {}
    if kind == "village-sheet":
        options["evidence"] = _evidence(study_id, review, reader, village)

    def make():
        made = sheets.make(review, kind, format, reader, commune=commune, village=village, **options)
        return pack(made.content, made.mimetype)

    # What people type has no end, and evidence changes without the study: neither is kept.
    kept = heading == sheets.Heading() and not options.get("evidence")
    key = ("paper", kind, format, reader, commune, village)
    payload = standing.prepared(key, make) if kept else make()
    about = village or (request.args.get("commune") if commune is not None else None)
    stem = "-".join(part for part in (study_id, kind, about) if part)
    return send(payload, filename=stem + sheets.FORMATS[format][0])


def _archive(study_id, review, kind, format, reader, commune, heading):
    """An archive that is sent while it is being made."""
    if kind == "village-sheet" and commune in (None, EVERY):
        raise Refused(400, "papers-needs-commune", kind=t("papers-page-villages"))
    parts = sheets.parts_of(review, kind, commune=None if commune == EVERY else commune)
    options = (
        {"heading": heading} if kind in sheets.PAPERS else {"evidence": _evidence(study_id, review, reader)}
    )
    files = sheets.make_each(review, kind, format, reader, parts, **options)
    response = Response(sheets.zipped(files), mimetype="application/zip")
    about = None if commune == EVERY else request.args.get("commune")
    name = file_name("-".join(part for part in (study_id, kind, format, about) if part) + ".zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _chosen(name, allowed):
    chosen = request.args.get(name, "")
    if chosen not in allowed:
        raise Refused(400, "web-bad-filter", name=name, value=chosen[:60], allowed=list(allowed))
    return chosen


def _commune(review):
    """The commune of the address as the review knows it, `EVERY` for one file each, None where none is named."""
    names = {EVERY: t("papers-page-every"), **facts.commune_names(review, language())}
    chosen = asked.one_of("commune", names)
    return "" if chosen == facts.NO_COMMUNE else chosen


def _heading():
    texts = {name: " ".join(request.args.get(name, "").split()) for name in ("issuer", "place", "date")}
    for name, text in texts.items():
        if len(text) > LONGEST:
            raise Refused(400, "papers-page-too-long", most=LONGEST, field=t(f"papers-page-{name}"))
    return sheets.Heading(**texts)


def _evidence(study_id, review, reader, village=None):
    rows = pieces.rows_of(study_id, ready(study_id)) or ()
    return evidence_lines([row for row in rows if village in (None, row["village_id"])], review, reader)
