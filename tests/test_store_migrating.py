"""An old store opened by a newer program comes up to date as a whole, or stays as it was."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from gis.errors import StoreError
from gis.store import RECORDS, audit, decisions, migrate, open_store, reported, studies
from gis.store.checking import check

TESTS = Path(__file__).parent
LATER = """
import os, signal
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = {last!r}

def upgrade():
    op.create_table("visits", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.Text))
    with op.batch_alter_table("studies") as studies:
        studies.add_column(sa.Column("colour", sa.Text))
    {middle}
    op.execute("UPDATE studies SET colour = 'green'")
"""


@pytest.fixture
def old(tmp_path):
    """The folder of a store that an early program wrote."""
    folder = tmp_path / "store"
    folder.mkdir()
    database = sqlite3.connect(folder / RECORDS)
    database.executescript((TESTS / "old_store_0001.sql").read_text(encoding="utf-8"))
    database.close()
    return folder


def later_steps(folder, middle="pass"):
    """The steps of the program and one more."""
    shutil.copytree(migrate.SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = LATER.format(last=migrate.newest(), middle=middle)
    (folder / "versions" / "9001_later.py").write_text(text, encoding="utf-8")
    return folder


def rows(store):
    with store.reading() as connection:
        return (
            reported.history(connection, study_id="dak-to"),
            decisions.standing(connection, "dak-to", "match"),
            [row["content"][0] for row in studies.list_versions(connection, "dak-to")],
            len(audit.history(connection)),
        )


def test_the_oldest_store_opens_with_all_its_rows(old):
    store = open_store(old, checked=True)
    assert store.barred == ()
    past, decided, contents, lines = rows(store)
    assert [row["value"] for row in past] == ["có", None, "có", 42.5, "có", 40.0]
    assert (decided[0]["subject"], decided[0]["answer"]) == ({"name": "Thôn 1"}, None)
    assert contents == ["b", "a"] and lines == 10
    # of the files that the rows name, none lies in the tests
    assert {problem.code for problem in check(store, deep=True)} == {"store-source-file-missing"}
    store.close()


def test_steps_are_taken_one_after_the_other_and_once(old, tmp_path, monkeypatch):
    before = rows(store := open_store(old))
    store.close()
    monkeypatch.setattr(migrate, "SCRIPTS", later_steps(tmp_path / "later"))
    for _ in range(2):
        store = open_store(old)
        with store.reading() as connection:
            assert migrate.revision(connection) == "9001"
            assert connection.exec_driver_sql("SELECT colour FROM studies").all() == [("green",)]
            assert "visits" in sa.inspect(connection).get_table_names()
        assert rows(store) == before
        store.close()
    monkeypatch.undo()
    with pytest.raises(StoreError, match="newer"):
        open_store(old)


MIGRATE = """
import sys
from pathlib import Path
from gis.store import migrate, open_store
migrate.SCRIPTS = Path(sys.argv[2])
open_store(sys.argv[1])
"""


@pytest.mark.parametrize(
    "middle", ["os.kill(os.getpid(), signal.SIGKILL)", "raise RuntimeError('on purpose')"]
)
def test_a_step_that_ends_in_the_middle_leaves_the_old_store(old, tmp_path, middle):
    before = rows(store := open_store(old))
    store.close()
    steps = later_steps(tmp_path / "later", middle)
    command = [sys.executable, "-c", MIGRATE, str(old), str(steps)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent)}
    done = subprocess.run(command, env=environment, capture_output=True)
    assert done.returncode in (-signal.SIGKILL, 1)
    store = open_store(old, checked=True)
    assert rows(store) == before
    with store.reading() as connection:
        assert migrate.revision(connection) == migrate.newest()
        assert "visits" not in sa.inspect(connection).get_table_names()
    store.close()


def test_a_backup_of_an_older_program_comes_up_to_date(old, tmp_path, monkeypatch):
    from gis.store.backup import backup, restore

    store = open_store(old)
    before = rows(store)
    backup(store, tmp_path / "copy.zip")
    store.close()
    monkeypatch.setattr(migrate, "SCRIPTS", later_steps(tmp_path / "later"))
    restore(tmp_path / "copy.zip", tmp_path / "new", who="Y Lan")
    store = open_store(tmp_path / "new")
    with store.reading() as connection:
        assert migrate.revision(connection) == "9001"
    assert rows(store)[:3] == before[:3]
    store.close()
