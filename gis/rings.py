"""Polygons as flat arrays, for the compiled loops."""

import numpy as np
import shapely


def rings_of(polygons):
    """The corners of polygons and where each ring, each part and each polygon begins.

    Parameters
    ----------
    polygons : array of Polygon, MultiPolygon or None

    Returns
    -------
    xy : array of float, shape (corners, 2)
    rings : array of int
        Where in `xy` each ring begins, and where the last ends.
    parts : array of int
        Where in `rings` each part begins; its first ring is the outer one.
    begins : array of int, shape (n + 1,)
        Where in `parts` each polygon begins; a missing or empty one has no part.
    """
    polygons = np.asarray(polygons, dtype=object)
    present = ~(shapely.is_missing(polygons) | shapely.is_empty(polygons))
    pieces, owner = shapely.get_parts(polygons[present], return_index=True)
    count = np.zeros(len(polygons), dtype=np.int64)
    count[present] = np.bincount(owner, minlength=present.sum())
    begins = np.concatenate([[0], np.cumsum(count)])
    if not len(pieces):
        return np.zeros((0, 2)), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), begins
    _, xy, (rings, parts) = shapely.to_ragged_array(pieces, include_z=False)
    return xy, rings, parts, begins
