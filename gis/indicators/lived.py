"""How long the way over the ground takes from where people live, not from one point of the village."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gis.indicators.access import _straight, blank_without_extent, maybe_of_kind, of_kind
from gis.indicators.doubts import over_speeds, widen
from gis.rasters import people_points
from gis.registry import indicator
from gis.travel import Travel

STATISTICS = {"median": 0.5, "p90": 0.9, "worst": 1.0}
"""The share of people who get there within the time that is given."""
MOST_PARTS = 8
"""A cell of people is put on at most so many points a side."""
UNSEEN = {"roads": "raises", "crossings": "raises", "rivers": "lowers", "facilities": "raises"}


@indicator(unit="%", unseen=UNSEEN, vi="Tỷ lệ dân trong thời gian đi", en="People within a travel time")
def people_within_time(
    villages,
    facilities,
    population,
    elevation,
    roads=None,
    rivers=None,
    crossings=None,
    land_cover=None,
    travel=None,
    edge=None,
    speed_pct=0.0,
    *,
    minutes,
    kind=None,
    mode="walk",
    season="dry",
    walk_kmh=5.04,
    off_path_pct=60.0,
):
    """Share of the village's people who are within a time of going to a facility.

    Parameters
    ----------
    villages : GeoDataFrame
        Polygons in a projected CRS in metres.
    facilities : GeoDataFrame
        Points in the same CRS; column ``kind``.
    population : Raster
        People a cell, in the same CRS; its cells need not be those of the heights.
    elevation, roads, rivers, crossings, land_cover, travel, mode, season, walk_kmh, off_path_pct
        As for `travel_time`.
    edge : callable, optional
        From points to how far each is from where the data of the facilities end, in metres.
    speed_pct : float
        By how many percent people may be slower or faster, below 100.
    minutes : float
        The longest time that counts, > 0.
    kind : str or list of str, optional

    Returns
    -------
    DataFrame
        ``value`` in percent of the people at whose place the height is known, ``numerator`` and ``denominator``
        in people. NaN where the raster has no people in the village, its polygon is not surveyed, or no height
        is known where they live. ``high`` counts those too who may be within the time: of a facility of
        unrecorded kind ("kind-unknown"), of one beyond the edge of the facilities' or the heights' data
        ("beyond-edge"), or who live where no height is known ("no-elevation"; ``low`` counts these as not).
        With `speed_pct` ``least``, ``most``, ``lowest`` and ``highest`` as of `gis.indicators.doubts.over_speeds`.

    Raises
    ------
    CRSError
        If the heights are in degrees.

    Notes
    -----
    See `places_lived`.
    """
    how = {"mode": mode, "season": season, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
    travel = travel or Travel(elevation, roads, rivers, crossings, land_cover)
    lived = places_lived(villages, population, travel, **how)
    times = lived.times(facilities, kind, edge)
    return over_speeds(lambda limit: _people_within(villages, lived, times, limit), minutes, speed_pct)


def _people_within(villages, lived, times, minutes):
    unknown = lived.sums(~lived.is_known)
    known = lived.sums(lived.is_known)
    sure = lived.sums(times["sure"] <= minutes)
    measured = _frame(villages, sure, lived)
    with np.errstate(invalid="ignore", divide="ignore"):
        measured["value"] = measured["value"].where(measured["doubt"].notna(), 100 * sure / known)
        low = 100 * sure / (known + unknown)
    for doubt, name in (("kind-unknown", "maybe"), ("beyond-edge", "edge")):
        near = lived.sums(times[name] <= minutes)
        with np.errstate(invalid="ignore", divide="ignore"):
            measured = widen(measured, doubt, high=100 * near / known)
    with np.errstate(invalid="ignore", divide="ignore"):
        high = 100 * (near + unknown) / (known + unknown)
    return widen(
        measured,
        "no-elevation",
        low=np.where(unknown > 0, low, np.inf),
        high=np.where(unknown > 0, high, -np.inf),
        thing="elevation",
    )


@indicator(
    unit="min",
    unseen={"facilities": "lowers", "roads": "lowers", "crossings": "lowers", "rivers": "raises"},
    vi="Thời gian đi từ nơi dân ở",
    en="Travel time from where people live",
)
def travel_time_people(
    villages,
    facilities,
    population,
    elevation,
    roads=None,
    rivers=None,
    crossings=None,
    land_cover=None,
    travel=None,
    edge=None,
    *,
    statistic="median",
    kind=None,
    mode="walk",
    season="dry",
    walk_kmh=5.04,
    off_path_pct=60.0,
):
    """Minutes within which half, nine tenths or all of the village's people get to a facility.

    Parameters
    ----------
    villages, facilities, population, elevation, roads, rivers, crossings, land_cover, travel, edge
        As for `people_within_time`.
    statistic : str
        "median": half of the people are no farther; "p90": nine tenths; "worst": all but less than half a
        person, so that a sliver of the neighbour's land at the border decides nothing.
    kind : str or list of str, optional
    mode, season, walk_kmh, off_path_pct
        As for `travel_time`.

    Returns
    -------
    DataFrame
        ``value`` in minutes: NaN as in `people_within_time`, inf where so many do not get there at all.
        ``numerator`` is the people who get there at all, ``denominator`` those at whose place the height is
        known. ``low`` and ``high`` leave open what `people_within_time` leaves open. ``floor`` is the same of the
        straight way at the fastest there is.

    Raises
    ------
    CRSError
        If the heights are in degrees.

    Notes
    -----
    See `places_lived`.
    """
    how = {"mode": mode, "season": season, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
    travel = travel or Travel(elevation, roads, rivers, crossings, land_cover)
    lived = places_lived(villages, population, travel, **how)
    times = lived.times(facilities, kind, edge)
    measured = _frame(villages, lived.sums(np.isfinite(times["sure"])), lived)
    is_measured = measured["doubt"].isna().to_numpy()

    def quantile(minutes, chosen=lived.is_known):
        return np.where(is_measured, lived.quantiles(minutes, chosen, statistic), np.nan)

    everyone = np.ones(len(lived.people), dtype=bool)
    measured["value"] = quantile(times["sure"])
    measured["floor"] = quantile(times["floor"], everyone)
    measured = widen(measured, "kind-unknown", low=quantile(times["maybe"]))
    measured = widen(measured, "beyond-edge", low=quantile(times["edge"]))
    nearest, farthest = (
        np.where(lived.is_known, times[name], end) for name, end in (("edge", 0), ("sure", np.inf))
    )
    measured = widen(
        measured,
        "no-elevation",
        low=quantile(nearest, everyone),
        high=quantile(farthest, everyone),
        thing="elevation",
    )
    return measured


@dataclass(frozen=True)
class Lived:
    """The people of villages by the cells of the ground that they live in, village by village.

    Attributes
    ----------
    begins : array of int, shape (villages + 1,)
        Where in the next each village begins.
    cell : array of int
        Position of the cell of the ground; -1 beyond it.
    people : array of float
    is_known : array of bool
        Whether a height is known there.
    spots : array of float, shape (n, 2)
        Middle of the cell; of people beyond the ground where they live.
    travel : Travel
    how : dict
        How one goes: ``mode``, ``season`` and the speeds of walking.
    """

    begins: np.ndarray
    cell: np.ndarray
    people: np.ndarray
    is_known: np.ndarray
    spots: np.ndarray
    travel: Travel
    how: dict

    def sums(self, chosen):
        """For each village the people for whom `chosen` holds."""
        owner = np.repeat(np.arange(len(self.begins) - 1), np.diff(self.begins))
        return np.bincount(owner, self.people * chosen, len(self.begins) - 1)

    def quantiles(self, minutes, chosen, statistic):
        """For each village the time within which a share of the chosen people are; NaN where there are none."""
        from gis.kernels import zonal_quantiles

        total = self.sums(chosen)
        wanted = STATISTICS[statistic] * total
        if statistic == "worst":
            wanted = np.maximum(total - 0.5, STATISTICS["p90"] * total)
        begins = np.concatenate([[0], np.cumsum(chosen)])[self.begins]
        return zonal_quantiles(begins, minutes[chosen].astype(float), self.people[chosen], wanted)

    def times(self, facilities, kind, edge):
        """Minutes from every place to the nearest facility of a kind.

        Returns
        -------
        dict of str to array of float
            ``sure``; ``maybe``, no longer, to those too whose kind nobody recorded; ``edge``, no longer, to where the
            data of the heights or the facilities end too; ``floor``, in a straight line at the fastest there is. inf where
            none is reached, and inf but for ``floor`` where no height is known.
        """
        chosen, maybe = (found(facilities, kind).sort_index() for found in (of_kind, maybe_of_kind))
        min_per_m = 0.06 / self.travel.fastest_kmh(**self.how)
        times = {"sure": self._to(chosen)}
        times["maybe"] = times["sure"] if len(maybe) == len(chosen) else self._to(maybe)
        rim = self._at(self.travel.to_edge(**self.how))
        times["edge"] = np.minimum(times["maybe"], rim)
        if edge is not None:
            off = min_per_m * edge(shapely.points(self.spots))
            times["edge"] = np.where(self.is_known, np.minimum(times["edge"], off), np.inf)
        times["floor"] = min_per_m * _straight(self.spots, maybe)[0]
        return times

    def _to(self, facilities):
        places = shapely.get_coordinates(facilities.geometry.to_numpy())
        return self._at(self.travel.reach(places, **self.how))

    def _at(self, reach):
        minutes = np.full(len(self.people), np.inf)
        # many villages' people may share a cell, each is asked for once
        cells, back = np.unique(self.cell[self.is_known], return_inverse=True)
        minutes[self.is_known] = reach.at(reach.surface.middles(cells))[0][back]
        return minutes


def places_lived(villages, population, travel, **how):
    """The people of villages by the cells of the ground that they live in.

    Returns
    -------
    Lived

    Notes
    -----
    The grids of people and of heights may differ in origin and size of cells. A village has of each cell's people
    the exact share of its area. They are spread evenly over points inside it (see `gis.rasters.people_points`), as
    close as the cells of the heights but at most 8 a side, and each point takes the time from the middle of the
    cell of the heights that it lies in: nobody is put farther off than half the diagonal of such a cell.
    """
    surface = travel.surface(**{name: value for name, value in how.items() if name != "mode"})
    rows, columns = surface.classes.shape
    parts = int(np.clip(np.ceil(population.width / surface.width), 1, MOST_PARTS))
    x, y, people, owner = people_points(population, villages.geometry.to_numpy(), parts=parts)
    column = np.floor((x - surface.west) / surface.width).astype(int)
    row = np.floor((surface.north - y) / surface.height).astype(int)
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    cell = np.where(inside, row * columns + column, -1)
    spots = np.column_stack([x, y])
    spots[inside] = surface.middles(cell[inside])
    order = np.lexsort((spots[:, 1], spots[:, 0], cell, owner))
    new = np.ones(len(order), dtype=bool)
    same_spot = (spots[order[1:]] == spots[order[:-1]]).all(axis=1)
    new[1:] = ~same_spot | (owner[order[1:]] != owner[order[:-1]])
    first = order[new]
    begins = np.searchsorted(owner[first], np.arange(len(villages) + 1))
    people = np.bincount(np.cumsum(new) - 1, people[order], len(first))
    known = surface.is_known(spots[first]) | np.isin(np.arange(len(first)), surface.entries(spots[first])[2])
    return Lived(begins, cell[first], people, known & (cell[first] >= 0), spots[first], travel, how)


def _frame(villages, numerator, lived):
    """The measurements before their value: who is counted, and where nothing can be."""
    known, all_ = lived.sums(lived.is_known), lived.sums(np.ones(len(lived.people), dtype=bool))
    measured = pd.DataFrame(
        {"value": 0.0, "numerator": numerator, "denominator": known}, index=villages.index
    )
    measured = blank_without_extent(measured, villages)
    measured["doubt_of"] = None
    blank = measured["doubt"].isna() & (known == 0)
    measured.loc[blank, "value"] = np.nan
    measured.loc[blank & (all_ == 0), ["doubt", "doubt_of"]] = ["no-people", "population"]
    measured.loc[blank & (all_ > 0), ["doubt", "doubt_of"]] = ["no-elevation", "elevation"]
    return measured
