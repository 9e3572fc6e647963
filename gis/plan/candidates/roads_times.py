"""Ways that take too long, or that the rains cut: the stretches and fords on them that would have to be bettered.

The same engine is asked once more with every road bettered that can be and every ford bridged. Where that is not enough
no road helps; where it is, the least of it is looked for that brings a way below the figure.
"""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from gis.ground import travel_of, travel_over
from gis.indicators.access import of_kind
from gis.plan.candidates.roads_made import Demand
from gis.registry import INDICATORS
from gis.roadlinks import along, outwards
from gis.roadspeeds import road_speeds
from gis.study import frozen
from gis.travel import LAYERS
from gis.travel.riding import barred_edges
from gis.travel.wearing import wear

SPARE_S = 3.0
"""A way is taken for short enough only by so much, so that where a road is cut decides nothing."""
NEAR_CELLS = 3.0
"""A closed ford bars the way within so many cells."""


@dataclass(frozen=True)
class _Question:
    """What one criterion asks: from whom, to which places, how, within how many minutes."""

    criterion: str
    villages: list
    minutes: np.ndarray
    places: np.ndarray
    how: dict
    rains: bool


def time_demands(works):
    """What ways to the nearest facility that take too long, or that the rains cut, need of roads.

    Parameters
    ----------
    works : RoadWorks

    Returns
    -------
    list of Demand
        Two ways of a gap at most: on the way with everything bettered, and on the way as it is gone now.
    """
    demands = []
    for question in _questions(works):
        how, limit = question.how, float(np.max(question.minutes))
        layers = {name: works.study.layers[name] for name in LAYERS if name in works.study.layers}
        if "elevation" not in layers:
            continue
        now, then = travel_of(works.study, layers), _bettered(works, layers, how["mode"])
        here = shapely.get_coordinates([works.gaps.facts[village][2] for village in question.villages])
        best = then.reach(question.places, limit_min=limit, **how)
        could = np.flatnonzero(best.at(here)[0] <= question.minutes)
        if not len(could):
            continue
        gone = {"season": "dry", "limit_min": limit} if question.rains else {}
        usual = now.reach(question.places, **{**how, **gone})
        shut, barred = _shut(works, now, how), _barred(now, how)
        for number, reach in enumerate((best, usual)):
            legs = reach.legs(here[could])
            ways = _Ways(works, reach, now, then, how, shut, barred)
            for at, parts in legs.groupby("point"):
                row = could[at]
                found = ways.needed(parts, 60 * question.minutes[row] - SPARE_S)
                if found is not None:
                    stretches, fords = found
                    others = tuple(works.bridge(one) for one in fords)
                    demands.append(
                        Demand(
                            question.villages[row],
                            question.criterion,
                            f"time-{number}",
                            stretches,
                            others,
                            how["season"] == "wet",
                        )
                    )
    return demands


def _questions(works):
    """What the criteria with gaps ask about ways."""
    for criterion, rows in works.gaps.by_criterion:
        binding, turned = criterion.measured, criterion.kind == "trigger"
        if binding is None or criterion.decides == "reported":
            continue
        rains = binding.indicator == "cut_off_in_rains"
        if rains:
            fits = criterion.compare == ("present" if turned else "absent")
        else:
            fits = binding.indicator == "travel_time" and criterion.compare in (
                ("ge", "gt") if turned else ("le", "lt")
            )
        arguments, options = dict(binding.arguments), INDICATORS[binding.indicator].options
        layer = works.study.layers.get(arguments.get("facilities", "facilities"))
        if not fits or layer is None or layer.frame is None:
            continue
        given = {name: value for name, value in works.study.parameters.items() if name in options} | arguments
        places = of_kind(layer.frame, given.get("kind")).sort_index()
        rows = rows[[works.gaps.facts[village][2] is not None for village in rows["village_id"]]]
        if not len(places) or not len(rows):
            continue
        how = {name: given[name] for name in ("walk_kmh", "off_path_pct") if name in given}
        how |= {"mode": given.get("mode", "motorbike" if rains else "walk")}
        how |= {"season": "wet" if rains else given.get("season", "dry")}
        minutes = (
            np.full(len(rows), float(given.get("max_min", np.inf))) if rains else rows["threshold"].to_numpy()
        )
        if not np.isnan(minutes).any():
            spots = shapely.get_coordinates(places.geometry.to_numpy())
            yield _Question(criterion.id, rows["village_id"].tolist(), minutes, spots, how, rains)


def _bettered(works, layers, mode):
    """Ways over the study with every road bettered that can be, and every ford bridged."""
    key = "bettered", mode == "walk"
    if key in works.gaps._known:
        return works.gaps._known[key]
    changed = dict(layers)
    # walking on a better road is hardly faster: no road is hardened for that
    changed["roads"] = replace(layers["roads"], frame=works.bettered(fords_only=mode == "walk"))
    if "crossings" in layers and len(works.fords):
        crossings = layers["crossings"].frame.copy()
        crossings.loc[works.fords["crossing"], ["kind", "all_season"]] = ["bridge", 1.0]
        changed["crossings"] = replace(layers["crossings"], frame=crossings)
    works.gaps._known[key] = travel_over(frozen(changed), works.study.parameters)
    return works.gaps._known[key]


def _shut(works, now, how):
    """Which roads cannot be ridden on now by what is said of themselves, or taken where nobody said it."""
    if how["mode"] == "walk":
        return np.zeros(len(works.roads), dtype=bool)
    rules = works.study.layers["roads"].layer
    said = {"mode": how["mode"], "season": how["season"], "factors": rules.condition_factors}
    if how["season"] == "wet":
        said |= wear(now.elevation, now.tracks, now.roads, now.rivers, now.crossings)
    return road_speeds(works.roads, rules.speeds, **said)[0] <= 0


def _barred(now, how):
    """Which edges of the roads lead through water that bars them now."""
    if how["mode"] == "walk":
        return np.zeros(0, dtype=bool)
    barred = np.zeros(len(now.tracks.length_m), dtype=bool)
    barred[barred_edges(now.tracks, now.surface(**_on_foot(how)))] = True
    return barred


def _on_foot(how):
    return {name: value for name, value in how.items() if name != "mode"}


@dataclass(frozen=True)
class _Ways:
    """Ways of one reach, reckoned over the roads as they are and as they could be."""

    works: object
    reach: object
    now: object
    then: object
    how: dict
    shut: np.ndarray
    barred: np.ndarray

    def needed(self, legs, limit_s):
        """The stretches and the further fords that bring a way below a limit; None where nothing on it does.

        Parameters
        ----------
        legs : DataFrame
            Of one point, as of `Reach.legs`.
        limit_s : float
            Seconds.
        """
        could, fords, pieces = 0.0, set(), []
        for leg in legs.itertuples():
            if leg.how == "walk":
                seconds, crossed = self._walked(leg)
            else:
                seconds, crossed, more = self._ridden(leg)
                pieces += more
            if not np.isfinite(seconds) or crossed is None:
                return None
            could += seconds
            fords |= crossed
        if could > limit_s:
            return None
        chosen = _least(pieces, limit_s - could)
        stretches = [(piece["road"], piece["from_m"], piece["to_m"]) for piece in chosen]
        # those on a stretch come with it
        fords -= set(self.works.fords_on(stretches)) if self.how["season"] == "wet" else set()
        return (stretches, sorted(fords)) if stretches or fords else None

    def _walked(self, leg):
        """Seconds of a walk once what bars it is bridged, no faster than now elsewhere; and the fords that bar it."""
        if not len(leg.cells):
            return 60 * leg.minutes, set()
        known = self.reach.surface.slowness_of(leg.cells)
        now, then = (
            travel.surface(**_on_foot(self.how)).slowness_of(leg.cells) for travel in (self.now, self.then)
        )
        barred = np.isnan(now)
        worst = np.where(barred, then, np.fmax(now, then))
        seconds = 60 * leg.minutes * max(1.0, float(np.max(worst / known)))
        return seconds, self._fords_near(self.reach.surface.middles(leg.cells[barred]))

    def _ridden(self, leg):
        """Seconds of a ride with everything bettered, the fords that bar it, and the pieces of road that may be left."""
        tracks, works = self.reach.ride.tracks, self.works
        edges = np.asarray(leg.edges, dtype=int)
        row = tracks.row[edges]
        now, then = (_slower(travel.ride(**self.how).seconds[edges]) for travel in (self.now, self.then))
        if not np.isfinite(then).all():
            return np.inf, set(), []
        lines = works.roads.geometry.to_numpy()[row]
        middle = shapely.points((tracks.xy[tracks.start[edges]] + tracks.xy[tracks.end[edges]]) / 2)
        at, half = along(lines, middle), tracks.length_m[edges] / 2
        barred = self.barred[edges]
        fords = self._fords_near(shapely.get_coordinates(middle[barred]))
        # an edge that a ford alone bars is ridden on as well as the rest of its road once that is bridged
        now = np.where(barred & ~self.shut[row], then, now)
        pieces = []
        for number, (edge_row, saved) in enumerate(zip(row, now - then, strict=True)):
            begin, end = at[number] - half[number], at[number] + half[number]
            if saved <= 1e-9:
                continue
            last = pieces[-1] if pieces else None
            road = works.roads.index[edge_row]
            if last and last["number"] == number - 1 and last["road"] == road:
                last["from_m"], last["to_m"] = min(last["from_m"], begin), max(last["to_m"], end)
                last["saved"] += saved
                last["number"] = number
            else:
                per_m = works.opening[1][edge_row]
                piece = {"road": road, "from_m": begin, "to_m": end, "saved": saved}
                pieces.append({**piece, "per_m": per_m, "number": number})
        for piece in pieces:
            ends = np.array([piece["from_m"], piece["to_m"]])
            ends = outwards(*ends, works.lines[piece["road"]].length)
            piece["from_m"], piece["to_m"] = map(float, ends)
        return float(then.sum()), fords, pieces

    def _fords_near(self, spots):
        """The fords that bar the way at some spots; None where nothing that can be bridged does."""
        fords, surface = self.works.fords, self.reach.surface
        if not len(spots):
            return set()
        if not len(fords):
            return None
        away = np.hypot(
            fords["x"].to_numpy(dtype=float)[:, None] - spots[:, 0],
            fords["y"].to_numpy(dtype=float)[:, None] - spots[:, 1],
        )
        near = away <= NEAR_CELLS * np.hypot(surface.width, surface.height)
        if not near.any(axis=0).all():
            return None
        return {fords["crossing"].iloc[one] for one in np.argmin(away, axis=0)}


def _slower(seconds):
    """Seconds of edges in the slower of the directions that are open."""
    return np.where(
        np.isfinite(seconds).any(axis=1), np.where(np.isfinite(seconds), seconds, -1.0).max(axis=1), np.inf
    )


def _least(pieces, left_s):
    """The pieces that must be bettered: closed ones, then the cheapest for what they save, until the rest may stay."""
    must = [piece for piece in pieces if not np.isfinite(piece["saved"])]
    free = [piece for piece in pieces if np.isfinite(piece["saved"])]

    def price(piece):
        return (piece["to_m"] - piece["from_m"]) * piece["per_m"]

    lost = sum(piece["saved"] for piece in free)
    chosen = []
    for piece in sorted(free, key=lambda one: (price(one) / one["saved"], one["road"], one["from_m"])):
        if lost <= left_s:
            break
        chosen.append(piece)
        lost -= piece["saved"]
    for piece in sorted(chosen, key=lambda one: (-price(one), one["road"], one["from_m"])):
        if lost + piece["saved"] <= left_s:
            chosen.remove(piece)
            lost += piece["saved"]
    return sorted([*must, *chosen], key=lambda one: one["number"])
