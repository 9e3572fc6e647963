"""Versions of a study frozen for a meeting: making one, the list of them, and what has changed since."""

import datetime

import pandas as pd
from flask import Blueprint, current_app, redirect, render_template, request, url_for

from gis.store import meetings
from gis.web import doing, facts, sessions
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import ready_all, settled
from gis.web.origins import FROZEN, find_frozen
from gis.web.texts import language, pick, quantity, t
from gis.workflows.meetings import compare, freeze

pages = Blueprint("meetings", __name__)

MOST_SHOWN = 300
SHOWN = (
    "printing",
    "home",
    "workspace",
    "lists",
    "scorecards",
    "inputs",
    "mapdata",
    "downloads",
    "evidence",
    "papers",
    "trusting",
    "play",
)
"""Pages that show a judgement and make none: only these open a frozen version, which holds nothing to measure."""

COLUMNS = ("village_id", "name", "commune", "then_text", "now_text", "criterion", "criterion_then", "criterion_now",
           "value_then", "value_now")  # fmt: skip


@pages.before_app_request
def show_only():
    """Keep pages that judge anew or change something from frozen versions."""
    study_id = str((request.view_args or {}).get("study_id", ""))
    if FROZEN in study_id and (request.blueprint not in SHOWN or request.method not in ("GET", "HEAD")):
        raise Refused(404, "meetings-page-only-today")


@pages.app_template_global()
def frozen_meeting(study_id):
    """The row of the frozen version that a page shows; None on pages of today."""
    origin = find_frozen(current_app.extensions["store"], study_id)
    return origin.row if origin else None


@pages.get("/studies/<study_id>/meetings")
def listed(study_id):
    """All frozen versions, the latest first."""
    study = doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        rows = meetings.listed(connection, study_id)
    return render_template(
        "meetings/list.html",
        study_row=study,
        study_id=study_id,
        rows=[row | {"page": f"{study_id}{FROZEN}{row['key']}"} for row in rows],
        symbols=facts.SYMBOLS,
        today=datetime.date.today().isoformat(),
    )


@pages.post("/studies/<study_id>/meetings")
def make(study_id):
    """Freeze the study as it is judged now."""
    doing.stored_study(study_id)
    sessions.allow("verify")
    told = {name: request.form.get(name, "") for name in ("name", "as_of")}
    row = freeze(sessions.store(), study_id, settled(study_id).review, **told, who=sessions.who())
    return redirect(url_for("meetings.one", study_id=study_id, key=row["key"]), 303)


@pages.get("/studies/<study_id>/meetings/<key>")
def one(study_id, key):
    """One frozen version beside today: which villages differ, and by which criteria."""
    row, then, today, rows = _compared(study_id, key)
    return render_template(
        "meetings/one.html",
        review=today,
        study=today.study,
        study_id=study_id,
        row=row,
        page=f"{study_id}{FROZEN}{key}",
        then=then,
        headlines=[(word, then.headline[word], today.headline[word]) for word in facts.STATUSES],
        words={status: facts.outcome(today, status, language()) for status in facts.STATUSES},
        rows=rows[:MOST_SHOWN],
        count=len(rows),
        verdicts=sum(one["then"] != one["now"] for one in rows),
        symbols=facts.SYMBOLS,
    )


@pages.get("/studies/<study_id>/meetings/<key>.<any(xlsx, csv):format>")
def one_file(study_id, key, format):
    """What has changed since, every row of it: one a village and criterion."""
    row, _, today, rows = _compared(study_id, key)
    flat = [
        {**village, **change, "criterion": change["label"]}
        for village in rows
        for change in village["changes"] or [{"label": "", "criterion_then": "", "criterion_now": ""}]
    ]
    headings = {name: t(f"meetings-page-column-{name}") for name in COLUMNS}
    title, name = f"{row['name']} · {t('meetings-page-changes')}", f"{study_id}-{key}-changes"
    table = pd.DataFrame(flat, columns=list(COLUMNS))
    return send_list(today, table, headings, format, title=title, name=name)


@pages.post("/studies/<study_id>/meetings/<key>")
def withdraw(study_id, key):
    """Say that a frozen version does not hold any more; it stays readable."""
    doing.stored_study(study_id)
    sessions.allow("verify")
    if request.form.get("do") != "withdraw":
        raise Refused(400, "web-bad-request")
    with sessions.store().writing(sessions.who()) as change:
        meetings.withdraw(change, study_id, key, reason=request.form.get("reason", ""))
    return redirect(url_for("meetings.listed", study_id=study_id), 303)


def _compared(study_id, key):
    """The row of a frozen version, its review, that of today, and the villages that differ."""
    doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        row = meetings.get(connection, study_id, key)
    then, today = ready_all(f"{study_id}{FROZEN}{key}").review, ready_all(study_id).review
    villages, findings = compare(then, today)
    criteria = {one.id: one for review in (then, today) for one in review.criteria.criteria}
    changes = {}
    for change in findings.to_dict("records"):
        criterion = criteria[change["criterion"]]
        changes.setdefault(change["village_id"], []).append(
            {
                "label": pick(criterion.label),
                "criterion_then": _word(then, criterion, change["then"]),
                "criterion_now": _word(today, criterion, change["now"]),
                "value_then": quantity(change["value_then"], criterion.unit or "", language()),
                "value_now": quantity(change["value_now"], criterion.unit or "", language()),
            }
        )
    rows = [
        {
            "village_id": village,
            "name": facts.text_of(told["name"]) or village,
            "commune": facts.text_of(told["commune"]) or "",
            "then": told["then"],
            "now": told["now"],
            "then_text": _verdict(then, told["then"]),
            "now_text": _verdict(today, told["now"]),
            "is_there": told["now"] is not None,
            "changes": changes.get(village, []),
        }
        for village, told in zip(villages.index, villages.to_dict("records"), strict=True)
    ]
    return row, then, today, sorted(rows, key=lambda one: one["then"] == one["now"])


def _verdict(review, status):
    return t("meetings-page-not-there") if status is None else facts.outcome(review, status, language())


def _word(review, criterion, status):
    known = any(one.id == criterion.id for one in review.criteria.criteria)
    if status is None or not known:
        return t("meetings-page-not-there")
    return facts.criterion_word(review, criterion.id, status, language())
