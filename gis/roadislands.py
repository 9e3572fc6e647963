"""Islands of a road layer: joined-up parts that hang together with nothing else, and the villages they cut off."""

import numpy as np
import pandas as pd
import shapely

from gis.network import Network, parts_in_reach

REACH_M = 1000.0
"""A village is on the roads that are this near, in a straight line."""


def find_islands(roads, villages, *, reach_m=REACH_M):
    """Every joined-up part of the roads but the longest.

    Parameters
    ----------
    roads : GeoDataFrame
        Lines in a CRS in metres; columns ``name``, ``structure`` and ``level`` where there are any.
    villages : GeoDataFrame
        Column ``point`` in the same CRS; None where not known.
    reach_m : float

    Returns
    -------
    DataFrame
        One row an island, the longest first: ``km`` of road, ``names`` of its roads (a tuple, the longest first), ``x``, ``y`` of its
        westernmost vertex, and ``village_ids``, a tuple of the villages that have it as the nearest road in reach and
        the longest part out of reach. The same whatever the order of the rows.

    Raises
    ------
    CRSError
        If the CRS of the roads is not in metres.
    """
    network = Network.of_roads(roads)
    if not len(network.start):
        return pd.DataFrame(columns=["km", "names", "x", "y", "village_ids"])
    part = network.component
    # nodes are numbered from west to east, so the first node of a part is its westernmost
    islands = pd.DataFrame({"part": part, "m": network.length_m, "node": network.start})
    islands = islands.groupby("part").agg(m=("m", "sum"), node=("node", "min"))
    # to the millimetre, so that the order of adding up decides nothing
    islands["km"] = islands["m"].round(3) / 1000
    islands = islands.sort_values(["km", "node"], ascending=[False, True])
    main = islands.index[0]
    islands = islands.iloc[1:]
    if islands.empty:
        return pd.DataFrame(columns=["km", "names", "x", "y", "village_ids"])
    names = roads["name"].to_numpy() if "name" in roads else np.full(len(roads), None)
    named = pd.DataFrame({"part": part, "name": names[network.row], "m": network.length_m}).dropna()
    named = named.groupby(["part", "name"], as_index=False)["m"].sum().round(3)
    named = named.sort_values(["m", "name"], ascending=[False, True]).groupby("part")["name"].agg(tuple)
    cut_off = _cut_off(network, villages, main, reach_m).groupby("part")["village_id"].agg(tuple)
    return pd.DataFrame(
        {
            "km": islands["km"].to_numpy(),
            "names": [named.get(each, ()) for each in islands.index],
            "x": network.x[islands["node"]],
            "y": network.y[islands["node"]],
            "village_ids": [cut_off.get(each, ()) for each in islands.index],
        }
    )


def _cut_off(network, villages, main, reach_m):
    """The villages that have roads in reach but not the longest part, and the nearest part of each."""
    points = villages["point"].to_numpy()
    known = np.flatnonzero(~shapely.is_missing(points))
    reached = parts_in_reach(network, shapely.get_coordinates(points[known]), max_leg_m=reach_m)
    joined = reached["point"].isin(reached.loc[reached["part"] == main, "point"])
    nearest = reached[~joined].sort_values(["point", "leg_m", "part"]).drop_duplicates("point")
    return nearest.assign(village_id=villages.index[known[nearest["point"]]]).sort_values("village_id")
