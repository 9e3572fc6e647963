"""Times worked out again from those before an edit: exact, and only where the edit changes them.

What has become longer or closed is found first: everything that was reached by it, with all that is reached from there,
by spreading what it was worth over the ground of before. These times are forgotten and found anew from what lies around
them; whatever has become shorter spreads from where it did. All other times stay as they are, to the last bit.
"""

from dataclasses import dataclass, field

import numpy as np

SLACK = 2e-6
"""Ways that are longer by so little may be the same way: many times what rounding does to single precision."""
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
    """Cells and nodes whose times may rest on what is no more: places, or ways that are longer or closed now."""
    times, nodes = before.seconds, before.node_seconds
    flat, starts = times.reshape(-1), []
    kept = set(zip(now.begins[0].tolist(), now.begins[1].tolist(), strict=True))
    gone = [
        pair not in kept for pair in zip(before.begins[0].tolist(), before.begins[1].tolist(), strict=True)
    ]
    starts.append((before.begins[0][gone], before.begins[1][gone]))
    if len(ground.worse):
        near = _around(ground.worse, times.shape, itself=True)
        starts.append((near, flat[near]))
    begins = NONE, np.zeros(0)
    if nodes is not None and (len(ground.edges) or len(ground.feet)):
        more, begins = _worse_roads(before, ground)
        starts.append(more)
    starts = tuple(np.concatenate(part) for part in zip(*starts, strict=True))
    if not len(starts[0]) and not len(begins[0]):
        return NONE, NONE
    nudged = times * np.float32(1 + SLACK)
    on = None if nodes is None else nodes * (1 + SLACK) + SLACK
    lower, lower_on = _settled(before, nudged, on, starts, begins)
    return np.flatnonzero(lower < nudged), NONE if nodes is None else np.flatnonzero(lower_on < on)


def _worse_roads(before, ground):
    """Where times rested on edges and feet that are worse now: cells and nodes with what they were worth."""
    ride, nodes, flat = before.ride, before.node_seconds, before.seconds.reshape(-1)
    at, cells = [], []
    if len(ground.edges):
        tracks, seconds = ride.tracks, ride.seconds[ground.edges]
        ends = tracks.start[ground.edges], tracks.end[ground.edges]
        for tail, head, way in ((*ends, int(before.towards)), (*ends[::-1], int(not before.towards))):
            by_it = nodes[tail] + seconds[:, way] <= nodes[head] * (1 + SLACK) + SLACK
            at.append(head[by_it & np.isfinite(nodes[head])])
    if len(ground.feet):
        node, cell = ground.feet.T
        at.append(node[flat[cell] <= nodes[node] * (1 + SLACK) + SLACK])
        cells.append(cell[nodes[node] <= flat[cell] * (1 + SLACK) + SLACK])
    at = np.unique(np.concatenate([NONE, *at])).astype(np.int64)
    cells = np.unique(np.concatenate([NONE, *cells])).astype(np.int64)
    return (cells, flat[cells]), (at, nodes[at])


def _settled(reach, times, nodes, starts, begins):
    """Times once nothing gets shorter any more, cells and nodes beginning at some seconds."""
    from gis.kernels import network_times

    surface, ride, towards, limit = reach.surface, reach.ride, reach.towards, reach.limit_s
    while True:
        if len(starts[0]):
            times = surface.times(starts, towards=towards, limit_s=limit, onto=times)
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
    cells = np.flatnonzero((reach.seconds != before.seconds).reshape(-1))
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
    for at, row in enumerate(legs["point"].to_numpy()):
        if not found[row]:
            walked, ridden = legs["cells"].iat[at], legs["edges"].iat[at]
            found[row] = near[walked].any()
            if len(ridden) and not found[row]:
                tracks = before.ride.tracks
                found[row] = (on[tracks.start[ridden]] | on[tracks.end[ridden]]).any()
    return found


def _near_nodes(reach, near):
    """The nodes whose times or whose neighbours' times changed, and those of feet in cells near a change."""
    before, ride = reach.before, reach.ride
    old, new = before.node_seconds, reach.node_seconds
    on = np.ones(len(new), dtype=bool)
    on[: len(old)] = new[: len(old)] != old
    on[ride.node[near[ride.cell]]] = True
    on[reach.ground.nodes] = True
    edges = reach.ground.edges
    on[before.ride.tracks.start[edges]] = on[before.ride.tracks.end[edges]] = True
    start, end = ride.tracks.start, ride.tracks.end
    beside = on[start] | on[end]
    on[start[beside]] = on[end[beside]] = True
    return on
