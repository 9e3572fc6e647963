"""Least cost over a network against the plain ways and scipy's: the same times to the last bit."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.kernels import nearest_few, network_times
from gis.kernels.graph import LEAST_S


def rows(edges, nodes):
    """Edges as (tail, head, seconds) in the form that the loops take."""
    edges = sorted(edges)
    tails, heads, seconds = (
        (np.array(part) for part in zip(*edges, strict=True)) if edges else np.zeros((3, 0))
    )
    first = np.concatenate([[0], np.cumsum(np.bincount(tails.astype(int), minlength=nodes))])
    return first, heads.astype(int), seconds.astype(float)


def plain(edges, nodes, cells, starts, count=1, limit=np.inf):
    """The nearest `count` sources of every node as (seconds, source), by a heap."""
    found = [[] for _ in range(nodes)]
    waiting = [(start, k, cell) for k, (cell, start) in enumerate(zip(cells, starts, strict=True))]
    heapq.heapify(waiting)
    while waiting:
        time, source, node = heapq.heappop(waiting)
        if time > limit or len(found[node]) == count or source in [other for _, other in found[node]]:
            continue
        found[node].append((time, source))
        for tail, head, seconds in edges:
            if tail == node and np.isfinite(seconds):
                heapq.heappush(waiting, (time + max(seconds, LEAST_S), source, head))
    return found


NODES = 7
node = st.integers(0, NODES - 1)
cost = st.one_of(st.integers(0, 5).map(float), st.floats(0, 1e6), st.just(np.inf))
graphs = st.lists(st.tuples(node, node, cost), max_size=20)
begins = st.lists(st.tuples(node, st.integers(0, 9).map(float)), max_size=4)


def split(sources):
    return [cell for cell, _ in sources], [start for _, start in sources]


@settings(max_examples=150, deadline=None)
@given(graphs, begins, st.sampled_from([np.inf, 4.0]))
def test_times_are_those_of_the_plain_way(edges, sources, limit):
    times, source, _ = network_times(*rows(edges, NODES), *split(sources), limit=limit)
    expected = plain(edges, NODES, *split(sources), limit=limit)
    assert times.tolist() == [each[0][0] if each else np.inf for each in expected]
    assert ((source >= 0) == np.isfinite(times)).all()


@settings(max_examples=150, deadline=None)
@given(graphs, begins)
def test_every_way_back_adds_up_and_ends_at_its_source(edges, sources):
    first, heads, seconds = rows(edges, NODES)
    cells, starts = split(sources)
    times, source, previous = network_times(first, heads, seconds, cells, starts)
    for at in range(NODES):
        if source[at] < 0:
            assert previous[at] == -1
        elif previous[at] < 0:
            assert cells[source[at]] == at and starts[source[at]] == times[at]
        else:
            ways = [
                tail
                for tail, head, cost in edges
                if head == at and times[tail] + max(cost, LEAST_S) == times[at]
            ]
            assert previous[at] == min(ways) and source[at] == source[previous[at]]


@settings(max_examples=100, deadline=None)
@given(graphs, begins, st.integers(1, 4))
def test_the_nearest_few_are_those_of_the_plain_way(edges, sources, count):
    times, source = nearest_few(*rows(edges, NODES), *split(sources), count=count)
    found = [list(zip(*pair, strict=True)) for pair in zip(times.tolist(), source.tolist(), strict=True)]
    expected = plain(edges, NODES, *split(sources), count=count)
    assert [[pair for pair in each if pair[1] >= 0] for each in found] == expected


@settings(max_examples=100, deadline=None)
@given(graphs, begins, begins)
def test_what_is_known_is_only_made_shorter(edges, sources, more):
    network = rows(edges, NODES)
    known = network_times(*network, *split(sources))[0]
    times, source, _ = network_times(*network, *split(more), onto=known)
    assert times.tolist() == network_times(*network, *split(sources + more))[0].tolist()
    assert ((source >= 0) == (times < known)).all()


@settings(max_examples=100, deadline=None)
@given(graphs, begins, st.tuples(node, node, cost), st.permutations(range(NODES)))
def test_one_more_edge_never_lengthens_and_numbers_do_not_matter(edges, sources, more, number):
    before = network_times(*rows(edges, NODES), *split(sources))[0]
    assert (network_times(*rows([*edges, more], NODES), *split(sources))[0] <= before).all()
    renamed = [(number[tail], number[head], cost) for tail, head, cost in edges]
    cells, starts = split(sources)
    after = network_times(*rows(renamed, NODES), [number[cell] for cell in cells], starts)[0]
    assert after[list(number)].tolist() == before.tolist()


def grid(side, seed, draw):
    """A grid of streets with edges both ways, some left out."""
    random = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    one = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    other = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = random.random(len(one)) < 0.7
    tails, heads = np.concatenate([one[kept], other[kept]]), np.concatenate([other[kept], one[kept]])
    order = np.lexsort((heads, tails))
    first = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=side * side))])
    return first, heads[order], draw(random, len(tails))


@pytest.mark.parametrize(
    "draw",
    [
        lambda random, size: random.uniform(1, 100, size),
        lambda random, size: random.integers(0, 3, size),
        lambda random, size: np.zeros(size),
        lambda random, size: 10 ** random.uniform(-7, 9, size),
        lambda random, size: np.where(random.random(size) < 0.001, 1e12, random.uniform(1, 100, size)),
        lambda random, size: np.where(np.arange(size) < 5000, 1e-4, 1.0) * random.uniform(1, 100, size),
    ],
    ids=["even", "zeros", "all zero", "wide", "few huge", "a knot of tiny ones"],
)
def test_a_network_of_20000_nodes_is_as_scipy_has_it(draw):
    first, heads, seconds = grid(142, 3, draw)
    cells = np.arange(0, 142 * 142, 997)
    clamped = csr_array((np.maximum(seconds, LEAST_S).astype(float), heads, first), shape=(142**2, 142**2))
    expected = dijkstra(clamped, indices=cells, min_only=True)
    times, source, _ = network_times(first, heads, seconds, cells, np.zeros(len(cells)))
    assert np.isfinite(times).sum() > 15_000
    np.testing.assert_array_equal(times, expected)
    few, which = nearest_few(first, heads, seconds, cells, np.zeros(len(cells)), count=2)
    np.testing.assert_array_equal(few[:, 0], times)
    each = dijkstra(clamped, indices=cells)
    np.testing.assert_array_equal(few[:, 1], np.sort(each, axis=0)[1])
    sure = which[:, 1] >= 0
    np.testing.assert_array_equal(few[sure, 1], each[which[sure, 1], np.flatnonzero(sure)])


def test_of_equal_ways_the_one_over_the_least_node_is_taken():
    # 0 and 1 both lead to 2 in 5 s
    edges = [(0, 2, 5), (1, 2, 5)]
    assert network_times(*rows(edges, 3), [1, 0], [0, 0])[1].tolist() == [1, 0, 1]
    # a source at the node itself goes before, of two there the first
    assert network_times(*rows(edges, 3), [1, 0, 2, 2], [0, 0, 5, 5])[1].tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("edges", "cells", "starts"),
    [
        ([(0, 1, -1)], [0], [0]),
        ([(0, 1, np.nan)], [0], [0]),
        ([(0, 2, 1)], [0], [0]),
        ([(0, 1, 1)], [2], [0]),
    ],
)
def test_what_is_no_network_is_refused(edges, cells, starts):
    for ask in (network_times, lambda *given: nearest_few(*given, count=1)):
        with pytest.raises(ValueError):
            ask(*rows(edges, 2), cells, starts)
    with pytest.raises(ValueError):
        network_times(*rows([(0, 1, 1)], 2), [0], [-1])
    with pytest.raises(ValueError):
        nearest_few(*rows([(0, 1, 1)], 2), [0], [0], count=0)
