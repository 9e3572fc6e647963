"""Times from where people live: worked out by hand on level ground, and the laws they keep."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, box

import tiny
from doubted import judged, layer, study
from gis.catalogue import load_catalogue
from gis.criteria import Binding
from gis.errors import CriteriaError
from gis.indicators.lived import people_within_time, travel_time_people
from gis.measure import check_bindings
from gis.rasters import Raster
from gis.travel import Travel
from sets import criteria_set, criterion

NAN, INF = np.nan, np.inf
KM = 60 / 5.04
"""Minutes for a kilometre on the flat."""


def grid(values, *, cell=100.0, west=0.0, south=0.0):
    values = np.array(values, dtype=float)
    return Raster(values, west, south + cell * len(values), cell, cell, CRS(tiny.CRS))


def level(rows=10, columns=30):
    return grid(np.zeros((rows, columns)))


def land(*shapes, **columns):
    frame = tiny.villages(len(shapes)).set_geometry(list(shapes), crs=tiny.CRS)
    return frame.assign(**columns)


ROW = np.zeros((10, 30))
ROW[4, [0, 10, 20]] = [50, 30, 20]
"""People in three cells of a row, 1 km apart: 50, 30 and 20."""
SCHOOL = tiny.facilities((50, 550))
WALK = {"off_path_pct": 100.0}


def within(villages=None, facilities=SCHOOL, people=None, elevation=None, **given):
    return people_within_time(
        land(box(0, 0, 3000, 1000)) if villages is None else villages,
        facilities,
        grid(ROW) if people is None else people,
        level() if elevation is None else elevation,
        **WALK,
        **given,
    )


def time(statistic, villages=None, facilities=SCHOOL, people=None, elevation=None, **given):
    return travel_time_people(
        land(box(0, 0, 3000, 1000)) if villages is None else villages,
        facilities,
        grid(ROW) if people is None else people,
        level() if elevation is None else elevation,
        statistic=statistic,
        **WALK,
        **given,
    )


def test_people_are_counted_up_to_the_time_that_is_allowed():
    # a kilometre takes 11.9 minutes
    shares = [within(minutes=minutes)["value"].item() for minutes in (1, 11, 12.5, 24.5)]
    assert shares == pytest.approx([50, 50, 80, 100])
    row = within(minutes=12.5).iloc[0]
    assert row[["numerator", "denominator"]].tolist() == pytest.approx([80, 100])


def test_a_village_is_judged_by_where_its_people_live():
    # half of all are at the school itself, eight tenths within a kilometre, all within two
    assert time("median")["value"].item() == pytest.approx(0, abs=1.3)
    assert time("p90")["value"].item() == time("worst")["value"].item() == pytest.approx(2 * KM, abs=1.3)
    assert time("worst")[["numerator", "denominator"]].iloc[0].tolist() == pytest.approx([100, 100])
    more = ROW.copy()
    more[4, 10] += 1
    assert time("median", people=grid(more))["value"].item() == pytest.approx(KM, abs=1.3)


def test_less_than_half_a_person_decides_nothing():
    sliver = ROW.copy()
    sliver[4, 29] = 0.4
    assert time("worst", people=grid(sliver))["value"].item() == pytest.approx(2 * KM, abs=1.3)
    sliver[4, 29] = 0.6
    assert time("worst", people=grid(sliver))["value"].item() == pytest.approx(2.9 * KM, abs=1.3)


def test_who_cannot_get_there_is_counted_and_makes_that_share_unreachable():
    walls = np.zeros((10, 30))
    walls[:, 15] = NAN
    found = {name: time(name, elevation=grid(walls)).iloc[0] for name in ("median", "p90", "worst")}
    assert found["median"]["value"] < 2 and found["p90"]["value"] == found["worst"]["value"] == INF
    assert found["worst"][["numerator", "denominator"]].tolist() == pytest.approx([80, 100])
    assert within(minutes=1e6, elevation=grid(walls))["value"].item() == pytest.approx(80)
    nobody = tiny.facilities((50, 550), kind="lower_secondary")
    assert time("median", facilities=nobody, kind="primary")["value"].item() == INF
    assert within(facilities=nobody, kind="primary", minutes=60)["value"].item() == 0


def test_no_people_no_outline_and_no_height_are_told_apart():
    villages = land(
        box(0, 0, 900, 300), box(0, 0, 3000, 1000), box(0, 0, 3000, 1000), box(5000, 0, 5100, 100)
    )
    villages.loc["v1", "geometry"] = None
    villages["approximate"] = [False, False, True, False]
    people = grid(np.pad(ROW, ((0, 0), (0, 30)), constant_values=3.0))
    for found in (within(villages, people=people, minutes=9), time("median", villages, people=people)):
        assert found["value"].isna().all()
        assert found["doubt"].tolist() == ["no-people", "no-geometry", "approximate", "no-elevation"]


def test_people_where_no_height_is_known_leave_the_answer_open():
    heights = np.zeros((10, 30))
    heights[3:6, 19:22] = NAN
    found = within(minutes=12.5, elevation=grid(heights)).iloc[0]
    # of 80 people all are within the time, 20 more may be or not
    assert found[["value", "low", "high"]].tolist() == pytest.approx([100, 80, 100])
    assert (found["doubt"], found["doubt_of"]) == ("no-elevation", "elevation")
    found = time("p90", elevation=grid(heights)).iloc[0]
    assert found["value"] == pytest.approx(KM, abs=1.3) and found["high"] == INF


def test_a_school_of_unrecorded_kind_and_one_beyond_the_edge_leave_it_open():
    schools = tiny.facilities((50, 550), (2050, 550, None))
    found = within(facilities=schools, kind="primary", minutes=4).iloc[0]
    assert found[["value", "high"]].tolist() == pytest.approx([50, 70]) and found["doubt"] == "kind-unknown"
    slow = time("worst", facilities=schools, kind="primary").iloc[0]
    assert slow["value"] == pytest.approx(2 * KM, abs=1.3) and slow["low"] < KM + 1.3

    def edge(points):
        # the facilities' data end just east of the last people
        return np.array([abs(2150 - point.x) for point in points])

    open_ = within(minutes=4, edge=edge).iloc[0]
    assert open_[["value", "high"]].tolist() == pytest.approx([50, 70]) and open_["doubt"] == "beyond-edge"


def test_cells_of_people_and_of_ground_may_differ_in_size_and_origin():
    # one cell of 900 x 100 m with 81 people over nine cells of ground, and again with the ground 30 m off
    people = Raster(np.array([[81.0]]), 0, 100, 900, 100, CRS(tiny.CRS))
    village = land(box(0, 0, 900, 100))
    for west in (0.0, -30.0):
        ground = grid(np.zeros((12, 12)), west=west, south=-500)
        reached = within(village, tiny.facilities((450, 50)), people, ground, minutes=0.5 * KM)
        assert reached["value"].item() == 100 and reached["denominator"].item() == pytest.approx(81)
        half = time("median", village, tiny.facilities((50, 50)), people, ground)["value"].item()
        assert half == pytest.approx(0.4 * KM, abs=0.11 * KM)


def test_a_border_through_a_cell_counts_its_people_by_area():
    villages = land(box(0, 0, 25, 1000), box(25, 0, 3000, 1000))
    found = within(villages, minutes=1)
    assert found["numerator"].tolist() == pytest.approx([12.5, 37.5])
    assert found["denominator"].tolist() == pytest.approx([12.5, 87.5])


def test_what_was_prepared_for_the_way_is_used():
    road = tiny.roads(LineString([(0, 550), (3000, 550)]))
    travel = Travel(level(), road)
    given = within(minutes=12.5, roads=road, travel=travel)
    pd.testing.assert_frame_equal(given, within(minutes=12.5, roads=road))


def test_riding_is_quicker_and_the_rains_close_what_is_not_open_all_year():
    # 3 km of earth road along the people, closed in the rains; a school at its far end
    road = tiny.roads(LineString([(0, 550), (3000, 550)]), all_season=[0.0])
    road = road.assign(**{"class": "village", "surface": "earth"})
    end = tiny.facilities((2950, 550))
    walk, ride, rain = (
        time("median", facilities=end, roads=road, mode=mode, season=season)["value"].item()
        for mode, season in (("walk", "dry"), ("motorbike", "dry"), ("motorbike", "wet"))
    )
    assert walk == pytest.approx(1.9 * KM, abs=1.3)
    # half are no farther than 1.9 km, at 15 km/h, and the walk from the middle of the cell to the road, which is nothing
    assert ride == pytest.approx(1.9 / 15 * 60, abs=0.7)
    assert rain == pytest.approx(walk, rel=0.01)
    assert within(facilities=end, roads=road, mode="motorbike", minutes=13)["value"].item() == 100
    assert within(facilities=end, roads=road, season="wet", minutes=13)["value"].item() == pytest.approx(20)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_the_laws(seed):
    chance = np.random.default_rng(seed)
    people = grid(chance.gamma(0.4, 5, (10, 12)), cell=chance.uniform(60, 160))
    heights = chance.uniform(0, 30, (10, 12))
    heights[chance.random((10, 12)) < 0.1] = NAN
    ground = grid(heights, west=chance.uniform(-40, 40), south=-20)
    villages = land(box(0, 0, 500, 900), box(500, 0, 1100, 400), box(500, 400, 1100, 900))
    schools = tiny.facilities(*chance.uniform(0, 1000, (3, 2)))
    shares = [within(villages, schools, people, ground, minutes=minutes)["value"] for minutes in (2, 5, 9)]
    assert all((less <= more + 1e-9).all() for less, more in zip(shares, shares[1:], strict=False))
    doubled = Raster(2 * people.values, people.west, people.north, people.width, people.height, people.crs)
    once, twice = (within(villages, schools, each, ground, minutes=5) for each in (people, doubled))
    assert (twice[["numerator", "denominator"]] == 2 * once[["numerator", "denominator"]]).all(axis=None)
    assert twice["value"].tolist() == once["value"].tolist()
    moved = within(villages[::-1], schools[::-1], people, ground, minutes=5)
    pd.testing.assert_frame_equal(once, moved[::-1])
    times = [time(name, villages, schools, people, ground)["value"] for name in ("median", "p90", "worst")]
    assert (times[0] <= times[1]).all() and (times[1] <= times[2]).all()
    fewer = time("median", villages, schools[:1], people, ground)["value"]
    assert (times[0] <= fewer).all()
    # the share within the median is at least half of all
    for village, minutes in times[0].items():
        if np.isfinite(minutes) and minutes > 0:
            at = within(villages.loc[[village]], schools, people, ground, minutes=minutes)["value"].item()
            assert at >= 50 - 1e-6


def test_a_set_that_names_another_statistic_is_refused():
    def bound(id_, indicator, **arguments):
        arguments["facilities"] = "schools"
        return criterion(id_, measured=Binding(indicator, tuple(sorted(arguments.items()))))

    wrong = criteria_set(
        bound("a", "travel_time_people", statistic="mean"),
        bound("b", "people_within_time", minutes=0),
        bound("c", "people_within_time"),
        bound("d", "travel_time_people", statistic="worst", mode="motorbike", season="wet"),
        bound("e", "people_within_time", minutes=30, mode="horse"),
    )
    with pytest.raises(CriteriaError) as fault:
        check_bindings(wrong, load_catalogue())
    assert [(each.code, each.arguments["criterion"]) for each in fault.value.problems] == [
        ("criterion-argument-one-of", "a"),
        ("criterion-argument-not-number", "b"),
        ("criterion-argument-missing", "c"),
        ("criterion-argument-one-of", "e"),
    ]


def test_who_is_slower_or_faster_changes_how_many_are_within_a_time():
    # 80 of 100 people are within 12 minutes; a fifth slower only those at the school are
    found = within(minutes=12, speed_pct=20.0).iloc[0]
    assert found[["value", "least", "most", "lowest"]].tolist() == pytest.approx([80, 50, 80, 50])
    assert within(minutes=20, speed_pct=20.0).iloc[0][["least", "most"]].tolist() == pytest.approx([80, 100])
    assert "least" not in within(minutes=12)


def test_the_tolerance_moves_people_by_the_speed_and_the_facility_but_not_with_the_point_of_their_village():
    asked = Binding("travel_time_people", (("facilities", "schools"), ("off_path_pct", 100)))
    time_ = criterion(measured=asked, reported=None, unit="min", thresholds=MappingProxyType({"all": 30}))
    lived = np.zeros((10, 30))
    lived[4, 10] = 40
    layers = {
        "schools": layer("schools", SCHOOL),
        "population": replace(layer("population", None), raster=grid(lived)),
        "elevation": replace(layer("elevation", None), raster=level()),
    }
    rough = land(box(0, 0, 3000, 1000), extent_doubt_m=400.0)
    finding = judged(study(time_, villages=rough, layers=layers))[1].iloc[0]
    step = 0.05 * KM
    assert finding["least"] == pytest.approx((KM - step) / 1.2, rel=1e-3)
    assert finding["most"] == pytest.approx((KM + step) / 0.8, rel=1e-3)
