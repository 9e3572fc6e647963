"""The page of printed maps, its downloads and the atlas; and how every page comes out of a printer."""

import io
import re
import time
import unicodedata
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner
from PIL import Image

from gis.cli import commands
from test_sheets import flat, pages_of
from tests.fakes_web import PAYLOADS, build_review
from tests.test_web import client_over, folder_with, opened, read

STUDY = "/studies/minh-hoa"
PRINT = f"{STUDY}/print"


@pytest.fixture(scope="module")
def judged():
    return build_review()


@pytest.fixture
def client(tmp_path, judged):
    return opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: judged))


@pytest.mark.parametrize(("language", "words"), [("vi", "In bản đồ"), ("en", "Print a map")])
def test_the_form_works_without_script_and_offers_what_there_is(client, judged, language, words):
    page = read(client.get(f"{PRINT}/map", query_string={"lang": language, "commune": "24001"}))
    assert words in page and "Đăk Tô" in page and "print/map.png" in page
    for criterion in judged.criteria.criteria:
        assert f'value="{criterion.id}"' in page
    assert re.search(r'value="24001" selected', page) and "commune-sheet" in page
    assert not re.findall(r"\sstyle=|\son[a-z]+=", page)
    assert not re.findall(r">[^<]*\b(?:printing|mapsheet)-[a-z-]+", page)


@pytest.mark.parametrize("size", ["a4", "a3"])
def test_a_map_is_downloaded_as_pdf_and_shown_as_picture(client, size):
    asked = {"size": size, "criterion": "road", "lang": "vi", "date": "2026-11-26"}
    answer = client.get(f"{PRINT}/map.pdf", query_string=asked)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert f'filename="minh-hoa-ban-do-road-{size}.pdf"' in answer.headers["Content-Disposition"]
    assert flat("Đường trục thôn được cứng hóa") in flat(pages_of(answer.data)[0])
    picture = client.get(f"{PRINT}/map.png", query_string=asked)
    assert picture.mimetype == "image/png" and Image.open(io.BytesIO(picture.data)).width == 1080
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"{PRINT}/map.pdf", query_string=asked, headers=known).status_code == 304
    assert client.get(f"{PRINT}/map.pdf", query_string=asked).data == answer.data


def test_the_filters_of_the_workspace_come_along_and_are_told(client, judged):
    asked = {
        "status": "unmet",
        "q": "dak ro",
        "lang": "vi",
        "layers": "photos,roads",
        "part": "infrastructure",
    }
    page = read(client.get(f"{PRINT}/map", query_string=asked))
    assert 'name="status" value="unmet"' in page and 'name="q" value="dak ro"' in page
    text = flat(pages_of(client.get(f"{PRINT}/map.pdf", query_string=asked).data)[0])
    kept = client.get(f"{STUDY}/villages.json", query_string=asked).get_json()["villages"]
    assert kept and flat(f"{len(kept)} thôn") in text and flat("“dak ro”") in text


@pytest.mark.parametrize(
    "asked",
    [
        {"criterion": "nope"}, {"commune": "nope"}, {"size": "a0"}, {"show": "cows"}, {"status": "good"}, {"part": "x"},
        {"extent": "1,2,3"}, {"extent": "nan,0,1,1"}, {"extent": "200,0,201,1"}, {"extent": "3,1,2,2"}, {"date": "gestern"},
        {"date": "<b>"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["map", "atlas.pdf"])
def test_what_cannot_be_printed_is_answered_in_one_sentence(client, asked, path):
    answer = client.get(f"{PRINT}/{path}", query_string=asked | {"lang": "vi"})
    assert answer.status_code == 400
    assert not re.findall(r">[^<]*\b(?:printing|mapsheet|web)-[a-z]+-[a-z-]+", read(answer))
    assert "«<b>»" not in read(answer)


def test_a_study_without_places_says_what_is_missing(tmp_path):
    villages = build_review().study.villages
    villages["geometry"], villages["point"] = None, None
    bare = build_review(villages=villages)
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: bare))
    page = read(client.get(f"{PRINT}/map", query_string={"lang": "vi"}))
    assert "chưa thôn nào có vị trí" in page and "<form class" not in page
    assert client.get(f"{PRINT}/map.pdf").status_code == 422


def done_atlas(client, **asked):
    """The state of the atlas once it is drawn."""
    end = time.monotonic() + 30
    while True:
        told = client.get(f"{PRINT}/atlas.json", query_string=asked).get_json()
        if told["state"] == "ready":
            return told
        assert time.monotonic() < end, told
        time.sleep(0.1)


def test_the_atlas_is_drawn_while_the_page_tells_how_far_it_is(client):
    page = read(client.get(f"{PRINT}/atlas", query_string={"lang": "vi", "commune": "24001"}))
    assert "Dừng" in page or "print/atlas.pdf" in page
    assert done_atlas(client, lang="vi")["fraction"] in (0, 1)
    assert "print/atlas.pdf" in read(client.get(f"{PRINT}/atlas", query_string={"lang": "vi"}))
    answer = client.get(f"{PRINT}/atlas.pdf", query_string={"lang": "vi"})
    assert (
        len(pages_of(answer.data)) == 4
        and "minh-hoa-tap-ban-do-a4.pdf" in answer.headers["Content-Disposition"]
    )


def test_an_atlas_that_was_stopped_can_be_begun_again(client, monkeypatch):
    from gis.sheets import mapsheets

    drawn, real = [], mapsheets.atlas

    def slow(*arguments, report, **options):
        for page in range(1, 2000):
            drawn.append(page)
            report(0, "mapsheet-drawing", page=page, pages=2000)
            time.sleep(0.02)

    client.application.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr(mapsheets, "atlas", slow)
    asked = {"lang": "en", "size": "a3"}
    page = read(client.get(f"{PRINT}/atlas", query_string=asked))
    assert "<progress" in page and 'method="post"' in page
    assert client.get(f"{PRINT}/atlas.pdf", query_string=asked).status_code == 503
    told = client.get(f"{PRINT}/atlas.json", query_string=asked).get_json()
    assert told["state"] == "computing" and 0 < told["fraction"] < 1 and "of 2,000" in told["message"]
    assert client.post(f"{PRINT}/atlas/stop", query_string=asked).status_code == 302
    time.sleep(0.3)
    count = len(drawn)
    time.sleep(0.2)
    assert len(drawn) == count
    monkeypatch.setattr(mapsheets, "atlas", real)
    done_atlas(client, **asked)
    assert client.get(f"{PRINT}/atlas.pdf", query_string=asked).status_code == 200


def test_stopping_asks_for_a_form_of_ours(client):
    assert client.post(f"{PRINT}/atlas/stop").status_code == 400


def test_lists_papers_and_workspace_lead_to_the_printed_map(client):
    for path in ("map", "communes", "papers"):
        page = read(client.get(f"{STUDY}/{path}", query_string={"lang": "vi"}))
        assert f"{PRINT}/map" in page, path
    communes = read(client.get(f"{STUDY}/communes"))
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*commune-sheet[^"]*)"', communes)]
    assert len(links) == 3 and all(client.get(link).status_code == 200 for link in links)


@pytest.mark.parametrize(
    ("kind", "options", "pages"),
    [
        ("map", ["--criterion", "road", "--commune", "24001"], 1),
        ("map", ["--by-commune"], 1),
        ("atlas", [], 4),
    ],
)
def test_the_command_writes_the_same_maps(tmp_path, monkeypatch, judged, kind, options, pages):
    from gis import workflows

    monkeypatch.setattr(workflows, "find_study", lambda *_, **__: None)
    monkeypatch.setattr(workflows, "judge", lambda _: judged)
    out = tmp_path / "ra.pdf"
    asked = ["papers", "x", "--kind", kind, "--format", "a3", "--out", str(out), "--lang", "en", *options]
    done = CliRunner().invoke(commands, asked)
    assert done.exit_code == 0, done.output
    assert len(pages_of(out.read_bytes())) == pages


@pytest.mark.parametrize(
    "asked",
    [
        ["--kind", "map", "--format", "pdf"],
        ["--kind", "map", "--format", "a4", "--village", "24001001"],
        ["--kind", "recognition", "--format", "pdf", "--layers", "roads"],
        ["--kind", "poster", "--format", "a4"],
    ],
)
def test_the_command_refuses_what_is_no_map_before_it_reads_a_file(tmp_path, asked):
    out = tmp_path / "ra.pdf"
    done = CliRunner().invoke(commands, ["papers", "nowhere.yaml", "--out", str(out), *asked])
    assert done.exit_code == 2 and not out.exists() and "nowhere" not in done.output


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    folder = folder_with(tmp_path_factory.mktemp("web"), "minh-hoa", "ten-la")
    names = {"minh-hoa": (), "ten-la": PAYLOADS}
    return serve(folder, open_review=lambda path, report: build_review(names=names[path.parent.name]))


def paper(page, address, *, ready=None):
    """A page as it comes out of a printer: its texts and its first sheet as a picture."""
    page.goto(address)
    if ready:
        page.wait_for_selector(ready)
    content = page.pdf(prefer_css_page_size=True, print_background=True)
    found = pypdfium2.PdfDocument(content)
    picture = found[0].render(scale=1).to_pil()
    found.close()
    return [flat(unicodedata.normalize("NFC", text)) for text in pages_of(content)], picture


@pytest.mark.parametrize(
    ("language", "heading", "menu"), [("vi", "Thôn (làng)", "Tổng quan"), ("en", "Village", "Overview")]
)
def test_lists_print_with_headings_and_origin_on_every_sheet_and_without_menus(
    new_page, site, language, heading, menu
):
    page = new_page(width=1366, height=768)
    sheets, picture = paper(page, f"{site}{STUDY}/villages?lang={language}")
    assert picture.width > picture.height and len(sheets) > 1
    run = flat(build_review().run.id)
    for text in sheets:
        assert flat(f"{STUDY}/villages?lang={language}") in text and run in text
    rows = [text for text in sheets if flat("Măng Đen") in text or flat("Đăk Tô") in text]
    assert rows and all(flat(heading) in text for text in rows)
    assert flat(menu) not in sheets[0] and "Excel" not in sheets[0]
    whole = "".join(sheets)
    assert all(flat(name) in whole for name in build_review().study.villages["name"])
    # a scorecard and the other pages fit across
    for path in ("villages/24001001", "communes", "criteria", "problems"):
        texts, _ = paper(page, f"{site}{STUDY}/{path}?lang={language}")
        assert all(run in text for text in texts), path
    assert page.faults == [] and page.refused == []


def test_the_workspace_prints_its_map_its_legend_and_the_list_that_is_shown(new_page, site):
    page = new_page(width=1366, height=768)
    sheets, picture = paper(page, f"{site}{STUDY}/map?lang=vi&commune=24002", ready="body[data-ready]")
    whole = "".join(sheets)
    names = build_review().select(commune="24002")["name"]
    assert all(flat(name) in whole for name in names)
    assert flat("commune=24002") in sheets[0] and flat("Chưa đủ số liệu") in whole
    # the map is on the sheet: the colour of those that miss something fills some of it
    colours = picture.convert("RGB").quantize(24).convert("RGB").getcolors(1 << 20)
    orange = sum(count for count, (r, g, b) in colours if r > 170 and 80 < g < 215 and b < g - 20)
    assert orange > 1500
    page.emulate_media(media="screen")
    assert page.locator("#table tbody tr[data-id]").count() >= 5
    assert page.faults == []


def test_what_is_seen_in_the_workspace_is_what_is_printed(new_page, site):
    page = new_page(width=1366, height=768)
    page.goto(f"{site}{STUDY}/map?lang=en&status=unmet&criterion=road")
    page.wait_for_selector("body[data-ready]")
    page.wait_for_selector("#map[data-bounds]")
    page.click("[data-print-map]")
    page.wait_for_load_state("networkidle")
    assert "/print/map?" in page.url and "status=unmet" in page.url and "extent=" in page.url
    assert page.locator("select[name=criterion]").input_value() == "road"
    assert page.locator("input[name=extent]").is_checked()
    assert page.locator(".print-preview img").evaluate("image => image.naturalWidth") == 1080
    with page.expect_download() as waiting:
        page.click(".print-doors .chief")
    assert len(pages_of(Path(waiting.value.path()).read_bytes())) == 1
    for width in (1366, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.faults == [] and page.refused == []


def test_hostile_names_stay_text_on_the_form(new_page, site):
    page = new_page()
    page.goto(f"{site}/studies/ten-la/print/map?lang=vi&q=%3Cscript%3E")
    assert page.evaluate("window.HIT") is None and page.faults == []
