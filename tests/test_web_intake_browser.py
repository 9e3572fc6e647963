"""Taking files in with a real browser: drop, look, accept, see; go back; nothing leaves this computer."""

import re

import pytest
import xlsxwriter

from gis import accounts
from gis.settings import Settings
from gis.store import open_store, studies
from gis.web import create_app
from tests.fakes_web import PAYLOADS
from tests.serving import served
from tests.test_web_intake import schools, villages

STUDY = "/studies/dak-to"
DROP = """async ([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  const drop = document.getElementById('drop');
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    drop.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    accounts.name_person(opened, "Y Lan")
    with opened.writing("Y Lan") as change:
        recipe = {"title": {"vi": "Đăk Tô", "en": "Đăk Tô (en)"}, "criteria": "sdg-access"}
        studies.add_study(change, "dak-to", recipe)
    yield opened
    opened.close()


@pytest.fixture
def site(store, tmp_path):
    """Address of a server that does long work at once, in the request that asks for it."""
    (tmp_path / "studies").mkdir()
    with served(create_app(Settings(studies=tmp_path / "studies", workers=0), store)) as address:
        yield address


@pytest.fixture
def visit(new_page, site):
    """``visit(path) -> page``: nothing may go wrong on it, and nothing leave this computer."""
    pages = []

    def go(path, *, language="vi", width=1366, height=768):
        page = new_page(width=width, height=height)
        page.goto(f"{site}{path}?lang={language}")
        pages.append(page)
        return page

    yield go
    for page in pages:
        assert page.refused == [] and page.faults == []
        assert page.evaluate("window.HIT") is None


def drop(page, file):
    import base64

    page.wait_for_selector("#drop[data-ready]")
    page.evaluate(DROP, [file[0], base64.b64encode(file[1]).decode()])
    page.wait_for_selector("#choices", timeout=60_000)
    page.wait_for_load_state("networkidle")


def accept(page):
    page.click("button[value=accept]")
    page.wait_for_url(re.compile(r"/files(\?|$)"), timeout=60_000)


@pytest.mark.parametrize(
    ("width", "height", "language"), [(1366, 768, "vi"), pytest.param(390, 844, "en", marks=pytest.mark.long)]
)
def test_a_dropped_layer_is_seen_on_a_map_accepted_and_found_in_the_study(
    visit, tmp_path, width, height, language
):
    page = visit(f"{STUDY}/files", language=language, width=width, height=height)
    drop(page, villages(tmp_path))
    page.wait_for_selector("#preview[data-shown='2']")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("button[value=accept]").bounding_box()
    assert box["y"] + box["height"] <= height
    accept(page)
    page.goto(page.url.split("/files")[0] + "/map")
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    assert page.locator("#table tbody tr[data-id]").count() == 2


def test_a_sheet_is_dropped_and_its_villages_are_judged(visit, tmp_path):
    path = tmp_path / "bieu-2025.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("Thôn")
        page.write_row(0, 0, ["Mã thôn", "Thôn", "Xã", "Số hộ"])
        page.write_row(1, 0, ["01", PAYLOADS[0], "Đăk Tô", 40])
    page = visit(f"{STUDY}/files")
    drop(page, ("bieu <img src=x onerror=window.HIT=1> 2025.xlsx", path.read_bytes()))
    assert page.locator("input[name=year]").input_value() == "2025"
    assert page.locator("td", has_text=PAYLOADS[0]).count() >= 1
    accept(page)
    assert page.locator("img[src=x]").count() == 0
    page.goto(page.url.split("/files")[0] + "/map")
    page.wait_for_selector("#table tbody tr[data-id]", timeout=60_000)
    assert page.locator("#table tbody tr[data-id] a").inner_text() == PAYLOADS[0]


def test_versions_are_compared_on_a_map_and_rolled_back(visit, store, tmp_path):
    page = visit(f"{STUDY}/files")
    drop(page, schools(tmp_path))
    accept(page)
    drop(page, schools(tmp_path, count=5, file="moi.gpkg"))
    accept(page)
    page.click("text=Trường học")
    page.wait_for_selector("#preview[data-shown='2']")
    page.click("text=Dùng lại phiên bản này")
    page.wait_for_load_state("networkidle")
    with store.reading() as connection:
        assert studies.current_version(connection, "dak-to", "schools")["number"] == 1


def test_a_wrong_file_says_why_and_leaves_the_page_usable(visit):
    page = visit(f"{STUDY}/files")
    page.wait_for_selector("#drop[data-ready]")
    page.set_input_files("input[type=file]", {"name": "a.shp", "mimeType": "", "buffer": b"x"})
    page.wait_for_selector(".drop-said.fault")
    assert ".dbf" in page.locator(".drop-said").inner_text()
    page.faults[:] = [said for said in page.faults if "422" not in said]


def test_files_come_in_without_a_script(site, browser, tmp_path):
    name, content = villages(tmp_path)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{STUDY}/files")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "", "buffer": content})
    page.click("form.drop button")
    page.click("button[value=accept]", timeout=60_000)
    page.wait_for_selector("td:has-text('thon.gpkg')", timeout=60_000)
    context.close()
