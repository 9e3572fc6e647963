"""The works of a plan as files, opened again by other libraries: forms in Excel, shapefile, GeoPackage, GeoJSON, CSV."""

import copy
import csv
import json
import zipfile
from pathlib import Path

import fiona
import openpyxl
import pytest
import shapely

from gis.errors import ExportError, PlanError
from gis.exports import WORKS_FORMATS, works_table, write_works
from gis.labels import LANGUAGES
from gis.plan import Fund, Request, find_options, plan
from gis.plan.record import to_record


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """A plan of the sample with two funds, kept as JSON as the store keeps it; one work lost its place."""
    from gis.sample import make_sample
    from gis.workflows import judge, read_study

    path = make_sample(tmp_path_factory.mktemp("files"), villages=16, seed=3)
    review = judge(read_study(path, criteria="kontum-dtts-village-2022"))
    funds = (
        Fund("ntm", "Chương trình NTM", (5e9, 5e9)),
        Fund("xa", "Ngân sách xã", (1e9, 1e9), sectors=("culture", "roads"), share_pct=60),
    )
    request = Request(years=(2026, 2027), funds=funds, seconds=3)
    made = to_record(plan(review, find_options(review), request), review)
    made["works"][0]["geometry"] = None
    made["works"][1]["name"] = "=1+1 Đường dài " + "rất " * 80
    return json.loads(json.dumps(made))


def cost_of(record):
    return sum(work["cost"] for work in record["works"]) / 1e6


def test_the_forms_hold_every_work_once_with_its_money_by_source(record, tmp_path):
    write_works(record, tmp_path / "bieu.xlsx")
    book = openpyxl.load_workbook(tmp_path / "bieu.xlsx")
    assert book.sheetnames[:4] == [
        "Biểu 08 theo lĩnh vực",
        "Biểu 08 theo xã",
        "Biểu 07 nguồn vốn",
        "Theo năm",
    ]
    for name in book.sheetnames[:2]:
        head, *rows = book[name].iter_rows(min_row=5, values_only=True)
        at = {title: place for place, title in enumerate(head)}
        cost, ntm = at["Tổng kinh phí (triệu đồng)"], at["Chương trình NTM (triệu đồng)"]
        parts = [ntm, at["Ngân sách xã (triệu đồng)"], at["Dân đóng góp (triệu đồng)"]]
        works = [row for row in rows if isinstance(row[0], (int, float))]
        groups = [row for row in rows if isinstance(row[0], str) and row[0]]
        assert len(works) == len(record["works"])
        for some in (works, groups):
            assert sum(row[cost] for row in some) == pytest.approx(cost_of(record))
        assert all(sum(row[at_] or 0 for at_ in parts) == pytest.approx(row[cost], abs=0.01) for row in works)
        assert rows[0][ntm] == pytest.approx(sum(record["figures"]["paid"]["ntm"].values()) / 1e6, abs=0.01)
        assert all(row[at["Kinh phí do ai nêu"]] == "giả định *" for row in works)
    assert "giả định" in book.worksheets[0]["A2"].value and "THỬ NGHIỆM" in book.worksheets[0]["A2"].value
    assert not [cell for page in book for row in page for cell in row if cell.data_type == "f"]


def test_the_money_form_adds_up_by_source_commune_and_year(record, tmp_path):
    write_works(record, tmp_path / "bieu.xlsx", language="en")
    head, *rows = openpyxl.load_workbook(tmp_path / "bieu.xlsx")["Form 07 sources"].iter_rows(
        min_row=5, values_only=True
    )
    assert head[2:] == ("All years", "2026", "2027")
    assert rows[0][2] == pytest.approx(cost_of(record)) and sum(rows[0][3:]) == pytest.approx(rows[0][2])
    assert rows[1][3] == pytest.approx(record["figures"]["paid"]["ntm"]["2026"] / 1e6, abs=0.01)
    communes = [row for row in rows[1:] if row[0]]
    assert sum(row[2] for row in communes) == pytest.approx(cost_of(record))


def test_the_shapefile_says_where_each_work_is_and_lists_what_has_no_place(record, tmp_path):
    report = write_works(record, tmp_path / "cong-trinh.zip")
    codes = [problem.code for problem in report.problems]
    assert codes == ["works-no-geometry", "export-text-cut", "export-formula-prefixed"]
    bare = record["works"][0]["option_id"]
    assert bare in report.problems[0].say("vi") and report.cut[0].text.startswith("=1+1")
    found = {}
    with zipfile.ZipFile(tmp_path / "cong-trinh.zip") as archive:
        for name in archive.namelist():
            if name.endswith(".shp"):
                with fiona.open(f"zip://{tmp_path / 'cong-trinh.zip'}!{name}", encoding="utf-8") as layer:
                    assert layer.crs.to_epsg() == 9216 or "VN-2000" in layer.crs.to_wkt()
                    found |= {row["properties"]["opt_id"]: row for row in layer}
        lost = archive.read("no_geometry.csv").decode("utf-8-sig")
        links = list(csv.reader(archive.read("works_villages.csv").decode("utf-8-sig").splitlines()))
        assert "giả định" in archive.read("README.txt").decode("utf-8-sig")
    assert bare in lost and bare not in found
    assert set(found) | {bare} == {work["option_id"] for work in record["works"]}
    for work in record["works"][1:]:
        row = found[work["option_id"]]["properties"]
        assert row["cost_mil"] == pytest.approx(work["cost"] / 1e6) and row["year"] == work["year"]
        assert row["paid_1"] == pytest.approx(work["paid"].get("ntm", 0) / 1e6)
        assert row["serves_n"] == len(work["serves"]) and "giả định" in row["notice"]
    assert len(links) - 1 == sum(len(work["closes"]) for work in record["works"])


def test_the_geopackage_has_layers_by_geometry_and_tables_beside_them(record, tmp_path):
    write_works(record, tmp_path / "works.gpkg", language="en")
    layers = fiona.listlayers(tmp_path / "works.gpkg")
    assert {"works_no_geometry", "works_villages", "villages", "dictionary", "facts"} < set(layers)
    drawn = [name for name in layers if name in ("works", "works_point", "works_line", "works_polygon")]
    rows = [row for name in drawn for row in fiona.open(tmp_path / "works.gpkg", layer=name)]
    assert len(rows) == len(record["works"]) - 1 and all(row["geometry"] for row in rows)
    assert len(list(fiona.open(tmp_path / "works.gpkg", layer="villages"))) == len(record["villages"])


def test_geojson_and_csv_hold_every_work_on_wgs_84(record, tmp_path):
    write_works(record, tmp_path / "works.geojson")
    features = json.loads((tmp_path / "works.geojson").read_text(encoding="utf-8"))["features"]
    shapes = {one["id"]: one["geometry"] and shapely.geometry.shape(one["geometry"]) for one in features}
    assert len(shapes) == len(record["works"]) and shapes[record["works"][0]["option_id"]] is None
    for work in record["works"][1:]:
        kept = shapely.geometry.shape(work["geometry"])
        assert shapes[work["option_id"]].distance(kept) < 1e-5 and kept.length == pytest.approx(
            shapes[work["option_id"]].length, abs=1e-5
        )
    write_works(record, tmp_path / "works.csv")
    with (tmp_path / "works.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(record["works"]) and not any(row["work"].startswith("=") for row in rows)


def test_the_order_of_the_record_does_not_matter(record):
    turned = {**record, "works": record["works"][::-1], "villages": record["villages"][::-1]}
    one, other = works_table(record, "vi"), works_table(turned, "vi")
    assert one.table.equals(other.table) and one.geometry.equals(other.geometry)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format", WORKS_FORMATS)
def test_a_plan_without_works_is_written_too(record, tmp_path, format, language):
    bare = copy.deepcopy(record) | {"works": []}
    bare["figures"] |= {"works": 0, "assumed_works": 0, "cost": 0.0}
    path = tmp_path / f"rong{WORKS_FORMATS[format].suffix}"
    assert write_works(bare, path, format, language=language).rows == 0 and path.stat().st_size > 0


def test_what_is_no_plan_or_no_format_is_a_sentence(record, tmp_path):
    with pytest.raises(PlanError):
        write_works({"kind": "scenario"}, tmp_path / "a.xlsx")
    with pytest.raises(ExportError, match="dxf"):
        write_works(record, tmp_path / "a.dxf")
    assert not list(Path(tmp_path).iterdir())
