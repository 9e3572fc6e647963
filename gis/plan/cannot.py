"""Why a plan cannot be made as asked: which fund, year, work or commune stands against it, and by how much."""

import numpy as np

from gis.errors import PlanError
from gis.errors import Problem as Told
from gis.plan.model import Model
from gis.plan.preparing import locked_only

SECONDS = 20.0
"""For finding out what is short."""


def refuse(ready, *, floors=False):
    """Raise if what is locked in cannot be paid, or the floors cannot be reached.

    Parameters
    ----------
    ready : Ready
    floors : bool
        Whether the floors are looked at; what is locked in was found payable before.

    Raises
    ------
    PlanError
        With a sentence for each thing that is short.
    """
    problems = _unreached(ready) if floors else _unpaid(ready)
    if problems:
        raise PlanError(problems=problems)


def _unpaid(ready):
    problem, money = ready.problem, ready.money
    if not problem.locked.any():
        return []
    problems = []
    for option in np.flatnonzero(problem.locked & ~money.payable).tolist():
        most, cost = money.most[option].sum(), money.costs[option]
        code = "plan-cannot-pay-work" if most <= 0 else "plan-cannot-pay-whole-work"
        arguments = {"work": problem.options.index[option], "million": cost / 1e6, "most": most / 1e6}
        problems.append(Told(code, arguments, "error"))
    if problems:
        return problems
    return _short_of_money(Model(locked_only(ready), last=False, elastic=True), problem)


def _short_of_money(model, problem):
    short = model.payments.short
    model.finish()
    found = model.programme.solve(dict.fromkeys(short.values(), 1.0), least=True, seconds=SECONDS)
    if found.values is None:
        return [Told("plan-cannot", {}, "error")]
    worst = {}
    for (kind, one, other), column in short.items():
        lack = float(found.values[column])
        # less than the solver can tell apart is nothing
        if lack > 1e-5:
            key = kind, one
            if lack > worst.get(key, (0.0, None))[0]:
                worst[key] = lack, other
    return [_told(problem, *key, *found) for key, found in worst.items()]


def _told(problem, kind, one, lack, other):
    request = problem.request
    amounts = {"million": lack}
    if kind == "upkeep":
        return Told("plan-cannot-upkeep", {**amounts, "year": request.years[other]}, "error")
    amounts["fund"] = request.funds[one].label
    if kind == "year":
        code = "plan-cannot-by-year" if request.funds[one].carry else "plan-cannot-year"
        return Told(code, {**amounts, "year": request.years[other]}, "error")
    if kind == "total":
        return Told("plan-cannot-total", amounts, "error")
    commune = problem.commune_ids[other] if 0 <= other < len(problem.commune_ids) else "?"
    return Told("plan-cannot-commune", {**amounts, "commune": commune}, "error")


def _unreached(ready):
    model = Model(ready, last=True, elastic=True)
    model.finish()
    for column in model.payments.short.values():
        model.programme.high[column] = 0.0
    found = model.programme.solve(dict.fromkeys(model.lacking.values(), 1.0), least=True, seconds=SECONDS)
    if found.values is None:
        return [Told("plan-cannot", {}, "error")]
    problems = []
    for floor, column in model.lacking.items():
        lack = float(found.values[column])
        if lack > 1e-5:
            arguments = {
                "commune": ready.problem.commune_ids[floor.commune],
                "lack": round(lack, 3),
                "least": floor.least,
            }
            problems.append(Told(f"plan-cannot-floor-{floor.kind}", arguments, "error"))
    return problems or [Told("plan-cannot", {}, "error")]
