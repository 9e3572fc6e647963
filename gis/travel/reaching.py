"""Times and ways between everywhere and the nearest of some places, over the ground and by road."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gis.surface import Surface
from gis.travel.again import SAME, Ground, renewed, roads_again
from gis.travel.riding import Ride

HEAD_START_S = 600.0
"""Riders leave from what is this near on foot before the walkers go on; it saves time and changes nothing."""


NONE = np.zeros(0, dtype=int)


@dataclass(frozen=True)
class Reach:
    """Times over all of the ground to the nearest of some places (or from it).

    Attributes
    ----------
    surface : Surface
    places : array of float, shape (n, 2)
    begins : tuple of arrays
        As of `Surface.entries`.
    towards : bool
    ride : Ride or None
        None where one walks all the way.
    limit_s : float
        What is farther is not reached.
    loose : array of int
        Nodes of the ride that are places too.
    before : Reach or None
        One that differs by little, from which the times are worked out again; see `gis.travel.again`.
    ground : Ground
        What differs between its ground and this one.
    """

    surface: Surface
    places: np.ndarray
    begins: tuple
    towards: bool
    ride: Ride | None = None
    limit_s: float = np.inf
    loose: np.ndarray | tuple = ()
    before: "Reach | None" = None
    ground: Ground = field(default=SAME, repr=False)
    _told: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def seconds(self):
        """Seconds of every cell of the grid, float32; inf where not reached."""
        return self._found[0]

    @property
    def node_seconds(self):
        """Seconds of every node of the ride's tracks, float64; inf where not reached. None without a ride."""
        return self._found[1]

    def at(self, points):
        """Minutes of points, and the cell by which each starts.

        Parameters
        ----------
        points : array of float, shape (n, 2)
            Coordinates in metres; NaN where not known.

        Returns
        -------
        minutes : array of float
            inf where no place is reached, and where the point has no cell to start from; see `Surface.entries`.
        cell : array of int
            -1 where none.
        """
        cells, legs, point = self.surface.entries(points)
        seconds = self.seconds.reshape(-1)[cells] + legs
        order = np.lexsort((cells, seconds, point))
        found, first = np.unique(point[order], return_index=True)
        minutes, cell = np.full(len(points), np.inf), np.full(len(points), -1)
        minutes[found], cell[found] = seconds[order][first] / 60, cells[order][first]
        return minutes, cell

    def ways(self, points, legs=None):
        """The place that each point gets to, and the line there.

        Parameters
        ----------
        points : array of float, shape (n, 2)
        legs : DataFrame, optional
            Their `legs`, where they are known already.

        Returns
        -------
        place : array of int
            Position in `places`; -1 where none is reached. Of equal ways the one over the cell of least time is
            taken, then the more northern, then the more western.
        lines : array of LineString or None
        """
        legs = self.legs(points) if legs is None else legs
        place, lines = np.full(len(points), -1), np.full(len(points), None, dtype=object)
        place[legs["point"]] = legs["place"]
        xy, part = shapely.get_coordinates(legs["line"].to_numpy(), return_index=True)
        reached, owner = np.unique(legs["point"].to_numpy()[part], return_inverse=True)
        lines[reached] = _drawn(xy, owner)
        return place, lines

    def legs(self, points):
        """The parts of the way of each point, walked and ridden, from the point on.

        Parameters
        ----------
        points : array of float, shape (n, 2)

        Returns
        -------
        DataFrame
            One row a part, in order: ``point`` and ``place`` (positions in `points` and `places`), ``how`` "walk" or
            "ride", ``metres`` in plan, ``minutes``, ``estimated_min`` (how many of these rest on an estimate), ``cells``
            (of the grid, for a walk), ``edges`` (of `Ride.tracks`, for a ride), ``line``. A point that reaches no place
            has none. The minutes of a way sum to those of `at`.
        """
        # whoever asks for one way asks for it again, to see what an edit does to it
        key = np.asarray(points, dtype=float).tobytes()
        if key not in self._told:
            self._told[key] = self._legs(points)
        return self._told[key]

    def _legs(self, points):
        minutes, cell = self.at(points)
        active = np.flatnonzero(np.isfinite(minutes))
        here, since, cell = np.asarray(points, dtype=float)[active], 60 * minutes[active], cell[active]
        cells, starts, foot = self._starts
        begins, own = (cells, starts, np.arange(len(cells))), len(self.begins[0])
        place, parts = np.full(len(points), -1), []
        while len(active):
            begun, walks = self.surface.ways(
                self.seconds, begins, cell, towards=self.towards, kept=self._moves
            )
            rides = begun >= own
            place[active[~rides]] = self.begins[2][begun[~rides]]
            end, until = np.empty((len(active), 2)), np.zeros(len(active))
            end[~rides] = self.places[place[active[~rides]]]
            foot_here = foot[begun[rides] - own]
            if rides.any():
                node = self.ride.node[foot_here]
                end[rides], until[rides] = self.ride.tracks.xy[node], self.node_seconds[node]
            for at, point in enumerate(active):
                line = np.vstack([here[at], self.surface.middles(walks[at]), end[at]])
                parts.append((point, "walk", since[at] - until[at], 0.0, walks[at], NONE, line))
            active, since = active[rides], until[rides]
            rows, here, since, cell = self._ridden(active, since, foot_here)
            parts += rows
        return _as_table(parts, place)

    def owners(self):
        """The position in `places` of the one that each cell of the grid gets to, as an array of int; -1 where none."""
        cells, starts, foot = self._starts
        begins, own = (cells, starts, np.arange(len(cells))), len(self.begins[0])
        begun = self.surface.owners(self.seconds, begins, towards=self.towards).reshape(-1)
        # by which other beginning the way goes on that begins at a foot
        onward = np.arange(len(cells) + 1)
        if self.ride is not None:
            _, source, _ = self._roads
            onward[own:-1] = begun[self.ride.cell[source[self.ride.node[foot]]]]
        while (onward[onward] != onward).any():
            onward = onward[onward]
        place = np.concatenate([self.begins[2], np.full(len(foot) + 1, -1)])
        return place[onward[begun]].reshape(self.seconds.shape)

    @cached_property
    def _found(self):
        """Seconds of the cells, and of the nodes of the roads."""
        if self.before is not None:
            return renewed(self.before, self, self.ground)
        surface, towards, limit = self.surface, self.towards, self.limit_s
        if self.ride is None:
            return surface.times(self.begins, towards=towards, limit_s=limit), None
        times = surface.times(self.begins, towards=towards, limit_s=min(limit, HEAD_START_S))
        nodes, whole = None, False
        while True:
            nodes, _, _ = self.ride.spread(
                self._at_feet(times), towards=towards, limit=limit, onto=nodes, loose=self.loose
            )
            cells, starts, foot = self._offers(nodes)
            if not whole:
                begins = tuple(
                    np.concatenate(both) for both in zip(self.begins, (cells, starts, foot), strict=True)
                )
                times, whole = surface.times(begins, towards=towards, limit_s=limit), True
                continue
            better = starts < times.reshape(-1)[cells]
            if not better.any():
                return times, nodes
            begins = (cells[better], starts[better], foot[better])
            times = surface.times(begins, towards=towards, limit_s=limit, onto=times)

    def _at_feet(self, times):
        """Seconds of walking to each usable foot."""
        return times.reshape(-1)[self.ride.cell] + self.ride.leg_s

    def _offers(self, nodes):
        """The cells that one walks on to from the roads, the seconds at their middle, and the foot."""
        seconds = nodes[self.ride.node] + self.ride.leg_s
        foot = np.flatnonzero(seconds <= self.limit_s)
        rounded = seconds[foot].astype(np.float32)
        # never earlier than it is: two times must not shorten each other by rounding
        below = np.flatnonzero(rounded < seconds[foot])
        rounded[below] = np.nextafter(rounded[below], np.float32(np.inf))
        return self.ride.cell[foot], rounded, foot

    @cached_property
    def _starts(self):
        """Where walking begins in the end: at the places, and at the feet of the roads; cell, seconds, and the foot."""
        cells, starts, _ = self.begins
        if self.ride is None:
            return cells, starts, NONE
        more, later, foot = self._offers(self.node_seconds)
        return np.concatenate([cells, more]), np.concatenate([starts, later]), foot

    @cached_property
    def changed(self):
        """The cells whose times differ from those before."""
        return np.flatnonzero(self.seconds.reshape(-1) != self.before.seconds.reshape(-1))

    @cached_property
    def _moves(self):
        """Which move leads to each cell, as far as anybody asked; for `Surface.ways`."""
        return self.surface.begun(self.seconds, self._starts)

    @cached_property
    def _roads(self):
        """Times of the nodes, the foot that each is ridden to, and the next node on the way there."""
        again = roads_again(self.before, self) if self.before is not None else None
        if again is not None:
            return self.node_seconds, *again
        return self.ride.spread(self._at_feet(self.seconds), towards=self.towards, limit=self.limit_s)

    def _ridden(self, active, since, foot):
        """The parts ridden from some feet on, and where, when and in which cell each way goes on."""
        if not len(active):
            return [], np.empty((0, 2)), since, NONE
        _, source, following = self._roads
        ride, tracks, rows = self.ride, self.ride.tracks, []
        ends = source[ride.node[foot]]
        until = self.seconds.reshape(-1)[ride.cell[ends]] + ride.leg_s[ends]
        for at, point in enumerate(active):
            nodes = [ride.node[foot[at]]]
            while following[nodes[-1]] >= 0:
                nodes.append(following[nodes[-1]])
            nodes = np.array(nodes, dtype=np.int64)
            edges, seconds = ride.arcs.between(nodes[1:], nodes[:-1], towards=self.towards)
            guessed = seconds[ride.estimated[edges]].sum()
            rows.append((point, "ride", since[at] - until[at], guessed, NONE, edges, tracks.xy[nodes]))
        return rows, tracks.xy[ride.node[ends]], until, ride.cell[ends]


def _as_table(parts, place):
    """The parts in order of point."""
    columns = ("point", "how", "minutes", "estimated_min", "cells", "edges", "line")
    table = pd.DataFrame(parts, columns=columns).sort_values("point", kind="stable", ignore_index=True)
    table["point"] = table["point"].astype(int)
    table.insert(1, "place", place[table["point"]])
    stops = [len(line) for line in table["line"]]
    lines = _drawn(np.vstack([np.empty((0, 2)), *table["line"]]), np.repeat(np.arange(len(table)), stops))
    return table.assign(
        line=lines,
        metres=shapely.length(lines),
        minutes=table["minutes"].astype(float) / 60,
        estimated_min=table["estimated_min"].astype(float) / 60,
    )


def _drawn(xy, owner):
    """The line through the points of each owner, each point once; one of no length where all are the same."""
    new = np.append(True, owner[1:] != owner[:-1])[: len(xy)]
    kept = new | np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))[: len(xy)]
    # a line has two points
    last = np.append(new[1:], True)[: len(xy)]
    kept |= last & (np.bincount(owner, kept)[owner] < 2)
    return shapely.linestrings(xy[kept], indices=owner[kept])
