"""Correcting a set and telling two apart, on sets small enough to check by eye."""

from types import MappingProxyType

import pytest

from gis.amendments import amend, checks, differences, open_figures
from gis.criteria import list_criteria, load_criteria, set_to_plain
from gis.errors import CriteriaError
from tests.sets import criteria_set, criterion

CHECK = {"by": "An", "on": "2026-11-20", "document": "QĐ 1"}


def test_only_what_was_changed_differs():
    before = criteria_set(criterion("a"), criterion("b"))
    after = amend(before, {("b", "all"): {"thresholds": 4, "verification": "secondary", "checked": CHECK}})
    assert differences(before, after).to_numpy().tolist() == [
        ["b", "thresholds", "all", 3, 4],
        ["b", "verification", "all", "text", "secondary"],
        ["b", "checked", "all", None, CHECK],
    ]
    assert before.criterion("b").thresholds["all"] == 3
    assert len(differences(after, after)) == 0


def test_criteria_that_came_or_went_and_facts_of_the_set_are_told():
    one, other = (
        criteria_set(criterion("a")),
        criteria_set(criterion("b"), issuer="UBND", edition="2026-02-02"),
    )
    found = differences(one, other)
    assert ["", "issuer", "", "–", "UBND"] in found.to_numpy().tolist()
    assert ["a", "id", "", "a", None] in found.to_numpy().tolist()
    assert ["b", "id", "", None, "b"] in found.to_numpy().tolist()
    assert "edition" not in set(found["part"])


def test_a_figure_may_become_unknown_and_a_check_be_taken_back():
    before = amend(criteria_set(criterion("a")), {("a", "all"): {"checked": CHECK}})
    assert before.figures["checked"] == 1 and not before.is_trial
    after = amend(before, {("a", "all"): {"thresholds": None, "verification": "unknown", "checked": None}})
    assert after.criterion("a").thresholds["all"] is None and after.is_trial
    assert ["a", "checked", "all", CHECK, None] in differences(before, after).to_numpy().tolist()


def test_a_fault_tells_which_change_it_is_of():
    before = criteria_set(criterion("a"), criterion("b", unit="%", thresholds=MappingProxyType({"all": 70})))
    with pytest.raises(CriteriaError) as told:
        amend(before, {("a", "all"): {"thresholds": -1}, ("b", "all"): {"thresholds": 0.2}})
    assert [(one.code, one.arguments["line"]) for one in told.value.problems] == [
        ("criteria-figure-negative", 1),
        ("criteria-figure-percent", 2),
    ]


@pytest.mark.parametrize("name", list_criteria())
def test_every_set_of_the_house_can_be_ticked_off_whole(name):
    criteria = load_criteria(name)
    ticked = [(one.id, group) for one, group in open_figures(criteria) if one.thresholds[group] is not None]
    after = amend(criteria, checks(criteria, ticked, CHECK))
    assert after.figures["checked"] == after.figures["total"]
    assert {row for row in differences(criteria, after)["part"]} <= {"verification", "checked"}
    plain = set_to_plain(after)
    assert plain["id"] == name and [row["id"] for row in plain["criteria"]] == [
        one.id for one in criteria.criteria
    ]
