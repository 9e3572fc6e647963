"""The status of every village in every year: who came to pass, who slid back and by which criterion."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.tables import STATUSES
from gis.verdicts import counted_criteria

DECIDED = ("met", "unmet")
STANDINGS = ("kept", "new", "back", "never", "was-met", "was-unmet", "open", "exempt")


@dataclass(frozen=True)
class History:
    """What several years of one study say under one set.

    Attributes
    ----------
    years : tuple of int
        In order.
    statuses : DataFrame
        Index village id, a column a year: the verdict on the village of today as it was in that year; a
        village that several have merged into is judged on what they report together.
    standing : Series of str
        Where each village stands at the last year, seen over all of them. ``kept``: met whenever it was
        decided; ``new``: met now, unmet once; ``back``: unmet now, met once; ``never``: decided, and
        never met; ``was-met`` and ``was-unmet``: unknown now, and so when it was last decided; ``open``:
        never decided; ``exempt``.
    events : DataFrame
        One row for each thing that happened, sorted by year and village: ``year``, ``village_id``, ``kind``,
        ``since`` (the year it is compared with) and ``criteria``, a tuple. ``new``: met, and unmet when it
        was last decided; the criteria it meets since. ``back``: unmet, and met when last decided; the
        criteria that count, that it misses now and did not miss then. ``lost-sight``: unknown, and met in
        the year before; the criteria that are unknown since. That is no back-slide.
    parents : DataFrame
        ``year``, ``village_id``, ``unit_id``, ``name``, ``status``: the villages of that year that a village
        of today was made from, where it was another one.
    """

    years: tuple
    statuses: pd.DataFrame
    standing: pd.Series
    events: pd.DataFrame
    parents: pd.DataFrame

    @property
    def summary(self):
        """One row a year: villages by status, ``share_pct`` met of all that are not exempt, events by kind.

        ``share_open_pct`` is that share if all that is unknown turned out to be met.
        """
        counts = pd.DataFrame(
            {year: self.statuses[year].value_counts().reindex(STATUSES, fill_value=0) for year in self.years}
        ).T.rename_axis("year")
        judged = counts[["met", "unmet", "unknown"]].sum(axis=1)
        judged = judged.where(judged > 0)
        counts["share_pct"] = 100 * counts["met"] / judged
        counts["share_open_pct"] = 100 * (counts["met"] + counts["unknown"]) / judged
        happened = pd.crosstab(self.events["year"], self.events["kind"])
        for kind in ("new", "back", "lost-sight"):
            column = happened[kind] if kind in happened else pd.Series(0, index=counts.index)
            counts[kind] = column.reindex(counts.index, fill_value=0).astype(int)
        return counts

    def of_kind(self, kind):
        """The events of one kind."""
        return self.events[self.events["kind"] == kind].reset_index(drop=True)


def compare_years(reviews, parents=None):
    """The history of a study from its judgement in every year.

    Parameters
    ----------
    reviews : Mapping of int to Review
        Year to the judgement, all by the same set and over the same villages.
    parents : DataFrame, optional
        As `History.parents`.

    Returns
    -------
    History
    """
    years = tuple(sorted(reviews))
    index = reviews[years[-1]].results.index
    statuses = pd.DataFrame({year: reviews[year].results["status"].reindex(index) for year in years})
    by_year = {year: _by_criterion(reviews[year], index) for year in years}
    events, standing = [], pd.Series("open", index=index, dtype=object)
    last = pd.Series(None, index=index, dtype=object)
    last_year = pd.Series(0, index=index)
    ever = {word: pd.Series(False, index=index) for word in DECIDED}
    for place, year in enumerate(years):
        now = statuses[year]
        events += _events(year, "new", index[(now == "met") & (last == "unmet")], last_year, by_year)
        events += _events(year, "back", index[(now == "unmet") & (last == "met")], last_year, by_year)
        if place:
            lost = index[(now == "unknown") & (statuses[years[place - 1]] == "met")]
            before = pd.Series(years[place - 1], index=index)
            events += _events(year, "lost-sight", lost, before, by_year)
        decided = now.isin(DECIDED)
        last, last_year = last.where(~decided, now), last_year.where(~decided, year)
        for word, seen in ever.items():
            ever[word] = seen | (now == word)
    now = statuses[years[-1]]
    standing[:] = np.select(
        [
            now == "exempt",
            (now == "met") & ever["unmet"],
            now == "met",
            (now == "unmet") & ever["met"],
            now == "unmet",
            last == "met",
            last == "unmet",
        ],
        ["exempt", "new", "kept", "back", "never", "was-met", "was-unmet"],
        "open",
    )
    events = pd.DataFrame(events, columns=["year", "village_id", "kind", "since", "criteria"])
    order = events["kind"].map({"back": 0, "new": 1, "lost-sight": 2})
    events = events.assign(_order=order).sort_values(["year", "_order", "village_id"], kind="stable")
    if parents is None:
        parents = pd.DataFrame(columns=["year", "village_id", "unit_id", "name", "status"])
    return History(years, statuses, standing, events.drop(columns="_order").reset_index(drop=True), parents)


def _by_criterion(review, index):
    """Status by village and by each criterion that counts."""
    counted = [one.id for one in counted_criteria(review.criteria)]
    wide = review.findings.pivot(index="village_id", columns="criterion", values="status")
    return wide.reindex(index=index, columns=counted)


BLAMED = {"new": "met", "back": "unmet", "lost-sight": "unknown"}
"""Kind of event to the status of the criteria that made it; they had another one before."""


def _events(year, kind, ids, since, by_year):
    word, names = BLAMED[kind], by_year[year].columns.to_numpy(dtype=object)
    for before, same in since[ids].groupby(since[ids]):
        now, past = by_year[year].loc[same.index], by_year[int(before)].loc[same.index]
        changed = (now == word).to_numpy() & (past != word).to_numpy()
        for village_id, row in zip(same.index, changed, strict=True):
            yield year, village_id, kind, int(before), tuple(names[row])
