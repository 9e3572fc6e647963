"""The frame of a printed map: how large the ground is drawn in it, its edge with degrees, scale bar and north."""

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from reportlab.lib.colors import HexColor

from gis.crs import WGS84
from gis.labels import format_number
from gis.messages import say
from gis.sheets.fonts import BOLD, PLAIN, width

POINTS_A_M = 72 / 0.0254
"""Points of paper in a metre of paper."""

STEPS = (1, 1.2, 1.25, 1.5, 1.75, 2, 2.2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 7.5, 8, 9, 10)
"""The first figures of a scale that people can reckon with."""

LEAST_M = 1500.0
"""So much ground is shown at least, from side to side, however small the village."""

AROUND = 0.02
"""Of the width and height of what is shown, left free on each side."""

TICK, TICK_LETTERS = 4.0, 5.6
BAR_HEIGHT = 4.0
INK, EDGE = HexColor("#111111"), HexColor("#3A4448")


@dataclass(frozen=True)
class Frame:
    """A rectangle of the page and the ground that is drawn in it.

    Attributes
    ----------
    left, bottom, width, height : float
        Where it stands, in units of the page.
    x, y : float
        The middle of the ground, in metres of the study's CRS.
    denominator : float
        Of the scale: 50,000 of 1:50,000.
    unit : float
        Points of paper in a unit of the page.
    """

    left: float
    bottom: float
    width: float
    height: float
    x: float
    y: float
    denominator: float
    unit: float = 1.0

    @property
    def scale(self):
        """Units of the page a metre of ground."""
        return POINTS_A_M / self.unit / self.denominator

    def place(self, coordinates):
        """Metres of the ground to units of the page."""
        middle = (self.left + self.width / 2, self.bottom + self.height / 2)
        return (np.asarray(coordinates, dtype=float) - (self.x, self.y)) * self.scale + middle

    @property
    def ground(self):
        """West, south, east and north of what is seen, in metres."""
        half = np.array([self.width, self.height]) / 2 / self.scale
        return (self.x - half[0], self.y - half[1], self.x + half[0], self.y + half[1])

    @property
    def box(self):
        return shapely.box(*self.ground)


def fit(bounds, left, bottom, width, height, unit=1.0):
    """The frame at the largest round scale that shows all of some ground.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east and north in metres.
    left, bottom, width, height : float
        Where the frame stands, in units of the page.
    unit : float
        Points of paper in such a unit.
    """
    west, south, east, north = bounds
    wide = max((east - west) * (1 + 2 * AROUND), LEAST_M)
    high = max((north - south) * (1 + 2 * AROUND), LEAST_M * height / width)
    least = max(wide / width, high / height) * POINTS_A_M / unit
    middle = ((west + east) / 2, (south + north) / 2)
    return Frame(left, bottom, width, height, *middle, round_scale(least), unit)


def round_scale(least):
    """The smallest scale figure that people can reckon with and that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in STEPS if step * power >= least * (1 - 1e-9))


def begin_inside(canvas, frame):
    """Draw inside the frame only, on pale ground, until the state of the canvas is restored."""
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(frame.left, frame.bottom, frame.width, frame.height)
    canvas.clipPath(path, stroke=0, fill=0)
    canvas.setFillColor(HexColor("#F7F8F6"))
    canvas.rect(frame.left, frame.bottom, frame.width, frame.height, stroke=0, fill=1)


def draw_edge(canvas, frame, crs, language):
    """The line around the map, with ticks and their degrees along it."""
    canvas.setStrokeColor(EDGE)
    canvas.setLineWidth(1.1)
    canvas.rect(frame.left, frame.bottom, frame.width, frame.height, stroke=1, fill=0)
    canvas.setLineWidth(0.5)
    canvas.setFillColor(EDGE)
    canvas.setFont(PLAIN, TICK_LETTERS)
    for axis, side, degrees, at in ticks(frame, crs):
        text = degree_text(degrees, axis, language)
        if axis == "lon":
            y = frame.bottom if side == 0 else frame.bottom + frame.height
            canvas.line(at, y, at, y + (TICK if side == 0 else -TICK))
            canvas.drawCentredString(at, y - TICK_LETTERS - 1 if side == 0 else y + 2, text)
        else:
            x = frame.left if side == 0 else frame.left + frame.width
            canvas.line(x, at, x + (TICK if side == 0 else -TICK), at)
            canvas.saveState()
            canvas.translate(x - 2 if side == 0 else x + TICK_LETTERS + 1, at)
            canvas.rotate(90)
            canvas.drawCentredString(0, 0, text)
            canvas.restoreState()


def ticks(frame, crs):
    """Where round degrees cross the edges: axis, side (0 bottom or left, 1 top or right), degrees, points."""
    west, south, east, north = frame.ground
    along = np.linspace(0, 1, 33)
    edges = {
        ("lon", 0): np.column_stack([west + along * (east - west), np.full(33, south)]),
        ("lon", 1): np.column_stack([west + along * (east - west), np.full(33, north)]),
        ("lat", 0): np.column_stack([np.full(33, west), south + along * (north - south)]),
        ("lat", 1): np.column_stack([np.full(33, east), south + along * (north - south)]),
    }
    metres = np.concatenate(list(edges.values()))
    degrees = gpd.GeoSeries(shapely.points(metres), crs=crs).to_crs(WGS84)
    degrees = np.column_stack([degrees.x, degrees.y]).reshape(4, 33, 2)
    step = _tick_step(degrees[0, -1, 0] - degrees[0, 0, 0])
    for (axis, side), line in zip(edges, degrees, strict=True):
        values = line[:, 0 if axis == "lon" else 1]
        start, length = (frame.left, frame.width) if axis == "lon" else (frame.bottom, frame.height)
        for number in range(math.ceil(values[0] / step), math.floor(values[-1] / step) + 1):
            at = start + length * float(np.interp(number * step, values, along))
            if start + 24 <= at <= start + length - 24:
                yield axis, side, number * step, at


def _tick_step(degrees):
    """The round step, in degrees, that gives three to seven ticks."""
    minutes = (1 / 12, 1 / 6, 1 / 4, 1 / 2, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300)
    return next((step for step in minutes if degrees * 60 / step <= 6), minutes[-1]) / 60


def degree_text(degrees, axis, language):
    """Degrees, minutes and where needed seconds, with the letter of the half of the Earth."""
    seconds = round(abs(degrees) * 3600)
    whole, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    half = {"lon": ("east", "west"), "lat": ("north", "south")}[axis][degrees < 0]
    text = f"{whole}°{minutes:02d}′" + (f"{rest:02d}″" if rest else "")
    return f"{text} {say(f'mapsheet-{half}', language)}"


def bar_length(frame, most):
    """Metres of ground of the scale bar: the longest round length that is at most so many points long."""
    metres = most / frame.scale
    power = 10.0 ** math.floor(math.log10(metres))
    return next(step * power for step in (5, 2, 1) if step * power <= metres * (1 + 1e-9))


def draw_bar(canvas, frame, x, y, most, language):
    """A bar of a round length in four parts, black and white, with the scale as a figure above it.

    Parameters
    ----------
    x, y : float
        Its lower left corner, in points.
    most : float
        Points that it may be long.
    """
    metres = bar_length(frame, most - 26)
    long = metres * frame.scale
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.6)
    for part in range(4):
        canvas.setFillColor(INK if part % 2 == 0 else HexColor("#FFFFFF"))
        canvas.rect(x + part * long / 4, y, long / 4, BAR_HEIGHT, stroke=1, fill=1)
    canvas.setFillColor(INK)
    canvas.setFont(PLAIN, 6.4)
    unit, factor = ("km", 1000) if metres >= 1000 else ("m", 1)
    for part in (0, 2, 4):
        text = format_number(metres * part / 4 / factor, language)
        if part < 4:
            canvas.drawString(x + part * long / 4 - (width(text, PLAIN, 6.4) / 2 if part else 0), y - 8, text)
        else:
            canvas.drawString(x + long - width(text, PLAIN, 6.4) / 2, y - 8, f"{text} {unit}")
    canvas.setFont(BOLD, 9)
    canvas.drawString(x, y + BAR_HEIGHT + 5, scale_text(frame, language))


def scale_text(frame, language):
    """The scale as it is written on maps, such as ``Tỷ lệ 1:50.000``."""
    return say("mapsheet-scale", language, figure=format_number(frame.denominator, language))


def draw_north(canvas, x, y, language):
    """An arrow of 22 points that stands on x, y, with the letter of north above it."""
    for side, fill in ((-1, INK), (1, HexColor("#FFFFFF"))):
        path = canvas.beginPath()
        path.moveTo(x, y + 22)
        path.lineTo(x + side * 7, y)
        path.lineTo(x, y + 5)
        path.close()
        canvas.setFillColor(fill)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.6)
        canvas.drawPath(path, stroke=1, fill=1)
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 9)
    canvas.drawCentredString(x, y + 24, say("sheets-north", language))
