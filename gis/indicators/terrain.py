"""How high and how steep the land of a village is."""

import numpy as np
import pandas as pd
import shapely

from gis.indicators.doubts import widen
from gis.rasters import cell_shares
from gis.registry import indicator

HA = 1e-4


@indicator(
    unit="%",
    unseen="nothing",
    vi="Tỷ lệ diện tích từ một độ cao trở lên",
    en="Share of area at or above a height",
)
def area_share_above(villages, elevation, *, height_m):
    """Percent of the village's area that lies at a height or above it.

    Parameters
    ----------
    villages : GeoDataFrame
        Polygons in a projected CRS in metres; columns ``approximate`` and, where extents were made here,
        ``extent_doubt_m``.
    elevation : Raster
        Height in metres, in the same CRS; a cell is as high as its value all over.
    height_m : float
        Height in metres, > 0; a cell at exactly this height counts.

    Returns
    -------
    DataFrame
        ``value`` in percent of the area whose height is known; ``numerator`` and ``denominator`` in hectares.
        Where the raster has no data inside the village or ends in it, ``low`` and ``high`` take that part as
        below and as above, with ``doubt`` "no-elevation"; NaN where no height is known. On an approximate
        extent ``low`` and ``high`` hold for every extent whose border is off by no more than its doubt, with
        ``doubt`` "approximate"; 0 and 100 where nobody knows how far it is off. NaN without a polygon.
    """
    return _share(villages, elevation, elevation.values, height_m)


@indicator(
    unit="%",
    unseen="nothing",
    vi="Tỷ lệ diện tích từ một độ dốc trở lên",
    en="Share of area at or above a slope",
)
def area_share_steeper(villages, elevation, *, slope_pct):
    """Percent of the village's area that is as steep as a slope or steeper.

    Parameters
    ----------
    villages : GeoDataFrame
        As in `area_share_above`.
    elevation : Raster
        Height in metres, in the same CRS.
    slope_pct : float
        Slope in percent (100 is 45 degrees), > 0; a cell of exactly this slope counts.

    Returns
    -------
    DataFrame
        As `area_share_above`. The outermost cells of the raster, and those beside cells without data, have no
        slope.
    """
    return _share(villages, elevation, slope_of(elevation), slope_pct)


def slope_of(elevation):
    """The slope of every cell in percent; NaN where one of the nine heights it takes is missing.

    Notes
    -----
    ``100 * hypot(dz/dx, dz/dy)`` with the differences weighted over three rows and columns:
    ``dz/dx = ((c + 2f + i) - (a + 2d + g)) / (8 * width)`` for the cells ``a b c / d e f / g h i``.

    References
    ----------
    Horn, B. K. P. (1981). Hill shading and the reflectance map. Proceedings of the IEEE 69 (1), 14-47.
    """
    height = elevation.values
    slope = np.full(height.shape, np.nan)
    if min(height.shape) < 3:
        return slope
    across = height[:, 2:] - height[:, :-2]
    down = height[2:] - height[:-2]
    dx = (across[:-2] + 2 * across[1:-1] + across[2:]) / (8 * elevation.width)
    dy = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / (8 * elevation.height)
    # the height of the cell itself does not enter the formula, yet a hole has no slope
    slope[1:-1, 1:-1] = 100 * np.hypot(dx, dy) + 0 * height[1:-1, 1:-1]
    return slope


def _share(villages, raster, values, limit):
    """The share of area whose value is `limit` or more, with what is not known about it."""
    shapes = villages.geometry.to_numpy()
    known, high = ~np.isnan(values), values >= limit
    above, below, blank = _areas(raster, shapes, high, known)
    measured = pd.DataFrame(
        {"numerator": above * HA, "denominator": (above + below) * HA}, index=villages.index
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        measured["value"] = 100 * above / (above + below)
        low, most = (100 * part / (above + below + blank) for part in (above, above + blank))
    bare = shapely.is_missing(shapes)
    unseen = ~bare & np.isnan(measured["value"].to_numpy())
    measured["doubt"] = np.where(bare, "no-geometry", np.where(unseen, "no-elevation", None))
    measured = widen(
        measured,
        "no-elevation",
        low=np.where(blank > 0, low, np.inf),
        high=np.where(blank > 0, most, -np.inf),
    )
    rough = villages["approximate"].to_numpy(dtype=bool) & ~bare
    if rough.any():
        low, most = np.full(len(villages), np.inf), np.full(len(villages), -np.inf)
        off = (
            villages["extent_doubt_m"] if "extent_doubt_m" in villages else pd.Series(np.nan, villages.index)
        )
        low[rough], most[rough] = _bounds(
            raster, shapes[rough], high, known, off.to_numpy(dtype=float)[rough]
        )
        measured = widen(measured, "approximate", low=low, high=most)
    return measured


def _bounds(raster, shapes, high, known, off):
    """The least and the most share of every extent between a shape shrunk and grown by `off` metres."""
    sure = _areas(raster, shapely.buffer(shapes, -np.nan_to_num(off)), high, known)
    maybe = _areas(raster, shapely.buffer(shapes, np.nan_to_num(off)), high, known)
    above, below = sure[0], sure[1]
    most_above, most_below = maybe[0] + maybe[2], maybe[1] + maybe[2]
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(most_below > 0, 100 * above / (above + most_below), 100.0)
        high_ = np.where(most_above > 0, 100 * most_above / (most_above + below), 0.0)
    return np.where(np.isnan(off), 0.0, low), np.where(np.isnan(off), 100.0, high_)


def _areas(raster, shapes, high, known):
    """Square metres of each shape that are high, known and not high, and not known."""
    cell, found = raster.width * raster.height, cell_shares(raster, shapes)
    up, there = (flags.reshape(-1)[found.cells] for flags in (high, known))
    above = cell * found.sums(found.shares * up)
    below = cell * found.sums(found.shares * (there & ~up))
    area = np.nan_to_num(shapely.area(shapes))
    blank = area - above - below
    # what is left of a shape that is covered whole is rounding
    return np.stack([above, below, np.where(blank > 1e-9 * area, blank, 0.0)])
