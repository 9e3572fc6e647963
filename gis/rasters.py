"""A band of numbers on a regular grid, and what it says of points and villages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from gis.rings import rings_of

BLOCK = 1000
"""Polygons whose points are held at a time, to bound the memory."""


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
    def shape(self):
        """Rows and columns."""
        return self.values.shape

    @property
    def bounds(self):
        """West, south, east, north."""
        rows, columns = self.shape
        return self.west, self.north - rows * self.height, self.west + columns * self.width, self.north

    def window(self, bounds):
        """The cells that touch west, south, east, north, as a raster; none where they lie off it."""
        west, south, east, north = bounds
        rows, columns = self.values.shape
        left, right = (west - self.west) / self.width, (east - self.west) / self.width
        top, bottom = (self.north - north) / self.height, (self.north - south) / self.height
        left, right = np.clip([np.floor(left), np.ceil(right)], 0, columns).astype(int)
        top, bottom = np.clip([np.floor(top), np.ceil(bottom)], 0, rows).astype(int)
        corner = {"west": self.west + left * self.width, "north": self.north - top * self.height}
        return replace(self, values=self.values[top:bottom, left:right], **corner)


@dataclass(frozen=True)
class Shares:
    """Which cells of a raster lie in which polygon, and how much of each.

    Attributes
    ----------
    begins : array of int, shape (n + 1,)
        Where in the other two each polygon begins.
    cells : array of int
        Positions in the flattened raster, rising within a polygon.
    shares : array of float
        Above 0, at most 1; by exact area.
    """

    begins: np.ndarray
    cells: np.ndarray
    shares: np.ndarray

    @property
    def owner(self):
        """For each cell the position of its polygon."""
        return np.repeat(np.arange(len(self.begins) - 1), np.diff(self.begins))

    def sums(self, values):
        """For each polygon the sum of some numbers, one for each cell here."""
        # one after the other, so that the sum of a polygon is the same to the last bit wherever it stands
        return np.bincount(self.owner, values, len(self.begins) - 1)


def cell_shares(raster, polygons):
    """How much of each cell lies in each polygon, by exact area.

    Parameters
    ----------
    raster : Raster
    polygons : array of Polygon, MultiPolygon or None
        In the CRS of the raster; what lies beyond the raster is left out. Polygons may overlap: a cell then
        counts for each.

    Returns
    -------
    Shares
    """
    from gis.kernels import zonal_weights

    xy, *begins = rings_of(polygons)
    found = zonal_weights(
        (xy[:, 0] - raster.west) / raster.width,
        (raster.north - xy[:, 1]) / raster.height,
        *begins,
        shape=raster.values.shape,
    )
    return Shares(*found)


def cells_within(grid, area):
    """Rows and columns of the cells of a grid that have their middle in a polygon, as of `Raster` or `Surface`."""
    rows, columns = grid.shape
    west, south, east, north = shapely.bounds(area)
    left, right = np.clip(
        [(west - grid.west) // grid.width, (east - grid.west) // grid.width + 1], 0, columns
    )
    top, bottom = np.clip(
        [(grid.north - north) // grid.height, (grid.north - south) // grid.height + 1], 0, rows
    )
    row, column = np.mgrid[int(top) : int(bottom), int(left) : int(right)]
    x = grid.west + (column + 0.5) * grid.width
    y = grid.north - (row + 0.5) * grid.height
    inside = shapely.contains_xy(area, x, y)
    return row[inside], column[inside]


def zonal_sums(raster, polygons):
    """The sum of a raster over each polygon, each cell by its share, and what is missing of it.

    Parameters
    ----------
    raster : Raster
    polygons : array of Polygon, MultiPolygon or None

    Returns
    -------
    total : array of float
        0 where no cell with data lies in the polygon.
    blank : array of float
        Cells without data in the polygon, each by its share.
    """
    from gis.kernels import zonal_totals

    found = cell_shares(raster, polygons)
    return zonal_totals(found.begins, found.cells, found.shares, np.ravel(raster.values))


def people_points(raster, polygons, *, parts=4):
    """The people of a raster as points, each with the polygon it lies in.

    Parameters
    ----------
    raster : Raster
        People a cell, in the CRS of the polygons.
    polygons : array of Polygon, MultiPolygon or None
        Where two overlap, the people there belong to both.
    parts : int
        A cell's people are spread over `parts` x `parts` points.

    Returns
    -------
    x, y, people : arrays of float
    owner : array of int
        Position in `polygons`, rising.

    Notes
    -----
    A polygon has of each cell's people the exact share of its area. They are put, equally, on those of the
    cell's points that lie in the polygon; where none does, on its spot nearest the
    middle of the cell.
    """
    polygons = np.asarray(polygons, dtype=object)
    found = cell_shares(raster, polygons)
    values = raster.values.reshape(-1)[found.cells]
    lived = values > 0
    cells, owner = found.cells[lived], found.owner[lived]
    people, is_cut = values[lived] * found.shares[lived], found.shares[lived] < 1
    row, column = np.divmod(cells, raster.values.shape[1])
    offsets = (np.arange(parts) + 0.5) / parts
    dx, dy = (grid.ravel() for grid in np.meshgrid(offsets, offsets))
    x = raster.west + (column[:, None] + dx) * raster.width
    y = raster.north - (row[:, None] + dy) * raster.height
    inside = np.ones(x.shape, dtype=bool)
    if is_cut.any():
        shapely.prepare(polygons)
        inside[is_cut] = shapely.intersects_xy(polygons[owner[is_cut]][:, None], x[is_cut], y[is_cut])
        lost = np.flatnonzero(~inside.any(axis=1))
        middle = shapely.points(
            raster.west + (column[lost] + 0.5) * raster.width,
            raster.north - (row[lost] + 0.5) * raster.height,
        )
        spot = shapely.get_point(shapely.shortest_line(polygons[owner[lost]], middle), 0)
        x[lost, 0], y[lost, 0], inside[lost, 0] = shapely.get_x(spot), shapely.get_y(spot), True
    each = np.broadcast_to((people / inside.sum(axis=1))[:, None], x.shape)
    return x[inside], y[inside], each[inside], np.broadcast_to(owner[:, None], x.shape)[inside]


def weighted_points(raster, polygons, *, parts=4):
    """For each polygon the inhabited spot nearest the middle of its people.

    Returns
    -------
    array of Point or None
        The mean place of people may lie in a field or outside; this is the populated point nearest to
        it, so it is always inside. None where the raster has no people in the polygon.
    """
    polygons = np.asarray(polygons, dtype=object)
    found = np.full(len(polygons), None, dtype=object)
    for first in range(0, len(polygons), BLOCK):
        block = slice(first, first + BLOCK)
        found[block] = _weighted(raster, polygons[block], parts)
    return found


def _weighted(raster, polygons, parts):
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
