"""A scenario: judged again it is as a study judged anew, and what it changes is told by village, criterion and cause."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely
import yaml

from gis.errors import PlanError
from gis.plan import Edit, Scenario, changes, compare, edited, rejudge, scenario_edits
from gis.plan.touched import touched_by
from gis.workflows import judge, read_study
from tests.conftest import ROOT

WORKS = "kontum-dtts-village-2022"
HARD = {"surface": "concrete", "all_season": 1}
WORSE = {"surface": "earth", "class": "path", "all_season": 0}
OPTIONS = {"kind": ["station", "phc", "polyclinic", "hospital"]}
MORE = {
    "people": {"indicator": "people_within_time", "minutes": 60, "mode": "motorbike", "season": "wet"},
    "cut": {"indicator": "cut_off_in_rains", "mode": "motorbike", "max_min": 60},
    "room": {"indicator": "capacity_gap", "within_km": 4, "capacity": "one", "serves_each": 500},
}


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    """The same invented study judged by works, and by ways on foot and by motorbike in both seasons."""
    from gis.sample import make_sample

    folder = tmp_path_factory.mktemp("scenario")
    path = make_sample(folder, villages=24, seed=3)
    recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    criteria = yaml.safe_load(
        (ROOT / "tests/studies/criteria/andorra-access.yaml").read_text(encoding="utf-8")
    )
    rows = [one for one in criteria["criteria"] if one["id"].startswith("health-")]
    for name, measured in MORE.items():
        unit = {"people": "%", "cut": "bool", "room": "people"}[name]
        figure = {"people": ("ge", 50), "cut": ("absent", True), "room": ("le", 10)}[name]
        rows.append(
            rows[0]
            | {"id": name, "measured": {"facilities": "clinics", **OPTIONS, **measured}, "unit": unit}
            | {"compare": figure[0], "thresholds": figure[1]}
        )
    criteria["criteria"] = rows
    (folder / "ways.yaml").write_text(json.dumps(criteria), encoding="utf-8")
    recipe |= {"criteria": "ways.yaml", "groups": {}}
    ways = folder / "ways-study.yaml"
    ways.write_text(yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return judge(read_study(path, criteria=WORKS)), judge(read_study(ways))


def same(one, two):
    for name in ("measurements", "findings", "results"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), rtol=1e-9)


def a_place(review, seed):
    rng = np.random.default_rng(seed)
    point = review.study.villages["point"].iloc[rng.integers(len(review.study.villages))]
    x, y = np.array([point.x, point.y]) + rng.normal(0, 700, 2)
    return {"x": float(x), "y": float(y)}


def of_ways(review, seed):
    """An edit of each kind that touches ways, drawn at random."""
    rng, layers = np.random.default_rng(seed), review.study.layers
    roads, crossings, clinics = (layers[name].frame for name in ("roads", "crossings", "clinics"))
    used = [one for one in review.measurements["facility_id"].dropna().unique() if one in clinics.index]
    road = roads.index[rng.integers(len(roads))]
    length = roads.geometry[road].length
    here, there = (a_place(review, seed + at) for at in (1, 2))
    line = [[here["x"], here["y"]], [there["x"], there["y"]]]
    fords = crossings.index[crossings["kind"] == "ford"]
    return {
        "build": Edit("build", {"layer": "clinics", "id": "NEW", "kind": "station", **here}),
        "close": Edit("close", {"layer": "clinics", "id": used[rng.integers(len(used))]}),
        "improve": Edit("improve", {"id": road, "fields": HARD}),
        "worsen": Edit("improve", {"id": road, "fields": WORSE}),
        "stretch": Edit("improve", {"id": road, "fields": HARD, "from_m": length / 5, "to_m": length / 2}),
        "road": Edit("road", {"id": "NEW", "line": line, "fields": {"class": "village", **HARD}}),
        "shut": Edit("close", {"layer": "roads", "id": road}),
        "bridge": Edit("bridge", {"id": fords[rng.integers(len(fords))]}),
        "speed": Edit(
            "speed",
            {"class": "village", "surface": "earth", "season": "dry", "mode": "motorbike", "kmh": 31},
        ),
        "washed": Edit("close", {"layer": "crossings", "id": crossings.index[rng.integers(len(crossings))]}),
    }


@pytest.mark.parametrize(
    "names",
    [
        ("build",),
        ("close",),
        ("improve",),
        ("worsen",),
        ("stretch", "bridge"),
        ("road",),
        ("shut", "build"),
        ("washed", "close"),
        ("speed",),
    ],
    ids="-".join,
)
def test_judged_again_it_is_as_a_study_judged_anew(reviews, names):
    review = reviews[1]
    made = of_ways(review, sum(map(len, names)))
    edits = [made[name] for name in names]
    same(rejudge(review, edits), judge(edited(review.study, edits)))


def test_edits_of_all_kinds_at_once_are_as_judged_anew(reviews):
    review = reviews[0]
    made = of_ways(review, 5)
    village = review.study.villages.index[3]
    criterion = next(one.id for one in review.criteria.criteria if one.compare == "ge")
    edits = [
        *(made[name] for name in ("build", "close", "stretch", "road", "bridge")),
        Edit("report", {"village": village, "field": "culture_house", "set": 1}),
        Edit(
            "report",
            {"village": village, "field": "road_village_hard_km", "add": 0.5, "whole": "road_village_km"},
        ),
        Edit("figure", {"criterion": criterion, "figure": 10}),
    ]
    same(rejudge(review, edits), judge(edited(review.study, edits)))


def test_without_edits_it_is_the_base(reviews):
    review = reviews[1]
    same(rejudge(review, []), review)
    rows = changes(review, rejudge(review, []))
    assert rows.findings.empty and not rows.headline["worse_off"]


def test_edits_undone_give_the_base(reviews):
    review = reviews[1]
    made = of_ways(review, 4)
    close = Edit("close", {"layer": "clinics", "id": "NEW"})
    open_ = review.study.layers["roads"].frame
    road = made["improve"].what["id"]
    fields = {name: open_.at[road, name] for name in HARD}
    undone = [made["build"], close, made["improve"], Edit("improve", {"id": road, "fields": fields})]
    same(rejudge(review, undone), review)


def test_order_of_independent_edits_does_not_matter(reviews):
    review = reviews[1]
    made = of_ways(review, 6)
    road, length = made["stretch"].what["id"], made["stretch"].what["to_m"]
    later = Edit("improve", {"id": road, "fields": HARD, "from_m": length + 5, "to_m": length + 60})
    edits = [made["stretch"], later, made["build"], made["road"], made["bridge"]]
    same(rejudge(review, edits), rejudge(review, edits[::-1]))


@pytest.mark.parametrize("name", ["build", "road", "bridge", "improve"])
def test_more_never_lengthens_a_trip_nor_loses_a_criterion(reviews, name):
    review = reviews[1]
    for seed in (11, 12):
        after = rejudge(review, [of_ways(review, seed)[name]])
        timed = review.measurements["measure"].str.startswith("travel_time")
        # a road's own place may move by what rounding of cells makes of it
        assert not (after.measurements["value"] > review.measurements["value"] * (1 + 1e-6))[timed].any()
        lost = changes(review, after).findings
        lost = lost[lost["turn"] == "lost"]
        assert lost["criterion"].isin(["room"]).all()


def test_a_closure_only_ever_costs_and_is_named_as_the_cause(reviews):
    review = reviews[1]
    edit = of_ways(review, 8)["close"]
    found = changes(review, rejudge(review, [edit]), edits=[edit])
    assert not (found.findings["turn"] == "gained").any()
    assert found.findings["turn"].isin(["worse", "lost"]).any()
    assert (
        found.findings.loc[found.findings["turn"] != "other", "cause"].map(lambda cause: cause == (0,)).all()
    )


def test_flips_name_their_cause_and_who_is_worse_off(reviews):
    review = reviews[0]
    rows = review.findings
    wanted = next(one for one in review.criteria.criteria if one.reported and one.compare == "present")
    field = dict(wanted.reported.arguments)["field"]
    held = rows[
        (rows["criterion"] == wanted.id) & (rows["reported_status"] == "met") & (rows["source"] == "reported")
    ]
    lacks = rows[
        (rows["criterion"] == wanted.id)
        & (rows["reported_status"] == "unmet")
        & (rows["source"] == "reported")
    ]
    edits = [
        Edit("report", {"village": village, "field": field, "set": value})
        for table, value in ((held, 0), (lacks, 1))
        for village in table["village_id"].iloc[:1]
    ]
    assert edits
    scenario = Scenario(review, tuple(edits), "trial", {"house": 5e8})
    found = compare(review, scenario)
    flips = found.flips[found.flips["criterion"] == wanted.id]
    assert len(flips) == len(edits) and set(flips["cause"]) == {(at,) for at in range(len(edits))}
    assert list(found.worse_off.index) == held["village_id"].iloc[:1].tolist()
    assert found.headline["cost_after"] == 5e8 and found.headline["cost_before"] == 0


def test_a_scenario_comes_back_from_plain_data(reviews):
    review = reviews[1]
    scenario = Scenario(review, tuple(of_ways(review, 2).values())[:3], "trial", {"a": 1.0})
    back = Scenario.from_plain(review, scenario.to_plain())
    assert back.to_plain() == scenario.to_plain()
    with pytest.raises(PlanError):
        Scenario.from_plain(review, {"name": 3})


def hostile():
    far, nan = {"layer": "clinics", "id": "N", "x": 1e9, "y": 1e9}, float("nan")
    return {
        "no mapping": "drop table",
        "unknown word": {"does": "__init__"},
        "no village": {"does": "report", "village": "X' OR 1", "field": "households", "add": 1},
        "no field": {"does": "report", "village": "V", "field": "record", "set": 1},
        "nan": {"does": "report", "village": "V", "field": "households", "add": nan},
        "huge": {"does": "report", "village": "V", "field": "households", "add": 1e300},
        "both": {"does": "report", "village": "V", "field": "households", "add": 1, "set": 1},
        "text for number": {"does": "build", "layer": "clinics", "id": "N", "x": "a", "y": 1},
        "far": {"does": "build", **far},
        "missing": {"does": "build", "layer": "clinics", "id": "N"},
        "kind": {"does": "build", "layer": "clinics", "id": "N", "x": 0, "y": 0, "kind": "casino"},
        "layer": {"does": "close", "layer": "villages", "id": "V"},
        "place": {"does": "close", "layer": "clinics", "id": "nowhere"},
        "one point": {"does": "road", "id": "N", "line": [[500000, 1600000]]},
        "same points": {"does": "road", "id": "N", "line": [[5, 5], [5, 5]]},
        "no line": {"does": "road", "id": "N", "line": "LINESTRING (0 0, 1 1)"},
        "stretch": {"does": "improve", "id": "R", "fields": HARD, "from_m": 9, "to_m": 3},
        "beyond": {"does": "improve", "id": "R", "fields": HARD, "from_m": 1e6, "to_m": 2e6},
        "field": {"does": "improve", "id": "R", "fields": {"geometry": "x"}},
        "word": {"does": "improve", "id": "R", "fields": {"surface": "gold"}},
        "speed": {
            "does": "speed",
            "class": "village",
            "surface": "earth",
            "season": "dry",
            "mode": "tank",
            "kmh": 5,
        },
        "criterion": {"does": "figure", "criterion": "none", "figure": 3},
        "figure": {"does": "figure", "criterion": "health-walk-dry", "figure": float("inf")},
    }


@pytest.mark.parametrize("plain", hostile().values(), ids=hostile())
def test_hostile_edits_are_one_sentence(reviews, plain):
    study = reviews[1].study
    names = {"V": study.villages.index[0], "R": study.layers["roads"].frame.index[0]}
    if isinstance(plain, dict):
        plain = {
            key: names.get(value, value) if isinstance(value, str) else value for key, value in plain.items()
        }
        place = study.villages["point"].iloc[0]
        if plain.get("x") == 0:
            plain |= {"x": place.x, "y": place.y}
    with pytest.raises(PlanError) as fault:
        edited(study, scenario_edits([plain]))
    for language in ("vi", "en"):
        said = fault.value.say(language)
        assert said.strip().endswith(".") and "\n" not in said


def test_too_many_edits_are_refused_at_once(reviews):
    study = reviews[1].study
    with pytest.raises(PlanError):
        scenario_edits([{"does": "bridge", "id": "x"}] * 100_000)
    with pytest.raises(PlanError):
        edited(study, (Edit("bridge", {"id": "x"}) for _ in range(100_000)))


def test_stretches_of_a_road_are_cut_where_they_say(reviews):
    study = reviews[1].study
    roads = study.layers["roads"].frame
    road = roads.geometry.length.idxmax()
    edits = [
        Edit("improve", {"id": road, "fields": {"surface": "asphalt"}, "from_m": 100, "to_m": 200}),
        Edit("improve", {"id": road, "fields": {"condition": "good"}, "from_m": 150, "to_m": 300}),
    ]
    after = edited(study, edits).layers["roads"].frame
    pieces = after[[name == road or name.startswith(f"{road}·") for name in after.index]]
    lengths = shapely.length(pieces.geometry.to_numpy())
    assert np.allclose(lengths[:4], [100, 50, 50, 100])
    assert np.isclose(lengths.sum(), roads.geometry[road].length)
    assert pieces["surface"].tolist()[1:3] == ["asphalt", "asphalt"]
    assert pieces["condition"].tolist()[2:4] == ["good", "good"]


def test_metres_along_roads_are_not_measured_again_for_what_roads_are_made_of(reviews):
    review = reviews[0]
    rule = next(
        one.measured
        for one in review.criteria.criteria
        if one.measured and one.measured.indicator == "network_distance"
    )
    road = review.study.layers["roads"].frame.index[0]
    hard, shut = (
        edited(review.study, [edit])
        for edit in (
            Edit("improve", {"id": road, "fields": HARD}),
            Edit("close", {"layer": "roads", "id": road}),
        )
    )
    assert not len(touched_by(review.study, hard, rule))
    assert len(touched_by(review.study, shut, rule)) == len(review.study.villages)


def test_a_speed_touches_only_what_goes_by_ways(reviews):
    review = reviews[0]
    faster = edited(review.study, [of_ways(review, 3)["speed"]])
    bindings = [one.measured for one in review.criteria.criteria if one.measured is not None]
    touched = {one.indicator for one in bindings if len(touched_by(review.study, faster, one))}
    assert touched <= {"travel_time"}
    same(rejudge(review, [of_ways(review, 3)["speed"]]), judge(faster))
