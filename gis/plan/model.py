"""The choice of works as an integer programme: what may be built when, what holds by it, the money, the floors.

For a term and a year there is a column that may be 1 only where the term holds by then. Rows are disaggregated wherever
that is exact (a village that needs five gaps closed has five rows, not one sum), which is what makes the bound strong.
"""

from itertools import combinations
from math import comb

import numpy as np

from gis.plan.answer import NEVER
from gis.plan.payments import Payments
from gis.plan.programme import INFINITE, Programme
from gis.plan.terms import FALSE, holds_since

SUBSETS = 24
"""So many rows at most that say of n of m things in which groups one must hold."""


class Model:
    """The programme of a problem.

    Parameters
    ----------
    ready : Ready
        The problem, prepared.
    last : bool
        Whether only what holds in the last year matters. Where every fund carries its money over, a work is then as well
        paid in the last year in which it still serves: nothing is lost by waiting, and there is one column a work.
    elastic : bool
        Whether money and floors may be short; `payments.short` and `lacking` then have the columns that say by how much.
    """

    def __init__(self, ready, *, last, elastic=False):
        self.ready, self.problem, self.found = ready, ready.problem, ready.found
        self.programme = Programme(seed=self.problem.request.seed)
        self.final, self.elastic, self.lacking = self.problem.years - 1, elastic, {}
        self.waits = last and bool(ready.money.carry.all())
        self.built, self.by_option, self.columns, self.used = {}, {}, {}, {}
        self._works()
        self.payments = Payments(
            self.programme, ready.money, self.problem.commune_of, ready.after, self.built, elastic=elastic
        )
        self._order()
        self._floors()

    def passing(self, year=None):
        """The weight of the villages that pass by a year, the last where left out."""
        weights = [(term, weight) for term, weight, _ in self.ready.villages]
        return self._gain(weights, self.final if year is None else year)

    def sooner(self):
        """The weight of the villages that pass, for every year before the last in which they do."""
        gain = {}
        for year in range(self.final):
            for column, value in self.passing(year).items():
                gain[column] = gain.get(column, 0.0) + value
        return gain

    def closing(self):
        """How many gaps close."""
        return self._gain([(term, 1.0) for term in self.found.gaps.values()], self.final)

    def people(self):
        """The people of villages that pass."""
        return self._gain([(term, people) for term, _, people in self.ready.villages], self.final)

    def costing(self):
        """What the works cost in all, in the unit of payments."""
        costs = self.ready.whole_costs
        return {
            column: costs[option] / 1e6 for (option, _), column in self.built.items() if costs[option] > 0
        }

    def finish(self):
        """Put in the rows for places; after all aims were asked for once."""
        last = self.final
        for option, taken in self.found.takes.items():
            terms = {}
            for term, places in taken:
                if (term, last) in self.columns and self.columns[term, last] is not None:
                    terms[self.columns[term, last]] = terms.get(self.columns[term, last], 0.0) + places
            held = self.problem.options["places"].iat[option]
            if terms and np.isfinite(held):
                self._row({**terms, **{c: -held for c in self._serving(option, last)}}, 0.0)

    def keep(self, gain, value, *, whole):
        """Have an aim stay as good as it was."""
        slack = 0.5 if whole else 1e-6 * max(1.0, abs(value))
        if gain:
            self.programme.row(value - slack, gain, INFINITE)

    def start(self, year, kept):
        """A choice as values of the whole columns.

        Parameters
        ----------
        year : array of int
        kept : set of int
            The ``hold`` terms for which places are kept.
        """
        if self.waits:
            late = self.final - self.ready.after
            waited = np.where(year <= late, late, self.final)
            year = np.where(year >= 0, waited, -1)
        serves = np.where(year >= 0, year + self.ready.after, NEVER)
        when = holds_since(self.found, serves, kept)
        values = {column: float(year[option] == at) for (option, at), column in self.built.items()}
        for (term, at), column in self.columns.items():
            if column is not None:
                values[column] = float(when[term] <= at)
        for option, (column, ways) in self.used.items():
            gone = any(when[way] <= self.final for way in ways)
            values[column] = float(serves[option] <= self.final and gone)
        return values

    def choice(self, values):
        """Values as a choice: the year of each option, and the terms for which places are kept."""
        year = np.full(len(self.problem.options), -1)
        for (option, at), column in self.built.items():
            if values[column] > 0.5:
                year[option] = at
        kept = {
            term
            for (term, at), column in self.columns.items()
            if at == self.final
            and column is not None
            and self.found.terms.all[term][0] == "hold"
            and values[column] > 0.5
        }
        return year, kept

    def _works(self):
        for option in np.flatnonzero(self.ready.able | self.problem.locked).tolist():
            locked, latest = bool(self.problem.locked[option]), self.final - int(self.ready.after[option])
            # what is locked in may also be paid too late to serve
            until = self.final if locked else latest
            years = sorted({max(latest, 0 if locked else latest), until}) if self.waits else range(until + 1)
            columns = {at: self.programme.column() for at in years}
            self.built |= {(option, at): column for at, column in columns.items()}
            self.by_option[option] = columns
            if locked or len(columns) > 1:
                self.programme.row(float(locked), dict.fromkeys(columns.values(), 1.0), 1.0)

    def _serving(self, option, year):
        after = self.ready.after[option]
        return {column: 1.0 for at, column in self.by_option.get(option, {}).items() if at + after <= year}

    def _gain(self, terms, year):
        gain = {}
        for term, value in terms:
            if value:
                for column, one in self._at_most_one(term, year).items():
                    gain[column] = gain.get(column, 0.0) + one * value
        return gain

    def _bound(self, term, year):
        """(constant, columns): whether a term holds by a year is at most the sum of these."""
        kind, *rest = self.found.terms.all[term]
        if kind in ("true", "false", "from"):
            return (1.0 if kind == "true" or (kind == "from" and rest[0] <= year) else 0.0), {}
        if kind == "opt":
            return 0.0, self._serving(rest[0], year)
        if kind != "or":
            column = self._column(term, year)
            return 0.0, {} if column is None else {column: 1.0}
        constant, columns = 0.0, {}
        for one in rest[0]:
            more, parts = self._bound(one, year)
            constant += more
            columns |= parts
        return (1.0, {}) if constant >= 1 else (constant, columns)

    def _at_most_one(self, term, year):
        """Columns whose sum is at most 1 and says whether a term holds; a constant is left out."""
        if self.found.terms.all[term][0] != "or":
            return self._bound(term, year)[1]
        column = self._column(term, year)
        return {} if column is None else {column: 1.0}

    def _column(self, term, year):
        """The column of a term and year; None where it cannot hold by then."""
        if (term, year) not in self.columns:
            self.columns[term, year] = None
            kind, *rest = self.found.terms.all[term]
            make = {
                "and": self._and,
                "or": self._or,
                "some": self._some,
                "sum": self._amount,
                "points": self._points,
                "hold": self._hold,
            }[kind]
            rows = make(year, *rest, term=term) if kind == "hold" else make(year, *rest)
            if rows is not None:
                column = self.programme.column()
                self.columns[term, year] = column
                for times, constant, columns in rows:
                    self._row({column: times, **{c: -v for c, v in columns.items()}}, constant)
        return self.columns[term, year]

    # Each gives rows (times, constant, columns): times the column is at most the constant and the columns.

    def _and(self, year, parts):
        bounds = [self._bound(one, year) for one in parts]
        if any(constant == 0 and not columns for constant, columns in bounds):
            return None
        return [(1.0, *bound) for bound in bounds if bound[0] < 1]

    def _or(self, year, parts):
        constant, columns = 0.0, {}
        for one in parts:
            more, found = self._bound(one, year)
            constant, columns = constant + more, columns | found
        return None if constant == 0 and not columns else [(1.0, constant, columns)]

    def _some(self, year, wanted, parts):
        sure, bounds = 0, []
        for one in parts:
            constant, _ = self._bound(one, year)
            sure += constant >= 1
            columns = {} if constant >= 1 else self._at_most_one(one, year)
            if columns:
                bounds.append(columns)
        wanted, left = wanted - sure, len(bounds)
        if wanted > left:
            return None
        if wanted <= 0:
            return []
        rows = [(float(wanted), 0.0, _summed(bounds))] if wanted > 1 or left > wanted else []
        if comb(left, left - wanted + 1) <= SUBSETS:
            rows += [(1.0, 0.0, _summed(each)) for each in combinations(bounds, left - wanted + 1)]
        return rows

    def _weighed(self, need, pairs):
        """That parts that hold weigh as much as is needed: pairs of columns and weight."""
        pairs = [(columns, weight) for columns, weight in pairs if columns]
        total = sum(weight for _, weight in pairs)
        if total < need - 1e-9:
            return None
        rows = [(need, 0.0, _summed([{c: v * w for c, v in columns.items()} for columns, w in pairs]))]
        # what the others do not make up for must hold
        rows += [(1.0, 0.0, columns) for columns, weight in pairs if total - weight < need - 1e-9]
        return rows

    def _amount(self, year, need, pairs):
        return self._weighed(need, [(self._serving(option, year), amount) for option, amount in pairs])

    def _points(self, year, wanted, parts):
        pairs = []
        for term, points in parts:
            if self._bound(term, year)[0] >= 1:
                wanted -= points
            else:
                pairs.append((self._at_most_one(term, year), points))
        return [] if wanted <= 1e-9 else self._weighed(wanted, pairs)

    def _hold(self, year, key, inner, *, term):
        constant, columns = self._bound(inner, year)
        if constant == 0 and not columns:
            return None
        rows = [] if constant >= 1 else [(1.0, 0.0, columns)]
        if year < self.final:
            rows.append((1.0, 0.0, {self._column(term, self.final): 1.0}))
        return rows

    def _row(self, columns, high):
        self.programme.row(-INFINITE, columns, high)

    def _order(self):
        """What does not come first is not before what does."""
        for option, terms in self.ready.before.items():
            columns = self.by_option.get(option, {})
            for at in columns if not self.problem.locked[option] else ():
                by = {columns[other]: 1.0 for other in columns if other <= at}
                for term in terms:
                    constant, bound = self._bound(term, min(at + self.ready.after[option], self.final))
                    if constant < 1:
                        self._row(_less(by, bound), constant)

    def _floors(self):
        for floor in self.ready.floors:
            terms, sure = {}, 0.0
            for option, value in floor.options.items():
                if self.problem.locked[option]:
                    sure += value
                else:
                    for column, one in self._counted(option).items():
                        terms[column] = terms.get(column, 0.0) + one * value
            for column, value in self._gain(floor.villages.items(), self.final).items():
                terms[column] = terms.get(column, 0.0) + value
            if sure < floor.least - 1e-9:
                if self.elastic:
                    self.lacking[floor] = self.programme.column(high=INFINITE, whole=False)
                    terms[self.lacking[floor]] = 1.0
                # a row without columns says nothing to the solver
                terms = terms or {self.programme.column(high=0.0): 1.0}
                self.programme.row(floor.least - sure, terms, INFINITE)

    def _counted(self, option):
        """That a work is built and helps to close a gap, as columns."""
        serving = self._serving(option, self.final)
        ways = self.ready.ways_of.get(option, ())
        own = self.found.terms.option(option)
        if own in ways or not serving:
            return serving
        if option not in self.used:
            self.used[option] = self.programme.column(), ways
            column = self.used[option][0]
            gone = _summed([self._at_most_one(way, self.final) for way in ways if way != FALSE])
            self._row({column: 1.0, **{c: -v for c, v in serving.items()}}, 0.0)
            self._row({column: 1.0, **{c: -v for c, v in gone.items()}}, 0.0)
        return {self.used[option][0]: 1.0}


def _summed(parts):
    terms = {}
    for columns in parts:
        for column, value in columns.items():
            terms[column] = terms.get(column, 0.0) + value
    return terms


def _less(left, right):
    terms = dict(left)
    for column, value in right.items():
        terms[column] = terms.get(column, 0.0) - value
    return terms
