"""Editions of criteria sets in the store: named, carried along, told of when altered."""

import pytest
import sqlalchemy as sa

from gis.amendments import amend
from gis.criteria import load_criteria
from gis.errors import ConflictError, CriteriaError, StoreError
from gis.store import editions, open_store, studies
from gis.store.backup import backup, restore
from gis.store.checking import check
from gis.store.package import export_study, import_study
from gis.store.schema import editions as table
from gis.workflows.editions import find_set, mark, save_edition, set_beside, set_of, use_edition

SET, STUDY, WHO = "sdg-access", "dak-to", "Y Lan"


@pytest.fixture
def store(tmp_path, records_url):
    opened = open_store(tmp_path / "store", records_url)
    yield with_study(opened)
    opened.close()


@pytest.fixture
def other(tmp_path):
    opened = open_store(tmp_path / "other")
    yield opened
    opened.close()


def with_study(store):
    with store.writing(WHO) as change:
        studies.add_study(change, STUDY, {"title": {"vi": "Đăk Tô"}, "criteria": SET})
    return store


def first_figure(criteria):
    one = next(
        one for one in criteria.criteria if isinstance(next(iter(one.thresholds.values())), (int, float))
    )
    return one.id, next(iter(one.thresholds))


def correct(store, figure, *, who=WHO, use=True, seen=None):
    """A new edition with another first figure."""
    with store.reading() as connection:
        study = studies.get_study(connection, STUDY)
        criteria, seen = set_of(connection, study), seen or mark(connection, study)
    change = {"thresholds": figure, "verification": "text"}
    fresh = amend(criteria, {first_figure(criteria): change})
    return save_edition(store, STUDY, fresh, reason="đọc lại", who=who, seen=seen, use=use)


def now(store):
    with store.reading() as connection:
        study = studies.get_study(connection, STUDY)
        return study["recipe"], set_of(connection, study), editions.listed(connection, SET)


def test_names_count_on_within_a_day_and_the_latest_comes_first(store):
    one, two = correct(store, 41), correct(store, 42)
    recipe, criteria, rows = now(store)
    day = one.edition[:10]
    assert [row["edition"] for row in rows] == [f"{day}-2", f"{day}-1"] == [two.edition, one.edition]
    assert recipe["criteria"] == f"{SET}@{day}-2" and criteria == two and criteria.hash == rows[0]["hash"]
    with store.reading() as connection:
        assert editions.next_name(connection, SET, "2026-01-01") == "2026-01-01-1"
        assert find_set(connection, SET) == load_criteria(SET)
        assert find_set(connection, f"{SET}@{load_criteria(SET).edition}") == load_criteria(SET)
        with pytest.raises(CriteriaError):
            find_set(connection, f"{SET}@1999-01-01")


def test_a_stale_mark_is_a_conflict_that_names_who_was_first(store):
    with store.reading() as connection:
        seen = mark(connection, studies.get_study(connection, STUDY))
    correct(store, 41, who="An")
    with pytest.raises(ConflictError, match="An"):
        correct(store, 42, seen=seen)
    with pytest.raises(ConflictError, match="An"):
        use_edition(store, STUDY, SET, who=WHO, seen=seen)
    assert len(now(store)[2]) == 1


def test_a_backup_brings_editions_back(store, tmp_path):
    correct(store, 41)
    backup(store, tmp_path / "copy.zip")
    restore(tmp_path / "copy.zip", tmp_path / "new", who=WHO)
    again = open_store(tmp_path / "new", checked=True)
    assert now(again) == now(store) and again.barred == ()
    again.close()


def test_a_package_carries_the_editions_that_its_study_names(store, other, tmp_path):
    correct(store, 41), correct(store, 42)
    for _ in range(2):
        export_study(store, STUDY, tmp_path / "p.zip")
        taken = import_study(other, tmp_path / "p.zip", who="An")
    assert now(other)[:2] == now(store)[:2] and taken.taken.get("edition") is None
    told = [(row["edition"], row["who"], row["at"], row["reason"]) for row in now(store)[2]]
    assert [(row["edition"], row["who"], row["at"], row["reason"]) for row in now(other)[2]] == told
    assert check(other, deep=True) == ()


def test_two_offices_with_editions_of_one_name_keep_both(store, other, tmp_path):
    export_study(store, STUDY, tmp_path / "p.zip")
    import_study(other, tmp_path / "p.zip", who="An")
    ours, theirs = correct(store, 41), correct(other, 55, who="An")
    assert ours.edition == theirs.edition
    export_study(other, STUDY, tmp_path / "q.zip")
    with pytest.raises(ConflictError):
        import_study(store, tmp_path / "q.zip", who=WHO)
    import_study(store, tmp_path / "q.zip", who=WHO, prefer="theirs")
    recipe, criteria, rows = now(store)
    assert [row["who"] for row in rows] == ["An", WHO] and recipe["criteria"].endswith("-2")
    assert (
        criteria.criterion(first_figure(criteria)[0]).thresholds
        == theirs.criterion(first_figure(theirs)[0]).thresholds
    )
    import_study(store, tmp_path / "q.zip", who=WHO)
    assert len(now(store)[2]) == 2


def test_an_edition_that_was_altered_is_told_and_not_judged_by(store):
    fresh = correct(store, 41)
    with store.engine.begin() as connection:
        row = connection.execute(sa.select(table)).mappings().first()
        content = row["content"] | {"issuer": "ai đó"}
        connection.execute(table.update().values(content=content))
    with store.reading() as connection, pytest.raises(StoreError, match=fresh.edition):
        find_set(connection, editions.name_of(fresh))
    with store.engine.begin() as connection:
        connection.execute(table.update().values(reason="khác"))
    assert "store-diary-differs" in {problem.code for problem in check(store, deep=True)}


def test_a_change_to_nothing_new_and_to_another_set_is_refused(store):
    with store.reading() as connection:
        seen = mark(connection, studies.get_study(connection, STUDY))
    told = {"reason": "x", "who": WHO, "seen": seen, "use": True}
    for criteria in (load_criteria(SET), load_criteria("vn-school-distance")):
        with pytest.raises(CriteriaError):
            save_edition(store, STUDY, criteria, **told)
    with pytest.raises(CriteriaError):
        use_edition(store, STUDY, "vn-school-distance", who=WHO, seen=seen)
    assert now(store)[2] == [] and now(store)[0]["criteria"] == SET


def test_sets_are_put_beside_the_own_one_and_taken_away(store):
    fresh = correct(store, 41, use=False)
    names = ["vn-school-distance", editions.name_of(fresh)]
    set_beside(store, STUDY, [*names, names[0]], who=WHO, seen=None)
    assert now(store)[0]["also"] == names
    with pytest.raises(ConflictError):
        set_beside(store, STUDY, [], who=WHO, seen=0)
    with pytest.raises(CriteriaError):
        set_beside(store, STUDY, ["no-such-set"], who=WHO, seen=None)
    set_beside(store, STUDY, [], who=WHO, seen=None)
    assert "also" not in now(store)[0]


def test_a_set_of_a_file_beside_the_own_one_comes_into_the_store_and_out_again(sample_study, tmp_path):
    from gis.criteria import set_to_plain
    from gis.exports._study import write_study_files
    from gis.intake import Reader
    from gis.settings import Settings
    from gis.workflows import import_recipe, judge, read_stored, read_study
    from gis.yamltext import dump_yaml, parse_yaml

    data, _ = parse_yaml(sample_study.read_bytes(), "study.yaml")
    for entry in [*data["layers"].values(), *data["assessments"]]:
        entry["file"] = str((sample_study.parent / entry["file"]).resolve())
    own = set_to_plain(load_criteria("sdg-access")) | {"id": "own-set"}
    (tmp_path / "own.yaml").write_text(dump_yaml(own), encoding="utf-8")
    (tmp_path / "study.yaml").write_text(dump_yaml(data | {"also": ["own.yaml", SET]}), encoding="utf-8")
    store = open_store(tmp_path / "store")
    with Reader(Settings()) as reader:
        study_id, study = import_recipe(store, reader, tmp_path, who=WHO)
    name = f"own-set@{own['edition']}"
    assert list(read_stored(store, study_id).beside) == [name, SET]
    export_study(store, study_id, tmp_path / "p.zip", plain=write_study_files)
    import zipfile

    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        archive.extractall(tmp_path / "files")
    again = judge(read_study(next((tmp_path / "files").rglob("study.yaml"))))
    first = judge(study)
    assert [one.criteria.hash for one in again.beside.values()] == [
        one.criteria.hash for one in first.beside.values()
    ]
    for one, two in zip(first.beside.values(), again.beside.values(), strict=True):
        assert one.results.equals(two.results)
    store.close()
