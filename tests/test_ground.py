"""What times over a study's ground rest on is counted, by hand here, and told where a planner looks."""

import json
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from pyproj import CRS
from shapely import LineString, box

import tiny
from gis.catalogue import load_catalogue
from gis.cli import commands, judging
from gis.errors import StudyError
from gis.ground import blank_pct, choices_of, ground_of, ground_told
from gis.rasters import Raster
from gis.recipe import read_recipe
from gis.study import LayerData
from test_web import client_over, opened

CATALOGUE = load_catalogue()
WALL = LineString([(1050, -10), (1050, 2010)])
BROOK = LineString([(2050, -10), (2050, 2010)])


def heights(blank_columns=0):
    values = np.zeros((20, 30))
    values[:, :blank_columns] = np.nan
    return Raster(values, 0.0, 2000.0, 100.0, 100.0, CRS(tiny.CRS))


def study(elevation, *, parameters=(), **frames):
    """A study of three villages of one square kilometre over 20 by 30 cells."""
    layers = {
        name: LayerData(CATALOGUE.get(name), frame, None, {}, None, name, None, {})
        for name, frame in frames.items()
    }
    if elevation is not None:
        layers["elevation"] = LayerData(CATALOGUE["elevation"], None, elevation, {}, None, "dem", None, {})
    return SimpleNamespace(
        villages=tiny.villages(3), layers=layers, parameters=MappingProxyType(dict(parameters)), travels={}
    )


def over_two_waters(**more):
    """A river with a bridge, a ford on it, a stream, and a road over both; a bridge where there is no water."""
    gdf = tiny.facilities((1060, 550), (1060, 1550), (550, 1050)).assign(
        kind=["bridge", "ford", "bridge"], all_season=np.nan
    )
    rivers = tiny.roads(WALL, BROOK)[["geometry"]].assign(kind=["river", "stream"])
    road = tiny.roads(LineString([(10, 1050), (2990, 1050)]))
    return study(heights(), rivers=rivers, roads=road, crossings=gdf, **more)


def test_cells_of_water_roads_culverts_and_crossings_are_counted_by_season():
    found = ground_of(over_two_waters())
    assert (found.width_m, found.height_m, found.cells, found.blank_pct) == (100, 100, 600, 0)
    # the river has 20 cells: three opened by the bridge, three by the ford, one by the road
    assert found.counts["dry"].to_dict() == {
        "no_data": 0, "water": 13, "road": 30, "causeway": 1, "culverts": 0, "no_class": 0,
        "crossings_used": 2, "crossings_closed": 0, "crossings_unused": 1,
    }  # fmt: skip
    # the ford is shut; of the 20 cells of the stream the road has one
    assert found.counts["wet"].to_dict() == {
        "no_data": 0, "water": 16 + 19, "road": 30, "causeway": 2, "culverts": 1, "no_class": 0,
        "crossings_used": 1, "crossings_closed": 1, "crossings_unused": 1,
    }  # fmt: skip


def test_a_study_says_what_decides_a_cell_and_when_streams_are_waded():
    chosen = {"priority": ["water", "roads", "wetland", "land_cover"], "wade": "always", "walk_kmh": 4.0}
    assert choices_of(study(None, parameters=chosen).parameters) == {
        "priority": ("water", "roads", "wetland", "land_cover"),
        "wade": "always",
    }
    found = ground_of(over_two_waters(parameters=chosen)).counts
    assert found.loc["causeway"].tolist() == [0, 0] and found.loc["water"].tolist() == [14, 17]


def test_the_share_of_land_without_height_is_that_of_the_villages():
    # the villages take the lower half of 30 columns of 100 m; four of the columns are blank
    squares = tiny.villages(3).geometry.to_numpy()
    assert blank_pct(heights(4), squares) == pytest.approx(100 * 4 / 30)
    assert blank_pct(heights(), squares) == 0
    # half of it beyond the grid
    assert blank_pct(heights(), np.array([box(2500, 0, 3500, 1000), None])) == pytest.approx(50)
    assert np.isnan(blank_pct(heights(), np.array([None, None])))


def test_a_study_without_heights_has_no_ground():
    assert ground_of(study(None)) is None


def test_it_is_told_in_both_languages():
    found = ground_of(over_two_waters())
    told, rows = ground_told(found, "vi")
    assert "100 × 100 m" in told[0] and "600" in told[0] and told[1].startswith("0 %")
    assert ("Cầu, ngầm không qua được trong mùa này", 0, 1) in rows
    assert ("Bridges and fords that are closed in this season", 0, 1) in ground_told(found, "en")[1]


@pytest.mark.parametrize(
    "wrong", ["priority: [roads, water]", "priority: [roads, roads, water, wetland]", "wade: sometimes"]
)
def test_a_study_file_that_names_no_such_order_is_told_its_line(tmp_path, wrong):
    path = tmp_path / "study.yaml"
    path.write_text(
        f"id: thu\ntitle: Thử\ncriteria: vn-dbkk-village-2021-2025\nparameters:\n  {wrong}\n",
        encoding="utf-8",
    )
    with pytest.raises(StudyError) as caught:
        read_recipe(path, CATALOGUE)
    assert "5" in caught.value.say("vi")


def test_the_page_of_the_inputs_and_the_check_show_it(sample_study, sample_review, capsys):
    client = opened(
        client_over(sample_study.parent.parent, lambda path, report: sample_review), "dak-minh-hoa"
    )
    page = client.get("/studies/dak-minh-hoa/problems?lang=vi").get_data(as_text=True)
    assert "Mặt đất dùng để tính thời gian đi lại" in page and "Mùa mưa" in page
    judging._print_ground(sample_review.ground, "vi")
    assert "Ô mặt nước chặn đường đi" in capsys.readouterr().out
    asked = CliRunner().invoke(commands, ["check", str(sample_study), "--json"], obj={})
    ground = json.loads(asked.output)["ground"]
    assert ground["counts"]["wet"]["water"] > ground["counts"]["dry"]["water"] > 0 == ground["blank_pct"]
