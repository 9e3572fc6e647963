"""One study under two criteria sets: which villages come out otherwise."""

import pandas as pd

from gis.tables import STATUSES


def side_by_side(one, other):
    """The verdicts of two reviews of the same villages.

    Parameters
    ----------
    one, other : Review

    Returns
    -------
    DataFrame
        Index village id, in the order of `one`: ``name``, ``commune_id``, ``commune``, ``first`` and ``second``
        (the statuses), ``first_missed`` and ``second_missed`` (criteria not met), ``differs``.
    """
    first, second = one.villages_table, other.villages_table.reindex(one.villages_table.index)
    table = first[["name", "commune_id", "commune"]].copy()
    for name, side in (("first", first), ("second", second)):
        table[name] = side["status"].fillna("unknown")
        table[f"{name}_missed"] = side["missed"]
    return table.assign(differs=table["first"] != table["second"])


def cross_table(table):
    """How many villages have which pair of statuses: rows `first`, columns `second`, all four of each."""
    counts = pd.crosstab(table["first"], table["second"])
    return counts.reindex(index=list(STATUSES), columns=list(STATUSES), fill_value=0)
