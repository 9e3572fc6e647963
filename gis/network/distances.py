"""How far places are from each other along roads, and how near they are to roads that join them."""

import numpy as np
import pandas as pd

from gis.network.feet import parts_in_reach
from gis.network.routes import Routes


def nearest(network, origins, targets, *, max_leg_m):
    """How far along the roads each origin is from its nearest target, and which that is.

    Parameters
    ----------
    network : Network
    origins, targets : arrays of float, shape (n, 2) and (m, 2)
        Coordinates in metres.
    max_leg_m : float
        The straight walks to and from the road are part of the distance; a place farther than this
        from any road is not reached by road.

    Returns
    -------
    distance_m : array of float, shape (n,)
        inf where no target can be reached.
    target : array of int
        Position in `targets`; -1 where none.

    Notes
    -----
    Roads are gone along both ways. The shortest trip over all feet of origin and target (see `find_feet`) is taken. So
    one more road never lengthens a trip as long as the walks are at most `NEAR_M`. Farther off, a place takes only the
    nearest spot of each joined-up part, or it would walk cross-country instead of along the road; a new
    road nearer by can then send it round.
    """
    ours, theirs = (network.feet(places, max_leg_m=max_leg_m) for places in (origins, targets))
    return Routes.by_metres(network).reach(theirs).at(ours, count=len(origins))


def least_leg(network, origins, targets, *, max_leg_m):
    """How long a walk there must be at either end for origin and target of a row to have a joined-up part in reach.

    Parameters
    ----------
    network : Network
    origins, targets : arrays of float, shape (n, 2)
        Coordinates in metres.
    max_leg_m : float
        Up to here walks are looked at.

    Returns
    -------
    array of float, shape (n,)
        Metres; the longer of the two walks. inf where none of up to `max_leg_m` is enough.
    """
    reached = []
    for places in (origins, targets):
        # many villages share one centre
        known, back = np.unique(np.asarray(places, dtype=float), axis=0, return_inverse=True)
        walks = parts_in_reach(network, known, max_leg_m=max_leg_m)
        rows = pd.DataFrame({"row": np.arange(len(places)), "point": back.ravel()})
        reached.append(rows.merge(walks, on="point")[["row", "part", "leg_m"]])
    both = reached[0].merge(reached[1], on=["row", "part"])
    least = np.full(len(origins), np.inf)
    np.minimum.at(least, both["row"], np.maximum(both["leg_m_x"], both["leg_m_y"]))
    return least
