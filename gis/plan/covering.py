"""So many sites that reach most: the classic questions of location, as small cousins of a plan.

Demand that the same sites reach is one demand; what is left is the programme of `gis.plan.programme`, with a choice by
growing and exchange as its start and a quick bound beside it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gis.plan.programme import INFINITE, Programme

ROUNDS = 300
"""Of tightening the quick bound."""
MANY = 100_000
"""Pairs of demand and site from which on the exact answer may take long."""


@dataclass(frozen=True)
class Sites:
    """Chosen sites.

    Attributes
    ----------
    chosen : array of bool
    value : float
        The weight that is covered; for `median` the weighted cost.
    bound : float
        No choice is better than that.
    grown : float
        What growing and exchange alone came to.
    stopped : str
        ``optimal`` or ``time``.
    """

    chosen: np.ndarray
    value: float
    bound: float
    grown: float
    stopped: str


def cover(reaches, weights, most, *, seconds=60.0, seed=0):
    """At most so many sites by which the greatest weight is reached (maximal covering).

    Parameters
    ----------
    reaches : array of bool or sparse array, shape (demand, sites)
    weights : array of float
        At least 0.
    most : int
        How many sites.
    seconds : float
        For the exact answer; 0 for growing, exchange and the quick bound alone.
    seed : int

    Returns
    -------
    Sites

    Examples
    --------
    Two sites of three: the first and the last reach all.

    >>> reaches = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1]], dtype=bool)
    >>> found = cover(reaches, np.array([5.0, 1, 5, 1]), 2)
    >>> found.chosen.tolist(), found.value, found.bound
    ([True, False, True], 12.0, 12.0)
    """
    rows, held = _together(csr_array(reaches, dtype=np.float64), np.asarray(weights, dtype=float))
    chosen = _grown(rows, held, most)
    grown = float(held[rows @ chosen > 0].sum())
    # where the exact answer follows soon, its own bound is there as soon
    quick = seconds <= 0 or rows.nnz > MANY
    bound = _quick_bound(rows, held, most, grown) if quick else max(float(held.sum()), grown)
    stopped = "optimal" if bound <= grown * (1 + 1e-9) else "time"
    if stopped == "time" and seconds > 0:
        programme = Programme(seed=seed)
        sites = [programme.column() for _ in range(rows.shape[1])]
        programme.row(-INFINITE, dict.fromkeys(sites, 1.0), float(most))
        gain, whole = {}, all(float(weight).is_integer() for weight in held)
        for at, weight in enumerate(held.tolist()):
            reached = rows.indices[rows.indptr[at] : rows.indptr[at + 1]].tolist()
            if len(reached) == 1:
                gain[reached[0]] = gain.get(reached[0], 0.0) + weight
                continue
            column = programme.column(whole=False)
            gain[column] = weight
            programme.row(-INFINITE, {column: 1.0, **dict.fromkeys(reached, -1.0)}, 0.0)
        solved = programme.solve(gain, seconds=seconds, start=dict(enumerate(chosen.tolist())))
        if np.isfinite(solved.bound):
            bound = min(bound, np.floor(solved.bound + 1e-6 * grown) if whole else solved.bound)
        if solved.values is not None:
            better = (solved.values[: len(sites)] > 0.5).astype(float)
            chosen = better if held[rows @ better > 0].sum() > grown else chosen
        stopped = "optimal" if solved.state == "optimal" else "time"
    value = float(held[rows @ chosen > 0].sum())
    return Sites(chosen > 0.5, value, max(float(bound), value), grown, stopped)


def median(costs, weights, most, *, seconds=60.0, seed=0):
    """At most so many sites by which the weighted cost of each demand's cheapest site is least (p-median).

    Parameters
    ----------
    costs : array of float, shape (demand, sites)
    weights : array of float
    most : int
        At least 1.
    seconds : float
    seed : int

    Returns
    -------
    Sites

    Notes
    -----
    A demand saves the step from one cost to the next cheaper one where some site at the cheaper cost or below is open:
    the saving is a maximal covering, exactly.

    References
    ----------
    Elloumi, S. (2010), A tighter formulation of the p-median problem, J. Comb. Optim. 19, 69-83.

    Examples
    --------
    >>> found = median(np.array([[0.0, 3], [5, 1], [2, 2]]), np.ones(3), 1)
    >>> found.chosen.tolist(), found.value
    ([False, True], 6.0)
    """
    costs, weights = np.asarray(costs, dtype=float), np.asarray(weights, dtype=float)
    reaches, saved = [], []
    for row, weight in zip(costs, weights, strict=True):
        steps = np.unique(row)
        reaches.append(row[None, :] <= steps[:-1, None])
        saved.append(weight * np.diff(steps))
    worst = float((costs.max(axis=1) * weights).sum())
    found = cover(np.concatenate(reaches), np.concatenate(saved), most, seconds=seconds, seed=seed)
    return Sites(found.chosen, worst - found.value, worst - found.bound, worst - found.grown, found.stopped)


def _together(rows, weights):
    """Demand that the same sites reach as one, without what no site reaches or nothing weighs."""
    rows.sum_duplicates()
    rows.sort_indices()
    kept = {}
    for at in np.flatnonzero((np.diff(rows.indptr) > 0) & (weights > 0)).tolist():
        key = rows.indices[rows.indptr[at] : rows.indptr[at + 1]].tobytes()
        first = kept.setdefault(key, [at, 0.0])
        first[1] += weights[at]
    places = [at for at, _ in kept.values()]
    joined = csr_array(rows[places]) if places else csr_array((0, rows.shape[1]))
    joined.data[:] = 1.0
    return joined, np.array([weight for _, weight in kept.values()])


def _grown(rows, weights, most):
    """Site after site that adds the most, then exchanges while one gains."""
    by_site = csr_array(rows.T)
    chosen, times = np.zeros(rows.shape[1]), np.zeros(rows.shape[0])
    for _ in range(min(most, rows.shape[1])):
        gains = by_site @ (weights * (times == 0))
        site = int(gains.argmax())
        if gains[site] <= 0:
            break
        chosen[site] = 1.0
        times[_reached(by_site, site)] += 1
    better = True
    while better:
        better = False
        for site in np.flatnonzero(chosen).tolist():
            mine = _reached(by_site, site)
            open_ = times == 0
            open_[mine[times[mine] == 1]] = True
            gains = by_site @ (weights * open_)
            other = int(np.where(chosen > 0, -1.0, gains).argmax())
            if not chosen[other] and gains[other] > gains[site] * (1 + 1e-9) + 1e-9:
                chosen[site], chosen[other] = 0.0, 1.0
                times[mine] -= 1
                times[_reached(by_site, other)] += 1
                better = True
    return chosen


def _reached(by_site, site):
    return by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]]


def _quick_bound(rows, weights, most, grown):
    """By prices for being reached (Lagrange): what demand keeps, and what the dearest sites earn."""
    by_site = csr_array(rows.T)
    most = min(most, rows.shape[1])
    prices = weights / np.maximum(1.0, np.diff(rows.indptr)) if len(weights) else weights
    best, step, idle = float(weights.sum()), 1.0, 0
    for _ in range(ROUNDS if most else 0):
        earned = by_site @ prices
        top = np.argpartition(earned, -most)[-most:]
        bound = float((weights - prices).sum() + earned[top].sum())
        if bound < best * (1 - 1e-6):
            best, idle = bound, 0
        else:
            best, idle = min(best, bound), idle + 1
        if idle > 8:
            step, idle = step / 2, 0
        taken = np.zeros(rows.shape[1])
        taken[top] = 1.0
        slope = rows @ taken - 1.0
        size = float(slope @ slope)
        if size == 0 or best <= grown * (1 + 1e-9) or step < 1e-4:
            break
        prices = np.clip(prices - step * (bound - grown) / size * slope, 0.0, weights)
    return max(best, grown)
