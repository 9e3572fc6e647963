"""Choosing works one village after the other: a plan in no time that keeps to every rule, as start and as floor.

The village that passes for the least money a weight comes first, with all that it still needs; what others built for
themselves costs it nothing. Then some villages are given up for others where that gains (exchange).
"""

import heapq

import numpy as np

from gis.plan.answer import NEVER
from gis.plan.money import Ledger
from gis.plan.terms import FALSE, since_when

LOOKS = 10_000
"""How many villages are looked at in exchanges, at most."""
CANDIDATES = 40
"""How many of those that do not pass are tried for each that is given up."""


class Greedy:
    """A choice that grows.

    Parameters
    ----------
    ready : Ready
    costs : array of float
        What each option counts in the comparison; what it costs where left out. Prices of a relaxed programme lead
        better where villages share works.
    shares : array of float, optional
        As for `Ledger`.
    """

    def __init__(self, ready, costs=None, shares=None):
        self.ready, self.problem, self.found = ready, ready.problem, ready.found
        self.terms = ready.found.terms.all
        self.costs = (ready.money.costs if costs is None else costs).tolist()
        self.final = ready.final
        self.able = (ready.able | ready.problem.locked).tolist()
        self.ledger = Ledger(ready.money, self.problem.commune_of, ready.after, shares)
        self.year = np.full(len(self.problem.options), -1)
        self.payments, self.kept, self.needs = {}, {}, {}
        self.places = {
            option: float(self.problem.options["places"].iat[option]) for option in self.found.takes
        }
        self.taken = {}
        for option, all_taken in self.found.takes.items():
            for term, places in all_taken:
                self.taken.setdefault(term, []).append((option, places))
        self.users = {}

    def locked(self):
        """Pay what is locked in; False where this way of paying does not suffice."""
        options = np.flatnonzero(self.problem.locked).tolist()
        # the dear ones first, while every fund still has room
        options.sort(key=lambda option: (-self.ready.money.costs[option], option))
        return all(self._build(option) is not None for option in options)

    def support(self, term, extra=frozenset()):
        """What a term needs: (options, places kept, what is not built yet costs), or None where it cannot hold."""
        kind, *rest = self.terms[term]
        if kind == "opt":
            option = rest[0]
            if not self.able[option]:
                return None
            if self.year[option] >= 0:
                serves = self.year[option] + self.ready.after[option] <= self.final
                return (frozenset(rest), frozenset(), 0.0) if serves else None
            return frozenset(rest), frozenset(), 0.0 if option in extra else self.costs[option]
        if kind in ("true", "from"):
            return frozenset(), frozenset(), 0.0
        if kind == "false":
            return None
        if kind == "and":
            return self._together(sorted(rest[0], key=lambda one: self.terms[one][0] != "opt"), extra)
        if kind == "or":
            found = [one for one in (self.support(part, extra) for part in rest[0]) if one is not None]
            return min(found, key=lambda one: one[2]) if found else None
        if kind == "hold":
            return self._held(term, rest[1], extra)
        if kind == "some":
            parts = [(part, 1.0) for part in rest[1]]
            return self._enough(float(rest[0]), parts, extra)
        if kind == "sum":
            parts = [(self.found.terms.option(option), amount) for option, amount in rest[1]]
            return self._enough(rest[0], parts, extra)
        return self._enough(rest[0], rest[1], extra)

    def add(self, key, term):
        """Build what a term needs and keep it under a key; False where the money does not pay it."""
        need = self.support(term)
        need = None if need is None else self._with_first(need)
        if need is None:
            return False
        options, holds, _ = need
        new = sorted(
            (option for option in options if self.year[option] < 0), key=lambda o: (o in self.ready.before, o)
        )
        done = []
        for option in new:
            if self._build(option) is None:
                for other in reversed(done):
                    self._raze(other)
                return False
            done.append(option)
        for term_ in holds:
            self.kept[term_] = self.kept.get(term_, 0) + 1
            if self.kept[term_] == 1:
                for option, places in self.taken[term_]:
                    self.places[option] -= places
        for option in options:
            self.users.setdefault(option, set()).add(key)
        self.needs[key] = options, holds
        return True

    def remove(self, key):
        """Give up what only this key needs."""
        options, holds = self.needs.pop(key)
        for term in holds:
            self.kept[term] -= 1
            if not self.kept[term]:
                del self.kept[term]
                for option, places in self.taken[term]:
                    self.places[option] += places
        for option in options:
            self.users[option].discard(key)
            if not self.users[option] and not self.problem.locked[option]:
                self._raze(option)

    def _build(self, option):
        """The year in which an option is paid, the earliest; None where none pays it."""
        earliest, terms = 0, self.ready.before.get(option, ())
        if terms and not self.problem.locked[option]:
            serves = np.where(self.year >= 0, self.year + self.ready.after, NEVER)
            since = max(since_when(self.found.terms, term, serves) for term in terms)
            earliest = max(0, since - int(self.ready.after[option]))
        latest = self.final if self.problem.locked[option] else self.final - self.ready.after[option]
        for year in range(earliest, latest + 1):
            payments = self.ledger.pay(option, year)
            if payments is not None:
                self.year[option], self.payments[option] = year, payments
                return year
        return None

    def _raze(self, option):
        self.ledger.undo(self.payments.pop(option), option)
        self.year[option] = -1

    def _together(self, parts, extra):
        options, holds, cost = set(), set(), 0.0
        for part in parts:
            found = self.support(part, extra | options if options else extra)
            if found is None:
                return None
            options |= found[0]
            holds |= found[1]
            cost += found[2]
        if len(holds) > 1 and not self._fits(holds):
            return None
        return frozenset(options), frozenset(holds), cost

    def _enough(self, wanted, parts, extra):
        """The cheapest parts first, for what they give, until it is enough; then without what was too much."""
        found = [
            (one, weight) for one, weight in ((self.support(part, extra), w) for part, w in parts) if one
        ]
        found.sort(key=lambda pair: pair[0][2] / pair[1])
        taken, given = [], 0.0
        for one, weight in found:
            if given >= wanted - 1e-9:
                break
            taken.append((one, weight))
            given += weight
        if given < wanted - 1e-9:
            return None
        for one, weight in sorted(taken, key=lambda pair: -pair[0][2]):
            if given - weight >= wanted - 1e-9:
                taken.remove((one, weight))
                given -= weight
        options = frozenset().union(*(one[0] for one, _ in taken))
        holds = frozenset().union(*(one[1] for one, _ in taken))
        if len(holds) > 1 and not self._fits(holds):
            return None
        return options, holds, self._price(options, extra)

    def _held(self, term, inner, extra):
        found = self.support(inner, extra)
        if found is None or (term not in self.kept and not self._fits({term})):
            return None
        return found[0], found[1] | {term}, found[2]

    def _fits(self, holds):
        taken = {}
        for term in holds:
            for option, places in self.taken[term] if term not in self.kept else ():
                taken[option] = taken.get(option, 0.0) + places
        return all(places <= self.places[option] + 1e-9 for option, places in taken.items())

    def _price(self, options, extra=frozenset()):
        return sum(self.costs[option] for option in options if self.year[option] < 0 and option not in extra)

    def _with_first(self, need):
        """With what comes first in the villages of the works that do not."""
        options, holds, _ = need
        terms = {
            term
            for option in options
            if self.year[option] < 0 and option in self.ready.before
            for term in self.ready.before[option]
        }
        for term in sorted(terms):
            more = self.support(term, options)
            if more is None:
                return None
            options, holds = options | more[0], holds | more[1]
        return None if terms and not self._fits(holds) else (options, holds, self._price(options))


def grow(ready, costs=None, shares=None, *, exchange=True, stop=None):
    """A choice by growing and exchange.

    Parameters
    ----------
    ready : Ready
    costs, shares : array of float, optional
        As for `Greedy`.
    exchange : bool
        Whether villages are given up for others in the end.
    stop : callable, optional
        Asked now and then; once it says True, what there is is returned.

    Returns
    -------
    tuple of (array of int, set of int, float) or None
        The year of each option, the terms for which places are kept, the weight that passes; None where it does not
        find a way to pay what is locked in, or to reach the floors.
    """
    greedy = Greedy(ready, costs, shares)
    if not greedy.locked():
        return None
    weights = {term: weight for term, weight, _ in ready.villages}
    if not _reach_floors(greedy, ready):
        return None
    _fill(greedy, weights)
    if exchange:
        _exchange(greedy, weights, stop or (lambda: False))
    _close(greedy, ready)
    weight = sum(weights[key] for key in greedy.needs if key in weights)
    return greedy.year.copy(), set(greedy.kept), weight


def _reach_floors(greedy, ready):
    for floor in ready.floors:
        terms = sorted(floor.villages) if floor.kind == "villages" else None
        if terms is not None:
            have = sum(floor.villages[term] for term in terms if term in greedy.needs)
            while have < floor.least - 1e-9:
                open_ = [
                    (one[2], term)
                    for term in terms
                    if term not in greedy.needs
                    for one in [greedy.support(term)]
                    if one is not None
                ]
                done = next((term for _, term in sorted(open_) if greedy.add(term, term)), None)
                if done is None:
                    return False
                have += floor.villages[done]
            continue
        ways = {way for option in floor.options for way in ready.ways_of.get(option, ())}
        while _counted(greedy, floor) < floor.least - 1e-9:
            # ways that add to what counts, the cheapest first
            open_ = [
                (one[2], way)
                for way in ways
                if ("floor", way) not in greedy.needs
                for one in [greedy.support(way)]
                if one is not None and one[2] >= 0
            ]
            done = next((way for _, way in sorted(open_) if greedy.add(("floor", way), way)), None)
            if done is None:
                return False
    return True


def _counted(greedy, floor):
    used = {option for options, _ in greedy.needs.values() for option in options}
    return sum(
        value
        for option, value in floor.options.items()
        if greedy.problem.locked[option] or (greedy.year[option] >= 0 and option in used)
    )


def _fill(greedy, weights, only=None):
    """Add villages, the cheapest for its weight first; returns those that were added."""
    added, heap = [], []
    by_option = {}
    for term in weights if only is None else only:
        if term in greedy.needs:
            continue
        need = greedy.support(term)
        if need is not None and weights[term] > 0:
            heapq.heappush(heap, (need[2] / weights[term], term))
            for option in greedy.found.options_of[term] if only is None else ():
                by_option.setdefault(option, []).append(term)
    while heap:
        price, term = heapq.heappop(heap)
        if term in greedy.needs:
            continue
        need = greedy.support(term)
        if need is None:
            continue
        now = need[2] / weights[term]
        if now > price * (1 + 1e-9) + 1e-9:
            heapq.heappush(heap, (now, term))
            continue
        built = {option for option in need[0] if greedy.year[option] < 0}
        if greedy.add(term, term):
            added.append(term)
            # what was built makes others cheaper
            for other in sorted({one for option in built for one in by_option.get(option, ())}):
                if other not in greedy.needs:
                    again = greedy.support(other)
                    if again is not None:
                        heapq.heappush(heap, (again[2] / weights[other], other))
    return added


def _exchange(greedy, weights, stop):
    """Give a village up where others of a greater weight can then pass."""
    passing = [term for term in greedy.needs if term in weights]
    freed = {
        term: sum(greedy.costs[option] for option in greedy.needs[term][0] if greedy.users[option] == {term})
        / max(weights[term], 1e-9)
        for term in passing
    }
    least = {floor: floor.least for floor in greedy.ready.floors}
    looks = LOOKS
    for term in sorted(passing, key=lambda one: (-freed[one], one)):
        looks -= len(weights) - len(passing)
        if stop() or freed[term] <= 0 or looks < 0:
            break
        if any(term in floor.villages for floor in least):
            continue
        others = [one for one in weights if one not in greedy.needs]
        if not others:
            break
        before = greedy.needs[term], {o: greedy.year[o] for o in greedy.needs[term][0]}
        payments = {o: greedy.payments[o] for o in before[0][0] if o in greedy.payments}
        greedy.remove(term)
        priced = [
            (one[2] / weights[o], o) for o in others for one in [greedy.support(o)] if one and weights[o] > 0
        ]
        added = _fill(greedy, weights, [one for _, one in sorted(priced)[:CANDIDATES]])
        if sum(weights[one] for one in added) <= weights[term] * (1 + 1e-12) or floor_broken(greedy):
            for one in reversed(added):
                greedy.remove(one)
            _restore(greedy, term, *before, payments)


def floor_broken(greedy):
    """Whether giving works up has left some commune with too little."""
    return any(
        floor.kind != "villages" and _counted(greedy, floor) < floor.least - 1e-9
        for floor in greedy.ready.floors
    )


def _restore(greedy, key, needs, years, payments):
    options, holds = needs
    for option, year in years.items():
        if greedy.year[option] < 0:
            greedy.year[option], greedy.payments[option] = year, payments[option]
            greedy.ledger.redo(payments[option], option)
        greedy.users.setdefault(option, set()).add(key)
    for term in holds:
        greedy.kept[term] = greedy.kept.get(term, 0) + 1
        if greedy.kept[term] == 1:
            for option, places in greedy.taken[term]:
                greedy.places[option] -= places
    greedy.needs[key] = needs


def _close(greedy, ready):
    """With what is left, close single gaps, the cheapest first."""
    terms = sorted({term for term in ready.found.gaps.values() if term != FALSE})
    priced = [(one[2], term) for term in terms for one in [greedy.support(term)] if one is not None]
    for _, term in sorted(priced):
        greedy.add(("gap", term), term)
