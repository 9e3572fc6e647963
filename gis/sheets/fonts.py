"""The letters of the PDF papers and sheets: Source Sans Pro, which has every Vietnamese letter."""

import threading
from functools import lru_cache
from pathlib import Path

import font_source_sans_pro
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD = "SourceSans", "SourceSansBold"
FILES = {PLAIN: "SourceSansPro-Regular.ttf", BOLD: "SourceSansPro-Bold.ttf"}
DRAWING = threading.Lock()
"""The letters are shared by all that is drawn, and the library that makes pictures is not for many at a time."""

ASCENT = 0.76
"""Height of a tall letter with its tone mark above the base line, in sizes of the letter."""


@lru_cache(maxsize=1)
def register():
    """Make the letters known to the PDF library; the characters they have."""
    folder = Path(font_source_sans_pro.__file__).parent / "files"
    for name, file in FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    return frozenset(pdfmetrics.getFont(PLAIN).face.charToGlyph)


def drawable(text):
    """The text with U+FFFD in the place of every character that the letters do not have."""
    known = register()
    return "".join(letter if ord(letter) in known or letter == "\n" else "\ufffd" for letter in text)


@lru_cache(maxsize=1 << 15)
def width(text, font, size):
    """How wide a text is, in points."""
    return pdfmetrics.stringWidth(text, font, size)


@lru_cache(maxsize=1 << 14)
def wrap(text, font, size, room):
    """The lines of a text that is to fit into a width; a word that is too long parts where it must.

    Parameters
    ----------
    text : str
        Line ends in it stay.
    size, room : float
        In points.

    Returns
    -------
    tuple of str
        One empty line for an empty text.
    """
    lines = []
    for paragraph in drawable(text).split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if width(longer, font, size) <= room:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = _broken(word, font, size, room)
            lines += full
        lines.append(line)
    return tuple(lines)


def _broken(word, font, size, room):
    """Pieces of one word that each fit."""
    pieces, piece = [], ""
    for letter in word:
        if piece and width(piece + letter, font, size) > room:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]
