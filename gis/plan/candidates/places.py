"""Works that stand at a place: what is built or repaired there, and every gap of every village that it closes."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.plan.candidates.base import Made, maker
from gis.plan.candidates.closing import closed, fields_of, own_reports, report_edits, reported_after
from gis.plan.candidates.effects import (
    ALONE,
    BY_PLACE,
    bound_layer,
    farthest_m,
    is_asked_for,
    limit_min,
    with_more,
)
from gis.plan.candidates.sites import BY_ROAD, layer_of, near, place_edit, places_to
from gis.plan.candidates.villages import nearest_village, pairs_near, spread_out

MOST_SITES = 160
"""So many places are tried where each takes long to measure; those left without a place near them are tried besides."""
BESIDE_M = 200.0
"""A settlement that is nearer than this to the point of its village is no other place."""


@dataclass(frozen=True)
class Asked:
    """A criterion with gaps that a work may close, its gaps, and which of its two sides the work changes."""

    criterion: object
    rows: pd.DataFrame
    on_map: bool
    on_sheet: bool


@maker
def pieces(gaps):
    """One piece of what is built or repaired at a place, for all whom it serves."""
    made = Made()
    for work in gaps.interventions.values():
        if work.unit != "piece" or (work.works or {}).get("layer") in BY_ROAD:
            continue
        if work.works is not None and work.works["does"] not in ("build", "repair"):
            continue
        asked = _asked(gaps, work)
        if asked:
            sites = _sites(gaps, work, asked)
            _offer(made, gaps, work, sites, _closes(gaps, work, sites, asked))
    return made


def _asked(gaps, work):
    fields = {each["field"] for each in own_reports(gaps, work)}
    there = layer_of(gaps, work) is not None
    found = []
    for criterion, rows in gaps.by_criterion:
        reads = fields_of(criterion.reported) if criterion.reported else set()
        on_map = there and criterion.measured is not None and _on_map(work, criterion.measured)
        # what a sheet decides no map changes
        on_map = on_map and criterion.decides != "reported"
        if on_map or fields & reads:
            found.append(Asked(criterion, rows, on_map, bool(fields & reads)))
    return found


def _on_map(work, binding):
    fits = binding.indicator in BY_PLACE and bound_layer(binding) == work.works["layer"]
    return fits and (work.works["does"] == "repair" or is_asked_for(binding, work.works.get("kind")))


def _sites(gaps, work, asked):
    """Where the work may be done: ``village`` that it lies in, ``place`` that is there, ``geometry``; columns of the layer."""
    study = gaps.review.study
    if work.works is not None and work.works["does"] == "repair":
        return _broken(gaps, work, study)
    wanted = sorted({village for one in asked for village in one.rows["village_id"]})
    points = [gaps.facts[village][2] for village in wanted]
    sites = gpd.GeoDataFrame(
        {"village": wanted, "place": None, "settlement": None}, geometry=points, crs=study.villages.crs
    )
    far = [one for one in asked if one.on_map and farthest_m(gaps, one.criterion.measured, one.rows) > 0]
    if far or work.serves:
        sites = pd.concat([sites, _settlements(study, wanted, sites)], ignore_index=True)
    return sites


def _broken(gaps, work, study):
    places = places_to(gaps, work)
    if places is None or not len(places):
        return None
    owner = nearest_village(study.villages, places.geometry.to_numpy())
    sites = places.assign(village=owner, place=places.index, settlement=None)
    return sites[sites["village"].notna()].reset_index(drop=True)


def _settlements(study, wanted, sites):
    """Places where people live beside the points of the villages."""
    data = study.layers.get("settlements")
    empty = sites.iloc[:0]
    if data is None or data.frame is None or not len(data.frame):
        return empty
    frame = data.frame[shapely.get_type_id(data.frame.geometry.to_numpy()) == 0].sort_index()
    owner = nearest_village(study.villages, frame.geometry.to_numpy())
    points = study.villages["point"].reindex(owner).to_numpy()
    other = shapely.distance(points, frame.geometry.to_numpy()) > BESIDE_M
    chosen = other & np.isin(owner.astype(str), wanted)
    return gpd.GeoDataFrame(
        {"village": owner[chosen], "place": None, "settlement": frame.index.to_numpy()[chosen]},
        geometry=frame.geometry.to_numpy()[chosen],
        crs=frame.crs,
    )


def _closes(gaps, work, sites, asked):
    """For each site the gaps that close, as a list of sets of village and criterion."""
    if sites is None:
        return []
    found = [set() for _ in range(len(sites))]
    served = _served(gaps, work, sites, asked)
    for one in asked:
        if one.on_map:
            _close_on_map(gaps, work, sites, one, served, found)
        elif one.on_sheet:
            pairs = served[served["village"].isin(one.rows["village_id"])]
            _close(gaps, work, one, pairs, None, pairs["village"].notna(), found)
    return found


def _served(gaps, work, sites, asked):
    """Whose sheets change by each site: ``site`` and ``village``."""
    own = pd.DataFrame({"site": np.arange(len(sites)), "village": sites["village"].to_numpy()})
    if not work.serves:
        return own
    wanted = sorted({village for one in asked if one.on_sheet for village in one.rows["village_id"]})
    rows = [(at, v) for at, members in near(gaps, work, sites.geometry.to_list(), wanted) for v in members]
    both = pd.concat([own, pd.DataFrame(rows, columns=["site", "village"])])
    return both.drop_duplicates().sort_values(["site", "village"], ignore_index=True)


def _close_on_map(gaps, work, sites, one, served, found):
    binding, ids = one.criterion.measured, one.rows["village_id"].to_numpy()
    usable = ~shapely.is_missing(sites.geometry.to_numpy())
    if work.works["does"] == "repair":
        usable &= np.array([is_asked_for(binding, kind) for kind in sites["kind"]], dtype=bool)
    some = np.flatnonzero(usable)
    tried = some
    if binding.indicator not in ALONE or binding.indicator == "travel_time":
        tried = some[spread_out(shapely.get_coordinates(sites.geometry.to_numpy()[some]), MOST_SITES)]
    left = set(ids)
    for batch in (tried, None):
        if batch is None:
            # those whom no site closes are tried at their own point too
            own = sites["village"].isin(left).to_numpy() & sites["settlement"].isna().to_numpy()
            batch = np.setdiff1d(some[own[some]], tried)
        if not len(batch):
            continue
        pairs = pairs_near(gaps, sites.iloc[batch], ids, farthest_m(gaps, binding, one.rows))
        pairs["site"] = batch[pairs["site"]]
        if not len(pairs):
            continue
        placed = _placed(work, sites)
        measured = with_more(gaps, binding, placed, pairs, limit_min(binding, one.rows))
        key = pd.MultiIndex.from_frame(served)
        changed = (
            pd.MultiIndex.from_frame(pairs[["site", "village"]]).isin(key)
            if one.on_sheet
            else np.zeros(len(pairs), bool)
        )
        left -= _close(gaps, work, one, pairs, measured, changed, found)


def _placed(work, sites):
    """The sites as facilities that the work makes there."""
    how = work.works
    made = sites.drop(columns=["village", "place", "settlement"])
    if how["does"] == "build":
        made = made.assign(kind=how.get("kind"))
        if np.isfinite(work.places):
            made[how.get("field", "capacity")] = work.places
    return made.assign(**how.get("set", {}))


def _close(gaps, work, one, pairs, measured, changed, found):
    """Add to `found` the gaps of a criterion that close in pairs of site and village; whose they are."""
    ids = pairs["village"].to_numpy()
    changed = np.asarray(changed, dtype=bool)
    reported = None
    if one.criterion.reported is not None and changed.any():
        reported = gaps.sheet.loc[list(ids)].reset_index(drop=True)
        after = reported_after(gaps, work, ids, 1.0)
        reported = after.where(pd.Series(changed), reported.reindex(columns=after.columns))
    done = (
        closed(gaps, one.criterion, ids, measured=measured, reported=reported)
        if len(ids)
        else np.zeros(0, bool)
    )
    for site, village in zip(pairs["site"].to_numpy()[done], ids[done], strict=True):
        found[site].add((village, one.criterion.id))
    return set(ids[done])


def _offer(made, gaps, work, sites, found):
    """An option for every site that no other of its commune does better."""
    rows = []
    for at, closes in enumerate(found):
        village = sites["village"].iloc[at]
        option = gaps.priced(work, village, 1.0) if closes else None
        if option is not None:
            rows.append((at, closes, option))
    for at, closes, option in _undominated(rows):
        site = sites.iloc[at]
        place = site["place"]
        id_ = f"{work.id}@{option['village_id'] if place is None else place}"
        if site["settlement"] is not None:
            id_ += f"~{site['settlement']}"
        point = site.geometry
        edits = [
            edit
            for village in _sheets_of(work, sites, at, closes)
            for edit in report_edits(gaps, work, village, 1.0)
        ]
        edits += place_edit(gaps, work, id_, point, 1.0, place)
        made.add(id_, {**option, "place": place, "geometry": point}, edits, sorted(closes))


def _sheets_of(work, sites, at, closes):
    """The village that the site lies in, and all whom it serves."""
    own = {sites["village"].iloc[at]}
    return sorted(own | ({village for village, _ in closes} if work.serves else set()))


def _undominated(rows):
    """Those of which none in the same commune costs no more and closes all the same."""
    by_gap = {}
    for row in rows:
        for each in row[1]:
            by_gap.setdefault((row[2]["commune_id"], each), []).append(row)
    kept = []
    for at, closes, option in rows:
        rarest = min((by_gap[option["commune_id"], each] for each in closes), key=len)
        if not any(
            other[0] != at
            and closes <= other[1]
            and other[2]["cost"] <= option["cost"]
            and (len(closes) < len(other[1]) or other[2]["cost"] < option["cost"] or other[0] < at)
            for other in rarest
        ):
            kept.append((at, closes, option))
    return kept
