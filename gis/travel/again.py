"""Times worked out again from those before an edit: exact, and only where the edit changes them.

What has become longer or closed comes first: the times of everything whose way led over it are forgotten, and found
anew from what lies around. What has become shorter spreads from where it did. All other times stay as they are, to the
last bit.
"""

from dataclasses import dataclass, field

import numpy as np

NONE = np.zeros(0, dtype=np.int64)
ASIDE = 2
"""A move leads so many rows and columns far, and over no cell that is farther off."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What differs between two surfaces and the roads over them.

    Attributes
    ----------
    cells : array of int
        Cells whose pace or gate differs.
    worse : array of int
        Those of them that are slower or less open than before.
    edges : array of int
        Edges of the ride of before that take longer now in either direction, or are gone.
    nodes : array of int
        Nodes of the edges that cost less than before or are new, by the nodes of now.
    feet : array of int, shape (n, 2)
        Node and cell of feet whose walk is longer than before or that are gone.
    """

    cells: np.ndarray = field(default_factory=lambda: NONE)
    worse: np.ndarray = field(default_factory=lambda: NONE)
    edges: np.ndarray = field(default_factory=lambda: NONE)
    nodes: np.ndarray = field(default_factory=lambda: NONE)
    feet: np.ndarray = field(default_factory=lambda: NONE)


SAME = Ground()


def renewed(before, now, ground=SAME):
    """The times of a reach from those of another that differs from it by little.

    Parameters
    ----------
    before, now : Reach
        Alike but for places, surface and ride. Nodes of the ride of `before` are the first of that of `now`.
    ground : Ground
        What differs between their surfaces and rides.

    Returns
    -------
    seconds, node_seconds : arrays
        As of `Reach`.
    """
    times, nodes = before.seconds, before.node_seconds
    cells, at = _worse(before, now, ground)
    size = 0 if now.ride is None else len(now.ride.tracks.xy)
    if nodes is not None and size > len(nodes):
        nodes = np.concatenate([nodes, np.full(size - len(nodes), np.inf)])
    times, nodes = times.copy(), None if nodes is None else nodes.copy()
    flat = times.reshape(-1)
    flat[cells] = np.inf
    around = _around(np.concatenate([cells, ground.cells]), times.shape)
    around = around[np.isfinite(flat[around])]
    begun = flat[around].copy()
    flat[around] = np.inf
    starts = np.concatenate([around, now.begins[0]]), np.concatenate([begun, now.begins[1]])
    begins = NONE, np.zeros(0)
    if nodes is not None:
        nodes[at] = np.inf
        on = np.union1d(_tails(now.ride, at, size, now.towards), ground.nodes)
        on = on[np.isfinite(nodes[on])].astype(np.int64)
        loose = np.asarray(now.loose, dtype=np.int64)
        begins = np.concatenate([on, loose]), np.concatenate([nodes[on], np.zeros(len(loose))])
        nodes[on] = np.inf
    return _settled(now, times, nodes, starts, begins)


def _worse(before, now, ground):
    """Cells and nodes whose ways lead over what is no more: places, or pieces of way that are longer or closed now."""
    from gis.kernels import led_over

    times, ride = before.seconds, before.ride
    seeds = [_gone(before.begins, now.begins), _around(ground.worse, times.shape, itself=True)]
    on = np.zeros(0 if ride is None else len(before.node_seconds), dtype=bool)
    if len(ground.feet):
        # whoever got on or off there
        seeds.append(ground.feet[:, 1])
        on[ground.feet[:, 0]] = True
    if len(ground.edges):
        on |= _over(before, ground.edges)
    flat, cells = times.reshape(-1), np.concatenate(seeds)
    cells = cells[np.isfinite(flat[cells])]
    if not len(cells) and not on.any():
        return NONE, NONE
    marked = np.zeros(times.size, dtype=bool)
    while True:
        if len(cells):
            before.surface.passed_by(times, cells, marked, before._moves, towards=before.towards)
        if ride is None:
            break
        _, source, following = before._roads
        reached = source >= 0
        on[reached] |= marked[ride.cell[source[reached]]]
        if on.any():
            on = led_over(on, following)
        cells, seconds, foot = before._offers(before.node_seconds)
        begins = on[ride.node[foot]] & (seconds == flat[cells]) & ~marked[cells]
        cells = cells[begins]
        if not len(cells):
            break
    return np.flatnonzero(marked), np.flatnonzero(on)


def _over(before, edges):
    """Whether each node is the first on the far side of one of some edges, on the ways that were taken."""
    tracks, following = before.ride.tracks, before._roads[2]
    over = np.zeros(len(following), dtype=bool)
    for tail, head in ((tracks.start, tracks.end), (tracks.end, tracks.start)):
        over[head[edges][following[head[edges]] == tail[edges]]] = True
    return over


def _gone(before, now):
    """The cells of beginnings, as of `Surface.entries`, that are there no more."""
    if all(np.array_equal(*both) for both in zip(before[:2], now[:2], strict=True)):
        return NONE
    kept = set(zip(now[0].tolist(), now[1].tolist(), strict=True))
    pairs = zip(before[0].tolist(), before[1].tolist(), strict=True)
    return before[0][[pair not in kept for pair in pairs]]


def roads_again(before, now):
    """The foot that each node is ridden to and the next node on the way there, as `Ride.spread` gives them.

    Returns
    -------
    source, following : arrays
        None where feet that could be used before cannot be now, so that their numbers are others.
    """
    from gis.kernels import LEAST_S, followed

    ride, old, nodes = now.ride, before.ride, now.node_seconds
    if not np.array_equal(ride.foot[: len(old.foot)], old.foot):
        return None
    _, source, following = before._roads
    more = np.full(len(nodes) - len(source), -1, dtype=np.int32)
    source, following = np.concatenate([source, more]), np.concatenate([following, more])
    began, begins = before._at_feet(before.seconds), now._at_feet(now.seconds)
    on = np.zeros(len(nodes), dtype=bool)
    on[ride.node[: len(began)][begins[: len(began)] != began]] = True
    on[ride.node[len(began) :]] = True
    on |= _beside_change(now)
    first, heads, seconds = ride.arcs.searched(now.towards)
    at = np.flatnonzero(on[heads])
    tail, head = np.searchsorted(first, at, side="right") - 1, heads[at]
    by_it = (nodes[tail] + np.maximum(seconds[at], LEAST_S) == nodes[head]) & np.isfinite(nodes[head])
    tail, head = tail[by_it], head[by_it]
    order = np.lexsort((tail, head))
    head, least = np.unique(head[order], return_index=True)
    following[on], source[on] = -1, -1
    following[head] = tail[order][least]
    feet = np.flatnonzero(on[ride.node] & (begins == nodes[ride.node]) & np.isfinite(begins))
    node, which = np.unique(ride.node[feet], return_index=True)
    following[node], source[node] = -1, feet[which]
    source[following >= 0] = -1
    return followed(source, following), following


def _settled(reach, times, nodes, starts, begins):
    """Times, changed in place, once nothing gets shorter any more; cells and nodes begin at some seconds."""
    from gis.kernels import network_times

    surface, ride, towards, limit = reach.surface, reach.ride, reach.towards, reach.limit_s
    while True:
        if len(starts[0]):
            times = surface.times(starts, towards=towards, limit_s=limit, onto=times, in_place=True)
        if ride is None:
            return times, nodes
        onto = times.reshape(-1)[ride.cell] + ride.leg_s
        better = onto < nodes[ride.node]
        at = np.concatenate([begins[0], ride.node[better]])
        if len(at):
            since = np.concatenate([begins[1], onto[better]])
            nodes = network_times(*ride.arcs.searched(towards), at, since, limit=limit, onto=nodes)[0]
        cells, seconds, _ = reach._offers(nodes)
        better = seconds < times.reshape(-1)[cells]
        if not better.any():
            return times, nodes
        starts, begins = (cells[better], seconds[better]), (NONE, np.zeros(0))


def _around(cells, shape, *, itself=False):
    """Cells within a move of some cells, these left out unless asked for."""
    if not len(cells):
        return NONE
    row, column = np.divmod(cells, shape[1])
    top, left = max(row.min() - ASIDE, 0), max(column.min() - ASIDE, 0)
    bottom, right = min(row.max() + ASIDE + 1, shape[0]), min(column.max() + ASIDE + 1, shape[1])
    own = np.zeros((bottom - top, right - left), dtype=bool)
    own[row - top, column - left] = True
    found = own
    for axis in (0, 1):
        wide = found.copy()
        for far in range(1, ASIDE + 1):
            ahead, behind = [slice(None)] * 2, [slice(None)] * 2
            ahead[axis], behind[axis] = slice(far, None), slice(None, -far)
            wide[tuple(ahead)] |= found[tuple(behind)]
            wide[tuple(behind)] |= found[tuple(ahead)]
        found = wide
    row, column = np.nonzero(found if itself else found & ~own)
    return (row + top) * shape[1] + column + left


def _tails(ride, nodes, size, towards):
    """Nodes from which a search gets to some nodes, these left out."""
    if not len(nodes):
        return NONE
    first, heads, _ = ride.arcs.searched(towards)
    own = np.zeros(size, dtype=bool)
    own[nodes] = True
    tails = np.unique(np.searchsorted(first, np.flatnonzero(own[heads]), side="right") - 1)
    return tails[~own[tails]]


def moved(reach, points):
    """Whether what a reach says of points can be other than before the edit: their times, and their ways.

    Parameters
    ----------
    reach : Reach
        With `before`.
    points : array of float, shape (n, 2)

    Returns
    -------
    array of bool
        False only where times and ways are the same to the last bit, and so are those of all cells beside them.
    """
    before, ground = reach.before, reach.ground
    cells = reach.changed
    found = np.zeros(len(points), dtype=bool)
    near = np.zeros(reach.seconds.size, dtype=bool)
    near[_around(np.concatenate([cells, ground.cells]), reach.seconds.shape, itself=True)] = True
    on = None
    if reach.ride is not None:
        on = _near_nodes(reach, near)
        near[reach.ride.cell[on[reach.ride.node]]] = True
    for each in {id(one.surface): one.surface for one in (before, reach)}.values():
        entered, _, point = each.entries(points)
        found[point[near[entered]]] = True
    legs = before.legs(points)
    owner = legs["point"].to_numpy()
    for name, of in (("cells", _itself), ("edges", lambda edges: _ends(before.ride.tracks, edges))):
        parts = legs[name].tolist()
        passed = np.concatenate([NONE, *parts]).astype(np.int64)
        if len(passed):
            whose = np.repeat(owner, [len(part) for part in parts])
            for places in of(passed):
                found[whose[(near if name == "cells" else on)[places]]] = True
    return found


def _near_nodes(reach, near):
    """The nodes whose times or whose neighbours' times changed, and those of feet in cells near a change."""
    on = _beside_change(reach)
    on[reach.ride.node[near[reach.ride.cell]]] = True
    start, end = reach.ride.tracks.start, reach.ride.tracks.end
    beside = on[start] | on[end]
    on[start[beside]] = on[end[beside]] = True
    return on


def _beside_change(reach):
    """The nodes whose times changed, or the times of a neighbour or what it takes to get there."""
    before, ride, ground = reach.before, reach.ride, reach.ground
    old, new = before.node_seconds, reach.node_seconds
    on = np.ones(len(new), dtype=bool)
    on[: len(old)] = new[: len(old)] != old
    on[ground.nodes] = True
    tracks = before.ride.tracks
    on[tracks.start[ground.edges]] = on[tracks.end[ground.edges]] = True
    start, end = ride.tracks.start, ride.tracks.end
    beside = on[start] | on[end]
    on[start[beside]] = on[end[beside]] = True
    return on


def _itself(cells):
    return (cells,)


def _ends(tracks, edges):
    return tracks.start[edges], tracks.end[edges]
