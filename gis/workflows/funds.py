"""The funds of a plan as an Excel table that is filled in and given back."""

from gis.files import NO_FORMULAS, replacing
from gis.messages import say
from gis.plan.fundsheet import funds_to_rows
from gis.workflows.blanks import blank_sheet

LINES = 8
"""At least so many, so that there are some to be filled in."""


def funds_to_excel(request, path, *, language="vi"):
    """Write a request's funds as a table, in million dong; `gis.plan.funds_from_excel` reads it back.

    Parameters
    ----------
    request : Request
        Its years and funds; without funds the table is an empty one for these years.
    path : Path
    language : str

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    import xlsxwriter

    rows = funds_to_rows(request, language=language)
    rows += [[None] * len(rows[0])] * (LINES - len(rows))
    with replacing(path) as fresh, xlsxwriter.Workbook(str(fresh), NO_FORMULAS) as book:
        told = {"title": say("funds-title", language), "how": say("funds-how", language)}
        widths = [16] * len(rows[0])
        blank_sheet(book, say("funds-sheet", language), rows, **told, widths=widths, frozen=2)
