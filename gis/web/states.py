"""Verifying, recognising and reopening villages: one, a commune, or all that a list shows."""

import pandas as pd
from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for

from gis.intake import Reader
from gis.store import states, uploads
from gis.web import areas, asked, doing, facts, pieces, progress, sessions
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import ready_all, settled
from gis.web.texts import date, language, moment, t
from gis.workflows import states as steps
from gis.workflows.evidence import keep_file, shown_name

pages = Blueprint("states", __name__)

MOST_SHOWN = 500
FORM_BYTES = 1_000_000
DECISION_KINDS = ("pdf", "docx", "jpg", "png")
COLUMNS = ("village_id", "name", "commune", "status_text", "state_text", "decision", "decided_on", "then", "warning",
           "reason", "who", "at")  # fmt: skip


@pages.url_value_preprocessor
def take_more(endpoint, _):
    """Let a list of many villages and the document of a decision through, before anything looks at the form."""
    if endpoint == "states.change":
        request.max_content_length = FORM_BYTES + current_app.config["SETTINGS"].evidence_mb * 1_000_000
        request.max_form_parts = 20_000


@pages.get("/studies/<study_id>/recognition")
def listed(study_id):
    """Villages by how far they are, and what can be done with them."""
    standing, table, filters = _asked(study_id)
    review = standing.review
    rows = _rows(review, table.iloc[:MOST_SHOWN])
    return render_template(
        "states/list.html",
        review=review,
        study=review.study,
        study_id=study_id,
        year=steps.year_of(review.study),
        rows=rows,
        count=len(table),
        filters=filters,
        state_words=progress.filter_words(),
        communes=facts.communes_by_name(review, language()),
        words={status: facts.outcome(review, status, language()) for status in facts.STATUSES},
        sought=facts.outcome(review, review.criteria.sought, language()),
        counts=_counts(study_id, standing),
        symbols=facts.SYMBOLS,
    )


@pages.get("/studies/<study_id>/recognition.<any(xlsx, csv):format>")
def listed_file(study_id, format):
    """The same list as a file, every row of it."""
    standing, table, _ = _asked(study_id)
    headings = {name: t(f"states-page-column-{name}") for name in COLUMNS}
    rows = pd.DataFrame(_rows(standing.review, table), columns=list(COLUMNS))
    title, name = t("states-page-title"), f"{study_id}-recognition"
    return send_list(standing.review, rows, headings, format, title=title, name=name)


@pages.post("/studies/<study_id>/recognition")
def change(study_id):
    """Take one step with the villages that were ticked, or with all of the list."""
    doing.stored_study(study_id)
    sessions.allow("verify", communes=())
    who, store = sessions.who(), sessions.store()
    settled(study_id)
    standing, table, filters = _asked(study_id)
    villages = list(table.index) if request.form.get("all") else request.form.getlist("village")
    sessions.allow("verify", communes=areas.communes_of(standing.review, villages))
    if not villages:
        raise Refused(422, "states-page-none-chosen")
    do, review = request.form.get("do", ""), standing.review
    if do == "verify":
        left = steps.verify(store, study_id, review, villages, who=who)
    elif do == "recognise":
        told = {name: request.form.get(name, "") for name in ("decision", "decided_on")}
        left = steps.recognise(store, study_id, review, villages, document=_document(store), **told, who=who)
    elif do == "reopen":
        left = steps.reopen(store, study_id, review, villages, reason=request.form.get("reason", ""), who=who)
    else:
        raise Refused(400, "web-bad-request")
    here = url_for("states.listed", study_id=study_id, **filters)
    back = request.form.get("back", "")
    if back in review.villages_table.index:
        here = url_for("scorecards.village", study_id=study_id, village_id=back)
    if not left:
        return redirect(here, 303)
    names = review.villages_table["name"]
    rows = [
        {"id": village, "name": facts.text_of(names[village]) or village, "why": t(f"states-page-left-{why}")}
        for village, why in left.items()
    ]
    shown = {"rows": rows[:MOST_SHOWN], "left": len(left), "done": len(villages) - len(left), "back": here}
    return render_template("states/told.html", study_id=study_id, do=do, **shown)


@pages.get("/studies/<study_id>/decisions/<content>")
def document(study_id, content):
    """The document of a decision, to be saved."""
    doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        name = states.document(connection, study_id, content)
    kind = name.rpartition(".")[2].lower()
    return send_file(
        sessions.store().files.path(content, "evidence"),
        mimetype=pieces.TYPES.get(kind, "application/octet-stream"),
        as_attachment=True,
        download_name=shown_name(name),
        etag=content,
        max_age=0,
    )


def _document(store):
    """The document that a form brings, kept, under a name that says what it is; None without one."""
    given = request.files.get("document")
    if given is None or not given.filename:
        return None
    settings = current_app.config["SETTINGS"]
    with Reader(settings) as reader:
        found, content, _, name = keep_file(
            store, reader, given.filename, uploads.pieces_of(given.stream), limit_mb=settings.evidence_mb
        )
    if found.kind not in DECISION_KINDS:
        raise Refused(422, "states-page-document", file=name)
    stem = name.rpartition(".")[0] or name
    return content, f"{stem}.{found.kind}"


def _asked(study_id):
    """The standing, the rows of `progress.stood` that the address or form asks for, and the filters."""
    doing.stored_study(study_id)
    standing = ready_all(study_id)
    steps.year_of(standing.review.study)
    table, review = progress.stood(study_id, standing), standing.review
    if table is None:
        # under another set than the study's own nothing is recognised
        raise Refused(404, "web-not-found")
    names = facts.commune_names(review, language())
    filters = {
        "commune": asked.one_of("commune", names),
        "state": asked.one_of("state", progress.filter_words()),
        "status": asked.one_of(
            "status", {each: facts.outcome(review, each, language()) for each in facts.STATUSES}
        ),
    }
    commune = "" if filters["commune"] == facts.NO_COMMUNE else filters["commune"]
    table = table.loc[review.select(commune=commune, status=filters["status"]).index]
    if filters["state"]:
        table = table[progress.fits(table, filters["state"])]
    return standing, table, {name: value for name, value in filters.items() if value}


def _rows(review, table):
    told, villages = progress.told(table, review), review.villages_table.loc[table.index]
    rows = []
    for village, row in zip(villages.index, villages.to_dict("records"), strict=True):
        one = told[village]
        rows.append(
            {
                **one,
                "village_id": village,
                "name": facts.text_of(row["name"]) or village,
                "commune": facts.text_of(row["commune"]) or "",
                "status": row["status"],
                "status_text": facts.outcome(review, row["status"], language()),
                "state_text": t(f"states-word-{one['state']}"),
                "decided_on": date(one["decided_on"]),
                "at": moment(one["at"]),
            }
        )
    return rows


def _counts(study_id, standing):
    """How many villages of each commune are in each state."""
    table = progress.stood(study_id, standing)
    review, names = standing.review, facts.commune_names(standing.review, language())
    commune = review.villages_table["commune_id"].map(lambda key: facts.text_of(key) or facts.NO_COMMUNE)
    counted = {
        state: table[progress.fits(table, state)].index.map(commune).value_counts().to_dict()
        for state in progress.filter_words()
    }
    return [
        {"id": key, "name": name, **{state: int(found.get(key, 0)) for state, found in counted.items()}}
        for key, name in names.items()
    ]
