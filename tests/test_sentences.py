"""Findings as sentences."""

import math

import pytest

from gis.labels import format_value
from gis.sentences import limit, margin_text


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
