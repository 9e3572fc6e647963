"""Excel workbooks: numbers as numbers, codes as text, states in words and colours, and not one formula."""

import io
from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter
from python_calamine import CalamineWorkbook

from gis.errors import Problem
from gis.exports._origin import dictionary, notices
from gis.exports._report import Cut, ExportReport, same
from gis.exports._text import plain
from gis.exports._wide import findings_table, wide_table
from gis.exports._workbook import STATUS_COLUMNS, Sheet, workbook
from gis.files import NO_FORMULAS, replacing
from gis.labels import Label
from gis.messages import say
from gis.registry import exporter
from gis.sentences import status_word

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_TEXT = 32_767
MOST_ROWS = 1_000_000
"""A sheet ends at 1,048,576 rows and a cell at 32,767 characters."""

MOST_TITLE = 255
MOMENT = datetime(2000, 1, 1)
"""Of the file's making: a fixed one, so that the same run writes the same bytes."""

COLOURS = {"met": "#D6E8F5", "unmet": "#F9D9C3", "unknown": "#E3E3E3", "exempt": "#FFFFFF"}
"""Blue against orange reads the same with any colour vision; the word stands in the cell as well."""

WIDTHS = {
    "sentence": 70,
    "cheapest_fix": 60,
    "missed_text": 50,
    "value": 40,
    "criterion_text": 40,
    "label_vi": 45,
    "label_en": 45,
}


@exporter(suffix=".xlsx", mimetype=MIMETYPE, vi="Bảng tính Excel", en="Excel workbook")
def xlsx(review, path, *, language="vi", select=None, fixes=None):
    """A workbook of villages, findings, communes, criteria, dictionary and origin.

    Notes
    -----
    On the sheet of villages a value that is missing is an empty cell, one that is unreachable is that word,
    and zero is 0; the reason codes of the other formats are sentences on the sheet of findings.
    """
    path = Path(path)
    wide = wide_table(review, language, select)
    meaning = dictionary(wide.columns)
    sheets = workbook(review, wide, findings_table(review, language, select, fixes), meaning, language)
    label = plain(review.study.label.pick(language))
    top = " · ".join(
        [label, *notices(review, language), f"{say('export-run-id', language)}: {review.run.id}"]
    )
    about = {"title": label[:MOST_TITLE], "created": MOMENT}
    with replacing(path) as fresh:
        cut = _write(str(fresh), sheets, top, language, about=about, tmpdir=str(fresh.parent))
        _check(fresh, sheets, language)
    problems = (Problem("export-text-cut", {"count": len(cut), "most": MOST_TEXT}),) if cut else ()
    return ExportReport(path, "xlsx", len(wide.table), (path,), meaning, cut, problems)


def to_xlsx(rows, path_or_buffer, *, title, labels=None, language="vi"):
    """Write one list as a workbook of one sheet; return `path_or_buffer`.

    Parameters
    ----------
    rows : DataFrame
        A named index is written as the first column; columns that hold lists become texts.
    path_or_buffer : path-like or binary file
    title : str
        First line of the sheet.
    labels : Mapping of str to (str or Label), optional
        Column to heading; the columns written and their order. All of them where it is None.
    language : str

    Raises
    ------
    ExportError
        If the file cannot be written whole; the old one then stays.
    """
    table = rows.reset_index() if rows.index.name and rows.index.name not in rows else rows
    table = table.reset_index(drop=True)
    headings = {name: Label(head).pick(language) for name, head in (labels or {}).items()}
    table = table[[name for name in headings if name in table]] if labels else table
    statuses = {name: "flag" for name in table if name in STATUS_COLUMNS}
    sheets = {say("export-sheet-list", language): Sheet(table, headings, statuses)}
    return _whole(sheets, path_or_buffer, title, language)


def lists_to_xlsx(lists, path, *, title, language="vi"):
    """Write several lists as the sheets of one workbook; return `path`.

    Parameters
    ----------
    lists : Mapping of str to object
        Name of a sheet to what has a ``table`` and ``headings``, the heading of each of its columns.
    path : path-like
    title : str
        First line of every sheet.

    Raises
    ------
    ExportError
        If the file cannot be written whole; the old one then stays.
    """
    sheets = {name: Sheet(one.table, one.headings) for name, one in lists.items()}
    return _whole(sheets, path, title, language)


def _whole(sheets, path_or_buffer, title, language):
    if hasattr(path_or_buffer, "write"):
        buffer = io.BytesIO()
        _write(buffer, sheets, title, language, in_memory=True)
        path_or_buffer.write(buffer.getvalue())
        return path_or_buffer
    with replacing(path_or_buffer) as fresh:
        _write(str(fresh), sheets, title, language, tmpdir=str(fresh.parent))
        _check(fresh, sheets, language)
    return path_or_buffer


def _write(target, sheets, top, language, *, about=None, **options):
    """Write every sheet; return the texts that were cut."""
    options |= NO_FORMULAS
    cut = []
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties(about or {"created": MOMENT})
        formats = _formats(book)
        for name, sheet in sheets.items():
            for part, start in enumerate(range(0, max(len(sheet.table), 1), MOST_ROWS)):
                page = book.add_worksheet(name if part == 0 else f"{name} {part + 1}")
                cut += _fill(page, sheet, slice(start, start + MOST_ROWS), formats, top, language)
    return tuple(cut)


def _formats(book):
    return {
        "top": book.add_format({"bold": True, "font_color": "#7A2E00"}),
        "head": book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDE6EA", "border": 1}
        ),
        "code": book.add_format({"font_color": "#666666", "font_size": 8, "border": 1}),
        "text": book.add_format({"num_format": "@"}),
        "number": book.add_format({"num_format": "#,##0.##"}),
        "whole": book.add_format({"num_format": "#,##0"}),
        **{
            status: book.add_format({"bg_color": colour, "border": 1, "border_color": "#BBBBBB"})
            for status, colour in COLOURS.items()
        },
    }


def _fill(page, sheet, rows, formats, top, language):
    """One page: the top line, headings, names for machines, then the rows; return the texts that were cut."""
    table, cut = sheet.table.iloc[rows], []
    ids = list(table["village_id"]) if "village_id" in table else [""] * len(table)
    page.write_string(0, 0, plain(top)[:MOST_TEXT], formats["top"])
    page.set_row(1, 60)
    for at, name in enumerate(table.columns):
        heading = sheet.headings.get(name) or _column_name(name, language)
        page.write_string(1, at, plain(heading)[:MOST_TEXT], formats["head"])
        page.write_string(2, at, plain(name)[:MOST_TEXT], formats["code"])
        cells, words = _cells(table, name, language), _words(sheet, table, name, language)
        texts = any(isinstance(cell, str) for cell in cells)
        width = WIDTHS.get(name, 22 if texts and name not in sheet.statuses else 14)
        page.set_column(at, at, width, formats["text"] if texts else None)
        for row, (cell, word) in enumerate(zip(cells, words, strict=True), start=3):
            if word is not None:
                page.write_string(row, at, word, formats[cell])
            elif isinstance(cell, str):
                if len(cell) > MOST_TEXT:
                    cut.append(Cut(ids[row - 3], name, cell, "length"))
                page.write_string(row, at, cell[:MOST_TEXT], formats["text"])
            elif cell is not None:
                page.write_number(row, at, cell, formats["whole" if isinstance(cell, int) else "number"])
    page.freeze_panes(3, 2 if "village_id" in table else 0)
    if len(table.columns):
        page.autofilter(2, 0, max(len(table) + 2, 3), len(table.columns) - 1)
    return cut


def _cells(table, name, language):
    return [_cell(value, language) for value in table[name]]


def _words(sheet, table, name, language):
    """For each row the word of a status, None where the cell holds no status.

    What a status is called depends on the kind of the criterion, which the sheet gives for a whole column or
    row by row.
    """
    if name not in sheet.statuses:
        return [None] * len(table)
    kinds = sheet.statuses[name]
    kinds = [kinds] * len(table) if isinstance(kinds, str) else kinds[table.index]
    return [
        status_word(value, kind, language) if value in COLOURS else None
        for value, kind in zip(table[name], kinds, strict=True)
    ]


def _cell(value, language):
    """A number, a text, or None for an empty cell."""
    if isinstance(value, str):
        return plain(value) or None
    if isinstance(value, Label):
        return plain(value.pick(language)) or None
    if isinstance(value, (list, tuple, set)):
        return (
            plain("; ".join(one.pick(language) if isinstance(one, Label) else str(one) for one in value))
            or None
        )
    if value is None or value is pd.NA or value != value:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return plain(str(value))
    if number in (float("inf"), float("-inf")):
        return say("export-unreachable", language)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _column_name(name, language):
    found = say(f"export-column-{name}", language)
    return str(name) if found == f"export-column-{name}" else found


def sheet_rows(path, name):
    """The rows of a sheet of a workbook that was just written, as another reader finds them."""
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python(skip_empty_area=False)


def _check(path, sheets, language):
    book = CalamineWorkbook.from_path(str(path))
    for name, sheet in sheets.items():
        found = []
        for part in book.sheet_names:
            if part == name or part.startswith(f"{name} "):
                found += book.get_sheet_by_name(part).to_python(skip_empty_area=False)[3:]
        # A reader leaves out empty rows at the end.
        found += [[""] * len(sheet.table.columns)] * (len(sheet.table) - len(found))
        expected, back = {}, {}
        for at, column in enumerate(sheet.table.columns):
            cells, words = _cells(sheet.table, column, language), _words(sheet, sheet.table, column, language)
            expected[column] = [_compared(word or cell) for cell, word in zip(cells, words, strict=True)]
            back[column] = [_compared(row[at]) for row in found]
        same(pd.DataFrame(expected, dtype="object"), pd.DataFrame(back, dtype="object"), path.name)


def _compared(cell):
    if isinstance(cell, str):
        return cell[:MOST_TEXT]
    return "" if cell is None else f"{float(cell):.9g}"
