"""The way to the place that decided a finding, part by part."""

import shapely

from gis.ground import travel_of
from gis.indicators.access import of_kind
from gis.reaching.services import going, places_of
from gis.reaching.ways import points_of

SEASONS_OF = {"travel_time": (), "cut_off_in_rains": ("wet", "dry")}
"""Indicators that go over the ground, and in which seasons in turn where the set does not say one."""


def decided_way(study, criterion, finding):
    """The parts of the way from a village to the place by which one of its findings was decided.

    Parameters
    ----------
    study : Study
    criterion : Criterion
        Of the study's set.
    finding : Mapping
        The village's row of the findings by that criterion; ``layer`` and ``facility_id`` name the place.

    Returns
    -------
    list of (how, minutes, metres, LineString)
        In order from the village on, ``how`` "walk" or the means of travel. One part "straight", its minutes None,
        where the finding does not rest on a way over the ground, or that way leads to another place by now.
        Empty where the village or the place has no position.
    """
    layer = study.layers.get(finding["layer"])
    if layer is None or layer.frame is None or finding["facility_id"] not in layer.frame.index:
        return []
    here = points_of(study.villages.loc[[finding["village_id"]]])
    there = layer.frame.geometry[finding["facility_id"]]
    if there is None or there.is_empty or (here != here).any():
        return []
    parts = _over_ground(study, criterion.measured, layer, finding["facility_id"], here)
    if parts:
        return parts
    spot = shapely.Point(here[0])
    line = shapely.shortest_line(spot, there)
    return [("straight", None, line.length, line)]


def place_of(study, finding):
    """The geometry of the place that decided a finding."""
    return study.layers[finding["layer"]].frame.geometry[finding["facility_id"]]


def _over_ground(study, binding, layer, facility_id, here):
    if binding is None or binding.indicator not in SEASONS_OF:
        return []
    bound = dict(binding.arguments)
    facilities = of_kind(layer.frame, bound.get("kind")).sort_index()
    mode = bound.get("mode", "walk")
    how = {name: bound[name] for name in ("walk_kmh", "off_path_pct") if name in bound}
    if "max_min" in bound:
        how["limit_min"] = bound["max_min"]
    for season in SEASONS_OF[binding.indicator] or (bound.get("season", "dry"),):
        asked = going(study, mode=mode, season=season) | how
        legs = travel_of(study).reach(places_of(facilities), **asked).legs(here)
        if not len(legs):
            continue
        if facilities.index[legs["place"].iloc[0]] != facility_id:
            return []
        columns = zip(legs["how"], legs["minutes"], legs["metres"], legs["line"], strict=True)
        return [(mode if how == "ride" else how, float(minutes), float(metres), line)
                for how, minutes, metres, line in columns]  # fmt: skip
    return []
