"""How criteria combine, conditions on attributes, and bands: their form, checked."""

import re
from datetime import date

from gis.criteria.points import check_points

COMPARE_WHEN = ("ge", "gt", "le", "lt")
ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]*\Z")
MAX_DEPTH = 20


def is_date(text):
    """Whether a text is a date that exists, as 2026-11-23."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_logic(logic, rows, polarity, faults):
    """Note every fault of the logic.

    Parameters
    ----------
    logic : str or dict
    rows : dict
        Id of every criterion to its row, in the order of the file.
    polarity : str
    faults : Faults
    """
    if logic in ("all", "independent"):
        return
    if not isinstance(logic, dict):
        faults.add("criteria-logic-form", ("logic",), found=str(logic)[:60])
        return
    kinds = {name: row.get("kind") for name, row in rows.items()}
    used = set()
    if "points" in logic:
        check_points(logic, rows, polarity, faults, used)
    else:
        _check_node(logic, ("logic",), kinds, faults, used)
    for number, (name, kind) in enumerate(kinds.items()):
        if kind in ("flag", "trigger") and name not in used:
            faults.add("criteria-logic-unused", ("criteria", number), criterion=name)


def _check_node(node, path, kinds, faults, used):
    if isinstance(node, str):
        used.add(node)
        if node not in kinds:
            faults.add("criteria-logic-unknown", path, criterion=node, known=list(kinds))
        elif kinds[node] == "context":
            faults.add("criteria-logic-context", path, criterion=node)
        return
    key = "all" if isinstance(node, dict) and set(node) == {"all"} else "of"
    well_formed = isinstance(node, dict) and (
        key == "all" or {"any_n", "of"} <= set(node) <= {"any_n", "or_n", "of"}
    )
    if not well_formed or not isinstance(node[key], list) or not node[key] or len(path) > 2 * MAX_DEPTH:
        faults.add("criteria-logic-form", path, found=str(node)[:60])
        return
    for number, part in enumerate(node[key]):
        _check_node(part, (*path, key, number), kinds, faults, used)
    if key == "of":
        _check_count(node["any_n"], (*path, "any_n"), len(node["of"]), faults)
        if "or_n" in node:
            _check_or(node["or_n"], (*path, "or_n"), len(node["of"]), faults)


def _check_count(n, path, most, faults):
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= most:
        faults.add("criteria-logic-count", path, found=str(n), most=most)


def _check_or(rule, path, most, faults):
    if not isinstance(rule, dict) or set(rule) != {"n", "when"} or not is_condition(rule["when"]):
        faults.add("criteria-logic-or", path)
        return
    _check_count(rule["n"], (*path, "n"), most, faults)


def is_condition(when):
    """Whether this is one condition on an attribute: ``in`` a list of texts, or compared with a number."""
    if not isinstance(when, dict) or not isinstance(when.get("attribute"), str):
        return False
    if not ATTRIBUTE.match(when["attribute"]):
        return False
    if set(when) == {"attribute", "in"}:
        values = when["in"]
        return isinstance(values, list) and bool(values) and all(isinstance(v, str) and v for v in values)
    return (
        set(when) == {"attribute", "compare", "value"}
        and when["compare"] in COMPARE_WHEN
        and is_number(when["value"])
    )


def check_group_by(entries, groups, faults):
    """Note every fault of the rule that chooses a group: a list of groups, each but the last with a condition."""
    if not isinstance(entries, list) or not entries:
        faults.add("criteria-group-by", ("group_by",))
        return
    for number, entry in enumerate(entries):
        path = ("group_by", number)
        if not isinstance(entry, dict) or not {"group"} <= set(entry) <= {"group", "when"}:
            faults.add("criteria-group-by", path)
            continue
        if groups and entry["group"] not in groups:
            faults.add("criteria-unknown-group", (*path, "group"), group=str(entry["group"]), known=groups)
        when = entry.get("when")
        conditions = when if isinstance(when, list) else [when]
        if "when" in entry and not (conditions and all(map(is_condition, conditions))):
            faults.add("criteria-condition", (*path, "when"))
        elif "when" not in entry and number < len(entries) - 1:
            faults.add("criteria-group-by-hidden", path, group=str(entry["group"]))


def check_bands(bands, path, faults, criterion):
    """Note every fault of a list of bands: no bound, wrong order, overlap, gap, a grade twice."""
    if not isinstance(bands, list) or not bands:
        faults.add("criteria-band-list", path, criterion=criterion)
        return
    sound = True
    for number, band in enumerate(bands):
        where = (*path, number)
        known = isinstance(band, dict) and set(band) <= {"grade", "min", "max", "includes_max"}
        ends = [band[end] for end in ("min", "max") if end in band] if known else []
        if not known or not is_number(*ends) or not isinstance(band.get("includes_max", True), bool):
            faults.add("criteria-band-form", where, criterion=criterion)
        elif not ends:
            faults.add("criteria-band-bounds", where, criterion=criterion)
        elif len(ends) == 2 and ends[0] >= ends[1]:
            faults.add("criteria-band-order", where, criterion=criterion, least=ends[0], most=ends[1])
        elif not isinstance(band.get("grade"), (str, int, float)) or band.get("grade") == "":
            faults.add("criteria-band-grade", where, criterion=criterion)
        else:
            continue
        sound = False
    if sound:
        _check_neighbours(bands, path, faults, criterion)


def _check_neighbours(bands, path, faults, criterion):
    grades = [str(band["grade"]) for band in bands]
    for number, grade in enumerate(grades):
        if grade in grades[:number]:
            faults.add("criteria-band-twice", (*path, number), criterion=criterion, grade=grade)
    order = sorted(range(len(bands)), key=lambda number: bands[number].get("min", float("-inf")))
    for lower, upper in zip(order, order[1:], strict=False):
        most, least = bands[lower].get("max", float("inf")), bands[upper].get("min", float("-inf"))
        if most != least:
            code = "criteria-band-gap" if most < least else "criteria-band-overlap"
            faults.add(code, (*path, upper), criterion=criterion, most=most, least=least)


def freeze_bands(bands):
    """Bands, lowest first, as hashable tuples of pairs, with grades as text."""
    ordered = sorted(bands, key=lambda band: band.get("min", float("-inf")))
    return tuple(
        tuple(
            (name, str(band[name]) if name == "grade" else band[name])
            for name in ("grade", "min", "max", "includes_max")
            if name in band and band[name] is not False
        )
        for band in ordered
    )


def is_number(*values):
    """Whether all values are finite numbers; True and False are not."""
    return all(
        isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float("inf")
        for value in values
    )
