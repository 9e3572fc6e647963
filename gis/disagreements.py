"""Where map and sheet do not say the same, and why that is likely: by written rules, nothing hidden.

Nothing is corrected here. Each row keeps both figures, and which of them decides stays with the set.
"""

import numpy as np
import pandas as pd
import shapely

from gis.comparing import Limits, compare
from gis.indicators.access import maybe_of_kind, of_kind
from gis.indicators.borders import outside_by
from gis.registry import INDICATORS
from gis.roadgaps import close_gaps, find_gaps
from gis.tables import DISAGREEMENTS, conform
from gis.trivalent import WORDS, negate

KINDS = ("claimed-met", "claimed-unmet", "claim-alone", "not-compared")
CONTRADICTIONS = KINDS[:2]
"""Kinds in which both sides tell, and not the same."""

OUTSIDE_M = 500.0
"""A facility this near outside the border may well be the one that the sheet speaks of."""

CAUSES = (
    "claim-impossible",
    "near-threshold",
    "facility-outside",
    "facility-misplaced",
    "road-gap",
    "facility-missing",
    "kind-unknown",
    "beyond-edge",
    "name-weak",
    "extent-approximate",
    "layer-missing",
    "no-place",
    "field-blank",
    "layer-older",
    "claim-older",
    "no-claim",
    "unexplained",
)
"""Every cause, what can be seen on the map itself first, what only may be so last; the first that fits leads."""

BY_DOUBT = {
    "layer-incomplete": "facility-missing",
    "kind-unknown": "kind-unknown",
    "beyond-edge": "beyond-edge",
    "approximate": "extent-approximate",
    "layer-missing": "layer-missing",
    "no-geometry": "no-place",
    "no-centre": "field-blank",
    "not-given": "field-blank",
    "no-people": "field-blank",
    "no-roads": "facility-missing",
    "impossible": "field-blank",
}
"""Why the map cannot tell, as a cause."""


def disagreements(study, measurements, findings):
    """Every finding of which map and sheet do not say the same, or cannot be compared, with its causes.

    Parameters
    ----------
    study : Study
    measurements, findings : DataFrame
        Tables `MEASUREMENTS` and `FINDINGS`; the findings with ``near``.

    Returns
    -------
    DataFrame
        Table `DISAGREEMENTS`, sorted as the findings are. Only criteria that the set measures and asks for
        in the sheet; see `not_measured` for the others.
    """
    both = {one.id for one in study.criteria.criteria if one.measured and one.reported}
    rows = findings[findings["criterion"].isin(both) & (findings["status"] != "exempt")]
    rows = rows.assign(kind=_kind(rows))
    rows = rows[rows["kind"].notna()].reset_index(drop=True)
    sides = _sides(study, measurements, rows)
    fits, places = _fitting(study, rows, sides)
    first = np.argmax(fits.to_numpy(), axis=1) if len(rows) else np.zeros(0, dtype=int)
    names = np.array(CAUSES, dtype=object)
    rows = rows.assign(
        year=study.year or 0,
        cause=names[first],
        causes=[" ".join(names[row]) for row in fits.to_numpy()],
        record=sides["record"].to_numpy(),
        layer=sides["layer"].to_numpy(),
        **_place_of_first(rows, names[first], places),
    )
    return conform(rows[[name for name in DISAGREEMENTS if name in rows]], DISAGREEMENTS)


def not_measured(criteria):
    """Criteria of a set that only the sheet answers: no map can contradict what is claimed by them."""
    return tuple(one for one in criteria.criteria if one.reported and not one.measured)


def count_causes(table):
    """For each cause how many rows and villages it touches, and of how many rows it is the first; most first.

    Parameters
    ----------
    table : DataFrame
        Table `DISAGREEMENTS`.

    Returns
    -------
    DataFrame
        Columns ``cause``, ``villages``, ``rows``, ``first``.
    """
    each = table.assign(each=table["causes"].str.split(" ")).explode("each")
    counted = each.groupby("each").agg(villages=("village_id", "nunique"), rows=("village_id", "size"))
    counted["first"] = table["cause"].value_counts().reindex(counted.index, fill_value=0)
    counted = counted.rename_axis("cause").reset_index()
    counted["_order"] = counted["cause"].map(CAUSES.index)
    return (
        counted.sort_values(["first", "rows", "_order"], ascending=[False, False, True])
        .drop(columns="_order")
        .reset_index(drop=True)
    )


def _kind(findings):
    on_map, on_sheet = findings["measured_status"], findings["reported_status"]
    told = on_sheet.isin(["met", "unmet"])
    seen = on_map.isin(["met", "unmet"])
    return np.select(
        [told & seen & (on_map != on_sheet) & (on_sheet == "met"), told & seen & (on_map != on_sheet),
         told & ~seen, ~told],
        KINDS,
        None,
    )  # fmt: skip


def _sides(study, measurements, rows):
    """Of each row why each side has no value, the layer behind the measurement and the record of the claim."""
    bindings = {one.id: one for one in study.criteria.criteria}
    found = []
    for source, columns in (("measured", ["doubt", "layer"]), ("reported", ["doubt", "record", "value"])):
        names = {name: getattr(one, source).measure for name, one in bindings.items() if getattr(one, source)}
        measure = rows["criterion"].map(names)
        keys = pd.DataFrame({"village_id": rows["village_id"], "measure": measure}, dtype=object)
        of_source = measurements.loc[
            measurements["source"] == source, ["village_id", "measure", *columns]
        ].rename(columns={"doubt": f"{source}_doubt"})
        found.append(
            keys.merge(of_source, how="left", on=["village_id", "measure"]).drop(
                columns=["village_id", "measure"]
            )
        )
    return pd.concat(found, axis=1)


def _fitting(study, rows, sides):
    """A table of the causes (columns) that fit each row, and the places that the spatial ones are about."""
    index = rows.index
    fits = pd.DataFrame(False, index=index, columns=list(CAUSES))
    compared = rows["kind"].isin(CONTRADICTIONS)
    claimed = _claims_more(rows)
    fits["claim-impossible"] = _impossible(study, rows, sides)
    fits["no-claim"] = (rows["kind"] == "not-compared") & ~fits["claim-impossible"]
    fits["near-threshold"] = compared & rows["near"]
    fits["name-weak"] = (rows["kind"] != "not-compared") & rows["village_id"].isin(study.weak_names)
    cause = sides["measured_doubt"].map(BY_DOUBT).where(rows["kind"] != "not-compared")
    for code in set(BY_DOUBT.values()):
        fits[code] |= (cause == code) & (rows["measured_status"] == "unknown")
    # where the measured status stands although the layer lacks things, they may still be what the sheet means
    fits["facility-missing"] |= claimed & _may_lack(study, rows, sides)
    fits["extent-approximate"] |= compared & rows["village_id"].map(study.villages["approximate"]).astype(
        bool
    )
    older, newer = _apart(study, sides)
    fits["layer-older"], fits["claim-older"] = compared & older, compared & newer
    places = {}
    for code, find in (
        ("facility-outside", _outside), ("facility-misplaced", _misplaced), ("road-gap", _gaps)
    ):  # fmt: skip
        place = find(study, rows, claimed)
        places[code] = place
        fits.loc[place.index, code] = True
    fits["unexplained"] = ~fits.drop(columns="unexplained").any(axis=1)
    return fits, places


def _claims_more(rows):
    """Whether the sheet claims a thing that is nearer, or more of it, than the map shows or can tell."""
    told, seen = rows["reported"], rows["measured"]
    nearer = rows["unit"].isin(["km", "min"])
    more = np.where(nearer, told < seen, told > seen)
    some = np.where(nearer, np.isfinite(told), told > 0)
    return pd.Series(np.where(seen.isna() | (rows["measured_status"] == "unknown"), some, more), rows.index)


def _impossible(study, rows, sides):
    """Whether the sheet claims what cannot be: below zero, a share over 100, more of a thing than there is."""
    value, unit = rows["reported"], rows["unit"]
    wrong = (value < 0) | ((unit == "%") & (value > 100))
    return (wrong | (sides["reported_doubt"] == "impossible")).to_numpy()


def _may_lack(study, rows, sides):
    """Whether the layer behind each measurement is there and not known to be complete in the village's commune."""
    communes = rows["village_id"].map(study.villages["commune_id"])
    layers = {name: study.layers.get(name) for name in set(sides["layer"].dropna())}
    return np.array(
        [
            layers.get(name) is not None and layers[name].completeness(commune) != "yes"
            for name, commune in zip(sides["layer"], communes, strict=True)
        ],
        dtype=bool,
    )


def _apart(study, sides):
    """Whether the layer is older than the assessment, or the other way round, by more than the tolerance."""
    years = {
        name: pd.to_numeric(str(data.as_of or "")[:4], errors="coerce") for name, data in study.layers.items()
    }
    ahead = sides["layer"].map(years).astype(float) - (study.year if study.year is not None else np.nan)
    most = study.parameters.get("tolerance_date_years", 1.0)
    return ahead < -most, ahead > most


def _criteria_of(study, rows, claimed, *indicators):
    """Criteria measured by one of some indicators, each with the rows that claim more than the map shows."""
    for criterion in study.criteria.criteria:
        if criterion.measured and criterion.measured.indicator in indicators:
            chosen = rows[(rows["criterion"] == criterion.id) & claimed]
            if len(chosen):
                yield criterion, chosen


def _no_places():
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


def _outside(study, rows, claimed):
    """Facilities that lie just outside the village in which the sheet claims one."""
    found = [_no_places()]
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


def _misplaced(study, rows, claimed):
    """Facilities that their layer gives to the village's commune and that lie outside its outline."""
    found = [_no_places()]
    outlines = study.communes.geometry
    for criterion, chosen in _criteria_of(
        study, rows, claimed, "present_inside", "nearest_distance", "walking_time", "network_distance"
    ):
        facilities = _facilities(study, criterion, of_kind)
        if facilities is None or facilities.empty or "commune_id" not in facilities:
            continue
        facilities = facilities.sort_index()
        home = outlines.reindex(facilities["commune_id"]).to_numpy()
        away = shapely.distance(facilities.geometry.to_numpy(), home)
        lost = pd.DataFrame({"position": np.arange(len(facilities)), "away": away})
        lost = lost[away > study.parameters.get("tolerance_position_m", 50.0)]
        lost["commune"] = facilities["commune_id"].to_numpy()[lost["position"]]
        first = lost.drop_duplicates("commune").set_index("commune")
        communes = chosen["village_id"].map(study.villages["commune_id"])
        touched = communes.isin(first.index)
        told = first.loc[communes[touched]]
        found.append(
            _placed(chosen[touched], facilities, told["position"].to_numpy(), told["away"].to_numpy())
        )
    return pd.concat(found)


def _gaps(study, rows, claimed):
    """Gaps in the roads whose closing would make the map agree with the sheet; each village with its nearest."""
    found, roads = [_no_places()], study.layers.get("roads")
    cut = claimed & rows["kind"].isin(CONTRADICTIONS)
    if roads is None or roads.frame is None:
        return found[0]
    known = {}
    for criterion, chosen in _criteria_of(study, rows, cut, "network_distance", "all_season_link"):
        by_season = criterion.measured.indicator == "all_season_link"
        if by_season not in known:
            known[by_season] = _closed(roads.frame, by_season)
        gaps, closed = known[by_season]
        if gaps.empty:
            continue
        status = _measured_again(study, criterion, chosen["village_id"], closed)
        chosen = chosen[status == chosen["reported_status"].to_numpy()]
        points = study.villages["point"].reindex(chosen["village_id"]).to_numpy()
        spots = shapely.points(gaps[["x", "y"]].to_numpy(dtype=float))
        at = shapely.STRtree(spots).query_nearest(points, all_matches=False)[1]
        near = gaps.iloc[at]
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
    """The gaps of the roads that are asked about, and all roads with those gaps closed."""
    asked = roads
    if by_season:
        asked = roads[roads["all_season"] == 1] if "all_season" in roads else roads.iloc[:0]
    gaps = find_gaps(asked)
    return gaps, close_gaps(roads, gaps)


def _measured_again(study, criterion, village_ids, roads):
    """The status of some villages by a criterion over other roads."""
    declared, arguments = INDICATORS[criterion.measured.indicator], dict(criterion.measured.arguments)
    villages = study.villages.loc[village_ids]
    things = {
        "villages": villages,
        "roads": roads,
        **{
            thing: study.layers[arguments.get(thing, thing)].frame
            for thing in declared.things
            if thing not in ("villages", "roads")
        },
    }
    options = {name: value for name, value in arguments.items() if name in declared.options}
    value = declared.function(*(things[name] for name in declared.things), **options)["value"].to_numpy(float)
    status, _ = compare(
        criterion.compare, value, value, Limits.of(criterion, study.groups.reindex(villages.index))
    )
    return WORDS[negate(status) if criterion.kind == "trigger" else status]


def _place_of_first(rows, cause, places):
    """The place of the first cause of each row, where it has one."""
    told = _no_places().reindex(rows.index)
    for code, place in places.items():
        leading = place.index[cause[place.index] == code]
        told.loc[leading] = place.loc[leading]
    return {name: told[name].to_numpy() for name in told}
