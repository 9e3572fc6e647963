"""How many villages pass for how much money: the curve, and three budgets side by side."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from gis.errors import PlanError
from gis.plan.making import plan as make_plan
from gis.plan.reasons import more_of, weight_of

FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
THREE = (0.5, 1.0, 1.5)
"""Of the money: the budgets that are shown side by side."""


@dataclass(frozen=True)
class Curve:
    """Plans for several budgets, the least first.

    Attributes
    ----------
    table : DataFrame
        Index ``factor`` (of the request's money): ``money`` (VND of all funds), ``cost`` (VND of the works, the people's
        part included), ``paid`` (VND by funds), ``works``, ``passing`` (villages that newly pass, never fewer with more
        money), ``bound`` (not more than so many; never more with less money), ``gap_pct``, ``people``, ``from_less``:
        whether the plan of a smaller budget stands here because none better was found.
    plans : dict of float to Plan
    refused : dict of float to tuple of Problem
        Budgets with which no plan can be made as asked, since what is locked in costs more; and why.
    """

    table: pd.DataFrame
    plans: dict
    refused: dict = field(default_factory=dict)

    def side_by_side(self):
        """Which works stand in which budget.

        Returns
        -------
        DataFrame
            Index option_id, sorted; a column a factor: the year of the work there, NaN where it is not built.
        """
        years = {factor: made.works["year"] for factor, made in self.plans.items()}
        return pd.DataFrame(years).sort_index().rename_axis("option_id")


def curve(review, options, request, *, factors=FACTORS, made=None, report=None, cancelled=None):
    """Plans for parts and multiples of the money of a request.

    Parameters
    ----------
    review : Review
    options : Options
    request : Request
    factors : iterable of float
        Each fund has so many times its money; its ceilings for a work or a commune stay, but for those that follow from
        coefficients.
    made : Plan, optional
        The plan of the request itself, which then stands at factor 1 instead of being made anew.
    report, cancelled : callable, optional
        Once cancelled, the budgets done so far are returned.

    Returns
    -------
    Curve

    Raises
    ------
    PlanError
        If no plan can be made with any of the budgets, or as `gis.plan.plan` for another reason than money.

    Notes
    -----
    What can be built with some money can be built with more. So a plan that was found with less stands also for more where
    none better was found there, and what no plan with more money can reach no plan with less can. Both keep the curve
    rising and its bounds true, however short the time is.
    """
    factors = sorted({float(factor) for factor in factors if factor >= 0})
    plans, borrowed, refused, before = {}, {}, {}, None
    for number, factor in enumerate(factors):
        if cancelled is not None and cancelled() and plans:
            break
        asked = replace(request, funds=tuple(more_of(fund, factor) for fund in request.funds))
        start = before.answer if before else None
        try:
            found = (
                made
                if made is not None and factor == 1
                else make_plan(review, options, asked, cancelled=cancelled, start=start)
            )
        except PlanError as error:
            # what can be paid with less can be paid with more, so the fault is the money only below the first plan
            if before is not None or factor == factors[-1]:
                raise
            refused[factor] = error.problems
            continue
        borrowed[factor] = before is not None and weight_of(before) > weight_of(found) + 1e-9
        before = replace(before, bound=max(found.bound, before.bound)) if borrowed[factor] else found
        plans[factor] = before
        if report:
            money = sum(fund.money for fund in asked.funds)
            report((number + 1) / len(factors), "plan-curving", money=round(money / 1e6))
    return Curve(_table(plans, borrowed, request), plans, refused)


def three_budgets(review, options, request, *, factors=THREE, **more):
    """As `curve`, for a smaller, the asked and a larger budget, to be shown side by side."""
    return curve(review, options, request, factors=factors, **more)


def _table(plans, borrowed, request):
    money = sum(fund.money for fund in request.funds)
    rows = {
        factor: {
            "money": factor * money,
            "cost": made.cost,
            "paid": float(sum(sum(paid.values()) for paid in made.works["paid"])),
            "works": len(made.works),
            "passing": made.passing,
            "bound": made.bound,
            "people": _people(made),
            "from_less": borrowed[factor],
        }
        for factor, made in plans.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("factor")
    # no plan with less money reaches what none with more can
    table["bound"] = np.minimum.accumulate(table["bound"].to_numpy()[::-1])[::-1] if len(table) else []
    weights = pd.Series({factor: weight_of(made) for factor, made in plans.items()}, dtype=float)
    gap = 100 * (table["bound"] - weights) / table["bound"].where(table["bound"] > 0)
    table.insert(6, "gap_pct", gap.clip(lower=0.0).fillna(0.0))
    return table


def _people(made):
    return float(made.problem.people[made.villages["passes"].to_numpy() > 0].sum())
