"""A judged study frozen for a meeting: it stays what it was, whatever becomes of the study."""

from dataclasses import fields, replace

import pytest
from pandas.testing import assert_frame_equal

from gis.errors import MissingError, StoreError
from gis.intake import Reader
from gis.review import Review, Run
from gis.store import meetings, open_store, reported
from gis.store.backup import backup, restore
from gis.study import LayerData, Study
from gis.workflows import freezing, import_recipe, judge, read_stored, read_study
from gis.workflows.meetings import compare, freeze, open_frozen
from gis.workflows.states import recognise, stand, verify

WHO = "Y Lan"
ABOUT = {
    "name": "Họp quý IV",
    "as_of": "2024-12-31",
    "study": "x",
    "who": WHO,
    "at": "2025-01-05T08:00:00+00:00",
}
DECIDED = {
    "village": "0100101",
    "criterion": "road",
    "answer": "map",
    "reason": "đã đi xem",
    "who": WHO,
    "at": "2025",
}


def through_a_file(review, folder):
    given = freezing.Frozen(
        review, ABOUT, stand(review, {}), [{"id": 1, "file": "cầu.jpg", "about": None}], [DECIDED]
    )
    content = freezing.to_bytes(given)
    (folder / "frozen.zip").write_bytes(content)
    return content, freezing.from_file(folder / "frozen.zip")


@pytest.mark.parametrize("which", ["sample_review", pytest.param("nandurbar_review", marks=pytest.mark.long)])
def test_all_that_a_page_shows_comes_back(which, request, tmp_path):
    review = request.getfixturevalue(which)
    content, back = through_a_file(review, tmp_path)
    then, study = review.study, back.review.study
    for name in ("findings", "results", "measurements"):
        assert_frame_equal(getattr(review, name), getattr(back.review, name))
    for name in ("villages", "communes"):
        one, other = getattr(then, name), getattr(study, name)
        assert one.crs == other.crs and one.geometry.geom_equals_exact(other.geometry, 0).sum() == (
            one.geometry.notna().sum()
        )
        assert_frame_equal(one.drop(columns=one.columns[one.dtypes == "geometry"]),
                           other.drop(columns=other.columns[other.dtypes == "geometry"]))  # fmt: skip
    for year, table in then.assessments.items():
        assert_frame_equal(table, study.assessments[year])
    same = ("label", "criteria", "problems", "citations", "year", "as_of", "rung", "inputs", "target", "crs")
    assert all(getattr(then, name) == getattr(study, name) for name in same)
    assert list(study.criteria.groups) == list(then.criteria.groups)  # in the order of the file
    assert review.run == back.review.run and review.headline == back.review.headline
    assert_frame_equal(review.villages_table, back.review.villages_table)
    village = review.villages_table.index[3]
    for language in ("vi", "en"):
        # NaN is not equal to itself, but reads the same
        assert repr(back.review.scorecard(village, language)) == repr(review.scorecard(village, language))
    drawn = {name for name, data in then.layers.items() if data.frame is not None and len(data.frame)}
    kept = {name for name, data in study.layers.items() if data.frame is not None}
    assert drawn - kept <= {"villages", "communes", "upper_units"} and set(study.layers) == set(then.layers)
    assert back.decisions == [DECIDED]
    assert back.about == ABOUT and back.evidence[0]["file"] == "cầu.jpg"
    assert freezing.to_bytes(replace(back, review=review)) == content


def test_the_sets_beside_its_own_are_kept_too(sample_study, tmp_path):
    study = read_study(sample_study, also=["sdg-access"])
    review = judge(study)
    _, back = through_a_file(review, tmp_path)
    assert list(back.review.beside) == list(review.beside) != []
    for name, other in review.beside.items():
        assert back.review.beside[name].headline == other.headline
        assert_frame_equal(back.review.beside[name].findings, other.findings)


def test_every_part_of_a_study_is_kept_or_left_out_by_name():
    # a part that somebody adds must not vanish from frozen versions unseen
    known = {*freezing.PLAIN_STUDY, *freezing.MAPPED_STUDY, *freezing.OTHER_STUDY, *freezing.LEFT_OUT_STUDY}
    assert {part.name for part in fields(Study)} == known
    layer = {"layer", "frame", *freezing.PLAIN_LAYER, *freezing.LEFT_OUT_LAYER}
    assert {part.name for part in fields(LayerData)} == layer
    assert {part.name for part in fields(Review)} == {
        "study", "measurements", "findings", "results", "run", "beside",
    }  # fmt: skip
    assert all(part.type in (str, int, float, "str | None", "int | None") or part.name in ("inputs", "parameters")
               or "str" in str(part.type) or "int" in str(part.type) for part in fields(Run))  # fmt: skip


@pytest.fixture(scope="module")
def district(sample_study, tmp_path_factory):
    opened = open_store(tmp_path_factory.mktemp("district") / "store")
    with Reader() as reader:
        study_id, study = import_recipe(opened, reader, sample_study, who=WHO)
    review = judge(study)
    verify(opened, study_id, review, review.results.index, who=WHO)
    yield opened, study_id, review
    opened.close()


def test_a_frozen_version_is_the_same_after_the_study_changed(district, tmp_path):
    store, study, review = district
    row = freeze(store, study, review, name=" Họp  quý IV ", as_of="2024-12-31", who=WHO)
    assert (row["name"], row["key"], row["run"]) == ("Họp quý IV", row["content"][:10], review.run.id)
    before = open_frozen(store, study, row["key"])
    village = review.results.index[review.results["status"] == review.criteria.sought][0]
    told = {"decision": "15/QĐ-UBND", "decided_on": "2025-01-20", "who": WHO}
    other = [
        v for v in review.results.index[review.results["status"] == review.criteria.sought] if v != village
    ]
    recognise(store, study, review, other[:1], **told)
    field = "poor_households"
    with store.writing(WHO) as change:
        reported.enter(change, study, review.study.year, village, field, 0.0)
        reported.enter(change, study, review.study.year, village, "near_poor_households", 0.0)
    today = judge(read_stored(store, study))
    assert not today.findings.equals(review.findings)
    after = open_frozen(store, study, row["key"])
    assert_frame_equal(after.review.findings, before.review.findings)
    assert_frame_equal(after.review.findings, review.findings)
    assert set(after.states["state"]) == {"verified"}
    villages, findings = compare(after.review, today)
    assert list(villages.index) == [village] and villages.at[village, "then"] == review.criteria.sought
    assert villages.at[village, "now"] != review.criteria.sought and (findings["village_id"] == village).all()
    assert len(findings) == villages.at[village, "criteria"] >= 1
    backup(store, tmp_path / "all.zip")
    restore(tmp_path / "all.zip", tmp_path / "new", who=WHO)
    back = open_store(tmp_path / "new")
    assert_frame_equal(open_frozen(back, study, row["key"]).review.findings, review.findings)
    back.close()


def test_nothing_differs_from_itself(sample_review):
    villages, findings = compare(sample_review, sample_review)
    assert len(villages) == len(findings) == 0


def test_villages_of_one_side_only_and_criteria_of_one_set_only_are_told(sample_review):
    gone = sample_review.results.index[0]
    rule = sample_review.criteria.criteria[0].id
    findings = sample_review.findings
    fewer = replace(
        sample_review,
        results=sample_review.results.drop(gone),
        findings=findings[(findings["village_id"] != gone) & (findings["criterion"] != rule)],
    )
    villages, changed = compare(sample_review, fewer)
    assert villages.at[gone, "now"] is None and villages.at[gone, "then"] is not None
    others = changed[changed["village_id"] != gone]
    assert set(others["criterion"]) == {rule} and set(others["now"]) == {None}
    assert len(villages) == len(sample_review.results)


@pytest.mark.parametrize(
    ("name", "as_of", "code"),
    [
        (" ", "2024-12-31", "meetings-name-needed"),
        ("Họp", "31/12/2024", "meetings-as-of"),
        ("Họp", "", "meetings-as-of"),
        ("Họp", "2024-13-01", "meetings-as-of"),
    ],
)
def test_a_meeting_has_a_name_and_a_date(district, name, as_of, code):
    store, study, review = district
    with store.reading() as connection:
        before = meetings.listed(connection, study)
    with pytest.raises(StoreError) as caught:
        freeze(store, study, review, name=name, as_of=as_of, who=WHO)
    assert caught.value.code == code
    with store.reading() as connection:
        assert meetings.listed(connection, study) == before


def test_a_version_that_is_not_there_or_damaged_is_told(district):
    store, study, review = district
    row = freeze(store, study, review, name="Họp hỏng", as_of="2024-12-31", who=WHO)
    with pytest.raises(MissingError):
        open_frozen(store, study, "0123456789")
    path = store.files.path(row["content"], "meeting")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError, match="damaged"):
        open_frozen(store, study, row["key"])
    path.write_bytes(whole)
    assert open_frozen(store, study, row["key"]).about["name"] == "Họp hỏng"
