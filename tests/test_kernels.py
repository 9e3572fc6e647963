"""Least cost over a grid: against a plain twin, against GRASS, and the laws that it must keep."""

import heapq
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import grass
from gis.kernels import (
    CAUSEWAY,
    COLUMNS,
    CYCLE,
    FLAT,
    LANGMUIR,
    MOTOR,
    OPEN,
    ROAD,
    ROWS,
    TILE,
    TOBLER,
    compiling,
    nearest_source,
    spread_cost,
    ways,
)

NAN, INF = np.nan, np.inf


def factor(walker, slope):
    if walker == TOBLER:
        return math.exp(-0.175) / math.exp(-3.5 * abs(slope + 0.05))
    if walker == LANGMUIR:
        return 0.72 + slope * (6 if slope >= 0 else 1.9998 if slope >= -0.2125 else -1.9998)
    return 1.0


def metre(walker, slowness, slope, afoot):
    """Seconds of a metre: on foot, or ridden where that is faster."""
    if walker not in (CYCLE, MOTOR):
        return slowness * factor(walker, slope)
    walked = max(slowness, afoot) * factor(TOBLER, slope)
    if slowness >= afoot or (walker == CYCLE and abs(slope) > 0.08):
        return walked
    return min(walked, slowness * (1 + max(slope, 0) / 0.03 if walker == CYCLE else 1))


def crossed(row, column):
    """The cells that a move from (0, 0) crosses, in order."""
    if abs(row) == 2:
        return [(0, 0), (row // 2, 0), (row // 2, column), (row, column)]
    if abs(column) == 2:
        return [(0, 0), (0, column // 2), (row, column // 2), (row, column)]
    return [(0, 0), (row, column)]


def moves_from(row, column, slowness, *, size, heights, gates, walker, towards, knights, afoot=0.0):
    """Each cell that a move from one leads to, with its seconds."""
    rows, columns = slowness.shape

    def shut(*place):
        r, c = place
        return not (0 <= r < rows and 0 <= c < columns) or np.isnan(slowness[place]) or (
            walker != FLAT and np.isnan(heights[place])
        )  # fmt: skip

    for down, across in list(zip(ROWS.tolist(), COLUMNS.tolist(), strict=True))[: 16 if knights else 8]:
        way = [(row + r, column + c) for r, c in crossed(down, across)]
        if any(shut(*place) for place in way):
            continue
        steps = [{int(gates[a]), int(gates[b])} for a, b in zip(way[:-1], way[1:], strict=True)]
        if {OPEN, CAUSEWAY} in steps:
            continue
        if abs(down) == abs(across):
            sides = [(row + down, column), (row, column + across)]
            if all(shut(*side) for side in sides):
                continue
            wet = all(0 <= r < rows and 0 <= c < columns and gates[r, c] == CAUSEWAY for r, c in sides)
            if wet and OPEN in steps[0]:
                continue
        length = math.hypot(down * size[1], across * size[0])
        mean = sum(float(slowness[place]) for place in way) / len(way)
        slope = 0.0
        if walker != FLAT:
            slope = float(heights[way[-1]] - heights[way[0]]) / length * (-1 if towards else 1)
        yield way[-1], length * metre(walker, mean, slope, afoot)


def plain(slowness, cells, starts, **how):
    """Dijkstra with a heap, cell by cell: slow and easy to read."""
    best, heap = np.full(slowness.shape, INF), []
    for cell, start in zip(cells, starts, strict=True):
        place = divmod(int(cell), slowness.shape[1])
        if not np.isnan(slowness[place]):
            heapq.heappush(heap, (start, place))
    while heap:
        time, place = heapq.heappop(heap)
        if time >= best[place]:
            continue
        best[place] = time
        for other, seconds in moves_from(*place, slowness, **how):
            heapq.heappush(heap, (time + seconds, other))
    return best


def ground(seed, rows, columns, *, holes=0.15, wet=0.15):
    """Random slowness with holes, heights, and gates."""
    rng = np.random.default_rng(seed)
    slowness = rng.uniform(0.4, 3, (rows, columns)).astype(np.float32)
    slowness[rng.random((rows, columns)) < holes] = NAN
    heights = rng.uniform(0, 25, (rows, columns)).astype(np.float32)
    gates = rng.choice([OPEN, ROAD, CAUSEWAY], (rows, columns), p=[1 - 2 * wet, wet, wet]).astype(np.uint8)
    cells = rng.choice(rows * columns, 3, replace=False)
    return slowness, heights, gates, cells, rng.uniform(0, 60, 3).astype(np.float32)


def placed(array, down, across, fill):
    """An array further down and right in a larger one, so that it lies in other tiles."""
    rows, columns = array.shape
    found = np.full((down + rows, across + columns), fill, dtype=array.dtype)
    found[down:, across:] = array
    return found


WALKERS = [FLAT, TOBLER, LANGMUIR, CYCLE, MOTOR]
SHAPES = st.tuples(st.integers(2, 60), st.integers(2, 40)) | st.sampled_from(
    [(3, 2 * TILE + 9), (TILE + 5, 7)]
)
SHIFTS = st.tuples(*[st.sampled_from([0, TILE - 20, TILE - 3, TILE - 1, TILE])] * 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), SHAPES, SHIFTS, st.sampled_from(WALKERS), st.booleans(), st.booleans())
def test_the_kernel_and_its_plain_twin_agree(seed, shape, shift, walker, towards, knights):
    slowness, heights, gates, cells, starts = ground(seed, *shape)
    how = {"size": (30.0, 20.0), "walker": walker, "towards": towards, "knights": knights, "afoot": 1.3}
    slow = plain(slowness, cells, starts, heights=heights, gates=gates, **how)
    row, column = np.divmod(cells, shape[1])
    there = (row + shift[0]) * (shape[1] + shift[1]) + column + shift[1]
    slowness, heights, gates = (
        placed(array, *shift, fill) for array, fill in ((slowness, NAN), (heights, 0), (gates, CAUSEWAY))
    )
    found = spread_cost(slowness, there, starts, heights=heights, gates=gates, **how)
    assert np.isinf(found[: shift[0]]).all() and np.isinf(found[:, : shift[1]]).all()
    found = found[shift[0] :, shift[1] :]
    assert (np.isinf(found) == np.isinf(slow)).all()
    np.testing.assert_allclose(found, slow, rtol=2e-5, atol=1e-3)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([np.uint8, np.uint16]), st.booleans())
def test_classes_and_whole_metres_are_what_they_stand_for(seed, kind, knights):
    _, heights, gates, cells, starts = ground(seed, 40, TILE + 20)
    rng = np.random.default_rng(seed)
    pace = rng.uniform(0.4, 3, 9).astype(np.float32)
    pace[2] = NAN
    classes = rng.integers(0, 9, heights.shape).astype(kind)
    metres = np.round(heights).astype(np.int16)
    heights = metres.astype(np.float32)
    metres[5, 5:9], heights[5, 5:9] = np.iinfo(np.int16).min, NAN
    how = {"size": (10, 10), "gates": gates, "walker": TOBLER, "knights": knights}
    short = spread_cost(classes, cells, starts, pace=pace, heights=metres, **how)
    assert np.array_equal(short, spread_cost(pace[classes], cells, starts, heights=heights, **how))
    owner = nearest_source(short, classes, cells, starts, pace=pace, heights=metres, **how)
    assert np.array_equal(owner, nearest_source(short, pace[classes], cells, starts, heights=heights, **how))


def test_one_move_of_each_kind_takes_its_length():
    flat = np.ones((5, 5), dtype=np.float32)
    found = spread_cost(flat, [12], [0], size=(10, 10), knights=True)
    assert found[2].tolist() == [20, 10, 0, 10, 20]
    assert found[1, 1] == pytest.approx(math.sqrt(200)) and found[0, 1] == pytest.approx(math.sqrt(500))
    assert spread_cost(flat, [12], [0], size=(10, 10))[0, 1] == pytest.approx(10 + math.sqrt(200))


def test_tobler_goes_five_kilometres_an_hour_on_the_flat_and_uphill_differs_from_downhill():
    slowness = np.full((1, 3), 3.6 / 5.0367, dtype=np.float32)
    heights = np.array([[0, 10, 20]], dtype=np.float32)
    up = spread_cost(slowness, [0], [0], size=(100, 100), heights=heights, walker=TOBLER, towards=False)
    down = spread_cost(slowness, [0], [0], size=(100, 100), heights=heights, walker=TOBLER)
    # 200 m at 6 exp(-3.5 * 0.15) and at 6 exp(-3.5 * 0.05) km/h
    assert up[0, 2] == pytest.approx(0.2 / (6 * math.exp(-0.525)) * 3600, rel=1e-4)
    assert down[0, 2] == pytest.approx(0.2 / (6 * math.exp(-0.175)) * 3600, rel=1e-4)
    flat = spread_cost(slowness, [0], [0], size=(100, 100), heights=heights * 0, walker=TOBLER)
    assert flat[0, 2] == pytest.approx(0.2 / 5.0367 * 3600, rel=1e-4)


@pytest.mark.parametrize("knights", [False, True])
def test_no_move_leaks_through_a_diagonal_barrier_one_cell_wide(knights):
    slowness = np.ones((80, 80), dtype=np.float32)
    slowness[np.arange(80), np.arange(80)] = NAN
    found = spread_cost(slowness, [79], [0], knights=knights)
    above = np.triu(np.ones((80, 80), dtype=bool), 1)
    assert np.isfinite(found[above]).all() and np.isinf(found[~above]).all()


def test_a_causeway_is_stepped_on_from_roads_only():
    # a road down the middle, over water in the third row; open ground beside it
    slowness = np.ones((5, 3), dtype=np.float32)
    slowness[2, [0, 2]] = NAN
    gates = np.zeros((5, 3), dtype=np.uint8)
    gates[2] = CAUSEWAY
    assert np.isinf(spread_cost(slowness, [0], [0], gates=gates, knights=True)[2:]).all()
    gates[[0, 1, 3, 4], 1] = ROAD
    over = spread_cost(slowness, [1], [0], gates=gates, knights=True)
    assert over[4, 1] == 4 and np.isfinite(over[~np.isnan(slowness)]).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(10, 400), st.booleans())
def test_a_longer_limit_never_covers_less_and_changes_no_time(seed, limit, knights):
    slowness, heights, gates, cells, starts = ground(seed, 50, 45)
    how = {"size": (10.0, 10.0), "heights": heights, "gates": gates, "walker": TOBLER, "knights": knights}
    short, long = (spread_cost(slowness, cells, starts, limit=t, **how) for t in (limit, 2 * limit))
    reached = np.isfinite(short)
    assert (short[reached] == long[reached]).all() and (short[reached] <= limit).all()
    assert (spread_cost(slowness, cells, starts, **how)[~reached] > limit).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, TILE), st.integers(0, TILE))
def test_neither_the_order_of_sources_nor_the_place_of_tiles_matters(seed, down, across):
    slowness, heights, gates, cells, starts = ground(seed, 50, 45)
    how = {"walker": TOBLER, "knights": True}
    found = spread_cost(slowness, cells, starts, heights=heights, gates=gates, **how)
    again = spread_cost(slowness, cells[::-1], starts[::-1], heights=heights, gates=gates, **how)
    assert np.array_equal(found, again)
    there = (cells // 45 + down) * (45 + across) + cells % 45 + across
    slowness, heights, gates = (
        placed(array, down, across, fill)
        for array, fill in ((slowness, NAN), (heights, 0), (gates, CAUSEWAY))
    )
    again = spread_cost(slowness, there, starts, heights=heights, gates=gates, **how)
    assert np.array_equal(again[down:, across:], found)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(WALKERS), st.booleans(), st.booleans())
def test_every_way_goes_by_moves_of_the_plain_twin_to_a_source(seed, walker, knights, towards):
    slowness, heights, gates, cells, starts = ground(seed, 30, TILE + 15)
    how = {"size": (30, 20), "heights": heights, "gates": gates, "walker": walker, "knights": knights}
    how |= {"afoot": 1.3, "towards": towards}
    times = spread_cost(slowness, cells, starts, **how)
    wanted = np.arange(times.size)
    source, found = ways(times, slowness, cells, starts, wanted, **how)
    flat = times.reshape(-1)
    assert np.array_equal(source >= 0, np.isfinite(flat))
    assert np.array_equal(source, nearest_source(times, slowness, cells, starts, **how).reshape(-1))
    for cell in np.flatnonzero(source >= 0)[::211]:
        way = found[cell]
        assert way[0] == cell and way[-1] == cells[source[cell]] and flat[way[-1]] == starts[source[cell]]
        for here, there in zip(way[:-1], way[1:], strict=True):
            seconds = dict(moves_from(*divmod(int(there), times.shape[1]), slowness, **how))
            move = seconds[divmod(int(here), times.shape[1])]
            assert flat[there] < flat[here] == pytest.approx(flat[there] + move, rel=2e-5)
    asked = np.flatnonzero(source >= 0)[:5]
    again = ways(times, slowness, cells, starts, asked, **how)
    assert np.array_equal(again[0], source[asked])
    assert all(np.array_equal(way, found[cell]) for way, cell in zip(again[1], asked, strict=True))


def test_of_equal_ways_the_more_northern_and_then_the_more_western_is_taken():
    flat = np.ones((3, 3), dtype=np.float32)
    corners, starts = [8, 6, 2, 0], [0, 0, 0, 0]
    times = spread_cost(flat, corners, starts)
    source, found = ways(times, flat, corners, starts, [4, 7, 5, 1])
    assert [corners[each] for each in source] == [0, 6, 2, 0]
    assert [way.tolist() for way in found] == [[4, 0], [7, 6], [5, 2], [1, 0]]


def test_of_sources_in_one_cell_the_one_that_begins_first_is_got_to():
    flat = np.ones((1, 3), dtype=np.float32)
    cells, starts = [0, 0, 0, 2], [5, 1, 1, 9]
    times = spread_cost(flat, cells, starts)
    assert times.tolist() == [[1, 2, 3]]
    assert nearest_source(times, flat, cells, starts).tolist() == [[1, 1, 1]]


def test_a_cell_that_is_not_reached_has_no_way():
    wall = np.array([[1, NAN, 1]], dtype=np.float32)
    times = spread_cost(wall, [0], [0])
    source, found = ways(times, wall, [0], [0], [2, 0])
    assert source.tolist() == [-1, 0] and [way.tolist() for way in found] == [[], [0]]
    assert ways(times, wall, [0], [0], [])[1] == []
    nobody = spread_cost(wall, [], [])
    assert ways(nobody, wall, [], [], [2])[0].tolist() == [-1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([np.inf, 150.0]), st.booleans())
def test_spreading_onto_known_times_is_spreading_all_together(seed, limit, knights):
    slowness, heights, gates, cells, starts = ground(seed, 90, TILE + 30)
    how = {"size": (10.0, 10.0), "heights": heights, "gates": gates, "walker": TOBLER, "knights": knights}
    known = spread_cost(slowness, cells[:1], starts[:1], limit=limit, **how)
    kept = known.copy()
    found = spread_cost(slowness, cells[1:], starts[1:], limit=limit, onto=known, **how)
    assert np.array_equal(found, spread_cost(slowness, cells, starts, limit=limit, **how))
    assert np.array_equal(known, kept)


def test_nothing_is_shortened_by_a_source_that_begins_later_than_it_is_reached():
    known = spread_cost(np.ones((3, 3), dtype=np.float32), [0], [0])
    assert np.array_equal(spread_cost(np.ones((3, 3), dtype=np.float32), [8], [9], onto=known), known)


def test_faults_of_the_caller_are_refused():
    with pytest.raises(ValueError, match="onto"):
        spread_cost(np.ones((2, 2), dtype=np.float32), [0], [0], onto=np.zeros((2, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="above 0"):
        spread_cost(np.zeros((2, 2), dtype=np.float32), [0], [0])
    with pytest.raises(ValueError, match="heights"):
        spread_cost(np.ones((2, 2), dtype=np.float32), [0], [0], walker=TOBLER)
    with pytest.raises(ValueError, match="shape"):
        spread_cost(np.ones((2, 2)), [0], [0], heights=np.ones((2, 3)), walker=TOBLER)


def test_a_source_on_a_barrier_or_where_no_height_is_known_is_left_out():
    flat, heights = np.ones((1, 3), dtype=np.float32), np.array([[NAN, 0, 0]], dtype=np.float32)
    assert np.isinf(spread_cost(flat, [0], [0], heights=heights, walker=TOBLER)).all()
    assert np.isinf(spread_cost(np.array([[NAN, 1, 1]]), [0], [0])).all()


@pytest.mark.parametrize("walker", [TOBLER, LANGMUIR, CYCLE])
def test_heights_without_end_are_barriers_and_break_nothing(walker):
    flat, heights = np.ones((3, 3), dtype=np.float32), np.zeros((3, 3), dtype=np.float32)
    heights[1] = [np.inf, 3e38, -np.inf]
    times = spread_cost(flat, [0], [0], size=(0.5, 0.5), heights=heights, walker=walker, afoot=0.5)
    assert np.isfinite(times[0]).all() and np.isinf(times[1, [0, 2]]).all()
    assert np.isinf(spread_cost(flat, [3], [0], heights=heights, walker=walker)).all()


def test_no_source_reaches_nothing():
    assert np.isinf(spread_cost(np.ones((2, 2), dtype=np.float32), [], [])).all()


def test_numba_is_not_imported_before_something_is_spread():
    code = "import sys, gis, gis.workflows, gis.indicators.travel; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(grass.GRASS is None, reason="GRASS (grass-core) is not installed")
@pytest.mark.parametrize("walks", [False, True], ids=["r.cost", "r.walk"])
def test_grass_finds_the_same_times(tmp_path, walks):
    rng = np.random.default_rng(20)
    rows, columns, size = 90, 110, 30.0
    slowness = rng.uniform(0.5, 2, (rows, columns)).astype(np.float32)
    slowness[40:43, 5:] = NAN
    slowness[:30, 60:62] = NAN
    slowness[70:80, 70:80] = NAN
    y, x = np.mgrid[:rows, :columns]
    heights = (80 * np.sin(x / 11) * np.cos(y / 7) + rng.uniform(0, 4, (rows, columns))).astype(np.float32)
    cells = np.array([5 * columns + 5, 85 * columns + 100])
    theirs, _, _ = grass.spread(tmp_path, slowness, cells, heights=heights if walks else None, size=size)
    level = np.where(np.isnan(slowness), NAN, 1).astype(np.float32) if walks else slowness
    ours = spread_cost(
        level,
        cells,
        [0, 0],
        size=(size, size),
        heights=heights,
        walker=LANGMUIR if walks else FLAT,
        towards=False,
    )
    assert (np.isfinite(ours) == np.isfinite(theirs)).all() and np.isfinite(ours).sum() > 9000
    reached = np.isfinite(ours)
    assert np.abs(ours[reached] - theirs[reached]).max() < 0.1


def test_what_is_kept_compiled_is_made_anew_when_a_file_it_calls_into_changes(tmp_path):
    outer = "from compiling import kept\nfrom one import inner\n\n@kept\ndef outer():\n    return inner()\n"
    (tmp_path / "compiling.py").write_text(Path(compiling.__file__).read_text())
    (tmp_path / "two.py").write_text(outer)
    for value in (1, 22):
        (tmp_path / "one.py").write_text(
            f"from numba import njit\n\n@njit\ndef inner():\n    return {value}\n"
        )
        run = [sys.executable, "-c", "import two; print(two.outer())"]
        answer = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert answer.stdout.split() == [str(value)]
