"""Who may ask for what: names at this computer, sign-in elsewhere, and changes from our own pages only."""

import re
import socket
import time
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

import server
from gis import accounts, jobs
from gis.errors import Problem
from gis.jobs import queueing, worker
from gis.settings import Settings
from gis.store import audit, open_store, studies
from gis.store import sessions as sessions_kept
from gis.store.schema import metadata, notes
from gis.web import create_app, serving
from gis.web.sessions import IDLE_S, LASTS_S, OPEN, own_path
from tests.fakes_web import build_review

HOST = "langmap.example"
PASSWORD, OTHER = "cà phê Đăk Hà 7", "sông Đăk Bla 1973"
PEOPLE = {"An": "viewer", "Bình": "editor", "Chi": "verifier", "Dung": "administrator"}

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "studies" / "minh-hoa").mkdir(parents=True)
    (tmp_path / "studies" / "minh-hoa" / "study.yaml").write_text("title: x\n", encoding="utf-8")
    return tmp_path / "studies"


@pytest.fixture
def local(store, folder):
    """An application for the one person at this computer."""
    return create_app(Settings(studies=folder), store=store, open_review=lambda path, report: build_review())


@pytest.fixture
def shared(store, folder):
    """An application behind a proxy with TLS, with an account of every role."""
    for name, role in PEOPLE.items():
        accounts.add_user(store, name, PASSWORD, role, who="Dung")
    settings = Settings(studies=folder, host="0.0.0.0", names=HOST, proxy=True)
    return create_app(settings, store=store, open_review=lambda path, report: build_review())


class Visitor:
    """A browser that may sign in, keeps its cookies and sends the token of the form it last saw."""

    def __init__(self, app, *, address="10.0.0.7"):
        self.client = app.test_client()
        base = f"https://{HOST}" if app.config["ACCOUNTS"] else "http://localhost"
        self.options = {"base_url": base, "environ_base": {"REMOTE_ADDR": address}}

    def get(self, path, **options):
        return self.patiently(lambda: self.client.get(path, **self.options, **options))

    def post(self, path, form=None, *, seen="/sign-in", token=None, **options):
        token = self.token(seen) if token is None else token
        data = {**(form or {}), "csrf_token": token}
        return self.patiently(lambda: self.client.post(path, data=data, **self.options, **options))

    def patiently(self, ask):
        """What is answered once a study that is being judged anew has been; such an answer asks to come again."""
        end = time.monotonic() + 60
        while (answer := ask()).status_code == 503 and time.monotonic() < end:
            time.sleep(0.2)
        return answer

    def token(self, path):
        page = self.get(path).get_data(as_text=True)
        found = re.search(r'name="csrf(?:_token)?" (?:value|content)="([^"]+)"', page)
        return found and found[1]

    def sign_in(self, name, password=PASSWORD, **form):
        return self.post("/sign-in", {"name": name, "password": password, **form})


def visitor(app, name=None):
    made = Visitor(app)
    if name:
        answer = made.sign_in(name)
        assert answer.status_code == 302, answer.get_data(as_text=True)
    return made


def everything(store):
    """All rows of the records, but for the notes the program makes of itself."""
    with store.reading() as connection:
        return {
            name: connection.execute(sa.select(table)).all()
            for name, table in metadata.tables.items()
            if table is not notes
        }


def routes(app, *methods):
    """Every address with one of these methods, its variables filled in."""
    known = {"study_id": "minh-hoa", "number": "1", "village_id": "24001001", "name": "style.css"}
    for rule in app.url_map.iter_rules():
        one_of_several = re.sub(r"<any\(\W*(\w+)[^>]*>", r"\1", rule.rule)
        one_of_several = re.sub(r"<int:\w+>", "1", one_of_several)
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known.get(found[1], "x"), one_of_several)
        for method in sorted(set(methods) & rule.methods):
            yield method, path, rule.endpoint


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


CHANGES = ("POST", "PUT", "PATCH", "DELETE")


def test_every_page_needs_a_sign_in_where_there_are_accounts(shared):
    stranger = visitor(shared)
    seen = 0
    for _, path, endpoint in routes(shared, "GET"):
        answer = stranger.get(path)
        if endpoint in OPEN:
            # of a code that is none the page says so
            assert answer.status_code == (410 if endpoint == "inviting.join" else 200), path
            continue
        seen += 1
        assert answer.status_code in (302, 401), path
        assert answer.status_code == 401 or answer.headers["Location"].startswith("/sign-in?next=")
        assert "Đăk Tô" not in answer.get_data(as_text=True)
    assert seen > 20


def test_to_ask_for_the_head_of_an_answer_alone_changes_nothing(shared, store):
    """A page of a stranger may ask so in the name of a reader, without any token: no try to sign in may be counted."""
    stranger, before = visitor(shared), everything(store)
    for method in ("HEAD", "OPTIONS"):
        for _, path, endpoint in routes(shared, "GET"):
            answer = stranger.client.open(path, method=method, **stranger.options)
            assert answer.status_code < 500 and not (method == "HEAD" and answer.data), (path, endpoint)
    assert stranger.client.head("/sign-in", **stranger.options).status_code == 200
    assert everything(store) == before


def test_every_change_without_a_token_is_refused_and_changes_nothing(shared, local, store):
    jobs.enqueue(store, "import", {}, who="Dung")
    accounts.name_person(store, "Y Lan")
    seen = set()
    for app, name in ((shared, "Dung"), (local, None)):
        person = visitor(app, name)
        person.token("/")
        before = everything(store)
        for method, path, endpoint in routes(app, *CHANGES):
            form = {"name": "An", "active": "no", "new": OTHER, "again": OTHER, "password": PASSWORD}
            for token in ({}, {"csrf_token": "wrong"}):
                options = {**person.options, "data": {**form, **token}, "method": method}
                assert person.client.open(path, **options).status_code in (400, 403), (method, path)
            seen.add(endpoint)
        assert everything(store) == before
    assert {"jobs.cancel", "jobs.retry", "signing.sign_out", "signing.add", "signing.name"} <= seen


def test_no_change_is_made_for_a_stranger(shared, store):
    jobs.enqueue(store, "import", {}, who="Dung")
    stranger = visitor(shared)
    token = stranger.token("/sign-in")
    before = everything(store)
    for method, path, endpoint in routes(shared, *CHANGES):
        if endpoint not in OPEN:
            data = {"name": "An", "active": "no", "new": OTHER, "again": OTHER, "csrf_token": token}
            answer = stranger.client.open(path, method=method, data=data, **stranger.options)
            assert answer.status_code == 401, path
    assert everything(store) == before


@pytest.mark.parametrize("name", ["An", "Bình", "Chi"])
def test_accounts_are_for_administrators_only(shared, store, name):
    person = visitor(shared, name)
    before = everything(store)["users"]
    assert person.get("/users").status_code == 403
    for path in ("/users/add", "/users/active", "/users/password"):
        form = {"name": "An", "role": "administrator", "active": "no", "new": OTHER, "again": OTHER}
        assert person.post(path, form, seen="/account").status_code == 403
    assert everything(store)["users"] == before


def test_a_viewer_stops_and_repeats_no_work(shared, store):
    with store.writing("Dung") as change:
        studies.add_study(change, "dak-to", {"title": "Đăk Tô"})
    number = jobs.enqueue(store, "import", {}, who="Dung", study_id="dak-to")
    viewer, editor = visitor(shared, "An"), visitor(shared, "Bình")
    assert viewer.get(f"/jobs/{number}.json").json["stoppable"] is False
    assert viewer.post(f"/jobs/{number}/cancel", seen="/account").status_code == 403
    assert jobs.get(store, number)["state"] == "queued"
    assert editor.get(f"/jobs/{number}.json").json["stoppable"] is True
    assert editor.post(f"/jobs/{number}/cancel", seen="/account").status_code == 302
    assert jobs.get(store, number)["state"] == "cancelled"
    assert viewer.post(f"/jobs/{number}/retry", seen="/account").status_code == 403
    assert editor.post(f"/jobs/{number}/retry", seen="/account").status_code == 302
    assert jobs.get(store, number)["state"] == "queued"


def test_a_job_of_a_study_that_is_not_there_is_its_owners_alone(shared, store):
    number = jobs.enqueue(store, "import", {}, who="Bình", study_id="bi-mat")
    other, owner, chief = (visitor(shared, name) for name in ("Chi", "Bình", "Dung"))
    for path in (f"/jobs/{number}", f"/jobs/{number}.json"):
        assert other.get(path).status_code == 404
        assert owner.get(path).status_code == chief.get(path).status_code == 200
    assert "bi-mat" not in other.get("/jobs").get_data(as_text=True)
    assert other.post(f"/jobs/{number}/cancel", seen="/account").status_code == 404
    with store.reading() as connection:
        told = audit.history(connection, action="refused")
    assert {(line["who"], line["subject"]) for line in told} == {("Chi", f"job {number}")}
    assert other.get("/jobs/99.json").status_code == 404


def test_a_job_is_told_in_the_readers_language(local, store):
    accounts.name_person(store, "Y Lan")
    number = jobs.enqueue(store, "import", {}, who="Y Lan")
    person = visitor(local)
    taken = queueing.take(store, "w")
    with store.writing("w") as change:
        queueing.queue.move(
            change,
            taken,
            fraction=0.256,
            saying={"code": "jobs-none", "arguments": {"job": "7"}, "severity": "note"},
        )
    told = person.get(f"/jobs/{number}.json?lang=vi").json
    assert (told["state"], told["fraction"], told["percent"]) == ("running", 0.256, "26 %")
    assert told["message"] == "Không có việc số 7." and not told["over"] and told["stoppable"]
    worker.finish(
        store, taken, state="failed", problems=[Problem("jobs-too-long", {"seconds": 900.0}, "error")]
    )
    told = person.get(f"/jobs/{number}.json?lang=en").json
    assert told["problems"][0]["message"].startswith("This work took more than 900 seconds")
    assert told["over"] and told["repeatable"] and not told["stoppable"]
    page = person.get(f"/jobs/{number}?lang=vi").get_data(as_text=True)
    assert "quá 900 giây" in page and "Chạy lại" in page
    answer = person.post(f"/jobs/{number}/retry", seen="/", headers={"Accept": "application/json"})
    assert answer.json["state"] == "queued"
    assert person.post(f"/jobs/{number}/retry", seen="/").status_code == 422


def test_a_wrong_sign_in_says_the_same_for_every_reason(shared, store):
    accounts.change_user(store, "Chi", who="Dung", active=False)
    stranger, texts = visitor(shared), set()
    for name, password in (("An", "sai rồi"), ("Không Ai", PASSWORD), ("Chi", PASSWORD)):
        answer = stranger.sign_in(name, password)
        assert answer.status_code == 401
        texts.add(re.search(r'<li class="error">([^<]+)<', answer.get_data(as_text=True))[1])
    assert texts == {"Tên hoặc mật khẩu không đúng."}
    assert stranger.get("/").status_code == 302


def test_too_many_tries_are_told_to_wait(shared):
    stranger = visitor(shared)
    assert [stranger.sign_in("An", "sai rồi").status_code for _ in range(11)] == [401] * 10 + [429]
    assert "15 phút" in stranger.sign_in("An").get_data(as_text=True)
    assert Visitor(shared, address="10.0.0.9").sign_in("An").status_code == 302


def test_behind_a_proxy_the_address_is_the_readers(shared):
    stranger = visitor(shared)
    token = stranger.token("/sign-in")
    form = {"name": "An", "password": "sai rồi"}
    for _ in range(10):
        stranger.post("/sign-in", form, token=token, headers={"X-Forwarded-For": "203.0.113.5"})
    limited = stranger.post("/sign-in", form, token=token, headers={"X-Forwarded-For": "203.0.113.5"})
    other = stranger.post("/sign-in", form, token=token, headers={"X-Forwarded-For": "203.0.113.6"})
    assert (limited.status_code, other.status_code) == (429, 401)


def test_the_cookie_is_for_tls_and_not_for_scripts_or_other_sites(shared):
    answer = visitor(shared).sign_in("An")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-langmap=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Expires="):
        assert word in cookie
    assert "Domain=" not in cookie
    assert visitor(shared, "An").get("/").headers["Cache-Control"] == "no-store"


def test_at_this_computer_the_cookie_goes_without_tls(local):
    cookie = visitor(local).get("/").headers["Set-Cookie"]
    assert cookie.startswith("langmap-8000=") and "Secure" not in cookie
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def cookie_of(person):
    return person.client.get_cookie("__Host-langmap", domain=HOST).value


def with_cookie(app, value):
    made = Visitor(app)
    made.client.set_cookie("__Host-langmap", value, domain=HOST)
    return made


def test_a_session_begins_anew_at_sign_in(shared):
    person = visitor(shared)
    token = person.token("/sign-in")
    before = cookie_of(person)
    person.sign_in("An")
    assert cookie_of(person) != before
    # neither the cookie nor the token of the time before is worth anything now
    assert with_cookie(shared, before).get("/").status_code == 302
    assert person.post("/sign-out", token=token).status_code == 400
    assert person.get("/").status_code == 200


def test_signing_out_ends_copies_of_the_cookie_too(shared):
    person, elsewhere = visitor(shared, "An"), visitor(shared, "An")
    copy = cookie_of(person)
    assert with_cookie(shared, copy).get("/").status_code == 200
    assert person.post("/sign-out", seen="/account").status_code == 302
    for one in (person, with_cookie(shared, copy)):
        assert one.get("/").status_code == 302
    # another machine stays signed in until it is signed out everywhere
    assert elsewhere.get("/").status_code == 200
    third = visitor(shared, "An")
    assert third.post("/sign-out", {"everywhere": "yes"}, seen="/account").status_code == 302
    assert elsewhere.get("/").status_code == 302


def test_the_sessions_of_an_account_are_listed_and_ended_one_by_one(shared, store):
    person, elsewhere = visitor(shared, "An"), Visitor(shared, address="10.0.0.99")
    elsewhere.sign_in("An")
    page = person.get("/account").get_data(as_text=True)
    assert "10.0.0.7" in page and "10.0.0.99" in page and page.count('name="session"') == 1
    key = re.search(r'name="session" value="(\w+)"', page)[1]
    other = visitor(shared, "Bình")
    assert other.post("/account/sessions", {"session": key}, seen="/account").status_code == 302
    assert elsewhere.get("/").status_code == 200
    assert person.post("/account/sessions", {"session": key}, seen="/account").status_code == 302
    assert (elsewhere.get("/").status_code, person.get("/").status_code) == (302, 200)
    chief = visitor(shared, "Dung")
    assert chief.post("/users/sessions", {"name": "An"}, seen="/users").status_code == 302
    assert person.get("/").status_code == 302
    # nothing in the records makes a cookie
    with store.reading() as connection:
        assert cookie_of(chief) not in str(sessions_kept.listed(connection))


def test_a_new_password_ends_other_sessions_and_keeps_this_one(shared):
    person, elsewhere = visitor(shared, "An"), visitor(shared, "An")
    form = {"password": PASSWORD, "new": OTHER, "again": OTHER}
    assert person.post("/account/password", {**form, "password": "sai"}, seen="/account").status_code == 422
    assert person.post("/account/password", {**form, "again": "khác"}, seen="/account").status_code == 422
    assert (
        person.post(
            "/account/password", {**form, "new": "ngắn", "again": "ngắn"}, seen="/account"
        ).status_code
        == 422
    )
    assert elsewhere.get("/").status_code == 200
    assert person.post("/account/password", form, seen="/account").status_code == 303
    assert (person.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)
    assert visitor(shared).sign_in("An", PASSWORD).status_code == 401
    assert visitor(shared).sign_in("An", OTHER).status_code == 302


@pytest.mark.parametrize("values", [{"active": False}, {"role": "editor"}])
def test_a_closed_or_changed_account_is_out_at_once(shared, store, values):
    person = visitor(shared, "An")
    accounts.change_user(store, "An", who="Dung", **values)
    assert person.get("/").status_code == 302
    assert person.get("/studies/minh-hoa/state.json").status_code == 401


def test_a_session_lasts_twelve_hours_however_busy(shared, monkeypatch):
    person, begun = visitor(shared, "An"), time.time()
    for hours, status in (
        (1.9, 200),
        (3.8, 200),
        (5.7, 200),
        (7.6, 200),
        (9.5, 200),
        (11.4, 200),
        (12.1, 302),
    ):
        monkeypatch.setattr("gis.web.sessions.time", SimpleNamespace(time=lambda h=hours: begun + h * 3600))
        assert person.get("/").status_code == status
    assert (LASTS_S, IDLE_S) == (12 * 3600, 2 * 3600)
    monkeypatch.setattr("gis.web.sessions.time", SimpleNamespace(time=lambda: begun - 3600))
    assert person.get("/").status_code == 302


def test_a_session_that_nobody_uses_for_two_hours_is_over(shared, monkeypatch):
    person, begun = visitor(shared, "An"), time.time()
    monkeypatch.setattr("gis.web.sessions.time", SimpleNamespace(time=lambda: begun + 2.1 * 3600))
    assert person.get("/").status_code == 302
    # also where the clock is set back afterwards the session was used by nobody meanwhile
    monkeypatch.setattr("gis.web.sessions.time", SimpleNamespace(time=lambda: begun + 1.9 * 3600))
    assert person.get("/").status_code == 200


def test_a_cookie_signed_by_another_key_is_nobodys(shared, store, folder, tmp_path):
    other = open_store(tmp_path / "other")
    accounts.add_user(other, "An", PASSWORD, "administrator", who="x")
    forged = create_app(Settings(studies=folder, host="0.0.0.0", names=HOST, proxy=True), store=other)
    cookie = cookie_of(visitor(forged, "An"))
    assert with_cookie(shared, cookie).get("/").status_code == 302
    other.close()


@pytest.mark.parametrize(
    "text",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "javascript:alert(1)", "evil",
     "/%0d%0aX: y\r\n", "/\t/evil.example", "///evil.example", "", None, "http:/x", "//[::1"],
)  # fmt: skip
def test_after_sign_in_only_our_own_pages_are_opened(shared, text):
    assert own_path(text) == "/"
    answer = visitor(shared).sign_in("An", next=text or "")
    assert answer.headers["Location"] == "/"


def test_after_sign_in_the_page_opens_that_was_asked_for(shared):
    stranger = visitor(shared)
    wanted = stranger.get("/studies/minh-hoa/villages?q=dak&part=all").headers["Location"]
    assert wanted.startswith("/sign-in?next=")
    page = stranger.get(wanted).get_data(as_text=True)
    field = re.search(r'name="next" value="([^"]+)"', page)[1].replace("&amp;", "&")
    assert (
        stranger.sign_in("An", next=field).headers["Location"] == "/studies/minh-hoa/villages?q=dak&part=all"
    )


@pytest.mark.parametrize(
    ("host", "status"),
    [(HOST, 302), (HOST.upper(), 302), ("evil.example", 421), ("0.0.0.0", 421), ("127.0.0.1", 302)],
)
def test_only_the_names_of_the_server_are_answered(shared, host, status):
    assert shared.test_client().get("/", base_url=f"https://{host}").status_code == status


def test_administrators_add_close_and_open_accounts(shared, store):
    chief = visitor(shared, "Dung")
    form = {"name": "Y Hương", "role": "editor", "communes": "24001, 24002", "new": OTHER, "again": OTHER}
    assert chief.post("/users/add", form, seen="/users").status_code == 302
    assert accounts.get_account(store, "Y Hương").communes == ("24001", "24002")
    answer = chief.post("/users/add", form, seen="/users")
    assert answer.status_code == 422 and "Đã có tài khoản" in answer.get_data(as_text=True)
    person = visitor(shared)
    assert person.sign_in("Y Hương", OTHER).status_code == 302
    # the password was chosen by another: nothing is shown before it is changed
    assert person.get("/").headers["Location"] == "/account"
    assert person.get("/studies/minh-hoa/map.json").status_code == 403
    mine = "đường về bản mùa mưa"
    again = {"password": OTHER, "new": mine, "again": mine}
    assert (
        person.post("/account/password", again | {"new": OTHER, "again": OTHER}, seen="/account").status_code
        == 422
    )
    assert person.post("/account/password", again, seen="/account").status_code == 303
    assert person.get("/").status_code == 200
    assert chief.post("/users/active", {"name": "Y Hương", "active": "no"}, seen="/users").status_code == 302
    assert person.get("/").status_code == 302
    assert chief.post("/users/active", {"name": "Y Hương", "active": "yes"}, seen="/users").status_code == 302
    fresh = {"name": "Y Hương", "new": PASSWORD, "again": PASSWORD}
    assert chief.post("/users/password", fresh, seen="/users").status_code == 302
    assert person.sign_in("Y Hương", PASSWORD).status_code == 302
    last = chief.post("/users/active", {"name": "Dung", "active": "no"}, seen="/users")
    assert last.status_code == 422 and "duy nhất" in last.get_data(as_text=True)
    with store.reading() as connection:
        assert {line["who"] for line in audit.history(connection, action="user-changed")} == {"Dung"}


def test_names_with_markup_stand_literally(shared, store):
    name = "<b>An</b> {{7*7}}"
    accounts.add_user(store, name, PASSWORD, "administrator", who="Dung")
    page = visitor(shared, name).get("/users").get_data(as_text=True)
    assert "&lt;b&gt;An&lt;/b&gt; {{7*7}}" in page and "<b>An</b>" not in page


def test_the_person_at_this_computer_says_a_name_once(local, store):
    person = visitor(local)
    assert "Cho biết tên" in person.get("/?lang=vi").get_data(as_text=True)
    assert person.post("/name", {"name": "  "}, seen="/name").status_code == 422
    answer = person.post("/name", {"name": "Y Lan", "next": "/studies/minh-hoa"}, seen="/name")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/studies/minh-hoa")
    assert "<b>Y Lan</b>" in person.get("/").get_data(as_text=True)
    assert accounts.person(store) == "Y Lan"


def test_without_a_name_nothing_is_changed(local, store):
    number = jobs.enqueue(store, "import", {}, who="ai đó")
    person = visitor(local)
    answer = person.post(f"/jobs/{number}/cancel", seen="/")
    assert answer.status_code == 403 and "Cho biết tên" in answer.get_data(as_text=True)
    assert jobs.get(store, number)["state"] == "queued"


def test_pages_of_accounts_are_not_there_at_this_computer_nor_the_name_elsewhere(local, shared):
    for path in ("/sign-in", "/account", "/users"):
        assert visitor(local).get(path).status_code == 404
    assert visitor(shared, "Dung").get("/name").status_code == 404


def test_without_a_store_studies_are_shown_and_nothing_can_be_changed(folder):
    app = create_app(Settings(studies=folder), open_review=lambda path, report: build_review())
    person = visitor(app)
    page = person.get("/")
    assert page.status_code == 200 and "Set-Cookie" not in page.headers
    for path in ("/name", "/jobs", "/jobs/1.json"):
        assert person.get(path).status_code == 404
    assert person.client.post("/name", data={"name": "x"}).status_code == 400


def test_accounts_without_a_store_are_no_application(folder):
    with pytest.raises(ValueError):
        create_app(Settings(studies=folder, host="0.0.0.0"))


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", ["/sign-in", "/account", "/users", "/jobs", "/jobs/1"])
def test_pages_speak_the_readers_language_and_show_no_codes(shared, store, path, language):
    jobs.enqueue(store, "import", {}, who="Dung")
    person = visitor(shared, None if path == "/sign-in" else "Dung")
    answer = person.get(f"{path}?lang={language}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and f'<html lang="{language}">' in page
    shown = re.sub(r"<[^>]+>", " ", page)
    assert not re.findall(r"\b(?:web|js|jobs|signing|role|accounts)-[a-z]+", shown)
    assert not re.findall(r"\sstyle=|\son[a-z]+=", page)


def test_the_server_opens_to_others_only_with_an_administrator_tls_and_names(
    tmp_path, store, capsys, monkeypatch
):
    monkeypatch.setattr(serving, "create_server", lambda *_, **__: pytest.fail("it listens"))
    environ = {"GIS_STORE": str(store.folder), "GIS_HOST": "0.0.0.0", "GIS_LANGUAGE": "en"}
    assert server.main(environ) == 2
    said = capsys.readouterr().err
    assert "gis user add NAME --role administrator" in said and "GIS_PROXY" in said and "GIS_NAMES" in said
    accounts.add_user(store, "Dung", PASSWORD, "administrator", who="Dung")
    assert server.main({**environ, "GIS_NAMES": HOST}) == 2
    said = capsys.readouterr().err
    assert "administrator" not in said and "GIS_PROXY" in said and "GIS_NAMES" not in said


@pytest.mark.parametrize("more", [{"GIS_PROXY": "yes"}, {"GIS_WITHOUT_TLS": "yes"}])
def test_the_server_opens_to_others_with_all_of_these(tmp_path, store, capsys, monkeypatch, more):
    made = []

    def listening(app, *, sockets, **options):
        made.append((app.config["ACCOUNTS"], app.config["SESSION_COOKIE_SECURE"]))
        return SimpleNamespace(run=lambda: None, close=sockets[0].close)

    monkeypatch.setattr(serving, "create_server", listening)
    accounts.add_user(store, "Dung", PASSWORD, "administrator", who="Dung")
    environ = {"GIS_STORE": str(store.folder), "GIS_STUDIES": str(tmp_path), "GIS_HOST": "0.0.0.0", **more}
    assert server.main({**environ, "GIS_NAMES": HOST, "GIS_PORT": free_port(), "GIS_WORKERS": "0"}) == 0
    assert made == [(True, "GIS_PROXY" in more)]


def test_a_store_that_does_not_open_leaves_the_studies_to_look_at(tmp_path, capsys, monkeypatch):
    (tmp_path / "store").write_text("a file where the folder should be", encoding="utf-8")
    monkeypatch.setattr(
        serving,
        "create_server",
        lambda app, *, sockets, **_: SimpleNamespace(run=lambda: None, close=sockets[0].close),
    )
    environ = {"GIS_STORE": str(tmp_path / "store"), "GIS_STUDIES": str(tmp_path), "GIS_PORT": free_port()}
    assert server.main(environ) == 0
    assert "chỉ xem được" in capsys.readouterr().err
    assert server.main({**environ, "GIS_HOST": "0.0.0.0"}) == 2


def test_times_are_told_by_the_clock_of_this_computer(local, monkeypatch):
    from gis.web.texts import moment

    monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
    time.tzset()
    try:
        with local.test_request_context("/?lang=vi"):
            assert moment("2026-11-25T22:29:34+00:00") == "26/11/2026 05:29"
        with local.test_request_context("/?lang=en"):
            assert moment("2026-11-25T22:29:34+00:00") == "2026-11-26 05:29"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.fixture
def served(serve, folder, store):
    """Address of a server for the one person at this computer."""
    accounts.name_person(store, "Nguyễn Thị Thu Hương")
    return serve(folder, store=store, open_review=lambda path, report: build_review())


def test_every_page_shows_who_works_and_fits(new_page, served):
    width = 360
    page = new_page(width=width)
    for path in ("/", "/studies/minh-hoa", "/name", "/jobs"):
        page.goto(f"{served}{path}?lang=vi")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shown = page.locator("header .person")
        assert shown.is_visible() and "Nguyễn Thị Thu Hương" in shown.inner_text()
    shown.click()
    page.wait_for_url(re.compile(r"/name\?next="))
    assert page.input_value("input[name=name]") == "Nguyễn Thị Thu Hương"
    assert (page.refused, page.faults) == ([], [])


def test_the_page_of_a_job_follows_it_and_stops_it(new_page, served, store):
    number = jobs.enqueue(store, "import", {}, who="Y Lan")
    page = new_page()
    page.goto(f"{served}/jobs/{number}?lang=vi")
    message, stop, again = (
        page.locator(f".job {part}") for part in ("[data-message]", "[data-act=cancel]", "[data-act=retry]")
    )
    assert (message.inner_text(), stop.is_visible(), again.is_visible()) == ("Đang chờ đến lượt", True, False)
    job = queueing.take(store, "w")
    with store.writing("w") as change:
        saying = {"code": "jobs-none", "arguments": {"job": "<b>7</b>"}, "severity": "note"}
        queueing.queue.move(change, job, fraction=0.5, saying=saying)
    page.locator(".job", has_text="Không có việc số <b>7</b>.").wait_for()
    assert page.locator(".job progress").evaluate("bar => bar.value") == 0.5
    stop.locator("button").click()
    stop.wait_for(state="hidden")
    assert jobs.get(store, number)["cancel"]
    worker.finish(store, jobs.get(store, number), state="cancelled")
    again.locator("button").click()
    stop.wait_for()
    assert jobs.get(store, number)["state"] == "queued"
    assert page.locator(".job progress").is_visible()
    assert (page.refused, page.faults) == ([], [])


def test_a_job_can_be_stopped_without_javascript(browser, served, store):
    number = jobs.enqueue(store, "import", {}, who="Y Lan")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/jobs/{number}?lang=vi")
    page.locator("[data-act=cancel] button").click()
    assert "Đã dừng theo yêu cầu." in page.inner_text(".job")
    assert jobs.get(store, number)["state"] == "cancelled"
    context.close()
