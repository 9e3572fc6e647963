"""Approximate extents of villages that are known as points only, inside the outlines of their communes."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

APART_M = 0.01
"""Points nearer than this are one place: a border between them would be invented."""


def approximate_villages(points, communes, *, barriers=None):
    """For each village the part of its commune that is nearer to it than to any other village there.

    Parameters
    ----------
    points : GeoDataFrame
        Index village id; ``geometry`` the village's point or None in a projected CRS in metres,
        ``commune_id`` text or blank.
    communes : GeoDataFrame
        Outlines in the same CRS, index ``commune_id``; a village whose commune has none gets no extent.
    barriers : GeoDataFrame, optional
        Lines or areas in the same CRS that nobody crosses, such as rivers without a bridge. What of a
        cell is cut off from its village by them belongs to no village. Not travel time: a cell does not
        grow round the end of a barrier.

    Returns
    -------
    GeoDataFrame
        Indexed like `points`: ``geometry`` (polygon or None), ``approximate`` (True wherever there is a
        polygon), ``extent_doubt_m`` and ``extent`` with the reason:

        - ``"cell"``: a cell of its own.
        - ``"shared"``: several villages stand on one place; each has the whole cell, not an invented half.
        - ``"whole"``: the only place in its commune has the whole outline.
        - ``"outside"``: the point lies outside its commune, so it takes no part.
        - ``"no-commune"``, ``"no-point"``: nothing to make an extent of.

    Notes
    -----
    Voronoi cells cut by the outline: the cells of the places of a commune add up to its outline and do
    not overlap. ``extent_doubt_m`` is how far the true border may well be from the drawn one: half the
    distance to the nearest other place of the commune, since that border lies somewhere between the two;
    for the only place the radius of a circle as large as the outline; NaN without an extent.
    """
    count = len(points)
    cells = np.full(count, None, dtype=object)
    doubt, extent = np.full(count, np.nan), np.full(count, "no-point", dtype=object)
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
            cells[rows], doubt[rows], extent[rows] = _divide(whole, shapes[rows])
    if barriers is not None and len(barriers):
        cells = _cut(cells, shapes, barriers)
    return gpd.GeoDataFrame(
        {
            "approximate": ~shapely.is_missing(cells),
            "extent_doubt_m": doubt,
            "extent": extent,
            "geometry": gpd.GeoSeries(cells, index=points.index, crs=points.crs),
        },
        index=points.index,
        crs=points.crs,
    )


def _divide(whole, shapes):
    """Cells, doubt and reason of the villages of one outline."""
    place, sites = _places(shapely.get_coordinates(shapes))
    shared = np.bincount(place) > 1
    if len(sites) == 1:
        radius = np.sqrt(shapely.area(whole) / np.pi)
        word = "shared" if shared[0] else "whole"
        return np.full(len(shapes), whole), np.full(len(shapes), radius), np.full(len(shapes), word)
    away, _ = cKDTree(sites).query(sites, k=2)
    words = np.where(shared, "shared", "cell").astype(object)
    return _cells(whole, sites)[place], away[place, 1] / 2, words[place]


def _places(coordinates):
    """For each point the number of its place, and the places sorted; points within `APART_M` are one place."""
    rounded = np.round(coordinates / APART_M).astype(np.int64)
    _, first, place = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    order = np.lexsort(coordinates[first].T[::-1])
    return np.argsort(order)[place.ravel()], coordinates[first][order]


def _cells(whole, sites):
    """The Voronoi cell of each site inside an outline, in the order of the sites."""
    west, south, east, north = shapely.bounds(whole)
    # GEOS works on the difference of coordinates: near the origin none of their digits is lost
    origin = np.array([(west + east) / 2, (south + north) / 2])
    around = shapely.box(*(shapely.bounds(whole) - np.tile(origin, 2)))
    found = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites - origin), extend_to=around))
    found = shapely.transform(found, lambda xy: xy + origin)
    cell, site = shapely.STRtree(shapely.points(sites)).query(found, predicate="covers")
    cells = np.full(len(sites), None, dtype=object)
    cells[site] = found[cell]
    inside = shapely.contains_properly(whole, cells)
    cells[~inside] = _areal(shapely.intersection(cells[~inside], whole))
    return cells


def _areal(geometries):
    """The areal part of each geometry: a cut along a border may leave loose lines and points."""
    loose = ~np.isin(shapely.get_type_id(geometries), (3, 6))
    for row in np.flatnonzero(loose):
        parts = shapely.get_parts(geometries[row])
        geometries[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return geometries


def _cut(cells, shapes, barriers):
    """Of each cell the part that holds its village once the barriers are taken out."""
    walls = barriers.geometry.to_numpy()
    walls = np.where(shapely.get_dimensions(walls) == 2, walls, shapely.buffer(walls, APART_M))
    walls = walls[~shapely.is_missing(walls) & ~shapely.is_empty(walls)]
    cell, wall = shapely.STRtree(walls).query(cells, predicate="intersects")
    cells = cells.copy()
    for at in np.unique(cell):
        left = shapely.difference(cells[at], shapely.union_all(walls[wall[cell == at]]))
        parts = shapely.get_parts(left)
        if len(parts):
            away = shapely.distance(parts, shapes[at])
            cells[at] = parts[np.argmin(away)]
    return cells
