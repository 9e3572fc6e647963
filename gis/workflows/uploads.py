"""A file on its way into a study: read, looked at and tried as often as a person likes, then accepted."""

import contextlib
import json
import os
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from gis.catalogue import load_catalogue
from gis.errors import IntakeError, Problem, StoreError
from gis.intake import Reader
from gis.intake.reports import problem_as_json, problem_from_json
from gis.names import fold
from gis.settings import Settings
from gis.store import decisions, studies, uploads
from gis.workflows.describing import (
    describe_columns,
    describe_kinds,
    describe_working,
    first_rows_of_layer,
    first_rows_of_sheet,
    light_map,
)
from gis.workflows.imports import (
    READING,
    Arrival,
    accept,
    candidate_of,
    carried,
    read_arrival,
    try_candidate,
)
from gis.workflows.proposing import UNPLACED, describe_sheet_columns, propose_places, view_sheet
from gis.workflows.states import lock_faults

ANSWERABLE = (
    "intake-layers",
    "intake-layer-missing",
    "intake-encoding-needed",
    "intake-encoding-wrong",
    "intake-encoding-unknown",
    "intake-sheet-missing",
    "intake-not-vector",
    "intake-not-table",
    "intake-not-raster",
    "intake-no-coordinates",
    "intake-columns-missing",
    "intake-osm-mapping",
)
"""Codes of faults that another choice may mend; a file with any other cannot be used, and is not kept."""

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
ENDING = re.compile(r"\.[a-z0-9]{1,8}\Z")


def read_upload(store, study_id, identity, *, who, settings=None, report=None):
    """Read an upload as its options say, try it in its study, and record what was found.

    The study is not changed. The upload is in state ``"read"`` afterwards, or ``"refused"`` where it could not
    be read; its bytes are kept only if another choice may help.

    Parameters
    ----------
    store : Store
    study_id, identity : str
    who : str
    settings : Settings, optional
        Limits of the reader.
    report : callable, optional

    Returns
    -------
    dict
        ``state`` and, of one that was read, ``faults``: how many stand against accepting it.

    Raises
    ------
    MissingError
        If there is no such upload.
    StoreError
        If it was accepted or discarded before, or cannot be kept.
    """
    with store.reading() as connection:
        row = uploads.get(connection, study_id, identity)
        study = studies.get_study(connection, study_id)
        versions = studies.current_versions(connection, study_id)
    check_open(row)
    options, found = dict(row["options"]), row["found"] or {}
    try:
        arrival = _arrival(store, row, options, found, settings)
    except IntakeError as fault:
        told = [problem_as_json(problem) for problem in _as_owner_calls_it(fault.problems, row["file"])]
        found = {"faults": told, "answerable": fault.code in ANSWERABLE, "layers": _layers_named(fault)}
        with store.writing(who) as change:
            uploads.settle(change, study_id, identity, "refused", options=options, found=found)
        if not found["answerable"]:
            uploads.forget(store, identity)
        return {"state": "refused"}
    options = complete_options(store, study_id, options, arrival)
    found, preview = _look(store, study, arrival, options, versions, report)
    found |= {"layers": (row["found"] or {}).get("layers", []), "read_as": _read_as(options)}
    path = preview_path(store, identity)
    path.write_text(json.dumps(preview, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    with store.writing(who) as change:
        check_open(uploads.get(change.connection, study_id, identity))
        uploads.settle(change, study_id, identity, "read", options=options, found=found)
    return {"state": "read", "faults": len(found["faults"])}


def accept_upload(store, study_id, identity, *, who, seen=None, report=None):
    """Take an upload that was read into its study, remember how its columns were bound, and let its bytes go.

    Returns
    -------
    dict
        ``source`` and ``number`` of the version, and ``is_new``: False where it was there already.

    Raises
    ------
    StudyError
        With all faults, if the study could not be judged with it; nothing is changed.
    ConflictError
        If the study is not at revision `seen` any more.
    StoreError
        If the upload is not one that was read.
    """
    with store.reading() as connection:
        row = uploads.get(connection, study_id, identity)
    if row["state"] != "read":
        raise StoreError("upload-not-read", file=row["file"])
    arrival, options = Arrival.from_json(row["found"]["arrival"]), row["options"]
    candidate = candidate_of(
        arrival,
        options["layer_type"],
        options["entry"],
        source=options.get("source"),
        beside=options.get("beside", False),
    )
    version, is_new, _ = accept(store, study_id, candidate, who=who, seen=seen, report=report)
    with store.writing(who) as change:
        for column in row["found"]["columns"]:
            if column["how"] == "named":
                subject = {"layer": options["layer_type"], "column": column["column"]}
                decisions.decide(change, study_id, "mapping", subject, column["field"])
        uploads.settle(change, study_id, identity, "accepted")
    forget_upload(store, identity)
    return {"source": version["source"], "number": version["number"], "is_new": is_new}


def discard_upload(store, study_id, identity, *, who):
    """Let an upload go; the study was never changed by it."""
    with store.writing(who) as change:
        check_open(uploads.get(change.connection, study_id, identity))
        uploads.settle(change, study_id, identity, "discarded")
    forget_upload(store, identity)


def forget_upload(store, identity):
    """Remove the bytes of an upload and what was made to show it."""
    uploads.forget(store, identity)
    with contextlib.suppress(OSError):
        preview_path(store, identity).unlink(missing_ok=True)


def preview_path(store, identity):
    """Where the light map and the first rows of an upload lie."""
    return uploads.path_of(store, identity).with_name(f"{identity}.preview")


def check_open(row):
    """Raise `StoreError` where an upload was accepted or discarded before."""
    if row["state"] in ("accepted", "discarded"):
        raise StoreError("upload-over", file=row["file"])


def complete_options(store, study_id, options, arrival):
    """The options with what is proposed where nobody said anything: layer type, year of a sheet, columns.

    Parameters
    ----------
    store : Store
    study_id : str
    options : Mapping
        ``layer_type``, ``entry`` as in a study file, ``source`` that a sheet is a version of, and
        ``bound_for``, the layer type that the columns in the entry were chosen for.
    arrival : Arrival

    Returns
    -------
    dict
    """
    entry = dict(options.get("entry", {}))
    if "layer_type" in options:
        layer_type = options["layer_type"]
    else:
        layer_type = arrival.fits[0][0] if arrival.fits else None
        if arrival.kind == "table" and (year := YEAR.search(arrival.file)):
            entry.setdefault("year", int(year[0]))
    if layer_type is not None and options.get("bound_for") != layer_type:
        given = entry if "bound_for" not in options else {k: v for k, v in entry.items() if k != "fields"}
        entry = carried(store, study_id, layer_type, arrival) | given
    return {**options, "layer_type": layer_type, "entry": entry, "bound_for": layer_type}


def _read_as(options):
    """What decides how a file is read; while it stays the same the file is not read again."""
    catalogue, layer_type = load_catalogue(), options.get("layer_type")
    role = catalogue[layer_type].role if layer_type in catalogue else None
    kind = {"table": "table", "raster": "raster", None: None}.get(role, "vector")
    entry = options.get("entry", {})
    return {"kind": kind} | {key: entry.get(key) for key in READING}


def _arrival(store, row, options, found, settings):
    wanted = _read_as(options)
    before = found.get("arrival")
    if before and wanted["kind"] in (None, before["kind"]):
        same = found.get("read_as", {})
        if all(same.get(key) == wanted[key] for key in READING):
            return Arrival.from_json(before)
    with _named_copy(store, row) as path:
        asked = options.get("layer_type")
        entry = options.get("entry", {})
        with Reader(settings or Settings()) as reader:
            arrival = read_arrival(store, reader, path, entry, name=row["file"], layer_type=asked)
    problems = _as_owner_calls_it(map(problem_from_json, arrival.report["problems"]), row["file"])
    told = arrival.report | {"problems": [problem_as_json(problem) for problem in problems]}
    fits = Arrival.from_json(before).fits if before and asked else arrival.fits
    return replace(arrival, report=told, fits=fits)


@contextlib.contextmanager
def _named_copy(store, row):
    """The bytes of an upload under a plain name with the ending that its owner gave it."""
    source = uploads.path_of(store, row["id"])
    if not source.is_file():
        raise StoreError("upload-over", file=row["file"])
    ending = ENDING.search(row["file"].lower())
    with tempfile.TemporaryDirectory(dir=source.parent, prefix=".read-") as folder:
        path = Path(folder) / f"{fold(Path(row['file']).stem).replace(' ', '_')[:40] or 'tep'}"
        path = path.with_name(path.name + (ending[0] if ending else ""))
        try:
            os.link(source, path)
        except OSError:
            shutil.copyfile(source, path)
        yield path


def _as_owner_calls_it(problems, name):
    """The problems with the file's name as its owner wrote it."""
    return [
        replace(problem, arguments={**problem.arguments, "file": name})
        if "file" in problem.arguments
        else problem
        for problem in problems
    ]


def _layers_named(fault):
    named = fault.arguments.get("layers", fault.arguments.get("sheets", []))
    return [str(name) for name in named] if isinstance(named, (list, tuple)) else []


def _look(store, study, arrival, options, versions, report):
    """What is found in an arrival, and what is shown of it beside the study."""
    layer, entry = load_catalogue().get(options["layer_type"]), options["entry"]
    raw, found, table = _content(store, study, arrival, layer, entry)
    faults, trial = _unanswered(arrival, layer, entry), None
    if not faults:
        candidate = candidate_of(
            arrival, layer.id, entry, source=options.get("source"), beside=options.get("beside", False)
        )
        trial = try_candidate(store, study["id"], candidate, report=report)
        faults = list(trial.faults) or list(lock_faults(store, study["id"], candidate))
    problems = [problem_from_json(problem) for problem in arrival.report["problems"]]
    found["encoding"] = next(
        (dict(problem.arguments) for problem in problems if problem.code == "encoding-guessed"), None
    )
    rows = int(arrival.report["rows_in"])
    found["counts"] = {"rows_in": rows, "rows_used": 0, "rows_reported": rows}
    drawn = None
    if trial is not None and not faults:
        drawn, problems = _tried(found, trial, layer), list(trial.problems)
    if raw is not None and any(problem.code in UNPLACED for problem in (*faults, *problems)):
        stated = entry.get("crs") or arrival.report["crs"]
        found["crs"] = propose_places(store, versions, raw, trial.source if trial else None, stated)
    found["source"] = trial.source if trial else None
    found["faults"] = [problem_as_json(problem) for problem in faults]
    found["problems"] = [problem_as_json(problem) for problem in problems]
    found["same_as"] = _same_file(arrival, versions)
    return found, {"map": drawn, "table": table}


def _content(store, study, arrival, layer, entry):
    """The layer's frame as read or None, what its columns are, and its first rows."""
    found = {
        "arrival": arrival.as_json(),
        "columns": [],
        "kinds": [],
        "working": None,
        "sheets": [],
        "crs": [],
    }
    found |= {"villages_with_values": None, "communes": [], "shown": None}
    if arrival.kind == "vector":
        raw = store.files.get_vector(arrival.content)
        if layer is not None:
            found["columns"] = describe_columns(raw, layer, entry)
        return raw, found, first_rows_of_layer(raw)
    if arrival.kind == "table":
        sheets, merged = store.files.get_table(arrival.content)
        found["sheets"] = [name for name, cells in sheets.items() if cells]
        view = view_sheet(store, sheets, merged, entry, study)
        found["columns"] = describe_sheet_columns(view) if view is not None else []
        chosen = sheets.get(entry.get("sheet")) or next((cells for cells in sheets.values() if cells), [])
        return None, found, first_rows_of_sheet(chosen)
    return None, found, {"columns": [], "numbers": [], "rows": []}


def _tried(found, trial, layer):
    """Add what a trial without faults gave; the light map of it, None where there is nothing to draw."""
    found["counts"] |= trial.counts
    found["communes"] = [list(commune) for commune in trial.communes]
    if trial.table is not None and "record" in trial.table:
        found["villages_with_values"] = int(trial.table["record"].notna().sum())
    if trial.frame is None:
        return None
    found["kinds"] = describe_kinds(trial.frame, layer)
    found["working"] = describe_working(trial.frame, found["counts"])
    drawn, shown = light_map(trial.frame) if len(trial.frame) else (None, 0)
    found["shown"] = {"features": len(trial.frame), "shown": shown}
    return drawn


def _unanswered(arrival, layer, entry):
    """What a person must say before the file can be tried."""
    file = {"file": arrival.file}
    if layer is None:
        return [Problem("upload-type-needed", file, "error")]
    kind = {"table": "table", "raster": "raster"}.get(layer.role, "vector")
    if kind != arrival.kind:
        return [Problem("upload-other-kind", {**file, "layer": layer.label}, "error")]
    if kind == "table" and "year" not in entry:
        return [Problem("upload-year-needed", file, "error")]
    return []


def _same_file(arrival, versions):
    """The current version that was made from the very same bytes; None without one."""
    for source, version in versions.items():
        if version["report"].get("sha256") == arrival.report["sha256"]:
            return {"source": source, "number": version["number"]}
    return None
