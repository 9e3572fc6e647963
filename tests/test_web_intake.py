"""Taking files in through the pages: nothing changes before a person accepts, and nothing hostile gets through."""

import io
import json
import re

import geopandas as gpd
import pytest
import xlsxwriter
from shapely.geometry import Point, box

from gis import accounts
from gis.criteria import build_set, load_criteria, set_to_plain
from gis.settings import Settings
from gis.store import open_store, studies, uploads
from gis.web import create_app
from tests.fakes_web import PAYLOADS

WHO = "Y Lan"


class Planner:
    """A browser of one person at this computer: keeps cookies and sends the token of the last page."""

    def __init__(self, app):
        self.client, self.token = app.test_client(use_cookies=True), ""

    def get(self, path, **query):
        """The page, once what it asks for is worked out."""
        for _ in range(100):
            answer = self.client.get(path, query_string=query or None)
            if answer.status_code not in (202, 503):
                break
        page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        found = re.search(r'name="csrf" content="([^"]+)"', page)
        self.token = found[1] if found else self.token
        return answer

    def post(self, path, data=(), **options):
        sent = {"csrf_token": self.token, **dict(data)}
        return self.client.post(path, data=sent, **options)

    def drop(self, study_id, *files, script=False):
        self.get(f"/studies/{study_id}/files")
        sent = {"csrf_token": self.token, "file": [(io.BytesIO(content), name) for name, content in files]}
        path = f"/studies/{study_id}/files" + (".json" if script else "")
        return self.client.post(path, data=sent, content_type="multipart/form-data")


def words(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    accounts.name_person(opened, WHO)
    yield opened
    opened.close()


@pytest.fixture
def app(store, tmp_path):
    (tmp_path / "studies").mkdir()
    return create_app(Settings(studies=tmp_path / "studies", workers=0, reader_file_mb=1), store)


@pytest.fixture
def planner(app):
    return Planner(app)


@pytest.fixture
def study(planner):
    """Id of a new, empty study."""
    planner.get("/studies/new")
    made = planner.post("/studies", {"title": "Xã Đăk Tô, năm 2025", "criteria": "sdg-access|all"})
    assert made.status_code == 303, words(made)
    return made.location.split("/")[2]


def villages(tmp_path, *, names=("Đăk Rơ", "Kon Pring"), file="thon.gpkg"):
    count = len(names)
    frame = gpd.GeoDataFrame(
        {
            "ma thon": [f"{at:02}" for at in range(count)],
            "ten thon": list(names),
            "ma xa": ["24001"] * count,
            "xa": ["Đăk Tô"] * count,
        },
        geometry=[box(108 + at / 100, 14, 108.01 + at / 100, 14.01) for at in range(count)],
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / file)
    return file, (tmp_path / file).read_bytes()


def schools(tmp_path, *, count=3, crs="EPSG:4326", file="truong.gpkg"):
    frame = gpd.GeoDataFrame(
        {
            "ma truong": [f"T{at}" for at in range(count)],
            "ten truong": [f"Trường {at}" for at in range(count)],
        },
        geometry=[Point(108.005 + at / 1000, 14.005) for at in range(count)],
        crs=crs,
    )
    frame.to_file(tmp_path / file)
    return file, (tmp_path / file).read_bytes()


def sheet(tmp_path, *, file="bieu-2025.xlsx", rows=(("00", "Đăk Rơ", 40), ("01", "Kon Pring", 60))):
    with xlsxwriter.Workbook(str(tmp_path / file)) as book:
        page = book.add_worksheet("Thôn")
        page.write_row(0, 0, ["Mã thôn", "Thôn", "Xã", "Số hộ"])
        for at, (code, name, households) in enumerate(rows, start=1):
            page.write_row(at, 0, [code, name, "Đăk Tô", households])
    return file, (tmp_path / file).read_bytes()


def page_of(answer):
    assert answer.status_code == 303, words(answer)
    return answer.location


def accept(planner, page, **changed):
    shown = words(planner.get(page))
    return planner.post(page, form_of(shown) | {"do": "accept"} | changed)


def form_of(shown):
    """What a browser would send of the form of a file's page, without any button."""
    form = shown[shown.index('id="choices"') :]
    form = re.sub(r'<input type="radio"(?:(?!checked)[^>])*>', "", form)
    data = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        data[name] = chosen[1] if chosen else ""
    data.pop("csrf_token", None)
    return data


def current(store, study_id):
    with store.reading() as connection:
        return {s: row["number"] for s, row in studies.current_versions(connection, study_id).items()}


def test_a_new_study_gets_an_id_from_its_title_and_teaches_what_to_bring(planner, study, store):
    assert study == "xa-dak-to-nam-2025"
    shown = words(planner.get(f"/studies/{study}/files"))
    assert "Bắt đầu từ đâu?" in shown and 'type="file"' in shown
    assert planner.get(f"/studies/{study}").status_code in (202, 302)
    again = planner.post("/studies", {"title": "Xã Đăk Tô, năm 2025", "criteria": "sdg-access|all"})
    assert again.location.split("/")[2] == "xa-dak-to-nam-2025-2"


def test_a_set_with_a_rule_for_its_groups_may_choose_them_itself(planner, store, monkeypatch):
    plain = set_to_plain(load_criteria("sdg-access"))
    ruled = build_set({**plain, "group_by": [{"group": "all"}]})
    monkeypatch.setattr("gis.web.intake._all_sets", lambda: (ruled,))
    assert "Theo quy tắc chọn nhóm" in planner.get("/studies/new").text
    made = planner.post("/studies", {"title": "Theo quy tắc", "criteria": "sdg-access|"})
    assert made.status_code == 303
    with store.reading() as connection:
        assert "groups" not in studies.get_study(connection, "theo-quy-tac")["recipe"]


@pytest.mark.parametrize(
    "data", [{"title": " ", "criteria": "sdg-access|all"}, {"title": "A", "criteria": "x|y"}]
)
def test_a_study_without_title_or_known_set_is_not_made(planner, store, data):
    planner.get("/studies/new")
    assert planner.post("/studies", data).status_code == 422
    with store.reading() as connection:
        assert studies.list_studies(connection) == []


def test_who_has_not_said_a_name_is_asked_for_it_first(tmp_path):
    store = open_store(tmp_path / "other")
    (tmp_path / "none").mkdir()
    planner = Planner(create_app(Settings(studies=tmp_path / "none", workers=0), store))
    asked = planner.get("/studies/new")
    assert asked.status_code == 302 and asked.location.startswith("/name")
    store.close()


def test_a_file_is_dropped_looked_at_and_accepted(planner, study, store, tmp_path):
    page = page_of(planner.drop(study, villages(tmp_path)))
    shown = words(planner.get(page))
    assert current(store, study) == {}
    assert 'value="villages" selected' in shown and "Kon Pring" in shown
    assert "Đọc vào 2 dòng = dùng được 2 + nêu ra 0" in shown
    assert len(planner.get(f"{page}/preview.geojson").get_json(force=True)["features"]) == 2
    assert accept(planner, page).status_code == 303
    assert current(store, study) == {"villages": 1}
    assert planner.get(page).status_code == 302
    listed = words(planner.get(f"/studies/{study}/files"))
    assert "thon.gpkg" in listed and WHO in listed


def test_what_was_changed_in_the_form_is_tried_before_it_is_accepted(planner, study, store, tmp_path):
    page = page_of(planner.drop(study, villages(tmp_path)))
    assert accept(planner, page, as_of="2025-06-30", complete="yes").status_code == 303
    assert current(store, study) == {}
    shown = words(planner.get(page))
    assert 'value="2025-06-30"' in shown
    assert accept(planner, page).status_code == 303
    with store.reading() as connection:
        entry = studies.current_version(connection, study, "villages")["entry"]
    assert entry == {"as_of": "2025-06-30", "complete": "yes"}


def test_completeness_may_differ_from_commune_to_commune(planner, study, store, tmp_path):
    accept(planner, page_of(planner.drop(study, villages(tmp_path))))
    page = page_of(planner.drop(study, schools(tmp_path)))
    assert "complete:24001" in words(planner.get(page))
    accept(planner, page, complete="yes", **{"complete:24001": "no"})
    accept(planner, page)
    with store.reading() as connection:
        entry = studies.current_version(connection, study, "schools")["entry"]
    assert entry["complete"] == {"*": "yes", "24001": "no"}


def test_a_column_is_bound_by_hand_and_one_that_was_known_is_let_go(planner, study, store, tmp_path):
    page = page_of(planner.drop(study, villages(tmp_path)))
    accept(planner, page, **{"field-3": ""})
    accept(planner, page)
    with store.reading() as connection:
        entry = studies.current_version(connection, study, "villages")["entry"]
    assert entry["fields"] == {"commune": ""}


def test_two_columns_for_one_field_are_refused_with_its_name(planner, study, tmp_path):
    page = page_of(planner.drop(study, villages(tmp_path)))
    refused = accept(planner, page, **{"field-0": "name"})
    assert refused.status_code == 422 and "Có hai cột" in words(refused)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_accept_stays_closed_until_the_crs_is_known(planner, study, store, tmp_path):
    page = page_of(planner.drop(study, schools(tmp_path, crs=None)))
    shown = words(planner.get(page))
    assert re.search(r'value="accept"[^>]*disabled', shown) and "Cần làm rõ" in shown
    assert accept(planner, page).status_code == 422
    assert current(store, study) == {}
    assert accept(planner, page, crs_other="4326").status_code == 303
    assert not re.search(r'value="accept"[^>]*disabled', words(planner.get(page)))
    accept(planner, page)
    assert current(store, study) == {"schools": 1}


@pytest.mark.parametrize(("name", "value"), [("crs_other", "VN2000"), ("year", "25")])
def test_a_choice_that_cannot_be_used_is_refused_in_words(planner, study, tmp_path, name, value):
    page = page_of(planner.drop(study, sheet(tmp_path) if name == "year" else villages(tmp_path)))
    refused = accept(planner, page, **{name: value})
    assert refused.status_code == 422 and value in words(refused)


def test_a_sheet_is_taken_with_its_year(planner, study, store, tmp_path):
    page = page_of(planner.drop(study, sheet(tmp_path)))
    assert 'name="year" value="2025"' in words(planner.get(page))
    assert accept(planner, page).status_code == 303
    assert current(store, study) == {"assessments-2025-bieu-2025": 1}


def test_a_discarded_file_is_gone(planner, study, store, tmp_path):
    page = page_of(planner.drop(study, villages(tmp_path)))
    assert accept(planner, page, do="discard").status_code == 303
    assert "đã bỏ" in words(planner.get(page))
    assert [path for path in (store.folder / "uploads").iterdir() if path.is_file()] == []


def test_the_parts_of_a_shapefile_come_as_one_file(planner, study, tmp_path):
    folder = tmp_path / "shp"
    folder.mkdir()
    villages(folder, file="thon.shp")
    parts = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    page = page_of(planner.drop(study, *parts))
    assert "thon.zip" in words(planner.get(page))


def test_a_shapefile_without_its_table_is_refused_and_nothing_is_kept(planner, study, store, tmp_path):
    refused = planner.drop(study, ("thon.shp", b"x"), ("thon.shx", b"x"))
    assert refused.status_code == 422 and ".dbf" in words(refused)
    with store.reading() as connection:
        assert uploads.listed(connection, study) == []


def test_several_files_at_once_wait_side_by_side(planner, study, tmp_path):
    answer = planner.drop(study, villages(tmp_path), schools(tmp_path))
    assert page_of(answer) == f"/studies/{study}/files"
    listed = words(planner.get(f"/studies/{study}/files"))
    assert "thon.gpkg" in listed and "truong.gpkg" in listed


def test_a_wrong_file_gives_one_sentence_and_keeps_nothing(planner, study, store, tmp_path):
    page = page_of(planner.drop(study, ("ảnh.png", b"\x89PNG\r\n\x1a\n" + b"x" * 200)))
    shown = words(planner.get(page))
    assert shown.count('class="error"') == 1 and "ảnh.png" in shown
    assert [path for path in (store.folder / "uploads").iterdir() if path.is_file()] == []
    assert list(store.files.all()) == []


def test_an_empty_file_and_no_file_are_refused(planner, study):
    assert planner.drop(study, ("a.csv", b"")).status_code == 422
    assert planner.drop(study).status_code == 422


def test_a_file_beyond_the_limit_is_refused_with_the_limit(planner, study, store):
    planner.get(f"/studies/{study}/files")
    kind = "multipart/form-data; boundary=b"
    body = io.BytesIO(b"x" * 1_100_000)
    refused = planner.client.post(f"/studies/{study}/files", input_stream=body, content_type=kind)
    assert refused.status_code == 413 and "1 MB" in words(refused)
    assert not list((store.folder / "uploads").glob("*"))


# The parser of forms leaves what it has of a cut file to the garbage collector, which closes and removes it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_upload_that_is_cut_leaves_nothing(planner, study, store):
    planner.get(f"/studies/{study}/files")
    head = f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{planner.token}\r\n'
    head += '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = head.encode() + b"x" * 900
    answer = planner.client.post(
        f"/studies/{study}/files",
        input_stream=io.BytesIO(body),
        content_length=len(body) + 100,
        content_type="multipart/form-data; boundary=b",
    )
    assert answer.status_code == 400
    assert not list((store.folder / "uploads").glob("*"))


def test_a_change_without_the_token_of_a_page_does_nothing(planner, study, store, tmp_path):
    page = page_of(planner.drop(study, villages(tmp_path)))
    for path in (page, f"/studies/{study}/files", "/studies", f"/studies/{study}/sources/villages/remove"):
        assert planner.client.post(path, data={"do": "accept"}).status_code == 400
    assert current(store, study) == {}


def test_a_script_is_told_where_to_go_and_what_is_wrong(planner, study, tmp_path):
    answer = planner.drop(study, villages(tmp_path), script=True)
    assert answer.get_json(force=True)["location"].startswith(f"/studies/{study}/files/")
    refused = planner.drop(study, ("a.csv", b""), script=True)
    assert refused.status_code == 422 and "a.csv" in refused.get_json(force=True)["error"][0]["message"]


def test_the_same_file_again_is_said_to_be_there(planner, study, store, tmp_path):
    file = villages(tmp_path)
    accept(planner, page_of(planner.drop(study, file)))
    page = page_of(planner.drop(study, file))
    assert "Đúng tệp này đã có rồi: «Thôn, làng», phiên bản 1" in words(planner.get(page))
    accept(planner, page)
    assert current(store, study) == {"villages": 1}


def test_hostile_names_and_values_are_shown_literally(planner, study, tmp_path):
    file, content = villages(tmp_path, names=PAYLOADS)
    name = '../../<img src=x onerror=alert(1)>"\u202egpj.gpkg'
    page = page_of(planner.drop(study, (name, content)))
    for path in (page, f"/studies/{study}/files"):
        shown = words(planner.get(path))
        assert (
            "<script>window" not in shown
            and "<img src=x" not in shown
            and "49" not in re.findall(r">49<", shown)
        )
    assert "&lt;script&gt;window.HIT=1&lt;/script&gt;" in words(planner.get(page))
    told = json.loads(planner.get(f"{page}/preview.geojson").get_data(as_text=True))
    assert told["features"][0]["properties"]["name"] == PAYLOADS[0]


def test_versions_are_compared_rolled_back_and_taken_out(planner, study, store, tmp_path):
    accept(planner, page_of(planner.drop(study, schools(tmp_path))))
    accept(planner, page_of(planner.drop(study, schools(tmp_path, count=4, file="moi.gpkg"))))
    page = f"/studies/{study}/sources/schools"
    shown = words(planner.get(page))
    assert "Phiên bản 1 so với phiên bản 2" in shown and "moi.gpkg" in shown and "ma truong" in shown
    told = planner.get(f"{page}/compare.geojson", before=1, after=2).get_json(force=True)
    assert [feature["properties"] for feature in told["features"]] == [{"name": "T3", "kind": "come"}]
    with store.reading() as connection:
        seen = studies.get_study(connection, study)["revision"]
    stale = planner.post(f"{page}/current", {"number": 1, "seen": seen - 1})
    assert stale.status_code == 409 and "người khác" in words(stale)
    assert current(store, study) == {"schools": 2}
    assert planner.post(f"{page}/current", {"number": 1, "seen": seen}).status_code == 303
    assert current(store, study) == {"schools": 1}
    assert planner.post(f"{page}/remove", {"seen": seen + 1}).status_code == 303
    assert current(store, study) == {}
    assert "Đưa trở lại" in words(planner.get(f"/studies/{study}/files"))
    assert planner.post(f"{page}/restore").status_code == 303
    assert current(store, study) == {"schools": 1}
    diary = words(planner.get(f"/studies/{study}/diary"))
    assert (
        diary.index("Đưa số liệu trở lại")
        < diary.index("Đổi phiên bản đang dùng")
        < diary.index("Lập đợt rà soát")
    )


@pytest.mark.parametrize("path", ["files", "sources/none", "files/none", "diary", "matches"])
def test_pages_of_what_is_not_there_are_not_found(planner, study, path):
    assert planner.get(f"/studies/nowhere/{path}").status_code == 404
    if "none" in path:
        assert planner.get(f"/studies/{study}/{path}").status_code == 404


def test_a_study_of_the_folder_is_copied_into_the_store(store, sample_study, tmp_path):
    import shutil

    shutil.copytree(sample_study.parent, tmp_path / "folder" / "minh-hoa")
    planner = Planner(create_app(Settings(studies=tmp_path / "folder", workers=0), store))
    assert "Chép vào kho" in words(planner.get("/"))
    assert planner.get("/studies/minh-hoa/files").status_code == 404
    assert planner.post("/studies/minh-hoa/take-in").status_code == 303
    with store.reading() as connection:
        (row,) = studies.list_studies(connection)
    assert "villages" in current(store, row["id"])
    assert planner.get(f"/studies/{row['id']}/files").status_code == 200


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_speaks_both_languages_without_codes(planner, study, tmp_path, language):
    waiting = page_of(planner.drop(study, schools(tmp_path)))
    accept(planner, page_of(planner.drop(study, villages(tmp_path))))
    base = f"/studies/{study}"
    for path in ("/studies/new", f"{base}/files", waiting, f"{base}/sources/villages", f"{base}/diary"):
        answer = planner.get(path, lang=language)
        shown = words(answer)
        assert answer.status_code == 200 and f'<html lang="{language}">' in shown
        plain = re.sub(
            r'(?:class|id|href|for|name|value|content|data-[a-z-]+)="[^"]*"|<script.*?</script>', "", shown
        )
        assert not re.findall(r"\b(?:web|js|intake|upload)-[a-z]+-[a-z-]+\b", plain)
        assert not re.findall(r"\sstyle=|\son[a-z]+=", shown)


def test_a_second_file_of_a_kind_is_added_beside_the_first(planner, study, store, tmp_path):
    accept(planner, page_of(planner.drop(study, schools(tmp_path))))
    page = page_of(planner.drop(study, schools(tmp_path, count=4, file="dak ha.gpkg")))
    accept(planner, page, beside="yes")
    assert accept(planner, page).status_code == 303
    assert current(store, study) == {"schools": 1, "schools+dak-ha": 1}
    assert "(dak-ha)" in words(planner.get(f"/studies/{study}/files"))
