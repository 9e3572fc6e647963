"""The nearest of some places by road: what it costs to get there, and the way."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely


@dataclass(frozen=True)
class Reach:
    """The least costs between a network and the nearest of some places.

    Attributes
    ----------
    routes : Routes
    places : DataFrame
    towards : bool
    limit : float
        As given to `Routes.reach`.
    """

    routes: object
    places: pd.DataFrame
    towards: bool
    limit: float

    @cached_property
    def spread(self):
        """Cost of every node, the foot (position in `places`) where its way ends, and the next node there."""
        from gis.kernels import network_times

        nodes, begins, foot, _ = self.routes.begins(self.places, self.towards)
        known = np.flatnonzero(np.isfinite(begins))
        costs, source, previous = network_times(
            *self.routes.arcs.searched(self.towards), nodes[known], begins[known], limit=self.limit
        )
        return costs, np.append(foot[known], -1)[source], previous

    def at(self, points, *, count):
        """What it costs each point, and the nearest place.

        Parameters
        ----------
        points : DataFrame
            Feet, as of `Network.feet`.
        count : int
            How many points there are.

        Returns
        -------
        cost : array of float
            inf where no place is reached.
        place : array of int
            As ``point`` of the places' feet; -1 where none. Of equally near places always the same one.
        """
        best = self.trips(points)
        cost, place = np.full(count, np.inf), np.full(count, -1)
        cost[best["point"]], place[best["point"]] = best["cost"], best["place"]
        return cost, place

    def trips(self, points):
        """The best trip of each point that reaches a place.

        Returns
        -------
        DataFrame
            ``point``, ``place``, ``cost``, ``foot`` and ``place_foot`` (positions in `points` and in the places' feet),
            and ``node``, the first on the way; -1 where both feet are on one edge.
        """
        routes, (costs, ends, _) = self.routes, self.spread
        found = [routes.direct(self.places, points, self.towards).assign(node=-1)]
        for node, leg in zip(routes.ends_of(points), routes.legs_of(points, self.towards), strict=True):
            found.append(
                pd.DataFrame(
                    {
                        "point": points["point"].to_numpy(),
                        "place": np.append(self.places["point"].to_numpy(), -1)[ends[node]],
                        "cost": costs[node] + leg,
                        "foot": np.arange(len(points)),
                        "place_foot": ends[node],
                        "node": node,
                    }
                )
            )
        columns = ["point", "place", "cost", "foot", "place_foot", "node"]
        trips = pd.concat([frame[columns] for frame in found])
        trips = trips[np.isfinite(trips["cost"]) & (trips["cost"] <= self.limit)]
        ordered = trips.sort_values(["point", "cost", "place", "foot", "place_foot", "node"])
        return ordered.drop_duplicates("point").reset_index(drop=True)

    def ways(self, points, coordinates, place_coordinates):
        """The way of each point that reaches a place.

        Parameters
        ----------
        points : DataFrame
            Feet, as of `Network.feet`.
        coordinates, place_coordinates : arrays of float, shape (n, 2)
            Of the points and of the places.

        Returns
        -------
        DataFrame
            As `trips`, with ``edges``, the edges gone along in order from the point, and ``line`` from the point to the
            place.
        """
        routes, network, previous = self.routes, self.routes.network, self.spread[2]
        trips, edges, lines = self.trips(points), [], []
        spots, place_spots = (_spots(network, feet) for feet in (points, self.places))
        for trip in trips.itertuples():
            nodes = [trip.node] if trip.node >= 0 else []
            while nodes and previous[nodes[-1]] >= 0:
                nodes.append(int(previous[nodes[-1]]))
            passed = np.array(nodes, dtype=int)
            between, _ = routes.arcs.between(passed[1:], passed[:-1], towards=self.towards)
            ends = points["edge"].iloc[trip.foot], self.places["edge"].iloc[trip.place_foot]
            along = np.concatenate([ends[:1], between, ends[1:]]) if nodes else np.array(ends[:1])
            edges.append(along.astype(int))
            corners = np.column_stack([network.x[passed], network.y[passed]])
            whole = [
                coordinates[trip.point],
                spots[trip.foot],
                *corners,
                place_spots[trip.place_foot],
                place_coordinates[trip.place],
            ]
            lines.append(shapely.LineString(whole))
        return trips.assign(edges=edges, line=np.array(lines, dtype=object))


def _spots(network, feet):
    edge, share = feet["edge"].to_numpy(), feet["share"].to_numpy()[:, None]
    start = np.column_stack([network.x, network.y])[network.start[edge]]
    return start + share * (np.column_stack([network.x, network.y])[network.end[edge]] - start)
