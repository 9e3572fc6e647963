"""Where the villages lie, how they tile their communes, and which commune each belongs to."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, cKDTree

EDGE_PARTS = 16
MANY = 5_000
"""From so many villages on, borders are drawn with half as many vertices."""


@dataclass(frozen=True)
class Places:
    """Villages numbered from 0: points, cells, neighbours and groups."""

    points: np.ndarray
    cells: np.ndarray
    edges: np.ndarray
    """Pairs of villages that share a border, smaller number first, sorted."""
    corridor: np.ndarray
    """For each pair, the two points between which its road may swing without meeting another road."""
    commune: np.ndarray
    seats: np.ndarray
    """For each commune, the village where its centre is."""
    district: np.ndarray
    """For each commune, its district."""
    towns: np.ndarray
    """For each district, the village where its town is."""


def choose_sites(elevation, streams, side_m, spacing_m, rng):
    """Points where a village could be: scattered, drawn towards low ground beside streams."""
    rows = int(side_m / (spacing_m * 0.88)) - 1
    columns = int(side_m / spacing_m) - 1
    row, column = np.divmod(np.arange(rows * columns), columns)
    base = np.column_stack([(column + 0.75 + 0.5 * (row % 2)) * spacing_m, (row + 0.9) * spacing_m * 0.88])
    base += (elevation.west, elevation.north - side_m)
    tries = base[:, None, :] + rng.uniform(-0.46, 0.46, (len(base), 10, 2)) * spacing_m
    height = elevation.at(tries)
    height = (height - height.min(axis=1, keepdims=True)) / 300
    water = np.abs(streams.distance.at(tries) - 350) / 1500
    best = np.argmin(height + water + rng.uniform(0, 0.35, height.shape), axis=1)
    return np.round(tries[np.arange(len(base)), best], 2)


def settle(sites, elevation, villages, communes, rng):
    """The best-connected `villages` of the sites with their cells, communes and districts."""
    mesh = Delaunay(sites)
    pairs, triangles = _neighbours(mesh)
    chosen = _chosen(mesh, sites, pairs, elevation, villages, rng)
    number = np.full(len(sites), -1)
    number[chosen] = np.arange(len(chosen))
    points = sites[chosen]
    touching = (number[pairs] >= 0).any(axis=1)
    cells = _cells(sites, number, pairs[touching], _centres(mesh)[triangles[touching]], len(chosen), rng)
    inner = (number[pairs] >= 0).all(axis=1)
    edges = np.sort(number[pairs[inner]], axis=1)
    corridor = sites[mesh.simplices].mean(axis=1)[triangles[inner]]
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    edges, corridor = edges[order], corridor[order]
    commune, seats = group(points, edges, communes, rng)
    between = np.unique(np.sort(commune[edges], axis=1), axis=0)
    districts = max(1, round(communes / 15))
    district, town_communes = group(points[seats], between[between[:, 0] != between[:, 1]], districts, rng)
    return Places(points, cells, edges, corridor, commune, seats, district, seats[town_communes])


def group(points, edges, groups, rng):
    """Split a connected graph of points into connected groups of about equal size.

    Returns
    -------
    group : array of int
        Group of each point.
    seats : array of int
        The point each group was grown from.
    """
    centre = points[np.sort(rng.choice(len(points), groups, replace=False))]
    for _ in range(12):
        nearest = cKDTree(centre).query(points)[1]
        size = np.bincount(nearest, minlength=groups)
        full = size > 0
        for axis in (0, 1):
            total = np.bincount(nearest, weights=points[:, axis], minlength=groups)
            centre[full, axis] = total[full] / size[full]
    seats, taken = [], set()
    tree = cKDTree(points)
    for middle in centre:
        reach = 4
        while True:
            found = np.atleast_1d(tree.query(middle, k=min(reach, len(points)))[1])
            free = [int(point) for point in found if int(point) not in taken]
            if free:
                break
            reach *= 2
        seats.append(free[0])
        taken.add(free[0])
    seats = np.array(seats)
    length = np.hypot(*(points[edges[:, 0]] - points[edges[:, 1]]).T) * rng.uniform(0.9, 1.3, len(edges))
    reached, source = _spread(len(points), edges, length, seats)
    lookup = np.full(len(points), -1)
    lookup[seats] = np.arange(groups)
    return lookup[source], seats


def _spread(count, edges, weight, sources):
    graph = sparse.coo_array((weight, (edges[:, 0], edges[:, 1])), shape=(count, count)).tocsr()
    options = {"indices": sources, "min_only": True, "return_predecessors": True}
    cost, _, source = dijkstra(graph, directed=False, **options)
    return cost, source


def _neighbours(mesh):
    """Every inner edge of a triangulation once: its two points and its two triangles."""
    triangle = np.repeat(np.arange(len(mesh.simplices)), 3)
    corner = np.tile(np.arange(3), len(mesh.simplices))
    other = mesh.neighbors.ravel()
    once = other > triangle
    triangle, corner, other = triangle[once], corner[once], other[once]
    pairs = np.column_stack([mesh.simplices[triangle, (corner + k) % 3] for k in (1, 2)])
    return pairs, np.column_stack([triangle, other])


def _centres(mesh):
    """Circumcentre of every triangle, to the centimetre."""
    a, b, c = (mesh.points[mesh.simplices[:, k]] for k in range(3))
    b, c = b - a, c - a
    double = 2 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    bb, cc = (b**2).sum(axis=1), (c**2).sum(axis=1)
    x = (c[:, 1] * bb - b[:, 1] * cc) / double
    y = (b[:, 0] * cc - c[:, 0] * bb) / double
    return np.round(a + np.column_stack([x, y]), 2)


def _chosen(mesh, sites, pairs, elevation, villages, rng):
    """The first sites reached when settlement spreads from the middle over easy ground."""
    inside = np.ones(len(sites), dtype=bool)
    low, high = sites.min(axis=0), sites.max(axis=0)
    rim = 0.06 * (high - low).min()
    inside &= ((sites > low + rim) & (sites < high - rim)).all(axis=1)
    inside[np.unique(mesh.convex_hull)] = False
    kept = pairs[inside[pairs].all(axis=1)]
    height = elevation.at(sites[kept].mean(axis=1))
    length = np.hypot(*(sites[kept[:, 0]] - sites[kept[:, 1]]).T)
    weight = length * (1 + 1.2 * np.clip((height - 500) / 1400, 0, 1)) * rng.uniform(0.85, 1.2, len(kept))
    middle = cKDTree(sites).query((low + high) / 2, k=min(12, len(sites)))[1]
    middle = middle[inside[middle]]
    start = int(middle[np.argmin(elevation.at(sites[middle]))])
    cost, _ = _spread(len(sites), kept, weight, np.array([start]))
    return np.sort(np.argsort(cost, kind="stable")[:villages])


def _cells(sites, number, pairs, ends, villages, rng):
    """Voronoi cells with fractal borders; neighbours share every vertex of their border."""
    borders = _fractal(sites[pairs], ends, EDGE_PARTS if villages < MANY else EDGE_PARTS // 2, rng)
    half_village = np.concatenate([number[pairs[:, 0]], number[pairs[:, 1]]])
    half_border = np.tile(np.arange(len(pairs)), 2)
    out = np.concatenate([sites[pairs[:, 1]] - sites[pairs[:, 0]], sites[pairs[:, 0]] - sites[pairs[:, 1]]])
    along = (ends[:, 1] - ends[:, 0])[half_border]
    backward = (-out[:, 1] * along[:, 0] + out[:, 0] * along[:, 1]) < 0
    ours = half_village >= 0
    order = np.lexsort((np.arctan2(out[:, 1], out[:, 0]), half_village))
    order = order[ours[order]]
    lines = borders[half_border[order]]
    lines[backward[order]] = lines[backward[order]][:, ::-1]
    parts = lines.shape[1] - 1
    coordinates = lines[:, :-1].reshape(-1, 2)
    owner = np.repeat(half_village[order], parts)
    return shapely.polygons(shapely.linearrings(coordinates, indices=owner))


def _fractal(seeds, ends, parts, rng):
    """Each border as ``parts + 1`` points, displaced sideways but never out of its own kite.

    The kite of a border is spanned by its two ends and the two villages it divides. Kites do not overlap,
    so borders cannot cross however they are displaced inside them.
    """
    start, stop = ends[:, 0], ends[:, 1]
    run = stop - start
    length = np.hypot(*run.T)
    t = np.linspace(0, 1, parts + 1)
    offset = midpoint_displacement(len(ends), parts, rng) * 0.2 * length[:, None]
    safe = np.where(length > 0, length, 1)
    normal = np.column_stack([-run[:, 1], run[:, 0]]) / safe[:, None]
    height = np.hypot(*(seeds[:, 1] - seeds[:, 0]).T) / 2
    foot = ((seeds.mean(axis=1) - start) * run).sum(axis=1) / safe**2
    room = kite_room(t, foot, height) * 0.8
    offset = room * np.tanh(offset / np.maximum(room, 1e-9))
    offset[length < 1] = 0
    points = start[:, None] + t[None, :, None] * run[:, None] + offset[..., None] * normal[:, None]
    points[:, -1] = stop
    return np.round(points, 2)


def kite_room(t, foot, height):
    """How far a point at share `t` of a base line may move sideways inside a triangle on that base.

    `foot` is where the tip stands over the base as a share of it, `height` how high the tip is.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(foot[:, None] > 0, t / np.maximum(foot[:, None], 1e-12), np.inf)
        right = np.where(foot[:, None] < 1, (1 - t) / np.maximum(1 - foot[:, None], 1e-12), np.inf)
    return height[:, None] * np.minimum(left, right)


def midpoint_displacement(count, parts, rng, rough=0.55):
    """Random walks pinned to 0 at both ends: array of shape ``(count, parts + 1)``; `parts` a power of 2."""
    offset = np.zeros((count, parts + 1))
    step, size = parts, 1.0
    while step > 1:
        half = step // 2
        middle = (offset[:, 0:-1:step] + offset[:, step::step]) / 2
        offset[:, half::step] = middle + size * rng.standard_normal(middle.shape)
        step, size = half, size * rough
    return offset
