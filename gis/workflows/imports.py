"""Taking a foreign file into a study of the store: read, try, accept; nothing changes before the last."""

import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import shapely

from gis.assessments.reading import HEADER_ROWS
from gis.catalogue import load_catalogue
from gis.criteria import load_criteria, set_to_plain
from gis.crs import WGS84
from gis.errors import GisError, IntakeError, StudyError
from gis.names import fold
from gis.reading import build_study
from gis.reading.gathering import Gathering
from gis.recipe import check_form, check_recipe, read_recipe, type_of
from gis.store import decisions, editions, studies
from gis.workflows.editions import keep_beside
from gis.workflows.states import keeps_by_source
from gis.workflows.stored import StoredReader, plain_name, read_stored, recipe_of, stored_recipe

READING = ("layer", "sheet", "encoding", "coordinates")
"""Keys of an entry that decide how a file is read; the others how it is bound."""

CERTAIN = 1.5
"""By how much a layer type must fit better than the next one to be taken without asking."""


@dataclass(frozen=True)
class Arrival:
    """A foreign file that was read and lies in the store, belonging to no study yet.

    Attributes
    ----------
    content, kind : str
        Name and kind of its clean copy.
    file : str
        How its owner calls it.
    report : dict
        What the reader said, as plain data.
    fits : tuple of (str, float)
        Layer types that it may be, the best first, with a score.
    columns : tuple of str
        Names of its columns; of a sheet, every text near its top.
    """

    content: str
    kind: str
    file: str
    report: dict
    fits: tuple = ()
    columns: tuple = ()

    @property
    def layer(self):
        """The layer type it is for certain; None where a person must say."""
        if not self.fits:
            return None
        ahead = self.fits[0][1] - self.fits[1][1] if len(self.fits) > 1 else CERTAIN
        return self.fits[0][0] if ahead >= CERTAIN else None

    def as_json(self):
        """The arrival as plain values."""
        return asdict(self) | {"fits": [list(fit) for fit in self.fits], "columns": list(self.columns)}

    @classmethod
    def from_json(cls, values):
        """The arrival from what `as_json` gave."""
        fits = tuple(tuple(fit) for fit in values["fits"])
        return cls(**values | {"fits": fits, "columns": tuple(values["columns"])})


@dataclass(frozen=True)
class Trial:
    """What a study would be with an arrival in it.

    Attributes
    ----------
    source : str
        The source it would be a version of.
    faults : tuple of Problem
        Why it cannot be accepted; empty when it can.
    problems : tuple of Problem
        What there is to know about the file itself.
    counts : Mapping of str to int
        ``rows_in`` = ``rows_used`` + ``rows_reported``.
    frame : GeoDataFrame or None
        The layer as it would be used, in longitude and latitude.
    table : DataFrame or None
        The year's values by village, of a sheet.
    communes : tuple of (str, str)
        Id and name of every commune of the study.
    """

    source: str
    faults: tuple = ()
    problems: tuple = ()
    counts: dict = field(default_factory=dict)
    frame: object = None
    table: object = None
    communes: tuple = ()


def read_arrival(store, reader, path, entry=None, *, name=None, layer_type=None):
    """Read a foreign file in the reading process and keep its clean copy.

    Parameters
    ----------
    store : Store
    reader : Reader
        The door to foreign files; one for many of them.
    path : str or Path
    entry : Mapping, optional
        How to read it: ``layer`` or ``sheet`` in the file, ``encoding``.
    name : str, optional
        How its owner calls it, where `path` is a copy under another name.
    layer_type : str, optional
        The catalogue's id of what it holds, where a person said so.

    Returns
    -------
    Arrival

    Raises
    ------
    IntakeError
        If it cannot be read as what it claims to be.
    StoreError
        If the store cannot take it.
    """
    catalogue, entry = load_catalogue(), dict(entry or {})
    name = name or Path(path).name
    kind, found = _read(reader, Path(path), entry, catalogue.get(layer_type))
    report = replace(found.report, file=name).as_json()
    if kind == "vector":
        content = store.files.put_vector(found.frame)
    elif kind == "table":
        content = store.files.put_table(found.sheets, found.merged)
    else:
        crs = None if found.crs is None else found.crs.to_string()
        content = store.files.put_raster(found.array, tuple(found.transform)[:6], crs, found.nodata)
    fits = ((layer_type, CERTAIN),) if layer_type else suggest_layers(kind, found, name, catalogue)
    return Arrival(content, kind, name, report, fits, _columns(kind, found))


def _columns(kind, found):
    if kind == "vector":
        return tuple(name for name in found.frame.columns if name not in ("geometry", "source_row"))
    if kind == "raster":
        return ()
    cells = (cell for rows in found.sheets.values() for row in rows[:HEADER_ROWS] for cell in row)
    return tuple(dict.fromkeys(cell.strip() for cell in cells if isinstance(cell, str)))


def _read(reader, path, entry, layer):
    """The kind of a file and what reading it gave, tried in the order that fits its layer type."""
    role, osm = (layer.role, list(layer.osm)) if layer else (None, None)
    asked = {
        "vector": lambda: reader.vector(
            path,
            layer=entry.get("layer"),
            encoding=entry.get("encoding"),
            osm=osm,
            coordinates=entry.get("coordinates"),
        ),
        "table": lambda: reader.table(path, sheet=entry.get("sheet"), encoding=entry.get("encoding")),
        "raster": lambda: reader.raster(path),
    }
    kinds = {"table": ("table",), "raster": ("raster",), None: ("vector", "table", "raster")}.get(
        role, ("vector",)
    )
    first = None
    for kind in kinds:
        try:
            return kind, asked[kind]()
        except IntakeError as fault:
            if fault.code not in OTHER_KIND:
                raise
            first = first or fault
    raise first


OTHER_KIND = (
    "intake-not-vector",
    "intake-not-table",
    "intake-not-raster",
    "intake-zip-nothing",
    "intake-no-coordinates",
)
"""Codes by which the reader says that a file is fine but of another kind than asked for."""


def suggest_layers(kind, found, name, catalogue):
    """Which layer types a file may be, by its geometry, its columns and its name.

    Returns
    -------
    tuple of (str, float)
        Best first; ties in order of id. A name that says what it is counts 2, each known column a fifth,
        up to 2.
    """
    roles = {"table": ("table",), "raster": ("raster",)}.get(
        kind, ("boundary", "facility", "network", "area")
    )
    words = f" {fold(Path(name).stem)} {fold(found.report.layer)} "
    scores = {}
    for layer in catalogue.values():
        if layer.role not in roles:
            continue
        score = 1.0
        if kind == "vector":
            columns = [column for column in found.frame.columns if column not in ("geometry", "source_row")]
            score = min(2.0, 0.2 * len(layer.match_fields(columns)))
            if not _geometry_fits(found.frame, layer):
                continue
        if _is_named(layer, words):
            score += 2.0
        if kind == "vector" and _dimension(found.frame) != OWN_DIMENSION.get(layer.geometry):
            score -= 0.5
        scores[layer.id] = round(score, 3)
    return tuple(sorted(scores.items(), key=lambda fit: (-fit[1], fit[0])))


OWN_DIMENSION = {"point": 0, "line": 1, "polygon": 2}
MAY_HOLD = {"point": (0, 2), "line": (1,), "polygon": (2,)}
"""What a file of a layer may hold: a school may be drawn as its yard."""


def _geometry_fits(frame, layer):
    dimension = _dimension(frame)
    return dimension in MAY_HOLD.get(layer.geometry, ()) or (layer.id == "villages" and dimension == 0)


def _dimension(frame):
    """The most frequent dimension of the shapes, None without any."""
    dimensions = shapely.get_dimensions(frame.geometry.dropna().to_numpy())
    return int(np.bincount(dimensions[dimensions >= 0]).argmax()) if (dimensions >= 0).any() else None


def _is_named(layer, words):
    """Whether a folded name holds the layer's id or a part of its label, also run together."""
    parts = [fold(part) for label in layer.label.values() for part in re.split("[,()/]", label)]
    names = {fold(layer.id), fold(layer.id).removesuffix("s"), *parts}
    return any(
        f" {known} " in words or (len(known) > 5 and known.replace(" ", "") in words.replace(" ", ""))
        for known in names
        if len(known) > 1
    )


def source_of(layer_type, entry, file, *, beside=False):
    """The source that a file is a version of: its layer type, or for a sheet its year and its name.

    With `beside` a layer's file is a source of its own beside the others of its type, by its name.
    """
    stem = fold(Path(file).stem).replace(" ", "-")[:40]
    if layer_type != studies.SHEETS:
        return f"{layer_type}+{stem}" if beside else layer_type
    return f"{studies.SHEETS}-{int(entry['year'])}-{stem}".rstrip("-")


def candidate_of(arrival, layer_type, entry, *, source=None, beside=False):
    """The version that an arrival would be."""
    return {
        "source": source or source_of(layer_type, entry, arrival.file, beside=beside),
        "content": arrival.content,
        "kind": arrival.kind,
        "file": arrival.file,
        "entry": dict(entry),
        "report": arrival.report,
    }


def try_candidate(store, study_id, candidate, *, report=None):
    """What a study would be with a candidate in it; nothing is changed and nothing raised for its faults.

    Returns
    -------
    Trial
    """
    source = candidate["source"]
    try:
        with store.reading() as connection:
            recipe, versions = stored_recipe(connection, study_id, candidate=candidate)
        named = {type_of(name) for name in recipe.data.get("layers", {})}
        if "villages" in named or recipe.data.get("assessments"):
            study = read_stored(store, study_id, candidate=candidate, report=report)
            return _trial_of_study(study, source, candidate)
        return _trial_alone(recipe, versions, store, source, candidate)
    except GisError as fault:
        return Trial(source, faults=tuple(fault.problems))


def _trial_of_study(study, source, candidate):
    layer = study.layers.get(type_of(source))
    frame = table = None
    if layer is not None and layer.frame is not None:
        frame = layer.frame[layer.frame.geometry.notna()].to_crs(WGS84)
    if "year" in candidate["entry"]:
        table = study.assessments[candidate["entry"]["year"]]
    counts = layer.counts if layer is not None else counts_of_sheets(study, candidate["file"])
    communes = tuple((str(id_), str(name)) for id_, name in study.communes["name"].sort_index().items())
    return Trial(source, (), _about(study.problems, candidate, layer), dict(counts), frame, table, communes)


def counts_of_sheets(study, file):
    """The row account of an assessment file over all its sheets."""
    name = plain_name(file)
    total = dict.fromkeys(("rows_in", "rows_used", "rows_reported"), 0)
    for place, counts in study.sheet_counts.items():
        if place == name or place.startswith(f"{name} · "):
            total = {key: total[key] + counts[key] for key in total}
    return total


def _trial_alone(recipe, versions, store, source, candidate):
    """A layer of a study that has no villages yet: bound and checked by itself."""
    catalogue = load_catalogue()
    gathering = Gathering(recipe, catalogue, StoredReader(store, versions), None)
    if gathering.layer(source).role == "raster":
        raise StudyError("raster-without-villages", **gathering.where(source))
    frame = gathering.read_vector(source)
    shown = frame[frame.geometry.notna()]
    return Trial(
        source,
        (),
        tuple(gathering.problems),
        gathering.counts[source],
        shown.to_crs(WGS84) if len(shown) else shown,
    )


def _about(problems, candidate, layer):
    """The problems of one file: those whose place is the file or the layer."""
    file = Path(candidate["file"]).name
    label = layer.layer.label if layer is not None else None
    return tuple(
        problem
        for problem in problems
        if problem.arguments.get("file") == file
        or (label is not None and problem.arguments.get("layer") == label)
    )


def accept(store, study_id, candidate, *, who, seen=None, report=None):
    """Take a candidate into a study: one transaction, after trying it.

    Parameters
    ----------
    who : str
    seen : int, optional
        The revision of the study that the person saw.

    Returns
    -------
    version : dict
    is_new : bool
        False where the same content was there already, bound in the same way.
    trial : Trial

    Raises
    ------
    StudyError
        With all faults, if the study could not be judged with it; nothing is changed.
    ConflictError
        If the study is not at revision `seen` any more.
    """
    trial = try_candidate(store, study_id, candidate, report=report)
    if trial.faults:
        raise StudyError(problems=trial.faults)
    keeps = keeps_by_source(store, study_id, candidate["source"], candidate)
    with store.writing(who) as change:
        studies.check_revision(studies.get_study(change.connection, study_id), seen)
        version, is_new = studies.add_version(change, study_id, **candidate, keeps=keeps)
    return version, is_new, trial


@dataclass(frozen=True)
class Brought:
    """What became of a file: what it was, what the study would be with it, and the version it is now, if any."""

    arrival: Arrival
    trial: Trial
    version: dict | None = None
    is_new: bool = False


def bring_in(
    store, reader, study_id, path, *, entry, who, layer_type=None, beside=False, only_try=False, report=None
):
    """Read a file, try it and accept it: the three steps at once, for a file that leaves no question open.

    Parameters
    ----------
    entry : Mapping
        As in a study file, without ``file``; ``inside`` stands for its ``layer`` or ``sheet``.
    beside : bool
        Add a layer's file to the others of its type instead of taking the place of the last one.
    only_try : bool
        Change nothing.

    Returns
    -------
    Brought

    Raises
    ------
    GisError
        If the file cannot be read, or a question is open: which layer it is, of which year.
    """
    entry = dict(entry)
    inside = entry.pop("inside", None)
    reading = {**entry, "layer": inside, "sheet": inside}
    arrival = read_arrival(store, reader, path, reading, layer_type=layer_type)
    found = arrival.layer
    if found is None:
        raise StudyError("import-which-layer", file=arrival.file, layers=[name for name, _ in arrival.fits])
    if found == studies.SHEETS and "year" not in entry:
        raise StudyError("import-which-year", file=arrival.file)
    if inside:
        entry["sheet" if arrival.kind == "table" else "layer"] = inside
    entry = carried(store, study_id, found, arrival) | entry
    candidate = candidate_of(arrival, found, entry, beside=beside)
    if only_try:
        return Brought(arrival, try_candidate(store, study_id, candidate, report=report))
    version, is_new, trial = accept(store, study_id, candidate, who=who, report=report)
    return Brought(arrival, trial, version, is_new)


CARRIED = ("fields", "kinds", "where", "covers_km", "licence", "citation")
"""Keys of an entry that hold for the next file of the same source too; dates and completeness are asked anew."""


def carried(store, study_id, layer_type, arrival):
    """What is known of a file before anybody says anything of it: from the last one, and from what people confirmed.

    Returns
    -------
    dict
        As an entry of a study file; nothing that names a column which the file lacks.
    """
    with store.reading() as connection:
        confirmed = decisions.standing(connection, study_id, "mapping")
        last = studies.current_version(connection, study_id, layer_type)
    entry = {key: last["entry"][key] for key in CARRIED if key in last["entry"]} if last else {}
    fields = entry.pop("fields", {})
    fields |= {
        row["answer"]: row["subject"]["column"] for row in confirmed if row["subject"]["layer"] == layer_type
    }
    fields = {name: column for name, column in fields.items() if _is_there(column, arrival.columns)}
    if entry.get("kinds", {}).get("from") not in arrival.columns:
        entry.pop("kinds", None)
    if not set(entry.get("where", ())) <= set(arrival.columns):
        entry.pop("where", None)
    return entry | ({"fields": fields} if fields else {})


def _is_there(column, columns):
    """Whether a file has a column; the parts of a title of several heading rows stand in several cells."""
    return column in columns or all(part in columns for part in column.split(" / "))


def start_study(store, study_id, recipe, *, who):
    """Make an empty study.

    Parameters
    ----------
    recipe : Mapping
        ``title`` and ``criteria``, and whatever else a study file may say beside its files.

    Raises
    ------
    GisError
        If it is not of the form of a study file, its criteria set is unknown, or the id is taken.
    """
    said = {"id": study_id} | {key: value for key, value in recipe.items() if value not in (None, {}, "")}
    check_form(said, {}, study_id)
    load_criteria(said["criteria"], file=study_id)
    with store.writing(who) as change:
        studies.add_study(change, study_id, said)


def list_stored(store, *, deleted=False):
    """The studies of a store with their title, criteria set and sources."""
    with store.reading() as connection:
        return [
            {
                "id": row["id"],
                "title": row["recipe"]["title"],
                "criteria": row["recipe"]["criteria"],
                "revision": row["revision"],
                "sources": list(studies.current_versions(connection, row["id"])),
                "who": row["who"],
                "at": row["at"],
            }
            for row in studies.list_studies(connection, deleted=deleted)
        ]


def import_recipe(store, reader, path, *, who, as_id=None, report=None):
    """Take a study file and every file it names into the store as one new study.

    Parameters
    ----------
    store : Store
    reader : Reader
    path : str or Path
        The study file, or a folder that holds `study.yaml`.
    who : str
    as_id : str, optional
        Another id than the file gives.
    report : callable, optional

    Returns
    -------
    study_id : str
    study : Study

    Raises
    ------
    GisError
        If the study could not be judged, or there is one of that id; nothing is kept of it.
    """
    path = Path(path)
    path = path / "study.yaml" if path.is_dir() else path
    catalogue = load_catalogue()
    recipe = read_recipe(path, catalogue)
    study_id = as_id or recipe.data["id"]
    entries = [(type_of(name), name, entry) for name, entry in recipe.data.get("layers", {}).items()]
    entries += [(studies.SHEETS, None, entry) for entry in recipe.data.get("assessments", ())]
    if "histories" in recipe.data:
        entries.append((studies.HISTORIES, studies.HISTORIES, {"file": recipe.data["histories"]}))
    rows = {}
    for done, (layer_type, source, entry) in enumerate(entries):
        if report:
            report(0.5 * done / len(entries), "reading-file", file=entry["file"])
        file = path.parent / entry["file"]
        bound = {key: value for key, value in entry.items() if key != "file"}
        arrival = read_arrival(store, reader, file, bound, layer_type=layer_type)
        row = candidate_of(arrival, layer_type, bound, source=source)
        while row["source"] in rows:
            row["source"] += "-b"
        rows[row["source"]] = row
    own = set_to_plain(recipe.criteria) if Path(str(recipe.data["criteria"])).suffix else None
    said = {
        key: value for key, value in recipe.data.items() if key not in ("layers", "assessments", "histories")
    } | {"id": study_id}
    plain = {"id": study_id, "recipe": said, "criteria": own}
    numbered = {source: {"number": 1, **row} for source, row in rows.items()}
    trial, versions = recipe_of(plain, numbered, chosen=recipe.criteria, also=recipe.also)
    check_recipe(trial, catalogue)
    study = build_study(trial, catalogue, StoredReader(store, versions), report=report)
    with store.writing(who) as change:
        beside, kept = keep_beside(change, recipe)
        studies.add_study(change, study_id, said | beside, criteria=own)
        for criteria in kept:
            reason = f"{path.name}: also"
            editions.add(change, study_id, criteria, previous=criteria.hash, reason=reason)
        for row in rows.values():
            studies.add_version(change, study_id, **row)
    return study_id, study
