"""What the map in the page draws: simple outlines, the table beside them, and the layers laid over."""

import json

import geopandas as gpd
import numpy as np
import shapely
from flask import Blueprint

from gis.geometry import simplify_shared
from gis.web import whole
from gis.web.guard import Refused
from gis.web.home import layers_on_map, ready
from gis.web.payload import pack, pack_json, send
from gis.web.texts import language

GEOJSON = "application/geo+json"
MOST_BYTES = 150_000
"""Compressed size of the outlines: with Leaflet and the rest the first page stays below 300 kB."""

MOST_LAYER_BYTES = 400_000
COARSEST_M = 1600.0
SCREEN_PX = 1400
"""The finest border worth sending moves by about one pixel when the whole study fills this width."""

pages = Blueprint("mapdata", __name__)


@pages.get("/studies/<study_id>/map.geojson")
def outlines(study_id):
    """Village outlines as coarse as the map allows; a point where a village has no outline."""
    standing = ready(study_id)
    return send(standing.prepared("map", lambda: _village_outlines(standing.review)))


@pages.get("/studies/<study_id>/map.json")
def table(study_id):
    """Names and verdicts of every village, for colouring, searching and the table."""
    standing = ready(study_id)
    reader = language()
    make = lambda: pack_json(whole.map_table(standing.review, reader))  # noqa: E731
    return send(standing.prepared(("table", reader), make))


@pages.get("/studies/<study_id>/communes.geojson")
def communes(study_id):
    """Commune outlines, the map's own base."""
    standing = ready(study_id)
    return send(standing.prepared("communes", lambda: _commune_outlines(standing.review)))


@pages.get("/studies/<study_id>/layers/<layer_id>.geojson")
def layer(study_id, layer_id):
    """One infrastructure layer with names and kinds."""
    standing = ready(study_id)
    if layer_id not in {row["id"] for row in layers_on_map(standing.review)}:
        raise Refused(404, "web-no-layer", layer=layer_id[:60])
    reader = language()
    return send(standing.prepared((layer_id, reader), lambda: _layer(standing.review, layer_id, reader)))


def finest_m(review):
    """The tolerance at which simplifying cannot be seen with the whole study on the screen."""
    known = review.study.villages["point"].dropna()
    if not len(known):
        return 0.0
    west, south, east, north = gpd.GeoSeries(known).total_bounds
    return max(east - west, north - south, 1000.0) / SCREEN_PX


def _village_outlines(review):
    tolerance = finest_m(review)
    while True:
        frame = review.geometry(tolerance)
        payload = pack(_collection(frame.geometry, [{"id": id_} for id_ in frame.index]), GEOJSON)
        if len(payload.body) <= MOST_BYTES or tolerance >= COARSEST_M:
            return payload
        tolerance *= 1.7


def _commune_outlines(review):
    frame = review.study.communes
    frame = frame[frame.geometry.notna()] if frame is not None and len(frame) else None
    if frame is None or not len(frame):
        return pack(_collection([], []), GEOJSON)
    simple = gpd.GeoSeries(
        simplify_shared(frame.geometry.to_numpy(), finest_m(review) * 2), frame.index, crs=frame.crs
    )
    places = gpd.GeoSeries(
        shapely.point_on_surface(frame.geometry.to_numpy()), frame.index, crs=frame.crs
    ).to_crs(4326)
    facts_ = [
        {"id": id_, "name": name or id_, "x": round(place.x, 5), "y": round(place.y, 5)}
        for id_, name, place in zip(frame.index, frame["name"], places, strict=True)
    ]
    return pack(_collection(simple.to_crs(4326), facts_), GEOJSON)


def _layer(review, layer_id, reader):
    data = review.study.layers[layer_id]
    frame = data.frame[data.frame.geometry.notna()].sort_index()
    known = [_thing(data.layer, row, reader) for row in frame.drop(columns="geometry").to_dict("records")]
    tolerance = finest_m(review)
    while True:
        shapes = frame.geometry if data.layer.geometry == "point" else frame.geometry.simplify(tolerance)
        payload = pack(_collection(shapes.to_crs(4326), known), GEOJSON)
        if len(payload.body) <= MOST_LAYER_BYTES or data.layer.geometry == "point" or tolerance >= COARSEST_M:
            return payload
        tolerance *= 2


def _thing(layer, row, reader):
    name = row.get("name")
    field = next((field for field in ("kind", "class", "surface") if field in layer.vocabularies), None)
    kinds = [row.get(field)] if field else []
    words = [
        _kind_word(layer, field, kind, reader)
        for several in kinds
        if isinstance(several, str)
        for kind in several.split()
    ]
    told = {"name": str(name) if name is not None and name == name else "", "kind": ", ".join(words)}
    return {key: text for key, text in told.items() if text}


def _kind_word(layer, field, kind, reader):
    known = layer.vocabularies[field].get(kind)
    return known[0].pick(reader) if known else kind


def _collection(geometries, properties):
    """GeoJSON text of geometries in degrees with five decimals, about a metre."""
    shapes = shapely.transform(np.asarray(geometries, dtype=object), lambda xy: np.round(xy, 5))
    features = (
        f'{{"type":"Feature","properties":{json.dumps(known, ensure_ascii=False, separators=(",", ":"))},'
        f'"geometry":{text or "null"}}}'
        for known, text in zip(properties, shapely.to_geojson(shapes), strict=True)
    )
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"
