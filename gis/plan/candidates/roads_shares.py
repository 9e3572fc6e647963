"""Where in a village roads are hardened until a share of them is: which stretches, beside those that a link needs anyway."""

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely

from gis.clipping import lengths_inside
from gis.indicators.roads import HARDENED
from gis.plan.candidates.closing import numbers, report_edits
from gis.plan.candidates.roads_made import RoadOption
from gis.plan.candidates.roads_works import RoadWorks, road_works, rounded_up
from gis.roadlinks import along, between, outwards

WORST = MappingProxyType({"poor": 0.0, "fair": 2.0, "good": 3.0})
"""Roads are hardened in this order of their condition; those of unknown condition after the poor ones."""
SLACK_KM = 0.001
"""So much more than is missing on the map, so that rounding decides nothing."""
SLACK_SHEET_KM = 0.00001
"""The same on the sheet: a centimetre."""


@dataclass(frozen=True)
class Soft:
    """The stretches of roads inside villages that are not hardened."""

    works: RoadWorks

    @cached_property
    def table(self):
        """A row a stretch: ``village``, ``road``, ``class``, ``from_m``, ``to_m``; by village, the worst and longest first."""
        works, roads = self.works, self.works.roads
        villages = works.study.villages
        surveyed = villages[villages.geometry.notna() & ~villages["approximate"].astype(bool)]
        hard = roads["surface"].isin(HARDENED) if "surface" in roads else pd.Series(False, roads.index)
        soft = roads[~hard & roads.geometry.notna() & ~roads.geometry.is_empty]
        lines, shapes = soft.geometry.to_numpy(), surveyed.geometry.to_numpy()
        village, road = shapely.STRtree(lines).query(shapes, predicate="intersects")
        parts, pair = shapely.get_parts(shapely.intersection(lines[road], shapes[village]), return_index=True)
        is_line = shapely.get_dimensions(parts) == 1
        merged = shapely.get_parts(
            shapely.line_merge(_by_pair(parts[is_line], pair[is_line])), return_index=True
        )
        parts, pair = merged[0], np.unique(pair[is_line])[merged[1]]
        ends = [along(lines[road[pair]], shapely.get_point(parts, at)) for at in (0, -1)]
        found = pd.DataFrame(
            {
                "village": surveyed.index.to_numpy()[village[pair]],
                "road": soft.index.to_numpy()[road[pair]],
                "from_m": np.minimum(*ends),
                "to_m": np.maximum(*ends),
            }
        )
        whole = shapely.length(lines[road[pair]])
        found["from_m"], found["to_m"] = outwards(found["from_m"].to_numpy(), found["to_m"].to_numpy(), whole)
        found["class"] = (
            soft["class"].reindex(found["road"]).to_numpy() if "class" in soft else np.full(len(found), None)
        )
        rank = soft["condition"].map(WORST).reindex(found["road"]).to_numpy() if "condition" in soft else 1.0
        found["rank"] = np.nan_to_num(np.asarray(rank, dtype=float), nan=1.0)
        found["length"] = found["from_m"] - found["to_m"]
        return found.sort_values(["village", "rank", "length", "road", "from_m"], ignore_index=True)

    @cached_property
    def _rows(self):
        columns = (self.table[name].tolist() for name in ("village", "road", "class", "from_m", "to_m"))
        found = {}
        for village, *row in zip(*columns, strict=True):
            found.setdefault(village, []).append(tuple(row))
        return found

    def take(self, village, classes, km, besides=()):
        """Stretches in a village that come to so many km, or all there are; the last cut where it is enough.

        Parameters
        ----------
        village : str
        classes : collection of str
        km : float
        besides : iterable of (str, float, float)
            Stretches that are not taken.

        Returns
        -------
        list of (str, float, float)
        """
        taken, left, barred = [], 1000 * km, {}
        for road, begin, end in besides:
            barred.setdefault(road, []).append((begin, end))
        point = self.works.gaps.facts[village][2]
        rows = [row for row in self._rows.get(village, ()) if row[1] in classes]
        for road, _, begin, end in rows:
            for first, last in _without(begin, end, barred.get(road, ())):
                if left <= 0.05:
                    return taken
                if last - first > left:
                    first, last = self._nearer(road, first, last, left, point)
                taken.append((road, first, last))
                left -= last - first
        return taken

    def _nearer(self, road, first, last, metres, point):
        """The end of a stretch that is nearer to a village, so long."""
        line = self.works.lines[road]
        ends = [between(line, first, last)]
        metres = np.ceil(10 * metres) / 10
        start, stop = (shapely.get_point(shapely.get_parts(ends[0])[at], at) for at in (0, -1))
        if point is not None and stop.distance(point) < start.distance(point):
            return round(last - metres, 1), last
        return first, round(first + metres, 1)


def locate(gaps, work, village, quantity):
    """The same for a work of any kind: nothing for what is not done to roads that are there."""
    if work.works is None or work.works["layer"] != "roads" or work.works["does"] != "improve":
        return [], {}
    soft = soft_of(gaps)
    return ([], {}) if soft is None else located(soft, work, village, quantity)


def soft_of(gaps):
    """The soft stretches of a study's villages, made once; None without roads."""
    if "soft" not in gaps._known:
        works = road_works(gaps)
        gaps._known["soft"] = works and Soft(works)
    return gaps._known["soft"]


def located(soft, work, village, quantity, besides=()):
    """Where in a village so many km of a work are done: edits of the roads, and the option's place and geometry."""
    works = soft.works
    stretches = soft.take(village, work.works["classes"], quantity, besides)
    if not stretches:
        return [], {}
    lines = [between(works.lines[road], *ends) for road, *ends in stretches]
    shape = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(np.array(lines, dtype=object))))
    return [works.improve(work, *one) for one in stretches], {"place": stretches[0][0], "geometry": shape}


def share_ways(works, links):
    """How shares of hardened road are reached with what links need anyway, and where only the map decides by itself.

    Parameters
    ----------
    works : RoadWorks
    links : list of RoadOption

    Returns
    -------
    options : list of RoadOption
    ways : list of dict
        Rows of `WAYS`, amounts and needs in km.
    """
    soft, options, ways = soft_of(works.gaps), {}, []
    given = _given(works, links)
    for criterion, rows in works.gaps.by_criterion:
        asked = _asked(works, criterion)
        if asked is None:
            continue
        work, classes, field, surfaces = asked
        needs = _needs(works, criterion, rows, field, surfaces)
        for village, km in needs.items():
            helping = {
                id_: sum(amount for kind, amount in parts.items() if kind in classes)
                for id_, parts in given.get(village, {}).items()
                if _helps(works, links, id_, field, surfaces)
            }
            helping = {id_: amount for id_, amount in sorted(helping.items()) if amount > SLACK_KM}
            on_map = surfaces is not None
            sets = [{}] if on_map else []
            sets += [helping] if helping else []
            for parts in sets:
                rest = km - sum(parts.values())
                amounts = dict(parts)
                if rest > 1e-9:
                    besides = [one for id_ in parts for one in links[id_].stretches]
                    option = _rest(soft, work, village, rest, besides, on_map)
                    if option is None:
                        continue
                    options[option.id] = option
                    amounts[option.id] = rest
                way = {"village_id": village, "criterion": criterion.id, "way": "beside" if parts else "map"}
                ways += [
                    {**way, "option_id": id_, "amount": amount, "need": km, "takes": 0.0}
                    for id_, amount in amounts.items()
                ]
    return [options[id_] for id_ in sorted(options)], ways


def _by_pair(parts, pair):
    """Lines of one pair as one shape each, in order of pair."""
    order = np.argsort(pair, kind="stable")
    _, number = np.unique(pair[order], return_inverse=True)
    return shapely.multilinestrings(parts[order], indices=number)


def _without(begin, end, barred):
    """What is left of a stretch without others, in order."""
    for first, last in sorted(barred):
        if first > begin:
            yield from [(begin, min(first, end))] if min(first, end) - begin > 0.05 else []
        begin = max(begin, last)
    if end - begin > 0.05:
        yield begin, end


def _asked(works, criterion):
    """The cheapest work that raises a share, the classes of road that it is of, the field of the sheet, the surfaces.

    The field is None where only the map decides, the surfaces where only the sheet does. None where the criterion asks no
    such thing.
    """
    turned = criterion.kind == "trigger"
    if criterion.compare not in (("lt", "le") if turned else ("ge", "gt")):
        return None
    measured, reported = criterion.measured, criterion.reported
    classes = surfaces = field = None
    if measured is not None and measured.indicator == "road_share" and criterion.decides != "reported":
        given = dict(measured.arguments)
        surfaces = given.get("surfaces", HARDENED)
        classes = [given["classes"]] if isinstance(given["classes"], str) else list(given["classes"])
    if reported is not None and reported.indicator == "reported_share" and criterion.decides != "measured":
        field = dict(reported.arguments)["numerator"]
    if field is None and surfaces is None:
        return None
    able = [
        work
        for work in works.kinds.values()
        if work.works["does"] == "improve"
        and (field is None or field in works.fields(work))
        and (surfaces is None or work.works.get("set", {}).get("surface") in surfaces)
        and (classes is None or set(classes) & set(work.works.get("classes", ())))
    ]
    if not able:
        return None
    work = min(able, key=lambda each: (works.usual(each), each.id))
    of = set(work.works.get("classes", ()))
    return work, of if classes is None else of & set(classes), field, surfaces


def _needs(works, criterion, rows, field, surfaces):
    """The km that each village lacks: on its sheet, on the map, or the larger where both decide."""
    needs = pd.Series(0.0, rows["village_id"].to_numpy())
    goal = rows.set_index("village_id")["threshold"]
    if field is not None:
        sheet, given = works.gaps.sheet.reindex(needs.index), dict(criterion.reported.arguments)
        whole, part = (numbers(sheet, given[name]) for name in ("denominator", "numerator"))
        needs = np.fmax(needs, goal * whole / 100 - part)
    if surfaces is not None:
        least = _least_share(works, needs.index, dict(criterion.measured.arguments)["classes"], surfaces)
        needs = np.fmax(needs, goal * least["whole"] / 100 - least["good"] + SLACK_KM)
    needs = needs[needs > (-1e-9 if criterion.compare in ("gt", "le") else 1e-9)]
    return (needs + SLACK_SHEET_KM).round(6).to_dict()


def _least_share(works, villages, classes, surfaces):
    """The km of road that a share is of, and of these what is surely good, as `gis.indicators.roads` takes the least of it."""
    roads = works.roads
    classes = [classes] if isinstance(classes, str) else list(classes)
    roads = roads[roads["class"].isin(classes) | roads["class"].isna()]
    shapes = works.study.villages.geometry.reindex(villages).to_numpy()
    village, road, metres = lengths_inside(shapes, roads.geometry.to_numpy())
    named = roads["class"].notna().to_numpy()[road]
    good = roads["surface"].isin(surfaces).to_numpy()[road]
    whole, sure = (
        np.bincount(village[one], metres[one], len(shapes)) / 1000 for one in (named | ~good, named & good)
    )
    return pd.DataFrame({"whole": whole, "good": sure}, index=villages)


def _given(works, links):
    """What works for links give each village: by village and option the km that were not hardened, by class."""
    found, roads = {}, works.roads
    kinds = roads["class"] if "class" in roads else pd.Series(None, roads.index)
    for option in links.values():
        by_class = {}
        for road, begin, end in option.stretches:
            if not works.is_hard(road):
                by_class.setdefault(kinds[road], []).append(between(works.lines[road], begin, end))
        for kind, lines in by_class.items():
            for village, km in works.km_inside(lines).items():
                found.setdefault(village, {}).setdefault(option.id, {})[kind] = km
    return found


def _helps(works, links, id_, field, surfaces):
    """Whether a work for a link counts for a share."""
    work = works.kinds.get(links[id_].row["intervention"])
    if work is None:
        return False
    return (field is None or field in works.fields(work)) and (
        surfaces is None or work.works.get("set", {}).get("surface") in surfaces
    )


def _rest(soft, work, village, km, besides, on_map):
    """The work on what is left to do; None where no cost is known, or where the map that decides has no such roads."""
    gaps = soft.works.gaps
    quantity = rounded_up(km, work.step)
    row = gaps.priced(work, village, quantity)
    if row is None:
        return None
    edits, place = located(soft, work, village, quantity, besides)
    if on_map:
        there = sum(
            edit.what.get("to_m", soft.works.lines[edit.what["id"]].length) - edit.what.get("from_m", 0.0)
            for edit in edits
        )
        if there / 1000 < km - 1e-9:
            return None
    id_ = f"{work.id}@{village}:{quantity:g}" + (
        "-beside-" + "-".join(sorted({one[0] for one in besides})) if besides else "-map"
    )
    edits = [*report_edits(gaps, work, village, max(quantity, km)), *edits]
    return RoadOption(id_, {**row, **place, "option_id": id_, "edits": tuple(edits)}, ())
