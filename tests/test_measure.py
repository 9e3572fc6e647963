"""What completeness and the edge of a layer do to a value, and the checking of a set's references."""

from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, box

import tiny
from gis.catalogue import load_catalogue
from gis.criteria import Binding
from gis.errors import CriteriaError, TableError
from gis.measure import check_bindings, measure
from gis.rasters import Raster
from gis.study import LayerData
from sets import MEASURED, criteria_set, criterion

CATALOGUE = load_catalogue()
AREA = box(-5000, -5000, 8000, 6000)


def layer(name, frame, *, complete="yes", area=AREA):
    """A layer of a study; `area` is where its data end."""
    complete = {"*": complete} if isinstance(complete, str) else complete
    counts = {"rows_in": len(frame), "rows_used": len(frame), "rows_reported": 0}
    return LayerData(CATALOGUE[name], frame, None, complete, "2024", "f.gpkg", area, counts)


def communes(**outlines):
    """Communes with their outlines, None where unknown."""
    ids = list(outlines)
    return gpd.GeoDataFrame({"name": ids}, geometry=list(outlines.values()), index=ids, crs=tiny.CRS)


def measured(binding, villages=None, parameters=None, outlines=None, **layers):
    """The rows of one measure over a small study; `outlines` by commune."""
    study = SimpleNamespace(
        villages=tiny.villages() if villages is None else villages,
        communes=communes(**(outlines or {"x1": None})),
        layers=MappingProxyType(layers),
        parameters=MappingProxyType(parameters or {}),
        travels={},
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
    land = {"x1": box(-5000, -5000, 1000, 6000), "x2": box(1000, -5000, 8000, 6000)}
    near = layer("schools", tiny.facilities((500, 900)), complete={"x1": "yes", "*": "no"})
    found = measured(MEASURED, villages, outlines=land, schools=near)
    # the point of v0 is 500 m from commune x2, its school 400 m away
    assert found["doubt"].tolist() == [None, "layer-incomplete"]
    assert found["low"].tolist() == [0.4, 0]


@pytest.mark.parametrize(
    "x2, low", [(box(1000, -5000, 8000, 6000), 0.5), (None, 0.0)], ids=["outlined", "no outline"]
)
def test_a_nearer_one_may_lie_in_the_next_commune_where_the_layer_is_not_complete(x2, low):
    villages = tiny.villages(2, commune_id=["x1", "x2"])
    far = layer("schools", tiny.facilities((500, 5000)), complete={"x1": "yes", "x2": "no"})
    land = {"x1": box(-5000, -5000, 1000, 6000), "x2": x2}
    found = measured(MEASURED, villages, outlines=land, schools=far).iloc[0]
    assert found["value"] == 4.5 and found["low"] == low and found["doubt"] == "beyond-edge"


@pytest.mark.parametrize("area", [None, LineString([(0, 500), (3000, 500)])], ids=["none", "points in a row"])
def test_where_nobody_knows_how_far_the_data_go_nothing_is_sure_beyond_the_point(area):
    found = measured(MEASURED, schools=layer("schools", tiny.facilities((500, 900)), area=area)).iloc[0]
    assert (found["low"], found["value"], found["doubt"]) == (0, 0.4, "beyond-edge")


def test_a_road_out_of_the_area_may_be_the_shorter_way():
    along = Binding("network_distance", (("facilities", "schools"),))
    road = tiny.roads(LineString([(500, 500), (500, 3500), (2500, 3500), (2500, 500)]))
    schools = layer("schools", tiny.facilities((2500, 500)))
    inside = measured(along, schools=schools, roads=layer("roads", road)).iloc[0]
    assert (inside["low"], inside["value"]) == pytest.approx((5.5, 8))
    # 2 km in a straight line; a way round through the border 500 m away is not shorter than either
    cut = layer("roads", road, area=box(-5000, 0, 8000, 6000))
    found = measured(along, schools=schools, roads=cut).iloc[0]
    assert (found["low"], found["value"]) == pytest.approx((2, 8))
    assert found["doubt"] == "beyond-edge" and found["layer"] == "roads"
    assert inside["high"] == found["high"] == pytest.approx(8)


def test_a_doubt_names_its_own_layer():
    along = Binding("network_distance", (("facilities", "schools"),))
    road = tiny.roads(LineString([(500, 500), (500, 1500), (1500, 1500), (1500, 500)]))
    schools = tiny.facilities((1500, 500))
    found = measured(along, schools=layer("schools", schools), roads=layer("roads", road, complete="no"))
    assert found["doubt"].iloc[0] == "layer-incomplete" and found["layer"].iloc[0] == "roads"
    found = measured(along, schools=layer("schools", schools, complete="no"), roads=layer("roads", road))
    assert found["layer"].iloc[0] == "schools"


def test_a_missing_centre_of_another_commune_leaves_no_link_sure():
    link = Binding("all_season_link")
    centres = layer(
        "commune_centres", tiny.facilities((9000, 500)).assign(commune_id="x1"), complete="unknown"
    )
    road = tiny.roads(LineString([(0, 500), (3000, 500)]))
    found = measured(link, commune_centres=centres, roads=layer("roads", road))
    assert found["high"].tolist() == [0, 0, 0] and found["doubt"].isna().all()
    open_ = measured(link, commune_centres=centres, roads=layer("roads", road, complete="no"))
    assert open_["high"].tolist() == [1, 1, 1] and set(open_["layer"]) == {"roads"}
    villages = tiny.villages(commune_id=["x1", "x1", "x9"])
    other = measured(link, villages, commune_centres=centres, roads=layer("roads", road)).iloc[2]
    assert (other["doubt"], other["layer"]) == ("no-centre", "commune_centres") and np.isnan(other["high"])


def test_people_near_the_edge_of_the_data_may_be_within():
    grid = Raster(np.full((1, 10), 10.0), west=0, north=1000, width=100, height=1000, crs=None)
    people = LayerData(CATALOGUE["population"], None, grid, {"*": "yes"}, "2024", "p.tif", AREA, {})
    within = Binding("people_within", (("facilities", "clinics"), ("radius_km", 0.1)))
    clinics = layer("clinics", tiny.facilities((-3000, 500)), area=box(-5000, -5000, 1000, 6000))
    found = measured(within, tiny.villages(1), clinics=clinics, population=people).iloc[0]
    # the village point is 500 m from the edge; one tenth of its people live in the last 100 m
    assert (found["low"], found["value"], found["high"]) == (0, 0, 10) and found["doubt"] == "beyond-edge"


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


def test_every_wrong_value_of_a_set_is_told_at_once():
    def bound(id_, indicator, **arguments):
        return criterion(id_, measured=Binding(indicator, tuple(sorted(arguments.items()))))

    wrong = criteria_set(
        bound("a", "nearest_distance", facilities="schools", kind="primry"),
        bound("b", "network_distance", facilities="schools", max_leg_km="xa"),
        bound("c", "road_share", classes=("village", "hamlet"), surfaces=("mud",)),
        bound("d", "people_within", facilities="roads", radius_km=-2, all_season="maybe"),
        bound("e", "present_inside", facilities="culture_houses", kind=3),
        bound("f", "present_inside", facilities="clinics", kind=("station", "phc")),
    )
    with pytest.raises(CriteriaError) as fault:
        check_bindings(wrong, CATALOGUE)
    told = [
        (
            problem.arguments["criterion"],
            problem.code.removeprefix("criterion-argument-"),
            problem.arguments["value"],
        )
        for problem in fault.value.problems
    ]
    assert told == [
        ("a", "unknown", "primry"),
        ("b", "not-number", "xa"),
        ("c", "unknown", "hamlet"),
        ("c", "unknown", "mud"),
        ("d", "not-number", -2),
        ("d", "not-yesno", "maybe"),
        ("e", "not-text", 3),
    ]
    for language in ("vi", "en"):
        lines = fault.value.say(language).splitlines()
        assert "primary" in lines[0] and all("test-set.yaml" in line for line in lines)


def test_old_data_are_a_doubt_of_a_sure_value_and_leave_it_as_it_is():
    fresh = layer("schools", tiny.facilities((500, 1500)))
    old = replace(fresh, age_years=6, limit_years=3)
    assert old.stale and not fresh.stale and not replace(old, age_years=3).stale
    before, after = measured(MEASURED, schools=fresh), measured(MEASURED, schools=old)
    assert set(after["doubt"]) == {"layer-old"} and set(after["layer"]) == {"schools"}
    assert before.drop(columns="doubt").equals(after.drop(columns="doubt"))


def test_a_greater_doubt_than_age_is_kept():
    old = replace(layer("schools", tiny.facilities((500, 1500)), complete="no"), age_years=6, limit_years=3)
    assert set(measured(MEASURED, schools=old)["doubt"]) == {"layer-incomplete"}


@pytest.mark.parametrize(
    ("bound", "code", "told"),
    [
        ({"mode": "fly"}, "criterion-argument-one-of", "walk, bicycle"),
        ({"mode": ("walk", "car")}, "criterion-argument-one-of", "walk, bicycle"),
        ({"season": 3}, "criterion-argument-one-of", "dry, wet"),
        ({"walk_kmh": 1e300}, "criterion-argument-beyond", "15"),
        ({"walk_kmh": 1e-300}, "criterion-argument-beyond", "15"),
        ({"off_path_pct": 1e9}, "criterion-argument-beyond", "100"),
        ({"facilities": "elevation"}, "criterion-unfit-layer", "elevation"),
        ({"facilities": "villages"}, "criterion-unfit-layer", "villages"),
        ({"elevation": "roads"}, "criterion-unfit-layer", "roads"),
        ({"elevation": "land_cover"}, "criterion-unfit-layer", "land_cover"),
        ({"roads": "clinics"}, "criterion-unfit-layer", "clinics"),
        ({"facilities": ("clinics",)}, "criterion-unknown-layer", "clinics"),
    ],
)
def test_what_a_travel_time_cannot_be_asked_with_is_one_sentence(bound, code, told):
    arguments = {"facilities": "clinics", **bound}
    wrong = criteria_set(criterion("a", measured=Binding("travel_time", tuple(sorted(arguments.items())))))
    with pytest.raises(CriteriaError) as fault:
        check_bindings(wrong, CATALOGUE)
    assert [problem.code for problem in fault.value.problems] == [code]
    for language in ("vi", "en"):
        assert told in fault.value.say(language) and "test-set.yaml" in fault.value.say(language)


def test_a_question_without_facilities_is_told_as_one_that_lacks_them():
    with pytest.raises(CriteriaError) as fault:
        check_bindings(criteria_set(criterion("a", measured=Binding("travel_time", ()))), CATALOGUE)
    assert [problem.code for problem in fault.value.problems] == ["criterion-argument-missing"]


def test_the_way_to_a_line_is_refused_in_words():
    lines = gpd.GeoDataFrame({"name": ["R"]}, geometry=[LineString([(0, 0), (9, 9)])], crs=tiny.CRS)
    to_roads = Binding("nearest_distance", (("facilities", "roads"),))
    with pytest.raises(TableError) as fault:
        measured(to_roads, roads=layer("roads", lines))
    assert "roads" in fault.value.say("vi") and "nearest_distance" in fault.value.say("en")
