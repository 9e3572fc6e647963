"""From a grid of cells to one row a data row, with every row accounted for."""

from dataclasses import dataclass

import pandas as pd

from gis.assessments.joining import KEYS
from gis.errors import Problem, TableError
from gis.names import fold
from gis.values import COUNTED, convert, is_ambiguous, is_blank

TOTALS = ("tong cong", "tong so", "cong", "tong", "total", "toan xa", "toan huyen", "toan tinh")
HEADER_ROWS = 25
NUMBERING = ("tt", "stt", "no", "so tt")


@dataclass(frozen=True)
class Sheet:
    """One assessment sheet with canonical columns.

    Attributes
    ----------
    rows : DataFrame
        One row a data row, in the order of the sheet; columns are canonical fields and ``record``.
    skipped : tuple of (int, str)
        Row number in the sheet and the code of why it is not in `rows`.
    rows_in : int
        Data rows below the heading; equals rows kept and rows skipped.
    """

    rows: pd.DataFrame
    skipped: tuple
    rows_in: int


def read_sheet(cells, layer, entry, types, *, where):
    """Find the heading of a sheet and turn what stands below it into canonical columns.

    Parameters
    ----------
    cells : list of list
        Rows of the sheet as read.
    layer : Layer
        The catalogue's `assessments`.
    entry : Mapping
        The sheet's entry in the study file; ``fields`` names columns.
    types : Mapping of str to str
        Further fields that the criteria ask for, with their types; a column of the same name is taken.
    where : Mapping
        ``file`` and ``sheet``, for the sentences.

    Returns
    -------
    sheet : Sheet
    problems : list of Problem

    Raises
    ------
    TableError
        If no heading is found, or a column that the study names is not there.
    """
    named = entry.get("fields", {})
    heading, columns = _heading(cells, layer, named, types)
    if heading is None:
        raise TableError("sheet-no-heading", **where, rows=min(len(cells), HEADER_ROWS))
    header = [fold(cell) for cell in cells[heading]]
    absent = {name: column for name, column in named.items() if name not in columns}
    if absent:
        known = [str(cell) for cell in cells[heading] if not is_blank(cell)]
        raise TableError(
            "sheet-no-column", **where, row=heading + 1, columns=sorted(absent.values()), known=known
        )
    if not {"village_id", "village"} & set(columns):
        raise TableError("sheet-no-village-column", **where, row=heading + 1)
    kept, skipped, numbers = [], [], []
    for number, row in enumerate(cells[heading + 1 :], start=heading + 2):
        reason = _skip(row, columns, len(header))
        if reason:
            skipped.append((number, reason))
        else:
            kept.append([row[columns[name]] if columns[name] < len(row) else None for name in columns])
            numbers.append(number)
    if not kept:
        raise TableError("sheet-no-rows", **where, row=heading + 1)
    raw = pd.DataFrame(kept, columns=list(columns), dtype=object)
    problems, built = [], {}
    for name in columns:
        field = layer.fields.get(name)
        kind, unit = (field.type, field.unit) if field else (types.get(name, "number"), None)
        built[name], failed = convert(raw[name], kind, unit)
        if kind == "number" and unit not in COUNTED:
            problems += _ambiguous(raw[name], numbers, str(cells[heading][columns[name]]), where)
        if failed:
            shown = [f"{raw[name].iloc[at]!r} ({numbers[at]})" for at in failed[:6]]
            title = str(cells[heading][columns[name]])
            problems.append(
                Problem(
                    "sheet-values-not-read", {**where, "column": title, "count": len(failed), "values": shown}
                )
            )
    unused = [
        str(cell)
        for at, cell in enumerate(cells[heading])
        if not is_blank(cell) and at not in columns.values() and fold(cell) not in NUMBERING
    ]
    if unused:
        problems.append(
            Problem("sheet-columns-not-used", {**where, "count": len(unused), "columns": unused}, "note")
        )
    problems += _impossible(pd.DataFrame(built), layer, numbers, where)
    rows = pd.DataFrame(built)
    place = f"{where['file']} · {where['sheet']}" if where.get("sheet") else where["file"]
    rows["record"] = [f"{place} · {number}" for number in numbers]
    rows["row"] = numbers
    return Sheet(rows, tuple(skipped), len(kept) + len(skipped)), problems


def _heading(cells, layer, named, types):
    """The row that names the most fields, and field to column position."""
    best, best_columns = None, {}
    for number, row in enumerate(cells[:HEADER_ROWS]):
        columns = _columns(row, layer, named, types)
        if len(columns) > len(best_columns):
            best, best_columns = number, columns
    useful = {"village_id", "village"} & set(best_columns)
    return (best, best_columns) if useful or len(best_columns) > 1 else (None, {})


def _columns(row, layer, named, types):
    texts = {}
    for position, cell in enumerate(row):
        if isinstance(cell, str) and not is_blank(cell):
            texts.setdefault(cell.strip(), position)
    by_fold = {}
    for text, position in texts.items():
        by_fold.setdefault(fold(text), position)
    columns = {}
    for name, column in named.items():
        if column in texts or fold(column) in by_fold:
            columns[name] = texts.get(column.strip(), by_fold.get(fold(column)))
    free = [text for text, position in texts.items() if position not in columns.values()]
    for name, text in layer.match_fields(free).items():
        if name not in columns:
            columns[name] = texts[text]
    for name in types:
        if name not in columns and fold(name) in by_fold:
            columns[name] = by_fold[fold(name)]
    return columns


def _skip(row, columns, width):
    if all(is_blank(cell) for cell in row):
        return "sheet-blank-rows"
    cell = {name: row[at] for name, at in columns.items() if name in KEYS and at < len(row)}
    told = [fold(value) for value in row[:width] if isinstance(value, str)]
    named = [value for value in (cell.get("village"), cell.get("village_id")) if not is_blank(value)]
    if any(text in TOTALS for text in told) and (not named or fold(named[0]) in TOTALS):
        return "sheet-total-rows"
    return None if named else "sheet-rows-without-name"


def _ambiguous(column, numbers, title, where):
    shown = [f"{value} ({row})" for value, row in zip(column, numbers, strict=True) if is_ambiguous(value)]
    if shown:
        yield Problem(
            "sheet-values-ambiguous", {**where, "column": title, "count": len(shown), "values": shown}
        )


def _impossible(rows, layer, numbers, where):
    """Figures below zero, of fields that count or measure something."""
    for name in rows:
        if name in layer.fields and layer.fields[name].type == "number" and layer.fields[name].unit:
            below = rows[name] < 0
            if below.any():
                shown = [f"{value:g} ({numbers[at]})" for at, value in rows.loc[below, name].items()]
                label = layer.fields[name].label
                yield Problem(
                    "sheet-figures-negative", {**where, "column": label, "count": len(shown), "values": shown}
                )
