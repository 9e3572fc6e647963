"""The store keeps what it is told, once, with who and when; and nothing is written over unseen."""

import geopandas as gpd
import pandas as pd
import pytest
import sqlalchemy as sa
from geopandas.testing import assert_geodataframe_equal
from shapely.geometry import Point

from gis.errors import ConflictError, MissingError, StoreError
from gis.store import audit, decisions, evidence, open_store, reported, studies, uploads
from gis.store.migrate import upgrade
from gis.store.schema import metadata

WHO = "Y Lan"
A, B = "a" * 64, "b" * 64


@pytest.fixture
def store(tmp_path, records_url):
    opened = open_store(tmp_path / "store", records_url)
    with opened.writing(WHO) as change:
        studies.add_study(change, "dak-to", {"title": "Đăk Tô", "criteria": "sdg-access"})
    yield opened
    opened.close()


def add(store, content, *, source="schools", entry=None):
    with store.writing(WHO) as change:
        return studies.add_version(
            change,
            "dak-to",
            source,
            content=content,
            kind="vector",
            file="truong.gpkg",
            entry=entry or {},
            report={},
        )


def test_the_same_content_twice_is_one_version(store):
    first, is_new = add(store, A)
    again, is_new_again = add(store, A)
    assert (is_new, is_new_again) == (True, False)
    assert first["id"] == again["id"]
    with store.reading() as connection:
        assert len(studies.list_versions(connection, "dak-to", "schools")) == 1


def test_the_same_content_bound_in_another_way_is_another_version(store):
    add(store, A, entry={"complete": "yes"})
    row, is_new = add(store, A, entry={"complete": "no"})
    assert is_new and row["number"] == 2


def test_switching_back_keeps_all_versions_and_tells_who(store):
    add(store, A)
    add(store, B)
    with store.writing("A Blong") as change:
        studies.switch_version(change, "dak-to", "schools", 1)
    with store.reading() as connection:
        assert studies.current_version(connection, "dak-to", "schools")["content"] == A
        assert [row["number"] for row in studies.list_versions(connection, "dak-to", "schools")] == [2, 1]
        last = audit.history(connection, limit=1)[0]
    assert (last["who"], last["action"], last["subject"]) == ("A Blong", "version-switched", "schools")
    assert (last["before"]["number"], last["after"]["number"]) == (2, 1)


def test_a_source_that_was_removed_comes_back_as_it_was(store):
    add(store, A)
    with store.writing(WHO) as change:
        studies.remove_source(change, "dak-to", "schools")
    with store.reading() as connection:
        assert studies.current_versions(connection, "dak-to") == {}
        assert [row["source"] for row in studies.removed_sources(connection, "dak-to")] == ["schools"]
    with store.writing(WHO) as change:
        studies.remove_source(change, "dak-to", "schools", undo=True)
    with store.reading() as connection:
        assert studies.current_versions(connection, "dak-to")["schools"]["content"] == A


def test_a_study_that_was_removed_is_out_of_sight_and_comes_back(store):
    with store.writing(WHO) as change:
        studies.remove_study(change, "dak-to")
    with store.reading() as connection:
        assert studies.list_studies(connection) == []
        with pytest.raises(MissingError):
            studies.get_study(connection, "dak-to")
    with store.writing(WHO) as change:
        studies.remove_study(change, "dak-to", undo=True)
    with store.reading() as connection:
        assert [row["id"] for row in studies.list_studies(connection)] == ["dak-to"]


def test_every_change_of_a_study_counts_its_revision_up(store):
    def revision():
        with store.reading() as connection:
            return studies.get_study(connection, "dak-to")["revision"]

    before = revision()
    add(store, A)
    assert revision() == before + 1
    add(store, A)
    assert revision() == before + 1


def test_a_recipe_changed_by_another_person_is_not_written_over(store):
    with store.reading() as connection:
        seen = studies.get_study(connection, "dak-to")["revision"]
    add(store, A)
    with pytest.raises(ConflictError), store.writing(WHO) as change:
        studies.set_recipe(change, "dak-to", {"title": "Khác"}, seen=seen)
    with store.reading() as connection:
        assert studies.get_study(connection, "dak-to")["recipe"]["title"] == "Đăk Tô"


def test_the_latest_value_counts_and_the_earlier_ones_are_its_history(store):
    with store.writing(WHO) as change:
        first = reported.enter(change, "dak-to", 2024, "v1", "households", 40.0)
        second = reported.enter(change, "dak-to", 2024, "v1", "households", 42.0, seen=first)
        reported.enter(change, "dak-to", 2024, "v1", "households", 41.0, kind="recheck")
    with store.reading() as connection:
        now = reported.entered(connection, "dak-to")
        assert now[["kind", "value"]].values.tolist() == [["recheck", 41.0], ["self", 42.0]]
        past = reported.history(connection, village_id="v1", kind="self")
        assert [row["id"] for row in past] == [second, first]
    with store.writing(WHO) as change:
        reported.enter(change, "dak-to", 2024, "v1", "households", None, kind="recheck")
    with store.reading() as connection:
        assert reported.entered(connection, "dak-to")["kind"].tolist() == ["self"]


def test_a_value_that_another_person_changed_is_not_written_over(store):
    with store.writing(WHO) as change:
        seen = reported.enter(change, "dak-to", 2024, "v1", "households", 40.0)
    with store.writing("A Blong") as change:
        reported.enter(change, "dak-to", 2024, "v1", "households", 44.0, seen=seen)
    with pytest.raises(ConflictError) as refused, store.writing(WHO) as change:
        reported.enter(change, "dak-to", 2024, "v1", "households", 39.0, seen=seen)
    assert refused.value.arguments["who"] == "A Blong"
    with store.reading() as connection:
        assert reported.entered(connection, "dak-to")["value"].tolist() == [44.0]


def test_a_change_that_fails_leaves_nothing(store):
    with pytest.raises(RuntimeError, match="on purpose"), store.writing(WHO) as change:
        reported.enter(change, "dak-to", 2024, "v1", "households", 40.0)
        raise RuntimeError("on purpose")
    with store.reading() as connection:
        assert reported.entered(connection, "dak-to").empty
        assert audit.broken_at(connection) is None


def test_a_change_needs_a_name(store):
    with pytest.raises(StoreError, match="name"):
        store.writing("  ")


def test_a_decision_is_kept_replaced_and_withdrawn(store):
    subject = {"name": "Thon 1", "commune": "Dak Ha"}
    with store.writing(WHO) as change:
        decisions.decide(change, "dak-to", "match", subject, "v1")
        decisions.decide(change, "dak-to", "match", dict(reversed(subject.items())), "v2")
        decisions.decide(change, "dak-to", "match", {"name": "Thon 2"}, None)
    with store.reading() as connection:
        found = decisions.standing(connection, "dak-to", "match")
        assert [row["answer"] for row in found] == ["v2", None]
    with store.writing(WHO) as change:
        decisions.withdraw(change, "dak-to", "match", subject)
    with store.reading() as connection:
        assert len(decisions.standing(connection, "dak-to", "match")) == 1


def test_the_diary_cannot_be_changed_and_tells_when_it_was(store, tmp_path):
    add(store, A)
    for statement in ("UPDATE audit SET who = 'nobody'", "DELETE FROM audit"):
        with pytest.raises(StoreError), store.writing(WHO) as change:
            change.connection.exec_driver_sql(statement)
    # somebody with the database in hand can take the triggers off, and is found out by the chain
    of_table = " ON audit" if store.engine.dialect.name == "postgresql" else ""
    with store.writing(WHO) as change:
        change.connection.exec_driver_sql(f"DROP TRIGGER audit_keeps_rows{of_table}")
        change.connection.exec_driver_sql("UPDATE audit SET who = 'nobody' WHERE seq = 1")
        assert audit.broken_at(change.connection) == 1


def test_evidence_is_attached_removed_and_restored(store):
    content, size = store.files.put_octets([b"ab", b"c"])
    with store.writing(WHO) as change:
        number = evidence.attach(
            change, "dak-to", "v1", content=content, file="anh.jpg", size=size, year=2024
        )
        evidence.remove(change, "dak-to", number)
    with store.reading() as connection:
        assert evidence.listed(connection, "dak-to", "v1") == []
    with store.writing(WHO) as change:
        evidence.remove(change, "dak-to", number, undo=True)
    with store.reading() as connection:
        assert evidence.listed(connection, "dak-to", "v1")[0]["size"] == 3
    assert store.files.path(content, "evidence").read_bytes() == b"abc"


def test_a_layer_comes_back_as_it_went_in(store):
    frame = gpd.GeoDataFrame(
        {
            "source_row": [1, 2],
            "tên": pd.Series(["Trường Đăk Tô", None], dtype=object),
            "phòng": pd.array([3, None], dtype="Int64"),
            "mở": pd.Series([True, None], dtype=object),
            "rộng": [1.5, float("nan")],
        },
        geometry=[Point(108, 14), None],
        crs="EPSG:9216",
    )
    back = store.files.get_vector(store.files.put_vector(frame))
    assert_geodataframe_equal(frame, back)
    assert back["tên"].tolist() == ["Trường Đăk Tô", None]


def test_the_same_layer_is_one_file_and_files_are_never_touched(store):
    frame = gpd.GeoDataFrame({"source_row": [1]}, geometry=[Point(1, 2)], crs="EPSG:4326")
    name = store.files.put_vector(frame)
    before = store.files.path(name, "vector").stat().st_mtime_ns
    assert store.files.put_vector(frame.copy()) == name
    assert store.files.path(name, "vector").stat().st_mtime_ns == before
    assert [content for content, _, _ in store.files.all()] == [name]


def test_a_name_that_is_no_name_of_a_file_is_refused(store):
    for name in ("../records", "a" * 63, A):
        with pytest.raises(StoreError):
            store.files.path(name, "vector")


def test_an_upload_is_kept_under_a_random_name_or_not_at_all(store):
    row = uploads.receive(store, "dak-to", "../Bản đồ xã.zip", [b"ab", b"c"], who=WHO, limit_mb=1)
    assert uploads.path_of(store, row["id"]).read_bytes() == b"abc"
    assert row["file"] == "../Bản đồ xã.zip"
    with pytest.raises(StoreError):
        uploads.receive(store, "dak-to", "lớn", [b"a" * 1_000_001], who=WHO, limit_mb=1)
    with pytest.raises(MissingError):
        uploads.receive(store, "nowhere", "x", [b"a"], who=WHO, limit_mb=1)
    assert len(list((store.folder / "uploads").iterdir())) == 1


def test_the_migrations_make_the_tables_that_the_code_knows(store):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_store_of_a_newer_program_is_refused_untouched(store):
    with store.writing(WHO) as change:
        change.connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer"):
        open_store(store.folder, store.url)
    with store.reading() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).all() == [("9999",)]


def test_upgrading_what_is_up_to_date_changes_nothing(store):
    with store.writing(WHO) as change:
        upgrade(change.connection)
        assert audit.broken_at(change.connection) is None
