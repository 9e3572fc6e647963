"""What a tolerance makes of measured values, and which results do not hold over it."""

from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

import tiny
from doubted import inside, judged, layer, study
from gis.criteria import Binding
from gis.study import Tolerance
from sets import criterion


def near(made):
    return judged(made)[1].set_index(["village_id", "criterion"])["near"]


def test_a_distance_may_be_off_by_both_its_places():
    # from the village point at (500, 500): 2,950 m is 50 m under the limit, 2,850 m is 150 m under it
    for metres, expected in ((2950, True), (2850, False), (3050, True), (3150, False)):
        schools = tiny.facilities((500 + metres, 500))
        made = study(criterion(), villages=tiny.villages(1), layers={"schools": layer("schools", schools)})
        assert near(made)["v0", "c1"] == expected, metres
        finding = judged(made)[1].iloc[0]
        assert finding["least"] == pytest.approx((metres - 100) / 1000)
        assert finding["most"] == pytest.approx((metres + 100) / 1000)


def test_the_study_file_says_how_far_places_may_be_off():
    made = study(
        criterion(),
        villages=tiny.villages(1),
        layers={"schools": layer("schools", tiny.facilities((3450, 500)))},
        tolerance={"position_m": 10},
    )
    assert not near(made)["v0", "c1"]


def test_an_approximate_extent_moves_the_village_as_far_as_its_border_may_be_off():
    rough = tiny.villages(1, approximate=[True], extent_doubt_m=[400.0])
    made = study(
        criterion(), villages=rough, layers={"schools": layer("schools", tiny.facilities((3100, 500)))}
    )
    finding = judged(made)[1].iloc[0]
    assert finding["near"] and finding["most"] == pytest.approx(2.6 + 0.45)


def test_a_walking_time_also_depends_on_the_speed():
    # 2 km at 5 km/h are 24 min; 1.9 km at 6 km/h are 19 min, 2.1 km at 4 km/h are 31.5 min
    walk = Binding("walking_time", (("facilities", "schools"), ("kind", "primary")))
    one = criterion(measured=walk, reported=None, unit="min", thresholds=MappingProxyType({"all": 30}))
    made = study(
        one, villages=tiny.villages(1), layers={"schools": layer("schools", tiny.facilities((2500, 500)))}
    )
    finding = judged(made)[1].iloc[0]
    assert finding["value"] == pytest.approx(24)
    assert (finding["least"], finding["most"]) == (pytest.approx(19), pytest.approx(31.5))
    assert finding["near"]


@pytest.mark.parametrize(
    ("x", "is_near", "least", "most"),
    [(500, False, 1, 1), (950, True, 0, 1), (1060, True, 0, 1), (1160, False, 0, 0)],
)
def test_a_facility_by_the_border_may_be_inside_or_not(x, is_near, least, most):
    made = study(
        inside(), villages=tiny.villages(1), layers={"schools": layer("schools", tiny.facilities((x, 500)))}
    )
    finding = judged(made)[1].iloc[0]
    assert (finding["near"], finding["least"], finding["most"]) == (is_near, least, most)


def test_a_road_that_is_just_out_of_reach_may_be_in_reach():
    link = criterion(
        measured=Binding("all_season_link"), reported=None, unit="bool", compare="present",
        thresholds=MappingProxyType({"all": True}),
    )  # fmt: skip
    centre = tiny.facilities((5000, 820)).assign(commune_id="x1")
    for y, expected in ((820, True), (900, False), (790, True), (700, False)):
        roads = tiny.roads(LineString([(0, y), (6000, y)]))
        made = study(
            link,
            villages=tiny.villages(1),
            layers={"roads": layer("roads", roads), "commune_centres": layer("commune_centres", centre)},
        )
        assert near(made)["v0", "c1"] == expected, y


def test_what_is_unknown_or_not_there_is_never_near():
    placeless = tiny.villages(1).assign(point=None)
    made = study(
        criterion(), villages=placeless, layers={"schools": layer("schools", tiny.facilities((1, 1)))}
    )
    assert not near(made)["v0", "c1"]
    nothing = study(
        criterion(), villages=tiny.villages(1), layers={"schools": layer("schools", tiny.facilities())}
    )
    finding = judged(nothing)[1].iloc[0]
    assert finding["value"] == np.inf and finding["most"] == np.inf and not finding["near"]


@given(x=st.floats(0, 9000), narrow=st.floats(0, 100), wider=st.floats(0, 400), limit=st.floats(0.1, 8))
@settings(max_examples=25)
def test_a_wider_tolerance_never_makes_a_result_steadier(x, narrow, wider, limit):
    one = criterion(thresholds=MappingProxyType({"all": limit}))
    schools = {"schools": layer("schools", tiny.facilities((x, 500)))}
    answers = [
        near(study(one, villages=tiny.villages(2), layers=schools, tolerance={"position_m": metres}))
        for metres in (narrow, narrow + wider)
    ]
    assert (answers[0] <= answers[1]).all()


def test_the_tolerance_is_part_of_the_run(sample_review):
    assert sample_review.run.parameters["tolerance_position_m"] == 50
    assert Tolerance.of(sample_review.study) == Tolerance()
