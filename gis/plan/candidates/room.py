"""Room for those who find none: facilities that are there made larger, by the least that gives a village its places."""

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from gis.indicators.room import ONE
from gis.measure import measure_by
from gis.plan.candidates.base import Made, least_steps, maker
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
    for place, villages in _tried(gaps, places, rows, farthest_m(gaps, binding, rows)).items():
        ids = np.array(sorted(villages), dtype=object)
        most = np.full(len(ids), _most(gaps, work))
        guess = np.ceil(missing.loc[ids].to_numpy()).astype(int)

        def meets(at, steps, place=place, ids=ids):
            # of several sizes one is measured at a time: each is another facility
            done = np.zeros(len(at), dtype=bool)
            for size in np.unique(steps):
                mine = steps == size
                quantity = float(size * work.step)
                done[mine] = _met(gaps, work, criterion, place, quantity, ids[at[mine]])
            return done

        steps = least_steps(meets, most, guess)
        wanted = {
            (village, criterion.id): round(float(number * work.step), 6)
            for village, number in zip(ids, steps, strict=True)
            if number > 0
        }
        if wanted:
            found[place] = wanted
    return found


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


def _most(gaps, work):
    """Steps by which a facility holds all who want a place."""
    people = gaps.review.study.villages["population"].fillna(0).sum()
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
