"""Shares of high and steep land: areas, slopes and what is not known worked out by hand, and real terrain."""

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point, Polygon, box

import tiny
from gis.catalogue import load_catalogue
from gis.criteria import load_criteria
from gis.indicators.terrain import area_share_above, area_share_steeper, slope_of
from gis.measure import check_bindings
from gis.rasters import Raster

NAN = np.nan


def raster(rows, *, cell=100.0, north=None):
    """A grid whose south-west corner is 0, 0."""
    values = np.array(rows, dtype=float)
    return Raster(values, 0.0, cell * len(values) if north is None else north, cell, cell, None)


HEIGHTS = raster(
    [
        [250, 250, 100, 100],
        [250, 250, 100, 100],
        [200, 199, 100, 100],
        [300, 300, 300, 300],
    ]
)


def land(*shapes, **columns):
    frame = tiny.villages(len(shapes)).set_geometry(list(shapes), crs=tiny.CRS)
    return frame.assign(**columns)


def row(measured, name="v0"):
    return measured.loc[name, ["value", "low", "high"]].round(6).tolist()


# --- height ---------------------------------------------------------------------------------------------


def test_area_at_or_above_a_height_is_counted_by_exact_share():
    # whole: 4 cells of 250, one of exactly 200 and 4 of 300 are 9 of 16; the village of cells of 100 has none
    found = area_share_above(land(box(0, 0, 400, 400), box(200, 100, 400, 400)), HEIGHTS, height_m=200)
    assert row(found) == [56.25, 56.25, 56.25] and row(found, "v1") == [0, 0, 0]
    assert found.loc["v0", ["numerator", "denominator"]].tolist() == [9, 16]
    # a strip 150 m wide over the two upper rows: 2 cells and 2 halves, all of them high
    assert row(area_share_above(land(box(0, 200, 150, 400)), HEIGHTS, height_m=200)) == [100, 100, 100]
    # half a cell of 200 m and half a cell of 199 m
    assert row(area_share_above(land(box(50, 100, 150, 200)), HEIGHTS, height_m=200)) == [50, 50, 50]


def test_cells_without_data_leave_the_share_open():
    # of four cells one is high, two are low, one is not known: 1 of 3, at least 1 of 4, at most 2 of 4
    found = area_share_above(land(box(0, 0, 200, 200)), raster([[300, NAN], [100, 100]]), height_m=200)
    assert row(found) == [33.333333, 25, 50] and found["doubt"].tolist() == ["no-elevation"]


def test_land_beyond_the_raster_is_as_unknown_as_a_hole_in_it():
    found = area_share_above(land(box(0, 0, 400, 200)), raster([[300, 100], [100, 100]]), height_m=200)
    assert row(found) == [25, 12.5, 62.5]
    found = area_share_above(land(box(900, 900, 950, 950)), HEIGHTS, height_m=200)
    assert np.isnan(found["value"].iloc[0]) and found["doubt"].tolist() == ["no-elevation"]


def test_a_village_without_polygon_has_no_share():
    villages = land(box(0, 0, 400, 400))
    villages.loc["v0", "geometry"] = None
    found = area_share_above(villages, HEIGHTS, height_m=200)
    assert np.isnan(found["value"].iloc[0]) and found["doubt"].tolist() == ["no-geometry"]


# --- approximate extents ----------------------------------------------------------------------------------


def test_an_approximate_extent_holds_for_every_border_within_its_doubt():
    # high left of x = 200, low right of it; the extent from 150 to 250 may be 50 m off on every side
    grid = raster([[300, 300, 100, 100]] * 4)
    villages = land(box(150, 150, 250, 250), approximate=True, extent_doubt_m=50.0)
    found = area_share_above(villages, grid, height_m=200)
    grown = shapely.buffer(box(150, 150, 250, 250), 50).area / 2
    # shrunk by 50 m nothing of it is sure, so all that may belong to it may be low, or high
    assert row(found) == [50, 0, 100] and found["doubt"].tolist() == ["approximate"]
    # 10 m off: 40 x 80 m are sure on either side
    half = shapely.buffer(box(150, 150, 250, 250), 10).area / 2
    found = area_share_above(villages.assign(extent_doubt_m=10.0), grid, height_m=200)
    assert row(found) == pytest.approx([50, 100 * 3200 / (3200 + half), 100 * half / (3200 + half)], abs=1e-6)
    assert grown > half


def test_where_all_land_around_is_high_an_approximate_extent_leaves_no_doubt():
    villages = land(box(150, 150, 250, 250), approximate=True, extent_doubt_m=60.0)
    assert row(area_share_above(villages, raster([[300] * 4] * 4), height_m=200)) == [100, 100, 100]
    assert row(area_share_above(villages, raster([[100] * 4] * 4), height_m=200)) == [0, 0, 0]


def test_an_extent_of_unknown_doubt_is_open_from_end_to_end():
    villages = land(box(100, 100, 300, 300), approximate=True)
    found = area_share_above(villages, raster([[300] * 4] * 4), height_m=200)
    assert row(found) == [100, 0, 100] and found["doubt"].tolist() == ["approximate"]


# --- slope ------------------------------------------------------------------------------------------------


def test_slope_of_a_plane_is_its_gradient():
    x, y = np.meshgrid(np.arange(6) * 100.0, np.arange(5) * 100.0)
    slope = slope_of(raster(0.3 * x + 0.4 * y))
    assert slope[1:-1, 1:-1] == pytest.approx(np.full((3, 4), 50.0))
    assert np.isnan(slope[0]).all() and np.isnan(slope[:, -1]).all()


def test_slope_by_horn_worked_by_hand():
    # dz/dx = ((30 + 2*20 + 10) - (0 + 2*0 + 0)) / 800 = 0.1; dz/dy = ((0 + 2*0 + 10) - (0 + 2*0 + 30)) / 800 = -0.025
    slope = slope_of(raster([[0, 0, 30], [0, 99, 20], [0, 0, 10]]))
    assert slope[1, 1] == pytest.approx(100 * np.hypot(0.1, 0.025))


def test_a_hole_takes_the_slope_of_its_neighbours_too():
    heights = np.zeros((5, 5))
    heights[2, 2] = NAN
    assert np.isnan(slope_of(raster(heights))[1:4, 1:4]).all()
    assert np.isnan(slope_of(raster([[1.0, 2.0]]))).all()


def test_steep_area_is_counted_and_the_rim_is_open():
    # a plane of exactly 15 %: the four inner cells of 4 x 4 are steep enough, the rim is not known
    x, _ = np.meshgrid(np.arange(4) * 100.0, np.arange(4))
    found = area_share_steeper(
        land(box(0, 0, 400, 400), box(100, 100, 300, 300)), raster(0.15 * x), slope_pct=15
    )
    assert row(found) == [100, 25, 100] and row(found, "v1") == [100, 100, 100]
    assert found["doubt"].iloc[0] == "no-elevation" and pd.isna(found["doubt"].iloc[1])


# --- in a set, and on real ground -------------------------------------------------------------------------


def test_the_mountain_village_rows_measure_the_ground():
    criteria = load_criteria("vn-dbkk-village-2026-2030")
    check_bindings(criteria, load_catalogue())
    assert criteria.criterion("mountain-elevation").measured.measure == "area_share_above(height_m=200)"
    assert criteria.criterion("mountain-slope").measured.measure == "area_share_steeper(slope_pct=15)"


@pytest.mark.real
def test_real_mountains_agree_with_a_count_of_very_small_cells(shared_data):
    rasterio = pytest.importorskip("rasterio")
    from rasterio.features import rasterize

    with rasterio.open(shared_data / "andorra" / "andorra_srtm3.tif") as file:
        heights = file.read(1).astype(float)[100:200, 150:270]
    ground = Raster(heights, 0.0, 9000.0, 90.0, 90.0, None)
    chance = np.random.default_rng(5)
    shapes = []
    for _ in range(8):
        turn = np.sort(chance.uniform(0, 2 * np.pi, 11))
        reach, (x, y) = chance.uniform(400, 1500, 11), chance.uniform([1600, 1600], [9200, 7400])
        shapes.append(
            Polygon(np.column_stack([x + reach * np.cos(turn), y + reach * np.sin(turn)])).buffer(0)
        )
    villages = land(*shapes)
    fine = 20
    transform = rasterio.Affine(90 / fine, 0, 0, 0, -90 / fine, 9000)
    slopes = np.nan_to_num(slope_of(ground), nan=-1)
    for ours, values, limit in (
        (area_share_above(villages, ground, height_m=2200), heights, 2200),
        (area_share_steeper(villages, ground, slope_pct=60), slopes, 60),
    ):
        small = np.repeat(np.repeat(values, fine, 0), fine, 1)
        for at, shape in enumerate(shapes):
            inside = rasterize([shape], out_shape=small.shape, transform=transform).astype(bool)
            share = 100 * (small[inside] >= limit).mean()
            assert ours["value"].iloc[at] == pytest.approx(share, abs=0.1)


def _horn(z, row_, column):
    """Horn's formula written out cell by cell, as a second way."""
    a, b, c = z[row_ - 1, column - 1 : column + 2]
    d, _, f = z[row_, column - 1 : column + 2]
    g, h, i = z[row_ + 1, column - 1 : column + 2]
    return 100 * np.hypot(
        ((c + 2 * f + i) - (a + 2 * d + g)) / 720, ((g + 2 * h + i) - (a + 2 * b + c)) / 720
    )


@pytest.mark.real
def test_real_slopes_are_those_of_the_formula_written_out(shared_data):
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(shared_data / "andorra" / "andorra_srtm3.tif") as file:
        heights = file.read(1).astype(float)[100:140, 150:190]
    slope = slope_of(Raster(heights, 0.0, 3600.0, 90.0, 90.0, None))
    places = [(int(y), int(x)) for y, x in np.random.default_rng(1).integers(1, 39, (50, 2))]
    assert [slope[place] for place in places] == pytest.approx([_horn(heights, *place) for place in places])


def test_the_order_of_villages_changes_no_share():
    villages = land(box(0, 0, 150, 400), box(150, 0, 400, 220), Point(200, 300).buffer(80))
    one = area_share_above(villages, HEIGHTS, height_m=200)
    other = area_share_above(villages[::-1], HEIGHTS, height_m=200)
    pd.testing.assert_frame_equal(one, other[::-1])
