"""Light and shade of a study's heights, as a small picture that lies over a web map."""

import math
from dataclasses import dataclass

import numpy as np
from pyproj import Transformer

MOST_PX = 560
LEVELS = 16
"""Steps of shade and of light each; more cannot be told apart under the colours of villages."""
LIGHTS = ((315.0, 0.6), (270.0, 0.2), (0.0, 0.2))
"""Azimuth and weight: most from the north-west, as on printed maps, some from beside it so that ridges along that
light do not vanish. Mark, R. (1992), Multidirectional, oblique-weighted, shaded-relief image, USGS OFR 92-422."""
ALTITUDE = 45.0
STEEPER = 1.6
"""Heights are drawn this many times as high, or hills of an upland district would hardly be seen at its scale."""
FULL_SHADE, FULL_LIGHT = 0.7, 0.32
"""Differences from level ground, of 1, that are drawn as the last step."""
MERCATOR_M = 6378137.0


@dataclass(frozen=True)
class Relief:
    """A picture of light and shade.

    Attributes
    ----------
    steps : array of int8, shape (rows, columns)
        From ``-LEVELS``, full shade, to ``LEVELS``, full light; 0 on level ground and where no height is known. Rows
        are evenly spaced on a Mercator map, the first in the north.
    bounds : tuple of float
        West, south, east, north of the picture, in degrees.
    """

    steps: np.ndarray
    bounds: tuple


def extent(raster):
    """Where the relief of a raster lies: west, south, east, north, in degrees."""
    return _degrees(_mercator_bounds(raster))


def shade(raster, *, most_px=MOST_PX):
    """The relief of heights.

    Parameters
    ----------
    raster : Raster
        Heights in metres, NaN where none is known.
    most_px : int
        Of the longer side.

    Returns
    -------
    Relief
    """
    heights, cell_m, bounds = on_mercator(raster, most_px=most_px)
    return Relief(_steps(heights, cell_m), bounds)


def on_mercator(raster, *, most_px):
    """A raster laid on the Mercator map.

    Returns
    -------
    values : array of float
        Rows from the north; between the values of the four cells around, NaN beside one that is unknown.
    cell_m : array of float
        Size of a cell on the ground, a row a row.
    bounds : tuple of float
        West, south, east, north, in degrees.
    """
    box = west, south, east, north = _mercator_bounds(raster)
    size = max(east - west, north - south) / most_px
    columns, rows = max(2, round((east - west) / size)), max(2, round((north - south) / size))
    x = west + (np.arange(columns) + 0.5) * (east - west) / columns
    y = north - (np.arange(rows) + 0.5) * (north - south) / rows
    # a metre of the map is shorter on the ground the further it is from the equator
    scale = np.cos(2 * np.arctan(np.exp(y / MERCATOR_M)) - math.pi / 2)[:, None]
    return _sampled(raster, x, y), size * scale, _degrees(box)


def _steps(heights, cell_m):
    down, east = np.gradient(heights * STEEPER)
    east, north = east / cell_m, -down / cell_m
    level = math.sin(math.radians(ALTITUDE))
    lit = np.zeros(heights.shape)
    for azimuth, weight in LIGHTS:
        turn = math.radians(90.0 - azimuth)
        against = math.cos(math.radians(ALTITUDE)) * (east * math.cos(turn) + north * math.sin(turn))
        lit += weight * (level - against)
    # the plane's normal is (-east, -north, 1) by its length
    apart = lit / np.sqrt(1 + east**2 + north**2) - level
    steps = np.where(apart < 0, apart / FULL_SHADE, apart / FULL_LIGHT) * LEVELS
    return np.nan_to_num(np.clip(np.rint(steps), -LEVELS, LEVELS)).astype(np.int8)


def _sampled(raster, x, y):
    """Heights at places on the Mercator map, between the middles of the four cells around; NaN by an unknown one."""
    values, width, height = raster.values, raster.width, raster.height
    # a coarse picture of fine heights takes their means, or single rocks would show as noise
    coarse = max(1, min(values.shape) // (2 * MOST_PX))
    if coarse > 1:
        rows, columns = (side // coarse * coarse for side in values.shape)
        values = (
            values[:rows, :columns].reshape(rows // coarse, coarse, columns // coarse, coarse).mean((1, 3))
        )
        width, height = width * coarse, height * coarse
    there = Transformer.from_crs(3857, raster.crs, always_xy=True)
    east, north = there.transform(*np.meshgrid(x, y))
    column = (east - raster.west) / width - 0.5
    row = (raster.north - north) / height - 0.5
    rows, columns = values.shape
    inside = (column >= -0.5) & (column <= columns - 0.5) & (row >= -0.5) & (row <= rows - 0.5)
    column, row = np.clip(column, 0, columns - 1.000001), np.clip(row, 0, rows - 1.000001)
    left, top = column.astype(int), row.astype(int)
    right, down = column - left, row - top
    right_of, below = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    upper = values[top, left] * (1 - right) + values[top, right_of] * right
    lower = values[below, left] * (1 - right) + values[below, right_of] * right
    return np.where(inside, upper * (1 - down) + lower * down, np.nan)


def _mercator_bounds(raster):
    return Transformer.from_crs(raster.crs, 3857, always_xy=True).transform_bounds(
        *raster.bounds, densify_pts=21
    )


def _degrees(box):
    west, south, east, north = Transformer.from_crs(3857, 4326, always_xy=True).transform_bounds(*box)
    return tuple(round(each, 6) for each in (west, south, east, north))
