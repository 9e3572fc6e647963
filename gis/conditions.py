"""Written conditions on attributes of villages, three-valued: a blank attribute leaves them open.

A condition is ``{"attribute": name, "in": texts}`` or ``{"attribute": name, "compare": "ge", "value": 80}``;
a tuple of conditions asks for all of them.
"""

import numpy as np
import pandas as pd

from gis.trivalent import NO, UNKNOWN, YES, all_of
from gis.values import to_number, to_text


def holds(condition, villages):
    """Whether a condition holds for each village.

    Parameters
    ----------
    condition : Mapping or tuple of Mapping
    villages : DataFrame
        The attribute is one of its columns; without it the answer is open everywhere.

    Returns
    -------
    array of int
        YES, NO, or UNKNOWN where the attribute is blank or, for a comparison, no number.
    """
    if isinstance(condition, tuple):
        return all_of([holds(one, villages) for one in condition])
    name = condition["attribute"]
    if name not in villages:
        return np.full(len(villages), UNKNOWN)
    if "in" in condition:
        return among(villages[name], condition["in"])
    return _compared(villages[name], condition["compare"], float(condition["value"]))


def among(column, wanted):
    """YES where a value is one of the wanted texts, UNKNOWN where it is blank; ``3.0`` and ``3`` are the same."""
    wanted = {to_text(value) for value in wanted}
    texts = [to_text(value) for value in column]
    return np.array([UNKNOWN if text is None else YES if text in wanted else NO for text in texts], dtype=int)


def choose_group(rule, villages):
    """The group of each village by the rule of a set: the first entry whose condition holds.

    Parameters
    ----------
    rule : tuple of Mapping
        ``group`` and, but where it is for all others, ``when``; see `gis.criteria.CriteriaSet.group_by`.
    villages : DataFrame

    Returns
    -------
    groups : Series of str or None
        None where no entry holds, and where a blank attribute leaves open which is the first.
    open_ : array of bool
        Where a blank attribute leaves it open.
    """
    names = list(dict.fromkeys(entry["group"] for entry in rule))
    chosen, maybe = np.full(len(villages), -1), np.full(len(villages), -1)
    open_, left = np.zeros(len(villages), dtype=bool), np.ones(len(villages), dtype=bool)
    for entry in rule:
        code = names.index(entry["group"])
        answer = holds(entry["when"], villages) if "when" in entry else np.full(len(villages), YES)
        here, doubtful = left & (answer == YES), left & (answer == UNKNOWN)
        # an entry left open before is harmless only where it leads to the same group
        open_ |= (here | doubtful) & (maybe >= 0) & (maybe != code)
        chosen[here], maybe[doubtful] = code, code
        left &= ~here
    open_ |= left & (maybe >= 0)
    words = np.array([*names, None], dtype=object)
    return pd.Series(words[np.where(open_, -1, chosen)], index=villages.index, dtype=object), open_


def _compared(column, compare, limit):
    numbers = [to_number(value) for value in column]
    value = np.array([np.nan if number is None else number for number in numbers], dtype=float)
    with np.errstate(invalid="ignore"):
        compared = {"ge": value >= limit, "gt": value > limit, "le": value <= limit, "lt": value < limit}
    return np.where(np.isnan(value), UNKNOWN, np.where(compared[compare], YES, NO))
