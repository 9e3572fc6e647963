"""Which CRS lengths are measured in, and which one a file that does not say could be in."""

import math
import unicodedata
from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from pyproj import CRS, Geod
from pyproj.transformer import TransformerGroup

from gis.crs import (
    check_against,
    check_metric,
    check_plausible,
    coordinate_faults,
    keeps_lengths,
    metric_crs,
    parse_crs,
    propose_crs,
    to_degrees,
)
from gis.crs.zones import OTHERS, PROVINCIAL
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


# Proposals for files that do not say


@pytest.fixture(scope="module")
def kontum(shared_data):
    """Commune outlines of Kon Tum in degrees."""
    return gpd.read_file(shared_data / "kontum/kontum_communes_2025.gpkg", engine="pyogrio")


def area_of(communes):
    return shapely.geometrycollections(list(communes.geometry))


def coordinates_in(communes, code):
    return shapely.get_coordinates(communes.to_crs(code).geometry.to_numpy())


def farthest_m(one, other):
    """Largest distance in metres between two lists of coordinates in degrees, pair by pair."""
    return float(np.max(Geod(ellps="WGS84").inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]))


@pytest.mark.parametrize("code", [9216, 5898, 9217, 9218, 3405, 3406])
@pytest.mark.parametrize("swapped", [False, True])
def test_the_zone_of_a_file_is_proposed_first_and_brings_the_truth_back(kontum, code, swapped):
    coordinates = coordinates_in(kontum, code)
    first = propose_crs(coordinates[:, ::-1] if swapped else coordinates, area=area_of(kontum))[0]
    assert (first.crs, first.swapped) == (f"EPSG:{code}", swapped)
    assert first.distance_km == 0 and first.inside_share > 0.99
    truth = shapely.get_coordinates(kontum.geometry.to_numpy())
    assert farthest_m(to_degrees(coordinates, first.crs), truth) < 0.01


@pytest.mark.parametrize(("code", "meridian"), [(9216, 107.5), (5898, 108.0), (9217, 108.25)])
def test_reading_a_zone_without_its_shift_is_225_metres_off(kontum, code, meridian):
    coordinates = coordinates_in(kontum, code)
    truth = shapely.get_coordinates(kontum.geometry.to_numpy())
    plain = f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=0.9999 +x_0=500000 +y_0=0 +datum=WGS84 +units=m"
    assert farthest_m(to_degrees(coordinates, plain), truth) == pytest.approx(225.4, abs=0.5)


def shifted(longitude, latitude):
    """VN-2000 to WGS 84 (2), EPSG:6960, worked out by its seven parameters."""
    a, e2 = 6378137.0, (2 - 1 / 298.257223563) / 298.257223563
    x, y = math.radians(longitude), math.radians(latitude)
    n = a / math.sqrt(1 - e2 * math.sin(y) ** 2)
    place = np.array(
        [n * math.cos(y) * math.cos(x), n * math.cos(y) * math.sin(x), n * (1 - e2) * math.sin(y)]
    )
    rx, ry, rz = np.radians(np.array([-0.00928836, 0.01975479, -0.00427372]) / 3600)
    turned = np.array([[1, rz, -ry], [-rz, 1, rx], [ry, -rx, 1]]) @ place
    x, y, z = np.array([-191.90441429, -39.30318279, -111.45032835]) + (1 + 0.252906278e-6) * turned
    flat, latitude = math.hypot(x, y), math.atan2(z, math.hypot(x, y) * (1 - e2))
    for _ in range(8):
        n = a / math.sqrt(1 - e2 * math.sin(latitude) ** 2)
        latitude = math.atan2(z + e2 * n * math.sin(latitude), flat)
    return math.degrees(math.atan2(y, x)), math.degrees(latitude)


def test_vn2000_is_moved_by_the_operation_of_the_registry_and_without_the_network():
    assert not pyproj.network.is_network_enabled()
    assert shifted(108.0, 14.35) == pytest.approx((108.00180729, 14.34897575), abs=1e-8)
    assert to_degrees(np.array([[108.0, 14.35]]), 4756)[0] == pytest.approx(
        (108.00180729, 14.34897575), abs=1e-8
    )
    names = [found.description for found in TransformerGroup(9216, 4326).transformers]
    assert names[0] == "Inverse of Vietnam TM-3 107-30 + VN-2000 to WGS 84 (2)"


def test_vn2000_lies_within_a_metre_of_that_operation_everywhere_in_vietnam():
    # In the south PROJ takes the operation (1) of the registry, 0.8 m beside (2).
    places = np.array([(x, y) for x in np.arange(102.5, 109.6, 0.5) for y in np.arange(8.5, 23.6, 0.5)])
    assert farthest_m(to_degrees(places, 4756), np.array([shifted(*place) for place in places])) < 1.0


def test_a_single_commune_is_placed_by_the_zone_of_its_province(kontum):
    for row in range(0, 40, 8):
        part = coordinates_in(kontum.iloc[[row]], 9216)
        assert propose_crs(part, area=area_of(kontum))[0].crs == "EPSG:9216"
        assert propose_crs(part)[0].crs == "EPSG:9216"


def test_degrees_are_told_from_metres_and_swapped_ones_from_straight(kontum):
    degrees = coordinates_in(kontum, 4326)
    for points, swapped in ((degrees, False), (degrees[:, ::-1], True)):
        for stated in (None, 9216):
            first, second = propose_crs(points, area=area_of(kontum), stated=stated)[:2]
            assert (first.crs, first.swapped) == ("EPSG:4326", swapped)
            assert (second.crs, second.swapped) == ("EPSG:4756", swapped)


def test_a_wrong_zone_is_farther_by_what_lies_between_the_meridians(kontum):
    centre = kontum.to_crs(9216).union_all().representative_point()
    found = {
        (proposal.crs, proposal.swapped): proposal
        for proposal in propose_crs([[centre.x, centre.y]], area=shapely.Point(centre.x, centre.y).buffer(1))
    }
    assert found == {} or all(proposal.distance_km > 1000 for proposal in found.values())
    place = shapely.Point(kontum.union_all().representative_point().coords[0]).buffer(0.001)
    found = {(one.crs, one.swapped): one for one in propose_crs([[centre.x, centre.y]], area=place)}
    # Half a degree of longitude at the latitude of the place.
    expected = 0.5 * 111.32 * math.cos(math.radians(place.centroid.y))
    assert found["EPSG:9216", False].distance_km < 2
    assert found["EPSG:5898", False].distance_km == pytest.approx(expected, abs=2.0)


def test_elsewhere_the_zone_comes_from_the_place_and_no_country_is_assumed():
    nandurbar = shapely.box(73.5, 21.0, 74.9, 22.0)
    points = gpd.GeoSeries(gpd.points_from_xy([73.6, 74.2, 74.8], [21.1, 21.5, 21.9]), crs=4326)
    metres = shapely.get_coordinates(points.to_crs(32643).to_numpy())
    assert propose_crs(metres, area=nandurbar)[0].crs == "EPSG:32643"
    swapped = propose_crs([[21.5, 74.1], [21.6, 74.2]], area=nandurbar)[0]
    assert (swapped.crs, swapped.swapped) == ("EPSG:4326", True)
    assert propose_crs([[1_000_000.0, 7_000_000.0]]) == ()
    assert all(np.isnan(found.distance_km) for found in propose_crs([[21.5, 74.1]]))


def test_proposals_do_not_depend_on_the_order_of_rows_or_on_missing_ones(kontum):
    points = coordinates_in(kontum, 9217)
    shuffled = np.random.default_rng(2).permutation(
        np.vstack([points, [[np.nan, 1], [np.inf, 2], [-1.79e308] * 2]])
    )
    assert propose_crs(points, area=area_of(kontum)) == propose_crs(shuffled, area=area_of(kontum))
    assert propose_crs([[np.nan, np.nan]], area=area_of(kontum)) == propose_crs([]) == ()


def test_a_proposal_says_what_to_write_and_who_used_the_zone(kontum):
    first = propose_crs(coordinates_in(kontum, 9216)[:, ::-1], area=area_of(kontum))[0]
    said = first.label.pick("vi")
    for word in ("crs: 9216", "swap_axes: true", "107°30'", "Kon Tum", "100 %"):
        assert word in said


def test_every_zone_is_in_the_registry_under_the_meridian_and_provinces_we_say():
    assert len(PROVINCIAL) == 17
    for zone in (*PROVINCIAL, *OTHERS):
        crs = CRS(zone.epsg)
        parameters = {item.name: item.value for item in crs.coordinate_operation.params}
        assert parameters["Longitude of natural origin"] == zone.meridian
        assert parameters["False easting"] == 500_000 and "VN-2000" in crs.name
        for province in zone.provinces:
            plain = "".join(c for c in unicodedata.normalize("NFD", province) if not unicodedata.combining(c))
            plain = plain.replace("Đ", "D").replace("đ", "d").removeprefix("TP. ")
            known = crs.area_of_use.name.replace("Thua Thien-Hue", "Thua Thien Hue")
            # Of the zones of 3 degrees that the registry made first, provinces came to use them later.
            assert zone.epsg in (5897, 5898) or plain in known, (zone.epsg, plain, known)


def test_a_layer_far_from_the_study_is_told_with_what_would_lie_nearer(kontum):
    points, area = coordinates_in(kontum, 9216), area_of(kontum)
    assert check_against(points, 9216, area, layer="l", file="f") is None
    problem = check_against(points[:, ::-1], 9216, area, layer="l", file="f")
    assert problem.code == "layer-far-away" and problem.severity == "warning"
    assert "crs: 9216, swap_axes: true" in problem.say("vi")
    shifted_points = coordinates_in(kontum.to_crs(4326).assign(geometry=kontum.translate(2.0)), 4326)
    problem = check_against(shifted_points, 4326, area, layer="l", file="f")
    assert problem.arguments["distance_km"] == pytest.approx(155, abs=12)


def test_impossible_coordinates_of_real_habitations_fall_into_their_kinds(shared_data):
    rows = pd.read_csv(shared_data / "messy/habitations_impossible_coordinates.csv")
    faults = coordinate_faults(rows["x"], rows["y"], area=(68, 6, 98, 37))
    assert Counter(faults.tolist()) == {
        None: 150, "swapped": 39, "not-finite": 29, "equal": 12, "decimal": 7, "outside": 2,
    }  # fmt: skip


def test_kinds_of_impossible_coordinates_by_hand():
    x = [107.6, 14.3, 107.6, 1076.0, 50.0, np.nan, 1.7e308]
    y = [14.3, 107.6, 107.6, 14.3, 14.3, 14.3, 14.3]
    found = coordinate_faults(x, y, area=(107, 14, 108, 15)).tolist()
    assert found == [None, "swapped", "equal", "decimal", "outside", "not-finite", "not-finite"]
