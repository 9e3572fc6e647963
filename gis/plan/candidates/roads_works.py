"""Stretches of road that ways need, made into works: each stretch once, however many villages need it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from gis.clipping import lengths_inside
from gis.indicators.roads import HARDENED
from gis.plan.candidates.closing import own_reports, report_edits
from gis.plan.edits import Edit
from gis.roadlinks import along
from gis.roadspeeds import USUAL_CLASS
from gis.surface.water import CROSSING_M, is_open

LONGEST_KM = 3.0
"""A longer work is split, so that it can be paid in parts and over several years."""
SLIVER_M = 50.0
"""Nobody builds so short a stretch by itself."""
OVERLAP_M = 1.0
FORD = "ford"


@dataclass(frozen=True)
class Demand:
    """What one way of closing a gap needs of roads, all of it.

    Attributes
    ----------
    village, criterion : str
    way : object
        Tells the ways of a gap apart, and sorts.
    stretches : list of (str, float, float)
        Road, from and to in metres along it, in the order of going.
    others : tuple of dict
        Further options that it needs: rows of `OPTIONS` with ``option_id``.
    all_year : bool
        Whether it needs the fords on its stretches bridged.
    """

    village: str
    criterion: str
    way: object
    stretches: list
    others: tuple = ()
    all_year: bool = True


@dataclass(frozen=True)
class RoadWorks:
    """The roads of a study with what can be done to each, and the works made of demands so far."""

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
        return {
            work.id: work
            for work in self.gaps.interventions.values()
            if work.works is not None
            and work.works["layer"] == "roads"
            and work.works["does"] in ("improve", "repair")
            and work.unit == "km"
        }

    @cached_property
    def bridging(self):
        """The work that puts a bridge where there is a ford; None where there is none such."""
        found = [
            work
            for work in self.gaps.interventions.values()
            if work.works is not None
            and work.works["layer"] == "crossings"
            and work.works["does"] == "bridge"
        ]
        return min(found, key=lambda work: (self.usual(work), work.id), default=None)

    @cached_property
    def new_road(self):
        """The work that opens a road where there is none; None where there is none such."""
        found = [
            work
            for work in self.gaps.interventions.values()
            if work.works is not None
            and work.works["layer"] == "roads"
            and work.works["does"] == "build"
            and work.works.get("set", {}).get("all_season")
        ]
        return min(found, key=lambda work: (self.usual(work), work.id), default=None)

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
        return self.cheapest(lambda work: bool(work.works.get("set", {}).get("all_season")))

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


def road_options(works, demands):
    """The works that demands lead to, and the ways that they make.

    Parameters
    ----------
    works : RoadWorks
    demands : list of Demand

    Returns
    -------
    options : list of RoadOption
    ways : list of dict
        Rows of `WAYS`. A demand for which something cannot be done, or has no cost, makes none.

    Notes
    -----
    A road is cut only where what is needed of it changes. What the very same ways need, done by the same kind of work, is
    one work, however many roads it is on, up to `LONGEST_KM`.
    """
    demands = sorted(demands, key=lambda one: (one.village, one.criterion, one.way))
    kind, _ = works.opening
    kind_of = dict(zip(works.roads.index, kind, strict=True))
    pieces = _pieces(works, demands, kind_of)
    grouped = {}
    for piece in pieces:
        grouped.setdefault((piece.needed_by, piece.work), []).append(piece)
    options, needs, lost = {}, {}, set()
    for (needed_by, work), group in sorted(grouped.items(), key=lambda each: (each[0][0], str(each[0][1]))):
        made = [None] if work is None else [_option(works, work, part) for part in _parts(group)]
        for option in made:
            if option is None:
                lost.update(needed_by)
                continue
            options[option.id] = option
            for demand in needed_by:
                needs.setdefault(demand, set()).add(option.id)
    ways = []
    for number, demand in enumerate(demands):
        fords = [works.bridge(one) for one in works.fords_on(demand.stretches)] if demand.all_year else []
        more = {each["option_id"]: each for each in [*fords, *demand.others] if each is not None}
        if number in lost or None in (*fords, *demand.others) or not (needs.get(number) or more):
            continue
        for id_, row in more.items():
            options[id_] = RoadOption(id_, row, ())
        ids = sorted(needs.get(number, set()) | set(more))
        way = {"village_id": demand.village, "criterion": demand.criterion, "way": demand.way}
        ways += [
            {**way, "option_id": each, "amount": 1.0, "need": float(len(ids)), "takes": 0.0} for each in ids
        ]
    used = {way["option_id"] for way in ways}
    return [options[each] for each in sorted(options) if each in used], ways


@dataclass(frozen=True)
class RoadOption:
    """An option, and the stretches it is made of: road, from and to."""

    id: str
    row: dict
    stretches: tuple


@dataclass(frozen=True)
class _Piece:
    needed_by: tuple
    work: str | None
    road: str
    from_m: float
    to_m: float
    order: int


def _pieces(works, demands, kind_of):
    """The stretches of all demands, each road cut where what is needed of it changes."""
    by_road, order = {}, {}
    for number, demand in enumerate(demands):
        for road, begin, end in demand.stretches:
            by_road.setdefault(road, []).append((begin, end, number))
            order.setdefault(road, len(order))
    pieces = []
    for road, wanted in by_road.items():
        ends = sorted({end for each in wanted for end in each[:2]})
        cuts = [
            [begin, end, frozenset(n for first, last, n in wanted if first < end and last > begin)]
            for begin, end in zip(ends, ends[1:], strict=False)
        ]
        for begin, end, needed_by in _without_slivers([cut for cut in cuts if cut[2]]):
            pieces.append(_Piece(tuple(sorted(needed_by)), kind_of[road], road, begin, end, order[road]))
    return sorted(pieces, key=lambda piece: (piece.order, piece.road, piece.from_m))


def _without_slivers(cuts):
    """Stretches one after the other, a very short one made part of a neighbour where whoever needs it needs that too.

    Of two that overlap by less than `OVERLAP_M`, as they are rounded outwards, each keeps its own end.
    """
    kept = []
    cuts = [cut for cut in cuts if cut[1] - cut[0] >= OVERLAP_M or not _overlap(cuts, cut)]
    for begin, end, needed_by in cuts:
        last = kept[-1] if kept and kept[-1][1] == begin else None
        if last and (last[2] == needed_by or (last[2] > needed_by and end - begin < SLIVER_M)):
            last[1] = end
        elif last and needed_by > last[2] and last[1] - last[0] < SLIVER_M:
            last[1:] = [end, needed_by]
        else:
            kept.append([begin, end, needed_by])
    return kept


def _overlap(cuts, cut):
    """Give a sliver to both of its neighbours where that serves all who need it; whether it was done."""
    at = next(number for number, one in enumerate(cuts) if one is cut)
    before, after = (cuts[one] if 0 <= one < len(cuts) else None for one in (at - 1, at + 1))
    if not before or not after or before[1] != cut[0] or after[0] != cut[1]:
        return False
    if not before[2] | after[2] >= cut[2]:
        return False
    before[1], after[0] = cut[1], cut[0]
    return True


def _parts(group):
    """Pieces one after the other as works of at most `LONGEST_KM` each, as equal as may be."""
    total = sum(piece.to_m - piece.from_m for piece in group)
    count = max(1, int(np.ceil(total / (1000 * LONGEST_KM) - 1e-9)))
    share, parts, done = total / count, [[]], 0.0
    for piece in group:
        begin = piece.from_m
        while len(parts) < count and done + piece.to_m - begin > share * len(parts) + 0.1:
            cut = round(begin + share * len(parts) - done, 1)
            if cut - begin >= 0.1:
                parts[-1].append((piece.road, begin, cut))
                done, begin = done + cut - begin, cut
            parts.append([])
        parts[-1].append((piece.road, begin, piece.to_m))
        done += piece.to_m - begin
    return [part for part in parts if part]


def _option(works, work_id, stretches):
    """One work on some stretches; None where no cost is known."""
    work = works.kinds.get(work_id, works.bridging)
    lines = [line_between(works.lines[road], begin, end) for road, begin, end in stretches]
    km = sum(end - begin for _, begin, end in stretches) / 1000
    inside = works.km_inside(lines)
    village = max(sorted(inside), key=inside.get) if inside else works.village_at(lines[0])
    quantity = float(len(stretches)) if work.unit == "piece" else rounded_up(km, work.step)
    row = works.gaps.priced(work, village, quantity)
    if row is None:
        return None
    edits = [works.improve(work, *stretch) for stretch in stretches]
    edits += works.reports(work, stretches, lines)
    road, begin, end = min(stretches)
    more = f"+{len(stretches) - 1}" if len(stretches) > 1 else ""
    id_ = f"{work.id}@{road}:{begin:.0f}-{end:.0f}{more}"
    row |= {
        "option_id": id_,
        "place": road,
        "edits": tuple(edits),
        "geometry": shapely.line_merge(_union(lines)),
    }
    return RoadOption(id_, row, tuple(stretches))


def rounded_up(quantity, step):
    """A quantity rounded up to a multiple of a step."""
    return round(float(np.ceil(quantity / step - 1e-3) * step), 6)


def line_between(line, begin, end):
    """The part of a line between two distances along it, of several parts one after the other."""
    found, passed = [], 0.0
    for part in shapely.get_parts(line):
        first, last = max(begin - passed, 0.0), min(end - passed, part.length)
        if last > first:
            found.append(substring(part, first, last))
        passed += part.length
    return found[0] if len(found) == 1 else shapely.multilinestrings(found)


def _union(lines):
    return shapely.multilinestrings(np.concatenate([shapely.get_parts(line) for line in lines]))
