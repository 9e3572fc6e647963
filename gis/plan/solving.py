"""The best choice of works: an integer programme solved by HiGHS, and its bound."""

import time

import highspy
import numpy as np

from gis.plan.answer import Answer
from gis.plan.rules import Points


def optimise(problem, *, report=None, cancelled=None):
    """The choice of works by which villages of the greatest weight pass, and how far from the best it may be.

    Parameters
    ----------
    problem : Problem
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.
    cancelled : callable, optional
        Asked now and then; the best plan so far is returned once it says True.

    Returns
    -------
    Answer

    Raises
    ------
    PlanError
        If what must be in cannot be paid; says which fund and year stand against it.
    """
    started = time.perf_counter()
    model = _Model(problem)
    solved = model.run(problem.request.seconds)
    year = np.full(len(problem.options), -1)
    for (option, at), variable in model.built.items():
        if solved[variable] > 0.5:
            year[option] = at
    paid = np.zeros((len(problem.options), *problem.money.shape))
    for key, variable in model.paid.items():
        paid[key] = solved[variable]
    ways = {gap: at for (gap, at), variable in model.gone.items() if solved[variable] > 0.5}
    return Answer(year, paid, ways, model.bound, 0.0, model.stopped, time.perf_counter() - started)


class _Model:
    """Variables and rows of the programme; one block of years, everything else per year."""

    def __init__(self, problem):
        self.problem, self.highs = problem, highspy.Highs()
        self.highs.silent()
        self.built, self.paid, self.gone, self.closed = {}, {}, {}, {}
        self._works()
        self._ways()
        self._villages()

    def run(self, seconds):
        self.highs.setOptionValue("time_limit", float(seconds))
        self.highs.setOptionValue("random_seed", int(self.problem.request.seed))
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.highs.run()
        info = self.highs.getInfo()
        optimal = self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        self.bound = float(info.mip_dual_bound) if self.passing else 0.0
        self.stopped = "optimal" if optimal else "time"
        return np.array(self.highs.getSolution().col_value)

    def _new(self, top=1.0, *, whole=True, gain=0.0):
        self.highs.addVar(0.0, top)
        column = self.highs.getNumCol() - 1
        if whole:
            self.highs.changeColIntegrality(column, highspy.HighsVarType.kInteger)
        if gain:
            self.highs.changeColCost(column, gain)
        return column

    def _row(self, low, terms, high):
        columns = np.array([column for column, _ in terms], dtype=np.int32)
        values = np.array([value for _, value in terms], dtype=float)
        self.highs.addRow(low, high, len(columns), columns, values)

    def _works(self):
        problem, infinite = self.problem, highspy.kHighsInf
        costs = problem.costs
        for option in range(len(problem.options)):
            for at in range(problem.years):
                self.built[option, at] = self._new()
                for fund in np.flatnonzero(problem.payable[option]):
                    key = option, int(fund), at
                    self.paid[key] = self._new(infinite, whole=False)
                    share = problem.request.funds[fund].share_pct / 100
                    self._row(
                        -infinite,
                        [(self.paid[key], 1.0), (self.built[option, at], -share * costs[option])],
                        0.0,
                    )
                payers = [(self.paid[k], 1.0) for k in self.paid if k[0] == option and k[2] == at]
                self._row(0.0, [*payers, (self.built[option, at], -costs[option])], 0.0)
            ever = [(self.built[option, at], 1.0) for at in range(problem.years)]
            self._row(1.0 if problem.locked[option] else 0.0, ever, 1.0)
        for fund in range(len(problem.money)):
            carry = problem.request.funds[fund].carry
            for at in range(problem.years):
                spent = [
                    (column, 1.0)
                    for (_, payer, when), column in self.paid.items()
                    if payer == fund and (when == at or (carry and when < at))
                ]
                money = problem.money[fund, : at + 1].sum() if carry else problem.money[fund, at]
                if spent:
                    self._row(-infinite, spent, float(money))

    def _ways(self):
        infinite, places = highspy.kHighsInf, {}
        for gap, ways in self.problem.gaps.items():
            self.closed[gap] = self._new()
            for number, way in enumerate(ways):
                gone = self.gone[gap, number] = self._new()
                ever = {
                    o: [(self.built[o, at], 1.0) for at in range(self.problem.years)] for o in way.options
                }
                terms = [(c, a) for o, a in zip(way.options, way.amounts, strict=True) for c, _ in ever[o]]
                self._row(0.0, [*terms, (gone, -way.need)], infinite)
                for option, takes in zip(way.options, way.takes, strict=True):
                    if takes:
                        places.setdefault(option, []).append((gone, takes))
            columns = [(self.gone[gap, number], 1.0) for number in range(len(ways))]
            self._row(0.0, [*columns, (self.closed[gap], -1.0)], infinite)
        held = self.problem.options["places"].to_numpy()
        for option, terms in places.items():
            if np.isfinite(held[option]):
                ever = [(self.built[option, at], -held[option]) for at in range(self.problem.years)]
                self._row(-infinite, [*terms, *ever], 0.0)

    def _villages(self):
        problem, self.passing = self.problem, {}
        for at, rule in enumerate(problem.rules):
            if rule is None or isinstance(rule, bool):
                continue
            self.passing[at] = self._new(gain=float(problem.weights[at]))
            self._holds(self.passing[at], rule, at)

    def _holds(self, column, rule, village):
        """That a column may be 1 only where a rule holds."""
        infinite = highspy.kHighsInf
        if isinstance(rule, bool) or rule is None:
            self._row(-infinite, [(column, 1.0)], 0.0 if rule is False else 1.0)
        elif isinstance(rule, str):
            gap = self.closed.get((village, rule))
            self._row(-infinite, [(column, 1.0), *([(gap, -1.0)] if gap is not None else [])], 0.0)
        elif isinstance(rule, int):
            self._row(-infinite, [(column, 1.0)], 1.0 if rule < self.problem.years else 0.0)
        elif isinstance(rule, Points):
            parts = [(self._part(part, village), points) for points, part in rule.parts]
            self._row(-rule.base, [*parts, (column, -rule.wanted)], infinite)
        else:
            wanted, parts = rule
            if wanted == len(parts):
                for part in parts:
                    self._holds(column, part, village)
            else:
                columns = [(self._part(part, village), 1.0) for part in parts]
                self._row(0.0, [*columns, (column, -float(wanted))], infinite)

    def _part(self, rule, village):
        column = self._new()
        self._holds(column, rule, village)
        return column
