"""What to mend, ranked by what would become decided."""

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny
from doubted import found, inside, layer, study
from gis.criteria import Binding
from gis.messages import catalogue
from gis.repairs import EVERYWHERE, KINDS, repairs
from gis.tables import REPAIRS
from sets import criterion

NAN = np.nan
HERE = tiny.facilities((500, 500))


def listed(made, **changes):
    """The repairs of a study by kind, without the check of thresholds that every study needs."""
    rows, findings = found(made)
    table = repairs(made, findings, rows, **changes)
    return table[table["kind"] != "check-threshold"].set_index("kind")


def claims(id_, field):
    return inside(
        id_, measured=None, reported=Binding("reported_value", (("field", field),)), decides="reported"
    )


def test_a_repair_decides_the_villages_whose_verdict_hangs_on_it_alone():
    # all must hold. v0 lacks a only: decided by it. v1 lacks a and b: by neither alone. v2 lacks a but fails b:
    # its verdict stands already
    made = study(
        claims("a", "a"), claims("b", "b"), villages=tiny.villages(3),
        a=[NAN, NAN, NAN], b=[1.0, NAN, 0.0],
    )  # fmt: skip
    table = listed(made).set_index("subject")
    assert table.loc["a", ["decides", "opens", "villages"]].tolist() == [1, 3, 3]
    assert table.loc["b", ["decides", "opens", "villages"]].tolist() == [0, 1, 1]
    assert list(table.index) == ["a", "b"] and table.loc["a", "village_ids"] == "v0 v1 v2"


def test_one_figure_that_several_criteria_wait_for_is_one_repair():
    share = {"unit": "%", "compare": "ge", "thresholds": {"all": 50}, "measured": None, "decides": "reported"}
    binding = Binding("reported_share", (("denominator", "households"), ("numerator", "poor_households")))
    made = study(
        criterion("a", reported=binding, **share), criterion("b", reported=binding, **share), villages=tiny.villages(1),
        poor_households=[NAN], households=[100.0],
    )  # fmt: skip
    table = listed(made)
    assert table[["subject", "decides", "opens"]].to_numpy().tolist() == [["poor_households", 1, 2]]


def test_a_repair_is_each_commune_s_own():
    villages = tiny.villages(3, commune_id=["x1", "x2", "x2"])
    made = study(claims("a", "a"), villages=villages, a=[NAN, NAN, NAN])
    table = listed(made)
    assert table[["commune_id", "decides"]].to_numpy().tolist() == [["x2", 2], ["x1", 1]]


def test_an_incomplete_layer_is_to_be_completed_where_it_is():
    villages = tiny.villages(2, commune_id=["x1", "x2"])
    schools = layer("schools", tiny.facilities((9000, 500)), complete={"x1": "yes", "*": "unknown"})
    made = study(inside(reported=None), villages=villages, layers={"schools": schools})
    table = listed(made)
    assert table[["layer", "commune_id", "decides", "opens"]].to_numpy().tolist() == [["schools", "x2", 1, 1]]
    assert table.index.tolist() == ["complete-layer"]


def test_completing_a_layer_counts_only_what_it_really_decides():
    # the only school is 7.5 and 6.5 km away, and 5 are asked for. If one commune alone is known to be complete, a
    # nearer school may stand in the other; once both are, there is none
    villages = tiny.villages(2, commune_id=["x1", "x2"])
    schools = layer("schools", tiny.facilities((8000, 500)), complete="unknown")
    made = study(criterion(reported=None), villages=villages, layers={"schools": schools})
    communes = gpd.GeoDataFrame(
        {"name": ["Một", "Hai"]}, geometry=list(villages.geometry), index=["x1", "x2"], crs=tiny.CRS
    )
    made = replace(made, communes=communes.rename_axis("commune_id"))
    table = listed(made)
    told = table[["commune_id", "subject", "decides", "opens", "villages"]].to_numpy().tolist()
    assert told == [[None, EVERYWHERE, 2, 2, 2], ["x1", None, 0, 0, 1], ["x2", None, 0, 0, 1]]
    whole = replace(schools, complete={"*": "yes"})
    findings = found(replace(made, layers={"schools": whole}))[1]
    assert findings["status"].tolist() == ["unmet", "unmet"]


def test_a_layer_that_ends_too_near_is_not_mended_by_being_complete():
    # data end 2 km around the village, and the school is 7.5 km away
    schools = layer("schools", tiny.facilities((8000, 500)), complete="unknown", everywhere=2000.0)
    made = study(criterion(reported=None), villages=tiny.villages(1), layers={"schools": schools})
    assert listed(made).loc["complete-layer", ["decides", "opens", "villages"]].tolist() == [0, 0, 1]


def test_a_claim_that_the_layer_cannot_confirm_would_be_firmer():
    schools = layer("schools", tiny.facilities((9000, 500)), complete="unknown")
    made = study(inside(), villages=tiny.villages(1), layers={"schools": schools}, school=[1.0])
    assert listed(made).loc["complete-layer", ["layer", "decides", "opens", "firms"]].tolist() == [
        "schools",
        0,
        0,
        1,
    ]


def test_each_thing_that_leaves_results_open_has_its_repair():
    far = tiny.facilities((500, 500, None))
    two = {
        "load-layer": study(inside(reported=None), villages=tiny.villages(1)),
        "name-kinds": study(inside(reported=None), villages=tiny.villages(1), layers={"schools": layer("schools", far)}),
        "outline-village": study(
            inside(reported=None), villages=tiny.villages(1, approximate=[True]), layers={"schools": layer("schools", HERE)}
        ),
        "widen-layer": study(
            criterion(reported=None), villages=tiny.villages(1),
            layers={"schools": layer("schools", tiny.facilities((8000, 500)), everywhere=2000.0)},
        ),
        "renew-layer": study(
            inside(reported=None), villages=tiny.villages(1),
            layers={"schools": layer("schools", HERE, age_years=9.0, limit_years=3.0)},
        ),
        "date-layer": study(
            inside(reported=None), villages=tiny.villages(1), layers={"schools": layer("schools", HERE, as_of=None)}
        ),
        "renew-claims": study(
            claims("a", "a"), villages=tiny.villages(1), a=[1.0], year=2020, as_of="2024", max_age_years=2
        ),
        "give-threshold": study(
            claims("a", "a"), inside("b", thresholds={"all": None}), villages=tiny.villages(1), a=[1.0],
            layers={"schools": layer("schools", HERE)},
        ),
        "give-group": study(
            inside(applies={"attribute": "zone", "in": ("III",)}), villages=tiny.villages(1),
            layers={"schools": layer("schools", HERE)},
        ),
    }  # fmt: skip
    for kind, made in two.items():
        table = listed(made)
        assert kind in table.index, (kind, table)
        assert table.loc[kind, "opens"] + table.loc[kind, "firms"] == 1


def test_where_the_set_gives_no_threshold_nothing_else_helps():
    made = study(
        inside(reported=None, thresholds={"all": None}), villages=tiny.villages(1),
        layers={"schools": layer("schools", tiny.facilities((9000, 500)), complete="unknown")},
    )  # fmt: skip
    assert listed(made).index.tolist() == ["give-threshold"]


def test_a_name_to_review_that_a_village_waits_for_is_to_be_confirmed():
    candidates = (SimpleNamespace(id="v1", name="Thôn 2", score=0.9),)
    rows = pd.DataFrame(
        {
            "left_id": [9],
            "right_id": [None],
            "outcome": ["review"],
            "reason": ["near"],
            "name": ["Thôn Hai cũ"],
            "candidates": [candidates],
        }
    )
    made = study(
        claims("a", "a"), villages=tiny.villages(2), a=[1.0, NAN], matches={"s": SimpleNamespace(table=rows)}
    )
    made.reported.loc["v1", "record"] = None
    table = listed(made)
    assert table.loc["confirm-name", ["village_id", "subject", "decides"]].tolist() == [
        "v1",
        "Thôn Hai cũ",
        1,
    ]
    assert table.loc["send-row", ["commune_id", "opens"]].tolist() == ["x1", 1]
    before = made.reported.assign(record="s · 4")
    made = replace(made, assessments={2023: before, **made.assessments})
    assert "confirm-name" not in listed(made).index


def test_contradictions_point_to_the_place_or_to_a_visit():
    schools = layer("schools", tiny.facilities((1300, 500)))
    made = study(inside(), villages=tiny.villages(3), layers={"schools": schools}, school=[1.0, 1.0, 1.0])
    table = listed(made)
    assert table.loc["check-place", ["subject", "layer", "firms", "villages"]].tolist() == [
        "Trường 0",
        "schools",
        1,
        1,
    ]
    far = study(
        inside(),
        villages=tiny.villages(1),
        layers={"schools": layer("schools", tiny.facilities((9000, 9)))},
        school=[1.0],
    )
    assert listed(far).loc["settle-claim", ["criterion", "commune_id", "firms"]].tolist() == [
        "inside",
        "x1",
        1,
    ]


def test_what_a_person_has_settled_needs_no_visit():
    made = study(
        inside(),
        villages=tiny.villages(1),
        layers={"schools": layer("schools", tiny.facilities((9000, 9)))},
        school=[1.0],
    )
    assert listed(made, settled={("v0", "inside")}).empty


def test_thresholds_that_nobody_checked_come_after_what_decides():
    made = study(claims("a", "a"), claims("b", "b"), villages=tiny.villages(2), a=[NAN, 1.0], b=[1.0, 1.0])
    rows, findings = found(made)
    table = repairs(made, findings, rows)
    assert table["kind"].tolist() == ["enter-figure", "check-threshold", "check-threshold"]
    assert table["criterion"].tolist() == [None, "b", "a"] and table["firms"].tolist() == [0, 2, 1]
    assert list(table) == list(REPAIRS) and table["repair"].is_unique


def test_a_study_with_nothing_open_needs_nothing_but_the_annex():
    made = study(
        inside(), villages=tiny.villages(1), layers={"schools": layer("schools", HERE)}, school=[1.0]
    )
    assert listed(made).empty


def test_of_several_that_are_enough_the_repair_counts_only_what_it_decides():
    # two of three are enough: v0 has one and lacks two figures; either alone decides only when it is met
    rule = {"any_n": 2, "of": ("a", "b", "c")}
    made = study(
        claims("a", "a"), claims("b", "b"), claims("c", "c"), villages=tiny.villages(2),
        a=[1.0, 1.0], b=[NAN, NAN], c=[NAN, 0.0],
    )  # fmt: skip
    made = replace(made, criteria=replace(made.criteria, logic=rule))
    table = listed(made).set_index("subject")
    # v1 has one, fails one: the third decides it; v0 may stay open when b is unmet
    assert table["decides"].to_dict() == {"b": 1, "c": 0}


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10)
def test_the_order_of_findings_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    values = [float(v) if v < 2 else NAN for v in rng.integers(0, 3, 6)]
    schools = layer("schools", tiny.facilities((500, 500), (3300, 500)), complete="unknown")
    made = study(inside(), claims("a", "a"), villages=tiny.villages(6), layers={"schools": schools},
                 school=values, a=values[::-1])  # fmt: skip
    rows, findings = found(made)
    expected = repairs(made, findings, rows)
    shuffled = findings.iloc[rng.permutation(len(findings))]
    assert repairs(made, shuffled, rows.iloc[::-1]).equals(expected)
    # nothing decides more villages than it touches
    assert (expected["decides"] <= expected["villages"]).all()


def test_every_kind_is_said_in_both_languages():
    for language in ("vi", "en"):
        assert {f"repair-do-{kind}" for kind in KINDS} <= set(catalogue(language))


def test_the_sample_has_a_name_to_confirm(sample_review):
    table = repairs(sample_review.study, sample_review.findings, sample_review.disagreements)
    assert "confirm-name" in set(table["kind"]) and set(table["kind"]) <= set(KINDS)
    assert table[["decides", "opens"]].iloc[0].tolist() >= table[["decides", "opens"]].iloc[-1].tolist()
    assert pytest.approx(0) == table["decides"].iloc[-1]
