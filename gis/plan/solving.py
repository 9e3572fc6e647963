"""The best choice of works, in the order of what matters, and how far from the best it may be."""

import time
from dataclasses import dataclass, replace

import numpy as np

from gis.errors import PlanError
from gis.plan.answer import NEVER, Answer
from gis.plan.cannot import refuse
from gis.plan.greedy import grow
from gis.plan.model import Model
from gis.plan.payments import split
from gis.plan.preparing import prepare
from gis.plan.sooner import sooner
from gis.plan.terms import holds_since

FIRST = 0.7
"""Part of the time for the villages that pass; what is left goes to what matters after that."""
RELAXED = 0.3
"""Part of the time that the relaxed programme may take."""
LARGE = 8000
"""Columns from which on the years of the works that were chosen are settled by themselves first."""


def optimise(problem, *, report=None, cancelled=None, start=None):
    """The choice of works by which villages of the greatest weight pass, and how far from the best it may be.

    Parameters
    ----------
    problem : Problem
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.
    cancelled : callable, optional
        Asked now and then; the best plan so far is returned once it says True.
    start : Answer, optional
        Of a problem with the same options and gaps, such as one with a little less money: where it keeps to the rules
        of this one, nothing worse is returned.

    Returns
    -------
    Answer

    Raises
    ------
    PlanError
        If what must be in cannot be paid, or a floor cannot be reached; says which fund, year or commune stands against
        it, and by how much.

    Notes
    -----
    What matters, in this order: the weight of the villages that pass in the last year; that they pass sooner (weight
    times years, before the last); gaps that close; people in villages that pass; little money. Each is settled before
    the next is looked at, as far as the time goes. The bound is of the first.
    """
    ready = prepare(problem)
    work = _Work(ready, report, cancelled)
    refuse(ready)
    best = work.programme(start)
    floor = work.floor + ready.sure
    year, ways = best.year, work.ways(best)
    paid, upkeep = best.paid if best.paid is not None else split(problem, ready.money, year)
    return Answer(
        year=year,
        paid=paid,
        ways=ways,
        bound=work.bound + ready.sure,
        floor=floor,
        stopped=work.stopped,
        seconds=time.perf_counter() - work.started,
        binds=ready.notes,
        upkeep=upkeep,
    )


@dataclass(frozen=True)
class _Choice:
    year: np.ndarray
    kept: set
    weight: float
    paid: tuple | None = None


class _Work:
    """One search: the time it has, what it tells, the best so far."""

    def __init__(self, ready, report, cancelled):
        self.ready, self.problem = ready, ready.problem
        self.report, self.cancelled = report, cancelled
        self.started, self.seconds = time.perf_counter(), float(ready.problem.request.seconds)
        self.bound = float(sum(weight for _, weight, _ in ready.villages))
        self.whole = all(float(weight).is_integer() for _, weight, _ in ready.villages)
        self.stopped, self.weight, self.top = "optimal", 0.0, self.bound
        self.floor = 0.0

    @property
    def left(self):
        """Seconds of the time."""
        return self.seconds - (time.perf_counter() - self.started)

    def first(self, model, gain, start):
        """The best choice by growing, or the one that is given where it is better; None where there is none."""
        relaxed = model.programme.solve(
            gain, seconds=RELAXED * self.seconds, watch=self._watch(True), relaxed=True
        )
        costs, self.shares = [None], None
        if relaxed.state == "optimal" and gain:
            self._bounded(relaxed.bound)
            # what the relaxed programme builds anyway counts little
            built = np.zeros(len(self.problem.options))
            for (option, _), column in model.built.items():
                built[option] += relaxed.values[column]
            self.shares = model.payments.shares(relaxed.values)
            costs.append(self.ready.money.costs * (1.001 - np.minimum(built, 1.0)))
        choices = []
        for one in costs:
            found = grow(self.ready, one, self.shares, exchange=one is costs[-1], stop=self._stop)
            choices.append(None if found is None else self._checked(*found[:2]))
        choices = [choice for choice in choices if choice is not None]
        best = max(choices, key=lambda choice: choice.weight) if choices else None
        self.floor = best.weight if best is not None else 0.0
        given = self._given(start)
        return given if given is not None and (best is None or given.weight > best.weight) else best

    def _given(self, start):
        """An earlier answer as a choice, where it keeps to the rules."""
        if start is None or start.year.shape != (len(self.problem.options),):
            return None
        model = Model(self.ready, last=False)
        model.passing()
        model.finish()
        year, kept = start.year.copy(), self.ready.found.kept_by(start.ways)
        year[~(self.ready.able | self.problem.locked)] = -1
        solved = model.programme.solve({}, seconds=5.0, fixed=model.start(year, kept))
        return None if solved.values is None else self._checked(year, kept)

    def programme(self, start):
        """The best choice: grown first, then by the programme."""
        ready, several = self.ready, self.problem.years > 1
        model = Model(ready, last=True)
        passing = model.passing()
        later = None if several else (model.closing(), model.people(), model.costing())
        model.finish()
        best = self.first(model, passing, start)
        best = self._step(model, passing, best, FIRST * self.left, first=True)
        if best is None:
            raise PlanError("plan-cannot")
        if self.stopped == "cancelled":
            return best
        if several:
            model = Model(ready, last=False)
            passing = model.passing()
            later = model.sooner(), model.closing(), model.people(), model.costing()
            model.finish()
            best = self._sooner(model, later[0], best)
            if len(model.programme.low) > LARGE:
                best = self._rearranged(best, model, later[0])
        model.keep(passing, best.weight, whole=self.whole)
        for number, gain in enumerate(later):
            least = number == len(later) - 1
            best = self._step(model, gain, best, self.left / (len(later) - number), least=least)
            if self.stopped == "cancelled":
                break
            if not least:
                value = self._value(model, gain, best)
                model.keep(gain, value, whole=all(float(v).is_integer() for v in gain.values()))
        return best

    def _sooner(self, model, gain, best):
        """The same choice with its works pulled forward, where that is better."""
        year = sooner(self.ready, best.year, best.kept, best.paid[0])
        found = None if year is None else self._checked(year, best.kept)
        if found is None or found.weight < best.weight - 1e-9:
            return best
        return max(best, found, key=lambda choice: self._value(model, gain, choice))

    def _rearranged(self, best, model, gain):
        """The same works sooner, by a programme of nothing but them: much smaller, so that it comes to something."""
        chosen = replace(self.ready, able=self.ready.able & (best.year >= 0))
        few = Model(chosen, last=False)
        passing, own = few.passing(), few.sooner()
        few.finish()
        few.keep(passing, best.weight, whole=self.whole)
        found = self._step(few, own, best, self.left / 3)
        return max(best, found, key=lambda choice: self._value(model, gain, choice))

    def ways(self, choice):
        """Which way closes each gap: of those that are gone the one that was gone first."""
        found = self.ready.found
        when = holds_since(found, self._serves(choice.year), choice.kept)
        ways = {}
        for gap, options in self.problem.gaps.items():
            years = [(when[found.ways[(*gap, number)]], number) for number in range(len(options))]
            if min(years)[0] < NEVER:
                ways[gap] = min(years)[1]
        return ways

    def _step(self, model, gain, best, seconds, *, first=False, least=False):
        if not gain and best is not None:
            if first:
                self.bound = 0.0
            return best
        if best is not None and not first and seconds <= 0:
            # a search that has no time only makes the answer later
            return best
        start = model.start(best.year, best.kept) if best is not None else None
        solved = model.programme.solve(
            gain, least=least, seconds=max(seconds, 0.05), start=start, watch=self._watch(first)
        )
        if first:
            self._bounded(solved.bound)
        if solved.state != "optimal" and (first or solved.state == "cancelled"):
            self.stopped = solved.state
        if first and best is not None and best.weight >= self.bound - 1e-9:
            self.stopped = "optimal"
        if solved.values is None:
            if best is None:
                refuse(self.ready, floors=True)
            return best
        year, kept = model.choice(solved.values)
        found = self._checked(year, kept, model, solved.values)
        if found is None or (
            best is not None
            and self._value_of(first, model, gain, found, least)
            < self._value_of(first, model, gain, best, least) - 1e-9
        ):
            return best
        return found

    def _bounded(self, bound):
        if np.isfinite(bound):
            self.bound = min(self.bound, bound)
            if self.whole:
                # what passes is whole, and the solver is a little off
                self.bound = float(np.floor(self.bound + 1e-6 * max(1.0, self.bound)))

    def _value_of(self, first, model, gain, choice, least):
        if first:
            return choice.weight
        value = self._value(model, gain, choice)
        return -value if least else value

    def _value(self, model, gain, choice):
        values = model.start(choice.year, choice.kept)
        return sum(value * values.get(column, 0.0) for column, value in gain.items())

    def _checked(self, year, kept, model=None, values=None):
        """The choice with its weight and payments; None where the money does not pay it after all."""
        year = self._tidied(year, kept)
        paid = split(self.problem, self.ready.money, year)
        if paid is None and values is not None:
            # within the tolerances of the solver, and no further
            paid = model.payments.split(values, year)
        if paid is None:
            return None
        when = holds_since(self.ready.found, self._serves(year), kept)
        weight = sum(w for term, w, _ in self.ready.villages if when[term] <= self.ready.final)
        return _Choice(year, kept, float(weight), paid)

    def _tidied(self, year, kept):
        """Without works that close nothing; where there is a floor they may have been counted for it."""
        if self.ready.floors:
            return year
        used = self.problem.locked.copy()
        for gap, at in self.ways(_Choice(year, kept, 0.0)).items():
            used[list(self.problem.gaps[gap][at].options)] = True
        return np.where(used, year, -1)

    def _serves(self, year):
        return np.where(year >= 0, year + self.ready.after, NEVER)

    def _stop(self):
        return bool(self.cancelled is not None and self.cancelled())

    def _watch(self, first):
        def watch(value, bound):
            if self.report is not None:
                spent = 1 - max(0.0, self.left) / self.seconds if self.seconds else 1.0
                if first:
                    self.weight = max(self.weight, value if abs(value) < 1e20 else 0.0)
                    top = min(self.bound, bound) if abs(bound) < 1e20 else self.bound
                    self.top = np.floor(top + 1e-6) if self.whole else top
                self.report(
                    min(0.99, spent),
                    "plan-solving",
                    passing=float(self.weight + self.ready.sure),
                    bound=float(self.top + self.ready.sure),
                )
            return self._stop()

        return watch
