"""A paper as a workbook: one sheet a table, numbers as numbers, ready to print, and not one formula."""

import io
import re
from datetime import datetime
from itertools import count

import xlsxwriter

from gis.files import NO_FORMULAS
from gis.names import fold
from gis.sheets.model import panels, spans

MOMENT = datetime(2000, 1, 1)
"""Of the file's making: a fixed one, so that the same paper gives the same bytes."""

MOST_TEXT = 32_767
PAGE_MM = 262
MM_A_UNIT = 1.95
"""Width of one digit, the unit of column widths."""

COLOURS = {"met": "#E3EFF8", "unmet": "#FBE5D6", "unknown": "#EDEDED"}


def to_xlsx(paper):
    """The bytes of a paper as a workbook; the same for the same paper.

    Notes
    -----
    A text is cut at 32,767 characters, the most a cell can hold.
    """
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, NO_FORMULAS | {"in_memory": True}) as book:
        book.set_properties({"title": paper.title[:255], "created": MOMENT})
        formats = _Formats(book)
        taken = set()
        for table in paper.tables:
            page = book.add_worksheet(_sheet_name(table.title or paper.title, taken))
            _fill(page, paper, table, formats)
    return target.getvalue()


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book):
        self._book, self._made = book, {}

    def __call__(self, **wanted):
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(
                {"font_name": "Times New Roman", "font_size": 11, **wanted}
            )
        return self._made[key]


def _sheet_name(text, taken):
    """At most 31 letters that a sheet may be called, unlike every other without regard to case."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", text).strip(" '") or "1"
    for number in count(1):
        tail = "" if number == 1 else f" ({number})"
        name = plain[: 31 - len(tail)].strip(" '") + tail
        # Excel keeps this name for itself
        if fold(name) != "history" and name.lower() not in taken:
            taken.add(name.lower())
            return name


def _fill(page, paper, table, formats):
    """The heading, the table, and what stands below it."""
    last = len(table.columns) - 1
    row = _front(page, paper, last, formats)
    if table.title:
        page.write_string(row, 0, table.title[:MOST_TEXT], formats(bold=True))
        row += 1
    top = row
    storeys = 2 if any(column.above for column in table.columns) else 1
    head = formats(bold=True, text_wrap=True, align="center", valign="vcenter", border=1, bg_color="#E6ECEF")
    for first, until, text in spans(table.columns):
        alone = not table.columns[first].above
        _merge(page, row, first, row + storeys - 1 if alone else row, until, text, head)
        for at in range(first, until + 1) if not alone else ():
            page.write_string(row + 1, at, table.columns[at].heading, head)
    page.set_row(row, 48 if storeys == 1 else 62)
    if storeys == 2:
        page.set_row(row + 1, 34)
    row += storeys
    for number, cells in enumerate(table.rows):
        bold = number >= len(table.rows) - table.totals
        for at, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
            _write(page, row + number, at, cell, column, bold, formats)
    for at, column in enumerate(table.columns):
        page.set_column(at, at, column.width_mm / MM_A_UNIT)
    _set_up(page, paper, table, top, row - 1)
    _back(page, paper, row + len(table.rows) + 1, last, formats)


def _write(page, row, at, cell, column, bold, formats):
    look = {"border": 1, "align": column.align, "valign": "top", "text_wrap": True, "bold": bold}
    if cell.status in COLOURS:
        look["bg_color"] = COLOURS[cell.status]
    if cell.number is not None:
        whole = float(cell.number).is_integer()
        page.write_number(row, at, cell.number, formats(**look, num_format="#,##0" if whole else "#,##0.0##"))
    elif cell.text:
        page.write_string(row, at, cell.text[:MOST_TEXT], formats(**look, num_format="@"))
    else:
        page.write_blank(row, at, None, formats(**look))


def _merge(page, top, left, bottom, right, text, look):
    if (top, left) == (bottom, right):
        page.write_string(top, left, text[:MOST_TEXT], look)
    else:
        page.merge_range(top, left, bottom, right, "", look)
        page.write_string(top, left, text[:MOST_TEXT], look)


def _front(page, paper, last, formats):
    """Who hands it in beside the name and motto of the state, the title and what to beware of; the next row."""
    middle = max(last // 2, 1)
    centred = formats(bold=True, align="center", text_wrap=True)
    _merge(page, 0, 0, 0, middle - 1, paper.issuer, centred)
    right = (*paper.national, paper.place_date)
    for row, text in enumerate(right):
        look = centred if row < len(paper.national) else formats(italic=True, align="center")
        _merge(page, row, middle, row, max(last, middle), text, look)
    row = len(right) + 1
    lines = [(paper.title, formats(bold=True, align="center", font_size=14, text_wrap=True))]
    lines += [(text, formats(align="center", text_wrap=True)) for text in paper.subtitle]
    warning = formats(bold=True, align="center", text_wrap=True, font_color="#A33B00")
    lines += [(text, warning) for text in paper.notices]
    for text, look in lines:
        _merge(page, row, 0, row, max(last, 1), text, look)
        page.set_row(row, 18 * (1 + len(text) // 130))
        row += 1
    return row + 1


def _back(page, paper, row, last, formats):
    for text in (*paper.notes, *paper.sources):
        _merge(page, row, 0, row, max(last, 1), text, formats(text_wrap=True, valign="top", font_size=10))
        page.set_row(row, 15 * (1 + len(text) // 170))
        row += 1
    row += 1
    middle = max((last + 1) // 2, 1)
    for at, one in enumerate(paper.signatures):
        left, right = (0, middle - 1) if at == 0 else (middle, max(last, middle))
        for number, text in enumerate((*one.office, one.how)):
            bold = number < len(one.office)
            look = formats(bold=bold, italic=not bold, align="center")
            _merge(page, row + number, left, row + number, right, text, look)


def _set_up(page, paper, table, top, bottom):
    """For printing: A4 across, the heading on every page, page numbers, and the notice above."""
    page.set_landscape()
    page.set_paper(9)
    page.set_margins(left=0.6, right=0.5, top=0.75, bottom=0.75)
    page.repeat_rows(top, bottom)
    if len(panels(table, PAGE_MM)) == 1:
        page.fit_to_pages(1, 0)
    else:
        page.repeat_columns(0, table.keys - 1)
    if paper.notices:
        page.set_header(f"&C&B{_printed(paper.notices[0])}")
    number = paper.page_words.format(page="&P", pages="&N")
    page.set_footer(f"&L&8 {_printed(paper.foot)}&R{number}")
    page.freeze_panes(bottom + 1, table.keys)


def _printed(text):
    """A text as the header of a page takes it, where an ampersand begins a command."""
    return text[:160].replace("&", "&&")
