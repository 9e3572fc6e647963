"""Tables that people fill in and give back, as sheets of an Excel workbook that all look alike."""

TOP = 3
"""The row of the headings; a title and a line on how to fill the table in stand above."""
EDGE = {"border": 1, "border_color": "#999999", "text_wrap": True, "valign": "top"}
HEAD = {"bold": True, "align": "center", "valign": "vcenter"}
LOOKS = {
    "head": {**HEAD, "bg_color": "#DDE6EA"},
    "head-own": {**HEAD, "bg_color": "#FFE9A8"},
    "cell": {"num_format": "#,##0.###"},
    "cell-own": {"num_format": "#,##0.###", "bg_color": "#FFF9DB"},
    "year-own": {"num_format": "0", "bg_color": "#FFF9DB"},
}
"""How cells look; what is the reader's own to fill in is yellow."""


def blank_sheet(book, name, rows, *, title, how, widths, frozen, look=None):
    """A sheet with a table to be filled in; the sheet.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    name, title, how : str
    rows : list of list
        The first are the headings; None for a blank cell.
    widths : iterable of float
        Of the columns.
    frozen : int
        So many columns stay in sight.
    look : callable, optional
        Of the positions of a row and a column: of `LOOKS`. Headings and cells where left out.
    """
    forms = {each: book.add_format({**EDGE, **about}) for each, about in LOOKS.items()}
    page = book.add_worksheet(name)
    page.hide_gridlines(2)
    page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    page.write_string(1, 0, how)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            form = forms[look(number, column) if look else "cell" if number else "head"]
            if cell is None:
                page.write_blank(TOP + number, column, None, form)
            else:
                page.write(TOP + number, column, cell, form)
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.freeze_panes(TOP + 1, frozen)
    page.autofilter(TOP, 0, TOP + len(rows) - 1, len(rows[0]) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(TOP)
    return page
