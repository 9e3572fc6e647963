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
from gis.workflows.blanks import TOP, blank_sheet
from gis.workflows.costs import first_read

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
        title = say("needs-title", language, study=review.study.label.pick(language))
        told = {"title": title, "how": say("needs-how", language), "widths": WIDTHS, "frozen": 5}
        blank = [[None] * len(COLUMNS) for _ in range(BLANK_ROWS)]

        def look(number, column):
            name = COLUMNS[column]
            own = name in WRITTEN or number >= len(rows)
            kind = "head" if number == 0 else "year" if name == "year" else "cell"
            return f"{kind}-own" if own else kind

        page = blank_sheet(book, say("needs-sheet", language), rows + blank, **told, look=look)
        first, last = TOP + 1, TOP + len(rows) + BLANK_ROWS - 1
        lists = {
            "wanted": [say(f"needs-word-{word}", language) for word in ("in", "out")],
            "committed": [say(f"export-word-{word}", language) for word in ("yes", "no")],
        }
        for name, words in lists.items():
            at = COLUMNS.index(name)
            page.data_validation(first, at, last, at, {"validate": "list", "source": words})
        kinds = book.add_worksheet(say("needs-sheet-kinds", language))
        for number, work in enumerate(known.values()):
            kinds.write_string(number, 0, work.label.pick(language))
            kinds.write_string(number, 1, work.id)
        kinds.set_column(0, 1, 50)
        source = f"='{say('needs-sheet-kinds', language)}'!$A$1:$A${len(known)}"
        at = COLUMNS.index("kind")
        page.data_validation(
            first, at, last, at, {"validate": "list", "source": source, "error_type": "warning"}
        )
        page.set_paper(8)


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
    known = load_interventions() if interventions is None else interventions
    found = read_rows(path, review, options, interventions=known, settings=settings)
    return own_options(found, review, known, report=report)


def read_rows(path, review, options=None, *, interventions=None, settings=None):
    """As `read_needs`, without what own works close: which takes a second or two a work, and not a part of one."""
    known, path = load_interventions() if interventions is None else interventions, Path(path)
    with Reader(settings or Settings()) as reader:
        if path.suffix.lower() in TABLES:
            sheets = reader.table(path).sheets
            told = {"file": path.name}
            return first_read(
                sheets,
                lambda cells, name: needs_from_rows(cells, review, known, options, sheet=name, **told),
                "needs-no-column",
            )
        return _from_layer(reader.vector(path).frame, review, known, options, path.name)


def _from_layer(frame, review, known, options, file):
    crs = review.study.crs
    if frame.crs is None:
        raise TableError("needs-no-crs", file=file)
    shapes = frame.geometry if crs is None else frame.to_crs(crs).geometry
    table = frame.drop(columns=[frame.geometry.name, "source_row"], errors="ignore")
    cells = [list(table.columns), *table.astype(object).where(table.notna(), None).to_numpy().tolist()]
    shapes = [None if shape is None or shape.is_empty else shape for shape in shapes]
    return needs_from_rows(cells, review, known, options, file=file, geometry=shapes)
