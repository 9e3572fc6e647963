"""How fast one goes on each road, on foot or riding, and where roads lie in the grid."""

from types import MappingProxyType

import numpy as np
import pandas as pd

from gis.rasters import line_cells
from gis.roadspeeds import OVER, fastest_kmh, road_speeds
from gis.surface.marks import BRIDGED, ROAD
from gis.surface.water import is_open

ROAD_SHARE = MappingProxyType({"path": 0.8, "field": 0.9, "earth": 0.9})
"""Walking speed by class or surface of the road as a share of that on a good road; assumed, not surveyed."""


def road_kmh(roads, *, mode, season, speeds, factors, walk_kmh):
    """Speed on each road of a layer, km/h, and how many of them rest on what nobody recorded.

    Parameters
    ----------
    roads : GeoDataFrame
    mode, season : str
    speeds, factors : Mapping
        As for `gis.roadspeeds.road_speeds`.
    walk_kmh : float

    Returns
    -------
    kmh : array of float
        At least that on foot: what cannot be ridden is walked.
    assumed : int
        0 for walking.
    """
    kmh = walk_kmh * _share(roads)
    if mode == "walk":
        return kmh, 0
    ridden, assumed = road_speeds(roads, speeds, mode=mode, season=season, factors=factors)
    return np.maximum(kmh, ridden), int(assumed.sum())


def fastest_ride_kmh(mode, season, speeds):
    """The fastest that one rides on any road there could be; 0 for walking."""
    return 0.0 if mode == "walk" else fastest_kmh(speeds, mode=mode, season=season)


def _share(roads):
    """The share of the walking speed of each road: the least that its class and its surface say."""
    share = np.ones(len(roads))
    for column in ("class", "surface"):
        if column in roads:
            share = np.minimum(share, roads[column].map(ROAD_SHARE).fillna(1.0).to_numpy(dtype=float))
    return share


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
    none = pd.Series(None, index=roads.index, dtype=object)
    structure = roads.get("structure", none)
    usable = is_open(roads, season) | ~structure.isin(["ford"]).to_numpy()
    for each in np.unique(paces):
        cells = line_cells(grid, shapes[(paces == each) & usable])[:2]
        pace[cells] = np.maximum(pace[cells], each)
        marks[cells] |= ROAD
    marks[line_cells(grid, shapes[structure.isin(OVER).to_numpy()])[:2]] |= BRIDGED
