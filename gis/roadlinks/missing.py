"""What is missing for a road open all year between two places: how much, on which roads, and the longest stretch of it."""

from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely

from gis.roadlinks.search import draw_together, lacking

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
    found, links = [dict(NOTHING)] * len(origins), draw_together(roads)
    for row, _, steps in lacking(links, origins, targets, max_leg_m):
        found[row] = NOTHING | _told(links, steps, roads)
    return pd.DataFrame(found, columns=list(NOTHING))


def _told(links, steps, roads):
    """What is missing along the steps of one way."""
    if not steps:
        return {"missing_m": 0.0, "unrecorded_m": 0.0}
    network = links.network
    edge, begin, end = (np.array(part) for part in zip(*steps, strict=True))
    length = np.abs(end - begin) * network.length_m[edge]
    ends = np.stack([network.start[edge], network.end[edge]])
    corners = np.stack([network.x[ends], network.y[ends]], axis=2)
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
