"""Unit costs to Excel and back."""

from pathlib import Path

from gis.errors import TableError
from gis.files import NO_FORMULAS, replacing
from gis.intake import Reader
from gis.interventions import costs_from_rows, costs_to_rows, load_interventions
from gis.messages import say
from gis.settings import Settings
from gis.workflows.blanks import blank_sheet

WIDTHS = (28, 44, 13, 11, 30, 16, 16, 16, 16, 12, 18, 40)


def costs_to_excel(path, interventions=None, *, language="vi"):
    """Write unit costs as an Excel table that a planner edits and gives back.

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    import xlsxwriter

    rows = costs_to_rows(load_interventions() if interventions is None else interventions, language)
    with replacing(path) as fresh, xlsxwriter.Workbook(str(fresh), NO_FORMULAS) as book:
        told = {"title": say("costs-title", language), "how": say("costs-how", language)}
        blank_sheet(book, say("costs-sheet", language), rows, **told, widths=WIDTHS, frozen=2)


def costs_from_excel(path, interventions=None, *, settings=None):
    """Kinds of work with the unit costs of an Excel or CSV table.

    Returns
    -------
    Mapping of str to Intervention
        As of `gis.interventions.costs_from_rows`.

    Raises
    ------
    IntakeError
        If the file is no table.
    TableError
        If a row is wrong; every fault with its row.
    """
    known = load_interventions() if interventions is None else interventions
    with Reader(settings or Settings()) as reader:
        sheets = reader.table(Path(path)).sheets
    file = Path(path).name
    return first_read(
        sheets, lambda cells, name: costs_from_rows(cells, known, file=file, sheet=name), "costs-no-column"
    )


def first_read(sheets, read, lacking):
    """What the first sheet says that has the columns; where none has, the fault of the first.

    Parameters
    ----------
    sheets : Mapping of str to list of list
    read : callable
        Of the cells of a sheet and its name.
    lacking : str
        Code of the fault that columns are missing; any other ends it.

    Raises
    ------
    TableError
    """
    faults = []
    for name, cells in (sheets or {"": []}).items():
        try:
            return read(cells, name)
        except TableError as fault:
            if fault.code != lacking:
                raise
            faults.append(fault)
    raise faults[0]
