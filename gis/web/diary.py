"""The diary of a study: who changed what, when, from what to what."""

import json
from itertools import groupby

from flask import Blueprint, current_app, render_template

from gis.catalogue import load_catalogue
from gis.labels import format_date, format_number
from gis.store import audit, campaigns, meetings, plans
from gis.web import doing, facts, sessions
from gis.web.intake import source_label
from gis.web.texts import language, pick, t, t_or

pages = Blueprint("diary", __name__)

LATEST = 300
READ = 5000
"""Changes that are read: what one merging of a campaign entered is hundreds of them, and told as one."""

APART = 3
"""So many values entered at once are told one by one."""

SHORT = 160
HIDDEN = ("content", "recipe", "sha256", "rows", "hash", "who", "at", "size")
"""What the diary keeps for a check and not for a reader."""


@pages.get("/studies/<study_id>/diary")
def listed(study_id):
    """The latest changes of a study, the last one first."""
    study = doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        rows = audit.history(connection, study_id=study_id, reads=False, limit=READ)
        names = {one["key"]: one["name"] for one in campaigns.listed(connection, study_id)}
        for table in (meetings, plans):
            names |= {one["key"]: one["name"] for one in table.listed(connection, study_id)}
    names |= _names(study_id)
    told = [_told(row, names) for row in _gathered(rows)]
    return render_template(
        "intake/diary.html",
        study_row=study,
        study_id=study_id,
        rows=told[:LATEST],
        more=len(told) > LATEST or len(rows) == READ,
        most=LATEST,
    )


def _gathered(rows):
    """The changes, with many values that one person entered in one moment as one change."""
    for (action, who, at), run in groupby(rows, lambda row: (row["action"], row["who"], row["at"])):
        run = list(run)
        if action == "value-entered" and len(run) > APART:
            reasons = {row["after"]["reason"] for row in run if row["after"] and row["after"].get("reason")}
            subject = t("intake-page-diary-many", count=len(run))
            after = {"reason": ", ".join(sorted(reasons))} if reasons else None
            yield {"action": action, "who": who, "at": at, "subject": subject, "before": None, "after": after}
        else:
            yield from run


def _names(study_id):
    """What villages, communes, criteria, fields and the parts of a change are called, by their ids."""
    names = {name: pick(field.label) for name, field in load_catalogue()["assessments"].fields.items()}
    names |= {kind: t(f"campaign-kind-{kind}") for kind in ("self", "recheck")}
    names |= {word: t(f"campaign-answer-{word}") for word in ("right", "changed")}
    standing = current_app.extensions["shelf"].peek(study_id)
    if standing is not None and standing.review is not None:
        study = standing.review.study
        names |= facts.commune_names(standing.review, language())
        names |= {village: f"{name} ({village})" for village, name in study.villages["name"].items()}
        names |= {one.id: pick(one.label) for one in study.criteria.criteria}
    return names


def _told(row, names):
    return {
        "who": row["who"],
        "at": row["at"],
        "what": t_or(row["action"], f"intake-page-did-{row['action']}"),
        "subject": _about(row, names),
        "before": _words(row["before"], names),
        "after": _words(_answered(row), names),
    }


def _about(row, names):
    """What a change is about, as a reader calls it: a source, a place, or what was asked of a person."""
    if row["action"].startswith(("version-", "source-")):
        return source_label(row["subject"])
    if row["subject"].startswith("{"):
        return ", ".join(_plain(value, names) for value in json.loads(row["subject"]).values())
    return " · ".join(names.get(part, part) for part in row["subject"].split("/"))


def _answered(row):
    """What stands after a change; of a decision on a contradiction in words."""
    after = row["after"]
    if row["action"] != "disagreement-decided":
        return after
    return {**after, "answer": t(f"disagreement-answer-{after['answer']}")}


def _words(value, names):
    """What the diary says of a state, as a short text."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)[:SHORT]
    parts = [
        f"{_name(name)}: {_plain(found, names)}"
        for name, found in value.items()
        if name not in HIDDEN and found not in (None, "")
    ]
    return "; ".join(parts)[:SHORT]


def _name(name):
    return t_or(name, f"intake-page-diary-{name}")


def _plain(value, names):
    if isinstance(value, float):
        return format_number(value, language())
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    items = value if isinstance(value, list) else str(value).split(", ")
    return ", ".join(format_date(names.get(str(item), item), language()) for item in items)
