"""Every rule of a plan, mixed at random in small problems, beside counting through all that could be chosen."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from gis.errors import PlanError
from gis.plan.answer import NEVER, tally
from gis.plan.covering import cover, median
from gis.plan.problem import Problem, Way
from gis.plan.request import Fund, Request
from gis.plan.rules import Points, at_least
from gis.plan.solving import optimise

SECTORS = ("roads", "water", "health")


def a_problem(seed, *, years=1, options=7):
    """A small problem with all rules mixed at random."""
    rng = np.random.default_rng(seed)
    villages, communes, funds = int(rng.integers(2, 5)), 2, int(rng.integers(1, 4))
    table = pd.DataFrame(
        {
            "sector": rng.choice(SECTORS, options),
            "village_id": [f"v{at}" for at in rng.integers(0, villages, options)],
            "cost": rng.integers(1, 10, options) * 1e8,
            "people_pct": rng.choice([0.0, 10.0, 100.0], options, p=[0.6, 0.35, 0.05]),
            "maintenance": rng.integers(0, 3, options) * 1e7,
            "places": np.where(rng.random(options) < 0.5, np.inf, rng.integers(1, 4, options)),
            "years": (rng.random(options) < 0.25).astype(int),
        },
        index=[f"o{at}" for at in range(options)],
    )
    gaps = {}
    for village in range(villages):
        for name in "abc"[: rng.integers(1, 4)]:
            ways = []
            for _ in range(rng.integers(1, 3)):
                of = tuple(sorted(rng.choice(options, rng.integers(1, 4), replace=False).tolist()))
                amounts = tuple(rng.integers(1, 4, len(of)).astype(float).tolist())
                need = float(rng.integers(1, int(sum(amounts)) + 1)) if rng.random() < 0.4 else sum(amounts)
                takes = tuple((rng.integers(0, 3, len(of)) * (rng.random() < 0.4)).astype(float).tolist())
                ways.append(Way(of, amounts, need, takes))
            gaps[village, name] = tuple(ways)
    request = Request(
        years=tuple(range(2026, 2026 + years)),
        funds=tuple(a_fund(rng, at, years) for at in range(funds)),
        floor=[{}, {}, {}, {"works": 1}, {"villages": 1}, {"vnd": 3e8}][rng.integers(6)],
        essential=("water",) if rng.random() < 0.3 else (),
        maintenance=bool(rng.random() < 0.4),
        seconds=20.0,
    )
    money = np.array([fund.amounts for fund in request.funds], dtype=float)
    owed = []
    for at, fund in enumerate(request.funds):
        left = fund.debts
        for year in range(years):
            paid = min(left, money[at, year])
            money[at, year] -= paid
            left -= paid
        owed.append(left)
    return Problem(
        villages=pd.Index([f"v{at}" for at in range(villages)]),
        weights=rng.integers(1, 4, villages).astype(float),
        people=rng.integers(10, 99, villages).astype(float),
        communes=np.arange(villages) % communes,
        commune_ids=("c0", "c1"),
        rules=[a_rule(rng, [name for v, name in gaps if v == at]) for at in range(villages)],
        gaps=gaps,
        options=table,
        locked=rng.random(options) < 0.08,
        commune_of=rng.integers(0, communes, options),
        payable=rng.random((options, funds)) < 0.75,
        money=money,
        request=request,
        keeps=rng.random((options, funds)) < 0.6,
        debts_left=np.array(owed),
        first=frozenset(gap for gap in gaps if gap[1] == "a") if request.essential else frozenset(),
    )


def a_fund(rng, at, years):
    some = lambda value: value if rng.random() < 0.25 else None  # noqa: E731
    return Fund(
        f"f{at}",
        f"F{at}",
        tuple(rng.integers(0, 16, years) * 1e8),
        carry=bool(rng.random() < 0.6),
        total=some(1.2e9),
        share_pct=100.0 if rng.random() < 0.6 else 60.0,
        most_per_work=some(5e8),
        most_per_commune=some(9e8) if rng.random() < 0.5 else some({"c0": 6e8}),
        debts=float(rng.integers(0, 3)) * 1e8,
    )


def a_rule(rng, names):
    leaves = [*names, "missing"] if rng.random() < 0.1 else list(names)
    kind = rng.random()
    if kind < 0.1:
        return [True, None, False, 1][rng.integers(4)]
    if kind < 0.2:
        leaves.append(1)
    if kind < 0.65:
        return at_least(None, leaves)
    if kind < 0.85:
        return at_least(max(1, len(leaves) - 1), [*leaves[:-1], at_least(1, leaves[-2:])])
    return Points(float(rng.integers(2, 6)), 1.0, tuple((float(rng.integers(1, 4)), one) for one in leaves))


# What follows counts by itself and shares nothing with what is tested but the problem.


def gone(way, serves, year):
    given = sum(a for o, a in zip(way.options, way.amounts, strict=True) if serves[o] <= year)
    return given >= way.need - 1e-9


def holds(rule, closed, year):
    if rule is True or rule is None:
        return True
    if rule is False:
        return False
    if isinstance(rule, str):
        return closed(rule)
    if isinstance(rule, int):
        return year >= rule
    if isinstance(rule, Points):
        return rule.base + sum(p for p, one in rule.parts if holds(one, closed, year)) >= rule.wanted - 1e-9
    return sum(holds(one, closed, year) for one in rule[1]) >= rule[0]


def limits(problem):
    """VND that each fund may pay of each work at most."""
    whole, costs = problem.options["cost"].to_numpy(), problem.costs
    return np.array(
        [
            [
                min(costs[o], whole[o] * fund.share_pct / 100, fund.most_per_work or np.inf)
                * problem.payable[o, f]
                for f, fund in enumerate(problem.request.funds)
            ]
            for o in range(len(costs))
        ]
    ).reshape(len(costs), len(problem.request.funds))


def paid_for(problem, year):
    """Whether the money pays for works in some years, by a linear programme of its own."""
    chosen = [o for o in range(len(year)) if year[o] >= 0]
    funds, most, years = problem.request.funds, limits(problem), problem.years
    if any(most[o].sum() < problem.costs[o] - 1 for o in chosen):
        return False
    pays = [("pay", o, f, year[o]) for o in chosen for f in range(len(funds))]
    upkeep = problem.options["maintenance"].to_numpy() * problem.request.maintenance
    after = problem.options["years"].to_numpy()
    dues = [(o, u) for o in chosen for u in range(year[o] + after[o] + 1, years) if upkeep[o] > 0]
    keeps = [("keep", o, f, u) for o, u in dues for f in range(len(funds)) if problem.keeps[o, f]]
    columns = [*pays, *keeps]
    equal = [([c[:2] == ("pay", o) for c in columns], problem.costs[o]) for o in chosen]
    equal += [([c[0] == "keep" and c[1] == o and c[3] == u for c in columns], upkeep[o]) for o, u in dues]
    most_rows = []
    for f, fund in enumerate(funds):
        for at in range(years):
            when = (lambda u, at=at: u <= at) if fund.carry else (lambda u, at=at: u == at)
            have = problem.money[f, : at + 1].sum() if fund.carry else problem.money[f, at]
            most_rows.append(([c[2] == f and when(c[3]) for c in columns], have))
        if fund.total is not None:
            spent = fund.debts - problem.debts_left[f]
            most_rows.append(([c[2] == f for c in columns], max(0.0, fund.total - spent)))
        for k, name in enumerate(problem.commune_ids):
            ceiling = fund.most_per_commune
            ceiling = ceiling.get(name) if isinstance(ceiling, dict) else ceiling
            if ceiling is not None:
                inside = [c[0] == "pay" and c[2] == f and problem.commune_of[c[1]] == k for c in columns]
                most_rows.append((inside, ceiling))
    if not columns:
        return all(abs(value) < 1 for _, value in equal)
    bounds = [(0, most[c[1], c[2]] / 1e6 if c[0] == "pay" else None) for c in columns]
    found = linprog(
        np.zeros(len(columns)),
        A_ub=np.array([row for row, _ in most_rows], dtype=float),
        b_ub=np.array([value for _, value in most_rows]) / 1e6 + 1e-7,
        A_eq=np.array([row for row, _ in equal], dtype=float) if equal else None,
        b_eq=np.array([value for _, value in equal]) / 1e6 if equal else None,
        bounds=bounds,
    )
    return found.status == 0


def chances(problem):
    """Every way to keep places: for each gap the positions of the ways that may be gone."""
    places = problem.options["places"].to_numpy()
    each = []
    for ways in problem.gaps.values():
        asks = [at for at, way in enumerate(ways) if taking(places, way)]
        free = [at for at in range(len(ways)) if at not in asks]
        each.append([tuple(free), *((*free, at) for at in asks)])
    return [dict(zip(problem.gaps, one, strict=True)) for one in product(*each)]


def keeps_places(problem, chance, serves):
    places, used = problem.options["places"].tolist(), {}
    for gap, open_ in chance.items():
        for at in open_:
            for option, takes in taking(places, problem.gaps[gap][at]):
                if serves[option] >= problem.years:
                    return False
                used[option] = used.get(option, 0.0) + takes
    return all(total <= places[option] + 1e-9 for option, total in used.items())


def could_do(problem):
    """Options, gaps and villages that could be built, closed and pass whatever money there is."""
    most, after, last = limits(problem), problem.options["years"].to_numpy(), problem.years - 1
    able = np.array([most[o].sum() >= problem.costs[o] - 1 or problem.locked[o] for o in range(len(after))])
    able &= after <= last
    places, useful, gaps = problem.options["places"].to_numpy(), set(), set()
    for gap, ways in problem.gaps.items():
        for way in ways:
            takes = taking(places, way)
            if all(able[o] and t <= places[o] for o, t in takes) and gone(way, np.where(able, 0, NEVER), 0):
                gaps.add(gap)
                useful |= {o for o in way.options if able[o]}
    villages = {
        v
        for v, rule in enumerate(problem.rules)
        if rule is not True and rule is not None and holds(rule, lambda name, v=v: (v, name) in gaps, last)
    }
    return useful, gaps, villages


def taking(places, way):
    return [(o, t) for o, t in zip(way.options, way.takes, strict=True) if t > 0 and np.isfinite(places[o])]


def ordered(problem, year, closed, could):
    """Whether what does not come first waits for what does."""
    if not problem.first:
        return True
    after, last = problem.options["years"].tolist(), problem.years - 1
    first = {o for gap in problem.first for way in problem.gaps[gap] for o in way.options}
    for o in range(len(year)):
        if year[o] < 0 or problem.locked[o] or o in first:
            continue
        if problem.options["sector"].iat[o] in problem.request.essential:
            continue
        village = int(problem.options["village_id"].iat[o][1:])
        for gap in problem.first:
            if gap[0] == village and gap in could[1] and not closed(gap, min(year[o] + after[o], last)):
                return False
    return True


def floors_hold(problem, year, serves, chance, passing, could):
    floor, last = problem.request.floor, problem.years - 1
    if not floor:
        return True
    ((kind, asked),) = floor.items()
    for commune in range(len(problem.commune_ids)):
        if kind == "villages":
            inside = [v for v in range(len(problem.rules)) if problem.communes[v] == commune]
            if sum(v in passing for v in inside) < min(asked, sum(v in could[2] for v in inside)):
                return False
            continue
        value = np.ones(len(year)) if kind == "works" else problem.options["cost"].to_numpy()
        counts = most = 0.0
        for o in range(len(year)):
            if problem.commune_of[o] != commune:
                continue
            if problem.locked[o] or o in could[0]:
                most += value[o]
            helps = serves[o] <= last and any(
                o in problem.gaps[gap][at].options and gone(problem.gaps[gap][at], serves, last)
                for gap, open_ in chance.items()
                for at in open_
            )
            counts += value[o] * (problem.locked[o] or (year[o] >= 0 and helps))
        if counts < min(asked, most) - 1e-3:
            return False
    return True


def best_by_counting(problem):
    """The best values, in the order of what matters; None where nothing keeps to the rules."""
    years, last = problem.years, problem.years - 1
    after = problem.options["years"].tolist()
    cost = problem.options["cost"].tolist()
    possible = [range(0, years) if locked else range(-1, years) for locked in problem.locked]
    kept, could = chances(problem), could_do(problem)
    found, costs, money = {}, problem.costs.tolist(), problem.money.sum()
    payable = (limits(problem).sum(axis=1) >= problem.costs - 1).tolist()
    for year in product(*possible):
        chosen = [option for option, at in enumerate(year) if at >= 0]
        if sum(costs[o] for o in chosen) > money + 1 or not all(payable[o] for o in chosen):
            continue
        serves = [at + more if at >= 0 else NEVER for at, more in zip(year, after, strict=True)]
        done = {
            (gap, at): [gone(way, serves, at) for way in ways]
            for gap, ways in problem.gaps.items()
            for at in range(years)
        }
        for chance in kept:
            if not keeps_places(problem, chance, serves):
                continue

            def closed(gap, at, chance=chance, done=done):
                return any(done[gap, at][way] for way in chance.get(gap, ()))

            passing = [
                {
                    v
                    for v, rule in enumerate(problem.rules)
                    if rule is not True
                    and rule is not None
                    and holds(rule, lambda name, v=v, at=at, closed=closed: closed((v, name), at), at)
                }
                for at in range(years)
            ]
            if not ordered(problem, year, closed, could):
                continue
            if not floors_hold(problem, year, serves, chance, passing[last], could):
                continue
            value = (
                sum(problem.weights[v] for v in passing[last]),
                sum(problem.weights[v] for at in range(last) for v in passing[at]),
                sum(closed(gap, last) for gap in problem.gaps),
                sum(problem.people[v] for v in passing[last]),
                -round(sum(c for c, at in zip(cost, year, strict=True) if at >= 0) / 1e6, 3),
            )
            found.setdefault(value, set()).add(year)
    for value in sorted(found, reverse=True):
        if any(paid_for(problem, year) for year in sorted(found[value])):
            return value
    return None


def values_of(problem, answer):
    counted = tally(problem, answer.year, answer.ways)
    last = problem.years - 1
    new = [(v, at) for v, at in enumerate(counted.passes) if 0 <= at < NEVER]
    return (
        sum(problem.weights[v] for v, _ in new),
        sum(problem.weights[v] * (last - at) for v, at in new),
        sum(at <= last for at in counted.closes.values()),
        sum(problem.people[v] for v, _ in new),
        -round(float(problem.options["cost"].to_numpy()[answer.year >= 0].sum()) / 1e6, 3),
    )


@pytest.mark.parametrize("tens", range(20))
def test_one_year_is_as_good_as_counting_through_all(tens):
    for seed in range(10):
        agrees(a_problem(10 * tens + seed, options=4 + seed % 3))


@pytest.mark.parametrize("tens", range(8))
def test_two_years_are_as_good_as_counting_through_all(tens):
    for seed in range(10):
        agrees(a_problem(1000 + 10 * tens + seed, years=2, options=3 + seed % 2))


def agrees(problem):
    best = best_by_counting(problem)
    if best is None:
        with pytest.raises(PlanError):
            optimise(problem)
        return
    answer = optimise(problem)
    assert answer.stopped == "optimal"
    assert values_of(problem, answer) == best
    assert answer.bound == best[0] >= answer.floor
    assert paid_for(problem, answer.year.tolist())
    assert np.allclose(answer.paid.sum(axis=(1, 2)), np.where(answer.year >= 0, problem.costs, 0.0), atol=1)


# Laws and limits.


def weight(problem):
    answer = optimise(problem)
    assert answer.stopped == "optimal"
    return values_of(problem, answer)[0]


def plain(seed, **changes):
    """A problem without floors, order and works that must be in, so that some plan always keeps to the rules."""
    problem = a_problem(seed, **changes)
    request = replace(problem.request, floor={}, essential=())
    return replace(
        problem, request=request, locked=np.zeros(len(problem.options), dtype=bool), first=frozenset()
    )


@pytest.mark.parametrize("seed", range(12))
def test_more_money_never_means_fewer_villages(seed):
    problem = plain(2000 + seed, years=1 + seed % 2)
    passing = [weight(replace(problem, money=problem.money * more)) for more in (0, 0.5, 1, 1.5, 3)]
    assert passing == sorted(passing)


@pytest.mark.parametrize("seed", range(8))
def test_more_money_never_means_fewer_villages_where_some_works_come_first(seed):
    problem = plain(2100 + seed)
    problem = replace(
        problem,
        request=replace(problem.request, essential=("water",)),
        first=frozenset(gap for gap in problem.gaps if gap[1] == "a"),
    )
    passing = [weight(replace(problem, money=problem.money * more)) for more in (0, 0.5, 1, 2)]
    assert passing == sorted(passing)


@pytest.mark.parametrize("seed", range(8))
def test_an_option_less_never_means_more_villages(seed):
    problem = plain(2200 + seed)
    before = weight(problem)
    for option in range(len(problem.options)):
        most = problem.payable.copy()
        most[option] = False
        costs = problem.options.assign(
            people_pct=problem.options["people_pct"].where(problem.options.index != f"o{option}", 0.0)
        )
        assert weight(replace(problem, payable=most, options=costs)) <= before


@pytest.mark.parametrize("seed", range(6))
def test_weights_of_another_scale_change_nothing_but_the_scale(seed):
    problem = plain(2300 + seed)
    assert weight(replace(problem, weights=problem.weights * 7.5)) == pytest.approx(7.5 * weight(problem))


def test_what_is_locked_in_is_in_although_it_helps_nobody():
    problem = plain(2400)
    problem = replace(problem, money=problem.money + 2e10, payable=np.ones_like(problem.payable))
    funds = tuple(
        replace(f, total=None, share_pct=100.0, most_per_work=None, most_per_commune=None)
        for f in problem.request.funds
    )
    problem = replace(problem, request=replace(problem.request, funds=funds))
    for option in range(len(problem.options)):
        locked = np.arange(len(problem.options)) == option
        assert optimise(replace(problem, locked=locked)).year[option] >= 0


def tiny(costs, amounts, *, locked=(), fund=None, **request):
    """Villages v0, v1 ... each with one gap that its own work closes; one fund."""
    count, years = len(costs), len(amounts)
    table = pd.DataFrame(
        {
            "sector": "roads",
            "village_id": [f"v{at}" for at in range(count)],
            "cost": costs,
            "people_pct": 0.0,
            "maintenance": 0.0,
            "places": np.inf,
            "years": 0,
        },
        index=[f"o{at}" for at in range(count)],
    )
    return Problem(
        villages=pd.Index(table["village_id"]), weights=np.ones(count), people=np.ones(count),
        communes=np.arange(count), commune_ids=tuple(f"c{at}" for at in range(count)), rules=["a"] * count,
        gaps={(at, "a"): (Way((at,), (1.0,), 1.0, (0.0,)),) for at in range(count)}, options=table,
        locked=np.isin(np.arange(count), locked), commune_of=np.arange(count),
        payable=np.ones((count, 1), dtype=bool), money=np.array([amounts], dtype=float),
        request=Request(
            years=tuple(range(2026, 2026 + years)), funds=(fund or Fund("f", "Road fund", tuple(amounts)),), **request
        ),
        keeps=np.zeros((count, 1), dtype=bool), debts_left=np.zeros(1),
    )  # fmt: skip


def test_no_money_makes_nobody_pass_and_is_no_fault():
    answer = optimise(tiny([1e9, 2e9], [0.0]))
    assert (answer.year == -1).all() and answer.bound == 0 and answer.stopped == "optimal"


def test_without_any_fund_only_what_costs_nothing_is_built():
    problem = tiny([1e9, 0.0], [1e9])
    none = np.zeros((2, 0), dtype=bool)
    request = replace(problem.request, funds=())
    problem = replace(
        problem, payable=none, keeps=none, money=np.zeros((0, 1)), debts_left=np.zeros(0), request=request
    )
    assert optimise(problem).year.tolist() == [-1, 0]


def test_a_village_passes_as_soon_as_the_money_is_there():
    answer = optimise(tiny([2e9, 1e9], [1e9, 1e9, 1e9]))
    assert answer.year.tolist() == [2, 0]


def test_what_is_not_carried_over_is_gone():
    fund = Fund("f", "F", (1e9, 1e9), carry=False)
    assert optimise(tiny([2e9], [1e9, 1e9], fund=fund)).bound == 0


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (tiny([3e9], [1e9, 1e9], locked=[0]), "plan-cannot-by-year", "“Road fund” 1,000 million"),
        (
            tiny([3e9], [1e9, 2e9], locked=[0], fund=Fund("f", "Road fund", (1e9, 2e9), carry=False)),
            "plan-cannot-year",
            "1,000 million VND more than it has in 2027",
        ),
        (tiny([3e9], [9e9], locked=[0], fund=Fund("f", "F", (9e9,), total=1e9)), "plan-cannot-total", "2,000 million"),
        (
            tiny([3e9], [9e9], locked=[0], fund=Fund("f", "F", (9e9,), most_per_commune={"c0": 1e9})),
            "plan-cannot-commune",
            "2,000 million VND more than it may spend in commune c0",
        ),
        (
            tiny([3e9], [9e9], locked=[0], fund=Fund("f", "F", (9e9,), share_pct=60)),
            "plan-cannot-pay-whole-work",
            "o0 must be in and costs the funds 3,000 million VND, but together they may pay 1,800 million",
        ),
        (tiny([1e9, 3e9], [2e9], floor={"works": 1}), "plan-cannot-floor-works", "Commune c1"),
        (tiny([1e9, 3e9], [2e9], floor={"villages": 1}), "plan-cannot-floor-villages", "In commune c1"),
        (tiny([1e9, 3e9], [2e9], floor={"vnd": 5e8}), "plan-cannot-floor-vnd", "Commune c1"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_fund_year_and_commune(problem, code, said):
    with pytest.raises(PlanError) as caught:
        optimise(problem)
    assert caught.value.code == code
    assert said in caught.value.say("en")
    assert "{" not in caught.value.say("vi")


def test_communes_in_which_nothing_can_be_done_are_exempt_and_named():
    problem = tiny([1e9, 2e9], [9e9], floor={"works": 1})
    problem = replace(problem, payable=np.array([[True], [False]]))
    answer = optimise(problem)
    assert answer.year.tolist() == [0, -1]
    assert [(one.code, one.arguments["communes"]) for one in answer.binds] == [("plan-floor-exempt", ["c1"])]


def test_who_takes_places_of_something_passes_no_sooner_than_it_serves():
    problem = tiny([1e8, 1e8], [9e9, 9e9])
    table = problem.options.assign(places=[np.inf, 1.0], years=[0, 1])
    # the first alone is enough, but the way takes the place of the second
    way = Way((0, 1), (1.0, 1.0), 1.0, (0.0, 1.0))
    problem = replace(problem, options=table, gaps={(0, "a"): (way,)}, rules=["a", False])
    answer = optimise(problem)
    assert tally(problem, answer.year, answer.ways).passes.tolist() == [1, NEVER]
    assert tally(problem, np.array([0, -1]), {(0, "a"): 0}).passes[0] == NEVER


def test_a_search_that_is_cancelled_returns_the_best_so_far():
    told = []
    answer = optimise(
        tiny([1e9] * 6, [3e9]),
        report=lambda *given, **more: told.append((given, more)),
        cancelled=lambda: True,
    )
    assert (answer.year >= 0).sum() <= 3


def test_an_earlier_answer_is_never_lost():
    problem = plain(2500)
    answer = optimise(problem)
    again = optimise(replace(problem, request=replace(problem.request, seconds=0.0)), start=answer)
    assert values_of(problem, again)[0] == values_of(problem, answer)[0]


def test_the_same_question_has_the_same_answer():
    problem = a_problem(7, years=2)
    first, second = optimise(problem), optimise(problem)
    assert first.year.tolist() == second.year.tolist() and first.ways == second.ways
    assert (first.paid == second.paid).all()


# Covering.


def test_covering_is_as_good_as_trying_all_sites():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        reaches, weights = rng.random((25, 8)) < 0.25, rng.integers(1, 9, 25).astype(float)
        found = cover(reaches, weights, 3)
        best = max(weights[reaches[:, list(of)].any(axis=1)].sum() for of in combinations(range(8), 3))
        assert found.value == found.bound == best >= found.grown
        assert found.chosen.sum() <= 3 and weights[reaches[:, found.chosen].any(axis=1)].sum() == best


def test_median_is_as_good_as_trying_all_sites():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        costs, weights = rng.integers(0, 30, (15, 7)).astype(float), rng.integers(1, 9, 15).astype(float)
        found = median(costs, weights, 2)
        best = min((weights * costs[:, list(of)].min(axis=1)).sum() for of in combinations(range(7), 2))
        assert found.value == pytest.approx(best) and found.bound == pytest.approx(best)
        assert (weights * costs[:, found.chosen].min(axis=1)).sum() == pytest.approx(best)
