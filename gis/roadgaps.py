"""Small gaps in a road layer: dead ends that stop short of a road they are not joined to.

Such a gap is far more often a slip of the pen than a hole in the road. Where two roads cross without a common
vertex no gap is seen: that may be a bridge.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.network import Network, parts_in_reach

GAP_M = 50.0
"""Up to here a gap is taken for a likely slip."""


def find_gaps(roads, *, within_m=GAP_M):
    """Every dead end that lies within some metres of a joined-up part of the network that is not its own.

    Parameters
    ----------
    roads : GeoDataFrame
        Lines in a projected CRS in metres.
    within_m : float

    Returns
    -------
    DataFrame
        One row a gap, the nearest of each two parts: ``away_m``, the dead end ``x``, ``y``, the spot
        ``to_x``, ``to_y`` on the other road, and the ends of the piece of road it is on, ``start_x``, ``start_y``,
        ``end_x``, ``end_y``; ``one`` and ``other``, the numbers of the two parts of `Network.component`. Sorted by
        width, then by place, whatever the order of the lines.
    """
    network = Network.of_roads(roads)
    columns = ["away_m", "x", "y", "to_x", "to_y", "start_x", "start_y", "end_x", "end_y"]
    if not len(network.start) or not network.component.max():
        return pd.DataFrame(columns=[*columns, "one", "other"], dtype=float)
    degree = np.bincount(np.r_[network.start, network.end], minlength=network.size)
    part = np.zeros(network.size, dtype=int)
    part[network.start], part[network.end] = network.component, network.component
    ends = np.flatnonzero(degree == 1)
    corners = np.column_stack([network.x, network.y])
    pieces, points = network.segments, shapely.points(corners[ends])
    end, piece = shapely.STRtree(pieces).query(points, predicate="dwithin", distance=within_m)
    other = part[ends[end]] != network.component[piece]
    end, piece = end[other], piece[other]
    away = shapely.distance(points[end], pieces[piece])
    spot = shapely.get_coordinates(
        shapely.line_interpolate_point(pieces[piece], shapely.line_locate_point(pieces[piece], points[end]))
    )
    found = pd.DataFrame(
        np.column_stack(
            [
                away,
                corners[ends[end]],
                spot,
                corners[network.start[piece]],
                corners[network.end[piece]],
            ]
        ),
        columns=columns,
    )
    pair = np.sort(np.column_stack([part[ends[end]], network.component[piece]]), axis=1)
    found = found.assign(one=pair[:, 0], other=pair[:, 1]).sort_values(columns, ignore_index=True)
    return found.drop_duplicates(["one", "other"], ignore_index=True)


def first_gaps(roads, gaps, origins, targets, *, max_leg_m):
    """The first gap on the way from each origin to the target of the same row that crosses the fewest gaps.

    Parameters
    ----------
    roads : GeoDataFrame
        The lines that `find_gaps` was asked about.
    gaps : DataFrame
        As it gave them; not empty.
    origins, targets : arrays of float, shape (n, 2)
        Coordinates in metres.
    max_leg_m : float
        How far either may be from a road.

    Returns
    -------
    array of int
        Position in `gaps`; -1 where no gap lies between the two: they share a part already, or no way leads
        over gaps. Of ways with as few gaps the one of the narrowest is taken.
    """
    network = Network.of_roads(roads)
    one, other = gaps["one"].to_numpy(dtype=int), gaps["other"].to_numpy(dtype=int)
    parts = network.component.max() + 1
    cost = 1 + gaps["away_m"].to_numpy(dtype=float) / 1e6
    graph = csr_array((np.r_[cost, cost], (np.r_[one, other], np.r_[other, one])), shape=(parts, parts))
    position = {tuple(sorted(pair)): at for at, pair in enumerate(zip(one, other, strict=True))}
    ours, theirs = (_parts(network, places, max_leg_m) for places in (origins, targets))
    found = np.full(len(origins), -1)
    for row, (start, goal) in enumerate(zip(ours, theirs, strict=True)):
        if not len(start) or not len(goal) or np.intersect1d(start, goal).size:
            continue
        # from the goal, so that each part knows its next one on the way there
        away, following, _ = dijkstra(graph, indices=goal, min_only=True, return_predecessors=True)
        first = start[np.argmin(away[start])]
        if np.isfinite(away[first]):
            found[row] = position[tuple(sorted((first, following[first])))]
    return found


def _parts(network, places, max_leg_m):
    """For each place the joined-up parts of the network in reach, by number."""
    reached = parts_in_reach(network, places, max_leg_m=max_leg_m)
    ends = np.searchsorted(reached["point"], np.arange(1, len(places)))
    return np.split(reached["part"].to_numpy(), ends)


def close_gaps(roads, gaps):
    """The roads with every gap bridged: a line across it, and the other road cut where it meets it.

    Parameters
    ----------
    roads : GeoDataFrame
    gaps : DataFrame
        As `find_gaps` gives them.

    Returns
    -------
    GeoDataFrame
        The lines across are open all year where the layer says so of any road at all.
    """
    if gaps.empty:
        return roads
    spots = gaps[["to_x", "to_y"]].to_numpy(dtype=float)
    lines = [
        shapely.linestrings(np.stack([gaps[[x, y]].to_numpy(dtype=float), spots], axis=1))
        for x, y in (("x", "y"), ("start_x", "start_y"), ("end_x", "end_y"))
    ]
    shapes = np.concatenate(lines)
    # a spot at the very end of a piece makes a line without length
    shapes = shapes[shapely.length(shapes) > 0]
    across = gpd.GeoDataFrame(
        {"all_season": 1.0}, geometry=shapes, crs=roads.crs, index=[f"gap-{n}" for n in range(len(shapes))]
    )
    kept = [name for name in ("all_season",) if name in roads]
    return pd.concat([roads[[*kept, roads.geometry.name]], across[[*kept, "geometry"]]])
