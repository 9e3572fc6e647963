"""KML: placemarks with their folder and their data; links, pictures and styles are named and not followed."""

import numpy as np
import shapely

from gis.errors import IntakeError, Problem
from gis.intake.reports import counted
from gis.intake.sources import only_layer
from gis.intake.vectors import column_of, finish
from gis.intake.xmltext import child, parsed, stripped, tag, text_of

CRS = "EPSG:4326"
"""KML knows no other: longitude, latitude."""

LINKS = ("NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay", "Model")
SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model")
CONTAINERS = ("Document", "Folder", "kml", "Create", "Change", "Update")


def read(source, request, limits):
    """The placemarks of a KML file; see `child.read_vector` for what comes back.

    Columns: ``name``, ``description``, ``folder`` (path of the folders it lies in) and one for each piece of
    extended data. A `layer` may be a folder; without one all placemarks come, for many programs make a folder
    for each kind of line.
    """
    root = parsed(source)
    found, linked, folders = [], {}, []
    _collect(root, (), found, linked, folders)
    if source.pick in folders and source.pick != source.stem:
        found = [(path, placemark) for path, placemark in found if source.pick in path]
        layer = source.pick
    else:
        document = child(root, "Document")
        only_layer(source, None if document is None else text_of(document, "name"), folders)
        layer = source.stem
    if len(found) > limits.reader_rows:
        raise IntakeError("intake-rows", file=source.name, found=len(found), limit=limits.reader_rows)
    rows = list(range(1, len(found) + 1))
    wkb, spoilt = _geometries(found)
    problems = [
        Problem("intake-kml-links", {"file": source.name, "count": count, "kind": kind}, "note")
        for kind, count in sorted(linked.items())
    ]
    problems += [counted(code, where) for code, where in spoilt.items() if where]
    told = {row for where in spoilt.values() for row in where}
    problems += finish(source, _columns(found), wkb, rows, wanted=request.get("columns"), told=told)
    return {
        "layer": layer,
        "encoding": "utf-8",
        "crs": CRS,
        "rows_in": len(rows),
        "rows_out": len(rows),
        "skipped": [],
        "problems": problems,
    }


def _collect(element, path, found, linked, folders):
    """Every placemark with the names of the folders around it."""
    for inner in element:
        kind = tag(inner)
        if kind == "Placemark":
            found.append((path, inner))
        elif kind in LINKS:
            linked[kind] = linked.get(kind, 0) + 1
        elif kind in CONTAINERS:
            name = text_of(inner, "name") if kind == "Folder" else None
            if name:
                folders.append(name)
            _collect(inner, (*path, name) if name else path, found, linked, folders)


def _columns(found):
    records = []
    for path, placemark in found:
        record = {
            "name": text_of(placemark, "name"),
            "description": text_of(placemark, "description"),
            "folder": "/".join(path) or None,
        }
        for name, value in _data(placemark):
            record.setdefault(name, value)
        records.append(record)
    names = {"name": None, "description": None, "folder": None}
    for record in records:
        names.update(dict.fromkeys(record))
    return [(name, column_of([record.get(name) for record in records])) for name in names]


def _data(placemark):
    extended = child(placemark, "ExtendedData")
    for entry in () if extended is None else extended.iter():
        if tag(entry) == "Data" and entry.get("name"):
            yield entry.get("name"), text_of(entry, "value")
        elif tag(entry) == "SimpleData" and entry.get("name"):
            yield entry.get("name"), stripped(entry)


def _geometries(found):
    shapes, spoilt = [], {"geometry-unreadable": [], "geometry-not-finite": [], "geometry-ring-closed": []}
    for row, (_, placemark) in enumerate(found, 1):
        shape = None
        try:
            closed = []
            parts = [_shape(inner, closed) for inner in placemark if tag(inner) in SHAPES]
            parts = [part for part in parts if part is not None]
            shape = parts[0] if len(parts) == 1 else _together(parts)
            if closed:
                spoilt["geometry-ring-closed"].append(row)
        except (ValueError, OverflowError, shapely.errors.ShapelyError):
            spoilt["geometry-unreadable"].append(row)
        if shape is not None and not np.isfinite(shapely.get_coordinates(shape)).all():
            spoilt["geometry-not-finite"].append(row)
            shape = None
        shapes.append(shape)
    return shapely.to_wkb(np.array([*shapes, None], dtype=object)[:-1]), spoilt


def _shape(element, closed):
    kind = tag(element)
    if kind in ("Point", "LineString", "LinearRing"):
        positions = _positions(child(element, "coordinates"))
        if not len(positions):
            return None
        return shapely.points(positions[0]) if kind == "Point" else shapely.linestrings(positions)
    if kind == "Track":
        values = [stripped(inner) for inner in element if tag(inner) == "coord"]
        positions = [[float(number) for number in value.split()[:2]] for value in values if value]
        return shapely.linestrings(positions) if positions else None
    if kind == "Polygon":
        outer = _ring(child(element, "outerBoundaryIs"), closed)
        holes = [_ring(inner, closed) for inner in element if tag(inner) == "innerBoundaryIs"]
        holes = [hole for hole in holes if hole is not None]
        return None if outer is None else shapely.polygons(outer, holes or None)
    if kind in ("MultiGeometry", "MultiTrack"):
        return _together([part for inner in element if (part := _shape(inner, closed)) is not None])
    return None


def _ring(boundary, closed):
    positions = [] if boundary is None else _positions(_ring_coordinates(boundary))
    if not len(positions):
        return None
    if len(positions) > 2 and tuple(positions[0]) != tuple(positions[-1]):
        positions = np.vstack([positions, positions[:1]])
        closed.append(True)
    return shapely.linearrings(positions)


def _ring_coordinates(boundary):
    ring = child(boundary, "LinearRing")
    return None if ring is None else child(ring, "coordinates")


def _positions(element):
    """Longitude and latitude of each tuple; the height is left off."""
    text = stripped(element)
    if text is None:
        return np.empty((0, 2))
    pairs = [position.split(",")[:2] for position in text.split()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(text[:20])
    return np.array(pairs, dtype=float)


def _together(parts):
    """One multi-geometry where all parts are of one kind, a collection where not."""
    if not parts:
        return None
    multi = {0: shapely.multipoints, 1: shapely.multilinestrings, 3: shapely.multipolygons}
    kinds = {int(shapely.get_type_id(part)) for part in parts}
    if len(kinds) == 1 and (make := multi.get(kinds.pop())):
        return make(parts)
    return shapely.geometrycollections(parts)
