"""What a village's road to the centre of its commune lacks to be open all year."""

import numpy as np
import shapely

from gis.indicators.access import centres_of
from gis.plan.candidates.roads_made import Demand
from gis.plan.candidates.roads_new import opening_roads, with_new
from gis.plan.candidates.roads_works import road_works
from gis.roadlinks import missing_stretches
from gis.roadspeeds import season_state

RIVAL = 1.5
"""A second way is offered where it costs less than so many times the first."""
LEG_KM = 0.3
"""How far village and centre may be from the road, where the criterion does not measure it."""


def link_demands(works):
    """What the links that villages lack need of roads: stretches, and a new road where no road joins the two.

    Parameters
    ----------
    works : RoadWorks

    Returns
    -------
    list of Demand
    """
    centres = works.study.layers.get("commune_centres")
    if centres is None or centres.frame is None or "commune_id" not in centres.frame:
        return []
    demands = []
    for leg_km, gaps in sorted(_gaps(works).items()):
        villages = works.study.villages.loc[sorted({village for village, _ in gaps})]
        pairs = zip(villages["point"], centres_of(centres.frame, villages), strict=True)
        ends = {
            village: pair
            for village, pair in zip(villages.index, pairs, strict=True)
            if not shapely.is_missing(pair).any()
        }
        wanted, apart = _lacking(works, works.roads, ends, 1000 * leg_km)
        new = opening_roads(works, {village: ends[village] for village in apart}, max_leg_m=1000 * leg_km)
        if new:
            roads = with_new(works.roads, [option for options in new.values() for option in options])
            more, _ = _lacking(works, roads, {village: ends[village] for village in new}, 1000 * leg_km)
            wanted |= {(village, 0): more.get((village, 0), []) for village in new}
        demands += [
            Demand(village, criterion, str(way), wanted[village, way], tuple(new.get(village, ())))
            for village, criterion in gaps
            for way in (0, 1)
            if (village, way) in wanted
        ]
    return demands


def link_reason(gaps, village, criterion, measured):
    """Why a link that a village lacks has no option: a code, None where nothing more is known or it is no link.

    Parameters
    ----------
    gaps : Gaps
    village : str
    criterion : Criterion
    measured : str
        Its status on the map.
    """
    if _leg_km(gaps, criterion) is None:
        return None
    works, centres = road_works(gaps), gaps.review.study.layers.get("commune_centres")
    if measured == "met":
        return "options-map-has-road"
    known = (
        works
        and centres is not None
        and centres.frame is not None
        and season_state(works.roads).notna().any()
    )
    return None if known and gaps.facts[village][2] is not None else "options-data-missing"


def _lacking(works, roads, ends, max_leg_m):
    """The stretches that each village's ways lack, by village and way; and the villages that no road joins."""
    names = sorted(ends)
    here, there = (shapely.get_coordinates([ends[name][side] for name in names]) for side in (0, 1))
    stretches, joined = missing_stretches(
        roads, here, there, max_leg_m=max_leg_m, price=lambda network: price_of(works, network), rival=RIVAL
    )
    wanted = {}
    for row, way, road, begin, end in stretches.itertuples(index=False):
        wanted.setdefault((names[row], way), []).append((road, begin, end))
    return wanted, [name for name, there_is in zip(names, joined, strict=True) if not there_is]


def price_of(works, network):
    """What it takes to open each edge of the roads, in metres of the cheapest work; a ford on it takes its bridge."""
    _, per_m = works.opening
    least = per_m[np.isfinite(per_m)].min(initial=np.inf)
    # new roads come after those that are there
    per_m = np.append(per_m / least, np.zeros(network.row.max(initial=-1) + 1))
    price = network.length_m * (per_m[network.row] if np.isfinite(least) else np.inf)
    fords = works.fords
    if len(fords) and np.isfinite(least):
        row = works.roads.index.get_indexer(fords["road"])
        order = np.argsort(network.row, kind="stable")
        for one, x, y in zip(row, fords["x"], fords["y"], strict=True):
            first, last = np.searchsorted(network.row[order], [one, one + 1])
            own = order[first:last]
            if len(own):
                nearest = own[int(np.argmin(shapely.distance(network.segments[own], shapely.Point(x, y))))]
                price[nearest] += works.usual(works.bridging) / least
    return price


def _gaps(works):
    """The gaps that a link closes, as village and criterion, by how far it may be from a road, km."""
    found = {}
    for criterion, rows in works.gaps.by_criterion:
        leg_km = _leg_km(works.gaps, criterion)
        # where nobody recorded which roads are open all year there is nothing to go by
        if leg_km is None or (criterion.measured is None and season_state(works.roads).isna().all()):
            continue
        found.setdefault(leg_km, []).extend((village, criterion.id) for village in rows["village_id"])
    return found


def _leg_km(gaps, criterion):
    """How far both ends may be from the road, for a criterion that a link to the centre closes; None for all others."""
    measured, reported = criterion.measured, criterion.reported
    if measured is not None and measured.indicator == "all_season_link":
        return float(dict(measured.arguments).get("max_leg_km", LEG_KM))
    linked = {
        each["field"]
        for work in gaps.interventions.values()
        for each in work.reports
        if each.get("once") == "linked"
    }
    return LEG_KM if reported is not None and dict(reported.arguments).get("field") in linked else None
