"""New studies, the files of a study, and taking files in."""

import tempfile
from functools import lru_cache

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from gis.catalogue import load_catalogue
from gis.criteria import list_criteria, load_criteria
from gis.errors import StoreError
from gis.names import fold
from gis.recipe import check_form, type_of
from gis.store import studies, uploads
from gis.web import doing, sessions
from gis.web.guard import Refused, let_through, wants_data
from gis.web.payload import pack_json, send
from gis.web.texts import pick, t
from gis.workflows.imports import counts_of_sheets
from gis.workflows.parts import group_parts, pack

pages = Blueprint("intake", __name__)
pages.add_app_template_global(doing.is_stored, "is_stored")
pages.add_app_template_global(doing.may, "may")

LEVELS = ("village", "commune", "district")
MOST_AT_ONCE = 30
LONGEST_TITLE = 160


let_through(pages, lambda: current_app.config["UPLOAD_BYTES"], "receive", "receive_for_script")


@pages.errorhandler(413)
def too_large(_):
    """Say how large a file may be."""
    limit = current_app.config["UPLOAD_BYTES"] / 1_000_000
    return current_app.handle_user_exception(Refused(413, "intake-page-too-large", limit_mb=round(limit)))


@pages.get("/studies/new")
def new():
    """The form for a new study."""
    sessions.store()
    sessions.allow("import")
    if (asking := doing.ask_name()) is not None:
        return asking
    return render_template("intake/new.html", sets=sets_offered(), title="", chosen="", faults=())


@pages.post("/studies")
def create():
    """Make an empty study and show what to bring first."""
    sessions.allow("import")
    who, store = sessions.who(), sessions.store()
    title = " ".join(request.form.get("title", "").split())[:LONGEST_TITLE]
    chosen = request.form.get("criteria", "")
    criteria_id, _, group = chosen.partition("|")
    offered = {row["id"]: row for row in sets_offered()}
    faults = [] if title else [t("intake-page-title-needed")]
    if criteria_id not in offered or group not in {key for key, _ in offered[criteria_id]["groups"]}:
        faults.append(t("intake-page-set-needed"))
    if faults:
        page = render_template(
            "intake/new.html", sets=sets_offered(), title=title, chosen=chosen, faults=faults
        )
        return page, 422
    recipe = {"title": {"vi": title}, "criteria": criteria_id}
    if group:
        recipe["groups"] = {offered[criteria_id]["dimension"]: group}
    study_id = _add(store, title, recipe, who)
    return redirect(url_for("intake.files", study_id=study_id), 303)


def _add(store, title, recipe, who):
    """Add a study under the first free id that comes of its title."""
    stem = fold(title).replace(" ", "-")[:50].strip("-") or "dot-ra-soat"
    taken = {*current_app.extensions["shelf"].found(), "new"}
    for number in range(1, 1000):
        study_id = stem if number == 1 else f"{stem}-{number}"
        if study_id in taken:
            continue
        check_form({"id": study_id, **recipe}, {}, study_id)
        try:
            with store.writing(who) as change:
                studies.add_study(change, study_id, recipe)
            return study_id
        except StoreError as fault:
            # A study that was removed keeps its id.
            if fault.code != "store-study-exists":
                raise
    raise Refused(422, "store-study-exists", study=stem)


@pages.post("/studies/<study_id>/take-in")
def take_in(study_id):
    """Copy a study of the folder into the store."""
    sessions.allow("import")
    origin = current_app.extensions["shelf"].found().get(study_id)
    if origin is None:
        raise Refused(404, "web-no-study", study=study_id[:80])
    if origin.place is None:
        return redirect(url_for("intake.files", study_id=study_id), 303)
    number = doing.begin("import-folder", None, path=str(origin.path.absolute()))
    to = url_for("jobs.page", number=number) if number else url_for("home.studies")
    return redirect(to, 303)


@pages.get("/studies/<study_id>/files")
def files(study_id):
    """The files of a study: those that count, those that wait, those that were taken out."""
    study = doing.stored_study(study_id)
    store = sessions.store()
    with store.reading() as connection:
        current = studies.current_versions(connection, study_id)
        versions = studies.list_versions(connection, study_id)
        removed = studies.removed_sources(connection, study_id)
        waiting = uploads.listed(connection, study_id)
    numbers = {source: max(v["number"] for v in versions if v["source"] == source) for source in current}
    return render_template(
        "intake/files.html",
        study_row=study,
        study_id=study_id,
        sources=[_source(row, numbers[row["source"]], study_id) for row in current.values()],
        removed=[{**row, "label": source_label(row["source"])} for row in removed],
        waiting=[_waiting(row) for row in waiting],
        limit_mb=round(current_app.config["UPLOAD_BYTES"] / 1_000_000),
        first="villages" not in current and not any(doing.is_sheet(source) for source in current),
    )


@pages.post("/studies/<study_id>/files", endpoint="receive")
@pages.post("/studies/<study_id>/files.json", endpoint="receive_for_script")
def receive(study_id):
    """Keep what was dropped and begin to read it; nothing of the study changes."""
    sessions.allow("import")
    doing.stored_study(study_id)
    who = sessions.who()
    given = [file for file in request.files.getlist("file") if file.filename]
    if not given:
        raise Refused(422, "intake-page-no-file")
    groups = group_parts([file.filename for file in given])
    if len(groups) > MOST_AT_ONCE:
        raise Refused(422, "intake-page-many-files", count=len(groups), limit=MOST_AT_ONCE)
    kept = []
    for group in groups:
        row = _keep(study_id, group, given, who)
        kept.append(row["id"])
        doing.begin("read-upload", study_id, study=study_id, upload=row["id"])
    to = url_for("intake.files", study_id=study_id)
    if len(kept) == 1:
        to = url_for("reviewing.upload", study_id=study_id, upload_id=kept[0])
    if wants_data():
        return send(pack_json({"location": to, "uploads": kept}), cache="no-store")
    return redirect(to, 303)


def _keep(study_id, group, given, who):
    limit = {"who": who, "limit_mb": current_app.config["UPLOAD_BYTES"] / 1_000_000}
    store = sessions.store()
    if not group.is_set:
        file = given[group.positions[0]].stream
        return uploads.receive(store, study_id, group.name, uploads.pieces_of(file), **limit)
    with tempfile.TemporaryFile() as packed:
        parts = [given[position] for position in group.positions]
        pack(packed, group.name, [(part.filename, part.stream) for part in parts])
        packed.seek(0)
        return uploads.receive(store, study_id, group.name, uploads.pieces_of(packed), **limit)


def sets_offered():
    """Criteria sets to judge by, those for villages first: id, label, counts of figures, groups."""
    return [
        {
            "id": criteria.id,
            "label": pick(criteria.label),
            "level": criteria.level,
            "checked": criteria.figures["checked"],
            "total": criteria.figures["total"],
            "dimension": criteria.dimension if criteria.groups else None,
            "groups": _groups(criteria) or [("", "")],
        }
        for criteria in _all_sets()
    ]


def _groups(criteria):
    """The columns of figures to choose from, before them the set's own rule where it has one."""
    by_rule = [("", t("intake-page-by-rule"))] if criteria.group_by else []
    return by_rule + [(key, pick(label) or key) for key, label in criteria.groups.items()]


@lru_cache(maxsize=1)
def _all_sets():
    found = map(load_criteria, list_criteria())
    place = {level: number for number, level in enumerate(LEVELS)}
    return tuple(sorted(found, key=lambda criteria: (place.get(criteria.level, len(place)), criteria.id)))


def source_label(source):
    """What a reader calls a source: the kind of data, or a sheet with its year."""
    if doing.is_sheet(source):
        return t("intake-page-sheet-of", year=source.split("-")[1])
    layer, beside = load_catalogue().get(type_of(source)), source.partition("+")[2]
    label = pick(layer.label) if layer else type_of(source)
    return f"{label} ({beside})" if beside else label


def _source(row, newest, study_id):
    """One source as the list shows it; how many rows are used is known where the study is judged."""
    report, entry = row["report"], row["entry"]
    standing = current_app.extensions["shelf"].peek(study_id)
    review = standing.review if standing is not None else None
    counts = {"rows_in": report["rows_in"], "rows_used": None, "rows_reported": len(report["skipped"])}
    if review is not None and row["source"] in review.study.layers:
        counts |= dict(review.study.layers[row["source"]].counts)
    elif review is not None and row["kind"] == "table" and "year" in entry:
        counts |= counts_of_sheets(review.study, row["file"])
    complete = entry.get("complete", "unknown")
    words = set(complete.values()) if isinstance(complete, dict) else {complete}
    return {
        **counts,
        "source": row["source"],
        "label": source_label(row["source"]),
        "number": row["number"],
        "newest": newest,
        "file": row["file"],
        "who": row["who"],
        "at": row["at"],
        "as_of": entry.get("as_of", entry.get("year", "")),
        "complete": ""
        if doing.is_sheet(row["source"])
        else next(iter(words))
        if len(words) == 1
        else "mixed",
    }


def _waiting(row):
    found = row["found"] or {}
    faults = doing.say_all(found.get("faults", ()))
    return {**row, "faults": faults, "read": row["state"] == "read"}
