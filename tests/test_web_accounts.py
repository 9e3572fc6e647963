"""Accounts on the pages: invitations, areas, limits, and the diary of the installation."""

import io
import logging
import re
import sqlite3
import time

import pytest
from openpyxl import load_workbook

from gis import accounts, invitations
from gis.settings import Settings
from gis.store import RECORDS, audit, open_store
from gis.web import create_app, limits
from test_web_signing import (
    CHANGES,
    HOST,
    OPEN,
    OTHER,
    PASSWORD,
    Visitor,
    everything,
    routes,
    visitor,
)
from tests.fakes_web import build_review

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    for name, role in {"An": "viewer", "Bình": "editor", "Dung": "administrator"}.items():
        accounts.add_user(opened, name, PASSWORD, role, who="Dung")
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "studies" / "minh-hoa").mkdir(parents=True)
    (tmp_path / "studies" / "minh-hoa" / "study.yaml").write_text("title: x\n", encoding="utf-8")
    return tmp_path / "studies"


@pytest.fixture
def app(store, folder):
    settings = Settings(studies=folder, host="0.0.0.0", names=HOST, proxy=True)
    return create_app(settings, store=store, open_review=lambda path, report: build_review())


def told(store, action):
    with store.reading() as connection:
        return audit.history(connection, action=action)


def text_of(answer):
    return answer.get_data(as_text=True)


def test_an_invited_person_sets_a_password_and_is_in(app, store):
    chief, guest = visitor(app, "Dung"), visitor(app)
    form = {"name": "Y Blei", "role": "editor", "communes": "24001", "only_own": "yes", "studies": "minh-hoa"}
    slip = text_of(chief.post("/users/invite", form, seen="/users"))
    code = re.search(r'class="code">([A-Z0-9-]+)<', slip)[1]
    assert f"https://{HOST}/join/{code}" in slip
    assert code not in text_of(chief.get("/users")) and code not in str(told(store, "invited"))
    opened = guest.post("/join", {"code": code.lower().replace("-", " ")}, seen="/join")
    page = opened.headers["Location"]
    assert "Y Blei" in text_of(guest.get(page)) and "24001" in text_of(guest.get(page))
    weak = {"new": "y blei 2026", "again": "y blei 2026"}
    assert guest.post(page, weak, seen=page).status_code == 422
    assert guest.post(page, {"new": OTHER, "again": OTHER + "!"}, seen=page).status_code == 422
    assert guest.post(page, {"new": OTHER, "again": OTHER}, seen=page).status_code == 303
    assert guest.get("/").status_code == 200 and guest.get("/studies/minh-hoa/plan").status_code == 403
    late = visitor(app)
    assert late.get(page).status_code == 410 and "đã được dùng" in text_of(late.get(page))
    assert visitor(app).sign_in("Y Blei", OTHER).status_code == 302


def test_a_code_that_was_withdrawn_or_is_none_opens_nothing(app, store):
    chief, guest = visitor(app, "Dung"), visitor(app)
    slip = text_of(chief.post("/users/reset", {"name": "An"}, seen="/users"))
    code = re.search(r'class="code">([A-Z0-9-]+)<', slip)[1]
    (row,) = invitations.listed(store)
    assert chief.post(f"/users/invitations/{row['id']}/withdraw", seen="/users").status_code == 302
    form = {"new": OTHER, "again": OTHER}
    for wrong in (code, "AAAA-BBBB", "{{7*7}}", "%3Cscript%3E"):
        answer = guest.post(f"/join/{wrong}", form, seen="/join")
        assert answer.status_code == 410 and "/49" not in text_of(answer) and "<script>" not in text_of(answer)
    assert visitor(app).sign_in("An").status_code == 302
    assert chief.post("/users/reset", {"name": "Không Ai"}, seen="/users").status_code == 422


def test_role_and_area_are_changed_on_the_page_and_end_what_was_open(app, store):
    chief, person = visitor(app, "Dung"), visitor(app, "An")
    form = {"name": "An", "role": "verifier", "communes": "24002; 24003", "only_own": "yes"}
    assert chief.post("/users/change", form, seen="/users").status_code == 302
    changed = accounts.get_account(store, "An")
    assert (changed.role, changed.communes, changed.only_own) == ("verifier", ("24002", "24003"), True)
    assert person.get("/").status_code == 302
    (line,) = told(store, "user-changed")
    assert line["before"]["role"] == "viewer" and line["after"]["communes"] == ["24002", "24003"]
    answer = chief.post("/users/change", {**form, "communes": ""}, seen="/users")
    assert answer.status_code == 422 and "ít nhất một xã" in text_of(answer)


def test_a_token_of_another_session_is_refused_on_every_change(app, store):
    person, other = visitor(app, "Dung"), visitor(app, "An")
    foreign, before = other.token("/account"), everything(store)
    for method, path, endpoint in routes(app, *CHANGES):
        form = {"name": "An", "active": "no", "new": OTHER, "again": OTHER, "csrf_token": foreign}
        answer = person.client.open(path, method=method, data=form, **person.options)
        assert answer.status_code in (400, 403), (method, path, endpoint)
    assert everything(store) == before


def test_who_asks_too_often_is_told_to_wait(app, monkeypatch):
    person, other = visitor(app, "Bình"), visitor(app, "Dung")
    now = time.monotonic()
    page = "/studies/minh-hoa/villages.csv"
    answers = [person.get(page).status_code for _ in range(limits.FILES.most + 1)]
    assert set(answers[:-1]) == {200} and answers[-1] == 429
    refused = person.get(page, headers={"Accept": "text/html"})
    assert 1 <= int(refused.headers["Retry-After"]) <= limits.FILES.within_s + 1
    assert "phút" in text_of(refused)
    # another account, and pages, are not touched
    assert (other.get(page).status_code, person.get("/studies/minh-hoa/villages").status_code) == (200, 200)
    monkeypatch.setattr(limits.time, "monotonic", lambda: now + limits.FILES.within_s + 60)
    assert person.get(page).status_code == 200
    token = person.token("/account")
    sent = [person.post("/studies/minh-hoa/evidence", token=token).status_code for _ in range(61)]
    assert sent[-1] == 429 and 429 not in sent[:-1]
    guest = visitor(app)
    tried = [guest.get("/join/AAAA").status_code for _ in range(limits.JOINS.most + 1)]
    assert tried[-1] == 429 and set(tried[:-1]) == {410}
    assert Visitor(app, address="10.0.0.200").get("/join/AAAA").status_code == 410


def test_the_one_person_at_this_computer_has_no_limit(store, folder):
    app = create_app(Settings(studies=folder), store, open_review=lambda path, report: build_review())
    person = visitor(app)
    assert {
        person.get("/studies/minh-hoa/villages.csv").status_code for _ in range(limits.FILES.most + 5)
    } == {200}


def test_one_address_that_tries_many_names_is_stopped(store, monkeypatch):
    def tried(name, address):
        try:
            accounts.check_password(store, name, "sai rồi sai", address=address)
        except accounts.AccountError as fault:
            return fault.code

    codes = [tried(f"người {number}", "10.1.1.1") for number in range(accounts.TRIES_THERE + 1)]
    assert codes == ["accounts-wrong"] * accounts.TRIES_THERE + ["accounts-limit"]
    assert tried("An", "10.1.1.1") == "accounts-limit" and tried("An", "10.1.1.2") == "accounts-wrong"
    # a name that nobody has may be a password, and is not written down
    refused = told(store, "sign-in-refused")
    assert {line["subject"] for line in refused} == {"–", "An"}


def test_the_diary_is_for_administrators_with_filters_a_file_and_its_check(app, store):
    chief, viewer = visitor(app, "Dung"), visitor(app, "An")
    for path in ("/audit", "/audit.xlsx", "/audit.csv"):
        assert viewer.get(path).status_code == 403
    viewer.get("/studies/minh-hoa.csv")
    known = chief.get("/studies/minh-hoa/villages.csv").headers["ETag"]
    chief.get("/studies/minh-hoa/villages.csv", headers={"If-None-Match": known})
    assert [(line["who"], line["subject"]) for line in told(store, "downloaded")] == [
        ("Dung", "/studies/minh-hoa/villages.csv"),
        ("An", "/studies/minh-hoa.csv"),
    ]
    page = text_of(chief.get("/audit?what=downloaded&who=An&study=minh-hoa&check=yes"))
    assert "/studies/minh-hoa.csv" in page and "villages.csv" not in page and "nguyên vẹn" in page
    assert "0 dòng" in text_of(chief.get("/audit?to=2001-01-01"))
    assert "/studies/minh-hoa.csv" in text_of(chief.get("/audit?from=2001-01-01&to=9999-12-30"))
    for wrong in ("from=hôm qua", "to=9999-12-31", "page=99", "from=2026-02-30"):
        assert chief.get(f"/audit?{wrong}").status_code == 400, wrong
    assert "0 dòng" in text_of(chief.get("/audit?who=' OR 1=1 --"))
    rows = list(load_workbook(io.BytesIO(chief.get("/audit.xlsx").data)).active.values)
    whole = [row for row in rows if row[0] == 1]
    assert len(whole) == 1 and len(whole[0][-1]) == 64


def test_a_line_that_was_altered_shows_on_the_page(app, store):
    chief = visitor(app, "Dung")
    with sqlite3.connect(store.folder / RECORDS) as records:
        for (name,) in records.execute("select name from sqlite_master where type='trigger'").fetchall():
            records.execute(f"drop trigger {name}")
        records.execute("update audit set who='Ai Đó' where seq=2")
    records.close()
    page = text_of(chief.get("/audit?check=yes"))
    assert "từ dòng 2" in page and "nguyên vẹn" not in page


def test_names_and_passwords_stand_in_no_log_and_no_line_is_forged(app, caplog):
    caplog.set_level(logging.DEBUG)
    forged = "An\n2026-01-01 INFO signed in as Dung\x1b[2J"
    visitor(app).sign_in(forged, "bí mật của tôi 1")
    visitor(app, "An").get("/studies/%0aforged%1b%5b2J/map.json")
    assert "bí mật" not in caplog.text and "signed in as" not in caplog.text
    assert all(
        "\n" not in record.getMessage() and "\x1b" not in record.getMessage() for record in caplog.records
    )


@pytest.mark.parametrize("text", ["a" * 10_000, "(a+)+$" * 1500, "%" * 3000, "\\" * 10_000, "á" * 4000])
def test_a_search_is_literal_and_quick(app, text):
    person = visitor(app, "An")
    person.get("/studies/minh-hoa/villages")
    begun = time.perf_counter()
    answer = person.get("/studies/minh-hoa/villages", query_string={"q": text})
    assert answer.status_code in (200, 400, 414) and time.perf_counter() - begun < 1.0


def test_pages_of_accounts_read_in_both_languages_without_codes(app, store):
    chief = visitor(app, "Dung")
    chief.post("/users/invite", {"name": "<b>Y</b> {{7*7}}", "role": "viewer"}, seen="/users")
    for language in ("vi", "en"):
        for path in ("/users", "/account", "/audit?check=yes", "/join", "/join/x"):
            page = text_of(chief.get(f"{path}{'&' if '?' in path else '?'}lang={language}"))
            shown = re.sub(r"<[^>]+>", " ", page)
            assert not re.findall(r"\b(?:signing|inviting|areas|audits|accounts|diary|role)-[a-z]+", shown), (
                path
            )
            assert not re.findall(r"\sstyle=|\son[a-z]+=", page) and "<b>Y</b>" not in page


def test_what_stands_open_before_a_sign_in_is_named_here():
    assert set(OPEN) == {
        "signing.sign_in", "inviting.enter", "inviting.join", "assets.static", "assets.favicon", "assets.health",
    }  # fmt: skip


WAYS_OUT = (
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2fstudy.yaml",
    "..\\..\\study.yaml",
    "%00",
    "@",
    "minh-hoa@..",
    "C:%5Cx",
)


def test_no_part_of_an_address_leads_out_of_its_folder(app):
    person, seen = visitor(app, "Dung"), 0
    person.get("/studies/minh-hoa")
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or not rule.arguments or rule.endpoint == "jobs.page":
            continue
        for way in WAYS_OUT:
            path = re.sub(r"<any\(\W*(\w+)[^>]*>", r"\1", rule.rule).replace("<study_id>", "minh-hoa")
            path = re.sub(r"<int:\w+>", "1", path)
            if "<" not in path:
                path = path.replace("minh-hoa", way, 1)
            answer = person.get(re.sub(r"<(?:\w+:)?\w+>", lambda _, way=way: way, path))
            seen += 1
            assert answer.status_code != 500 and b"root:x:" not in answer.data, (path, way)
            assert b"title: x" not in answer.data
    assert seen > 200
