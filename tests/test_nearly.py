"""Figures for nearly met, and findings that no order of rows changes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny
from gis.criteria.form import freeze
from gis.findings import evaluate
from gis.verdicts import judge_set
from sets import MEASURED, REPORTED, criteria_set, criterion

NAN = np.nan


def judged(one, value, *, low=None, high=None, reported=None, groups="all", villages=None):
    villages = tiny.villages(len(value)) if villages is None else villages
    rows = [tiny.measurements(villages.index, MEASURED.measure, "measured", value, low=low, high=high)]
    if reported is not None:
        rows.append(tiny.measurements(villages.index, REPORTED.measure, "reported", reported))
    groups = pd.Series(groups, index=villages.index)
    return evaluate(pd.concat(rows, ignore_index=True), criteria_set(one), villages, groups)


def share(**changes):
    """At least 70 %, nearly from 60 %."""
    return criterion(compare="ge", unit="%", thresholds={"all": 70}, nearly={"all": 60}, **changes)


def columns(found):
    return [
        "/".join(str(part) for part in row)
        for row in found[["status", "nearly_status", "grade"]].itertuples(index=False)
    ]


def test_nearly_is_unmet_with_a_grade():
    assert columns(judged(share(), [70.0, 69.9, 60.0, 59.9, NAN])) == [
        "met/met/None", "unmet/met/nearly", "unmet/met/nearly", "unmet/unmet/None", "unknown/unknown/None",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("compare", "figure", "easier", "values", "grades"),
    [
        ("gt", 70, 60, [70.0, 60.0, 60.1], ["nearly", None, "nearly"]),
        ("le", 3, 5, [3.1, 5.0, 5.1], ["nearly", "nearly", None]),
        ("lt", 3, 5, [3.0, 4.9, 5.0], ["nearly", "nearly", None]),
    ],
)
def test_the_written_comparator_decides_at_the_easier_figure_too(compare, figure, easier, values, grades):
    one = criterion(compare=compare, thresholds={"all": figure}, nearly={"all": easier})
    found = judged(one, values)
    assert found["status"].tolist() == ["unmet"] * 3 and found["grade"].tolist() == grades


def test_a_disadvantage_is_nearly_absent_above_its_figure():
    # poor from 20 %: such a village is unmet; up to under 25 % it is nearly clear of it
    one = criterion(kind="trigger", compare="ge", unit="%", thresholds={"all": 20}, nearly={"all": 25})
    assert columns(judged(one, [19.0, 20.0, 24.9, 25.0])) == [
        "met/met/None", "unmet/met/nearly", "unmet/met/nearly", "unmet/unmet/None",
    ]  # fmt: skip


def test_an_interval_across_the_easier_figure_has_no_grade():
    found = judged(share(), [65.0, 65.0, 65.0], low=[60.0, 55.0, 60.0], high=[69.0, 69.0, 75.0])
    assert columns(found) == ["unmet/met/nearly", "unmet/unknown/None", "unknown/met/None"]


def test_the_source_that_decides_the_status_decides_what_is_nearly():
    # the map cannot tell, so the sheet decides: 55 % misses both figures, whatever the map thinks of the easier one
    found = judged(share(), [72.0], low=[65.0], high=[75.0], reported=[55.0])
    assert columns(found) == ["unmet/unmet/None"] and found["source"].tolist() == ["reported"]
    # where both must pass, both must nearly pass
    found = judged(share(decides="worse"), [72.0, 62.0, 72.0], reported=[65.0, 55.0, NAN])
    assert columns(found) == ["unmet/met/nearly", "unmet/unmet/None", "unknown/unknown/None"]


def test_groups_without_an_easier_figure_and_exempt_villages_have_none():
    one = criterion(compare="ge", thresholds={"all": 70, "hill": 70}, nearly={"all": 60, "hill": None},
                    verification={"all": "text", "hill": "text"}, checked={})  # fmt: skip
    assert columns(judged(one, [65.0, 65.0], groups=["all", "hill"])) == [
        "unmet/met/nearly",
        "unmet/None/None",
    ]
    villages = tiny.villages(2, zone=["I", None])
    one = share(applies={"attribute": "zone", "in": ("III",)})
    assert columns(judged(one, [65.0, 65.0], villages=villages)) == [
        "exempt/exempt/None",
        "unknown/unknown/None",
    ]


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 50))
def test_what_is_met_is_nearly_met_too(value, figure, slack):
    one = criterion(compare="ge", thresholds={"all": figure}, nearly={"all": figure - slack})
    found = judged(one, [value]).iloc[0]
    assert found["status"] != "met" or (found["nearly_status"], found["grade"]) == ("met", None)


def test_points_of_a_value_that_may_be_nearly_met_are_open():
    # 65 % may be 55 to 69: surely not met, perhaps nearly; its 10 points are 0 to 6
    logic = {"points": {"a": {"met": 10, "nearly": 6}, "b": {"met": 10}}, "pass": 16, "nearly": 8, "required": (),
             "verification": "text"}  # fmt: skip
    a, b = share(id_="a"), criterion("b", measured=REPORTED, reported=None)
    chosen, villages = criteria_set(a, b, logic=freeze(logic)), tiny.villages(3)
    rows = pd.concat(
        [
            tiny.measurements(villages.index, MEASURED.measure, "measured", [65.0] * 3, low=[55.0, 62.0, 62.0], high=[69.0, 69.0, 80.0]),
            tiny.measurements(villages.index, REPORTED.measure, "measured", [1.0, 1.0, 1.0]),
        ]
    )  # fmt: skip
    found = judge_set(evaluate(rows, chosen, villages, pd.Series("all", villages.index)), chosen, villages)
    assert found["points_low"].tolist() == [10, 16, 16] and found["points_high"].tolist() == [16, 16, 20]
    assert found["status"].tolist() == ["unknown", "met", "met"]


def test_a_village_of_no_group_is_unknown_and_says_so():
    found = judged(criterion(), [1.0, NAN], groups=[None, None])
    assert found["status"].tolist() == ["unknown"] * 2 and found["reason"].tolist() == ["unknown-group"] * 2


def test_100_shuffles_change_not_a_bit():
    chance, count = np.random.default_rng(7), 60
    zones = np.array(["I", "II", "III", None], dtype=object)[chance.integers(0, 4, count)]
    villages = tiny.villages(count, zone=zones)
    groups = pd.Series(
        np.array(["all", "hill", None], dtype=object)[chance.integers(0, 3, count)], villages.index
    )
    bands = ((("grade", "1"), ("min", 0), ("max", 4)), (("grade", "2"), ("min", 4)))
    many = {
        "thresholds": {"all": 3, "hill": 5},
        "verification": {"all": "text", "hill": "memory"},
        "checked": {},
    }
    chosen = criteria_set(
        criterion("z", **many, nearly={"all": 4, "hill": 6}),
        criterion("b", **many, decides="worse"),
        criterion("a", **many, kind="trigger", decides="reported"),
        criterion("y", **{**many, "thresholds": {"all": bands, "hill": bands[:1]}}, compare="band"),
        criterion("c", **many, applies={"attribute": "zone", "in": ("II", "III")}),
        logic={"points": {"z": {"met": 10, "nearly": 4}, "b": {"met": 7}, "a": {"met": 5}, "c": {"met": 3},
                          "y": {"grades": {"1": 6, "2": 2}}},
               "pass": 20, "nearly": 12, "required": ("b",), "verification": "text"},
    )  # fmt: skip
    value = np.where(chance.random(count) < 0.2, NAN, np.round(chance.uniform(0, 9, count), 3))
    vague = np.where(chance.random(count) < 0.3, value / 3, value)
    doubt = [None if same else "layer-incomplete" for same in vague == value]
    rows = pd.concat(
        [
            tiny.measurements(villages.index, MEASURED.measure, "measured", value, low=vague, doubt=doubt),
            tiny.measurements(villages.index, REPORTED.measure, "reported", chance.permutation(value)),
        ],
        ignore_index=True,
    )
    findings = evaluate(rows, chosen, villages, groups)
    results = judge_set(findings, chosen, villages).sort_index()
    assert (
        set(findings["status"]) == {"met", "unmet", "unknown", "exempt"} and results["status"].nunique() == 3
    )
    bits = (_bits(findings), _bits(results))
    for seed in range(100):
        mixed = villages.sample(frac=1, random_state=seed)
        again = evaluate(
            rows.sample(frac=1, random_state=seed),
            chosen,
            mixed,
            groups.sample(frac=1, random_state=-seed % 99),
        )
        assert _bits(again) == bits[0]
        assert (
            _bits(judge_set(again.sample(frac=1, random_state=seed), chosen, mixed).sort_index()) == bits[1]
        )


def _bits(frame):
    """Every value as it lies in memory, texts as they are written."""
    frame = frame.reset_index()
    return [
        column.to_numpy().tobytes() if column.dtype.kind in "fib" else column.tolist()
        for _, column in frame.items()
    ]
