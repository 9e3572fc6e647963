"""Approximate extents of villages that are known as points only."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.extents.straight import areal, nearest_cells, places_of
from gis.extents.walked import walked_cells

LIMIT_MIN = 60.0
"""How far on foot the ground of a village goes where no outline ends it; assumed."""


def approximate_villages(points, communes, *, travel=None, taken=None, limit_min=LIMIT_MIN):
    """For each village the part of its commune that is nearer to it than to any other village there.

    Parameters
    ----------
    points : GeoDataFrame
        Index village id; ``geometry`` the village's point or None in a projected CRS in metres,
        ``commune_id`` text or blank.
    communes : GeoDataFrame
        Outlines in the same CRS, index ``commune_id``.
    travel : Travel, optional
        The ground, in the same CRS. Nearer is then what takes less time on foot to the village, so that a
        river without a bridge or a ridge parts two villages; without it nearer is in a straight line.
    taken : Geometry, optional
        Ground that belongs to others for certain; no village without an outline has any of it.
    limit_min : float
        A village whose commune has no outline has the ground within this many minutes on foot, > 0.

    Returns
    -------
    GeoDataFrame
        Indexed like `points`: ``geometry`` (polygon or None), ``approximate`` (True wherever there is a
        polygon), ``by_time`` (True where it was made by times on foot), ``extent_doubt_m`` and ``extent``
        with the reason:

        - ``"cell"``: a cell of its own.
        - ``"shared"``: several villages stand on one place; each has the whole cell, not an invented half.
          By times on foot one place is one cell of the heights.
        - ``"whole"``: the only place in its commune has the whole outline.
        - ``"limited"``: no outline is known, so it ends at `limit_min`.
        - ``"outside"``: the point lies outside its commune, so it takes no part.
        - ``"no-commune"``: no outline and no ground to walk over; ``"no-point"``: nothing to make it of.

    Notes
    -----
    The cells of the places of a commune do not overlap and add up to its outline, but for ground that nobody of
    the commune can walk to: that is no village's. Where a village stands on ground of unknown height, its
    commune is parted in straight lines. ``extent_doubt_m`` is how far the true border may well be from the
    drawn one: half the distance to the nearest other place of the commune, since that border lies somewhere
    between the two; for the only place the radius of a circle as large as its extent; the greater of both where
    no outline is known; NaN without an extent.
    """
    count = len(points)
    cells = np.full(count, None, dtype=object)
    doubt, extent = np.full(count, np.nan), np.full(count, "no-point", dtype=object)
    by_time = np.zeros(count, dtype=bool)
    shapes = points.geometry.to_numpy()
    placed = shapely.get_dimensions(shapes) == 0
    outlines = communes.geometry[shapely.get_dimensions(communes.geometry.to_numpy()) == 2]
    home = pd.Index(outlines.index).get_indexer(points["commune_id"])
    extent[placed] = "no-commune"
    for at in np.unique(home[placed & (home >= 0)]):
        rows = np.flatnonzero(placed & (home == at))
        whole = outlines.iloc[at]
        within = shapely.intersects(whole, shapes[rows])
        extent[rows[~within]] = "outside"
        rows = rows[within]
        if len(rows):
            cells[rows], doubt[rows], extent[rows], by_time[rows] = _divide(whole, shapes[rows], travel)
    rows = np.flatnonzero(placed & (home < 0))
    if travel is not None and len(rows):
        cells[rows], doubt[rows], extent[rows] = _spread(shapes[rows], travel, taken, limit_min)
        by_time[rows] = ~shapely.is_missing(cells[rows])
    return gpd.GeoDataFrame(
        {
            "approximate": ~shapely.is_missing(cells),
            "by_time": by_time,
            "extent_doubt_m": doubt,
            "extent": extent,
            "geometry": gpd.GeoSeries(cells, index=points.index, crs=points.crs),
        },
        index=points.index,
        crs=points.crs,
    )


def _divide(whole, shapes, travel):
    """Cells, doubt, reason and whether by time, of the villages of one outline."""
    place, sites = places_of(shapely.get_coordinates(shapes))
    if len(sites) == 1:
        radius = np.sqrt(shapely.area(whole) / np.pi)
        word = "shared" if len(place) > 1 else "whole"
        count = len(shapes)
        return np.full(count, whole), np.full(count, radius), np.full(count, word), False
    group, found = walked_cells(sites, travel, bounds=shapely.bounds(whole)) if travel else (None, None)
    by_time = travel is not None and (group >= 0).all()
    if by_time:
        found = _cut(found, shapely.intersection, whole)
    else:
        group, found = np.arange(len(sites)), nearest_cells(whole, sites)
    return found[group[place]], _half_way(sites)[place], _words(group[place], "cell"), by_time


def _spread(shapes, travel, taken, limit_min):
    """Cells, doubt and reason of villages in no outline; None where nobody can walk."""
    place, sites = places_of(shapely.get_coordinates(shapes))
    group, found = walked_cells(sites, travel, limit_min=limit_min)
    found = found if taken is None else _cut(found, shapely.difference, taken)
    cells = np.append(found, None)[group[place]]
    doubt = np.fmax(np.sqrt(shapely.area(cells) / np.pi), _half_way(sites)[place])
    gone = shapely.is_missing(cells)
    return cells, np.where(gone, np.nan, doubt), np.where(gone, "no-commune", _words(group[place], "limited"))


def _words(group, alone):
    return np.where(np.bincount(group + 1)[group + 1] > 1, "shared", alone).astype(object)


def _cut(cells, how, shape):
    """The areal part of cells cut by a shape; None where nothing is left."""
    cut = areal(how(cells, shape))
    cut[shapely.is_empty(cut)] = None
    return cut


def _half_way(sites):
    """Half the distance of each place to the nearest other, NaN for the only one."""
    if len(sites) == 1:
        return np.full(1, np.nan)
    away, _ = cKDTree(sites).query(sites, k=2)
    return away[:, 1] / 2
