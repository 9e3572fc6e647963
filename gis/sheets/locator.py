"""The small map of a sheet, drawn as lines: outlines, roads, rivers and facilities around the villages it is about."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from reportlab.lib.colors import HexColor

from gis.exports import plain
from gis.labels import format_number
from gis.messages import say
from gis.sheets.fonts import ASCENT, BOLD, PLAIN, width, wrap
from gis.sheets.strip import INK, LIGHT, MARGIN, PALE_INK, ROOM, SMALL, sign

HEIGHT = 250.0
LEAST_M = 600.0
"""The map shows at least so much from its middle to each side."""

MOST_PLACES = 60
"""More facilities than this in sight would hide the map; then they are counted below it."""

SIGN, SYMBOL = 6.0, 7.0
"""Half the size of the sign of a village, and of the symbol of a facility."""

LINES = {"rivers": ("#7FB2D6", 1.1), "roads": ("#9A6B3F", 1.3)}
NOT_DRAWN = ("settlements",)
"""Facilities that a map of this size has no room for."""


@dataclass(frozen=True)
class _Window:
    """What a map shows: the middle in metres, units of the page a metre, and where the map stands."""

    x: float
    y: float
    scale: float
    left: float
    bottom: float

    def place(self, coordinates):
        """Metres to the units of the page."""
        middle = (self.left + ROOM / 2, self.bottom + HEIGHT / 2)
        return (np.asarray(coordinates) - (self.x, self.y)) * self.scale + middle

    @property
    def box(self):
        half = np.array([ROOM, HEIGHT]) / 2 / self.scale
        return shapely.box(self.x - half[0], self.y - half[1], self.x + half[0], self.y + half[1])


def add_map(strip, review, ids, language, *, around, signs=False):
    """Put the map of some villages on a strip, with scale, north and legend.

    Parameters
    ----------
    ids : list of str
        The villages it is about; those without a place are counted below the map.
    around : float
        How much of their surroundings is shown, in their own extents.
    signs : bool
        Whether each village carries the sign of its verdict.
    """
    villages = review.study.villages
    shapes = _shapes(villages)
    about = [id_ for id_ in ids if not shapely.is_missing(shapes[villages.index.get_loc(id_)])]
    if not about:
        strip.text(say("sheets-no-place", language), size=SMALL, colour=PALE_INK)
        return
    window = _window(shapes[villages.index.get_indexer(about)], around)
    seen = shapely.intersects(shapes, window.box)
    lines = {name: _clipped(frame, window) for name, frame in _layers(review, LINES)}
    places = _facilities(review, window)
    dense = sum(len(points) for points, _ in places.values())
    places = places if dense <= MOST_PLACES else {}
    status = review.villages_table["status"]
    approximate = bool(villages.loc[about, "approximate"].any())

    def draw(canvas, top):
        at = _Window(window.x, window.y, window.scale, MARGIN, top - HEIGHT)
        _frame(canvas, at, clip=True)
        for position in np.flatnonzero(seen):
            id_ = villages.index[position]
            fill = LIGHT[status[id_]] if id_ in about else HexColor("#FFFFFF")
            _outline(canvas, at, shapes[position], fill, HexColor("#A9B1B6"), 0.6)
        for name, pieces in lines.items():
            _strokes(canvas, at, pieces, *LINES[name])
        for id_ in about:
            _outline(canvas, at, shapes[villages.index.get_loc(id_)], None, INK, 1.0 if signs else 2.0)
        _draw_places(canvas, at, places)
        symbols = [at.place(points) for points, _ in places.values()]
        symbols = np.concatenate(symbols) if symbols else np.zeros((0, 2))
        _labels(canvas, at, villages, seen, about, status if signs else None, symbols)
        _scale_and_north(canvas, at, language)
        canvas.restoreState()
        _frame(canvas, at, clip=False)

    strip.add(HEIGHT + 6, draw)
    _legend(strip, review, lines, places, language)
    notes = [say("sheets-approximate", language)] if approximate else []
    if dense > MOST_PLACES:
        notes.append(say("sheets-too-dense", language, count=dense))
    if len(about) < len(ids):
        notes.append(say("sheets-without-place", language, count=len(ids) - len(about)))
    for note in notes:
        strip.text(note, size=SMALL, colour=PALE_INK)


def _shapes(villages):
    """The polygon of each village, else its point, else None."""
    areas, points = villages["geometry"].to_numpy(), villages["point"].to_numpy()
    shapes = [point if shapely.is_missing(area) else area for area, point in zip(areas, points, strict=True)]
    return np.array(shapes, dtype=object)


def _window(shapes, around):
    west, south, east, north = shapely.total_bounds(shapes)
    wide = max((east - west) * (1 + 2 * around), 2 * LEAST_M)
    high = max((north - south) * (1 + 2 * around), 2 * LEAST_M)
    scale = min(ROOM / wide, HEIGHT / high)
    return _Window((west + east) / 2, (south + north) / 2, scale, 0.0, 0.0)


def _layers(review, wanted):
    """The frames of the layers of some kinds, in a fixed order."""
    for name in wanted:
        for key, data in sorted(review.study.layers.items()):
            if data.layer.id == name and key == name and data.frame is not None and len(data.frame):
                yield name, data.frame


def _clipped(frame, window):
    """The lines of a layer in sight, as coarse as the map can show."""
    near = np.sort(frame.sindex.query(window.box, predicate="intersects"))
    cut = shapely.clip_by_rect(frame.geometry.to_numpy()[near], *window.box.bounds)
    return [piece for piece in shapely.simplify(cut, 0.4 / window.scale) if not piece.is_empty]


def _facilities(review, window):
    """Layer id to the coordinates of its facilities in sight, with its style and label."""
    found = {}
    for key, data in sorted(review.study.layers.items()):
        if data.frame is None or data.layer.role != "facility" or data.layer.id in NOT_DRAWN:
            continue
        points = data.frame.geometry.dropna().to_numpy()
        points = shapely.point_on_surface(points[shapely.intersects(points, window.box)])
        if len(points):
            found[key] = (shapely.get_coordinates(points), data.layer)
    return found


def _frame(canvas, at, *, clip):
    if clip:
        canvas.saveState()
        path = canvas.beginPath()
        path.rect(at.left, at.bottom, ROOM, HEIGHT)
        canvas.clipPath(path, stroke=0, fill=0)
        canvas.setFillColor(HexColor("#F3F4F1"))
        canvas.rect(at.left, at.bottom, ROOM, HEIGHT, stroke=0, fill=1)
    else:
        canvas.setStrokeColor(HexColor("#8C979D"))
        canvas.setLineWidth(0.8)
        canvas.rect(at.left, at.bottom, ROOM, HEIGHT, stroke=1, fill=0)


def _outline(canvas, at, shape, fill, stroke, thick):
    """A polygon, or a dot for a point."""
    canvas.setStrokeColor(stroke)
    canvas.setLineWidth(thick)
    if fill is not None:
        canvas.setFillColor(fill)
    if shapely.get_dimensions(shape) == 0:
        x, y = at.place(shapely.get_coordinates(shape))[0]
        canvas.circle(x, y, 4, stroke=1, fill=int(fill is not None))
        return
    simple = shapely.clip_by_rect(
        shapely.simplify(shape, 0.4 / at.scale), *at.box.buffer(20 / at.scale).bounds
    )
    path = canvas.beginPath()
    for polygon in shapely.get_parts(simple):
        if shapely.get_dimensions(polygon) == 2:
            for ring in (polygon.exterior, *polygon.interiors):
                _trace(path, at.place(shapely.get_coordinates(ring)))
                path.close()
    canvas.drawPath(path, stroke=1, fill=int(fill is not None), fillMode=0)


def _strokes(canvas, at, pieces, colour, thick):
    canvas.setStrokeColor(HexColor(colour))
    canvas.setLineWidth(thick)
    path = canvas.beginPath()
    for line in shapely.get_parts(np.array(pieces, dtype=object)) if pieces else ():
        if shapely.get_dimensions(line) == 1:
            _trace(path, at.place(shapely.get_coordinates(line)))
    canvas.drawPath(path, stroke=1, fill=0)


def _trace(path, coordinates):
    (x, y), *rest = coordinates
    path.moveTo(round(x, 2), round(y, 2))
    for x, y in rest:
        path.lineTo(round(x, 2), round(y, 2))


def _draw_places(canvas, at, places):
    for points, layer in places.values():
        for x, y in at.place(points):
            _symbol(canvas, layer, x, y)


def _symbol(canvas, layer, x, y):
    """A facility: a square in the colour of its layer with its letter."""
    canvas.setFillColor(HexColor(str(layer.style.get("color", "#555555"))))
    canvas.setStrokeColor(HexColor("#FFFFFF"))
    canvas.setLineWidth(0.7)
    canvas.roundRect(x - SYMBOL, y - SYMBOL, 2 * SYMBOL, 2 * SYMBOL, 3, stroke=1, fill=1)
    letter = str(layer.style.get("letter", ""))[:1]
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.setFont(BOLD, SMALL)
    # the letters have no star
    letter = "*" if letter == "★" else letter
    canvas.drawCentredString(x, y - SMALL * 0.34, wrap(letter, BOLD, SMALL, 20)[0])


def _labels(canvas, at, villages, seen, about, status, symbols):
    """Signs or dots at the villages, then their names where there is room: first those the map is about.

    A name stands above or below its village, where it hides fewer of the symbols of facilities.
    """
    own = set(about)
    order = [*about, *(id_ for id_ in villages.index[seen] if id_ not in own)]
    order = [id_ for id_ in order if not shapely.is_missing(villages.at[id_, "point"])]
    places = {id_: at.place(shapely.get_coordinates(villages.at[id_, "point"]))[0] for id_ in order}
    for id_, (x, y) in places.items():
        if status is not None and id_ in own:
            sign(canvas, status[id_], x, y, SIGN)
        else:
            canvas.setFillColor(INK if id_ in own else PALE_INK)
            canvas.circle(x, y, 2.2 if id_ in own else 1.4, stroke=0, fill=1)
    taken = [
        shapely.Point(place).buffer(SIGN)
        for id_, place in places.items()
        if status is not None and id_ in own
    ]
    frame = shapely.box(at.left, at.bottom, at.left + ROOM, at.bottom + HEIGHT)
    for id_, (x, y) in places.items():
        font = BOLD if id_ in own else PLAIN
        text = wrap(plain(str(villages.at[id_, "name"] or id_)), font, SMALL, 110)[0]
        half = width(text, font, SMALL) / 2 + 2
        boxes = [
            shapely.box(x - half, base - 3, x + half, base + SMALL * ASCENT)
            for base in (y + SIGN + 4, y - SIGN - SMALL)
        ]
        free = [
            box for box in boxes if frame.contains(box) and not any(box.intersects(other) for other in taken)
        ]
        if free:
            hidden = [int((shapely.distance(box, shapely.points(symbols)) < SYMBOL).sum()) for box in free]
            box = free[hidden.index(min(hidden))]
            taken.append(box)
            _named(canvas, text, font, x, box.bounds[1] + 3, INK if id_ in own else PALE_INK)


def _named(canvas, text, font, x, y, colour):
    """A name on pale ground, so that lines below do not cross it out."""
    wide = width(text, font, SMALL)
    canvas.saveState()
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.setFillAlpha(0.85)
    canvas.roundRect(x - wide / 2 - 2, y - 3, wide + 4, SMALL + 2, 2, stroke=0, fill=1)
    canvas.restoreState()
    canvas.setFillColor(colour)
    canvas.setFont(font, SMALL)
    canvas.drawString(x - wide / 2, y, text)


def _scale_and_north(canvas, at, language):
    """A bar of a round length, and which way is up."""
    metres = 90 / at.scale
    power = 10 ** math.floor(math.log10(metres))
    metres = next(step * power for step in (5, 2, 1) if step * power <= metres)
    text = (
        f"{format_number(metres / 1000, language)} km"
        if metres >= 1000
        else f"{format_number(metres, language)} m"
    )
    x, y, wide = at.left + 8, at.bottom + 8, metres * at.scale
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.rect(x - 4, y - 4, max(wide, width(text, BOLD, SMALL)) + 8, 22, stroke=0, fill=1)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.6)
    canvas.line(x, y, x + wide, y)
    for end in (x, x + wide):
        canvas.line(end, y - 2.5, end, y + 2.5)
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, SMALL)
    canvas.drawString(x, y + 5, text)
    x, y = at.left + ROOM - 16, at.bottom + HEIGHT - 34
    path = canvas.beginPath()
    _trace(path, [(x, y + 16), (x - 6, y), (x, y + 4), (x + 6, y)])
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.drawCentredString(x, y + 18, say("sheets-north", language))


def _legend(strip, review, lines, places, language):
    """What the lines and symbols are, one after the other over as many lines as they need."""
    layers = review.study.layers
    items = [(name, layers[name].layer) for name in lines if lines[name]]
    items += [(name, layer) for name, (_, layer) in places.items()]
    rows, used = [[]], 0.0
    for name, layer in items:
        text = wrap(plain(layer.label.pick(language)), PLAIN, SMALL, ROOM - 24)[0]
        wide = 24 + width(text, PLAIN, SMALL) + 10
        if rows[-1] and used + wide > ROOM:
            rows.append([])
            used = 0.0
        rows[-1].append((used, name, layer, text))
        used += wide
    for row in rows if items else ():
        strip.add(17, lambda canvas, top, row=row: _legend_row(canvas, top, row))


def _legend_row(canvas, top, row):
    middle = top - 8
    for x, name, layer, text in row:
        x += MARGIN
        if name in LINES:
            colour, thick = LINES[name]
            canvas.setStrokeColor(HexColor(colour))
            canvas.setLineWidth(thick + 0.6)
            canvas.line(x + 1, middle, x + 17, middle)
        else:
            _symbol(canvas, layer, x + 9, middle)
        canvas.setFillColor(INK)
        canvas.setFont(PLAIN, SMALL)
        canvas.drawString(x + 21, middle - SMALL * 0.34, text)
