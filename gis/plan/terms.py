"""When a village passes and a gap is closed, as terms over options; what is the same is one term, however often it is asked.

Two gaps that the same works close, and two villages that pass by the same works, share a term: the programme then has
one variable for them. What can never hold is taken out here: an option that no money may pay, a way that needs it, a gap
without a way, a village whose rule needs such a gap.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gis.plan.answer import NEVER, reached
from gis.plan.rules import Points

TRUE, FALSE = 0, 1
"""Numbers of the terms that always and never hold."""


class Terms:
    """Terms by number. A term is a tuple:

    - ``("opt", option)``: the option serves;
    - ``("from", year)``: from this year of the plan on;
    - ``("and", terms)``, ``("or", terms)``, ``("some", n, terms)``: all, one, n of them;
    - ``("sum", need, ((option, amount), ...))``: options that serve give as much;
    - ``("points", wanted, ((term, points), ...))``;
    - ``("hold", key, term)``: by that term, and places are kept for it; each is its own, no two are the same.
    """

    def __init__(self):
        self.all, self._known = [("true",), ("false",)], {}

    def _term(self, *term):
        number = self._known.get(term)
        if number is None:
            number = self._known[term] = len(self.all)
            self.all.append(term)
        return number

    def option(self, option):
        """That an option serves."""
        return self._term("opt", int(option))

    def since(self, year):
        """From a year of the plan on."""
        return TRUE if year <= 0 else self._term("from", int(year))

    def hold(self, key, term):
        """By a term, with places kept."""
        return FALSE if term == FALSE else self._term("hold", key, term)

    def all_of(self, terms):
        """All of some terms."""
        parts = set()
        for one in terms:
            parts.update(self.all[one][1] if self.all[one][0] == "and" else (one,))
        parts.discard(TRUE)
        if FALSE in parts:
            return FALSE
        # what one of the others already says
        parts = {one for one in parts if self.all[one][0] != "or" or not parts & set(self.all[one][1])}
        return self._joined("and", parts, TRUE)

    def any_of(self, terms):
        """One of some terms."""
        parts = set()
        for one in terms:
            parts.update(self.all[one][1] if self.all[one][0] == "or" else (one,))
        parts.discard(FALSE)
        if TRUE in parts:
            return TRUE
        needs = {one: set(self.all[one][1]) if self.all[one][0] == "and" else {one} for one in parts}
        # what asks for all that another asks for, and more
        parts = {
            one
            for one in parts
            if not (len(needs[one]) > 1 and any(needs[other] < needs[one] for other in parts))
        }
        return self._joined("or", parts, FALSE)

    def at_least(self, wanted, terms):
        """So many of some terms; the same one counts as often as it stands there."""
        left = sorted(one for one in terms if one not in (TRUE, FALSE))
        wanted -= sum(one == TRUE for one in terms)
        if wanted <= 0:
            return TRUE
        if wanted > len(left):
            return FALSE
        if wanted == len(left):
            return self.all_of(left)
        return self.any_of(left) if wanted == 1 else self._term("some", int(wanted), tuple(left))

    def amount(self, need, options, amounts):
        """That options that serve give as much as is needed."""
        pairs = [(o, min(a, need)) for o, a in zip(options, amounts, strict=True) if a > 0]
        given = [amount for _, amount in pairs]
        if need <= 1e-9:
            return TRUE
        if sum(given) < need - 1e-9:
            return FALSE
        if min(given) >= need - 1e-9:
            return self.any_of([self.option(option) for option, _ in pairs])
        if sum(given) - min(given) < need - 1e-9:
            return self.all_of([self.option(option) for option, _ in pairs])
        return self._term("sum", float(need), tuple(pairs))

    def points(self, wanted, parts):
        """That terms that hold give as many points."""
        wanted -= sum(points for term, points in parts if term == TRUE)
        left = sorted((term, points) for term, points in parts if term not in (TRUE, FALSE) and points > 0)
        if wanted <= 1e-9:
            return TRUE
        if sum(points for _, points in left) < wanted - 1e-9:
            return FALSE
        return self._term("points", float(wanted), tuple(left))

    def _joined(self, kind, parts, none):
        if len(parts) <= 1:
            return parts.pop() if parts else none
        return self._term(kind, tuple(sorted(parts)))


@dataclass(frozen=True)
class Wanted:
    """The terms of a problem.

    Attributes
    ----------
    terms : Terms
    gaps : dict of (int, str) to int
        The term of each gap.
    ways : dict of (int, str, int) to int
        The term of each way of a gap.
    villages : list of int
        The term by which each village passes; `TRUE` also for who passes already or is not judged.
    takes : dict of int to list of (int, float)
        For each option whose places may not be enough: the terms that keep places of it, and how many.
    useful : array of bool
        Options that some way needs.
    """

    terms: Terms
    gaps: dict
    ways: dict
    villages: list
    takes: dict
    useful: np.ndarray

    @cached_property
    def options_of(self):
        """For each term the options in it, as a tuple."""
        found = []
        for term in self.terms.all:
            kind = term[0]
            if kind == "opt":
                found.append((term[1],))
            elif kind == "sum":
                found.append(tuple(option for option, _ in term[2]))
            else:
                below = {"and": 1, "or": 1, "some": 2}.get(kind)
                parts = term[below] if below else [one for one, _ in term[2]] if kind == "points" else ()
                parts = (term[2],) if kind == "hold" else parts
                found.append(tuple(sorted({option for part in parts for option in found[part]})))
        return found

    def kept_by(self, ways):
        """The ``hold`` terms of the ways that an answer goes."""
        gone = {self.ways.get((*gap, at), FALSE) for gap, at in ways.items()}
        return {term for term in gone if self.terms.all[term][0] == "hold"}


def wanted(problem, able):
    """The terms of a problem.

    Parameters
    ----------
    problem : Problem
    able : array of bool
        Options that can be built at all, and serve within the years.

    Returns
    -------
    Wanted
    """
    terms = Terms()
    places = problem.options["places"].fillna(np.inf).to_numpy(dtype=float)
    tight, limited = _tight(problem, places), np.isfinite(places)
    gaps, ways, takes = {}, {}, {}
    useful = np.zeros(len(able), dtype=bool)
    for gap, found in problem.gaps.items():
        here = []
        for number, way in enumerate(found):
            kept = [(o, a, t) for o, a, t in zip(way.options, way.amounts, way.takes, strict=True) if able[o]]
            term = terms.amount(way.need, [o for o, _, _ in kept], [a for _, a, _ in kept]) if kept else FALSE
            # places can only be taken of what is built
            taken = [(o, t) for o, t in zip(way.options, way.takes, strict=True) if t > 0 and limited[o]]
            if any(not able[o] or t > places[o] + 1e-9 for o, t in taken):
                term = FALSE
            if taken and term != FALSE:
                term = terms.all_of([term, *(terms.option(o) for o, _ in taken)])
            keeps = [(o, t) for o, t in taken if tight[o]]
            if keeps and term != FALSE:
                term = terms.hold((*gap, number), term)
                for option, needed in keeps:
                    takes.setdefault(option, []).append((term, needed))
            ways[(*gap, number)] = term
            if term != FALSE:
                useful[[o for o, _, _ in kept]] = True
            here.append(term)
        gaps[gap] = terms.any_of(here)
    villages = [_village(terms, rule, at, gaps, problem.years) for at, rule in enumerate(problem.rules)]
    return Wanted(terms, gaps, ways, villages, takes, useful)


def _tight(problem, held):
    """Options whose places may not be enough for all that could take them."""
    most = np.zeros(len(problem.options))
    for ways in problem.gaps.values():
        taken = {}
        for way in ways:
            for option, needed in zip(way.options, way.takes, strict=True):
                taken[option] = max(taken.get(option, 0.0), needed)
        for option, needed in taken.items():
            most[option] += needed
    return most > held + 1e-9


def _village(terms, rule, village, gaps, years):
    if rule is None or rule is True:
        return TRUE
    if rule is False:
        return FALSE
    if isinstance(rule, str):
        return gaps.get((village, rule), FALSE)
    if isinstance(rule, int):
        return terms.since(rule) if rule < years else FALSE
    if isinstance(rule, Points):
        parts = [(_village(terms, part, village, gaps, years), points) for points, part in rule.parts]
        return terms.points(rule.wanted - rule.base, parts)
    count, parts = rule
    return terms.at_least(count, [_village(terms, part, village, gaps, years) for part in parts])


def holds_since(found, serves, kept):
    """For each term the year from which it holds, `NEVER` where it does not.

    Parameters
    ----------
    found : Wanted
    serves : array of int
        The year in which each option serves.
    kept : set of int
        The ``hold`` terms for which places are kept.

    Returns
    -------
    list of int
    """
    when = []
    for number, term in enumerate(found.terms.all):
        if term[0] == "hold":
            when.append(when[term[2]] if number in kept else NEVER)
        else:
            when.append(_since(term, serves, when.__getitem__))
    return when


def since_when(terms, term, serves):
    """The year from which one term holds, places taken as kept; for the few terms of which it is asked alone.

    Parameters
    ----------
    terms : Terms
    term : int
    serves : array of int
        The year in which each option serves.

    Returns
    -------
    int
    """
    one = terms.all[term]
    if one[0] == "hold":
        return since_when(terms, one[2], serves)
    return _since(one, serves, lambda part: since_when(terms, part, serves))


def _since(term, serves, when):
    kind, *rest = term
    if kind == "opt":
        return int(serves[rest[0]])
    if kind == "and":
        return max(when(one) for one in rest[0])
    if kind == "or":
        return min(when(one) for one in rest[0])
    if kind == "some":
        return sorted(when(one) for one in rest[1])[rest[0] - 1]
    if kind == "sum":
        return reached(rest[0], [(int(serves[option]), amount) for option, amount in rest[1]])
    if kind == "points":
        return reached(rest[0], [(when(one), points) for one, points in rest[1]])
    return {"true": 0, "false": NEVER}.get(kind, term[-1])
