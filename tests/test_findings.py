"""Measurements against criteria: every comparison at, above and below its limit; four answers never mixed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny
from gis.findings import evaluate
from gis.verdicts import judge_set
from sets import MEASURED, REPORTED, criteria_set, criterion

INF, NAN = np.inf, np.nan


def judged(one, value, *, low=None, high=None, reported=None, groups="all", villages=None, doubt=None):
    """Findings of one criterion for villages with the given measured (and reported) values."""
    villages = tiny.villages(len(value)) if villages is None else villages
    rows = [
        tiny.measurements(
            villages.index, MEASURED.measure, "measured", value, low=low, high=high, doubt=doubt
        )
    ]
    if reported is not None:
        rows.append(tiny.measurements(villages.index, REPORTED.measure, "reported", reported))
    groups = pd.Series(groups, index=villages.index)
    return evaluate(pd.concat(rows, ignore_index=True), criteria_set(one), villages, groups)


@pytest.mark.parametrize(
    ("compare", "below", "at", "above"),
    [
        ("ge", "unmet", "met", "met"), ("gt", "unmet", "unmet", "met"), ("le", "met", "met", "unmet"),
        ("lt", "met", "unmet", "unmet"), ("eq", "unmet", "met", "unmet"),
    ],
)  # fmt: skip
def test_at_the_threshold_the_written_comparator_decides(compare, below, at, above):
    assert judged(criterion(compare=compare), [2.9, 3.0, 3.1])["status"].tolist() == [below, at, above]


def test_missing_unreachable_and_zero_are_three_things():
    found = judged(criterion(), [NAN, INF, 0.0], doubt=["no-geometry", None, None])
    assert found["status"].tolist() == ["unknown", "unmet", "met"]
    assert found["reason"].tolist() == ["unknown-no-geometry", "unreachable", "by-number"]
    assert judged(criterion(compare="ge"), [NAN, INF, 0.0])["status"].tolist() == ["unknown", "met", "unmet"]


def test_an_interval_across_the_limit_is_unknown_never_unmet():
    found = judged(criterion(), [5.0, 2.0, 5.0], low=[0.0, 0.0, 4.0], high=[5.0, 2.0, 5.0],
                   doubt=["layer-incomplete", "layer-incomplete", "beyond-edge"])  # fmt: skip
    assert found["status"].tolist() == ["unknown", "met", "unmet"]
    assert found["reason"].iloc[0] == "unknown-layer-incomplete"


def test_presence_and_absence():
    assert judged(criterion(compare="present", unit="bool"), [1, 0, 2])["status"].tolist() == [
        "met",
        "unmet",
        "met",
    ]
    assert judged(criterion(compare="absent", unit="bool"), [1, 0, NAN])["status"].tolist() == [
        "unmet",
        "met",
        "unknown",
    ]


def bands(*limits):
    return tuple((("grade", grade), *((("min", low),) if low is not None else ()), *((("max", high),) if high is not None else ()))
                 for grade, low, high in limits)  # fmt: skip


def test_a_band_holds_its_lower_bound_and_not_its_upper():
    one = criterion(compare="band", thresholds={"all": bands(("mid", 15, 20))})
    found = judged(one, [14.9, 15, 19.99, 20])
    assert found["status"].tolist() == ["unmet", "met", "met", "unmet"]
    assert found["grade"].tolist() == [None, "mid", "mid", None]


def test_open_bands_take_what_cannot_be_reached():
    one = criterion(compare="band", thresholds={"all": bands(("near", 0, 5), ("far", 5, None))})
    assert judged(one, [4, 5, INF])["grade"].tolist() == ["near", "far", "far"]


def test_a_value_that_may_lie_in_two_bands_has_no_grade():
    one = criterion(compare="band", thresholds={"all": bands(("near", 0, 5), ("far", 5, 10))})
    found = judged(one, [7.0, 20.0], low=[3.0, 12.0], high=[7.0, 20.0])
    assert found["status"].tolist() == ["met", "unmet"] and found["grade"].tolist() == [None, None]


def test_a_trigger_that_holds_is_unmet_and_its_margin_is_negative():
    found = judged(criterion(kind="trigger", compare="ge", thresholds={"all": 20}), [25, 20, 15])
    assert found["status"].tolist() == ["unmet", "unmet", "met"]
    assert found["margin"].tolist() == [-5, 0, 5]


def test_margins_say_by_how_much_a_village_passes_or_falls_short():
    assert judged(criterion(compare="ge", thresholds={"all": 70}), [60, 80])["margin"].tolist() == [-10, 10]
    assert judged(criterion(), [5, 1, INF])["margin"].tolist() == [-2, 2, -INF]


def test_a_criterion_without_a_known_figure_decides_nothing():
    found = judged(criterion(thresholds={"all": None}), [1.0, NAN])
    assert found["status"].tolist() == ["unknown", "unknown"] and found["reason"].iloc[0] == "no-threshold"


def test_groups_choose_their_own_figure_and_its_verification():
    one = criterion(
        thresholds={"all": 3, "hill": 5}, verification={"all": "text", "hill": "memory"}, checked={}
    )
    found = judged(one, [4.0, 4.0], groups=["all", "hill"])
    assert found["status"].tolist() == ["unmet", "met"] and found["threshold"].tolist() == [3, 5]
    assert found["verification"].tolist() == ["text", "memory"] and not found["checked"].any()


def test_exemptions_by_group_and_by_attribute():
    assert judged(criterion(applies={"groups": ("hill",)}), [9.0])["status"].tolist() == ["exempt"]
    villages = tiny.villages(3, zone=["I", "III", None])
    one = criterion(applies={"attribute": "zone", "in": ("III",)})
    assert judged(one, [9.0] * 3, villages=villages)["status"].tolist() == ["exempt", "unmet", "unknown"]


def test_measured_decides_and_takes_the_report_only_where_the_map_cannot_tell():
    low = [5.0, NAN, 0.0, NAN, 0.0]
    found = judged(criterion(), [5.0, NAN, 5.0, NAN, 5.0], low=low, reported=[1.0, 1.0, 1.0, NAN, NAN])
    assert found["status"].tolist() == ["unmet", "met", "met", "unknown", "unknown"]
    assert found["source"].tolist() == ["measured", "reported", "reported", None, "measured"]
    assert found["measured"].iloc[0] == 5 and found["reported"].iloc[0] == 1
    assert found["agreement"].tolist() == ["disagree", "one-sided", "one-sided", "none", "none"]


def test_reported_decides_alone():
    found = judged(criterion(decides="reported"), [5.0, 1.0], reported=[1.0, NAN])
    assert found["status"].tolist() == ["met", "unknown"] and found["agreement"].tolist() == [
        "disagree",
        "one-sided",
    ]


def test_worse_asks_both_to_pass():
    found = judged(criterion(decides="worse"), [1, 5, 1, 5, 1.0], reported=[1, 1, 5, NAN, NAN])
    assert found["status"].tolist() == ["met", "unmet", "unmet", "unmet", "unknown"]
    assert found["source"].iloc[0] == "both"


def verdict(statuses, **changes):
    """The set's verdict on one village from the statuses of its criteria a, b, c, …"""
    kinds = changes.pop("kinds", {})
    criteria = [criterion(name, kind=kinds.get(name, changes.get("polarity", "flag"))) for name in statuses]
    findings = pd.DataFrame(
        {"village_id": "v0", "criterion": list(statuses), "status": list(statuses.values())}
    )
    villages = changes.pop("villages", tiny.villages(1))
    return judge_set(findings, criteria_set(*criteria, **changes), villages).iloc[0]


def test_all_must_hold_and_unknown_is_neither_pass_nor_fail():
    assert verdict({"a": "met", "b": "met"})["status"] == "met"
    assert verdict({"a": "met", "b": "unknown"})["status"] == "unknown"
    assert verdict({"a": "unmet", "b": "unknown"})["status"] == "unmet"
    assert verdict({"a": "met", "b": "exempt"})["status"] == "met"
    assert verdict({"a": "exempt"})["status"] == "exempt"


def test_context_is_shown_and_never_counts():
    result = verdict({"a": "met", "b": "unmet"}, kinds={"b": "context"})
    assert result["status"] == "met" and result["missed"] == 0


NESTED = {"any_n": 1, "of": ("a", {"all": ("b", {"any_n": 2, "of": ("c", "d", "e")})})}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        # a trigger that is "unmet" holds; the village is disadvantaged ("unmet") when the rule comes true
        ("unmet met met met met", "unmet"),
        ("met unmet unmet unmet met", "unmet"),
        ("met unmet unmet met met", "met"),
        ("met met unmet unmet unmet", "met"),
        ("unknown met unknown unknown unknown", "unknown"),
        ("met unmet unmet unknown met", "unknown"),
        ("met unmet unmet unmet unknown", "unmet"),
        ("exempt unmet unmet unmet met", "unmet"),
        ("exempt exempt exempt exempt exempt", "exempt"),
    ],
)
def test_nested_rules_of_disadvantage_are_three_valued(statuses, expected):
    given_ = dict(zip("abcde", statuses.split(), strict=True))
    assert verdict(given_, polarity="trigger", logic=NESTED)["status"] == expected


def test_a_count_that_depends_on_an_attribute():
    rule = {"any_n": 2, "or_n": {"n": 1, "when": {"attribute": "minority_share_pct", "compare": "ge", "value": 80}},
            "of": ("a", "b")}  # fmt: skip
    one_holds = {"a": "unmet", "b": "met"}
    for share, expected in ((80.0, "unmet"), (79.9, "met"), (NAN, "unknown")):
        villages = tiny.villages(1, minority_share_pct=[share])
        assert verdict(one_holds, polarity="trigger", logic=rule, villages=villages)["status"] == expected


def test_the_infrastructure_part_is_decided_on_its_own():
    criteria = [criterion("a"), criterion("b", fixable_by="programme")]
    findings = pd.DataFrame({"village_id": ["v0", "v0"], "criterion": ["a", "b"], "status": ["met", "unmet"]})
    result = judge_set(findings, criteria_set(*criteria), tiny.villages(1)).iloc[0]
    assert (result["status"], result["infra_status"]) == ("unmet", "met")
    assert (result["missed"], result["infra_missed"], result["score"]) == (1, 0, 50)


values = st.lists(st.one_of(st.floats(0, 10), st.just(NAN), st.just(INF)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(values, st.floats(0, 10), st.floats(0, 10))
def test_a_stricter_limit_never_adds_a_pass(value, one, other):
    loose, strict = max(one, other), min(one, other)
    passes = [
        judged(criterion(thresholds={"all": limit}), value)["status"].eq("met") for limit in (loose, strict)
    ]
    assert not (passes[1] & ~passes[0]).any()


@settings(max_examples=60, deadline=None)
@given(values, st.floats(0, 10), st.lists(st.floats(0, 10), min_size=8, max_size=8))
def test_less_certainty_never_turns_an_answer_into_its_opposite(value, limit, slack):
    sure = judged(criterion(thresholds={"all": limit}), value)["status"]
    low = [v - s for v, s in zip(value, slack, strict=False)]
    vague = judged(criterion(thresholds={"all": limit}), value, low=low)["status"]
    assert ((vague == sure) | (vague == "unknown")).all()


def test_findings_are_sorted_by_village_then_by_the_order_of_the_set():
    villages = tiny.villages(3)
    both = criteria_set(criterion("zz"), criterion("aa"))
    rows = tiny.measurements(villages.index[::-1], MEASURED.measure, "measured", [1, 2, 3])
    found = evaluate(rows, both, villages, pd.Series("all", index=villages.index))
    assert found["village_id"].tolist() == ["v0", "v0", "v1", "v1", "v2", "v2"]
    assert found["criterion"].tolist() == ["zz", "aa"] * 3 and found["value"].tolist() == [3, 3, 2, 2, 1, 1]


def test_a_presence_whose_figure_nobody_knows_decides_nothing():
    one = criterion(compare="present", unit="bool", thresholds={"all": None})
    assert judged(one, [1.0, 0.0])["status"].tolist() == ["unknown", "unknown"]


def test_numbers_and_texts_of_an_attribute_are_the_same():
    villages = tiny.villages(2, zone=[3.0, 2.0])
    one = criterion(applies={"attribute": "zone", "in": ("3",)})
    assert judged(one, [9.0, 9.0], villages=villages)["status"].tolist() == ["unmet", "exempt"]


def test_what_does_not_apply_is_left_out_of_a_count():
    rule = {"any_n": 3, "of": ("a", "b", "c")}
    assert verdict({"a": "met", "b": "met", "c": "exempt"}, logic=rule)["status"] == "met"
    assert verdict({"a": "met", "b": "unmet", "c": "exempt"}, logic=rule)["status"] == "unmet"
