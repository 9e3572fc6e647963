"""What every vector format shares: plain columns, clean 2D geometry, row numbers, one Arrow file."""

import json
import math
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from gis.errors import IntakeError, Problem
from gis.intake.codepages import restore_letters
from gis.intake.reports import counted
from gis.intake.texts import REPLACEMENT, damaged_texts

MOST_COLUMNS = 2000
ATTRIBUTES_FILE, GEOMETRY_FILE = "attributes.arrow", "geometry.arrow"
BATCH_ROWS = 10_000
"""Geometries held as shapes at a time; the rest stays bytes."""

GEOMETRY_CODES = {
    "geometry-missing": "warning",
    "geometry-unreadable": "warning",
    "geometry-not-finite": "warning",
    "geometry-ring-closed": "warning",
    "geometry-flattened": "note",
}


def finish(source, columns, wkb, rows, *, wanted=None, told=(), restore=False, asked=None):
    """Write one layer as two Arrow files, attributes and geometry, and say what was found in it.

    Parameters
    ----------
    source : Source
    columns : list of (str, pa.Array)
        Attributes, each as long as `rows`.
    wkb : pa.ChunkedArray or sequence of (bytes or None)
    rows : sequence of int
        1-based number of each feature in its file.
    wanted : list of str, optional
        The only columns to keep.
    told : collection of int, optional
        Rows whose missing geometry has been reported already.
    restore : bool
        Whether the text may be of an old font that was stored as other letters; see `restore_letters`.
    asked : str, optional
        The owner's `encoding:`, for `restore`.

    Returns
    -------
    list of Problem

    Raises
    ------
    IntakeError
        If a wanted column is not there, or there are too many.
    """
    if len(columns) > MOST_COLUMNS:
        raise IntakeError("intake-columns-many", file=source.name, found=len(columns), limit=MOST_COLUMNS)
    restored = []
    if restore:
        columns, restored = _restored(columns, source.name, asked)
    named, problems = _named(columns, source.name)
    problems += restored
    if wanted is not None:
        missing = [name for name in wanted if name not in named]
        if missing:
            raise IntakeError("intake-columns-missing", file=source.name, columns=missing, found=list(named))
        named = {name: named[name] for name in wanted}
    plain = {name: _plain(values) for name, values in named.items()}
    binary = [name for name, values in plain.items() if values is None]
    if binary:
        problems.append(Problem("intake-columns-binary", {"file": source.name, "columns": binary}, "warning"))
    plain = {name: values for name, values in plain.items() if values is not None}
    problems += damaged_texts(_texts(plain, rows))
    plain["source_row"] = pa.array(rows, pa.int64())
    problems = clean_geometry(wkb, rows, source.folder / GEOMETRY_FILE, told) + problems
    table = pa.table(plain)
    with (
        pa.OSFile(str(source.folder / ATTRIBUTES_FILE), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    return [_in_file(problem, source.name) for problem in problems]


def clean_geometry(wkb, rows, path, told=()):
    """Write geometries as 2D WKB, None where there is nothing to draw, batch by batch.

    Nothing is repaired but a ring that was left open, since an open ring cannot even be held.

    Returns
    -------
    list of Problem
        How many are missing or empty, unreadable, not finite, closed here, or lost a third coordinate.
    """
    if not isinstance(wkb, pa.ChunkedArray):
        wkb = pa.chunked_array([pa.array(list(wkb), pa.binary())])
    numbers = np.asarray(rows, dtype=np.int64)
    found = {code: [] for code in GEOMETRY_CODES}
    schema = pa.schema([("geometry", pa.binary())])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for start in range(0, len(numbers), BATCH_ROWS):
            batch = wkb.slice(start, BATCH_ROWS)
            cleaned, masks = _cleaned(batch.to_numpy())
            for code, mask in masks.items():
                found[code] += numbers[start : start + BATCH_ROWS][mask].tolist()
            changed = any(mask.any() for mask in masks.values())
            whole = pa.array(cleaned, pa.binary()) if changed else batch.combine_chunks().cast(pa.binary())
            writer.write_batch(pa.record_batch([whole], schema))
    told = set(told)
    found["geometry-missing"] = [row for row in found["geometry-missing"] if row not in told]
    return [counted(code, found[code], severity) for code, severity in GEOMETRY_CODES.items() if found[code]]


def _cleaned(octets):
    """The geometries of one batch as 2D WKB, and which of them had what the matter."""
    given = np.array([value is not None for value in octets], dtype=bool)
    with np.errstate(invalid="ignore"):
        shapes = shapely.from_wkb(octets, on_invalid="ignore")
        open_rings = given & shapely.is_missing(shapes)
        if open_rings.any():
            shapes[open_rings] = shapely.from_wkb(octets[open_rings], on_invalid="fix")
        lost = given & shapely.is_missing(shapes)
        closed = open_rings & ~lost
        # An empty point in WKB is a point of NaN; it must not count as "not finite".
        empty = ~lost & (shapely.is_missing(shapes) | shapely.is_empty(shapes))
        high = shapely.has_z(shapes) | shapely.has_m(shapes)
        shapes[high] = shapely.force_2d(shapes[high])
    wild = ~empty & ~lost & ~_finite(shapes)
    shapes[empty | wild | lost] = None
    masks = {
        "geometry-missing": empty,
        "geometry-unreadable": lost,
        "geometry-not-finite": wild,
        "geometry-ring-closed": closed,
        "geometry-flattened": high,
    }
    return (shapely.to_wkb(shapes) if any(mask.any() for mask in masks.values()) else None), masks


def _finite(shapes):
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    good = np.ones(len(shapes), dtype=bool)
    # no foot or metre counts so far, and what is larger overflows in every length
    good[owners[~(np.abs(coordinates) < 1e9).all(axis=1)]] = False
    return good


def _restored(columns, file, asked):
    """Columns with the letters that an old font or a wrong reading had changed, names too."""
    marked = [_is_marked(values) for _, values in columns]
    texts = {name for name, _ in columns if name}
    for (_, values), is_marked in zip(columns, marked, strict=True):
        texts |= set(pc.unique(values).drop_null().to_pylist()) if is_marked else set()
    known, problems = restore_letters(texts, file, asked=asked)
    if not known:
        return columns, []
    restored = []
    for (name, values), is_marked in zip(columns, marked, strict=True):
        if is_marked:
            values = pa.array([known.get(value, value) for value in values.to_pylist()], pa.string())
        restored.append((known.get(name, name), values))
    return restored, problems


def _is_marked(values):
    """Whether a column is text with letters that are not ASCII."""
    if not pa.types.is_string(values.type):
        return False
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    buffers = [chunk.buffers()[2] for chunk in chunks]
    return any(found is not None and not found.to_pybytes().isascii() for found in buffers)


def _named(columns, file):
    named, renamed = {}, []
    for name, values in columns:
        name = unicodedata.normalize("NFC", name or "")
        free, count = name or "column", 1
        while free in named or free in ("geometry", "source_row"):
            count += 1
            free = f"{name or 'column'}_{count}"
        if free != name:
            renamed.append(f"{name} → {free}")
        named[free] = values
    return named, [
        Problem("intake-columns-renamed", {"file": file, "columns": renamed}, "note")
    ] if renamed else []


def _plain(values):
    """The column as bool, int64, float64 or string; None for binary content."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    kind = values.type
    if pa.types.is_string(kind):
        return _composed(values)
    if pa.types.is_boolean(kind):
        return values
    if pa.types.is_integer(kind):
        try:
            return values.cast(pa.int64())
        except pa.ArrowInvalid:
            return values.cast(pa.string())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return values.cast(pa.float64())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return None
    if pa.types.is_nested(kind):
        return _composed(pa.array([_json(value) for value in values.to_pylist()], pa.string()))
    if pa.types.is_null(kind):
        return values.cast(pa.string())
    if pa.types.is_temporal(kind):
        return pa.array([None if value is None else _iso(value) for value in values.to_pylist()], pa.string())
    return _composed(values.cast(pa.string()))


def _composed(values):
    """Text in composed letters (NFC), which is how everything here is compared."""
    letters = values.buffers()[2]
    return values if letters is None or letters.to_pybytes().isascii() else pc.utf8_normalize(values, "NFC")


def _iso(value):
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _json(value):
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _texts(columns, rows):
    """Rows of text, for a closer look; none where no column holds a replacement character at all."""
    texts = [values for values in columns.values() if pa.types.is_string(values.type) and _is_suspect(values)]
    return (
        zip(rows, zip(*(values.to_pylist() for values in texts), strict=True), strict=True) if texts else ()
    )


def _is_suspect(values):
    letters = values.buffers()[2]
    return letters is not None and REPLACEMENT.encode() in letters.to_pybytes()


def _in_file(problem, file):
    return Problem(problem.code, {"file": file, **problem.arguments}, problem.severity)


def column_of(values):
    """An Arrow column from plain values of one kind: bool, int, float or str; mixed ones become text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool}:
        return pa.array(values, pa.bool_() if kinds else pa.string())
    if kinds <= {int}:
        fits = all(value is None or -(2**63) <= value < 2**63 for value in values)
        return pa.array(values if fits else [None if v is None else str(v) for v in values])
    if kinds <= {int, float} and all(
        value is None or isinstance(value, float) or abs(value) <= 2**53 for value in values
    ):
        return pa.array(
            [None if v is None or not math.isfinite(v) else float(v) for v in values], pa.float64()
        )
    return pa.array(
        [value if value is None or isinstance(value, str) else _json(value) for value in values], pa.string()
    )
