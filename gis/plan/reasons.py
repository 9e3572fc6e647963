"""What stands in the way of more: village by village why it is not in the plan, and what more money would bring."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gis.errors import Problem
from gis.plan.answer import NEVER, since
from gis.plan.making import plan as make_plan
from gis.plan.options import cheapest_fixes
from gis.verdicts import counted_criteria

BLOCKS = ("data", "programme", "no-option", "late", "money")
"""What may stand in a village's way: criteria of which nobody knows, criteria that no work changes and that are not assumed,
gaps that no option closes, works that serve only after the last year, and last that the money went elsewhere."""

LISTED = 5


@dataclass(frozen=True)
class Reasons:
    """Why a plan is not better.

    Attributes
    ----------
    villages : DataFrame
        Index village_id. ``state``: passed | assumed (passes without any work, by what is assumed) | planned | data |
        programme | no-option | money | not-judged (the first of `BLOCKS` that stands in its way); ``alone`` (the year from
        which it passes by what is assumed), ``unknown``, ``programme``, ``no_option`` (tuples of criteria that stand in
        the way), ``cost`` (VND that closes what can be closed, each gap by its cheapest way, a work counted once; NaN
        where nothing can be).
    money : DataFrame
        Index fund id: ``more`` (villages more with a tenth more of its money; 0 where none), ``more_bound`` (by weight not
        more than so many).
    binds : tuple of Problem
        The same as sentences, the strongest first.
    """

    villages: pd.DataFrame
    money: pd.DataFrame
    binds: tuple

    def of(self, village):
        """Why a village is not in the plan, or that it is, as a `Problem`."""
        row = self.villages.loc[village]
        arguments = {
            "data": {"criteria": list(row["unknown"])},
            "programme": {"criteria": list(row["programme"])},
            "no-option": {"criteria": list(row["no_option"])},
            "money": {"million": round(row["cost"] / 1e6) if row["cost"] == row["cost"] else "–"},
            "planned": {"year": f"{row['passes']:g}"},
            "assumed": {"year": f"{row['alone']:g}"},
        }
        return Problem(f"plan-why-{row['state']}", arguments.get(row["state"], {}), "note")


def reasons(plan, review, options, *, try_money=True, report=None, cancelled=None):
    """Why a plan is not better.

    Parameters
    ----------
    plan : Plan
    review : Review
    options : Options
    try_money : bool
        Whether to draw the plan again with a tenth more of each fund, which takes as long as the plan did for each.
    report, cancelled : callable, optional

    Returns
    -------
    Reasons
    """
    villages = _villages(plan, review, options)
    money = _more_money(plan, review, options, report, cancelled) if try_money else _no_money(plan)
    return Reasons(villages, money, tuple(_binds(plan, villages, money)))


def could_pass(problem, gaps=None):
    """Which villages do not pass but would, if everything were built that can be.

    Parameters
    ----------
    problem : Problem
    gaps : collection of (int, str), optional
        The gaps that can be closed; all that have a way where left out.

    Returns
    -------
    array of bool
    """
    gaps = problem.gaps if gaps is None else gaps
    return np.array(
        [
            rule is not None
            and not isinstance(rule, bool)
            and since(rule, lambda name, at=at: 0 if (at, name) in gaps else NEVER) < problem.years
            for at, rule in enumerate(problem.rules)
        ]
    )


def in_time(problem):
    """The ways whose works serve within the years, as `problem.gaps`; gaps that have none are left out.

    A work that is paid in the first year serves so many years later as its kind takes.
    """
    serves = (problem.options["years"].to_numpy(dtype=int) < problem.years).tolist()
    found = {}
    for gap, ways in problem.gaps.items():
        there = tuple(way for way in ways if all(serves[option] for option in way.options))
        if there:
            found[gap] = there
    return found


def _villages(plan, review, options):
    problem, request = plan.problem, plan.request
    findings = review.findings
    counted = [
        one for one in counted_criteria(review.criteria) if request.part == "all" or one.fixable_by == "works"
    ]
    works = {one.id: one.fixable_by == "works" for one in counted}
    label = {one.id: one.label for one in counted}
    assumed = {each["criterion"] for each in request.assumed}
    rows = findings[
        findings["criterion"].isin(set(works) - assumed) & findings["status"].isin(["unmet", "unknown"])
    ]
    at = pd.Series(range(len(problem.villages)), problem.villages)
    names = {"data": {}, "programme": {}, "no-option": {}}
    for village, criterion, status in zip(rows["village_id"], rows["criterion"], rows["status"], strict=True):
        if status == "unknown":
            kind = "data"
        elif (int(at[village]), criterion) in problem.gaps:
            continue
        else:
            kind = "no-option" if works[criterion] else "programme"
        names[kind].setdefault(village, []).append(label[criterion])
    able, soon = could_pass(problem), could_pass(problem, in_time(problem))
    cost = _costs(problem, options)
    states = []
    for place, (village, rule) in enumerate(zip(problem.villages, problem.rules, strict=True)):
        passes = plan.villages["passes"].iat[place]
        kinds = [kind for kind in names if village in names[kind]]
        alone = int(problem.alone[place])
        if rule is None:
            states.append("not-judged")
        elif rule is True:
            states.append("passed" if alone < 0 else "assumed")
        elif passes > 0:
            states.append("planned")
        else:
            blocked = kinds[0] if kinds else "no-option"
            states.append("money" if soon[place] else "late" if able[place] else blocked)
    index = problem.villages
    return pd.DataFrame(
        {
            "state": states,
            "passes": plan.villages["passes"].to_numpy(),
            "alone": [request.years[at] if 0 <= at < problem.years else np.nan for at in problem.alone],
            "unknown": [tuple(names["data"].get(one, ())) for one in index],
            "programme": [tuple(names["programme"].get(one, ())) for one in index],
            "no_option": [tuple(names["no-option"].get(one, ())) for one in index],
            "cost": [cost.get(one, np.nan) for one in index],
        },
        index=index,
    )


def _costs(problem, options):
    """By village what closing its closable gaps costs, each by its cheapest way and every work once."""
    there = options.ways["option_id"].isin(problem.options.index)
    kept = replace(options, table=problem.options, ways=options.ways[there])
    fixes, price, found = cheapest_fixes(kept), problem.options["cost"], {}
    for (village, _), row in fixes.iterrows():
        found.setdefault(village, set()).update(row["options"])
    return {village: float(price[sorted(works)].sum()) for village, works in found.items()}


def _more_money(plan, review, options, report, cancelled):
    rows, request = {}, plan.request
    for at, fund in enumerate(request.funds):
        rows[fund.id] = {"more": np.nan, "more_bound": np.nan}
        if cancelled is not None and cancelled():
            continue
        funds = (*request.funds[:at], more_of(fund, 1.1), *request.funds[at + 1 :])
        made = make_plan(
            review, options, replace(request, funds=funds), cancelled=cancelled, start=plan.answer
        )
        # what was found with less money can be done with more
        rows[fund.id] = {
            "more": max(0, made.passing - plan.passing),
            "more_bound": max(0.0, made.bound - weight_of(plan)),
        }
        if report:
            report((at + 1) / len(request.funds), "plan-asking-money", fund=fund.label)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["more", "more_bound"]).rename_axis("fund")


def _no_money(plan):
    ids = pd.Index([fund.id for fund in plan.request.funds], name="fund")
    return pd.DataFrame(np.nan, index=ids, columns=["more", "more_bound"])


def weight_of(plan):
    """The weight of the villages that newly pass, which the bound is of."""
    return float(plan.problem.weights[plan.villages["passes"].to_numpy() > 0].sum())


def more_of(fund, factor):
    """A fund with so many times its money; ceilings for a work or a commune stay, but for those by coefficients."""
    return replace(
        fund,
        amounts=tuple(amount * factor for amount in fund.amounts),
        total=None if fund.total is None else fund.total * factor,
    )


def _binds(plan, villages, money):
    counts = villages["state"].value_counts()
    short = int(counts.get("money", 0))
    able = short + int(counts.get("late", 0))
    if able == 0 and not plan.passing and not counts.get("passed") and len(villages):
        yield Problem("plan-binds-nobody", {"count": int((villages["state"] != "not-judged").sum())}, "note")
    if not short and not any(counts.get(kind) for kind in BLOCKS):
        yield Problem("plan-binds-nothing", {"passing": plan.passing}, "note")
    labels = {fund.id: fund.label for fund in plan.request.funds}
    for name, row in money.sort_values("more", ascending=False, kind="stable").iterrows():
        if row["more"] > 0:
            yield Problem("plan-binds-fund", {"fund": labels[name], "more": int(row["more"])}, "note")
    if short:
        yield Problem("plan-binds-money", {"count": short}, "note")
    for name, row in money.iterrows():
        if row["more"] == 0 and short:
            proved = row["more_bound"] < 1 - 1e-6
            yield Problem(
                "plan-binds-fund-none" if proved else "plan-binds-fund-not", {"fund": labels[name]}, "note"
            )
    for kind, column in (("data", "unknown"), ("programme", "programme"), ("no-option", "no_option")):
        stopped = villages[villages["state"] == kind]
        if len(stopped):
            told = pd.Series([one for row in stopped[column] for one in row])
            often = told.value_counts(sort=False) if len(told) else {}
            first = sorted(often.items(), key=lambda each: -each[1])[:LISTED]
            yield Problem(
                f"plan-binds-{kind}", {"count": len(stopped), "criteria": [one for one, _ in first]}, "note"
            )
    if able > short:
        yield Problem("plan-binds-late", {"count": able - short}, "note")
