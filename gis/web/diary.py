"""The diary of a study: who changed what, when, from what to what."""

import json

from flask import Blueprint, current_app, render_template

from gis.messages import catalogue
from gis.store import audit
from gis.web import doing, sessions
from gis.web.intake import source_label
from gis.web.texts import language, pick, t

pages = Blueprint("diary", __name__)

LATEST = 300
SHORT = 160
HIDDEN = ("content", "recipe", "sha256", "rows")
"""What the diary keeps for a check and not for a reader."""


@pages.get("/studies/<study_id>/diary")
def listed(study_id):
    """The latest changes of a study, the last one first."""
    study = doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        rows = audit.history(connection, study_id=study_id, limit=LATEST)
    criteria = _criteria(study_id)
    return render_template(
        "intake/diary.html",
        study_row=study,
        study_id=study_id,
        rows=[_told(row, criteria) for row in rows],
        most=LATEST,
    )


def _criteria(study_id):
    """What each criterion of a study is called, as far as the study was judged."""
    standing = current_app.extensions["shelf"].peek(study_id)
    if standing is None or standing.review is None:
        return {}
    return {one.id: pick(one.label) for one in standing.review.study.criteria.criteria}


def _told(row, criteria):
    code = f"intake-page-did-{row['action']}"
    return {
        "who": row["who"],
        "at": row["at"],
        "what": t(code) if code in catalogue(language()) else row["action"],
        "subject": _about(row, criteria),
        "before": _words(row["before"]),
        "after": _words(_answered(row)),
    }


def _about(row, criteria):
    """What a change is about, as a reader calls it: a source, or what was asked of a person."""
    if row["action"].startswith(("version-", "source-")):
        return source_label(row["subject"])
    if row["subject"].startswith("{"):
        asked = json.loads(row["subject"])
        if "criterion" in asked:
            asked["criterion"] = criteria.get(asked["criterion"], asked["criterion"])
        return ", ".join(str(value) for value in asked.values())
    return row["subject"]


def _answered(row):
    """What stands after a change; of a decision on a contradiction in words."""
    after = row["after"]
    if row["action"] != "disagreement-decided":
        return after
    return {**after, "answer": t(f"disagreement-answer-{after['answer']}")}


def _words(value):
    """What the diary says of a state, as a short text."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)[:SHORT]
    parts = [
        f"{_name(name)}: {_plain(found)}"
        for name, found in value.items()
        if name not in HIDDEN and found is not None
    ]
    return "; ".join(parts)[:SHORT]


def _name(name):
    code = f"intake-page-diary-{name}"
    return t(code) if code in catalogue(language()) else name


def _plain(value):
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return (
        ", ".join(f"{key} {item}" for key, item in value.items()) if isinstance(value, dict) else str(value)
    )
