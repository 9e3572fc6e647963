"""What makers of options are given, and what they give back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from gis.plan.pricing import priced_by
from gis.registry import discover

MAKERS = {}


@dataclass(frozen=True)
class Gaps:
    """The gaps of a review that works may close.

    Attributes
    ----------
    review : Review
    interventions : Mapping of str to Intervention
    """

    review: object
    interventions: Mapping
    _known: dict = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def table(self):
        """Rows of `FINDINGS` that are unmet by criteria that count or are context, and that works can fix."""
        fixable = [one.id for one in self.review.criteria.criteria if one.fixable_by == "works"]
        findings = self.review.findings
        return findings[(findings["status"] == "unmet") & findings["criterion"].isin(fixable)]

    def of(self, *indicators, side="measured"):
        """Pairs of criterion and its gaps (rows of `table`) whose binding on that side is of one of some indicators."""
        for criterion, rows in self.by_criterion:
            binding = getattr(criterion, side)
            if binding is not None and binding.indicator in indicators:
                yield criterion, rows

    @cached_property
    def by_criterion(self):
        """Pairs of criterion and its gaps, of those that have gaps, in the order of the set."""
        parts = dict(tuple(self.table.groupby("criterion", sort=False)))
        return [(one, parts[one.id]) for one in self.review.criteria.criteria if one.id in parts]

    @cached_property
    def facts(self):
        """Of each village its id, commune and point, by id."""
        villages = self.review.study.villages
        columns = villages.index, villages["commune_id"], villages["point"]
        return dict(zip(villages.index, zip(*columns, strict=True), strict=True))

    @cached_property
    def sheet(self):
        """What villages report, by id: columns of the assessment."""
        return self.review.study.reported

    def reported(self, field):
        """A field of the sheet as numbers by village id, NaN where it is not reported."""
        if ("field", field) not in self._known:
            column = self.sheet.get(field, np.nan)
            known = pd.Series(column, self.sheet.index)
            self._known["field", field] = pd.to_numeric(known, errors="coerce").astype(float)
        return self._known["field", field]

    def priced(self, work, village, quantity):
        """A row of `OPTIONS` for so much of a work in a village; None where no cost is known there."""
        cost = self.costs(work)[village]
        return None if cost is None else priced_by(cost, work, self.facts[village], quantity)

    def costs(self, work):
        """Of each village the `Cost` of a work that counts there, by id."""
        if work.id not in self._known:
            villages = self.review.study.villages
            self._known[work.id] = dict(zip(villages.index, work.cost_in(villages), strict=True))
        return self._known[work.id]


@dataclass(frozen=True)
class Made:
    """What one maker made.

    Attributes
    ----------
    options : list of dict
        Rows of `OPTIONS` with ``option_id``.
    ways : list of dict
        Rows of `WAYS`; ``way`` numbers the ways of this maker within village and criterion.
    """

    options: list = field(default_factory=list)
    ways: list = field(default_factory=list)

    def add(self, option_id, option, edits, closes):
        """Add an option that closes some gaps by itself.

        Parameters
        ----------
        option_id : str
        option : dict
            As of `Gaps.priced`.
        edits : iterable of Edit
        closes : iterable of (str, str)
            Village and criterion.
        """
        self.options.append({**option, "option_id": option_id, "edits": tuple(edits)})
        for village, criterion in closes:
            row = {"village_id": village, "criterion": criterion, "way": option_id, "option_id": option_id}
            self.ways.append({**row, "amount": 1.0, "need": 1.0, "takes": 0.0})


def least_steps(meets, most, guess=None):
    """The least number of steps at which something holds, that holds with more of them once it does.

    Parameters
    ----------
    meets : callable
        Of an array of positions and one of steps: whether it holds for each.
    most : array of int
        So many steps there can be.
    guess : array of int, optional
        What it is likely to be; it saves trying and decides nothing.

    Returns
    -------
    array of int
        0 where it does not hold even with all.
    """
    most = np.asarray(most, dtype=int)
    low, high = np.zeros(len(most), dtype=int), most.copy()
    holds = np.zeros(len(high), dtype=bool)

    def tried(at, steps):
        enough = meets(at, steps)
        holds[at[enough]] = True
        high[at[enough]], low[at[~enough]] = steps[enough], steps[~enough]

    for step in (0, -1) if guess is not None else ():
        some = np.flatnonzero((high > 0) & (guess + step > low) & (guess + step < high))
        if len(some):
            tried(some, (guess + step)[some])
    while (up := np.flatnonzero(~holds & (high > low))).size:
        # what is known to be too little is doubled; without a guess all there can be is tried at once
        further = np.fmin(most, np.where(low > 0, 2 * low, most))
        tried(up, further[up])
    while (open_ := np.flatnonzero(holds & (low + 1 < high))).size:
        tried(open_, (low[open_] + high[open_]) // 2)
    return np.where(holds, high, 0)


def maker(function):
    """Register a function of a `Gaps` that returns a `Made`."""
    MAKERS[f"{function.__module__}.{function.__name__}"] = function
    return function


def discover_makers():
    """Every maker of the folder, in order of name."""
    discover("gis.plan.candidates")
    return [MAKERS[name] for name in sorted(MAKERS)]
