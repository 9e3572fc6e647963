"""Places outside their commune, and one facility entered twice."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import tiny
from gis.errors import TableError
from gis.geometry import containing, find_duplicates, misplaced, outside

CRS = tiny.CRS
COMMUNES = gpd.GeoDataFrame(
    {"name": ["Xã Đăk Tô", "Xã Măng Bút", "Xã Chưa Vẽ"]},
    geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100), None],
    index=["24601", "24602", "24603"],
    crs=CRS,
)


def places(*spots):
    return gpd.GeoSeries(
        [spot and Point(spot) for spot in spots], index=[f"p{n}" for n in range(len(spots))], crs=CRS
    )


def facilities(*rows):
    """Facilities of (x, name, kind) on a line."""
    frame = pd.DataFrame(rows, columns=["x", "name", "kind"], index=[f"f{n}" for n in range(len(rows))])
    return gpd.GeoDataFrame(frame[["name", "kind"]], geometry=[Point(x, 0) for x in frame["x"]], crs=CRS)


def pairs(*rows, **options):
    found = find_duplicates(facilities(*rows), **options)
    return found[["facility_id", "other_id", "sure"]].to_numpy().tolist()


def test_a_place_outside_the_commune_it_names_is_told_with_its_distance():
    stated = pd.Series(["24601", "dak to", "XÃ MĂNG BÚT", "24602", "24603", None, "khác"])
    points = places((150, 50), (50, 50), (50, 50), (230, 140), (50, 50), (50, 50), (50, 50))
    stated.index = points.index
    stated["p1"] = "xa dak to"
    found = misplaced(points, stated, COMMUNES)
    assert found.index.tolist() == ["p0", "p2", "p3"]
    assert found["stated"].tolist() == ["24601", "24602", "24602"]
    assert found["lies_in"].tolist() == ["24602", "24601", None]
    assert found["distance_m"].tolist() == [50, 50, 50]


def test_a_place_on_the_border_is_in_both_communes():
    points = places((100, 50), (100, 50))
    stated = pd.Series(["24601", "24602"], index=points.index)
    assert misplaced(points, stated, COMMUNES).empty
    assert containing(points.to_numpy(), COMMUNES.geometry.to_numpy()).tolist() == [0, 0]


def test_places_in_no_commune_are_told_with_the_way_to_the_nearest():
    found = outside(places((50, 50), None, (203, 104)), COMMUNES)
    assert found.to_dict() == {"p2": 5.0}
    assert outside(places((50, 50)), COMMUNES.iloc[2:]).empty


def test_two_entries_with_like_names_near_each_other_are_one_facility_likely():
    primary = "primary"
    assert pairs((0, "Trường TH Kim Đồng", primary), (100, "TRƯỜNG TIỂU HỌC KIM ĐỒNG", primary),
                 common=["trường", "th", "tiểu học"]) == [["f0", "f1", "likely"]]  # fmt: skip
    assert pairs((0, "Kim Đồng", primary), (101, "Kim Đồng", primary)) == []
    assert pairs((0, "Kim Đồng", primary), (50, "Lê Lợi", primary)) == []
    assert pairs((0, "Đăk Tô", primary), (50, "Đắc Tô", primary)) == []
    assert pairs((0, "Nguyễn Thị Minh Khai", primary), (50, "Nguyen Thi Min Khai", primary))


def test_numbers_in_names_tell_facilities_apart_and_so_do_kinds():
    assert pairs((0, "Điểm trường thôn 1", "primary"), (5, "Điểm trường thôn 2", "primary")) == []
    assert pairs((0, "Hoa Sen", "preschool"), (5, "Hoa Sen", "primary")) == []
    assert pairs((0, "Hoa Sen", "preschool primary"), (5, "Hoa Sen", "primary")) == [["f0", "f1", "likely"]]


def test_what_nobody_recorded_makes_a_pair_possible_only():
    assert pairs((0, None, "primary"), (5, "Hoa Sen", "primary")) == [["f0", "f1", "possible"]]
    assert pairs((0, "Hoa Sen", None), (5, "Hoa Sen", "primary")) == [["f0", "f1", "possible"]]
    assert pairs((0, "Trường học", "primary"), (5, "Trường học", "primary"), common=["trường học"]) == [
        ["f0", "f1", "possible"]
    ]


def test_a_wider_search_never_loses_a_pair_and_order_changes_nothing():
    random = np.random.default_rng(3)
    rows = [
        (float(x), f"Trường {number % 5}", "primary") for number, x in enumerate(random.uniform(0, 900, 60))
    ]
    frame = facilities(*rows)
    near, far = find_duplicates(frame, within_m=50), find_duplicates(frame, within_m=100)
    assert set(near[["facility_id", "other_id"]].itertuples(index=False, name=None)) <= set(
        far[["facility_id", "other_id"]].itertuples(index=False, name=None)
    )
    pd.testing.assert_frame_equal(far, find_duplicates(frame.iloc[::-1]))
    assert (far["distance_m"] <= 100).all() and len(far)


def test_a_heap_on_one_spot_is_cheap_and_an_id_that_stands_twice_is_an_error():
    heap = facilities(*[(0, f"Trường {number}", "primary") for number in range(3000)])
    assert find_duplicates(heap).empty
    with pytest.raises(TableError) as fault:
        find_duplicates(pd.concat([heap.iloc[:2], heap.iloc[:1]]))
    assert fault.value.code == "facility-id-twice" and "f0" in fault.value.say("vi")


def test_one_facility_and_none_are_no_pair():
    assert find_duplicates(facilities((0, "a", "primary"))).empty
    assert find_duplicates(facilities((0, "a", "primary")).iloc[:0]).empty
