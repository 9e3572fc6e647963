"""The commands about accounts and long work."""

import json
import re

import pytest
from click.testing import CliRunner

from gis import accounts, invitations, jobs
from gis.cli import commands
from gis.errors import Problem
from gis.jobs import queueing, worker
from gis.store import open_store

PASSWORD = "cà phê Đăk Hà 7"

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def run(store):
    """``run(*arguments, says="") -> (exit code, output)`` over the store."""

    def run(*arguments, says=""):
        done = CliRunner(env={"GIS_STORE": str(store.folder), "GIS_STORE_URL": ""}).invoke(
            commands, [str(argument) for argument in arguments], obj={}, input=says, catch_exceptions=False
        )
        return done.exit_code, done.output

    return run


def test_a_person_is_added_listed_closed_and_given_a_password(run, store):
    code, text = run(
        "user",
        "add",
        "Y Lan",
        "--role",
        "editor",
        "--communes",
        "24001,24002",
        "--who",
        "Dung",
        says=PASSWORD,
    )
    assert code == 0 and "«Y Lan» (Người nhập liệu)" in text and PASSWORD not in text
    assert accounts.check_password(store, "Y Lan", PASSWORD, address="x").communes == ("24001", "24002")
    # the name said once is remembered
    code, text = run("user", "deactivate", "Y Lan", "--lang", "en")
    assert code == 0 and "Closed" in text
    assert not accounts.get_account(store, "Y Lan").active
    assert run("user", "deactivate", "Y Lan", "--undo")[0] == 0
    assert run("user", "password", "Y Lan", says="sông Đăk Bla 1973\n")[0] == 0
    assert accounts.check_password(store, "Y Lan", "sông Đăk Bla 1973", address="x")
    assert "24001, 24002" in run("user", "list")[1]
    (told,) = json.loads(run("user", "list", "--json")[1])
    assert told == {"name": "Y Lan", "role": "editor", "communes": ["24001", "24002"], "active": True} | {
        "studies": [],
        "only_own": False,
    }


@pytest.mark.parametrize(
    ("arguments", "says", "words"),
    [
        (("add", "Y Lan", "--role", "king", "--who", "D1"), PASSWORD, "king"),
        (("add", "Y Lan", "--role", "editor", "--who", "D1"), "ngắn", "10"),
        (("add", "Y Lan", "--role", "editor"), PASSWORD, "--who"),
        (("password", "Ai đó", "--who", "D1"), PASSWORD, "Ai đó"),
        (("deactivate", "Ai đó", "--who", "D1"), "", "Ai đó"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(run, store, arguments, says, words):
    code, text = run("user", *arguments, says=says)
    assert code == 2 and words in text and "Traceback" not in text
    assert accounts.list_accounts(store) == []


def test_jobs_are_listed_with_why_they_failed(run, store):
    assert "Chưa có việc nào" in run("jobs")[1]
    number = jobs.enqueue(store, "import", {}, who="Y Lan", study_id="dak-to")
    jobs.enqueue(store, "import", {}, who="Y Lan", study_id="khac")
    job = queueing.take(store, "w")
    worker.finish(
        store, job, state="failed", problems=[Problem("jobs-too-long", {"seconds": 900.0}, "error")]
    )
    code, text = run("jobs", "dak-to")
    assert code == 0 and "quá 900 giây" in text and "khac" not in text
    assert [row["id"] for row in json.loads(run("jobs", "--json")[1])] == [number + 1, number]


def test_a_person_is_invited_changed_and_given_a_code(run, store):
    invited = ("--role", "verifier", "--communes", "24001", "--only-own", "--who", "Dung", "--lang", "en")
    code, text = run("user", "invite", "Y Lan", *invited)
    assert code == 0 and "7 days" in text
    secret = re.search(r"(?:[A-Z2-9]{4}-){4}[A-Z2-9]{4}", text)[0]
    made = invitations.accept(store, secret, PASSWORD)
    assert (made.role, made.communes, made.only_own) == ("verifier", ("24001",), True)
    assert run("user", "change", "Y Lan", "--studies", "dak-to", "--sees-all")[0] == 0
    changed = accounts.get_account(store, "Y Lan")
    assert (changed.communes, changed.only_own, changed.studies) == (("24001",), False, ("dak-to",))
    code, text = run("user", "reset", "Y Lan")
    secret = re.search(r"(?:[A-Z2-9]{4}-){4}[A-Z2-9]{4}", text)[0]
    assert invitations.accept(store, secret, "sông Đăk Bla 1973").name == "Y Lan"
    code, text = run("user", "change", "Y Lan", "--communes", "", "--only-own")
    assert code == 2 and "ít nhất một xã" in text
    assert run("user", "reset", "Không Ai")[0] == 2
