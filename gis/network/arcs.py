"""The edges of a graph one way each, with what it costs to go along them, in the order in which they are searched."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Arcs:
    """A graph with what it costs to go along its edges, as the loops of `gis.kernels.graph` take it.

    Attributes
    ----------
    start, end : arrays of int
        Nodes of each edge.
    size : int
        How many nodes there are.
    cost : array of float, shape (edges, 2)
        From start to end of each edge and back; inf where one cannot go.
    """

    start: np.ndarray
    end: np.ndarray
    size: int
    cost: np.ndarray

    def searched(self, towards):
        """The graph that is searched from places, to find what it costs to get to them (or from them).

        Returns
        -------
        first, heads, costs : arrays
        """
        return self._sorted(towards)[:3]

    def between(self, nodes, others, *, towards):
        """The cheapest edge by which a search gets from each of some nodes to a neighbour, and its cost."""
        _, _, costs, edge = self._sorted(towards)
        keys = self._backward_keys if towards else self._forward_keys
        at = np.searchsorted(keys, np.asarray(nodes, dtype=np.int64) * self.size + others)
        return edge[at], costs[at]

    def again(self, start, end, size, cost, changed):
        """The arcs of a graph that differs in some edges; what is the same stays sorted.

        Parameters
        ----------
        start, end, size, cost
            As of `Arcs`; nodes and edges of before come first.
        changed : array of bool
            Which edges cost something else than before, or are new.

        Returns
        -------
        Arcs
        """
        arcs = Arcs(start, end, size, cost)
        for name, both in (("_forward", cost), ("_backward", cost[:, ::-1])):
            if name in self.__dict__:
                arcs.__dict__[name] = arcs._mended(self.__dict__[name], both, changed)
        return arcs

    def _mended(self, known, cost, changed):
        first, heads, costs, edge = known
        tail = np.repeat(np.arange(len(first) - 1), np.diff(first))
        stays = ~changed[edge]
        new = np.flatnonzero(changed)
        key = np.concatenate(
            [
                tail[stays] * self.size + heads[stays],
                self.start[new] * self.size + self.end[new],
                self.end[new] * self.size + self.start[new],
            ]
        )
        costs = np.concatenate([costs[stays], cost[new, 0], cost[new, 1]])
        edge = np.concatenate([edge[stays], new, new])
        open_ = np.isfinite(costs)
        key, costs, edge = key[open_], costs[open_], edge[open_]
        order = np.argsort(key, kind="stable")
        twice = (key[order][1:] == key[order][:-1]) & (costs[order][1:] <= costs[order][:-1])
        if twice.any():
            order = np.lexsort((edge, costs, key))
        tail, head = np.divmod(key[order], self.size)
        first = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=self.size))])
        return first, head.astype(np.int32), costs[order], edge[order]

    def _sorted(self, towards):
        return self._backward if towards else self._forward

    @cached_property
    def _forward(self):
        return self._made(self.cost)

    @cached_property
    def _backward(self):
        return self._made(self.cost[:, ::-1])

    @cached_property
    def _forward_keys(self):
        return self._keys(*self._forward[:2])

    @cached_property
    def _backward_keys(self):
        return self._keys(*self._backward[:2])

    def _keys(self, first, heads):
        return np.repeat(np.arange(self.size), np.diff(first)) * self.size + heads

    def _made(self, cost):
        """Offsets, heads, costs and edges in order of tail, head and cost."""
        tail = np.concatenate([self.start, self.end])
        head = np.concatenate([self.end, self.start])
        price, edge = cost.T.ravel(), np.tile(np.arange(len(self.start)), 2)
        order = np.lexsort((edge, price, head, tail))
        order = order[np.isfinite(price[order])]
        first = np.searchsorted(tail[order], np.arange(self.size + 1))
        return first, head[order].astype(np.int32), price[order], edge[order]
