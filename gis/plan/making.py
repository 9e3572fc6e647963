"""From a review to a plan: the options, the problem, its answer, and what it comes to in tables."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gis.plan.answer import NEVER, Answer, tally
from gis.plan.problem import Problem, make_problem
from gis.plan.settling import settled
from gis.plan.shares import special
from gis.plan.solving import optimise


@dataclass(frozen=True)
class Plan:
    """Which works, where, in which year, from which fund, who passes, and how far from the best it may be.

    Attributes
    ----------
    problem : Problem
    answer : Answer
    works : DataFrame
        The chosen options: table `OPTIONS` with ``year``, ``paid`` (dict of fund id to VND), ``people_paid`` (VND),
        ``closes`` (tuple of village and criterion), ``serves`` (tuple of village ids). Sorted by year and id.
    villages : DataFrame
        Index village_id: ``passes`` (the year in which it passes; 0 where it passed before, NaN where it does not),
        ``closes`` (tuple of criteria that close).
    passing : int
        Villages that newly pass.
    bound : int
        No plan under the same request makes more pass.
    gap_pct : float
        How far from the best it may be, percent of the bound.
    """

    problem: Problem
    answer: Answer
    works: pd.DataFrame
    villages: pd.DataFrame
    passing: int
    bound: float
    gap_pct: float

    @property
    def request(self):
        """What was asked for."""
        return self.problem.request

    @property
    def cost(self):
        """VND in all, the people's part included."""
        return float(self.works["cost"].sum())


def plan(review, options, request, *, report=None, cancelled=None, start=None):
    """The plan that a request leads to.

    Parameters
    ----------
    review : Review
    options : Options
    request : Request
    report, cancelled, start : optional
        As for `optimise`.

    Returns
    -------
    Plan

    Raises
    ------
    PlanError
        As `settled` and `optimise`.
    """
    problem = problem_of(review, options, request)
    return told(problem, optimise(problem, report=report, cancelled=cancelled, start=start))


def problem_of(review, options, request):
    """The problem of a request once it is set against the study, with what funds of the special mechanism may pay.

    Raises
    ------
    PlanError
        As `gis.plan.settling.settled`.
    """
    request = settled(request, review, options.table)
    problem = make_problem(review, options.table, options.ways, request)
    only = np.array([fund.special for fund in request.funds], dtype=bool)
    if only.any():
        fits = special(problem.options).to_numpy()
        problem = replace(problem, payable=problem.payable & (fits[:, None] | ~only[None, :]))
    return problem


def told(problem, answer):
    """An answer as a plan."""
    counted = tally(problem, answer.year, answer.ways)
    request, options = problem.request, problem.options
    closes = {}
    for (village, criterion), at in answer.ways.items():
        if (village, criterion) in counted.closes:
            for option in problem.gaps[village, criterion][at].options:
                if answer.year[option] >= 0:
                    closes.setdefault(option, []).append((problem.villages[village], criterion))
    chosen = np.flatnonzero(answer.year >= 0)
    works = options.iloc[chosen].assign(
        year=[request.years[at] for at in answer.year[chosen]],
        paid=[
            {
                fund.id: float(total)
                for fund, total in zip(request.funds, answer.paid[at].sum(axis=1), strict=True)
                if total > 0.5
            }
            for at in chosen
        ],
        people_paid=options["cost"].to_numpy()[chosen] * options["people_pct"].to_numpy()[chosen] / 100,
        closes=[tuple(closes.get(at, ())) for at in chosen],
        serves=[tuple(sorted({village for village, _ in closes.get(at, ())})) for at in chosen],
    )
    when = np.array(
        [float(request.years[at]) if 0 <= at < NEVER else 0.0 if at < 0 else np.nan for at in counted.passes]
    )
    by_village = {}
    for village, criterion in counted.closes:
        by_village.setdefault(village, []).append(criterion)
    villages = pd.DataFrame(
        {"passes": when, "closes": [tuple(by_village.get(at, ())) for at in range(len(when))]},
        index=problem.villages,
    )
    new = (counted.passes >= 0) & (counted.passes < NEVER)
    bound = answer.bound if np.isfinite(answer.bound) else float(problem.weights.sum())
    return Plan(
        problem=problem,
        answer=answer,
        works=works.sort_values("year", kind="stable"),
        villages=villages,
        passing=int(new.sum()),
        bound=bound,
        gap_pct=100 * max(0.0, bound - counted.weight) / bound if bound else 0.0,
    )
