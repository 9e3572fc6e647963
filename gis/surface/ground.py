"""How fast one walks off the roads, by land cover."""

import numpy as np

from gis.crs import check_metric
from gis.surface.marks import COVER, WATER, WETLAND

TOBLER_KMH = 5.04
"""On the flat; the speeds of the land cover are those of such a walker."""
BLOCK = 4_000_000
"""Cells looked up at a time, to bound the memory."""


def cover_speeds(land_cover, walk_kmh):
    """Walking speed of each class of a land cover, km/h, for one who walks `walk_kmh` on a good road; 0 is water."""
    if land_cover is None:
        return {}
    check_metric(land_cover.crs, layer="land_cover")
    return {
        float(code): about["walk_kmh"] * walk_kmh / TOBLER_KMH for code, about in land_cover.classes.items()
    }


def mark_cover(marks, pace, grid, land_cover, paces):
    """Mark in place what the land cover says of each cell; how many cells it says nothing of.

    Parameters
    ----------
    marks, pace : arrays
        Of the shape of `grid`; `pace` is set where land cover is walked.
    grid, land_cover : Raster
        The class at the middle of each cell of `grid` is taken.
    paces : Mapping of float to int
        Code of the land cover to its pace; None for water.
    """
    rows, columns = marks.shape
    down, across = land_cover.values.shape
    column = np.floor(
        (grid.west + (np.arange(columns) + 0.5) * grid.width - land_cover.west) / land_cover.width
    )
    wet = {float(code) for code, about in land_cover.classes.items() if about.get("id") == "wetland"}
    silent, each = 0, max(1, BLOCK // columns)
    for top in range(0, rows, each):
        y = grid.north - (np.arange(top, min(top + each, rows)) + 0.5) * grid.height
        row = np.floor((land_cover.north - y) / land_cover.height)
        inside = ((row >= 0) & (row < down))[:, None] & ((column >= 0) & (column < across))
        at = np.ix_(np.clip(row, 0, down - 1).astype(int), np.clip(column, 0, across - 1).astype(int))
        code, block = land_cover.values[at], slice(top, top + each)
        said = np.zeros(code.shape, dtype=bool)
        for known, own in paces.items():
            here = inside & (code == known)
            said |= here
            marks[block][here] |= WATER if own is None else WETLAND if known in wet else COVER
            if own is not None:
                pace[block][here] = own
        silent += int((~said).sum())
    return silent
