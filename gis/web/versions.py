"""The history of one source of a study: its versions, what differs between two, and which one counts."""

from flask import Blueprint, redirect, render_template, request, url_for

from gis.catalogue import load_catalogue
from gis.errors import MissingError
from gis.store import studies
from gis.web import doing, sessions
from gis.web.guard import Refused
from gis.web.intake import source_label
from gis.web.payload import pack, send
from gis.web.texts import pick
from gis.workflows.comparing_versions import compare_versions
from gis.workflows.describing import light_map
from gis.workflows.states import keeps_by_source

pages = Blueprint("versions", __name__)


@pages.get("/studies/<study_id>/sources/<source>")
def source(study_id, source):
    """All versions of a source, the latest first, and two of them side by side where they were asked for."""
    study = doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        rows = studies.list_versions(connection, study_id, source)
        current = studies.current_version(connection, study_id, source)
    if not rows:
        raise MissingError("store-no-source", study=study_id, source=source[:80])
    pair, found = _pair(rows, current), None
    if pair is not None:
        found = compare_versions(sessions.store(), study_id, source, *pair)
    return render_template(
        "intake/source.html",
        study_row=study,
        study_id=study_id,
        source=source,
        label=source_label(source),
        rows=rows,
        current=current,
        pair=pair,
        found=found,
        columns=_columns(source, found),
    )


@pages.get("/studies/<study_id>/sources/<source>/compare.geojson")
def shapes(study_id, source):
    """The rows that came, went or moved between two versions, as a light map."""
    doing.stored_study(study_id)
    before, after = _number("before"), _number("after")
    found = compare_versions(sessions.store(), study_id, source, before, after)
    if found is None or found.shapes is None:
        return send(
            pack('{"type":"FeatureCollection","features":[]}', "application/geo+json"), cache="no-store"
        )
    frame = found.shapes.rename(columns={"key": "name", "what": "kind"})
    return send(pack(light_map(frame)[0], "application/geo+json"), cache="no-store")


@pages.post("/studies/<study_id>/sources/<source>/current")
def make_current(study_id, source):
    """Let another version count from now on."""
    number = _number("number", request.form)
    sessions.allow("import")
    with sessions.store().reading() as connection:
        version = studies.get_version(connection, study_id, source, number)
    keeps = keeps_by_source(sessions.store(), study_id, source, version)
    return _changed(
        study_id, source, lambda change: studies.switch_version(change, study_id, source, number, keeps=keeps)
    )


@pages.post("/studies/<study_id>/sources/<source>/remove")
def remove(study_id, source):
    """Take a source out of the study; its versions stay."""
    sessions.allow("import")
    keeps = keeps_by_source(sessions.store(), study_id, source, None)
    return _changed(
        study_id, source, lambda change: studies.remove_source(change, study_id, source, keeps=keeps)
    )


@pages.post("/studies/<study_id>/sources/<source>/restore")
def restore(study_id, source):
    """Bring a source back in the version it had."""
    return _changed(
        study_id, source, lambda change: studies.remove_source(change, study_id, source, undo=True)
    )


def _changed(study_id, source, work):
    sessions.allow("import")
    doing.stored_study(study_id)
    with sessions.store().writing(sessions.who()) as change:
        studies.check_revision(studies.get_study(change.connection, study_id), doing.seen())
        work(change)
    return redirect(url_for("versions.source", study_id=study_id, source=source), 303)


def _pair(rows, current):
    """The versions to hold against each other: those asked for, else the current one and the one before it."""
    numbers = [row["number"] for row in rows]
    if "before" in request.args or "after" in request.args:
        pair = _number("before"), _number("after")
        if set(pair) <= set(numbers):
            return pair
        raise Refused(404, "web-not-found")
    now = current["number"] if current else numbers[0]
    earlier = [number for number in numbers if number < now]
    return (max(earlier), now) if earlier else None


def _number(name, given=None):
    text = (request.args if given is None else given).get(name, "")
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 9):
        raise Refused(400, "web-bad-filter", name=name, value=text[:60], allowed=["1–99999999"])
    return int(text)


def _columns(source, found):
    """What a reader calls the columns that changed, where they are fields of a sheet."""
    layer = load_catalogue().get(studies.SHEETS if doing.is_sheet(source) else source)
    changed = {column for _, column, _, _ in found.changes} if found is not None else set()
    known = layer.fields if layer is not None and doing.is_sheet(source) else {}
    return {column: pick(known[column].label) if column in known else column for column in changed}
