"""Files taken into a study of the store: read, tried, accepted; or refused with nothing changed."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from gis.errors import ConflictError, GisError, StudyError
from gis.intake import Reader
from gis.store import audit, open_store, reported, studies
from gis.workflows import (
    bring_in,
    check_study,
    find_study,
    import_recipe,
    judge,
    list_stored,
    read_stored,
    read_study,
    start_study,
)
from gis.workflows.imports import accept, candidate_of, read_arrival, try_candidate

WHO = "Y Lan"


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def reader():
    with Reader() as opened:
        yield opened


@pytest.fixture
def dak_to(store):
    start_study(store, "dak-to", {"title": "Đăk Tô", "criteria": "sdg-access"}, who=WHO)
    return "dak-to"


def villages(path, *, shift=0.0, codes=("v1", "v2")):
    cells = [
        box(107.80 + 0.01 * n + shift, 14.60, 107.81 + 0.01 * n + shift, 14.61) for n in range(len(codes))
    ]
    frame = gpd.GeoDataFrame(
        {"ma_thon": codes, "ten_thon": [f"Thôn {code}" for code in codes], "xa": "Đăk Tô"},
        geometry=cells,
        crs=4326,
    )
    frame.to_file(path, engine="pyogrio")
    return path


def schools(path, count=3):
    points = [Point(107.805 + 0.001 * n, 14.605) for n in range(count)]
    frame = gpd.GeoDataFrame(
        {"ten_truong": ["Trường"] * count, "cap_hoc": "Tiểu học"}, geometry=points, crs=4326
    )
    frame.to_file(path, engine="pyogrio")
    return path


def diary(store):
    with store.reading() as connection:
        return audit.history(connection)


def test_a_file_is_known_by_its_columns_and_its_name(store, reader, dak_to, tmp_path):
    assert read_arrival(store, reader, villages(tmp_path / "ranh gioi thon.gpkg")).fits[0][0] == "villages"
    assert read_arrival(store, reader, schools(tmp_path / "truong hoc.gpkg")).layer == "schools"


def test_a_file_that_may_be_anything_is_asked_about_and_nothing_is_stored(store, reader, dak_to, tmp_path):
    gpd.GeoDataFrame({"a": [1]}, geometry=[Point(108, 14.6)], crs=4326).to_file(
        tmp_path / "diem.gpkg", engine="pyogrio"
    )
    before = diary(store)
    with pytest.raises(StudyError) as asked:
        bring_in(store, reader, dak_to, tmp_path / "diem.gpkg", entry={}, who=WHO)
    assert asked.value.code == "import-which-layer"
    assert diary(store) == before


def test_files_come_in_one_by_one_and_the_study_is_judged_from_the_store(store, reader, dak_to, tmp_path):
    first = bring_in(
        store, reader, dak_to, schools(tmp_path / "truong hoc.gpkg"), entry={"complete": "yes"}, who=WHO
    )
    assert first.trial.counts == {"rows_in": 3, "rows_used": 3, "rows_reported": 0}
    bring_in(
        store, reader, dak_to, villages(tmp_path / "thon.gpkg"), entry={}, layer_type="villages", who=WHO
    )
    study = read_stored(store, dak_to)
    assert study.villages["name"].tolist() == ["Thôn v1", "Thôn v2"]
    assert study.layers["schools"].completeness("any") == "yes"
    assert len(judge(study).results) == 2
    assert list_stored(store)[0]["sources"] == ["schools", "villages"]


def test_the_same_file_twice_is_one_version_and_a_changed_one_another(store, reader, dak_to, tmp_path):
    def bring(count):
        return bring_in(
            store, reader, dak_to, schools(tmp_path / "truong hoc.gpkg", count), entry={}, who=WHO
        )

    assert (bring(3).is_new, bring(3).is_new) == (True, False)
    assert bring(4).version["number"] == 2


def test_trying_changes_nothing(store, reader, dak_to, tmp_path):
    before = diary(store)
    tried = bring_in(
        store, reader, dak_to, schools(tmp_path / "truong hoc.gpkg"), entry={}, who=WHO, only_try=True
    )
    assert tried.version is None and tried.trial.counts["rows_in"] == 3
    assert diary(store) == before


def test_a_file_that_spoils_the_study_is_refused_whole(store, reader, dak_to, tmp_path):
    bring_in(
        store, reader, dak_to, villages(tmp_path / "thon.gpkg"), entry={}, layer_type="villages", who=WHO
    )
    before = diary(store)
    twice = villages(tmp_path / "hai.gpkg", codes=("v1", "v1"))
    with pytest.raises(StudyError) as refused:
        bring_in(store, reader, dak_to, twice, entry={}, layer_type="villages", who=WHO)
    assert refused.value.code == "village-code-twice"
    assert diary(store) == before
    assert len(read_stored(store, dak_to).villages) == 2


def test_what_was_said_of_the_last_file_holds_for_the_next_but_not_its_date(store, reader, dak_to, tmp_path):
    entry = {
        "fields": {"name": "ten_truong"},
        "where": {"cap_hoc": ["Tiểu học"]},
        "as_of": 2024,
        "complete": "yes",
    }
    bring_in(store, reader, dak_to, schools(tmp_path / "truong hoc.gpkg"), entry=entry, who=WHO)
    done = bring_in(store, reader, dak_to, schools(tmp_path / "truong hoc.gpkg", 4), entry={}, who=WHO)
    assert done.version["entry"] == {"fields": {"name": "ten_truong"}, "where": {"cap_hoc": ["Tiểu học"]}}


def test_a_file_accepted_on_an_old_view_of_the_study_is_a_conflict(store, reader, dak_to, tmp_path):
    with store.reading() as connection:
        seen = studies.get_study(connection, dak_to)["revision"]
    bring_in(
        store,
        reader,
        dak_to,
        villages(tmp_path / "thon.gpkg"),
        entry={},
        layer_type="villages",
        who="A Blong",
    )
    arrival = read_arrival(store, reader, schools(tmp_path / "truong hoc.gpkg"))
    with pytest.raises(ConflictError):
        accept(store, dak_to, candidate_of(arrival, "schools", {}), who=WHO, seen=seen)
    assert list_stored(store)[0]["sources"] == ["villages"]


def test_a_trial_says_what_is_wrong_without_raising(store, reader, dak_to, tmp_path):
    arrival = read_arrival(store, reader, schools(tmp_path / "truong hoc.gpkg"))
    trial = try_candidate(store, dak_to, candidate_of(arrival, "schools", {"fields": {"name": "không có"}}))
    assert [fault.code for fault in trial.faults] == ["layer-no-column"]
    trial = try_candidate(store, dak_to, candidate_of(arrival, "schools", {"nonsense": 1}))
    assert trial.faults


def test_entered_values_count_before_the_sheet_and_a_recheck_before_both(store, reader, sample_study):
    study_id, study = import_recipe(store, reader, sample_study, who=WHO)
    village, year = study.villages.index[0], study.year
    with store.writing(WHO) as change:
        reported.enter(change, study_id, year, village, "households", 77.0)
        reported.enter(change, study_id, year, "không có", "households", 5.0)
    assert read_stored(store, study_id).reported.at[village, "households"] == 77
    with store.writing("Đoàn phúc tra") as change:
        reported.enter(change, study_id, year, village, "households", 70.0, kind="recheck")
        reported.enter(change, study_id, year + 1, village, "households", 80.0)
    again = read_stored(store, study_id)
    assert again.assessments[year].at[village, "households"] == 70
    assert "Đoàn phúc tra" in again.assessments[year].at[village, "record"]
    assert again.assessments[year + 1]["households"].notna().sum() == 1
    assert again.inputs["entered-values"]
    told = [problem for problem in again.problems if problem.code == "entered-without-village"]
    assert told[0].arguments["count"] == 1
    other = [name for name in study.villages.index if name != village]
    pd.testing.assert_frame_equal(
        again.assessments[year].loc[other, study.reported.columns],
        study.reported.loc[other],
        check_dtype=False,
    )


def test_a_study_from_the_store_is_judged_as_from_its_files(store, reader, sample_study, sample_review):
    study_id, _ = import_recipe(store, reader, sample_study, who=WHO, as_id="ban-sao")
    stored = judge(read_stored(store, study_id))
    pd.testing.assert_frame_equal(
        stored.findings.drop(columns="record"), sample_review.findings.drop(columns="record")
    )
    with pytest.raises(GisError, match="ban-sao"):
        import_recipe(store, reader, sample_study, who=WHO, as_id="ban-sao")


@pytest.mark.real
def test_nandurbar_is_judged_from_the_store_as_from_its_files(
    store, reader, nandurbar_study, nandurbar_review
):
    study_id, _ = import_recipe(store, reader, nandurbar_study, who=WHO)
    stored = judge(read_stored(store, study_id))
    pd.testing.assert_frame_equal(stored.findings, nandurbar_review.findings)
    assert stored.run.id != nandurbar_review.run.id


def test_a_study_is_found_by_path_and_by_id(reader, tmp_path, sample_study):
    from gis.settings import Settings

    settings = Settings(store=tmp_path / "store")
    opened = open_store(settings.store)
    import_recipe(opened, reader, sample_study, who=WHO, as_id="trong-kho")
    opened.close()
    assert len(find_study("trong-kho", settings=settings).villages) == len(read_study(sample_study).villages)
    assert find_study(sample_study, settings=settings).id
    assert check_study("khong-co", settings=settings).problems[0].code == "store-no-study"
    assert {row["source"] for row in check_study("trong-kho", settings=settings).inputs} >= {
        "villages",
        "schools",
    }


def test_files_of_one_layer_from_several_senders_stand_side_by_side(store, reader, dak_to, tmp_path):
    bring_in(
        store, reader, dak_to, villages(tmp_path / "thon.gpkg"), entry={}, layer_type="villages", who=WHO
    )
    said = {"complete": "yes", "as_of": 2024}
    for name, count in (("xa a.gpkg", 3), ("xa b.gpkg", 2)):
        bring_in(
            store,
            reader,
            dak_to,
            schools(tmp_path / name, count),
            entry=said,
            layer_type="schools",
            beside=True,
            who=WHO,
        )
    study = read_stored(store, dak_to)
    layer = study.layers["schools"]
    assert len(layer.frame) == 5 and layer.frame.index.is_unique
    assert (layer.counts["rows_in"], layer.counts["rows_used"]) == (5, 5)
    assert (layer.as_of, dict(layer.complete)) == ("2024", {"*": "yes"})
    told = {problem.code: problem for problem in study.problems}
    assert told["layer-files-joined"].arguments["files"] == ["xa a.gpkg: 1–3", "xa b.gpkg: 4–5"]
    # the two lists hold the same places: that is told, and nothing is dropped
    assert told["facilities-twice"].arguments["count"] >= 1
    with store.writing(WHO) as change:
        studies.remove_source(change, dak_to, "schools+xa-b")
    assert len(read_stored(store, dak_to).layers["schools"].frame) == 3


def test_a_judgement_is_kept_once_with_what_it_was_made_from(store, reader, dak_to, tmp_path):
    from gis.store import runs
    from gis.web.shelf import judge_stored

    bring_in(
        store, reader, dak_to, villages(tmp_path / "thon.gpkg"), entry={}, layer_type="villages", who=WHO
    )
    opened = judge_stored(store)
    first = opened(dak_to, lambda *_, **__: None)
    assert opened(dak_to, lambda *_, **__: None).run.id == first.run.id
    with store.reading() as connection:
        (kept,) = runs.listed(connection, dak_to)
        assert studies.get_study(connection, dak_to)["revision"] == kept["revision"]
    assert (kept["run"], kept["headline"]["villages"]) == (first.run.id, 2)
    assert list(kept["content"]["inputs"]) == ["villages@1/thon.gpkg"]
