"""Assessment sheets: from a grid of cells to one row a village, with every row accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from gis.errors import Problem, TableError
from gis.names import fold
from gis.values import COUNTED, convert, is_ambiguous, is_blank, to_text

TOTALS = ("tong cong", "tong so", "cong", "tong", "total", "toan xa", "toan huyen", "toan tinh")
HEADER_ROWS = 25
NUMBERING = ("tt", "stt", "no", "so tt")
KEYS = ("village_id", "village", "commune_id", "commune")


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


def join_sheet(sheet, villages, *, where):
    """The sheet's rows by village id, and the rows that belong to no village or to one already taken.

    Rows join by village code where the sheet has one; else by commune (code or name) and village name,
    compared without case, tones and punctuation. A name that two villages of the commune share joins
    neither.

    Parameters
    ----------
    sheet : Sheet
    villages : DataFrame
        Index village id; columns ``name``, ``commune_id``, ``commune``.
    where : Mapping

    Returns
    -------
    table : DataFrame
        Indexed like `villages`; NaN and None where the sheet has no row.
    problems : list of Problem
    """
    rows = sheet.rows
    ids = pd.Series([None] * len(rows), index=rows.index, dtype=object)
    if "village_id" in rows:
        ids = rows["village_id"].where(rows["village_id"].isin(villages.index), None)
    if "village" in rows:
        ids = ids.where(ids.notna(), _by_name(rows, villages))
    problems = []
    lost = ids.isna()
    if lost.any():
        problems.append(
            Problem(
                "sheet-rows-without-village", {**where, "count": int(lost.sum()), "rows": _tell(rows[lost])}
            )
        )
    taken = ids[~lost]
    twice = taken.duplicated(keep="first")
    if twice.any():
        again = rows.loc[taken.index[twice]]
        problems.append(Problem("sheet-village-twice", {**where, "count": len(again), "rows": _tell(again)}))
    first = taken[~twice]
    table = rows.loc[first.index].drop(columns=[name for name in (*KEYS, "row") if name in rows])
    table.index = pd.Index(first.to_numpy(), name="village_id")
    bare = len(villages) - len(table)
    if bare:
        names = [
            f"{name} ({key})" for key, name in villages.loc[~villages.index.isin(table.index), "name"].items()
        ]
        problems.append(Problem("villages-without-row", {**where, "count": bare, "villages": names}))
    if sheet.skipped:
        by_reason = pd.Series([reason for _, reason in sheet.skipped]).value_counts().sort_index()
        for reason, count in by_reason.items():
            listed = [number for number, why in sheet.skipped if why == reason]
            problems.append(Problem(reason, {**where, "count": int(count), "rows": listed}, "note"))
    return table.reindex(villages.index), problems


def villages_from(found):
    """Villages as assessments list them, for a study without a village layer.

    Parameters
    ----------
    found : list of (Sheet, Mapping)
        Sheets of one year with their places; a village that several of them list is one.

    Returns
    -------
    DataFrame
        Index village id: the code where there is one, else commune and name folded.

    Raises
    ------
    TableError
        If two rows of one sheet claim the same village.
    """
    tables = [_listed(sheet, where) for sheet, where in found]
    villages = pd.concat(tables)
    return villages[~villages.index.duplicated()]


def _listed(sheet, where):
    rows = sheet.rows
    blank = pd.Series([None] * len(rows), index=rows.index, dtype=object)
    columns = {name: rows.get(name, blank) for name in KEYS}
    named = columns["village"].where(columns["village"].notna(), columns["village_id"])
    ids = [
        code or village_key(commune_id or commune, name)
        for code, commune_id, commune, name in zip(
            columns["village_id"], columns["commune_id"], columns["commune"], columns["village"], strict=True
        )
    ]
    villages = pd.DataFrame(
        {
            "name": named,
            "commune_id": columns["commune_id"],
            "commune": columns["commune"],
            "source_row": rows["row"],
        }
    )
    villages.index = pd.Index(ids, name="village_id")
    check_unique(villages, where=where)
    return villages


def village_key(commune, name):
    """A village's own key where no code was issued: commune and name, folded."""
    return "/".join(fold(part).replace(" ", "-") for part in (commune, name) if part) or None


def check_unique(villages, *, where):
    """Raise `TableError` when two rows have one village id, naming the ids and their rows."""
    twice = villages.index[villages.index.duplicated()].unique()
    if len(twice):
        rows = villages.loc[villages.index.isin(twice), "source_row"].astype(int).sort_values().tolist()
        raise TableError(
            "village-code-twice", **where, count=len(twice), codes=sorted(map(str, twice)), rows=rows
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


def _ambiguous(column, numbers, title, where):
    shown = [f"{value} ({row})" for value, row in zip(column, numbers, strict=True) if is_ambiguous(value)]
    if shown:
        yield Problem(
            "sheet-values-ambiguous", {**where, "column": title, "count": len(shown), "values": shown}
        )


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


def _by_name(rows, villages):
    """Village ids by commune (code or name) and village name; by name alone where the sheet has no commune."""
    blank = [None] * len(rows)
    communes = [rows.get(name, blank) for name in ("commune_id", "commune")]
    nowhere = not any(name in rows for name in ("commune_id", "commune"))
    keys = {}
    for village_id, name, *places in zip(
        villages.index, villages["name"], villages["commune_id"], villages["commune"], strict=True
    ):
        for place in {""} if nowhere else {fold(place) for place in places} - {""}:
            keys.setdefault((place, fold(name)), set()).add(village_id)
    found = []
    for name, *places in zip(rows["village"], *communes, strict=True):
        asked = [""] if nowhere else [fold(place) for place in places if fold(place)]
        hits = [keys.get((place, fold(name)), set()) for place in asked]
        ids = next((hit for hit in hits if hit), set())
        found.append(next(iter(ids)) if len(ids) == 1 else None)
    return pd.Series(found, index=rows.index, dtype=object)


def _tell(rows):
    names = rows["village"] if "village" in rows else rows["village_id"]
    return [f"{to_text(name) or '–'} ({number})" for name, number in zip(names, rows["row"], strict=True)]


def impossible_figures(table, villages, criteria, year):
    """Problems that name the villages whose reported parts are larger than their whole, by criterion."""
    for criterion in criteria.criteria:
        arguments = dict(criterion.reported.arguments) if criterion.reported else {}
        parts = (
            [arguments["numerator"]] if "numerator" in arguments else list(arguments.get("numerators", ()))
        )
        whole = arguments.get("denominator")
        if not parts or whole not in table or not set(parts) <= set(table):
            continue
        wrong = (table[parts].sum(axis=1) > table[whole]) & table[whole].notna()
        if wrong.any():
            named = [f"{name} ({key})" for key, name in villages.loc[wrong, "name"].items()]
            where = {"year": year, "criterion": criterion.label}
            yield Problem("sheet-figures-impossible", {**where, "count": len(named), "villages": named})


def needed_fields(criteria):
    """Fields that a criteria set takes from the assessment, with the type each is read as.

    Returns
    -------
    Mapping of str to str
        ``yesno`` for a value judged by its presence, else ``number``.
    """
    types = {}
    for criterion in criteria.criteria:
        arguments: Mapping = dict(criterion.reported.arguments) if criterion.reported else {}
        if "field" in arguments:
            types[arguments["field"]] = "yesno" if criterion.unit == "bool" else "number"
        for name in (
            arguments.get("numerator"),
            arguments.get("denominator"),
            *arguments.get("numerators", ()),
        ):
            if name:
                types.setdefault(name, "number")
    return types
