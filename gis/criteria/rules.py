"""How criteria combine, and bands: their form, checked."""

from datetime import date

COMPARE_WHEN = ("ge", "gt", "le", "lt")
MAX_DEPTH = 20


def is_date(text):
    """Whether a text is a date that exists, as 2026-11-23."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_logic(logic, kinds, faults):
    """Note every fault of the logic.

    Parameters
    ----------
    logic : str or dict
    kinds : dict
        Id of every criterion to its kind.
    faults : Faults
    """
    if logic in ("all", "independent"):
        return
    if not isinstance(logic, dict):
        faults.add("criteria-logic-form", ("logic",), found=str(logic)[:60])
        return
    used = set()
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
    when = rule.get("when") if isinstance(rule, dict) else None
    fits = (
        isinstance(when, dict)
        and set(rule) == {"n", "when"}
        and set(when) == {"attribute", "compare", "value"}
        and isinstance(when["attribute"], str)
        and when["compare"] in COMPARE_WHEN
        and is_number(when["value"])
    )
    if not fits:
        faults.add("criteria-logic-or", path)
        return
    _check_count(rule["n"], (*path, "n"), most, faults)


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
