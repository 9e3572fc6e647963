"""What is missing for a road open all year between two places: how much, on which roads, and the longest stretch of it."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gis.network import GRID_M, Network
from gis.roadspeeds import season_state

NOTHING = MappingProxyType(
    {
        "missing_m": np.inf,
        "unrecorded_m": np.nan,
        "worst_m": np.nan,
        "worst_road": None,
        "worst_x": np.nan,
        "worst_y": np.nan,
        "line": None,
    }
)
"""What is said of a pair that no road joins."""

NEAR_M = 4000.0
"""How far is looked for the centre at first, in metres of road that is not open, then four times as far, and so on."""


END_M = 1.0
"""A stretch that ends this near the end of its road goes on to it."""
RIVAL_PRICE = 3.0
"""So many times its price is reckoned for what the first way takes already when another way is looked for."""


@dataclass(frozen=True)
class _Links:
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


def missing_links(roads, origins, targets, *, max_leg_m):
    """The least length of road that would have to be made passable all year between origin and target of each row.

    Parameters
    ----------
    roads : GeoDataFrame
        Lines in a projected CRS in metres; column ``all_season`` (1, 0, NaN; without it nobody recorded any).
    origins, targets : arrays of float, shape (n, 2)
        Coordinates in metres.
    max_leg_m : float
        How far either may be from a road.

    Returns
    -------
    DataFrame
        One row a pair: ``missing_m``, inf where no road at all joins the two, 0 where nothing is missing;
        ``unrecorded_m``, how much of it is of roads whose state nobody recorded; ``worst_m``, the longest unbroken
        stretch of it, ``worst_road`` the index label of the road that most of that stretch is on (None where none),
        ``worst_x`` and ``worst_y`` its middle; ``line``, all that is missing as a MultiLineString, None where nothing.

    Notes
    -----
    The shortest path where a road that is open all year costs nothing and every other costs its length. Of equally
    long ways the one that comes first in the order of the network is taken, whatever the order of the roads' rows.
    """
    origins, targets = (np.asarray(places, dtype=float).reshape(-1, 2) for places in (origins, targets))
    found, links = [dict(NOTHING)] * len(origins), _draw_together(roads)
    for row, _, steps in _lacking(links, origins, targets, max_leg_m):
        found[row] = NOTHING | _told(links, steps, roads)
    return pd.DataFrame(found, columns=list(NOTHING))


def missing_stretches(roads, origins, targets, *, max_leg_m, price=None, rival=0.0):
    """The stretches of roads that would have to be opened between origin and target of each row.

    Parameters
    ----------
    roads, origins, targets, max_leg_m
        As for `missing_links`.
    price : callable, optional
        Given the `Network` of the roads it says what it takes to open each of its edges, in any unit that is about one a
        metre where it is least; inf where that cannot be done. Metres where left out.
    rival : float
        A second way is told where there is one at less than so many times the price of the first, and it can do without
        some of it. 0 for the first way only.

    Returns
    -------
    DataFrame
        One row a stretch in the order of going: ``row`` of the pair, ``way`` (0, or 1 for the rival), ``road`` (index
        label), ``from_m`` and ``to_m`` along it as it is drawn, of several parts one after the other; outwards to a tenth
        of a metre, and to the end of the road where that is near. A pair that lacks nothing has none, and so has one that no road joins.
    joined : array of bool
        For each pair whether there is a way at all, with or without something missing.
    """
    origins, targets = (np.asarray(places, dtype=float).reshape(-1, 2) for places in (origins, targets))
    links, joined, found = _draw_together(roads, price), np.zeros(len(origins), dtype=bool), []
    for row, way, steps in _lacking(links, origins, targets, max_leg_m, rival):
        joined[row] = True
        found += [(row, way, *step) for step in steps]
    return _as_stretches(links.network, roads, found), joined


def along(lines, points):
    """Metres along each line to the spot nearest a point, of several parts one after the other.

    Parameters
    ----------
    lines : array of LineString or MultiLineString
    points : array of Point

    Returns
    -------
    array of float
    """
    lines, points = np.asarray(lines, dtype=object), np.asarray(points, dtype=object)
    found = np.zeros(len(lines))
    single = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
    found[single] = shapely.line_locate_point(lines[single], points[single])
    for at in np.flatnonzero(~single):
        parts = shapely.get_parts(lines[at])
        nearest = int(np.argmin(shapely.distance(parts, points[at])))
        passed = shapely.length(parts[:nearest]).sum()
        found[at] = passed + shapely.line_locate_point(parts[nearest], points[at])
    return found


def outwards(from_m, to_m, whole_m):
    """Ends of stretches of roads of some length, outwards to `GRID_M`, and to the end of the road where that is near."""
    begin = np.floor(from_m / GRID_M + 1e-6) * GRID_M
    end = np.ceil(to_m / GRID_M - 1e-6) * GRID_M
    begin = np.where(begin < END_M, 0.0, begin.round(1))
    return begin, np.where(end > whole_m - END_M, whole_m, end.round(1))


def _lacking(links, origins, targets, max_leg_m, rival=0.0):
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


def _as_stretches(network, roads, steps):
    """Steps (row, way, edge, begin, end) as stretches along their roads."""
    columns = {"row": int, "way": int, "edge": int, "begin": float, "end": float}
    steps = pd.DataFrame(steps, columns=list(columns)).astype(columns)
    edge = steps["edge"].to_numpy()
    parts, road = shapely.get_parts(roads.geometry.to_numpy(), return_index=True)
    length, line = shapely.length(parts), network.line[edge]
    # the metres of the parts of its road that come before it
    before = np.cumsum(length) - length
    before -= before[np.searchsorted(road, road)] if len(road) else 0.0
    start, end = (
        np.column_stack([network.x[node[edge]], network.y[node[edge]]])
        for node in (network.start, network.end)
    )
    middle = shapely.line_locate_point(parts[line], shapely.points((start + end) / 2)) + before[line]
    sign, metres = np.where(network.along[edge], 1.0, -1.0), network.length_m[edge]
    at = np.column_stack(
        [middle + sign * (steps[name].to_numpy() - 0.5) * metres for name in ("begin", "end")]
    )
    steps = steps.assign(
        road=network.row[edge], line=line, from_m=at.min(axis=1), to_m=at.max(axis=1), up=at[:, 1] > at[:, 0]
    )
    # what follows on the same line and touches what came before is one stretch
    keys = steps[["row", "way", "line", "up"]]
    touches = (steps["from_m"] - steps["to_m"].shift()).abs().lt(GRID_M) & steps["up"]
    touches |= (steps["to_m"] - steps["from_m"].shift()).abs().lt(GRID_M) & ~steps["up"]
    new = (keys != keys.shift()).any(axis=1) | ~touches
    found = steps.groupby(new.cumsum()).agg(
        row=("row", "first"),
        way=("way", "first"),
        road=("road", "first"),
        from_m=("from_m", "min"),
        to_m=("to_m", "max"),
    )
    whole = np.bincount(road, length, len(roads))[found["road"]]
    found["from_m"], found["to_m"] = outwards(found["from_m"].to_numpy(), found["to_m"].to_numpy(), whole)
    found["road"] = roads.index.to_numpy()[found["road"]]
    return found.sort_values(["row", "way"], kind="stable", ignore_index=True)


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
    while True:
        away, before = dijkstra(graph, indices=goal, limit=first_m, return_predecessors=True)
        best = feet.assign(cost=feet["extra_m"] + away[feet["knot"]])
        best = best.sort_values("cost", kind="stable").drop_duplicates("point")
        # all of them lead to the goal, so that an end is found
        if (best["cost"] <= first_m).all():
            return best, before
        first_m *= 4


def _draw_together(roads, price=None):
    network = Network.of_roads(roads)
    state = season_state(roads).to_numpy(dtype=float)[network.row]
    is_open = state == 1
    size = network.size
    ends = network.start[is_open], network.end[is_open]
    joined = csr_array((np.ones(is_open.sum()), ends), shape=(size, size))
    knot = connected_components(joined, directed=False)[1]
    prices = network.length_m if price is None else np.asarray(price(network), dtype=float)
    return _Links(network, is_open, np.isnan(state), knot, prices)


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


def _told(links, steps, roads):
    """What is missing along the steps of one way."""
    if not steps:
        return {"missing_m": 0.0, "unrecorded_m": 0.0}
    network = links.network
    edge, begin, end = (np.array(part) for part in zip(*steps, strict=True))
    length = np.abs(end - begin) * network.length_m[edge]
    corners = np.stack(
        [np.stack([network.x, network.y], axis=1)[node[edge]] for node in (network.start, network.end)]
    )
    from_xy, to_xy = (corners[0] + share[:, None] * (corners[1] - corners[0]) for share in (begin, end))
    road = network.row[edge]
    # a stretch ends where open road lies between one piece and the next
    broken = np.hypot(*(from_xy[1:] - to_xy[:-1]).T) > 1e-6
    stretch = np.concatenate([[0], np.cumsum(broken)])
    worst = np.flatnonzero(stretch == np.argmax(np.bincount(stretch, length)))
    rows, at = np.unique(road[worst], return_inverse=True)
    metres, names = np.bincount(at, length[worst]), roads.index[rows]
    line = shapely.linestrings(np.vstack([from_xy[worst[:1]], to_xy[worst]]))
    middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
    pieces = shapely.linestrings(np.stack([from_xy, to_xy], axis=1))
    return {
        "missing_m": length.sum(),
        "unrecorded_m": length[links.is_blank[edge]].sum(),
        "worst_m": length[worst].sum(),
        "worst_road": min(names[metres == metres.max()]),
        "worst_x": middle.x,
        "worst_y": middle.y,
        "line": shapely.line_merge(shapely.multilinestrings(pieces)),
    }
