"""GPX: waypoints, routes and tracks, each a layer; links in the file are not followed."""

import numpy as np
import shapely

from gis.errors import IntakeError
from gis.intake.reports import counted
from gis.intake.vectors import column_of, finish
from gis.intake.xmltext import parsed, stripped, tag

LAYERS = {"waypoints": "wpt", "routes": "rte", "tracks": "trk"}
FACTS = ("name", "cmt", "desc", "src", "type", "sym", "number", "time", "ele")
CRS = "EPSG:4326"
"""GPX knows no other."""


def read(source, request, limits):
    """One layer of a GPX file; see `child.read_vector` for what comes back."""
    root = parsed(source)
    counts = {layer: sum(tag(inner) == kind for inner in root) for layer, kind in LAYERS.items()}
    layer = chosen(source, {name: count for name, count in counts.items() if count})
    records = [inner for inner in root if tag(inner) == LAYERS[layer]]
    if len(records) > limits.reader_rows:
        raise IntakeError("intake-rows", file=source.name, found=len(records), limit=limits.reader_rows)
    shapes, lost = [], []
    for row, record in enumerate(records, 1):
        try:
            shapes.append(_shape(record))
        except (TypeError, ValueError, OverflowError):
            shapes.append(None)
            lost.append(row)
    wkb = shapely.to_wkb(np.array([*shapes, None], dtype=object)[:-1])
    columns = [
        (fact, column_of(values))
        for fact in FACTS
        if any(values := [_fact(record, fact) for record in records])
    ]
    rows = list(range(1, len(records) + 1))
    problems = [counted("geometry-unreadable", lost)] if lost else []
    problems += finish(source, columns, wkb, rows, wanted=request.get("columns"), told=lost)
    return {
        "layer": layer,
        "encoding": "utf-8",
        "crs": CRS,
        "rows_in": len(rows),
        "rows_out": len(rows),
        "skipped": [],
        "problems": problems,
    }


def chosen(source, layers):
    """The layer asked for, or the only one that holds anything.

    Raises
    ------
    IntakeError
        If there is none, several and none named, or not the one named.
    """
    if not layers:
        raise IntakeError("intake-layers-none", file=source.name)
    pick = None if len(layers) == 1 and source.pick == source.stem else source.pick
    if pick is None and len(layers) > 1:
        raise IntakeError("intake-layers", file=source.name, layers=list(layers))
    if pick is not None and pick not in layers:
        raise IntakeError("intake-layer-missing", file=source.name, layer=pick, layers=list(layers))
    return pick or next(iter(layers))


def _fact(record, fact):
    return next((stripped(inner) for inner in record if tag(inner) == fact), None)


def _shape(record):
    kind = tag(record)
    if kind == "wpt":
        return shapely.points(_position(record))
    if kind == "rte":
        return _line([inner for inner in record if tag(inner) == "rtept"])
    segments = [
        _line([point for point in segment if tag(point) == "trkpt"])
        for segment in record
        if tag(segment) == "trkseg"
    ]
    segments = [segment for segment in segments if segment is not None]
    if not segments:
        return None
    return segments[0] if len(segments) == 1 else shapely.multilinestrings(segments)


def _line(points):
    """A line; None where a track was switched on and off at one place."""
    return shapely.linestrings([_position(point) for point in points]) if len(points) > 1 else None


def _position(point):
    return float(point.get("lon")), float(point.get("lat"))
