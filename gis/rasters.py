"""A band of numbers on a regular grid, and what it says of points and villages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely


@dataclass(frozen=True)
class Raster:
    """One band of a raster in a north-up grid.

    Attributes
    ----------
    values : array of float, shape (rows, columns)
        NaN where there are no data.
    west, north : float
        Corner of the first cell, in the units of `crs`.
    width, height : float
        Size of a cell, > 0.
    crs : pyproj.CRS
    classes : Mapping of str to Mapping
        What the values mean where they are codes, as the layer's catalogue entry says; else empty.
    """

    values: np.ndarray
    west: float
    north: float
    width: float
    height: float
    crs: object
    classes: Mapping = field(default_factory=dict)

    @property
    def bounds(self):
        """West, south, east, north."""
        rows, columns = self.values.shape
        return self.west, self.north - rows * self.height, self.west + columns * self.width, self.north

    def cells(self, *, parts=1):
        """Where the cells above zero lie and what they hold.

        Parameters
        ----------
        parts : int
            Each cell is given as `parts` x `parts` points that share its value equally, so that a border
            through a cell divides it nearly by area.

        Returns
        -------
        x, y, value : arrays of float
            Coordinates in `crs`; values sum to the sum of the positive cells.
        """
        row, column = np.nonzero(np.nan_to_num(self.values) > 0)
        offsets = (np.arange(parts) + 0.5) / parts
        dx, dy = (grid.ravel() for grid in np.meshgrid(offsets, offsets))
        x = self.west + (column[:, None] + dx) * self.width
        y = self.north - (row[:, None] + dy) * self.height
        share = np.repeat(self.values[row, column] / parts**2, parts**2)
        return x.ravel(), y.ravel(), share


def people_points(raster, polygons, *, parts=4):
    """The people of a raster as points, each with the polygon it lies in.

    Parameters
    ----------
    raster : Raster
        People a cell, in the CRS of the polygons.
    polygons : array of Geometry or None
    parts : int
        See `Raster.cells`.

    Returns
    -------
    x, y, people : arrays of float
    owner : array of int
        Position in `polygons`; points in none are left out, a point in two belongs to the first.
    """
    x, y, people = raster.cells(parts=parts)
    tree = shapely.STRtree(np.asarray(polygons, dtype=object))
    point, polygon = tree.query(shapely.points(x, y), predicate="intersects")
    order = np.lexsort((polygon, point))
    point, first = np.unique(point[order], return_index=True)
    return x[point], y[point], people[point], polygon[order][first]


def weighted_points(raster, polygons, *, parts=4):
    """For each polygon the inhabited spot nearest the middle of its people.

    Returns
    -------
    array of Point or None
        The mean place of people may lie in a field or outside; this is the populated point nearest to
        it, so it is always inside. None where the raster has no people in the polygon.
    """
    x, y, people, owner = people_points(raster, polygons, parts=parts)
    found = np.full(len(polygons), None, dtype=object)
    if not len(owner):
        return found
    total = np.bincount(owner, people, len(polygons))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x = np.bincount(owner, people * x, len(polygons)) / total
        mean_y = np.bincount(owner, people * y, len(polygons)) / total
    away = np.hypot(x - mean_x[owner], y - mean_y[owner])
    order = np.lexsort((y, x, away, owner))
    villages, first = np.unique(owner[order], return_index=True)
    nearest = order[first]
    found[villages] = shapely.points(x[nearest], y[nearest])
    return found


def cell_shares(raster, polygon):
    """How much of each cell lies in a polygon, by exact area.

    Parameters
    ----------
    raster : Raster
    polygon : Polygon or MultiPolygon
        In the CRS of the raster; parts beyond the raster are left out.

    Returns
    -------
    rows, columns : slice
        The window of the raster that the polygon touches.
    share : array of float
        Of the shape of the window, 0 to 1.

    Notes
    -----
    Every edge is cut at the lines of the grid. A piece that crosses ``dv`` of the height of a cell, at ``f`` of
    its width on average, adds ``dv * (1 - f)`` to that cell and ``dv`` to all to the right of it; downward pieces
    count against upward ones, so that the sum along a row is the covered share.
    """
    across, down = raster.values.shape[1], raster.values.shape[0]
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(polygon)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    u, v = (xy[:, 0] - raster.west) / raster.width, (raster.north - xy[:, 1]) / raster.height
    left, right = np.clip([np.floor(u.min()), np.ceil(u.max())], 0, across).astype(int)
    top, bottom = np.clip([np.floor(v.min()), np.ceil(v.max())], 0, down).astype(int)
    rows, columns = slice(top, bottom), slice(left, right)
    height, width = bottom - top, right - left
    if not height or not width:
        return rows, columns, np.zeros((height, width))
    points = np.column_stack([u - left, v - top])
    edges = ring[1:] == ring[:-1]
    start, end, _ = _cut(points[:-1][edges], points[1:][edges], 1)
    start, end, _ = _cut(start, end, 0)
    dv = end[:, 1] - start[:, 1]
    middle = (start + end) / 2
    row = np.floor(middle[:, 1]).astype(int)
    # an edge left of the window covers its row from the first cell on, one right of it nothing
    at = np.clip(middle[:, 0], 0, width)
    column = np.minimum(np.floor(at).astype(int), width)
    part = at - column
    inside = (row >= 0) & (row < height) & (dv != 0)
    place = (row * (width + 2) + column)[inside]
    size = height * (width + 2)
    added = np.bincount(place, (dv * (1 - part))[inside], size)
    added += np.bincount(place + 1, (dv * part)[inside], size)
    share = np.cumsum(added.reshape(height, width + 2), axis=1)[:, :width]
    return rows, columns, np.clip(share, 0, 1)


def line_cells(raster, lines):
    """The cells that lines run through, each joined to the next by a side unless a line passes a corner exactly.

    Parameters
    ----------
    raster : Raster
    lines : array of LineString or MultiLineString
        In the CRS of the raster; parts beyond it are left out.

    Returns
    -------
    rows, columns, line : arrays of int
        A cell stands there as often as pieces of lines are in it; `line` is the position in `lines`.
    """
    lines = np.asarray(lines, dtype=object)
    pieces, owner = shapely.get_parts(lines[~shapely.is_missing(lines)], return_index=True)
    owner = np.flatnonzero(~shapely.is_missing(lines))[owner]
    xy, piece = shapely.get_coordinates(pieces, return_index=True)
    points = np.column_stack(
        [(xy[:, 0] - raster.west) / raster.width, (raster.north - xy[:, 1]) / raster.height]
    )
    edges = np.flatnonzero(piece[1:] == piece[:-1])
    start, end, first = _cut(points[edges], points[edges + 1], 1)
    start, end, second = _cut(start, end, 0)
    column, row = np.floor((start + end) / 2).astype(int).T
    inside = (row >= 0) & (row < raster.values.shape[0]) & (column >= 0) & (column < raster.values.shape[1])
    line = owner[piece[edges[first[second]]]] if len(edges) else np.zeros(0, dtype=int)
    return row[inside], column[inside], line[inside]


def cut_at_cells(raster, starts, ends):
    """Straight pieces cut where they pass from cell to cell.

    Parameters
    ----------
    raster : Raster
    starts, ends : arrays of float, shape (n, 2)
        Coordinates in the CRS of the raster.

    Returns
    -------
    rows, columns : arrays of int
        The cell of each part, in the order in which they follow one another; beyond the raster where it lies there.
    piece : array of int
        Position in `starts`.
    begin, stop : arrays of float
        Which part of the piece it is, from 0 at its start to 1 at its end.
    """
    corner, size = np.array([raster.west, raster.north]), np.array([raster.width, -raster.height])
    starts, ends = (np.asarray(starts) - corner) / size, (np.asarray(ends) - corner) / size
    low, high, first = _cut(starts, ends, 1)
    low, high, second = _cut(low, high, 0)
    piece = first[second] if len(second) else np.zeros(0, dtype=int)
    run = ends[piece] - starts[piece]
    with np.errstate(invalid="ignore", divide="ignore"):
        begin, stop = (((at - starts[piece]) * run).sum(axis=1) / (run**2).sum(axis=1) for at in (low, high))
    column, row = np.floor((low + high) / 2).astype(int).T
    return row, column, piece, np.clip(begin, 0, 1), np.clip(stop, 0, 1)


def _cut(start, end, axis):
    """Edges cut at every whole number of one axis; pieces follow one another, the third says of which edge."""
    a, b = start[:, axis], end[:, axis]
    first, last = np.floor(np.minimum(a, b)) + 1, np.ceil(np.maximum(a, b)) - 1
    cuts = np.maximum(last - first + 1, 0).astype(int)
    edge = np.repeat(np.arange(len(a)), cuts + 1)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(cuts + 1) - (cuts + 1), cuts + 1)
    forward = (b > a)[edge]
    line = np.where(forward, first[edge] + number, last[edge] - number)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (line - a[edge]) / (b - a)[edge]
    final = number == cuts[edge]
    ends = start[edge] + np.where(final, 1.0, share)[:, None] * (end - start)[edge]
    ends[:, axis] = np.where(final, b[edge], line)
    ends[final] = end[edge[final]]
    begins = np.empty_like(ends)
    begins[1:] = ends[:-1]
    begins[number == 0] = start
    return begins, ends, edge
