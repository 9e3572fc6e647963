"""The works of a plan paid as early as the money allows, village by village."""

from dataclasses import replace

import numpy as np

from gis.plan.making import told
from gis.plan.money import Ledger, money_of
from gis.plan.payments import split
from gis.plan.rankings import ways_gone
from gis.plan.reasons import weight_of


def as_early(plan):
    """A plan with the same works, paid earlier where that makes villages pass sooner.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    Plan
        The same plan where nothing is won, where sectors have an order (which years keep too), or where the money could
        not be shared out so.

    Notes
    -----
    Villages are finished one after the other: always the one for which least is still to be paid. What helps no village
    to pass comes last. Each work is paid in the first year in which there is money for it.
    """
    problem, answer = plan.problem, plan.answer
    if problem.years < 2 or problem.request.essential or not len(plan.works):
        return plan
    ledger = Ledger(money_of(problem), problem.commune_of, problem.options["years"].to_numpy(dtype=int))
    year = np.full(len(problem.options), -1)
    for option in _order(plan):
        year[option] = next((at for at in range(problem.years) if ledger.pay(option, at) is not None), -1)
        if year[option] < 0:
            return plan
    paid = split(problem, money_of(problem), year)
    if paid is None:
        return plan
    made = told(
        problem, replace(answer, year=year, paid=paid[0], upkeep=paid[1], ways=ways_gone(problem, year))
    )
    return made if _worth(made) > _worth(plan) else plan


def _order(plan):
    """The chosen options in the order in which they are paid: locked ones, then village by village."""
    problem, answer = plan.problem, plan.answer
    chosen, costs = answer.year >= 0, problem.costs
    order = [int(option) for option in np.flatnonzero(chosen & problem.locked)]
    done, works = set(order), {}
    new = plan.villages["passes"].to_numpy() > 0
    for (village, criterion), way in answer.ways.items():
        if new[village]:
            options = problem.gaps[village, criterion][way].options
            works.setdefault(village, set()).update(one for one in options if chosen[one])
    while works:
        left = {village: sum(costs[one] for one in each - done) for village, each in works.items()}
        village = min(left, key=lambda one: (left[one] / max(problem.weights[one], 1e-9), one))
        order += sorted(works.pop(village) - done)
        done.update(order)
    return order + [int(one) for one in np.flatnonzero(chosen) if one not in done]


def _worth(plan):
    """The weight of villages that pass, then the weight of village-years."""
    passes, years = plan.villages["passes"].to_numpy(), plan.request.years
    new = passes > 0
    weights = plan.problem.weights[new]
    return weight_of(plan), float((weights * (years[-1] - passes[new])).sum())
