"""An integer programme as it is put together, and HiGHS that solves it; nothing here knows what its figures mean."""

import time
from dataclasses import dataclass

import highspy
import numpy as np

INFINITE = highspy.kHighsInf


class Programme:
    """Columns and rows, put together one by one and solved as often as wanted with another aim.

    Examples
    --------
    >>> programme = Programme()
    >>> a, b = programme.column(), programme.column()
    >>> programme.row(-INFINITE, {a: 2.0, b: 3.0}, 4.0)
    >>> found = programme.solve({a: 1.0, b: 1.5})
    >>> found.values.round().tolist(), found.value, found.bound
    ([0.0, 1.0], 1.5, 1.5)
    """

    def __init__(self, *, seed=0):
        self.low, self.high, self.whole = [], [], []
        self.row_low, self.row_high, self.starts, self.columns, self.values = [], [], [0], [], []
        self.seed, self._highs = seed, None

    def column(self, low=0.0, high=1.0, *, whole=True):
        """A new column; its number."""
        self.low.append(low)
        self.high.append(high)
        self.whole.append(whole)
        return len(self.low) - 1

    def row(self, low, terms, high):
        """A new row: the sum over columns of a value each is between two ends."""
        if self._highs is not None:
            self._highs.addRow(
                low,
                high,
                len(terms),
                np.fromiter(terms.keys(), np.int32, len(terms)),
                np.fromiter(terms.values(), float, len(terms)),
            )
            return
        self.columns.extend(terms.keys())
        self.values.extend(terms.values())
        self.starts.append(len(self.columns))
        self.row_low.append(low)
        self.row_high.append(high)

    def solve(
        self, gain, *, least=False, seconds=INFINITE, start=None, watch=None, relaxed=False, fixed=None
    ):
        """The best values for an aim.

        Parameters
        ----------
        gain : dict of int to float
            What each column gives; others give nothing.
        least : bool
            Whether the least is wanted and not the most.
        seconds : float
            After which the best so far is returned.
        start : dict of int to float, optional
            Whole columns of a choice that keeps to all rows.
        watch : callable, optional
            Called now and then with the best value and the bound; to stop, it returns True.
        relaxed : bool
            Whether columns need not be whole.
        fixed : dict of int to float, optional
            Columns that have this value and no other, this time.

        Returns
        -------
        Solved
        """
        highs = self._model()
        objective = np.zeros(len(self.low))
        objective[list(gain)] = list(gain.values())
        highs.changeColsCost(len(objective), np.arange(len(objective), dtype=np.int32), objective)
        highs.changeObjectiveSense(highspy.ObjSense.kMinimize if least else highspy.ObjSense.kMaximize)
        highs.setOptionValue("time_limit", max(0.01, float(seconds)))
        highs.setOptionValue("solve_relaxation", bool(relaxed))
        self._bounds(highs, fixed or {}, fixed or {})
        if start and not relaxed:
            highs.setSolution(
                len(start),
                np.fromiter(start, np.int32, len(start)),
                np.fromiter(start.values(), float, len(start)),
            )
        watcher = _Watcher(watch)
        watcher.follow(highs)
        highs.run()
        watcher.leave(highs)
        self._bounds(highs, dict.fromkeys(fixed or {}), {})
        if watcher.raised is not None:
            raise watcher.raised
        return self._found(highs, watcher.stopped, relaxed)

    def _bounds(self, highs, columns, values):
        for column in columns:
            low, high = self.low[column], self.high[column]
            highs.changeColBounds(column, values.get(column, low), values.get(column, high))

    def _model(self):
        if self._highs is None:
            highs = highspy.Highs()
            highs.silent()
            # one thread: the answer then hangs on the seed alone
            for option, value in (
                ("threads", 1),
                ("random_seed", int(self.seed) % 2**31),
                ("mip_rel_gap", 0.0),
                ("mip_abs_gap", 1e-6),
            ):
                highs.setOptionValue(option, value)
            highs.passModel(self._lp())
            self._highs = highs
        return self._highs

    def _lp(self):
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.low), len(self.row_low)
        lp.col_cost_ = np.zeros(len(self.low))
        lp.col_lower_, lp.col_upper_ = np.array(self.low, float), np.array(self.high, float)
        lp.row_lower_, lp.row_upper_ = np.array(self.row_low, float), np.array(self.row_high, float)
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in self.whole]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
        lp.a_matrix_.start_ = np.array(self.starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self.columns, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self.values, dtype=float)
        return lp

    def _found(self, highs, stopped, relaxed):
        status, info = highs.getModelStatus(), highs.getInfo()
        done = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
        has = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        solution = highs.getSolution()
        if status == highspy.HighsModelStatus.kInfeasible:
            state = "infeasible"
        else:
            state = "optimal" if done else "cancelled" if stopped else "time"
        mixed = any(self.whole) and not relaxed
        value = info.objective_function_value if has or done else np.nan
        return Solved(
            values=np.array(solution.col_value) if (has or done) and state != "infeasible" else None,
            value=float(value),
            bound=float(info.mip_dual_bound) if mixed else float(value) if done else np.nan,
            state=state,
        )


@dataclass(frozen=True)
class Solved:
    """What came of it.

    Attributes
    ----------
    values : array of float or None
        Of each column; None where nothing that keeps to the rows was found.
    value, bound : float
        What the values give, and what no values can surpass.
    state : str
        ``optimal``, ``time``, ``cancelled``, ``infeasible``.
    """

    values: np.ndarray | None
    value: float
    bound: float
    state: str


class _Watcher:
    """Asks whether to go on; nothing may be raised through the solver, so what is raised is kept for after it."""

    EVERY_S = 0.2

    def __init__(self, watch):
        self.watch, self.stopped, self.raised, self.asked = watch, False, None, 0.0

    def follow(self, highs):
        for event in self._events(highs) if self.watch else ():
            event.subscribe(self._ask)

    def leave(self, highs):
        for event in self._events(highs) if self.watch else ():
            event.unsubscribe(self._ask)

    def _events(self, highs):
        return highs.cbMipInterrupt, highs.cbSimplexInterrupt, highs.cbIpmInterrupt

    def _ask(self, event):
        now = time.perf_counter()
        if not self.stopped and now - self.asked > self.EVERY_S:
            self.asked = now
            data = event.data_out
            try:
                self.stopped = bool(self.watch(data.mip_primal_bound, data.mip_dual_bound))
            except BaseException as fault:
                self.stopped, self.raised = True, fault
        if self.stopped:
            event.interrupt()
