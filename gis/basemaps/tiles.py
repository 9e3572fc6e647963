"""What a file of picture tiles says of itself, checked; the two kinds of file give no more than this."""

import html
import math
import re
from dataclasses import dataclass
from html.parser import HTMLParser

from gis.errors import IntakeError

DEEPEST = 22
"""Levels beyond this show centimetres."""
MOST_TILE_BYTES = 2_000_000
MOST_TEXT = 300
WORLD = (-180.0, -85.0511, 180.0, 85.0511)
PICTURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)


@dataclass(frozen=True)
class About:
    """What a base map is.

    Attributes
    ----------
    title, credit : str
        Plain text; who must be named wherever the map is seen, empty where the file does not say.
    least, most : int
        Levels that it has.
    bounds : tuple of float
        West, south, east, north, in degrees.
    """

    title: str
    credit: str
    least: int
    most: int
    bounds: tuple


@dataclass(frozen=True)
class BaseMap:
    """One file of tiles: `about` it, and ``tile(z, x, y)`` that gives a picture's bytes or None where it has none.

    `mark` changes with the file. Of a file that cannot be used `about` and `tile` are None and `problem` says why.
    """

    id: str
    name: str
    mark: str
    about: About | None
    tile: object
    problem: object = None


def kind_of_picture(data):
    """The media type of a picture by its first bytes; None where it is none that a map can show."""
    return next((kind for start, kind in PICTURES if start.match(data)), None)


def checked(name, *, title, credit, least, most, bounds):
    """An `About` of what a file says of itself.

    Raises
    ------
    IntakeError
        If its levels are not whole numbers from 0 to `DEEPEST` in order, or its bounds are no place on the map.
    """
    try:
        least, most = int(least), int(most)
        west, south, east, north = (float(each) for each in bounds)
    except (TypeError, ValueError, OverflowError):
        raise IntakeError("basemap-levels", file=name, most=DEEPEST) from None
    held = west, south, east, north
    if not 0 <= least <= most <= DEEPEST:
        raise IntakeError("basemap-levels", file=name, most=DEEPEST)
    if not all(map(math.isfinite, held)) or not (west < east and south < north):
        raise IntakeError("basemap-bounds", file=name)
    west, east = max(west, WORLD[0]), min(east, WORLD[2])
    south, north = max(south, WORLD[1]), min(north, WORLD[3])
    if not (west < east and south < north):
        raise IntakeError("basemap-bounds", file=name)
    return About(words(title) or name, words(credit), least, most, (west, south, east, north))


def words(written):
    """The plain text of what may be markup, short; credits are often written as links."""
    if not isinstance(written, str):
        return ""
    reader = _Text()
    reader.feed(written[:4000])
    reader.close()
    text = " ".join(html.unescape(" ".join(reader.parts)).split())
    return "".join(letter for letter in text if letter.isprintable())[:MOST_TEXT]


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts = []

    def handle_data(self, data):
        self.parts.append(data)
