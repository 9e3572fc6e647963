"""A sheet as stacked pieces, laid out for a telephone: as wide as its screen, as high as it must be.

One unit is one pixel of a screen 390 pixels wide, so what is readable here is readable there. For paper the same
pieces stand in two columns on A4.
"""

import io
from dataclasses import dataclass, field

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from gis.sheets.fonts import BOLD, DRAWING, PLAIN, drawable, register, width, wrap

WIDTH, MARGIN = 390.0, 14.0
ROOM = WIDTH - 2 * MARGIN
SCALE = A4[0] / WIDTH
LEAST_HEIGHT = A4[1] / SCALE
EDGE = 17.0
"""Points that a printer leaves white, besides the margin of a column."""

PAPER_SCALE = (A4[0] - 2 * EDGE) / (2 * WIDTH)
COLUMN = (A4[1] - 2 * EDGE) / PAPER_SCALE
SMALL, TEXT, STRONG, LARGE = 11.0, 12.5, 13.5, 22.0
"""Sizes of letters; nothing on a sheet is smaller than the first."""

STRETCH = 1.28
INK, PALE_INK = HexColor("#14181B"), HexColor("#4A545B")
WARNING = HexColor("#A33B00")
DEEP = {"met": HexColor("#1B5E9B"), "unmet": HexColor("#B5460F"), "unknown": HexColor("#5A6268"),
        "exempt": HexColor("#7A7F83")}  # fmt: skip
LIGHT = {"met": HexColor("#DCEBF7"), "unmet": HexColor("#FBE3D3"), "unknown": HexColor("#E9EAEB"),
         "exempt": HexColor("#F4F4F4")}  # fmt: skip
"""Blue against orange reads the same with any colour vision; a sign and a word stand with each."""


@dataclass
class Strip:
    """Pieces below one another; `y` is how far they reach, from the top, and `breaks` where a column may end."""

    pieces: list = field(default_factory=list)
    breaks: list = field(default_factory=list)
    headings: list = field(default_factory=list)
    y: float = MARGIN
    _held: bool = False

    def block(self, *, held=False):
        """Begin something that stays whole in a column; what follows a `held` one stays with it."""
        if not self._held:
            self.breaks.append(self.y)
        self._held = held

    def down(self, height):
        self.y += height

    def add(self, height, draw):
        """A piece of a height; ``draw(canvas, top)`` gets the height of its top edge above the page's foot."""
        self.pieces.append((self.y, draw))
        self.y += height

    def text(self, text, *, size=TEXT, bold=False, colour=INK):
        """A text over as many lines as it needs."""
        if text:
            self.block()
            self._text(text, size=size, bold=bold, colour=colour)

    def _text(self, text, *, size=TEXT, bold=False, colour=INK, left=0.0, right=0.0):
        font = BOLD if bold else PLAIN
        lines = wrap(text, font, size, ROOM - left - right)

        def draw(canvas, top):
            canvas.setFillColor(colour)
            canvas.setFont(font, size)
            for number, line in enumerate(lines):
                base = top - size - number * size * STRETCH
                canvas.drawString(MARGIN + left, base, line)

        self.add(len(lines) * size * STRETCH, draw)

    def row(self, status, title, *, right="", details=(), bold=True):
        """A line that begins with a sign and ends with a figure, and lines of details below it."""
        self.block()
        radius = 8.0 if bold else 6.5
        left = 2 * radius + 6
        self.down(3)
        y = self.y
        self.add(0, lambda canvas, top: sign(canvas, status, MARGIN + radius, top - radius - 0.5, radius))
        free = min(width(right, PLAIN, TEXT) + 8, ROOM * 0.42) if right else 0
        lines = wrap(right, PLAIN, TEXT, free) if right else ()

        def draw(canvas, top):
            canvas.setFillColor(INK)
            canvas.setFont(PLAIN, TEXT)
            for number, line in enumerate(lines):
                canvas.drawRightString(WIDTH - MARGIN, top - TEXT - number * TEXT * STRETCH, line)

        self.add(0, draw)
        self._text(title, bold=bold, left=left, right=free)
        self.y = max(self.y, y + len(lines) * TEXT * STRETCH)
        for detail in details:
            self._text(detail, size=SMALL + 0.5, colour=PALE_INK, left=left)
        self.y = max(self.y, y + 2 * radius)

    def verdict(self, status, word, details=()):
        """The large box of one verdict: its sign, its word, and lines below the word."""
        self.block()
        left = 62.0
        y = self.y
        self.down(9)
        box = len(self.pieces)
        self._text(word, size=19, bold=True, colour=DEEP[status], left=left, right=8)
        for detail in details:
            self._text(detail, left=left, right=8)
        self.y = max(self.y, y + 56) + 9
        height = self.y - y

        def draw(canvas, top):
            canvas.setFillColor(LIGHT[status])
            canvas.setStrokeColor(DEEP[status])
            canvas.setLineWidth(1.4)
            canvas.roundRect(MARGIN, top - height, ROOM, height, 7, stroke=1, fill=1)
            sign(canvas, status, MARGIN + 31, top - height / 2, 20)

        self.pieces.insert(box, (y, draw))

    def heading(self, text):
        """A heading with a line above; it stays with what follows."""
        self.headings.append(self.y)
        self.block(held=True)
        self.down(7)

        def draw(canvas, top):
            canvas.setStrokeColor(HexColor("#B9C2C7"))
            canvas.setLineWidth(0.8)
            canvas.line(MARGIN, top, WIDTH - MARGIN, top)

        self.add(5, draw)
        self._text(text, size=STRONG, bold=True)
        self.down(2)


def to_pdf(strip, *, title, language, paper=False):
    """The bytes of a strip as a PDF; the same for the same strip.

    Parameters
    ----------
    paper : bool
        Two columns on A4, and a further page where they do not hold all; else one page as high as it must be.
    """
    target = io.BytesIO()
    register()
    with DRAWING:
        height = max(strip.y + MARGIN, LEAST_HEIGHT)
        size = A4 if paper else (A4[0], height * SCALE)
        canvas = Canvas(target, pagesize=size, invariant=1, pageCompression=1, lang=language)
        canvas.setTitle(drawable(title))
        columns = _columns(strip) if paper else [(0.0, height)]
        for number, (start, end) in enumerate(columns):
            side, scale = number % 2, PAPER_SCALE if paper else SCALE
            if number and not side:
                canvas.showPage()
            canvas.saveState()
            if paper:
                canvas.translate(EDGE + side * WIDTH * scale, EDGE)
            canvas.scale(scale, scale)
            top = COLUMN if paper else height
            top -= MARGIN if number else 0
            for y, draw in strip.pieces:
                if start <= y < end:
                    draw(canvas, top - (y - start))
            canvas.restoreState()
        canvas.showPage()
        canvas.save()
    return target.getvalue()


def _columns(strip):
    """From where to where each column goes: two much alike where they fit on one page, else full ones."""
    most = COLUMN - 2 * MARGIN
    breaks = [*strip.breaks[1:], strip.y]
    halves = [y for y in breaks if y <= most and strip.y - y <= most]
    if halves:
        # a heading makes a better end than the middle of a list
        half = min(halves, key=lambda y: abs(y - strip.y / 2) + (0 if y in strip.headings else most / 8))
        return [(0.0, half), (half, strip.y + 1)]
    columns, start = [], 0.0
    while start < strip.y:
        reach = [y for y in breaks if start < y <= start + most]
        end = reach[-1] if reach else next(y for y in breaks if y > start)
        columns.append((start, end))
        start = end
    return [*columns[:-1], (columns[-1][0], strip.y + 1)]


def sign(canvas, status, x, y, radius):
    """The sign of a status in a disc with its middle at x, y: a tick, a cross, a question mark or a dash."""
    canvas.setFillColor(DEEP[status])
    canvas.circle(x, y, radius, stroke=0, fill=1)
    canvas.setStrokeColor(HexColor("#FFFFFF"))
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.setLineWidth(radius * 0.26)
    canvas.setLineCap(1)
    part = radius * 0.45
    if status == "met":
        path = canvas.beginPath()
        path.moveTo(x - part * 1.1, y)
        path.lineTo(x - part * 0.3, y - part * 0.85)
        path.lineTo(x + part * 1.15, y + part * 0.85)
        canvas.drawPath(path, stroke=1, fill=0)
    elif status == "unmet":
        canvas.line(x - part, y - part, x + part, y + part)
        canvas.line(x - part, y + part, x + part, y - part)
    elif status == "unknown":
        size = radius * 1.6
        canvas.setFont(BOLD, size)
        canvas.drawString(x - width("?", BOLD, size) / 2, y - size * 0.33, "?")
    else:
        canvas.line(x - part, y, x + part, y)
    canvas.setLineCap(0)
