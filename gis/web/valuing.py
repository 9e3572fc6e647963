"""Correcting what was reported of one village: a form for each figure, who changed it when, and the way back."""

import time

from flask import Blueprint, redirect, request, url_for

from gis.assessments import needed_fields
from gis.campaigns import form_from
from gis.campaigns.form import read_cell
from gis.catalogue import load_catalogue
from gis.errors import ConflictError
from gis.labels import format_number
from gis.sentences import unit_label
from gis.store import evidence, reported
from gis.store.studies import SHEETS
from gis.web import choosing, doing, facts, sessions
from gis.web.campaigns import may_bring
from gis.web.guard import Refused
from gis.web.home import ready_all
from gis.web.texts import language, moment, pick, quantity, t
from gis.workflows.states import year_of

pages = Blueprint("valuing", __name__)

LEAST_REASON, MOST_REASON = 3, 500
MOST_TEXT = 60
MOST_PAST = 20
PATIENCE_S = 6.0
ACTION = {"self": "edit_value", "recheck": "verify"}
"""Kind of value to the action that an account must be allowed."""


@pages.app_template_global("values_of")
def values_of(standing_review, study_id, village_id):
    """The reported figures of one village by criterion, for its scorecard; None where none can be kept.

    Returns
    -------
    dict or None
        ``year``; ``kinds`` that this reader may enter; ``criteria``:
        for each with a reported figure its ``id``, ``label`` and ``fields``, each with its value now, the record it
        is from, and its ``past``, the latest first.
    """
    if choosing.asked() or not doing.is_stored(study_id):
        return None
    review = standing_review
    year = review.study.year
    form = _form(review.study.criteria)
    if year is None or not form:
        return None
    with sessions.store().reading() as connection:
        past = reported.history(
            connection, study_id=study_id, year=int(year), village_id=village_id, limit=2000
        )
    commune = facts.text_of(review.study.villages.at[village_id, "commune_id"])
    kinds = [kind for kind in reported.KINDS if may_bring(commune or "", kind)]
    found = []
    for criterion in review.study.criteria.criteria:
        names = _fields_of(criterion)
        if names:
            label = f"{criterion.code} {pick(criterion.label)}" if criterion.code else pick(criterion.label)
            fields = [_field(review.study, village_id, form[name], past) for name in names if name in form]
            found.append({"id": criterion.id, "label": label, "fields": fields})
    return {"year": int(year), "kinds": kinds, "criteria": found, "most_reason": MOST_REASON}


def _field(study, village_id, asked, past):
    """One figure as it counts now, and what people entered for it."""
    table = study.reported
    there = asked.name in table and village_id in table.index
    value = table.at[village_id, asked.name] if there else None
    record = facts.text_of(table.at[village_id, "record"]) if village_id in table.index else None
    rows = [row for row in past if row["field"] == asked.name]
    latest = {kind: next((row for row in rows if row["kind"] == kind), None) for kind in reported.KINDS}
    return {
        "name": asked.name,
        "label": pick(asked.label),
        "kind": asked.kind,
        "unit_text": unit_label(asked.unit, language()) if asked.unit not in (None, "bool") else "",
        "choices": [(stored, pick(label)) for stored, label in asked.choices],
        "value": value,
        "text": _text(value, asked),
        "record": record or "",
        "seen": {kind: row["id"] if row else 0 for kind, row in latest.items()},
        "standing": [kind for kind, row in latest.items() if row and row["value"] is not None],
        "past": [_past(row, asked) for row in rows[:MOST_PAST]],
    }


def _past(row, asked):
    taken = row["value"] is None
    return {
        **{name: row[name] for name in ("id", "kind", "who", "reason")},
        "at": moment(row["at"]),
        "taken_back": taken,
        "text": t("values-taken-back") if taken else _text(row["value"], asked),
    }


def _text(value, asked):
    if facts.is_missing(value):
        return "–"
    if asked.kind == "yesno":
        return t("values-yes" if float(value) else "values-no")
    if asked.kind == "choice":
        return next((pick(label) for stored, label in asked.choices if stored == value), str(value))
    return str(value) if isinstance(value, str) else quantity(float(value), asked.unit)


def _form(criteria):
    """Field to `gis.campaigns.Asked`, of all that a set takes from the sheets and people may correct."""
    layer = load_catalogue()[SHEETS]
    types = {name: kind for name, kind in needed_fields(criteria).items() if kind != "text"}
    return {asked.name: asked for asked in form_from(types.items(), layer)}


def _fields_of(criterion):
    """The fields of the sheets that a criterion is judged by."""
    told = dict(criterion.reported.arguments) if criterion.reported else {}
    names = (told.get("field"), told.get("numerator"), *told.get("numerators", ()), told.get("denominator"))
    return list(dict.fromkeys(name for name in names if name))


@pages.post("/studies/<study_id>/values")
def enter(study_id):
    """Enter one value of one village, take it back, or enter an older one again."""
    doing.stored_study(study_id)
    form = request.form
    kind, village_id, name = form.get("kind", ""), form.get("village", "")[:200], form.get("field", "")[:200]
    if kind not in ACTION:
        raise Refused(400, "web-bad-request")
    review = _review(study_id)
    villages = review.study.villages
    if village_id not in villages.index:
        raise Refused(404, "web-no-village", village=village_id[:60])
    commune = facts.text_of(villages.at[village_id, "commune_id"]) or ""
    sessions.allow(ACTION[kind], communes=[commune])
    who, year = sessions.who(), year_of(review.study)
    asked = _form(review.study.criteria).get(name)
    if asked is None:
        raise Refused(422, "values-no-field", field=name[:60])
    seen = form.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 12):
        raise Refused(400, "web-bad-request")
    value, reason = _said(study_id, village_id, asked, kind, year)
    _check_parts(review.study, village_id, name, value)
    try:
        with sessions.store().writing(who) as change:
            cell = (study_id, year, village_id, name, value)
            reported.enter(change, *cell, kind=kind, reason=reason, seen=int(seen))
    except ConflictError as fault:
        told = fault.problems[0].arguments
        place = {
            "field": asked.label,
            "village": facts.text_of(villages.at[village_id, "name"]) or village_id,
        }
        raise Refused(409, "values-moved", who=told["who"], at=moment(told["at"]), **place) from None
    # no fragment: a page that waits for the new judgement would not load itself again under one
    told = {"saved": "value", "of": form.get("criterion", "")[:80]}
    return redirect(url_for("scorecards.village", study_id=study_id, village_id=village_id, **told), 303)


def _review(study_id):
    """The review a correction is checked against: whoever corrects several values meets a study being judged anew.

    Raises
    ------
    Refused
        409 where it takes too long; a page that asks to come again would come without what was written.
    """
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ready_all(study_id).review
        except Refused as wait:
            if wait.code != 503:
                raise
            if time.monotonic() > end:
                raise Refused(409, "values-being-judged") from None


def _said(study_id, village_id, asked, kind, year):
    """The value that a form gives and the reason for it, which names the evidence that was chosen."""
    form = request.form
    reason = " ".join(form.get("reason", "").split())
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise Refused(422, "values-reason-needed", most=MOST_REASON)
    if number := form.get("evidence", ""):
        with sessions.store().reading() as connection:
            rows = [row for row in evidence.listed(connection, study_id) if row["village_id"] == village_id]
        piece = next((row for row in rows if str(row["id"]) == number), None)
        if piece is None:
            raise Refused(422, "values-no-evidence", number=number[:20])
        reason = f"{reason} [{piece['file']}, #{piece['id']}]"
    if form.get("do") == "take-back":
        return None, reason
    if form.get("do") == "again":
        place = {
            "study_id": study_id,
            "year": year,
            "village_id": village_id,
            "field": asked.name,
            "kind": kind,
        }
        with sessions.store().reading() as connection:
            rows = reported.history(connection, limit=2000, **place)
        old = next((row for row in rows if str(row["id"]) == form.get("entry", "")), None)
        if old is None or old["value"] is None:
            raise Refused(422, "values-no-entry")
        return old["value"], reason
    written = form.get("value", "")[: MOST_TEXT + 1]
    value, fault = read_cell(written, asked)
    if value is None:
        raise Refused(422, f"values-{fault or 'blank'}", value=written[:MOST_TEXT], field=asked.label)
    return value, reason


def _check_parts(study, village_id, name, value):
    """Refuse a part that is more than its whole, where both are known."""
    if not isinstance(value, float | int):
        return
    now = study.reported.loc[village_id].to_dict() if village_id in study.reported.index else {}
    layer = load_catalogue()[SHEETS]
    for criterion in study.criteria.criteria:
        told = dict(criterion.reported.arguments) if criterion.reported else {}
        part, whole = told.get("numerator"), told.get("denominator")
        if name not in (part, whole) or not part or not whole:
            continue
        figures = {each: value if each == name else now.get(each) for each in (part, whole)}
        if any(facts.is_missing(figure) for figure in figures.values()):
            continue
        if float(figures[part]) > float(figures[whole]) + 1e-9:
            labels = {
                each: pick(layer.fields[each].label) if each in layer.fields else each for each in figures
            }
            shown = {each: format_number(float(figure), language()) for each, figure in figures.items()}
            raise Refused(
                422, "values-part-over-whole",
                part=labels[part], whole=labels[whole], a=shown[part], b=shown[whole],
            )  # fmt: skip
