"""Shapes as the map in the page draws them: GeoJSON in degrees, no finer than its size allows."""

import json

import numpy as np
import shapely

GEOJSON = "application/geo+json"
COARSEST_M = 1600.0
SCREEN_PX = 1400
"""The finest border worth sending moves by about one pixel when what is sent fills this width."""


def coarser(draw, tolerance, most_bytes, *, size=lambda payload: len(payload.body)):
    """What `draw(tolerance)` gives at the first tolerance, in metres, that makes it small enough."""
    while True:
        drawn = draw(tolerance)
        excess = size(drawn) / most_bytes
        if excess <= 1 or tolerance >= COARSEST_M:
            return drawn
        tolerance *= min(max(1.6, excess**1.5), 6.0)


def collection(geometries, properties):
    """GeoJSON text of geometries in degrees with five decimals, about a metre; NaN among the properties is a fault."""
    shapes = shapely.transform(np.asarray(geometries, dtype=object), lambda xy: np.round(xy, 5))
    features = (
        f'{{"type":"Feature","properties":{json.dumps(known, allow_nan=False, ensure_ascii=False, separators=(",", ":"))},'
        f'"geometry":{text or "null"}}}'
        for known, text in zip(properties, shapely.to_geojson(shapes), strict=True)
    )
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"
