"""How much of a plan stands when costs and unread figures are other than taken: the plan drawn again and again."""

import time
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from gis.errors import PlanError
from gis.findings import evaluate
from gis.plan.answer import NEVER, since, tally
from gis.plan.drawing import draw
from gis.plan.making import problem_of
from gis.plan.money import Ledger, money_of
from gis.plan.options import Options, find_options
from gis.plan.rankings import ways_gone
from gis.verdicts import judge_set

SPREAD_PCT = 30.0
KIND_PART = 0.6
"""So much of the spread of a cost is common to all works of a kind; the rest is the work's own."""

FIGURE_PCT = 10.0
"""By so much of itself a figure that nobody read in the text may be moved."""

HARDER = "·"
"""Behind the id of an option that is larger because a figure may be harder than it is taken."""


@dataclass(frozen=True)
class Robustness:
    """What is left of a plan over the draws.

    Attributes
    ----------
    works : DataFrame
        Index option_id: ``chosen`` (in so many of the draws), ``draws``, ``share_pct``, ``in_plan``. Sorted by share, the
        surest first, then by id. Works that were never chosen and are not in the plan are left out.
    draws : DataFrame
        A row a draw: ``passing`` (villages that newly pass in the plan drawn for it), ``bound``, ``ended`` (whether that
        is proved the most within the time), ``kept`` (villages that
        the given plan makes pass under it: its works in their order while the money lasts), ``kept_by_cost`` (the same,
        were the figures those of the set), ``kept_works``,
        ``over_vnd`` (what the given plan would cost more than the money there is for it; 0 where it is enough),
        ``cost_factor`` (mean over the works of the plan), ``refused`` (whether no plan can be made, since what is locked
        in costs more than the money; ``passing`` and ``bound`` are NaN then), ``seconds``.
    figures : tuple of str
        Criteria whose figure was moved.
    asked : int
        Draws that were asked for; fewer are there where it was cancelled.
    """

    works: pd.DataFrame
    draws: pd.DataFrame
    figures: tuple
    asked: int

    def quantiles(self, ends=(0.1, 0.5, 0.9)):
        """Villages that pass, drawn anew and kept to the plan, at some quantiles of the draws."""
        known = self.draws.reindex(columns=["passing", "kept", "kept_by_cost"]).astype(float)
        return known.quantile(list(ends), interpolation="lower")


def robustness(
    plan,
    review,
    options,
    *,
    draws=100,
    seed=0,
    spread_pct=SPREAD_PCT,
    figure_pct=FIGURE_PCT,
    interventions=None,
    seconds=None,
    report=None,
    cancelled=None,
):
    """A plan drawn again under other costs and other figures.

    Parameters
    ----------
    plan : Plan
    review : Review
    options : Options
        What it was made from.
    draws : int
    seed : int
    spread_pct : float
        A cost lies within so much of what is reckoned with, in percent; a part is common to all works of a kind.
    figure_pct : float
        A figure whose verification is not ``text`` lies within so much of itself, percent; 0 leaves all figures.
    interventions : Mapping, optional
        As for `find_options`: what larger works cost where a figure is harder.
    seconds : float, optional
        Time for one draw; a tenth of the plan's own, at least two seconds, where left out. Two runs are the same where
        every draw comes to its end within it.
    report, cancelled : callable, optional
        Once cancelled, the draws that are done are returned.

    Returns
    -------
    Robustness

    Notes
    -----
    Costs are drawn evenly within their ends. Figures are moved as numbers of what was measured and reported; nothing is
    measured anew. Where a draw asks more of a village than the set does, the work is as large as the hardest figure of
    all draws needs; where it asks less, as large as the set needs: so costs are never taken too low. Criteria that only
    ask whether something is there have no figure to be moved.
    """
    random = np.random.default_rng(seed)
    time_each = seconds or max(2.0, plan.request.seconds / 10)
    request = replace(plan.request, seconds=time_each)
    moved = _movable(review) if figure_pct > 0 else ()
    hard = _hardest(review, moved, figure_pct)
    pool = _pool(options, hard, moved, interventions)
    names, kinds = pool.table.index, pool.table["intervention"].fillna("").to_numpy()
    chosen = pd.Series(0, index=names.map(_plain).unique())
    rows = []
    for number in range(int(draws)):
        if cancelled is not None and cancelled():
            break
        started = time.perf_counter()
        factors = _factors(random, names, kinds, spread_pct / 100)
        shift = dict(zip(moved, random.uniform(-1, 1, len(moved)), strict=True))
        problem = _problem(review, pool, request, factors, shift, figure_pct, hard)
        facts, left = _kept(plan, problem, factors, names)
        refused, drawn = False, {"passing": np.nan, "bound": np.nan, "ended": True}
        try:
            made = draw(problem, _start(plan, problem, left), seconds=time_each, cancelled=cancelled)
        except PlanError:  # what is locked in costs more than the money in this draw
            refused = True
        else:
            drawn = {"passing": made.passing, "bound": made.bound, "ended": made.ended}
            for name in {_plain(name) for name in made.works}:
                chosen[name] += 1
        seconds = time.perf_counter() - started
        rows.append({**drawn, **facts, "refused": refused, "seconds": seconds})
        if report:
            report((number + 1) / draws, "plan-drawing", done=number + 1, draws=int(draws))
    return Robustness(_often(chosen, plan, len(rows)), pd.DataFrame(rows), tuple(moved), int(draws))


def _often(chosen, plan, draws):
    table = pd.DataFrame({"chosen": chosen.astype(int), "draws": draws})
    table["share_pct"] = 100 * table["chosen"] / draws if draws else np.nan
    table["in_plan"] = table.index.isin(plan.works.index)
    table = table[(table["chosen"] > 0) | table["in_plan"]].rename_axis("option_id").reset_index()
    return table.sort_values(["chosen", "option_id"], ascending=[False, True]).set_index("option_id")


def _plain(name):
    return name.removesuffix(HARDER)


def _factors(random, names, kinds, spread):
    """By option what its cost is multiplied with; a larger form of a work goes with the work."""
    plain = np.array([_plain(name) for name in names])
    ids, at = np.unique(plain, return_inverse=True)
    sorts, sort_at = np.unique(kinds, return_inverse=True)
    common = random.uniform(-1, 1, len(sorts))[sort_at]
    own = random.uniform(-1, 1, len(ids))[at]
    return 1 + spread * (KIND_PART * common + (1 - KIND_PART) * own)


def _movable(review):
    """Criteria that count and whose figure is a number that nobody read in the text."""
    return tuple(
        one.id
        for one in review.criteria.criteria
        if one.kind != "context"
        and one.compare in ("ge", "gt", "le", "lt")
        and any(one.verification.get(group) != "text" for group in one.thresholds)
    )


def _moved(review, shift, figure_pct):
    """The review by figures moved by parts of `figure_pct`: a part above 0 is harder to meet."""
    rows = []
    for one in review.criteria.criteria:
        part = shift.get(one.id)
        if part is not None:
            up = 1.0 if (one.compare in ("ge", "gt")) != (one.kind == "trigger") else -1.0
            factor = 1 + up * part * figure_pct / 100
            top = 100.0 if one.unit == "%" else np.inf
            figures = {
                group: min(top, figure * factor)
                if isinstance(figure, (int, float))
                and not isinstance(figure, bool)
                and one.verification.get(group) != "text"
                else figure
                for group, figure in one.thresholds.items()
            }
            one = replace(one, thresholds=MappingProxyType(figures))
        rows.append(one)
    study = replace(review.study, criteria=replace(review.criteria, criteria=tuple(rows)))
    findings = evaluate(review.measurements, study.criteria, study.villages, study.groups)
    return replace(
        review, study=study, findings=findings, results=judge_set(findings, study.criteria, study.villages)
    )


def _hardest(review, moved, figure_pct):
    return _moved(review, dict.fromkeys(moved, 1.0), figure_pct) if moved else None


def _pool(options, hard, moved, interventions):
    """The options, and beside them the larger ones that the hardest figures need, with `HARDER` behind their ids."""
    if hard is None:
        return options
    # only gaps whose figure moves are closed otherwise; of the others nothing need be made again
    others = ~hard.findings["criterion"].isin(moved)
    asked = hard.findings.assign(status=hard.findings["status"].mask(others, "met"))
    found = find_options(replace(hard, findings=asked), interventions)
    shared = found.table.index.intersection(options.table.index)
    same = (found.table.loc[shared, "quantity"] <= options.table.loc[shared, "quantity"] + 1e-9) & (
        found.table.loc[shared, "cost"] <= options.table.loc[shared, "cost"] + 1e-6
    )
    keep = set(shared[same])
    names = {name: name if name in keep else name + HARDER for name in found.table.index}
    extra = found.table.rename(index=names)
    extra = extra[~extra.index.isin(options.table.index)]
    ways = found.ways.assign(option_id=found.ways["option_id"].map(names))
    table = pd.concat([options.table, extra]).sort_index().rename_axis("option_id")
    return _Pool(table, options.ways, ways)


@dataclass(frozen=True)
class _Pool(Options):
    """Options whose ways for harder figures stand apart."""

    hard: pd.DataFrame = None


def _problem(review, pool, request, factors, shift, figure_pct, hard):
    table = pool.table.assign(cost=pool.table["cost"] * factors)
    ways, rules_of = pool.ways, review
    if hard is not None:
        rules_of = _moved(review, shift, figure_pct)
        harder = {name for name, part in shift.items() if part > 0}
        ways = pd.concat(
            [pool.ways[~pool.ways["criterion"].isin(harder)], pool.hard[pool.hard["criterion"].isin(harder)]],
            ignore_index=True,
        )
        used = set(ways["option_id"])
        # of the small and the large form of a work only one may be built: where the large one is needed, it is the work
        larger = {_plain(name) for name in used if name.endswith(HARDER)}
        ways = ways.assign(option_id=[_in_form(name, larger) for name in ways["option_id"]])
        wanted = table["wanted"].notna() | table.index.isin(request.locked)
        there = table.index.isin(set(ways["option_id"])) | (wanted & ~table.index.isin(larger)).to_numpy()
        table = table[there]
        request = replace(
            request,
            locked=tuple(_in_form(name, larger) for name in request.locked),
            banned=(*request.banned, *(name + HARDER for name in request.banned)),
            costs={_in_form(name, larger): cost for name, cost in request.costs.items()},
        )
    if request.costs:
        drawn = dict(zip(pool.table.index, factors, strict=True))
        request = replace(
            request, costs={name: cost * drawn.get(name, 1.0) for name, cost in request.costs.items()}
        )
    # what a lock or a ban names may not be asked for under the figures of this draw
    known = set(table.index)
    request = replace(
        request,
        locked=tuple(name for name in request.locked if name in known),
        banned=tuple(name for name in request.banned if name in known),
        costs={name: cost for name, cost in request.costs.items() if name in known},
    )
    return problem_of(rules_of, Options(table, ways), request)


def _in_form(name, larger):
    return name + HARDER if name in larger else name


def _kept(plan, problem, factors, names):
    """What the given plan comes to under a draw: its works in their order, each in its year, while the money lasts."""
    given = plan.problem
    drawn = dict(zip(names, factors, strict=True))
    factor = np.array([drawn.get(name, 1.0) for name in given.options.index])
    priced = replace(given, options=given.options.assign(cost=given.options["cost"] * factor))
    ledger = Ledger(money_of(priced), given.commune_of, given.options["years"].to_numpy(dtype=int))
    year = np.full(len(given.options), -1)
    places = {name: at for at, name in enumerate(given.options.index)}
    over = 0.0
    for name in plan.works.index:
        at = places[name]
        when = int(plan.answer.year[at])
        paid = next((later for later in range(when, given.years) if ledger.pay(at, later) is not None), None)
        if paid is None:
            over += float(priced.costs[at])
        else:
            year[at] = paid
    ways = ways_gone(given, year)
    closes = tally(given, year, ways).closes
    # what the plan built is as large as the set asks; where the draw asks for more, that gap stays open
    still = {gap for gap in closes if _too_small(problem, gap)}
    facts = {
        "kept": _new(
            problem.rules, {gap: when for gap, when in closes.items() if gap not in still}, given.years
        ),
        "kept_by_cost": _new(given.rules, closes, given.years),
        "kept_works": int((year >= 0).sum()),
        "over_vnd": over,
        "cost_factor": float(factor[plan.answer.year >= 0].mean()) if len(plan.works) else np.nan,
    }
    return facts, {name: int(year[at]) for name, at in places.items() if year[at] >= 0}


def _start(plan, problem, left):
    """What is left of the plan as an answer to the problem of a draw, from where the search begins."""
    year = np.full(len(problem.options), -1)
    there = {_plain(name): at for at, name in enumerate(problem.options.index)}
    for name, when in left.items():
        if name in there:
            year[there[name]] = when
    return replace(plan.answer, year=year, ways=ways_gone(problem, year))


def _new(rules, closes, years):
    """How many villages newly pass by some rules when gaps close in some years."""
    return sum(
        since(rule, lambda one, at=at: closes.get((at, one), NEVER)) < years
        for at, rule in enumerate(rules)
        if rule is not None and not isinstance(rule, bool)
    )


def _too_small(problem, gap):
    ways = problem.gaps.get(gap)
    if ways is None:
        return False
    names = [problem.options.index[one] for way in ways for one in way.options]
    return all(name.endswith(HARDER) for name in names)
