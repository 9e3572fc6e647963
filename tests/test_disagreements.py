"""Where map and sheet contradict each other, and every likely cause by itself."""

from types import MappingProxyType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

import tiny
from doubted import CATALOGUE, found, inside, judged, layer, study
from gis.criteria import Binding
from gis.disagreements import CAUSES, KINDS, count_causes, disagreements, not_measured
from gis.messages import catalogue
from gis.tables import DISAGREEMENTS
from sets import criterion

NAN = np.nan
HERE = tiny.facilities((500, 500))


def only(made):
    """The one row of disagreements of a study."""
    rows = found(made)[0]
    assert len(rows) == 1, rows
    return rows.iloc[0]


def one_village(*criteria, **options):
    return study(*criteria, villages=options.pop("villages", tiny.villages(1)), **options)


def test_the_four_kinds_are_told_apart_and_what_agrees_is_left_out():
    # v0 has a school and says so; v1 has none and says so; v2 has none and claims one; v3 has one and claims
    # none; v4 says nothing
    schools = tiny.facilities((500, 500), (3500, 500))
    made = study(
        inside(), villages=tiny.villages(5), layers={"schools": layer("schools", schools)},
        school=[1.0, 0.0, 1.0, 0.0, NAN],
    )  # fmt: skip
    rows = found(made)[0]
    assert rows[["village_id", "kind"]].to_numpy().tolist() == [
        ["v2", "claimed-met"], ["v3", "claimed-unmet"], ["v4", "not-compared"],
    ]  # fmt: skip
    assert rows["measured"].tolist() == [0, 1, 0] and rows["reported"].tolist()[:2] == [1, 0]
    assert list(rows) == list(DISAGREEMENTS) and rows["year"].tolist() == [2024] * 3


def test_where_the_map_cannot_tell_only_the_claim_stands():
    schools = layer("schools", tiny.facilities((9000, 500)), complete="unknown")
    row = only(one_village(inside(), layers={"schools": schools}, school=[1.0]))
    assert (row["kind"], row["cause"], row["status"], row["source"]) == (
        "claim-alone", "facility-missing", "met", "reported",
    )  # fmt: skip
    # a claim that there is none is as little to be checked
    row = only(one_village(inside(), layers={"schools": schools}, school=[0.0]))
    assert (row["kind"], row["cause"]) == ("claim-alone", "facility-missing")


def test_a_disadvantage_that_is_claimed_is_claimed_unmet():
    trigger = inside(kind="trigger", compare="absent")
    made = one_village(trigger, layers={"schools": layer("schools", HERE)}, school=[0.0])
    row = only(made)
    assert (row["kind"], row["measured_status"], row["reported_status"]) == ("claimed-unmet", "met", "unmet")


def test_criteria_with_one_side_only_and_those_that_do_not_apply_are_no_disagreements():
    reported = inside("only-reported", measured=None, decides="reported")
    elsewhere = inside("elsewhere", applies={"attribute": "commune", "in": ("Xã Hai",)})
    made = one_village(
        reported, elsewhere, inside("only-measured", reported=None),
        layers={"schools": layer("schools", HERE)}, school=[0.0],
    )  # fmt: skip
    assert found(made)[0].empty
    assert [one.id for one in not_measured(made.criteria)] == ["only-reported"]


def test_a_school_just_outside_the_border_is_named_with_its_distance():
    schools = layer("schools", tiny.facilities((1300, 500), (5000, 500)))
    row = only(one_village(inside(), layers={"schools": schools}, school=[1.0]))
    assert (row["cause"], row["place_id"], row["place_name"]) == ("facility-outside", "f0", "Trường 0")
    assert row["away_m"] == pytest.approx(300) and (row["x"], row["y"]) == (1300, 500)


def test_a_school_of_the_commune_that_lies_outside_it_is_misplaced():
    schools = tiny.facilities((500, 9000)).assign(commune_id="x1")
    row = only(one_village(inside(), layers={"schools": layer("schools", schools)}, school=[1.0]))
    assert (row["cause"], row["place_id"]) == ("facility-misplaced", "f0")
    assert row["away_m"] == pytest.approx(8000)


def test_near_the_threshold_leads_and_the_others_that_fit_are_kept():
    schools = layer("schools", tiny.facilities((1080, 500)), as_of="2020")
    row = only(one_village(inside(), layers={"schools": schools}, school=[1.0]))
    assert row["cause"] == "near-threshold"
    assert row["causes"].split() == ["near-threshold", "facility-outside", "layer-older"]


@pytest.mark.parametrize(
    ("as_of", "cause"),
    [("2022", "layer-older"), ("2023", "unexplained"), ("2025", "unexplained"), ("2026", "claim-older")],
)
def test_data_of_other_years_are_a_cause_beyond_the_tolerance(as_of, cause):
    schools = layer("schools", tiny.facilities((9000, 500)), as_of=as_of)
    assert only(one_village(inside(), layers={"schools": schools}, school=[1.0]))["cause"] == cause


def test_a_weak_name_match_is_a_cause():
    table = pd.DataFrame({"left_id": [2], "right_id": ["v0"], "outcome": ["automatic"], "reason": ["typing"]})
    made = one_village(
        inside(), layers={"schools": layer("schools", tiny.facilities((9000, 500)))}, school=[1.0],
        matches={"bieu.xlsx": SimpleNamespace(table=table)},
    )  # fmt: skip
    assert only(made)["cause"] == "name-weak"


def test_a_figure_that_cannot_be_is_told_before_all_else():
    share = criterion(
        measured=Binding("road_share", (("classes", "village"),)),
        reported=Binding("reported_share", (("numerator", "hard"), ("denominator", "length"))),
        unit="%", compare="ge", thresholds=MappingProxyType({"all": 70}),
    )  # fmt: skip
    roads = layer("roads", tiny.roads(LineString([(0, 500), (1000, 500)])))
    row = only(one_village(share, layers={"roads": roads}, hard=[3.0], length=[2.0]))
    assert (row["kind"], row["cause"]) == ("not-compared", "claim-impossible")
    row = only(one_village(inside(), layers={"schools": layer("schools", HERE)}, school=[-1.0]))
    assert row["cause"] == "claim-impossible"


BY_ROAD = criterion(
    measured=Binding(
        "network_distance", (("facilities", "schools"), ("kind", "primary"), ("max_leg_km", 0.2))
    )
)


def test_a_gap_in_the_road_whose_closing_would_settle_it_is_named():
    # from (500, 500) along the road to the school at (2500, 500): 2 km, but for a gap of 30 m
    schools = {"schools": layer("schools", tiny.facilities((2500, 500)))}
    cut = [LineString([(500, 500), (1500, 500)]), LineString([(1530, 500), (2500, 500)])]
    wide = [LineString([(500, 500), (1500, 500)]), LineString([(1600, 500), (2500, 500)])]
    row = only(
        one_village(BY_ROAD, layers={**schools, "roads": layer("roads", tiny.roads(*cut))}, distance=[2.0])
    )
    assert (row["kind"], row["cause"], row["place_id"]) == ("claimed-met", "road-gap", "1500 500")
    assert row["measured"] == np.inf and row["away_m"] == pytest.approx(30)
    row = only(
        one_village(BY_ROAD, layers={**schools, "roads": layer("roads", tiny.roads(*wide))}, distance=[2.0])
    )
    assert row["cause"] == "unexplained"


def test_a_gap_that_would_not_settle_it_is_no_cause():
    # closing it still leaves 4.9 km
    schools = {"schools": layer("schools", tiny.facilities((5400, 500)))}
    cut = [LineString([(500, 500), (1500, 500)]), LineString([(1530, 500), (5400, 500)])]
    row = only(
        one_village(BY_ROAD, layers={**schools, "roads": layer("roads", tiny.roads(*cut))}, distance=[2.0])
    )
    assert row["cause"] == "unexplained"


def test_of_several_gaps_the_one_on_the_way_is_named_and_not_the_nearest():
    schools = {"schools": layer("schools", tiny.facilities((2500, 500)))}
    on_the_way = [LineString([(500, 500), (1500, 500)]), LineString([(1530, 500), (2500, 500)])]
    # a stub near the village that leads nowhere
    stub = LineString([(500, 540), (500, 700)])
    roads = layer("roads", tiny.roads(stub, *on_the_way))
    assert (
        only(one_village(BY_ROAD, layers={**schools, "roads": roads}, distance=[2.0]))["place_id"]
        == "1500 500"
    )


def test_a_gap_in_the_road_of_all_seasons_is_named():
    link = criterion(
        measured=Binding("all_season_link"), reported=Binding("reported_value", (("field", "road"),)), unit="bool",
        compare="present", thresholds=MappingProxyType({"all": True}),
    )  # fmt: skip
    centre = layer("commune_centres", tiny.facilities((2500, 500)).assign(commune_id="x1"))
    cut = [LineString([(500, 500), (1500, 500)]), LineString([(1540, 500), (2500, 500)])]
    # a dry-season track is in the way that does not help; the gap is in the road of all seasons
    track = LineString([(1500, 500), (1540, 500)])
    roads = layer("roads", tiny.roads(*cut, track).assign(all_season=[1.0, 1.0, 0.0]))
    row = only(one_village(link, layers={"roads": roads, "commune_centres": centre}, road=[1.0]))
    assert (row["cause"], row["away_m"]) == ("road-gap", 40)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"layers": {}}, "layer-missing"),
        ({"villages": tiny.villages(1).assign(point=None, geometry=None)}, "no-place"),
        ({"villages": tiny.villages(1, approximate=[True])}, "extent-approximate"),
        ({"layers": {"schools": layer("schools", tiny.facilities((500, 500, None)))}}, "kind-unknown"),
    ],
)
def test_why_the_map_cannot_tell_is_the_cause(change, cause):
    made = one_village(inside(), **{"layers": {"schools": layer("schools", HERE)}, **change}, school=[1.0])
    assert only(made)["cause"] == cause


def test_causes_are_counted_with_the_villages_they_touch():
    schools = layer("schools", tiny.facilities((1080, 500)), as_of="2020")
    made = study(inside(), villages=tiny.villages(3), layers={"schools": schools}, school=[1.0, 1.0, 1.0])
    # v1 has the school; v0 is 80 m and v2 920 m from it
    counts = count_causes(found(made)[0]).set_index("cause")
    assert counts.loc["near-threshold"].tolist() == [1, 1, 1]
    assert counts.loc["facility-outside"].tolist() == [1, 1, 0]
    assert counts.loc["layer-older"].tolist() == [2, 2, 1]
    assert counts["first"].sum() == 2


def test_neither_figure_is_changed():
    made = one_village(
        inside(), layers={"schools": layer("schools", tiny.facilities((9000, 500)))}, school=[1.0]
    )
    measurements, findings = judged(made)
    before = measurements.copy(), findings.copy()
    disagreements(made, measurements, findings)
    assert measurements.equals(before[0]) and findings.equals(before[1])


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12)
def test_the_order_of_rows_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    schools = tiny.facilities(*[(500 + 700 * n, 500 + 30 * n) for n in range(6)])
    made = study(inside(), BY_ROAD, villages=tiny.villages(5), school=[1.0, 0.0, 1.0, NAN, 0.0],
                 distance=[1.0, 2.0, 9.0, 4.0, NAN],
                 layers={"schools": layer("schools", schools), "roads": layer("roads", tiny.roads(
                     LineString([(500, 500), (1400, 500)]), LineString([(1430, 500), (5000, 500)])))})  # fmt: skip
    measurements, findings = judged(made)
    expected = disagreements(made, measurements, findings)
    shuffled = measurements.iloc[rng.permutation(len(measurements))]
    assert disagreements(made, shuffled, findings).equals(expected)
    assert set(expected["kind"]) <= set(KINDS) and set(" ".join(expected["causes"]).split()) <= set(CAUSES)


def test_every_kind_and_cause_is_said_in_both_languages():
    for language in ("vi", "en"):
        known = set(catalogue(language))
        assert {f"cause-{cause}" for cause in CAUSES} | {f"disagree-kind-{kind}" for kind in KINDS} <= known


def test_the_sample_is_compared(sample_review):
    rows = sample_review.disagreements
    findings = sample_review.findings
    contradicted = rows["kind"].isin(["claimed-met", "claimed-unmet"])
    assert contradicted.sum() == (findings["agreement"] == "disagree").sum() > 0
    assert set(CATALOGUE) >= set(rows["layer"].dropna())
