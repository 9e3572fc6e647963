"""Least cost over a network.

Nodes wait in buckets of equal width in time, and a bucket is worked on until nothing in it gets shorter. A node whose
time got shorter waits once more and is passed over where its older, longer time comes up. The times are the one least
solution, the same to the last bit whatever the order and the width of the buckets: each is the least, over the
edges into the node, of the time at their other end plus the edge.
"""

from heapq import heapify, heappop, heappush

import numpy as np
from numba import njit

from gis.kernels.compiling import kept

LEAST_S = 1e-6
"""A shorter edge counts as this long, so that every way back ends."""
BITS = 8
SLOTS = 1 << BITS
LEVELS = 7
LAST = float((1 << (BITS * LEVELS)) - 2**10)
"""Buckets are numbered in digits of `BITS` bits. Those whose last digit only differs from the bucket at work are at
hand, one in each of `SLOTS`; of those farther ahead a slot holds all that share the digits above, until their turn comes.
So a few huge edges cost nothing. Beyond the last number all is one bucket."""
NONE, HEAD, AWAY = -1, -1, -2
SAMPLE = 1 << 16
"""Edges looked at to choose how wide the buckets are."""


def network_times(first, heads, seconds, cells, starts, *, limit=np.inf, onto=None):
    """The least time from the nearest of some nodes to every node of a directed network.

    Parameters
    ----------
    first : array of int, shape (nodes + 1,)
        Where the edges out of each node begin in `heads`; the last is the count of edges.
    heads : array of int
        The node that each edge leads to.
    seconds : array of float
        The time of each edge, >= 0; inf is a closed edge. One below `LEAST_S` counts as `LEAST_S`.
    cells : array of int
        The nodes of the sources.
    starts : array of float
        Seconds at which each source begins, >= 0.
    limit : float
        Seconds; nodes beyond are not reached.
    onto : array of float, optional
        Times known already; only what gets shorter is worked on. All inf where left out.

    Returns
    -------
    times : array of float64
        Seconds, inf where not reached; those of `onto` where nothing shorter was found.
    source : array of int32
        Position in `cells`; -1 where not reached and where the time is that of `onto`.
    previous : array of int32
        The node before; -1 for one where a source begins and where `source` is -1. Of equal ways the one that begins
        at the node itself is taken, then the one over the node of least number; of sources at one node the one that
        begins first, then the first in order.

    Raises
    ------
    ValueError
        If a time is negative or NaN, or the arrays do not fit each other.
    """
    first, heads, seconds = _network(first, heads, seconds)
    cells, starts = _sources(cells, starts, len(first) - 1)
    times = np.full(len(first) - 1, np.inf) if onto is None else np.array(onto, dtype=np.float64)
    if len(times) != len(first) - 1:
        raise ValueError("onto has another length than the network has nodes")
    source, previous = np.full((2, len(times)), -1, dtype=np.int32)
    order = np.lexsort((np.arange(len(cells)), starts))
    taken = order[(starts[order] < times[cells[order]]) & (starts[order] <= limit)]
    taken = taken[np.unique(cells[taken], return_index=True)[1]]
    times[cells[taken]] = starts[taken]
    _spread(times, previous, first, heads, seconds, cells[taken], 1 / _width(seconds), float(limit))
    begins = taken[previous[cells[taken]] < 0]
    source[cells[begins]] = begins
    _follow(source, previous)
    return times, source, previous


def followed(source, previous):
    """For each node the source at the end of its way, by the next node on it and the source of those where one ends."""
    source = np.array(source, dtype=np.int32)
    _follow(source, np.ascontiguousarray(previous, dtype=np.int32))
    return source


def led_over(marked, previous):
    """Whether each node is marked, or its way leads over one that is."""
    state = np.array(marked, dtype=np.int8)
    _mark(state, np.ascontiguousarray(previous, dtype=np.int32))
    return state == 1


def nearest_few(first, heads, seconds, cells, starts, *, count, limit=np.inf, owners=None):
    """The least times from the nearest few of some sources to every node, and which these are.

    Parameters
    ----------
    first, heads, seconds, cells, starts, limit
        As for `network_times`.
    count : int
        How many sources each node is told of, >= 1.
    owners : array of int, optional
        The number of the place that each source belongs to, >= 0, where a place has several; else a place is a source and
        its number is the position in `cells`.

    Returns
    -------
    times : array of float64, shape (nodes, count)
        Seconds, rising; inf where fewer sources are reached.
    source : array of int32, shape (nodes, count)
        The place, none twice in a row; -1 where `times` is inf. Of equally near places the one of least number.

    Raises
    ------
    ValueError
        As `network_times`, and if `count` is below 1.
    """
    if count < 1:
        raise ValueError("count must be at least 1")
    first, heads, seconds = _network(first, heads, seconds)
    cells, starts = _sources(cells, starts, len(first) - 1)
    times = np.full((len(first) - 1, int(count)), np.inf)
    source = np.full(times.shape, -1, dtype=np.int32)
    owners = np.arange(len(cells)) if owners is None else np.ascontiguousarray(owners, dtype=np.int64)
    last = min(float(limit), np.finfo(float).max)
    _spread_few(times, source, first, heads, seconds, cells, starts, owners, last)
    return times, source


def _network(first, heads, seconds):
    """The arrays of one type, so that each loop is compiled once."""
    first = np.ascontiguousarray(first, dtype=np.int64)
    heads = np.ascontiguousarray(heads, dtype=np.int32)
    seconds = np.ascontiguousarray(seconds, dtype=np.float64)
    if not len(first) or first[0] != 0 or first[-1] != len(heads) or len(heads) != len(seconds):
        raise ValueError("first, heads and seconds do not fit each other")
    if (np.diff(first) < 0).any() or (len(heads) and not 0 <= heads.min() <= heads.max() < len(first) - 1):
        raise ValueError("an edge leads to no node")
    if not (seconds >= 0).all():
        raise ValueError("seconds must be 0 or more")
    return first, heads, seconds


def _sources(cells, starts, nodes):
    cells = np.ascontiguousarray(cells, dtype=np.int64)
    starts = np.ascontiguousarray(starts, dtype=np.float64)
    if cells.shape != starts.shape or not (starts >= 0).all():
        raise ValueError("every source needs a start of 0 or more")
    if len(cells) and not 0 <= cells.min() <= cells.max() < nodes:
        raise ValueError("a source is at no node")
    return cells, starts


def _width(seconds):
    """How wide a bucket is: as the edge that a hundredth of all are shorter than; many empty buckets cost little."""
    some = seconds[:: max(1, len(seconds) // SAMPLE)]
    some = some[np.isfinite(some)]
    return max(float(np.quantile(some, 0.01)), LEAST_S) if len(some) else 1.0


@njit
def _slot(bucket, now):
    """Where a bucket is kept: by the highest digit in which its number differs from that of the bucket at work."""
    apart, level = bucket ^ now, 0
    while apart >= SLOTS:
        apart >>= BITS
        level += 1
    return level * SLOTS + ((bucket >> (BITS * level)) & (SLOTS - 1))


@njit
def _bucket(time, scale):
    return np.int64(min(time * scale, LAST))


@njit
def _next(now, waiting):
    """The slot nearest ahead that holds a node, and the number of the first bucket in it; -1 and -1 where none does."""
    for level in range(LEVELS):
        digit = (now >> (BITS * level)) & (SLOTS - 1)
        for later in range(digit + 1, SLOTS):
            if waiting[level * SLOTS + later] >= 0:
                above = (now >> (BITS * (level + 1))) << BITS
                return level * SLOTS + later, (above | later) << (BITS * level)
    return -1, -1


@kept
def _spread(times, previous, first, heads, seconds, cells, scale, limit):
    # Slots are doubly linked lists, so that a node leaves its old one. They are tied by hand here: handed to a function
    # the arrays take twice the time.
    waiting = np.full(LEVELS * SLOTS, NONE, np.int32)
    after, before = np.empty(len(times), np.int32), np.full(len(times), AWAY, np.int32)
    now = np.int64(0)
    for node in cells:
        slot = _slot(_bucket(times[node], scale), now)
        then = waiting[slot]
        after[node], before[node], waiting[slot] = then, HEAD, node
        if then >= 0:
            before[then] = node
    while now >= 0:
        at_work = now & (SLOTS - 1)
        # in rounds, first come first served, so that edges shorter than a bucket is wide do little harm
        while waiting[at_work] >= 0:
            tail = waiting[at_work]
            waiting[at_work] = NONE
            while tail >= 0:
                following, before[tail] = after[tail], AWAY
                time = times[tail]
                for edge in range(first[tail], first[tail + 1]):
                    head = heads[edge]
                    reached = time + max(seconds[edge], LEAST_S)
                    if reached < times[head] and reached <= limit:
                        bucket = _bucket(reached, scale)
                        stays = False
                        if before[head] != AWAY:
                            old = _bucket(times[head], scale)
                            stays = old == bucket
                            if not stays:
                                then, prior = after[head], before[head]
                                if prior >= 0:
                                    after[prior] = then
                                else:
                                    waiting[_slot(old, now)] = then
                                if then >= 0:
                                    before[then] = prior
                        times[head], previous[head] = reached, tail
                        if not stays:
                            slot = _slot(bucket, now)
                            then = waiting[slot]
                            after[head], before[head], waiting[slot] = then, HEAD, head
                            if then >= 0:
                                before[then] = head
                    elif reached == times[head] and tail < previous[head]:
                        previous[head] = tail
                tail = following
        full, now = _next(now, waiting)
        if full >= SLOTS:
            # its nodes come down to the slots of their own buckets
            node = waiting[full]
            waiting[full] = NONE
            while node >= 0:
                later = after[node]
                slot = _slot(_bucket(times[node], scale), now)
                then = waiting[slot]
                after[node], before[node], waiting[slot] = then, HEAD, node
                if then >= 0:
                    before[then] = node
                node = later


@kept
def _spread_few(times, source, first, heads, seconds, cells, starts, owners, limit):
    count = times.shape[1]
    known = np.zeros(len(times), np.int64)
    waiting = [(starts[k], owners[k], cells[k]) for k in range(len(cells)) if starts[k] <= limit]
    heapify(waiting)
    while len(waiting):
        time, which, node = heappop(waiting)
        if known[node] == count or _knows(source, node, known[node], which):
            continue
        times[node, known[node]], source[node, known[node]] = time, which
        known[node] += 1
        for edge in range(first[node], first[node + 1]):
            head, reached = np.int64(heads[edge]), time + max(seconds[edge], LEAST_S)
            if reached <= limit and known[head] < count and not _knows(source, head, known[head], which):
                heappush(waiting, (reached, which, head))


@njit
def _knows(source, node, known, which):
    return (source[node, :known] == which).any()


@kept
def _follow(source, previous):
    """The source at the end of each way; every node is passed at most twice."""
    for begin in range(len(source)):
        at = begin
        while source[at] < 0 and previous[at] >= 0:
            at = previous[at]
        found, at = source[at], begin
        while source[at] < 0 and previous[at] >= 0:
            source[at], at = found, previous[at]


@kept
def _mark(state, previous):
    """Mark 1 what leads over a 1, all else 2; every node is passed at most twice."""
    for begin in range(len(state)):
        at = begin
        while state[at] == 0 and previous[at] >= 0:
            at = previous[at]
        found, at = (1 if state[at] == 1 else 2), begin
        while state[at] == 0:
            state[at] = found
            if previous[at] < 0:
                break
            at = previous[at]
