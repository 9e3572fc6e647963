"""The road network of the invented district, from the national road down to alleys and field tracks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from gis.sample.places import kite_room, midpoint_displacement

PARTS = 16
CLASSES = ("national", "provincial", "district", "commune", "village", "alley", "field", "path")
NATIONAL, PROVINCIAL, DISTRICT, COMMUNE, VILLAGE, ALLEY, FIELD, PATH = range(len(CLASSES))
SURFACES = ("asphalt", "concrete", "gravel", "earth")
ASPHALT, CONCRETE, GRAVEL, EARTH = range(len(SURFACES))
WIDTH_M = (7.0, 6.0, 5.5, 4.5, 3.5, 2.5, 3.0, 1.2)


@dataclass(frozen=True)
class Roads:
    """Lines with their class, and what the rest of the district needs to know of them.

    Attributes
    ----------
    table : DataFrame
        One row a line: geometry, class_, village (both ends where it joins two: village, other).
    centres : array
        Position of every commune centre, a vertex of the network.
    town_km : array
        Road distance of each village to its nearest town.
    """

    table: pd.DataFrame
    centres: np.ndarray
    town_km: np.ndarray
    crossings: pd.DataFrame


def lay_roads(places, elevation, streams, settlements, rng):
    """All roads: the links between villages by their rank, then the ways inside each village.

    Parameters
    ----------
    settlements : DataFrame
        Columns village, x, y; the first of a village is where its links meet.
    """
    links, rank, town_km = _links(places, elevation, streams, rng)
    lines = _winding(places, elevation, links, rng)
    centres = _centres(places, links, rank, lines)
    inner = [_axes(places, settlements, rng)]
    inner.append(_branches(inner[0], places, ALLEY, (4, 8), (60, 260), rng))
    inner.append(_branches(inner[0], places, FIELD, (1, 4), (350, 1300), rng))
    table = pd.concat(
        [
            pd.DataFrame(
                {
                    "geometry": shapely.linestrings(lines),
                    "class_": rank,
                    "village": places.edges[links, 0],
                    "other": places.edges[links, 1],
                }
            ),
            *inner,
        ],
        ignore_index=True,
    )
    table["length_km"] = shapely.length(table["geometry"].to_numpy()) / 1000
    return Roads(table, centres, town_km, _crossings(table, streams))


def build(roads, progress, rng):
    """Surface, width, condition and all-season use of every line, by how far its villages have come.

    Parameters
    ----------
    progress : array
        For each village, 0 (least) to 1 (furthest).

    Returns
    -------
    table : DataFrame
        As `roads.table` with surface, width_m, condition, all_season.
    crossings : DataFrame
        geometry, kind (bridge or ford), all_season, road.
    """
    table = roads.table.copy()
    rank = table["class_"].to_numpy()
    reach = (progress[table["village"]] + progress[table["other"]]) / 2 + rng.normal(0, 0.16, len(table))
    surface = np.full(len(table), ASPHALT)
    surface[rank == DISTRICT] = np.where(reach[rank == DISTRICT] > 0.15, ASPHALT, CONCRETE)
    for kind, (asphalt, concrete, gravel) in {
        COMMUNE: (0.62, 0.3, 0.18),
        VILLAGE: (9, 0.36, 0.24),
        ALLEY: (9, 0.42, 0.22),
        FIELD: (9, 0.55, 0.3),
        PATH: (9, 9, 9),
    }.items():
        ours = rank == kind
        surface[ours] = np.select(
            [reach[ours] > asphalt, reach[ours] > concrete, reach[ours] > gravel],
            [ASPHALT, CONCRETE, GRAVEL],
            EARTH,
        )
    chance = rng.random(len(table))
    condition = np.select([reach + chance > 1.0, reach + chance > 0.5], ["good", "fair"], "poor")
    dry_only = (surface == EARTH) & (reach < 0.6) | (rank == PATH)
    dry_only |= (surface == GRAVEL) & (condition == "poor")
    crossings = roads.crossings.copy()
    road = crossings["road"].to_numpy()
    bridged = (rank[road] <= DISTRICT) | (reach[road] + 0.5 * rng.random(len(road)) > 0.52)
    bridged &= rank[road] != PATH
    passable = bridged | (reach[road] > 0.5)
    crossings["kind"] = np.where(bridged, "bridge", "ford")
    crossings["all_season"] = passable
    dry_only[road[~passable]] = True
    table["surface"] = surface
    table["condition"] = condition
    table["all_season"] = ~dry_only
    width = np.array(WIDTH_M)[rank] + np.where(surface <= CONCRETE, 0.5, 0.0) * (rank < ALLEY)
    table["width_m"] = np.round(width + rng.choice([-0.5, 0.0, 0.0, 0.5], len(table)), 1)
    return table, crossings


def _links(places, elevation, streams, rng):
    """Which pairs of neighbouring villages are joined by a road, and of which class."""
    points, edges, villages = places.points, places.edges, len(places.points)
    if not len(edges):
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(villages)
    ends = points[edges]
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    steps = np.linspace(0, 1, 6)[None, :, None]
    climb = np.abs(np.diff(elevation.at(ends[:, :1] * (1 - steps) + ends[:, 1:] * steps), axis=1)).sum(axis=1)
    wet = np.zeros(len(edges))
    if len(streams.lines):
        tree = shapely.STRtree(streams.lines[streams.is_river])
        wet[np.unique(tree.query(shapely.linestrings(ends), predicate="intersects")[0])] = 1
    cost = length + 9 * climb + 1200 * wet
    foreign = places.commune[edges[:, 0]] != places.commune[edges[:, 1]]
    index = {(int(a), int(b)): number for number, (a, b) in enumerate(edges)}
    rank = np.full(len(edges), 99)

    def spread(weight, sources):
        graph = sparse.coo_array((weight, (edges[:, 0], edges[:, 1])), shape=(villages,) * 2).tocsr()
        return dijkstra(graph, directed=False, indices=sources, min_only=True, return_predecessors=True)[:2]

    def mark(towards, starts, kind):
        """Give a class to every link on the ways from `starts` to where the spreading began."""
        on_way = set()
        for start in starts:
            here = int(start)
            while towards[here] >= 0 and here not in on_way:
                on_way.add(here)
                there = int(towards[here])
                link = index[(min(here, there), max(here, there))]
                rank[link] = min(rank[link], kind)
                here = there

    def joined(kind):
        return np.unique(np.concatenate([edges[rank <= kind].ravel(), places.towns]))

    root = places.towns[:1]
    _, towards = spread(cost, root)
    turned = points @ np.array([[0.6, 0.8], [0.8, -0.6]])
    mark(towards, [turned[:, 0].argmin(), turned[:, 0].argmax(), *places.towns], NATIONAL)
    cost = np.where(rank <= NATIONAL, cost * 0.5, cost)
    _, towards = spread(cost, joined(NATIONAL))
    mark(towards, [turned[:, 1].argmin(), turned[:, 1].argmax()], PROVINCIAL)
    town_km = spread(length, places.towns)[0] / 1000
    cost = np.where(rank <= PROVINCIAL, cost * 0.6, cost)
    _, towards = spread(cost, joined(PROVINCIAL))
    mark(towards, places.seats, DISTRICT)
    _, towards = spread(np.where(foreign, cost * 4, cost), joined(DISTRICT))
    carried = _carried(towards, spread(np.where(foreign, cost * 4, cost), joined(DISTRICT))[0])
    for here in np.flatnonzero(towards >= 0):
        there = int(towards[here])
        link = index[(min(int(here), there), max(int(here), there))]
        rank[link] = min(rank[link], COMMUNE if carried[here] >= 3 else VILLAGE)
    spare = np.flatnonzero(rank == 99)
    lot = rng.random(len(spare))
    short = (cost[spare] < np.median(cost) * 1.2) & ~foreign[spare]
    rank[spare[short & (lot < 0.3)]] = VILLAGE
    rank[spare[(lot > 0.9) & (cost[spare] < np.median(cost) * 2)]] = PATH
    links = np.flatnonzero(rank < 99)
    return links, rank[links], town_km


def _carried(towards, cost):
    """How many villages use the link that leaves each village."""
    carried = np.ones(len(towards))
    for here in np.argsort(-cost, kind="stable"):
        if towards[here] >= 0:
            carried[towards[here]] += carried[here]
    return carried


def _winding(places, elevation, links, rng):
    """The course of each link: it bends towards low ground inside its own corridor."""
    ends = places.points[places.edges[links]]
    start, run = ends[:, 0], ends[:, 1] - ends[:, 0]
    length = np.maximum(np.hypot(*run.T), 1)
    normal = np.column_stack([-run[:, 1], run[:, 0]]) / length[:, None]
    t = np.linspace(0, 1, PARTS + 1)
    tips = places.corridor[links] - start[:, None]
    side = (tips * normal[:, None]).sum(axis=2)
    foot = (tips * run[:, None]).sum(axis=2) / length[:, None] ** 2
    left = np.where(side[:, 0] > side[:, 1], 0, 1)
    row = np.arange(len(links))
    up = 0.8 * kite_room(t, foot[row, left], np.maximum(side[row, left], 0))
    down = 0.8 * kite_room(t, foot[row, 1 - left], np.maximum(-side[row, 1 - left], 0))
    base = start[:, None] + t[None, :, None] * run[:, None]
    offset = midpoint_displacement(len(links), PARTS, rng, rough=0.5) * 0.13 * length[:, None]
    rough = midpoint_displacement(len(links), PARTS, rng, rough=0.8) * 0.012 * length[:, None]
    for _ in range(14):
        here = base + offset[..., None] * normal[:, None]
        shift = 60 * normal[:, None]
        slope = (elevation.at(here + shift) - elevation.at(here - shift)) / 120
        offset = offset - np.clip(180 * slope, -70, 70)
        offset[:, 1:-1] = 0.5 * offset[:, 1:-1] + 0.25 * (offset[:, :-2] + offset[:, 2:])
        offset[:, [0, -1]] = 0
        offset = np.clip(offset, -down, up)
    offset = np.clip(offset + rough, -down, up)
    return np.round(base + offset[..., None] * normal[:, None], 2)


def _centres(places, links, rank, lines):
    """The centre of each commune: a vertex a few hundred metres along the best road of its seat."""
    centres = places.points[places.seats].copy()
    ends = places.edges[links]
    for commune, seat in enumerate(places.seats):
        own = np.flatnonzero((ends == seat).any(axis=1) & (rank < PATH))
        if len(own):
            best = own[np.argmin(rank[own])]
            line = lines[best] if ends[best, 0] == seat else lines[best][::-1]
            along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
            centres[commune] = line[np.searchsorted(along, 220)] if along[-1] > 800 else line[1]
    return centres


def _axes(places, settlements, rng):
    """The axis of each village, from its middle to its other hamlets or a little way out."""
    first = ~settlements["village"].duplicated().to_numpy()
    village = settlements["village"].to_numpy()
    spot = settlements[["x", "y"]].to_numpy()
    starts = places.points[village]
    lone = np.flatnonzero(first & ~settlements["village"].duplicated(keep=False).to_numpy())
    angle, reach = rng.uniform(0, 2 * np.pi, len(lone)), rng.uniform(300, 800, len(lone))
    free = starts[lone] + np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
    stop = np.vstack([spot[~first], free])
    village = np.concatenate([village[~first], village[lone]])
    start = places.points[village]
    run = stop - start
    length = np.hypot(*run.T)
    normal = np.column_stack([-run[:, 1], run[:, 0]]) / np.maximum(length, 1)[:, None]
    offset = midpoint_displacement(len(run), 8, rng) * 0.1 * length[:, None]
    t = np.linspace(0, 1, 9)
    lines = start[:, None] + t[None, :, None] * run[:, None] + offset[..., None] * normal[:, None]
    lines = np.round(_inside(lines, places.cells[village]), 2)
    order = np.argsort(village, kind="stable")
    return _rows(lines[order], village[order], VILLAGE)


def _branches(axes, places, kind, counts, reach, rng):
    """Side ways that leave the axes of the villages at one of their vertices."""
    how_many = rng.integers(counts[0], counts[1], len(axes))
    axis = np.repeat(np.arange(len(axes)), how_many)
    trunk = shapely.get_coordinates(axes["geometry"].to_numpy()).reshape(len(axes), -1, 2)
    vertex = rng.integers(0 if kind == ALLEY else 4, trunk.shape[1], len(axis))
    start = trunk[axis, vertex]
    ahead = trunk[axis, -1] - trunk[axis, 0]
    turn = rng.choice([-1.0, 1.0], len(axis)) * rng.uniform(0.9, 2.0, len(axis))
    angle = np.arctan2(ahead[:, 1], ahead[:, 0]) + turn
    length = rng.uniform(*reach, len(axis))
    bend = angle[:, None] + np.cumsum(rng.normal(0, 0.28, (len(axis), 4)), axis=1)
    steps = np.stack([np.cos(bend), np.sin(bend)], axis=2) * (length / 4)[:, None, None]
    lines = np.concatenate([start[:, None], start[:, None] + np.cumsum(steps, axis=1)], axis=1)
    village = axes["village"].to_numpy()[axis]
    return _rows(np.round(_inside(lines, places.cells[village]), 2), village, kind)


def _inside(lines, cells):
    """Lines shrunk towards their first point until all their vertices lie in their cell."""
    lines = lines.copy()
    shapely.prepare(cells)
    for _ in range(6):
        inside = shapely.contains_xy(cells[:, None], lines[:, 1:, 0], lines[:, 1:, 1]).all(axis=1)
        out = ~inside
        lines[out] = lines[out][:, :1] + 0.6 * (lines[out] - lines[out][:, :1])
    return lines


def _rows(lines, village, kind):
    geometry = shapely.linestrings(lines)
    return pd.DataFrame({"geometry": geometry, "class_": kind, "village": village, "other": village})


def _crossings(table, streams):
    """Every place where a road, alleys excepted, meets a stream."""
    empty = pd.DataFrame({"geometry": np.zeros(0, dtype=object), "road": np.zeros(0, dtype=int)})
    roads = np.flatnonzero(table["class_"].to_numpy() != ALLEY)
    if not len(streams.lines) or not len(roads):
        return empty
    lines = table["geometry"].to_numpy()[roads]
    road, stream = shapely.STRtree(streams.lines).query(lines, predicate="intersects")
    meeting = shapely.intersection(lines[road], streams.lines[stream])
    points, owner = shapely.get_parts(meeting, return_index=True)
    is_point = shapely.get_type_id(points) == 0
    found = pd.DataFrame({"geometry": points[is_point], "road": roads[road[owner[is_point]]]})
    at = shapely.get_coordinates(found["geometry"].to_numpy()) if len(found) else np.zeros((0, 2))
    return found.iloc[np.lexsort((at[:, 1], at[:, 0], found["road"]))].reset_index(drop=True)
