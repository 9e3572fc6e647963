"""Room for those who find none: facilities that are there made larger, by the least that gives a village its places."""

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from gis.indicators.room import ONE
from gis.measure import measure_by
from gis.plan.candidates.base import Made, maker
from gis.plan.candidates.closing import closed
from gis.plan.candidates.effects import WHOLE, bound_layer, farthest_m, is_asked_for, remembered
from gis.plan.candidates.sites import place_edit, places_to
from gis.plan.candidates.villages import nearest_village
from gis.study import frozen

MOST_STEPS = 4096
"""By so many units a facility is enlarged at most."""
NEAREST = 3
"""So many facilities of those nearest to a village are tried for it."""


@maker
def enlargements(gaps):
    """More room at a facility that is there, for all who find a place by it."""
    made = Made()
    for work in gaps.interventions.values():
        if work.works is None or work.works["does"] != "enlarge":
            continue
        needs = {}
        for criterion, rows in gaps.by_criterion:
            if criterion.decides != "reported" and _adds_room(work, criterion.measured):
                for place, wanted in _needs(gaps, work, criterion, rows).items():
                    needs.setdefault(place, {}).update(wanted)
        _offer(made, gaps, work, needs)
    return made


def _adds_room(work, binding):
    if binding is None or binding.indicator not in WHOLE or bound_layer(binding) != work.works["layer"]:
        return False
    return dict(binding.arguments).get("capacity", "capacity") == work.works["field"] != ONE


def _needs(gaps, work, criterion, rows):
    """How much each facility must be enlarged for each gap that it can close: by facility, then village and criterion."""
    places = places_to(gaps, work)
    if places is None or not len(places) or work.works["field"] not in places:
        return {}
    binding = criterion.measured
    usable = [is_asked_for(binding, kind) for kind in places["kind"]]
    places = places[np.array(usable, dtype=bool) & places[work.works["field"]].notna().to_numpy()]
    found = {}
    missing = _missing(criterion, rows) / _each(work) / work.step
    farthest = farthest_m(gaps, binding, rows)
    for place, villages in _tried(gaps, places, rows, farthest).items():
        ids = np.array(sorted(villages), dtype=object)
        guess = np.ceil(missing.loc[ids].to_numpy()).astype(int)
        most = _most(gaps, work, binding, places.geometry[place], farthest)

        def met(size, place=place, ids=ids):
            return _met(gaps, work, criterion, place, float(size * work.step), ids)

        steps = _least_for_each(met, most, guess)
        wanted = {
            (village, criterion.id): round(float(number * work.step), 6)
            for village, number in zip(ids, steps, strict=True)
            if number > 0
        }
        if wanted:
            found[place] = wanted
    return found


def _least_for_each(met, most, guess):
    """The least size that does for each of some villages, 0 where none does; each size that is tried is told of all."""
    low, high = np.zeros(len(guess), dtype=int), np.full(len(guess), most)
    holds = np.zeros(len(guess), dtype=bool)
    while (open_ := np.flatnonzero(np.where(holds, low + 1 < high, low < most))).size:
        one = open_[0]
        if holds[one]:
            size = (low[one] + high[one]) // 2
        elif low[one] < guess[one] - 1:
            # one that is too little beside the guess proves it right
            size = min(most, guess[one] - 1)
        else:
            size = min(most, max(2 * low[one], 1) if low[one] >= guess[one] else guess[one])
        enough = met(int(size))
        high, low = np.where(enough, np.fmin(high, size), high), np.where(enough, low, np.fmax(low, size))
        holds |= enough
    return np.where(holds, high, 0)


def _each(work):
    """How much one unit of the work adds."""
    return work.places if np.isfinite(work.places) else 1.0


def _missing(criterion, rows):
    """About how many places a village lacks, by village."""
    rows = rows.set_index("village_id")
    lacks = (rows["value"] - rows["threshold"]).abs()
    if criterion.unit == "%":
        lacks *= rows["denominator"] / 100
    return lacks.fillna(1.0).clip(lower=1.0)


def _tried(gaps, places, rows, farthest):
    """By facility the villages for which it is tried: it is one of the nearest in a straight line, and not too far."""
    tried = {}
    tree = places.geometry.to_numpy()
    for village in rows["village_id"]:
        point = gaps.facts[village][2]
        if point is None or not len(places):
            continue
        away = shapely.distance(tree, point)
        for at in np.lexsort((np.arange(len(places)), away))[:NEAREST]:
            if away[at] > farthest:
                break
            tried.setdefault(places.index[at], set()).add(village)
    return dict(sorted(tried.items()))


def _most(gaps, work, binding, point, farthest):
    """Steps by which a facility holds all who may come to it."""
    arguments, villages = dict(binding.arguments), gaps.review.study.villages
    demand = arguments.get("demand", "population")
    asked = (
        pd.to_numeric(villages[demand]).fillna(0.0) if demand in villages else pd.Series(0.0, villages.index)
    )
    near = shapely.distance(villages["point"].to_numpy(), point) <= farthest + 1e-6
    people = asked[near].sum() * arguments.get("share_pct", 100.0) / 100
    return int(np.clip(np.ceil(people / _each(work) / work.step), 1, MOST_STEPS))


def _met(gaps, work, criterion, place, quantity, ids):
    study, binding, how = gaps.review.study, criterion.measured, work.works
    data = study.layers[how["layer"]]
    frame = data.frame.copy()
    frame[how["field"]] = pd.to_numeric(frame[how["field"]], errors="coerce").astype(float)
    frame.loc[place, how["field"]] += quantity * _each(work)
    layers = frozen({**study.layers, how["layer"]: replace(data, frame=frame)})
    then = remembered(gaps, replace(study, layers=layers, travels={}), binding)
    rows = measure_by(then, binding.indicator, **dict(binding.arguments)).set_index("village_id")
    return closed(gaps, criterion, ids, measured=rows.loc[list(ids)].reset_index(drop=True))


def _offer(made, gaps, work, needs):
    """Options for every facility: as much as all who need it take, and less for whom less is enough."""
    places = places_to(gaps, work)
    for place, wanted in sorted(needs.items()):
        point = places.geometry[place]
        village = nearest_village(gaps.review.study.villages, np.array([point]))[0]
        largest = max(wanted.values())
        for quantity in sorted(set(wanted.values())):
            option = gaps.priced(work, village, quantity)
            if option is None:
                break
            id_ = f"{work.id}@{place}" + ("" if quantity == largest else f":{quantity:g}")
            edits = place_edit(gaps, work, id_, point, quantity, place)
            closes = sorted(gap for gap, least in wanted.items() if least <= quantity)
            made.add(id_, {**option, "place": place, "geometry": point}, edits, closes)
