"""One study in two years and under two sets: what of a change is the village's, and what is the rule's.

Four corners are judged: A the earlier year under the earlier set, B the later year under the earlier set,
C the earlier year under the later set, D the later year under the later set. The change is that from A to D.
There are two ways to walk it: A-B-D, the village first, and A-C-D, the rule first. Each way names its cause
where one of its two steps changes nothing; a change belongs to a cause only where both ways name the same
one, so that the order of walking decides nothing.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.tables import STATUSES

CAUSES = ("same", "cancelled", "village", "rule", "together")
ABSENT = "absent"
"""The status by a criterion that a set does not have."""


@dataclass(frozen=True)
class Rescoring:
    """A change of results, split by cause.

    Attributes
    ----------
    villages : DataFrame
        Index village id; ``before`` (A), ``village_only`` (B), ``rule_only`` (C), ``after`` (D) and ``cause``.
    criteria : DataFrame
        One row a village and criterion of either set, sorted by village, then by the order of the earlier and
        then of the later set: the same columns, ``village_id``, ``criterion``, and ``value_before``,
        ``value_after``, ``threshold_before``, ``threshold_after`` (NaN where there is none).
    """

    villages: pd.DataFrame
    criteria: pd.DataFrame

    @property
    def counts(self):
        """Villages by cause, in the order of `CAUSES`."""
        return self.villages["cause"].value_counts().reindex(CAUSES, fill_value=0)

    @property
    def transitions(self):
        """One row a ``before``, ``after`` and ``cause`` that occurs, with how many ``villages``."""
        return _counted(self.villages, ["before", "after", "cause"])

    @property
    def by_criterion(self):
        """One row a criterion (index id) in order: villages that gained and lost it by each cause, and the rest.

        ``gained-village`` counts villages that met it after and not before because the village changed;
        ``lost-…`` those that met it before and not after; ``other`` changes between the other statuses;
        ``same`` no change. ``in_set`` is ``both``, ``before`` or ``after``.
        """
        rows = self.criteria
        gained = (rows["after"] == "met") & (rows["before"] != "met")
        lost = (rows["before"] == "met") & (rows["after"] != "met")
        told = np.select(
            [gained, lost, rows["before"] != rows["after"]],
            ["gained-" + rows["cause"], "lost-" + rows["cause"], "other"],
            "same",
        )
        names = [f"{way}-{cause}" for way in ("gained", "lost") for cause in CAUSES[2:]]
        counts = pd.crosstab(rows["criterion"], told)
        order = rows["criterion"].drop_duplicates()
        counts = counts.reindex(index=order, columns=[*names, "other", "same"], fill_value=0)
        first = rows.groupby("criterion", sort=False)[["before", "after"]].first()
        in_set = np.select([first["before"] == ABSENT, first["after"] == ABSENT], ["after", "before"], "both")
        counts.insert(0, "in_set", pd.Series(in_set, index=first.index).reindex(order).to_numpy())
        return counts.rename_axis(index="criterion", columns=None)

    @property
    def net(self):
        """By cause, how many villages more pass after than before; the sum is the whole change."""
        after, before = self.villages["after"] == "met", self.villages["before"] == "met"
        step = after.astype(int) - before.astype(int)
        return step.groupby(self.villages["cause"]).sum().reindex(CAUSES, fill_value=0)


def split_change(before, village_only, rule_only, after):
    """The cause of each change from A to D.

    Parameters
    ----------
    before, village_only, rule_only, after : Series of str
        Statuses at the corners A, B, C and D; one index.

    Returns
    -------
    Series of str
        ``same``: no change on any way. ``cancelled``: A and D are equal, but the corners between them are
        not: changes that cancel each other. ``village``, ``rule``: both ways name this cause.
        ``together``: the ways do not agree, or the change is made of two steps.

    Notes
    -----
    The way A-B-D says *village* where B = D, *rule* where B = A. The way A-C-D says *village* where C = A, *rule*
    where C = D. So under one and the same set (A = C, B = D) no change is the rule's, and in one and the same
    year (A = B, C = D) none is the village's.

    Examples
    --------
    >>> corner = lambda *words: pd.Series(words)
    >>> split_change(
    ...     corner("unmet", "met", "unmet", "met"), corner("met", "met", "unmet", "met"),
    ...     corner("unmet", "unmet", "unmet", "met"), corner("met", "unmet", "met", "met"),
    ... ).tolist()
    ['village', 'rule', 'together', 'same']
    """
    a, b, c, d = (
        series.reindex(before.index).to_numpy(dtype=object)
        for series in (before, village_only, rule_only, after)
    )
    cause = np.select(
        [
            (a == d) & (a == b) & (a == c),
            a == d,
            (b == d) & (c == a),
            (b == a) & (c == d),
        ],
        ["same", "cancelled", "village", "rule"],
        "together",
    )
    return pd.Series(cause, index=before.index, dtype=object)


def split_changes(before, village_only, rule_only, after):
    """The change of a study's results, village by village and criterion by criterion.

    Parameters
    ----------
    before, village_only, rule_only, after : Review
        The corners A, B, C and D, over the same villages.

    Returns
    -------
    Rescoring
        A criterion that only one of the sets has is ``absent`` on the other side, and its change is the
        rule's.
    """
    corners = (before, village_only, rule_only, after)
    names = ("before", "village_only", "rule_only", "after")
    villages = pd.DataFrame(
        {
            name: review.results["status"].reindex(before.results.index)
            for name, review in zip(names, corners, strict=True)
        }
    )
    villages["cause"] = split_change(*(villages[name] for name in names))
    order = list(dict.fromkeys(one.id for review in (before, after) for one in review.criteria.criteria))
    full = pd.MultiIndex.from_product([villages.index, order], names=["village_id", "criterion"])
    sides = [review.findings.set_index(["village_id", "criterion"]).reindex(full) for review in corners]
    criteria = pd.DataFrame(
        {name: side["status"].fillna(ABSENT) for name, side in zip(names, sides, strict=True)}
    )
    cause = split_change(*(criteria[name] for name in names))
    one_sided = (criteria["before"] == ABSENT) | (criteria["after"] == ABSENT)
    criteria["cause"] = cause.where(~one_sided, "rule")
    for column in ("value", "threshold"):
        criteria[f"{column}_before"] = sides[0][column].astype(float)
        criteria[f"{column}_after"] = sides[3][column].astype(float)
    return Rescoring(villages, criteria.reset_index())


def _counted(frame, columns):
    ranks = {word: rank for rank, word in enumerate((*STATUSES, ABSENT, *CAUSES))}
    counts = frame.groupby(columns).size().rename("villages").reset_index()
    return counts.sort_values(columns, key=lambda column: column.map(ranks), kind="stable", ignore_index=True)
