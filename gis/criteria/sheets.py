"""A set as the sheets of a workbook that an office can fill in, and back, without loss."""

import json
import re

from gis.criteria import wording as w
from gis.criteria.binding import Binding
from gis.criteria.model import set_to_plain
from gis.criteria.sheetread import read_sheets

__all__ = ["set_from_rows", "set_to_rows"]

QUOTED = re.compile(r'[;:"\n]|^\s|\s$')


def set_to_rows(criteria):
    """The sheets of a set.

    Parameters
    ----------
    criteria : CriteriaSet

    Returns
    -------
    dict of str to list of list
        Sheet name to rows, the first of them the headings; cells are texts, numbers or None. Texts that
        look like formulas are plain texts and must be written as such.
    """
    plain = set_to_plain(criteria)
    dimension, groups = next(iter(plain["groups"].items()))
    return {
        w.FACTS: [list(w.FACT_COLUMNS), *_facts(plain, dimension)],
        w.GROUPS: [
            list(w.GROUP_COLUMNS),
            *([group, label.get("vi"), label.get("en")] for group, label in groups.items()),
        ],
        w.CRITERIA: _criteria(plain, list(groups)),
        w.BANDS: [list(w.BAND_COLUMNS), *_bands(plain)],
        w.LOGIC: [list(w.LOGIC_COLUMNS), *_logic(plain["logic"], 1)],
        w.POINTS: [list(w.POINT_COLUMNS), *_points(plain["logic"])],
        w.GROUP_BY: [list(w.GROUP_BY_COLUMNS), *_group_by(plain.get("group_by", ()))],
    }


def set_from_rows(sheets, *, file=""):
    """The set written in the sheets of a workbook.

    Parameters
    ----------
    sheets : Mapping of str to list of rows
        As `set_to_rows` gives them; columns in any order, blank rows allowed, dates as dates or as texts
        (2026-11-23 or 23/11/2026).
    file : str
        Name used in errors.

    Returns
    -------
    CriteriaSet

    Raises
    ------
    CriteriaError
        If a sheet, column or value is missing or wrong: all faults at once, each with row, sheet and column.
    """
    return read_sheets(sheets, file)


def _facts(plain, dimension):
    logic = plain["logic"]
    by_points = isinstance(logic, dict) and "points" in logic
    word = logic if isinstance(logic, str) else "points" if by_points else "nested"
    plain = {**plain, "dimension": dimension, "scale": logic if by_points else {}}
    for name, path in w.SET_FACTS:
        value = _at(plain, path)
        if path == ("logic",):
            value = w.LOGIC_WORDS[word]
        elif path in w.WORDS and value is not None:
            value = w.WORDS[path][value]
        yield [name, value]
    for source in plain.get("sources", ()):
        yield [w.SOURCE, source]


def _criteria(plain, groups):
    headings = []
    for name, _ in w.COLUMNS:
        by_group = name in (w.FIGURE, w.NEARLY)
        headings += [f"{name} ({group})" for group in groups] if by_group else [name]
    rows = [headings]
    for number, row in enumerate(plain["criteria"], start=1):
        cells = []
        for name, path in w.COLUMNS:
            if name == w.FIGURE:
                cells += [_figure(row["compare"], row["thresholds"][group]) for group in groups]
            elif name == w.NEARLY:
                cells += [row.get("nearly", {}).get(group) for group in groups]
            else:
                cells.append(number if path is None else _cell(row, path, groups))
        rows.append(cells)
    return rows


def _figure(compare, value):
    if value is None:
        return None
    return {"band": w.BY_BAND, "present": w.IN_FORCE, "absent": w.IN_FORCE}.get(compare, value)


def _cell(row, path, groups):
    value = _at(row, path)
    if path == ("verification",):
        return _by_group({group: w.VERIFIED[word] for group, word in value.items()}, groups)
    if path[0] == "checked":
        checks = {group: check[path[1]] for group, check in row.get("checked", {}).items()}
        return _by_group(checks, [g for g in groups if g in _applied(row, groups)]) if checks else None
    if value is None:
        return None
    if path in w.WORDS:
        return w.WORDS[path][value]
    if path == ("unit",) and row["compare"] in w.YES_NO:
        return w.BOOL
    if path in (("measured",), ("reported",)):
        return Binding.from_plain(value).written(", ")
    if path == ("applies",):
        return _applies(value)
    return value


def _applied(row, groups):
    return row.get("applies", {}).get("groups", groups)


def _by_group(values, groups):
    """One value where all groups share it, else `group: value; group: value`."""
    distinct = set(values.values())
    if len(distinct) == 1 and set(values) == set(groups):
        return _quote(next(iter(distinct)))
    return "; ".join(f"{group}: {_quote(value)}" for group, value in values.items())


def _applies(rule):
    parts = []
    if "groups" in rule:
        parts.append("nhóm: " + "; ".join(_quote(group) for group in rule["groups"]))
    if "attribute" in rule:
        parts.append(_condition(rule))
    return "\n".join(parts)


def _condition(when):
    if "in" in when:
        return f"thuộc tính {when['attribute']}: {_listed(when['in'])}"
    return f"thuộc tính {when['attribute']} {w.COMPARE[when['compare']]} {when['value']}"


def _listed(texts):
    return "; ".join(_quote(text) for text in texts)


def _group_by(entries):
    for entry in entries:
        yield [entry["group"], write_when(entry.get("when", [])) or None]


def write_when(when):
    """A condition, or a list of them a line each, as `gis.criteria.cells.read_when` reads it back."""
    return "\n".join(map(_condition, when if isinstance(when, list) else [when]))


def _points(logic):
    """One row a figure of the scale; criteria that must be met are marked, those without points have no result."""
    if isinstance(logic, str) or "points" not in logic:
        return
    must = {name: w.YES for name in logic["required"]}
    for name, entry in logic["points"].items():
        for result, points in entry.items():
            for grade, number in points.items() if result == "grades" else [(None, points)]:
                yield [name, w.RESULT[result], grade, number, must.get(name)]
    for name in logic["required"]:
        if name not in logic["points"]:
            yield [name, None, None, None, w.YES]


def _quote(text):
    return json.dumps(text, ensure_ascii=False) if QUOTED.search(text) else text


def _bands(plain):
    for row in plain["criteria"]:
        if row["compare"] != "band":
            continue
        for group, bands in row["thresholds"].items():
            for band in bands or ():
                ends = [band.get("min"), band.get("max"), w.YES if band.get("includes_max") else None]
                yield [row["id"], group, band["grade"], *ends]


def _logic(node, level):
    if isinstance(node, str):
        if level > 1:
            yield [level, None, None, None, None, None, None, node]
        return
    if "points" in node:
        return
    if "all" in node:
        yield [level, w.RULE["all"], *[None] * 6]
    else:
        either = node.get("or_n")
        when = either["when"] if either else {}
        sign, value = w.COMPARE.get(when.get("compare")), when.get("value")
        if "in" in when:
            sign, value = w.IN, _listed(when["in"])
        alternative = [either and either["n"], when.get("attribute"), sign, value]
        yield [level, w.RULE["any_n"], node["any_n"], *alternative, None]
    for part in node.get("all", node.get("of", ())):
        yield from _logic(part, level + 1)


def _at(plain, path):
    for key in path:
        plain = plain.get(key) if isinstance(plain, dict) else None
    return plain
