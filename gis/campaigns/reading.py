"""A filled workbook read back: every village and column accounted for, or refused in one sentence."""

from dataclasses import dataclass

import pandas as pd

from gis.assessments import restore_codes
from gis.campaigns.form import read_cell
from gis.campaigns.layout import (
    BEFORE,
    COVER,
    ID,
    KINDS,
    NAME,
    cell,
    coded_sheet,
    column_code,
    ids_hash,
    letter,
)
from gis.errors import Problem, TableError
from gis.names import fold
from gis.values import is_blank, to_text

SHOWN = 60


@dataclass(frozen=True)
class Received:
    """What a commune wrote.

    Attributes
    ----------
    commune : str
    values : dict
        (village id, field, kind) to a number or text; blanks are not in it.
    faults : tuple of dict
        Cells that could not be taken: ``village_id``, ``field``, ``kind``, ``code``, ``cell``, ``written``.
    contact : dict
        ``person`` and ``phone`` of who filled it in, where they said so.
    blanks : int
        Figures of the commune's own assessment that were left blank.
    asked : int
        Figures asked for.
    problems : tuple of Problem
    """

    commune: str
    values: dict
    faults: tuple
    contact: dict
    blanks: int
    asked: int
    problems: tuple


def read_template(sheets, merged, told, *, form, villages, file):
    """Read a filled template.

    Parameters
    ----------
    sheets : Mapping of str to list of list
        As the reader of foreign files gives them.
    merged : Mapping of str to list
        Merged ranges by sheet: top, left, bottom, right, counted from 0.
    told : Mapping
        What `recognise` gave.
    form : tuple of Asked
    villages : DataFrame
        Of the campaign, index village id; columns ``name`` and ``commune_id``.
    file : str

    Returns
    -------
    Received

    Raises
    ------
    TableError
        If codes of villages or columns were changed, rows added, villages are of another commune, or cells were
        merged: what stands where would be a guess. All faults at once.
    """
    found = coded_sheet(sheets, ID)
    if found is None or NAME not in found[2]:
        raise TableError("campaign-not-a-template", file=file)
    sheet, at, places = found
    rows = [(number, row) for number, row in enumerate(sheets[sheet], 1) if number > at + 1]
    rows = [(number, row) for number, row in rows if not all(is_blank(value) for value in row)]
    faults = [
        *_wrong_columns(sheets[sheet], at, places, form, file),
        *_merged_cells(merged.get(sheet, ()), at, file),
    ]
    ids, commune, wrong = _villages(rows, places, told, villages, file)
    faults += wrong
    if faults:
        raise TableError(problems=faults)
    values, unread = _values(rows, ids, places, form)
    own = villages.index[villages["commune_id"] == commune]
    figures = [asked.name for asked in form if not asked.is_remark]
    blanks = sum((village, name, "self") not in values for village in own for name in figures)
    return Received(
        commune,
        values,
        tuple(unread),
        _contact(sheets),
        blanks - sum(fault["kind"] == "self" and fault["field"] in figures for fault in unread),
        len(own) * len(figures),
        tuple(_notes(told, own, ids, file)),
    )


def _wrong_columns(rows, at, places, form, file):
    """Columns that are missing, or whose title says another thing than their code."""
    wanted = [
        column_code(asked.name, kind) for asked in form for kind in (("self",) if asked.is_remark else KINDS)
    ]
    missing = [code for code in wanted if code not in places]
    if missing:
        yield Problem("campaign-columns-missing", {"file": file, "columns": missing}, "error")
    titles = {fold(text): asked.name for asked in form for text in asked.label.values()}
    for asked in form:
        column = places.get(column_code(asked.name, "self" if asked.is_remark else BEFORE))
        if column is None:
            continue
        above = [fold(_bare(cell(row, column))) for row in rows[max(0, at - 4) : at]]
        other = next((titles[text] for text in above if text in titles), None)
        if other is not None and other != asked.name:
            told = {
                "file": file,
                "column": letter(column),
                "title": _label(form, other),
                "field": asked.label,
            }
            yield Problem("campaign-columns-swapped", told, "error")


def _bare(text):
    """A title without its unit in brackets."""
    return str(text or "").rpartition(" (")[0] if str(text or "").endswith(")") else str(text or "")


def _label(form, name):
    return next(asked.label for asked in form if asked.name == name)


def _merged_cells(ranges, at, file):
    inside = [
        f"{letter(left)}{top + 1}:{letter(right)}{bottom + 1}"
        for top, left, bottom, right in ranges
        if bottom > at
    ]
    if inside:
        yield Problem("campaign-cells-merged", {"file": file, "cells": inside}, "error")


def _villages(rows, places, told, villages, file):
    """Village id of each row, the commune they are of, and what is wrong with them."""
    written = [to_text(cell(row, places[ID])) for _, row in rows]
    ids = restore_codes(pd.Series(written, dtype=object), villages.index)[0].tolist()
    numbers = [number for number, _ in rows]
    known = [identity for identity in ids if identity in villages.index]
    communes = list(dict.fromkeys(villages.at[identity, "commune_id"] for identity in known))
    commune = told.get("commune") or (communes[0] if communes else None)
    faults = []

    def tell(code, wrong, **more):
        if wrong:
            faults.append(Problem(code, {"file": file, "rows": wrong, **more}, "error"))

    def places_of(test):
        return [
            f"{number} ({identity or '–'})"
            for number, identity in zip(numbers, ids, strict=True)
            if test(identity)
        ]

    if commune is None or commune not in set(villages["commune_id"]):
        raise TableError("campaign-no-villages", file=file)
    tell("campaign-rows-unknown", places_of(lambda identity: identity not in villages.index))
    tell(
        "campaign-rows-foreign",
        places_of(
            lambda identity: identity in villages.index and villages.at[identity, "commune_id"] != commune
        ),
        commune=commune,
    )
    tell("campaign-rows-twice", places_of(lambda identity: identity is not None and ids.count(identity) > 1))
    if not faults:
        tell("campaign-names-differ", list(_other_names(rows, ids, places, villages)))
    return ids, commune, faults


def _other_names(rows, ids, places, villages):
    """Rows whose name is that of another village of the commune: the code or the name was moved."""
    names = {
        fold(name): identity for identity, name in villages.loc[list(dict.fromkeys(ids)), "name"].items()
    }
    for (number, row), identity in zip(rows, ids, strict=True):
        written = cell(row, places[NAME])
        own = fold(str(villages.at[identity, "name"]))
        if (
            not is_blank(written)
            and fold(str(written)) != own
            and names.get(fold(str(written)), identity) != identity
        ):
            yield f"{number} ({identity}: {str(written)[:SHOWN]})"


def _values(rows, ids, places, form):
    values, unread = {}, []
    for (number, row), identity in zip(rows, ids, strict=True):
        for asked in form:
            for kind in ("self",) if asked.is_remark else KINDS:
                column = places[column_code(asked.name, kind)]
                written = cell(row, column)
                value, code = read_cell(written, asked)
                if code:
                    place = {"village_id": identity, "field": asked.name, "kind": kind, "code": code}
                    unread.append(
                        {**place, "cell": f"{letter(column)}{number}", "written": to_text(written)[:SHOWN]}
                    )
                elif value is not None:
                    values[identity, asked.name, kind] = value
    return values, unread


def _notes(told, own, ids, file):
    if not told:
        yield Problem("campaign-machine-sheet-gone", {"file": file})
    elif told.get("villages") != ids_hash(own):
        yield Problem("campaign-villages-changed", {"file": file})
    missing = [identity for identity in own if identity not in set(ids)]
    if missing:
        yield Problem("campaign-rows-missing", {"file": file, "count": len(missing), "villages": missing})


def _contact(sheets):
    """Who filled it in, from the cells of the cover that are named by code."""
    found = {}
    for rows in sheets.values():
        for row in rows[:FIRST_COVER_ROWS]:
            for at, value in enumerate(row):
                if value in COVER and at:
                    text = to_text(cell(row, at - 1))
                    if text:
                        found.setdefault(value, text[:SHOWN])
    return found


FIRST_COVER_ROWS = 60
