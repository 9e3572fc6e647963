"""Rows of a sheet and villages: which belongs to which, and villages where only sheets list them."""

import pandas as pd

from gis.errors import Problem, TableError
from gis.names import fold
from gis.values import to_text

KEYS = ("village_id", "village", "commune_id", "commune")


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
