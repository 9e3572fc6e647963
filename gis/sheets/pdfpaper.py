"""A paper as a PDF: A4 across, headings on every page, no row cut, the page's number of all pages.

The layout is worked out first and drawn afterwards, so that every page can say how many there are. Texts are
drawn as they are, never parsed as markup.
"""

import io
from dataclasses import dataclass, field

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from gis.sheets.fonts import BOLD, DRAWING, PLAIN, drawable, register, width, wrap
from gis.sheets.model import panels, spans

PAGE = landscape(A4)
LEFT, RIGHT, TOP, BOTTOM = 20 * mm, 15 * mm, 15 * mm, 17 * mm
WIDTH = PAGE[0] - LEFT - RIGHT
SIZE, LEADING, PAD = 8.5, 10.6, 2.8
COLOURS = {"met": "#E3EFF8", "unmet": "#FBE5D6", "unknown": "#EDEDED"}
HEAD, LINE, INK, WARNING = HexColor("#E6ECEF"), HexColor("#8C979D"), HexColor("#111111"), HexColor("#A33B00")
MOST_HEAD = 14
SIGNING = 42 * mm
"""Room for a signature and a stamp."""


def to_pdf(paper):
    """The bytes of a paper as a PDF; the same for the same paper."""
    register()
    pages = _Pages()
    _front(pages, paper)
    for number, table in enumerate(paper.tables):
        if table.new_page and number:
            pages.turn()
        for part in panels(table, WIDTH / mm):
            _table(pages, part)
            pages.down(8)
    _back(pages, paper)
    target = io.BytesIO()
    with DRAWING:
        canvas = Canvas(target, pagesize=PAGE, invariant=1, pageCompression=1, lang=paper.language)
        canvas.setTitle(drawable(paper.title))
        canvas.setAuthor(drawable(paper.issuer))
        for number, page in enumerate(pages.all, 1):
            _mark(canvas, paper)
            for draw in page:
                draw(canvas)
            _foot(canvas, paper, number, len(pages.all))
            canvas.showPage()
        canvas.save()
    return target.getvalue()


@dataclass
class _Pages:
    """Pages of things to draw; `y` is where the next thing begins."""

    all: list = field(default_factory=lambda: [[]])
    y: float = PAGE[1] - TOP

    def turn(self):
        if self.all[-1]:
            self.all.append([])
        self.y = PAGE[1] - TOP

    def need(self, height):
        """Turn the page where `height` does not fit any more; whether it was turned."""
        turned = self.y - height < BOTTOM and self.y < PAGE[1] - TOP
        if turned:
            self.turn()
        return turned

    def down(self, height):
        self.y -= height

    def add(self, draw):
        self.all[-1].append(draw)

    def lines(self, lines, font, size, *, x=LEFT, room=WIDTH, align="left", colour=INK):
        """Lines below one another, each on the page that has room for it."""
        for line in lines:
            self.need(size * 1.28)
            self.down(size * 1.28)
            self.add(_line(line, font, size, x, self.y + size * 0.28, room, align, colour))


def _line(text, font, size, x, y, room, align, colour=INK):
    def draw(canvas):
        canvas.setFillColor(colour)
        canvas.setFont(font, size)
        if align == "left":
            canvas.drawString(x, y, text)
        elif align == "right":
            canvas.drawRightString(x + room, y, text)
        else:
            canvas.drawCentredString(x + room / 2, y, text)

    return draw


def _front(pages, paper):
    """Who hands it in beside the name and motto of the state, then the title."""
    half = WIDTH * 0.44
    right = LEFT + WIDTH - half
    start = pages.y
    pages.lines(wrap(paper.issuer, BOLD, 11, half), BOLD, 11, room=half, align="center")
    pages.add(_rule(LEFT + half / 2 - 30, pages.y - 3, 60))
    below = pages.y
    pages.y = start
    for at, text in enumerate(paper.national):
        pages.lines(wrap(text, BOLD, 11, half), BOLD, 11, x=right, room=half, align="center")
        if at:
            wide = width(text, BOLD, 11)
            pages.add(_rule(right + (half - wide) / 2, pages.y - 3, wide))
    pages.down(6)
    pages.lines(wrap(paper.place_date, PLAIN, 10.5, half), PLAIN, 10.5, x=right, room=half, align="center")
    pages.y = min(below, pages.y) - 12
    pages.lines(wrap(paper.title, BOLD, 14, WIDTH), BOLD, 14, align="center")
    for text in paper.subtitle:
        pages.lines(wrap(text, PLAIN, 10, WIDTH), PLAIN, 10, align="center")
    pages.down(3)
    for text in paper.notices:
        pages.lines(wrap(text, BOLD, 10, WIDTH), BOLD, 10, align="center", colour=WARNING)
    pages.down(8)


def _rule(x, y, length):
    def draw(canvas):
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.7)
        canvas.line(x, y, x + length, y)

    return draw


def _back(pages, paper):
    """Notes, sources and signatures; together, so that no signature stands on a page without a word."""
    notes = [*paper.notes, *paper.sources]
    written = {cell.text for table in paper.tables for row in table.rows for cell in row}
    if any(drawable(text) != text for text in written):
        notes.append(paper.letters_words)
    texts = [wrap(text, PLAIN, SIZE, WIDTH) for text in notes]
    size, room = 10.5, WIDTH / 2
    blocks = [[*(wrap(line, BOLD, size, room) for line in one.office)] for one in paper.signatures]
    height = max(sum(map(len, block)) for block in blocks) * size * 1.28 + SIGNING
    pages.need(sum(map(len, texts)) * SIZE * 1.28 + 10 + height)
    for lines in texts:
        pages.lines(lines, PLAIN, SIZE)
    pages.down(10)
    pages.need(height)
    start = pages.y
    for at, (one, block) in enumerate(zip(paper.signatures, blocks, strict=True)):
        pages.y = start
        x = LEFT + at * room
        for lines in block:
            pages.lines(lines, BOLD, size, x=x, room=room, align="center")
        pages.lines((one.how,), PLAIN, 9.5, x=x, room=room, align="center")
    pages.y = start - height


def _mark(canvas, paper):
    """The first notice across the page, pale, behind everything: no page of a trial can be taken for another."""
    if not paper.notices:
        return
    text = drawable(paper.notices[0].split(":")[0])
    size = min(64, 64 * 640 / width(text, BOLD, 64))
    canvas.saveState()
    canvas.translate(PAGE[0] / 2, PAGE[1] / 2)
    canvas.rotate(28)
    canvas.setFillColor(HexColor("#F3E9E2"))
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(0, -size / 3, text)
    canvas.restoreState()


def _foot(canvas, paper, number, count):
    y = BOTTOM - 7 * mm
    text = " · ".join([paper.notices[0], paper.foot] if paper.notices else [paper.foot])
    _line(wrap(text, PLAIN, 7.5, WIDTH - 90)[0], PLAIN, 7.5, LEFT, y, WIDTH, "left")(canvas)
    page = paper.page_words.format(page=number, pages=count)
    _line(page, PLAIN, 8.5, LEFT, y, WIDTH, "right")(canvas)


def _table(pages, table):
    """A table over as many pages as it needs, its heading on each."""
    stretch = WIDTH / sum(column.width_mm for column in table.columns)
    widths = [column.width_mm * stretch for column in table.columns]
    edges = [LEFT + sum(widths[:at]) for at in range(len(widths) + 1)]
    head = _head(table, widths)
    body = PAGE[1] - TOP - BOTTOM - head.height
    rows = _rows(table, widths, body)
    title = wrap(table.title, BOLD, 10.5, WIDTH) if table.title else ()
    first = rows[0].height if rows else 0
    pages.need(len(title) * 13.5 + head.height + first)
    pages.lines(title, BOLD, 10.5)
    pages.down(3 if title else 0)
    _draw_head(pages, table, head, edges)
    for row in rows:
        if pages.need(row.height):
            _draw_head(pages, table, head, edges)
        pages.down(row.height)
        pages.add(_drawn_row(row, edges, pages.y, table.columns))


@dataclass(frozen=True)
class _Row:
    """The lines of each cell of one row, and how high it is."""

    lines: tuple
    statuses: tuple
    height: float
    font: str


def _rows(table, widths, most):
    """Every row with its lines; one that is higher than a page goes on in further rows."""
    found = []
    limit = max(1, int((most - 2 * PAD) / LEADING))
    for at, row in enumerate(table.rows):
        font = BOLD if at >= len(table.rows) - table.totals else PLAIN
        lines = [wrap(cell.text, font, SIZE, wide - 2 * PAD) for cell, wide in zip(row, widths, strict=True)]
        for start in range(0, max(map(len, lines)), limit):
            part = tuple(cell[start : start + limit] for cell in lines)
            height = max(map(len, part)) * LEADING + 2 * PAD
            found.append(_Row(part, tuple(cell.status for cell in row), height, font))
    return found


def _drawn_row(row, edges, y, columns):
    def draw(canvas):
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.4)
        for at, status in enumerate(row.statuses):
            filled = status in COLOURS
            if filled:
                canvas.setFillColor(HexColor(COLOURS[status]))
            canvas.rect(edges[at], y, edges[at + 1] - edges[at], row.height, stroke=1, fill=int(filled))
        for at, (lines, column) in enumerate(zip(row.lines, columns, strict=True)):
            _draw_lines(canvas, lines, row.font, edges[at : at + 2], y + row.height, column.align)

    return draw


def _draw_lines(canvas, lines, font, edges, top, align):
    x, room = edges[0] + PAD, edges[1] - edges[0] - 2 * PAD
    for number, text in enumerate(lines, 1):
        if text:
            base = top - PAD - number * LEADING + (LEADING - SIZE) + 0.4
            _line(text, font, SIZE, x, base, room, align)(canvas)


@dataclass(frozen=True)
class _Head:
    upper: float
    lower: float
    above: tuple
    below: tuple

    @property
    def height(self):
        return self.upper + self.lower


def _head(table, widths):
    """The lines of a heading of one storey or two, and how high each is."""
    above = tuple(
        (first, last, _few(wrap(text, BOLD, SIZE, sum(widths[first : last + 1]) - 2 * PAD)))
        for first, last, text in spans(table.columns)
    )
    below = tuple(
        _few(wrap(column.heading, BOLD, SIZE, wide - 2 * PAD))
        for column, wide in zip(table.columns, widths, strict=True)
    )
    grouped = [at for at, column in enumerate(table.columns) if column.above]
    lower = max((len(below[at]) for at in grouped), default=0) * LEADING + (2 * PAD if grouped else 0)
    upper = max(
        (len(lines) * LEADING + 2 * PAD for first, _, lines in above if table.columns[first].above), default=0
    )
    alone = max(
        (len(lines) * LEADING + 2 * PAD for first, _, lines in above if not table.columns[first].above),
        default=0,
    )
    return _Head(max(upper, alone - lower), lower, above, below)


def _few(lines):
    """At most so many lines of a heading; what the criterion says whole stands in the workbook and the set."""
    return lines if len(lines) <= MOST_HEAD else (*lines[: MOST_HEAD - 1], f"{lines[MOST_HEAD - 1]} …")


def _draw_head(pages, table, head, edges):
    top = pages.y
    pages.down(head.height)

    def draw(canvas):
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.4)
        for first, last, lines in head.above:
            grouped = bool(table.columns[first].above)
            height = head.upper if grouped else head.height
            _head_cell(canvas, lines, edges[first], edges[last + 1], top, height)
            for at in range(first, last + 1) if grouped else ():
                _head_cell(canvas, head.below[at], edges[at], edges[at + 1], top - head.upper, head.lower)

    pages.add(draw)


def _head_cell(canvas, lines, left, right, top, height):
    canvas.setFillColor(HEAD)
    canvas.rect(left, top - height, right - left, height, stroke=1, fill=1)
    spare = (height - 2 * PAD - len(lines) * LEADING) / 2
    _draw_lines(canvas, lines, BOLD, (left, right), top - spare, "center")
