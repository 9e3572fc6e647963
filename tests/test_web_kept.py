"""Pages kept for a moment: nobody sees another's name, token or rights, and what is recorded shows at once."""

import re
import socket
import threading
import time

import pytest

from gis import accounts
from gis.settings import Settings
from gis.store import open_store
from gis.store.marks import Watch
from gis.web import create_app, downloads, kept, serving, shelf
from gis.web.kept import Kept
from gis.web.shelf import passing
from test_web_signing import HOST, PASSWORD, Visitor
from tests.fakes_web import build_review

PAGE = "/studies/minh-hoa"
PEOPLE = {
    "An": "viewer",
    "Bình": "editor",
    "Dung": "administrator",
    "Giang <b>": "viewer",
    # a commune of the study, so a word of its pages
    "Măng Đen": "viewer",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """An application for people who sign in, with a study that is judged."""
    home = tmp_path_factory.mktemp("kept")
    (home / "studies" / "minh-hoa").mkdir(parents=True)
    (home / "studies" / "minh-hoa" / "study.yaml").write_text("title: x\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "METHOD", "scrypt:1024:8:1")
        patch.setattr(accounts, "DECOY", accounts.DECOY.replace("32768", "1024"))
        records = open_store(home / "store")
        for name, role in PEOPLE.items():
            accounts.add_user(records, name, PASSWORD, role, who="Dung")
        settings = Settings(studies=home / "studies", host="0.0.0.0", names=HOST, proxy=True)
        yield create_app(settings, store=records, open_review=lambda path, report: build_review())
        records.close()


@pytest.fixture
def shared(app):
    """The same with nothing kept."""
    app.extensions["kept"] = Kept()
    return app


def signed_in(app, name):
    visitor = Visitor(app)
    assert visitor.post("/sign-in", {"name": name, "password": PASSWORD}).status_code in (302, 303)
    end = time.monotonic() + 30
    while visitor.get(f"{PAGE}/state.json").json["state"] == "computing" and time.monotonic() < end:
        time.sleep(0.05)
    return visitor


def token_of(text):
    return re.search(r'name="csrf" content="([^"]+)"', text)[1]


@pytest.fixture
def made(monkeypatch):
    """How often each page was made."""
    counted = []
    real = Kept.put

    def put(self, key, text, **more):
        counted.append(key[0][0])
        real(self, key, text, **more)

    monkeypatch.setattr(Kept, "put", put)
    return counted


def test_page_is_made_once_and_has_each_reader_s_own_name_and_token(shared, made):
    readers = [signed_in(shared, name) for name in ("An", "Giang <b>")]
    made.clear()
    one, two = (reader.get(PAGE).text for reader in readers)
    assert made == [PAGE]
    assert "<b>An</b>" in one and "<b>Giang &lt;b&gt;</b>" in two
    assert "Giang" not in one and "<b>An</b>" not in two
    assert token_of(one) != token_of(two)
    assert kept.TOKEN not in two and kept.PERSON not in two
    # The token that was put in is good for a change.
    answer = readers[1].post("/sign-out", token=token_of(two))
    assert answer.status_code in (302, 303)


def test_who_may_more_gets_a_page_of_their_own(shared, made):
    readers = [signed_in(shared, name) for name in ("An", "Bình", "Dung")]
    made.clear()
    for reader in readers:
        assert reader.get(PAGE).status_code == 200
    assert made == [PAGE] * 3


def test_nobody_who_has_not_signed_in_gets_a_kept_page(shared):
    assert signed_in(shared, "An").get(PAGE).status_code == 200
    assert Visitor(shared).get(PAGE).status_code == 302


def test_name_that_stands_in_the_page_too_makes_it_that_reader_s_alone(shared, made):
    namesake, other = signed_in(shared, "Măng Đen"), signed_in(shared, "An")
    made.clear()
    texts = [reader.get(PAGE).text for reader in (namesake, other, namesake, other)]
    assert made == [PAGE] * 2
    assert "<b>Măng Đen</b>" in texts[2] and "<b>An</b>" in texts[3] and "Măng Đen" in texts[3]


def test_search_cannot_say_where_the_token_of_a_reader_is_put(shared):
    """The token would stand in links and in the field of the search, and travel on from there."""
    reader = signed_in(shared, "An")
    pages = [reader.get(f"{PAGE}/villages?q=%00token%00").text for _ in range(2)]
    # the second reading of a kept page is the one in which something is put in
    assert pages[0].count(token_of(pages[0])) == pages[1].count(token_of(pages[1]))


def test_anything_recorded_makes_the_page_anew(shared, made):
    reader, records = signed_in(shared, "An"), shared.extensions["store"]
    reader.get(PAGE)
    made.clear()
    reader.get(PAGE)
    assert made == []
    with records.writing("Dung") as change:
        change.note("run-recorded", subject="x")
    reader.get(PAGE)
    assert made == [PAGE]


def test_language_address_and_data_are_told_apart(shared, made):
    reader = signed_in(shared, "An")
    made.clear()
    texts = [reader.get(f"{PAGE}?lang={each}").text for each in ("vi", "en", "vi")]
    assert texts[0] != texts[1] and 'lang="vi"' in texts[2]
    assert len(made) == 2
    assert reader.get(f"{PAGE}/villages/24001001.json").mimetype == "application/json"
    assert reader.get(f"{PAGE}?q={'x' * 400}").status_code in (200, 302)


def test_page_that_soon_says_more_is_kept_for_two_seconds_only(shared, monkeypatch):
    told = []
    monkeypatch.setattr(Kept, "put", lambda self, key, text, seconds: told.append(seconds))
    view = shared.view_functions["lists.communes"]
    reader = signed_in(shared, "An")

    def half(**given):
        passing()
        return view(**given)

    for each in (view, half):
        monkeypatch.setitem(shared.view_functions, "lists.communes", each)
        reader.get(f"{PAGE}/communes")
    assert told == [kept.KEPT_S, kept.PASSING_S]


def test_kept_texts_end_with_their_time_and_with_their_room():
    now = [0.0]
    texts = Kept(most_bytes=10, clock=lambda: now[0])
    texts.put("a", "12345")
    texts.put("b", "12345", seconds=1)
    assert (texts.get("a"), texts.get("b"), texts.get("c")) == ("12345", "12345", None)
    texts.put("c", "1")
    assert (texts.get("a"), texts.get("b"), texts.get("c")) == (None, "12345", "1")
    now[0] = 2.0
    assert (texts.get("b"), texts.get("c")) == (None, "1")
    texts.put("d", "x" * 11)
    assert (texts.get("c"), texts.get("d")) == (None, None)


def test_large_files_take_two_threads_and_no_more(shared, monkeypatch):
    reader = signed_in(shared, "An")
    monkeypatch.setattr(downloads, "PATIENCE_S", 0.01)
    assert all(shelf.LARGE.acquire(timeout=5) for _ in range(2))
    try:
        busy = reader.client.get(f"{PAGE}.csv", **reader.options)
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
        assert reader.get(PAGE).status_code == 200
    finally:
        shelf.LARGE.release(2)
    assert reader.get(f"{PAGE}.csv").status_code == 200
    assert all(shelf.LARGE.acquire(timeout=5) for _ in range(2))
    # What is there already needs no turn.
    assert reader.get(f"{PAGE}.csv").status_code == 200
    shelf.LARGE.release(2)


def test_watch_reads_the_records_only_when_something_was_recorded(tmp_path, monkeypatch):
    opened, asked = open_store(tmp_path / "store"), []
    real = type(opened).reading
    monkeypatch.setattr(type(opened), "reading", lambda self: asked.append(1) or real(self))
    watch = Watch(opened, clock=lambda: 0.0)
    assert watch.last() is None
    with opened.writing("An") as change:
        change.note("person-named", after="An")
    first = watch.last()
    assert first[0] == 1
    asked.clear()
    assert watch.last() == first and not asked
    # A note that was lost is made up for by the clock.
    late = Watch(opened, clock=iter([0.0, 0.5, 2.0]).__next__)
    asked.clear()
    assert [late.last() for _ in range(3)] == [first] * 3
    assert len(asked) == 2
    opened.close()


def test_many_slow_connections_leave_the_server_free(tmp_path):
    """200 readers who send a letter and wait, beside one who wants a page."""
    (tmp_path / "studies").mkdir()
    settings = Settings(studies=tmp_path / "studies", threads=4)
    app = create_app(settings, open_review=lambda path, report: build_review())
    from waitress import create_server
    from waitress.wasyncore import close_all

    channels = {}
    server = create_server(app, host="127.0.0.1", port=0, map=channels, **serving.waiting_room(settings))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = ("127.0.0.1", server.effective_port)
    slow = [socket.create_connection(address, timeout=10) for _ in range(200)]
    try:
        for each in slow:
            each.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: x")
        began = time.monotonic()
        with socket.create_connection(address, timeout=10) as quick:
            quick.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            assert quick.recv(100).startswith(b"HTTP/1.0 200")
        assert time.monotonic() - began < 5
    finally:
        for each in slow:
            each.close()
        server.trigger.pull_trigger(lambda: close_all(channels, ignore_all=True))
        thread.join(5)
        server.task_dispatcher.shutdown()


def test_system_that_can_only_select_gets_fewer_connections():
    many, few = (serving.waiting_room(Settings(), by_poll=each) for each in (True, False))
    assert many["connection_limit"] >= 2000 and many["asyncore_use_poll"]
    assert few["connection_limit"] < 512 and not few["asyncore_use_poll"]
    serving.let_many_in()
