"""The pages over a small finished review: every address, every header, hostile names, the four figures."""

import gzip
import json
import re
import socket
import threading
import time
from types import SimpleNamespace

import pytest

import server
from gis.errors import Problem, StudyError
from gis.settings import Settings
from gis.tables import STATUSES
from gis.web import create_app, serving
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
    for rule in rules:
        for odd in ODD:
            address = re.sub(r"<any\(([a-z]+)[^>]*>", r"\1", rule.rule)
            for known in ("minh-hoa", odd):
                filled = re.sub(r"<[^>]+>", lambda _, odd=odd: odd, address.replace("<study_id>", known))
                query = {
                    name: odd
                    for name in ("status", "commune", "q", "page", "part", "lang", "criterion", "sheet")
                }
                for response in (client.get(filled), client.get(filled, query_string=query)):
                    assert response.status_code in (200, 304, 308, 400, 404), (filled, response.status_code)
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
    figures = re.findall(r'<a class="figure (\w+)" href="([^"]+)">.*?class="value">([^<]+)<', page, re.DOTALL)
    shown = {kind: (href.replace("&amp;", "&"), value) for kind, href, value in figures[:4]}
    assert [shown[kind][1] for kind in ("met", "unmet", "unknown", "sheet")] == [
        str(told[name]) for name in ("met", "unmet", "unknown", "communes_without_sheet")
    ]
    assert f"{told['short_by']} short" in page and "target 50 % by 2025-12-31" in page
    for kind in ("met", "unmet", "unknown"):
        assert f"{shown[kind][1]} villages" in read(client.get(shown[kind][0]))
    assert "1 communes" in read(client.get(shown["sheet"][0]))


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
    for name in ("style.css", "study.js", "leaflet/leaflet.js"):
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


def test_data_of_a_study_that_takes_long_are_asked_for_again(tmp_path, review, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr("gis.web.home.ready.__kwdefaults__", {"wait_s": 0.05})
    client = client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: go_on.wait(20) and review)
    response = client.get(f"{STUDY}/map.json")
    assert response.status_code == 503 and response.headers["Retry-After"] == "2"
    go_on.set()


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


def test_a_changed_input_is_computed_anew_and_changes_the_data(tmp_path, monkeypatch):
    monkeypatch.setattr("gis.web.shelf.LOOK_AGAIN_S", 0.0)
    folder = folder_with(tmp_path, "minh-hoa")
    layer = folder / "minh-hoa" / "villages.gpkg"
    layer.write_text("first")
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
    page = read(client.get(f"{STUDY}?lang=en"))
    assert "No map yet" in page and 'id="map"' not in page and 'id="table"' in page
    assert json.loads(read(client.get(f"{STUDY}/map.geojson")))["features"] == []


def test_communes_as_sheets_hold_numbers_and_no_formula(client):
    import io

    import openpyxl

    rows = list(openpyxl.load_workbook(io.BytesIO(client.get(f"{STUDY}/communes.xlsx").data)).active.values)
    assert len(rows) == 4 and isinstance(rows[1][2], (int, float))
    text = client.get(f"{STUDY}/communes.csv").data.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Mã,Thôn (làng)") or text.splitlines()[0].startswith("Mã,")


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
def test_the_server_refuses_to_listen_to_other_machines(host, capsys, monkeypatch):
    monkeypatch.setattr(serving, "create_server", lambda *_, **__: pytest.fail("it listens"))
    assert server.main({"GIS_HOST": host}) == 2
    assert host in capsys.readouterr().err


def test_the_server_prints_its_address_and_listens_on_this_machine(tmp_path, capsys, monkeypatch):
    seen = []

    def listening(app, *, sockets, **options):
        seen.append((sockets[0].getsockname(), options["threads"]))
        return SimpleNamespace(run=lambda: None, close=sockets[0].close)

    monkeypatch.setattr(serving, "create_server", listening)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert server.main({"GIS_STUDIES": str(tmp_path), "GIS_PORT": str(port), "GIS_LANGUAGE": "en"}) == 0
    assert f"http://127.0.0.1:{port}/" in capsys.readouterr().out
    assert seen == [(("127.0.0.1", port), 8)]


def test_a_port_in_use_is_a_sentence(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert server.main({"GIS_STUDIES": str(tmp_path), "GIS_PORT": str(port)}) == 2
    assert str(port) in capsys.readouterr().err


def test_settings_that_are_wrong_end_the_server_with_a_sentence(capsys):
    assert server.main({"GIS_PORT": "many"}) == 2
    assert "GIS_PORT" in capsys.readouterr().err


def test_only_web_addresses_become_links():
    from gis.web.facts import web_address

    assert web_address("https://example.org/a") == "https://example.org/a"
    assert [web_address(text) for text in ("javascript:alert(1)", "data:x", None, "https://a b")] == [""] * 4


def test_settings_may_be_any_object_with_the_fields(tmp_path, review):
    create_app(SimpleNamespace(studies=tmp_path, language="en"), open_review=lambda path, report: review)


def test_what_is_ready_is_sent_while_something_large_is_being_made(tmp_path, review):
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: review))
    standing = client.shelf.look("minh-hoa")
    go_on, begun = threading.Event(), threading.Event()

    def slow():
        begun.set()
        go_on.wait(20)
        return standing.prepared("map", None)

    ready = client.get(f"{STUDY}/map.geojson")
    maker = threading.Thread(target=standing.prepared, args=("large", slow))
    maker.start()
    assert begun.wait(10)
    assert client.get(f"{STUDY}/map.geojson").headers["ETag"] == ready.headers["ETag"]
    go_on.set()
    maker.join(10)
    assert not maker.is_alive()
