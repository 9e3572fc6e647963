"""Least time along roads beside scipy and pandana, on the same invented network.

The network is a grid of streets of which a third is missing, with lengths and speeds drawn by a seed. A plain search in
breadth over the same edges is the limit. Pandana is built and asked once. Memory is that of a process that does nothing
but make the network and spread once.
"""

import json
import sys

import numpy as np
from numba import njit
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.rivals import rival
from benchmarks.table import Row, apart, compared, here, megabytes, near, processor_seconds
from gis.kernels import network_times

NODES_A_SOURCE = 333
SIZES = {
    "quick": (40_000, 10_000, 250_000),
    "usual": (1_000_000, 250_000, 10_000_000),
    "large": (1_000_000, 1_000_000, 10_000_000),
}
"""Nodes beside scipy, beside pandana, and of the network whose memory is told."""


def streets(nodes, seed):
    """Offsets, heads and seconds of a directed network, and the nodes of its facilities."""
    side = int(nodes**0.5)
    random = np.random.default_rng(seed)
    number = np.arange(side * side, dtype=np.int32).reshape(side, side)
    one = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    other = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = random.random(len(one)) < 0.65
    one, other = one[kept], other[kept]
    seconds = random.uniform(20, 180, len(one)) / random.choice([5, 10, 20, 30, 40], len(one)) * 3.6
    tail, head, seconds = np.concatenate([one, other]), np.concatenate([other, one]), np.tile(seconds, 2)
    order = np.argsort(tail, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=side * side))])
    cells = random.choice(side * side, side * side // NODES_A_SOURCE, replace=False)
    return first, head[order], seconds[order], np.sort(cells)


@njit
def in_breadth(first, heads, cells):
    """How many edges each node is from the nearest source; no times, as a limit of what can be."""
    found, queue = np.full(len(first) - 1, -1, np.int32), np.empty(len(first) - 1, np.int32)
    done, count = 0, len(cells)
    queue[:count] = cells
    found[cells] = 0
    while done < count:
        node = queue[done]
        done += 1
        for edge in range(first[node], first[node + 1]):
            if found[heads[edge]] < 0:
                found[heads[edge]] = found[node] + 1
                queue[count] = heads[edge]
                count += 1
    return found


def rows(size, turns, seed):
    """Rows of each rival, and one of a network as large as a country's."""
    what, (nodes, smaller, larger) = "least time along roads", SIZES[size]
    first, heads, seconds, cells = streets(nodes, seed)
    starts, count = np.zeros(len(cells)), len(first) - 1
    matrix = csr_array((seconds, heads, first.astype(np.int32)), shape=(count, count))
    in_breadth(first, heads, cells)
    rivals = {
        "scipy dijkstra, with ways back": here(
            lambda: dijkstra(matrix, indices=cells, min_only=True, return_predecessors=True)[0]
        ),
        "scipy dijkstra, times alone": here(lambda: dijkstra(matrix, indices=cells, min_only=True)),
        "(limit) search in breadth": here(lambda: in_breadth(first, heads, cells)),
    }
    spread = here(lambda: network_times(first, heads, seconds, cells, starts)[0])
    yield from compared(what, named(first, heads, cells), spread, rivals, agree, turns)
    first, heads, seconds, cells = streets(smaller, seed)
    inputs = {"first": first, "heads": heads, "seconds": seconds, "cells": cells}
    spread = here(lambda: network_times(first, heads, seconds, cells, np.zeros(len(cells)))[0])
    rivals = {"pandana, built and asked once": rival("pandana", inputs)}
    yield from compared(what, named(first, heads, cells), spread, rivals, agree, 1)
    spent, memory, reached = apart("network", larger, seed)
    yield Row(what, f"{larger / 1e6:.3g} M nodes", spent, ours_mb=memory, agreement=f"{reached:,} reached")


def named(first, heads, cells):
    """The size of a network in words."""
    return f"{(len(first) - 1) / 1e6:.3g} M nodes, {len(heads) / 2e6:.3g} M edges, {len(cells):,} places"


def agree(ours, theirs):
    """Whether the same nodes are reached, within pandana's thousandths of a second an edge."""
    reached = np.isfinite(ours)
    if theirs.dtype == np.int32:
        return (reached == (theirs >= 0)).all(), "same nodes, no times"
    if not (reached == np.isfinite(theirs)).all():
        return False, "other nodes reached"
    off = np.abs(ours[reached] - theirs[reached]).max()
    return off <= 0.1, "same nodes, " + near(off, f" s of {ours[reached].max():,.0f}")


def once(nodes, seed):
    """One spreading; prints its seconds, the megabytes of this process and how many nodes are reached."""
    network_times(np.zeros(1), [], [], [], [])
    first, heads, seconds, cells = streets(nodes, seed)
    started = processor_seconds()
    times, _, _ = network_times(first, heads, seconds, cells, np.zeros(len(cells)))
    print(json.dumps([processor_seconds() - started, megabytes(), int(np.isfinite(times).sum())]))


if __name__ == "__main__":
    once(*map(int, sys.argv[1:]))
