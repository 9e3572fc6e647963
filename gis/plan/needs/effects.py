"""Which gaps a planner's own works close: the study judged again with each, alone or with others of the village."""

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from gis.errors import Problem
from gis.indicators.access import of_kind
from gis.names import fold
from gis.plan.candidates import Gaps
from gis.plan.candidates.closing import report_edits
from gis.plan.candidates.effects import ALONE, BESIDE, bound_layer, farthest_m
from gis.plan.candidates.sites import near, place_edit, places_to
from gis.plan.candidates.villages import without_overlap
from gis.plan.edits import Edit
from gis.plan.options import Options
from gis.plan.pricing import priced_by
from gis.plan.scenario import rejudge
from gis.tables import OPTIONS, WAYS, conform

EDGE_M = 1.0
"""A border is not surveyed more finely."""


def own_options(needs, review, interventions, *, report=None):
    """The planner's own works as options.

    Parameters
    ----------
    needs : Needs
    review : Review
    interventions : Mapping of str to Intervention
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.

    Returns
    -------
    Needs
        With ``own``: the works with their cost (the planner's, or that of the kind of work, which then says who stands for
        it), what they change and the gaps that they close. What closes is what is met when the study with the work
        is judged again; where it takes several own works of one village, the way takes all of these and no other. A
        work that closes nothing is an option all the same: a committed one is paid for. ``problems`` says of which works the
        cost is not known (they are left out), and which close nothing.

    Notes
    -----
    Works that can touch no village in common are judged in one go, which is exact and takes a fraction of the time.
    """
    works = needs.works.sort_index()
    gaps, problems = Gaps(review, interventions), list(needs.problems)
    rows, left = [], []
    for number, (option_id, work) in enumerate(works.to_dict("index").items()):
        if report:
            report(number / (len(works) + 1), "plan-needs", name=option_id)
        row = _option(gaps, interventions[work["intervention"]], option_id, work)
        rows, left = (rows, [*left, option_id]) if row is None else ([*rows, row], left)
    edits = {row["option_id"]: row["edits"] for row in rows}
    homes = {row["option_id"]: row["village_id"] for row in rows}
    before = set(zip(gaps.table["village_id"], gaps.table["criterion"], strict=True))
    closes = _singly(gaps, edits, before)
    for option_id, also in _linked(gaps, interventions, rows, closes, edits, before).items():
        edits[option_id] = (*edits[option_id], *also)
    rows = [{**row, "edits": edits[row["option_id"]]} for row in rows]
    ways = [
        {
            "village_id": village,
            "criterion": criterion,
            "way": (option_id,),
            "option_id": option_id,
            "need": 1.0,
        }
        for option_id, met in closes.items()
        for village, criterion in met
    ]
    ways += _jointly(review, edits, homes, before, closes)
    if left:
        problems.append(_told("needs-no-cost", needs, left))
    idle = [name for name in edits if name not in {row["option_id"] for row in ways}]
    if idle:
        problems.append(_told("needs-close-nothing", needs, idle))
    table = pd.DataFrame(rows, columns=["option_id", *OPTIONS]).set_index("option_id").sort_index()
    ways = pd.DataFrame(ways, columns=list(WAYS)).assign(amount=1.0, takes=0.0)
    ways["way"] = ways.groupby(["village_id", "criterion"])["way"].transform(
        lambda each: pd.factorize(each, sort=True)[0]
    )
    ways = ways.sort_values(["village_id", "criterion", "way", "option_id"], ignore_index=True)
    own = Options(conform(table, OPTIONS), conform(ways, WAYS))
    return replace(needs, own=own, problems=tuple(problems))


def _option(gaps, work, option_id, row):
    """One own work as a row of `OPTIONS`; None where neither the planner nor the kind of work says what it costs."""
    village = row["village_id"]
    if village is not None:
        cost, facts = gaps.costs(work)[village], gaps.facts[village]
    else:
        cost = next((each for each in work.costs if each.where is None), None)
        facts = (None, row["commune_id"], None)
    own = row["cost"]
    if cost is None and own != own:
        return None
    option = priced_by(cost or work.costs[0], work, facts, row["quantity"])
    if own == own:
        share = work.maintenance_pct / 100
        option |= {
            "cost": own,
            "cost_low": own,
            "cost_high": own,
            "cost_by": "user",
            "maintenance": own * share,
        }
    drawn = row["geometry"] is not None and not row["geometry"].is_empty
    point = row["geometry"].representative_point() if drawn else option["geometry"]
    place = _place(gaps, work, row["place"], village)
    edits = [
        edit
        for served in _served(gaps, work, village, point)
        for edit in report_edits(gaps, work, served, row["quantity"])
    ]
    edits += place_edit(gaps, work, option_id, point, row["quantity"], place)
    edits += _road_edits(gaps, work, option_id, row, place)
    return {
        **option,
        "option_id": option_id,
        "name": row["name"],
        "place": place or row["place"],
        "source": "committed" if row["committed"] else "proposed",
        "wanted": row["wish"],
        "edits": tuple(edits),
        "geometry": row["geometry"] if drawn else option["geometry"],
    }


def _served(gaps, work, village, point):
    """The villages whose sheets a work changes: its own, and all within its reach where one piece serves all alike."""
    own = [] if village is None else [village]
    if work.unit != "piece" or not work.serves or point is None:
        return own
    others = [each for each in sorted(set(gaps.table["village_id"])) if each != village]
    return [*own, *(each for _, members in near(gaps, work, [point], others) for each in members)]


def _place(gaps, work, said, village):
    """The id of the place, road or crossing that a work is about: as named, or the only one in the village."""
    layer = None if work.works is None else work.works["layer"]
    data = gaps.review.study.layers.get(layer)
    if data is None or data.frame is None or work.works["does"] == "build":
        return None
    frame = data.frame if layer in ("roads", "crossings") else places_to(gaps, work)
    if frame is None:
        return None
    if said is not None:
        wanted = fold(said)
        named = (
            frame["name"].map(lambda name: isinstance(name, str) and fold(name) == wanted)
            if "name" in frame
            else None
        )
        found = [id_ for id_ in frame.index if fold(str(id_)) == wanted]
        found = found or ([] if named is None else frame.index[named].tolist())
    elif village is None or layer == "roads":
        return None
    else:
        outline = gaps.review.study.villages.geometry[village]
        chosen = frame if "kind" not in frame or layer != "crossings" else of_kind(frame, work.works["from"])
        found = [] if outline is None else chosen.index[chosen.intersects(outline)].tolist()
    return found[0] if len(found) == 1 else None


def _road_edits(gaps, work, option_id, row, place):
    """What a work changes of roads and crossings, where it is known which; as a list of at most one edit."""
    how = work.works or {}
    if how.get("layer") == "crossings" and place is not None:
        return [Edit("bridge", {"id": place})]
    if how.get("layer") != "roads":
        return []
    shape = row["geometry"]
    if how["does"] == "build":
        if shape is None or shape.geom_type != "LineString":
            return []
        line = [[float(x), float(y)] for x, y in shape.coords]
        return [Edit("road", {"id": option_id, "line": line, "fields": dict(how["set"])})]
    if place is None:
        return []
    length_m = float(gaps.review.study.layers["roads"].frame.geometry[place].length)
    to_m = 1000 * row["quantity"]
    # so much of the road from its beginning; all of it where that is what the list says within a tenth
    stretch = {} if to_m > 0.9 * length_m else {"from_m": 0.0, "to_m": to_m}
    return [Edit("improve", {"id": place, "fields": dict(how["set"]), **stretch})]


def _met(review, wanted):
    findings = review.findings
    met = findings[findings["status"] == "met"]
    return wanted & set(zip(met["village_id"], met["criterion"], strict=True))


def _singly(gaps, edits, before):
    """What each work closes by itself: option id to pairs of village and criterion.

    Works that can touch no village in common are judged in one go.
    """
    touched = {option_id: _touched(gaps, each) for option_id, each in sorted(edits.items())}
    closes = {option_id: [] for option_id in edits}
    for turn in without_overlap(touched):
        for village, criterion in sorted(_met(_with(gaps.review, edits, turn), before)):
            whose = next((option_id for option_id in turn if village in touched[option_id]), None)
            if whose is not None:
                closes[whose].append((village, criterion))
    return closes


def _touched(gaps, edits):
    """The villages for which edits can close a gap: those whose sheets change and those near enough to a place."""
    everywhere = frozenset(gaps.review.study.villages.index)
    touched = set()
    for edit in edits:
        if edit.does == "report":
            touched.add(edit.what["village"])
            continue
        layer = edit.what.get("layer")
        if layer is None:
            return everywhere
        for criterion, rows in gaps.by_criterion:
            binding = criterion.measured
            if binding is None or bound_layer(binding) != layer:
                continue
            far = np.inf if binding.indicator not in (*ALONE, *BESIDE) else farthest_m(gaps, binding, rows)
            if not np.isfinite(far) or "x" not in edit.what:
                return everywhere
            villages = gaps.review.study.villages.loc[rows["village_id"]]
            place = shapely.Point(edit.what["x"], edit.what["y"])
            shapes = villages.geometry.where(villages.geometry.notna(), villages["point"]).to_numpy()
            touched |= set(villages.index[shapely.distance(shapes, place) <= far + EDGE_M])
    return frozenset(touched)


def _jointly(review, edits, homes, before, closes):
    """Ways of several own works of one village, for gaps that none of them closes alone; none can be spared."""
    sole = {gap for met in closes.values() for gap in met}
    groups = {}
    for option_id in sorted(edits):
        if edits[option_id]:
            groups.setdefault(homes[option_id], []).append(option_id)
    groups = {home: each for home, each in groups.items() if home is not None and len(each) > 1}
    every = [one for members in groups.values() for one in members]
    open_ = {gap for gap in before - sole if gap[0] in groups}
    ways = []
    for gap in sorted(_met(_with(review, edits, every), open_)) if open_ else ():
        needed = groups[gap[0]]
        if gap not in _met(_with(review, edits, needed), {gap}):
            continue
        for one in list(needed):
            fewer = [other for other in needed if other != one]
            if len(fewer) > 1 and gap in _met(_with(review, edits, fewer), {gap}):
                needed = fewer
        row = {"village_id": gap[0], "criterion": gap[1], "way": tuple(needed), "need": float(len(needed))}
        ways += [{**row, "option_id": one} for one in needed]
    return ways


def _with(review, edits, members):
    return rejudge(review, [edit for one in sorted(members) for edit in edits[one]])


def _linked(gaps, interventions, rows, closes, edits, before):
    """What villages report besides once a road work makes their way to the centre whole: option id to edits.

    Closed gaps are added to `closes`.
    """
    review, also = gaps.review, {}
    for row in rows:
        fields = {each["field"] for each in interventions[row["intervention"]].reports if "once" in each}
        if not fields or all(edit.does == "report" for edit in row["edits"]):
            continue
        after = rejudge(review, edits[row["option_id"]]).findings
        for one in review.criteria.criteria:
            field = dict(one.reported.arguments).get("field") if one.reported is not None else None
            if field not in fields or one.measured is None or one.measured.indicator != "all_season_link":
                continue
            # what was whole before is not the doing of this work
            fresh = (after["measured_status"] == "met") & (review.findings["measured_status"] != "met")
            whole = after[(after["criterion"] == one.id) & fresh]["village_id"]
            villages = [village for village in whole if (village, one.id) in before]
            more = [Edit("report", {"village": village, "field": field, "set": 1.0}) for village in villages]
            if more:
                also[row["option_id"]] = (*also.get(row["option_id"], ()), *more)
                met = _met(rejudge(review, [*edits[row["option_id"]], *more]), before)
                closes[row["option_id"]] = sorted({*closes[row["option_id"]], *met})
    return also


def _told(code, needs, ids):
    numbers = needs.notes["row"].reindex(ids).dropna().astype(int)
    return Problem(
        code, {"count": len(ids), "works": [f"{name} ({number})" for name, number in numbers.items()]}
    )
