"""A criteria set to Excel and back."""

from pathlib import Path

from gis.criteria import load_criteria, set_from_rows, set_to_plain, set_to_rows
from gis.files import NO_FORMULAS, replacing
from gis.intake import Reader
from gis.settings import Settings
from gis.yamltext import dump_yaml


def criteria_to_excel(criteria, path):
    """Write a criteria set as an Excel table that an official can read, edit and hand back.

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    import xlsxwriter

    with replacing(path) as fresh, xlsxwriter.Workbook(str(fresh), NO_FORMULAS) as book:
        plain = {"text_wrap": True, "valign": "top"}
        wrapped = book.add_format(plain)
        heading = book.add_format({**plain, "bold": True, "bg_color": "#dfe9e6"})
        for name, rows in set_to_rows(criteria).items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, column, cell, wrapped if number else heading)
            for column in range(len(rows[0])):
                longest = max((len(str(row[column])) for row in rows if column < len(row)), default=8)
                sheet.set_column(column, column, min(max(longest, 8), 48))


def read_criteria(path, *, settings=None):
    """Read a criteria set from an Excel table or a YAML file.

    Raises
    ------
    IntakeError, CriteriaError
        As `criteria_from_excel` and `load_criteria`.
    """
    path = Path(path)
    if path.suffix.lower() in (".yaml", ".yml"):
        return load_criteria(path)
    return criteria_from_excel(path, settings=settings)


def criteria_from_excel(path, out=None, *, settings=None):
    """Read a criteria set from an Excel table, and write it as YAML where `out` is given.

    Returns
    -------
    CriteriaSet

    Raises
    ------
    IntakeError
        If the file is no workbook.
    CriteriaError
        If a cell is wrong; every fault with sheet, row and column. Nothing is written then.
    """
    with Reader(settings or Settings()) as reader:
        criteria = set_from_rows(reader.table(Path(path)).sheets, file=Path(path).name)
    if out is not None:
        with replacing(out) as fresh:
            fresh.write_text(dump_yaml(set_to_plain(criteria)), encoding="utf-8")
    return criteria
