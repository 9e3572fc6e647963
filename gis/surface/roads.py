"""How fast one goes on each road: on foot, by bicycle, by motorbike or car, in the dry season and in the rains."""

from types import MappingProxyType

import numpy as np
import pandas as pd

from gis.rasters import line_cells
from gis.surface.marks import BRIDGED, ROAD
from gis.surface.water import is_open

ROAD_SHARE = MappingProxyType({"path": 0.8, "field": 0.9, "earth": 0.9})
"""Walking speed by class or surface of the road as a share of that on a good road; assumed, not surveyed."""
BICYCLE_KMH = MappingProxyType({"asphalt": 14.0, "concrete": 14.0, "gravel": 10.0, "earth": 8.0})
"""Riding a bicycle on the flat by surface, in the dry season; assumed. On a footpath it is pushed."""
BICYCLE_WET = MappingProxyType({"asphalt": 0.9, "concrete": 0.9, "gravel": 0.8, "earth": 0.5})
"""The share of it that is left in the rains; assumed."""
USUAL_CLASS = "village"
USUAL_SURFACE = MappingProxyType(
    {"national": "asphalt", "provincial": "asphalt", "district": "asphalt", "field": "earth", "path": "earth"}
)
"""Surface of a road of which none is recorded, by its class; gravel on all others. A class that is not recorded is
taken for `USUAL_CLASS`. Both are assumed, and the roads that rest on it are counted."""
OVER = ("bridge", "tunnel")


def road_kmh(roads, *, mode, season, speeds, walk_kmh):
    """Speed on each road of a layer, km/h, and how many of them rest on an assumed class or surface.

    Parameters
    ----------
    roads : GeoDataFrame
        Columns ``class``, ``surface`` and ``all_season`` as in `layers/roads.yaml`, each where it is known.
    mode, season : str
    speeds : Mapping
        ``speeds[class][surface][season][mode]`` in km/h, as the catalogue's layer of roads has them.
    walk_kmh : float

    Returns
    -------
    kmh : array of float
        At least that on foot: what cannot be ridden is walked. A road that is not passable in the wet season is
        walked then.
    assumed : int
    """
    kmh = walk_kmh * _share(roads)
    if mode == "walk" or not len(roads):
        return kmh, 0
    kind, paved = (_column(roads, name) for name in ("class", "surface"))
    known, recorded = kind.isin(list(speeds)), paved.isin(list(BICYCLE_KMH))
    kind = kind.where(known, USUAL_CLASS)
    paved = paved.where(recorded, kind.map(lambda each: USUAL_SURFACE.get(each, "gravel")))
    ridden = {pair: _riding(*pair, mode, season, speeds) for pair in set(zip(kind, paved, strict=True))}
    riding = np.array([ridden[pair] for pair in zip(kind, paved, strict=True)])
    if season == "wet" and "all_season" in roads:
        riding[(roads["all_season"] == 0).to_numpy()] = 0
    return np.maximum(kmh, riding), int((~(known & recorded)).sum())


def _riding(kind, paved, mode, season, speeds):
    if mode != "bicycle":
        return float(speeds[kind][paved][season][mode])
    if kind == "path":
        return 0.0
    return BICYCLE_KMH[paved] * (BICYCLE_WET[paved] if season == "wet" else 1.0)


def fastest_ride_kmh(mode, season, speeds):
    """The fastest that one rides on any road there could be."""
    if mode == "walk":
        return 0.0
    return max(_riding(kind, paved, mode, season, speeds) for kind in speeds for paved in speeds[kind])


def _share(roads):
    """The share of the walking speed of each road: the least that its class and its surface say."""
    share = np.ones(len(roads))
    for column in ("class", "surface"):
        if column in roads:
            share = np.minimum(share, roads[column].map(ROAD_SHARE).fillna(1.0).to_numpy(dtype=float))
    return share


def _column(roads, name):
    """A column of text, without any where the layer lacks it."""
    return roads[name].astype(object) if name in roads else pd.Series(None, index=roads.index, dtype=object)


def mark_roads(marks, pace, grid, roads, paces, season):
    """Mark in place the cells of roads, the fastest of a cell in `pace`, and those that bridges take over water.

    Parameters
    ----------
    marks, pace : arrays
        Of the shape of `grid`.
    grid : Raster
    roads : GeoDataFrame
    paces : array of int
        Of each road; the larger the faster.
    season : str
        A road through a ford is none there when the ford is closed.
    """
    shapes = roads.geometry.to_numpy()
    structure = _column(roads, "structure")
    usable = is_open(roads, season) | ~structure.isin(["ford"]).to_numpy()
    for each in np.unique(paces):
        chosen = (paces == each) & usable
        cells = line_cells(grid, shapes[chosen])[:2]
        pace[cells] = np.maximum(pace[cells], each)
        marks[cells] |= ROAD
    marks[line_cells(grid, shapes[structure.isin(OVER).to_numpy()])[:2]] |= BRIDGED
