"""One criterion of a set file: its figures by group, and what must fit together."""

from gis.criteria.rules import check_bands, freeze_bands, is_date, is_number

VERIFICATION = ("text", "secondary", "ocr", "memory", "unknown", "placeholder")
"""How sure a figure is: read in the text, in the press, in a poor scan, from memory, not found, borrowed."""
CHECK = frozenset({"by", "on", "document"})
YES_NO = ("present", "absent")
EASIER = {"ge": -1, "gt": -1, "le": 1, "lt": 1}
"""Comparators that may have a figure for nearly, and on which side of the full figure it lies for a flag."""


def parts_by_group(row, groups):
    """Figures, verification words and checks of a sound row, written out for every group.

    Returns
    -------
    dict
        ``thresholds``, ``nearly``, ``verification`` and ``checked``, each by group; in groups where the
        criterion does not apply the figures are None and, where the file gives no word, unknown.
    """
    applied = _applied(row, groups)
    words, checks = row["verification"], row.get("checked")
    thresholds = _of_groups(row["thresholds"], groups, applied)
    if row["compare"] == "band":
        thresholds = {group: value and freeze_bands(value) for group, value in thresholds.items()}
    one_check = checks is not None and set(checks) <= CHECK
    return {
        "thresholds": thresholds,
        "nearly": _of_groups(row.get("nearly"), groups, [g for g in applied if thresholds[g] is not None]),
        "verification": {
            group: words.get(group, "unknown") if isinstance(words, dict) else words for group in groups
        },
        "checked": {
            group: None
            if checks is None or group not in applied
            else checks
            if one_check
            else checks.get(group)
            for group in groups
        },
    }


def _of_groups(given, groups, applied):
    figures = {group: given.get(group) if isinstance(given, dict) else given for group in groups}
    return {group: value if group in applied else None for group, value in figures.items()}


def check_scale(logic, faults):
    """Note what is wrong with how sure the figures of a logic of points are, and who checked them."""
    path = ("logic",)
    word, checked = logic.get("verification"), logic.get("checked")
    if word not in VERIFICATION:
        faults.add(
            "criteria-verification", (*path, "verification"), criterion="logic", found=str(word)[:60],
            allowed=" | ".join(VERIFICATION),
        )  # fmt: skip
    elif word == "unknown" and logic.get("pass") is not None:
        faults.add("criteria-figure-unknown", (*path, "verification"), criterion="logic", group="–")
    if checked is not None:
        _check_check(checked, (*path, "checked"), "logic", faults)


def check_criterion(row, path, groups, polarity, faults):
    """Note every fault of one criterion that a schema cannot see.

    Parameters
    ----------
    row : dict
    path : tuple
        Of keys to the row.
    groups : list of str
        Empty where the set's groups are themselves wrong.
    polarity : str
    faults : Faults
    """
    name = row.get("id") if isinstance(row.get("id"), str) else str(path[-1] + 1)
    if polarity == "trigger" and row.get("kind") == "flag":
        faults.add("criteria-flag-in-trigger", (*path, "kind"), criterion=name)
    _check_decides(row, path, name, faults)
    if not groups:
        return
    applies = row.get("applies")
    for group in applies.get("groups", ()) if isinstance(applies, dict) else ():
        if group not in groups:
            faults.add("criteria-unknown-group", (*path, "applies", "groups"), group=str(group), known=groups)
    figures = _check_figures(row, path, name, groups, faults)
    _check_nearly(row, path, name, groups, figures, faults)
    _check_unit(row, path, name, figures, faults)
    _check_words(row, path, name, groups, figures, faults)
    _check_checked(row, path, name, groups, faults)


def _check_decides(row, path, name, faults):
    measured, reported = "measured" in row, "reported" in row
    wanted = {"measured": measured, "reported": reported or not measured, "worse": measured and reported}
    decides = row.get("decides")
    if isinstance(decides, str) and wanted.get(decides) is False:
        faults.add("criteria-decides", (*path, "decides"), criterion=name, decides=row["decides"])


def _applied(row, groups):
    applies = row.get("applies")
    if isinstance(applies, dict) and isinstance(applies.get("groups"), list):
        return [group for group in groups if group in applies["groups"]]
    return list(groups)


def _check_figures(row, path, name, groups, faults):
    """The figures of the groups where the criterion applies; faulty ones are noted."""
    if "thresholds" not in row:
        return {}
    given, where = row["thresholds"], (*path, "thresholds")
    applied = _applied(row, groups)
    if not isinstance(given, dict):
        _check_figure(row.get("compare"), given, where, name, row.get("unit"), faults)
        return dict.fromkeys(applied, given)
    _check_keys(given, where, name, groups, applied, faults)
    for group, value in given.items():
        if group in groups and group not in applied and value is not None:
            faults.add("criteria-group-exempt", (*where, group), criterion=name, group=group)
        elif group in groups:
            _check_figure(row.get("compare"), value, (*where, group), name, row.get("unit"), faults)
    return {group: given.get(group) for group in applied}


def _check_nearly(row, path, name, groups, figures, faults):
    """A figure for nearly is a number that is easier to reach than the full figure of its group."""
    given, where, compare = row.get("nearly"), (*path, "nearly"), row.get("compare")
    if given in (None, {}) or not isinstance(compare, str):
        return
    if compare not in EASIER:
        faults.add("criteria-nearly-compare", where, criterion=name, compare=str(compare)[:60])
        return
    if isinstance(given, dict):
        _check_keys(given, where, name, groups, (), faults)
    by_group = given if isinstance(given, dict) else dict.fromkeys(figures, given)
    side = EASIER[compare] * (-1 if row.get("kind") == "trigger" else 1)
    for group, value in by_group.items():
        at, full = ((*where, group) if isinstance(given, dict) else where), figures.get(group)
        if value is None or group not in groups:
            continue
        before = len(faults.problems)
        _check_figure(compare, value, at, name, row.get("unit"), faults)
        if len(faults.problems) > before or (full is not None and not is_number(full)):
            continue
        if full is None and isinstance(given, dict):
            faults.add("criteria-nearly-alone", at, criterion=name, group=group)
        elif full is not None and (value - full) * side <= 0:
            faults.add("criteria-nearly-side", at, criterion=name, found=value, figure=full)


def _check_keys(given, where, name, groups, needed, faults):
    for group in given:
        if group not in groups:
            faults.add("criteria-unknown-group", (*where, group), group=str(group), known=groups)
    for group in needed:
        if group not in given:
            faults.add("criteria-group-missing", where, criterion=name, group=group)


def _check_figure(compare, value, where, name, unit, faults):
    if value is None or not isinstance(compare, str):
        return
    if compare == "band":
        check_bands(value, where, faults, name)
    elif compare in YES_NO:
        if value is not True:
            faults.add("criteria-figure-yesno", where, criterion=name, found=str(value)[:60])
    elif not is_number(value):
        faults.add("criteria-figure-number", where, criterion=name, found=str(value)[:60], unit=unit or "–")
    elif value < 0:
        faults.add("criteria-figure-negative", where, criterion=name, found=str(value))
    elif unit == "%" and not (value == 0 or 1 <= value <= 100):
        # a spreadsheet stores 20 % as 0.2
        faults.add("criteria-figure-percent", where, criterion=name, found=str(value))


def _check_unit(row, path, name, figures, faults):
    compare, unit = row.get("compare"), row.get("unit")
    if unit is None:
        if any(value is not None for value in figures.values()):
            faults.add("criteria-unit-missing", path, criterion=name)
    elif isinstance(compare, str) and (compare in YES_NO) != (unit == "bool"):
        faults.add("criteria-unit-bool", (*path, "unit"), criterion=name, unit=str(unit), compare=compare)


def _check_words(row, path, name, groups, figures, faults):
    if "verification" not in row:
        return
    words, where = row["verification"], (*path, "verification")
    if isinstance(words, dict):
        _check_keys(words, where, name, groups, list(figures), faults)
    else:
        words = dict.fromkeys(figures or groups, words)
    wrong = sorted({str(word)[:60] for word in words.values() if word not in VERIFICATION})
    for word in wrong:
        faults.add(
            "criteria-verification", where, criterion=name, found=word, allowed=" | ".join(VERIFICATION)
        )
    for group, value in figures.items():
        if value is not None and words.get(group) == "unknown":
            faults.add("criteria-figure-unknown", where, criterion=name, group=group)


def _check_checked(row, path, name, groups, faults):
    checked, where = row.get("checked"), (*path, "checked")
    if not isinstance(checked, dict):
        return
    by_group = {None: checked} if set(checked) <= CHECK else checked
    for group, check in by_group.items():
        at = where if group is None else (*where, group)
        if group is not None and group not in groups:
            faults.add("criteria-unknown-group", at, group=str(group), known=groups)
        else:
            _check_check(check, at, name, faults)


def _check_check(check, at, name, faults):
    """One check by a person: who, on which day, against which document."""
    texts = isinstance(check, dict) and all(isinstance(value, str) and value for value in check.values())
    if not texts or set(check) != CHECK:
        faults.add("criteria-check-form", at, criterion=name)
    elif not is_date(check["on"]):
        faults.add("criteria-date", at, value=check["on"])
