"""What the map in the page draws: simple outlines, the table beside them, and the layers laid over."""

from dataclasses import replace

import geopandas as gpd
import shapely
from flask import Blueprint

from gis.geometry import simplify_shared
from gis.travel.warming import load_loops
from gis.web import leveldata, reliefs, whole
from gis.web.guard import Refused
from gis.web.home import layers_on_map, ready
from gis.web.layerlooks import looks_of
from gis.web.levels import is_large
from gis.web.payload import pack, pack_json, send
from gis.web.shapes import GEOJSON, SCREEN_PX, coarser, collection
from gis.web.texts import language

MOST_BYTES, MOST_COMMUNE_BYTES = 100_000, 40_000
"""Compressed size of the outlines: with Leaflet, the page and the verdicts of `levels.MOST_WHOLE` villages the
first map stays below 300 kB."""

MOST_LAYER_BYTES = 190_000
pages = Blueprint("mapdata", __name__)


@pages.get("/studies/<study_id>/map.geojson")
def outlines(study_id):
    """Village outlines as coarse as the map allows; a point where a village has no outline."""
    standing = ready(study_id)
    if is_large(standing.review):
        raise Refused(404, "levels-too-many", villages=len(standing.review.study.villages), study=study_id)
    return send(standing.prepared(("map",), lambda: _village_outlines(standing.review)))


@pages.get("/studies/<study_id>/map.json")
def table(study_id):
    """Names and verdicts of every village, for colouring, searching and the table; of very many, their levels."""
    standing = ready(study_id)
    reader = language()
    if is_large(standing.review):
        make = lambda: pack_json(leveldata.beginning(standing, reader))  # noqa: E731
    else:
        make = lambda: pack_json(whole.map_table(standing.review, reader))  # noqa: E731
    return send(standing.prepared(("table", reader), make))


@pages.get("/studies/<study_id>/communes.geojson")
def communes(study_id):
    """Commune outlines, the map's own base."""
    standing = ready(study_id)
    return send(standing.prepared(("communes",), lambda: _commune_outlines(standing.review)))


@pages.get("/studies/<study_id>/layers/<layer_id>.geojson")
def layer(study_id, layer_id):
    """One infrastructure layer with names and kinds."""
    standing = ready(study_id)
    if layer_id not in {row["id"] for row in layers_on_map(standing.review)}:
        raise Refused(404, "web-no-layer", layer=layer_id[:60])
    reader = language()
    make = lambda: _layer(standing.review, layer_id, reader)  # noqa: E731
    return send(standing.prepared(("layer", layer_id, reader), make))


def finest_m(review):
    """The tolerance at which simplifying cannot be seen with the whole study on the screen."""
    known = review.study.villages["point"].dropna()
    if not len(known):
        return 0.0
    west, south, east, north = gpd.GeoSeries(known).total_bounds
    return max(east - west, north - south, 1000.0) / SCREEN_PX


def prepare(standing):
    """Make what the first reader of a study would otherwise wait for."""
    if is_large(standing.review):
        leveldata.prepare(standing)
    else:
        standing.prepared(("map",), lambda: _village_outlines(standing.review))
    standing.prepared(("communes",), lambda: _commune_outlines(standing.review))
    # the review keeps it once it was asked for
    len(standing.review.disagreements)
    if "elevation" in standing.review.study.layers:
        reliefs.prepared(standing)
        load_loops()


def _village_outlines(review):
    def draw(tolerance):
        frame = review.geometry(tolerance)
        return pack(collection(frame.geometry, [{"id": id_} for id_ in frame.index]), GEOJSON)

    return coarser(draw, finest_m(review), MOST_BYTES)


def _commune_outlines(review):
    frame = review.study.communes
    frame = frame[frame.geometry.notna()] if frame is not None and len(frame) else None
    if frame is None or not len(frame):
        return pack(collection([], []), GEOJSON)
    shapes = frame.geometry.to_numpy()
    places = gpd.GeoSeries(shapely.point_on_surface(shapes), frame.index, crs=frame.crs).to_crs(4326)
    known = [
        {"id": id_, "name": name or id_, "x": round(place.x, 5), "y": round(place.y, 5)}
        for id_, name, place in zip(frame.index, frame["name"], places, strict=True)
    ]

    def draw(tolerance):
        simple = gpd.GeoSeries(simplify_shared(shapes, tolerance), frame.index, crs=frame.crs)
        return pack(collection(simple.to_crs(4326), known), GEOJSON)

    return coarser(draw, finest_m(review) * 2, MOST_COMMUNE_BYTES)


def _layer(review, layer_id, reader):
    data = review.study.layers[layer_id]
    frame = data.frame[data.frame.geometry.notna()].sort_index()
    rows = frame.drop(columns="geometry").to_dict("records")
    looks = looks_of(replace(data, frame=frame))
    known = [_thing(data.layer, row, reader) | {"look": look} for row, look in zip(rows, looks, strict=True)]
    if data.layer.geometry == "point":
        return pack(collection(frame.geometry.to_crs(4326), known), GEOJSON)

    def draw(tolerance):
        return pack(collection(frame.geometry.simplify(tolerance).to_crs(4326), known), GEOJSON)

    return coarser(draw, finest_m(review), MOST_LAYER_BYTES)


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
