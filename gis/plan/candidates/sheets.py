"""Works for what a village reports: the least of something in the village itself at which its finding is met."""

import numpy as np

from gis.plan.candidates.base import Made, least_steps, maker
from gis.plan.candidates.closing import closed, fields_of, numbers, own_reports, report_edits, reported_after
from gis.plan.candidates.roads_shares import locate
from gis.plan.candidates.sites import near, place_edit, places_to

MOST_STEPS = 10_000
"""So much of a work is never tried in one village."""
TOGETHER = (2, 4)
"""So many neighbours share one work."""


@maker
def quantities(gaps):
    """As much of a work as a village needs, by itself or together with its neighbours."""
    made = Made()
    for work in gaps.interventions.values():
        needs = _needs(gaps, work)
        if not needs:
            continue
        if work.needs_place:
            _at_places(made, gaps, work, needs)
            continue
        for village, wanted in needs.items():
            _alone(made, gaps, work, village, wanted)
        if work.serves:
            _together(made, gaps, work, needs)
    return made


def _needs(gaps, work):
    """How much of a work each village needs for each of its gaps that it closes: by village, then criterion."""
    fields = {each["field"] for each in own_reports(gaps, work) if "becomes" not in each}
    needs = {}
    for criterion, rows in gaps.by_criterion if fields else ():
        if criterion.reported is None or not fields & fields_of(criterion.reported):
            continue
        ids = rows["village_id"].to_numpy()

        def meets(at, steps, criterion=criterion, ids=ids):
            after = reported_after(gaps, work, ids[at], steps * work.step)
            return closed(gaps, criterion, ids[at], reported=after)

        left = _steps_left(gaps, work, ids)
        most = np.ceil(left - 1e-9).astype(int)
        steps = least_steps(meets, most, _guess(rows, left))
        for village, number in zip(ids, steps, strict=True):
            if number > 0:
                needs.setdefault(village, {})[criterion.id] = round(float(number * work.step), 6)
    if work.unit == "piece":
        # one piece is made where it stands; see `places`
        needs = {v: {c: q for c, q in wanted.items() if q > 1} for v, wanted in needs.items()}
    return {village: wanted for village, wanted in sorted(needs.items()) if wanted}


def _steps_left(gaps, work, ids):
    """How many steps of a work there is anything left for."""
    sheet, most = gaps.sheet.loc[list(ids)], np.zeros(len(ids))
    for each in own_reports(gaps, work):
        old = numbers(sheet, each["field"]).to_numpy()
        if "whole" in each:
            most = np.fmax(most, numbers(sheet, each["whole"]).to_numpy() - old)
        elif "less" in each:
            most = np.fmax(most, old / each["less"])
    return np.clip(np.nan_to_num(most) / work.step, 0, MOST_STEPS)


def _guess(rows, left):
    """How many steps a share takes if all of them bring it to one of its ends."""
    value, figure = rows["value"].to_numpy(), rows["threshold"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(figure > value, (figure - value) / (100 - value), (value - figure) / value)
    return np.ceil(np.nan_to_num(part, posinf=0.0, neginf=0.0) * left - 1e-6).astype(int)


def _alone(made, gaps, work, village, wanted):
    """A work in one village for all it needs, and smaller ones for what needs less."""
    largest = max(wanted.values())
    for quantity in sorted(set(wanted.values())):
        option = gaps.priced(work, village, quantity)
        if option is None:
            return
        id_ = f"{work.id}@{village}" + ("" if quantity == largest else f":{quantity:g}")
        edits = report_edits(gaps, work, village, quantity)
        # of several pieces nobody knows where they stand
        if work.unit != "piece":
            edits += place_edit(gaps, work, id_, option["geometry"], quantity)
        on_roads, where = locate(gaps, work, village, quantity)
        edits, option = edits + on_roads, option | where
        closes = [(village, criterion) for criterion, least in wanted.items() if least <= quantity]
        made.add(id_, option, edits, closes)


def _together(made, gaps, work, needs):
    """One work for a village and its nearest neighbours that need it too."""
    villages = [village for village in needs if gaps.facts[village][2] is not None]
    found = {}
    for centre, others in near(gaps, work, [gaps.facts[village][2] for village in villages], villages):
        members = list(dict.fromkeys([villages[centre], *others]))
        for count in TOGETHER:
            if len(members) >= count:
                found.setdefault(frozenset(members[:count]), []).append(villages[centre])
    for members, centres in sorted(found.items(), key=lambda each: sorted(each[0])):
        quantity = round(sum(max(needs[village].values()) for village in members), 6)
        options = [gaps.priced(work, centre, quantity) for centre in centres]
        options = [option for option in options if option is not None]
        if not options:
            continue
        option = min(options, key=lambda each: (each["cost"], each["village_id"]))
        rest = sorted(members - {option["village_id"]})
        _shared(made, gaps, work, "+".join([option["village_id"], *rest]), option, needs, members)


def _shared(made, gaps, work, at, option, needs, members):
    id_ = f"{work.id}@{at}"
    edits = [edit for v in sorted(members) for edit in report_edits(gaps, work, v, max(needs[v].values()))]
    edits += place_edit(gaps, work, id_, option["geometry"], option["quantity"], option.get("place"))
    made.add(
        id_, option, edits, [(village, criterion) for village in members for criterion in needs[village]]
    )


def _at_places(made, gaps, work, needs):
    """A work at a place that is there: it can be done where one lies within what it serves."""
    places = places_to(gaps, work)
    if places is None or not len(places):
        return
    villages, nearest = list(needs), {}
    served = [
        (at, members) for at, members in near(gaps, work, places.geometry.to_list(), villages) if members
    ]
    if work.works["does"] == "repair":
        # what does not work is repaired once, for all
        for at, members in served:
            _at(made, gaps, work, needs, members, places.iloc[at])
        return
    # what works is extended for each village as far as it wants, from the place nearest to it
    for at, members in served:
        for village in members:
            away = places.geometry.iloc[at].distance(gaps.facts[village][2])
            nearest[village] = min(nearest.get(village, (away, at)), (away, at))
    for village, (_, at) in sorted(nearest.items()):
        _at(made, gaps, work, needs, [village], places.iloc[at])


def _at(made, gaps, work, needs, members, place):
    quantity = round(sum(max(needs[village].values()) for village in members), 6)
    option = gaps.priced(work, members[0], quantity)
    if option is None:
        return
    option |= {"place": place.name, "geometry": place["geometry"]}
    at = place.name if work.works["does"] == "repair" else f"{members[0]}~{place.name}"
    _shared(made, gaps, work, at, option, needs, members)
