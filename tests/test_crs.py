"""Which CRS lengths are measured in."""

import pytest
from pyproj import CRS

from gis.crs import check_metric, check_plausible, keeps_lengths, metric_crs, parse_crs
from gis.errors import CRSError


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ((107.4, 14.3, 107.7, 14.7), 9216), ((108.0, 15.0, 108.2, 15.2), 5898), ((105.7, 21.0, 105.9, 21.1), 9210),
        ((73.5, 21.0, 74.9, 22.0), 32643), ((-70.0, -20.0, -69.9, -19.9), 32719),
    ],
)  # fmt: skip
def test_the_zone_of_the_place_is_chosen(bounds, code):
    assert metric_crs(bounds).to_epsg() == code


def test_only_transverse_mercator_zones_keep_lengths():
    assert keeps_lengths(CRS(9216)) and keeps_lengths(CRS(32648))
    assert not keeps_lengths(CRS(3857)) and not keeps_lengths(CRS(4326))


def test_degrees_and_nonsense_are_refused_with_a_sentence():
    for work in (
        lambda: check_metric(CRS(4326), layer="crs", file="s"),
        lambda: parse_crs("EPSG:1", layer="crs", file="s"),
    ):
        with pytest.raises(CRSError) as fault:
            work()
        assert "s" in fault.value.say("vi") and "EPSG" in fault.value.say("vi")


def test_swapped_or_metric_coordinates_in_degrees_are_implausible():
    for bounds in ((14.3, 107.4, 14.7, 107.7), (500000, 1580000, 510000, 1590000), (float("inf"),) * 4):
        with pytest.raises(CRSError):
            check_plausible(bounds, CRS(4326), layer="l", file="f")
    check_plausible((107.4, 14.3, 107.7, 14.7), CRS(4326), layer="l", file="f")
