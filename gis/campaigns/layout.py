"""How the workbooks of a campaign are recognised and where things stand in them, whatever their language.

A hidden row names every column (`households|self`), so that a column that was moved is still the same one; a
hidden sheet says of which campaign and commune the workbook is.
"""

import hashlib

from gis.errors import TableError

MACHINE = "langmap"
"""Name of the hidden sheet."""

LAYOUT = "langmap-campaign-1"
TEMPLATE, ANSWERS = "template", "answers"
KINDS = ("self", "recheck")
BEFORE = "before"
"""The columns of a field: what last year's value was, what the commune says, and what the re-check found."""

ID, NAME, KEY = "village_id", "name", "key"
COVER = ("person", "phone")
"""What the commune writes on the cover."""

FIRST_ROWS = 40
"""The row that names the columns is among these."""


def column_code(field, kind):
    """How the hidden row names a column."""
    return f"{field}|{kind}"


def ids_hash(ids):
    """A short fingerprint of the villages of a workbook, in any order."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]


def machine_rows(campaign, commune, kind, ids):
    """The rows of the hidden sheet."""
    return [
        ["layout", LAYOUT],
        ["kind", kind],
        ["study", campaign["study_id"]],
        ["campaign", campaign["key"]],
        ["commune", commune],
        ["villages", ids_hash(ids)],
    ]


def recognise(sheets, *, file):
    """What a workbook says it is.

    Returns
    -------
    dict
        ``kind``, ``study``, ``campaign``, ``commune``, ``villages``; empty where its hidden sheet was removed.

    Raises
    ------
    TableError
        If it is of a layout that this program does not know.
    """
    rows = sheets.get(MACHINE)
    if rows is None:
        return {}
    told = {str(row[0]): str(row[1]) for row in rows if len(row) > 1 and row[0] is not None}
    if told.get("layout") != LAYOUT or told.get("kind") not in (TEMPLATE, ANSWERS):
        raise TableError("campaign-layout", file=file)
    return told


def coded_sheet(sheets, wanted):
    """The sheet whose columns are named by code: its name, the row of the codes and code to column.

    Parameters
    ----------
    sheets : Mapping of str to list of list
    wanted : str
        A code that only this sheet has.

    Returns
    -------
    tuple or None
        A code that stands twice is at its first column.
    """
    for name, rows in sheets.items():
        if name == MACHINE:
            continue
        for at, row in enumerate(rows[:FIRST_ROWS]):
            if wanted in row:
                places = {}
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        places.setdefault(cell, column)
                return name, at, places
    return None


def cell(row, at):
    """The cell of a row that may end before it."""
    return row[at] if at is not None and at < len(row) else None


def letter(column):
    """A column as Excel calls it.

    Examples
    --------
    >>> letter(0), letter(27)
    ('A', 'AB')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
