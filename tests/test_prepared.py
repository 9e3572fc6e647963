"""What is kept ready to be sent: one bound for all studies, made once however many ask, on the disk too."""

import os
import threading
import time

import pytest

from gis.settings import Settings
from gis.web import create_app
from gis.web import levels as making
from gis.web.payload import pack
from gis.web.prepared import ENTRY_BYTES, Prepared
from gis.web.shelf import Standing
from tests.crowds import build_crowd


def told(size):
    return pack(os.urandom(size), "image/png")


def test_the_least_used_goes_first_and_the_bound_holds():
    kept = Prepared(most_bytes=10 * (1000 + ENTRY_BYTES))
    for number in range(10):
        kept.put(number, told(1000))
    assert kept.get(0) is not None
    kept.put(10, told(1000))
    assert kept.get(1) is None and kept.get(0) is not None and len(kept) == 10
    kept.put(0, told(3000))
    assert len(kept) == 9 and 2 not in kept


def test_one_too_large_for_all_is_still_handed_out_and_small_ones_are_counted_too():
    kept = Prepared(most_bytes=5000)
    kept.put("large", told(9000))
    assert kept.get("large") is not None
    for number in range(100):
        kept.put(number, pack("{}", "application/json"))
    assert len(kept) <= 5000 // ENTRY_BYTES


def test_studies_and_parts_of_them_share_one_bound(tmp_path, monkeypatch):
    monkeypatch.setattr("gis.web.shelf.narrow", lambda review, _: review)
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("title: x\n")
    review = build_crowd(100)
    app = create_app(Settings(studies=tmp_path), open_review=lambda *_: review)
    one, other = (app.extensions["shelf"].look(name, wait_s=30) for name in ("a", "b"))
    part = one.within(("30001",))
    parts = one, other, part
    assert len({id(each._prepared) for each in parts}) == 1
    found = [
        each.prepared(("same",), lambda at=at: pack(str(at), "text/plain")).body
        for at, each in enumerate(parts)
    ]
    assert found == [b"0", b"1", b"2"]


@pytest.mark.parametrize("how", ["prepared", "beside"])
def test_what_many_ask_for_at_once_is_made_once(how):
    standing, made = Standing("x", None), []

    def make():
        made.append(1)
        time.sleep(0.2)
        return pack("x", "text/plain")

    ask = {
        "prepared": lambda: standing.prepared(("it",), make),
        "beside": lambda: standing.beside("it", 1, make),
    }[how]
    askers = [threading.Thread(target=ask) for _ in range(6)]
    for each in askers:
        each.start()
    for each in askers:
        each.join(10)
    assert made == [1] and standing._making == {}


def test_outlines_that_are_used_stay_on_the_disk_and_the_others_go(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "MOST_KEPT", 2)
    reviews = [build_crowd(100, seed=seed) for seed in range(3)]
    for age, review in enumerate(reviews[:2]):
        making.kept_levels(review, tmp_path)
        path = tmp_path / f"{making.PREFIX}{making.content_of(review)}.zip"
        os.utime(path, (1000 + age, 1000 + age))
    for review in (reviews[0], reviews[2]):
        making.kept_levels(review, tmp_path)
    names = {f"{making.PREFIX}{making.content_of(reviews[at])}.zip" for at in (0, 2)}
    assert {path.name for path in tmp_path.iterdir()} == names
