"""Evidence of a village: taking documents and photos in, and holding a photo's own place and time against it."""

import tempfile
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import shapely

from gis.crs import WGS84
from gis.errors import IntakeError, StoreError
from gis.store import evidence
from gis.workflows.stored import plain_name

TOLERANCE_M = 500
"""So far beyond the outline of its village a photo still counts as taken there: phones are off by tens of metres
under trees, and a village's road or school often lies just over its border."""

TOLERANCE_FROM_POINT_M = 2000
"""The same where only a point of the village is known."""

LONGEST_NAME, LONGEST_NOTE = 200, 500


@dataclass(frozen=True)
class Added:
    """What became of a file.

    Attributes
    ----------
    number : int
        Of the piece of evidence.
    is_new : bool
        False where the very same content stood there already for the same village, criterion and year.
    notes : tuple of str
        Codes of what the photo says that cannot be.
    alike : tuple of dict
        Other pieces with the very same content, such as one photo for two villages.
    """

    number: int
    is_new: bool
    notes: tuple = ()
    alike: tuple = ()


@dataclass(frozen=True)
class Place:
    """Where a photo says it was taken, beside its village.

    Attributes
    ----------
    word : str
        ``inside``, ``near`` (within the tolerance), ``away``, or ``unknown`` where the village has no place.
    distance_m : float or None
        From the outline of the village, or from its point where it has none.
    other : str or None
        The village in whose outline it lies instead.
    from_point : bool
        Whether the distance is from the village's point.
    year : str or None
        ``same``, ``earlier`` or ``later`` than the year the evidence is for; None where one is not known.
    """

    word: str | None
    distance_m: float | None = None
    other: str | None = None
    from_point: bool = False
    year: str | None = None


def add_evidence(
    store, reader, study_id, village, name, pieces, *, who, limit_mb, criterion=None, year=None, note=None
):
    """Take a document or photo in; the original is kept as it is.

    Parameters
    ----------
    store : Store
    reader : Reader
        The door to foreign files.
    name : str
        How its owner calls it; shown, and never used as a path.
    pieces : iterable of bytes
        The content as it arrives.
    limit_mb : float

    Returns
    -------
    Added

    Raises
    ------
    IntakeError
        If it is no document or photo that can be evidence, or damaged.
    StoreError
        If it is too large or empty, or cannot be kept. Nothing is kept then.
    """
    note = " ".join(str(note or "").split())[:LONGEST_NOTE] or None
    found, content, size, name = keep_file(store, reader, name, pieces, limit_mb=limit_mb)
    preview = store.files.put_octets([found.preview])[0] if found.preview else None
    about = None if found.about is None else {**found.about, "notes": list(found.notes)}
    with store.writing(who) as change:
        alike = evidence.alike(change.connection, study_id, content)
        wanted = (village, criterion, year)
        for row in alike:
            if (row["village_id"], row["criterion"], row["year"]) == wanted:
                return Added(row["id"], False)
        number = evidence.attach(
            change,
            study_id,
            village,
            content=content,
            file=name,
            size=size,
            criterion=criterion,
            year=year,
            note=note,
            kind=found.kind,
            preview=preview,
            about=about,
        )
    return Added(number, True, found.notes, tuple(alike))


def keep_file(store, reader, name, pieces, *, limit_mb):
    """Look at a document or photo in the reading process and keep it; no record names it yet.

    Returns
    -------
    found : Attachment
    content : str
        Name of the stored file.
    size : int
        Bytes.
    name : str
        As it can be shown.

    Raises
    ------
    IntakeError, StoreError
        As `add_evidence`.
    """
    name = shown_name(name)
    with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
        path, size = Path(folder) / "tep", 0
        with open(path, "xb") as sink:
            for piece in pieces:
                size += len(piece)
                if size > limit_mb * 1_000_000:
                    raise StoreError("evidence-large", file=name, limit_mb=limit_mb)
                sink.write(piece)
        if not size:
            raise StoreError("store-upload-empty", file=name)
        try:
            found = reader.attachment(path)
        except IntakeError as fault:
            told = [replace(one, arguments={**one.arguments, "file": name}) for one in fault.problems]
            raise IntakeError(problems=told) from None
        with open(path, "rb") as file:
            content, size = store.files.put_octets(iter(lambda: file.read(1 << 20), b""))
    return found, content, size, name


def shown_name(name):
    """A file's name as it can be shown: its last part, without letters that are not seen or turn others around.

    Examples
    --------
    >>> shown_name("C:\\\\ảnh\\\\cầu\\u202egpj.exe"), shown_name("")
    ('cầugpj.exe', '-')
    """
    plain = "".join(letter for letter in plain_name(name or "") if unicodedata.category(letter)[0] != "C")
    return " ".join(plain.split())[:LONGEST_NAME] or "-"


def places(study, rows):
    """Where and when the photos among some evidence were taken, beside the village each stands for.

    Parameters
    ----------
    study : Study
    rows : list of Mapping
        As `gis.store.evidence.listed` gives them.

    Returns
    -------
    dict of int to Place
        By number, of photos that say where or when they were taken.
    """
    villages, found = study.villages, {}
    placed = [row for row in rows if row["about"] and row["about"]["lon"] is not None]
    points, with_place = {}, {row["id"] for row in placed}
    if placed and villages.crs is not None:
        degrees = gpd.points_from_xy(
            [row["about"]["lon"] for row in placed], [row["about"]["lat"] for row in placed]
        )
        metres = gpd.GeoSeries(degrees, crs=WGS84).to_crs(villages.crs)
        points = {row["id"]: point for row, point in zip(placed, metres, strict=True)}
        outline_tree = shapely.STRtree(villages.geometry.to_numpy())
    for row in rows:
        year = _year(row)
        point = points.get(row["id"])
        if point is not None and row["village_id"] in villages.index:
            around = [villages.index[at] for at in outline_tree.query(point, predicate="intersects")]
            found[row["id"]] = _place(villages.loc[row["village_id"]], row, point, sorted(around), year)
        elif year is not None or row["id"] in with_place:
            found[row["id"]] = Place("unknown" if row in placed else None, year=year)
    return found


def _place(village, row, point, around, year):
    shape, from_point = village["geometry"], False
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        shape, from_point = village["point"], True
    if shape is None:
        return Place("unknown", other=around[0] if around else None, year=year)
    distance = float(shape.distance(point))
    accuracy = row["about"].get("accuracy_m") or 0.0
    allowed = accuracy + (TOLERANCE_FROM_POINT_M if from_point else TOLERANCE_M)
    word = "inside" if not distance and not from_point else "near" if distance <= allowed else "away"
    others = [other for other in around if other != row["village_id"]]
    other = others[0] if others and word != "inside" else None
    return Place(word, distance, other, from_point, year)


def _year(row):
    taken = (row["about"] or {}).get("taken")
    if not taken or row["year"] is None:
        return None
    year = int(taken[:4])
    return "same" if year == row["year"] else "earlier" if year < row["year"] else "later"
