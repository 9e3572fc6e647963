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

        steps = least_steps(meets, _most_steps(gaps, work, ids))
        for village, number in zip(ids, steps, strict=True):
            if number > 0:
                needs.setdefault(village, {})[criterion.id] = round(float(number * work.step), 6)
    if work.unit == "piece":
        # one piece is made where it stands; see `places`
        needs = {v: {c: q for c, q in wanted.items() if q > 1} for v, wanted in needs.items()}
    return {village: wanted for village, wanted in sorted(needs.items()) if wanted}


def _most_steps(gaps, work, ids):
    """How many steps of a work there is anything left for."""
    sheet, most = gaps.sheet.loc[list(ids)], np.zeros(len(ids))
    for each in own_reports(gaps, work):
        old = numbers(sheet, each["field"]).to_numpy()
        if "whole" in each:
            most = np.fmax(most, numbers(sheet, each["whole"]).to_numpy() - old)
        elif "less" in each:
            most = np.fmax(most, old / each["less"])
    return np.clip(np.ceil(np.nan_to_num(most) / work.step - 1e-9), 0, MOST_STEPS).astype(int)


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
    villages = list(needs)
    for at, members in near(gaps, work, places.geometry.to_list(), villages):
        place = places.index[at]
        # a place that does not work is repaired once, for all; one that does is extended as far as is wanted
        shares = [members] if work.works["does"] == "repair" else [[village] for village in members]
        for share in shares:
            quantity = round(sum(max(needs[village].values()) for village in share), 6)
            option = gaps.priced(work, share[0], quantity) if share else None
            if option is None:
                continue
            whose = place if len(shares) == 1 and work.works["does"] == "repair" else f"{share[0]}~{place}"
            option |= {"place": place, "geometry": places.geometry.iloc[at]}
            _shared(made, gaps, work, whose, option, needs, share)
