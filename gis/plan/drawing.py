"""A plan drawn again quickly from one that is nearly right: what passes, and by which works."""

from dataclasses import dataclass

import numpy as np

from gis.plan.answer import NEVER
from gis.plan.cannot import refuse
from gis.plan.model import Model
from gis.plan.preparing import prepare
from gis.plan.terms import holds_since

PARTS = (0.6, 0.25, 0.15)
"""Of the time: for villages that pass, for gaps that close, for little money."""


@dataclass(frozen=True)
class Drawn:
    """What was drawn.

    Attributes
    ----------
    works : tuple of str
        Ids of the chosen options.
    passing : int
        Villages that newly pass.
    bound : float
        No choice makes villages of a greater weight pass.
    ended : bool
        Whether the search for villages that pass came to its end within the time.
    """

    works: tuple
    passing: int
    bound: float
    ended: bool


def draw(problem, start, *, seconds, cancelled=None):
    """The works by which most villages pass, then most gaps close, for little money; without growing a start.

    Parameters
    ----------
    problem : Problem
    start : Answer
        A choice that keeps to the rules of the problem, from where the search begins.
    seconds : float
    cancelled : callable, optional

    Returns
    -------
    Drawn

    Raises
    ------
    PlanError
        If what is locked in cannot be paid.
    """
    ready = prepare(problem)
    model = Model(ready, last=True)
    aims = model.passing(), model.closing(), model.costing()
    model.finish()
    kept = ready.found.kept_by(start.ways)
    year = np.where(ready.able | problem.locked, start.year, -1)
    watch = None if cancelled is None else (lambda value, bound: bool(cancelled()))
    bound, ended = float(sum(weight for _, weight, _ in ready.villages)), not aims[0]
    bound = bound if aims[0] else 0.0
    for number, (gain, part) in enumerate(zip(aims, PARTS, strict=True)):
        if not gain and number:
            continue
        solved = model.programme.solve(
            gain,
            least=number == 2,
            seconds=part * seconds,
            start=model.start(year, kept),
            watch=watch,
        )
        if solved.values is None:
            if number == 0:
                refuse(ready)
                refuse(ready, floors=bool(ready.floors))
            break
        year, kept = model.choice(solved.values)
        if number == 0:
            bound = min(bound, solved.bound) if np.isfinite(solved.bound) else bound
            ended = solved.state == "optimal"
        if number < 2:
            model.keep(
                gain, sum(value * solved.values[column] for column, value in gain.items()), whole=_whole(gain)
            )
    serves = np.where(year >= 0, year + ready.after, NEVER)
    when = holds_since(ready.found, serves, kept)
    passing = sum(
        when[ready.found.villages[at]] <= ready.final
        for at, rule in enumerate(problem.rules)
        if rule is not True and rule is not None
    )
    works = tuple(problem.options.index[year >= 0])
    return Drawn(works, int(passing), bound + ready.sure, ended)


def _whole(gain):
    return all(float(value).is_integer() for value in gain.values())
