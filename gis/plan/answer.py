"""What a choice of works comes to under a problem: who passes when, what closes; the one place where it is counted."""

from dataclasses import dataclass

import numpy as np

from gis.plan.rules import Points

NEVER = 1 << 30
"""The year of what does not come about."""


@dataclass(frozen=True)
class Answer:
    """A choice of works for a problem, and how good any choice could be.

    Attributes
    ----------
    year : array of int
        For each option the year of the plan in which it is paid; -1 where it is not chosen.
    paid : array of float, shape (options, funds, years)
        VND that each fund pays for it each year.
    ways : dict of (int, str) to int
        Which way closes a gap: its position in the ways of the gap. Of options with limited places only as many gaps
        are closed as they hold.
    bound : float
        No choice makes villages of a greater weight pass.
    floor : float
        The weight that greedy with exchange reached.
    stopped : str
        ``optimal``, ``time``, ``cancelled``.
    seconds : float
    binds : tuple of Problem
        What stands in the way of more: sentences.
    upkeep : array of float, shape (funds, years), or None
        VND that each fund pays each year for the upkeep of works; None where nobody asked for it.
    """

    year: np.ndarray
    paid: np.ndarray
    ways: dict
    bound: float
    floor: float
    stopped: str
    seconds: float
    binds: tuple = ()
    upkeep: np.ndarray | None = None


@dataclass(frozen=True)
class Tally:
    """What a choice comes to.

    Attributes
    ----------
    closes : dict of (int, str) to int
        The year of the plan in which each gap closes.
    passes : array of int
        The year in which each village passes: -1 where it passed before, `NEVER` where it does not.
    weight, people : float
        Of the villages that newly pass.
    """

    closes: dict
    passes: np.ndarray
    weight: float
    people: float


def tally(problem, year, ways):
    """Count what works come to that are paid in some years.

    Parameters
    ----------
    problem : Problem
    year : array of int
        As of `Answer`.
    ways : dict of (int, str) to int
        As of `Answer`.

    Returns
    -------
    Tally
    """
    serves = np.where(year >= 0, year + problem.options["years"].to_numpy(), NEVER)
    closes, places = {}, problem.options["places"].to_numpy(dtype=float)
    for gap, at in ways.items():
        way = problem.gaps[gap][at]
        # places can only be taken where they are
        taken = [o for o, t in zip(way.options, way.takes, strict=True) if t > 0 and np.isfinite(places[o])]
        when = max([ready(way, serves), *(int(serves[option]) for option in taken)])
        if when < NEVER:
            closes[gap] = when
    last = problem.years - 1
    passes = np.full(len(problem.rules), NEVER)
    for at, rule in enumerate(problem.rules):
        if rule is True or rule is None:
            passes[at] = -1
        elif rule is not False:
            when = since(rule, lambda name, at=at: closes.get((at, name), NEVER))
            passes[at] = when if when <= last else NEVER
    new = (passes >= 0) & (passes < NEVER)
    return Tally(closes, passes, float(problem.weights[new].sum()), float(problem.people[new].sum()))


def ready(way, serves):
    """The year in which a way is gone, by the years in which options serve."""
    return reached(way.need, [(int(serves[one]), a) for one, a in zip(way.options, way.amounts, strict=True)])


def reached(wanted, parts):
    """The year in which parts, as pairs of year and amount, come to what is wanted; `NEVER` where they do not."""
    given = 0.0
    for year, amount in sorted(parts):
        given += amount
        if given >= wanted - 1e-9:
            return min(year, NEVER)
    return NEVER


def since(rule, closes):
    """The year from which a rule holds, by a function of criterion to the year in which its gap closes."""
    if rule is True or rule is None:
        return 0
    if rule is False:
        return NEVER
    if isinstance(rule, str):
        return closes(rule)
    if isinstance(rule, int):
        return rule
    if isinstance(rule, Points):
        return reached(
            rule.wanted - rule.base, [(since(part, closes), points) for points, part in rule.parts]
        )
    wanted, parts = rule
    return sorted(since(part, closes) for part in parts)[wanted - 1]
