"""What the rains close on a way that is open in the dry season."""

import numpy as np
import shapely

from gis.surface.water import is_open

BESIDE_CELLS = 2.0
"""A closed crossing lies within so many cells of where the way stops: it opens its own cell and those around it."""


def first_closed(travel, dry, wet, points):
    """The first thing on the way of each point that is closed in the other season.

    Parameters
    ----------
    travel : Travel
    dry, wet : Reach
        To the same places by the same mode; `dry` gives the ways.
    points : array of float, shape (n, 2)

    Returns
    -------
    array of (str, str) or None
        What it is, "crossing", "road" or "water", and its name ("" where it has none). None where the whole way is open,
        and where there is none.
    """
    found = np.full(len(points), None, dtype=object)
    for leg in dry.legs(points).itertuples():
        if found[leg.point] is not None:
            continue
        if leg.how == "walk":
            shut = np.isnan(wet.surface.slowness_of(leg.cells))
            at = dry.surface.middles(leg.cells)
        else:
            # closed in one direction only by a rule that holds in both seasons
            shut = np.isinf(wet.ride.seconds[leg.edges]).all(axis=1)
            tracks = dry.ride.tracks
            at = (tracks.xy[tracks.start[leg.edges]] + tracks.xy[tracks.end[leg.edges]]) / 2
        if shut.any():
            first = int(np.argmax(shut))
            road = None if leg.how == "walk" else dry.ride.tracks.row[leg.edges[first]]
            found[leg.point] = _named(travel, at[first], road, wet.surface)
    return found


def _named(travel, at, road, surface):
    """The closed crossing at a place, else the road, else the water itself."""
    crossing = _crossing(travel.crossings, at, BESIDE_CELLS * np.hypot(surface.width, surface.height))
    if crossing is not None:
        return "crossing", _name(travel.crossings, crossing)
    return ("water", "") if road is None else ("road", _name(travel.roads, road))


def _crossing(crossings, at, within_m):
    if crossings is None or not len(crossings):
        return None
    shut = np.flatnonzero(~is_open(crossings, "wet"))
    away = shapely.distance(crossings.geometry.to_numpy()[shut], shapely.Point(at))
    near = away <= within_m
    if not near.any():
        return None
    # of equals the first by name, whatever the order of rows
    return shut[min(np.flatnonzero(near), key=lambda one: (away[one], _name(crossings, shut[one])))]


def _name(frame, row):
    name = frame["name"].iloc[row] if "name" in frame else None
    return name if isinstance(name, str) else ""
