"""One study in two ways: under two criteria sets, or by the sheet and by the map; which villages come out otherwise."""

from dataclasses import replace

import numpy as np
import pandas as pd

from gis.tables import STATUSES
from gis.verdicts import judge_set

SOURCES = ("reported", "measured")


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


def contested(review):
    """Ids of the criteria that both sheet and map answer for some village, in the order of the set."""
    findings, told = review.findings, ("met", "unmet")
    answered = [set(findings.loc[findings[f"{source}_status"].isin(told), "criterion"]) for source in SOURCES]
    return [one.id for one in review.criteria.criteria if all(one.id in ids for ids in answered)]


def by_source(review, source):
    """A review as it would be if one source alone decided what both sheet and map answer.

    Parameters
    ----------
    review : Review
    source : str
        ``"reported"`` or ``"measured"``.

    Returns
    -------
    Review
        Of a criterion of `contested` each finding has the status by that source, unknown where it says nothing;
        criteria that only one of the two answers stay as they are decided. Values and margins of findings are not
        turned. Under a set by points, an easier figure counts only where that source had decided the finding.
    """
    findings = review.findings
    turned = findings["criterion"].isin(contested(review)) & (findings["status"] != "exempt")
    status = findings[f"{source}_status"].where(findings[f"{source}_status"].notna(), "unknown")
    changed = {"status": findings["status"].where(~turned, status)}
    strange = turned & ~findings["source"].isin([source, "both"])
    if "nearly_status" in findings:
        nearly = findings["nearly_status"]
        unsure = np.where(nearly.isna(), None, np.where(changed["status"] == "met", "met", "unknown"))
        changed["nearly_status"] = nearly.where(~strange, pd.Series(unsure, findings.index, dtype=object))
    changed["grade"] = findings["grade"].where(~strange, None)
    findings = findings.assign(**changed)
    results = judge_set(findings, review.criteria, review.study.villages)
    return replace(review, findings=findings, results=results, beside={})


def cross_table(table):
    """How many villages have which pair of statuses: rows `first`, columns `second`, all four of each."""
    counts = pd.crosstab(table["first"], table["second"])
    return counts.reindex(index=list(STATUSES), columns=list(STATUSES), fill_value=0)
