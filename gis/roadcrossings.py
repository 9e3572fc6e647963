"""Roads drawn without nodes: a common vertex put where two of them cross, so that they join there."""

import numpy as np
import pandas as pd
import shapely

from gis.crs import check_metric
from gis.network import GRID_M, TOUCH_M
from gis.roadspeeds import OVER


def join_crossings(roads):
    """The roads with a common vertex wherever two of them cross without one.

    Parameters
    ----------
    roads : GeoDataFrame
        Lines in a CRS in metres; columns ``structure`` and ``level`` as in `layers/roads.yaml`, where there are any.

    Returns
    -------
    roads : GeoDataFrame
        No line is longer or shorter; those that nothing was put into are the same.
    crossings : DataFrame
        One row a crossing, from west to east: ``one``, ``other`` (positions of the roads), ``x``, ``y`` and
        ``is_joined``, False where one of the two is a bridge or tunnel or their levels differ. Where the end of one
        touches the other they join anyway and nothing is told. The same whatever the order of the rows, but for
        the positions.

    Raises
    ------
    CRSError
        If the CRS is not in metres.

    Notes
    -----
    A bridge that neither ``structure`` nor ``level`` tells joins what it leads over.
    """
    check_metric(roads.crs, layer="roads")
    parts, row = shapely.get_parts(roads.geometry.to_numpy(), return_index=True)
    corners, part = shapely.get_coordinates(parts, return_index=True)
    first = np.flatnonzero((part[1:] == part[:-1]) & (corners[1:] != corners[:-1]).any(axis=1))
    one, other, shares = _crossed(corners, first)
    begin, along = corners[first[one]], corners[first[one] + 1] - corners[first[one]]
    spots = begin + shares[0][:, None] * along
    held = ~_near_an_end(parts[part[first[one]]], spots) & ~_near_an_end(parts[part[first[other]]], spots)
    one, other, shares, spots = first[one][held], first[other][held], shares[:, held], spots[held]
    lines = np.sort(np.column_stack([row[part[one]], row[part[other]]]), axis=1)
    crossings = pd.DataFrame({"one": lines[:, 0], "other": lines[:, 1], "x": spots[:, 0], "y": spots[:, 1]})
    crossings["is_joined"] = _joins(roads, lines)
    joined = crossings["is_joined"].to_numpy()
    at = np.concatenate([one[joined] + shares[0, joined], other[joined] + shares[1, joined]])
    lines_of = np.concatenate([part[one[joined]], part[other[joined]]])
    # a crossing at a vertex of a line is found with both of the pieces that meet there
    grid = crossings[["x", "y"]].div(GRID_M).round()
    crossings = crossings[~crossings[["one", "other"]].join(grid).duplicated()]
    crossings = crossings.sort_values(["x", "y", "one", "other"], ignore_index=True)
    return _with_vertices(roads, row, corners, part, lines_of, at, np.tile(spots[joined], (2, 1))), crossings


def _crossed(corners, first):
    """Pairs of pieces that cross without a common vertex, and the share of each of the two at which they do."""
    segments = shapely.linestrings(np.stack([corners[first], corners[first + 1]], axis=1))
    one, other = shapely.STRtree(segments).query(segments, predicate="intersects")
    one, other = one[one < other], other[one < other]
    snapped = np.round(corners / GRID_M)
    for mine in (first, first + 1):
        for theirs in (first, first + 1):
            apart = (snapped[mine[one]] != snapped[theirs[other]]).any(axis=1)
            one, other = one[apart], other[apart]
    along, across = (corners[first[each] + 1] - corners[first[each]] for each in (one, other))
    away = corners[first[other]] - corners[first[one]]
    turn = _cross(along, across)
    # of lines that lie on each other the ends touch
    crosses = turn != 0
    along, across, away, turn = (each[crosses] for each in (along, across, away, turn))
    shares = np.clip([_cross(away, across) / turn, _cross(away, along) / turn], 0, 1)
    return one[crosses], other[crosses], shares.reshape(2, -1)


def _cross(one, other):
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]


def _near_an_end(lines, spots):
    """Whether a spot is where the end of its line touches what it crosses."""
    ends = [shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)]
    away = [np.hypot(*(spots - end.reshape(-1, 2)).T) for end in ends]
    return np.minimum(*away) <= TOUCH_M


def _joins(roads, lines):
    """Whether the two roads of each pair lie on one level and neither leads over or under."""
    over, level = np.zeros(len(roads), bool), np.zeros(len(roads))
    if "structure" in roads:
        over = roads["structure"].isin(OVER).to_numpy()
    if "level" in roads:
        level = roads["level"].fillna(0).to_numpy(dtype=float)
    return ~over[lines].any(axis=1) & (level[lines[:, 0]] == level[lines[:, 1]])


def _with_vertices(roads, row, corners, part, lines, at, spots):
    """The roads with vertices put into some parts of lines, each after so many vertices of all and a share."""
    changed = np.isin(row[part], row[np.unique(lines)])
    place = np.concatenate([np.flatnonzero(changed), at])
    owner = np.concatenate([part[changed], lines])
    corners = np.concatenate([corners[changed], spots])
    order = np.lexsort((place, owner))
    if not len(order):
        return roads
    parts, number = np.unique(owner[order], return_inverse=True)
    drawn = shapely.linestrings(corners[order], indices=number)
    rows, number = np.unique(row[parts], return_inverse=True)
    shapes = roads.geometry.to_numpy().copy()
    whole = shapely.multilinestrings(drawn, indices=number)
    single = np.bincount(number) == 1
    shapes[rows] = np.where(single, shapely.get_geometry(whole, 0), whole)
    return roads.set_geometry(shapes, crs=roads.crs)
