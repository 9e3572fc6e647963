"""One row of a sheet: its cells as texts, numbers, words and dates, faults noted where they stand."""

import json
import re
from datetime import date, datetime

from gis.criteria import wording as w
from gis.criteria.binding import NUMBER

PART = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^;"]*)\s*(?:;|\Z)')
GROUP_PART = re.compile(r'\s*([a-z][a-z0-9_]*)\s*:\s*("(?:[^"\\]|\\.)*"|[^;"]*)\s*(?:;|\Z)')
LOCAL_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\Z")
WHOLE = re.compile(r"-?\d+\Z")
CONDITION = re.compile(
    r"\s*(?:thuộc\s+tính|attribute)\s+(?P<name>[a-z][a-z0-9_]*)\s*(?P<sign>:|[<>=]=|=[<>]|[≥≤<>])(?P<rest>.*)\Z",
    re.IGNORECASE | re.DOTALL,
)


class Row:
    """One row of a sheet; its readers note a fault and give None when a cell is not what it must be."""

    def __init__(self, cells, number, sheet, faults):
        self.cells, self.number_, self.sheet, self.faults = cells, number, sheet, faults

    def place(self, column):
        return f"{self.number_} ({self.sheet} / {column})"

    def fault(self, code, column, **arguments):
        place = self.place(column)
        self.faults.lines[("fault", self.sheet, self.number_, column)] = place
        self.faults.add(code, ("fault", self.sheet, self.number_, column), **arguments)

    def text(self, column):
        value = self.cells.get(column)
        if blank(value):
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (datetime, date)):
            return _iso(value)
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)

    def value(self, column, path):
        if path in w.NUMBERS:
            return self.number(column)
        text = self.text(column)
        return _iso(text) if path in w.DATES else text

    def number(self, column):
        value = self.cells.get(column)
        if blank(value):
            return None
        if isinstance(value, str) and WHOLE.match(value.strip()):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fault("criteria-sheet-number", column, found=str(value)[:60])
            return None
        return int(value) if float(value).is_integer() else float(value)

    def word(self, column, words):
        return self.known(self.text(column) or "", column, words)

    def known(self, text, column, words):
        key = w.word_of(text, words)
        if key is None:
            self.fault("criteria-sheet-word", column, found=text[:60], known=" | ".join(words.values()))
        return key

    def parsed(self, column, parse):
        text = self.text(column)
        try:
            return parse(text)
        except ValueError:
            self.fault("criteria-sheet-form", column, found=text[:120])
            return None

    def by_group(self, column, groups, convert):
        """A value for all groups, or a mapping where the cell reads `group: value; group: value`."""
        text = _iso(self.text(column) or "") if column == "Ngày kiểm tra" else self.text(column) or ""
        found, rest = {}, text
        while rest and (part := GROUP_PART.match(rest)) and part[1] in groups:
            value = _unquote(part[2])
            found[part[1]] = convert(_iso(value) if column == "Ngày kiểm tra" else value)
            rest = rest[part.end() :]
        if found and not rest.strip():
            return found
        return convert(_unquote(text.strip()))

    def figure(self, column, compare, bands):
        value = self.cells.get(column)
        if blank(value):
            return None
        if compare in ("present", "absent"):
            if w.same(value) == w.same(w.IN_FORCE) or value is True:
                return True
            self.fault("criteria-sheet-word", column, found=str(value)[:60], known=w.IN_FORCE)
            return None
        if compare == "band":
            if w.same(value) == w.same(w.BY_BAND):
                return bands or []
            self.fault("criteria-sheet-word", column, found=str(value)[:60], known=w.BY_BAND)
            return None
        return self.number(column)


def read_applies(text):
    rule = {}
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        head, colon, rest = line.partition(":")
        words = head.split()
        if not colon or not words:
            raise ValueError(text)
        if w.same(head) == "nhóm":
            rule["groups"] = parts(rest)
        elif (condition := _condition(line)) and "in" in condition:
            rule |= condition
        else:
            raise ValueError(text)
    return rule


def read_when(text):
    """A condition, or the list of them where the cell has several lines."""
    found = [_condition(line) for line in map(str.strip, text.split("\n")) if line]
    if not found or None in found:
        raise ValueError(text)
    return found if len(found) > 1 else found[0]


def _condition(line):
    """``thuộc tính zone: II; III`` or ``thuộc tính minority_share_pct ≥ 80``; None where it is neither."""
    found = CONDITION.match(line)
    if not found:
        return None
    if found["sign"] == ":":
        return {"attribute": found["name"], "in": parts(found["rest"])}
    compare, number = w.word_of(found["sign"], w.COMPARE), found["rest"].strip()
    if not NUMBER.match(number):
        return None
    value = float(number)
    return {
        "attribute": found["name"],
        "compare": compare,
        "value": int(value) if value.is_integer() else value,
    }


def parts(text):
    """Texts between semicolons, in quotes where they hold one."""
    found, rest = [], text.strip()
    while rest:
        part = PART.match(rest)
        if not part or not part.end():
            raise ValueError(text)
        found.append(_unquote(part[1].strip()))
        rest = rest[part.end() :]
    return found


def _unquote(text):
    text = text.strip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _iso(value):
    """A date as 2026-11-23; a text that is none stays as it is, to be found at fault later."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    found = LOCAL_DATE.match(value.strip()) if isinstance(value, str) else None
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else value


def blank(value):
    return value is None or value != value or (isinstance(value, str) and not value.strip())
