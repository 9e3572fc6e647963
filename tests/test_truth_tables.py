"""Every form of logic as a table that a reader can check by hand: four answers in, one out.

In the tables ``+`` is met, ``-`` unmet, ``?`` unknown and ``x`` exempt; ``~`` is unmet and nearly met.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny
from gis.criteria.form import freeze
from gis.trivalent import all_of, at_least, codes_of, either, negate
from gis.verdicts import judge_set
from sets import criteria_set, criterion

WORD = {"+": "met", "-": "unmet", "?": "unknown", "x": "exempt", "~": "unmet"}
NEARLY = {"+": "met", "-": "unmet", "?": "unknown", "x": "exempt", "~": "met"}


def judged(answers, logic, *, kinds=None, nearly=(), grades=None, **changes):
    """The verdict of a set of criteria a, b, c, … on one village with these answers."""
    names = "abcdefgh"[: len(answers)]
    kind = "trigger" if changes.get("polarity") == "trigger" else "flag"
    criteria = [criterion(name, kind=(kinds or {}).get(name, kind)) for name in names]
    findings = pd.DataFrame(
        {
            "village_id": "v0",
            "criterion": list(names),
            "status": [WORD[answer] for answer in answers],
            "nearly_status": [NEARLY[answer] if name in nearly else None for name, answer in zip(names, answers, strict=True)],
            "grade": [(grades or {}).get(name) for name in names],
        }
    )  # fmt: skip
    villages = changes.pop("villages", tiny.villages(1))
    return judge_set(findings, criteria_set(*criteria, logic=freeze(logic), **changes), villages).iloc[0]


def sign(result):
    return {"met": "+", "unmet": "-", "unknown": "?", "exempt": "x"}[result["status"]]


def table(text):
    """Rows of ``answers result`` as pairs."""
    return [tuple(row.split()) for row in text.split("\n") if row.strip()]


# --- all -----------------------------------------------------------------------------------------------

ALL_OF_TWO = """
++ +
+- -
+? ?
+x +
-- -
-? -
-x -
?? ?
?x ?
xx x
"""


@pytest.mark.parametrize(("answers", "expected"), table(ALL_OF_TWO))
def test_all_must_hold(answers, expected):
    for order in (answers, answers[::-1]):
        assert sign(judged(order, "all")) == expected
        assert sign(judged(order, {"all": ("a", "b")})) == expected


# --- n of m: two of three ---------------------------------------------------------------------------------

TWO_OF_THREE = """
+++ +
++- +
++? +
++x +
+-- -
+-? ?
+-x -
+?? ?
+?x ?
+xx +
--- -
--? -
--x -
-?? ?
-?x -
-xx -
??? ?
??x ?
?xx ?
xxx x
"""


@pytest.mark.parametrize(("answers", "expected"), table(TWO_OF_THREE))
def test_two_of_three(answers, expected):
    rule = {"any_n": 2, "of": ("a", "b", "c")}
    assert {sign(judged(answers[i:] + answers[:i], rule)) for i in range(3)} == {expected}


ONE_OF_TWO = """
++ +
+- +
+? +
+x +
-- -
-? ?
-x -
?? ?
?x ?
xx x
"""


@pytest.mark.parametrize(("answers", "expected"), table(ONE_OF_TWO))
def test_one_of_two(answers, expected):
    assert sign(judged(answers, {"any_n": 1, "of": ("a", "b")})) == expected


# --- nested: a or (b and two of c, d, e) -------------------------------------------------------------------

NESTED = {"any_n": 1, "of": ("a", {"all": ("b", {"any_n": 2, "of": ("c", "d", "e")})})}
NESTED_TABLE = """
+---- +
+???? +
-++++ +
-+++- +
-++-- -
-++?- ?
-++?? ?
--+++ -
-?+++ ?
-?--- -
-?-?- -
?---- ?
?++-- ?
?+++? +
x+++- +
x+--- -
-xxxx -
-+xxx +
xxxxx x
"""


@pytest.mark.parametrize(("answers", "expected"), table(NESTED_TABLE))
def test_nested_rules(answers, expected):
    assert sign(judged(answers, NESTED)) == expected


TURNED = {"+": "-", "-": "+", "?": "?", "x": "x"}


@pytest.mark.parametrize(("answers", "expected"), table(NESTED_TABLE))
def test_disadvantage_is_the_same_table_with_both_answers_turned(answers, expected):
    # a trigger that holds is unmet, and so is the village when the rule comes true
    turned = "".join(TURNED[answer] for answer in answers)
    assert sign(judged(turned, NESTED, polarity="trigger")) == TURNED[expected]


# --- a count that depends on an attribute ------------------------------------------------------------------

# two of two, but one is enough in zone III; attribute, answers, verdict
OR_ONE = """
III ++ +
III +- +
III +? +
III -- -
III -? ?
III +x +
II ++ +
II +- -
II +? ?
II -? -
II +x +
blank ++ +
blank +- ?
blank +? ?
blank -- -
blank -? ?
blank xx x
"""


@pytest.mark.parametrize(("zone", "answers", "expected"), table(OR_ONE))
def test_a_count_that_depends_on_a_text(zone, answers, expected):
    rule = {"any_n": 2, "or_n": {"n": 1, "when": {"attribute": "zone", "in": ("III",)}}, "of": ("a", "b")}
    villages = tiny.villages(1, zone=[None if zone == "blank" else zone])
    assert sign(judged(answers, rule, villages=villages)) == expected


@pytest.mark.parametrize(("zone", "answers", "expected"), table(OR_ONE))
def test_a_count_that_depends_on_a_number(zone, answers, expected):
    when = {"attribute": "minority_share_pct", "compare": "ge", "value": 80}
    share = {"III": 80.0, "II": 79.9, "blank": np.nan}[zone]
    rule = {"any_n": 2, "or_n": {"n": 1, "when": when}, "of": ("a", "b")}
    assert sign(judged(answers, rule, villages=tiny.villages(1, minority_share_pct=[share]))) == expected


# --- points ------------------------------------------------------------------------------------------------

# a 50, b 30 (15 where nearly), c 20; pass 70, nearly 50: answers, points low, high, verdict
POINTS = {
    "points": {"a": {"met": 50}, "b": {"met": 30, "nearly": 15}, "c": {"met": 20}},
    "pass": 70, "nearly": 50, "required": (), "verification": "text",
}  # fmt: skip
POINTS_TABLE = """
+++ 100 100 +
++- 80 80 +
+-+ 70 70 +
+-- 50 50 ~
+~- 65 65 ~
+~+ 85 85 +
-++ 50 50 ~
-+- 30 30 -
--- 0 0 -
??? 0 100 ?
+?- 50 80 ?
++? 80 100 +
-+? 30 50 -
-?- 0 30 -
+?? 50 100 ?
?+- 30 80 ?
-?+ 20 50 -
"""


@pytest.mark.parametrize(("answers", "low", "high", "expected"), table(POINTS_TABLE))
def test_points_are_an_interval_and_decide_only_where_it_does(answers, low, high, expected):
    result = judged(answers, POINTS, nearly="b")
    assert (result["points_low"], result["points_high"]) == (float(low), float(high))
    assert sign(result) == expected.replace("~", "-")
    assert result["grade"] == ("nearly" if expected == "~" else None)


# c does not apply: 80 points are left and are scaled to 100, so a alone has 62.5 and b alone 37.5
EXEMPT_TABLE = """
++x 100 100 +
+-x 62.5 62.5 ~
+~x 81.25 81.25 +
-+x 37.5 37.5 -
+?x 62.5 100 ?
?-x 0 62.5 -
xx+ 100 100 +
xx- 0 0 -
"""


@pytest.mark.parametrize(("answers", "low", "high", "expected"), table(EXEMPT_TABLE))
def test_points_of_rows_that_do_not_apply_are_scaled_away(answers, low, high, expected):
    result = judged(answers, POINTS, nearly="b")
    assert (result["points_low"], result["points_high"]) == (float(low), float(high))
    assert sign(result) + str(result["grade"]) == {"~": "-nearly"}.get(expected, expected + "None")


def test_where_no_row_applies_there_are_no_points():
    result = judged("xxx", POINTS)
    assert sign(result) == "x" and np.isnan([result["points_low"], result["points_high"]]).all()


# c is required whatever the points: it alone may keep a village from passing, and from nearly passing
REQUIRED_TABLE = """
+++ +
++- -
++? ?
++x +
+-- -
+-+ +
-++ ~
--+ -
-+? -
"""


@pytest.mark.parametrize(("answers", "expected"), table(REQUIRED_TABLE))
def test_required_rows_must_be_met_whatever_the_points(answers, expected):
    result = judged(answers, {**POINTS, "required": ("c",)}, nearly="b")
    assert sign(result) + str(result["grade"]) == {"~": "-nearly"}.get(expected, expected + "None")


def test_a_row_may_be_required_without_points():
    logic = {**POINTS, "required": ("d",)}
    assert [sign(judged(answers, logic)) for answers in ("++++", "+++-", "+++?", "---+")] == [
        "+",
        "-",
        "?",
        "-",
    ]


def test_a_pass_mark_that_nobody_knows_decides_nothing():
    assert sign(judged("+++", {**POINTS, "pass": None})) == "?"
    assert sign(judged("++-", {**POINTS, "pass": None, "required": ("c",)})) == "-"


def test_points_by_band_are_those_of_the_band_and_open_where_it_is():
    logic = {**POINTS, "points": {"a": {"grades": {"1": 4, "2": 8}}, "b": {"met": 2}}, "pass": 6, "nearly": 5}
    for answers, grade, low, high in (
        ("++", "1", 6, 6),
        ("++", "2", 10, 10),
        ("++", None, 6, 10),
        ("?-", None, 0, 8),
        ("-+", None, 2, 2),
    ):
        result = judged(answers, logic, grades={"a": grade})
        assert (result["points_low"], result["points_high"]) == (low, high)


def test_floating_point_does_not_cost_a_village_its_pass():
    # 0.1 + 0.2 of 0.3 scaled by a row that does not apply
    logic = {
        **POINTS,
        "points": {"a": {"met": 0.1}, "b": {"met": 0.2}, "c": {"met": 0.7}},
        "pass": 1,
        "nearly": 0.5,
    }
    result = judged("++x", logic)
    assert sign(result) == "+" and result["points_low"] == 1


def test_a_set_without_points_has_none():
    result = judged("+-", "all")
    assert result["grade"] is None and np.isnan([result["points_low"], result["points_high"]]).all()


# --- laws of all forms ---------------------------------------------------------------------------------------

TENS = {
    **POINTS,
    "points": {name: {"met": 10} for name in "abcde"},
    "pass": 30,
    "nearly": 20,
    "required": ("a",),
}
FORMS = ("all", {"any_n": 2, "of": ("a", "b", "c", "d", "e")}, NESTED, TENS)
ANSWERS = st.lists(st.sampled_from("+-?x"), min_size=5, max_size=5)


@given(ANSWERS, st.sampled_from(FORMS), st.data())
def test_learning_what_was_unknown_never_turns_a_verdict(answers, form, data):
    before = sign(judged("".join(answers), form))
    learnt = "".join(data.draw(st.sampled_from("+-")) if answer == "?" else answer for answer in answers)
    after = sign(judged(learnt, form))
    assert before in ("?", after) and after != "?"


@given(ANSWERS, st.sampled_from(FORMS), st.integers(0, 4))
def test_a_criterion_won_never_costs_a_verdict(answers, form, at):
    worse = sign(judged("".join(["-" if i == at else one for i, one in enumerate(answers)]), form))
    better = sign(judged("".join(["+" if i == at else one for i, one in enumerate(answers)]), form))
    assert ["-", "?", "+"].index(worse) <= ["-", "?", "+"].index(better)


def test_the_words_of_the_tables():
    code = codes_of(pd.Series(["unmet", "met", "unknown", "exempt", "else", None]))
    assert code.tolist() == [0, 1, 2, 3, 2, 2] and negate(code).tolist() == [1, 0, 2, 3, 2, 2]
    assert all_of([code, code]).tolist() == [0, 1, 2, 3, 2, 2]
    assert at_least(1, [code, code]).tolist() == [0, 1, 2, 3, 2, 2]
    assert either(code, np.array([0, 0, 2, 3, 2, 1])).tolist() == [0, 2, 2, 3, 2, 2]
