"""A grid in one coordinate system as a grid in another: heights smoothed, codes kept, people counted once."""

import numpy as np
from pyproj import Transformer

from gis.crs import parse_crs
from gis.errors import CRSError
from gis.rasters import Raster

MEANINGS = ("value", "class", "count")
"""What the numbers of a band are: amounts that lie between their neighbours, codes, or how much a cell holds."""
PARTS = 8
"""A cell of counts is moved as this many points a side."""
STEP_M, STEP_CELLS = 10_000.0, 16
"""Places are calculated this far apart and laid out evenly between: in a transverse Mercator zone off by up to 2 m
where that is less than a hundredth of a cell, and by less where cells are smaller."""
STRETCH = 4
"""A grid that takes this many times its cells in the other system reaches far beyond where that one holds."""
BLOCK = 1_000_000
"""Cells moved at a time, to bound the memory."""


def regrid(raster, crs, *, meaning, **where):
    """A raster in another CRS, on a north-up grid of square cells about as large as its own.

    Parameters
    ----------
    raster : Raster
        In any CRS.
    crs : pyproj.CRS
        In metres.
    meaning : str
        Of `MEANINGS`: "value" is interpolated between the four nearest cells, of "class" the nearest is taken,
        "count" is handed out by area, so that it sums up to what it was.
    **where
        ``layer`` and ``file``, for the sentence of the error.

    Returns
    -------
    Raster
        NaN where the cell at a place is NaN, and beyond the raster. Its cells lie on multiples of their size.

    Raises
    ------
    CRSError
        If the CRS cannot hold the whole raster.
    """
    forth = Transformer.from_crs(parse_crs(raster.crs), crs, always_xy=True)
    west, south, east, north = _bounds(raster, forth)
    size = _cell(raster, forth)
    left, top = np.floor(west / size), np.ceil(north / size)
    rows, columns = top - np.floor(south / size), np.ceil(east / size) - left
    held = (raster.values.shape[0] + 2) * (raster.values.shape[1] + 2)
    if not rows * columns <= STRETCH * held:
        own = parse_crs(raster.crs).to_string()[:60]
        raise CRSError("raster-beyond-crs", crs=own, expected=crs.to_string(), **where)
    rows, columns = int(rows), int(columns)
    blank = Raster(
        np.broadcast_to(np.nan, (rows, columns)), left * size, top * size, size, size, crs, raster.classes
    )
    back = Transformer.from_crs(crs, parse_crs(raster.crs), always_xy=True)
    taken = _laid(raster, _Places(blank, back, raster), between=meaning == "value")
    if meaning == "count":
        held = _handed_out(raster, _Places(raster, forth, blank), (rows, columns))
        taken = np.where(np.isnan(taken) & (held == 0), np.nan, held)
    return Raster(taken, blank.west, blank.north, size, size, crs, raster.classes)


def _bounds(raster, forth):
    """West, south, east and north of a raster in the other CRS."""
    return forth.transform_bounds(*raster.bounds, densify_pts=101)


def _cell(raster, forth):
    """Side of a square as large as the cell in the middle, to three digits."""
    rows, columns = raster.values.shape
    x = raster.west + (columns // 2 + np.array([0, 1, 1, 0])) * raster.width
    y = raster.north - (rows // 2 + np.array([0, 0, 1, 1])) * raster.height
    x, y = forth.transform(x, y)
    with np.errstate(invalid="ignore"):
        area = abs(np.sum(x * np.roll(y, 1) - y * np.roll(x, 1))) / 2
    return float(f"{np.sqrt(area):.3g}")


class _Places:
    """Where places of one grid lie in another, as fractions of its rows and columns."""

    def __init__(self, grid, mover, other):
        rows, columns = grid.values.shape
        metres = grid.width if not parse_crs(grid.crs).is_geographic else grid.width * 111_320
        self.step = int(np.clip(STEP_M // metres, 1, STEP_CELLS))
        across = np.arange(columns // self.step + 2) * self.step
        down = np.arange(rows // self.step + 2) * self.step
        # none beyond the grid, where its system may end
        x, y = np.meshgrid(
            grid.west + np.minimum(across, columns) * grid.width,
            grid.north - np.minimum(down, rows) * grid.height,
        )
        self.across, self.down = np.minimum(across, columns), np.minimum(down, rows)
        x, y = mover.transform(x, y)
        self.row, self.column = (other.north - y) / other.height, (x - other.west) / other.width

    def at(self, rows, columns):
        """Row and column there, as fractions, of every pair of some rows and columns here."""
        return self._between(self.row, rows, columns), self._between(self.column, rows, columns)

    def _between(self, known, rows, columns):
        upper, down = self._place(self.down, rows)
        before, across = self._place(self.across, columns)
        lines = known[upper] * (1 - down[:, None]) + known[upper + 1] * down[:, None]
        return lines[:, before] * (1 - across) + lines[:, before + 1] * across

    def _place(self, knots, wanted):
        at = np.clip(np.floor(wanted / self.step).astype(int), 0, len(knots) - 2)
        width = np.maximum(knots[at + 1] - knots[at], 1)
        return at, (wanted - knots[at]) / width


def _laid(raster, places, *, between):
    """What a raster holds at the middles of the cells of a grid."""
    rows, columns = int(places.down[-1]), int(places.across[-1])
    taken, each = np.full((rows, columns), np.nan), max(1, BLOCK // columns)
    for top in range(0, rows, each):
        here = np.arange(top, min(top + each, rows))
        row, column = places.at(here + 0.5, np.arange(columns) + 0.5)
        taken[here] = _nearest(raster.values, row, column)
        if between:
            taken[here] = np.where(
                np.isnan(taken[here]), np.nan, _bilinear(raster.values, row - 0.5, column - 0.5)
            )
    return taken


def _nearest(values, row, column):
    down, across = values.shape
    inside = (row >= 0) & (row < down) & (column >= 0) & (column < across)
    at = (np.clip(each, 0, size - 1).astype(int) for each, size in ((row, down), (column, across)))
    return np.where(inside, values[tuple(at)], np.nan)


def _bilinear(values, row, column):
    """The mean of the four cells around, weighted by how near they are; of those that are known."""
    top, left = np.floor(row), np.floor(column)
    total, weight = np.zeros(row.shape), np.zeros(row.shape)
    for down in (0, 1):
        for across in (0, 1):
            share = np.abs(1 - down - (row - top)) * np.abs(1 - across - (column - left))
            r = np.clip(top + down, 0, values.shape[0] - 1).astype(int)
            c = np.clip(left + across, 0, values.shape[1] - 1).astype(int)
            known = ~np.isnan(values[r, c])
            total += np.where(known, share * values[r, c], 0)
            weight += np.where(known, share, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / weight


def _handed_out(raster, places, shape):
    """The counts of a raster on a grid: each of its cells as points that carry an equal part."""
    held = np.zeros(shape[0] * shape[1])
    parts = (np.arange(PARTS) + 0.5) / PARTS
    columns = raster.values.shape[1]
    across = (np.arange(columns)[:, None] + parts).ravel()
    each = max(1, BLOCK // (columns * PARTS**2))
    for top in range(0, len(raster.values), each):
        block = np.nan_to_num(raster.values[top : top + each])
        if not block.any():
            continue
        down = (np.arange(top, top + len(block))[:, None] + parts).ravel()
        row, column = places.at(down, across)
        cell = (
            np.floor(row).clip(0, shape[0] - 1) * shape[1] + np.floor(column).clip(0, shape[1] - 1)
        ).astype(int)
        share = np.repeat(np.repeat(block / PARTS**2, PARTS, axis=0), PARTS, axis=1)
        low, high = cell.min(), cell.max() + 1
        held[low:high] += np.bincount((cell - low).ravel(), share.ravel(), high - low)
    return held.reshape(shape)
