"""The planner's own needs list: what could be built as an Excel file to be edited, and such a list taken back in."""

import tempfile
from pathlib import Path

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from gis.errors import GisError
from gis.plan.needs import Needs
from gis.web import doing, sessions, wants
from gis.web.buildable import generated, options_of, own_needs
from gis.web.downloads import XLSX
from gis.web.guard import Refused, let_through
from gis.web.home import ready_all
from gis.web.payload import pack, send
from gis.web.texts import language
from gis.workflows.needs import write_needs

pages = Blueprint("needs", __name__)
let_through(pages, lambda: wants.MOST_BYTES + 20_000, "take")


@pages.get("/studies/<study_id>/needs.xlsx")
def written(study_id):
    """What could be built as a list to be edited, with what is wanted of it now."""
    standing = ready_all(study_id)
    found, kept = options_of(standing), wants.wants_of(sessions.found_store(), study_id)
    said = {
        "costs": {key: one["cost"] for key, one in kept.items() if one["cost"] is not None},
        "locked": tuple(key for key, one in kept.items() if one["wanted"] == "in"),
        "banned": tuple(key for key, one in kept.items() if one["wanted"] == "out"),
    }
    options = Needs(found.table.iloc[:0], **said).applied(found)
    with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
        path = Path(folder) / "needs.xlsx"
        write_needs(options, standing.review, path, language=language())
        payload = pack(path.read_bytes(), XLSX)
    return send(payload, filename=f"{study_id}-needs.xlsx", cache="no-store")


@pages.post("/studies/<study_id>/needs")
def take(study_id):
    """Take a needs list in: its word on single works, and works of the planner's own."""
    sessions.allow("amend")
    who = sessions.who()
    doing.stored_study(study_id)
    standing, given = ready_all(study_id), request.files.get("file")
    if given is None or not given.filename:
        raise Refused(400, "plan-page-needs-none")
    data = given.stream.read(wants.MOST_BYTES + 1)
    if len(data) > wants.MOST_BYTES:
        raise Refused(413, "web-too-large")
    own, found = wants.OwnList(given.filename[-120:], data), generated(standing)
    needs = own.rows(standing.review, found, current_app.config["SETTINGS"])
    ids = {*needs.costs, *needs.locked, *needs.banned}
    word = {**dict.fromkeys(needs.locked, "in"), **dict.fromkeys(needs.banned, "out")}
    changes = {key: {"wanted": word.get(key), "cost": needs.costs.get(key)} for key in ids}
    with sessions.store().writing(who) as change:
        wants.want(change, study_id, changes)
        wants.keep_list(change, study_id, own if len(needs.works) else None)
    if len(needs.works):
        # what its works close is found by judging the study again and again: the next page waits for it, no thread does
        return redirect(url_for("needs.taken", study_id=study_id), 303)
    return _told(study_id, standing, own.file, needs)


@pages.get("/studies/<study_id>/needs")
def taken(study_id):
    """What is in the needs list that is kept, and what there is to say of it."""
    standing = ready_all(study_id)
    needs, own = own_needs(standing), wants.own_list(sessions.found_store(), study_id)
    if own is None:
        raise Refused(404, "web-not-found")
    if isinstance(needs, GisError):
        raise needs
    return _told(study_id, standing, own.file, needs)


def _told(study_id, standing, file, needs):
    return render_template(
        "plans/needs.html",
        review=standing.review,
        study=standing.review.study,
        study_id=study_id,
        file=file,
        own=len(needs.works),
        marked=len({*needs.costs, *needs.locked, *needs.banned}),
        problems=[problem.say(language()) for problem in needs.problems],
    )


@pages.post("/studies/<study_id>/needs/drop")
def drop(study_id):
    """Keep the needs list no more; what is wanted of single works stays."""
    sessions.allow("amend")
    who = sessions.who()
    doing.stored_study(study_id)
    with sessions.store().writing(who) as change:
        wants.keep_list(change, study_id, None)
    return redirect(url_for("options.listed", study_id=study_id), 303)
