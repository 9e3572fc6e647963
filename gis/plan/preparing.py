"""A problem made ready to be solved: its terms, the rules of the money, what comes before what, the floors."""

from dataclasses import dataclass, field, replace

import numpy as np

from gis.errors import Problem as Told
from gis.plan.money import Money, money_of
from gis.plan.terms import FALSE, TRUE, Wanted, wanted

FLOORS = ("works", "villages", "vnd")


@dataclass(frozen=True, eq=False)
class Floor:
    """What a commune is not left without.

    Attributes
    ----------
    commune : int
    kind : str
        Of `FLOORS`.
    least : float
        What was asked for, or all that can be done where that is less.
    options : dict of int to float
        What each work adds that is locked in or helps to close a gap.
    villages : dict of int to float
        How many villages pass by each term.
    """

    commune: int
    kind: str
    least: float
    options: dict = field(default_factory=dict)
    villages: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """A problem with all that is worked out once.

    Attributes
    ----------
    problem : Problem
    money : Money
    found : Wanted
    able : array of bool
        Options worth a choice: some money may pay them, they serve within the years, and some gap needs them.
    after : array of int
        Years from paying to serving.
    whole_costs : array of float
        VND of each option, the people's part included.
    villages : tuple of (int, float, float)
        Term, weight and people of the villages that pass by it; only terms on which works have a bearing.
    sure : float
        The weight of villages that newly pass without any work, by what is assumed.
    before : dict of int to tuple of int
        For options that do not come first: the terms of the gaps of their village that do.
    ways_of : dict of int to tuple of int
        The terms of the ways that need each option.
    floors : tuple of Floor
    notes : tuple of gis.errors.Problem
        Which communes are exempt from a floor, what debts stay unpaid.
    """

    problem: object
    money: Money
    found: Wanted
    able: np.ndarray
    after: np.ndarray
    whole_costs: np.ndarray
    villages: tuple
    sure: float
    before: dict
    ways_of: dict
    floors: tuple
    notes: tuple

    @property
    def final(self):
        """The last year's position."""
        return self.problem.years - 1


def prepare(problem):
    """A problem made ready.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Ready
    """
    money = money_of(problem)
    after = problem.options["years"].to_numpy(dtype=int)
    serving = (after < problem.years) & (money.payable | problem.locked)
    able = serving & (money.affordable(problem.commune_of) | problem.locked)
    found = wanted(problem, able)
    # what could be done whatever money there is: a rule that hangs on it never turns more money into less
    could = wanted(problem, serving) if problem.first or problem.request.floor else found
    before = _before(problem, could, found)
    blocked = [option for option, terms in before.items() if FALSE in terms and not problem.locked[option]]
    if blocked:
        able[blocked] = False
        found = wanted(problem, able)
        before = _before(problem, could, found)
    able &= found.useful
    ways_of = {}
    for (village, criterion, number), term in found.ways.items():
        if term != FALSE:
            for option in problem.gaps[village, criterion][number].options:
                if able[option]:
                    ways_of.setdefault(option, set()).add(term)
    passing, sure = {}, 0.0
    for at, term in enumerate(found.villages):
        kind = found.terms.all[term][0]
        if kind == "from" or (term == TRUE and _open(problem.rules[at])):
            sure += problem.weights[at]
        elif term not in (TRUE, FALSE):
            weight, people = passing.get(term, (0.0, 0.0))
            passing[term] = weight + problem.weights[at], people + problem.people[at]
    floors, notes = _floors(problem, could, found, serving & could.useful)
    return Ready(
        problem=problem,
        money=money,
        found=found,
        able=able,
        after=after,
        whole_costs=problem.options["cost"].to_numpy(dtype=float),
        villages=tuple((term, *both) for term, both in passing.items()),
        sure=float(sure),
        before={option: terms for option, terms in before.items() if able[option]},
        ways_of={option: tuple(sorted(terms)) for option, terms in ways_of.items()},
        floors=floors,
        notes=(*notes, *_debts(problem)),
    )


def locked_only(ready):
    """The same with nothing but what is locked in, and without floors."""
    return replace(ready, able=ready.problem.locked.copy(), floors=(), before={}, villages=())


def _before(problem, could, found):
    """For options that do not come first, the terms of the gaps in their village that do and could be closed at all."""
    options = problem.options
    first = options["sector"].isin(problem.request.essential).to_numpy().copy()
    for gap in problem.first:
        for way in problem.gaps[gap]:
            first[list(way.options)] = True
    terms = {}
    for gap in sorted(problem.first):
        if could.gaps[gap] != FALSE:
            terms.setdefault(gap[0], []).append(found.gaps[gap])
    places = problem.villages.get_indexer(options["village_id"])
    return {
        option: tuple(sorted(set(terms[village])))
        for option, village in enumerate(places.tolist())
        if village >= 0 and not first[option] and village in terms
    }


def _floors(problem, could, found, able):
    floors, notes = [], []
    for kind, asked in sorted(problem.request.floor.items()):
        exempt, less = [], []
        for commune, name in enumerate(problem.commune_ids):
            options, villages = {}, {}
            if kind == "villages":
                for at in np.flatnonzero(problem.communes == commune).tolist():
                    if could.villages[at] != FALSE and _open(problem.rules[at]):
                        term = found.villages[at]
                        villages[term] = villages.get(term, 0.0) + 1.0
            else:
                counts = (able | problem.locked) & (problem.commune_of == commune)
                each = problem.options["cost"].to_numpy(dtype=float) / 1e6
                options = {o: 1.0 if kind == "works" else each[o] for o in np.flatnonzero(counts).tolist()}
            most = sum(options.values()) + sum(villages.values())
            wanted_here = asked / 1e6 if kind == "vnd" else asked
            # those that pass by what is assumed alone
            sure = sum(
                count for term, count in villages.items() if found.terms.all[term][0] in ("true", "from")
            )
            if most <= 0:
                exempt.append(name)
                continue
            if most < wanted_here:
                less.append(name)
            floors.append(Floor(commune, kind, min(wanted_here, most) - sure, options, villages))
        for code, names in (("plan-floor-exempt", exempt), ("plan-floor-less", less)):
            if names:
                notes.append(Told(code, {"communes": names, "floor": kind, "count": len(names)}, "note"))
    return tuple(floors), notes


def _open(rule):
    """Whether a village did not pass before and is judged."""
    return rule is not True and rule is not None


def _debts(problem):
    left = problem.debts_left if problem.debts_left is not None else ()
    for fund, owed in zip(problem.request.funds, left, strict=False):
        if owed > 0.5:
            yield Told("plan-debts-left", {"fund": fund.label, "million": owed / 1e6}, "warning")
