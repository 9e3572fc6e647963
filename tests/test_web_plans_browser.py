"""The pages of plans in a real browser: maps, both sides of a plan, narrow screens."""

import shutil

import pytest

from gis import accounts
from gis.store import open_store
from gis.workflows.jobs import KINDS

STUDY = "/studies/dak-minh-hoa"


REQUEST = {
    "years": [2026, 2027],
    "funds": [{"id": "ntm", "label": "Chương trình NTM", "amounts": [4e9, 4e9]}],
    "seconds": 5,
}


@pytest.fixture(scope="module")
def kept(stored_sample, tmp_path_factory):
    """A store with the sample in it, and the key of a plan of it."""
    folder = tmp_path_factory.mktemp("plans")
    shutil.copytree(stored_sample, folder / "store")
    store = open_store(folder / "store")
    accounts.name_person(store, "Y Lan")
    (folder / "studies").mkdir()
    asked = {"study": "dak-minh-hoa", "name": "Phương án thử", "request": REQUEST, "who": "Y Lan"}
    made = KINDS["make-plan"](store, asked, lambda *_, **__: None)
    return store, folder / "studies", made["key"]


@pytest.fixture(scope="module")
def site(serve, kept):
    """Address of a server over that store."""
    store, studies, _ = kept
    return serve(studies, store=store)


def opened(page, address):
    """The page once the server has computed it."""
    for _ in range(200):
        answer = page.goto(address)
        if answer is not None and answer.status != 503:
            break
        page.wait_for_timeout(400)
    page.faults[:] = [fault for fault in page.faults if "503" not in fault]
    return page


def test_options_lie_on_the_map(new_page, site):
    page = opened(new_page(width=1366, height=768), f"{site}{STUDY}/options?lang=vi")
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#legend li").count() >= 1
    assert (page.refused, page.faults) == ([], [])


def test_a_plan_is_shown_before_and_after_and_reads_without_scripts(new_page, site, kept):
    address = f"{site}{STUDY}/plans/{kept[2]}?lang=vi"
    page = opened(new_page(width=1366, height=768), address)
    page.wait_for_selector("body[data-ready]")
    page.click("[data-side=before]")
    assert page.locator("[data-side=before]").get_attribute("aria-pressed") == "true"
    assert "nhờ kế hoạch" not in page.locator("#legend").inner_text()
    assert (page.refused, page.faults) == ([], [])
    plain = opened(new_page(width=1366, height=768, java_script_enabled=False), address)
    assert plain.locator("table").count() >= 3


def test_a_plan_that_is_asked_for_says_how_far_it_is(new_page, site):
    page = opened(new_page(width=1366, height=768), f"{site}{STUDY}/plan?lang=vi")
    page.fill("input[name=name]", "Phương án khác")
    page.fill("input[name=fund-1-label]", "Chương trình NTM")
    page.fill("input[name=fund-1-amounts]", "6000; 4000; 2000")
    page.click(".decide button.chief")
    page.wait_for_selector("section.job progress")
    assert page.locator("[data-act=cancel] button").is_visible()
    assert (page.refused, page.faults) == ([], [])
