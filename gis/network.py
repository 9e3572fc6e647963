"""Roads as a graph: distances along them to the nearest facility, and what is joined to what.

The graph takes every vertex of a line as a node, so roads meet wherever they share a vertex (to 0.1 m).
A crossing without a common vertex, such as a bridge over a road, does not join. A place joins the roads
where they come nearest to it, at a vertex or between two.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

GRID_M = 0.1
NEAR_M = 300.0
"""A place may take any road this near, not only the nearest: nobody takes the long way for a few steps less."""
ENOUGH = 32
"""A place that has this many loose bits of road in reach looks no farther for more of them."""
LARGE = 200
"""A joined-up part with more edges than this is no loose bit: it is always looked for."""
BLOCK = 500
"""Places looked up at a time, to bound the memory."""


@dataclass(frozen=True)
class Network:
    """A road graph with lengths in metres; both directions are open.

    Attributes
    ----------
    x, y : arrays of float
        Nodes.
    start, end : arrays of int
        Nodes of each edge.
    length_m : array of float
    line : array of int
        The line that each edge is a piece of.
    """

    x: np.ndarray
    y: np.ndarray
    start: np.ndarray
    end: np.ndarray
    length_m: np.ndarray
    line: np.ndarray

    @classmethod
    def from_lines(cls, lines):
        """The graph of an array of LineString or MultiLineString in metres; None and empty are skipped."""
        lines = np.asarray(lines, dtype=object)
        parts = shapely.get_parts(lines[~shapely.is_missing(lines)])
        coordinates, line = shapely.get_coordinates(parts, return_index=True)
        if not len(coordinates):
            empty, none = np.zeros(0), np.zeros(0, dtype=int)
            return cls(empty, empty, none, none, empty, none)
        snapped = np.round(coordinates / GRID_M).astype(np.int64)
        nodes, index = np.unique(snapped, axis=0, return_inverse=True)
        index = index.ravel()
        same = line[1:] == line[:-1]
        start, end = index[:-1][same], index[1:][same]
        length = np.hypot(*(coordinates[1:] - coordinates[:-1]).T)[same]
        low, high = np.minimum(start, end), np.maximum(start, end)
        # in an order of their own, so that the rows of the file may come in any
        order = np.lexsort((length, high, low))
        order = order[(low != high)[order]]
        x, y = nodes.T * GRID_M
        return cls(x, y, low[order], high[order], length[order], line[1:][same][order])

    @property
    def size(self):
        """How many nodes there are."""
        return len(self.x)

    @cached_property
    def component(self):
        """For each edge the number of the joined-up part of the network it belongs to."""
        graph = _symmetric(self.start, self.end, np.ones(len(self.start)), self.size)
        return connected_components(graph, directed=False)[1][self.start]

    def feet(self, points, *, max_leg_m):
        """Where each point can join the roads, in a straight walk of at most `max_leg_m`.

        Parameters
        ----------
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
            `ENOUGH` are sure to be there.
        """
        points = np.asarray(points, dtype=float)
        found = [_no_feet()]
        if len(points) and len(self.start):
            everything = np.arange(len(self.start))
            size = np.bincount(self.component)
            large = np.flatnonzero(size > LARGE)
            small = everything[~np.isin(self.component, large)]
            found += [self._nearest(points, everything, self.line, min(NEAR_M, max_leg_m))]
            found += self._nearest_bits(points, small, max_leg_m)
            found += [self._nearest_in_one(points, self.component == part, max_leg_m) for part in large]
        return pd.concat(found, ignore_index=True).drop_duplicates(["point", "edge"], ignore_index=True)

    def nearest(self, origins, targets, *, max_leg_m):
        """How far along the roads each origin is from its nearest target, and which that is.

        Parameters
        ----------
        origins, targets : arrays of float, shape (n, 2) and (m, 2)
            Coordinates in metres.
        max_leg_m : float
            The straight walks to and from the road are part of the distance; a place farther than this
            from any road is not reached by road.

        Returns
        -------
        distance_m : array of float, shape (n,)
            inf where no target can be reached.
        target : array of int
            Position in `targets`; -1 where none.

        Notes
        -----
        The shortest trip over all feet of origin and target (see `feet`) is taken. So one more road never
        lengthens a trip as long as the walks are at most `NEAR_M`. Farther off, a place takes only the
        nearest spot of each joined-up part, or it would walk cross-country instead of along the road; a new
        road nearer by can then send it round.
        """
        distance = np.full(len(origins), np.inf)
        target = np.full(len(origins), -1)
        ours, theirs = (self.feet(places, max_leg_m=max_leg_m) for places in (origins, targets))
        if not len(ours) or not len(theirs):
            return distance, target
        to_target, source, place, node = self._spread(theirs)
        edge, share = ours["edge"].to_numpy(), ours["share"].to_numpy()
        before = np.searchsorted(place, 2 * edge + share, side="right") - 1
        after = np.minimum(before + 1, len(node) - 1)
        # at the very end of an edge the next stop is the start of another
        after = np.where(place[after] <= 2 * edge + 1, after, before)
        back, forth = (
            to_target[node[stop]] + np.abs(place[stop] - 2 * edge - share) * self.length_m[edge]
            for stop in (before, after)
        )
        trips = pd.DataFrame(
            {
                "origin": ours["point"],
                "length": np.minimum(back, forth) + ours["leg_m"],
                "target": source[node[np.where(forth < back, after, before)]],
            }
        )
        best = trips.sort_values(["origin", "length", "target"]).drop_duplicates("origin")
        best = best[np.isfinite(best["length"])]
        distance[best["origin"]] = best["length"]
        target[best["origin"]] = best["target"]
        return distance, target

    def least_leg(self, origins, targets, *, max_leg_m):
        """How long a walk there must be at either end for origin and target of a row to have a joined-up part in reach.

        Parameters
        ----------
        origins, targets : arrays of float, shape (n, 2)
            Coordinates in metres.
        max_leg_m : float
            Up to here walks are looked at.

        Returns
        -------
        array of float, shape (n,)
            Metres; the longer of the two walks. inf where none of up to `max_leg_m` is enough.
        """
        reached = []
        for places in (origins, targets):
            # many villages share one centre
            known, back = np.unique(np.asarray(places, dtype=float), axis=0, return_inverse=True)
            feet = self.feet(known, max_leg_m=max_leg_m)
            walks = feet.assign(part=self.component[feet["edge"]]).groupby(["point", "part"])["leg_m"].min()
            rows = pd.DataFrame({"row": np.arange(len(places)), "point": back.ravel()})
            reached.append(rows.merge(walks.reset_index(), on="point")[["row", "part", "leg_m"]])
        both = reached[0].merge(reached[1], on=["row", "part"])
        longer = both[["leg_m_x", "leg_m_y"]].max(axis=1).groupby(both["row"]).min()
        least = np.full(len(origins), np.inf)
        least[longer.index] = longer
        return least

    def _spread(self, feet):
        """From targets with feet: for each node how far it is from a target, and which that is.

        Feet cut their edges, and each target becomes a node of its own, so that its walk is part of the
        shortest path. Also returned are the stops along all edges, in order: their place (twice the
        number of the edge, plus the share of its length) and their node.
        """
        edges = len(self.start)
        foot = self.size + np.arange(len(feet))
        place = np.concatenate(
            [2.0 * np.arange(edges), 2.0 * np.arange(edges) + 1, 2 * feet["edge"] + feet["share"]]
        )
        node = np.concatenate([self.start, self.end, foot])
        # feet at an end of their edge stand between its two ends, whatever the rounding
        rank = np.concatenate([np.zeros(edges), np.full(edges, 2), np.ones(len(feet))])
        order = np.lexsort((rank, place))
        place, node = place[order], node[order]
        edge = (place // 2).astype(int)
        same = edge[1:] == edge[:-1]
        length = (np.diff(place) * self.length_m[edge[:-1]])[same]
        targets, own = np.unique(feet["point"], return_inverse=True)
        goal = self.size + len(feet) + np.arange(len(targets))
        graph = _symmetric(
            np.concatenate([node[:-1][same], goal[own]]),
            np.concatenate([node[1:][same], foot]),
            np.concatenate([length, feet["leg_m"]]),
            self.size + len(feet) + len(targets),
        )
        away, _, source = dijkstra(graph, indices=goal, min_only=True, return_predecessors=True)
        reached = source >= 0
        target = np.full(len(source), -1)
        target[reached] = targets[source[reached] - goal[0]]
        return away, target, place, node

    def _nearest(self, points, edges, group, within_m):
        """The feet of points on some edges: in each group (of edges) the nearest within a distance."""
        tree = shapely.STRtree(self._segments[edges])
        found = [_no_feet()]
        for first in range(0, len(points), BLOCK):
            block = points[first : first + BLOCK]
            reach = shapely.box(*(block - within_m).T, *(block + within_m).T)
            point, edge = tree.query(reach)
            feet = self._feet_on(block, point, edges[edge])
            feet = feet[feet["leg_m"] <= within_m]
            least = feet.groupby([feet["point"], group[feet["edge"]]])["leg_m"].transform("min")
            found.append(feet[feet["leg_m"] <= least].assign(point=lambda feet, by=first: feet["point"] + by))
        return pd.concat(found)

    def _nearest_bits(self, points, edges, within_m):
        """The feet of points on loose bits of road, looked for ever farther until there are enough."""
        searched, found = np.arange(len(points)), []
        for reach in (min(NEAR_M, within_m), min(4 * NEAR_M, within_m), within_m):
            feet = self._nearest(points[searched], edges, self.component, reach)
            feet["point"] = searched[feet["point"]]
            found.append(feet)
            parts = feet.assign(part=self.component[feet["edge"]]).groupby("point")["part"].nunique()
            searched = np.setdiff1d(searched, parts.index[parts >= ENOUGH])
            if reach == within_m:
                break
        return found

    def _nearest_in_one(self, points, chosen, within_m):
        """The nearest foot of each point on a large part of the network."""
        edges = np.flatnonzero(chosen)
        tree = shapely.STRtree(self._segments[edges])
        point, edge = tree.query_nearest(shapely.points(points), max_distance=within_m * (1 + 1e-9))
        feet = self._feet_on(points, point, edges[edge])
        return feet[feet["leg_m"] <= within_m]

    def _feet_on(self, points, point, edge):
        """For pairs of point and edge the nearest spot of the edge."""
        start, end = self.start[edge], self.end[edge]
        dx, dy = self.x[end] - self.x[start], self.y[end] - self.y[start]
        px, py = points[point, 0] - self.x[start], points[point, 1] - self.y[start]
        share = np.clip((px * dx + py * dy) / (dx * dx + dy * dy), 0, 1)
        leg = np.hypot(px - share * dx, py - share * dy)
        return pd.DataFrame({"point": point, "edge": edge, "share": share, "leg_m": leg})

    @cached_property
    def _segments(self):
        """Every edge as a LineString, made once for all searches."""
        ends = np.stack([self.start, self.end], axis=1)
        return shapely.linestrings(np.stack([self.x[ends], self.y[ends]], axis=2))


def _no_feet():
    return pd.DataFrame(
        {"point": np.zeros(0, int), "edge": np.zeros(0, int), "share": np.zeros(0), "leg_m": np.zeros(0)}
    )


def _symmetric(tails, heads, lengths, size):
    """A sparse graph both ways; of parallel edges the shortest stays (coo would add them up).

    Zero lengths would read as "no edge" in a sparse matrix, so they become a micrometre.
    """
    row, column = np.concatenate([tails, heads]), np.concatenate([heads, tails])
    length = np.maximum(np.concatenate([lengths, lengths]), 1e-6)
    order = np.lexsort((length, column, row))
    row, column, length = row[order], column[order], length[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    return coo_matrix((length[first], (row[first], column[first])), shape=(size, size)).tocsr()
