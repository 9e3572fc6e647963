"""One page with a map: title, map, legend, scale, north, sources, and by which set and run it was made."""

from dataclasses import dataclass

import numpy as np
import shapely
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A3, A4, landscape

from gis.exports import plain
from gis.labels import format_number
from gis.messages import say
from gis.sheets import front
from gis.sheets.fonts import BOLD, PLAIN, drawable, width, wrap
from gis.sheets.mapsheets import labels, looks, overlays
from gis.sheets.mapsheets.frame import begin_inside, draw_bar, draw_edge, draw_north, fit

SIZES = {"a4": landscape(A4), "a3": landscape(A3)}
UNITS = {"a4": 1.0, "a3": 1.25}
"""Points of paper in a unit of the page: what is hung up is read from further away."""

EDGE, GAP, COLUMN = 28.0, 12.0, 168.0
"""Units that stay white around the page, between map and legend, and the width of the legend."""

TICKS = 9.0
"""Points beside the map for its degrees."""

INK, PALE, WARNING = HexColor("#111111"), HexColor("#4A545B"), HexColor("#A33B00")
SMALL, TEXT = 6.8, 8.2
LEAST_AREA = 130.0
"""Square units of the page that a village must have for its sign and name."""

INSET = 92.0
"""Height of the small map that shows where a commune lies."""

MOST_SOURCES = 4
"""Lines of sources below the map; what does not fit is counted."""

POINT = 6.8
"""Radius of a village that has no outline, in points."""


@dataclass(frozen=True)
class Plate:
    """What one page shows.

    Attributes
    ----------
    title, subtitle : str
    shading : Shading
    of_communes : bool
        Whether the classes are of communes, not of villages.
    bounds : tuple of float
        The ground to show, in metres.
    about : str or None
        The commune that the page is about; the others are pale.
    told : tuple of str
        Lines below the legend.
    layers : tuple of str
    """

    title: str
    subtitle: str
    shading: object
    of_communes: bool
    bounds: tuple
    about: str | None
    told: tuple
    layers: tuple


def draw_page(canvas, review, plate, ground, *, size, date, number, pages, language):
    """Draw one page on a canvas; its frame.

    Parameters
    ----------
    ground : Ground
        Shapes of the study, as `gis.sheets.mapsheets.sheet.Ground` holds them.
    size : str
        One of `SIZES`.
    date : str
        When it was printed, as year-month-day; empty leaves it out.
    number, pages : int
        The page and how many there are.
    """
    unit = UNITS[size]
    wide, high = (length / unit for length in SIZES[size])
    canvas.scale(unit, unit)
    top = _head(canvas, review, plate, wide, high, language)
    foot = _foot(canvas, review, wide, number, pages, date, language)
    left, right = EDGE + TICKS, wide - EDGE - COLUMN - GAP - TICKS
    frame = fit(plate.bounds, left, foot + TICKS, right - left, top - foot - 2 * TICKS, unit)
    laid = overlays.overlays(review, frame, plate.layers, language)
    begin_inside(canvas, frame)
    _areas(canvas, plate, ground, frame)
    overlays.draw_below(canvas, laid)
    _watermark(canvas, review, frame, language)
    room = labels.Room(frame)
    overlays.draw_places(canvas, room, laid)
    unnamed = _names(canvas, review, plate, ground, frame, room)
    canvas.restoreState()
    draw_edge(canvas, frame, review.study.villages.crs, language)
    _column(canvas, plate, ground, frame, laid, unnamed, wide - EDGE - COLUMN, top, foot, language)
    return frame


def _areas(canvas, plate, ground, frame):
    """Villages or communes by class, then the borders of both."""
    shapes = ground.communes if plate.of_communes else ground.villages
    seen = {id_: shape for id_, shape in shapes.items() if shape.intersects(frame.box)}
    groups = {name: ([], []) for name in looks.LOOKS}
    for id_, shape in seen.items():
        areas, points = groups[plate.shading.of.get(id_, "aside")]
        (points if shapely.get_dimensions(shape) == 0 else areas).append(shape)
    every = []
    for name, (areas, points) in groups.items():
        rings = looks.outlines(areas, frame)
        discs = [(*place, POINT) for place in frame.place(shapely.get_coordinates(points))] if points else []
        looks.paint(canvas, rings, discs, looks.LOOKS[name])
        every += rings
        canvas.setStrokeColor(HexColor("#3F4A4E"))
        canvas.setLineWidth(0.6)
        for x, y, radius in discs:
            canvas.circle(x, y, radius, stroke=1, fill=0)
    looks.stroke(canvas, every, "#6B767B", 0.35)
    borders = [shape for shape in ground.communes.values() if shapely.get_dimensions(shape) == 2]
    looks.stroke(canvas, looks.outlines(borders, frame), "#23302D", 1.0, dash=([5, 1.6, 1, 1.6],))
    own = ground.communes.get(plate.about)
    if own is not None and shapely.get_dimensions(own) == 2:
        looks.stroke(canvas, looks.outlines([own], frame), "#23302D", 2.0)


def _names(canvas, review, plate, ground, frame, room):
    """Discs first, then the names of communes and villages; how many villages had no room for their name."""
    seen = frame.box
    about = {
        id_: place for id_, place in ground.places.items() if id_ in plate.shading.of and seen.covers(place)
    }
    communes = {
        id_: frame.place(shapely.get_coordinates(place))[0]
        for id_, place in ground.commune_places.items()
        if seen.covers(place)
    }
    if plate.of_communes:
        named = {id_: ground.commune_names[id_] for id_ in communes}
        labels.draw_names(canvas, room, communes, named, "commune", off=0)
        shares = {f"{id_}/": place for id_, place in communes.items() if id_ in plate.shading.marks}
        told = {f"{id_}/": plate.shading.marks[id_] for id_ in communes if id_ in plate.shading.marks}
        labels.draw_names(canvas, room, shares, told, "village", off=4)
        return 0
    bare = {
        id_: frame.place(shapely.get_coordinates(place))[0]
        for id_, place in about.items()
        if shapely.get_dimensions(ground.villages[id_]) == 0
    }
    # the sign of a village without an outline stands where it is, before all else
    labels.draw_seals(
        canvas, room, bare, plate.shading.marks, {id_: shapely.Point(at) for id_, at in bare.items()}
    )
    if plate.about is None:
        labels.draw_names(canvas, room, communes, ground.commune_names, "commune", off=0)
    # on a village that is hardly larger than its sign, sign and name would hide what they tell about
    at = {
        id_: frame.place(shapely.get_coordinates(place))[0]
        for id_, place in about.items()
        if ground.villages[id_].area * frame.scale**2 >= LEAST_AREA
    }
    paper = {id_: shapely.transform(ground.villages[id_], frame.place) for id_ in at}
    at = labels.draw_seals(canvas, room, at, plate.shading.marks, paper)
    written = labels.draw_names(canvas, room, at, ground.names, "village")
    written += labels.draw_names(canvas, room, bare, ground.names, "village", off=POINT)
    if plate.about is not None:
        labels.draw_names(canvas, room, _beyond(plate, ground, frame), ground.commune_names, "beyond", off=0)
    return len(about) - written


def _beyond(plate, ground, frame):
    """Where the neighbours of the commune are named: in the middle of what is seen of them."""
    found = {}
    for id_, shape in ground.communes.items():
        seen = shape.intersection(frame.box)
        if id_ != plate.about and not seen.is_empty:
            found[id_] = frame.place(shapely.get_coordinates(shapely.point_on_surface(seen)))[0]
    return found


def _head(canvas, review, plate, wide, high, language):
    """Title, where and by which set, and what to beware of; the height below it."""
    room = wide - 2 * EDGE
    y = high - EDGE
    for text, font, size, colour in (
        (plate.title, BOLD, 15, INK),
        (plate.subtitle, PLAIN, 9, PALE),
        (" · ".join(front.warnings(review, language)), BOLD, 8.4, WARNING),
    ):
        canvas.setFillColor(colour)
        canvas.setFont(font, size)
        for line in wrap(text, font, size, room)[:2] if text else ():
            y -= size
            canvas.drawString(EDGE, y, line)
            y -= size * 0.3
    return y - 4


def _foot(canvas, review, wide, number, pages, date, language):
    """Sources, set, run and page; the height above it."""
    room = wide - 2 * EDGE
    lines = _sources(review, room, language)
    lines.append(" · ".join(_by(review, language)))
    last = [say("mapsheet-borders", language), front.foot(review, language)]
    if date:
        last.insert(0, say("mapsheet-printed", language, date=front.written_date(date, language)))
    lines += wrap(" · ".join(last), PLAIN, SMALL, room - 70)
    canvas.setFillColor(PALE)
    canvas.setFont(PLAIN, SMALL)
    y = EDGE + (len(lines) - 1) * SMALL * 1.3
    for line in lines:
        canvas.drawString(EDGE, y, wrap(line, PLAIN, SMALL, room)[0])
        y -= SMALL * 1.3
    if pages > 1:
        canvas.drawRightString(wide - EDGE, EDGE, say("papers-page", language, page=number, pages=pages))
    return EDGE + len(lines) * SMALL * 1.3 + 4


def _sources(review, room, language):
    """What the map was made from with its dates, over a few lines; what does not fit is counted."""
    said = list(dict.fromkeys(plain(one.text(language)) for one in review.study.citations))
    for count in range(len(said), 0, -1):
        more = len(said) - count
        listed = "; ".join(said[:count])
        if more:
            listed += " " + say("mapsheet-more-sources", language, count=more)
        lines = wrap(say("papers-made-from", language, inputs=listed), PLAIN, SMALL, room)
        if len(lines) <= MOST_SOURCES:
            return list(lines)
    return []


def _by(review, language):
    criteria, figures = review.criteria, review.criteria.figures
    yield f"{plain(criteria.label.pick(language))} ({plain(criteria.legal_ref)})"
    yield from front.times(review, language)
    yield say("papers-verification", language, checked=figures["checked"], total=figures["total"])


def _watermark(canvas, review, frame, language):
    """Pale across the map: no copy of it can be taken for what it is not."""
    code = "mapsheet-illustration" if review.study.illustration else "mapsheet-trial"
    if not review.study.illustration and not review.criteria.is_trial:
        return
    text = drawable(say(code, language))
    size = min(90.0, 90.0 * frame.width * 0.8 / width(text, BOLD, 90.0))
    canvas.saveState()
    canvas.translate(frame.left + frame.width / 2, frame.bottom + frame.height / 2)
    canvas.rotate(24)
    canvas.setFillColor(HexColor("#3D3560"))
    canvas.setFillAlpha(0.12)
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(0, -size / 3, text)
    canvas.restoreState()


def _column(canvas, plate, ground, frame, laid, unnamed, x, top, foot, language):
    """Legend with counts, the layers, what else is to be said; scale and north at the foot."""
    y = _paragraph(canvas, plate.shading.title, BOLD, 9.4, x, top - 2, INK)
    count = say(plate.shading.unit, language, count=plate.shading.count)
    y = _paragraph(canvas, count, PLAIN, TEXT, x, y, PALE) - 3
    for one in plate.shading.classes:
        if not one.count and one.name == "exempt":
            continue
        looks.swatch(canvas, one.name, x, y - 11, 26, 11)
        if one.sign:
            wide = max(width(one.sign, BOLD, 7) + 4, 10)
            canvas.setFillColor(HexColor("#FFFFFF"))
            canvas.roundRect(x + 13 - wide / 2, y - 10, wide, 9, 4, stroke=0, fill=1)
            looks.write_sign(canvas, one.sign, x + 13, y - 5.5, 4.6)
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, TEXT)
        canvas.drawRightString(x + COLUMN, y - 8.5, format_number(one.count, language))
        below = _paragraph(canvas, one.words, PLAIN, TEXT, x + 32, y, INK, room=COLUMN - 62)
        y = min(below, y - 11) - 3.5
    missing = sum(
        id_ not in (ground.communes if plate.of_communes else ground.places) for id_ in plate.shading.of
    )
    notes = list(plate.told)
    places = ground.commune_places if plate.of_communes else ground.places
    outside = sum(id_ in places and not frame.box.covers(places[id_]) for id_ in plate.shading.of)
    if outside:
        notes.append(say("mapsheet-outside", language, count=outside))
    if missing:
        notes.append(say("mapsheet-without-place", language, count=missing))
    if unnamed:
        notes.append(say("mapsheet-unnamed", language, count=unnamed))
    if ground.approximate:
        notes.append(say("sheets-approximate", language))
    y -= 3
    for note in notes:
        y = _paragraph(canvas, note, PLAIN, 7.6, x, y, INK) - 2
    if laid:
        y = _paragraph(canvas, say("mapsheet-layers", language), BOLD, TEXT, x, y - 4, INK) - 2
    least = foot + 58
    for number, one in enumerate(laid):
        if y - 12 < least + (12 if number < len(laid) - 1 else 0):
            y = _paragraph(canvas, f"… (+{len(laid) - number})", PLAIN, TEXT, x, y, INK)
            break
        overlays.legend_sign(canvas, one, x, y - 5.5, dot=overlays.are_many(laid))
        canvas.setFillColor(INK)
        canvas.setFont(PLAIN, TEXT)
        canvas.drawString(x + 28, y - 8.5, wrap(one.label, PLAIN, TEXT, COLUMN - 62)[0])
        canvas.drawRightString(x + COLUMN, y - 8.5, format_number(one.count, language))
        y -= 13
    if plate.about in ground.communes and len(ground.communes) > 1 and y > least + INSET + 8:
        _inset(canvas, plate, ground, x, least)
    draw_bar(canvas, frame, x + 1, foot + 14, COLUMN - 30, language)
    draw_north(canvas, x + COLUMN - 12, foot + 6, language)


def _inset(canvas, plate, ground, x, y):
    """Where the commune lies among the others."""
    bounds = extent_of(ground.communes.values())
    small = fit(bounds, x, y, INSET * 1.35, INSET)
    shapes = [shape for shape in ground.communes.values() if shapely.get_dimensions(shape) == 2]
    rings = looks.outlines(shapes, small)
    looks.paint(canvas, rings, (), looks.LOOKS["aside"])
    own = ground.communes[plate.about]
    if shapely.get_dimensions(own) == 2:
        looks.paint(canvas, looks.outlines([own], small), (), looks.Look("#2B3A67"))
    else:
        canvas.setFillColor(HexColor("#2B3A67"))
        canvas.circle(*small.place(shapely.get_coordinates(own))[0], 2.5, stroke=0, fill=1)
    looks.stroke(canvas, rings, "#8A949A", 0.4)


def _paragraph(canvas, text, font, size, x, y, colour, *, room=COLUMN):
    """A text below a height; the height below it."""
    canvas.setFillColor(colour)
    canvas.setFont(font, size)
    for line in wrap(text, font, size, room):
        y -= size
        canvas.drawString(x, y, line)
        y -= size * 0.25
    return y


def extent_of(shapes):
    """Bounds in metres of some shapes; None of none."""
    shapes = [shape for shape in shapes if shape is not None and not shape.is_empty]
    return tuple(shapely.total_bounds(np.array(shapes, dtype=object)).tolist()) if shapes else None
