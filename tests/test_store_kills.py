"""Whatever ends a program while it writes, the store is in the old or the new state."""

import contextlib
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from gis.errors import GisError, StoreError
from gis.store import audit, open_store, reported, schema, studies, sweeping
from gis.store.backup import backup, restore
from gis.store.checking import check
from stores import STUDY, WHO, enter, everything, fill, layer, put_layer

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills and limits are those of Linux and macOS")

WORK = """
import json, os, signal, sys
from gis.store import decisions, evidence, open_store, points, reported, studies, uploads

folder, url, action, point, nth, start = sys.argv[1:7]
seen = 0
def watch(name):
    global seen
    if name == point:
        seen += 1
        if seen >= int(nth):
            os.kill(os.getpid(), signal.SIGKILL)
points.watch(watch if point else None)

def acknowledge(*told):
    os.write(1, (json.dumps(told) + "\\n").encode())

store = open_store(folder, url or None)
acknowledge("open")

def importing(n):
    content, size = store.files.put_octets([f"layer {start} {n}".encode()])
    with store.writing("child") as change:
        told = dict(content=content, kind="evidence", file="x.bin", entry={}, report={})
        number = studies.add_version(change, "dak-to", "roads", **told)[0]["number"]
        reported.enter(change, "dak-to", 2024, "r", "number", number)
    acknowledge("version", content)

def assessing(n):
    with store.writing("child") as change:
        for field in ("households", "poor"):
            reported.enter(change, "dak-to", 2024, f"k{start}-{n}", field, float(n))
        decisions.decide(change, "dak-to", "match", {"name": f"k{start}-{n}"}, "v1")
    acknowledge("values", f"k{start}-{n}")

def deleting(n):
    with store.writing("child") as change:
        studies.remove_study(change, "dak-to", undo=bool(n % 2))
    acknowledge("deleted", not n % 2)

def attaching(n):
    row = uploads.receive(store, "dak-to", "a.jpg", [b"photo", str(n).encode()], who="child", limit_mb=1)
    content, size = store.files.put_octets([b"photo", start.encode(), str(n).encode()])
    with store.writing("child") as change:
        evidence.attach(change, "dak-to", "v1", content=content, file="a.jpg", size=size)
        uploads.settle(change, "dak-to", row["id"], "accepted")
    uploads.forget(store, row["id"])
    acknowledge("evidence", content)

def backing(n):
    from gis.store.backup import backup
    backup(store, os.path.join(os.path.dirname(folder), "copy.zip"))
    acknowledge("backup", n)

if action == "migrating":
    sys.exit()
for n in range(100_000):
    globals()[action](n)
"""

POINTS = {
    "importing": ("file-written", "file-flushed", "file-named", "change-begun", "version-added",
                  "version-published", "change-made", "change-kept"),
    "assessing": ("change-begun", "change-made", "change-kept"),
    "deleting": ("change-begun", "change-made", "change-kept"),
    "attaching": ("upload-written", "upload-kept", "file-written", "file-named", "change-made", "change-kept"),
    "backing": ("backup-records", "backup-written", "backup-kept"),
    "migrating": ("tables-made",),
}  # fmt: skip


class Killed:
    """A store, and a child that works on it until it is killed; tells what the child was told is kept."""

    def __init__(self, folder, url=None):
        self.folder, self.url, self.runs = folder, url, 0

    def start(self, action, point="", nth=1):
        self.runs += 1
        command = [sys.executable, "-c", WORK, str(self.folder), self.url or "", action, point, str(nth)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen([*command, str(self.runs)], stdout=subprocess.PIPE, env=environment)

    def at(self, action, point, nth=1):
        """Kill at a named point."""
        child = self.start(action, point, nth)
        said, _ = child.communicate(timeout=120)
        assert child.returncode == -signal.SIGKILL, (action, point)
        return self.told(said)

    def after(self, action, seconds):
        """Kill some time after the child has opened the store."""
        child = self.start(action)
        first = child.stdout.readline()
        time.sleep(seconds)
        child.kill()
        rest, _ = child.communicate(timeout=120)
        return self.told(first + rest)

    def told(self, said):
        lines = said.decode().split("\n")
        return [json.loads(line) for line in lines if line.endswith("]")]

    def holds(self, acknowledged):
        """Open the store and look whether it is whole and holds all that was acknowledged."""
        store = open_store(self.folder, self.url, checked=True)
        try:
            assert check(store, deep=True) == () and store.barred == ()
            with store.reading() as connection:
                rows = {table: connection.execute(sa.select(table)).mappings().all() for table in TABLES}
                changes = audit.history(connection, limit=100_000)
        finally:
            store.close()
        contents = {row["content"] for row in rows[schema.versions]}
        evidence_contents = {row["content"] for row in rows[schema.evidence]}
        villages = {}
        for row in rows[schema.reported]:
            villages.setdefault(row["village_id"], set()).add(row["field"])
        decided = {row["subject"].get("name") for row in rows[schema.decisions]}
        for kind, *told in acknowledged:
            if kind == "version":
                assert told[0] in contents
            if kind == "evidence":
                assert told[0] in evidence_contents
            if kind == "values":
                assert villages[told[0]] == {"households", "poor"}
        # what is one transaction is there as a whole or not at all
        for village, fields in villages.items():
            if village.startswith("k"):
                assert fields == {"households", "poor"} and village in decided
        numbers = [row["value"] for row in rows[schema.reported] if row["village_id"] == "r"]
        assert numbers == [row["number"] for row in rows[schema.versions] if row["source"] == "roads"]
        last = [told[0] for kind, *told in acknowledged if kind == "deleted"]
        removed = [row["action"] for row in changes if row["action"] in ("study-removed", "study-restored")]
        state = rows[schema.studies][0]["deleted_at"]
        assert bool(state) == bool(removed and removed[0] == "study-removed")
        # the child may have been killed between keeping one more change and saying so
        assert not last or last[-1] == bool(state) or len(removed) > len(last)
        for row in rows[schema.uploads]:
            if row["state"] in ("waiting", "read"):
                assert (self.folder / "uploads" / row["id"]).read_bytes().startswith((b"photo", b"waiting"))
        return rows


TABLES = (schema.studies, schema.versions, schema.reported, schema.decisions, schema.evidence, schema.uploads)


@pytest.fixture
def killed(tmp_path, records_url):
    store = open_store(tmp_path / "store", records_url)
    fill(store)
    store.close()
    return Killed(tmp_path / "store", records_url)


@pytest.mark.parametrize(
    ("action", "point"),
    [("importing", "version-added"), ("importing", "file-flushed"), ("assessing", "change-made"),
     ("deleting", "change-kept"), ("attaching", "upload-written")],
)  # fmt: skip
def test_a_killed_program_leaves_the_old_or_the_new_state(tmp_path, action, point):
    store = open_store(tmp_path / "store")
    fill(store)
    store.close()
    killed = Killed(tmp_path / "store")
    killed.holds(killed.at(action, point, nth=2))
    # and the next one goes on
    store = open_store(tmp_path / "store")
    with contextlib.suppress(StoreError):
        enter(store, "v1", 1.0)
    store.close()


def test_a_killed_backup_leaves_the_old_one_or_a_whole_new_one(tmp_path):
    store = open_store(tmp_path / "store")
    fill(store)
    store.close()
    killed = Killed(tmp_path / "store")
    for point, nth in (("backup-written", 1), ("backup-written", 2)):
        killed.holds(killed.at("backing", point, nth))
        assert (tmp_path / "copy.zip").exists() == (nth == 2)
    restore(tmp_path / "copy.zip", tmp_path / "again", who=WHO)


def test_a_store_whose_making_was_killed_is_made_by_the_next(tmp_path):
    killed = Killed(tmp_path / "store")
    killed.at("migrating", "tables-made")
    store = open_store(tmp_path / "store")
    fill(store)
    assert check(store, deep=True) == ()
    store.close()


@pytest.mark.long
@pytest.mark.parametrize("action", [name for name in POINTS if name != "migrating"])
def test_kills_at_every_named_point_lose_nothing(killed, action):
    """With the next one, 106 kills for each database."""
    acknowledged = []
    for nth in (1, 2):
        for point in POINTS[action]:
            acknowledged += killed.at(action, point, nth)
            killed.holds(acknowledged)
            acknowledged = revived(killed, acknowledged)
    sweep_up(killed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_kills_at_random_moments_lose_nothing(killed, tmp_path, seed):
    random_, acknowledged = random.Random(seed), []
    for _ in range(12):
        action = random_.choice([name for name in POINTS if name != "migrating"])
        acknowledged += killed.after(action, random_.uniform(0, 0.35))
        killed.holds(acknowledged)
        acknowledged = revived(killed, acknowledged)
    if (tmp_path / "copy.zip").exists():
        restore(tmp_path / "copy.zip", tmp_path / "again", who=WHO)
    sweep_up(killed)


def sweep_up(killed):
    """What killed programs left behind is taken away, and nothing else."""
    store = open_store(killed.folder, killed.url)
    sweeping.sweep(store, who=WHO, older_than_s=-5)
    assert check(store, deep=True) == ()
    assert not list(killed.folder.rglob(".new-*")) and not list(killed.folder.rglob(".mark-*"))
    store.close()


def revived(killed, acknowledged):
    """The study back in sight, so that the next child can work on it."""
    store = open_store(killed.folder, killed.url)
    with store.writing(WHO) as change:
        studies.remove_study(change, STUDY, undo=True)
    store.close()
    return [told for told in acknowledged if told[0] != "deleted"]


class Failing:
    """Replaces functions of `os` by ones that fail at the nth call of any of them."""

    def __init__(self, monkeypatch, names, code):
        self.calls, self.nth, self.code = 0, 0, code
        for name in names:
            monkeypatch.setattr(os, name, self._failing(getattr(os, name)))

    def _failing(self, real):
        def call(*given, **more):
            self.calls += 1
            if self.calls == self.nth:
                raise OSError(self.code, os.strerror(self.code))
            return real(*given, **more)

        return call

    def arm(self, nth):
        self.calls, self.nth = 0, nth


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_at_any_call_leaves_the_old_or_the_new_state(tmp_path, monkeypatch, code):
    store = open_store(tmp_path / "store")
    fill(store, 2)
    failing = Failing(monkeypatch, ("fsync", "replace", "open"), code)
    frame, told = layer((5, 5)), []
    for nth in range(1, 40):
        before = everything(store)
        frame = layer((5, nth))
        failing.arm(nth)
        try:
            put_layer(store, frame)
            backup(store, tmp_path / "copy.zip")
            ended = failing.calls < nth
        except GisError as error:
            told.append(error.code)
            ended = False
        failing.arm(0)
        assert check(store, deep=True) == ()
        after = everything(store)
        if after["versions"] == before["versions"]:
            assert after == before
        if (tmp_path / "copy.zip").exists():
            with_copy = tmp_path / f"again-{nth}"
            restore(tmp_path / "copy.zip", with_copy, who=WHO)
        if ended:
            break
    assert ended and len(told) >= 4
    expected = (
        {"store-full", "export-disk-full"} if code == errno.ENOSPC else {"store-failed", "export-failed"}
    )
    assert set(told) == expected
    store.close()


def test_a_file_size_limit_is_a_full_disk_in_one_sentence(tmp_path):
    """The system itself refuses the write, in the database and in a file."""
    resource = pytest.importorskip("resource")
    store = open_store(tmp_path / "store")
    fill(store, 2)
    truth = everything(store)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, hard))
    try:
        with pytest.raises(StoreError) as refused:
            store.files.put_octets([b"a" * 5000])
        assert refused.value.code == "store-full"
        with pytest.raises(StoreError) as refused, store.writing(WHO) as change:
            for number in range(200):
                reported.enter(change, STUDY, 2024, f"x{number}", "households", 1.0, reason="x" * 500)
        assert refused.value.code in ("store-full", "store-failed")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert everything(store) == truth
    enter(store, "v1", 1.0)
    assert check(store, deep=True) == ()
    store.close()


@contextlib.contextmanager
def small_disk(folder, size, *options):
    """A file system of its own in memory."""
    folder.mkdir()
    if os.geteuid() or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this machine does not let a small disk be mounted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.long
def test_a_disk_that_fills_up_keeps_all_that_was_kept_and_goes_on_when_there_is_room(tmp_path):
    with small_disk(tmp_path / "disk", "3m") as disk:
        store = open_store(disk / "store")
        fill(store, 2)
        ballast = disk / "ballast"
        for round_ in range(12):
            # an attempt with less and less room left, down to none
            with open(ballast, "wb") as file, contextlib.suppress(OSError):
                room = shutil.disk_usage(disk).free
                file.write(b"0" * max(0, room - 4096 * (11 - round_) * 3))
                file.flush()
            kept = []
            try:
                for number in range(60):
                    value = float(number)
                    enter(store, f"d{round_}-{number}", value, reason="x" * 900)
                    kept.append(f"d{round_}-{number}")
                    put_layer(store, layer((round_, number)))
            except GisError as error:
                assert error.code in ("store-full", "store-failed"), error
            else:
                pytest.fail("the disk did not fill up")
            ballast.unlink()
            store.close()
            store = open_store(disk / "store", checked=True)
            assert store.barred == () and check(store, deep=True) == ()
            villages = {row["village_id"] for row in everything(store)["past"]}
            assert set(kept) <= villages
            enter(store, f"room{round_}", 1.0)
            sweeping.sweep(store, who=WHO, older_than_s=-5)
            with pytest.raises(GisError):
                backup(store, Path("/proc/none/copy.zip"))
            for path in (disk / "store" / "files").glob("*/*"):
                assert path.stat().st_size
        store.close()


def test_a_store_that_cannot_be_written_can_be_viewed(tmp_path):
    with small_disk(tmp_path / "disk", "8m") as disk:
        store = open_store(disk / "store")
        fill(store)
        truth = everything(store)
        store.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        store = open_store(disk / "store", checked=True)
        assert everything(store) == truth
        with pytest.raises(StoreError) as refused:
            enter(store, "v1", 1.0)
        assert refused.value.code == "store-read-only"
        with pytest.raises(StoreError) as refused:
            store.files.put_octets([b"x"])
        assert refused.value.code == "store-read-only"
        backup(store, tmp_path / "copy.zip")
        store.close()


EDITS = """
import sys
from gis.store import decisions, open_store
store = open_store(sys.argv[1], sys.argv[2] or None)
for number in range(int(sys.argv[4])):
    with store.writing("writer " + sys.argv[3]) as change:
        decisions.decide(change, "dak-to", "match", {"name": sys.argv[3] + "-" + str(number)}, "v1")
"""


def four_writers(folder, url, edits):
    store = open_store(folder, url)
    with store.writing(WHO) as change:
        studies.add_study(change, STUDY, {"title": "Đăk Tô"})
    command = [sys.executable, "-c", EDITS, str(folder), url or ""]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [subprocess.Popen([*command, str(n), str(edits)], env=environment) for n in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    with store.reading() as connection:
        found = {row["subject"]["name"] for row in connection.execute(sa.select(schema.decisions)).mappings()}
        assert found == {f"{n}-{number}" for n in range(4) for number in range(edits)}
        assert studies.get_study(connection, STUDY)["revision"] == 4 * edits + 1
        assert audit.broken_at(connection) is None
    store.close()


def test_four_processes_lose_no_edit(tmp_path, records_url):
    four_writers(tmp_path / "store", records_url, 40)


@pytest.mark.long
def test_four_processes_with_five_hundred_edits_each_lose_none(tmp_path, records_url):
    four_writers(tmp_path / "store", records_url, 500)
