"""Whether there is room for all: people, places and ways worked out by hand, and what blanks leave open."""

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString

import tiny
from doubted import judged, layer, study
from gis.catalogue import load_catalogue
from gis.criteria import Binding
from gis.errors import CriteriaError
from gis.indicators.capacity import capacity_gap, capacity_gap_by_time, served_share, served_share_by_time
from gis.measure import check_bindings
from gis.rasters import Raster
from gis.travel import Travel
from sets import criteria_set, criterion

NAN, INF = np.nan, np.inf
CATALOGUE = load_catalogue()


def schools(*places, **columns):
    """Schools (x, y, how many they hold)."""
    frame = tiny.facilities(*[place[:2] for place in places])
    return frame.assign(capacity=[float(place[2]) for place in places], **columns)


def row(measured, name="v0"):
    return measured.loc[name, ["value", "low", "high"]].tolist()


# three villages of 1,000 people, a kilometre apart, v0 at (500, 500)
THREE = tiny.villages(3)


def test_who_lives_nearer_has_the_places_and_who_lives_farther_is_without():
    # 1,500 places at v0: v0 has 1,000 of them, v1 500, and for v2, 2 km away, there is none
    found = capacity_gap(THREE, schools((500, 500, 1500)), within_km=2)
    assert found["value"].tolist() == [0, 500, 1000]
    assert found["denominator"].tolist() == [1000, 1000, 1000] and found["facility_id"].tolist() == ["f0"] * 3
    assert found["low"].tolist() == found["value"].tolist() == found["high"].tolist()
    shares = served_share(THREE, schools((500, 500, 1500)), within_km=2)
    assert shares["value"].tolist() == [100, 50, 0] and shares["numerator"].tolist() == [1000, 500, 0]


def test_a_village_out_of_reach_is_without_for_its_distance():
    found = capacity_gap(THREE, schools((500, 500, 9000)), within_km=1)
    assert found["value"].tolist() == [0, 0, 1000]
    assert found["facility_id"].tolist() == ["f0", "f0", None]


def test_no_facility_at_all_leaves_all_without_a_place():
    found = capacity_gap(THREE, schools((0, 0, 1)).iloc[:0], within_km=5)
    assert found["value"].tolist() == [1000, 1000, 1000] and set(found["facility_id"]) == {None}


def test_a_share_of_the_people_and_a_rate_per_classroom_count():
    # 9 % of 1,000 are 90 pupils a village; 4 rooms of 35 are 140 places: v0 90, v1 50, v2 none
    places = schools((500, 500, 7)).assign(rooms=4.0)
    found = capacity_gap(THREE, places, within_km=3, share_pct=9, capacity="rooms", serves_each=35)
    assert found["value"].tolist() == [0, 40, 90]
    # a tap for 250 people each, whatever is recorded of it
    found = capacity_gap(THREE, places, within_km=3, capacity="one", serves_each=250)
    assert found["value"].tolist() == [750, 1000, 1000]
    found = capacity_gap(THREE, schools((500, 500, 300)), within_km=3, demand="households")
    assert found["value"].tolist() == [0, 100, 200]


def test_a_facility_of_unrecorded_capacity_leaves_the_answer_open():
    # 1,000 places at v0 are for v0; the school at v2 may hold none or all
    found = capacity_gap(THREE, schools((500, 500, 1000), (2500, 500, NAN)), within_km=2)
    assert row(found) == [0, 0, 0]
    assert row(found, "v1") == [1000, 0, 1000] and found.loc["v1", "doubt"] == "capacity-unknown"
    assert row(served_share(THREE, schools((500, 500, 1000), (2500, 500, NAN)), within_km=2), "v1") == [
        0,
        0,
        100,
    ]
    # a capacity below zero is a slip, not a figure
    assert row(capacity_gap(THREE, schools((500, 500, -5)), within_km=2), "v1") == [1000, 0, 1000]


def test_without_the_column_of_capacity_all_is_open():
    found = capacity_gap(THREE, tiny.facilities((500, 500)), within_km=2)
    assert row(found, "v2") == [1000, 0, 1000] and set(found["doubt"]) == {"capacity-unknown"}


def test_a_facility_of_unrecorded_kind_may_have_room():
    places = schools((500, 500, 1000), (2500, 500, 400))
    places.loc["f1", "kind"] = None
    found = capacity_gap(THREE, places, within_km=1, kind="primary")
    assert row(found, "v2") == [1000, 600, 1000] and found.loc["v2", "doubt"] == "kind-unknown"
    # of the 400 none are left for v1, which is farther from it
    assert row(found, "v1") == [1000, 1000, 1000]


def test_people_that_nobody_counted_leave_their_village_and_those_who_share_open():
    villages = THREE.assign(population=[NAN, 1000.0, 1000.0])
    found = capacity_gap(villages, schools((500, 500, 1500)), within_km=2)
    assert np.isnan(found.loc["v0", "value"]) and found.loc["v0", "doubt"] == "no-people"
    # nobody at v0: v1 has 1,000, v2 has 500; any number there: none is left
    assert row(found, "v1") == [0, 0, 1000] and row(found, "v2") == [500, 500, 1000]
    assert found.loc["v1", "doubt"] == "no-people"
    assert np.isnan(
        served_share(THREE.assign(population=0.0), schools((0, 0, 1)), within_km=2)["value"]
    ).all()


def test_people_who_live_nobody_knows_where_may_take_the_places_of_others():
    villages = tiny.villages(3)
    villages["point"] = gpd.GeoSeries([None, *villages["point"].iloc[1:]], index=villages.index, crs=tiny.CRS)
    found = capacity_gap(villages, schools((1500, 500, 2500)), within_km=2)
    assert np.isnan(found.loc["v0", "value"]) and found.loc["v0", "doubt"] == "no-geometry"
    assert row(found, "v1") == [0, 0, 0]
    # 1,500 are left for v1 and v2 if v0 takes 1,000 of them
    assert row(found, "v2") == [0, 0, 500] and found.loc["v2", "doubt"] == "sharer-no-place"


def test_a_facility_may_lie_beyond_the_edge_of_the_data():
    def edge(points):
        return np.array([5000.0, 5000.0, 900.0])

    # v2 may go beyond the edge, and then leaves its places to v1
    found = capacity_gap(THREE, schools((2500, 500, 1200)), edge, within_km=2)
    assert row(found, "v2") == [0, 0, 0] and row(found, "v1") == [800, 0, 800]
    assert row(found, "v0") == [1000, 800, 1000] and found.loc["v1", "doubt"] == "beyond-edge"


# --- by the time over the ground ------------------------------------------------------------------------

KM = 60 / 5.04 / 0.6
"""Minutes for a kilometre off roads on the flat."""
LEVEL = Raster(np.zeros((40, 80)), -2000.0, 2500.0, 100.0, 100.0, CRS(tiny.CRS))


def test_places_fill_in_the_order_of_time_and_a_river_keeps_people_from_them():
    here, place = tiny.villages(2), schools((550, 550, 1500))
    found = capacity_gap_by_time(here, place, LEVEL, within_min=25)
    # v1 is a kilometre, 20 minutes, from the school: v0 takes 1,000, v1 the rest
    assert found["value"].tolist() == pytest.approx([0, 500])
    assert capacity_gap_by_time(here, place, LEVEL, within_min=0.9 * KM)["value"].tolist() == [0, 1000]
    river = gpd.GeoDataFrame(
        {"kind": ["river"]}, geometry=[LineString([(1000, -3000), (1000, 3000)])], crs=tiny.CRS
    )
    cut = capacity_gap_by_time(here, place, LEVEL, rivers=river, within_min=25)
    assert cut["value"].tolist() == [0, 1000] and cut["facility_id"].tolist() == ["f0", None]
    shares = served_share_by_time(here, place, LEVEL, within_min=25)
    assert shares["value"].tolist() == pytest.approx([100, 50])


def test_facilities_at_one_spot_share_one_spread_and_each_has_its_places(monkeypatch):
    asked, reach = [], Travel.reach

    def counting(self, places, **how):
        asked.append(tuple(places))
        return reach(self, places, **how)

    monkeypatch.setattr(Travel, "reach", counting)
    here = tiny.villages(1)
    place = schools(*[(500, 500, 100)] * 30)
    assert capacity_gap_by_time(here, place, LEVEL, within_min=25)["value"].tolist() == [0]
    assert len(asked) == 1
    assert capacity_gap_by_time(here, place.iloc[:3], LEVEL, within_min=25)["value"].tolist() == [700]


def test_ways_over_ground_of_unknown_height_leave_the_answer_open():
    # v0 is 2,500 m, 50 minutes, from the western edge of the heights
    here, place = tiny.villages(2), schools((550, 550, 1500))
    sure = capacity_gap_by_time(here, place, LEVEL, within_min=25)
    assert row(sure, "v1") == pytest.approx([500, 500, 500])
    wide = capacity_gap_by_time(here, place, LEVEL, within_min=60)
    assert row(wide, "v1") == pytest.approx([500, 0, 1000]) and wide.loc["v1", "doubt"] == "beyond-edge"


def test_a_village_without_height_is_not_measured_and_may_take_the_places_of_others():
    heights = LEVEL.values.copy()
    heights[:, :27] = NAN  # all land west of x = 700
    here = tiny.villages(3)
    found = capacity_gap_by_time(
        here, schools((2550, 550, 2500)), Raster(heights, *LEVEL_PLACE), within_min=25
    )
    assert np.isnan(found.loc["v0", "value"]) and found.loc["v0", "doubt"] == "no-elevation"
    # v1 lies by the edge of the heights and may come another way: of 2,500 places v0 and v1 may take 2,000
    assert row(found, "v2") == [0, 0, 500]


LEVEL_PLACE = (-2000.0, 2500.0, 100.0, 100.0, CRS(tiny.CRS))


def test_by_motorbike_a_school_along_the_road_is_in_reach_and_the_rains_may_close_it():
    here, place = tiny.villages(1), schools((4550, 550, 1500))
    road = tiny.roads(LineString([(450, 550), (4600, 550)]))
    asked = {"roads": road, "within_min": 25}
    assert capacity_gap_by_time(here, place, LEVEL, **asked)["value"].tolist() == [1000]
    assert capacity_gap_by_time(here, place, LEVEL, mode="motorbike", **asked)["value"].tolist() == [0]
    asked["roads"] = road.assign(all_season=0.0, surface="earth")
    wet = capacity_gap_by_time(here, place, LEVEL, mode="motorbike", season="wet", **asked)
    assert wet["value"].tolist() == [1000]


# --- laws -----------------------------------------------------------------------------------------------

people = st.one_of(st.integers(0, 50).map(float), st.just(NAN))
spots = st.tuples(st.integers(0, 60), st.integers(0, 10), people)


@st.composite
def districts(draw):
    count = draw(st.integers(1, 5))
    villages = tiny.villages(count, population=[draw(people) for _ in range(count)])
    return villages, schools(
        *[(100 * x, 100 * y, held) for x, y, held in draw(st.lists(spots, min_size=1, max_size=5))]
    )


@settings(max_examples=40, deadline=None)
@given(districts(), st.integers(0, 50), st.integers(0, 4))
def test_what_is_recorded_later_lies_in_the_interval_that_was_open(district, recorded, which):
    villages, places = district
    open_ = capacity_gap(villages, places, within_km=2)
    filled = places.assign(capacity=places["capacity"].fillna(recorded))
    counted = villages.assign(population=villages["population"].fillna(recorded))
    known = capacity_gap(counted, filled, within_km=2).loc[open_["value"].notna()]
    open_ = open_[open_["value"].notna()]
    assert (open_["low"] <= known["value"] + 1e-9).all() and (known["value"] <= open_["high"] + 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(districts(), spots)
def test_one_more_facility_never_leaves_more_without_a_place(district, spot):
    villages, places = district
    more = schools((100 * spot[0], 100 * spot[1], spot[2])).rename(index={"f0": "f9"})
    after = capacity_gap(villages, pd.concat([places, more]), within_km=2)
    before = capacity_gap(villages, places, within_km=2)
    assert (after["value"].fillna(0) <= before["value"].fillna(0) + 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(districts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(district, random):
    villages, places = district
    mixed = random.sample(list(villages.index), len(villages)), random.sample(list(places.index), len(places))
    found = capacity_gap(villages.loc[mixed[0]], places.loc[mixed[1]], within_km=2)
    pd.testing.assert_frame_equal(found.loc[villages.index], capacity_gap(villages, places, within_km=2))


# --- in a study -----------------------------------------------------------------------------------------


def asks(**arguments):
    given = {"facilities": "schools", "within_km": 2} | arguments
    return criterion(
        measured=Binding("capacity_gap", tuple(given.items())), reported=None, unit="people",
        thresholds=MappingProxyType({"all": 100}),
    )  # fmt: skip


def test_a_study_judges_who_has_no_place():
    places = {"schools": layer("schools", schools((500, 500, 1500)))}
    measurements, findings = judged(study(asks(), villages=THREE, layers=places))
    assert findings["status"].tolist() == ["met", "unmet", "unmet"]
    blank = {"schools": layer("schools", schools((500, 500, 1500), (700, 500, NAN)))}
    measurements, findings = judged(study(asks(), villages=THREE, layers=blank))
    assert findings["status"].tolist() == ["met", "unknown", "unknown"]
    assert findings["reason"].tolist()[1] == "unknown-capacity-unknown"


def test_a_layer_that_is_not_complete_never_makes_a_village_fail():
    places = {"schools": layer("schools", schools((500, 500, 1500)), complete="unknown")}
    _, findings = judged(study(asks(), villages=THREE, layers=places))
    assert findings["status"].tolist() == ["met", "unknown", "unknown"]


@pytest.mark.parametrize(
    "wrong",
    [{"demand": "peolpe"}, {"capacity": "name"}, {"serves_each": 0}, {"within_km": "2"}, {"share_pct": -1}],
)
def test_a_set_that_names_no_such_field_or_number_is_refused(wrong):
    with pytest.raises(CriteriaError):
        check_bindings(criteria_set(asks(**wrong)), CATALOGUE)


def test_a_set_may_name_every_field_of_numbers_and_one():
    for right in ({"demand": "pupils"}, {"capacity": "rooms", "serves_each": 35}, {"capacity": "one"}):
        check_bindings(criteria_set(asks(**right)), CATALOGUE)
