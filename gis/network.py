"""Roads as a graph: distances along them to the nearest facility, and what is joined to what.

The graph takes every vertex of a line as a node, so roads meet wherever they share a vertex (to 0.1 m).
A crossing without a common vertex, such as a bridge over a road, does not join.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

GRID_M = 0.1


@dataclass(frozen=True)
class Network:
    """A road graph with lengths in metres; both directions are open."""

    x: np.ndarray
    y: np.ndarray
    start: np.ndarray
    end: np.ndarray
    length_m: np.ndarray

    @classmethod
    def from_lines(cls, lines):
        """The graph of an array of LineString or MultiLineString in metres; None and empty are skipped."""
        lines = np.asarray(lines, dtype=object)
        parts = shapely.get_parts(lines[~shapely.is_missing(lines)])
        coordinates, line = shapely.get_coordinates(parts, return_index=True)
        if not len(coordinates):
            empty = np.zeros(0)
            return cls(empty, empty, empty.astype(int), empty.astype(int), empty)
        snapped = np.round(coordinates / GRID_M).astype(np.int64)
        nodes, index = np.unique(snapped, axis=0, return_inverse=True)
        index = index.ravel()
        same = line[1:] == line[:-1]
        start, end = index[:-1][same], index[1:][same]
        length = np.hypot(*(coordinates[1:] - coordinates[:-1]).T)[same]
        real = start != end
        x, y = nodes.T * GRID_M
        return cls(x, y, start[real], end[real], length[real])

    @property
    def size(self):
        """How many nodes there are."""
        return len(self.x)

    def nearest_node(self, points):
        """The nearest node of each point (array of shape (n, 2)) and how far away it is in metres."""
        if not self.size:
            return np.zeros(len(points), dtype=int), np.full(len(points), np.inf)
        distance, node = cKDTree(np.column_stack([self.x, self.y])).query(points)
        return node, distance

    def nearest(self, origins, targets, *, max_leg_m):
        """How far along the roads each origin is from its nearest target, and which that is.

        Parameters
        ----------
        origins, targets : arrays of float, shape (n, 2) and (m, 2)
            Coordinates in metres.
        max_leg_m : float
            The walk from a place straight to the nearest node of a road is part of the distance; a
            place farther than this from any road is not reached by road.

        Returns
        -------
        distance_m : array of float, shape (n,)
            inf where no target can be reached.
        target : array of int
            Position in `targets`; -1 where none.
        """
        distance = np.full(len(origins), np.inf)
        target = np.full(len(origins), -1)
        if not len(origins) or not len(targets) or not self.size:
            return distance, target
        out_node, out_leg = self.nearest_node(origins)
        in_node, in_leg = self.nearest_node(targets)
        usable = np.flatnonzero(in_leg <= max_leg_m)
        if not len(usable):
            return distance, target
        # each target becomes a node of its own, so that its leg is part of the shortest path
        tails = np.concatenate([self.start, self.size + np.arange(len(usable))])
        heads = np.concatenate([self.end, in_node[usable]])
        lengths = np.concatenate([self.length_m, in_leg[usable]])
        graph = _symmetric(tails, heads, lengths, self.size + len(usable))
        to_node, _, source = dijkstra(
            graph, indices=self.size + np.arange(len(usable)), min_only=True, return_predecessors=True
        )
        reached = (out_leg <= max_leg_m) & np.isfinite(to_node[out_node])
        distance[reached] = to_node[out_node[reached]] + out_leg[reached]
        target[reached] = usable[source[out_node[reached]] - self.size]
        return distance, target

    def component(self):
        """For each node the number of the joined-up part of the network it belongs to."""
        graph = _symmetric(self.start, self.end, np.maximum(self.length_m, GRID_M), self.size)
        return connected_components(graph, directed=False)[1]


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
