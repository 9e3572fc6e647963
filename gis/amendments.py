"""Criteria sets as people correct them: figures, their verification and their checks; what differs between two."""

import pandas as pd

from gis.criteria import build_set, set_to_plain

PARTS = ("thresholds", "verification", "checked")
"""Parts of a criterion that hold a value a group."""

NOT_TOLD = ("edition",)
"""What differs between any two editions."""


def amend(criteria, changes):
    """A set with some figures, verification words and checks replaced.

    Parameters
    ----------
    criteria : CriteriaSet
    changes : Mapping of (str, str) to Mapping
        Criterion and group to what is new: ``thresholds`` (a number, True, or None for "not known"),
        ``verification`` (a word) and ``checked`` (``by``, ``on``, ``document``; None for nobody). What is not
        named stays.

    Returns
    -------
    CriteriaSet

    Raises
    ------
    CriteriaError
        If the set would not be valid; the ``line`` of each fault is the number of its change, counted from 1 in
        the order given, and 0 where no change is at fault.
    """
    plain, lines = set_to_plain(criteria), {(): 0}
    for number, ((criterion, group), change) in enumerate(changes.items(), start=1):
        at = next(at for at, row in enumerate(plain["criteria"]) if row["id"] == criterion)
        row = plain["criteria"][at]
        for part, value in change.items():
            row[part] = {**row.get(part, {}), group: value}
            if part == "checked":
                row[part] = {key: kept for key, kept in row[part].items() if kept}
            lines[("criteria", at, part, group)] = number
            lines.setdefault(("criteria", at, part), number)
        if not row.get("checked"):
            row.pop("checked", None)
    return build_set(plain, lines, file=criteria.id, path=criteria.path)


def checks(criteria, figures, check):
    """The changes that note one check of several figures against a document, as `amend` takes them.

    Parameters
    ----------
    figures : iterable of (str, str)
        Criterion and group.
    check : Mapping
        ``by``, ``on`` and ``document``.
    """
    return {figure: {"verification": "text", "checked": dict(check)} for figure in figures}


def open_figures(criteria):
    """Criterion and group of every figure that counts and was not checked by a named person, or is not known.

    Returns
    -------
    list of (Criterion, str)
        In the order of the set.
    """
    return [
        (one, group)
        for one in criteria.criteria
        for group in criteria.groups
        if one.kind != "context" and one.in_group(group) and one.checked.get(group) is None
    ]


def differences(before, after):
    """What differs between two editions of a set, or two sets.

    Returns
    -------
    DataFrame
        A row a value: ``criterion`` (id; empty for what concerns the whole set), ``part`` (the key, such as
        ``thresholds``), ``group`` (empty where the part holds no value a group), ``before`` and ``after`` (plain
        values; None where one side has none). In the order of `before`, then what only `after` has.
    """
    old, new = _flat(before), _flat(after)
    rows = [
        (*key, old.get(key), new.get(key))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key) or (key in old) != (key in new)
    ]
    return pd.DataFrame(rows, columns=["criterion", "part", "group", "before", "after"], dtype=object)


def _flat(criteria):
    plain = set_to_plain(criteria)
    found = {("", key, ""): value for key, value in plain.items() if key not in ("criteria", *NOT_TOLD)}
    for row in plain["criteria"]:
        found[row["id"], "id", ""] = row["id"]
        for part in PARTS:
            found |= {(row["id"], part, group): held for group, held in row.get(part, {}).items()}
        found |= {(row["id"], part, ""): value for part, value in row.items() if part not in ("id", *PARTS)}
    return found
