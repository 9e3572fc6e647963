"""The editions of a study's criteria set: who made which and why, what differs, and which one counts."""

import pandas as pd
from flask import Blueprint, redirect, render_template, request, url_for

from gis.amendments import differences
from gis.labels import Label
from gis.store import editions as kept
from gis.web import basis, doing, sessions
from gis.web.downloads import table_file
from gis.web.guard import Refused
from gis.web.payload import send
from gis.web.texts import date, language, pick, t, t_or
from gis.workflows.editions import editions_of, mark, set_of, use_edition

pages = Blueprint("editions", __name__)

MOST_ROWS = 300


@pages.get("/studies/<study_id>/criteria/editions")
def listed(study_id):
    """All editions, the latest first, and two of them side by side."""
    study = doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        rows = _rows(connection, study)
        before, after = _pair(rows)
        changes = difference_rows(known(connection, study, before), known(connection, study, after))
        seen = mark(connection, study)
    return render_template(
        "criteria/editions.html",
        study_row=study,
        study_id=study_id,
        label=pick(next(row["criteria"].label for row in rows if row["current"])),
        rows=rows,
        pair=(before, after),
        changes=changes[:MOST_ROWS],
        count=len(changes),
        seen=seen,
        saved=request.args.get("saved", "")[:40],
    )


@pages.get("/studies/<study_id>/criteria/changes.<any(xlsx, csv):suffix>")
def changes_file(study_id, suffix):
    """Everything that differs between two editions, as a file."""
    study = doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        before, after = _pair(_rows(connection, study))
        one, other = known(connection, study, before), known(connection, study, after)
    names = ("code", "criterion", "part", "group", "before", "after")
    rows = pd.DataFrame(difference_rows(one, other), columns=list(names), dtype=object)
    headings = {name: t(f"amend-column-{name}") for name in names}
    title = f"{pick(other.label)}: {one.edition} → {other.edition}"
    payload = table_file(rows, headings, suffix, title=title)
    return send(payload, filename=f"{other.id}-{before}-{after}.{suffix}")


@pages.post("/studies/<study_id>/criteria/editions/use")
def use(study_id):
    """Let the study be judged by another edition from now on."""
    sessions.allow("amend")
    study = doing.stored_study(study_id)
    wanted = request.form.get("edition", "")
    with sessions.store().reading() as connection:
        criteria = known(connection, study, wanted)
    seen = request.form.get("mark", "")
    use_edition(sessions.store(), study_id, kept.name_of(criteria), who=sessions.who(), seen=seen)
    return redirect(url_for("editions.listed", study_id=study_id), 303)


def known(connection, study, edition):
    """The set of a study in an edition that there is.

    Raises
    ------
    Refused
        404 where there is none of that name.
    """
    found = editions_of(connection, study)
    if edition not in found:
        raise Refused(404, "web-not-found")
    return found[edition]["criteria"]


def difference_rows(before, after):
    """What differs between two sets, as texts: code and label of the criterion, part, group, old, new."""
    criteria = {one.id: one for one in (*before.criteria, *after.criteria)}
    rows = []
    for row in differences(before, after).to_dict("records"):
        one = criteria.get(row["criterion"])
        group = {**before.groups, **after.groups}.get(row["group"])
        rows.append(
            {
                "code": (one.code or "") if one else "",
                "criterion": pick(one.label) if one else "",
                "part": _named("part", row["part"]),
                "group": (pick(group) or row["group"]) if group else row["group"],
                "before": _value(one, row["part"], row["before"]),
                "after": _value(one, row["part"], row["after"]),
            }
        )
    return rows


def _value(criterion, part, value):
    """One side of a difference as a text; empty where it has none."""
    if value is None:
        return ""
    if part == "thresholds":
        return basis.figure_words(criterion, value, language())
    if part == "verification" and isinstance(value, str):
        return t(f"verification-{value}")
    if part == "checked":
        return f"{value['by']}, {date(value['on'])}, {value['document']}"
    if part in ("label", "note", "status", "group_rule", "verification_note"):
        return pick(Label(value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {inner}" for key, inner in value.items())
    return "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _named(what, name):
    return t_or(name, f"amend-{what}-{name}")


def _rows(connection, study):
    """The editions as the page lists them, the latest first, those that came last."""
    now, found = set_of(connection, study), editions_of(connection, study)
    rows = [row | {"edition": edition} for edition, row in found.items()]
    names = {row["criteria"].hash: row["edition"] for row in rows}
    return [
        row
        | {
            "current": row["edition"] == now.edition,
            "made_from": names.get(row["previous"], ""),
            "figures": row["criteria"].figures,
            "trial": row["criteria"].is_trial,
        }
        for row in rows
    ]


def _pair(rows):
    """The editions to hold against each other: those asked for, else the one in use and what it was made from."""
    names = [row["edition"] for row in rows]
    asked = request.args.get("before"), request.args.get("after")
    if any(asked):
        if set(asked) <= set(names):
            return asked
        raise Refused(404, "web-not-found")
    now = next((row for row in rows if row["current"]), rows[0])
    return now["made_from"] or now["edition"], now["edition"]
