"""Times by road where no heights are known: straight walks to and from the road, longer by a factor that is assumed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gis.network import DETOUR, Routes

MAX_LEG_M = 5000.0
"""Whoever is farther from all roads reaches nothing."""


@dataclass(frozen=True)
class RoadReach:
    """Times by road between points and the nearest of some places; answers as `gis.travel.Reach` does.

    Attributes
    ----------
    routes : Routes
    estimated : array of bool
        Of each edge.
    places : array of float, shape (n, 2)
    towards : bool
    limit_s : float
    """

    routes: Routes
    estimated: np.ndarray
    places: np.ndarray
    towards: bool
    limit_s: float

    surface = None

    def at(self, points):
        """Minutes of points, inf where no place is reached, and -1: there are no cells."""
        seconds, _ = self._reach.at(self._feet(points), count=len(points))
        return seconds / 60, np.full(len(points), -1)

    def ways(self, points, legs=None):
        """The place that each point gets to, -1 where none, and the line there; as `Reach.ways`."""
        place, lines = np.full(len(points), -1), np.full(len(points), None, dtype=object)
        trips = self._trips(points)
        place[trips["point"]], lines[trips["point"]] = trips["place"], trips["line"]
        return place, lines

    def legs(self, points):
        """The parts of the way of each point, as `Reach.legs`; walks are estimated, ``cells`` are empty."""
        parts, leg_cost = [], self.routes.leg_cost
        feet, seconds = self._feet(points), self.routes.cost.min(axis=1)
        for trip in self._trips(points).itertuples():
            walks = feet["leg_m"].iloc[trip.foot], self._place_feet["leg_m"].iloc[trip.place_foot]
            xy = shapely.get_coordinates(trip.line)
            ridden = trip.cost - sum(walks) * leg_cost
            of_all = seconds[trip.edges]
            share = of_all[self.estimated[trip.edges]].sum() / max(of_all.sum(), 1e-9)
            stops = (xy[:2], xy[1:-1] if len(xy) > 3 else xy[[1, -2]], xy[-2:])
            costs = (walks[0] * leg_cost, ridden, walks[1] * leg_cost)
            guessed = (costs[0], ridden * share, costs[2])
            for at, how in enumerate(("walk", "ride", "walk")):
                line = shapely.linestrings(stops[at])
                metres = line.length * (DETOUR if how == "walk" else 1)
                edges = trip.edges if how == "ride" else trip.edges[:0]
                parts.append(
                    (
                        trip.point,
                        trip.place,
                        how,
                        costs[at] / 60,
                        guessed[at] / 60,
                        edges[:0],
                        edges,
                        line,
                        metres,
                    )
                )
        columns = ("point", "place", "how", "minutes", "estimated_min", "cells", "edges", "line", "metres")
        kinds = {"point": int, "place": int, "minutes": float, "estimated_min": float, "metres": float}
        return pd.DataFrame(parts, columns=columns).astype(kinds)

    def _trips(self, points):
        return self._reach.ways(self._feet(points), np.asarray(points, dtype=float), self.places)

    def _feet(self, points):
        points = np.asarray(points, dtype=float)
        known = np.flatnonzero(np.isfinite(points).all(axis=1))
        feet = self.routes.network.feet(points[known], max_leg_m=MAX_LEG_M)
        return feet.assign(point=known[feet["point"].to_numpy(dtype=int)])

    @cached_property
    def _place_feet(self):
        return self._feet(self.places)

    @cached_property
    def _reach(self):
        return self.routes.reach(self._place_feet, towards=self.towards, limit=self.limit_s)
