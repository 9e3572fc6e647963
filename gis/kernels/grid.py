"""Least cost over a grid.

`spread_cost` finds the least time from some cells of a grid to all others. The grid is worked on in tiles of
`TILE` cells a side. A tile is swept down and up until nothing in it gets shorter; where a shorter time reaches
its border, the tiles beside it are looked at again. The result is the one least solution, the same to the last
bit whatever the order of tiles: each time is the least, over the neighbours, of their time plus one move.
"""

import numpy as np
from numba import njit

from gis.kernels.compiling import kept

TILE = 32
HALO = 2
SIDE = TILE + 2 * HALO

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


def spread_cost(
    slowness,
    cells,
    starts,
    *,
    size=(1.0, 1.0),
    heights=None,
    gates=None,
    walker=FLAT,
    afoot=0.0,
    towards=True,
    knights=False,
    limit=np.inf,
    onto=None,
):
    """The least time from the nearest of some cells to every cell, or from every cell to the nearest of them.

    Parameters
    ----------
    slowness : array of float32, shape (rows, columns)
        Seconds a metre on the flat, > 0; NaN is a barrier.
    cells : array of int
        Positions of the sources in the flattened grid. A source on a barrier is left out.
    starts : array of float
        Seconds at which each source begins, >= 0.
    size : tuple of float
        Width and height of a cell, m.
    heights : array of float32, optional
        Metres; NaN is a barrier. Needed unless `walker` is `FLAT`.
    gates : array of uint8, optional
        `OPEN`, `ROAD` or `CAUSEWAY`; all open where left out.
    walker : int
        `FLAT`, `TOBLER`, `LANGMUIR`, `CYCLE` or `MOTOR`.
    afoot : float
        Seconds a metre below which a move is ridden by `CYCLE` and `MOTOR`; no slowness on foot is below it.
    towards : bool
        True for the time from each cell to the source, False for the time from the source to each cell; they
        differ on slopes.
    knights : bool
        16 neighbours instead of 8.
    limit : float
        Seconds; cells beyond are not reached.
    onto : array of float32, optional
        Times from other cells by the same other arguments, left as they are: only what the cells given here shorten
        is worked on, and the result is that of all cells together.

    Returns
    -------
    array of float32
        Seconds, inf where not reached.

    Raises
    ------
    ValueError
        If a slowness is not above 0, or heights are missing or of another shape, or `onto` is of another shape.

    Notes
    -----
    A move of length L takes ``L * mean(slowness of the cells crossed) * f`` with `f` for the slope. A knight's move crosses
    four cells, a quarter of its length each, and is barred when one of them is. A diagonal move between two
    barriers is barred.
    """
    grid = _grid(slowness, heights, gates, walker)
    if onto is None:
        times = np.full(grid[0].shape, np.inf, dtype=np.float32)
    elif onto.shape == grid[0].shape:
        times = np.array(onto, dtype=np.float32, order="C")
    else:
        raise ValueError("onto and slowness differ in shape")
    _spread(
        times.reshape(-1),
        *grid,
        np.ascontiguousarray(cells, dtype=np.int64),
        np.ascontiguousarray(starts, dtype=np.float32),
        *_moves(size, knights),
        np.int64(walker),
        np.float32(afoot),
        bool(towards),
        np.float32(limit),
    )
    return times


def came_from(
    times,
    slowness,
    cells,
    starts,
    *,
    wanted=None,
    size=(1.0, 1.0),
    heights=None,
    gates=None,
    walker=FLAT,
    afoot=0.0,
    towards=True,
    knights=False,
):
    """For each cell the next cell on its way to the source, and the source it gets to.

    Parameters
    ----------
    times : array of float32
        From `spread_cost` with the same other arguments.
    wanted : array of int, optional
        Positions of the cells whose ways are asked for; all where left out.

    Returns
    -------
    step : array of int32
        Position of the next cell; its own for a cell that begins at a source, -1 where not reached and for cells
        on no way that was asked for.
    source : array of int32
        Position in `cells`; -1 where not reached. Of equal ways the one over the cell of least time, then over
        the first in the order north to south and west to east; of sources in one cell the one that begins first.
    """
    grid = _grid(slowness, heights, gates, walker)
    order = np.lexsort((np.arange(len(cells)), starts))[::-1]
    own = np.full(times.size, -1, dtype=np.int32)
    own[np.asarray(cells)[order]] = order
    starts = np.ascontiguousarray(starts, dtype=np.float32)
    wanted = np.arange(times.size) if wanted is None else np.ascontiguousarray(wanted, dtype=np.int64)
    step, source = np.full((2, times.size), -1, dtype=np.int32)
    flat = np.ascontiguousarray(times, dtype=np.float32).reshape(-1)
    how = np.int64(walker), np.float32(afoot), bool(towards)
    _steps(step, flat, own, starts, wanted, *grid, *_moves(size, knights), *how)
    _follow(source, step, own, wanted)
    return step.reshape(times.shape), source.reshape(times.shape)


def _grid(slowness, heights, gates, walker):
    """The arrays of one type, so that each loop is compiled once."""
    slowness = np.ascontiguousarray(slowness, dtype=np.float32)
    if (slowness <= 0).any():
        raise ValueError("slowness must be above 0")
    if heights is None:
        if walker != FLAT:
            raise ValueError("a walker on slopes needs heights")
        heights = np.zeros((0, 0))
    elif heights.shape != slowness.shape:
        raise ValueError("heights and slowness differ in shape")
    heights = np.ascontiguousarray(heights, dtype=np.float32)
    gates = np.ascontiguousarray(np.zeros((0, 0)) if gates is None else gates, dtype=np.uint8)
    return slowness, heights, gates


def _moves(size, knights):
    """Rows, columns and lengths of the moves."""
    count = 16 if knights else 8
    rows, columns = ROWS[:count].copy(), COLUMNS[:count].copy()
    return rows, columns, np.hypot(rows * size[1], columns * size[0]).astype(np.float32)


@njit(inline="always")
def _tobler(slope):
    """How much longer than on the flat a metre takes at a slope: speed is ``6 exp(-3.5 |s + 0.05|)`` km/h (Tobler 1993)."""
    return np.float32(np.exp(3.5 * abs(slope + 0.05) - 0.175))


@njit(inline="always")
def _langmuir(slope):
    """Seconds a metre at a slope as r.walk has it: 0.72, and 6 a metre up, -1.9998 down, +1.9998 below -0.2125 (Langmuir 1984)."""
    each = 6.0 if slope >= 0 else (1.9998 if slope >= -0.2125 else -1.9998)
    return np.float32(0.72 + each * slope)


@njit(inline="always")
def _ridden(slowness, slope, walker, afoot):
    """Seconds a metre for one who rides what is faster than `afoot` and walks by Tobler where that is faster still.

    A motor does not mind the slope. Uphill a bicycle keeps its power, so that its speed falls by ``1 + slope / CLIMB``;
    downhill it is held back to its speed on the flat. Both are assumed.
    """
    walked = max(slowness, afoot) * _tobler(slope)
    if slowness >= afoot or (walker == CYCLE and abs(slope) > STEEP):
        return walked
    if walker == CYCLE:
        slowness = slowness * (np.float32(1.0) + max(slope, np.float32(0.0)) / CLIMB)
    return min(slowness, walked)


@njit(inline="always")
def _fill(slow, high, gate, slowness, heights, gates, top, left, walker):
    """The cells around ``top + HALO, left + HALO``: barriers and all beyond the grid are inf."""
    rows, columns = slowness.shape
    for i in range(slow.shape[0]):
        for j in range(slow.shape[1]):
            r, c = top + i, left + j
            slow[i, j] = np.inf
            if 0 <= r < rows and 0 <= c < columns:
                slow[i, j] = np.inf if np.isnan(slowness[r, c]) else slowness[r, c]
                if walker != FLAT:
                    high[i, j] = heights[r, c]
                    if np.isnan(high[i, j]):
                        high[i, j], slow[i, j] = 0.0, np.inf
                if gates.size:
                    gate[i, j] = gates[r, c]


@kept
def _spread(
    times,
    slowness,
    heights,
    gates,
    cells,
    starts,
    move_rows,
    move_columns,
    lengths,
    walker,
    afoot,
    towards,
    limit,
):
    rows, columns = slowness.shape
    down, across = (rows + TILE - 1) // TILE, (columns + TILE - 1) // TILE
    moves = len(lengths)
    tiles = down * across
    queue, waiting = np.empty(tiles, np.int32), np.zeros(tiles, np.bool_)
    head, count = 0, 0
    for k in range(len(cells)):
        row, column = cells[k] // columns, cells[k] % columns
        if np.isnan(slowness[row, column]) or starts[k] > limit or not starts[k] < times[cells[k]]:
            continue
        times[cells[k]] = starts[k]
        # the tiles that a move from the cell ends in
        for r in range(max(row - HALO, 0) // TILE, min(row + HALO, rows - 1) // TILE + 1):
            for c in range(max(column - HALO, 0) // TILE, min(column + HALO, columns - 1) // TILE + 1):
                if not waiting[r * across + c]:
                    waiting[r * across + c] = True
                    queue[count] = r * across + c
                    count += 1
    time, before = np.empty((SIDE, SIDE), np.float32), np.empty((TILE, TILE), np.float32)
    slow, high = np.empty((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.float32)
    gate = np.zeros((SIDE, SIDE) if gates.size else (0, 0), np.uint8)
    cost = np.empty((moves, TILE, TILE), np.float32)
    while count:
        tile = queue[head]
        head = (head + 1) % tiles
        count -= 1
        waiting[tile] = False
        top, left = (tile // across) * TILE, (tile % across) * TILE
        for i in range(SIDE):
            for j in range(SIDE):
                r, c = top + i - HALO, left + j - HALO
                inside = 0 <= r < rows and 0 <= c < columns
                time[i, j] = times[r * columns + c] if inside else np.inf
        _fill(slow, high, gate, slowness, heights, gates, top - HALO, left - HALO, walker)
        for k in range(moves):
            _move_costs(
                cost[k], slow, high, gate, move_rows[k], move_columns[k], lengths[k], walker, afoot, towards
            )
        before[:, :] = time[HALO:-HALO, HALO:-HALO]
        _sweep(time, cost, moves, limit)
        north = south = west = east = 0
        # how near to each side of the tile a time got shorter; moves reach as far as the halo
        for i in range(min(TILE, rows - top)):
            for j in range(min(TILE, columns - left)):
                if time[i + HALO, j + HALO] < before[i, j]:
                    times[(top + i) * columns + left + j] = time[i + HALO, j + HALO]
                    if i < HALO:
                        north |= 2 | (j < HALO) | ((j >= TILE - HALO) << 2)
                    if i >= TILE - HALO:
                        south |= 2 | (j < HALO) | ((j >= TILE - HALO) << 2)
                    west |= j < HALO
                    east |= j >= TILE - HALO
        for r in range(-1, 2):
            for c in range(-1, 2):
                hit = (north, (west, 0, east)[c + 1], south)[r + 1]
                if r:
                    hit = (hit >> (c + 1)) & 1
                row, column = tile // across + r, tile % across + c
                if hit and 0 <= row < down and 0 <= column < across:
                    other = row * across + column
                    if not waiting[other]:
                        waiting[other] = True
                        queue[(head + count) % tiles] = other
                        count += 1


@kept
def _move_costs(cost, slow, high, gate, row, column, length, walker, afoot, towards):
    """The time of one of the moves into every cell of a tile; what `_arrival` says, a row at a time."""
    for i in range(TILE):
        at, other = i + HALO, i + HALO + row
        left, shifted = HALO, HALO + column
        own, far, out = slow[at, left : left + TILE], slow[other, shifted : shifted + TILE], cost[i]
        if abs(row) + abs(column) <= 2:
            for j in range(TILE):
                out[j] = np.float32(0.5) * (own[j] + far[j])
        if abs(row) + abs(column) == 2:
            a, b = slow[other, left : left + TILE], slow[at, shifted : shifted + TILE]
            for j in range(TILE):
                out[j] = np.float32(np.inf) if min(a[j], b[j]) == np.float32(np.inf) else out[j]
        if abs(row) + abs(column) == 3:
            r, c, r2, c2 = _between(row, column)
            a = slow[at + r, left + c : left + c + TILE]
            b = slow[at + r2, left + c2 : left + c2 + TILE]
            for j in range(TILE):
                out[j] = np.float32(0.25) * ((own[j] + far[j]) + (a[j] + b[j]))
        if gate.size:
            for j in range(TILE):
                if _gated(gate, at, left + j, row, column):
                    out[j] = np.inf
        low, up = high[at, left : left + TILE], high[other, shifted : shifted + TILE]
        if not towards:
            low, up = up, low
        if walker == TOBLER:
            for j in range(TILE):
                out[j] = length * out[j] * _tobler((up[j] - low[j]) / length)
        elif walker == LANGMUIR:
            for j in range(TILE):
                out[j] = length * out[j] * _langmuir((up[j] - low[j]) / length)
        elif walker != FLAT:
            for j in range(TILE):
                out[j] = length * _ridden(out[j], (up[j] - low[j]) / length, walker, afoot)
        else:
            for j in range(TILE):
                out[j] = length * out[j]


@njit(inline="always")
def _between(row, column):
    """The two cells that a knight's move crosses, as steps from where it ends."""
    if abs(row) == 2:
        return row // 2, 0, row // 2, column
    return 0, column // 2, row, column // 2


@njit(inline="always")
def _barred(gate, row, column, other_row, other_column):
    a, b = gate[row, column], gate[other_row, other_column]
    return (a | b) == CAUSEWAY and (a & b) == 0


@njit
def _gated(gate, at, column_at, row, column):
    """Whether a move steps from open ground on a causeway, or from one to open ground."""
    other, far = at + row, column_at + column
    between = abs(row) + abs(column) == 2 and gate[at, far] == CAUSEWAY and gate[other, column_at] == CAUSEWAY
    if between and (gate[at, column_at] == OPEN or gate[other, far] == OPEN):
        return True
    if abs(row) + abs(column) <= 2:
        return _barred(gate, at, column_at, other, far)
    r, c, r2, c2 = _between(row, column)
    return (
        _barred(gate, at, column_at, at + r, column_at + c)
        or _barred(gate, at + r, column_at + c, at + r2, column_at + c2)
        or _barred(gate, at + r2, column_at + c2, other, far)
    )


@njit
def _arrival(slow, high, gate, row, column, length, walker, afoot, towards):
    """The time of one move into the middle of 5 x 5 cells; inf where it is barred."""
    other, far = HALO + row, HALO + column
    if abs(row) + abs(column) <= 2:
        mean = np.float32(0.5) * (slow[HALO, HALO] + slow[other, far])
        if abs(row) + abs(column) == 2 and min(slow[other, HALO], slow[HALO, far]) == np.inf:
            mean = np.float32(np.inf)
    else:
        r, c, r2, c2 = _between(row, column)
        ends = slow[HALO, HALO] + slow[other, far]
        mean = np.float32(0.25) * (ends + (slow[HALO + r, HALO + c] + slow[HALO + r2, HALO + c2]))
    if gate.size and _gated(gate, HALO, HALO, row, column):
        return np.float32(np.inf)
    low, up = high[HALO, HALO], high[other, far]
    if not towards:
        low, up = up, low
    if walker == TOBLER:
        return length * mean * _tobler((up - low) / length)
    if walker == LANGMUIR:
        return length * mean * _langmuir((up - low) / length)
    if walker != FLAT:
        return length * _ridden(mean, (up - low) / length, walker, afoot)
    return length * mean


@kept
def _sweep(time, cost, moves, limit):
    """Shorten the times of a tile until nothing changes: rows downwards, rows upwards, each row both ways."""
    changed = True
    while changed:
        changed = False
        for turn in range(2):
            for n in range(TILE):
                i = n if turn == 0 else TILE - 1 - n
                back = -1 if turn == 0 else 1
                first = 0 if turn == 0 else 5
                own, near = time[i + HALO], time[i + HALO + back]
                a, b, c = cost[first, i], cost[first + 1, i], cost[first + 2, i]
                better = 0
                for j in range(TILE):
                    least = min(near[j + 1] + a[j], near[j + 2] + b[j], near[j + 3] + c[j])
                    hit = least < own[j + HALO] and least <= limit
                    better |= hit
                    own[j + HALO] = least if hit else own[j + HALO]
                if moves == 16:
                    far = time[i + HALO + 2 * back]
                    a, b = cost[8 if turn == 0 else 14, i], cost[9 if turn == 0 else 15, i]
                    c, d = cost[10 if turn == 0 else 12, i], cost[11 if turn == 0 else 13, i]
                    for j in range(TILE):
                        least = min(far[j + 1] + a[j], far[j + 3] + b[j], near[j] + c[j], near[j + 4] + d[j])
                        hit = least < own[j + HALO] and least <= limit
                        better |= hit
                        own[j + HALO] = least if hit else own[j + HALO]
                a, b = cost[3, i], cost[4, i]
                for j in range(TILE):
                    least = own[j + 1] + a[j]
                    if least < own[j + HALO] and least <= limit:
                        own[j + HALO] = least
                        better = 1
                for j in range(TILE - 1, -1, -1):
                    least = own[j + 3] + b[j]
                    if least < own[j + HALO] and least <= limit:
                        own[j + HALO] = least
                        better = 1
                changed |= better != 0


@kept
def _steps(
    step,
    times,
    own,
    starts,
    wanted,
    slowness,
    heights,
    gates,
    move_rows,
    move_columns,
    lengths,
    walker,
    afoot,
    towards,
):
    rows, columns = slowness.shape
    slow, high = np.empty((5, 5), np.float32), np.zeros((5, 5), np.float32)
    gate = np.zeros((5, 5) if gates.size else (0, 0), np.uint8)
    for begin in wanted:
        at = begin
        while step[at] < 0 and times[at] < np.inf:
            if own[at] >= 0 and starts[own[at]] == times[at]:
                step[at] = at
                break
            row, column = at // columns, at % columns
            _fill(slow, high, gate, slowness, heights, gates, row - HALO, column - HALO, walker)
            best = np.float32(np.inf)
            for k in range(len(lengths)):
                r, c = row + move_rows[k], column + move_columns[k]
                if not (0 <= r < rows and 0 <= c < columns):
                    continue
                other = r * columns + c
                if not times[other] < times[at] or times[other] > best:
                    continue
                move = _arrival(
                    slow, high, gate, move_rows[k], move_columns[k], lengths[k], walker, afoot, towards
                )
                if times[other] + move == times[at] and (times[other] < best or other < step[at]):
                    best, step[at] = times[other], other
            if step[at] < 0:
                break
            at = step[at]


@kept
def _follow(source, step, own, wanted):
    """The source at the end of each way; every cell is passed at most twice."""
    for begin in wanted:
        at = begin
        while at >= 0 and source[at] < 0 and step[at] != at:
            at = step[at]
        if at < 0:
            continue
        found = source[at] if source[at] >= 0 else own[at]
        at = begin
        while source[at] < 0:
            source[at] = found
            at = step[at]
