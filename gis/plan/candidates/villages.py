"""Which villages lie near a place, and which places lie far from each other or reach no village in common."""

from math import inf

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree


def pairs_near(gaps, sites, villages, radius_m):
    """Every site and village whose point, or whose ground, is within a distance; ``site`` and ``village``, by site."""
    frame = gaps.review.study.villages.loc[list(villages)]
    there = shapely.get_coordinates(sites.geometry.to_numpy())
    near = np.zeros((2, 0), dtype=int)
    if len(frame) and len(sites):
        if not np.isfinite(radius_m):
            near = np.indices((len(sites), len(frame))).reshape(2, -1)
        else:
            # an extent first: people live and things stand all over it
            shapes = np.where(frame.geometry.isna(), frame["point"].to_numpy(), frame.geometry.to_numpy())
            near = shapely.STRtree(shapes).query(
                shapely.points(there), predicate="dwithin", distance=radius_m + 1e-6
            )
    pairs = pd.DataFrame({"site": near[0], "village": frame.index.to_numpy()[near[1]]})
    return pairs.sort_values(["site", "village"], ignore_index=True)


def without_overlap(reached):
    """Keys in groups of which no two reach the same village, each in the first that it fits in.

    Parameters
    ----------
    reached : Mapping of object to set of str

    Returns
    -------
    list of list
    """
    groups, taken = [], []
    for key, mine in reached.items():
        at = next((at for at, theirs in enumerate(taken) if not mine & theirs), len(taken))
        if at == len(taken):
            groups.append([])
            taken.append(set())
        groups[at].append(key)
        taken[at] |= mine
    return groups


def spread_out(points, most):
    """Positions of the points that lie farthest from each other, the first among them; all where they are few."""
    if len(points) <= most:
        return np.arange(len(points))
    chosen, away = [0], np.full(len(points), inf)
    while len(chosen) < most:
        away = np.minimum(away, np.hypot(*(points - points[chosen[-1]]).T))
        chosen.append(int(np.argmax(away)))
    return np.sort(chosen)


def nearest_village(villages, points):
    """The village that each point lies in, else the one whose point is nearest; None without any."""
    known = villages[~shapely.is_missing(villages["point"].to_numpy())]
    found = np.full(len(points), None, dtype=object)
    if not len(known) or not len(points):
        return found
    there = shapely.get_coordinates(points)
    away, at = cKDTree(shapely.get_coordinates(known["point"].to_numpy())).query(there)
    found[:] = known.index.to_numpy()[at]
    point, owner = shapely.STRtree(villages.geometry.to_numpy()).query(points, predicate="intersects")
    order = np.lexsort((-owner, point))
    found[point[order]] = villages.index.to_numpy()[owner[order]]
    return found
