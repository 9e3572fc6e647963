"""Findings as sentences."""

import math
from types import SimpleNamespace

import pytest

import tiny
from gis.catalogue import load_catalogue
from gis.explanations import explain
from gis.labels import format_value
from gis.sentences import figure_text, limit, margin_text, marks_text, points_text
from sets import criteria_set, criterion


def said(compare, kind, margin, *, status="unmet", unit="km", language="en"):
    return margin_text({"margin": margin, "compare": compare, "unit": unit, "status": status}, kind, language)


def test_a_margin_speaks_of_the_side_that_matters():
    assert said("ge", "flag", -2.0) == "2 km short"
    assert said("le", "flag", -2.0) == "2 km over"
    assert said("ge", "trigger", -2.0) == "2 km over"
    assert said("le", "flag", 2.0, status="met") == "2 km to spare"
    assert said("ge", "flag", -5.25, unit="%", language="vi") == "còn thiếu 5,25 điểm %"


@pytest.mark.parametrize("margin", [0.0, math.nan, -math.inf])
def test_no_margin_is_said_where_there_is_none(margin):
    assert said("le", "flag", margin) == ""
    assert said("le", "flag", 1.0, status="unknown") == ""


def test_a_limit_is_said_with_its_comparison_and_unit():
    figure = {"compare": "ge", "threshold": 1234.5, "unit": "people", "group": "all"}
    assert limit(figure, "vi") == "≥ 1.234,5 người" and limit(figure, "en") == "≥ 1,234.5 people"


def test_small_numbers_keep_the_metres_and_shares_two_decimals():
    assert format_value(0.998, "km", "en") == "0.998 km"
    assert format_value(4.8123, "%", "vi") == "4,81 %"


@pytest.mark.parametrize(
    "commune, word", [("x1", "complete"), ("x2", "incomplete"), ("x3", "completeness unknown")]
)
def test_completeness_is_said_of_the_village_s_own_commune(commune, word):
    finding = {
        "village_id": "v0", "criterion": "c1", "status": "met", "grade": None, "value": 1.0, "threshold": 3.0, "unit": "km",
        "compare": "le", "margin": 2.0, "source": "measured", "agreement": "none", "reason": "by-number", "doubt": None,
        "layer": "schools", "facility_id": None, "facility_name": None, "numerator": math.nan, "denominator": math.nan,
        "record": None, "group": "all", "verification": "text", "checked": False,
    }  # fmt: skip
    schools = SimpleNamespace(
        layer=load_catalogue()["schools"],
        complete={"x1": "yes", "x2": "no"},
        as_of="2024",
        file="s.gpkg",
        stale=False,
    )
    study = SimpleNamespace(
        criteria=criteria_set(criterion()),
        layers={"schools": schools},
        parameters={},
        year=2024,
        villages=tiny.villages(1, commune_id=[commune]),
    )
    assert f"data of 2024, {word}." in explain(finding, study, "en")


def scale_set(**changes):
    road = criterion("a", compare="ge", unit="%", thresholds={"all": 70}, nearly={"all": 60})
    logic = {"points": {"a": {"met": 40, "nearly": 20}, "b": {"grades": {"gần": 60, "xa": 15}}}, "pass": 70, "nearly": 50,
             "required": ("a",), "verification": "memory"}  # fmt: skip
    return criteria_set(road, criterion("b", compare="band"), criterion("c"), logic={**logic, **changes})


def test_easier_figures_and_points_are_said_beside_the_figures():
    chosen = scale_set()
    a, b, c = chosen.criteria
    assert figure_text(a, "all", "vi") == "≥ 70 % (cơ bản đạt ≥ 60 %)"
    assert figure_text(a, "all", "en") == "≥ 70 % (nearly met ≥ 60 %)"
    assert points_text(chosen, a, "vi") == "40 điểm; cơ bản đạt 20 điểm; bắt buộc đạt"
    assert points_text(chosen, b, "en") == "band 'gần' 60 points; band 'xa' 15 points"
    assert points_text(chosen, c, "vi") == "" and points_text(criteria_set(a), a, "vi") == ""


def test_marks_say_how_sure_they_are():
    said_of = marks_text(scale_set(), "vi")
    assert said_of.startswith("Đạt từ 70 trên 100 điểm. Cơ bản đạt từ 50 điểm. Mức này chưa được đối chiếu")
    assert marks_text(scale_set(**{"pass": None}), "en").startswith(
        "The pass mark out of 100 points is not known."
    )
    check = {"by": "A", "on": "2026-01-01", "document": "QĐ 1"}
    assert "chưa" not in marks_text(scale_set(checked=check), "vi").split("điểm. ", 2)[2]
    assert marks_text(criteria_set(criterion()), "vi") == ""
