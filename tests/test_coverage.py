"""What is wrong with villages as a coverage."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from gis.geometry import check_coverage, merge, misfits

CRS = "EPSG:9216"


def villages(*shapes, **columns):
    ids = [f"v{number}" for number in range(len(shapes))]
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=ids, crs=CRS)


def in_utm(path):
    shapes = gpd.read_file(path, engine="pyogrio")
    shapes.index = [f"c{number:04d}" for number in range(len(shapes))]
    return shapes.to_crs(shapes.estimate_utm_crs())


def test_tiles_that_fit_have_nothing_to_tell():
    report = check_coverage(villages(*(box(x, y, x + 100, y + 100) for x in (0, 100) for y in (0, 100))))
    for table in (report.overlaps, report.gaps, report.parts, report.twins):
        assert table.empty
    assert report.flat == () and report.merged.area == 40_000


def test_an_overlap_names_both_villages_once_with_its_area_width_and_form():
    report = check_coverage(villages(box(0, 0, 100, 100), box(98, 0, 200, 100), box(300, 0, 400, 100)))
    assert report.overlaps[["village_id", "other_id"]].to_numpy().tolist() == [["v0", "v1"]]
    found = report.overlaps.iloc[0]
    # 2 m x 100 m: twice 200 over a perimeter of 204, and 4 pi 200 / 204 squared
    assert found["area_m2"] == 200 and found["width_m"] == pytest.approx(400 / 204)
    assert found["thinness"] == pytest.approx(4 * np.pi * 200 / 204**2) and found["sliver"]


def test_a_village_inside_another_overlaps_it_though_no_border_is_shared():
    report = check_coverage(villages(box(0, 0, 1000, 1000), box(200, 200, 700, 700)))
    found = report.overlaps.iloc[0]
    assert (found["village_id"], found["other_id"], found["area_m2"]) == ("v0", "v1", 250_000)
    assert not found["sliver"]


def test_touching_borders_are_no_overlap_and_do_not_make_a_piece_look_thin():
    left, right = (
        box(0, 0, 100, 100),
        Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (80, 90), (100, 80)]),
    )
    found = check_coverage(villages(left, right)).overlaps.iloc[0]
    # a triangle of base 20 and height 20; the common border beside it has no part in its form
    assert found["area_m2"] == 200 and found["width_m"] == pytest.approx(400 / (20 + 2 * np.hypot(20, 10)))


def test_a_gap_names_its_neighbours_and_a_bay_of_the_outer_border_is_none():
    ring = [box(0, 0, 300, 100), box(0, 100, 100, 200), box(150, 100, 300, 200), box(0, 200, 300, 300)]
    report = check_coverage(villages(*ring))
    assert report.gaps["neighbours"].tolist() == [("v0", "v1", "v2", "v3")]
    assert report.gaps["area_m2"].tolist() == [5000] and not report.gaps["sliver"].any()
    assert (report.gaps[["x", "y"]] == [125, 150]).all().all()
    assert check_coverage(villages(*ring[:3])).gaps.empty


def test_a_village_that_reaches_no_neighbour_stands_in_its_gap():
    ring = [box(0, 0, 300, 100), box(0, 100, 100, 200), box(200, 100, 300, 200), box(0, 200, 300, 300)]
    found = check_coverage(villages(*ring, box(105, 105, 195, 195))).gaps.iloc[0]
    # a belt of 5 m around a village of 90 m, with a border outside and one inside
    assert found["neighbours"] == ("v0", "v1", "v2", "v3", "v4") and found["area_m2"] == 1900
    assert found["width_m"] == 2 * 1900 / (400 + 360)


def test_parts_twins_and_villages_without_area():
    several = MultiPolygon([box(0, 0, 100, 100), box(500, 0, 505, 5)])
    flat = Polygon([(900, 900), (950, 950), (900, 900)])
    report = check_coverage(villages(several, box(0, 200, 50, 250), box(50, 250, 0, 200), flat, None))
    part = report.parts.iloc[0]
    assert (part["village_id"], part["parts"], part["slivers"]) == ("v0", 2, 1)
    assert part["largest_pct"] == pytest.approx(100 * 10_000 / 10_025)
    assert report.twins["villages"].tolist() == [("v1", "v2")] and report.flat == ("v3",)


def test_what_villages_cover_of_their_commune_is_told_only_where_all_have_an_outline():
    communes = gpd.GeoDataFrame(geometry=[box(0, 0, 200, 100)] * 2, index=["a", "b"], crs=CRS)
    shapes = villages(box(0, 0, 100, 100), box(0, 0, 100, 100), None, commune_id=["a", "b", "b"])
    found = check_coverage(shapes, communes=communes).communes
    assert found.index.tolist() == ["a"] and found["covered_pct"].tolist() == [50]


def test_nothing_to_check_is_no_error():
    report = check_coverage(villages(None, None))
    assert report.merged is None and report.overlaps.empty and report.gaps.empty and report.twins.empty


@pytest.mark.parametrize(
    ("file", "overlaps", "overlap_m2", "gaps", "gap_m2"),
    [
        ("kontum/kontum_communes_2025.gpkg", 3, 18.33, 2, 10.23),
        ("kontum/quangngai_communes_2025_simplified.gpkg", 218, 1_243_717.8, 1269, 1_328_034.0),
        ("nandurbar/nandurbar_villages.gpkg", 0, 0, 0, 0),
        ("sikkim/sikkim_villages.gpkg", 7, 0.696, 8, 2_398_655.9),
    ],
)
def test_real_coverages_agree_with_an_overlay(shared_data, file, overlaps, overlap_m2, gaps, gap_m2):
    shapes = in_utm(shared_data / file)
    report = check_coverage(shapes)
    assert len(report.overlaps) == overlaps and len(report.gaps) == gaps
    assert report.overlaps["area_m2"].sum() == pytest.approx(overlap_m2, abs=0.01, rel=1e-6)
    assert report.gaps["area_m2"].sum() == pytest.approx(gap_m2, abs=0.01, rel=1e-6)
    plain = shapes[["geometry"]].reset_index(names="id")
    other = gpd.overlay(plain, plain, how="intersection", keep_geom_type=True)
    other = other[(other["id_1"] < other["id_2"]) & (other.area > 0.01)]
    assert len(other) == overlaps and other.area.sum() == pytest.approx(overlap_m2, abs=0.01, rel=1e-6)
    # the whole with its holes filled is the whole and its gaps
    filled = shapely.union_all(
        [Polygon(part.exterior) for part in shapely.get_parts(shapely.union_all(shapes.geometry))]
    )
    holes = filled.area - shapely.union_all(shapes.geometry).area
    assert report.gaps["area_m2"].sum() == pytest.approx(holes, abs=0.01 * 800)


def test_the_order_of_villages_changes_nothing(shared_data):
    shapes = in_utm(shared_data / "sikkim" / "sikkim_villages.gpkg")
    one, other = check_coverage(shapes), check_coverage(shapes.iloc[::-1])
    for name in ("overlaps", "gaps", "parts", "twins", "communes"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_merging_edge_to_edge_gives_what_a_union_gives(shared_data):
    shapes = in_utm(shared_data / "kontum" / "kontum_communes_2025.gpkg").geometry.to_numpy()
    assert misfits(shapes).sum() == 5
    merged, union = merge(shapes), shapely.union_all(shapes)
    assert merged.is_valid and shapely.symmetric_difference(merged, union).area < 0.01
