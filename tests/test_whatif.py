"""What the browser is given to judge by itself: places on the grid of a figure decide as the values would."""

import json
import operator
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.findings import evaluate
from gis.labels import Label
from gis.review import Review
from gis.verdicts import judge_set
from gis.whatif import FAR, places, what_if
from tests.sets import MEASURED, REPORTED, criteria_set, criterion
from tests.tiny import measurements

COMPARE = {"ge": operator.ge, "gt": operator.gt, "le": operator.le, "lt": operator.lt}


def review_of(criteria, table, *, groups=None, villages=None):
    """A review of measurements made by hand."""
    ids = sorted(set(table["village_id"]))
    villages = pd.DataFrame(index=pd.Index(ids)) if villages is None else villages
    facts = {"name": "x", "commune_id": "c", "commune": "C", "population": 1.0, "households": 1.0}
    villages = villages.assign(**facts, approximate=False)
    groups = pd.Series("all", index=villages.index) if groups is None else groups
    findings = evaluate(table, criteria, villages, groups)
    study = SimpleNamespace(
        villages=villages, groups=groups, criteria=criteria, target={"share_pct": 50}, reported=pd.DataFrame(index=villages.index)
    )  # fmt: skip
    return Review(study, table, findings, judge_set(findings, criteria, villages), None)


def test_a_value_on_a_point_is_even_and_one_between_is_odd():
    values = np.array([0, 0.1, 0.15, 0.3, 0.1 + 0.2, 4.0, -0.05, np.nan, np.inf, -np.inf, 1e300])
    assert places(values, 10) == [0, 2, 3, 6, 7, 80, -1, None, FAR, -FAR, FAR]


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(np.inf), min_size=1, max_size=8),
    st.integers(0, 10_000),
    st.sampled_from([1, 10, 100, 1000]),
)
def test_every_figure_of_the_grid_decides_as_it_does_on_the_values(values, point, scale):
    figure = point / scale
    for name, compare in COMPARE.items():
        assert [compare(place, 2 * point) for place in places(values, scale)] == [
            compare(value, figure) for value in values
        ], name


@given(st.integers(-20_000, 20_000), st.sampled_from([1, 10, 100, 1000]), st.sampled_from([-1, 0, 1]))
def test_a_hair_beside_a_point_is_not_on_it(point, scale, side):
    value = point / scale
    value = np.nextafter(value, side * np.inf) if side else value
    assert places([value], scale) == [2 * point + {-1: -1, 0: 0, 1: 1}[side]]


def test_the_data_tell_low_high_groups_and_exemptions_by_position():
    one = criterion(
        "near",
        thresholds=MappingProxyType({"a": 3, "b": 2.25}),
        verification=MappingProxyType({"a": "text", "b": "text"}),
        checked=MappingProxyType({"a": None, "b": None}),
    )
    flag = criterion(
        "power", unit="bool", compare="present", thresholds=MappingProxyType({"a": True, "b": True})
    )
    labels = MappingProxyType({"a": Label("A"), "b": Label("B")})
    table = measurements(
        ["1", "2", "3"],
        MEASURED.measure,
        "measured",
        [2.0, 4.0, np.nan],
        low=[2.0, 2.5, np.nan],
        high=[2.0, 4.0, np.nan],
    )
    groups = pd.Series(["a", "b", "a"], index=["1", "2", "3"])
    told = what_if(
        review_of(criteria_set(one, flag, groups=labels, default_group=None), table, groups=groups)
    )
    assert json.loads(json.dumps(told)) == told
    assert (told["groups"], told["group"]) == (["a", "b"], [0, 1, 0])
    assert told["counted"] == [0, 1] and told["rule"] == {"all": [0, 1]} and told["target_pct"] == 50
    (only,) = told["movable"]
    assert (only["id"], only["scale"], only["figures"]) == ("near", 100, {"a": 3, "b": 2.25})
    assert only["measured"] == {"low": [400, 500, None], "high": {"1": 800}}
    assert only["reported"] == {"low": [None, None, None], "high": {}}


def test_a_count_by_an_attribute_goes_out_as_an_answer_a_village():
    logic = {
        "any_n": 2,
        "of": ["c1", "c2"],
        "or_n": {"n": 1, "when": {"attribute": "share", "compare": "ge", "value": 80}},
    }
    table = measurements(["1", "2", "3"], MEASURED.measure, "measured", [1.0, 1.0, 1.0])
    villages = pd.DataFrame({"share": [80.0, 79.9, np.nan]}, index=["1", "2", "3"])
    criteria = criteria_set(criterion("c1"), criterion("c2"), logic=logic)
    told = what_if(review_of(criteria, table, villages=villages))
    assert told["rule"] == {"n": 2, "of": [0, 1], "or": 1, "when": "102"}


def test_points_go_out_by_position_and_fixed_where_the_figure_does_not_move():
    points = {"c1": {"met": 10, "nearly": 4}, "power": {"met": 5}}
    table = measurements(["1", "2"], MEASURED.measure, "measured", [1.0, 3.5])
    near = criterion("c1", nearly=MappingProxyType({"all": 4}))
    flag = criterion("power", unit="bool", compare="present", thresholds=MappingProxyType({"all": True}))
    logic = {"points": points, "pass": 10, "required": ("c1",)}
    rule = what_if(review_of(criteria_set(near, flag, logic=logic), table))["rule"]
    first, second = rule["points"]
    assert first == {"at": 0, "most": 10, "met": 10, "nearly": 4, "reached": "11"}
    assert second == {"at": 1, "most": 5, "low": [5, 5], "high": [5, 5]}
    assert (rule["pass"], rule["required"]) == (10, [0])


@pytest.mark.parametrize("unit", ["%", "km"])
def test_a_slider_ends_above_the_figure_and_nearly_all_values(unit):
    table = measurements(list("123"), REPORTED.measure, "reported", [1.0, 6.0, np.inf])
    criteria = criteria_set(criterion(unit=unit, decides="reported"))
    assert what_if(review_of(criteria, table))["movable"][0]["most"] == (100 if unit == "%" else 6)
