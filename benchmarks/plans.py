"""Covering and p-median beside spopt with CBC, and plans of an invented province, which no rival makes."""

import time

import numpy as np
import pandas as pd

from benchmarks.rivals import rival
from benchmarks.table import Row, compared, here, processor_seconds
from gis.plan.answer import tally
from gis.plan.covering import cover, median
from gis.plan.problem import Problem, Way
from gis.plan.request import Fund, Request
from gis.plan.rules import at_least
from gis.plan.solving import optimise

SIZES = {
    "quick": ((200, 40, 5), (40, 12, 3), (), (100, (1,), 5.0)),
    "usual": ((1000, 200, 20), (100, 30, 5), (10_000, 2000, 50), (1000, (1, 5), 60.0)),
    "large": ((1000, 200, 20), (200, 50, 8), (10_000, 2000, 50), (1000, (1, 5), 60.0)),
}
"""Demand, sites and how many are chosen, for covering, for p-median and for covering without the exact answer; villages,
years and seconds of a plan."""


def rows(size, turns, seed):
    """Rows of covering and p-median beside spopt, of covering at a size for a bound alone, and of plans."""
    covering, medians, large, (villages, years, seconds) = SIZES[size]
    for what, (demand, sites, most), radius in (
        ("maximal covering", covering, 0.08),
        ("p-median", medians, 0.0),
    ):
        costs, weights = square(demand, sites, seed)

        def ours(costs=costs, weights=weights, most=most, radius=radius):
            found = cover(costs < radius, weights, most) if radius else median(costs, weights, most)
            return found.value

        inputs = {"costs": costs, "weights": weights, "radius": np.array(radius), "most": np.array(most)}

        def agree(one, other):
            return abs(one - float(other[0])) <= 1e-6 * abs(
                one
            ), f"optimum {one:,.2f} and {float(other[0]):,.2f}"

        name = f"{demand:,} demand, {sites} sites, {most} chosen"
        yield from compared(what, name, here(ours), {"spopt": rival("spopt", inputs)}, agree, turns)
    if large:
        demand, sites, most = large
        costs, weights = square(demand, sites, seed)
        started = processor_seconds()
        found = cover(costs < 0.04, weights, most, seconds=0)
        spent = processor_seconds() - started
        share = 100 * found.value / found.bound
        name = f"{demand:,} demand, {sites:,} sites, {most} chosen"
        yield Row("covering by growing and exchange", name, spent, agreement=f"{share:.1f} % of the bound")
    for count in years:
        problem = province(seed, villages=villages, years=count, seconds=seconds)
        started, wall = processor_seconds(), time.perf_counter()
        answer = optimise(problem)
        spent, wall = processor_seconds() - started, time.perf_counter() - wall
        passing = tally(problem, answer.year, answer.ways).weight
        name = f"{villages:,} villages, {len(problem.options):,} options, 3 funds, {count} years"
        words = f"{passing:.0f} villages of {answer.bound:.0f} at most, grown {answer.floor:.0f}, {wall:.0f} s in all"
        yield Row("a plan", name, spent, agreement=words)


def square(demand, sites, seed):
    """Distances between demand and sites anywhere in a square of side 1, and weights of 1 to 99."""
    rng = np.random.default_rng(seed)
    ends, places = rng.random((demand, 2)), rng.random((sites, 2))
    return np.hypot(*(ends[:, None] - places[None]).transpose(2, 0, 1)), rng.integers(1, 100, demand).astype(
        float
    )


def province(seed, *, villages=1000, years=1, share=0.35, seconds=60.0):
    """A province as planners know it, as a problem.

    Villages lie in communes; each lacks three to six things. Roads are a tree from each commune's centre outwards, so
    that those further out need the stretches of those nearer in; stations, masts and schools serve several villages and
    hold only so many; the rest is the village's own. Some gaps have a dearer way beside. Three funds: for roads, for
    services, and a wide one that pays six tenths of anything.

    Parameters
    ----------
    share : float
        Of the cost of all works for which there is money.
    """
    rng = np.random.default_rng(seed)
    communes = max(2, villages // 12)
    commune = np.sort(rng.integers(0, communes, villages))
    rows, gaps = [], {}

    def option(sector, village, cost, places=np.inf, years_=0):
        rows.append((sector, f"v{village:05d}", cost, places, years_))
        return len(rows) - 1

    def close(village, criterion, *ways):
        made = []
        for of, takes in ways:
            ids = tuple(sorted(of))
            made.append(
                Way(ids, (1.0,) * len(ids), float(len(ids)), tuple(takes if o == of[0] else 0.0 for o in ids))
            )
        gaps[village, criterion] = tuple(made)

    people = rng.integers(60, 900, villages).astype(float)
    for at in range(communes):
        members = np.flatnonzero(commune == at).tolist()
        if not members:
            continue
        # the tree of the commune's roads: each village hangs on one nearer to the centre, or on the centre
        stretch, above = {}, {}
        for number, village in enumerate(members):
            above[village] = members[rng.integers(0, number)] if number and rng.random() < 0.7 else None
            if rng.random() < 0.75:
                stretch[village] = option("roads", village, rng.lognormal(np.log(1.8e9), 0.6), years_=0)
        for village in members:
            way, here = [], village
            while here is not None:
                way += [stretch[here]] if here in stretch else []
                here = above[here]
            if way and rng.random() < 0.7:
                ways = [(way, 0.0)]
                if rng.random() < 0.15:
                    ways.append(([option("roads", village, rng.lognormal(np.log(4e9), 0.4))], 0.0))
                close(village, "road", *ways)
        # what several share: sites with room for some of those near
        for criterion, sector, cost, reach, room in (
            ("health", "health", 2.5e9, 5, 1500),
            ("signal", "telecom", 0.83e9, 4, np.inf),
            ("school", "schools", 3e9, 5, 900),
            ("water", "water", 2e9, 3, 800),
        ):
            lacking = [village for village in members if rng.random() < 0.45]
            sites = [
                option(sector, village, rng.lognormal(np.log(cost), 0.3), room if room < np.inf else np.inf)
                for village in lacking[: max(1, len(lacking) // 2)]
            ]
            for number, village in enumerate(lacking):
                near = [site for place, site in enumerate(sites) if abs(2 * place - number) < reach]
                if near:
                    close(village, criterion, *[([site], people[village] * 0.4) for site in near])
        for criterion, sector, cost in (
            ("culture", "culture", 1.2e9),
            ("power", "power", 0.6e9),
            ("irrigation", "irrigation", 1.5e9),
            ("alleys", "roads", 0.5e9),
        ):
            for village in members:
                if rng.random() < 0.3:
                    close(
                        village, criterion, ([option(sector, village, rng.lognormal(np.log(cost), 0.5))], 0.0)
                    )
    table = pd.DataFrame(rows, columns=["sector", "village_id", "cost", "places", "years"])
    table["cost"] = (table["cost"] / 1e7).round() * 1e7
    table["people_pct"], table["maintenance"] = (
        np.where(table["sector"] == "roads", 10.0, 0.0),
        table["cost"] * 0.02,
    )
    table.index = [f"o{at:06d}" for at in range(len(table))]
    total = share * table["cost"].sum()
    each = [0.35 * total, 0.35 * total, 0.3 * total]
    spread = np.linspace(0.8, 1.2, years) / years
    funds = tuple(
        Fund(name, name, tuple((amount * spread).tolist()), share_pct=pct)
        for name, amount, pct in zip(("roads", "services", "wide"), each, (100.0, 100.0, 60.0), strict=True)
    )
    roads = (table["sector"] == "roads").to_numpy()
    order = sorted(gaps)
    names = [[] for _ in range(villages)]
    for village, criterion in order:
        names[village].append(criterion)
    return Problem(
        villages=pd.Index([f"v{at:05d}" for at in range(villages)]),
        weights=np.ones(villages),
        people=people,
        communes=commune,
        commune_ids=tuple(f"c{at:03d}" for at in range(communes)),
        rules=[True if not each else at_least(None, each) for each in names],
        gaps={gap: gaps[gap] for gap in order},
        options=table,
        locked=np.zeros(len(table), dtype=bool),
        commune_of=commune[[int(one[1:]) for one in table["village_id"]]],
        payable=np.column_stack([roads, ~roads, np.ones(len(table), dtype=bool)]),
        money=np.array([fund.amounts for fund in funds]),
        request=Request(years=tuple(range(2026, 2026 + years)), funds=funds, seconds=seconds),
    )
