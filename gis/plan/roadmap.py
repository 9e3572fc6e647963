"""The fewest years in which enough villages pass, and the least money that does it in them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gis.errors import PlanError, Problem
from gis.plan.answer import NEVER
from gis.plan.making import Plan
from gis.plan.making import plan as make_plan
from gis.plan.model import Model
from gis.plan.preparing import prepare
from gis.plan.reasons import could_pass, reasons

MILLION = 1e6
"""Costs in the programme are in million dong."""


@dataclass(frozen=True)
class Roadmap:
    """The way to a target.

    Attributes
    ----------
    plan : Plan
        For the years that it takes, of the works that cost least; where the target is not reached, for all years and
        all that their money does.
    target, passing_before, judged : int
        Villages: that are to pass in the last year, that pass now, that are judged at all.
    reached : bool
    years : int
        How many it takes; all of them where it is not reached.
    sure : bool
        Whether it is proved that it takes no fewer years.
    by_year : DataFrame
        Index year: ``works``, ``cost`` (VND of the works begun), ``money`` (there is), ``paid`` (by funds, upkeep with
        it), ``left`` (money carried over into the next year), ``passing`` (villages that pass by its end, those from
        before among them), ``new``.
    stops : tuple of Problem
        What stands in the way where it is not reached.
    least_cost : float or None
        VND; in these years the target cannot be reached for less. None where nobody looked.
    """

    plan: Plan
    target: int
    passing_before: int
    judged: int
    reached: bool
    years: int
    sure: bool
    by_year: pd.DataFrame
    stops: tuple = ()
    least_cost: float | None = None


def villages_wanted(review, request, target):
    """A target as a number of villages.

    Parameters
    ----------
    review : Review
    request : Request
    target : int, float or None
        A whole number of villages; a text or number with ``%`` or a share below 1 of the judged ones; None for the target
        of the study.

    Raises
    ------
    PlanError
        If it is none of these, or the study has no target.
    """
    column = "status" if request.part == "all" else "infra_status"
    judged = int((review.results[column] != "exempt").sum())
    if target is None:
        share = review.study.target.get("share_pct")
        if share is None:
            raise PlanError("plan-no-target")
    elif isinstance(target, str) and target.strip().endswith("%"):
        share = _number(target.strip()[:-1], target)
    else:
        number = _number(target, target)
        if number >= 1:
            if number != int(number) or number > judged:
                raise PlanError("plan-target-wrong", target=str(target)[:60], most=judged)
            return int(number)
        share = 100 * number
    if not 0 < share <= 100:
        raise PlanError("plan-target-wrong", target=str(target)[:60], most=judged)
    return int(np.ceil(judged * share / 100 - 1e-9))


def roadmap(review, options, request, target=None, *, least_money=True, report=None, cancelled=None):
    """The fewest of a request's years in which a target is reached, and the least money for it.

    Parameters
    ----------
    review : Review
    options : Options
    request : Request
        All years that may be used and their money.
    target : int, str or None
        As `villages_wanted` takes it.
    least_money : bool
        Whether to look for the works that cost least once the years are found.
    report, cancelled : callable, optional
        Once cancelled, the best so far is returned.

    Returns
    -------
    Roadmap

    Raises
    ------
    PlanError
        If the target is none, or as `gis.plan.plan`.

    Notes
    -----
    More years never make fewer villages pass, so the years are found by halving. Where the bound of a shorter plan is
    below the target, it is proved that fewer years do not do. The works of least cost are then paid as early as the money
    allows.
    """
    wanted = villages_wanted(review, request, target)
    asked, stop = replace(request, weights={}), cancelled or (lambda: False)
    most, plans, impossible = len(request.years), {}, set()

    def of(years, banned=()):
        funds = tuple(replace(fund, amounts=fund.amounts[:years]) for fund in asked.funds)
        short = replace(
            asked,
            years=asked.years[:years],
            funds=funds,
            assumed=_within(asked, years),
            banned=(*asked.banned, *banned),
        )
        return make_plan(review, options, short, cancelled=cancelled)

    plans[most] = of(most)
    if _standing(plans[most]) + plans[most].passing < wanted:
        return _not_reached(plans[most], wanted, review, options)
    low, high = 0, most
    while high - low > 1 and not stop():
        middle = (low + high) // 2
        try:
            plans[middle] = of(middle)
        except PlanError:  # what is locked in costs more than these years have
            impossible.add(middle)
        enough = middle in plans and _standing(plans[middle]) + plans[middle].passing >= wanted
        low, high = (low, middle) if enough else (middle, high)
        if report:
            report(1 - (high - low) / (2 * most), "plan-roadmap-years", years=high)
    best, sure = (
        plans[high],
        high == 1 or low in impossible or (low in plans and _most(plans[low]) < wanted - 1e-6),
    )
    before = _standing(best)
    least = None
    if least_money and not stop():
        if report:
            report(0.6, "plan-roadmap-money", years=high)
        least = least_cost(best, wanted - before, cancelled=cancelled)
        others = best.problem.options.index.difference(least.works)
        kept = of(high, banned=tuple(others))
        best = kept if before + kept.passing >= wanted else best
    cost = None if least is None else min(least.bound, best.cost)
    return Roadmap(best, wanted, *_passing(best), True, high, bool(sure), by_year(best), least_cost=cost)


@dataclass(frozen=True)
class Least:
    """The works by which enough villages pass for the least money.

    Attributes
    ----------
    works : tuple of str
    bound : float
        VND; no works that do it cost less.
    """

    works: tuple
    bound: float


def least_cost(plan, more, *, cancelled=None):
    """The works of least cost by which at least so many villages newly pass.

    Parameters
    ----------
    plan : Plan
        A plan that does it; its rules of money are kept to, and nothing dearer is returned.
    more : int
        Villages, each counting one.
    cancelled : callable, optional

    Returns
    -------
    Least
    """
    ready = prepare(plan.problem)
    model = Model(ready, last=True)
    passing, costing = model.passing(), model.costing()
    model.finish()
    model.keep(passing, more - ready.sure, whole=True)
    start = model.start(plan.answer.year, ready.found.kept_by(plan.answer.ways))
    watch = None if cancelled is None else (lambda value, bound: bool(cancelled()))
    solved = model.programme.solve(
        costing, least=True, seconds=plan.request.seconds, start=start, watch=watch
    )
    if solved.values is None:
        return Least(tuple(plan.works.index), 0.0)
    year, _ = model.choice(solved.values)
    bound = max(0.0, solved.bound) * MILLION if np.isfinite(solved.bound) else 0.0
    return Least(tuple(plan.problem.options.index[year >= 0]), bound)


def by_year(plan):
    """What a plan does in each year; see `Roadmap`."""
    request, answer = plan.request, plan.answer
    money, paid_by_fund = plan.problem.money.sum(axis=0), answer.paid.sum(axis=0)
    if answer.upkeep is not None:
        paid_by_fund = paid_by_fund + answer.upkeep
    carry, spent = np.array([fund.carry for fund in request.funds], dtype=bool), paid_by_fund.sum(axis=0)
    left = np.cumsum(plan.problem.money[carry] - paid_by_fund[carry], axis=1).sum(axis=0)
    passes = plan.villages["passes"].to_numpy()
    alone = _alone(plan)
    rows = {}
    for at, year in enumerate(request.years):
        begun = plan.works["year"] == year
        rows[year] = {
            "works": int(begun.sum()),
            "cost": float(plan.works["cost"][begun].sum()),
            "money": float(money[at]),
            "paid": float(spent[at]),
            "left": float(left[at]),
            "new": int((passes == year).sum()),
            "passing": int((alone <= at).sum() + ((passes > 0) & (passes <= year)).sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("year")


def _not_reached(plan, wanted, review, options):
    able, before = int(could_pass(plan.problem).sum()), _standing(plan)
    told = [Problem("plan-target-missed", {"wanted": wanted, "passing": before + plan.passing}, "note")]
    if before + able < wanted:
        told.append(Problem("plan-target-no-money-helps", {"most": before + able, "wanted": wanted}, "note"))
    else:
        told.append(
            Problem("plan-target-money", {"most": before + able, "bound": int(_most(plan) + 1e-6)}, "note")
        )
    told += reasons(plan, review, options, try_money=False).binds
    years = len(plan.request.years)
    return Roadmap(plan, wanted, *_passing(plan), False, years, False, by_year(plan), tuple(told))


def _passing(plan):
    """Villages that pass now, and that are judged at all."""
    return int((_alone(plan) < 0).sum()), sum(rule is not None for rule in plan.problem.rules)


def _standing(plan):
    """Villages that pass in the last year without any work."""
    return int((_alone(plan) < plan.problem.years).sum())


def _most(plan):
    return _standing(plan) + plan.bound


def _alone(plan):
    """The year of the plan from which each village passes without any work; -1 for now, never where it is not judged."""
    judged = np.array([rule is not None for rule in plan.problem.rules], dtype=bool)
    return np.where(judged, plan.problem.alone, NEVER)


def _within(request, years):
    last = request.years[years - 1]
    return tuple(each for each in request.assumed if each["year"] <= last)


def _number(value, target):
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        number = float("nan")
    if not number > 0 or number == float("inf"):
        raise PlanError("plan-target-wrong", target=str(target)[:60], most="–")
    return number
