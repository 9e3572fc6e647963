"""A damaged store is found out, says what to do, and is not written into."""

import random
import sqlite3
import subprocess
import sys

import geopandas as gpd
import pytest
from shapely.geometry import Point

from gis.errors import GisError, StoreError
from gis.store import RECORDS, accept_loss, audit, evidence, open_store, reported, studies
from gis.store.checking import check

WHO = "Y Lan"


def fill(store, values=40):
    """A study with one layer, one photo and some values."""
    layer = gpd.GeoDataFrame({"source_row": [1]}, geometry=[Point(108, 14)], crs="EPSG:4326")
    content = store.files.put_vector(layer)
    photo, size = store.files.put_octets([b"photo"])
    with store.writing(WHO) as change:
        studies.add_study(change, "dak-to", {"title": "Đăk Tô", "criteria": "sdg-access"})
        entry = dict(content=content, kind="vector", file="truong.gpkg", entry={}, report={})
        studies.add_version(change, "dak-to", "schools", **entry)
        evidence.attach(change, "dak-to", "v1", content=photo, file="anh.jpg", size=size)
    for number in range(values):
        with store.writing(WHO) as change:
            reported.enter(change, "dak-to", 2024, f"v{number}", "households", float(number))
    return content, photo


@pytest.fixture
def filled(tmp_path, records_url):
    """An open store with something in it, and the names of its two files."""
    store = open_store(tmp_path / "store", records_url)
    yield store, *fill(store)
    store.close()


def codes(problems):
    return [problem.code for problem in problems]


def test_a_whole_store_has_no_problems(filled):
    store, *_ = filled
    assert check(store) == check(store, deep=True) == ()


def test_a_missing_file_is_named_with_its_study_and_source(filled):
    store, content, photo = filled
    store.files.path(content, "vector").unlink()
    store.files.path(photo, "evidence").unlink()
    layer, picture = check(store)
    assert layer.code == "store-source-file-missing" and picture.code == "store-evidence-file-missing"
    assert (layer.arguments["study"], layer.arguments["source"]) == ("dak-to", "schools")
    assert "truong.gpkg" in layer.say("vi") and "anh.jpg" in picture.say("en")
    # importing the file again mends it, so writing goes on
    again = open_store(store.folder, store.url, checked=True)
    with again.writing(WHO) as change:
        reported.enter(change, "dak-to", 2024, "v1", "households", 1.0)
    again.close()


def test_a_file_that_only_an_earlier_version_needs_is_a_warning(filled):
    store, content, _ = filled
    other = gpd.GeoDataFrame({"source_row": [1]}, geometry=[Point(1, 2)], crs="EPSG:4326")
    entry = dict(content=store.files.put_vector(other), kind="vector", file="b", entry={}, report={})
    with store.writing(WHO) as change:
        studies.add_version(change, "dak-to", "schools", **entry)
    store.files.path(content, "vector").unlink()
    assert [problem.severity for problem in check(store)] == ["warning"]


def test_an_altered_file_is_found_by_the_deep_check(filled):
    store, content, _ = filled
    path = store.files.path(content, "vector")
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)
    assert codes(check(store)) == []
    assert codes(check(store, deep=True)) == ["store-source-file-altered"]
    path.write_bytes(b"garbage")
    with pytest.raises(StoreError, match="damaged"):
        store.files.get_vector(content)


def test_a_value_changed_behind_the_programs_back_is_found_by_the_deep_check(filled):
    store, *_ = filled
    with store.writing(WHO) as change:
        change.connection.exec_driver_sql("UPDATE reported SET value = '99.0' WHERE village_id = 'v7'")
    assert codes(check(store)) == []
    (problem,) = check(store, deep=True)
    assert problem.code == "store-diary-differs" and "v7" in problem.say("en")


def test_a_broken_diary_bars_writing_and_still_shows_what_reads(filled):
    store, *_ = filled
    of_table = " ON audit" if store.engine.dialect.name == "postgresql" else ""
    with store.writing(WHO) as change:
        change.connection.exec_driver_sql(f"DROP TRIGGER audit_keeps_rows{of_table}")
        change.connection.exec_driver_sql("UPDATE audit SET who = 'nobody' WHERE seq = 5")
    again = open_store(store.folder, store.url, checked=True)
    assert codes(again.barred) == ["store-diary-broken"]
    with pytest.raises(StoreError, match="gis restore"):
        again.writing(WHO)
    with again.reading() as connection:
        assert len(reported.entered(connection, "dak-to")) == 40
    again.close()


def test_records_that_lost_their_latest_changes_are_found_out(tmp_path):
    store = open_store(tmp_path / "store")
    fill(store)
    store.close()
    before = (store.folder / RECORDS).read_bytes()
    later = open_store(store.folder)
    with later.writing(WHO) as change:
        reported.enter(change, "dak-to", 2024, "v1", "households", 3.0)
    # the change lies in the log, which is lost with a stick that was pulled out
    (store.folder / f"{RECORDS}-wal").unlink()
    later.engine.dispose()
    (store.folder / RECORDS).write_bytes(before)
    early = open_store(store.folder)
    assert codes(early.barred) == ["store-diary-lost"]
    assert (early.barred[0].arguments["noted"], early.barred[0].arguments["last"]) == (44, 43)
    with pytest.raises(StoreError, match="gis restore"):
        early.writing(WHO)
    mended = accept_loss(early, who=WHO)
    with mended.writing(WHO) as change:
        reported.enter(change, "dak-to", 2024, "v1", "households", 3.0)
    mended.close()
    again = open_store(store.folder, checked=True)
    assert again.barred == ()
    again.close()


@pytest.mark.parametrize("left", ["nothing", "emptied", "garbage", "half", "a text"])
def test_records_that_are_gone_or_garbage_are_refused_with_a_sentence(tmp_path, left):
    store = open_store(tmp_path / "store")
    fill(store)
    store.close()
    path = store.folder / RECORDS
    whole = path.read_bytes()
    path.unlink()
    if left != "nothing":
        octets = {
            "emptied": b"",
            "garbage": random.Random(1).randbytes(9000),
            "half": whole[: len(whole) // 2],
        }
        path.write_bytes(octets.get(left, b"not a database, not at all\n" * 400))
    try:
        opened = open_store(store.folder, checked=True)
    except StoreError as error:
        assert error.code in ("store-records-lost", "store-damaged"), error.code
        assert "gis restore" in error.say("vi")
    else:
        assert opened.barred and "gis restore" in opened.barred[0].say("vi")
        opened.close()


def damaged(folder, whole, random_, page_size=4096):
    """The records with one page damaged; which bytes."""
    octets = bytearray(whole)
    start = random_.randrange(len(octets) // page_size) * page_size
    how = random_.choice(("bits", "zeros", "noise"))
    if how == "bits":
        for _ in range(random_.randint(1, 8)):
            octets[start + random_.randrange(page_size)] ^= 1 << random_.randrange(8)
    else:
        octets[start : start + page_size] = (
            bytes(page_size) if how == "zeros" else random_.randbytes(page_size)
        )
    (folder / RECORDS).write_bytes(octets)


def everything(store):
    """All that is shown of a study."""
    with store.reading() as connection:
        return (
            reported.entered(connection, "dak-to").values.tolist(),
            studies.list_studies(connection),
            studies.current_versions(connection, "dak-to"),
            evidence.listed(connection, "dak-to"),
            audit.history(connection),
        )


def flip(tmp_path, times, seed):
    """How many damaged pages were found out, changed nothing that is shown, and went unseen."""
    store = open_store(tmp_path / "store")
    fill(store, 120)
    truth = everything(store)
    store.close()
    whole = (store.folder / RECORDS).read_bytes()
    random_ = random.Random(seed)
    found = harmless = unseen = 0
    for _ in range(times):
        for name in ("-wal", "-shm"):
            (store.folder / f"{RECORDS}{name}").unlink(missing_ok=True)
        damaged(store.folder, whole, random_)
        try:
            opened = open_store(store.folder, checked=True)
        except GisError as error:
            assert "gis restore" in error.say("vi") or error.code == "store-failed", error
            found += 1
            continue
        problems = check(opened, deep=True)
        try:
            same = everything(opened) == truth
        except GisError:
            same = False
        found, harmless = found + bool(problems), harmless + (not problems and same)
        unseen += not problems and not same
        opened.close()
    return found, harmless, unseen


def test_a_few_damaged_pages_never_end_in_a_traceback(tmp_path):
    found, harmless, unseen = flip(tmp_path, 12, seed=3)
    assert found + harmless + unseen == 12 and found >= 6


@pytest.mark.long
def test_a_hundred_damaged_pages_never_end_in_a_traceback(tmp_path):
    found, harmless, unseen = flip(tmp_path, 100, seed=11)
    print(f"damaged pages: {found} found, {harmless} harmless, {unseen} unseen")
    assert found + harmless + unseen == 100 and unseen <= 5


def test_a_database_of_another_program_is_no_store(tmp_path):
    (tmp_path / "store").mkdir()
    with sqlite3.connect(tmp_path / "store" / RECORDS) as other:
        other.execute("CREATE TABLE studies (x)")
    other.close()
    with pytest.raises(StoreError):
        open_store(tmp_path / "store")


LOCKED_OUT = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], timeout=0.1, isolation_level=None)
try:
    other.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error)
"""


def test_the_reader_of_foreign_files_takes_no_lock_and_no_change_from_an_open_store(tmp_path):
    from gis.errors import IntakeError
    from gis.intake import Reader

    store = open_store(tmp_path / "store")
    fill(store, 2)
    path = store.folder / RECORDS
    with Reader() as reader:
        with store.writing(WHO) as change:
            reported.enter(change, "dak-to", 2024, "v1", "households", 5.0)
            with pytest.raises(IntakeError):
                reader.vector(path)
            # were the lock gone, another process would get in, and our change be lost
            said = subprocess.run(
                [sys.executable, "-c", LOCKED_OUT, str(path)], capture_output=True, text=True
            )
            assert said.stdout.strip() == "database is locked"
        store.close()
        with pytest.raises(IntakeError, match="no GeoPackage"):
            reader.vector(path)
    again = open_store(store.folder, checked=True)
    with again.reading() as connection:
        assert reported.history(connection, village_id="v1", limit=1)[0]["value"] == 5.0
    assert check(again, deep=True) == ()
    again.close()
