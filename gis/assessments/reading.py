"""From a grid of cells to one row a data row, with every row accounted for."""

from dataclasses import dataclass

import pandas as pd

from gis.assessments.checks import doubtful_figures, totals_that_differ
from gis.assessments.codes import as_codes
from gis.assessments.headings import HEADER_ROWS, Heading, find_heading
from gis.assessments.joining import KEYS
from gis.assessments.mapping import ColumnMatch, propose_mapping
from gis.assessments.rows import Rows, commune_of_titles, fill_down, sort_rows
from gis.errors import Problem, TableError
from gis.names import fold
from gis.values import COUNTED, convert, decimal_mark, is_ambiguous, plain_text, shares_of_one

SAMPLE = 40
FIRST_ROWS = 5
CRITERIA_FORM = ("tieu chi", "ten tieu chi", "noi dung tieu chi", "noi dung", "chi tieu")
"""Titles of forms that list the criteria of one commune, row by row."""


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


@dataclass(frozen=True)
class SheetView:
    """How a sheet is understood, for a person to confirm before it is read.

    Attributes
    ----------
    heading : tuple of (int, int)
        First and last row of the heading, counted from 1.
    columns : tuple of ColumnMatch
        Every titled column with the field it is, or may be.
    rows : tuple of (int, tuple)
        Number and cells of the first rows of villages.
    rows_kept : int
    skipped : tuple of (int, str)
        Row number and the code of the reason.
    commune : str or None
        Commune that the lines above the heading, or the sheet's name, give to all its rows.
    absent : tuple of str
        Columns that the study names and the heading lacks.
    parts : tuple
        Heading and `Rows`, for `read_sheet`.
    """

    heading: tuple
    columns: tuple[ColumnMatch, ...]
    rows: tuple
    rows_kept: int
    skipped: tuple
    commune: str | None
    absent: tuple
    parts: tuple[Heading, Rows]

    @property
    def mapping(self):
        """Field to title of the columns that are taken."""
        return {match.field: match.title for match in self.columns if match.taken}

    @property
    def has_villages(self):
        """Whether a column tells villages apart."""
        return bool({"village_id", "village"} & set(self.mapping))

    def remembered(self, chosen):
        """What the study file says under ``fields`` once a person has chosen field to column letter.

        A title that two columns share is remembered as ``column:F``.
        """
        titles = [fold(match.title) for match in self.columns]
        by_letter = {match.column: match.title for match in self.columns}
        return {
            field: f"column:{letter}" if titles.count(fold(by_letter[letter])) > 1 else by_letter[letter]
            for field, letter in chosen.items()
        }


def inspect_sheet(cells, layer, entry, types, *, where, merged=()):
    """Find the heading of a sheet, propose which column is which field, and sort its rows.

    Parameters
    ----------
    cells : list of list
        Rows of the sheet as read.
    layer : Layer
        The catalogue's `assessments`.
    entry : Mapping
        The sheet's entry in the study file; ``fields`` names columns by title or as ``column:F``.
    types : Mapping of str to str
        Further fields that the criteria ask for, with their types; a column of the same name is taken.
    where : Mapping
        ``file`` and ``sheet``, for the sentences.
    merged : iterable of (int, int, int, int)
        Merged ranges: top, left, bottom, right, counted from 0.

    Returns
    -------
    SheetView

    Raises
    ------
    TableError
        If no heading is found.
    """
    named = entry.get("fields", {})
    heading = find_heading(cells, layer, named, types, merged)
    if heading is None:
        if _lists_criteria(cells):
            raise TableError("sheet-lists-criteria", **where)
        raise TableError("sheet-no-heading", **where, rows=min(len(cells), HEADER_ROWS))
    kinds = {**types, **{name: field.type for name, field in layer.fields.items()}}
    rows = sort_rows(cells, heading, kinds)
    width = len(heading.titles)
    samples = [[row[at] for row in rows.kept[:SAMPLE] if at < len(row)] for at in range(width)]
    fixed = {name: at for name, at in heading.fields.items() if name in named}
    columns = propose_mapping(heading.titles, samples, layer, types, fixed)
    has_commune = {"commune", "commune_id"} & set(heading.fields)
    return SheetView(
        heading=(heading.first + 1, heading.last + 1),
        columns=columns,
        rows=tuple(
            (number, tuple(row))
            for number, row in zip(rows.numbers[:FIRST_ROWS], rows.kept[:FIRST_ROWS], strict=True)
        ),
        rows_kept=len(rows.kept),
        skipped=tuple(rows.skipped),
        commune=None if has_commune else commune_of_titles(cells[: heading.first], where.get("sheet")),
        absent=tuple(column for name, column in named.items() if name not in heading.fields),
        parts=(heading, rows),
    )


def _lists_criteria(cells):
    return any(
        isinstance(cell, str) and fold(cell) in CRITERIA_FORM for row in cells[:HEADER_ROWS] for cell in row
    )


def read_sheet(cells, layer, entry, types, *, where, merged=()):
    """Find the heading of a sheet and turn what stands below it into canonical columns.

    Parameters
    ----------
    cells, layer, entry, types, where, merged
        As for `inspect_sheet`.

    Returns
    -------
    sheet : Sheet
    problems : list of Problem

    Raises
    ------
    TableError
        If no heading or row is found, a column that the study names is not there, or no column names villages.
    """
    view = inspect_sheet(cells, layer, entry, types, where=where, merged=merged)
    heading, found = view.parts
    row = view.heading[1]
    if view.absent:
        known = [match.title for match in view.columns]
        raise TableError("sheet-no-column", **where, row=row, columns=sorted(view.absent), known=known)
    if not view.has_villages:
        if _lists_criteria(cells[heading.first : heading.last + 1]):
            raise TableError("sheet-lists-criteria", **where)
        raise TableError("sheet-no-village-column", **where, row=row)
    if not found.kept:
        raise TableError("sheet-no-rows", **where, row=row)
    problems = _about_columns(view, where)
    raw = pd.DataFrame({name: _cells(found.kept, at) for name, at in heading.fields.items()}, dtype=object)
    problems += _place(raw, found, view, cells, merged, where)
    rows, failed = pd.DataFrame(index=raw.index), set()
    for name in raw:
        field = layer.fields.get(name)
        title = heading.titles[heading.fields[name]] if name in heading.fields else ""
        rows[name], told = _converted(
            raw[name], field, types.get(name, "number"), found.numbers, {**where, "column": title}
        )
        problems += told
        failed |= {name} if any(problem.code == "sheet-values-not-read" for problem in told) else set()
    rows["row"] = found.numbers
    problems += doubtful_figures(rows, layer, where=where)
    if found.totals:
        stated = _stated(found.totals, heading, layer, set(rows))
        problems += totals_that_differ(found.totals, rows, stated, layer, failed, where=where)
    place = f"{where['file']} · {where['sheet']}" if where.get("sheet") else where["file"]
    rows.insert(len(rows.columns) - 1, "record", [f"{place} · {number}" for number in found.numbers])
    sheet = Sheet(rows, view.skipped, len(cells) - heading.last - 1)
    if sheet.rows_in != len(rows) + len(sheet.skipped):
        raise TableError(
            "sheet-rows-lost", **where, rows_in=sheet.rows_in, kept=len(rows), skipped=len(sheet.skipped)
        )
    return sheet, problems


def _cells(rows, at):
    return [row[at] if at < len(row) else None for row in rows]


def _about_columns(view, where):
    """What a person should know of the columns: those to confirm, those left out, rivals for one field."""
    proposed = [match for match in view.columns if match.field and not match.taken]
    unused = [match.title for match in view.columns if match.field is None]
    problems = []
    if proposed:
        shown = [f"{match.column} «{match.title}» → {match.field} ({match.score:.2f})" for match in proposed]
        problems.append(Problem("sheet-columns-proposed", {**where, "count": len(shown), "columns": shown}))
    if unused:
        problems.append(
            Problem("sheet-columns-not-used", {**where, "count": len(unused), "columns": unused}, "note")
        )
    return problems


def _place(raw, found, view, cells, merged, where):
    """Give every row its commune where the sheet says it elsewhere than in the row; says how in notes."""
    heading, problems = view.parts[0], []
    keys = [name for name in ("commune_id", "commune") if name in raw]
    for name in keys:
        filled, count = fill_down(raw[name], found.numbers, heading.fields[name], cells, merged)
        if count:
            raw[name] = pd.Series(filled, index=raw.index, dtype=object)
            title = heading.titles[heading.fields[name]]
            problems.append(
                Problem("sheet-communes-filled", {**where, "column": title, "count": count}, "note")
            )
    if keys:
        return problems
    communes = [commune or view.commune for commune in found.communes]
    if any(communes):
        raw["commune"] = pd.Series(communes, index=raw.index, dtype=object)
        named = list(dict.fromkeys(filter(None, communes)))
        problems.append(
            Problem("sheet-communes-from-titles", {**where, "count": len(named), "communes": named}, "note")
        )
    return problems


def _converted(column, field, kind, numbers, where):
    """A column as its field has it, and what was decided or could not be read."""
    kind, unit = (field.type, field.unit) if field else (kind, None)
    problems = []

    def tell(code, positions, severity="warning"):
        shown = [f"{column.iloc[at]!r} ({numbers[at]})" for at in positions[:6]]
        if positions:
            problems.append(Problem(code, {**where, "count": len(positions), "values": shown}, severity))

    if field and field.name in KEYS:
        codes, dates = as_codes(column, is_code=field.name.endswith("_id"))
        tell("sheet-codes-dates", dates)
        return codes, problems
    if kind == "number" and unit not in COUNTED:
        doubt = [at for at, value in enumerate(column) if is_ambiguous(value)]
        mark = decimal_mark(column) if doubt else None
        if mark:
            # the other cells show which mark parts decimals
            other = {",": ".", ".": ","}[mark]
            column = column.copy()
            meant = [at for at in doubt if other in plain_text(column.iloc[at])]
            tell("sheet-values-thousands", meant, "note")
            column.iloc[meant] = [plain_text(column.iloc[at]).replace(other, "") for at in meant]
        elif doubt:
            shown = [f"{column.iloc[at]} ({numbers[at]})" for at in doubt]
            problems.append(
                Problem("sheet-values-ambiguous", {**where, "count": len(shown), "values": shown})
            )
    converted, wrong = convert(column, kind, unit)
    tell("sheet-values-not-read", wrong)
    if unit == "%":
        fractions = shares_of_one(column, converted)
        if fractions.any():
            converted = converted.where(~fractions, 100 * converted)
            tell("sheet-shares-of-one", [at for at, is_part in enumerate(fractions) if is_part])
    return converted, problems


def _stated(totals, heading, layer, fields):
    """The figures of the total rows, by field; NaN where there is none."""
    stated = {}
    for name, at in heading.fields.items():
        field = layer.fields.get(name)
        if name in fields and field and field.type == "number":
            column = pd.Series(_cells([row for _, row, _, _ in totals], at), dtype=object)
            stated[name] = convert(column, "number", field.unit)[0]
    return pd.DataFrame(stated)
