"""How much is asked for and how much facilities hold, the ways between them, and what blanks in both leave open."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.allocation import allocate, without_place
from gis.indicators.access import _points, maybe_of_kind, of_kind
from gis.indicators.doubts import widen
from gis.rasters import people_points

ONE = "one"
"""As the field of capacity: every facility counts as one unit, whatever is recorded of it."""


@dataclass(frozen=True)
class Room:
    """What all questions of capacity ask.

    Attributes
    ----------
    kind : str, list of str or None
        As for `gis.indicators.access.of_kind`.
    demand : str
        Column of the villages that counts who needs the facility, or of whom a share does.
    share_pct : float
        That share, percent.
    capacity : str
        Column of the facilities that says how much they hold, or `ONE`.
    serves_each : float
        How many of the demand one unit of it is for, such as pupils a classroom.
    """

    kind: object = None
    demand: str = "population"
    share_pct: float = 100.0
    capacity: str = "capacity"
    serves_each: float = 1.0

    def asked(self, villages):
        """The demand of each village; NaN where it is not recorded."""
        return _numbers(villages, self.demand) * self.share_pct / 100

    def held(self, facilities):
        """How much each facility holds, in the unit of the demand; NaN where it is not recorded."""
        if self.capacity == ONE:
            return pd.Series(float(self.serves_each), facilities.index)
        return _numbers(facilities, self.capacity) * self.serves_each

    def fill(self, villages, facilities, ways):
        """The facilities of the kind filled as far as demand and capacity are recorded, as an `Allocation`."""
        chosen = of_kind(facilities, self.kind)
        return allocate(self.asked(villages).fillna(0.0), self.held(chosen).fillna(0.0), _among(ways, chosen))


def where_people_live(villages, population, demand):
    """The demand of villages by the places where their people live.

    Parameters
    ----------
    villages : GeoDataFrame
        Columns ``point`` and ``approximate``, and that of `demand` where it is recorded.
    population : Raster
        People a cell, in the same CRS.
    demand : str

    Returns
    -------
    GeoDataFrame
        One row a place: ``village`` (id), ``point`` and `demand`, spread in proportion to the people of the raster.
        A cell's people start from its middle, or from its spot in the village that is nearest to that. A village
        that has no surveyed extent, or nobody of the raster in it, starts from its own point.
    """
    surveyed = np.where(villages["approximate"].to_numpy(dtype=bool), None, villages.geometry.to_numpy())
    x, y, people, owner = people_points(population, surveyed, parts=1)
    alone = np.flatnonzero(np.bincount(owner, minlength=len(villages)) == 0)
    share = people / np.bincount(owner, people, len(villages))[owner]
    rows = np.concatenate([owner, alone])
    number = np.concatenate(
        [np.arange(len(owner)) - np.searchsorted(owner, owner), np.zeros(len(alone), dtype=int)]
    )
    ids = villages.index.to_numpy()[rows]
    return gpd.GeoDataFrame(
        {
            "village": ids,
            demand: _numbers(villages, demand).to_numpy()[rows]
            * np.concatenate([share, np.ones(len(alone))]),
            "point": np.concatenate([shapely.points(x, y), villages["point"].to_numpy()[alone]]),
        },
        # names that sort as the villages do
        index=[f"{id_}\0{at:08d}" for id_, at in zip(ids, number, strict=True)],
        geometry="point",
        crs=villages.crs,
    )


def straight_ways(villages, facilities, within_km):
    """Every village and facility at most `within_km` apart: ``village``, ``facility`` and ``time``, which is km."""
    here, known = _points(villages)
    there = shapely.get_coordinates(facilities.geometry.to_numpy())
    rows = np.flatnonzero(known)
    # a hair more, so that what is exactly at the limit is in reach
    near = cKDTree(there).query_ball_point(here[rows], 1000 * within_km * (1 + 1e-12)) if len(there) else []
    village = np.repeat(rows[: len(near)], [len(found) for found in near])
    facility = np.concatenate([*near, []]).astype(int)
    return _ways(
        villages, facilities, village, facility, np.hypot(*(here[village] - there[facility]).T) / 1000
    )


def count_straight_ways(villages, facilities, within_km):
    """How many rows `straight_ways` would have."""
    here, known = _points(villages)
    there = shapely.get_coordinates(facilities.geometry.to_numpy())
    if not known.any() or not len(there):
        return 0
    return int(cKDTree(here[known]).count_neighbors(cKDTree(there), 1000 * within_km))


def ground_ways(travel, villages, facilities, within_min, how):
    """Every village and facility at most `within_min` minutes apart over the ground, by one spread a spot.

    Parameters
    ----------
    travel : Travel
    how : Mapping
        Options of `Travel.reach`.
    """
    here, known = _points(villages)
    there = shapely.get_coordinates(facilities.geometry.to_numpy())
    spots, which = np.unique(there, axis=0, return_inverse=True)
    farthest_m = within_min / 60 * travel.fastest_kmh(**how) * 1000
    village, facility, minutes = [np.zeros(0, dtype=int)], [np.zeros(0, dtype=int)], [np.zeros(0)]
    for at, place in enumerate(spots):
        maybe = np.flatnonzero(known & (np.hypot(*(here - place).T) <= farthest_m))
        if not len(maybe):
            continue
        took, _ = travel.reach(place, limit_min=within_min, **how).at(here[maybe])
        near = took <= within_min
        same = np.flatnonzero(which == at)
        village.append(np.tile(maybe[near], len(same)))
        facility.append(np.repeat(same, near.sum()))
        minutes.append(np.tile(took[near], len(same)))
    return _ways(villages, facilities, *(np.concatenate(part) for part in (village, facility, minutes)))


def gap(villages, facilities, room, ways, *, exposed, astray=False, rivals=False):
    """Who of each village finds no place, and what that leaves open.

    Parameters
    ----------
    ways : DataFrame
        Of all facilities that are or may be of the kind.
    exposed : array of bool
        Villages in whose reach a facility may be that the data do not hold: they may need none of the known ones.
    astray : array of bool
        Villages of whose ways nothing is known: no point, no height.
    rivals : array of bool
        Villages that may be nearer to any facility than is known.

    Returns
    -------
    DataFrame
        As of `gis.indicators.capacity.capacity_gap`.
    """
    chosen, maybe = of_kind(facilities, room.kind), maybe_of_kind(facilities, room.kind)
    asked, held, might = room.asked(villages), room.held(chosen), room.held(maybe)
    astray, rivals = (np.broadcast_to(mask, len(villages)) for mask in (astray, rivals))
    sure, away = asked.fillna(0.0).mask(astray, 0.0), exposed | rivals

    def without(demand, capacity):
        return without_place(demand, capacity, _among(ways, capacity))

    base = allocate(sure, held.fillna(0.0), _among(ways, held)).villages
    measured = pd.DataFrame(
        {"value": base["overflow"] + base["beyond"], "denominator": asked}, index=villages.index
    )
    measured["facility_id"] = base["nearest"]
    names = chosen["name"] if "name" in chosen else pd.Series(dtype=object)
    measured["facility_name"] = base["nearest"].map(names).astype(object).where(base["nearest"].notna(), None)
    measured.loc[asked.isna() | astray, "value"] = np.nan
    measured["doubt"] = np.where(asked.isna(), "no-people", None)
    measured["numerator"] = measured["value"]
    # each bound goes on from what the one before it left open
    measured = widen(measured, "capacity-unknown", low=without(sure, held.fillna(np.inf)))
    measured = widen(measured, "kind-unknown", low=without(sure, might.fillna(np.inf)))
    measured = widen(measured, "no-people", high=without(_most(sure, asked), held.fillna(0.0)))
    lost = asked.fillna(np.inf)[astray].sum()
    measured = widen(measured, "sharer-no-place", high=without(_most(sure, asked), _less(held, lost)))
    fewest = np.where(away, 0.0, without(sure.mask(away, 0.0), might.fillna(np.inf)))
    rushed = without(_most(sure, asked), _less(held, lost + sure[rivals].sum()))
    most = np.where(rivals, asked, rushed)
    return widen(measured, "beyond-edge", low=fewest, high=most)


def share(measured):
    """Who finds a place in percent of the demand, from who finds none as of `gap`."""
    asked = measured["denominator"].where(measured["denominator"] > 0)
    found = measured.copy()
    ends = {"value": "value", "low": "high", "high": "low", "least": "most", "most": "least"}
    ends |= {"lowest": "highest", "highest": "lowest"}
    for column, of in ends.items():
        if of not in measured:
            continue
        found[column] = 100 * (1 - np.minimum(measured[of] / asked, 1.0))
    found["numerator"] = asked - measured["value"]
    found.loc[measured["denominator"] == 0, "doubt"] = "no-people"
    return found


def _most(sure, asked):
    """The demand where what is not recorded is without end."""
    return sure.mask(asked.isna(), np.inf)


def _less(held, taken):
    """The room of each facility where as many as `taken` came before all others, at whichever of them."""
    return np.maximum(held.fillna(0.0) - taken, 0.0)


def _among(ways, facilities):
    return ways[ways["facility"].isin(facilities.index)]


def _ways(villages, facilities, village, facility, time):
    return pd.DataFrame(
        {
            "village": villages.index.to_numpy()[village],
            "facility": facilities.index.to_numpy()[facility],
            "time": time,
        }
    )


def _numbers(frame, column):
    found = frame[column] if column in frame else pd.Series(np.nan, frame.index)
    numbers = found.astype(float)
    # fewer than none is a slip of the pen, not a figure
    return numbers.where(numbers >= 0)
