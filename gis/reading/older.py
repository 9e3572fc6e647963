"""Assessments of years before units merged or split: joined to the units of their time, carried to today's."""

from gis import assessments as sheets
from gis.errors import TableError
from gis.histories import COLUMNS, NEEDED, Share, carry, old_units, read_crosswalk
from gis.names import fold

ADD_UP = (
    "km",
    "ha",
    "m2",
    "households",
    "people",
    "villages",
    "pupils",
    "rooms",
    "schools",
    "houses",
    "million VND",
)
"""Units of what the parts of a unit have together; a rate is weighed, and the rest holds where all parts agree."""

RATES = {"%": "households", "million VND a year": "population"}


def read_histories(gathering):
    """The crosswalk that the study names; None where it names none.

    Raises
    ------
    TableError
        If the file has no row, lacks a column, or its rows are wrong.
    """
    name = gathering.recipe.data.get("histories")
    if not name:
        return None
    path = gathering.recipe.path.parent / name
    found = gathering.reader.table(path)
    gathering.inputs[name] = found.report.sha256
    cells = next((cells for cells in found.sheets.values() if cells), [[]])
    heading = [fold(cell).replace(" ", "_") for cell in cells[0]]
    missing = [column for column in NEEDED if column not in heading]
    if missing:
        raise TableError("history-no-column", file=path.name, columns=missing)
    rows = [
        dict(zip(heading, row, strict=False)) for row in cells[1:] if any(cell is not None for cell in row)
    ]
    return read_crosswalk([{key: row.get(key) for key in COLUMNS} for row in rows], file=path.name)


def join_older(sheet, villages, crosswalk, layer, year, types, *, where, decisions):
    """As `join_sheet`, by the villages of a year's end, carried to those of today.

    Returns
    -------
    table, problems, matches
        As `join_sheet` gives them.
    used : int
        Rows of the sheet that were used.
    former : DataFrame or None
        What the villages of then reported, with ``name``; None where they are those of today.
    """
    at = f"{year}-12-31"
    if crosswalk is None or not any(date > at for date in crosswalk.dates):
        table, problems, matches = sheets.join_sheet(sheet, villages, where=where, decisions=decisions)
        return table, problems, matches, _used(table), None
    then = old_units(crosswalk, villages[["name", "commune_id", "commune"]], at)
    table, problems, matches = sheets.join_sheet(sheet, then, where=where, decisions=decisions)
    carried, unknown = carry(table, crosswalk, to="new", rules=_rules(table, layer, types), at=at)
    former = table.assign(name=then["name"].reindex(table.index))
    return carried.reindex(villages.index), [*problems, *unknown], matches, _used(table), former


def _used(table):
    return int(table["record"].notna().sum())


def _rules(table, layer, types):
    rules = {}
    for name in table:
        field = layer.fields.get(name)
        kind, unit = (field.type, field.unit) if field else (types.get(name, "text"), None)
        if kind not in ("number", "integer", "yesno", "year"):
            rules[name] = "text"
        elif unit in ADD_UP:
            rules[name] = "count"
        else:
            rules[name] = Share(RATES[unit]) if RATES.get(unit) in table else "agree"
    return rules
