"""What is to be done today about a study: numbers for its first page, and the list behind each."""

import json

import pandas as pd
from flask import Blueprint, current_app, render_template, url_for

from gis.sentences import status_word
from gis.store import campaigns
from gis.web import areas, disagreeing, doing, matches, pieces, sessions, targets
from gis.web.campaigns import MOST_ROWS, counts, today
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.payload import pack_json
from gis.web.texts import date, language, pick, quantity, t
from gis.workflows import todo
from gis.workflows.campaigns import situation

pages = Blueprint("todo", __name__)


def todo_items(study_id, standing):
    """What waits, as the first page of a study lists it: code, count, address, and the address of its Excel."""
    items = []
    stored = doing.is_stored(study_id)

    def add(code, count, page, file, **where):
        if count:
            items.append(
                {"code": code, "count": count, "page": page, "file": file, "name": where.get("name", "")}
            )

    for row, found in open_campaigns(study_id, standing) if stored else ():
        place = {"study_id": study_id, "number": row["id"]}
        page = url_for("campaigns.page", **place)
        remind = url_for("campaign_files.communes_file", **place, format="xlsx", only="remind")
        add("late", found["late"], page, remind, name=row["name"])
        add("waiting", found["waiting"], page, remind, name=row["name"])
        asked = url_for("campaign_figures.questions", **place)
        add(
            "questions",
            found["questions"],
            asked,
            url_for("campaign_figures.questions_zip", **place),
            name=row["name"],
        )
        looked = url_for("campaign_figures.looked_at", **place)
        cells = url_for("campaign_figures.cells_file", **place, format="xlsx")
        add("conflicts", found["conflicts"], looked, cells, name=row["name"])
        add("enter", found["enter"], looked, cells, name=row["name"])
    found = _counts(study_id, standing, stored)
    names = url_for("matches.listed", study_id=study_id) if stored else _list(study_id, "names")
    add("names", found["names"], names, _list(study_id, "names", "xlsx"))
    page, file = (f"disagreeing.{each}" for each in ("listed", "listed_file"))
    place = {"study_id": study_id, "decided": "no"}
    contradicted = disagreeing.undecided(study_id, standing.review)
    add("contradicted", contradicted, url_for(page, **place), url_for(file, **place, format="xlsx"))
    closest = url_for("targets.target_file", study_id=study_id, name="closest", format="xlsx")
    target = url_for("targets.target", study_id=study_id, _anchor="closest")
    close = _one_short(standing)
    add("one-short", close, target, closest)
    if close is None:
        items.append({"code": "counting", "count": None, "page": target, "file": None, "name": ""})
    if "no-evidence" in found:
        proof = _list(study_id, "no-evidence")
        add("no-evidence", found["no-evidence"], proof, _list(study_id, "no-evidence", "xlsx"))
    return items


def _one_short(standing):
    """Villages that one criterion alone keeps from passing, as the page of the target counts them; None while counted."""
    try:
        return targets.one_short(standing)
    except Refused:
        return None  # being counted in the background: the next visit has it


def _counts(study_id, standing, stored):
    """How long the lists of a review are, counted once for each state of it and of the evidence."""
    review, mark = standing.review, pieces.mark_of(study_id) if stored else 0

    def look():
        found = {"names": len(_names(review))}
        if stored:
            # Claims that want a proof most; the list has the others below them.
            found["no-evidence"] = int(_table("no-evidence", standing, study_id)["first"].sum())
        return pack_json(found)

    return json.loads(standing.prepared(("todo", mark), look).body)


def open_names(study_id, standing):
    """How many names in sheets wait for a person."""
    return _counts(study_id, standing, doing.is_stored(study_id))["names"]


def _list(study_id, what, format=None):
    if format is None:
        return url_for("todo.listed", study_id=study_id, what=what)
    return url_for("todo.file", study_id=study_id, what=what, format=format)


def open_campaigns(study_id, standing):
    """Open campaigns, the latest first, with their figures, which are looked up again only when something came in.

    Yields
    ------
    (dict, dict)
        The row of a campaign, and what `gis.web.campaigns.counts` counts with ``states``: commune to how it stands.
    """
    store, day = sessions.store(), today()
    with store.reading() as connection:
        rows = [row for row in campaigns.listed(connection, study_id) if not row["closed_at"]]
        marks = {row["id"]: campaigns.mark(connection, row) for row in rows}
    for row in rows:
        key = ("campaign", row["id"], *marks[row["id"]], day.isoformat())

        def look(row=row):
            now = situation(store, standing.review.study, study_id, row["id"], today=day)
            return pack_json(counts(now) | {"states": {sent.commune: sent.state for sent in now.sent}})

        yield row, json.loads(standing.prepared(key, look).body)


def _table(what, standing, study_id):
    review = standing.review
    if what == "no-evidence":
        if not doing.is_stored(study_id):
            raise Refused(404, "web-not-found")
        return todo.without_evidence(review, pieces.rows_of(study_id, standing))
    return _names(review)


def _names(review):
    rows, _ = matches.open_names(review.study)
    columns = ["name", "commune_name", "places"]
    table = pd.DataFrame([{name: row[name] for name in columns} for row in rows], columns=columns)
    return table.assign(places=table["places"].map("; ".join))


HEADINGS = {
    "village": "campaign-book-village",
    "village_id": "campaign-book-id",
    "commune": "web-commune",
    "criterion": "web-criterion",
    "reported": "todo-reported",
    "reported_status": "todo-claim",
    "record": "todo-record",
    "general": "todo-general",
    "name": "todo-name-in-sheet",
    "commune_name": "web-commune",
    "places": "todo-places",
}
"""Column of a list to the message that heads it, in order."""


def _worded(table, review):
    """The rows of a list as a reader reads them: names beside codes, words for statuses, values with units."""
    table = table.copy()
    if "village_id" in table:
        places = review.study.villages[["name", "commune"]].rename(columns={"name": "village"})
        table = table.join(places, on="village_id")
    if "record" in table:
        table["record"] = [date(record) for record in table["record"]]
    if "criterion" in table:
        found = {one.id: one for one in review.study.criteria.criteria}
        ids = list(table["criterion"])
        table["reported"] = [
            quantity(value, found[one].unit) for value, one in zip(table["reported"], ids, strict=True)
        ]
        table["reported_status"] = [
            status_word(word, found[one].kind, language())
            for word, one in zip(table["reported_status"], ids, strict=True)
        ]
        table["criterion"] = [
            " ".join(filter(None, (found[one].code, pick(found[one].label)))) for one in ids
        ]
    return table[[name for name in HEADINGS if name in table]]


LISTS = "any('names', 'no-evidence')"


@pages.get(f"/studies/<study_id>/todo/<{LISTS}:what>")
def listed(study_id, what):
    """One list of what is to be done: its first rows and how many there are."""
    standing = ready(study_id)
    review = standing.review
    table = _table(what, standing, study_id)
    shown = _worded(table.head(MOST_ROWS), review)
    return render_template(
        "lists/todo.html",
        review=review,
        study=review.study,
        study_id=study_id,
        what=what,
        count=len(table),
        first=int(table["first"].sum()) if "first" in table else None,
        headings={name: t(HEADINGS[name]) for name in shown},
        rows=shown.to_dict("records"),
        ids=list(table.head(MOST_ROWS)["village_id"]) if "village_id" in table else [],
    )


@pages.get(f"/studies/<study_id>/todo/<{LISTS}:what>.<any(xlsx, csv):format>")
def file(study_id, what, format):
    """The same list as a file, every row of it."""
    standing = ready(study_id)
    review = standing.review
    table = _worded(_table(what, standing, study_id), review)
    headings = {name: t(HEADINGS[name]) for name in table}
    title = t(f"todo-title-{what}")
    return send_list(review, table, headings, format, title=title, name=f"{study_id}-{what}")


@pages.app_template_global("todo_items")
def items_for(study_id):
    """`todo_items` of a study whose review is ready; none where it is being computed again."""
    standing = current_app.extensions["shelf"].peek(study_id)
    items = todo_items(study_id, standing) if standing is not None and standing.review is not None else []
    return [item for item in items if areas.may_open(item["page"])]
