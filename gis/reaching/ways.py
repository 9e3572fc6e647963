"""The table of villages with their times, and the ways of one of them."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.isochrones import band_of
from gis.measure import measure_by
from gis.reaching.services import facilities_of, going, ground_of, places_of
from gis.surface import SEASONS

MARKS = ("unknown", "unreached", "range", "upper")
"""What a time may be beside a sure one: not measured, no way, perhaps shorter or longer, at most so long."""


@dataclass(frozen=True)
class Leg:
    """One part of a way: ``how`` "walk" or "ride", kilometres, minutes, and of these the ones that are estimated."""

    how: str
    km: float
    minutes: float
    estimated_min: float


@dataclass(frozen=True)
class Way:
    """One way from a village to a place.

    Attributes
    ----------
    facility_id : str
    facility_name : str or None
    minutes, km : float
        Of the whole way.
    legs : tuple of Leg
        In order.
    line : LineString
        In the CRS of the study.
    """

    facility_id: str
    facility_name: str | None
    minutes: float
    km: float
    legs: tuple
    line: object


def ways_of(study, service, village_id, *, mode="walk", season="dry"):
    """The ways from one village to the nearest place and to the nearest of the others, each where there is one.

    Parameters
    ----------
    village_id : str
        One of the study; without a point it has no ways.
    service, mode, season
        As for `how_far`.

    Returns
    -------
    list of Way
    """
    ground = ground_of(study)
    facilities = facilities_of(study, service)
    here = points_of(study.villages.loc[[village_id]])
    ways = []
    while len(ways) < 2 and len(facilities):
        reach = ground.reach(places_of(facilities), **going(study, mode=mode, season=season))
        parts = reach.legs(here)
        if not len(parts):
            break
        place = facilities.index[parts["place"].iloc[0]]
        _, lines = reach.ways(here, parts)
        columns = ("how", "metres", "minutes", "estimated_min")
        legs = [
            Leg(how, metres / 1000, minutes, estimated)
            for how, metres, minutes, estimated in parts[list(columns)].itertuples(index=False)
        ]
        name = facilities["name"].get(place) if "name" in facilities else None
        total = float(parts["minutes"].sum()), float(parts["metres"].sum()) / 1000
        ways.append(Way(place, text_or_none(name), *total, tuple(legs), lines[0]))
        facilities = facilities.drop(place)
    return ways


def village_times(study, service, chosen, *, mode, season, reach):
    """The table of villages: times as the indicator measures them for a set, and the ways; see `HowFar.villages`."""
    measured = _measured(study, service, mode=mode, season=season)
    other = _measured(study, service, mode=mode, season=other_season(season))
    here = points_of(study.villages)
    unmeasured = measured["value"].isna().to_numpy()
    legs = reach.legs(np.where(unmeasured[:, None], np.nan, here))
    place, lines = reach.ways(here, legs)
    there = np.full_like(here, np.nan)
    there[place >= 0] = reach.places[place[place >= 0]]
    minutes, low, high = (measured[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
    communes = study.communes["name"] if "name" in study.communes else pd.Series(dtype=object)
    frame = pd.DataFrame(
        {
            "name": study.villages["name"],
            "commune_id": study.villages["commune_id"],
            "commune": study.villages["commune_id"].map(communes),
            "minutes": minutes,
            "low": low,
            "high": high,
            "other_min": other["value"].to_numpy(dtype=float),
            "doubt": measured["doubt"].to_numpy(),
            "mark": np.select(
                [np.isnan(minutes), np.isinf(minutes), high > minutes, low < minutes], MARKS, ""
            ),
            "facility_id": measured["facility_id"].to_numpy(),
            "facility_name": measured["facility_name"].to_numpy(),
            "walk_km": _km(legs[legs["how"] == "walk"], place),
            "ride_km": _km(legs[legs["how"] == "ride"], place),
            "estimated_min": _sums(legs, "estimated_min", place),
            "straight_km": np.hypot(*(here - there).T) / 1000,
            "band": band_of(minutes, chosen),
        },
        index=study.villages.index,
    )
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(lines, index=frame.index, crs=study.crs))


def other_season(season):
    """The season that is not this one."""
    return next(one for one in SEASONS if one != season)


def points_of(villages):
    """Coordinates of the village points, NaN where there is none."""
    points = villages["point"].to_numpy()
    here = np.full((len(points), 2), np.nan)
    known = ~shapely.is_missing(points)
    here[known] = shapely.get_coordinates(points[known])
    return here


def text_or_none(value):
    """A cell of text; None where it is missing."""
    return str(value) if value is not None and value == value else None


def _measured(study, service, **how):
    bound = {"facilities": service.layer} | ({"kind": service.kind} if service.kind else {})
    measured = measure_by(study, "travel_time", **bound, **how)
    return measured.set_index("village_id")


def _km(legs, place):
    return _sums(legs, "metres", place) / 1000


def _sums(legs, column, place):
    """The sum of a column of the legs of each point; NaN where it has no way."""
    sums = np.bincount(legs["point"], legs[column], len(place))
    return np.where(place >= 0, sums, np.nan)
