"""The templates of a campaign, one workbook a commune."""

import datetime
import io
import zipfile

import xlsxwriter

from gis import campaigns as rules
from gis.campaigns.layout import (
    BEFORE,
    COVER,
    ID,
    KINDS,
    MACHINE,
    NAME,
    TEMPLATE,
    column_code,
)
from gis.files import NO_FORMULAS
from gis.labels import format_date, format_number
from gis.messages import say
from gis.names import fold
from gis.sentences import unit_label

MOMENT = datetime.datetime(2000, 1, 1)
"""Of the file's making: a fixed one, so that the same template has the same bytes."""

INDEX = "danh-sach-xa.txt"
HEAD, CODES, FIRST = 3, 5, 6
"""Rows of the form, counted from 0: the titles (two of them), the codes, the first village."""

GREY, YELLOW, BLUE = "#E4E4E4", "#FFF9DB", "#E3EFF8"
PROTECTION = {
    "format_columns": True,
    "format_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}


def templates_zip(now, language):
    """All templates of a campaign in one zip, as bytes, with a list that says which file is of which commune."""
    files, lines = {}, []
    for sent in now.sent:
        name = file_name(sent.commune, now.names.get(sent.commune, ""))
        files[name] = template(now, sent.commune, language)
        lines.append(f"{name}\t{sent.commune}\t{now.names.get(sent.commune, '')}")
    files[INDEX] = ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()
    return zipped(files)


def zipped(files):
    """Name and bytes of files as the bytes of one zip."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def file_name(commune, name, before=""):
    """A file name of plain letters that begins with the commune's code."""
    plain = "-".join(fold(f"{commune} {name}").split())[:80]
    return f"{before}{plain or 'xa'}.xlsx"


def template(now, commune, language):
    """The template of one commune, as bytes."""
    sink = io.BytesIO()
    villages = now.villages[now.villages["commune_id"] == commune].sort_index()
    with Book(sink) as (book, formats):
        _cover(book, formats, now, commune, language)
        _form(book, formats, now, villages, language)
        write_machine_sheet(book, rules.machine_rows(now.campaign, commune, TEMPLATE, villages.index))
    return sink.getvalue()


class Book:
    """A workbook in which nothing that is written becomes a formula, with the formats of this file."""

    def __init__(self, sink):
        self.book = xlsxwriter.Workbook(sink, NO_FORMULAS | {"in_memory": True})
        self.book.set_properties({"created": MOMENT})

    def __enter__(self):
        add = self.book.add_format
        edge = {"border": 1, "border_color": "#999999", "valign": "top"}
        head = {**edge, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter"}
        formats = {
            "title": add({"bold": True, "font_size": 14}),
            "plain": add({"text_wrap": True, "valign": "top"}),
            "strong": add({"bold": True, "valign": "top"}),
            "head": add({**head, "bg_color": "#DDE6EA"}),
            "head-before": add({**head, "bold": False, "bg_color": GREY}),
            "head-self": add({**head, "bold": False, "bg_color": YELLOW}),
            "head-recheck": add({**head, "bold": False, "bg_color": BLUE}),
            "locked": add({**edge, "text_wrap": True, "bg_color": "#F4F4F4", "num_format": "@"}),
            "before": add({**edge, "bg_color": GREY, "font_color": "#444444", "num_format": "#,##0.###"}),
            "self": add({**edge, "locked": False, "bg_color": YELLOW, "num_format": "#,##0.###"}),
            "recheck": add({**edge, "locked": False, "bg_color": BLUE, "num_format": "#,##0.###"}),
            "write": add({**edge, "locked": False, "bg_color": YELLOW, "text_wrap": True, "num_format": "@"}),
        }
        return self.book, formats

    def __exit__(self, *failure):
        self.book.close()


def write_machine_sheet(book, rows):
    """The hidden sheet by which a workbook is known again."""
    page = book.add_worksheet(MACHINE)
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            page.write_string(at, column, str(text))
    page.protect("", {})
    page.very_hidden()


def _cover(book, formats, now, commune, language):
    campaign = now.campaign
    page = book.add_worksheet(say("campaign-book-guide", language))
    page.hide_gridlines(2)
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 74)
    page.set_column(2, 2, None, None, {"hidden": True})
    page.write_string(0, 0, rules.title_of(campaign, language), formats["title"])
    facts = [
        ("commune", f"{now.names.get(commune, '')} ({commune})"),
        ("year", str(campaign["year"])),
        ("deadline", format_date(campaign["deadline"], language)),
        ("contact", campaign["contact"] or "–"),
        ("key", campaign["key"]),
    ]
    row = 2
    for name, text in facts:
        page.write_string(row, 0, say(f"campaign-book-{name}", language), formats["strong"])
        page.write_string(row, 1, text, formats["plain"])
        row += 1
    for code in COVER:
        page.write_string(row, 0, say(f"campaign-book-{code}", language), formats["strong"])
        page.write_blank(row, 1, None, formats["write"])
        page.write_string(row, 2, code)
        row += 1
    row += 1
    for number in range(1, 8):
        text = say(f"campaign-book-how-{number}", language)
        page.merge_range(row, 0, row, 1, text, formats["plain"])
        page.set_row(row, 32)
        row += 1
    row += 1
    page.write_string(row, 0, say("campaign-book-fields", language), formats["strong"])
    for asked in now.form:
        row += 1
        page.write_string(row, 0, asked.label.pick(language), formats["plain"])
        page.write_string(row, 1, _help(asked, language), formats["plain"])
    page.protect("", PROTECTION)
    page.set_portrait()
    page.fit_to_pages(1, 0)
    page.activate()


def _help(asked, language):
    """What may be written into the cells of a field."""
    if asked.kind == "yesno":
        return say("campaign-help-yesno", language)
    if asked.kind == "choice":
        return say(
            "campaign-help-choice", language, choices=[label.pick(language) for _, label in asked.choices]
        )
    if asked.kind == "text":
        return say("campaign-help-text", language)
    least, most = (format_number(limit, language) for limit in rules.number_limits(asked))
    unit = unit_label(asked.unit, language) or "–"
    code = "campaign-help-whole" if asked.is_whole else "campaign-help-number"
    return say(code, language, unit=unit, least=least, most=most)


def _form(book, formats, now, villages, language):
    page = book.add_worksheet(say("campaign-book-form", language))
    page.hide_gridlines(2)
    page.write_string(0, 0, rules.title_of(now.campaign, language), formats["title"])
    page.write_string(1, 0, say("campaign-book-legend", language))
    page.set_row(HEAD, 48)
    page.set_row(HEAD + 1, 30)
    page.set_row(CODES, None, None, {"hidden": True})
    column = 0
    for name, code, width in (("number", "#", 4), ("id", ID, 11), ("village", NAME, 20)):
        page.merge_range(
            HEAD, column, HEAD + 1, column, say(f"campaign-book-{name}", language), formats["head"]
        )
        page.write_string(CODES, column, code)
        page.set_column(column, column, width)
        column += 1
    for at, (village, row) in enumerate(villages.iterrows()):
        page.write_number(FIRST + at, 0, at + 1, formats["locked"])
        page.write_string(FIRST + at, 1, str(village), formats["locked"])
        page.write_string(FIRST + at, 2, str(row["name"]), formats["locked"])
    for asked in now.form:
        column = _field(page, formats, now, villages, asked, column, language)
    page.freeze_panes(FIRST, 3)
    page.protect("", PROTECTION)
    page.set_landscape()
    page.set_paper(8)
    page.repeat_rows(HEAD, HEAD + 1)
    page.repeat_columns(0, 2)


def _field(page, formats, now, villages, asked, column, language):
    """Write the columns of one field; the next free column."""
    unit = unit_label(asked.unit, language) if asked.kind == "number" else ""
    title = asked.label.pick(language) + (f" ({unit})" if unit else "")
    if asked.is_remark:
        page.merge_range(HEAD, column, HEAD + 1, column, title, formats["head"])
        page.write_string(CODES, column, column_code(asked.name, "self"))
        page.set_column(column, column, 30)
        for at in range(len(villages)):
            page.write_blank(FIRST + at, column, None, formats["write"])
        return column + 1
    year, before = now.before
    page.merge_range(HEAD, column, HEAD, column + 2, title, formats["head"])
    for at, kind in enumerate((BEFORE, *KINDS)):
        word = say(f"campaign-column-{kind}", language, year=year if year is not None else "–")
        page.write_string(HEAD + 1, column + at, word, formats[f"head-{kind}"])
        page.write_string(CODES, column + at, column_code(asked.name, kind))
    page.set_column(column, column + 2, 11)
    for at, village in enumerate(villages.index):
        shown = value_shown(_before(before, village, asked.name), asked, language)
        write = page.write_number if isinstance(shown, float) else page.write_string
        write(FIRST + at, column, shown, formats["before"])
        for step in (1, 2):
            page.write_blank(FIRST + at, column + step, None, formats[KINDS[step - 1]])
    rule = _validation(asked, title, language)
    page.data_validation(FIRST, column + 1, FIRST + max(len(villages), 1) - 1, column + 2, rule)
    return column + 3


def _before(table, village, field):
    return table.at[village, field] if field in table and village in table.index else None


def value_shown(value, asked, language):
    """A value as a cell shows it: a number as such, the word of a choice, nothing for what is not there."""
    if value is None or value != value:
        return ""
    if asked.kind == "yesno" and not isinstance(value, str):
        return say("export-word-yes" if value else "export-word-no", language)
    if asked.kind == "choice":
        return next((label.pick(language) for stored, label in asked.choices if stored == value), str(value))
    return value if isinstance(value, str) else float(value)


def _validation(asked, title, language):
    told = {
        "input_title": title[:32],
        "input_message": _help(asked, language)[:255],
        "error_title": say("campaign-book-wrong", language)[:32],
        "error_message": _help(asked, language)[:255],
    }
    if asked.kind in ("yesno", "choice"):
        words = [label.pick(language) for _, label in asked.choices]
        if asked.kind == "yesno":
            words = [say("export-word-yes", language), say("export-word-no", language)]
        return {"validate": "list", "source": words, **told}
    least, most = rules.number_limits(asked)
    kind = "integer" if asked.is_whole else "decimal"
    return {"validate": kind, "criteria": "between", "minimum": least, "maximum": most, **told}
