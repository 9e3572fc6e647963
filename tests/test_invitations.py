"""Invitations and passwords: a code works once, for a week, and no guessable password gets in."""

import threading

import pytest
import sqlalchemy as sa

from gis import accounts, invitations
from gis.errors import AccountError, MissingError
from gis.passwords import check_password
from gis.store import audit, open_store
from gis.store.schema import metadata

PASSWORD = "ba con trâu qua suối"

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


def code_of(action, *arguments, **options):
    with pytest.raises((AccountError, MissingError)) as caught:
        action(*arguments, **options)
    return caught.value.code


def invite(store, name="Y Lan", role="editor", **area):
    return invitations.invite(store, name, role, who="Dung", **area)


def test_who_has_the_code_makes_the_account_once(store):
    code = invite(store, communes=["24001"], studies=["dak-to"], only_own=True)
    assert invitations.look(store, code.lower().replace("-", " "))["name"] == "Y Lan"
    made = invitations.accept(store, code, PASSWORD)
    assert (made.role, made.communes, made.studies, made.only_own) == (
        "editor",
        ("24001",),
        ("dak-to",),
        True,
    )
    assert not made.must_change
    assert code_of(invitations.accept, store, code, PASSWORD) == "inviting-used"
    assert accounts.check_password(store, "y lan", PASSWORD, address="x").name == "Y Lan"
    with store.reading() as connection:
        assert {line["action"] for line in audit.history(connection)} >= {
            "invited",
            "invitation-used",
            "user-added",
        }
        kept = "".join(str(connection.execute(sa.select(table)).all()) for table in metadata.sorted_tables)
    assert code not in kept and invitations.plain(code) not in kept


def test_a_code_ends_by_time_withdrawal_or_a_later_one(store, monkeypatch):
    first, second = invite(store), invite(store)
    assert code_of(invitations.look, store, first) == "inviting-withdrawn"
    (row, _) = invitations.listed(store)
    invitations.withdraw(store, row["id"], who="Dung")
    assert code_of(invitations.accept, store, second, PASSWORD) == "inviting-withdrawn"
    assert code_of(invitations.withdraw, store, row["id"], who="Dung") == "inviting-withdrawn"
    assert code_of(invitations.withdraw, store, 99, who="Dung") == "inviting-none"
    third, now = invite(store), invitations.time.time()
    monkeypatch.setattr(invitations.time, "time", lambda: now + invitations.LASTS_S + 1)
    assert code_of(invitations.accept, store, third, PASSWORD) == "inviting-expired"
    assert invitations.listed(store)[0]["state"] == "expired"
    for wrong in ("", "-", "AAAA", None, "x" * 500):
        assert code_of(invitations.look, store, wrong) == "inviting-unknown"


def test_a_code_for_a_new_password_ends_what_was_open_by_the_old_one(store):
    accounts.add_user(store, "An", PASSWORD, "viewer", who="Dung")
    stamp = accounts.get_account(store, "An").stamp
    code = invitations.offer_reset(store, "an", who="Dung")
    assert code_of(invitations.accept, store, code, "ngắn") == "accounts-short"
    assert invitations.accept(store, code, "nước về tận bản").stamp > stamp
    assert code_of(accounts.check_password, store, "An", PASSWORD, address="x") == "accounts-wrong"
    later = invitations.offer_reset(store, "An", who="Dung")
    accounts.change_user(store, "An", who="Dung", active=False)
    assert code_of(invitations.accept, store, later, PASSWORD) == "inviting-closed"
    assert code_of(invitations.offer_reset, store, "Không Ai", who="Dung") == "accounts-none"


def test_of_two_who_hold_a_code_one_makes_the_account(store):
    code, told = invite(store), []

    def take():
        try:
            told.append(invitations.accept(store, code, PASSWORD).name)
        except AccountError as fault:
            told.append(fault.code)

    several = [threading.Thread(target=take) for _ in range(4)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert sorted(told) == ["Y Lan", "inviting-used", "inviting-used", "inviting-used"]


def test_what_is_asked_for_must_be_possible(store):
    accounts.add_user(store, "An", PASSWORD, "viewer", who="Dung")
    assert code_of(invite, store, "AN") == "accounts-exists"
    assert code_of(invite, store, role="chief") == "accounts-role"
    assert code_of(invite, store, only_own=True) == "accounts-no-communes"
    assert code_of(invite, store, role="administrator", studies=["a"]) == "accounts-chief-area"
    assert code_of(invite, store, studies=["a/b"]) == "accounts-studies"


@pytest.mark.parametrize(
    "password",
    ["P@ssw0rd123", "matkhau2026", "Mật khẩu 2026", "qwertyuiop1", "asdfghjkl;1", "1234567890a", "0987654321", "abcdefghijk",
     "abcabcabcabc", "ab1ab1ab1ab1", "aaaaaaaaaab", "nôngthônmới2025", "iloveyou!!!!", "kontum!kontum", "zxcvbnm,./1"],
)  # fmt: skip
def test_what_is_tried_first_is_refused(password):
    assert code_of(check_password, "Y Lan", password) == "accounts-easy"


@pytest.mark.parametrize(
    "password",
    [
        "cà phê Đăk Hà 7",
        "ba con trâu qua suối",
        "tr0ngrẫytốt!",
        "zq8#Kp!2vM",
        "мой дом у реки",
        "ບ້ານນາແຄມຫ້ວຍ",
    ],
)
def test_long_words_of_any_language_will_do_without_rules_of_signs(password):
    check_password("Y Lan", password)


@pytest.mark.parametrize("password", ["Y Lan Y Lan Y Lan", "ylan123456789", "Ỷ LÀN 99999999"])
def test_the_name_is_no_password(password):
    assert code_of(check_password, "Y Lan", password) in ("accounts-named", "accounts-easy")
