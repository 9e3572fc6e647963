"""Where places join a road graph: at the spots of roads that are near them, at a vertex or between two."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

NEAR_M = 300.0
"""A place may take any road this near, not only the nearest: nobody takes the long way for a few steps less."""
ENOUGH = 32
"""A place that has this many loose bits of road in reach looks no farther for more of them."""
LARGE = 200
"""A joined-up part with more edges than this is no loose bit: it is always looked for."""
BLOCK = 500
"""Places looked up at a time, to bound the memory."""


class Some:
    """Some edges, and the tree by which they are found."""

    def __init__(self, network, edges):
        self.edges, self.tree = edges, shapely.STRtree(network.segments[edges])


@dataclass(frozen=True)
class Lookup:
    """All edges of a network, those that are loose bits, and those of each large part."""

    whole: Some
    bits: Some
    large: tuple

    @classmethod
    def of(cls, network):
        """Made of a network."""
        everything = np.arange(len(network.start))
        large = np.flatnonzero(np.bincount(network.component) > LARGE)
        bits = everything[~np.isin(network.component, large)]
        parts = (np.flatnonzero(network.component == part) for part in large)
        return cls(Some(network, everything), Some(network, bits), tuple(Some(network, one) for one in parts))


def find_feet(network, points, *, max_leg_m):
    """Where each point can join the roads, in a straight walk of at most `max_leg_m`.

    Parameters
    ----------
    network : Network
    points : array of float, shape (n, 2)
        Coordinates in metres.
    max_leg_m : float

    Returns
    -------
    DataFrame
        One row a foot: ``point`` (position in `points`), ``edge``, ``share`` (0 at the edge's start,
        1 at its end) and ``leg_m``. A point has a foot on every line within `NEAR_M` and on every
        joined-up part of the network within `max_leg_m`, each at the nearest spot; of spots equally
        near all are there. Of loose bits of road (parts of at most `LARGE` edges) the nearest
        `ENOUGH` are sure to be there. In order of point and edge.
    """
    points = np.asarray(points, dtype=float)
    found = [_frame([], [], [], [])]
    if len(points) and len(network.start):
        lookup = network.looked_up
        found += [_nearest(network, points, lookup.whole, network.line, min(NEAR_M, max_leg_m))]
        found += _nearest_bits(network, points, lookup.bits, max_leg_m)
        found += [_nearest_in_one(network, points, part, max_leg_m) for part in lookup.large]
    feet = pd.concat(found, ignore_index=True).drop_duplicates(["point", "edge"])
    return feet.sort_values(["point", "edge"], ignore_index=True)


def parts_in_reach(network, points, *, max_leg_m):
    """How far each point is from each joined-up part of the network within `max_leg_m`.

    Returns
    -------
    DataFrame
        Columns ``point``, ``part`` and ``leg_m``, one row a pair.
    """
    found = [pd.DataFrame({"point": np.zeros(0, int), "part": np.zeros(0, int), "leg_m": np.zeros(0)})]
    tree = network.looked_up.whole.tree
    for first in range(0, len(points), BLOCK):
        block = points[first : first + BLOCK]
        point, edge = tree.query(shapely.box(*(block - max_leg_m).T, *(block + max_leg_m).T))
        leg = _spot_on(network, block[point], edge)[1]
        near = np.flatnonzero(leg <= max_leg_m)
        point, part, leg = point[near] + first, network.component[edge[near]], leg[near]
        order = np.lexsort((leg, part, point))
        point, part, leg = point[order], part[order], leg[order]
        new = np.append(True, (point[1:] != point[:-1]) | (part[1:] != part[:-1]))[: len(point)]
        found.append(pd.DataFrame({"point": point[new], "part": part[new], "leg_m": leg[new]}))
    return pd.concat(found, ignore_index=True)


def _nearest(network, points, some, group, within_m):
    """The feet of points on some edges: in each group (of edges) the nearest within a distance."""
    edges, tree, found = some.edges, some.tree, []
    for first in range(0, len(points), BLOCK):
        block = points[first : first + BLOCK]
        point, edge = tree.query(shapely.box(*(block - within_m).T, *(block + within_m).T))
        edge = edges[edge]
        share, leg = _spot_on(network, block[point], edge)
        near = np.flatnonzero(leg <= within_m)
        near = near[_is_least(leg[near], point[near], group[edge[near]])]
        found.append(_frame(point[near] + first, edge[near], share[near], leg[near]))
    return pd.concat(found) if found else _frame([], [], [], [])


def _is_least(leg, *keys):
    """Which legs are the least of their keys."""
    order = np.lexsort((leg, *keys))
    ordered = [each[order] for each in keys]
    new = np.ones(len(leg), dtype=bool)
    new[1:] = np.logical_or.reduce([each[1:] != each[:-1] for each in ordered])
    least = leg[order][np.flatnonzero(new)][np.cumsum(new) - 1]
    found = np.zeros(len(leg), dtype=bool)
    found[order] = leg[order] <= least
    return found


def _nearest_bits(network, points, bits, within_m):
    """The feet of points on loose bits of road, looked for ever farther until there are enough."""
    searched, found = np.arange(len(points)), []
    for reach in (min(NEAR_M, within_m), min(4 * NEAR_M, within_m), within_m):
        feet = _nearest(network, points[searched], bits, network.component, reach)
        point = searched[feet["point"]]
        found.append(feet.assign(point=point))
        pairs = np.unique(np.column_stack([point, network.component[feet["edge"]]]), axis=0)
        searched = searched[np.bincount(pairs[:, 0], minlength=len(points))[searched] < ENOUGH]
        if reach == within_m or not len(searched):
            break
    return found


def _nearest_in_one(network, points, part, within_m):
    """The nearest foot of each point on a large part of the network."""
    edges = part.edges
    point, edge = part.tree.query_nearest(shapely.points(points), max_distance=within_m * (1 + 1e-9))
    edge = edges[edge]
    share, leg = _spot_on(network, points[point], edge)
    near = leg <= within_m
    return _frame(point[near], edge[near], share[near], leg[near])


def _spot_on(network, points, edge):
    """The share of the nearest spot of an edge to each point, and how far it is."""
    start, end = network.start[edge], network.end[edge]
    dx, dy = network.x[end] - network.x[start], network.y[end] - network.y[start]
    px, py = points[:, 0] - network.x[start], points[:, 1] - network.y[start]
    share = np.clip((px * dx + py * dy) / (dx * dx + dy * dy), 0, 1)
    return share, np.hypot(px - share * dx, py - share * dy)


def _frame(point, edge, share, leg):
    return pd.DataFrame(
        {
            "point": np.asarray(point, dtype=int),
            "edge": np.asarray(edge, dtype=int),
            "share": np.asarray(share, dtype=float),
            "leg_m": np.asarray(leg, dtype=float),
        }
    )
