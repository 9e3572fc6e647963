"""How much there is for the people who live there: facilities a head, people a facility, people within."""

from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.indicators.access import (
    blank_without_extent,
    inside,
    maybe_of_kind,
    nearest_distance,
    of_kind,
    present_inside,
)
from gis.indicators.doubts import widen
from gis.rasters import people_points
from gis.registry import indicator
from gis.roadspeeds import season_state


@indicator(
    unit="per 1,000 people", unseen="raises", vi="Số cơ sở trên 1.000 dân", en="Facilities per 1,000 people"
)
def facilities_per_1000(villages, facilities, *, kind=None):
    """Facilities inside the village per 1,000 of its people.

    Parameters
    ----------
    villages : GeoDataFrame
        Polygons; column ``population`` (people).
    facilities : GeoDataFrame
        Points in the same CRS; column ``kind``.
    kind : str or list of str, optional

    Returns
    -------
    DataFrame
        ``value``; NaN where the population is 0 or missing, or the village has no surveyed polygon.
        ``high`` counts those too whose kind nobody recorded, with ``doubt`` "kind-unknown".
    """
    present = present_inside(villages, facilities, kind=kind)
    seen = present["value"].notna()
    measured = pd.DataFrame({"numerator": present["numerator"], "doubt": present["doubt"].where(~seen, None)})
    people = villages["population"].where(villages["population"] > 0)
    measured["denominator"] = people
    measured["value"] = (1000 * measured["numerator"] / people).where(seen)
    measured.loc[seen & people.isna(), "doubt"] = "no-people"
    maybe, _ = inside(villages, maybe_of_kind(facilities, kind))
    return widen(measured, "kind-unknown", high=1000 * maybe / people.to_numpy())


@indicator(unit="people", unseen="lowers", vi="Số dân trên một cơ sở", en="People per facility")
def people_per_facility(villages, facilities, *, kind=None):
    """People who share the village's nearest facility: all villages for which it is the nearest.

    Parameters
    ----------
    villages : GeoDataFrame
        Columns ``point`` and ``population``.
    facilities : GeoDataFrame
        Points in the same CRS.
    kind : str or list of str, optional

    Returns
    -------
    DataFrame
        ``value`` in people; inf when there is no such facility, NaN without a village point.
        ``denominator`` is the number of villages that share it. People of villages outside the study are
        not in the figure; where a village that shares it has no known population, ``high`` is inf with
        ``doubt`` "no-people".
        Where facilities whose kind nobody recorded would change the figure, ``low`` (the village's own
        people) and ``high`` leave it open, with ``doubt`` "kind-unknown".
    """
    measured = _load(villages, of_kind(facilities, kind))
    other = _load(villages, maybe_of_kind(facilities, kind))["value"].to_numpy()
    fewer = np.where(other < np.inf, np.fmin(other, villages["population"].to_numpy()), np.inf)
    changed = other != measured["value"].to_numpy()
    # a village of unknown population may add any number of people to its facility
    blank = villages["population"].isna().groupby(measured["facility_id"]).transform("any").fillna(False)
    measured = widen(measured, "no-people", high=np.where(blank.to_numpy(dtype=bool), np.inf, -np.inf))
    return widen(
        measured, "kind-unknown", low=np.where(changed, fewer, np.inf), high=np.where(changed, other, -np.inf)
    )


def _load(villages, chosen):
    """The people of all villages that share each village's nearest facility."""
    measured = nearest_distance(villages, chosen).drop(columns=["low", "high", "doubt_of"])
    people = villages["population"]
    shared = people.groupby(measured["facility_id"]).sum()
    villages_served = measured.groupby("facility_id")["value"].size()
    load = measured["facility_id"].map(shared).astype(float)
    none_there = np.isinf(measured["value"])
    measured["numerator"] = load
    measured["denominator"] = measured["facility_id"].map(villages_served).astype(float)
    measured["value"] = load.where(~none_there, np.inf).where(measured["doubt"].isna())
    lonely = measured["doubt"].isna() & ~none_there & ~(load > 0)
    measured.loc[lonely, "value"] = np.nan
    measured.loc[lonely, "doubt"] = "no-people"
    return measured


@indicator(unit="%", unseen="raises", vi="Tỷ lệ dân trong bán kính", en="People within a distance")
def people_within(villages, facilities, population, edge=None, *, radius_km, kind=None, all_season=False):
    """Share of the village's people who live within a straight distance of a facility or road.

    Parameters
    ----------
    villages : GeoDataFrame
        Polygons in a projected CRS in metres.
    facilities : GeoDataFrame
        Points or lines in the same CRS.
    population : Raster
        People a cell, in the same CRS.
    edge : callable, optional
        From points to how far each is from where the data of the facilities end, in metres; without it
        they are taken to have no end.
    radius_km : float
        Kilometres, > 0.
    kind : str or list of str, optional
    all_season : bool
        Only roads that are open all year (``all_season`` 1, 0 or NaN; without the column nobody recorded it).

    Returns
    -------
    DataFrame
        ``value`` in percent, ``numerator`` and ``denominator`` in people; NaN where the raster has no
        people in the village or its polygon is not surveyed. ``high`` counts further those who may be
        within the distance: of a facility of unrecorded kind (``doubt`` "kind-unknown"), of a road whose
        season nobody recorded ("not-given"), of one beyond the edge of the data ("beyond-edge").

    Notes
    -----
    Each cell is cut into 4 x 4 points; a point counts by its distance to the nearest facility.
    """
    radius_m = 1000 * radius_km
    x, y, people, owner = people_points(population, villages.geometry.to_numpy())
    places = np.column_stack([x, y])
    total = np.bincount(owner, people, len(villages))

    def reached(near):
        return np.bincount(owner[near], people[near], len(villages))

    def share(part):
        with np.errstate(invalid="ignore", divide="ignore"):
            return 100 * part / total

    steps = [("", of_kind(facilities, kind)), ("kind-unknown", maybe_of_kind(facilities, kind))]
    if all_season:
        possible = steps[-1][1]
        steps = [(doubt, chosen[season_state(chosen) == 1]) for doubt, chosen in steps]
        steps.append(("not-given", possible[season_state(possible) != 0]))
    near = _within(places, steps[0][1].geometry.to_numpy(), radius_m)
    sure = reached(near)
    measured = pd.DataFrame(
        {"value": share(sure), "numerator": sure, "denominator": total}, index=villages.index
    )
    measured = blank_without_extent(measured, villages)
    measured.loc[measured["doubt"].isna() & (measured["denominator"] == 0), "doubt"] = "no-people"
    measured = widen(measured, None)
    for (_, before), (doubt, chosen) in pairwise(steps):
        if len(chosen) > len(before):
            near |= _within(places, chosen.geometry.to_numpy(), radius_m)
            measured = widen(measured, doubt, high=share(reached(near)))
    if edge is not None:
        far = np.flatnonzero(~near)
        near[far] = edge(shapely.points(places[far])) < radius_m
        measured = widen(measured, "beyond-edge", high=share(reached(near)))
    return measured


def _within(points, geometries, radius_m):
    if not len(geometries) or not len(points):
        return np.zeros(len(points), dtype=bool)
    if (shapely.get_type_id(geometries) == 0).all():
        away, _ = cKDTree(shapely.get_coordinates(geometries)).query(
            points, distance_upper_bound=radius_m * (1 + 1e-12)
        )
        return away <= radius_m
    tree = shapely.STRtree(geometries)
    # most points are decided by the middle of a square around them
    side = radius_m / 4
    squares, square = np.unique(np.floor(points / side), axis=0, return_inverse=True)
    (_, _), away = tree.query_nearest(
        shapely.points((squares + 0.5) * side), return_distance=True, all_matches=False
    )
    away, reach = away[square.ravel()], side * (0.5**0.5 + 1e-6)
    near = away + reach < radius_m
    open_ = np.flatnonzero(np.abs(away - radius_m) <= reach)
    near[open_[tree.query(shapely.points(points[open_]), predicate="dwithin", distance=radius_m)[0]]] = True
    return near
