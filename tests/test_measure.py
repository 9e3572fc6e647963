"""What completeness and the edge of a layer do to a value, and the checking of a set's references."""

from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
from shapely import LineString, box

import tiny
from gis.catalogue import load_catalogue
from gis.criteria import Binding
from gis.errors import CriteriaError
from gis.measure import check_bindings, measure
from gis.study import LayerData
from sets import MEASURED, criteria_set, criterion

CATALOGUE = load_catalogue()
AREA = box(-5000, -5000, 8000, 6000)


def layer(name, frame, *, complete="yes", area=AREA):
    """A layer of a study; `area` is where its data end."""
    return LayerData(CATALOGUE[name], frame, None, {"*": complete} if isinstance(complete, str) else complete, "2024", "f.gpkg", area,
                     {"rows_in": len(frame), "rows_used": len(frame), "rows_reported": 0})  # fmt: skip


def measured(binding, villages=None, parameters=None, **layers):
    """The rows of one measure over a small study."""
    study = SimpleNamespace(
        villages=tiny.villages() if villages is None else villages,
        layers=MappingProxyType(layers),
        parameters=MappingProxyType(parameters or {}),
        reported=None,
    )
    return measure(study, criteria_set(criterion(measured=binding, reported=None)), CATALOGUE).set_index(
        "village_id"
    )


def test_a_complete_layer_far_from_its_edge_gives_one_sure_value():
    found = measured(MEASURED, schools=layer("schools", tiny.facilities((500, 1500))))
    assert (
        found["value"].iloc[0] == 1 and (found["low"] == found["high"]).all() and found["doubt"].isna().all()
    )


@pytest.mark.parametrize("complete", ["no", "unknown"])
def test_an_incomplete_layer_leaves_far_open_and_near_sure_enough(complete):
    found = measured(MEASURED, schools=layer("schools", tiny.facilities((500, 1500)), complete=complete))
    assert found["low"].tolist() == [0, 0, 0] and found["high"].tolist() == found["value"].tolist()
    assert set(found["doubt"]) == {"layer-incomplete"}


def test_completeness_may_differ_by_commune():
    villages = tiny.villages(2, commune_id=["x1", "x2"])
    schools = layer("schools", tiny.facilities((500, 1500)), complete={"x1": "yes", "*": "no"})
    assert measured(MEASURED, villages, schools=schools)["doubt"].tolist() == [None, "layer-incomplete"]


def test_a_nearer_one_beyond_the_edge_keeps_the_distance_open_down_to_the_edge():
    # the village points are 500, 500 and 500 m from the southern edge; the school is 400 m, then farther away
    schools = layer("schools", tiny.facilities((500, 900)), area=box(-5000, 0, 8000, 6000))
    found = measured(MEASURED, schools=schools)
    assert found["value"].iloc[0] == pytest.approx(0.4) and found["doubt"].iloc[0] is None
    assert found["low"].iloc[1] == pytest.approx(0.5) and found["doubt"].iloc[1] == "beyond-edge"
    assert found["high"].iloc[1] == found["value"].iloc[1] == pytest.approx(np.hypot(1, 0.4))


def test_a_village_outside_the_data_knows_nothing_of_what_is_near():
    schools = layer("schools", tiny.facilities((500, 900)), area=box(-5000, 0, 2000, 6000))
    assert measured(MEASURED, schools=schools)["low"].iloc[2] == 0


def test_a_count_can_only_grow_and_presence_is_sure():
    inside = Binding("present_inside", (("facilities", "schools"),))
    found = measured(inside, schools=layer("schools", tiny.facilities((500, 500)), complete="no"))
    assert found["value"].tolist() == [1, 0, 0]
    assert found["low"].tolist() == [1, 0, 0] and found["high"].tolist() == [1, 1, 1]
    assert found["doubt"].tolist() == [None, "layer-incomplete", "layer-incomplete"]


def test_missing_roads_cannot_undercut_the_straight_line():
    along = Binding("network_distance", (("facilities", "schools"),))
    road = tiny.roads(LineString([(500, 500), (500, 3500), (2500, 3500), (2500, 500)]))
    found = measured(
        along,
        schools=layer("schools", tiny.facilities((2500, 500))),
        roads=layer("roads", road, complete="no"),
    )
    assert found["value"].iloc[0] == pytest.approx(8) and found["low"].iloc[0] == pytest.approx(2)


def test_a_share_of_an_incomplete_road_layer_may_be_anything():
    share = Binding("road_share", (("classes", "village"),))
    found = measured(
        share, roads=layer("roads", tiny.roads(LineString([(0, 500), (900, 500)])), complete="unknown")
    )
    assert (found["low"].iloc[0], found["value"].iloc[0], found["high"].iloc[0]) == (0, 100, 100)


def test_a_layer_that_the_study_lacks_is_said_and_nothing_is_guessed():
    found = measured(MEASURED)
    assert (
        found["value"].isna().all()
        and set(found["doubt"]) == {"layer-missing"}
        and set(found["layer"]) == {"schools"}
    )


def test_a_parameter_of_the_study_fills_an_option_that_the_set_leaves_open():
    walk = Binding("walking_time", (("facilities", "schools"),))
    schools = layer("schools", tiny.facilities((500, 1500)))
    assert measured(walk, parameters={"walk_kmh": 4.0}, schools=schools)["value"].iloc[0] == pytest.approx(15)
    fixed = Binding("walking_time", (("facilities", "schools"), ("walk_kmh", 6.0)))
    assert measured(fixed, parameters={"walk_kmh": 4.0}, schools=schools)["value"].iloc[0] == pytest.approx(
        10
    )


def test_every_wrong_reference_of_a_set_is_told_at_once_before_anything_runs():
    wrong = criteria_set(
        criterion("a", measured=Binding("nearest_distanse", ())),
        criterion("b", measured=Binding("nearest_distance", (("facilities", "scools"),))),
        criterion(
            "c", measured=Binding("nearest_distance", (("facilities", "schools"), ("kinds", "primary")))
        ),
        criterion("d", measured=Binding("road_share", ())),
    )
    with pytest.raises(CriteriaError) as fault:
        check_bindings(wrong, CATALOGUE)
    codes = [problem.code for problem in fault.value.problems]
    assert codes == [
        "criterion-unknown-indicator",
        "criterion-unknown-layer",
        "criterion-unknown-argument",
        "criterion-argument-missing",
    ]
    assert all("test-set.yaml" in line for line in fault.value.say("en").splitlines())
