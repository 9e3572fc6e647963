"""What a village's road to the centre of its commune lacks to be open all year."""

import numpy as np
import shapely

from gis.indicators.access import centres_of
from gis.plan.candidates.roads_works import Demand
from gis.roadlinks import missing_stretches
from gis.roadspeeds import season_state

RIVAL = 1.5
"""A second way is offered where it costs less than so many times the first."""
LEG_KM = 0.3
"""How far village and centre may be from the road, where the criterion does not measure it."""


def link_demands(works):
    """What the links that villages lack need of roads.

    Parameters
    ----------
    works : RoadWorks

    Returns
    -------
    demands : list of Demand
    cut_off : list of (str, str, float)
        Village, criterion and how far either end may be from a road, km, where no road at all joins the two.
    """
    demands, cut_off = [], []
    centres = works.study.layers.get("commune_centres")
    if centres is None or centres.frame is None or "commune_id" not in centres.frame:
        return demands, cut_off
    for leg_km, gaps in sorted(_gaps(works).items()):
        villages = sorted({village for village, _ in gaps})
        frame = works.study.villages.loc[villages]
        there = centres_of(centres.frame, frame)
        here = frame["point"].to_numpy()
        known = ~shapely.is_missing(there) & ~shapely.is_missing(here)
        names = frame.index[known]
        stretches, joined = missing_stretches(
            works.roads,
            shapely.get_coordinates(here[known]),
            shapely.get_coordinates(there[known]),
            max_leg_m=1000 * leg_km,
            price=lambda network: price_of(works, network),
            rival=RIVAL,
        )
        wanted = {}
        for row, way, road, begin, end in stretches.itertuples(index=False):
            wanted.setdefault((names[row], way), []).append((road, begin, end))
        apart = set(names[~joined])
        for village, criterion in gaps:
            demands += [
                Demand(village, criterion, way, wanted[village, way]) for way in (0, 1) if (village, way) in wanted
            ]
            if village in apart:
                cut_off.append((village, criterion, leg_km))
    return demands, cut_off


def price_of(works, network):
    """What it takes to open each edge of the roads, in metres of the cheapest work; a ford on it takes its bridge."""
    _, per_m = works.opening
    least = per_m[np.isfinite(per_m)].min(initial=np.inf)
    price = network.length_m * (per_m[network.row] / least if np.isfinite(least) else np.inf)
    fords = works.fords
    if len(fords) and len(price):
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
    linked = {
        each["field"]
        for work in works.gaps.interventions.values()
        for each in work.reports
        if each.get("once") == "linked"
    }
    # where nobody recorded which roads are open all year there is nothing to go by
    recorded = season_state(works.roads).notna().any()
    found = {}
    for criterion, rows in works.gaps.by_criterion:
        measured, reported = criterion.measured, criterion.reported
        if measured is not None and measured.indicator == "all_season_link":
            leg_km = float(dict(measured.arguments).get("max_leg_km", LEG_KM))
        elif reported is not None and dict(reported.arguments).get("field") in linked and recorded:
            leg_km = LEG_KM
        else:
            continue
        found.setdefault(leg_km, []).extend((village, criterion.id) for village in rows["village_id"])
    return found
