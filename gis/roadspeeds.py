"""How fast one rides on each road: by its class, surface and condition, in the dry season and in the rains.

What nobody recorded is taken by the rules below, and such roads are marked as estimated.
"""

from types import MappingProxyType

import numpy as np
import pandas as pd

MODES = ("bicycle", "motorbike", "car")
SEASONS = ("dry", "wet")
USUAL_CLASS = "village"
"""A road whose class nobody recorded is taken for one of this class."""
USUAL_SURFACE = MappingProxyType(
    {"national": "asphalt", "provincial": "asphalt", "district": "asphalt", "field": "earth", "path": "earth"}
)
"""The surface of a road of which none is recorded, by its class; gravel on all others. Assumed."""
STEEP_PCT = 10.0
"""An earth road at least this steep is taken to be closed to wheels in the rains, and so is one that crosses a
stream without a bridge. Assumed; only where nobody recorded whether the road is open all year."""
SOFT = "earth"
OVER = ("bridge", "tunnel")
"""Structures that lead over or under what they cross."""


def road_speeds(roads, speeds, *, mode, season, factors=None, slope_pct=None, streams=None):
    """The speed of riding on each road, and whether it rests on something that nobody recorded.

    Parameters
    ----------
    roads : DataFrame
        Columns ``class``, ``surface``, ``condition``, ``all_season`` and ``structure`` as in `layers/roads.yaml`, each
        where there is one.
    speeds : Mapping
        ``speeds[class][surface][season][mode]`` in km/h; 0 where one cannot ride.
    mode : str
        One of `MODES`.
    season : str
        One of `SEASONS`.
    factors : Mapping, optional
        The share of the speed that is left in each condition; an unknown condition leaves all of it, as the speeds
        are those of a road in common use.
    slope_pct : array of float, optional
        How steep each road is along its whole length, see `gis.travel.wearing`; NaN where not known.
    streams : array of int, optional
        How many streams each road crosses.

    Returns
    -------
    kmh : array of float
        0 where one cannot ride: the speed is 0, or the road is closed in the rains.
    estimated : array of bool
        Where the class or surface was not recorded, or, in the rains, whether the road is open all year.

    Raises
    ------
    ValueError
        If mode or season is another word.

    Notes
    -----
    A road with ``all_season`` 0 is closed in the rains, and so is a ford that is not said to be open. Where nobody
    recorded it, an earth road is closed that is at least `STEEP_PCT` steep or crosses a stream on no bridge; all others
    are ridden at the speeds of the wet season.
    """
    if mode not in MODES or season not in SEASONS:
        raise ValueError(f"{mode} {season}")
    kind, paved, condition, structure = (
        _words(roads, name) for name in ("class", "surface", "condition", "structure")
    )
    known = kind.isin(list(speeds))
    kind = kind.where(known, USUAL_CLASS)
    usual = kind.map(lambda each: USUAL_SURFACE.get(each, "gravel"))
    recorded = np.array([each in speeds[one] for one, each in zip(kind, paved, strict=True)], dtype=bool)
    paved = paved.where(recorded, usual)
    pairs = {
        pair: float(speeds[pair[0]][pair[1]][season][mode]) for pair in set(zip(kind, paved, strict=True))
    }
    kmh = np.array([pairs[pair] for pair in zip(kind, paved, strict=True)], dtype=float)
    kmh *= condition.map(dict(factors or {})).fillna(1.0).to_numpy(dtype=float)
    estimated = ~(known.to_numpy() & recorded)
    if season == "wet":
        state = season_state(roads).to_numpy(dtype=float)
        bridged = structure.isin(OVER).to_numpy()
        soft = (paved == SOFT).to_numpy()
        shut = (structure == "ford").to_numpy()
        if slope_pct is not None:
            shut = shut | (soft & (np.asarray(slope_pct, dtype=float) >= STEEP_PCT))
        if streams is not None:
            shut = shut | (soft & (np.asarray(streams) > 0) & ~bridged)
        kmh[(state == 0) | (np.isnan(state) & shut)] = 0
        estimated |= np.isnan(state)
    return kmh, estimated


def fastest_kmh(speeds, *, mode, season):
    """The fastest that one rides on any road there could be, km/h."""
    return max(float(each[season][mode]) for by_surface in speeds.values() for each in by_surface.values())


def season_state(roads):
    """For each road, bridge or ford 1 (open all year), 0 (not) or NaN (nobody recorded it)."""
    return roads["all_season"] if "all_season" in roads else pd.Series(np.nan, index=roads.index)


def _words(roads, name):
    return roads[name] if name in roads else pd.Series(None, index=roads.index, dtype=object)
