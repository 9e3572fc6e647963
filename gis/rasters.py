"""A band of numbers on a regular grid, and what it says of points and villages."""

from dataclasses import dataclass

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
    """

    values: np.ndarray
    west: float
    north: float
    width: float
    height: float
    crs: object

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
