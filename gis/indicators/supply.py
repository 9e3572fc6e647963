"""How much there is for the people who live there: facilities a head, people a facility, people within."""

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.indicators.access import blank_without_extent, nearest_distance, of_kind, present_inside
from gis.rasters import people_points
from gis.registry import indicator


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
    """
    measured = present_inside(villages, facilities, kind=kind)[["numerator", "doubt"]]
    people = villages["population"].where(villages["population"] > 0)
    measured["denominator"] = people
    measured["value"] = (1000 * measured["numerator"] / people).where(measured["doubt"].isna())
    measured.loc[measured["doubt"].isna() & people.isna(), "doubt"] = "no-people"
    return measured


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
        not in the figure; a village without a population adds none and is said by ``doubt`` "no-people".
    """
    measured = nearest_distance(villages, facilities, kind=kind)
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
def people_within(villages, facilities, population, *, radius_km, kind=None, all_season=False):
    """Share of the village's people who live within a straight distance of a facility or road.

    Parameters
    ----------
    villages : GeoDataFrame
        Polygons in a projected CRS in metres.
    facilities : GeoDataFrame
        Points or lines in the same CRS.
    population : Raster
        People a cell, in the same CRS.
    radius_km : float
        Kilometres, > 0.
    kind : str or list of str, optional
    all_season : bool
        Only roads that are open all year.

    Returns
    -------
    DataFrame
        ``value`` in percent, ``numerator`` and ``denominator`` in people; NaN where the raster has no
        people in the village or its polygon is not surveyed.

    Notes
    -----
    Each cell is cut into 4 x 4 points; a point counts by its distance to the nearest facility.
    """
    chosen = of_kind(facilities, kind)
    if all_season:
        chosen = chosen[chosen["all_season"] == 1]
    x, y, people, owner = people_points(population, villages.geometry.to_numpy())
    near = _within(np.column_stack([x, y]), chosen.geometry.to_numpy(), radius_km * 1000)
    total = np.bincount(owner, people, len(villages))
    reached = np.bincount(owner[near], people[near], len(villages))
    measured = pd.DataFrame({"numerator": reached, "denominator": total}, index=villages.index)
    with np.errstate(invalid="ignore", divide="ignore"):
        measured["value"] = 100 * reached / total
    measured["reach_m"] = radius_km * 1000
    measured = blank_without_extent(measured, villages)
    measured.loc[measured["doubt"].isna() & (measured["denominator"] == 0), "doubt"] = "no-people"
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
    pairs = tree.query(shapely.points(points), predicate="dwithin", distance=radius_m)
    near = np.zeros(len(points), dtype=bool)
    near[pairs[0]] = True
    return near
