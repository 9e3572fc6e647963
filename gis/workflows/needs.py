"""The needs list of planners: written to Excel with what could be built, read back from Excel, CSV or a map layer."""

from pathlib import Path

from gis.errors import TableError
from gis.files import NO_FORMULAS, replacing
from gis.intake import Reader
from gis.interventions import load_interventions
from gis.messages import say
from gis.plan.needs import COLUMNS, needs_from_rows, needs_to_rows, own_options
from gis.plan.needs.table import WIDTHS, WRITTEN
from gis.settings import Settings

TABLES = (".xlsx", ".xls", ".ods", ".csv")
BLANK_ROWS = 40
"""Below what was generated, for works of the planner's own."""


def write_needs(options, review, path, *, interventions=None, language="vi", notes=None):
    """Write what could be built as an Excel needs list that a planner edits and gives back.

    Parameters
    ----------
    options : Options
    review : Review
    path : path-like
    interventions : Mapping of str to Intervention, optional
    language : str
    notes : DataFrame, optional
        As of `Needs.notes`, where the list was read before.

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    import xlsxwriter

    known = load_interventions() if interventions is None else interventions
    rows = needs_to_rows(options, review, known, language, notes=notes)
    with replacing(path) as fresh, xlsxwriter.Workbook(str(fresh), NO_FORMULAS) as book:
        edge = {"border": 1, "border_color": "#999999", "text_wrap": True, "valign": "top"}
        head = {**edge, "bold": True, "align": "center", "valign": "vcenter"}
        plain = book.add_format({**edge, "num_format": "#,##0.###"})
        year = book.add_format({**edge, "num_format": "0", "bg_color": "#FFF9DB"})
        mine = book.add_format({**edge, "num_format": "#,##0.###", "bg_color": "#FFF9DB"})
        heads = {
            False: book.add_format({**head, "bg_color": "#DDE6EA"}),
            True: book.add_format({**head, "bg_color": "#FFE9A8"}),
        }
        page = book.add_worksheet(say("needs-sheet", language))
        page.hide_gridlines(2)
        title = say("needs-title", language, study=review.study.label.pick(language))
        page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        page.write_string(1, 0, say("needs-how", language))
        blank = [[None] * len(COLUMNS) for _ in range(BLANK_ROWS)]
        for number, row in enumerate(rows + blank):
            for column, (name, cell) in enumerate(zip(COLUMNS, row, strict=True)):
                open_ = name in WRITTEN or number >= len(rows)
                form = (
                    heads[name in WRITTEN]
                    if number == 0
                    else year
                    if name == "year"
                    else mine
                    if open_
                    else plain
                )
                if cell is None:
                    page.write_blank(number + 3, column, None, form)
                else:
                    page.write(number + 3, column, cell, form)
        last = len(rows) + BLANK_ROWS + 2
        lists = {
            "wanted": [say(f"needs-word-{word}", language) for word in ("in", "out")],
            "committed": [say(f"export-word-{word}", language) for word in ("yes", "no")],
        }
        for name, words in lists.items():
            page.data_validation(
                4, COLUMNS.index(name), last, COLUMNS.index(name), {"validate": "list", "source": words}
            )
        kinds = book.add_worksheet(say("needs-sheet-kinds", language))
        for number, work in enumerate(known.values()):
            kinds.write_string(number, 0, work.label.pick(language))
            kinds.write_string(number, 1, work.id)
        kinds.set_column(0, 1, 50)
        source = f"='{say('needs-sheet-kinds', language)}'!$A$1:$A${len(known)}"
        at = COLUMNS.index("kind")
        page.data_validation(4, at, last, at, {"validate": "list", "source": source, "error_type": "warning"})
        for column, width in enumerate(WIDTHS):
            page.set_column(column, column, width)
        page.freeze_panes(4, 5)
        page.autofilter(3, 0, last, len(COLUMNS) - 1)
        page.set_landscape()
        page.set_paper(8)
        page.fit_to_pages(1, 0)
        page.repeat_rows(3)


def read_needs(path, review, options=None, *, interventions=None, settings=None, report=None):
    """Read a needs list from a table (Excel, ODS, CSV) or a map layer (GeoPackage, shapefile, GeoJSON, ...).

    Parameters
    ----------
    path : path-like
    review : Review
    options : Options, optional
        What was generated, for rows that are about these.
    interventions : Mapping of str to Intervention, optional
    settings : Settings, optional
    report : callable, optional

    Returns
    -------
    Needs
        With ``own``; ``needs.applied(options)`` is what a plan chooses from.

    Raises
    ------
    IntakeError
        If the file cannot be read as what it claims to be.
    TableError
        If a row is wrong; all of them at once.
    """
    known, path = load_interventions() if interventions is None else interventions, Path(path)
    with Reader(settings or Settings()) as reader:
        if path.suffix.lower() in TABLES:
            found = _from_sheets(reader.table(path).sheets, review, known, options, path.name)
        else:
            found = _from_layer(reader.vector(path).frame, review, known, options, path.name)
    return own_options(found, review, known, report=report)


def _from_sheets(sheets, review, known, options, file):
    faults = []
    for name, cells in sheets.items():
        try:
            return needs_from_rows(cells, review, known, options, file=file, sheet=name)
        except TableError as fault:
            if fault.code != "needs-no-column":
                raise
            faults.append(fault)
    raise faults[0] if faults else TableError("needs-no-rows", file=file, sheet="")


def _from_layer(frame, review, known, options, file):
    crs = review.study.crs
    if frame.crs is None:
        raise TableError("needs-no-crs", file=file)
    shapes = frame.geometry if crs is None else frame.to_crs(crs).geometry
    table = frame.drop(columns=[frame.geometry.name, "source_row"], errors="ignore")
    cells = [list(table.columns), *table.astype(object).where(table.notna(), None).to_numpy().tolist()]
    shapes = [None if shape is None or shape.is_empty else shape for shape in shapes]
    return needs_from_rows(cells, review, known, options, file=file, geometry=shapes)
