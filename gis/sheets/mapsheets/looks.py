"""How a class is painted on paper: the colours of the page with patterns that a black and white printer keeps apart."""

from dataclasses import dataclass

import numpy as np
import shapely
from reportlab.lib.colors import HexColor

from gis.sheets.fonts import BOLD, width

STEP = 4.0
"""Points from line to line of a pattern."""

SIGNS = {"met": "✓", "unmet": "✕", "unknown": "?", "exempt": "–"}


@dataclass(frozen=True)
class Look:
    """A fill and what is laid over it: ``dots``, ``rare`` dots, ``lines``, ``hatch``, ``cross``, or nothing."""

    fill: str
    pattern: str | None = None
    mark: str = "#555555"


LOOKS = {
    "met": Look("#2B7F86"),
    "unmet": Look("#E6A25F", "dots", "#6E2F06"),
    "unknown": Look("#ECEEED", "hatch", "#6F7A76"),
    "exempt": Look("#FFFFFF", "rare", "#9AA49F"),
    "missed1": Look("#FBE0B6"),
    "missed2": Look("#F3B465", "rare", "#6B3A0A"),
    "missed3": Look("#D9772B", "lines", "#FFE9D2"),
    "missed4": Look("#94400F", "cross", "#E9B58F"),
    "share0": Look("#F4F1E6", "rare", "#8A8468"),
    "share1": Look("#CFE3DC"),
    "share2": Look("#93C4BB"),
    "share3": Look("#4F9E9B"),
    "share4": Look("#14595C"),
    "aside": Look("#FFFFFF"),
}
"""Colours as `static/paint.js` has them; ``aside`` is what the map is not about."""


def paint(canvas, rings, discs, look):
    """Fill shapes of one class and lay its pattern over them.

    Parameters
    ----------
    rings : list of array
        Coordinates in points, outer rings one way round and holes the other.
    discs : list of tuple
        x, y and radius of places without an outline.
    """
    if not rings and not discs:
        return
    path = _path(canvas, rings, discs)
    canvas.setFillColor(HexColor(look.fill))
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)
    if look.pattern:
        canvas.saveState()
        canvas.clipPath(_path(canvas, rings, discs), stroke=0, fill=0, fillMode=1)
        _pattern(canvas, _bounds(rings, discs), look)
        canvas.restoreState()


def outlines(shapes, frame):
    """The rings of polygons as the page shows them: cut to the frame, as coarse as the print, outer rings one way."""
    west, south, east, north = frame.ground
    slack = 12 / frame.scale
    simple = shapely.simplify(np.asarray(shapes, dtype=object), 0.25 / frame.scale)
    cut = shapely.clip_by_rect(simple, west - slack, south - slack, east + slack, north + slack)
    rings = []
    for polygon in shapely.get_parts(shapely.orient_polygons(cut)):
        if shapely.get_dimensions(polygon) == 2 and not shapely.is_empty(polygon):
            rings += [
                frame.place(shapely.get_coordinates(ring)) for ring in (polygon.exterior, *polygon.interiors)
            ]
    return rings


def stroke(canvas, rings, colour, thick, *, dash=()):
    """The lines of rings."""
    if rings:
        canvas.setStrokeColor(HexColor(colour))
        canvas.setLineWidth(thick)
        canvas.setLineJoin(1)
        canvas.setDash(*dash) if dash else canvas.setDash()
        canvas.drawPath(_path(canvas, rings, ()), stroke=1, fill=0)
        canvas.setDash()


def swatch(canvas, name, x, y, wide, high):
    """A small field of a class for the legend."""
    corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y)]
    paint(canvas, [np.array(corners)], (), LOOKS[name])
    stroke(canvas, [np.array(corners)], "#4A545B", 0.5)


def seal(canvas, text, x, y, radius):
    """A white disc with the sign or figure of a village, so that no class is told by its colour alone."""
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.setStrokeColor(HexColor("#1A1F22"))
    canvas.setLineWidth(0.5)
    canvas.circle(x, y, radius, stroke=1, fill=1)
    write_sign(canvas, text, x, y, radius)


def write_sign(canvas, text, x, y, radius):
    """A sign with its middle at x, y; the letters have no tick and no cross, so those are drawn."""
    canvas.setFillColor(HexColor("#111111"))
    canvas.setStrokeColor(HexColor("#111111"))
    part = radius * 0.5
    if text not in (SIGNS["met"], SIGNS["unmet"]):
        size = radius * (1.5 if len(text) == 1 else 1.05 if len(text) < 4 else 0.8)
        canvas.setFont(BOLD, size)
        canvas.drawString(x - width(text, BOLD, size) / 2, y - size * 0.33, text)
        return
    canvas.setLineWidth(radius * 0.24)
    canvas.setLineCap(1)
    if text == SIGNS["met"]:
        path = canvas.beginPath()
        path.moveTo(x - part * 1.1, y)
        path.lineTo(x - part * 0.3, y - part * 0.85)
        path.lineTo(x + part * 1.15, y + part * 0.85)
        canvas.drawPath(path, stroke=1, fill=0)
    else:
        canvas.line(x - part, y - part, x + part, y + part)
        canvas.line(x - part, y + part, x + part, y - part)
    canvas.setLineCap(0)


def _path(canvas, rings, discs):
    path = canvas.beginPath()
    for ring in rings:
        (x, y), *rest = ring.round(2).tolist()
        path.moveTo(x, y)
        for x, y in rest:
            path.lineTo(x, y)
        path.close()
    for x, y, radius in discs:
        path.circle(x, y, radius)
    return path


def _bounds(rings, discs):
    corners = [ring for ring in rings] + [np.array([(x - r, y - r), (x + r, y + r)]) for x, y, r in discs]
    every = np.concatenate(corners)
    return (*every.min(axis=0), *every.max(axis=0))


def _pattern(canvas, bounds, look):
    """Lines or dots over a rectangle, in step with those of its neighbours."""
    west, south, east, north = bounds
    canvas.setStrokeColor(HexColor(look.mark))
    canvas.setLineWidth(0.6)
    if look.pattern in ("dots", "rare"):
        step = STEP if look.pattern == "dots" else STEP * 1.8
        canvas.setLineWidth(1.1)
        canvas.setLineCap(1)
        first = int(south // step)
        for number in range(first, int(north // step) + 1):
            # a dash of no length with a round end is a dot
            start = west // step * step + (step / 2 if number % 2 else 0)
            canvas.setDash([0.001, step])
            canvas.line(start, number * step, east + step, number * step)
        canvas.setDash()
        canvas.setLineCap(0)
        return
    lines = []
    if look.pattern == "lines":
        lines = [
            (west, number * STEP, east, number * STEP)
            for number in range(int(south // STEP), int(north // STEP) + 1)
        ]
    if look.pattern in ("hatch", "cross"):
        high = north - south
        for number in range(int((west + south) // (STEP * 1.4)) - 1, int((east + north) // (STEP * 1.4)) + 2):
            # on each line x + y is the same
            total = number * STEP * 1.4
            lines.append((total - south, south, total - south - high, north))
    if look.pattern == "cross":
        high = north - south
        for number in range(int((west - north) // (STEP * 1.4)) - 1, int((east - south) // (STEP * 1.4)) + 2):
            less = number * STEP * 1.4
            lines.append((south + less, south, south + less + high, north))
    canvas.lines(lines)
