"""Shapefiles: their parts agree, and their text is read in its true encoding."""

import struct

import numpy as np

from gis.errors import IntakeError, Problem
from gis.intake.lettering import lettered
from gis.intake.sources import only_layer
from gis.intake.vectors import finish


def read(source, request, limits):
    """The features of a shapefile; see `child.read_vector` for what comes back."""
    from gis.intake.drivers import BYTE_FOR_BYTE, read_vector

    only_layer(source)
    count, deleted = _checked_counts(source, limits)
    layer, problems = (source.parts[".shp"], source.name, source.format.driver), []
    try:
        meta, table, wkb = read_vector(*layer, encoding=BYTE_FOR_BYTE)
    except IntakeError:
        if ".prj" not in source.parts:
            raise
        # A CRS that cannot be understood is asked for like a missing one; it does not spoil the rest.
        source.parts[".prj"].unlink()
        meta, table, wkb = read_vector(*layer, encoding=BYTE_FOR_BYTE)
        problems.append(Problem("intake-prj-unreadable", {"file": source.name}))
    if table.num_rows != count - len(deleted):
        found = {"shp": table.num_rows, "dbf": count - len(deleted)}
        raise IntakeError("intake-shapefile-counts", file=source.name, **found)
    raw = list(zip(table.schema.names, table.columns, strict=True))
    columns, codec, found = lettered(raw, source, request.get("encoding"), _stated(source))
    problems += found
    gone = set(deleted)
    rows = [row for row in range(1, count + 1) if row not in gone]
    problems += finish(source, columns, wkb, rows, wanted=request.get("columns"))
    return {
        "layer": source.stem,
        "encoding": codec,
        "crs": meta["crs"],
        "rows_in": count,
        "rows_out": len(rows),
        "skipped": [(row, "row-deleted") for row in deleted],
        "problems": problems,
    }


def _checked_counts(source, limits):
    """How many records all parts agree on, and the numbers of those marked as deleted in the .dbf."""
    octets = np.memmap(source.parts[".dbf"], dtype=np.uint8, mode="r")
    if len(octets) < 32:
        raise IntakeError("intake-damaged", file=source.name, reason=".dbf")
    count, header, width = struct.unpack("<IHH", bytes(octets[4:12]))
    if count > limits.reader_rows:
        raise IntakeError("intake-rows", file=source.name, found=count, limit=limits.reader_rows)
    if header < 33 or width < 1 or len(octets) < header + count * width:
        raise IntakeError("intake-damaged", file=source.name, reason=".dbf")
    with open(source.parts[".shp"], "rb") as file:
        (words,) = struct.unpack(">I", file.read(28)[24:].ljust(4, b"\0"))
    if source.parts[".shp"].stat().st_size < 2 * words:
        raise IntakeError("intake-damaged", file=source.name, reason=".shp")
    shapes = (source.parts[".shx"].stat().st_size - 100) // 8
    if shapes != count:
        raise IntakeError("intake-shapefile-counts", file=source.name, shp=max(shapes, 0), dbf=count)
    marks = octets[header : header + count * width].reshape(count, width)[:, 0]
    return count, [int(row) + 1 for row in np.flatnonzero(marks == ord("*"))]


def _stated(source):
    """What the .cpg says of the text, else the .cst."""
    for part in (".cpg", ".cst"):
        if part in source.parts:
            octets = source.parts[part].read_bytes()[:64]
            if said := octets.decode("ascii", "replace").strip("\ufeff\0 \r\n\t"):
                return said
    return None
