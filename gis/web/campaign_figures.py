"""The figures of a campaign: what communes are asked about, and what they sent beside what is there."""

import json

import pandas as pd
from flask import Blueprint, redirect, render_template, request, url_for

from gis.campaigns import title_of
from gis.errors import ConflictError
from gis.store import reported
from gis.web import asked, sessions
from gis.web.campaigns import MOST_ROWS, counts, may_bring, stand
from gis.web.downloads import XLSX, send_list
from gis.web.guard import Refused, let_through
from gis.web.payload import pack, send
from gis.web.texts import language, t
from gis.workflows import campaign_lists as lists
from gis.workflows.campaign_books import file_name, value_shown
from gis.workflows.campaigns import judge_by_year, merge

pages = Blueprint("campaign_figures", __name__)

FORM_BYTES = 4_000_000
CHOICES = ("sent", "now", "other")
MOST_COUNT = 99_999_999
MOST_CONFLICTS = 300
"""Conflicts shown at once; the next ones come when these are decided."""


let_through(pages, lambda: FORM_BYTES, "enter")


def _commune(now):
    names = {commune: now.names.get(commune, commune) for commune in now.campaign["communes"]}
    return asked.one_of("commune", names)


@pages.get("/studies/<study_id>/campaigns/<int:number>/questions")
def questions(study_id, number):
    """Figures that communes are asked about, and what they answered."""
    review, now = stand(study_id, number)
    commune = _commune(now)
    rows = now.of(now.questions, commune) if commune else now.questions
    return render_template(
        "campaigns/questions.html",
        review=review,
        study=review.study,
        study_id=study_id,
        now=now,
        commune=commune,
        open=[_question(now, row) for row in rows if row.answer == "open"][:MOST_ROWS],
        open_count=sum(row.answer == "open" for row in rows),
        answered=[_question(now, row) for row in rows if row.answer != "open"][:MOST_ROWS],
        rules=lists.rules_told(language()),
        per=_open_by_commune(now),
    )


def _open_by_commune(now):
    per = {}
    for row in now.open_questions:
        commune = now.villages.at[row.village_id, "commune_id"]
        per[commune] = per.get(commune, 0) + 1
    return [(commune, now.names.get(commune, commune), count) for commune, count in sorted(per.items())]


def _question(now, row):
    form = _field(now, row.field)
    village = now.villages.loc[row.village_id]
    return {
        "village_id": row.village_id,
        "village": village["name"],
        "commune": now.names.get(village["commune_id"], village["commune_id"]),
        "field": form.label.pick(language()),
        "kind": t(f"campaign-kind-{row.kind}"),
        "before": value_shown(row.before, form, language()),
        "now": value_shown(row.now, form, language()),
        "why": lists.why_told(row, language()),
        "answer": row.answer,
        "reason": row.reason,
    }


def _field(now, name):
    return next(one for one in now.form if one.name == name)


@pages.get("/studies/<study_id>/campaigns/<int:number>/questions.zip")
def questions_zip(study_id, number):
    """The lists of questions of all communes."""
    _, now = stand(study_id, number)
    content = lists.questions_zip(now, language())
    if content is None:
        raise Refused(404, "campaign-page-no-questions")
    return send(pack(content, "application/zip"), filename=f"{study_id}-hoi-lai-{now.campaign['year']}.zip")


@pages.get("/studies/<study_id>/campaigns/<int:number>/questions/<commune>.xlsx")
def question_list(study_id, number, commune):
    """What one commune is asked about."""
    _, now = stand(study_id, number)
    if commune not in now.campaign["communes"]:
        raise Refused(404, "web-not-found")
    name = file_name(commune, now.names.get(commune, ""), "hoi-lai-")
    return send(pack(lists.question_list(now, commune, language()), XLSX), filename=name)


@pages.get("/studies/<study_id>/campaigns/<int:number>/merge")
def looked_at(study_id, number):
    """What was sent beside what was there and what is there now; nothing is entered yet."""
    review, now = stand(study_id, number)
    commune = _commune(now)
    cells = now.of(now.cells, commune) if commune else now.cells
    states = pd.Series([cell.state for cell in cells], dtype=object).value_counts().to_dict()
    return render_template(
        "campaigns/merge.html",
        review=review,
        study=review.study,
        study_id=study_id,
        now=now,
        commune=commune,
        states=states,
        conflicts=[_cell(now, cell) for cell in cells if cell.state == "conflict"][:MOST_CONFLICTS],
        changes=[_cell(now, cell) for cell in cells if cell.state == "change"][:MOST_ROWS],
        counts=counts(now),
        entered="entered" in request.args and asked.whole_number("entered", 0, MOST_COUNT),
        locked=asked.whole_number("locked", 0, MOST_COUNT),
    )


def _cell(now, cell):
    form = _field(now, cell.field)
    village = now.villages.loc[cell.village_id]

    def shown(value):
        return value_shown(value, form, language()) if value is not None else t("campaign-page-blank")

    return {
        "place": json.dumps([cell.village_id, cell.field, cell.kind, cell.key], ensure_ascii=False),
        "village_id": cell.village_id,
        "village": village["name"],
        "commune": now.names.get(village["commune_id"], village["commune_id"]),
        "field": form.label.pick(language()),
        "kind": t(f"campaign-kind-{cell.kind}"),
        "was": shown(cell.was),
        "sent": shown(cell.sent),
        "now": shown(cell.now),
        "now_who": cell.now_who,
        "now_at": cell.now_at,
        "other": shown(cell.other) if cell.other is not None else None,
        "other_who": cell.other_who,
        "other_file": cell.other_file,
        "state": t(f"campaign-cell-{cell.state}"),
    }


@pages.post("/studies/<study_id>/campaigns/<int:number>/merge")
def enter(study_id, number):
    """Enter what was sent into the study, with what a person chose for the conflicts."""
    _, now = stand(study_id, number)
    do, commune = request.form.get("do", ""), request.form.get("commune", "")
    here = {"study_id": study_id, "number": number}
    if do == "judge":
        sessions.allow("import")
        judge_by_year(sessions.store(), study_id, now.campaign["year"], who=sessions.who())
        return redirect(url_for("home.study", study_id=study_id), 303)
    if do not in ("enter", "all:sent", "all:now") or (commune and commune not in now.campaign["communes"]):
        raise Refused(400, "web-bad-request")
    chosen = [commune] if commune else [sent.commune for sent in now.sent if sent.files]
    kinds = [kind for kind in reported.KINDS if all(may_bring(commune, kind) for commune in chosen)]
    if not kinds:
        raise Refused(403, "web-not-allowed")
    choices = _choices(now, do, chosen)
    counted = merge(sessions.store(), now, communes=chosen, kinds=kinds, choices=choices, who=sessions.who())
    query = {name: counted[name] for name in ("entered", "locked")} | (
        {"commune": commune} if commune else {}
    )
    return redirect(url_for("campaign_figures.looked_at", **here, **query), 303)


def _choices(now, do, communes):
    """What was chosen for each conflict.

    Raises
    ------
    ConflictError
        If a conflict is not any more what the person saw.
    """
    conflicts = {
        (cell.village_id, cell.field, cell.kind): cell
        for commune in communes
        for cell in now.of(now.cells, commune)
        if cell.state == "conflict"
    }
    if do.startswith("all:"):
        if request.form.get("conflicts") != str(len(conflicts)):
            raise ConflictError("campaign-conflicts-moved")
        return dict.fromkeys(conflicts, do.partition(":")[2])
    choices = {}
    for name, choice in request.form.items():
        if not name.startswith("choice:") or not choice:
            continue
        place, key = _place(request.form.get(f"place:{name.partition(':')[2]}", ""))
        if choice not in CHOICES:
            raise Refused(400, "web-bad-request")
        if place not in conflicts or conflicts[place].key != key:
            raise ConflictError("campaign-conflict-moved", village=place[0], field=place[1])
        choices[place] = choice
    return choices


def _place(text):
    try:
        village, field, kind, key = json.loads(text)
        return (str(village), str(field), str(kind)), str(key)
    except (ValueError, TypeError, RecursionError):
        raise Refused(400, "web-bad-request") from None


CELL_COLUMNS = {
    "commune": "web-commune",
    "village_id": "campaign-book-id",
    "village": "campaign-book-village",
    "field": "campaign-book-field",
    "kind": "campaign-book-kind",
    "was": "campaign-page-was",
    "sent": "campaign-page-sent-value",
    "now": "campaign-page-now",
    "now_who": "campaign-page-now-who",
    "other": "campaign-page-other",
    "other_who": "campaign-page-other-who",
    "state": "campaign-page-state",
}


@pages.get("/studies/<study_id>/campaigns/<int:number>/merge.<any(xlsx, csv):format>")
def cells_file(study_id, number, format):
    """Every value that was sent, with what was there and what is there now, as a file."""
    review, now = stand(study_id, number)
    commune = _commune(now)
    cells = now.of(now.cells, commune) if commune else now.cells
    headings = {name: t(code) for name, code in CELL_COLUMNS.items()}
    table = pd.DataFrame([_cell(now, cell) for cell in cells], columns=list(headings), dtype=object)
    title = f"{title_of(now.campaign, language())} · {t('campaign-page-merge')}"
    name = f"{study_id}-doi-chieu-{now.campaign['year']}"
    return send_list(review, table, headings, format, title=title, name=name)
