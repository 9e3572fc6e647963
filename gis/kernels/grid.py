"""Least cost over a grid.

`spread_cost` finds the least time from some cells of a grid to all others. The grid is worked on in the windows of its
tiles, the one with the least new time first. In a window, rows are shortened from above and from below, then columns
from left and from right, each only where the one before it became shorter, until nothing does. What became shorter in
the part of a window that belongs to other tiles is where these go on. The result is the one least solution, the same to
the last bit whatever the order: each time is the least, over the neighbours, of their time plus one move.
"""

import numpy as np

from gis.kernels.compiling import kept
from gis.kernels.moves import ACROSS, BACK, FLAT, INF, REACH, move_costs
from gis.kernels.windows import FULL, SIDE, TILE, UNKNOWN, lengths, load, prepared, window

ABOVE, BELOW, LEFT, RIGHT = 0, 1, 2, 3
"""Where the moves of one pass over a window come from."""


def spread_cost(
    slowness,
    cells,
    starts,
    *,
    pace=None,
    size=(1.0, 1.0),
    heights=None,
    gates=None,
    walker=FLAT,
    afoot=0.0,
    towards=True,
    knights=False,
    limit=np.inf,
    onto=None,
    in_place=False,
):
    """The least time from the nearest of some cells to every cell, or from every cell to the nearest of them.

    Parameters
    ----------
    slowness : array of float32, shape (rows, columns)
        Seconds a metre on the flat, > 0; NaN is a barrier. With `pace` an array of uint8 or uint16: positions in it.
    cells : array of int
        Positions of the sources in the flattened grid. A source on a barrier is left out.
    starts : array of float
        Seconds at which each source begins, >= 0.
    pace : array of float32, optional
        Seconds a metre of each class in `slowness`, > 0; NaN is a barrier.
    size : tuple of float
        Width and height of a cell, m.
    heights : array of float32 or int16, optional
        Metres; NaN, or the least int16, is a barrier. Needed unless `walker` is `FLAT`.
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
    in_place : bool
        Whether `onto` itself is changed and given back.

    Returns
    -------
    array of float32
        Seconds, inf where not reached.

    Raises
    ------
    ValueError
        If a slowness is not above 0, a class has none, heights are missing, or an array is of another shape.

    Notes
    -----
    What a move costs is said in `gis.kernels.moves`.
    """
    grid = prepared(slowness, pace, heights, gates, walker)
    if onto is None:
        times = np.full(grid[0].shape, np.inf, dtype=np.float32)
    elif onto.shape == grid[0].shape:
        times = onto if in_place else np.array(onto, dtype=np.float32, order="C")
    else:
        raise ValueError("onto and slowness differ in shape")
    across = -(-times.shape[1] // TILE)
    tiles = across * -(-times.shape[0] // TILE)
    # of each tile, for each pass over it, the rows (or columns) that the next have to look at; the soonest new time
    fresh, least = np.zeros((tiles, 4, FULL), dtype=bool), np.full(tiles, np.inf, dtype=np.float32)
    cells, starts = np.asarray(cells, dtype=np.int64), np.asarray(starts, dtype=np.float32)
    _begin(times, fresh, least, across, grid, cells, starts, limit)
    how = lengths(size), np.int64(walker), np.float32(afoot), bool(towards), bool(knights)
    room, held = _room(knights), window(grid[-1])
    # a loop of its own in Python, so that only `load` is compiled for each kind of array
    while tiles and least[tile := least.argmin()] < np.inf:
        top, left = load(held, tile, times, *grid, how[1])
        _work(times, fresh, least, tile, across, held, room, top, left, how, np.float32(limit))
    return times


def _begin(times, fresh, least, across, grid, cells, starts, limit):
    """Put sources in the times, and in the tiles that they are in."""
    slowness, pace, heights, _ = grid
    slower = slowness.reshape(-1)[cells]
    slower = pace[slower] if pace.size else slower
    used = ~np.isnan(slower) & (starts <= limit) & (starts < times.reshape(-1)[cells])
    if heights.size:
        high = heights.reshape(-1)[cells]
        used &= (high > UNKNOWN) & (high < np.inf)
    cells, starts = cells[used], starts[used]
    np.minimum.at(times.reshape(-1), cells, starts)
    row, column = np.divmod(cells, times.shape[1])
    tile = row // TILE * across + column // TILE
    fresh[tile, :2, 2 * REACH + row % TILE] = True
    fresh[tile, 2:, 2 * REACH + column % TILE] = True
    np.minimum.at(least, tile, starts)


def _room(knights):
    """For the costs of all moves of a window, of which rows they are known, and which rows became shorter."""
    cost = np.empty((4, SIDE, len(BACK) if knights else ACROSS, SIDE), np.float32)
    return cost, np.zeros((4, SIDE), np.bool_), np.zeros(FULL, np.bool_)


@kept
def _work(times, fresh, least, tile, across, window, room, top, left, how, limit):
    """Shorten the times of one tile and those around it, and say which of the tiles there go on."""
    cost, ready, shorter = room
    least[tile] = INF
    ready[:] = False
    _settle(window, fresh[tile], shorter, cost, ready, how)
    edge = _store(times, window[0][0], shorter, top, left, limit)
    for r in range(3):
        for c in range(3):
            if edge[r, c] < INF and (r != 1 or c != 1):
                other = tile + (r - 1) * across + c - 1
                least[other] = min(least[other], edge[r, c])
                # of a tile to the north the last rows are new, of one to the west the last columns
                for k in range(REACH):
                    first, last = 2 * REACH + k, TILE + REACH + k
                    if r == 0:
                        fresh[other, BELOW, last] = True
                    if r == 2:
                        fresh[other, ABOVE, first] = True
                    if c == 0:
                        fresh[other, RIGHT, last] = True
                    if c == 2:
                        fresh[other, LEFT, first] = True


@kept
def _settle(window, fresh, shorter, cost, ready, how):
    """Shorten the times of a window until nothing changes; `shorter` says in which rows they did."""
    shorter[:] = False
    moved, crossed = np.zeros(FULL, np.bool_), np.zeros(SIDE, np.int32)
    turned, idle = 0, 0
    while idle < 2:
        first, second = 2 * turned, 2 * turned + 1
        found = False
        if fresh[first].any():
            found = _pass(first, window, fresh, moved, crossed, cost[first], ready[first], how)
        if fresh[second].any():
            found |= _pass(second, window, fresh, moved, crossed, cost[second], ready[second], how)
        idle = 0 if found else idle + 1
        time, other = window[0][turned], window[0][1 - turned]
        for i in range(REACH, REACH + SIDE):
            if moved[i]:
                moved[i] = False
                shorter[i] |= turned == 0
                for j in range(REACH, REACH + SIDE):
                    other[j, i] = time[i, j]
        turned = 1 - turned
        for j in range(SIDE):
            if crossed[j]:
                crossed[j] = 0
                shorter[REACH + j] |= turned == 0
                fresh[2 * turned, REACH + j] = fresh[2 * turned + 1, REACH + j] = True


@kept
def _pass(side, window, fresh, moved, crossed, cost, ready, how):
    """Shorten the times of each row that lies next to a fresh one on a side; whether any became shorter.

    `moved` and `crossed` say in which rows and in which columns, `ready` of which rows the costs are known.
    """
    lengths, walker, afoot, towards, knights = how
    turned, back = side // 2, 1 if side % 2 else -1
    time, slow, high, gate = window[0][turned], window[1][turned], window[2][turned], window[3][turned]
    found = False
    for n in range(SIDE):
        i = SIDE - 1 - n if side % 2 else n
        at = REACH + i
        if not (fresh[side, at + back] or (knights and fresh[side, at + 2 * back])):
            continue
        if not ready[i]:
            ready[i] = True
            move_costs(cost[i], slow, high, gate, at, back, lengths[turned], walker, afoot, towards)
        own, near, into = time[at], time[at + back], cost[i]
        a, b, c, better = into[0], into[1], into[2], 0
        for j in range(SIDE):
            least = min(near[j + 1] + a[j], near[j + 2] + b[j], near[j + 3] + c[j])
            hit = least < own[j + 2]
            better |= hit
            crossed[j] |= hit
            own[j + 2] = least if hit else own[j + 2]
        if knights:
            far = time[at + 2 * back]
            a, b, c, d = into[3], into[4], into[5], into[6]
            for j in range(SIDE):
                least = min(near[j] + a[j], near[j + 4] + b[j], far[j + 1] + c[j], far[j + 3] + d[j])
                hit = least < own[j + 2]
                better |= hit
                crossed[j] |= hit
                own[j + 2] = least if hit else own[j + 2]
        if better:
            found = moved[at] = fresh[side, at] = fresh[side ^ 1, at] = True
    fresh[side] = False
    return found


@kept
def _store(times, time, shorter, top, left, limit):
    """Write what became shorter; the least of it in each of the nine tiles that the window touches."""
    rows, columns = times.shape
    edge = np.full((3, 3), INF)
    for i in range(max(0, -top), min(SIDE, rows - top)):
        if not shorter[REACH + i]:
            continue
        kept, found = times[top + i], time[REACH + i]
        r = 0 if i < REACH else (1 if i < REACH + TILE else 2)
        for c in range(3):
            first = max((0, REACH, REACH + TILE)[c], -left)
            last = min((REACH, REACH + TILE, SIDE)[c], columns - left)
            least = edge[r, c]
            for j in range(first, last):
                hit = found[REACH + j] < kept[left + j] and found[REACH + j] <= limit
                kept[left + j] = found[REACH + j] if hit else kept[left + j]
                least = min(least, found[REACH + j] if hit else INF)
            edge[r, c] = least
    return edge
