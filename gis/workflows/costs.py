"""Unit costs to Excel and back."""

from pathlib import Path

from gis.errors import TableError
from gis.files import NO_FORMULAS, replacing
from gis.intake import Reader
from gis.interventions import costs_from_rows, costs_to_rows, load_interventions
from gis.messages import say
from gis.settings import Settings

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
        page = book.add_worksheet(say("costs-sheet", language))
        page.hide_gridlines(2)
        edge = {"border": 1, "border_color": "#999999", "text_wrap": True, "valign": "top"}
        title = book.add_format({"bold": True, "font_size": 14})
        head = book.add_format(
            {**edge, "bold": True, "align": "center", "valign": "vcenter", "bg_color": "#DDE6EA"}
        )
        plain = book.add_format({**edge, "num_format": "#,##0.###"})
        page.write_string(0, 0, say("costs-title", language), title)
        page.write_string(1, 0, say("costs-how", language))
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                form = plain if number else head
                if cell is None:
                    page.write_blank(number + 3, column, None, form)
                else:
                    page.write(number + 3, column, cell, form)
        for column, width in enumerate(WIDTHS):
            page.set_column(column, column, width)
        page.freeze_panes(4, 2)
        page.autofilter(3, 0, len(rows) + 2, len(WIDTHS) - 1)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(3)


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
    file, faults = Path(path).name, []
    for name, cells in sheets.items():
        try:
            return costs_from_rows(cells, known, file=file, sheet=name)
        except TableError as fault:
            if fault.code != "costs-no-column":
                raise
            faults.append(fault)
    raise faults[0] if faults else TableError("costs-no-rows", file=file, sheet="")
