"""How soon the first pages are painted, and that nothing travels bare; what pages may fetch: `tests.test_every_page`."""

import gzip
import os
import re
import urllib.request

import pytest

STUDY = "/studies/dak-minh-hoa"
PAGES = ("", "/map")
FIRST_PAINT_MS = 1500
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ready(live_server):
    """The server, once the district is judged and its pages were looked at once."""
    import time

    end = time.monotonic() + 240
    while b'"ready"' not in _get(f"{live_server}{STUDY}/state.json"):
        assert time.monotonic() < end
        time.sleep(0.5)
    for path in PAGES:
        _get(f"{live_server}{STUDY}{path}")
    return live_server


def _get(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read()


@pytest.mark.long
def test_first_screens_are_painted_in_time(ready, new_page):
    if os.getloadavg()[0] > 2 * (os.cpu_count() or 1):
        pytest.skip("this machine has too much else to do for a time to mean anything")
    for path in PAGES:
        page = new_page(width=1366, height=768)
        page.goto(f"{ready}{STUDY}{path}", wait_until="load")
        assert 0 <= page.evaluate(PAINT) < FIRST_PAINT_MS, path


def test_everything_that_travels_is_compressed_or_small(ready, new_page):
    page, large = new_page(), []
    page.on("response", lambda answer: large.append(answer) if answer.status == 200 else None)
    page.goto(f"{ready}{STUDY}/map", wait_until="networkidle")
    bare = [
        answer.url
        for answer in large
        if "content-encoding" not in answer.headers
        and int(answer.headers.get("content-length", 0)) > 1400
        and not re.search(r"\.png$", answer.url)
    ]
    assert not bare
    plain = urllib.request.Request(f"{ready}{STUDY}/map", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(plain) as answer:
        assert b"<h1" in gzip.decompress(answer.read())
