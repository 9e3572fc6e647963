"""A plan as plain data: everything that a reader is shown, and the same after a way through JSON."""

import json

import pytest

from gis.errors import PlanError
from gis.plan import Fund, Request, plan
from gis.plan.confirming import edits_of as all_edits
from gis.plan.record import edits_of, to_record, villages_of, works_of
from gis.plan.scenario_record import beside, scenario_of, to_scenario_record


@pytest.fixture(scope="module")
def judged(sample_review):
    return sample_review


@pytest.fixture(scope="module")
def made(judged, sample_options):
    request = Request(years=(2026, 2027), funds=(Fund("ntm", "NTM", (4e9, 4e9)),))
    return plan(judged, sample_options, request)


@pytest.fixture(scope="module")
def record(made, judged):
    told = to_record(made, judged, curve=made.villages)
    return json.loads(json.dumps(told, allow_nan=False))


def test_a_record_counts_what_the_plan_counts(made, record):
    figures = record["figures"]
    assert figures["passing"] == made.passing > 0
    assert figures["after"] == figures["before"] + figures["by_assumption"] + made.passing
    assert figures["cost"] == made.cost == sum(row["cost"] for row in record["works"])
    assert sum(figures["by_year"].values()) == made.passing
    by_fund = sum(sum(each.values()) for each in figures["paid"].values())
    assert by_fund + figures["people_paid"] == pytest.approx(figures["cost"])
    states = [row["state"] for row in record["villages"]]
    assert states.count("passes") == made.passing and len(states) == figures["villages"]


def test_a_record_names_its_run_and_its_set(judged, record):
    assert record["run"] == judged.run.id
    assert record["criteria"]["hash"] == judged.criteria.hash
    assert record["inputs"] == dict(judged.run.inputs)
    assert record["curve"][0]["village_id"]


def test_works_come_back_as_they_were_and_lie_in_degrees(judged, made, record):
    works = works_of(record)
    assert list(works.index) == list(made.works.index)
    assert works["closes"].tolist() == made.works["closes"].tolist()
    assert works["edits"].tolist() == made.works["edits"].tolist()
    assert works["places"].tolist() == made.works["places"].tolist()
    back = works.geometry.to_crs(judged.study.crs)
    assert all(a.distance(b) < 0.1 for a, b in zip(back, made.works["geometry"], strict=True))
    assert edits_of(record) == all_edits(made, judged)


def test_a_plan_of_nothing_is_still_a_frame(record):
    works = works_of({**record, "works": []})
    assert len(works) == 0 and {"cost", "closes", "year"} <= set(works)
    assert len(villages_of({**record, "villages": []})) == 0
    assert villages_of(record)["passes"].gt(0).sum() == record["figures"]["passing"]


@pytest.mark.parametrize("wrong", [None, {}, [], {"kind": "plan", "format": 99, "works": []}])
def test_what_is_no_record_is_told(wrong):
    with pytest.raises(PlanError):
        works_of(wrong)


def test_two_records_side_by_side_tell_works_and_villages_of_one_only(judged, sample_options, record):
    richer = Request(years=(2026, 2027), funds=(Fund("ntm", "NTM", (9e9, 9e9)),))
    more = to_record(plan(judged, sample_options, richer), judged)
    found = beside(record, more)
    assert set(found.works.index) == {row["option_id"] for one in (record, more) for row in one["works"]}
    assert set(found.only_b.index) == set(works_of(more).index) - set(works_of(record).index)
    gained = found.villages[(found.villages["b"] == "passes") & (found.villages["a"] == "open")]
    assert len(gained) >= more["figures"]["passing"] - record["figures"]["passing"] > 0
    assert found.figures.at["passing", "b"] == more["figures"]["passing"]
    assert len(beside(record, record).villages) == 0
    with pytest.raises(PlanError, match="village"):
        beside(record, {**more, "villages": [{**more["villages"][0], "village_id": "elsewhere"}]})


def test_the_works_of_a_plan_as_a_scenario_do_what_the_plan_says(judged, record):
    scenario = scenario_of(record, judged)
    told = to_scenario_record(scenario)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    passing = told["figures"]["after_infra_met"] - told["figures"]["before_infra_met"]
    assert passing >= record["figures"]["passing"]
    assert told["figures"]["cost_after"] == record["figures"]["cost"]
    # a plan and what it comes to as a scenario end alike
    assert beside(record, told).villages.empty
