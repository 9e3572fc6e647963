"""The pages over a small finished review: every address, every header, hostile names, the four figures."""

import gzip
import json
import re
import shutil
import socket
import threading
import time
from types import SimpleNamespace

import pytest

import server
from gis.errors import Problem, StudyError
from gis.labels import Label
from gis.settings import Settings
from gis.tables import STATUSES
from gis.web import create_app, serving
from gis.web.payload import pack
from tests.fakes_web import PAYLOADS, build_review

ODD = (
    "..",
    "%2e%2e%2fetc%2fpasswd",
    "a/b",
    "%00",
    "<script>",
    "{{7*7}}",
    "'; DROP TABLE x--",
    "ă" * 300,
    "\u202eevil",
)
HEADERS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cache-Control",
)
STUDY = "/studies/minh-hoa"
ATTRIBUTES = r'(?:class|id|href|for|data-[a-z-]+)="[^"]*"'
PAGES = (
    "/", STUDY, f"{STUDY}/villages", f"{STUDY}/communes", f"{STUDY}/criteria", f"{STUDY}/problems", f"{STUDY}/sources",
    f"{STUDY}/villages/24001001",
)  # fmt: skip
DATA = (
    f"{STUDY}/state.json", f"{STUDY}/map.json", f"{STUDY}/map.geojson", f"{STUDY}/communes.geojson",
    f"{STUDY}/villages.json", f"{STUDY}/communes.json", f"{STUDY}/villages/24001001.json", f"{STUDY}.json",
)  # fmt: skip


def folder_with(tmp_path, *names):
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "study.yaml").write_text(
            'title: {vi: "Huyện <b>thử</b>", en: "A <b>try</b>"}\n', encoding="utf-8"
        )
    return tmp_path


def client_over(folder, open_review):
    app = create_app(Settings(studies=folder), open_review=open_review)
    client = app.test_client(use_cookies=True)
    client.shelf = app.extensions["shelf"]
    return client


def opened(client, study_id="minh-hoa"):
    client.shelf.look(study_id, wait_s=30)
    return client


@pytest.fixture(scope="module")
def review():
    return build_review()


@pytest.fixture
def client(tmp_path, review):
    return opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: review))


def read(response):
    body = (
        gzip.decompress(response.data)
        if response.headers.get("Content-Encoding") == "gzip"
        else response.data
    )
    return body.decode("utf-8")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers_in_both_languages_with_all_headers(client, address, language):
    response = client.get(address, query_string={"lang": language})
    assert response.status_code == 200
    assert f'<html lang="{language}">' in read(response)
    assert not [name for name in HEADERS if name not in response.headers]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_no_page_shows_a_message_code_or_inline_style_or_script(client, address, language):
    page = read(client.get(address, query_string={"lang": language}))
    assert not re.findall(r"\b(?:web|js|status|reason)-[a-z]+-[a-z-]+\b", re.sub(ATTRIBUTES, "", page))
    assert not re.findall(r"\sstyle=|\son[a-z]+=", page)
    assert not re.findall(r"<script(?![^>]*(?:src=|application/json))", page)


@pytest.mark.parametrize("address", DATA)
def test_data_addresses_give_valid_json(client, address):
    response = client.get(address)
    assert response.status_code == 200
    json.loads(read(response), parse_constant=lambda word: pytest.fail(word))


def test_every_rule_answers_odd_ids_and_queries_without_a_fault(client):
    rules = [rule for rule in client.application.url_map.iter_rules() if "GET" in rule.methods]
    assert len(rules) > 18
    for place, rule in enumerate(rules):
        address = re.sub(r"<any\(([a-z]+)[^>]*>", r"\1", rule.rule)
        deep = "<" in address.replace("<study_id>", "")
        # what only a query can be odd in is asked for by a few of them
        for number, odd in enumerate(ODD if deep else ODD[place % 3 :: 3]):
            # a study that is not there is not there for every page alike: each asks for some
            for known in ("minh-hoa", odd) if (place + number) % 4 == 0 else ("minh-hoa",):
                filled = re.sub(r"<[^>]+>", lambda _, odd=odd: odd, address.replace("<study_id>", known))
                query = {
                    name: odd
                    for name in ("status", "commune", "q", "page", "part", "lang", "criterion", "sheet")
                }
                plain = known == "minh-hoa" and deep
                for response in (
                    client.get(filled, query_string=each) for each in (query, None)[: 1 + plain]
                ):
                    assert response.status_code in (200, 302, 304, 308, 400, 403, 404, 503), (
                        filled,
                        response.status_code,
                    )
                    assert "Content-Security-Policy" in response.headers
                    assert b"root:" not in response.data and b"Traceback" not in response.data


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_pages_can_only_be_read(client, method):
    response = getattr(client, method)(STUDY)
    assert response.status_code == 405
    assert "Content-Security-Policy" in response.headers


def test_hostile_names_stand_literally_everywhere(tmp_path):
    hostile = build_review(names=PAYLOADS)
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: hostile))
    for address in (f"{STUDY}/villages", *(f"{STUDY}/villages/2400100{n}" for n in range(1, 6)), STUDY):
        page = read(client.get(address))
        assert "<script>window" not in page and "<img src=x" not in page and "<b>\n" not in page
    listed = read(client.get(f"{STUDY}/villages"))
    assert "{{7*7}}{% raw %}" in listed and "&lt;script&gt;window.HIT=1&lt;/script&gt;" in listed
    assert [row["name"] for row in json.loads(read(client.get(f"{STUDY}/villages.json")))["villages"]][
        :5
    ] == list(PAYLOADS)


def test_a_title_with_markup_is_text(tmp_path, review):
    client = client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: review)
    assert "Huyện &lt;b&gt;thử&lt;/b&gt;" in read(client.get("/"))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
    ],
)
def test_only_names_of_this_machine_are_answered(client, host, status):
    assert client.get("/", headers={"Host": host}).status_code == status


def test_the_language_is_remembered_and_numbers_follow_it(client):
    assert "Các đợt rà soát" in read(client.get("/"))
    first = client.get(f"{STUDY}?lang=en")
    assert "SameSite=Lax" in first.headers["Set-Cookie"] and "HttpOnly" in first.headers["Set-Cookie"]
    assert "Studies" in read(client.get("/"))
    assert (
        json.loads(read(client.get(f"{STUDY}/villages/24002015.json")))["findings"][0]["value_text"]
        == "65.69 %"
    )
    client.get("/?lang=vi")
    assert (
        json.loads(read(client.get(f"{STUDY}/villages/24002015.json")))["findings"][0]["value_text"]
        == "65,69 %"
    )


def test_the_four_figures_are_those_of_the_review_and_open_their_lists(client, review):
    told = review.headline
    page = read(client.get(f"{STUDY}?lang=en"))
    card = r'<div class="figure (\w+)">.*?class="value" href="([^"]+)"[^>]*>([^<]+)<'
    figures = re.findall(card, page, re.DOTALL)
    shown = {kind: (href.replace("&amp;", "&"), value) for kind, href, value in figures[:4]}
    assert [shown[kind][1] for kind in ("met", "unmet", "unknown", "sheet")] == [
        str(told[name]) for name in ("met", "unmet", "unknown", "communes_without_sheet")
    ]
    assert f"{told['short_by']} short" in page and "target 50 % by 2025-12-31" in page
    for kind in ("met", "unmet", "unknown"):
        assert f"{shown[kind][1]} villages" in read(client.get(shown[kind][0]))
    assert "1 commune" in read(client.get(shown["sheet"][0]))


def test_a_target_date_is_written_as_the_language_writes_it(client):
    assert "mục tiêu 50 % đến 31/12/2025" in read(client.get(STUDY))


@pytest.mark.parametrize("part", ["all", "infrastructure"])
def test_lists_count_as_the_headline_does_for_both_parts(client, review, part):
    prefix = "infra_" if part == "infrastructure" else ""
    for status in STATUSES:
        address = f"{STUDY}/villages.json?status={status}&part={part}"
        assert len(json.loads(read(client.get(address)))["villages"]) == review.headline[f"{prefix}{status}"]


def test_filters_and_search_narrow_the_list(client):
    def ids(query):
        return [
            row["id"] for row in json.loads(read(client.get(f"{STUDY}/villages.json?{query}")))["villages"]
        ]

    assert len(ids("commune=24001")) == 10
    assert ids("q=dak ro 5&commune=24001") == ["24001005"]
    assert ids("q=DAK TO 24001003") == ["24001003"]
    assert set(ids("criterion=clinic&criterion_status=unmet")) < set(ids(""))
    assert ids("q=" + "x" * 10_000) == []


@pytest.mark.parametrize(
    "query", ["status=good", "commune=0", "criterion=none", "page=0", "page=1e9", "part=half"]
)
def test_a_wrong_filter_is_answered_with_a_sentence(client, query):
    response = client.get(f"{STUDY}/villages?{query}")
    assert response.status_code == 400
    assert query.split("=")[1] in read(response)


def test_the_list_is_cut_into_pages(tmp_path, monkeypatch, review):
    monkeypatch.setattr("gis.web.lists.ROWS_A_PAGE", 12)
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: review))
    first, last = read(client.get(f"{STUDY}/villages")), read(client.get(f"{STUDY}/villages?page=3"))
    assert first.count("<tr>") - 1 == 12 and last.count("<tr>") - 1 == 6
    assert 'rel="next"' in first and 'rel="next"' not in last


def test_the_scorecard_page_says_value_limit_margin_reason_and_source(client):
    page = read(client.get(f"{STUDY}/villages/24002015?lang=en"))
    for text in (
        "65.69 %",
        "≥ 70 %",
        "4.31 points short",
        "QĐ 147/QĐ-UBND, mục 1",
        "Measured on the map",
        "borrowed from another",
    ):
        assert text in page
    assert page.index("Village road hardened") < page.index("All-season road"), "shortfalls come first"


def test_an_unknown_village_or_study_is_not_found_as_page_and_as_data(client):
    assert client.get(f"{STUDY}/villages/0").status_code == 404
    answer = client.get(f"{STUDY}/villages/0.json?lang=en")
    assert answer.status_code == 404
    assert json.loads(read(answer))["error"][0]["code"] == "web-no-village"
    assert client.get("/studies/none/map.json").status_code == 404


def test_map_data_hold_every_village_and_only_places_that_exist(client, review):
    table = json.loads(read(client.get(f"{STUDY}/map.json")))
    shapes = json.loads(read(client.get(f"{STUDY}/map.geojson")))["features"]
    kinds = {shape["properties"]["id"]: shape["geometry"]["type"] for shape in shapes}
    assert [row[0] for row in table["rows"]] == list(review.villages_table.index)
    assert set(review.villages_table.index) - set(kinds) == {"24001001"}
    assert kinds["24003030"] == "Point" and kinds["24002015"] == "Polygon"
    row = dict(zip(table["columns"], next(row for row in table["rows"] if row[0] == "24002015"), strict=True))
    letters = {"met": "m", "unmet": "u", "unknown": "k", "exempt": "x"}
    statuses = review.villages_table.loc["24002015", [criterion["id"] for criterion in table["criteria"]]]
    assert row["criteria"] == "".join(letters[status] for status in statuses)


def test_prepared_data_are_compressed_and_not_sent_twice(client):
    first = client.get(f"{STUDY}/map.geojson", headers={"Accept-Encoding": "gzip"})
    assert (
        first.headers["Content-Encoding"] == "gzip" and first.headers["Cache-Control"] == "private, no-cache"
    )
    again = client.get(
        f"{STUDY}/map.geojson", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304 and not again.data
    plain = client.get(f"{STUDY}/map.geojson", headers={"Accept-Encoding": "identity"})
    assert plain.data == gzip.decompress(first.data) and plain.headers["ETag"] != first.headers["ETag"]


def test_static_files_are_kept_for_ever_under_their_version_and_nothing_else_is_served(client):
    version = client.application.extensions["assets"].version
    for name in ("style.css", "workspace.js", "leaflet/leaflet.js"):
        assert "immutable" in client.get(f"/static/v-{version}/{name}").headers["Cache-Control"]
        assert "immutable" not in client.get(f"/static/{name}").headers["Cache-Control"]
    for name in (
        "../shelf.py",
        "..%2fshelf.py",
        "leaflet/../../shelf.py",
        "leaflet/leaflet.js.map",
        "/etc/passwd",
    ):
        assert client.get(f"/static/{name}", follow_redirects=True).status_code == 404


def test_a_study_that_cannot_be_read_says_why_and_the_others_work(tmp_path, review):
    def open_review(path, report):
        if path.parent.name == "hong":
            raise StudyError(problems=[Problem("web-no-village", {"village": n}, "error") for n in range(5)])
        return review

    client = opened(opened(client_over(folder_with(tmp_path, "minh-hoa", "hong"), open_review)), "hong")
    broken = client.get("/studies/hong?lang=en")
    assert broken.status_code == 422
    assert "This study has no village with the code “4”." in read(broken)
    home = read(client.get("/"))
    assert "Cannot be read" in home and "and 2 more" in home and "30 villages" in home
    assert client.get("/studies/hong/map.json").status_code == 422


def test_a_fault_in_the_program_shows_a_sentence_and_no_traceback(tmp_path, caplog):
    def open_review(path, report):
        raise RuntimeError("secret detail")

    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), open_review))
    page = read(client.get(STUDY))
    assert "secret" not in page and "RuntimeError" not in page
    assert "secret detail" in caplog.text


def test_a_fault_in_a_page_is_a_short_500(client, monkeypatch, caplog):
    monkeypatch.setattr("gis.web.basis.criteria_rows", lambda *_: 1 / 0)
    response = client.get(f"{STUDY}/criteria?lang=en")
    assert response.status_code == 500
    assert "ZeroDivisionError" not in read(response) and "met a fault" in read(response)
    assert "ZeroDivisionError" in caplog.text
    assert client.get(f"{STUDY}/sources").status_code == 200


def test_while_computing_the_page_says_how_far_it_is_and_opens_afterwards(tmp_path, review):
    go_on, begun = threading.Event(), threading.Event()

    def open_review(path, report):
        report(0.25, "web-no-village", village="reading")
        begun.set()
        go_on.wait(20)
        return review

    client = client_over(folder_with(tmp_path, "minh-hoa"), open_review)
    page = client.get(f"{STUDY}?lang=en")
    assert page.status_code == 202 and "opens by itself" in read(page)
    assert begun.wait(10)
    told = json.loads(read(client.get(f"{STUDY}/state.json")))
    assert (told["state"], told["fraction"], told["percent"]) == ("computing", 0.25, "25 %")
    assert "reading" in told["message"]
    go_on.set()
    opened(client)
    assert json.loads(read(client.get(f"{STUDY}/state.json")))["state"] == "ready"
    assert client.get(STUDY).status_code == 200


@pytest.fixture
def computing_client(tmp_path, review):
    """A client over a study that is being computed as long as the test lasts."""
    go_on = threading.Event()
    yield client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: go_on.wait(20) and review)
    go_on.set()


@pytest.mark.parametrize("address", [f"{STUDY}/map.json", f"{STUDY}/villages", f"{STUDY}.xlsx"])
def test_who_asks_while_a_study_is_computed_is_soon_told_to_come_again(computing_client, address):
    begun = time.monotonic()
    response = computing_client.get(address)
    assert time.monotonic() - begun < 2, "each reader who waits keeps one of the few threads"
    assert response.status_code == 503 and response.headers["Retry-After"] == "2"
    assert "application/json" in response.content_type or 'http-equiv="refresh"' in read(response)


def test_a_person_who_opens_data_too_early_gets_a_page_that_tries_again(computing_client):
    response = computing_client.get(f"{STUDY}.json", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 503
    assert ">503<" not in read(response) and f'href="{STUDY}"' in read(response)
    assert "Trang này tự thử lại" in read(response) and 'http-equiv="refresh" content="2"' in read(response)


def test_a_study_is_computed_once_for_many_readers(tmp_path, review):
    calls = []

    def open_review(path, report):
        calls.append(path)
        time.sleep(0.2)
        return review

    client = client_over(folder_with(tmp_path, "minh-hoa"), open_review)
    threads = [
        threading.Thread(target=client.shelf.look, args=("minh-hoa",), kwargs={"wait_s": 10})
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def name_inputs(study, file, criteria="kontum-dtts-village-2022"):
    study.write_text(f"title: x\ncriteria: {criteria}\nlayers:\n  villages: {{file: {file}}}\n")


@pytest.mark.parametrize(
    "changed", ["data/deep/villages.gpkg", "../elsewhere.gpkg", "data/roads.dbf", "rules/own.yaml", "a.xlsx"]
)
def test_an_input_changed_while_it_is_read_is_read_again(tmp_path, monkeypatch, changed):
    monkeypatch.setattr("gis.web.shelf.LOOK_AGAIN_S", 0.0)
    folder = tmp_path / "studies"
    file = folder / changed
    for needed in (file, folder / "rules" / "own.yaml", folder / "data" / "roads.shp"):
        needed.parent.mkdir(parents=True, exist_ok=True)
        needed.write_text("first")
    (folder / "rieng.yaml").write_text(
        f"title: x\ncriteria: rules/own.yaml\nlayers:\n  villages: {{file: {changed}}}\n"
        "  roads: {file: data/roads.shp}\nassessments:\n  - {file: a.xlsx, year: 2024}\n"
    )
    seeds = iter((1, 2, 3))

    def open_review(path, report):
        seed = next(seeds)
        if seed == 1:
            file.write_text("changed while the study was being read")
        return build_review(seed=seed)

    client = opened(client_over(folder, open_review), "rieng")
    opened(client, "rieng")
    assert client.shelf.look("rieng", wait_s=30).review is not None
    assert next(seeds) == 3, "the change was not seen, or the study is computed without end"


@pytest.mark.parametrize("named", ["../elsewhere.gpkg", "data/deep.gpkg"])
def test_a_failed_study_notices_a_mended_file_outside_its_folder(tmp_path, monkeypatch, review, named):
    monkeypatch.setattr("gis.web.shelf.LOOK_AGAIN_S", 0.0)
    folder = tmp_path / "studies"
    (folder / "data").mkdir(parents=True)
    name_inputs(folder / "rieng.yaml", named)

    def open_review(path, report):
        if not (folder / named).exists():
            raise StudyError("web-no-study", study="x")
        return review

    client = opened(client_over(folder, open_review), "rieng")
    assert client.get("/studies/rieng").status_code == 422
    (folder / named).write_text("there now")
    opened(client, "rieng")
    assert client.get("/studies/rieng").status_code == 200


@pytest.mark.parametrize(
    "text",
    ["", "[", "- a", "layers: 3", "layers: {a: b, c: {file: [1]}}", "assessments: {file: x}", "criteria: 7"],
)
def test_a_study_file_that_makes_no_sense_names_itself_only(tmp_path, text):
    from gis.web.stamps import files_named

    (tmp_path / "x.yaml").write_text(text)
    assert files_named(tmp_path / "x.yaml") == (tmp_path / "x.yaml",)


def test_a_set_of_the_house_is_watched_as_well(tmp_path):
    from gis.web.stamps import files_named

    name_inputs(tmp_path / "x.yaml", "villages.gpkg")
    assert all(file.is_file() for file in files_named(tmp_path / "x.yaml") if file.suffix == ".yaml")
    assert files_named(tmp_path / "x.yaml")[-1].name == "kontum-dtts-village-2022.yaml"


def test_a_changed_input_is_computed_anew_and_changes_the_data(tmp_path, monkeypatch):
    monkeypatch.setattr("gis.web.shelf.LOOK_AGAIN_S", 0.0)
    folder = folder_with(tmp_path, "minh-hoa")
    layer = folder / "minh-hoa" / "villages.gpkg"
    layer.write_text("first")
    name_inputs(folder / "minh-hoa" / "study.yaml", "villages.gpkg")
    seeds = iter((1, 2))
    client = opened(client_over(folder, lambda path, report: build_review(seed=next(seeds))))
    before = client.get(f"{STUDY}/map.json").headers["ETag"]
    assert client.get(f"{STUDY}/map.json").headers["ETag"] == before
    layer.write_text("second, longer")
    opened(client)
    assert client.get(f"{STUDY}/map.json").headers["ETag"] != before


def test_a_mended_study_opens_without_a_restart(tmp_path, monkeypatch, review):
    monkeypatch.setattr("gis.web.shelf.LOOK_AGAIN_S", 0.0)
    folder = folder_with(tmp_path, "minh-hoa")

    def open_review(path, report):
        if not (path.parent / "sheet.xlsx").exists():
            raise StudyError("web-no-study", study="x")
        return review

    client = opened(client_over(folder, open_review))
    assert client.get(STUDY).status_code == 422
    (folder / "minh-hoa" / "sheet.xlsx").write_text("there now")
    opened(client)
    assert client.get(STUDY).status_code == 200


def test_studies_are_found_by_names_that_make_good_addresses(tmp_path, review):
    folder_with(tmp_path, "Đăk Tô (2025)", "dak to 2025")
    (tmp_path / "rieng.yaml").write_text("title: x\n")
    (tmp_path / "ghi-chu.txt").write_text("not a study")
    shelf = client_over(tmp_path, lambda path, report: review).shelf
    assert list(shelf.found()) == ["dak-to-2025", "dak-to-2025-2", "rieng"]


def test_an_empty_folder_teaches_how_to_begin(tmp_path, review):
    page = read(client_over(tmp_path, lambda path, report: review).get("/"))
    assert "Chưa có đợt rà soát nào" in page and "study.yaml" in page
    assert client_over(tmp_path / "absent", lambda path, report: review).get("/").status_code == 200


def test_a_study_without_any_place_teaches_and_keeps_the_table(tmp_path):
    bare = build_review()
    bare.study.villages["point"] = None
    bare.study.villages["geometry"] = None
    bare.study.rung = 0
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: bare))
    first, page = (read(client.get(f"{STUDY}{screen}?lang=en")) for screen in ("", "/map"))
    assert "No map yet" in first and 'id="map"' not in first
    assert "No map yet" in page and 'id="map"' not in page and 'id="table"' in page
    assert json.loads(read(client.get(f"{STUDY}/map.geojson")))["features"] == []


def test_communes_as_sheets_hold_numbers_and_no_formula(client):
    import io

    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{STUDY}/communes.xlsx").data)).active
    title, headings, _, *rows = sheet.values
    assert "MINH HỌA" in title[0] and headings[:3] == ("Mã", "Xã", "Số thôn")
    assert len(rows) == 3 and isinstance(rows[0][2], (int, float)) and isinstance(rows[0][0], str)
    text = client.get(f"{STUDY}/communes.csv").data.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Mã,Xã,Số thôn")
    assert {len(line.split(",")) for line in text.splitlines()} == {11}


def test_a_commune_that_looks_like_a_formula_is_text_in_both_files(tmp_path):
    import io

    import openpyxl

    hostile = build_review()
    hostile.study.communes["name"] = ["=1+1", "+2", "@x"]
    hostile.study.villages["commune"] = hostile.study.villages["commune_id"].map(
        hostile.study.communes["name"]
    )
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: hostile))
    text = read(client.get(f"{STUDY}/communes.csv"))
    assert "'=1+1" in text and "'+2" in text and "'@x" in text
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{STUDY}/communes.xlsx").data)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "=1+1" in {cell.value for cell in cells} and not [cell for cell in cells if cell.data_type == "f"]


@pytest.mark.parametrize(
    "search",
    ["a%0Ab", "a%0D%0AX-Evil:%201", "a%22b", "a;b\\", "%22;%20filename=x.exe;", "..%2F..%2Fx", "Đăk"],
)
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_file_name_holds_plain_letters_whatever_was_searched_for(client, search, suffix):
    response = client.get(f"{STUDY}/villages.{suffix}?q={search}")
    assert response.status_code == 200 and "X-Evil" not in response.headers
    disposition = response.headers["Content-Disposition"]
    assert re.fullmatch(rf'attachment; filename="minh-hoa-villages-[A-Za-z0-9._-]+\.{suffix}"', disposition)


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "zip", "gpkg", "geojson", "json", "html"])
def test_the_real_sample_is_offered_in_every_format(sample_client, suffix):
    response = sample_client.get(f"/studies/dak-minh-hoa.{suffix}", headers={"Accept-Encoding": "identity"})
    assert response.status_code == 200 and len(response.data) > 1000
    assert "attachment" in response.headers["Content-Disposition"]
    starts = {
        "xlsx": b"PK",
        "zip": b"PK",
        "gpkg": b"SQLite format 3",
        "csv": b"\xef\xbb\xbf",
        "html": b"<!DOCTYPE html>",
    }
    assert response.data.startswith(starts.get(suffix, b"{"))


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "json"])
def test_a_filtered_list_of_the_real_sample_comes_as_a_file(sample_client, suffix):
    response = sample_client.get(f"/studies/dak-minh-hoa/villages.{suffix}?status=unmet")
    assert response.status_code == 200 and len(response.data) > 200


def test_every_page_of_the_real_sample_answers(sample_client, sample_review):
    village = sample_review.villages_table.index[0]
    study = "/studies/dak-minh-hoa"
    pages = [
        "",
        "/villages",
        "/communes",
        "/criteria",
        "/problems",
        "/sources",
        f"/villages/{village}",
        "/map.json",
    ]
    layers = [f"/layers/{name}.geojson" for name in ("schools", "roads", "clinics")]
    for address in (*pages, *layers):
        assert sample_client.get(study + address).status_code == 200, address
    assert sample_client.get(f"{study}/layers/nothing.geojson").status_code == 404
    page = read(sample_client.get(f"{study}/problems?lang=en"))
    assert "Rows in = rows used + rows reported" in page


def words_of(page):
    """What a reader sees of a page, tips and labels too; not the address that stands on its print."""
    shown = re.sub(r"<script.*?</script>|<code.*?</code>|http://\S+", "", page, flags=re.DOTALL)
    tips = re.findall(r'(?:title|aria-label|placeholder)="([^"]*)"', shown)
    return "\n".join([re.sub(r"<[^>]+>", " ", shown), *tips])


def raw_ids(study, words):
    """Ids of layers, criteria and groups that stand in a text as they are."""
    from gis.catalogue import load_catalogue

    # as_of, file names and the like hold none; a code of the house has its own words in each language
    ids = {
        *load_catalogue(),
        *(criterion.id for criterion in study.criteria.criteria),
        *study.criteria.groups,
    }
    return sorted(id_ for id_ in ids if re.search(rf"(?<![\w-]){re.escape(id_)}(?![\w-])", words))


def test_citations_of_the_real_sample_are_sentences(sample_client, sample_review):
    page = read(sample_client.get("/studies/dak-minh-hoa/sources?lang=vi"))
    assert "Citation(" not in page and "Label(" not in page
    assert "Trường học: truong.shp, 2024" in page and "Phiếu rà soát: ra-soat-2024.xlsx, 2024" in page
    assert page.count("<li>") >= len(sample_review.study.citations) > 20
    assert "Nêu cơ quan cung cấp danh sách trường" in page, "what the kind of layer asks to be said"
    assert "Schools: truong.shp, 2024" in read(sample_client.get("/studies/dak-minh-hoa/sources?lang=en"))
    sample_client.get("/?lang=vi")


def test_what_a_study_says_of_its_input_stands_on_the_page(tmp_path):
    from gis.study import Citation

    cited = build_review()
    cited.study.citations = (Citation(Label("Trường"), "a.shp", "2024", Label("Sở <b>GD</b>"), "CC BY 4.0"),)
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: cited))
    page = read(client.get(f"{STUDY}/sources"))
    assert "<li>Trường: a.shp, 2024, Sở &lt;b&gt;GD&lt;/b&gt;, CC BY 4.0</li>" in page


@pytest.fixture(scope="module")
def bare_client(sample_study, tmp_path_factory):
    """The sample without roads, clinics and more, judged by a set that asks for them."""
    from gis.yamltext import dump_yaml, read_yaml

    folder = tmp_path_factory.mktemp("bare")
    shutil.copytree(sample_study.parent, folder / "thieu")
    path = folder / "thieu" / "study.yaml"
    data, _ = read_yaml(path)
    data["criteria"] = "kontum-dtts-village-2022"
    del data["groups"]
    for layer in ("roads", "clinics", "telecom", "settlements", "population"):
        del data["layers"][layer]
    path.write_text(dump_yaml(data), encoding="utf-8")
    return opened(client_over(folder, None), "thieu")


@pytest.mark.parametrize(
    "page", ["", "/problems", "/sources", "/criteria", "/villages", "/communes", "/villages/{village}"]
)
@pytest.mark.parametrize("study", ["dak-minh-hoa", "thieu"])
def test_no_vietnamese_page_shows_the_id_of_a_layer_or_criterion(request, study, page):
    client = request.getfixturevalue("bare_client" if study == "thieu" else "sample_client")
    review = client.shelf.look(study).review
    address = f"/studies/{study}{page.format(village=review.villages_table.index[0])}"
    assert raw_ids(review.study, words_of(read(client.get(f"{address}?lang=vi")))) == []


def test_a_wrong_filter_lists_the_criteria_by_their_names_and_to_a_program_by_their_ids(client):
    page = read(client.get(f"{STUDY}/villages?criterion=none"))
    assert "Đường trục thôn được cứng hóa" in page and "road-link" not in page
    assert "road-link" in read(client.get(f"{STUDY}/villages.json?criterion=none"))


@pytest.fixture(scope="module")
def sample_client(sample_study):
    return opened(client_over(sample_study.parent.parent, None), "dak-minh-hoa")


def test_every_text_a_script_asks_for_exists_in_both_languages():
    from gis.messages import catalogue
    from gis.web.assets import OWN

    for path in OWN.glob("*.js"):
        asked = re.findall(r'\btext\("([\w-]+)"', path.read_text(encoding="utf-8"))
        for language in ("vi", "en"):
            assert not [code for code in asked if f"js-{code}" not in catalogue(language)], path.name


def test_no_module_writes_markup_or_evaluates_text():
    from gis.web.assets import OWN

    for path in OWN.glob("*.js"):
        source = path.read_text(encoding="utf-8")
        assert not re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source
        ), path.name


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org", "::"])
def test_the_server_refuses_to_listen_to_other_machines(host, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(serving, "create_server", lambda *_, **__: pytest.fail("it listens"))
    assert server.main({"GIS_HOST": host, "GIS_STORE": str(tmp_path)}) == 2
    assert host in capsys.readouterr().err


def test_the_server_prints_its_address_and_listens_on_this_machine(tmp_path, capsys, monkeypatch):
    seen = []

    def listening(app, *, sockets, **options):
        seen.append((sockets[0].getsockname(), options["threads"]))
        return SimpleNamespace(run=lambda: None, close=sockets[0].close)

    monkeypatch.setattr(serving, "create_server", listening)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"GIS_STUDIES": str(tmp_path), "GIS_STORE": str(tmp_path / "store"), "GIS_WORKERS": "0"}
    assert server.main({**settings, "GIS_PORT": str(port), "GIS_LANGUAGE": "en"}) == 0
    assert f"http://127.0.0.1:{port}/" in capsys.readouterr().out
    assert seen == [(("127.0.0.1", port), 8)]


def test_a_port_in_use_is_a_sentence(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = {"GIS_STUDIES": str(tmp_path), "GIS_STORE": str(tmp_path / "store")}
        assert server.main({**settings, "GIS_PORT": str(port)}) == 2
    assert str(port) in capsys.readouterr().err


def test_settings_that_are_wrong_end_the_server_with_a_sentence(capsys):
    assert server.main({"GIS_PORT": "many"}) == 2
    assert "GIS_PORT" in capsys.readouterr().err


def test_only_web_addresses_become_links():
    from gis.web.facts import web_address

    assert web_address("https://example.org/a") == "https://example.org/a"
    assert [web_address(text) for text in ("javascript:alert(1)", "data:x", None, "https://a b")] == [""] * 4


def test_settings_may_be_any_object_with_the_fields(tmp_path, review):
    settings = SimpleNamespace(
        studies=tmp_path,
        language="en",
        host="127.0.0.1",
        port=8000,
        names="",
        proxy=False,
        without_tls=False,
        workers=0,
        reader_file_mb=1,
        online_tiles="",
    )
    create_app(settings, open_review=lambda path, report: review)


def test_what_is_ready_is_sent_while_something_large_is_being_made(tmp_path, review):
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: review))
    standing = client.shelf.look("minh-hoa")
    go_on, begun = threading.Event(), threading.Event()

    def slow():
        begun.set()
        go_on.wait(20)
        return standing.prepared(("map",), None)

    ready = client.get(f"{STUDY}/map.geojson")
    maker = threading.Thread(target=standing.prepared, args=(("large",), slow))
    maker.start()
    assert begun.wait(10)
    assert client.get(f"{STUDY}/map.geojson").headers["ETag"] == ready.headers["ETag"]
    go_on.set()
    maker.join(10)
    assert not maker.is_alive()


def all_prepared(client):
    """The standing of the study once nothing is made for it in the background."""
    for address in ("map.geojson", "communes.geojson"):
        assert client.get(f"{STUDY}/{address}").status_code == 200
    standing, end = client.shelf.look("minh-hoa"), time.monotonic() + 10
    while client.shelf._one_at_a_time.locked() and time.monotonic() < end:
        time.sleep(0.01)
    return standing


def test_lists_of_a_search_are_not_kept_and_leave_no_lock(client, monkeypatch):
    monkeypatch.setattr("gis.web.lists.exported", lambda *_, **__: pack("x", "text/csv"))
    standing = all_prepared(client)
    before = len(standing._prepared)
    for number in range(20):
        assert client.get(f"{STUDY}/villages.csv?q=x{number}").status_code == 200
    assert len(standing._prepared) == before
    assert client.get(f"{STUDY}/villages.csv?status=met").status_code == 200
    assert len(standing._prepared) == before + 1
    assert standing._making == {}


def test_a_fault_in_making_leaves_no_lock(client):
    standing = all_prepared(client)
    with pytest.raises(ZeroDivisionError):
        standing.prepared(("broken",), lambda: 1 / 0)
    assert standing._making == {}
    assert standing.prepared(("broken",), lambda: pack("x", "text/plain")).body == b"x"


@pytest.mark.parametrize("layer_id", ["table", "map", "communes", "xlsx", "study"])
def test_a_layer_may_have_the_name_of_anything_else_that_is_kept(tmp_path, monkeypatch, layer_id):
    named = build_review()
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: named))
    monkeypatch.setattr("gis.web.mapdata.layers_on_map", lambda review: [{"id": layer_id}])
    monkeypatch.setattr("gis.web.mapdata._layer", lambda *_: pack('{"layer": 1}', "application/geo+json"))
    for address in DATA + (f"{STUDY}.xlsx",):
        client.get(address)
    assert json.loads(read(client.get(f"{STUDY}/layers/{layer_id}.geojson"))) == {"layer": 1}
    assert "columns" in json.loads(read(client.get(f"{STUDY}/map.json")))


def test_the_printed_overview_leads_to_the_full_list(client):
    page = read(client.get(f"{STUDY}/map"))
    assert re.search(
        r'class="printed">Danh sách đầy đủ các thôn.*? href="http://localhost/studies/minh-hoa/villages"',
        page,
    )


@pytest.fixture(scope="module")
def trigger_client(sample_study, tmp_path_factory):
    """The sample judged by a set of disadvantage, which has no target."""
    from gis.yamltext import dump_yaml, read_yaml

    folder = tmp_path_factory.mktemp("kho-khan")
    shutil.copytree(sample_study.parent, folder / "kho")
    file = folder / "kho" / "study.yaml"
    data, _ = read_yaml(file)
    data["criteria"] = "vn-dbkk-village-2026-2030"
    for name in ("groups", "target"):
        data.pop(name, None)
    file.write_text(dump_yaml(data), encoding="utf-8")
    return opened(client_over(folder, None), "kho")


def test_a_set_of_disadvantage_says_what_holds_and_not_what_fails(trigger_client):
    pages = {
        name: words_of(read(trigger_client.get(f"/studies/kho{name}?lang=vi")))
        for name in ("", "/map", "/villages", "/communes", "/criteria")
    }
    for name, words in pages.items():
        assert "thuộc diện" in words or "Mức xét" in words, name
        for wrong in ("tiêu chí chưa đạt", "Yêu cầu", "Chưa đạt phần hạ tầng"):
            assert wrong not in words, (name, wrong)
    assert "Số tiêu chí thuộc diện" in pages["/map"] and "Phần hạ tầng: thuộc diện" in pages["/map"]
    village = json.loads(read(trigger_client.get("/studies/kho/villages.json?lang=vi")))["villages"][0]
    assert village["infra_text"] in ("Thuộc diện", "Không thuộc diện", "Chưa đủ số liệu")


def test_without_a_target_the_communes_count_villages_that_fail(trigger_client):
    for part in ("all", "infrastructure"):
        found = json.loads(read(trigger_client.get(f"/studies/kho/communes.json?part={part}")))["communes"]
        assert found and all(row["short_by"] == row["unmet"] for row in found)


def test_a_problem_that_cuts_a_list_gives_it_whole(tmp_path, review):
    names = tuple(f"thôn-{number}" for number in range(9))
    study = SimpleNamespace(**vars(review.study))
    study.problems = (Problem("sheet-rows-unknown", {"rows": names}),)
    study.sheet_counts = {"bieu.xlsx": {"rows_in": 12, "rows_used": 3, "rows_reported": 9}}
    told = SimpleNamespace(study=study)
    from gis.web.basis import problem_groups

    found = problem_groups(told, "vi")
    assert found["problems"][0]["lists"] == [list(names)]
    assert found["layers"][-1]["file"] == "bieu.xlsx" and found["layers"][-1]["balanced"]
