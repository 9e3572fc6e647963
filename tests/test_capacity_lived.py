"""Room for those who start from where they live: places of people, ways and sums worked out by hand."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

import tiny
from doubted import judged, layer, study
from gis.criteria import Binding
from gis.filling import filling
from gis.indicators.capacity import capacity_gap_by_time
from gis.indicators.capacity_lived import capacity_gap_people, served_share_people
from gis.indicators.room import where_people_live
from gis.rasters import Raster
from sets import criterion

METRES = CRS(tiny.CRS)
FLAT = Raster(np.zeros((121, 141)), -2025.0, 4025.0, 50.0, 50.0, METRES)
TWO = tiny.villages(2)
# off paths 3.024 km/h: 500 m take 9.9 minutes, 1,000 m 19.8


def people(*rows):
    """Cells of 500 m over the two villages, the northern row first."""
    return Raster(np.array(rows, dtype=float), 0.0, 1000.0, 500.0, 500.0, METRES)


def schools(*places):
    frame = tiny.facilities(*[place[:2] for place in places])
    return frame.assign(capacity=[float(place[2]) for place in places])


NOTHING = tiny.roads().iloc[:0]
LIVED = people([0, 0, 0, 0], [3, 1, 0, 4])


def test_the_demand_of_a_village_starts_where_its_people_live():
    starts = where_people_live(TWO, LIVED, "population")
    assert starts["village"].tolist() == ["v0", "v0", "v1"]
    assert starts["population"].tolist() == [750, 250, 1000]
    assert [(at.x, at.y) for at in starts["point"]] == [(250, 250), (750, 250), (1750, 250)]


def test_a_village_without_people_in_the_grid_or_a_surveyed_extent_starts_from_its_point():
    rough = TWO.assign(approximate=[True, False])
    for villages, lived in ((TWO, people([0, 0, 0, 0], [0, 0, 0, 4])), (rough, LIVED)):
        starts = where_people_live(villages, lived, "population")
        assert starts.sort_index()["village"].tolist() == ["v0", "v1"]
        assert starts.set_index("village").loc["v0", "point"].equals(villages.loc["v0", "point"])


def test_part_of_a_village_finds_a_place_and_part_has_none_in_reach():
    places = schools((250, 250, 9000))
    found = capacity_gap_people(TWO, places, LIVED, FLAT, within_min=5)
    assert found["value"].tolist() == [250, 1000] and found["denominator"].tolist() == [1000, 1000]
    assert found["low"].tolist() == found["value"].tolist() == found["high"].tolist()
    assert found["facility_id"].tolist() == ["f0", None]
    # the middle of the village is too far off
    assert capacity_gap_by_time(TWO, places, FLAT, within_min=5)["value"].tolist() == [1000, 1000]
    shares = served_share_people(TWO, places, LIVED, FLAT, within_min=5)
    assert shares["value"].tolist() == [75, 0] and shares["numerator"].tolist() == [750, 0]


def test_who_lives_nearer_comes_first_within_a_village_too():
    # of 900 places 750 go to who lives there and 150 to the others of the village
    found = capacity_gap_people(TWO, schools((250, 250, 900)), LIVED, FLAT, within_min=40)
    assert found["value"].tolist() == [100, 1000]


def test_who_lives_where_no_height_is_known_leaves_the_rest_open():
    holed = FLAT.values.copy()
    # around (750, 250)
    holed[72:79, 52:58] = np.nan
    found = capacity_gap_people(
        TWO,
        schools((250, 250, 9000)),
        LIVED,
        replace(FLAT, values=holed),
        within_min=2,
    )
    assert found.loc["v0", ["value", "low", "high"]].tolist() == [0, 0, 250]
    assert found.loc["v0", ["doubt", "doubt_of"]].tolist() == ["no-elevation", "elevation"]


def test_a_village_whose_people_nobody_counted_is_not_measured():
    found = capacity_gap_people(
        TWO.assign(population=[np.nan, 1000.0]), schools((1750, 250, 500)), LIVED, FLAT, within_min=5
    )
    assert np.isnan(found.loc["v0", "value"]) and found.loc["v0", "doubt"] == "no-people"
    assert found.loc["v1", "value"] == 500


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 900)), min_size=1, max_size=3),
    st.integers(3, 40),
)
def test_a_longer_limit_and_more_room_leave_nobody_more_without_and_the_order_decides_nothing(
    lived, places, minutes
):
    grid = people(lived[:4], lived[4:])
    built = schools(*[(500 * x + 250, 500 * y + 250, room) for x, y, room in places])
    found = capacity_gap_people(TWO, built, grid, FLAT, within_min=minutes)["value"]
    assert (found >= 0).all() and (found <= 1000).all()
    longer = capacity_gap_people(TWO, built, grid, FLAT, within_min=minutes + 10)["value"]
    roomier = capacity_gap_people(
        TWO, built.assign(capacity=built["capacity"] + 50), grid, FLAT, within_min=minutes
    )
    assert (longer <= found + 1e-9).all() and (roomier["value"] <= found + 1e-9).all()
    turned = capacity_gap_people(TWO.iloc[::-1], built.iloc[::-1], grid, FLAT, within_min=minutes)["value"]
    np.testing.assert_allclose(turned.reindex(found.index), found, atol=1e-9)


@pytest.mark.parametrize("indicator", ["capacity_gap_people", "served_share_people"])
def test_the_page_divides_as_the_indicator_does(indicator):
    asked = Binding(indicator, (("facilities", "schools"), ("within_min", 40)))
    own = criterion("a", measured=asked, unit="%", thresholds=MappingProxyType({"all": 90}))
    layers = {
        "schools": layer("schools", schools((250, 250, 900), (1750, 250, 1050))),
        "population": replace(layer("population", None), raster=LIVED),
        "elevation": replace(layer("elevation", None), raster=FLAT),
    }
    made = study(own, villages=TWO, layers=layers)
    measured = judged(made)[0].query("source == 'measured'")["value"]
    found = filling(made, own.measured)
    without = found.allocation.villages[["overflow", "beyond"]].sum(axis=1)
    expected = {"capacity_gap_people": without, "served_share_people": 100 - without / 10}[indicator]
    np.testing.assert_allclose(measured, expected)
    assert found.allocation.villages["demand"].tolist() == [1000, 1000]
    assert found.allocation.facilities["villages"].tolist() == [1, 2]
    assert found.allocation.flows["people"].sum() == pytest.approx(2000 - without.sum())


def test_places_are_filled_again_for_slower_and_faster_people():
    places = schools((250, 250, 9000))
    # 250 people are 9.9 minutes away: too far within 11 for who is a fifth slower
    found = capacity_gap_people(TWO, places, LIVED, FLAT, within_min=11, speed_pct=20.0)
    columns = ["value", "least", "most", "lowest", "highest"]
    assert found[columns].to_numpy().tolist() == [[0, 0, 250, 0, 250], [1000] * 5]
    shares = served_share_people(TWO, places, LIVED, FLAT, within_min=11, speed_pct=20.0)
    assert shares.loc["v0", columns].tolist() == [100, 75, 100, 75, 100]
    # at the middle of the village the way is 7 minutes
    by_time = capacity_gap_by_time(TWO, places, FLAT, within_min=8, speed_pct=20.0)
    assert by_time.loc["v0", columns].tolist() == [0, 0, 1000, 0, 1000]


@pytest.mark.parametrize(("minutes", "near_of"), [(9, "speed"), (11, "speed"), (14, None)])
def test_a_status_that_the_speed_decides_says_so(minutes, near_of):
    asked = Binding("capacity_gap_people", (("facilities", "schools"), ("within_min", minutes)))
    few = {"unit": "people", "compare": "le", "thresholds": MappingProxyType({"all": 100})}
    layers = {
        "schools": layer("schools", schools((250, 250, 9000))),
        "population": replace(layer("population", None), raster=LIVED),
        "elevation": replace(layer("elevation", None), raster=FLAT),
        **{name: layer(name, NOTHING) for name in ("roads", "rivers", "crossings")},
    }
    findings = judged(study(criterion(measured=asked, reported=None, **few), villages=TWO, layers=layers))[1]
    assert findings["near_of"].tolist() == [near_of, None]
    assert findings["status"].tolist() == ["unmet" if minutes == 9 else "met", "unmet"]
