"""The layer catalogue and the invented district."""

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
import yaml
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from gis.errors import StudyError
from gis.messages import catalogue as messages
from gis.names import fold, longest_patterns
from gis.sample import make_sample, naming, people, places, terrain
from gis.sample.invention import invent
from gis.sample.sheets import COLUMNS, FIELDS, SHEET, TOTAL

LAYERS = Path(__file__).parent.parent / "layers"
CATALOGUE = sorted(LAYERS.glob("*.yaml"))
SIZES = (1, 2, 13, 120, 1000)
RUNG_LAYERS = {
    0: set(),
    1: {"villages"},
    2: {"villages", "communes"},
    3: {"villages", "communes", "upper_units"},
}


def silent(fraction, code, **arguments):
    assert 0 <= fraction <= 1
    assert code in messages("vi") and code in messages("en")


@pytest.fixture(scope="module")
def district():
    return invent(120, 10, 1, silent)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("district")
    make_sample(path, villages=120, seed=1, report=silent)
    return path


@pytest.fixture(scope="module")
def study(folder):
    return yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))


def layer_data(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# The catalogue


def test_catalogue_has_every_layer_that_a_study_may_bind():
    assert {path.stem for path in CATALOGUE} >= {
        "villages", "communes", "upper_units", "commune_centres", "settlements", "roads", "water_points",
        "water_schemes", "irrigation", "schools", "clinics", "power", "telecom", "culture_houses", "rivers",
        "crossings", "population", "elevation", "land_cover", "assessments",
    }  # fmt: skip


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.stem)
def test_layer_file_says_all_that_is_needed(path):
    layer = layer_data(path)
    assert layer["id"] == path.stem
    assert layer["max_age_years"] > 0
    assert set(layer["style"]) >= {"color", "shape", "letter", "width"}
    assert layer["role"] == "raster" or layer["fields"]
    for text in (layer["label"], layer["citation"]):
        assert set(text) == {"vi", "en"} and all(text.values())
    for entry in _entries(layer):
        assert set(entry["label"]) == {"vi", "en"} and all(entry["label"].values())
        assert all(unicodedata.is_normalized("NFC", text) for text in entry["label"].values())


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.stem)
def test_name_belongs_to_one_field_of_a_layer_only(path):
    owner = {}
    for name, field in layer_data(path).get("fields", {}).items():
        for known in {fold(known) for known in (name, *field["names"])}:
            assert owner.setdefault(known, name) == name, known


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.stem)
def test_old_dbf_names_of_ten_characters_are_known_names(path):
    known = {fold(known) for field in layer_data(path).get("fields", {}).values() for known in field["names"]}
    expected = {
        "villages": ("TEN_THON", "MA_XA", "SO_HO", "DAN_SO", "VLGCD2011"),
        "roads": ("LOAI_DUONG", "KET_CAU", "CHIEU_RONG"),
        "schools": ("schname", "school_cat", "CAP_HOC"),
        "settlements": ("tot_popula", "hab_name"),
    }
    assert all(fold(name) in known for name in expected.get(path.stem, ()))


def test_every_speed_is_there_and_marked_as_an_assumption():
    roads = layer_data(LAYERS / "roads.yaml")
    assert roads["speeds_note"]["verification"] == "assumption"
    for road_class in roads["classes"]:
        for surface in roads["surfaces"]:
            for mode in ("motorbike", "car"):
                speed = {
                    season: roads["speeds"][road_class][surface][season][mode] for season in roads["seasons"]
                }
                assert 0 <= speed["wet"] <= speed["dry"] <= 60


@pytest.mark.parametrize(
    ("layer", "table", "value", "expected"),
    [
        ("schools", "kinds", "Trường PTDTBT TH và THCS", {"primary", "lower_secondary"}),
        ("schools", "kinds", "Trường THCS Đăk Nai", {"lower_secondary"}),
        ("schools", "kinds", "Upper Primary only", {"upper_primary"}),
        ("schools", "kinds", "Primary with Upper Primary", {"primary", "upper_primary"}),
        ("clinics", "kinds", "Sub Centre", {"subcentre"}),
        ("clinics", "kinds", "Veterinary Hospital", {"veterinary"}),
        ("clinics", "kinds", "Phòng khám đa khoa khu vực", {"polyclinic"}),
        ("water_points", "kinds", "Công trình tập trung", set()),
        ("crossings", "kinds", "Cầu tràn", {"ford"}),
        ("roads", "classes", "Đường ngõ, xóm", {"alley"}),
        ("roads", "classes", "Đường nhánh", set()),
        ("roads", "surfaces", "BTXM", {"concrete"}),
    ],
)
def test_longest_pattern_finds_the_kind(layer, table, value, expected):
    entries = layer_data(LAYERS / f"{layer}.yaml")[table]
    patterns = [
        (kind, name) for kind, entry in entries.items() for name in (kind.replace("_", " "), *entry["names"])
    ]
    assert set(longest_patterns(value, patterns)) == expected


def _entries(layer):
    for table in ("fields", "kinds", "classes", "surfaces", "conditions", "seasons", "codes"):
        yield from layer.get(table, {}).values()


# The ground and the tiling


@pytest.mark.parametrize("villages", SIZES)
def test_any_size_tiles_its_communes_and_joins_every_village_by_road(villages):
    communes = max(1, round(villages / 12))
    made = invent(villages, communes, 3, silent)
    cells = made.places.cells
    assert len(cells) == villages
    assert shapely.is_valid(cells).all() and shapely.coverage_is_valid(cells)
    assert shapely.contains_xy(cells, *made.places.points.T).all()
    assert np.bincount(made.places.commune, minlength=communes).min() >= 1
    whole = [shapely.coverage_union_all(cells[made.places.commune == n]) for n in range(communes)]
    assert shapely.coverage_is_valid(np.array(whole))
    assert all(outline.geom_type == "Polygon" for outline in whole), "a commune in two parts"
    assert _parts(made.table["geometry"].to_numpy(), made.ways.centres) == 1


def _parts(lines, points):
    """How many parts the lines fall into, joined only at shared vertices; points must be vertices."""
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    nodes, node = np.unique(np.round(coordinates, 1), axis=0, return_inverse=True)
    node = node.ravel()
    same = line[1:] == line[:-1]
    ends = (node[:-1][same], node[1:][same])
    graph = sparse.coo_array((np.ones(len(ends[0])), ends), shape=(len(nodes), len(nodes)))
    known = {tuple(row) for row in nodes.tolist()}
    assert all(tuple(row) in known for row in np.round(points, 1).tolist())
    return connected_components(graph, directed=False)[0]


def test_seed_decides_everything_and_another_seed_changes_it(district):
    same, other = invent(120, 10, 1, silent), invent(120, 10, 2, silent)
    assert shapely.equals_exact(district.places.cells, same.places.cells).all()
    assert district.names.tolist() == same.names.tolist()
    assert not np.array_equal(district.places.points, other.places.points)


def test_ground_is_upland_and_rivers_run_below_the_land_around_them(district):
    height = district.elevation.values
    assert height.min() >= 400 and height.max() <= 1900 and height.max() - height.min() > 700
    rivers = shapely.get_coordinates(district.streams.lines[district.streams.is_river])
    aside = district.elevation.at(rivers + (1500.0, 0.0)), district.elevation.at(rivers - (1500.0, 0.0))
    assert (district.elevation.at(rivers) < (aside[0] + aside[1]) / 2).mean() > 0.9


def test_grid_reads_back_the_cell_it_was_given():
    grid = terrain.Grid(0.0, 30.0, 10.0, np.arange(9.0).reshape(3, 3))
    assert grid.at([[5.0, 25.0], [25.0, 5.0], [10.0, 25.0]]).tolist() == [0.0, 8.0, 0.5]
    assert grid.window((10, 0, 20, 19)).values.tolist() == [[4.0, 5.0], [7.0, 8.0]]


def test_room_in_a_kite_ends_at_its_tips():
    room = places.kite_room(np.array([0.0, 0.25, 0.5, 1.0]), np.array([0.5]), np.array([10.0]))
    assert room.tolist() == [[0.0, 5.0, 10.0, 0.0]]


def test_whole_people_add_up_to_the_village():
    village, weight = np.array([0, 0, 0, 1]), np.array([1.0, 1.0, 1.0, 5.0])
    assert people.whole_people(village, weight, np.array([10, 7])).tolist() == [4, 3, 3, 7]


# Names


def test_spellings_join_when_folded_except_the_planted_ones():
    commune = np.repeat(np.arange(40), 10)
    names, _ = naming.village_names(commune, np.random.default_rng(5))
    spelt, lost = naming.respell(names, commune, np.random.default_rng(6), share=1, unjoined=2)
    joined = np.array([fold(a) == fold(b) for a, b in zip(names, spelt, strict=True)])
    assert np.flatnonzero(~joined).tolist() == lost.tolist() and len(lost) == 2
    differs = [(a, b) for a, b in zip(names, spelt, strict=True) if a != b]
    assert any("Đăk" in a and "Đắk" in b for a, b in differs)
    assert any("Hoà" in a and "Hòa" in b for a, b in differs)
    assert any(b.isupper() for _, b in differs)
    assert any(not unicodedata.is_normalized("NFC", b) for _, b in differs)


def test_names_differ_within_a_commune_and_repeat_between_communes(district):
    frame = pd.DataFrame(
        {"commune": district.places.commune, "name": [fold(name) for name in district.names]}
    )
    assert not frame.duplicated().any()
    assert frame["name"].duplicated().any()
    assert len({fold(name) for name in naming.commune_names(9000, np.random.default_rng(1))}) == 9000


# The files


def test_same_seed_writes_the_same_bytes(folder, tmp_path):
    make_sample(tmp_path, villages=120, seed=1)
    written = sorted(path.name for path in folder.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == written
    assert [name for name in written if (folder / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_other_readers_open_every_layer(folder, study):
    import fiona

    for layer, entry in study["layers"].items():
        if entry["file"].endswith(".tif"):
            continue
        with fiona.open(folder / entry["file"], layer=entry.get("layer")) as source:
            assert len(source) > 0, layer
            degrees = entry["file"].endswith(".geojson")
            assert source.crs.to_epsg() == (4326 if degrees else 9216), layer
    assert (folder / "truong.cpg").read_text().strip() == "UTF-8"
    assert (folder / "truong.prj").stat().st_size > 0
    with fiona.open(folder / "truong.shp") as source:
        assert any("Trường" in feature["properties"]["TEN_TRUONG"] for feature in source)


def test_people_of_the_raster_are_those_of_the_villages(folder):
    import fiona
    import rasterio
    from rasterio.features import rasterize

    with fiona.open(folder / "thon.gpkg") as source:
        said = [feature["properties"]["SO_KHAU"] for feature in source]
        shapes = [(feature.geometry, number) for number, feature in enumerate(source, 1)]
    with rasterio.open(folder / "dan-so.tif") as raster:
        counted, transform = raster.read(1), raster.transform
    owner = rasterize(shapes, out_shape=counted.shape, transform=transform, dtype="int32")
    found = np.bincount(owner.ravel(), weights=counted.ravel(), minlength=len(said) + 1)
    assert found[1:].tolist() == said
    assert found[0] == 0


def test_every_field_a_study_names_is_in_its_file(folder, study):
    import fiona

    for entry in study["layers"].values():
        if "fields" in entry:
            with fiona.open(folder / entry["file"]) as source:
                assert set(entry["fields"].values()) <= set(source.schema["properties"])
    for entry in study["assessments"]:
        assert set(entry["fields"].values()) <= set(COLUMNS)


def test_headings_the_study_does_not_name_are_in_the_catalogue():
    fields = layer_data(LAYERS / "assessments.yaml")["fields"]
    known = {fold(known) for field in fields.values() for known in field["names"]}
    unknown = [name for name in COLUMNS if fold(name) not in known and name not in FIELDS.values()]
    assert unknown == ["TT"]


@pytest.mark.parametrize("year", [2023, 2024])
def test_workbook_has_titles_one_heading_numbers_and_a_total(folder, year):
    rows = _rows(folder / f"ra-soat-{year}.xlsx")
    head = next(number for number, row in enumerate(rows) if row[0] == "TT")
    assert head > 2 and list(rows[head]) == list(COLUMNS)
    body = rows[head + 1 : -1]
    assert rows[-1][3] == TOTAL and rows[-1][4] == sum(row[4] for row in body)
    assert all(isinstance(row[4], int) and isinstance(row[1], str) and row[1].startswith("0") for row in body)
    assert any(value is None for row in body for value in row[6:30])


def test_last_year_lacks_two_communes_and_joins_all_rows_but_two(folder):
    import fiona

    with fiona.open(folder / "thon.gpkg") as source:
        known = {(f["properties"]["MA_XA"], fold(f["properties"]["TEN_THON"])) for f in source}
    rows = {year: _rows(folder / f"ra-soat-{year}.xlsx")[5:-1] for year in (2023, 2024)}
    lost = {year: sum((row[1], fold(row[3])) not in known for row in rows[year]) for year in rows}
    assert lost == {2023: 0, 2024: naming.UNJOINED_ROWS}
    communes = {year: len({row[1] for row in rows[year]}) for year in rows}
    assert communes == {2023: 10, 2024: 8}
    assert any(row[3] not in {name for _, name in known} for row in rows[2024])


def test_poverty_falls_between_the_years(folder):
    rate = {}
    for year in (2023, 2024):
        body = [row for row in _rows(folder / f"ra-soat-{year}.xlsx")[5:-1] if row[7] is not None]
        rate[year] = sum(row[7] for row in body) / sum(row[4] for row in body)
    assert 0.08 < rate[2024] < rate[2023] < 0.3


def _rows(path):
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    assert book.sheetnames == [SHEET]
    rows = list(book[SHEET].iter_rows(values_only=True))
    book.close()
    return rows


@pytest.mark.parametrize("rung", range(6))
def test_each_rung_binds_just_its_layers(tmp_path, rung):
    study = yaml.safe_load(make_sample(tmp_path, villages=13, seed=4, rung=rung).read_text(encoding="utf-8"))
    bound = set(study.get("layers", {}))
    rasters = {"elevation", "population", "land_cover"}
    if rung in RUNG_LAYERS:
        assert bound == RUNG_LAYERS[rung]
    else:
        assert bound >= {"roads", "schools", "clinics", "settlements", "crossings", "commune_centres"}
        assert bound & rasters == (rasters if rung == 5 else set())
    assert len(study["assessments"]) == (2 if rung else 1)
    for entry in [*study.get("layers", {}).values(), *study["assessments"]]:
        assert (tmp_path / entry["file"]).is_file()
    if rung == 0:
        assert {path.suffix for path in tmp_path.iterdir()} == {".xlsx", ".yaml", ".txt"}


def test_sample_says_that_it_is_invented(folder, study):
    assert study["illustration"] is True
    assert "minh họa" in study["title"]["vi"] and "illustration" in study["title"]["en"]
    assert "MINH HỌA" in (folder / "GHI-CHU.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"villages": 0}, "sample-villages-range"),
        ({"villages": 100_001}, "sample-villages-range"),
        ({"villages": 5, "communes": 6}, "sample-communes-range"),
        ({"seed": -1}, "sample-seed-negative"),
        ({"rung": 6}, "sample-rung-range"),
    ],
)
def test_size_out_of_range_is_refused_before_anything_is_written(tmp_path, arguments, code):
    with pytest.raises(StudyError) as caught:
        make_sample(tmp_path / "none", **arguments)
    assert caught.value.code == code
    assert not (tmp_path / "none").exists()


def test_all_faults_of_a_call_come_at_once(tmp_path):
    with pytest.raises(StudyError) as caught:
        make_sample(tmp_path, villages=0, seed=-1, rung=9)
    assert len(caught.value.problems) == 3


def test_messages_are_the_same_in_both_languages():
    codes = {
        language: {code for code in messages(language) if code.startswith("sample-")}
        for language in ("vi", "en")
    }
    assert codes["vi"] == codes["en"]


def test_sample_is_read_and_judged_without_an_error(sample_review):
    headline = sample_review.headline
    assert headline["met"] and headline["unmet"]
    assert sample_review.study.rung == 5 and sample_review.study.illustration


@pytest.mark.long
def test_a_hundred_thousand_villages_can_be_made(tmp_path):
    make_sample(tmp_path, villages=100_000, seed=1)
    assert (tmp_path / "study.yaml").is_file()
