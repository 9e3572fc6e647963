"""A road graph with what it costs to go along it, asked for many kinds of place."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gis.network.arcs import Arcs
from gis.network.graph import Network
from gis.network.reach import Reach

WALK_KMH = 5.0
DETOUR = 1.3
"""How much longer the walk between a place and its road is than the straight line, where no terrain is known; assumed."""
LEG_S = DETOUR * 3.6 / WALK_KMH
"""Seconds a metre, straight, between a place and its road."""


@dataclass(frozen=True)
class Routes:
    """A network with what it costs to go along it; asked for many kinds of place.

    Attributes
    ----------
    network : Network
    cost : array of float, shape (edges, 2)
        From start to end of each edge and back, such as seconds of `edge_seconds`; inf where one cannot go.
    leg_cost : float
        Of a straight metre between a place and its road.
    """

    network: Network
    cost: np.ndarray
    leg_cost: float = LEG_S

    @classmethod
    def by_metres(cls, network):
        """The network gone along both ways at the cost of its metres."""
        routes = cls(network, network.along_metres.cost, 1.0)
        # what a cached property would make anew for each question
        routes.__dict__["arcs"] = network.along_metres
        return routes

    def reach(self, places, *, towards=True, limit=np.inf):
        """The least costs between everywhere on the network and the nearest of some places.

        Parameters
        ----------
        places : DataFrame
            Their feet, as of `Network.feet`.
        towards : bool
            True for going to the places, False for coming from them.
        limit : float
            What costs more is not reached.

        Returns
        -------
        Reach
        """
        return Reach(self, places, towards, limit)

    def nearest_few(self, places, points, *, count, towards=True, limit=np.inf):
        """The nearest few places of each point, and what it costs to get to each.

        Parameters
        ----------
        places, points : DataFrame
            Feet, as of `Network.feet`.
        count : int
            How many places, >= 1.
        towards, limit
            As for `reach`.

        Returns
        -------
        DataFrame
            Columns ``point``, ``place`` and ``cost``, in order of point and cost; of equally near places the first comes
            first. A point that reaches fewer has fewer rows.
        """
        from gis.kernels import nearest_few

        nodes, begins, _, place = self.begins(places, towards)
        least, owner = nearest_few(
            *self.arcs.searched(towards), nodes, begins, count=count, limit=limit, owners=place
        )
        found = [self.direct(places, points, towards)]
        for end, leg in zip(self.ends_of(points), self.legs_of(points, towards), strict=True):
            for k in range(count):
                found.append(
                    pd.DataFrame(
                        {
                            "point": points["point"].to_numpy(),
                            "place": owner[end, k],
                            "cost": least[end, k] + leg,
                        }
                    )
                )
        trips = pd.concat(found)[["point", "place", "cost"]]
        trips = trips[(trips["place"] >= 0) & np.isfinite(trips["cost"]) & (trips["cost"] <= limit)]
        trips = trips.sort_values(["point", "cost", "place"]).drop_duplicates(["point", "place"])
        return trips.groupby("point").head(count).reset_index(drop=True)

    @cached_property
    def arcs(self):
        """The network as it is searched."""
        return Arcs(self.network.start, self.network.end, self.network.size, self.cost)

    def begins(self, places, towards):
        """Where a search begins: nodes, the cost at each, the foot it belongs to, and the place."""
        edge, share = places["edge"].to_numpy(), places["share"].to_numpy()
        leg = self.leg_cost * places["leg_m"].to_numpy()
        up, down = self.searched(edge, towards)
        nodes = np.concatenate([self.network.start[edge], self.network.end[edge]])
        costs = np.concatenate([leg + part_of(share, down), leg + part_of(1 - share, up)])
        return nodes, costs, np.tile(np.arange(len(edge)), 2), np.tile(places["point"].to_numpy(), 2)

    def searched(self, edge, towards):
        """What a search pays from start to end of edges, and from end to start."""
        up, down = self.cost[edge].T
        return (down, up) if towards else (up, down)

    def ends_of(self, points):
        edge = points["edge"].to_numpy()
        return self.network.start[edge], self.network.end[edge]

    def legs_of(self, points, towards):
        """From start and end of its edge to each foot of a point, and off the road."""
        share, leg = points["share"].to_numpy(), self.leg_cost * points["leg_m"].to_numpy()
        up, down = self.searched(points["edge"].to_numpy(), towards)
        return part_of(share, up) + leg, part_of(1 - share, down) + leg

    def direct(self, places, points, towards):
        """Trips between feet on one edge."""
        theirs = places.assign(place_foot=np.arange(len(places))).rename(columns={"point": "place"})
        ours = points.assign(foot=np.arange(len(points)))
        pairs = ours.merge(theirs, on="edge", suffixes=("", "_place"))
        up, down = self.searched(pairs["edge"].to_numpy(), towards)
        apart = (pairs["share"] - pairs["share_place"]).to_numpy()
        along = np.where(apart >= 0, part_of(np.maximum(apart, 0), up), part_of(np.maximum(-apart, 0), down))
        return pairs.assign(cost=along + self.leg_cost * (pairs["leg_m"] + pairs["leg_m_place"]))


def part_of(share, cost):
    """A share of a cost; no part of a closed edge costs nothing."""
    return share * np.where(share > 0, cost, 0.0)
