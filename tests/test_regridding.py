"""Grids in degrees brought into metres: heights lie where they lay, codes stay codes, and nobody is lost or doubled."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pyproj import CRS, Transformer

import tiny
from gis.errors import CRSError
from gis.rasters import Raster
from gis.regridding import regrid
from gis.workflows import read_study

METRIC, DEGREES = CRS("EPSG:9216"), CRS("EPSG:4756")
CELL = 1 / 1200
"""Three seconds of arc, some 92 m to the north and 89 m to the east."""
WEST, NORTH = 107.7, 14.9
MOVE = Transformer.from_crs(DEGREES, METRIC, always_xy=True)


def in_degrees(values, **more):
    return Raster(np.asarray(values, dtype=float), WEST, NORTH, CELL, CELL, DEGREES, **more)


def middles(raster):
    rows, columns = raster.values.shape
    return np.meshgrid(
        raster.west + (np.arange(columns) + 0.5) * raster.width,
        raster.north - (np.arange(rows) + 0.5) * raster.height,
    )


def test_a_slope_in_degrees_is_the_same_slope_in_metres():
    x, y = MOVE.transform(*middles(in_degrees(np.zeros((150, 200)))))
    moved = regrid(in_degrees(0.01 * x + 0.02 * y), METRIC, meaning="value")
    x, y = middles(moved)
    known = ~np.isnan(moved.values)
    assert moved.width == moved.height and moved.crs == METRIC and moved.width == pytest.approx(90.9, abs=0.3)
    assert known.mean() > 0.95
    # half a cell within the edge there is no cell beyond to lie between: 0.02 times half a cell
    assert np.abs(moved.values - 0.01 * x - 0.02 * y)[known].max() < 0.02 * 46 + 0.01 * 45
    inner = slice(3, -3), slice(3, -3)
    assert np.nanmax(np.abs(moved.values - 0.01 * x - 0.02 * y)[inner]) < 0.01


def test_every_code_is_that_of_the_nearest_cell():
    codes = np.random.default_rng(5).choice([10, 20, 80], (60, 80))
    moved = regrid(in_degrees(codes, classes={"10": {}}), METRIC, meaning="class")
    assert moved.classes == {"10": {}}
    lon, lat = MOVE.transform(*middles(moved), direction="INVERSE")
    row, column = (NORTH - lat) / CELL, (lon - WEST) / CELL
    inside = (row > 0) & (row < 60) & (column > 0) & (column < 80)
    # not looked at: places within a hundredth of a cell of the line between two
    sure = inside & (np.abs(row - row.round()) > 0.01) & (np.abs(column - column.round()) > 0.01)
    expected = codes[row[sure].astype(int), column[sure].astype(int)]
    assert (moved.values[sure] == expected).all() and np.isnan(moved.values[~inside]).sum() > 50


@settings(max_examples=30, deadline=None)
@given(
    arrays.arrays(
        float, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.floats(0, 1e4) | st.just(np.nan)
    )
)
def test_the_sum_of_people_stays(people):
    moved = regrid(in_degrees(people), METRIC, meaning="count")
    assert np.nansum(moved.values) == pytest.approx(np.nansum(people), rel=1e-9, abs=1e-9)
    assert np.nanmin(moved.values, initial=0) >= 0


def test_people_stay_where_they_are():
    people = np.zeros((30, 40))
    people[7, 12] = 60
    moved = regrid(in_degrees(people), METRIC, meaning="count")
    x, y = middles(moved)
    mean = [np.nansum(part * moved.values) / 60 for part in (x, y)]
    expected = MOVE.transform(WEST + 12.5 * CELL, NORTH - 7.5 * CELL)
    assert np.hypot(*np.subtract(mean, expected)) < 5


def test_what_is_unknown_stays_unknown_and_grows_no_heights():
    heights = np.full((40, 40), 500.0)
    heights[10:20, 10:20] = np.nan
    moved = regrid(in_degrees(heights), METRIC, meaning="value")
    x, y = MOVE.transform(WEST + 15 * CELL, NORTH - 15 * CELL)
    column, row = int((x - moved.west) / moved.width), int((moved.north - y) / moved.height)
    assert np.isnan(moved.values[row - 3 : row + 4, column - 3 : column + 4]).all()
    known = moved.values[~np.isnan(moved.values)]
    assert known == pytest.approx(500.0) and np.isnan(moved.values[0, 0])


def test_a_grid_of_the_whole_earth_is_refused():
    world = Raster(np.zeros((18, 36)), -180.0, 90.0, 10.0, 10.0, CRS("EPSG:4326"))
    with pytest.raises(CRSError) as caught:
        regrid(world, METRIC, meaning="value", layer="Độ cao", file="dem.tif")
    assert caught.value.code == "raster-beyond-crs" and "dem.tif" in caught.value.say("vi")


def study_over(folder, heights, people, **mark):
    """A study of three villages with heights in degrees and people in another zone."""
    villages = tiny.villages(3).drop(columns=["point", "approximate", "households"])
    villages.geometry = villages.geometry.translate(560_000, 1_600_000)
    villages.reset_index().to_file(folder / "thon.gpkg", layer="thon", engine="pyogrio")
    lon, lat = MOVE.transform(560_000, 1_601_000, direction="INVERSE")
    where = {"crs": "EPSG:4326", "transform": rasterio.Affine(CELL, 0, lon - 0.01, 0, -CELL, lat + 0.01)}
    save(folder / "dem.tif", heights, **mark, **where)
    utm = gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").to_crs("EPSG:32649").iloc[0]
    place = rasterio.Affine(100, 0, utm.x - 500, 0, -100, utm.y + 500)
    save(folder / "dan.tif", people, crs="EPSG:32649", transform=place)
    (folder / "study.yaml").write_text(
        "id: thu\ntitle: Thử\ncriteria: vn-dbkk-village-2021-2025\ngroups: {region: chung}\n"
        "layers:\n  villages: {file: thon.gpkg}\n  elevation: {file: dem.tif}\n  population: {file: dan.tif}\n",
        encoding="utf-8",
    )
    return read_study(folder)


def test_a_study_takes_heights_in_degrees_and_people_in_another_zone(tmp_path):
    heights = np.full((60, 90), 700, dtype="int16")
    heights[0] = -32768
    study = study_over(tmp_path, heights, np.full((40, 50), 2.5, dtype="float32"), nodata=-32768)
    elevation, people = (study.layers[name].raster for name in ("elevation", "population"))
    assert elevation.crs == people.crs == study.crs and elevation.width == pytest.approx(90.9, abs=0.3)
    assert np.nanmax(elevation.values) == pytest.approx(700) == np.nanmin(elevation.values)
    assert np.nansum(people.values) == pytest.approx(40 * 50 * 2.5)
    told = {problem.code: problem for problem in study.problems}
    assert "raster-regridded-value" in told and "raster-regridded-count" in told
    assert "raster-beyond" not in told
    said = told["raster-regridded-value"].say("vi")
    assert "EPSG:4326" in said and "cỡ ô 91 m, 63 × 90 ô" in said
    assert study.layers["elevation"].counts["rows_used"] == 1


def test_heights_and_people_that_cannot_be_are_no_data_and_counted(tmp_path):
    # the file names no mark for cells without data
    heights = np.full((60, 90), 700, dtype="float32")
    heights[30, 40:43] = [-9999, np.inf, 3e38]
    people = np.full((40, 50), 2.5, dtype="float32")
    people[3, :4] = [-1, -3e38, np.inf, 2e6]
    study = study_over(tmp_path, heights, people)
    elevation, found = (study.layers[name].raster for name in ("elevation", "population"))
    assert np.nanmax(elevation.values) == pytest.approx(700) == np.nanmin(elevation.values)
    assert np.nansum(found.values) == pytest.approx((40 * 50 - 4) * 2.5)
    told = [problem for problem in study.problems if problem.code == "raster-beyond"]
    assert [problem.arguments["count"] for problem in told] == [3, 4]
    assert "dem.tif" in told[0].say("vi") and "dan.tif" in told[1].say("en")


def save(path, array, **more):
    shape = {"height": array.shape[0], "width": array.shape[1], "count": 1, "dtype": array.dtype}
    with rasterio.open(path, "w", driver="GTiff", **shape, **more) as target:
        target.write(array, 1)
