"""Excel and OpenDocument workbooks; how far their cells reach is known before memory is taken for them."""

import datetime
import re
import unicodedata
import zipfile

from gis.errors import IntakeError, Problem
from gis.intake.codepages import restore_letters
from gis.intake.csvtable import trimmed
from gis.intake.reports import counted
from gis.intake.texts import damaged_texts
from gis.intake.unpack import repack

CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,4})([0-9]{1,8})["']""")
BAD_CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\bt\s*=\s*["']e["']""")
ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
REPEATED = re.compile(rb"""number-(columns|rows)-repeated\s*=\s*["']([0-9]{1,12})["']""")
MOST_MERGES = 50_000
ODS_ROW = re.compile(rb"<table:table-row\b")
ODS_EMPTY = re.compile(rb"<(?:table:table-cell|table:table-row|table:covered-table-cell)\b[^>]*/>")


def read(source, request, limits):
    """The sheets of a workbook; see `child.read_table` for what comes back."""
    from python_calamine import CalamineError, load_workbook

    path, problems = source.path, []
    if source.format.id != "xls":
        path = source.folder / f"clean{source.path.suffix}"
        repack(source.path, path, name=source.name, limits=limits)
        problems += _measured(path, source, limits)
    try:
        with load_workbook(str(path)) as workbook:
            names = [sheet.name for sheet in workbook.sheets_metadata if "WorkSheet" in str(sheet.typ)]
            wanted = _wanted(names, source)
            sheets, merged, total = {}, {}, 0
            for name in wanted:
                sheet = workbook.get_sheet_by_name(name)
                total += sheet.total_height * sheet.total_width
                if total > limits.reader_cells:
                    raise IntakeError(
                        "intake-cells", file=source.name, sheet=name, found=total, limit=limits.reader_cells
                    )
                rows = sheet.to_python(skip_empty_area=False)
                sheets[name] = trimmed([trimmed([_plain(value) for value in row]) for row in rows])
                ranges = sheet.merged_cell_ranges or ()
                merged[name] = [[*first, *last] for first, last in ranges[:MOST_MERGES]]
    except (CalamineError, OSError, ValueError) as error:
        if isinstance(error, IntakeError):
            raise
        code = "intake-workbook-password" if "Password" in type(error).__name__ else "intake-damaged"
        raise IntakeError(code, file=source.name, reason=str(error)[:160]) from None
    texts = {value for rows in sheets.values() for row in rows for value in row if isinstance(value, str)}
    known, restored = restore_letters(texts, source.name, asked=request.get("encoding"))
    problems += restored
    for name, rows in sheets.items():
        rows[:] = [
            [known.get(value, value) if isinstance(value, str) else value for value in row] for row in rows
        ]
        problems += [
            Problem(found.code, {"sheet": name, **found.arguments}, found.severity)
            for found in damaged_texts(enumerate(rows, 1))
        ]
    return {"sheets": sheets, "merged": merged, "encoding": None, "problems": problems}


def _wanted(names, source):
    if source.pick is None:
        return names
    if source.pick not in names:
        raise IntakeError("intake-sheet-missing", file=source.name, sheet=source.pick, sheets=names)
    return [source.pick]


def _measured(path, source, limits):
    """Problems with cells, after making sure that no sheet spans more of them than the limit."""
    problems = []
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if source.format.id == "ods" and member == "content.xml":
                _check(_ods_span(archive.read(member)), member, source, limits)
            elif re.fullmatch(r"xl/worksheets/[^/]+\.xml", member, re.IGNORECASE):
                octets = archive.read(member)
                _check(_xlsx_span(octets, source.name), member, source, limits)
                errors = BAD_CELL.findall(octets)
                if errors:
                    rows = _error_rows(octets)
                    problems.append(counted("intake-cell-errors", rows, sheet=member.rpartition("/")[2]))
    return problems


def _check(span, member, source, limits):
    if span > limits.reader_cells:
        sheet = member.rpartition("/")[2]
        raise IntakeError(
            "intake-cells", file=source.name, sheet=sheet, found=span, limit=limits.reader_cells
        )


def _xlsx_span(octets, file):
    """Rows times columns that the cells of a sheet reach, wherever they stand."""
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff") or re.match(
        rb"""<\?xml[^>]*encoding\s*=\s*["']utf-?16""", octets, re.I
    ):
        raise IntakeError("intake-damaged", file=file, reason="UTF-16")
    width = height = 0
    letters = set()
    for column, row in CELL.findall(octets):
        letters.add(column)
        height = max(height, int(row))
    for column in letters:
        width = max(width, _column_number(column))
    unplaced = len(ANY_CELL.findall(octets))
    return max(width * height, unplaced)


def _column_number(letters):
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _error_rows(octets):
    rows = []
    for cell in re.findall(rb"<(?:\w+:)?c\b[^>]*>", octets):
        if BAD_CELL.match(cell):
            place = CELL.search(cell)
            rows.append(int(place[2]) if place else 0)
    return rows


def _ods_span(octets):
    """An upper bound of the cells: repeated empty ones at the edge of a sheet are not counted."""
    filled = ODS_EMPTY.sub(b"", octets)
    most = {b"columns": 1, b"rows": 1}
    for kind, count in REPEATED.findall(filled):
        most[kind] = max(most[kind], int(count))
    rows = len(ODS_ROW.findall(filled)) + most[b"rows"] - 1
    columns = (
        max((row.count(b"<table:table-cell") for row in ODS_ROW.split(filled)), default=0)
        + most[b"columns"]
        - 1
    )
    return rows * columns


def _plain(value):
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value) if value.strip() else None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time(0):
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
