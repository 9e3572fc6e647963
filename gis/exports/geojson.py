"""GeoJSON by RFC 7946: longitude and latitude on WGS 84, right-hand rings, null where there is no shape."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from gis.exports._origin import dictionary, run_table
from gis.exports._report import ExportReport, same
from gis.exports._wide import wide_table
from gis.files import replacing
from gis.registry import exporter

DIGITS = 7
"""About a centimetre, which is finer than the metre that VN-2000 to WGS 84 is known to."""


@exporter(suffix=".geojson", mimetype="application/geo+json", vi="GeoJSON (WGS 84)", en="GeoJSON (WGS 84)")
def geojson(review, path, *, language="vi", select=None):
    """One feature a village; the dictionary and the run are members of the collection."""
    path = Path(path)
    wide = wide_table(review, language, select)
    meaning = dictionary(wide.columns)
    records = wide.table.astype("object").where(wide.table.notna(), None).to_dict("records")
    features = [
        {"type": "Feature", "id": record["village_id"], "geometry": shape, "properties": record}
        for record, shape in zip(records, geojson_shapes(wide.geometry, len(records)), strict=True)
    ]
    collection = {
        "type": "FeatureCollection",
        "run": run_table(review, language).to_dict("records"),
        "dictionary": meaning.to_dict("records"),
        "features": features,
    }
    with replacing(path) as fresh:
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(collection, file, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        found = json.loads(fresh.read_text(encoding="utf-8"), parse_constant=_refuse)["features"]
        same(
            wide.table,
            pd.DataFrame([one["properties"] for one in found], columns=wide.table.columns),
            path.name,
        )
    return ExportReport(path, "geojson", len(features), (path,), meaning)


def geojson_shapes(geometry, count):
    """The shapes as plain data on WGS 84, right-hand rings; None where there is none."""
    if geometry is None or geometry.crs is None:
        return [None] * count
    shapes = shapely.orient_polygons(geometry.to_crs(4326).to_numpy(), exterior_cw=False)
    shapes = shapely.transform(shapes, lambda points: np.round(points, DIGITS))
    return [None if shape is None else shapely.geometry.mapping(shape) for shape in shapes]


def _refuse(token):
    raise ValueError(token)
