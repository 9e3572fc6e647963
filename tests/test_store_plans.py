"""Plans and scenarios in the store: kept whole, renamed, withdrawn, carried away and brought back."""

import gzip

import pytest

from gis.errors import MissingError, StoreError
from gis.store import audit, open_store, plans, studies, sweeping
from gis.store.backup import backup, restore
from gis.store.checking import check
from gis.store.package import export_study, import_study

WHO, STUDY = "Y Lan", "dak-to"
RECORD = {"format": 1, "kind": "plan", "works": [], "villages": [], "note": "Đăk Tô"}


@pytest.fixture
def store(tmp_path, records_url):
    opened = open_store(tmp_path / "store", records_url)
    with opened.writing(WHO) as change:
        studies.add_study(change, STUDY, {"title": {"vi": "Đăk Tô"}, "criteria": "sdg-access"})
    yield opened
    opened.close()


def save(store, record=RECORD, name="Phương án 20 tỷ", study=STUDY, kind="plan"):
    content = plans.put_record(store.files, record)
    told = {"kind": kind, "name": name, "content": content, "run": "abc", "revision": 1}
    with store.writing(WHO) as change:
        return plans.add(change, study, **told, headline={"passing": 3})


def revision(store):
    with store.reading() as connection:
        return studies.get_study(connection, STUDY)["revision"]


def test_a_plan_is_kept_once_and_reads_as_it_was(store):
    before = revision(store)
    row = save(store)
    assert save(store, name="again")["id"] == row["id"]
    assert plans.get_record(store.files, row["content"]) == RECORD
    assert row["name"] == "Phương án 20 tỷ" and row["headline"] == {"passing": 3}
    # the judgement of the study has not changed by it
    assert revision(store) == before


def test_it_is_renamed_and_withdrawn_with_a_reason_once(store):
    key = save(store)["key"]
    with store.writing(WHO) as change:
        plans.rename(change, STUDY, key, name="  Phương   án A ", note="họp 12/2026")
        with pytest.raises(StoreError, match="reason"):
            plans.withdraw(change, STUDY, key, reason=" ")
        with pytest.raises(StoreError, match="Name"):
            plans.rename(change, STUDY, key, name=" ")
        plans.withdraw(change, STUDY, key, reason="đơn giá cũ")
    with store.reading() as connection:
        row = plans.get(connection, STUDY, key)
        assert (row["name"], row["withdrawn"]["reason"]) == ("Phương án A", "đơn giá cũ")
        told = [line["action"] for line in audit.history(connection, study_id=STUDY, limit=3)]
    assert told == ["plan-withdrawn", "plan-renamed", "plan-saved"]
    with store.writing(WHO) as change, pytest.raises(StoreError, match="before"):
        plans.withdraw(change, STUDY, key, reason="lần nữa")


def test_plans_and_scenarios_are_listed_apart_the_latest_first(store):
    save(store)
    save(store, RECORD | {"kind": "scenario"}, "Đóng trạm", kind="scenario")
    save(store, RECORD, "khác", study="a-study-file")
    with store.reading() as connection:
        assert [row["name"] for row in plans.listed(connection, STUDY)] == ["Đóng trạm", "Phương án 20 tỷ"]
        assert [row["kind"] for row in plans.listed(connection, STUDY, "plan")] == ["plan"]
        with pytest.raises(MissingError, match="no plan"):
            plans.get(connection, STUDY, "0000000000")


def test_its_file_stays_when_the_store_is_swept_and_is_missed_when_gone(store):
    row = save(store)
    assert sweeping.sweep(store, who=WHO, older_than_s=-1).files == 0
    assert check(store, deep=True) == ()
    store.files.path(row["content"], "plan").write_bytes(gzip.compress(b"[]"))
    with pytest.raises(StoreError, match="damaged"):
        plans.get_record(store.files, row["content"])
    assert [one.code for one in check(store, deep=True)] == ["store-plan-file-altered"]
    store.files.path(row["content"], "plan").unlink()
    assert [one.code for one in check(store)] == ["store-plan-file-missing"]


def test_a_backup_brings_plans_back(store, tmp_path):
    row = save(store)
    backup(store, tmp_path / "all.zip")
    restore(tmp_path / "all.zip", tmp_path / "new", who=WHO)
    other = open_store(tmp_path / "new")
    with other.reading() as connection:
        assert plans.get(connection, STUDY, row["key"]) == row
    assert plans.get_record(other.files, row["content"]) == RECORD
    other.close()


def test_a_study_takes_its_plans_along_and_withdrawals_follow(store, tmp_path):
    key = save(store)["key"]
    export_study(store, STUDY, tmp_path / "study.zip")
    other = open_store(tmp_path / "other")
    assert import_study(other, tmp_path / "study.zip", who="A Blong").taken == {"plan": 1}
    assert import_study(other, tmp_path / "study.zip", who="A Blong").taken == {}
    with store.writing(WHO) as change:
        plans.withdraw(change, STUDY, key, reason="đơn giá cũ")
    export_study(store, STUDY, tmp_path / "study.zip")
    import_study(other, tmp_path / "study.zip", who="A Blong")
    with other.reading() as connection:
        row = plans.get(connection, STUDY, key)
    assert row["who"] == WHO and row["withdrawn"]["reason"] == "đơn giá cũ"
    assert plans.get_record(other.files, row["content"]) == RECORD
    assert check(other, deep=True) == ()
    other.close()
