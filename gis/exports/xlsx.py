"""Excel workbooks: numbers as numbers, codes as text, states in words and colours, and not one formula."""

import io
from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter
from python_calamine import CalamineWorkbook

from gis.errors import Problem
from gis.exports._origin import dictionary, notices, run_table
from gis.exports._report import Cut, ExportReport, replacing, same
from gis.exports._text import plain
from gis.exports._wide import findings_table, wide_table
from gis.labels import Label
from gis.messages import say
from gis.registry import exporter
from gis.sentences import status_word

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_TEXT = 32_767
MOST_ROWS = 1_000_000
"""A sheet ends at 1,048,576 rows and a cell at 32,767 characters."""

COLOURS = {"met": "#D6E8F5", "unmet": "#F9D9C3", "unknown": "#E3E3E3", "exempt": "#FFFFFF"}
"""Blue against orange reads the same with any colour vision; the word stands in the cell as well."""

STATUS_COLUMNS = ("status", "infra_status", "measured_status", "reported_status")
WIDTHS = {
    "sentence": 70,
    "missed_text": 50,
    "value": 40,
    "criterion_text": 40,
    "label_vi": 45,
    "label_en": 45,
}


@exporter(suffix=".xlsx", mimetype=MIMETYPE, vi="Bảng tính Excel", en="Excel workbook")
def xlsx(review, path, *, language="vi", select=None):
    """A workbook of villages, findings, communes, criteria, dictionary and origin.

    Notes
    -----
    On the sheet of villages a value that is missing is an empty cell, one that is unreachable is that word,
    and zero is 0; the reason codes of the other formats are sentences on the sheet of findings.
    """
    path = Path(path)
    wide = wide_table(review, language, select)
    shown = [
        column for column in wide.columns if column.part != "reason" and not column.part.endswith("_state")
    ]
    villages = wide.table[[column.name for column in shown]].astype("object")
    for column in shown:
        if column.part in ("value", "measured", "reported"):
            beside = f"{column.part}_state" if column.part != "value" else "reason"
            state = next(
                one.name for one in wide.columns if (one.criterion, one.part) == (column.criterion, beside)
            )
            far = wide.table[state] == "unreachable"
            villages.loc[far, column.name] = say("export-unreachable", language)
    headings = {column.name: _heading(column, language) for column in shown}
    kinds = {one.id: one.kind for one in review.study.criteria.criteria}
    statuses = {one.name: kinds[one.criterion] for one in shown if one.part == "status"}
    statuses |= dict.fromkeys(("status", "infra_status"), review.study.criteria.polarity)
    meaning = dictionary(wide.columns)
    findings = findings_table(review, language, select)
    sheets = {
        "villages": (villages, headings, statuses),
        "findings": (findings, None, dict.fromkeys(STATUS_COLUMNS, findings["criterion"].map(kinds))),
        "communes": (review.communes.rename_axis("commune_id").reset_index(), None, {}),
        "criteria": (_criteria(review.study.criteria, language), None, {}),
        "dictionary": (meaning, None, {}),
        "run": (run_table(review, language), None, {}),
    }
    top = " · ".join([review.study.label.pick(language), *notices(review, language), f"run {review.run.id}"])
    with replacing(path) as fresh:
        cut = []
        with xlsxwriter.Workbook(str(fresh), _options(tmpdir=str(fresh.parent))) as book:
            book.set_properties(
                {"title": plain(review.study.label.pick(language)), "created": _moment(review.run.as_of)}
            )
            for name, (table, headings, statuses) in sheets.items():
                cut += _sheets(
                    book, say(f"export-sheet-{name}", language), table, headings, statuses, top, language
                )
        _check(fresh, sheets, language)
    problems = (Problem("export-text-cut", {"count": len(cut), "most": MOST_TEXT}),) if cut else ()
    return ExportReport(path, "xlsx", len(villages), (path,), meaning, tuple(cut), problems)


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
    """
    table = rows.reset_index() if rows.index.name and rows.index.name not in rows else rows
    heads = {
        name: Label(head).pick(language) for name, head in (labels or {name: name for name in table}).items()
    }
    table = table[[name for name in heads if name in table]]
    statuses = {name: "flag" for name in table if name in STATUS_COLUMNS}
    if hasattr(path_or_buffer, "write"):
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer, _options(in_memory=True)) as book:
            _sheets(book, say("export-sheet-list", language), table, heads, statuses, title, language)
        path_or_buffer.write(buffer.getvalue())
        return path_or_buffer
    with replacing(path_or_buffer) as fresh, fresh.open("wb") as file:
        to_xlsx(table, file, title=title, labels=heads, language=language)
    return path_or_buffer


def _options(**more):
    return {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
        **more,
    }


def _sheets(book, name, table, headings, statuses, top, language):
    """Write a table, on as many sheets as it needs; return the texts that were cut."""
    cut = []
    for part, start in enumerate(range(0, max(len(table), 1), MOST_ROWS)):
        sheet = book.add_worksheet(name if part == 0 else f"{name} {part + 1}")
        cut += _fill(book, sheet, table.iloc[start : start + MOST_ROWS], headings, statuses, top, language)
    return cut


def _fill(book, sheet, table, headings, statuses, top, language):
    bold = book.add_format({"bold": True, "font_color": "#7A2E00"})
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDE6EA", "border": 1}
    )
    code = book.add_format({"font_color": "#666666", "font_size": 8, "border": 1})
    text = book.add_format({"num_format": "@"})
    number = book.add_format({"num_format": "#,##0.##"})
    whole = book.add_format({"num_format": "#,##0"})
    coloured = {
        status: book.add_format({"bg_color": colour, "border": 1, "border_color": "#BBBBBB"})
        for status, colour in COLOURS.items()
    }
    cut = []
    sheet.write_string(0, 0, plain(top)[:MOST_TEXT], bold)
    sheet.set_row(1, 60)
    ids = list(table["village_id"]) if "village_id" in table else [""] * len(table)
    for at, name in enumerate(table.columns):
        sheet.write_string(
            1, at, plain((headings or {}).get(name) or _said(name, language))[:MOST_TEXT], head
        )
        sheet.write_string(2, at, plain(name)[:MOST_TEXT], code)
        numeric = pd.api.types.is_numeric_dtype(table[name])
        sheet.set_column(
            at, at, WIDTHS.get(name, 12 if numeric or name in statuses else 22), None if numeric else text
        )
        for row, (value, word) in enumerate(
            zip(table[name], _words(table, name, statuses, language), strict=True), start=3
        ):
            value = _cell(value, language)
            if word is not None:
                sheet.write_string(row, at, word, coloured[value])
            elif isinstance(value, str):
                if len(value) > MOST_TEXT:
                    cut.append(Cut(ids[row - 3], name, value, "length"))
                sheet.write_string(row, at, value[:MOST_TEXT], text)
            elif value is not None:
                sheet.write_number(row, at, value, whole if float(value).is_integer() else number)
    sheet.freeze_panes(3, 2 if "village_id" in table else 0)
    if len(table.columns):
        sheet.autofilter(2, 0, max(len(table) + 2, 2), len(table.columns) - 1)
    return cut


def _words(table, name, statuses, language):
    """For each row the word of a status, None where the cell holds no status.

    What a status is called depends on the kind of the criterion, which `statuses` gives for a whole column
    or row by row.
    """
    if name not in statuses:
        return [None] * len(table)
    kinds = statuses[name]
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
        return plain("; ".join(str(one) for one in value)) or None
    if value is None or value is pd.NA or value != value:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return plain(str(value))
    if number in (float("inf"), float("-inf")):
        return say("export-unreachable", language)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _heading(column, language):
    text = column.label.pick(language)
    return f"{text} ({column.unit})" if column.unit and column.unit != "bool" else text


def _said(name, language):
    found = say(f"export-column-{name}", language)
    return str(name) if found == f"export-column-{name}" else found


def _criteria(criteria, language):
    rows = []
    for one in criteria.criteria:
        row = {
            "code": one.code,
            "criterion": one.id,
            "criterion_text": one.label.pick(language),
            "clause": one.clause,
        }
        row |= {"kind": one.kind, "unit": one.unit, "compare": one.compare, "decides": one.decides}
        thresholds = one.thresholds or {}
        for group in criteria.groups:
            row[f"threshold {group}"] = thresholds.get(group)
        row["fixable_by"] = one.fixable_by
        row["verification"] = " ".join(sorted(set(one.verification.values())))
        row["checked"] = " ".join(sorted(group for group, who in (one.checked or {}).items() if who))
        row |= {"source_ref": one.source_ref, "source_url": one.source_url}
        rows.append(row)
    return pd.DataFrame(rows, dtype="object")


def _check(path, sheets, language):
    book = CalamineWorkbook.from_path(str(path))
    for name, (table, _, statuses) in sheets.items():
        found = []
        sheet_name = say(f"export-sheet-{name}", language)
        for part in book.sheet_names:
            if part == sheet_name or part.startswith(f"{sheet_name} "):
                found += book.get_sheet_by_name(part).to_python(skip_empty_area=False)[3:]
        expected, back = {}, {}
        for at, column in enumerate(table.columns):
            words = _words(table, column, statuses, language)
            cells = [word or _cell(value, language) for value, word in zip(table[column], words, strict=True)]
            expected[column] = [_compared(cell) for cell in cells]
            back[column] = [_compared(row[at]) for row in found]
        same(pd.DataFrame(expected, dtype="object"), pd.DataFrame(back, dtype="object"), path.name)


def _compared(cell):
    if isinstance(cell, str):
        return cell[:MOST_TEXT]
    return "" if cell is None else f"{float(cell):.9g}"


def _moment(day):
    """The run's own date, so that the same run writes the same file."""
    return datetime(day.year, day.month, day.day) if hasattr(day, "year") else datetime(2000, 1, 1)
