"""How long the way to the nearest facility takes over the ground and by road, and whether the rains cut it off."""

import numpy as np
import pandas as pd
import shapely

from gis.around import times_around
from gis.indicators.access import _blank_without_point, _frame, _points, _straight, maybe_of_kind, of_kind
from gis.indicators.doubts import widen
from gis.registry import indicator
from gis.travel import Travel, first_closed


@indicator(
    unit="min",
    unseen={"facilities": "lowers", "roads": "lowers", "crossings": "lowers", "rivers": "raises"},
    vi="Thời gian đi đến nơi",
    en="Travel time",
)
def travel_time(
    villages,
    facilities,
    elevation=None,
    roads=None,
    rivers=None,
    crossings=None,
    land_cover=None,
    travel=None,
    position_m=0.0,
    *,
    kind=None,
    mode="walk",
    season="dry",
    walk_kmh=5.04,
    off_path_pct=60.0,
):
    """Minutes from the village point to the nearest facility, on foot or walking to a road and riding.

    Parameters
    ----------
    villages : GeoDataFrame
        Column ``point`` in a projected CRS in metres.
    facilities : GeoDataFrame
        Points in the same CRS, index facility id; columns ``kind`` and ``name``.
    elevation : Raster, optional
        Heights in metres, in the same CRS; its cells are those of the way. Without them one rides by road alone, the
        walks to and from it straight, `gis.network.DETOUR` times as long and no longer than `gis.travel.onroads.MAX_LEG_M`;
        on foot, and without roads, there is no time then.
    roads, rivers, crossings : GeoDataFrame, optional
    land_cover : Raster, optional
        As for `gis.surface.build_surface`, in the same CRS.
    travel : Travel, optional
        What was made of these five layers before; made of them where left out.
    position_m : float
        Metres by which the point of a village may lie off.
    kind : str or list of str, optional
    mode : str
        "walk" all the way; "bicycle", "motorbike" or "car": walking to a road, riding, walking again, as often as it
        saves time. Without roads one walks.
    season : str
        "dry" or "wet"; in the rains fords and roads that are not open all year are closed and earth roads slower.
    walk_kmh : float
        Speed on a good road on the flat, km/h; 5.04 is Tobler's.
    off_path_pct : float
        Speed off roads where land cover says nothing, percent of `walk_kmh`.

    Returns
    -------
    DataFrame
        ``value`` in minutes for going there: NaN without a village point, or where no height is known at it and
        beside it (``doubt`` "no-elevation"); inf when no such facility can be reached. ``facility_id`` and
        ``facility_name`` of the one reached; of equal ways that over the more northern, then more western cell.
        ``legs`` is how the way goes, as "walk:1210 motorbike:8420 walk:90" in metres; ``estimated`` the percent of the
        time that rests on roads of unrecorded class, surface or state. ``low`` is the time to a nearer facility whose
        kind nobody recorded ("kind-unknown"), or to the edge of what is known of the heights where that is nearer
        ("beyond-edge"). ``floor`` is the straight way at the fastest there is, which no missing road or bridge can
        undercut. ``way`` is the line there, None where there is none: a river off it bars it nowhere. ``least``,
        ``median`` and ``most`` are the times where the village may be, see `gis.around.times_around`; not there without
        heights.

    Raises
    ------
    CRSError
        If the heights are in degrees.

    Notes
    -----
    Least cost over the grid in 16 directions and along the roads, going towards the facility: a metre on foot takes
    ``3.6 / speed`` seconds times ``exp(3.5 |s + 0.05| - 0.175)`` at the slope `s` in the direction of going. Between a
    place and the middle of its cell it is a straight leg on the flat, and so it is from there to a road in the cell.

    References
    ----------
    Tobler, W. (1993). Three presentations on geographical analysis and modeling. NCGIA Technical Report 93-1.
    """
    travel = travel or Travel(elevation, roads, rivers, crossings, land_cover)
    if elevation is None and (mode == "walk" or roads is None):
        blank = {"value": np.nan, "doubt": "layer-missing", "doubt_of": "elevation"}
        return pd.DataFrame(blank, index=villages.index)
    how = {"mode": mode, "season": season, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
    fastest = travel.fastest_kmh(**how)
    chosen, maybe = (found(facilities, kind).sort_index() for found in (of_kind, maybe_of_kind))
    here, known = _points(villages)
    reach = travel.reach(_places(chosen), **how)
    minutes, _ = reach.at(here)
    legs = reach.legs(here)
    nearest, ways = reach.ways(here, legs)
    measured = _frame(villages, minutes, chosen, nearest)
    measured["legs"], measured["estimated"] = _told(legs, mode, len(villages))
    measured["min_per_km"] = 60 / fastest
    measured["reach_m"] = minutes / 60 * fastest * 1000
    measured["way"] = ways
    measured["floor"] = _straight(here, maybe)[0] / 1000 * 60 / fastest
    measured = _blank_off_map(measured, reach.surface, here, known)
    if elevation is not None:
        around = times_around(reach, villages, measured["value"], position_m=position_m)
        measured[list(around)] = around
    if len(maybe) > len(chosen):
        measured = widen(measured, "kind-unknown", low=travel.reach(_places(maybe), **how).at(here)[0])
    if elevation is None:
        return widen(measured, None)
    return widen(measured, "beyond-edge", low=travel.to_edge(**how).at(here)[0], thing="elevation")


@indicator(
    unit="bool",
    unseen={"facilities": "either", "roads": "either", "crossings": "either", "rivers": "raises"},
    vi="Bị chia cắt vào mùa mưa",
    en="Cut off in the rains",
)
def cut_off_in_rains(
    villages,
    facilities,
    elevation,
    roads=None,
    rivers=None,
    crossings=None,
    land_cover=None,
    travel=None,
    *,
    kind=None,
    mode="motorbike",
    max_min=np.inf,
    walk_kmh=5.04,
    off_path_pct=60.0,
):
    """Whether a facility that is reached in the dry season (1) is not in the rains, or no other instead of it.

    Parameters
    ----------
    villages, facilities, elevation, roads, rivers, crossings, land_cover, travel, kind, walk_kmh, off_path_pct
        As for `travel_time`.
    mode : str
        How one goes; on foot wherever one cannot ride.
    max_min : float
        Minutes in which it must be reached; any time will do where left out.

    Returns
    -------
    DataFrame
        ``value`` 1 where a facility is reached in the dry season and none in the wet; 0 where one is reached in both,
        and where none is even in the dry season: then it is not the rains that cut the village off. NaN as for
        `travel_time`. ``closed`` is the first thing on the way of the dry season that the rains close, as
        "crossing:name", "road:name" or "water:", and "slow:" where the way is open and takes longer than `max_min`.
        ``facility_id``, ``facility_name`` and ``legs`` are of the way in the rains where there is one, else of that in the
        dry season; ``numerator`` are the minutes in the rains, ``denominator`` those in the dry season of whoever does
        not get there in the rains, inf where it takes longer than `max_min`. Where a facility of unrecorded kind, or a
        way beyond the edge of the heights, may change the answer, ``low`` and ``high`` differ.

    Raises
    ------
    CRSError
        If the heights are in degrees.
    """
    travel = travel or Travel(elevation, roads, rivers, crossings, land_cover)
    how = {"mode": mode, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
    fastest = travel.fastest_kmh(**how)
    chosen, maybe = (found(facilities, kind).sort_index() for found in (of_kind, maybe_of_kind))
    here, known = _points(villages)
    how["limit_min"] = max_min
    dry, wet = (travel.reach(_places(chosen), season=season, **how) for season in ("dry", "wet"))
    wet_min, in_wet = _within(wet, here, max_min)
    dry_min, in_dry, legs = np.full(len(here), np.nan), in_wet, wet.legs(here)
    if not in_wet.all():
        # whoever gets there in the rains gets there in the dry season too
        others = np.where(in_wet[:, None], np.nan, here)
        found, reached = _within(dry, others, max_min)
        dry_min, in_dry = np.where(in_wet, np.nan, found), in_wet | reached
        legs = pd.concat([legs, dry.legs(others)]).sort_values("point", kind="stable", ignore_index=True)
    cut = in_dry & ~in_wet
    nearest, ways = dry.ways(here, legs)
    measured = _frame(villages, cut, chosen, nearest)
    measured["legs"], measured["estimated"] = _told(legs, mode, len(villages))
    measured["numerator"], measured["denominator"] = wet_min, dry_min
    measured["closed"] = _closed(travel, dry, wet, here, cut)
    measured["way"] = ways
    # whoever gets there in the rains, no facility or road that the layers lack cuts off
    measured["ceiling"] = np.where(in_wet, 0.0, 1.0)
    measured["reach_m"] = np.where(in_wet, wet_min, max_min) / 60 * fastest * 1000
    measured = _blank_off_map(measured, wet.surface, here, known)

    def opened(measured, doubt, more, thing=None):
        """Left open where one more place to go to would change the answer."""
        if in_wet.all():
            return widen(measured, None)
        there = {season: _within(more(season), here, max_min)[1] for season in ("dry", "wet")}
        low, high = np.where(there["wet"], 0.0, np.inf), np.where(~in_wet & (in_dry | there["dry"]), 1.0, 0.0)
        return widen(measured, doubt, low=low, high=high, thing=thing)

    if len(maybe) > len(chosen):
        measured = opened(
            measured, "kind-unknown", lambda season: travel.reach(_places(maybe), season=season, **how)
        )
    return opened(
        measured, "beyond-edge", lambda season: travel.to_edge(season=season, **how), thing="elevation"
    )


def _within(reach, points, max_min):
    """Minutes, and whether they are within some."""
    minutes = reach.at(points)[0]
    return minutes, np.isfinite(minutes) & (minutes <= max_min)


def _closed(travel, dry, wet, here, cut):
    """What closes the way of the villages that are cut off, as a text each."""
    closed = np.full(len(here), None, dtype=object)
    for at, found in zip(np.flatnonzero(cut), first_closed(travel, dry, wet, here[cut]), strict=True):
        closed[at] = ":".join(found or ("slow", ""))
    return closed


def _told(legs, mode, count):
    """How each way goes, part by part in metres, and the percent of its time that is estimated."""
    words = [mode if how == "ride" else how for how in legs["how"]]
    parts = [f"{word}:{metres:.0f}" for word, metres in zip(words, legs["metres"], strict=True)]
    told = np.full(count, None, dtype=object)
    for point, part in zip(legs["point"].tolist(), parts, strict=True):
        told[point] = part if told[point] is None else f"{told[point]} {part}"
    minutes, guessed = (
        np.bincount(legs["point"], legs[name], count) for name in ("minutes", "estimated_min")
    )
    with np.errstate(invalid="ignore"):
        share = np.where(minutes > 0, 100 * guessed / minutes, 0.0)
    return told, np.where([one is None for one in told], np.nan, share)


def _blank_off_map(measured, surface, here, known):
    """NaN and the reason where there is no village point, or no height at it and beside it."""
    if surface is None:
        return _blank_without_point(measured, known)
    enters = np.isin(np.arange(len(here)), surface.entries(here)[2])
    off_map = known & ~surface.is_known(here) & ~enters
    measured.loc[off_map, "value"] = np.nan
    measured["doubt"] = np.where(off_map, "no-elevation", None)
    measured["doubt_of"] = np.where(off_map, "elevation", None)
    return _blank_without_point(measured, known)


def _places(facilities):
    return shapely.get_coordinates(facilities.geometry.to_numpy())
