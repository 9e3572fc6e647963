"""Causes that can be pointed at on the map: a facility out of its place, a gap in a road."""

import numpy as np
import pandas as pd
import shapely

from gis.comparing import Limits, compare
from gis.disagreements.kinds import CONTRADICTIONS
from gis.indicators.access import maybe_of_kind, of_kind
from gis.indicators.borders import outside_by
from gis.registry import INDICATORS
from gis.roadgaps import close_gaps, find_gaps, first_gaps
from gis.study import Tolerance
from gis.trivalent import WORDS, negate

OUTSIDE_M = 500.0
"""A facility this near outside the border may well be the one that the sheet speaks of."""


def _criteria_of(study, rows, claimed, *indicators):
    """Criteria measured by one of some indicators, each with the rows that claim more than the map shows."""
    for criterion in study.criteria.criteria:
        if criterion.measured and criterion.measured.indicator in indicators:
            chosen = rows[(rows["criterion"] == criterion.id) & claimed]
            if len(chosen):
                yield criterion, chosen


def no_places():
    columns = ["place_id", "place_name", "away_m", "x", "y"]
    return pd.DataFrame(
        {name: pd.Series(dtype=object if name.startswith("place") else float) for name in columns}
    )


def _facilities(study, criterion, rule):
    arguments = dict(criterion.measured.arguments)
    layer = study.layers.get(arguments.get("facilities", "facilities"))
    return None if layer is None else rule(layer.frame, arguments.get("kind"))


def _placed(rows, chosen, position, away):
    shapes = chosen.geometry.to_numpy()[position]
    names = chosen["name"].to_numpy()[position] if "name" in chosen else [None] * len(position)
    return pd.DataFrame(
        {
            "place_id": chosen.index.to_numpy()[position],
            "place_name": names,
            "away_m": away,
            "x": shapely.get_x(shapes),
            "y": shapely.get_y(shapes),
        },
        index=rows.index,
    )


def outside(study, rows, claimed):
    """Facilities that lie just outside the village in which the sheet claims one."""
    found = [no_places()]
    for criterion, chosen in _criteria_of(study, rows, claimed, "present_inside"):
        facilities = _facilities(study, criterion, maybe_of_kind)
        if facilities is None or facilities.empty:
            continue
        villages = study.villages.loc[chosen["village_id"]]
        near = outside_by(villages, facilities)
        just = ((near["away_m"] > 0) & (near["away_m"] <= OUTSIDE_M)).to_numpy()
        position = near["position"].to_numpy()[just]
        found.append(_placed(chosen[just], facilities, position, near["away_m"].to_numpy()[just]))
    return pd.concat(found)


def misplaced(study, rows, claimed):
    """Facilities that their layer gives to the village's commune and that lie outside its outline."""
    found = [no_places()]
    outlines = study.communes.geometry
    for criterion, chosen in _criteria_of(
        study,
        rows,
        claimed,
        "present_inside",
        "nearest_distance",
        "walking_time",
        "network_distance",
        "travel_time",
    ):
        facilities = _facilities(study, criterion, of_kind)
        if facilities is None or facilities.empty or "commune_id" not in facilities:
            continue
        facilities = facilities.sort_index()
        home = outlines.reindex(facilities["commune_id"]).to_numpy()
        away = shapely.distance(facilities.geometry.to_numpy(), home)
        lost = pd.DataFrame({"position": np.arange(len(facilities)), "away": away})
        lost = lost[away > Tolerance.of(study).position_m]
        lost["commune"] = facilities["commune_id"].to_numpy()[lost["position"]]
        first = lost.drop_duplicates("commune").set_index("commune")
        communes = chosen["village_id"].map(study.villages["commune_id"])
        touched = communes.isin(first.index)
        told = first.loc[communes[touched]]
        found.append(
            _placed(chosen[touched], facilities, told["position"].to_numpy(), told["away"].to_numpy())
        )
    return pd.concat(found)


def road_gaps(study, rows, claimed):
    """Gaps in the roads whose closing would make the map agree with the sheet: the first one on each village's way."""
    found, roads = [no_places()], study.layers.get("roads")
    cut = claimed & rows["kind"].isin(CONTRADICTIONS)
    if roads is None or roads.frame is None:
        return found[0]
    known = {}
    for criterion, chosen in _criteria_of(study, rows, cut, "network_distance", "all_season_link"):
        by_season = criterion.measured.indicator == "all_season_link"
        if by_season not in known:
            known[by_season] = _closed(roads.frame, by_season)
        asked, gaps, closed = known[by_season]
        if gaps.empty:
            continue
        status, ends = _measured_again(study, criterion, chosen["village_id"], closed)
        settled = (status == chosen["reported_status"].to_numpy()) & ~shapely.is_missing(ends)
        chosen = chosen[settled]
        starts = study.villages["point"].reindex(chosen["village_id"]).to_numpy()
        at = first_gaps(
            asked,
            gaps,
            shapely.get_coordinates(starts),
            shapely.get_coordinates(ends[settled]),
            max_leg_m=1000 * _max_leg_km(criterion),
        )
        # where they were joined all along a gap only shortens the way: then the one nearest to the village
        spots = shapely.STRtree(shapely.points(gaps[["x", "y"]].to_numpy(dtype=float)))
        nearest = spots.query_nearest(starts, all_matches=False)[1]
        near = gaps.iloc[np.where(at >= 0, at, nearest)]
        found.append(
            pd.DataFrame(
                {
                    "place_id": [f"{x:.0f} {y:.0f}" for x, y in zip(near["x"], near["y"], strict=True)],
                    "place_name": None,
                    **{name: near[name].to_numpy() for name in ("away_m", "x", "y")},
                },
                index=chosen.index,
            )
        )
    return pd.concat(found)


def _closed(roads, by_season):
    """The roads that are asked about, their gaps, and all roads with those gaps closed."""
    asked = roads
    if by_season:
        asked = roads[roads["all_season"] == 1] if "all_season" in roads else roads.iloc[:0]
    gaps = find_gaps(asked)
    return asked, gaps, close_gaps(roads, gaps)


def _max_leg_km(criterion):
    options = INDICATORS[criterion.measured.indicator].options
    return dict(criterion.measured.arguments).get("max_leg_km", options["max_leg_km"])


def _measured_again(study, criterion, village_ids, roads):
    """The status of some villages by a criterion over other roads, and the place that each then gets to."""
    declared, arguments = INDICATORS[criterion.measured.indicator], dict(criterion.measured.arguments)
    villages = study.villages.loc[village_ids]
    layers = {
        thing: study.layers[arguments.get(thing, thing)].frame
        for thing in declared.things
        if thing not in ("villages", "roads")
    }
    things = {"villages": villages, "roads": roads, **layers}
    options = {name: value for name, value in arguments.items() if name in declared.options}
    measured = declared.function(*(things[name] for name in declared.things), **options)
    value = measured["value"].to_numpy(dtype=float)
    status = compare(
        criterion.compare, value, value, Limits.by_group(criterion, study.groups.reindex(villages.index))
    )
    if "commune_centres" in layers:
        centres = layers["commune_centres"].dropna(subset="commune_id").drop_duplicates("commune_id")
        ends = centres.set_index("commune_id").geometry.reindex(villages["commune_id"])
    else:
        ends = layers["facilities"].geometry.reindex(measured["facility_id"])
    return WORDS[negate(status) if criterion.kind == "trigger" else status], ends.to_numpy()
