"""The same money spent as it is usually done: works ranked by need, by cost, or by what they close for their cost."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.plan.answer import tally
from gis.plan.money import Ledger, money_of
from gis.plan.reasons import could_pass, in_time

RULES = ("need", "cost", "benefit-cost", "village")


@dataclass(frozen=True)
class Ranked:
    """What one way of ranking comes to.

    Attributes
    ----------
    passing : int
        Villages that newly pass.
    closed : int
        Criteria that close.
    people : float
        Of the villages that newly pass.
    cost : float
        VND of the works that were built, the people's part included.
    works : tuple of str
        Their ids, in the order in which money was given to them.
    """

    rule: str
    passing: int
    closed: int
    people: float
    cost: float
    works: tuple


def rankings(plan):
    """What a plan's money would come to if works were taken from the top of a list until it is spent.

    Parameters
    ----------
    plan : Plan
        Its problem is ranked: the same options, money and rules; floors and the order of sectors are left out.

    Returns
    -------
    dict of str to Ranked
        By rule of `RULES`.

    Notes
    -----
    *need*: villages with the most gaps first, then those with most people; in a village its cheapest work first. *cost*:
    the cheapest work first. *benefit-cost*: gaps that a work takes part in closing, each by its share of the way and
    times the people of the village, over its cost. *village*: whole villages, those that need least money to pass first.
    Each work is paid in the first year in which money is left for it;
    what cannot be paid is passed over. Locked works come first. Of several ways to close a gap the cheapest is counted.
    """
    problem = plan.problem
    return {rule: _spend(problem, rule, order) for rule, order in _orders(problem).items()}


def _orders(problem):
    costs, ways = problem.costs, _cheapest(problem)  # a list holds no work that serves too late
    gaps = np.bincount([village for village, _ in ways], minlength=len(problem.villages))
    need, benefit = np.full(len(costs), -1.0), np.zeros(len(costs))
    people = np.where(problem.people > 0, problem.people, 1.0)
    most, works = people.max(initial=1.0) + 1.0, {}
    for (village, _), way in ways.items():
        for option, amount in zip(way.options, way.amounts, strict=True):
            need[option] = max(need[option], gaps[village] + people[village] / most)
            benefit[option] += min(1.0, amount / way.need) * people[village] if way.need else 0.0
            works.setdefault(village, set()).add(option)
    cheapest = np.full(len(costs), np.inf)
    for village in np.flatnonzero(could_pass(problem, ways)):
        taken = sorted(works.get(village, ()))
        cheapest[taken] = np.minimum(cheapest[taken], costs[taken].sum())
    useful = need >= 0
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(costs > 0, benefit / costs, np.inf)
    first = (~useful, ~problem.locked)
    keys = {"need": -need, "cost": costs, "benefit-cost": -rate, "village": cheapest}
    # ties by cost, then in the order of option ids
    whole = int((useful | problem.locked).sum())
    return {rule: np.lexsort((costs, keys[rule], *first))[:whole] for rule in RULES}


def _cheapest(problem):
    """The way of each gap whose options cost least together, of those that serve within the years."""
    costs = problem.costs
    return {
        gap: min(ways, key=lambda way: costs[list(way.options)].sum())
        for gap, ways in in_time(problem).items()
    }


def _spend(problem, rule, order):
    after = problem.options["years"].to_numpy(dtype=int)
    ledger = Ledger(money_of(problem), problem.commune_of, after)
    year, given = np.full(len(problem.options), -1), []
    for option in order:
        for at in range(problem.years):
            if ledger.pay(int(option), at) is not None:
                year[option] = at
                given.append(problem.options.index[option])
                break
    ways = ways_gone(problem, year)
    counted = tally(problem, year, ways)
    new = int(((counted.passes >= 0) & (counted.passes < problem.years)).sum())
    return Ranked(
        rule=rule,
        passing=new,
        closed=len(counted.closes),
        people=counted.people,
        cost=float(problem.options["cost"].to_numpy()[year >= 0].sum()),
        works=tuple(given),
    )


def ways_gone(problem, year):
    """The first way of each gap that works built in some years make whole, by gap; places are given out in order.

    Parameters
    ----------
    problem : Problem
    year : array of int
        As of `gis.plan.answer.Answer`.

    Returns
    -------
    dict of (int, str) to int
    """
    left, built, ways = problem.options["places"].tolist(), (year >= 0).tolist(), {}
    for gap, each in problem.gaps.items():
        for number, way in enumerate(each):
            there = [
                (option, amount, takes)
                for option, amount, takes in zip(way.options, way.amounts, way.takes, strict=True)
                if built[option]
            ]
            enough = sum(amount for _, amount, _ in there) >= way.need - 1e-9
            # who takes places of something needs it to be there
            enough &= all(
                built[option] or takes <= 0 or left[option] == np.inf
                for option, takes in zip(way.options, way.takes, strict=True)
            )
            if there and enough and all(takes <= left[option] + 1e-9 for option, _, takes in there):
                for option, _, takes in there:
                    left[option] -= takes
                ways[gap] = number
                break
    return ways


def compared(plan, ranked):
    """A plan beside rankings as a table.

    Returns
    -------
    DataFrame
        Index ``rule``, plan first: ``passing``, ``closed``, ``people``, ``cost``, ``works``.
    """
    counted = tally(plan.problem, plan.answer.year, plan.answer.ways)
    rows = {
        "plan": {
            "passing": plan.passing,
            "closed": len(counted.closes),
            "people": counted.people,
            "cost": plan.cost,
            "works": len(plan.works),
        }
    }
    for rule, one in ranked.items():
        rows[rule] = {
            "passing": one.passing,
            "closed": one.closed,
            "people": one.people,
            "cost": one.cost,
            "works": len(one.works),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("rule")
