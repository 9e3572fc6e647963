"""The works of a plan as the workbook that is handed over: forms of works, of money by source, and what they rest on."""

from datetime import datetime
from pathlib import Path

import xlsxwriter

from gis.errors import ExportError
from gis.exports._origin import dictionary
from gis.exports._report import ExportReport
from gis.exports.xlsx import sheet_rows
from gis.files import NO_FORMULAS, replacing
from gis.interventions import SECTORS
from gis.messages import say
from gis.names import fold
from gis.plan.record import fund_labels

MOMENT = datetime(2000, 1, 1)
FORM = ("number", "work", "village", "commune", "unit", "quantity", "year", "ready", "cost")
"""Columns before the money of each source; those after it are `TAIL`."""
TAIL = ("people_paid", "maintenance", "serves_count", "serves_names", "closes", "cost_by_text")
WIDE = {
    "work": 44,
    "serves_names": 36,
    "closes": 44,
    "village": 20,
    "commune": 18,
    "why": 60,
    "open": 50,
    "value": 110,
}
TOP = 4
"""Rows above the headings."""


def works_book(works, record, path, language):
    """A workbook of the works by sector and by commune, the money by source and year, villages, and the plan's basis.

    Parameters
    ----------
    works : WorksTable
    record : Mapping
    path : path-like
    language : str
    """
    path = Path(path)
    funds = fund_labels(record)
    with replacing(path) as fresh:
        options = NO_FORMULAS | {"tmpdir": str(fresh.parent)}
        with xlsxwriter.Workbook(str(fresh), options) as book:
            book.set_properties({"title": say("works-title", language), "created": MOMENT})
            pages = _Pages(book, works, language)
            for name, by, then in (("sector", "sector", "commune"), ("commune", "commune_id", "sector")):
                pages.form(name, works.table, by, then, funds)
            pages.money(record, works.table, funds)
            pages.years(record, works.table)
            pages.table("villages", works.villages)
            pages.table("links", works.links)
            pages.table("facts", works.facts.drop(columns="key"))
        _check(fresh, works, language)
    return ExportReport(
        path, "xlsx", len(works.table), (path,), dictionary(works.columns), problems=works.problems
    )


class _Pages:
    """The sheets of one workbook, all with the same title, notices and formats."""

    def __init__(self, book, works, language):
        self.book, self.works, self.language = book, works, language
        edge = {"border": 1, "border_color": "#999999", "valign": "top"}
        add = book.add_format
        self.formats = {
            "title": add({"bold": True, "font_size": 14}),
            "notice": add({"bold": True, "font_color": "#7A2E00"}),
            "head": add(
                {
                    **edge,
                    "bold": True,
                    "text_wrap": True,
                    "align": "center",
                    "valign": "vcenter",
                    "bg_color": "#DDE6EA",
                }
            ),
            "text": add({**edge, "text_wrap": True}),
            "number": add({**edge, "num_format": "#,##0.0"}),
            "whole": add({**edge, "num_format": "0"}),
            "group-text": add({**edge, "bold": True, "bg_color": "#F1F4F5"}),
            "group-number": add({**edge, "bold": True, "bg_color": "#F1F4F5", "num_format": "#,##0.0"}),
            "total-text": add({**edge, "bold": True, "bg_color": "#FFF3CD"}),
            "total-number": add({**edge, "bold": True, "bg_color": "#FFF3CD", "num_format": "#,##0.0"}),
        }

    def say(self, code, **told):
        return say(f"works-{code}", self.language, **told)

    def open(self, name, headings, *, widths=(), freeze=2):
        page = self.book.add_worksheet(self.say(f"sheet-{name}"))
        page.hide_gridlines(2)
        facts = self.works.facts
        told = dict(zip(facts["key"], facts["value"], strict=False))
        page.write_string(
            0, 0, f"{self.say(f'form-{name}')} – {told.get('study', '')}", self.formats["title"]
        )
        shown = facts["value"][facts["key"] == "notice"].tolist()
        page.write_string(1, 0, " · ".join(shown), self.formats["notice"])
        page.write_string(2, 0, self.say("unit-note", run=told.get("run", "")))
        for column, heading in enumerate(headings):
            page.write_string(TOP, column, heading, self.formats["head"])
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        page.freeze_panes(TOP + 1, freeze)
        page.set_landscape()
        page.set_paper(8)
        page.fit_to_pages(1, 0)
        page.repeat_rows(TOP)
        return page

    def row(self, page, number, cells, look=""):
        """Write cells; numbers as such, nothing for what is not there."""
        for column, cell in enumerate(cells):
            blank = cell is None or cell != cell
            is_number = not blank and not isinstance(cell, str)
            year = is_number and not look and float(cell).is_integer() and isinstance(cell, _Whole)
            kind = "whole" if year else "number" if is_number else "text"
            form = self.formats[f"{look}-{kind}" if look else kind]
            if blank:
                page.write_blank(number, column, None, form)
            elif is_number:
                page.write_number(number, column, float(cell), form)
            else:
                page.write_string(number, column, cell, form)

    def form(self, name, table, by, then, funds):
        """The works under headings of their group (Biểu 08/13), each group with its sum, all with theirs."""
        columns = [*FORM, *(f"paid_{fund}" for fund in funds), *TAIL]
        heads = [self.say(f"head-{column}") for column in FORM]
        heads += [self.say("column-paid", fund=label) for label in funds.values()]
        heads += [self.say(f"head-{column}") for column in TAIL]
        widths = [WIDE.get(column, 13) if column != "number" else 6 for column in columns]
        page = self.open(name, heads, widths=widths)
        sums = [
            column
            for column in columns
            if column in ("cost", "people_paid", "maintenance") or column.startswith("paid_")
        ]

        def summed(rows, mark, text):
            totals = {column: float(rows[column].sum()) for column in sums}
            return [mark, text, *(totals.get(column) for column in columns[2:])]

        at = TOP + 1
        self.row(page, at, summed(table, "", self.say("total", count=len(table))), "total")
        for order, (group, rows) in enumerate(_groups(table, by), start=1):
            at += 1
            self.row(page, at, summed(rows, roman(order), f"{group} ({len(rows)})"), "group")
            rows = rows.sort_values([then, "year", "work", "option_id"], kind="stable")
            for number, work in enumerate(rows.to_dict("records"), start=1):
                at += 1
                work |= {
                    "number": _Whole(number),
                    "year": _Whole(work["year"]),
                    "ready": _Whole(work["ready"]),
                }
                work["serves_count"] = _Whole(work["serves_count"])
                if work["cost_by"] == "assumption":
                    work["cost_by_text"] += " *"
                self.row(page, at, [work[column] for column in columns])
        return page

    def money(self, record, table, funds):
        """Money by source and year (Biểu 07/11): all together, then commune by commune."""
        years = [str(year) for year in record["request"]["years"]]
        heads = [self.say("head-number"), self.say("head-source"), self.say("head-all"), *years]
        page = self.open("money", heads, widths=[6, 46, 16, *[14] * len(years)])
        figures, works = record["figures"], record["works"]
        at = TOP + 1
        at = self._block(page, at, "", self.say("all-communes"), works, funds, years, "total")
        for fund, label in funds.items():
            has = figures["money"].get(fund, {})
            left = [has.get(year, 0.0) for year in years]
            at += 1
            self.row(
                page, at, ["", self.say("has", fund=label), sum(left) / 1e6, *(vnd / 1e6 for vnd in left)]
            )
        by_id = {work["option_id"]: work for work in works}
        for order, (commune, rows) in enumerate(_groups(table, "commune_id"), start=1):
            at += 1
            part = [by_id[option_id] for option_id in rows["option_id"]]
            at = self._block(page, at, roman(order), commune, part, funds, years, "group")

    def _block(self, page, at, mark, name, works, funds, years, look):
        """Sum, each source and the people's part of some works; the last row written."""
        lines = {
            label: [
                sum(work["paid_by_year"].get(fund, {}).get(year, 0.0) for work in works) / 1e6
                for year in years
            ]
            for fund, label in funds.items()
        }
        lines[self.say("people")] = [
            sum(work["people_paid"] for work in works if str(work["year"]) == year) / 1e6 for year in years
        ]
        sums = [sum(each) for each in zip(*lines.values(), strict=True)]
        self.row(page, at, [mark, name, sum(sums), *sums], look)
        for label, cells in lines.items():
            at += 1
            self.row(page, at, ["", label, sum(cells), *cells])
        return at

    def years(self, record, table):
        """How many works and how much money a sector and year, and the villages that pass each year."""
        years = [int(year) for year in record["request"]["years"]]
        heads = [self.say("head-number"), self.say("head-sector")]
        heads += [
            text
            for year in years
            for text in (self.say("head-works", year=year), self.say("head-cost-year", year=year))
        ]
        page = self.open("years", heads, widths=[6, 34, *[13] * (2 * len(years))])

        def cells(rows):
            parts = (rows[rows["year"] == year] for year in years)
            return [cell for part in parts for cell in (_Whole(len(part)), float(part["cost"].sum()))]

        at = TOP + 1
        self.row(page, at, ["", self.say("total", count=len(table)), *cells(table)], "total")
        for order, (sector, rows) in enumerate(_groups(table, "sector"), start=1):
            at += 1
            self.row(page, at, [_Whole(order), sector, *cells(rows)])
        passing = record["figures"]["by_year"]
        told = [cell for year in years for cell in (_Whole(passing.get(str(year), 0)), None)]
        self.row(page, at + 2, ["", self.say("passing-by-year"), *told])

    def table(self, name, table):
        heads = [self.say(f"head-{column}") for column in table]
        page = self.open(name, heads, widths=[WIDE.get(column, 16) for column in table], freeze=1)
        for at, cells in enumerate(table.itertuples(index=False), start=TOP + 1):
            self.row(page, at, [_year(cell, column) for cell, column in zip(cells, table, strict=True)])


def _groups(table, by):
    """Pairs of name and rows: sectors in the order of the house, communes by name; two of one name stay apart."""
    shown = {"sector": "sector_text", "commune_id": "commune"}[by]
    keys = table[by].fillna("–")
    found = []
    for key, rows in table.groupby(keys, sort=True):
        name = str(rows[shown].iloc[0] or key)
        place = SECTORS.index(key) if by == "sector" and key in SECTORS else len(SECTORS)
        found.append(((place, fold(name), key), name, rows))
    return [(name, rows) for _, name, rows in sorted(found, key=lambda each: each[0])]


class _Whole(float):
    """A year or a count, shown without decimals or marks between thousands."""


def _year(cell, column):
    return _Whole(cell) if column in ("passes", "population") and cell == cell else cell


def roman(number):
    """A number of a group as forms write it.

    Examples
    --------
    >>> roman(4), roman(13)
    ('IV', 'XIII')
    """
    text = ""
    for value, sign in (
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        count, number = divmod(number, value)
        text += sign * count
    return text


def _check(path, works, language):
    """Raise unless the form reads back with every work and the sum of the costs."""
    name = say("works-sheet-sector", language)
    rows = sheet_rows(path, name)[TOP + 1 :]
    cost = FORM.index("cost")
    listed = [row[cost] for row in rows[1:] if isinstance(row[0], (int, float))]
    total = rows[0][cost]
    wanted = float(works.table["cost"].sum())
    if (
        len(listed) != len(works.table)
        or abs(sum(listed) - wanted) > 0.01
        or abs(float(total or 0) - wanted) > 0.01
    ):
        raise ExportError("export-rows-differ", file=path.name, expected=len(works.table), found=len(listed))
