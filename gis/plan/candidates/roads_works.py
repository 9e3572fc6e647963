"""The roads of a study, what can be done to each, at what price, and what that changes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gis.clipping import lengths_inside
from gis.indicators.roads import HARDENED
from gis.plan.candidates.closing import own_reports, report_edits
from gis.plan.edits import Edit
from gis.roadlinks import along
from gis.roadspeeds import USUAL_CLASS
from gis.surface.water import CROSSING_M, is_open

FORD = "ford"


@dataclass(frozen=True)
class RoadWorks:
    """The roads of a study with what can be done to each."""

    gaps: object

    @cached_property
    def study(self):
        return self.gaps.review.study

    @cached_property
    def roads(self):
        return self.study.layers["roads"].frame

    @cached_property
    def lines(self):
        """The shape of each road, by id."""
        return dict(zip(self.roads.index, self.roads.geometry, strict=True))

    @cached_property
    def kinds(self):
        """The works on roads that are there, by id."""
        there = self._doing("roads", "improve", "repair")
        return {work.id: work for work in there if work.unit == "km"}

    @cached_property
    def bridging(self):
        """The work that puts a bridge where there is a ford; None where there is none such."""
        return self._cheapest_of(self._doing("crossings", "bridge"))

    @cached_property
    def new_road(self):
        """The work that opens a road where there is none; None where there is none such."""
        return self._cheapest_of(filter(opens, self._doing("roads", "build")))

    def _doing(self, layer, *does):
        works = [work for work in self.gaps.interventions.values() if work.works is not None]
        return [work for work in works if work.works["layer"] == layer and work.works["does"] in does]

    def _cheapest_of(self, works):
        return min(works, key=lambda work: (self.usual(work), work.id), default=None)

    def usual(self, work):
        """VND of a unit in the middle of the villages; inf where no cost is known in any."""
        costs = [cost.vnd for cost in self.gaps.costs(work).values() if cost is not None]
        return float(np.median(costs)) if costs else np.inf

    def fits(self, work):
        """For each road whether a work can be done on it.

        A road of unrecorded class is taken for one of `USUAL_CLASS`; a repair is for hardened roads in the state that it
        is for.
        """
        kind = self._words("class").where(lambda each: each.notna(), USUAL_CLASS)
        fit = kind.isin(work.works.get("classes", [])).to_numpy()
        if work.works["does"] == "repair":
            fit = fit & self._words("surface").isin(HARDENED).to_numpy()
            fit = fit & (self._words("condition") == work.works.get("from", "poor")).to_numpy()
        return fit & (self._words("structure") != FORD).to_numpy()

    def cheapest(self, able):
        """For each road the id of the cheapest work that is able to do what is asked, None where none is, and VND a metre.

        Parameters
        ----------
        able : callable
            Of an `Intervention`: whether it does what is asked.

        Returns
        -------
        work : array of str or None
        price : array of float
            inf where there is none. A ford is bridged, at the price of a bridge however long it is.
        """
        found = np.full(len(self.roads), None, dtype=object)
        price = np.full(len(self.roads), np.inf)
        for work in sorted(self.kinds.values(), key=lambda each: each.id):
            per_m = self.usual(work) / 1000
            if able(work) and np.isfinite(per_m):
                better = self.fits(work) & (per_m < price)
                found[better], price[better] = work.id, per_m
        ford = (self._words("structure") == FORD).to_numpy()
        if self.bridging is not None and ford.any():
            found[ford] = self.bridging.id
            price[ford] = self.usual(self.bridging) / np.maximum(
                self.roads.geometry.length.to_numpy()[ford], 1.0
            )
        return found, price

    @cached_property
    def opening(self):
        """What makes each road passable all year: as `cheapest`."""
        return self.cheapest(opens)

    def bettered(self, *, fords_only=False):
        """The roads as they would be once `opening` is done to all of them, or to the fords only."""
        roads, (kind, _) = self.roads.copy(), self.opening
        for name in ("surface", "condition", "all_season", "class"):
            if name not in roads:
                roads[name] = np.nan if name == "all_season" else None
        for work in {one for one in kind if one is not None}:
            rows = kind == work
            is_ford = self.bridging is not None and work == self.bridging.id
            if is_ford:
                roads.loc[rows, "all_season"] = 1.0
            elif not fords_only:
                for name, value in self.kinds[work].works["set"].items():
                    roads.loc[rows, name] = value
        return roads

    @cached_property
    def fords(self):
        """The crossings that the rains close and a bridge can replace: ``crossing``, ``road``, ``at_m`` along it, ``x``, ``y``."""
        columns = ["crossing", "road", "at_m", "x", "y"]
        data, work = self.study.layers.get("crossings"), self.bridging
        if data is None or data.frame is None or work is None or not len(data.frame) or not len(self.roads):
            return pd.DataFrame(columns=columns)
        shut = data.frame[~is_open(data.frame, "wet")]
        kind = shut["kind"] if "kind" in shut else pd.Series(None, shut.index)
        shut = shut[(kind.isna() | (kind == work.works.get("from", FORD))).to_numpy()].sort_index()
        lines = self.roads.geometry.to_numpy()
        point, road = shapely.STRtree(lines).query_nearest(
            shapely.centroid(shut.geometry.to_numpy()), max_distance=CROSSING_M, all_matches=False
        )
        places = shapely.centroid(shut.geometry.to_numpy())[point]
        xy = shapely.get_coordinates(places).reshape(-1, 2)
        return pd.DataFrame(
            {
                "crossing": shut.index.to_numpy()[point],
                "road": self.roads.index.to_numpy()[road],
                "at_m": along(lines[road], places),
                "x": xy[:, 0],
                "y": xy[:, 1],
            },
            columns=columns,
        )

    def fords_on(self, stretches):
        """Ids of the fords on some stretches, sorted."""
        fords = self._fords_by_road
        return sorted(
            {
                crossing
                for road, begin, end in stretches
                for crossing, at in fords.get(road, ())
                if begin - 1.0 <= at <= end + 1.0
            }
        )

    @cached_property
    def _fords_by_road(self):
        found = {}
        for crossing, road, at in self.fords[["crossing", "road", "at_m"]].itertuples(index=False):
            found.setdefault(road, []).append((crossing, at))
        return found

    def bridge(self, crossing):
        """The option of a bridge at a ford; None where no cost is known there."""
        at = self._ford_at[crossing]
        option = self.gaps.priced(self.bridging, self.village_at(shapely.Point(at)), 1.0)
        return option and {
            **option,
            "option_id": f"{self.bridging.id}@{crossing}",
            "place": crossing,
            "geometry": shapely.Point(at),
            "edits": (Edit("bridge", {"id": crossing}),),
        }

    @cached_property
    def _ford_at(self):
        return {row.crossing: (row.x, row.y) for row in self.fords.itertuples()}

    def village_at(self, shape):
        """The village that a shape lies in, or the nearest; of several the first by id."""
        return self.study.villages.index[int(self._tree.query_nearest(shape, all_matches=True).min())]

    @cached_property
    def _tree(self):
        villages = self.study.villages
        shapes = villages.geometry.where(villages.geometry.notna(), villages["point"])
        return shapely.STRtree(shapes.to_numpy())

    def improve(self, work, road, begin, end):
        """What a work does to a stretch of a road, as an edit; of a whole road without its ends."""
        # it stays a ford by its structure, so that what joins it in its middle still does
        fields = {"all_season": 1} if work is self.bridging else dict(work.works["set"])
        if begin <= 0 and end >= self.lines[road].length - 0.05:
            return Edit("improve", {"id": road, "fields": fields})
        return Edit("improve", {"id": road, "fields": fields, "from_m": float(begin), "to_m": float(end)})

    def reports(self, work, stretches, lines):
        """What the villages that a work lies in report of it, as edits: the km of it that were not hardened before."""
        fields = self.fields(work)
        soft = [line for (road, *_), line in zip(stretches, lines, strict=True) if not self.is_hard(road)]
        edits = []
        for village, km in sorted(self.km_inside(soft).items()) if fields and soft else ():
            edits += report_edits(self.gaps, work, village, km)
        return edits

    def fields(self, work):
        """The fields of the sheet that a work adds its length to, and somebody asks for."""
        key = "fields", work.id
        if key not in self.gaps._known:
            reports = own_reports(self.gaps, work)
            self.gaps._known[key] = {each["field"] for each in reports if "whole" in each}
        return self.gaps._known[key]

    def km_inside(self, lines):
        """The km of lines inside each village that has any of surveyed extent, by id."""
        villages = self.study.villages
        near = self._tree.query(shapely.union_all(lines)) if len(lines) else []
        at = np.unique(np.asarray(near, dtype=int))
        shapes = villages.geometry.to_numpy()[at]
        at, shapes = at[~shapely.is_missing(shapes)], shapes[~shapely.is_missing(shapes)]
        if not len(at):
            return {}
        village, _, metres = lengths_inside(shapes, np.array(lines, dtype=object))
        km = np.bincount(village, metres, len(at)) / 1000
        return {villages.index[one]: float(length) for one, length in zip(at, km, strict=True) if length > 0}

    def is_hard(self, road):
        """Whether a road is hardened already."""
        return self._hard[road]

    @cached_property
    def _hard(self):
        return dict(zip(self.roads.index, self._words("surface").isin(HARDENED), strict=True))

    def _words(self, name):
        return self.roads[name] if name in self.roads else pd.Series(None, self.roads.index, dtype=object)


def road_works(gaps):
    """The roads of a study and what can be done to them, made once; None without roads."""
    if "roads" not in gaps._known:
        data = gaps.review.study.layers.get("roads")
        gaps._known["roads"] = (
            RoadWorks(gaps) if data is not None and data.frame is not None and len(data.frame) else None
        )
    return gaps._known["roads"]


def opens(work):
    """Whether a work makes a road passable all year."""
    return bool(work.works.get("set", {}).get("all_season"))


def rounded_up(quantity, step):
    """A quantity rounded up to a multiple of a step."""
    return round(float(np.ceil(quantity / step - 1e-3) * step), 6)
