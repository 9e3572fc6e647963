"""The ways along which least is missing for a road open all year between places."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gis.network import GRID_M, Network
from gis.roadspeeds import season_state

NEAR_M = 4000.0
"""How far is looked for the centre at first, in metres of road that is not open, then four times as far, and so on."""


RIVAL_PRICE = 3.0
"""So many times its price is reckoned for what the first way takes already when another way is looked for."""


@dataclass(frozen=True)
class Links:
    """The network with all that is open all year drawn together.

    Attributes
    ----------
    network : Network
        Of the roads; ``row`` is the road that each edge is a piece of.
    is_open : array of bool
        Which edges are surely open all year.
    is_blank : array of bool
        Of which nobody recorded whether they are.
    knot : array of int
        For each node the number of its knot: what open edges join is one.
    price : array of float
        What it takes to open each edge: its metres, or what was given; inf where it cannot be opened.
    """

    network: Network
    is_open: np.ndarray
    is_blank: np.ndarray
    knot: np.ndarray
    price: np.ndarray


def lacking(links, origins, targets, max_leg_m, rival=0.0):
    """For each pair that is joined its row, 0, and the steps that are not open; and the same of a rival, with 1."""
    if not len(origins) or not len(links.is_open):
        return
    goals, goal = np.unique(targets, axis=0, return_inverse=True)
    ours, theirs = (_feet(links, places, max_leg_m) for places in (origins, goals))
    ours["goal"] = goal.ravel()[ours["point"]]
    graph, edges = _graph(links, len(goals), theirs)
    first_goal = graph.shape[0] - len(goals)
    part = connected_components(graph[:first_goal, :first_goal], directed=False)[1]
    on_one = _on_one_edge(links, ours, theirs)
    theirs = dict(tuple(theirs.groupby("point")))
    by_edge = np.argsort(edges[1], kind="stable")
    for number, feet in ours.groupby("goal"):
        mine = theirs.get(number)
        feet = feet[np.isin(part[feet["knot"]], part[mine["knot"]])] if mine is not None else feet[:0]
        feet = feet[np.isfinite(feet["extra_m"])]
        if feet.empty:
            continue
        best, before = _nearest_feet(graph, first_goal + number, feet)
        for foot in best.to_dict("records"):
            row = foot["point"]
            # with both on one road there may be no need to go by its ends
            if row in on_one and on_one[row][0] < foot["cost"]:
                cost, steps = on_one[row][0], [on_one[row][1:]]
            else:
                cost, steps = foot["cost"], _steps(links, foot, before, first_goal, edges, mine)
            yield row, 0, steps
            if rival and steps:
                found = feet[feet["point"] == row], first_goal + number, cost, rival
                other = _rival(links, graph, edges, by_edge, steps, mine, *found)
                if other is not None:
                    yield row, 1, other


def _rival(links, graph, edges, by_edge, steps, mine, feet, goal, cost, rival):
    """The steps of another way from the feet of one point; None where none is near the price of the first."""
    taken = {edge for edge, *_ in steps}
    begins, stops = (
        np.searchsorted(edges[1], sorted(taken), side=side, sorter=by_edge) for side in ("left", "right")
    )
    arcs = np.concatenate([by_edge[one:other] for one, other in zip(begins, stops, strict=True)])
    # the ends of the way lie within edges: what leads out of the goal, and what leads from the feet
    first, last = graph.indptr[goal : goal + 2]
    ends = mine.loc[mine["edge"].isin(taken) & (mine["extra_m"] > GRID_M), "knot"]
    arcs = np.concatenate([arcs, first + np.flatnonzero(np.isin(graph.indices[first:last], ends))])
    usual = graph.data[arcs]
    graph.data[arcs] *= RIVAL_PRICE
    away, before = dijkstra(graph, indices=goal, limit=RIVAL_PRICE * rival * cost, return_predecessors=True)
    graph.data[arcs] = usual
    extra = np.where(feet["edge"].isin(taken), RIVAL_PRICE, 1.0) * feet["extra_m"].to_numpy()
    costs = extra + away[feet["knot"]]
    if not np.isfinite(costs).any():
        return None
    best = feet.iloc[int(np.argmin(costs))].to_dict()
    other = _steps(links, best, before, int(links.knot.max()) + 1, edges, mine)
    price = sum(abs(end - begin) * links.price[edge] for edge, begin, end in other)
    spared = taken - {edge for edge, *_ in other}
    return other if spared and price < rival * cost else None


def _on_one_edge(links, ours, theirs):
    """Of each point that is beside its goal on an edge that is not open: how far apart, the edge, where on it both are."""
    same = ours[~links.is_open[ours["edge"]]].merge(
        theirs, left_on=["edge", "goal"], right_on=["edge", "point"], suffixes=("", "_there")
    )
    same["cost"] = _priced(same["share"] - same["share_there"], links.price[same["edge"]])
    same = same.sort_values("cost", kind="stable").drop_duplicates("point")
    columns = (same[name].tolist() for name in ("cost", "edge", "share", "share_there"))
    return dict(zip(same["point"].tolist(), zip(*columns, strict=True), strict=True))


def _nearest_feet(graph, goal, feet):
    """The foot of each point with the least cost to a goal, and the knot before each on the way from there."""
    first_m = NEAR_M
    point, knot, extra = (feet[name].to_numpy() for name in ("point", "knot", "extra_m"))
    while True:
        away, before = dijkstra(graph, indices=goal, limit=first_m, return_predecessors=True)
        cost = extra + away[knot]
        order = np.argsort(cost, kind="stable")
        best = order[np.sort(np.unique(point[order], return_index=True)[1])]
        # all of them lead to the goal, so that an end is found
        if (cost[best] <= first_m).all():
            return feet.iloc[best].assign(cost=cost[best]), before
        first_m *= 4


def draw_together(roads, price=None):
    network = Network.of_roads(roads)
    state = season_state(roads).to_numpy(dtype=float)[network.row]
    is_open = state == 1
    size = network.size
    ends = network.start[is_open], network.end[is_open]
    joined = csr_array((np.ones(is_open.sum()), ends), shape=(size, size))
    knot = connected_components(joined, directed=False)[1]
    prices = network.length_m if price is None else np.asarray(price(network), dtype=float)
    return Links(network, is_open, np.isnan(state), knot, prices)


def _priced(shares, prices):
    """What a share of each edge takes; none of an edge that cannot be opened takes nothing."""
    shares = np.abs(np.asarray(shares, dtype=float))
    return shares * np.where(shares > 0, prices, 0.0)


def _feet(links, places, max_leg_m):
    """The feet of places, twice each: by either end of their edge, with what lies between that is not open."""
    feet = links.network.feet(places, max_leg_m=max_leg_m)
    edge = feet["edge"].to_numpy()
    ends = []
    for end, nodes in ((0.0, links.network.start), (1.0, links.network.end)):
        extra = np.where(links.is_open[edge], 0.0, _priced(feet["share"] - end, links.price[edge]))
        ends.append(feet.assign(end=end, knot=links.knot[nodes[edge]], extra_m=extra))
    return pd.concat(ends).sort_values(["point", "extra_m", "knot", "edge", "end"], ignore_index=True)


def _graph(links, goals, theirs):
    """Knots joined by the edges that are not open, and the goals, which lead out only; and the edge of each pair."""
    closed = np.flatnonzero(~links.is_open & np.isfinite(links.price))
    one, other = links.knot[links.network.start[closed]], links.knot[links.network.end[closed]]
    apart = one != other
    closed, one, other = closed[apart], one[apart], other[apart]
    knots = int(links.knot.max()) + 1
    theirs = theirs[np.isfinite(theirs["extra_m"])]
    goal = knots + theirs["point"].to_numpy()
    row = np.concatenate([one, other, goal])
    column = np.concatenate([other, one, theirs["knot"]])
    length = links.price[closed]
    # no length would read as "no edge"; a micrometre is nothing
    cost = np.maximum(np.concatenate([length, length, theirs["extra_m"]]), 1e-6)
    edge = np.concatenate([closed, closed, np.full(len(theirs), -1)])
    order = np.lexsort((edge, cost, column, row))
    row, column, cost, edge = row[order], column[order], cost[order], edge[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    row, column, cost, edge = row[first], column[first], cost[first], edge[first]
    size = knots + goals
    return csr_array((cost, (row, column)), shape=(size, size)), (row * size + column, edge)


def _steps(links, foot, before, first_goal, edges, mine):
    """The pieces that are not open from a foot to the goal, each as its edge and the shares where it begins and ends."""
    steps, knots = [], [int(foot["knot"])]
    if foot["extra_m"] > GRID_M:
        steps.append((int(foot["edge"]), foot["share"], foot["end"]))
    while before[knots[-1]] < first_goal:
        knots.append(int(before[knots[-1]]))
    keys, edge = edges
    knots = np.array(knots, dtype=np.int64)
    edge = edge[np.searchsorted(keys, knots[1:] * len(before) + knots[:-1])]
    back = (links.knot[links.network.start[edge]] != knots[:-1]).astype(float)
    steps += zip(edge.tolist(), back.tolist(), (1 - back).tolist(), strict=True)
    last = int(np.argmax(mine["knot"].to_numpy() == knots[-1]))
    if mine["extra_m"].iloc[last] > GRID_M:
        steps.append(tuple(mine[name].iloc[last] for name in ("edge", "end", "share")))
    return steps
