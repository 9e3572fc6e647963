"""What riding takes: the roads of a season as a directed graph, joined to a surface by the walk between the two."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gis.network import Arcs
from gis.surface import CAUSEWAY
from gis.travel.tracks import Tracks

LEAST_LEG_S = 0.01
"""Getting on and off is never free, so that no way goes round in a circle."""


@dataclass(frozen=True)
class Ride:
    """Roads that one rides on in a season.

    Attributes
    ----------
    tracks : Tracks
    seconds : array of float, shape (edges, 2)
        From start to end of each edge and from end to start; inf where one cannot ride.
    estimated : array of bool
        For each edge whether its speed rests on a class, surface or state that nobody recorded.
    foot : array of int
        The feet of `tracks` that can be used: those on firm ground.
    leg_s : array of float
        Seconds of the walk between each of these and the middle of its cell.
    """

    tracks: Tracks
    seconds: np.ndarray
    estimated: np.ndarray
    foot: np.ndarray
    leg_s: np.ndarray

    @cached_property
    def cell(self):
        """The cell of each usable foot."""
        return self.tracks.foot_cell[self.foot]

    @cached_property
    def node(self):
        """The node of each usable foot."""
        return self.tracks.foot_node[self.foot]

    @cached_property
    def arcs(self):
        """The tracks as they are searched."""
        return Arcs(self.tracks.start, self.tracks.end, len(self.tracks.xy), self.seconds)

    def spread(self, starts, *, towards, limit=np.inf, onto=None, loose=()):
        """Least seconds from the usable feet, each beginning at its time, to all nodes.

        Parameters
        ----------
        starts : array of float
            Seconds of each usable foot; inf where it does not begin.
        towards : bool
            True for riding from the nodes to the feet.
        onto : array of float, optional
            Times known already.
        loose : array of int
            Nodes at which it begins as well, at 0.

        Returns
        -------
        times, source, previous : arrays
            As of `gis.kernels.network_times`; `source` is the position of the foot, -1 for loose nodes.
        """
        from gis.kernels import network_times

        begin = np.flatnonzero(np.isfinite(starts))
        nodes = np.concatenate([self.node[begin], np.asarray(loose, dtype=int)])
        begins = np.concatenate([starts[begin], np.zeros(len(loose))])
        graph = self.arcs.searched(towards)
        times, source, previous = network_times(*graph, nodes, begins, limit=limit, onto=onto)
        return times, np.concatenate([begin, np.full(len(loose) + 1, -1)])[source], previous


def ride_on(tracks, surface, seconds, estimated):
    """The ride over tracks that are joined to a surface.

    Parameters
    ----------
    tracks : Tracks
    surface : Surface
        Of the same grid and season. Where it is a barrier of known height, such as a ford that is closed, the road is
        closed; one gets on and off where it is firm ground.
    seconds, estimated : arrays
        As of `gis.network.edge_seconds`.

    Returns
    -------
    Ride
    """
    seconds = seconds.copy()
    seconds[barred_edges(tracks, surface)] = np.inf
    return Ride(tracks, seconds, estimated, *usable_feet(tracks, surface))


def barred_edges(tracks, surface):
    """The edges that lead through a barrier of known height."""
    cell = tracks.passed_cell
    barred = np.isnan(surface.slowness_of(cell)) & ~np.isnan(surface.heights.reshape(-1)[cell])
    return tracks.passed_edge[barred]


def usable_feet(tracks, surface):
    """The feet on firm ground, and the seconds of the walk of each to the middle of its cell."""
    cell = tracks.foot_cell
    slowness, gates = surface.slowness_of(cell), surface.gates.reshape(-1)[cell]
    foot = np.flatnonzero(~np.isnan(slowness + surface.heights.reshape(-1)[cell]) & (gates != CAUSEWAY))
    return foot, np.maximum(tracks.foot_m[foot] * slowness[foot], LEAST_LEG_S)
