"""GeoJSON, read with the standard library alone: no driver sees the file, so none can follow a link in it."""

import json
import re

import numpy as np
import shapely

from gis.errors import IntakeError, Problem
from gis.intake.reports import counted
from gis.intake.sources import only_layer
from gis.intake.texts import decode_text
from gis.intake.vectors import column_of, finish

GEOMETRIES = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
    "GeometryCollection": None,
}
"""Type to how many lists its positions lie in."""

DEFAULT_CRS = "EPSG:4326"
"""What RFC 7946 says: longitude and latitude on WGS 84."""


def read(source, request, limits):
    """The features of a GeoJSON file; see `child.read_vector` for what comes back."""
    collection, encoding, problems = _parsed(source, request.get("encoding"))
    only_layer(source, collection.get("name") if isinstance(collection.get("name"), str) else None)
    crs, found = named_crs(collection, source.name)
    problems += found
    features = _features(collection, source.name)
    if len(features) > limits.reader_rows:
        raise IntakeError("intake-rows", file=source.name, found=len(features), limit=limits.reader_rows)
    rows, kept, skipped = [], [], []
    for row, feature in enumerate(features, 1):
        if isinstance(feature, dict) and feature.get("type") == "Feature":
            rows.append(row)
            kept.append(feature)
        else:
            skipped.append((row, "not-a-feature"))
    wkb, found = _geometries(kept, rows)
    # A geometry that could not be used is told once, not again as missing.
    told = {row for code in ("geometry-unreadable", "geometry-not-finite") for row in found.get(code, ())}
    problems += [counted(code, where, file=source.name) for code, where in found.items()]
    problems += finish(
        source,
        _columns(kept),
        wkb,
        rows,
        wanted=request.get("columns"),
        told=told,
        restore=encoding == "utf-8",
        asked=request.get("encoding"),
    )
    return {
        "layer": source.stem,
        "encoding": encoding,
        "crs": crs,
        "rows_in": len(features),
        "rows_out": len(rows),
        "skipped": skipped,
        "problems": problems,
    }


def named_crs(collection, file):
    """The CRS of a collection and what to say about its `crs` member.

    Only plain names are taken; a link is never followed and leaves the CRS open.

    Returns
    -------
    crs : str or None
    problems : list of Problem
    """
    if "crs" not in collection:
        return DEFAULT_CRS, []
    member = collection["crs"]
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) and member.get("type") == "name" else None
    if isinstance(name, str):
        if re.fullmatch(r"(urn:ogc:def:crs:)?OGC:([\d.]*:)?CRS84|CRS84", name.strip(), re.IGNORECASE):
            return DEFAULT_CRS, []
        code = re.fullmatch(r"(urn:ogc:def:crs:)?EPSG:[\d.]*:?(\d{4,6})", name.strip(), re.IGNORECASE)
        if code:
            crs = f"EPSG:{code[2]}"
            return crs, [Problem("intake-geojson-crs", {"file": file, "crs": crs}, "note")]
    return None, [Problem("intake-geojson-crs-dropped", {"file": file}, "warning")]


def _parsed(source, asked):
    octets = source.path.read_bytes()
    text, encoding, problems = decode_text(octets, source.name, asked=asked)
    try:
        collection = json.loads(text)
        # A letter written as half of a surrogate pair has no UTF-8 form.
        if "\\ud" in text or "\\uD" in text:
            json.dumps(collection, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise IntakeError("intake-damaged", file=source.name, reason="\\ud…") from None
    except RecursionError:
        raise IntakeError("intake-too-deep", file=source.name) from None
    except ValueError as error:
        reason = (
            f"{error.msg}, {error.lineno}:{error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else str(error)
        )
        raise IntakeError("intake-damaged", file=source.name, reason=reason) from None
    if not isinstance(collection, dict):
        raise IntakeError("intake-geojson-shape", file=source.name)
    return collection, encoding, problems


def _features(collection, file):
    kind = collection.get("type")
    if kind == "FeatureCollection" and isinstance(collection.get("features"), list):
        return collection["features"]
    if kind == "Feature":
        return [collection]
    if isinstance(kind, str) and kind in GEOMETRIES:
        return [{"type": "Feature", "properties": {}, "geometry": collection}]
    raise IntakeError("intake-geojson-shape", file=file)


def _columns(features):
    names = {}
    properties = [
        feature.get("properties") if isinstance(feature.get("properties"), dict) else {}
        for feature in features
    ]
    for values in properties:
        names.update(dict.fromkeys(values))
    columns = [(name, column_of([values.get(name) for values in properties])) for name in names]
    if "id" not in names and any(isinstance(feature.get("id"), str | int) for feature in features):
        columns.insert(0, ("id", column_of([feature.get("id") for feature in features])))
    return columns


def _geometries(features, rows):
    texts, found = [], {"geometry-unreadable": [], "geometry-not-finite": [], "geometry-ring-closed": []}
    for row, feature in zip(rows, features, strict=True):
        geometry, text = feature.get("geometry"), None
        if geometry is not None and not _well_formed(geometry):
            found["geometry-unreadable"].append(row)
        elif geometry is not None:
            if _close_rings(geometry):
                found["geometry-ring-closed"].append(row)
            try:
                text = json.dumps(geometry, allow_nan=False)
            except ValueError:
                found["geometry-not-finite"].append(row)
        texts.append(text)
    shapes = shapely.from_geojson(np.array(texts + [None], dtype=object)[:-1], on_invalid="ignore")
    lost = shapely.is_missing(shapes) & np.array([text is not None for text in texts], dtype=bool)
    found["geometry-unreadable"] += [row for row, is_lost in zip(rows, lost, strict=True) if is_lost]
    return list(shapely.to_wkb(shapes)), {code: sorted(where) for code, where in found.items() if where}


def _well_formed(geometry, depth=0):
    if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str) or depth > 8:
        return False
    if geometry["type"] == "GeometryCollection":
        members = geometry.get("geometries")
        return isinstance(members, list) and all(_well_formed(member, depth + 1) for member in members)
    nesting = GEOMETRIES.get(geometry["type"])
    return nesting is not None and _positions(geometry.get("coordinates"), nesting)


def _positions(values, nesting):
    if not isinstance(values, list):
        return False
    if nesting:
        return all(_positions(value, nesting - 1) for value in values)
    return not values or (
        len(values) >= 2
        and all(type(value) is float or (type(value) is int and abs(value) < 2**63) for value in values)
    )


def _close_rings(geometry):
    """Close open rings in place; whether there were any."""
    kind, closed = geometry["type"], False
    if kind == "GeometryCollection":
        return any([_close_rings(member) for member in geometry["geometries"]])
    if kind in ("Polygon", "MultiPolygon"):
        polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
        for ring in (ring for polygon in polygons for ring in polygon):
            if len(ring) >= 3 and ring[0] != ring[-1]:
                ring.append(ring[0])
                closed = True
    return closed
