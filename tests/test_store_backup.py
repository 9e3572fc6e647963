"""What was backed up comes back, whole or not at all, into either database."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gis.errors import StoreError
from gis.store import RECORDS, open_store, points, studies, uploads
from gis.store.backup import backup, restore
from gis.store.checking import check
from gis.store.sweeping import kept_aside, sweep
from stores import STUDY, WHO, enter, everything, fill, layer, put_layer


@pytest.fixture
def store(tmp_path, records_url):
    opened = open_store(tmp_path / "store", records_url)
    fill(opened)
    yield opened
    opened.close()


def address(store):
    return store.url if store.engine.dialect.name == "postgresql" else None


def opened_again(folder, url):
    again = open_store(folder, url, checked=True)
    assert check(again, deep=True) == () and again.barred == ()
    return again


def test_a_backup_comes_back_as_it_was_in_a_new_folder_and_the_other_database(store, tmp_path, postgres):
    made = backup(store, tmp_path / "copy.zip")
    assert (made.studies, made.files, made.problems) == (1, 3, ())
    assert made.octets == made.path.stat().st_size
    truth = everything(store)
    for folder, url in ((tmp_path / "a", None), (tmp_path / "b", postgres.database())):
        done = restore(tmp_path / "copy.zip", folder, url, who="A Blong")
        assert (done.aside, done.problems) == (None, ())
        again = opened_again(folder, url)
        found = everything(again)
        last = found["diary"].pop(0)
        assert (last["action"], last["who"]) == ("store-restored", "A Blong")
        assert found == truth
        waiting = uploads.path_of(again, found["uploads"][0]["id"])
        assert waiting.read_bytes() == b"waiting"
        # numbers go on where they were
        assert enter(again, "v9", 1.0) > max(row["id"] for row in truth["past"])
        again.close()


def test_restoring_over_a_store_keeps_the_old_records_aside(store, tmp_path):
    backup(store, tmp_path / "copy.zip")
    truth = everything(store, diary=False)
    enter(store, "v1", 77.0)
    put_layer(store, layer((1, 2)))
    later = everything(store, diary=False)
    url = address(store)
    store.close()
    done = restore(tmp_path / "copy.zip", store.folder, url, who=WHO)
    again = opened_again(store.folder, url)
    assert everything(again, diary=False) == truth
    with again.reading() as connection:
        assert kept_aside(again, connection) == [done.aside]
    # what was set aside is a whole store
    if url is None:
        again.close()
        (store.folder / "diary.mark").unlink()
        (store.folder / done.aside).replace(store.folder / RECORDS)
        old = opened_again(store.folder, None)
        assert everything(old, diary=False) == later
        old.close()
    else:
        with again.reading() as connection:
            rows = connection.exec_driver_sql(f"SELECT count(*) FROM {done.aside}.versions").scalar()
        assert rows == 3
        again.close()


def test_a_store_that_is_open_elsewhere_is_not_exchanged(tmp_path):
    store = open_store(tmp_path / "store")
    fill(store)
    backup(store, tmp_path / "copy.zip")
    with store.reading(), pytest.raises(StoreError, match="in use"):
        restore(tmp_path / "copy.zip", store.folder, who=WHO)
    enter(store, "v1", 5.0)
    assert check(store, deep=True) == ()
    store.close()


@pytest.mark.parametrize("damage", ["garbage", "emptied", "gone", "file altered"])
def test_a_damaged_store_is_mended_by_its_backup(tmp_path, damage):
    store = open_store(tmp_path / "store")
    fill(store)
    backup(store, tmp_path / "copy.zip")
    truth = everything(store, diary=False)
    content = truth["current"]["schools"]["content"]
    store.close()
    records = store.folder / RECORDS
    if damage == "file altered":
        store.files.path(content, "vector").write_bytes(b"altered")
    elif damage == "gone":
        records.unlink()
    else:
        records.write_bytes(b"" if damage == "emptied" else b"garbage" * 5000)
    restore(tmp_path / "copy.zip", store.folder, who=WHO)
    again = opened_again(store.folder, None)
    assert everything(again, diary=False) == truth
    assert len(again.files.get_vector(content)) == 2
    again.close()


def test_a_missing_file_is_told_by_the_backup_and_after_it(store, tmp_path):
    with store.reading() as connection:
        old = studies.get_version(connection, STUDY, "schools", 1)
    store.files.path(old["content"], "vector").unlink()
    made = backup(store, tmp_path / "copy.zip")
    assert [problem.code for problem in made.problems] == ["store-source-file-missing"]
    done = restore(tmp_path / "copy.zip", tmp_path / "a", who=WHO)
    assert [problem.code for problem in done.problems] == ["backup-without-file"]
    again = open_store(tmp_path / "a")
    assert [problem.code for problem in check(again)] == ["store-source-file-missing"]
    again.close()


def test_a_damaged_store_is_not_backed_up_over_a_good_backup(tmp_path):
    store = open_store(tmp_path / "store")
    fill(store)
    backup(store, tmp_path / "copy.zip")
    good = (tmp_path / "copy.zip").read_bytes()
    with store.writing(WHO) as change:
        change.connection.exec_driver_sql("DROP TRIGGER audit_keeps_rows")
        change.connection.exec_driver_sql("UPDATE audit SET who = 'x' WHERE seq = 2")
    with pytest.raises(StoreError, match="line 2"):
        backup(store, tmp_path / "copy.zip")
    assert (tmp_path / "copy.zip").read_bytes() == good
    assert [path.name for path in tmp_path.iterdir()].count("copy.zip") == 1
    store.close()


def rewritten(path, target, change):
    """A copy of an archive whose members went through `change(name, octets)`; None leaves one out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            changed = change(entry.filename, old.read(entry))
            for name, octets in changed if isinstance(changed, list) else [(entry.filename, changed)]:
                if octets is not None:
                    new.writestr(name, octets)
    return target


def altered_list(change):
    def alter(name, octets):
        if name != "manifest.json":
            return octets
        about = json.loads(octets)
        change(about)
        return json.dumps(about).encode()

    return alter


HOSTILE = {
    "a member altered": lambda name, octets: octets[:-1] + b"x" if name.startswith("files/") else octets,
    "a member cut": lambda name, octets: octets[:10] if name.startswith("files/") else octets,
    "a member missing": lambda name, octets: None if name == "records.jsonl" else octets,
    "no list": lambda name, octets: None if name == "manifest.json" else octets,
    "a member more": lambda name, octets: [(name, octets), (f"../{name}", b"x")],
    "rows altered": lambda name, octets: (
        octets.replace(b"0.25", b"9.25") if name == "records.jsonl" else octets
    ),
    "list of garbage": lambda name, octets: b"{" if name == "manifest.json" else octets,
    "list of another shape": lambda name, octets: b"[1]" if name == "manifest.json" else octets,
    "names out of the folder": altered_list(
        lambda about: about["members"].update({"../../x": {"sha256": "0" * 64, "size": 1}})
    ),
    "a newer program": altered_list(lambda about: about.update(revision="9999")),
    "a newer form": altered_list(lambda about: about.update(format=2)),
    "another purpose": altered_list(lambda about: about.update(kind="langmap-study")),
    "endless": altered_list(
        lambda about: [stated.update(size=10**15) for stated in about["members"].values()]
    ),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    store = open_store(folder / "store")
    fill(store)
    backup(store, folder / "copy.zip")
    store.close()
    return folder / "copy.zip"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_damaged_or_hostile_backup_changes_nothing(good, tmp_path, hostile):
    store = open_store(tmp_path / "store")
    fill(store, 1)
    truth = everything(store)
    store.close()
    bad = rewritten(good, tmp_path / "bad.zip", HOSTILE[hostile])
    with pytest.raises(StoreError) as refused:
        restore(bad, store.folder, who=WHO)
    assert refused.value.say("vi") and refused.value.code.startswith(
        ("archive-", "store-newer", "store-full")
    )
    again = opened_again(store.folder, None)
    assert everything(again) == truth
    again.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.zip", "store"]


def test_rows_that_do_not_fit_are_refused_although_every_hash_is_right(good, tmp_path):
    from gis.store.archive import Archive, Writer

    for name, replaced in (
        ("orphan", (b'"version_id":2', b'"version_id":99')),
        ("column", (b'"revision":', b'"revisions":')),
        ("table", (b'["sources"', b'["sorcery"')),
        ("diary", (b"A Blong", b"")),
    ):
        with Archive(good, "langmap-backup") as old:
            rows = b"".join(old.pieces("records.jsonl"))
            changed = rows.replace(*replaced) if name != "diary" else rows.replace(b'"seq":3', b'"seq":300')
            assert changed != rows
            about = {"made_at": "", "revision": old.about["revision"]}
            with Writer(tmp_path / f"{name}.zip", "langmap-backup", **about) as new:
                for member in old.members:
                    new.add(member, [changed] if member == "records.jsonl" else list(old.pieces(member)))
        with pytest.raises(StoreError, match="damaged"):
            restore(tmp_path / f"{name}.zip", tmp_path / name, who=WHO)
        assert not (tmp_path / name / RECORDS).exists()


@pytest.mark.parametrize("octets", [b"", b"PK\x05\x06" + bytes(18), b"not a zip", b"PK\x03\x04" + bytes(40)])
def test_a_file_that_is_no_backup_is_refused(tmp_path, octets):
    (tmp_path / "x.zip").write_bytes(octets)
    with pytest.raises(StoreError):
        restore(tmp_path / "x.zip", tmp_path / "store", who=WHO)
    with pytest.raises(StoreError, match="cannot be read"):
        restore(tmp_path / "absent.zip", tmp_path / "store", who=WHO)
    assert not (tmp_path / "store").exists()


WRITES = """
import sys
from gis.store import open_store, reported
store = open_store(sys.argv[1], sys.argv[2] or None)
for number in range(int(sys.argv[4])):
    with store.writing("Y Lan") as change:
        reported.enter(change, "dak-to", 2024, f"{sys.argv[3]}-{number}", "households", float(number))
store.close()
"""


def writers(store, count, edits):
    """Processes that each enter some values, one transaction each."""
    command = [sys.executable, "-c", WRITES, str(store.folder), address(store) or ""]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return [subprocess.Popen([*command, f"w{n}", str(edits)], env=environment) for n in range(count)]


def test_a_backup_taken_while_four_processes_write_is_of_one_moment(store, tmp_path):
    running = writers(store, 4, 25)
    made = []
    while any(process.poll() is None for process in running):
        made.append(backup(store, tmp_path / f"copy-{len(made)}.zip").path)
    assert [process.wait() for process in running] == [0] * 4
    sizes = []
    # Those from while nobody had begun are all the same.
    for path in made[-4:]:
        restore(path, tmp_path / path.stem, who=WHO)
        again = opened_again(tmp_path / path.stem, None)
        found = everything(again)
        entries = [row for row in found["diary"] if row["action"] == "value-entered"]
        assert len(entries) == len(found["past"])
        sizes.append(len(entries))
        again.close()
    assert sizes == sorted(sizes) and len(everything(store)["past"]) == 14 + 100


def test_only_old_files_that_nothing_names_are_swept(store, tmp_path):
    orphan = store.files.put_vector(layer((5, 5)))
    waiting = store.files.put_vector(layer((6, 6)))
    row = uploads.receive(store, STUDY, "a.zip", [b"staged"], who=WHO, limit_mb=1)
    settled = uploads.receive(store, STUDY, "b.zip", [b"done"], who=WHO, limit_mb=1)
    with store.writing(WHO) as change:
        uploads.settle(change, STUDY, row["id"], "read", found={"content": waiting, "kind": "vector"})
        uploads.settle(change, STUDY, settled["id"], "discarded")
    (store.files.folder / ".new-0011").write_bytes(b"half")
    assert sweep(store, who=WHO).files == 0
    swept = sweep(store, who=WHO, older_than_s=-5)
    assert (swept.files, swept.held) == (3, False)
    names = {content for content, _, _ in store.files.all()}
    assert orphan not in names and waiting in names
    assert not uploads.path_of(store, settled["id"]).exists() and uploads.path_of(store, row["id"]).exists()
    assert check(store, deep=True) == () and sweep(store, who=WHO, older_than_s=-5).files == 0


def test_nothing_is_swept_that_records_kept_aside_may_name(tmp_path):
    store = open_store(tmp_path / "store")
    fill(store)
    backup(store, tmp_path / "copy.zip")
    later = put_layer(store, layer((7, 7)))["content"]
    store.close()
    restore(tmp_path / "copy.zip", store.folder, who=WHO)
    again = open_store(store.folder)
    assert sweep(again, who=WHO, older_than_s=-5).held
    assert later in {content for content, _, _ in again.files.all()}
    again.close()


class Stop(Exception):
    pass


@pytest.mark.parametrize(
    "point", ["restore-files", "restore-records", "restore-aside", "restore-swapped", "restore-kept"]
)
def test_a_restore_that_ends_early_leaves_the_old_or_the_new_state(good, tmp_path, point):
    store = open_store(tmp_path / "store")
    fill(store, 1)
    old = everything(store)["past"]
    store.close()

    def stop(name):
        if name == point:
            raise Stop

    points.watch(stop)
    try:
        with pytest.raises(Stop):
            restore(good, store.folder, who=WHO)
    finally:
        points.watch(None)
    again = opened_again(store.folder, None)
    entries = len(everything(again)["past"])
    assert entries == (14 if point in ("restore-swapped", "restore-kept") else len(old))
    again.close()
