"""Two versions of a layer side by side: numbers that can be checked by counting on the fingers."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from gis.workflows.comparing_versions import MOST_CHANGES, compare_frames


def schools(names, *, codes=None, at=None, crs="EPSG:4326", **columns):
    rows = range(1, len(names) + 1)
    places = at or [Point(108 + 0.01 * row, 14.5) for row in rows]
    codes = {"ma": codes} if codes else {}
    known = {"source_row": list(rows), **codes, "ten": names, **columns}
    return gpd.GeoDataFrame(known, geometry=places, crs=crs)


def test_the_same_table_twice_shows_no_difference():
    one = schools(["A", "B"], codes=["1", "2"])
    found = compare_frames(one, one.copy(), key="ma")
    assert found.is_same and (found.rows_before, found.rows_after, found.key) == (2, 2, "ma")


def test_rows_that_came_and_went_are_named_by_the_layers_own_id():
    found = compare_frames(
        schools(["A", "B"], codes=["10", "9"]), schools(["B", "C", "D"], codes=["9", "11", "2"]), key="ma"
    )
    assert (found.gone, found.come) == (("10",), ("2", "11"))


def test_a_changed_value_is_told_with_its_value_before_and_after():
    found = compare_frames(
        schools(["A", "B"], codes=["1", "2"], phong=[6, 8]), schools(["A", "B"], codes=["1", "2"], phong=[6, 9]), key="ma"
    )  # fmt: skip
    assert found.changes == (("2", "phong", "8", "9"),) and found.changes_total == 1 and found.moved == ()


def test_a_point_is_moved_beyond_a_centimetre_and_not_below():
    before = schools(["A", "B"], codes=["1", "2"])
    near, far = Point(108.01 + 2e-8, 14.5), Point(108.02 + 1e-6, 14.5)
    found = compare_frames(before, schools(["A", "B"], codes=["1", "2"], at=[near, far]), key="ma")
    assert found.moved == ("2",)
    assert found.shapes["what"].tolist() == ["before", "after"]


def test_the_same_place_in_another_crs_has_not_moved():
    before = schools(["A"], codes=["1"])
    assert compare_frames(before, before.to_crs("EPSG:32649"), key="ma").moved == ()


def test_an_outline_that_begins_at_another_corner_has_not_moved():
    before = schools(["A"], at=[box(108, 14, 109, 15)])
    after = schools(["A"], at=[box(108, 14, 109, 15, ccw=False)])
    assert compare_frames(before, after).moved == ()


@pytest.mark.parametrize("codes", [["1", "1"], ["1", None]])
def test_ids_that_repeat_or_are_blank_name_no_rows(codes):
    found = compare_frames(schools(["A", "B"], codes=codes), schools(["A", "C"], codes=["1", "2"]), key="ma")
    assert found.key is None
    assert ("2", "ten", "B", "C") in found.changes


def test_columns_that_came_and_went_are_named():
    found = compare_frames(schools(["A"], cu=[1]), schools(["A"], moi=[2]))
    assert (found.columns_gone, found.columns_come) == (("cu",), ("moi",))


def test_the_order_of_rows_does_not_matter_where_they_have_an_id():
    before = schools(["A", "B", "C"], codes=["1", "2", "3"])
    after = schools(["A", "X", "D"], codes=["1", "2", "4"])
    turned = after.iloc[::-1].reset_index(drop=True)
    assert compare_frames(before, after, key="ma") == compare_frames(before, turned, key="ma")


def test_very_many_changes_are_counted_and_the_first_shown():
    before = schools([f"A{row}" for row in range(500)])
    found = compare_frames(before, schools([f"B{row}" for row in range(500)]))
    assert (len(found.changes), found.changes_total) == (MOST_CHANGES, 500)
    assert found.changes[0] == ("1", "ten", "A0", "B0")


def test_a_whole_number_that_became_a_decimal_is_the_same_number():
    before, after = schools(["A"], phong=[6]), schools(["A"], phong=[6.0])
    assert compare_frames(before, after).is_same


def test_a_table_without_geometry_is_compared_too():
    one = pd.DataFrame({"source_row": [1], "ho": [50]})
    found = compare_frames(one, one.assign(ho=60))
    assert found.changes == (("1", "ho", "50", "60"),) and found.shapes is None
