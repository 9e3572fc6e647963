"""What it takes to go along each piece of road, by mode and season."""

import numpy as np

from gis.roadspeeds import road_speeds


def edge_seconds(
    network, roads, speeds, *, mode, season, factors=None, slope_pct=None, streams=None, walk_kmh=5.0
):
    """Seconds along each edge in both directions, and which of them rest on something that nobody recorded.

    Parameters
    ----------
    network : Network
        Made of the geometry of `roads`.
    roads : DataFrame
        Columns as for `gis.roadspeeds.road_speeds`, and ``oneway`` and ``reversed`` where there are any: 1, 0 or NaN.
        A road of which nobody recorded it is open both ways.
    speeds, season, factors, slope_pct, streams
        As for `gis.roadspeeds.road_speeds`.
    mode : str
        "walk", or one that it knows. One walks on every road, both ways and in every season.
    walk_kmh : float

    Returns
    -------
    seconds : array of float, shape (edges, 2)
        From start to end of each edge, and from end to start; inf where one cannot go.
    estimated : array of bool

    Raises
    ------
    ValueError
        If mode or season is another word.
    """
    if mode == "walk":
        seconds = network.length_m * 3.6 / walk_kmh
        return np.column_stack([seconds, seconds]), np.zeros(len(seconds), dtype=bool)
    given = {"factors": factors, "slope_pct": slope_pct, "streams": streams}
    kmh, estimated = road_speeds(roads, speeds, mode=mode, season=season, **given)
    kmh = kmh[network.row]
    seconds = np.full(len(kmh), np.inf)
    seconds[kmh > 0] = network.length_m[kmh > 0] * 3.6 / kmh[kmh > 0]
    only, against = (
        (roads[name] == 1).to_numpy()[network.row] if name in roads else np.zeros(len(kmh), dtype=bool)
        for name in ("oneway", "reversed")
    )
    forth = network.along != against
    both = np.column_stack([seconds, seconds])
    both[only & ~forth, 0] = np.inf
    both[only & forth, 1] = np.inf
    return both, estimated[network.row]
