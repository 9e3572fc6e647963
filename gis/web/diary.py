"""The diary of a study: who changed what, when, from what to what."""

import json

from flask import Blueprint, render_template

from gis.messages import catalogue
from gis.store import audit
from gis.web import doing, sessions
from gis.web.intake import source_label
from gis.web.texts import language, t

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
    return render_template(
        "intake/diary.html",
        study_row=study,
        study_id=study_id,
        rows=[_told(row) for row in rows],
        most=LATEST,
    )


def _told(row):
    code = f"intake-page-did-{row['action']}"
    return {
        "who": row["who"],
        "at": row["at"],
        "what": t(code) if code in catalogue(language()) else row["action"],
        "subject": _about(row),
        "before": _words(row["before"]),
        "after": _words(row["after"]),
    }


def _about(row):
    """What a change is about, as a reader calls it: a source, or what was asked of a person."""
    if row["action"].startswith(("version-", "source-")):
        return source_label(row["subject"])
    if row["subject"].startswith("{"):
        return ", ".join(str(value) for value in json.loads(row["subject"]).values())
    return row["subject"]


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
