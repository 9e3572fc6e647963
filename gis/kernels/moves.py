"""What one move costs: from one cell of a grid to another beside it.

A move of length L takes ``L * mean(slowness of the cells crossed) * f`` with `f` for the slope. A knight's move crosses
four cells, a quarter of its length each, and is barred when one of them is. A diagonal move between two barriers is
barred.
"""

import numpy as np
from numba import njit

from gis.kernels.compiling import kept

FLAT, TOBLER, LANGMUIR, CYCLE, MOTOR = 0, 1, 2, 3, 4
"""How the slope of a move changes its time; see `_tobler`, `_langmuir` and `_ridden`."""
STEEP, CLIMB = np.float32(0.08), np.float32(0.03)
"""The slope above which a bicycle is pushed; the slope that halves its speed, as much as air and ground hold it back."""

OPEN, ROAD, CAUSEWAY = 0, 1, 2
"""What a cell is to those beside it: a causeway (road over water) is stepped on from roads only, and open ground is
not joined diagonally between two of them."""

# The moves into a cell, by the row and column of the cell it is left from: the rows above, the row itself, below.
ROWS = np.array([-1, -1, -1, 0, 0, 1, 1, 1, -2, -2, -1, -1, 1, 1, 2, 2])
COLUMNS = np.array([-1, 0, 1, -1, 1, -1, 0, 1, -1, 1, -2, 2, -2, 2, -1, 1])

# Those of them that come from one side: so many rows back, and the column. The first `ACROSS` are of 8 neighbours.
BACK = np.array([1, 1, 1, 1, 1, 2, 2])
ASIDE = np.array([-1, 0, 1, -2, 2, -1, 1])
ACROSS = 3
REACH = 2
"""How far a move leads, in rows and in columns."""

INF, ONE, HALF, QUARTER = np.float32(np.inf), np.float32(1.0), np.float32(0.5), np.float32(0.25)
POWERS = (2.0 ** np.arange(127)).astype(np.float32)
LOG_2 = np.float32(np.log(2))
SERIES = tuple(np.float32(1 / n) for n in (1, 2, 6, 24, 120, 720))


@njit(inline="always")
def _exp(x):
    """The exponential of what is above -0.3, to 3 parts in 10 million: ``2 ** n`` times a series near 0."""
    x = min(x, np.float32(87.0))
    n = np.floor(x / LOG_2 + HALF)
    r = x - n * LOG_2
    a, b, c, d, e, f = SERIES
    return POWERS[np.uint32(n)] * (ONE + r * (a + r * (b + r * (c + r * (d + r * (e + r * f))))))


@njit(inline="always")
def _tobler(slope):
    """How much longer than on the flat a metre takes at a slope: speed is ``6 exp(-3.5 |s + 0.05|)`` km/h (Tobler 1993)."""
    return _exp(np.float32(3.5) * abs(slope + np.float32(0.05)) - np.float32(0.175))


@njit(inline="always")
def _langmuir(slope):
    """Seconds a metre at a slope as r.walk has it: 0.72, and 6 a metre up, -1.9998 down, +1.9998 below -0.2125 (Langmuir 1984)."""
    down = np.float32(1.9998) if slope >= np.float32(-0.2125) else np.float32(-1.9998)
    return np.float32(0.72) + slope * (np.float32(6.0) if slope >= 0 else down)


@njit(inline="always")
def _ridden(slowness, slope, walker, afoot):
    """Seconds a metre for one who rides what is faster than `afoot` and walks by Tobler where that is faster still.

    A motor does not mind the slope. Uphill a bicycle keeps its power, so that its speed falls by ``1 + slope / CLIMB``;
    downhill it is held back to its speed on the flat. Both are assumed.
    """
    walked = max(slowness, afoot) * _tobler(slope)
    climbing = ONE + max(slope, np.float32(0.0)) / CLIMB if walker == CYCLE else ONE
    ridden = min(slowness * climbing, walked)
    pushed = slowness >= afoot or (walker == CYCLE and abs(slope) > STEEP)
    return walked if pushed else ridden


@kept
def move_costs(cost, slow, high, gate, at, back, lengths, walker, afoot, towards):
    """The seconds of the moves that end in one row and come from one side of it.

    Parameters
    ----------
    cost : array of float32, shape (moves, width)
        Filled: for each of the moves `BACK`, `ASIDE` the seconds into every cell of the row; inf where it is barred.
    slow, high : array of float32, shape (rows, REACH + width + REACH)
        Seconds a metre, inf for a barrier; heights.
    gate : array of uint8
        Of the same shape, or empty where all is open.
    at, back : int
        The row, and which way the rows lie that the moves come from, -1 or 1.
    lengths : array of float32
        Metres of a straight, a diagonal and the two knight's moves `BACK` 1 and 2.
    """
    width = cost.shape[1]
    for k in range(len(cost)):
        out, other, shift = cost[k], at + back * BACK[k], REACH + ASIDE[k]
        own, far = slow[at, REACH : REACH + width], slow[other, shift : shift + width]
        # a diagonal passes between these two, a knight's move over them
        if k < ACROSS:
            a, b = slow[at + back, REACH : REACH + width], slow[at, shift : shift + width]
            length = lengths[0 if ASIDE[k] == 0 else 1]
            for j in range(width):
                out[j] = HALF * (own[j] + far[j])
            if ASIDE[k] != 0:
                for j in range(width):
                    out[j] = INF if min(a[j], b[j]) == INF else out[j]
        else:
            (r, c), (r2, c2) = _between(back, k)
            a = slow[at + r, REACH + c : REACH + c + width]
            b = slow[at + r2, REACH + c2 : REACH + c2 + width]
            length = lengths[1 + BACK[k]]
            for j in range(width):
                out[j] = QUARTER * ((own[j] + far[j]) + (a[j] + b[j]))
        if gate.size:
            _close(out, gate, at, back, k)
        low, up = high[at, REACH : REACH + width], high[other, shift : shift + width]
        each = ONE / length if towards else -ONE / length
        if walker == TOBLER:
            for j in range(width):
                out[j] = length * out[j] * _tobler((up[j] - low[j]) * each)
        elif walker == LANGMUIR:
            for j in range(width):
                out[j] = length * out[j] * _langmuir((up[j] - low[j]) * each)
        elif walker != FLAT:
            for j in range(width):
                out[j] = length * _ridden(out[j], (up[j] - low[j]) * each, walker, afoot)
        else:
            for j in range(width):
                out[j] = length * out[j]


@njit(inline="always")
def _between(back, k):
    """The two cells that a knight's move crosses, the nearer one first, as steps from where it ends."""
    if BACK[k] == 2:
        return (back, 0), (back, ASIDE[k])
    return (0, ASIDE[k] // 2), (back, ASIDE[k] // 2)


@njit(inline="always")
def _barred(a, b):
    """Whether one of two is open ground and the other a causeway."""
    return (a ^ b) == CAUSEWAY


@njit
def _close(out, gate, at, back, k):
    """Make those of the moves inf that step from open ground on a causeway, or from one to open ground."""
    width, shift = len(out), REACH + ASIDE[k]
    own, far = gate[at, REACH : REACH + width], gate[at + back * BACK[k], shift : shift + width]
    if k < ACROSS:
        a, b = gate[at + back, REACH : REACH + width], gate[at, shift : shift + width]
        for j in range(width):
            wet = ASIDE[k] != 0 and min(a[j], b[j]) == CAUSEWAY and min(own[j], far[j]) == OPEN
            out[j] = INF if wet or _barred(own[j], far[j]) else out[j]
    else:
        (r, c), (r2, c2) = _between(back, k)
        a = gate[at + r, REACH + c : REACH + c + width]
        b = gate[at + r2, REACH + c2 : REACH + c2 + width]
        for j in range(width):
            shut = _barred(own[j], a[j]) or _barred(a[j], b[j]) or _barred(b[j], far[j])
            out[j] = INF if shut else out[j]
