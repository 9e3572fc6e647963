"""From times back to the ways: which cell comes next on the way to the source, and which source that is.

The move that each cell is reached by is kept as one byte, and worked out a tile at a time where a way passes.
"""

import numpy as np

from gis.kernels.compiling import kept
from gis.kernels.grid import ABOVE, BELOW, LEFT, RIGHT
from gis.kernels.moves import ACROSS, ASIDE, BACK, COLUMNS, FLAT, INF, REACH, ROWS, move_costs
from gis.kernels.windows import SIDE, TILE, lengths, load, prepared, window

NONE, SOURCE = 0, 255
"""Of a cell that is not reached, or not looked at yet; of one that begins at a source. Else 1 + position in `ROWS`."""
ORDER = np.lexsort((COLUMNS, ROWS))
"""The moves by the cell that they are from: north to south, west to east."""
PLACE = np.array(
    [
        np.argmax((max(abs(row), 1) == BACK) & ((column if row else 0) == ASIDE))
        for row, column in zip(ROWS, COLUMNS, strict=True)
    ]
)
"""Of each move its position among those that come from its side."""


def ways(
    times,
    slowness,
    cells,
    starts,
    wanted,
    *,
    pace=None,
    size=(1.0, 1.0),
    heights=None,
    gates=None,
    walker=FLAT,
    afoot=0.0,
    towards=True,
    knights=False,
    kept=None,
):
    """The source that each of some cells gets to, and the cells on the way.

    Parameters
    ----------
    times : array of float32
        From `spread_cost` with the same other arguments.
    wanted : array of int
        Positions of the cells whose ways are asked for.
    kept : tuple, optional
        Of `begun` with the same times, cells and starts, for whoever asks again; filled.

    Returns
    -------
    source : array of int
        Position in `cells`; -1 where not reached. Of equal ways the one over the cell of least time, then over
        the first in the order north to south and west to east; of sources in one cell the one that begins first.
    ways : list of array of int
        The cell itself first, that of the source last; empty where not reached.
    """
    grid = prepared(slowness, pace, heights, gates, walker)
    how = lengths(size), np.int64(walker), np.float32(afoot), bool(towards), bool(knights)
    moves, own, first, looked = kept or begun(times, cells, starts)
    held, room = window(grid[-1]), _room(knights)
    found, source = [], np.full(len(wanted), -1)
    for k, cell in enumerate(wanted):
        way, at = [], int(cell)
        while at >= 0:
            passed, at, tile = _follow(moves, times, looked, at)
            way.append(passed)
            if tile >= 0:
                looked[tile] = True
                _look(moves, held, room, *load(held, tile, times, *grid, how[1]), how)
        found.append(np.concatenate(way))
        if len(found[-1]):
            source[k] = first[np.searchsorted(own, found[-1][-1])]
    return source, found


def nearest_source(
    times,
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
):
    """The source that every cell gets to, as `ways` says it: an array of int32, -1 where none is reached."""
    grid = prepared(slowness, pace, heights, gates, walker)
    how = lengths(size), np.int64(walker), np.float32(afoot), bool(towards), bool(knights)
    moves, own, first, _ = begun(times, cells, starts)
    source = np.full(times.shape, -1, dtype=np.int32)
    begins = moves.reshape(-1)[own] == SOURCE
    source.reshape(-1)[own[begins]] = first[begins]
    held, room = window(grid[-1]), _room(knights)
    for tile in range(_tiles(times)):
        _look(moves, held, room, *load(held, tile, times, *grid, how[1]), how)
    _pass_on(source.reshape(-1), moves.reshape(-1), times.shape[1])
    return source


def _tiles(times):
    rows, columns = times.shape
    return -(-rows // TILE) * -(-columns // TILE)


def passed_by(
    times,
    slowness,
    seeds,
    marked,
    kept,
    *,
    pace=None,
    size=(1.0, 1.0),
    heights=None,
    gates=None,
    walker=FLAT,
    afoot=0.0,
    towards=True,
    knights=False,
):
    """Mark in place the cells whose ways, as `ways` says them, lead over some cells, these among them.

    Parameters
    ----------
    seeds : array of int
        Positions of cells.
    marked : array of bool
        One for each cell; what is marked already is not looked at again.
    kept : tuple
        Of `begun`; filled.
    """
    grid = prepared(slowness, pace, heights, gates, walker)
    how = lengths(size), np.int64(walker), np.float32(afoot), bool(towards), bool(knights)
    moves, _, _, looked = kept
    held, room = window(grid[-1]), _room(knights)
    seeds = np.unique(np.asarray(seeds, dtype=np.int64))
    seeds = seeds[~marked[seeds]]
    marked[seeds] = True
    stack, top, tile = seeds.copy(), len(seeds), -1
    while top:
        stack, top, tile = _descend(moves, looked, marked, stack, top)
        if tile >= 0:
            looked[tile] = True
            _look(moves, held, room, *load(held, tile, times, *grid, how[1]), how)


def begun(times, cells, starts):
    """What is known of ways before any is looked at, to be kept for `ways` and `passed_by`.

    Returns
    -------
    moves : array of uint8
        The moves that begin at a source.
    own, first : arrays of int
        The cells that begin at a source, rising, and the source.
    looked : array of bool
        Which tiles were worked out.
    """
    cells, starts = np.asarray(cells, dtype=np.int64), np.asarray(starts, dtype=np.float32)
    begins = np.flatnonzero(times.reshape(-1)[cells] == starts)
    own, first = np.unique(cells[begins], return_index=True)
    moves = np.zeros(times.shape, dtype=np.uint8)
    moves.reshape(-1)[own] = SOURCE
    return moves, own, begins[first], np.zeros(_tiles(times), dtype=bool)


def _room(knights):
    """For the costs of all moves of a window, and for a row of costs, of times and of moves."""
    cost = np.empty((4, SIDE, len(BACK) if knights else ACROSS, SIDE), np.float32)
    return cost, np.empty(SIDE, np.float32), np.empty(SIDE, np.float32), np.empty(SIDE, np.int32)


@kept
def _look(moves, window, room, top, left, how):
    """Find the move that each cell of a tile is reached by."""
    lengths, walker, afoot, towards, knights = how
    cost, into, best, code = room
    for side in range(4):
        turned, back = side // 2, 1 if side % 2 else -1
        slow, high, gate = window[1][turned], window[2][turned], window[3][turned]
        for i in range(SIDE):
            move_costs(
                cost[side, i], slow, high, gate, REACH + i, back, lengths[turned], walker, afoot, towards
            )
    time = window[0][0]
    rows, columns = moves.shape
    for i in range(REACH, min(REACH + TILE, rows - top)):
        own = time[REACH + i, REACH : REACH + SIDE]
        best[:], code[:] = own, NONE
        for k in ORDER:
            if k >= 8 and not knights:
                continue
            if ROWS[k] == 0:
                into[:] = cost[LEFT if COLUMNS[k] < 0 else RIGHT, :, PLACE[k], i]
            else:
                into[:] = cost[ABOVE if ROWS[k] < 0 else BELOW, i, PLACE[k]]
            far = time[REACH + i + ROWS[k], REACH + COLUMNS[k] : REACH + COLUMNS[k] + SIDE]
            for j in range(SIDE):
                hit = far[j] < best[j] and far[j] + into[j] == own[j] and own[j] < INF
                best[j] = far[j] if hit else best[j]
                code[j] = k + 1 if hit else code[j]
        for j in range(REACH, min(REACH + TILE, columns - left)):
            if moves[top + i, left + j] != SOURCE:
                moves[top + i, left + j] = code[j]


@kept
def _follow(moves, times, looked, at):
    """The cells passed from one on, the cell to go on from, and the tile to be looked at before; -1 for none."""
    rows, columns = moves.shape
    passed, count = np.empty(256, np.int64), 0
    while True:
        row, column = at // columns, at % columns
        move = moves[row, column]
        if move == NONE:
            tile = row // TILE * ((columns + TILE - 1) // TILE) + column // TILE
            if looked[tile] or times[row, column] == INF:
                return passed[:0], -1, -1
            return passed[:count], at, tile
        if count == len(passed):
            passed = np.append(passed, np.empty_like(passed))
        passed[count] = at
        count += 1
        if move == SOURCE:
            return passed[:count], -1, -1
        at += ROWS[move - 1] * columns + COLUMNS[move - 1]


@kept
def _pass_on(source, moves, columns):
    """Give each cell the source of the next one on its way; every cell is passed at most twice."""
    for begin in range(len(source)):
        at = begin
        while source[at] < 0 and moves[at] != NONE:
            at += ROWS[moves[at] - 1] * columns + COLUMNS[moves[at] - 1]
        found, at = source[at], begin
        while source[at] != found:
            source[at] = found
            at += ROWS[moves[at] - 1] * columns + COLUMNS[moves[at] - 1]


@kept
def _descend(moves, looked, marked, stack, top):
    """Mark the cells that are reached over those on the stack; the tile to be looked at before going on, -1 for none."""
    rows, columns = moves.shape
    across = (columns + TILE - 1) // TILE
    while top > 0:
        row, column = stack[top - 1] // columns, stack[top - 1] % columns
        for r in range(max(row - REACH, 0) // TILE, min(row + REACH, rows - 1) // TILE + 1):
            for c in range(max(column - REACH, 0) // TILE, min(column + REACH, columns - 1) // TILE + 1):
                if not looked[r * across + c]:
                    return stack, top, r * across + c
        top -= 1
        for k in range(len(ROWS)):
            r, c = row - ROWS[k], column - COLUMNS[k]
            if r < 0 or r >= rows or c < 0 or c >= columns:
                continue
            if moves[r, c] == k + 1 and not marked[r * columns + c]:
                marked[r * columns + c] = True
                if top == len(stack):
                    stack = np.append(stack, np.empty_like(stack))
                stack[top] = r * columns + c
                top += 1
    return stack, 0, -1
