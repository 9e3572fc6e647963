"""The funds of a plan as an Excel table that is filled in and given back."""

from gis.files import NO_FORMULAS, replacing
from gis.messages import say
from gis.plan.fundsheet import funds_to_rows

FIRST = 3
"""The row of the headings; a title and a line on how to fill it in stand above."""


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
    with replacing(path) as fresh, xlsxwriter.Workbook(str(fresh), NO_FORMULAS) as book:
        page = book.add_worksheet(say("funds-sheet", language))
        plain = {"border": 1, "border_color": "#999999", "text_wrap": True, "valign": "top"}
        head = book.add_format({**plain, "bold": True, "bg_color": "#DDE6EA"})
        cells = book.add_format({**plain, "num_format": "#,##0.###"})
        page.write_string(
            0, 0, say("funds-title", language), book.add_format({"bold": True, "font_size": 14})
        )
        page.write_string(1, 0, say("funds-how", language))
        # lines are there to be filled in too
        for number in range(max(len(rows), 8)):
            row = rows[number] if number < len(rows) else [None] * len(rows[0])
            for column, cell in enumerate(row):
                form = cells if number else head
                if cell is None:
                    page.write_blank(FIRST + number, column, None, form)
                elif isinstance(cell, str):
                    page.write_string(FIRST + number, column, cell, form)
                else:
                    page.write_number(FIRST + number, column, cell, form)
        page.set_column(0, len(rows[0]) - 1, 16)
        page.freeze_panes(FIRST + 1, 2)
        page.set_landscape()
        page.fit_to_pages(1, 0)
