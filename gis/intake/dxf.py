"""DXF drawings: points, lines or areas; a drawing has no CRS and other drawings it names are not opened."""

import re
import unicodedata

import numpy as np
import pyarrow as pa
import shapely

from gis.errors import IntakeError, Problem
from gis.intake.lettering import lettered
from gis.intake.vectors import finish

KINDS = ("points", "lines", "areas")
HEAD_BYTES = 65536
CODE_PAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+(\S+)")
VERSION = re.compile(rb"\$ACADVER\s+1\s+AC(\d+)")
UTF8_SINCE = 1021
"""Drawings of AutoCAD 2007 and later are UTF-8."""

BELIEVED = {"ANSI_1258": "cp1258", "ANSI_874": "cp874"}
"""Code pages that are believed; "ANSI_1252" stands over text of every encoding."""

ESCAPE, HELD = b"\\U+", b"\x02U+"
"""How a drawing writes a letter that its code page lacks, and how it passes the library, which undoes some."""

OPTIONS = {
    # Said to be what it gives out, text passes as it is.
    "DXF_ENCODING": "UTF-8",
    "DXF_CLOSED_LINE_AS_POLYGON": "YES",
    "DXF_MERGE_BLOCK_GEOMETRIES": "YES",
}


def read(source, request, limits):
    """One kind of entities of a drawing; see `child.read_vector` for what comes back.

    Without a `layer` the kind comes that there is most of. Entities of another kind are skipped by number. A
    text that lies inside an area becomes its ``Text``.
    """
    from gis.intake.drivers import read_bytes_as_letters, set_options

    if source.pick not in (None, source.stem, *KINDS):
        raise IntakeError("intake-layer-missing", file=source.name, layer=source.pick, layers=list(KINDS))
    set_options(OPTIONS)
    escaped = _hold_escapes(source.path)
    _, _, columns, wkb = read_bytes_as_letters(source.path, source.name, source.format.driver)
    count = len(wkb)
    if count > limits.reader_rows:
        raise IntakeError("intake-rows", file=source.name, found=count, limit=limits.reader_rows)
    columns, codec, problems = _texts(columns, source, request.get("encoding"), escaped)
    with np.errstate(invalid="ignore"):
        shapes = shapely.from_wkb(wkb.to_numpy(), on_invalid="ignore")
    dimensions = shapely.get_dimensions(shapes)
    kind, counts = _kind(dimensions, _labels(columns, count), source)
    taken = dimensions == KINDS.index(kind)
    if kind == "areas":
        columns = _named_by_texts(columns, shapes, taken)
    skipped = [(int(row) + 1, "dxf-other-kind") for row in np.flatnonzero(~taken)]
    if skipped and source.pick not in KINDS:
        problems.append(Problem("intake-dxf-kind", {"file": source.name, "kind": kind, **counts}))
    rows = [int(row) + 1 for row in np.flatnonzero(taken)]
    columns = [(name, values.filter(pa.array(taken))) for name, values in columns]
    problems += finish(source, columns, wkb.filter(pa.array(taken)), rows, wanted=request.get("columns"))
    return {
        "layer": kind,
        "encoding": codec,
        "crs": None,
        "rows_in": count,
        "rows_out": len(rows),
        "skipped": skipped,
        "problems": problems,
    }


def _kind(dimensions, labels, source):
    """The kind that was asked for, else the one there is most of; areas before lines before points.

    Labels are points that count only where there is nothing else.
    """
    counts = {kind: int((dimensions == number).sum()) for number, kind in enumerate(KINDS)}
    if not any(counts.values()):
        raise IntakeError("intake-layers-none", file=source.name)
    if source.pick in KINDS:
        if not counts[source.pick]:
            layers = [kind for kind in KINDS if counts[kind]]
            raise IntakeError("intake-layer-missing", file=source.name, layer=source.pick, layers=layers)
        return source.pick, counts
    drawn = counts | {"points": int(((dimensions == 0) & ~labels).sum())}
    return max(reversed(KINDS), key=drawn.get if any(drawn.values()) else counts.get), counts


def _labels(columns, count):
    texts = dict(columns).get("Text")
    return (
        np.zeros(count, dtype=bool)
        if texts is None
        else np.array([bool(t) for t in texts.to_pylist()], dtype=bool)
    )


def _hold_escapes(path):
    """Mark in the copy the letters written as codes; whether there are any."""
    octets = path.read_bytes()
    if ESCAPE not in octets:
        return False
    path.write_bytes(octets.replace(ESCAPE, HELD))
    return True


def _texts(columns, source, asked, escaped):
    """Columns with their text decoded, also the letters that the drawing writes as codes (\\U+1EA1)."""
    with open(source.path, "rb") as file:
        head = file.read(HEAD_BYTES)
    version, page = VERSION.search(head), CODE_PAGE.search(head)
    page = page[1].decode("latin-1").upper() if page else ""
    stated = BELIEVED.get(page)
    if version and int(version[1]) >= UTF8_SINCE:
        stated = "utf-8"
    elif escaped and re.fullmatch(r"ANSI_125\d", page):
        # Who writes letters beyond the code page as codes means the code page for the others.
        stated = f"cp{page[-4:]}"
    decoded, codec, problems = lettered(columns, source, asked, stated)
    if escaped:
        decoded = [
            (name, pa.array(list(map(_unescaped, values.to_pylist())), pa.string()))
            if pa.types.is_string(values.type)
            else (name, values)
            for name, values in decoded
        ]
    return decoded, codec, problems


def _unescaped(text):
    """A text with its letters in place of their codes, in composed letters (NFC)."""
    if text is None or HELD.decode() not in text:
        return text
    letters = re.sub(
        re.escape(HELD.decode()) + "([0-9A-Fa-f]{4})",
        lambda found: letter if not "\ud800" <= (letter := chr(int(found[1], 16))) <= "\udfff" else "\ufffd",
        text,
    )
    return unicodedata.normalize("NFC", letters)


def _named_by_texts(columns, shapes, areas):
    """Columns in which an area without a text has the one, or the ones, written inside it."""
    names = [name for name, _ in columns]
    if "Text" not in names:
        return columns
    place = names.index("Text")
    texts = columns[place][1].to_pylist()
    written = [
        row for row in np.flatnonzero(shapely.get_type_id(shapes) == 0) if texts[row] and texts[row].strip()
    ]
    own = np.flatnonzero(areas)
    valid = shapely.is_valid(shapes[own])
    inside, which = shapely.STRtree(shapes[own[valid]]).query(shapes[written], predicate="within")
    found = {}
    for text, area in zip(inside, which, strict=True):
        found.setdefault(int(own[valid][area]), []).append(texts[written[text]].strip())
    for area, labels in found.items():
        texts[area] = "; ".join(sorted(set(labels)))
    columns[place] = "Text", pa.array(texts, pa.string())
    return columns
