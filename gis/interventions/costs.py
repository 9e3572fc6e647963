"""Unit costs as a table that a planner fills in, and back: the planner's own take the place of assumptions."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from gis.criteria.cells import read_when
from gis.criteria.sheets import write_when
from gis.errors import Problem, TableError
from gis.interventions.model import Cost
from gis.interventions.words import cost_word, heading_columns, heading_names, sector_word, unit_word
from gis.labels import LANGUAGES
from gis.messages import say
from gis.names import fold
from gis.values import is_ambiguous, is_blank, to_number, to_text

MILLION = 1e6
MOST_VND = 1e15
"""A thousand times the whole programme: more is a slip of the pen."""
COLUMNS = ("id", "name", "sector", "unit", "where", "cost", "low", "high", "fixed", "as_of", "by", "source")
NEEDED = ("id", "cost", "as_of")
PREFIX = "costs-column-"
_DAY = re.compile(r"(?:(?:(\d{1,2})[/.-])?(\d{1,2})[/.-])?(\d{4})\Z")


def costs_to_rows(interventions, language):
    """The unit costs of kinds of work, a row a cost under a row of headings; money in million VND.

    Parameters
    ----------
    interventions : Mapping of str to Intervention
    language : str

    Returns
    -------
    list of list
    """
    rows = [[say(PREFIX + name, language) for name in COLUMNS]]
    for work in interventions.values():
        for cost in work.costs:
            rows.append(
                [
                    work.id,
                    work.label.pick(language),
                    sector_word(work.sector, language),
                    unit_word(work.unit, language),
                    where_text(cost.where, language),
                    cost.vnd / MILLION,
                    cost.low / MILLION,
                    cost.high / MILLION,
                    cost.fixed_vnd / MILLION,
                    cost.as_of,
                    cost_word(cost.verification, language),
                    cost.source,
                ]
            )
    return rows


def costs_from_rows(cells, interventions, *, file, sheet=""):
    """Kinds of work with the unit costs that a table gives them.

    Parameters
    ----------
    cells : list of list
        As `costs_to_rows` gives them, edited; columns in any order, headings in either language.
    interventions : Mapping of str to Intervention
    file, sheet : str
        For the sentences.

    Returns
    -------
    Mapping of str to Intervention
        A kind of work in the table has the costs of the table and no others; one that is not there keeps its own. A row
        that differs from every cost that was there is the planner's own (``user``); one that does not stays what it
        was, so that an assumption sent back unread is still an assumption.

    Raises
    ------
    TableError
        If a column is missing or a row is wrong: an unknown kind of work, no or an impossible cost, a condition that
        cannot be read or stands twice, an own cost without date or source. All faults at once, each with its row.
    """
    known = heading_names(COLUMNS, PREFIX)
    head, places = heading_columns(cells, lambda text: known.get(fold(text)))
    absent = [name for name in NEEDED if name not in places]
    if absent:
        columns = [tuple(say(PREFIX + name, language) for language in LANGUAGES) for name in absent]
        raise TableError(
            "costs-no-column", file=file, sheet=sheet, columns=[" / ".join(pair) for pair in columns]
        )
    found, faults = {}, []
    for number, row in enumerate(cells[head + 1 :], start=head + 2):
        told = {name: row[at] if at < len(row) else None for name, at in places.items()}
        if all(is_blank(value) for name, value in told.items() if name not in ("low", "high", "fixed")):
            continue
        reading = _Row(told, {"file": file, "sheet": sheet, "row": number})
        work = work_named(told["id"], interventions)
        if work is None:
            reading.fault("costs-no-work", name=str(told["id"])[:60])
        else:
            cost, known = reading.cost(work), found.setdefault(work.id, [])
            if not reading.faults and any(each.where == cost.where for each in known):
                reading.fault("costs-twice", name=work.id)
            elif not reading.faults:
                known.append(cost)
        faults += reading.faults
    if not found and not faults:
        raise TableError("costs-no-rows", file=file, sheet=sheet)
    if faults:
        raise TableError(problems=faults)
    # one without a condition is for everywhere else, wherever it stands in the table
    own = {
        name: replace(interventions[name], costs=tuple(sorted(costs, key=lambda each: each.where is None)))
        for name, costs in found.items()
    }
    return MappingProxyType({**interventions, **own})


class _Row:
    """One row of the table; its readers note a fault and give NaN or None when a cell is not what it must be."""

    def __init__(self, cells, place):
        self.cells, self.place, self.faults = cells, place, []

    def fault(self, code, **arguments):
        self.faults.append(Problem(code, {**self.place, **arguments}, "error"))

    def cost(self, work):
        vnd, low, high, fixed = (self.money(name) for name in ("cost", "low", "high", "fixed"))
        low, high, fixed = (
            low if low == low else vnd,
            high if high == high else vnd,
            fixed if fixed == fixed else 0.0,
        )
        if vnd != vnd and not self.faults:
            self.fault("costs-no-cost", name=work.id)
        elif not self.faults and not low <= vnd <= high:
            self.fault("costs-order", low=low / MILLION, cost=vnd / MILLION, high=high / MILLION)
        where, as_of = self.condition(), self.day()
        source = to_text(self.cells.get("source"))
        read = Cost(vnd, low, high, as_of, "user", fixed, where, source)
        for known in work.costs:
            if _same(known, read):
                return known
        if not self.faults and (as_of is None or source is None):
            self.fault("costs-no-source", name=work.id)
        return read

    def money(self, name):
        value = self.cells.get(name)
        number = to_number(value)
        if number is None or is_ambiguous(value) or number < 0 or number * MILLION > MOST_VND:
            heading = [say(PREFIX + name, language) for language in LANGUAGES]
            self.fault("costs-not-money", column=" / ".join(heading), found=str(value)[:60])
            return float("nan")
        # what was a whole dong before it was shown in millions is one again
        return round(number * MILLION) if number == number else number

    def condition(self):
        text = to_text(self.cells.get("where"))
        if text is None:
            return None
        try:
            when = read_when(str(self.cells["where"]))
        except ValueError:
            self.fault("costs-condition", found=text[:60])
            return None
        return tuple(when) if isinstance(when, list) else when

    def day(self):
        text = to_text(self.cells.get("as_of"))
        if text is None:
            return None
        text = text.partition("T")[0]
        if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text):
            return text
        found = _DAY.match(text)
        if found is None:
            self.fault("costs-day", found=text[:60])
            return None
        day, month, year = found.groups()
        return "-".join(part.zfill(2) for part in (year, month, day) if part)


def work_named(name, interventions):
    """The kind of work that a cell names, by its id or its name in either language."""
    wanted = fold(str(name)) if name is not None else ""
    for work in interventions.values():
        if wanted in (fold(work.id), *(fold(text) for text in work.label.values())):
            return work
    return None


def _same(known, read):
    return all(
        abs(getattr(known, name) - getattr(read, name)) < 1 for name in ("vnd", "low", "high", "fixed_vnd")
    ) and (known.where, known.as_of, known.source) == (read.where, read.as_of, read.source)


def where_text(where, language):
    """A condition as a cell of the table has it, a line each; None for everywhere."""
    if where is None:
        return None
    lines = write_when(where if isinstance(where, Mapping) else list(where)).split("\n")
    return "\n".join(line.replace("thuộc tính", say("costs-attribute", language), 1) for line in lines)
