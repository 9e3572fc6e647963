"""Which ground is nearest to which village in a straight line."""

import numpy as np
import shapely

APART_M = 0.01
"""Points nearer than this are one place: a border between them would be invented."""


def places_of(coordinates):
    """For each point the number of its place, and the places sorted; points within `APART_M` are one place."""
    rounded = np.round(coordinates / APART_M).astype(np.int64)
    _, first, place = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    order = np.lexsort(coordinates[first].T[::-1])
    return np.argsort(order)[place.ravel()], coordinates[first][order]


def nearest_cells(whole, sites):
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
    cells[~inside] = areal(shapely.intersection(cells[~inside], whole))
    return cells


def areal(geometries):
    """The areal part of each geometry: a cut along a border may leave loose lines and points."""
    loose = ~np.isin(shapely.get_type_id(geometries), (3, 6))
    for row in np.flatnonzero(loose):
        parts = shapely.get_parts(geometries[row])
        geometries[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return geometries
