"""The part of a grid that is worked on at a time, small enough for the nearest memory of a processor.

The grid is divided into tiles of `TILE` cells a side. A window is a tile and the `REACH` cells around it, so that every
move out of a cell of the tile lies in the window. A window is held twice, as it is and with rows and columns changed
over, so that the moves from left and right are those from above and below of the second.
"""

import numpy as np
from numba import njit

from gis.kernels.compiling import kept
from gis.kernels.moves import FLAT, INF, REACH

SIDE = 128
TILE = SIDE - 2 * REACH
FULL = SIDE + 2 * REACH
"""With a margin that nothing leads into, so that no loop need ask where it ends."""
UNKNOWN = np.float32(np.iinfo(np.int16).min)
"""Of heights in whole metres, as elevation models mark it; nothing on Earth is as low."""


def prepared(slowness, pace, heights, gates, walker):
    """The arrays of one kind, so that each loop is compiled once for it; checked."""
    if pace is None:
        slowness = np.ascontiguousarray(slowness, dtype=np.float32)
        pace, least = np.zeros(0, dtype=np.float32), np.fmin.reduce(slowness, axis=None, initial=np.inf)
    else:
        slowness, pace = np.ascontiguousarray(slowness), np.ascontiguousarray(pace, dtype=np.float32)
        least = np.fmin.reduce(pace, initial=np.inf)
        if slowness.size and slowness.max() >= len(pace):
            raise ValueError("a class has no slowness")
    if least <= 0:
        raise ValueError("slowness must be above 0")
    if heights is None:
        if walker != FLAT:
            raise ValueError("a walker on slopes needs heights")
        heights = np.zeros((0, 0), dtype=np.float32)
    elif heights.shape != slowness.shape:
        raise ValueError("heights and slowness differ in shape")
    heights = np.ascontiguousarray(heights, dtype=np.int16 if heights.dtype == np.int16 else np.float32)
    gates = np.ascontiguousarray(np.zeros((0, 0)) if gates is None else gates, dtype=np.uint8)
    return slowness, pace, heights, gates


def lengths(size):
    """Metres of a straight, a diagonal and the two knight's moves, in the window as it is and changed over."""
    width, height = size
    steps = (1, 0), (1, 1), (1, 2), (2, 1)
    both = [[np.hypot(r * a, c * b) for r, c in steps] for a, b in ((height, width), (width, height))]
    return np.array(both, dtype=np.float32)


def window(gates):
    """Room for the times, slownesses, heights and gates of a window."""
    shape = (2, FULL, FULL)
    filled = (
        np.full(shape, np.inf, np.float32),
        np.full(shape, np.inf, np.float32),
        np.zeros(shape, np.float32),
    )
    return *filled, np.zeros(shape if gates.size else (2, 0, 0), np.uint8)


@njit(inline="always")
def seconds_a_metre(slowness, pace):
    """Of a cell, be it given itself or by its class; inf for a barrier."""
    seconds = pace[np.uint32(slowness)] if pace.size else np.float32(slowness)
    return INF if np.isnan(seconds) else seconds


@kept
def load(window, tile, times, slowness, pace, heights, gates, walker):
    """Fill the window of a tile; barriers are inf in `slow`, and so is all beyond the grid.

    Returns
    -------
    top, left : int
        Where the window begins in the grid, perhaps before it.
    """
    time, slow, high, gate = window
    rows, columns = slowness.shape
    across = (columns + TILE - 1) // TILE
    top, left = (tile // across) * TILE - REACH, (tile % across) * TILE - REACH
    if top < 0 or left < 0 or top + SIDE > rows or left + SIDE > columns:
        time[:] = INF
        slow[:] = INF
    first, last = max(0, -left), min(SIDE, columns - left)
    for i in range(max(0, -top), min(SIDE, rows - top)):
        r, y = top + i, REACH + i
        for j in range(first, last):
            time[0, y, REACH + j] = times[r, left + j]
            slow[0, y, REACH + j] = seconds_a_metre(slowness[r, left + j], pace)
        if walker != FLAT:
            for j in range(first, last):
                height = np.float32(heights[r, left + j])
                known = UNKNOWN < height < INF
                high[0, y, REACH + j] = height if known else np.float32(0.0)
                slow[0, y, REACH + j] = slow[0, y, REACH + j] if known else INF
        if gates.size:
            for j in range(first, last):
                gate[0, y, REACH + j] = gates[r, left + j]
    _turn(time)
    _turn(slow)
    if walker != FLAT:
        _turn(high)
    if gates.size:
        _turn(gate)
    return top, left


@kept
def _turn(array):
    """Change rows and columns over, a few at a time."""
    for top in range(REACH, REACH + SIDE, 16):
        for left in range(REACH, REACH + SIDE, 16):
            for i in range(top, top + 16):
                for j in range(left, left + 16):
                    array[1, j, i] = array[0, i, j]
