"""Accounts: who may do what, which passwords will do, and how often somebody may try."""

import threading
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from gis import accounts
from gis.accounts import Account, may
from gis.errors import AccountError, MissingError, StoreError
from gis.settings import Settings
from gis.store import audit, open_store
from gis.store.schema import tries, users

WHO = "Y Lan"
PASSWORD = "cà phê Đăk Hà 7"
HERE, THERE = "10.0.0.7", "10.0.0.8"
METHOD, DECOY = accounts.METHOD, accounts.DECOY

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def clock(monkeypatch):
    """A wall clock that stands still; `clock.now` sets it."""
    standing = SimpleNamespace(now=1_000_000.0)
    monkeypatch.setattr(accounts.time, "time", lambda: standing.now)
    return standing


def add(store, name="A Blong", role="editor", password=PASSWORD, **options):
    return accounts.add_user(store, name, password, role, who=WHO, **options)


def code_of(action, *arguments, **options):
    with pytest.raises((StoreError, AccountError)) as caught:
        action(*arguments, **options)
    return caught.value.code


def told(store, action):
    with store.reading() as connection:
        return audit.history(connection, action=action)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", {"view"}),
        ("editor", {"view", "import", "edit_value", "decide", "attach", "amend"}),
        ("verifier", {"view", "attach", "amend", "verify"}),
        ("administrator", {"view", "import", "edit_value", "decide", "attach", "amend", "verify", "manage"}),
    ],
)
def test_each_role_may_do_its_own_and_no_more(role, allowed):
    account = Account("x", role)
    assert {action for action in accounts.ALLOWED if may(account, action)} == allowed
    assert not any(may(Account("x", role, active=False), action) for action in accounts.ALLOWED)


def test_an_editor_of_own_communes_touches_no_others_and_no_whole_study():
    editor = Account("x", "editor", ("24001", "24002"))
    assert may(editor, "edit_value", communes=["24001"])
    assert may(editor, "import", communes=["24001", "24002"])
    assert not may(editor, "edit_value", communes=["24001", "24003"])
    assert not may(editor, "import")
    assert may(editor, "view")
    assert may(Account("x", "editor"), "import")
    # communes of another role mean nothing
    assert may(Account("x", "verifier", ("24001",)), "verify")


def test_accounts_are_needed_at_any_address_but_this_computers_own():
    assert not accounts.required(Settings())
    assert not accounts.required(Settings(host="::1"))
    assert accounts.required(Settings(host="0.0.0.0"))
    assert accounts.required(Settings(proxy=True))


def test_who_was_added_signs_in_by_name_and_password_only(store):
    added = add(store, communes=["24002", "24001", ""])
    assert added == Account("A Blong", "editor", ("24001", "24002"), True, 1)
    assert accounts.check_password(store, "A Blong", PASSWORD, address=HERE) == added
    assert accounts.check_password(store, " a  blong ", PASSWORD, address=HERE) == added
    for name, password in [("A Blong", "cà phê Đăk Hà 8"), ("A Blong", ""), ("Ai đó", PASSWORD), ("", "")]:
        assert code_of(accounts.check_password, store, name, password, address=HERE) == "accounts-wrong"
    (line, *_) = told(store, "signed-in")
    assert (line["who"], line["after"]) == ("A Blong", {"address": HERE})


def test_a_password_typed_in_decomposed_letters_is_the_same(store):
    import unicodedata

    add(store)
    typed = unicodedata.normalize("NFD", PASSWORD)
    assert typed != PASSWORD
    assert accounts.check_password(store, "A Blong", typed, address=HERE).name == "A Blong"


def test_passwords_are_kept_as_salted_hashes_and_never_in_the_diary(store):
    add(store)
    add(store, "Y Hương", "viewer")
    with store.reading() as connection:
        kept = connection.execute(sa.select(users.c.password)).scalars().all()
        diary = str(audit.history(connection))
    assert all(hashed.startswith(f"{accounts.METHOD}$") for hashed in kept) and len(set(kept)) == 2
    assert METHOD == "scrypt:32768:8:1" and DECOY.startswith(f"{METHOD}$")
    assert PASSWORD not in diary and "scrypt" not in diary


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ngắn quá", "accounts-short"),
        ("x" * 201, "accounts-short"),
        ("aaaaaaaaaaaa", "accounts-easy"),
        ("123456789012", "accounts-easy"),
        ("Password123!", "accounts-easy"),
        ("matkhau12345", "accounts-easy"),
        ("a blong 2026", "accounts-named"),
        (None, "accounts-short"),
    ],
)
def test_passwords_that_are_easily_guessed_are_refused(store, password, code):
    assert code_of(add, store, password=password) == code
    assert accounts.list_accounts(store) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "accounts-name"),
        ("  \x00\u202e ", "accounts-name"),
        ("x" * 61, "accounts-name"),
        ("<>", "accounts-name"),
    ],
)
def test_names_that_cannot_be_read_are_refused(store, name, code):
    assert code_of(add, store, name) == code


def test_a_name_is_given_once_whichever_way_it_is_written(store):
    add(store, "Y Hương")
    assert code_of(add, store, "y  HƯƠNG") == "accounts-exists"
    assert code_of(add, store, "Khác", "king") == "accounts-role"
    assert code_of(add, store, "Khác", "editor", communes=["../x"]) == "accounts-communes"


def test_the_eleventh_try_is_refused_even_with_the_right_password(store, clock):
    add(store)
    for _ in range(10):
        assert code_of(accounts.check_password, store, "A Blong", "sai rồi", address=HERE) == "accounts-wrong"
    for password in ("sai rồi", PASSWORD):
        assert code_of(accounts.check_password, store, "a blong", password, address=HERE) == "accounts-limit"
    # another place is another matter, and so is another name
    assert accounts.check_password(store, "A Blong", PASSWORD, address=THERE)
    assert code_of(accounts.check_password, store, "Ai đó", "x", address=HERE) == "accounts-wrong"
    assert [line["after"] for line in told(store, "sign-in-limit")] == [{"address": HERE}]
    clock.now += 899
    assert code_of(accounts.check_password, store, "A Blong", PASSWORD, address=HERE) == "accounts-limit"
    clock.now += 2
    assert accounts.check_password(store, "A Blong", PASSWORD, address=HERE)


def test_tries_by_unknown_names_are_limited_alike(store, clock):
    codes = [code_of(accounts.check_password, store, "Ai đó", "x", address=HERE) for _ in range(12)]
    assert codes == ["accounts-wrong"] * 10 + ["accounts-limit"] * 2


def test_the_limit_survives_a_restart_and_a_clock_that_is_set_back(store, clock):
    add(store)
    for _ in range(10):
        code_of(accounts.check_password, store, "A Blong", "sai rồi", address=HERE)
    again = open_store(store.folder)
    clock.now -= 600
    assert code_of(accounts.check_password, again, "A Blong", PASSWORD, address=HERE) == "accounts-limit"
    clock.now -= 7 * 86_400
    assert accounts.check_password(again, "A Blong", PASSWORD, address=HERE)
    again.close()


def test_a_sign_in_begins_the_count_anew(store, clock):
    add(store)
    for _ in range(3):
        for _ in range(9):
            code_of(accounts.check_password, store, "A Blong", "sai rồi", address=HERE)
        assert accounts.check_password(store, "A Blong", PASSWORD, address=HERE)
    with store.reading() as connection:
        assert connection.execute(sa.select(tries)).all() == []


def test_many_tries_at_once_are_counted_as_many(store, clock, monkeypatch):
    looked_at = []
    monkeypatch.setattr(accounts, "_fits", lambda hashed, password: looked_at.append(password) and False)

    def attempt():
        code_of(accounts.check_password, store, "A Blong", "sai rồi", address=HERE)

    threads = [threading.Thread(target=attempt) for _ in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked_at) == 10


def test_an_unknown_name_costs_the_same_work_as_a_known_one(store, monkeypatch):
    import werkzeug.security

    add(store)
    accounts.change_user(store, "A Blong", who=WHO, active=False)
    hashes, check = [], werkzeug.security.check_password_hash

    def watched(hashed, password):
        hashes.append(hashed.split("$")[0])
        return check(hashed, password)

    monkeypatch.setattr(werkzeug.security, "check_password_hash", watched)
    for name in ("A Blong", "Ai đó"):
        assert code_of(accounts.check_password, store, name, PASSWORD, address=HERE) == "accounts-wrong"
    assert hashes == [accounts.METHOD, accounts.METHOD]


def test_a_new_password_ends_the_sessions_and_the_old_password(store):
    add(store)
    accounts.set_password(store, "A Blong", "một câu khác 9", who=WHO)
    assert accounts.get_account(store, "A Blong").stamp == 2
    assert code_of(accounts.check_password, store, "A Blong", PASSWORD, address=HERE) == "accounts-wrong"
    assert accounts.check_password(store, "A Blong", "một câu khác 9", address=HERE)
    assert code_of(accounts.set_password, store, "A Blong", "ngắn", who=WHO) == "accounts-short"
    with pytest.raises(MissingError):
        accounts.set_password(store, "Ai đó", "một câu khác 9", who=WHO)
    assert [line["who"] for line in told(store, "user-password")] == [WHO]


def test_a_closed_account_cannot_sign_in_until_it_is_opened_again(store):
    add(store)
    accounts.change_user(store, "A Blong", who=WHO, active=False)
    assert code_of(accounts.check_password, store, "A Blong", PASSWORD, address=HERE) == "accounts-wrong"
    accounts.change_user(store, "A Blong", who=WHO, active=True, role="verifier", communes=[])
    account = accounts.check_password(store, "A Blong", PASSWORD, address=HERE)
    assert (account.role, account.stamp) == ("verifier", 3)
    line = told(store, "user-changed")[0]
    assert line["before"] == {"role": "editor", "communes": [], "active": False}


def test_the_last_administrator_stays(store):
    add(store, "Một", "administrator")
    for values in ({"active": False}, {"role": "viewer"}):
        assert code_of(accounts.change_user, store, "Một", who=WHO, **values) == "accounts-last"
    add(store, "Hai", "administrator")
    accounts.change_user(store, "Một", who=WHO, role="viewer")
    assert accounts.has_administrator(store)
    assert code_of(accounts.change_user, store, "Hai", who=WHO, active=False) == "accounts-last"


def test_the_person_at_this_computer_is_asked_for_once(store):
    assert accounts.person(store) is None
    assert code_of(accounts.who, store) == "accounts-who"
    assert accounts.who(store, ask=lambda: "  Y   Lan ") == "Y Lan"
    assert accounts.who(store, ask=lambda: pytest.fail("asked again")) == "Y Lan"
    assert accounts.who(store, "A Blong") == "A Blong"
    assert accounts.who(store) == "A Blong"
    assert [(line["before"], line["after"]) for line in told(store, "person-named")] == [
        ("Y Lan", "A Blong"),
        (None, "Y Lan"),
    ]


def test_the_key_of_the_sessions_is_made_once_for_all_processes(store):
    key = accounts.session_key(store)
    again = open_store(store.folder)
    assert len(key) == 64 and accounts.session_key(again) == key
    again.close()
