"""The pages of plans in a real browser: maps, both sides of a plan, narrow screens."""

import shutil

import pytest

from gis import accounts
from gis.store import open_store

STUDY = "/studies/dak-minh-hoa"


@pytest.fixture(scope="module")
def site(serve, stored_sample, tmp_path_factory):
    """Address of a server over a store with the sample in it."""
    folder = tmp_path_factory.mktemp("plans")
    shutil.copytree(stored_sample, folder / "store")
    store = open_store(folder / "store")
    accounts.name_person(store, "Y Lan")
    (folder / "studies").mkdir()
    return serve(folder / "studies", store=store)


def opened(page, address):
    """The page once the server has computed it."""
    for _ in range(200):
        answer = page.goto(address)
        if answer is not None and answer.status != 503:
            break
        page.wait_for_timeout(400)
    page.faults[:] = [fault for fault in page.faults if "503" not in fault]
    return page


def test_options_lie_on_the_map_and_fit_a_phone(new_page, site):
    for width, height, language in ((1366, 768, "vi"), (360, 740, "en")):
        page = opened(new_page(width=width, height=height), f"{site}{STUDY}/options?lang={language}")
        page.wait_for_selector("body[data-ready]")
        assert page.locator("#legend li").count() >= 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert (page.refused, page.faults) == ([], [])


def test_a_plan_is_asked_for_and_shown_before_and_after(new_page, site):
    page = opened(new_page(width=1366, height=768), f"{site}{STUDY}/plan?lang=vi")
    page.fill("input[name=name]", "Phương án thử")
    page.fill("input[name=fund-1-label]", "Chương trình NTM")
    page.fill("input[name=fund-1-amounts]", "6000; 4000; 2000")
    page.click("button.chief")
    page.wait_for_selector("[data-side=after]", timeout=120_000)
    page.wait_for_selector("body[data-ready]")
    after = page.locator("#legend").inner_text()
    page.click("[data-side=before]")
    assert page.locator("[data-side=before]").get_attribute("aria-pressed") == "true"
    assert page.locator("#legend").inner_text() != after or "nhờ kế hoạch" not in after
    assert (page.refused, page.faults) == ([], [])
    phone = opened(new_page(width=360, height=740), f"{page.url}?lang=en")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    plain = opened(new_page(width=1366, height=768, java_script_enabled=False), page.url)
    assert plain.locator("table").count() >= 3
