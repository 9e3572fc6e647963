"""Every indicator on villages worked out by hand; all that are registered are at least named here."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

import tiny
from gis.errors import TableError
from gis.indicators import access, reported, supply
from gis.indicators import roads as road_indicators
from gis.rasters import Raster
from gis.registry import INDICATORS, discover

discover("gis.indicators")


def told(texts):
    """Texts as a list with None where there is none."""
    return [None if text != text else text for text in texts]


def test_a_school_inside_is_present_and_one_on_the_border_serves_both_sides():
    measured = access.present_inside(
        tiny.villages(), tiny.facilities((100, 100), (1000, 500)), kind="primary"
    )
    assert measured["value"].tolist() == [1, 1, 0]
    assert measured["numerator"].tolist() == [2, 1, 0]
    assert told(measured["facility_id"]) == ["f0", "f1", None]


def test_another_kind_does_not_count_and_a_school_of_two_kinds_counts_for_both():
    schools = tiny.facilities((100, 100, "primary lower_secondary"), (1100, 100, "lower_secondary"))
    assert access.present_inside(tiny.villages(), schools, kind="primary")["value"].tolist() == [1, 0, 0]
    assert access.present_inside(tiny.villages(), schools, kind="lower_secondary")["value"].tolist() == [
        1,
        1,
        0,
    ]
    assert access.present_inside(tiny.villages(), schools, kind="secondary")["value"].tolist() == [0, 0, 0]


def test_presence_is_not_measured_without_a_surveyed_outline():
    rough = tiny.villages(approximate=[True, False, False])
    rough.loc["v1", "geometry"] = None
    measured = access.present_inside(rough, tiny.facilities((100, 100)))
    assert np.isnan(measured["value"].iloc[:2]).all() and measured["value"].iloc[2] == 0
    assert told(measured["doubt"]) == ["approximate", "no-geometry", None]


def test_straight_distance_names_the_nearest_and_of_equals_the_first_by_id():
    # village points at x = 500, 1500, 2500, y = 500
    measured = access.nearest_distance(tiny.villages(), tiny.facilities((1000, 500), (2500, 800)))
    assert measured["value"].tolist() == [0.5, 0.5, 0.3]
    assert told(measured["facility_id"]) == ["f0", "f0", "f1"]
    tied = access.nearest_distance(tiny.villages(1), tiny.facilities((800, 500), (200, 500)))
    assert told(tied["facility_id"]) == ["f0"]


def test_no_facility_at_all_is_unreachable_and_no_point_is_not_measured():
    villages = tiny.villages()
    villages.loc["v0", "point"] = None
    measured = access.nearest_distance(villages, tiny.facilities((0, 0)), kind="university")
    assert np.isnan(measured["value"].iloc[0]) and np.isinf(measured["value"].iloc[1:]).all()
    assert told(measured["doubt"]) == ["no-geometry", None, None]


def test_walking_time_is_the_straight_distance_at_walking_speed():
    measured = access.walking_time(tiny.villages(1), tiny.facilities((500, 3000)), walk_kmh=5.0)
    assert measured["value"].tolist() == [30.0]


def test_network_distance_walks_to_the_road_and_along_it():
    road = tiny.roads(LineString([(500, 600), (500, 1600), (2500, 1600)]))
    measured = access.network_distance(tiny.villages(), tiny.facilities((2500, 1700)), road)
    assert measured["value"].iloc[0] == pytest.approx(0.1 + 1 + 2 + 0.1)
    assert measured["floor"].iloc[0] == pytest.approx(np.hypot(2.0, 1.2))
    far = access.network_distance(tiny.villages(), tiny.facilities((2500, 1700)), road, max_leg_km=0.05)
    assert np.isinf(far["value"]).all()


def test_an_all_season_link_must_be_unbroken_and_unknown_stretches_leave_it_open():
    centres = tiny.facilities((2500, 500)).assign(commune_id="x1")
    first, second = LineString([(500, 500), (1500, 500)]), LineString([(1500, 500), (2500, 500)])

    def linked(*state):
        return access.all_season_link(
            tiny.villages(), tiny.roads(first, second, all_season=list(state)), centres
        )

    assert linked(1.0, 1.0)["value"].tolist() == [1, 1, 1]
    assert linked(0.0, 1.0)["value"].tolist() == [0, 1, 1]
    open_ = linked(np.nan, 1.0)
    assert np.isnan(open_["value"].iloc[0]) and told(open_["doubt"]) == ["not-given", None, None]
    elsewhere = access.all_season_link(tiny.villages(), tiny.roads(first), centres.assign(commune_id="x2"))
    assert told(elsewhere["doubt"]) == ["no-centre"] * 3 and elsewhere["value"].isna().all()
    assert set(elsewhere["doubt_of"]) == {"commune_centres"}


def test_a_village_beside_a_straight_all_season_road_is_linked_whatever_stub_is_nearer():
    centres = tiny.facilities((9000, 500)).assign(commune_id="x1")
    straight, stub = LineString([(-9000, 520), (9000, 520)]), LineString([(500, 510), (510, 510)])
    for lines in ([straight], [straight, stub]):
        assert access.all_season_link(tiny.villages(1), tiny.roads(*lines), centres)["value"].tolist() == [1]


def test_facilities_per_thousand_needs_people():
    villages = tiny.villages(population=[500.0, 0.0, np.nan])
    measured = supply.facilities_per_1000(villages, tiny.facilities((100, 100), (200, 100), (1100, 100)))
    assert measured["value"].iloc[0] == 4
    assert measured["value"].iloc[1:].isna().all() and told(measured["doubt"]) == [
        None,
        "no-people",
        "no-people",
    ]


def test_people_per_facility_adds_up_the_villages_that_share_it():
    villages = tiny.villages(population=[100.0, 200.0, 400.0])
    measured = supply.people_per_facility(villages, tiny.facilities((600, 500), (2500, 500)))
    assert measured["value"].tolist() == [100, 600, 600] or measured["value"].tolist() == [300, 300, 400]
    assert measured["value"].tolist() == [300, 300, 400]
    assert measured["denominator"].tolist() == [2, 2, 1]
    assert measured.groupby("facility_id")["value"].first().sum() == villages["population"].sum()


def test_a_facility_shared_with_a_village_of_unknown_population_may_serve_any_number():
    villages = tiny.villages(population=[100.0, np.nan, 400.0])
    measured = supply.people_per_facility(villages, tiny.facilities((600, 500), (2500, 500)))
    assert measured["value"].tolist() == [100, 100, 400]
    assert measured["high"].tolist() == [np.inf, np.inf, 400] and told(measured["doubt"]) == [
        "no-people",
        "no-people",
        None,
    ]


def test_figures_that_cannot_be_give_no_share():
    wrong = pd.DataFrame(
        {"part": [120.0, -1, 5], "whole": [100.0, 100, -5], "record": ["a", "b", "c"]},
        index=["v0", "v1", "v2"],
    )
    measured = reported.reported_share(wrong, numerator="part", denominator="whole")
    assert measured["value"].isna().all() and told(measured["doubt"]) == ["impossible"] * 3
    rest = reported.reported_missing_share(wrong, numerator="part", denominator="whole")
    assert rest["value"].isna().all() and told(rest["doubt"]) == ["impossible"] * 3


def test_people_within_counts_people_not_area():
    grid = Raster(
        np.array([[90.0] + [0.0] * 8 + [10.0]]), west=0, north=1000, width=100, height=1000, crs=None
    )
    measured = supply.people_within(tiny.villages(1), tiny.facilities((0, 500)), grid, radius_km=0.6)
    assert measured["value"].tolist() == [90] and measured["denominator"].tolist() == [100]
    empty = supply.people_within(tiny.villages(), tiny.facilities((0, 500)), grid, radius_km=0.6)
    assert told(empty["doubt"]) == [None, "no-people", "no-people"]


def test_people_within_a_distance_of_a_road_counts_along_its_whole_length():
    grid = Raster(np.full((10, 10), 1.0), west=0, north=1000, width=100, height=100, crs=None)
    road = tiny.roads(LineString([(0, 500), (1000, 500)]))
    measured = supply.people_within(tiny.villages(1), road, grid, radius_km=0.25)
    assert measured["value"].iloc[0] == pytest.approx(50, abs=5)
    closed = supply.people_within(
        tiny.villages(1), road.assign(all_season=0.0), grid, radius_km=0.25, all_season=True
    )
    assert closed["value"].tolist() == [0]


def test_road_share_is_cut_at_the_border_and_only_of_the_class():
    lines = [
        LineString([(500, 500), (1250, 500)]),
        LineString([(0, 100), (0.001, 900)]),
        LineString([(100, 0), (100, 500)]),
    ]
    network = tiny.roads(*lines, surface=["concrete", "earth", "earth"])
    network["class"] = ["village", "field", "village"]
    measured = road_indicators.road_share(tiny.villages(), network, classes="village")
    assert measured["denominator"].tolist() == pytest.approx([1.0, 0.25, 0])
    assert measured["value"].iloc[0] == pytest.approx(50) and measured["value"].iloc[1] == pytest.approx(100)
    assert told(measured["doubt"]) == [None, None, "no-roads"]


def test_road_of_unknown_surface_or_class_leaves_the_share_open():
    # 500 m of concrete, 300 m of earth, 200 m of which nobody wrote the surface
    lines = [LineString([(0, y), (length, y)]) for y, length in ((100, 500), (200, 300), (300, 200))]
    network = tiny.roads(*lines, surface=["concrete", "earth", None])
    share = road_indicators.road_share(tiny.villages(1), network, classes="village").iloc[0]
    assert share[["low", "value", "high"]].tolist() == pytest.approx([50, 62.5, 70])
    assert share["doubt"] == "not-given"
    # 100 m of concrete, and 100 m of earth that may be a village road or not
    network = tiny.roads(*(LineString([(0, y), (100, y)]) for y in (100, 200)), surface=["concrete", "earth"])
    network["class"] = ["village", None]
    share = road_indicators.road_share(tiny.villages(1), network, classes="village").iloc[0]
    assert (share["low"], share["value"], share["high"], share["doubt"]) == (50, 100, 100, "not-given")
    blank = road_indicators.road_share(tiny.villages(1), network[1:], classes="village").iloc[0]
    assert np.isnan(blank["value"]) and blank["doubt"] == "not-given"
    # a concrete road of unknown class can only help
    network["surface"] = ["earth", "concrete"]
    share = road_indicators.road_share(tiny.villages(1), network, classes="village").iloc[0]
    assert (share["low"], share["value"], share["high"]) == (0, 0, 50)


def test_a_facility_of_unknown_kind_may_be_the_one_asked_for():
    schools = tiny.facilities((500, 900, None), (500, 4500))
    one = tiny.villages(1)
    away = access.nearest_distance(one, schools, kind="primary").iloc[0]
    assert (away["low"], away["value"], away["high"], away["doubt"]) == (0.4, 4, 4, "kind-unknown")
    walk = access.walking_time(one, schools, kind="primary").iloc[0]
    assert (walk["low"], walk["value"]) == pytest.approx((4.8, 48))
    road = tiny.roads(LineString([(500, 0), (500, 5000)]))
    along = access.network_distance(one, schools, road, kind="primary").iloc[0]
    assert (along["low"], along["value"], along["floor"]) == pytest.approx((0.4, 4, 0.4))
    present = access.present_inside(one, schools, kind="primary").iloc[0]
    assert (present["low"], present["value"], present["high"], present["doubt"]) == (0, 0, 1, "kind-unknown")
    per_head = supply.facilities_per_1000(one, schools, kind="primary").iloc[0]
    assert (per_head["low"], per_head["value"], per_head["high"]) == (0, 0, 1)
    load = supply.people_per_facility(tiny.villages(), schools, kind="primary")
    assert load["value"].tolist() == [3000] * 3 and set(load["doubt"]) == {None}
    none = supply.people_per_facility(tiny.villages(1), schools[:1], kind="primary").iloc[0]
    assert (none["low"], none["value"], none["doubt"]) == (1000, np.inf, "kind-unknown")
    every = access.nearest_distance(one, schools).iloc[0]
    assert (every["low"], every["value"], every["doubt"]) == (0.4, 0.4, None)


def test_people_beside_roads_of_unrecorded_season_or_near_the_edge_may_be_within():
    grid = Raster(np.full((1, 10), 10.0), west=0, north=1000, width=100, height=1000, crs=None)
    ways = [LineString([(x, 0), (x, 1000)]) for x in (0, 500)]
    roads = tiny.roads(*ways, all_season=[1.0, np.nan])

    def within(edge=None):
        options = {"radius_km": 0.1, "all_season": True}
        return supply.people_within(tiny.villages(1), roads, grid, edge, **options).iloc[0]

    assert (within()["low"], within()["value"], within()["high"]) == (10, 10, 30)
    assert within()["doubt"] == "not-given"
    # the data end at x = 1,000, 500 m from the village point, which the last 100 m of people are near
    ended = within(lambda points: 1000 - shapely.get_x(points))
    assert (ended["low"], ended["high"], ended["doubt"]) == (10, 40, "beyond-edge")
    recorded = supply.people_within(tiny.villages(1), roads[:1], grid, radius_km=0.1, all_season=True).iloc[0]
    assert (recorded["low"], recorded["high"], recorded["doubt"]) == (10, 10, None)
    unsaid = roads.drop(columns="all_season")
    assert (
        supply.people_within(tiny.villages(1), unsaid, grid, radius_km=0.1, all_season=True)["high"].iloc[0]
        == 30
    )


@pytest.mark.parametrize(
    "column, measure",
    [
        ("class", lambda: road_indicators.road_share(tiny.villages(), ROAD.drop(columns="class"), classes="village")),
        ("surface", lambda: road_indicators.road_share(tiny.villages(), ROAD.drop(columns="surface"), classes="village")),
        ("commune_id", lambda: access.all_season_link(tiny.villages(), ROAD, tiny.facilities((1, 1)))),
        ("kind", lambda: access.present_inside(tiny.villages(), tiny.facilities((1, 1)).drop(columns="kind"), kind="phc")),
    ],
)  # fmt: skip
def test_a_missing_column_is_named(column, measure):
    with pytest.raises(TableError) as fault:
        measure()
    assert fault.value.arguments["columns"] == [column] and f" {column};" in fault.value.say("en")


ROAD = tiny.roads(LineString([(0, 0), (1, 1)]))
REPORT = pd.DataFrame(
    {"poor": [57.0, np.nan, 0.0, np.nan], "near": [1.0, 1, 1, 1], "all": [100.0, 50.0, 0.0, np.nan],
     "record": ["r 4", "r 5", "r 6", None]},
    index=["v0", "v1", "v2", "v3"],
)  # fmt: skip


def test_a_reported_share_is_exact_and_blank_is_not_zero():
    measured = reported.reported_share(REPORT, numerator="poor", denominator="all")
    assert measured["value"].iloc[0] == 57.0  # not 56.99999999999999
    assert measured["value"].iloc[1:].isna().all()
    assert told(measured["doubt"]) == [None, "not-given", "no-denominator", "no-record"]


def test_sums_and_remainders_of_reported_figures():
    total = reported.reported_sum_share(REPORT, numerators=["poor", "near"], denominator="all")
    assert total["value"].iloc[0] == 58
    rest = reported.reported_missing_share(REPORT, numerator="poor", denominator="all")
    assert rest["value"].iloc[0] == 43 and rest["numerator"].iloc[0] == 43


def test_a_field_that_the_sheet_lacks_is_not_given():
    measured = reported.reported_value(REPORT, field="income")
    assert measured["value"].isna().all() and told(measured["doubt"]) == ["not-given"] * 3 + ["no-record"]


def test_every_indicator_states_its_label_in_both_languages_and_what_unseen_things_do():
    for declared in INDICATORS.values():
        assert set(declared.label) == {"vi", "en"} and declared.function.__doc__
        assert set(declared.unseen.values()) <= {"lowers", "raises", "either", "nothing"}


places = st.lists(
    st.tuples(st.integers(-2000, 5000), st.integers(-2000, 3000)), min_size=1, max_size=12, unique=True
)


@settings(max_examples=50, deadline=None)
@given(places, places)
def test_one_more_school_never_makes_a_village_farther_or_poorer(few, more):
    villages = tiny.villages()
    before, after = tiny.facilities(*few), tiny.facilities(*few, *more)
    assert (
        access.nearest_distance(villages, after)["value"]
        <= access.nearest_distance(villages, before)["value"]
    ).all()
    assert (
        access.present_inside(villages, after)["value"] >= access.present_inside(villages, before)["value"]
    ).all()


@settings(max_examples=50, deadline=None)
@given(places, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(few, random):
    villages, schools = tiny.villages(), tiny.facilities(*few)
    order = list(range(len(schools)))
    random.shuffle(order)
    for indicator in (access.nearest_distance, access.present_inside, supply.people_per_facility):
        pd.testing.assert_frame_equal(indicator(villages, schools), indicator(villages, schools.iloc[order]))


def test_inputs_stay_untouched():
    villages, schools = tiny.villages(), tiny.facilities((1, 1))
    before = villages.copy(), schools.copy()
    for indicator in (
        access.nearest_distance,
        access.present_inside,
        supply.people_per_facility,
        supply.facilities_per_1000,
    ):
        indicator(villages, schools)
    pd.testing.assert_frame_equal(villages, before[0])
    pd.testing.assert_frame_equal(schools, before[1])
    assert villages.loc["v0", "point"] == Point(500, 500)


def test_all_of_a_length_is_a_hundred_percent_whatever_its_decimals():
    lengths = np.arange(1, 2001) / 100
    sheet = pd.DataFrame({"hard": lengths, "all": lengths}, index=[f"v{n}" for n in range(2000)])
    shares = INDICATORS["reported_share"].function(sheet, numerator="hard", denominator="all")
    assert (shares["value"] == 100).all()
    left = INDICATORS["reported_missing_share"].function(sheet, numerator="hard", denominator="all")
    assert (left["value"] == 0).all()
    # a hair more than rounding is no rounding
    sheet["hard"] = sheet["all"] * (1 - 1e-6)
    shares = INDICATORS["reported_share"].function(sheet, numerator="hard", denominator="all")
    assert (shares["value"] < 100).all()
