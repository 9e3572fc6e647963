"""Names and signs on a printed map where there is room for them: none lies over another."""

import numpy as np
import shapely
from reportlab.lib.colors import HexColor

from gis.sheets.fonts import ASCENT, BOLD, PLAIN, width, wrap
from gis.sheets.mapsheets.looks import seal

RADIUS = 4.6
"""Of the disc of a village, in points."""

SIZES = {"village": 6.6, "commune": 8.6, "beyond": 6.6}
COLOURS = {"village": "#111111", "commune": "#2B3A67", "beyond": "#68737A"}
LONGEST = 120.0
"""Points that a name may be wide; a longer one goes on in a second line."""


class Room:
    """What of a frame is taken already."""

    def __init__(self, frame):
        self._frame = (
            frame.left + 2,
            frame.bottom + 2,
            frame.left + frame.width - 2,
            frame.bottom + frame.height - 2,
        )
        self._taken = np.zeros((64, 4))
        self._count = 0

    def free(self, box):
        """Whether a box (west, south, east, north in points) lies inside the frame and over nothing."""
        west, south, east, north = box
        if west < self._frame[0] or south < self._frame[1] or east > self._frame[2] or north > self._frame[3]:
            return False
        taken = self._taken[: self._count]
        apart = (
            (taken[:, 0] >= east) | (taken[:, 2] <= west) | (taken[:, 1] >= north) | (taken[:, 3] <= south)
        )
        return bool(apart.all())

    def near(self, x, y, half, within=None):
        """Take a square of twice `half` at a place or close to it, inside an outline; where, None without room."""
        for right, up in NEAR:
            at = (x + right * 2.1 * half, y + up * 2.1 * half)
            box = (at[0] - half, at[1] - half, at[0] + half, at[1] + half)
            if self.free(box) and (within is None or within.covers(shapely.Point(at))):
                self.take(box)
                return at
        return None

    def take(self, box):
        if self._count == len(self._taken):
            self._taken = np.concatenate([self._taken, np.zeros_like(self._taken)])
        self._taken[self._count] = box
        self._count += 1


NEAR = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""Where a sign may move that has no room at its own place, in its own heights."""


def draw_seals(canvas, room, places, marks, shapes):
    """The disc of each village that has room for one on it or close to it; where each village is to be named.

    Parameters
    ----------
    places : Mapping of str to (float, float)
        Points of the page by id.
    marks : Mapping of str to str
    shapes : Mapping of str to geometry
        Outlines in units of the page: a disc stands in that of its village, or the village is too small for one.
    """
    found = dict(places)
    for id_, (x, y) in places.items():
        at = room.near(x, y, RADIUS, within=shapes.get(id_))
        if id_ in marks and at is not None:
            seal(canvas, marks[id_], *at, RADIUS)
            found[id_] = at
    return found


def draw_names(canvas, room, places, names, kind, *, off=RADIUS):
    """The name of each place beside it where there is room: below, above, to the right, to the left; how many were written.

    Parameters
    ----------
    kind : str
        One of `SIZES`.
    off : float
        Points that stay free around the place; with 0 the name stands on it.
    """
    size, font = SIZES[kind], BOLD if kind == "commune" else PLAIN
    written = 0
    for id_, (x, y) in places.items():
        lines = wrap(names[id_], font, size, LONGEST)[:2]
        wide = max(width(line, font, size) for line in lines)
        high = size * ASCENT + (len(lines) - 1) * size * 1.15 + 2
        for left, bottom in _beside(x, y, wide, high, off):
            box = (left - 1, bottom - 1.5, left + wide + 1, bottom + high)
            if room.free(box):
                room.take(box)
                _write(canvas, lines, font, size, left, bottom, wide, COLOURS[kind])
                written += 1
                break
    return written


def _beside(x, y, wide, high, off):
    if off == 0:
        yield x - wide / 2, y - high / 2
        off = 3
    yield x - wide / 2, y - off - high - 1
    yield x - wide / 2, y + off + 2
    yield x + off + 2, y - high / 2
    yield x - off - wide - 2, y - high / 2


def _write(canvas, lines, font, size, left, bottom, wide, colour):
    """A name on pale ground, so that the pattern below does not cross it out."""
    high = size * ASCENT + (len(lines) - 1) * size * 1.15
    canvas.saveState()
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.setFillAlpha(0.82)
    canvas.roundRect(left - 1.2, bottom - 1.4, wide + 2.4, high + 2.4, 1.5, stroke=0, fill=1)
    canvas.restoreState()
    canvas.setFillColor(HexColor(colour))
    canvas.setFont(font, size)
    for above, line in zip(reversed(range(len(lines))), lines, strict=True):
        canvas.drawCentredString(left + wide / 2, bottom + 0.6 + above * size * 1.15, line)
