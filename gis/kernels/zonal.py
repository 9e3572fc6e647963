"""How much of each cell of a grid lies in each of many zones, by exact area."""

import numpy as np
from numba import njit

from gis.kernels.compiling import kept

LEAST = 1e-10
"""A smaller share of a cell is rounding, and so is what a larger one lacks of the whole cell by less."""


def zonal_weights(u, v, rings, polygons, zones, *, shape):
    """The cells that zones cover and the share of each cell inside, zone by zone.

    Parameters
    ----------
    u, v : arrays of float
        Corners of closed rings in widths and heights of a cell, from the north-west corner of the grid to the east
        and to the south.
    rings : array of int, shape (number of rings + 1,)
        Where in `u` each ring begins, and where the last ends.
    polygons : array of int, shape (number of polygons + 1,)
        Where in `rings` each polygon begins; its first ring is the outer one, the others are holes. The direction
        of rings is of no matter.
    zones : array of int, shape (n + 1,)
        Where in `polygons` each zone begins; polygons of one zone do not overlap.
    shape : tuple of int
        Rows and columns of the grid; what lies beyond it is left out.

    Returns
    -------
    begins : array of int64, shape (n + 1,)
        Where in the other two each zone begins.
    cells : array of int32
        Positions in the flattened grid, rising within a zone.
    shares : array of float
        Above 0, at most 1.

    Notes
    -----
    Every edge is cut at the lines of the grid. A piece that crosses ``dv`` of the height of a cell, at ``f`` of
    its width on average, adds ``dv * (1 - f)`` to that cell and ``dv`` to all to the right of it; downward pieces
    count against upward ones, so that the sum along a row is the covered share.
    """
    if shape[0] * shape[1] >= 2**31:
        raise ValueError("the grid has 2**31 cells or more")
    u, v = (np.ascontiguousarray(part, dtype=np.float64) for part in (u, v))
    rings, polygons, zones = (np.ascontiguousarray(part, dtype=np.int64) for part in (rings, polygons, zones))
    return _weights(u, v, rings, polygons, zones, *shape)


@kept
def zonal_totals(begins, cells, shares, values):
    """For each zone the sum of the values of its cells by their shares, and the shares of cells that are NaN.

    Parameters
    ----------
    begins, cells, shares : arrays
        As of `zonal_weights`.
    values : array of float
        The flattened grid.

    Returns
    -------
    (array of float, array of float)
    """
    total, blank = np.zeros(len(begins) - 1), np.zeros(len(begins) - 1)
    for zone in range(len(begins) - 1):
        for at in range(begins[zone], begins[zone + 1]):
            value = values[cells[at]]
            if np.isnan(value):
                blank[zone] += shares[at]
            else:
                total[zone] += shares[at] * value
    return total, blank


@kept
def zonal_quantiles(begins, values, weights, wanted):
    """For each zone the least of its values up to which the weights sum to what is wanted.

    Parameters
    ----------
    begins : array of int64, shape (n + 1,)
        Where in the next two each zone begins.
    values : array of float
        No NaN; inf is the largest.
    weights : array of float
        Above 0.
    wanted : array of float, shape (n,)
        At most the sum of the weights of each zone; rounding up to a billionth of it is forgiven.

    Returns
    -------
    array of float
        NaN where a zone has no values.
    """
    found = np.full(len(begins) - 1, np.nan)
    for zone in range(len(begins) - 1):
        first, last = begins[zone], begins[zone + 1]
        order = np.argsort(values[first:last], kind="mergesort")
        total = 0.0
        for at in order:
            total += weights[first + at]
            found[zone] = values[first + at]
            if total >= wanted[zone] * (1 - 1e-9):
                break
    return found


@kept
def _weights(u, v, rings, polygons, zones, down, across):
    begins = np.zeros(len(zones), np.int64)
    cells, shares = np.empty(1024, np.int32), np.empty(1024, np.float64)
    count = 0
    for zone in range(len(zones) - 1):
        first, last = rings[polygons[zones[zone]]], rings[polygons[zones[zone + 1]]]
        begins[zone + 1] = count
        if first == last:
            continue
        left, right = max(np.floor(u[first:last].min()), 0), min(np.ceil(u[first:last].max()), across)
        top, bottom = max(np.floor(v[first:last].min()), 0), min(np.ceil(v[first:last].max()), down)
        if left >= right or top >= bottom:
            continue
        left, right, top, bottom = int(left), int(right), int(top), int(bottom)
        added = np.zeros((bottom - top, right - left + 2))
        for polygon in range(zones[zone], zones[zone + 1]):
            for ring in range(polygons[polygon], polygons[polygon + 1]):
                a, b = rings[ring], rings[ring + 1]
                clockwise = turn(u, v, a, b) > 0
                # the west side of an outer ring adds as it goes down, of a hole as it goes up
                sign = -1.0 if clockwise == (ring == polygons[polygon]) else 1.0
                for at in range(a, b - 1):
                    _add(added, u[at] - left, v[at] - top, u[at + 1] - left, v[at + 1] - top, sign)
        if count + (bottom - top) * (right - left) > len(cells):
            room = max(2 * len(cells), count + (bottom - top) * (right - left))
            cells, shares = _longer(cells, count, room), _longer(shares, count, room)
        for row in range(bottom - top):
            share = 0.0
            for column in range(right - left):
                share += added[row, column]
                if share > LEAST:
                    cells[count] = (top + row) * across + left + column
                    shares[count] = share if share < 1 - LEAST else 1.0
                    count += 1
        begins[zone + 1] = count
    return begins, cells[:count].copy(), shares[:count].copy()


@njit
def _longer(values, count, room):
    longer = np.empty(room, values.dtype)
    longer[:count] = values[:count]
    return longer


@njit
def turn(u, v, a, b):
    """Twice the area of a ring: above 0 where it runs clockwise on the map."""
    area = 0.0
    for at in range(a, b - 1):
        area += (u[at] - u[a]) * (v[at + 1] - v[a]) - (u[at + 1] - u[a]) * (v[at] - v[a])
    return area


@njit
def _add(added, u0, v0, u1, v1, sign):
    """One edge, in cells from the corner of the window."""
    height, width = added.shape[0], added.shape[1] - 2
    if v0 == v1:
        return
    if v0 > v1:
        u0, v0, u1, v1, sign = u1, v1, u0, v0, -sign
    slope = (u1 - u0) / (v1 - v0)
    for row in range(max(int(np.floor(v0)), 0), min(int(np.ceil(v1)), height)):
        begin, end = max(v0, row), min(v1, row + 1)
        a = u0 if begin == v0 else u0 + (begin - v0) * slope
        b = u1 if end == v1 else u0 + (end - v0) * slope
        if a > b:
            a, b = b, a
        drop = sign * (end - begin)
        if a >= width:
            continue
        column = int(np.floor(a))
        if b <= 0:
            added[row, 0] += drop
        elif a >= 0 and b <= column + 1:
            part = (a + b) / 2 - column
            added[row, column] += drop * (1 - part)
            added[row, column + 1] += drop * part
        else:
            each = drop / (b - a)
            if a < 0:
                # an edge left of the window covers its row from the first cell on, one right of it nothing
                added[row, 0] -= each * a
                column = 0
            while column < width and column < b:
                c, d = max(a, column), min(b, column + 1)
                part = (c + d) / 2 - column
                added[row, column] += each * (d - c) * (1 - part)
                added[row, column + 1] += each * (d - c) * part
                column += 1
