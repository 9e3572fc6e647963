"""Files on their way in: nothing of a study changes before one is accepted, and nothing is lost on the way."""

import io
import json
import zipfile

import geopandas as gpd
import pytest
import xlsxwriter
from shapely.geometry import Point, box

from gis.errors import ConflictError, IntakeError, MissingError, StoreError, StudyError
from gis.store import decisions, open_store, studies, uploads
from gis.workflows.describing import light_map
from gis.workflows.jobs import KINDS
from gis.workflows.parts import group_parts, pack
from gis.workflows.uploads import accept_upload, discard_upload, preview_path, read_upload

WHO, STUDY = "Y Lan", "dak-to"


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    with opened.writing(WHO) as change:
        recipe = {"title": {"vi": "Đăk Tô"}, "criteria": "sdg-access"}
        studies.add_study(change, STUDY, recipe)
    yield opened
    opened.close()


def villages(folder, name="thon.gpkg"):
    frame = gpd.GeoDataFrame(
        {"ma thon": ["01", "02"], "ten thon": ["Đăk Rơ", "Kon Pring"], "xa": ["Đăk Tô", "Đăk Tô"]},
        geometry=[box(108, 14, 108.01, 14.01), box(108.01, 14, 108.02, 14.01)],
        crs="EPSG:4326",
    )
    frame.to_file(folder / name)
    return folder / name


def schools(folder, *, crs="EPSG:4326", name="truong.gpkg", title="ten truong"):
    known = {"ma truong": ["a", "b", "c"], title: ["Một", "Hai", "<b>Ba</b>"], "cap hoc": ["tieu hoc", "mam non", "?"],
             "hoat dong": ["co", "khong", None]}  # fmt: skip
    frame = gpd.GeoDataFrame(
        known, geometry=[Point(108.005 + 0.001 * at, 14.005) for at in range(3)], crs=crs
    )
    if crs is None:
        with pytest.warns(UserWarning, match="crs"):
            frame.to_file(folder / name)
    else:
        frame.to_file(folder / name)
    return folder / name


def sheet(folder, name="bieu-2025.xlsx", households=(40, 60)):
    with xlsxwriter.Workbook(str(folder / name)) as book:
        page = book.add_worksheet("Thôn")
        page.write_row(0, 0, ["Mã thôn", "Thôn", "Xã", "Số hộ"])
        for row, count in enumerate(households, start=1):
            page.write_row(row, 0, [f"0{row}", ("Đăk Rơ", "Kon Pring")[row - 1], "Đăk Tô", count])
    return folder / name


def bring(store, path, **options):
    pieces = [path.read_bytes()]
    row = uploads.receive(store, STUDY, path.name, pieces, who=WHO, limit_mb=10, options=options or None)
    read_upload(store, STUDY, row["id"], who=WHO)
    return look(store, row["id"])


def look(store, identity):
    with store.reading() as connection:
        return uploads.get(connection, STUDY, identity)


def codes(row, which="faults"):
    return [problem["code"] for problem in row["found"][which]]


def test_a_file_is_read_tried_and_shown_without_changing_the_study(store, tmp_path):
    row = bring(store, villages(tmp_path))
    assert row["state"] == "read" and row["options"]["layer_type"] == "villages"
    assert codes(row) == []
    counts = row["found"]["counts"]
    assert (counts["rows_in"], counts["rows_used"], counts["rows_reported"]) == (2, 2, 0)
    bound = {column["column"]: column["field"] for column in row["found"]["columns"]}
    assert bound == {"ma thon": "village_id", "ten thon": "name", "xa": "commune"}
    shown = json.loads(preview_path(store, row["id"]).read_text(encoding="utf-8"))
    assert shown["table"]["rows"][0] == ["01", "Đăk Rơ", "Đăk Tô"]
    assert len(json.loads(shown["map"])["features"]) == 2
    with store.reading() as connection:
        assert studies.current_versions(connection, STUDY) == {}


def test_accepting_makes_a_version_and_lets_the_bytes_go(store, tmp_path):
    row = bring(store, villages(tmp_path))
    told = accept_upload(store, STUDY, row["id"], who=WHO)
    assert told == {"source": "villages", "number": 1, "is_new": True}
    assert look(store, row["id"])["state"] == "accepted"
    assert not uploads.path_of(store, row["id"]).exists() and not preview_path(store, row["id"]).exists()
    with pytest.raises(StoreError):
        accept_upload(store, STUDY, row["id"], who=WHO)


def test_the_same_bytes_again_are_told_to_be_there_already(store, tmp_path):
    path = villages(tmp_path)
    accept_upload(store, STUDY, bring(store, path)["id"], who=WHO)
    again = bring(store, path)
    assert again["found"]["same_as"] == {"source": "villages", "number": 1}
    assert accept_upload(store, STUDY, again["id"], who=WHO)["is_new"] is False


def test_a_layer_without_crs_cannot_be_accepted_until_one_is_given(store, tmp_path):
    row = bring(store, schools(tmp_path, crs=None))
    assert "layer-no-crs" in codes(row)
    with pytest.raises(StudyError):
        accept_upload(store, STUDY, row["id"], who=WHO)
    options = row["options"] | {"entry": {**row["options"]["entry"], "crs": 4326}}
    with store.writing(WHO) as change:
        uploads.settle(change, STUDY, row["id"], "waiting", options=options)
    read_upload(store, STUDY, row["id"], who=WHO)
    row = look(store, row["id"])
    assert codes(row) == []
    assert row["found"]["working"] == {"yes": 1, "no": 1, "unknown": 1}
    assert {kind["value"]: kind["count"] for kind in row["found"]["kinds"]} == {
        "primary": 1,
        "preschool": 1,
        None: 1,
    }
    assert "layer-kind-unknown" in codes(row, "problems")


def test_rows_in_are_rows_used_and_reported(store, tmp_path):
    accept_upload(store, STUDY, bring(store, villages(tmp_path))["id"], who=WHO)
    counts = bring(store, schools(tmp_path))["found"]["counts"]
    assert counts["rows_in"] == 3 == counts["rows_used"] + counts["rows_reported"]
    assert counts["closed"] == 1


def test_a_wrong_file_gives_one_sentence_and_its_bytes_are_not_kept(store, tmp_path):
    path = tmp_path / "ảnh chụp.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    row = bring(store, path)
    assert row["state"] == "refused" and codes(row) == ["intake-format-unknown"]
    assert row["found"]["faults"][0]["arguments"]["file"] == "ảnh chụp.png"
    assert not uploads.path_of(store, row["id"]).exists()
    assert list(store.files.all()) == []


def test_a_file_with_several_layers_asks_which(store, tmp_path):
    path = villages(tmp_path)
    schools(tmp_path).rename(tmp_path / "x.gpkg")
    gpd.read_file(tmp_path / "x.gpkg").to_file(path, layer="truong hoc")
    row = bring(store, path)
    assert row["state"] == "refused" and sorted(row["found"]["layers"]) == ["thon", "truong hoc"]
    with store.writing(WHO) as change:
        uploads.settle(change, STUDY, row["id"], "waiting", options={"entry": {"layer": "truong hoc"}})
    read_upload(store, STUDY, row["id"], who=WHO)
    row = look(store, row["id"])
    assert row["state"] == "read" and row["options"]["layer_type"] == "schools"


def test_a_sheet_takes_its_year_from_its_name_or_asks_for_it(store, tmp_path):
    row = bring(store, sheet(tmp_path))
    assert (row["options"]["layer_type"], row["options"]["entry"]) == ("assessments", {"year": 2025})
    assert row["found"]["villages_with_values"] == 2
    other = bring(store, sheet(tmp_path, "bieu.xlsx"))
    assert codes(other) == ["upload-year-needed"]


def test_a_binding_that_a_person_chose_is_proposed_for_the_next_file(store, tmp_path):
    accept_upload(store, STUDY, bring(store, villages(tmp_path))["id"], who=WHO)
    row = bring(store, schools(tmp_path, title="goi la"))
    entry = row["options"]["entry"] | {"fields": {"name": "goi la"}}
    with store.writing(WHO) as change:
        uploads.settle(change, STUDY, row["id"], "waiting", options=row["options"] | {"entry": entry})
    read_upload(store, STUDY, row["id"], who=WHO)
    accept_upload(store, STUDY, row["id"], who=WHO)
    with store.reading() as connection:
        (kept,) = decisions.standing(connection, STUDY, "mapping")
    assert (kept["subject"], kept["answer"], kept["who"]) == (
        {"layer": "schools", "column": "goi la"},
        "name",
        WHO,
    )
    again = bring(store, schools(tmp_path, name="truong-2.gpkg", title="goi la"))
    assert again["options"]["entry"]["fields"] == {"name": "goi la"}
    other = bring(store, schools(tmp_path, name="truong-3.gpkg"))
    assert codes(other) == []


def test_a_discarded_file_leaves_nothing(store, tmp_path):
    row = bring(store, villages(tmp_path))
    discard_upload(store, STUDY, row["id"], who=WHO)
    assert look(store, row["id"])["state"] == "discarded"
    assert not uploads.path_of(store, row["id"]).exists()
    with pytest.raises(StoreError):
        read_upload(store, STUDY, row["id"], who=WHO)


def test_accepting_is_refused_when_somebody_else_changed_the_study(store, tmp_path):
    row = bring(store, villages(tmp_path))
    with store.reading() as connection:
        seen = studies.get_study(connection, STUDY)["revision"]
    accept_upload(store, STUDY, bring(store, schools(tmp_path))["id"], who="A Blong")
    with pytest.raises(ConflictError):
        accept_upload(store, STUDY, row["id"], who=WHO, seen=seen)
    assert look(store, row["id"])["state"] == "read"


def test_an_upload_of_another_study_is_not_found(store, tmp_path):
    row = bring(store, villages(tmp_path))
    with store.writing(WHO) as change:
        studies.add_study(change, "khac", {"title": "Khác", "criteria": "sdg-access"})
    with pytest.raises(MissingError):
        read_upload(store, "khac", row["id"], who=WHO)


def test_every_kind_of_work_runs_with_plain_arguments(store, tmp_path, sample_study):
    def silent(*_, **__):
        pass

    path = villages(tmp_path)
    row = uploads.receive(store, STUDY, path.name, [path.read_bytes()], who=WHO, limit_mb=10)
    arguments = {"study": STUDY, "upload": row["id"], "who": WHO}
    assert KINDS["read-upload"](store, arguments, silent)["state"] == "read"
    assert KINDS["accept-upload"](store, arguments, silent)["number"] == 1
    told = KINDS["import-folder"](store, {"path": str(sample_study), "who": WHO}, silent)
    with store.reading() as connection:
        assert "villages" in studies.current_versions(connection, told["study"])


def test_parts_of_a_shapefile_become_one_zip_under_plain_names():
    names = ["C:\\du lieu\\Trường <b>.SHP", "xa.gpkg", "Trường <b>.dbf", "Trường <b>.shx", "Trường <b>.cpg"]
    whole, other = group_parts(names)
    assert (whole.name, whole.positions, whole.is_set) == ("Trường <b>.zip", (0, 3, 2, 4), True)
    assert (other.name, other.is_set) == ("xa.gpkg", False)
    target = io.BytesIO()
    pack(target, whole.name, [(names[at], io.BytesIO(b"x" * at)) for at in whole.positions])
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["truong_b.shp", "truong_b.shx", "truong_b.dbf", "truong_b.cpg"]
        assert archive.read("truong_b.dbf") == b"xx"


def test_a_shapefile_that_lacks_parts_is_refused_with_their_names():
    with pytest.raises(IntakeError) as refused:
        group_parts(["truong.shp", "truong.prj", "xa.dbf"])
    told = [(problem.arguments["file"], problem.arguments["missing"]) for problem in refused.value.problems]
    assert told == [("truong.shp", [".shx", ".dbf"]), ("xa.dbf", [".shp", ".shx"])]


def test_a_large_layer_is_thinned_for_the_preview_and_said_so():
    frame = gpd.GeoDataFrame(
        {"name": [f"Điểm {at}" for at in range(5000)]},
        geometry=[Point(108 + at / 10_000, 14) for at in range(5000)],
        crs="EPSG:4326",
    )
    text, shown = light_map(frame)
    assert shown == 1667 == len(json.loads(text)["features"])
    assert len(text.encode()) <= 500_000


def test_very_detailed_outlines_are_made_coarse_for_the_preview():
    frame = gpd.GeoDataFrame(
        {"name": ["Tròn"] * 20},
        geometry=[Point(108 + at, 14).buffer(0.4, 2000) for at in range(20)],
        crs="EPSG:4326",
    )
    text, shown = light_map(frame)
    assert shown == 20 and len(text.encode()) <= 500_000


def test_a_layer_without_crs_is_proposed_those_that_put_it_into_the_study(store, tmp_path):
    accept_upload(store, STUDY, bring(store, villages(tmp_path))["id"], who=WHO)
    path = schools(tmp_path)
    gpd.read_file(path).to_crs("EPSG:9217").set_crs(None, allow_override=True).pipe(lambda f: save(f, path))
    first, *_ = bring(store, path)["found"]["crs"]
    assert (first["crs"], first["swapped"], first["distance_km"]) == (9217, False, 0.0)


def save(frame, path):
    path.unlink()
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(path)


def test_columns_of_a_sheet_are_proposed_and_count_once_confirmed(store, tmp_path):
    path = tmp_path / "bieu-2024.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("Thôn")
        page.merge_range(0, 0, 0, 3, "BIỂU RÀ SOÁT")
        page.write_row(2, 0, ["Mã thôn", "Thôn", "Xã", "Tổng số hộ nghèo hiện nay"])
        page.write_row(3, 0, ["01", "Đăk Rơ", "Đăk Tô", 7])
    row = bring(store, path)
    columns = {column["title"]: (column["field"], column["how"]) for column in row["found"]["columns"]}
    assert columns["A: Mã thôn"] == ("village_id", "known")
    field, how = columns["D: Tổng số hộ nghèo hiện nay"]
    assert how == "proposed" and field is not None
    entry = row["options"]["entry"] | {"fields": {field: "Tổng số hộ nghèo hiện nay"}}
    with store.writing(WHO) as change:
        uploads.settle(change, STUDY, row["id"], "waiting", options=row["options"] | {"entry": entry})
    read_upload(store, STUDY, row["id"], who=WHO)
    again = look(store, row["id"])
    assert [c["how"] for c in again["found"]["columns"]][3] == "named" and codes(again) == []
