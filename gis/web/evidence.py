"""Documents and photos behind what was reported: bringing them, the list of all, and the photos on the map."""

import contextlib
import json

import pandas as pd
from flask import Blueprint, Response, current_app, redirect, render_template, request, send_file, url_for

from gis.errors import GisError, MissingError
from gis.intake import Reader
from gis.store import evidence, uploads
from gis.web import areas, asked, doing, pieces, sessions
from gis.web.downloads import send_list
from gis.web.facts import text_of
from gis.web.guard import Refused, let_through
from gis.web.home import ready
from gis.web.origins import FrozenOrigin
from gis.web.payload import pack, send
from gis.web.texts import language, pick, t
from gis.workflows.evidence import add_evidence, shown_name
from gis.workflows.states import year_of

pages = Blueprint("evidence", __name__)

MOST_AT_ONCE = 10
MOST_SHOWN = 300
SHOW = ("away", "year", "removed")
COLUMNS = ("village_id", "village", "commune", "criterion", "year", "file", "kind_text", "taken", "place", "note",
           "who", "at")  # fmt: skip


let_through(pages, lambda: _limit_mb() * MOST_AT_ONCE * 1_000_000, "receive")


@pages.errorhandler(413)
def too_large(_):
    """Say how large a file may be."""
    told = {"limit_mb": _limit_mb(), "count": MOST_AT_ONCE}
    return current_app.handle_user_exception(Refused(413, "evidence-page-too-large", **told))


@pages.app_template_global()
def evidence_of(study_id, village):
    """The evidence of one village, for its scorecard; None where none is kept."""
    standing = ready(study_id)
    found = pieces.rows_of(study_id, standing)
    if found is None:
        return None
    return pieces.told(standing, [row for row in found if row["village_id"] == village])


@pages.app_template_global()
def evidence_form(study_id):
    """What the form for new evidence offers: criteria, the year, and the limit of a file."""
    study = ready(study_id).review.study
    criteria = [
        (one.id, f"{one.code}. {pick(one.label)}" if one.code else pick(one.label))
        for one in study.criteria.criteria
    ]
    try:
        year = year_of(study)
    except GisError:
        year = ""
    return {"criteria": criteria, "year": year, "limit_mb": _limit_mb(), "most": MOST_AT_ONCE}


@pages.get("/studies/<study_id>/evidence")
def listed(study_id):
    """All evidence of a study, the latest first."""
    standing, rows, count, show = _asked(study_id, most=MOST_SHOWN)
    return render_template(
        "evidence/list.html",
        review=standing.review,
        study=standing.review.study,
        study_id=study_id,
        rows=rows,
        count=count,
        show=show,
        shows=_shows(),
    )


@pages.get("/studies/<study_id>/evidence.<any(xlsx, csv):format>")
def listed_file(study_id, format):
    """The same list as a file, every row of it."""
    standing, rows, *_ = _asked(study_id)
    headings = {name: t(f"evidence-page-column-{name}") for name in COLUMNS}
    title, table = t("evidence-page-title"), pd.DataFrame(rows, columns=list(COLUMNS))
    return send_list(standing.review, table, headings, format, title=title, name=f"{study_id}-evidence")


@pages.post("/studies/<study_id>/evidence")
def receive(study_id):
    """Take documents and photos of one village; what is refused is named, the others are kept."""
    doing.stored_study(study_id)
    villages = ready(study_id).review.villages_table
    village = request.form.get("village", "")
    if village not in villages.index:
        raise Refused(404, "web-no-village", village=village[:60])
    sessions.allow("attach", communes=[text_of(villages.at[village, "commune_id"]) or ""])
    who, more = sessions.who(), _said(study_id)
    given = [file for file in request.files.getlist("file") if file.filename]
    if not given or len(given) > MOST_AT_ONCE:
        code = "evidence-page-many" if given else "intake-page-no-file"
        raise Refused(422, code, count=len(given), limit=MOST_AT_ONCE)
    told = []
    with Reader(current_app.config["SETTINGS"]) as reader:
        for file in given:
            with contextlib.closing(file):
                told.append(_take(reader, study_id, village, file, who, more))
    here = url_for("scorecards.village", study_id=study_id, village_id=village)
    if not any(one["remarks"] for one in told):
        return redirect(f"{here}#evidence", 303)
    name = text_of(villages.at[village, "name"]) or village
    shown = render_template("evidence/told.html", study_id=study_id, told=told, back=here, village=name)
    return shown, 200 if all(one["kept"] for one in told) else 422


@pages.post("/studies/<study_id>/evidence/<int:number>")
def change(study_id, number):
    """Take a piece of evidence out of sight, or bring it back."""
    doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        row = evidence.get(connection, study_id, number, deleted=True)
    villages = ready(study_id).review.villages_table
    known = row["village_id"] in villages.index
    if not known and not areas.sees_whole():
        raise MissingError("store-no-evidence", study=study_id, number=number)
    communes = [text_of(villages.at[row["village_id"], "commune_id"]) or ""] if known else None
    sessions.allow("attach", communes=communes)
    do = request.form.get("do", "")
    if do not in ("remove", "restore"):
        raise Refused(400, "web-bad-request")
    with sessions.store().writing(sessions.who()) as writing:
        evidence.remove(writing, study_id, number, undo=do == "restore")
    to = url_for("evidence.listed", study_id=study_id, show="removed" if do == "restore" else None)
    if known and do == "remove":
        to = url_for("scorecards.village", study_id=study_id, village_id=row["village_id"]) + "#evidence"
    return redirect(to, 303)


@pages.get("/studies/<study_id>/evidence/<int:number>")
def original(study_id, number):
    """The file as it came; always to be saved, never shown as a page of ours."""
    row = _piece(study_id, number)
    path = sessions.store().files.path(row["content"], "evidence")
    kind = row["kind"] if row["kind"] in pieces.TYPES else None
    stem = shown_name(row["file"]).rpartition(".")[0] or shown_name(row["file"])
    response = send_file(
        path,
        mimetype=pieces.TYPES.get(kind, "application/octet-stream"),
        as_attachment=True,
        download_name=f"{stem}.{kind}" if kind else shown_name(row["file"]),
        etag=row["content"],
        conditional=True,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@pages.get("/studies/<study_id>/evidence/<int:number>/preview.jpg")
def preview(study_id, number):
    """The small picture that was made of a photo."""
    row = _piece(study_id, number)
    if not row["preview"]:
        raise Refused(404, "web-not-found")
    body = sessions.store().files.path(row["preview"], "evidence").read_bytes()
    response = Response(body, mimetype="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})
    response.set_etag(row["preview"][:32])
    return response.make_conditional(request)


@pages.get(f"/studies/<study_id>/layers/{pieces.PHOTO_LAYER}.geojson")
def on_map(study_id):
    """The photos that say where they were taken."""
    standing = ready(study_id)
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"{row['village']} · {row['file']}", "kind": row["place"] or row["taken"]},
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        }
        for row in pieces.told(standing, pieces.rows_of(study_id, standing) or [])
        if row["lon"] is not None
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return send(pack(body, "application/geo+json"), cache="no-store")


def _limit_mb():
    return current_app.config["SETTINGS"].evidence_mb


def _said(study_id):
    """Criterion, year and note of a form."""
    criterion, year = request.form.get("criterion", "") or None, request.form.get("year", "").strip()
    known = {one.id for one in ready(study_id).review.study.criteria.criteria}
    if criterion is not None and criterion not in known:
        raise Refused(422, "web-bad-request")
    if year and not (year.isascii() and year.isdigit() and 1990 <= int(year) <= 2100):
        raise Refused(
            422, "web-bad-filter", name=t("evidence-page-column-year"), value=year[:20], allowed=["1990–2100"]
        )
    return {"criterion": criterion, "year": int(year) if year else None, "note": request.form.get("note")}


def _take(reader, study_id, village, file, who, more):
    """Take one file; its name, whether it is kept, and what there is to say of it."""
    told = {"file": shown_name(file.filename), "kept": False}
    limit = {"who": who, "limit_mb": _limit_mb()}
    body = uploads.pieces_of(file.stream)
    try:
        done = add_evidence(sessions.store(), reader, study_id, village, file.filename, body, **limit, **more)
    except GisError as fault:
        return told | {"remarks": [problem.say(language()) for problem in fault.problems]}
    remarks = [t(code) for code in done.notes]
    if not done.is_new:
        remarks.append(t("evidence-page-there", number=done.number))
    names = ready(study_id).review.villages_table["name"]
    if done.alike:
        others = [str(names.get(row["village_id"], row["village_id"])) for row in done.alike]
        remarks.append(t("evidence-page-alike", villages=list(dict.fromkeys(others))))
    return told | {"kept": True, "remarks": remarks}


def _piece(study_id, number):
    """One piece of evidence in sight, or of a frozen study one that was in sight then."""
    standing = ready(study_id)
    if isinstance(standing.origin, FrozenOrigin):
        found = [row for row in standing.origin.frozen.evidence if row["id"] == number]
    else:
        with sessions.store().reading() as connection:
            found = [evidence.get(connection, study_id, number)]
    if not areas.kept(found, standing.review):
        raise MissingError("store-no-evidence", study=study_id, number=number)
    return found[0]


def _shows():
    return {show: t(f"evidence-page-show-{show}") for show in SHOW}


def _asked(study_id, *, most=None):
    """The standing, the rows that the address asks for (the first `most`), the latest first, how many, and what was asked."""
    standing = ready(study_id)
    show = asked.one_of("show", _shows())
    rows = pieces.rows_of(study_id, standing, deleted=show == "removed")
    if rows is None:
        raise Refused(404, "intake-page-not-stored", study=study_id[:80])
    rows = rows[::-1]
    if show == "removed":
        rows = [row for row in rows if row["deleted_at"]]
    if show in (None, "removed"):
        return standing, pieces.told(standing, rows[:most]), len(rows), show
    fits = {
        "away": lambda row: row["word"] == "away",
        "year": lambda row: row["year_word"] in ("earlier", "later"),
    }
    rows = [row for row in pieces.told(standing, rows) if fits[show](row)]
    return standing, rows[:most], len(rows), show
