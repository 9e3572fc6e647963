"""Roads, waters and facilities laid over a printed map, and how each looks in the legend."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from reportlab.lib.colors import HexColor

from gis.errors import PaperError
from gis.exports import plain
from gis.sheets.fonts import BOLD, drawable
from gis.sheets.mapsheets.looks import outlines

ROLES = ("facility", "network", "area")
MOST_SIGNS = 160
"""More facilities in sight than this are drawn as dots without their letter."""

SIGN, DOT = 4.2, 1.7
DOTS = (
    tuple((1.1 * math.cos(turn * math.pi / 4), 1.1 * math.sin(turn * math.pi / 4)) for turn in range(8)),
    ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    ((-1.3, -0.9), (1.3, -0.9), (0, 1.4)),
    ((0, -1.5), (1.5, 0), (0, 1.5), (-1.5, 0)),
    ((-1.3, 0.9), (0, -1.4), (1.3, 0.9)),
)
"""Round, square, triangle, diamond, triangle on its head; in halves of a dot."""


@dataclass(frozen=True)
class Overlay:
    """A layer on the map, in points of the page: what is seen of it and how it is drawn."""

    id: str
    label: str
    geometry: str
    colour: str
    letter: str
    thick: float
    pieces: tuple
    count: int
    order: int


def offered(study):
    """The layers of a study that can be laid over a map, by id."""
    return {
        id_: data.layer
        for id_, data in sorted(study.layers.items())
        if data.frame is not None and data.layer.role in ROLES and len(data.frame)
    }


def overlays(review, frame, wanted, language):
    """The layers asked for, areas first, then lines, then places.

    Parameters
    ----------
    wanted : sequence of str
        Layer ids.

    Raises
    ------
    PaperError
        If the study has no such layer, or none that can be drawn.
    """
    known = offered(review.study)
    for id_ in wanted:
        if id_ not in known:
            raise PaperError("mapsheet-no-layer", layer=str(id_)[:60], known=list(known))
    order = {"polygon": 0, "line": 1, "point": 2}
    chosen = sorted(dict.fromkeys(wanted), key=lambda id_: (order.get(known[id_].geometry, 1), id_))
    return [
        _overlay(review.study.layers[id_], id_, frame, number, language) for number, id_ in enumerate(chosen)
    ]


def _overlay(data, id_, frame, number, language):
    layer, style = data.layer, dict(data.layer.style)
    near = np.sort(data.frame.sindex.query(frame.box, predicate="intersects"))
    shapes = data.frame.geometry.to_numpy()[near]
    if layer.geometry == "point":
        points = shapely.get_coordinates(shapely.point_on_surface(shapes))
        pieces = tuple(map(tuple, frame.place(points).tolist()))
    elif layer.geometry == "polygon":
        pieces = tuple(outlines(shapes, frame))
    else:
        cut = shapely.clip_by_rect(shapely.simplify(shapes, 0.25 / frame.scale), *frame.ground)
        parts = [part for part in shapely.get_parts(cut) if shapely.get_dimensions(part) == 1]
        pieces = tuple(frame.place(shapely.get_coordinates(part)) for part in parts if not part.is_empty)
    return Overlay(
        id_,
        plain(layer.label.pick(language)),
        layer.geometry,
        str(style.get("color", "#555555")),
        drawable(str(style.get("letter", "")).replace("★", "*"))[:1],
        float(style.get("width", 1.5)),
        pieces,
        len(shapes),
        number,
    )


def draw_below(canvas, chosen):
    """Areas and lines, below the names."""
    for one in chosen:
        if one.geometry == "polygon" and one.pieces:
            canvas.saveState()
            canvas.setFillColor(HexColor(one.colour))
            canvas.setFillAlpha(0.55)
            canvas.setStrokeColor(HexColor(one.colour))
            canvas.setLineWidth(0.5)
            path = canvas.beginPath()
            for ring in one.pieces:
                _trace(path, ring)
                path.close()
            canvas.drawPath(path, stroke=1, fill=1, fillMode=1)
            canvas.restoreState()
        elif one.geometry == "line" and one.pieces:
            path = canvas.beginPath()
            for piece in one.pieces:
                _trace(path, piece)
            # a pale line beside it keeps it apart from the patterns
            for colour, more in (("#FFFFFF", 1.1), (one.colour, 0)):
                canvas.setStrokeColor(HexColor(colour))
                canvas.setLineWidth(min(one.thick, 2.2) * 0.62 + more)
                canvas.drawPath(path, stroke=1, fill=0)


def are_many(chosen):
    """Whether so many facilities are in sight that they are drawn as dots."""
    return sum(len(one.pieces) for one in chosen if one.geometry == "point") > MOST_SIGNS


def draw_places(canvas, room, chosen):
    """Facilities as squares with their letters, dots where there are too many."""
    many = are_many(chosen)
    for one in chosen:
        if one.geometry != "point":
            continue
        half = DOT if many else SIGN
        for x, y in one.pieces:
            at = None if many else room.near(x, y, half)
            if at not in (None, (x, y)):
                # moved aside for another one: a line leads to the place
                canvas.setStrokeColor(HexColor(one.colour))
                canvas.setLineWidth(0.7)
                canvas.line(x, y, *at)
            sign(canvas, one, *(at or (x, y)), dot=many)
            if at is None:
                room.take((x - half, y - half, x + half, y + half))


def sign(canvas, overlay, x, y, *, dot=False):
    """One facility: a square in the colour of its layer with its letter, or a dot."""
    canvas.setFillColor(HexColor(overlay.colour))
    canvas.setStrokeColor(HexColor("#FFFFFF"))
    canvas.setLineWidth(0.5)
    if dot:
        # layer by layer another shape, for a printer without colours
        path = canvas.beginPath()
        for number, (right, up) in enumerate(DOTS[overlay.order % len(DOTS)]):
            (path.lineTo if number else path.moveTo)(x + right * DOT, y + up * DOT)
        path.close()
        canvas.drawPath(path, stroke=1, fill=1)
        return
    canvas.roundRect(x - SIGN, y - SIGN, 2 * SIGN, 2 * SIGN, 1.4, stroke=1, fill=1)
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.setFont(BOLD, 6.4)
    canvas.drawCentredString(x, y - 2.2, overlay.letter)


def legend_sign(canvas, overlay, x, y, *, dot):
    """What a layer looks like, in a field of 22 points with its middle at height y."""
    if overlay.geometry == "point":
        sign(canvas, overlay, x + 11, y, dot=dot)
        return
    canvas.setFillColor(HexColor(overlay.colour))
    canvas.setStrokeColor(HexColor(overlay.colour))
    if overlay.geometry == "polygon":
        canvas.saveState()
        canvas.setFillAlpha(0.55)
        canvas.rect(x + 1, y - 4, 20, 8, stroke=1, fill=1)
        canvas.restoreState()
    else:
        canvas.setLineWidth(min(overlay.thick, 2.2) * 0.62 + 0.3)
        canvas.line(x + 1, y, x + 21, y)


def _trace(path, coordinates):
    (x, y), *rest = np.round(coordinates, 2).tolist()
    path.moveTo(x, y)
    for x, y in rest:
        path.lineTo(x, y)
