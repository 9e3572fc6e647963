"""Water as a barrier, and what leads over it: bridges, fords, roads; in the rains less of it does."""

import numpy as np
import shapely

from gis.roadspeeds import season_state
from gis.surface.marks import CLOSED, OPENED, STREAM, WATER, touched

BARS = ("river", "canal")
"""Kinds of the layer of rivers that always bar the way; one of unknown kind does too."""
CROSSING_M = 50.0
"""How far a bridge or ford may lie from the line of its river."""


def mark_water(marks, grid, rivers, *, streams_bar):
    """Mark in place the rivers, and the streams where they bar.

    Returns
    -------
    flows : tuple of arrays of Geometry
        Rivers, and streams.
    brooks : array of int
        The cells of streams, whether they bar or not.
    """
    if rivers is None:
        return (np.zeros(0, dtype=object),) * 2, np.zeros(0, dtype=int)
    shapes = rivers.geometry.to_numpy()
    always = np.ones(len(rivers), dtype=bool)
    if "kind" in rivers:
        always = (rivers["kind"].isna() | rivers["kind"].isin(BARS)).to_numpy()
    marks[touched(grid, shapes[always])] |= WATER
    brooks = touched(grid, shapes[~always])
    if streams_bar:
        marks[brooks] |= STREAM
    known = ~shapely.is_missing(shapes)
    return (shapes[known & always], shapes[known & ~always]), np.ravel_multi_index(brooks, marks.shape)


def is_open(things, season):
    """For each bridge, ford or road whether one gets over it in a season.

    In the dry season every one is open. In the wet one those are closed that are said not to be passable all year, and
    fords of which that is not said.
    """
    if season == "dry":
        return np.ones(len(things), dtype=bool)
    said = season_state(things).to_numpy(dtype=float)
    ford = np.zeros(len(things), dtype=bool)
    for column in ("kind", "structure"):
        if column in things:
            ford |= (things[column] == "ford").to_numpy()
    return (said != 0) & (~ford | (said == 1))


def mark_crossings(marks, grid, crossings, flows, season):
    """Mark in place where bridges and fords open the water, and where closed ones leave none open.

    A point opens its own cell and those around it, moved to its river where that is within `CROSSING_M`, else to its
    stream, whatever the season; a line the cells that it runs through. `flows` is of `mark_water`.

    Returns
    -------
    dict of str to int
        ``crossings_used``, ``crossings_closed`` in this season, and ``crossings_unused``: by no water.
    """
    counts = {"crossings_used": 0, "crossings_closed": 0, "crossings_unused": 0}
    if crossings is None or not len(crossings):
        return counts
    shapes, opens = crossings.geometry.to_numpy(), is_open(crossings, season)
    known = ~shapely.is_missing(shapes)
    shapes, opens = shapes[known], opens[known]
    used = np.zeros(len(shapes), dtype=bool)
    for row, column, which in (_line_places(grid, shapes), _point_places(grid, shapes, flows)):
        used[which[(marks[row, column] & (WATER | STREAM)) > 0]] = True
        for bit, chosen in ((OPENED, opens[which]), (CLOSED, ~opens[which])):
            marks[row[chosen], column[chosen]] |= bit
    return {
        "crossings_used": int((used & opens).sum()),
        "crossings_closed": int((used & ~opens).sum()),
        "crossings_unused": int((~used).sum()),
    }


def _line_places(grid, shapes):
    lines = np.flatnonzero(shapely.get_dimensions(shapes) == 1)
    found = [touched(grid, shapes[[line]]) for line in lines]
    which = np.repeat(lines, [len(row) for row, _ in found])
    row, column = (np.concatenate([part[axis] for part in found] or [which]) for axis in (0, 1))
    return row, column, which


def _point_places(grid, shapes, flows):
    """The cell of each point, or of its river beside it, and the cells around it."""
    which = np.flatnonzero(shapely.get_dimensions(shapes) == 0)
    points, loose = shapes[which].copy(), np.ones(len(which), dtype=bool)
    for lines in flows:
        tree, asked = shapely.STRtree(lines), np.flatnonzero(loose)
        near, line = tree.query_nearest(points[asked], max_distance=CROSSING_M, all_matches=False)
        points[asked[near]] = shapely.get_point(shapely.shortest_line(lines[line], points[asked[near]]), 0)
        loose[asked[near]] = False
    points, owner = shapely.get_coordinates(points, return_index=True)
    column = np.floor((points[:, 0] - grid.west) / grid.width).astype(int)
    row = np.floor((grid.north - points[:, 1]) / grid.height).astype(int)
    down, across = (part.ravel() for part in np.mgrid[-1:2, -1:2])
    row, column = (row[:, None] + down).ravel(), (column[:, None] + across).ravel()
    rows, columns = grid.values.shape
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    return row[inside], column[inside], np.repeat(which[owner], 9)[inside]
