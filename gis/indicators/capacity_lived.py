"""Whether there is room for all, people starting from where they live and not from one point of the village."""

import numpy as np
import pandas as pd

from gis.indicators.capacity import GROUND, as_share, gap_over_ground
from gis.indicators.doubts import widen
from gis.indicators.room import Room, where_people_live
from gis.registry import indicator
from gis.travel import Travel

DOUBTS = (
    "capacity-unknown",
    "kind-unknown",
    "no-people",
    "sharer-no-place",
    "beyond-edge",
    "no-elevation",
    "no-geometry",
)
"""Of one village the last of these that holds for any of its places is told, as of one place."""


SPANS = ("least", "most", "lowest", "highest")
"""What the tolerance of speed makes of it, see `gis.indicators.doubts.over_speeds`."""


@indicator(
    unit="people",
    unseen=GROUND,
    vi="Số người không có chỗ trong thời gian đi, tính từ nơi dân ở",
    en="People without a place within a time from where they live",
)
def capacity_gap_people(
    villages,
    facilities,
    population,
    elevation,
    roads=None,
    rivers=None,
    crossings=None,
    land_cover=None,
    edge=None,
    travel=None,
    speed_pct=0.0,
    *,
    within_min,
    kind=None,
    demand="population",
    share_pct=100.0,
    capacity="capacity",
    serves_each=1.0,
    mode="walk",
    season="dry",
    walk_kmh=5.04,
    off_path_pct=60.0,
):
    """How many of a village find no place at any facility within a time of where they live.

    Parameters
    ----------
    population : Raster
        People a cell, in the CRS of the villages: where in a village its demand starts, not how large it is. See
        `gis.indicators.room.where_people_live`.
    villages, facilities, elevation, roads, rivers, crossings, land_cover, edge, travel, speed_pct
        As for `gis.indicators.capacity.capacity_gap_by_time`.
    within_min, kind, demand, share_pct, capacity, serves_each, mode, season, walk_kmh, off_path_pct
        As for the same.

    Returns
    -------
    DataFrame
        As `capacity_gap_by_time`, added up over the places of each village: a part of it may have a place and a part
        none in reach. ``facility_id`` is the nearest facility of most of its people, None where most have none. Who
        lives where no height is known is not in ``value`` and is wholly open in ``high`` ("no-elevation").

    Raises
    ------
    CRSError
        If the heights are in degrees.
    """
    travel = travel or Travel(elevation, roads, rivers, crossings, land_cover)
    how = {"mode": mode, "season": season, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
    room = Room(kind, demand, share_pct, capacity, serves_each)
    starts = where_people_live(villages, population, demand)
    measured = gap_over_ground(starts, facilities, room, travel, within_min, how, edge, speed_pct)
    return _by_village(measured, starts["village"], villages.index, room.asked(villages))


def _by_village(measured, village, ids, asked):
    """What was measured of places, added up by village."""
    by = measured.groupby(village, sort=False)
    ends = [name for name in ("value", "low", "high", *SPANS) if name in measured]
    total = by[ends].sum(min_count=1).reindex(ids)
    found = pd.DataFrame({**total, "denominator": asked, "numerator": total["value"]}, index=ids)
    rank = pd.Series(measured["doubt"].map({doubt: at for at, doubt in enumerate(DOUBTS)}), dtype=float)
    last = rank.groupby(village).max().reindex(ids)
    found["doubt"] = [None if np.isnan(at) else DOUBTS[int(at)] for at in last]
    found["doubt_of"] = np.where(found["doubt"] == "no-elevation", "elevation", None)
    # of equally many people the facility that comes first
    most = measured.assign(village=village, place=measured["facility_id"].fillna(""))
    most = most.groupby(["village", "place"])["denominator"].sum().reset_index()
    most = most.sort_values(["denominator", "place"], ascending=[False, True]).drop_duplicates("village")
    nearest = most.set_index("village")["place"].reindex(ids)
    found["facility_id"] = nearest.astype(object).where(nearest != "", None)
    names = measured.dropna(subset="facility_id").drop_duplicates("facility_id").set_index("facility_id")
    named = found["facility_id"].map(names["facility_name"]).astype(object)
    found["facility_name"] = named.where(found["facility_id"].notna() & named.notna(), None)
    lost = measured["denominator"].where(measured["value"].isna()).groupby(village).sum().reindex(ids)
    open_ = (lost > 0) & found["value"].notna()
    if "highest" in found:
        found["highest"] += lost.where(open_, 0.0)
    return widen(
        found, "no-elevation", high=np.where(open_, found["high"] + lost, -np.inf), thing="elevation"
    )


served_share_people = indicator(
    unit="%",
    unseen={**GROUND, "facilities": "raises"},
    vi="Tỷ lệ có chỗ trong thời gian đi, tính từ nơi dân ở",
    en="Share with a place within a time from where people live",
)(as_share("served_share_people", capacity_gap_people))
