"""How much of lines lies inside polygons."""

import numpy as np
import shapely

from gis.rings import rings_of

LINE = int(shapely.GeometryType.LINESTRING)


def lengths_inside(polygons, lines):
    """The metres of each line inside each polygon.

    Parameters
    ----------
    polygons : array of Polygon, MultiPolygon or None
    lines : array of LineString, MultiLineString or None
        In the same CRS in metres.

    Returns
    -------
    polygon, line : arrays of int
        Positions of the pairs that share more than a point.
    metres : array of float
        A stretch along a shared border is inside both neighbours.

    Notes
    -----
    Pairs come by polygon and from short to long, so that sums over them are the same to the last bit whatever the
    order of the lines.
    """
    from gis.kernels import clip_lengths

    lines = np.asarray(lines, dtype=object)
    pieces, owner = lines, np.arange(len(lines))
    if (shapely.get_type_id(lines) != LINE).any():
        there = np.flatnonzero(~shapely.is_missing(lines))
        pieces, owner = shapely.get_parts(lines[there], return_index=True)
        owner = there[owner]
    piece, polygon = shapely.STRtree(polygons).query(pieces)
    corners, begins = shapely.get_coordinates(pieces), np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum(shapely.get_num_coordinates(pieces), out=begins[1:])
    metres = clip_lengths(*rings_of(polygons), corners, begins, polygon, piece)
    line = owner[piece]
    if pieces is not lines:
        pairs, at = np.unique(polygon * len(lines) + line, return_inverse=True)
        metres = np.bincount(at, metres, len(pairs))
        polygon, line = np.divmod(pairs, len(lines))
    inside = np.flatnonzero(metres > 0)
    order = inside[np.lexsort((metres[inside], polygon[inside]))]
    return polygon[order], line[order], metres[order]
