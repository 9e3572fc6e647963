"""Verified, recognised, locked: on both databases, whatever way a change comes."""

import pytest

from gis.errors import ConflictError, MissingError, StoreError
from gis.store import audit, decisions, evidence, meetings, open_store, reported, schema, states, studies
from gis.store.backup import backup, restore
from gis.store.checking import check
from gis.store.package import export_study, import_study
from gis.workflows import import_recipe, judge, read_stored
from gis.workflows.imports import accept
from gis.workflows.states import keeps_by_source, lock_faults, recognise, reopen, stand, verify
from stores import STUDY, WHO, enter, fill

DECISION = {"decision": "15/QĐ-UBND", "decided_on": "2025-01-20"}


@pytest.fixture
def store(tmp_path, records_url):
    opened = open_store(tmp_path / "store", records_url)
    fill(opened, values=3)
    yield opened
    opened.close()


def lock(store, *villages, year=2024):
    """Verify and recognise villages of the store."""
    verdicts = {village: ("met", "b1") for village in villages}
    with store.writing(WHO) as change:
        states.verify(change, STUDY, year, verdicts, run="r1")
        assert states.recognise(change, STUDY, year, verdicts, run="r1", **DECISION) == {}


def put_sheet(store, cells, *, source="assessments-2024", year=2024, keeps=()):
    content = store.files.put_table({"1": cells}, {})
    told = dict(content=content, kind="table", file="bieu.xlsx", entry={"year": year}, report={})
    with store.writing(WHO) as change:
        return studies.add_version(change, STUDY, source, **told, keeps=keeps)


def state_of(store, village, year=2024):
    with store.reading() as connection:
        row = states.standing(connection, STUDY, year).get(village)
    return row["state"] if row else "draft"


def test_a_village_goes_from_draft_to_verified_to_recognised(store):
    assert state_of(store, "v1") == "draft"
    with store.writing(WHO) as change:
        states.verify(change, STUDY, 2024, {"v1": ("met", "b1")}, run="r1")
    assert state_of(store, "v1") == "verified"
    with store.writing("A Blong") as change:
        states.recognise(change, STUDY, 2024, {"v1": ("met", "b1")}, run="r1", **DECISION)
    with store.reading() as connection:
        steps = states.history(connection, STUDY, "v1")
    assert [(row["state"], row["who"]) for row in steps] == [("recognised", "A Blong"), ("verified", WHO)]
    assert (steps[0]["decision"], steps[0]["decided_on"], steps[0]["status"]) == (*DECISION.values(), "met")
    assert state_of(store, "v1", year=2023) == "draft"


def test_only_verified_villages_with_the_same_findings_are_recognised(store):
    with store.writing(WHO) as change:
        states.verify(change, STUDY, 2024, {"v1": ("met", "b1"), "v2": ("met", "b2")}, run="r1")
        asked = {"v0": ("met", "b0"), "v1": ("met", "b1"), "v2": ("met", "other")}
        left = states.recognise(change, STUDY, 2024, asked, run="r1", **DECISION)
        assert left == {"v0": "draft", "v2": "moved"}
        assert states.verify(change, STUDY, 2024, {"v1": ("unmet", "b9")}, run="r2") == ["v1"]
    assert [state_of(store, village) for village in ("v0", "v1", "v2")] == ["draft", "recognised", "verified"]


@pytest.mark.parametrize(
    ("decision", "decided_on"), [("", "2025-01-20"), ("15/QĐ", ""), ("15/QĐ", "20/1/2025"), (None, None)]
)
def test_a_recognition_needs_the_number_and_the_date_of_a_decision(store, decision, decided_on):
    with store.writing(WHO) as change:
        states.verify(change, STUDY, 2024, {"v1": ("met", "b1")}, run="r1")
    with pytest.raises(StoreError, match="number and the date"), store.writing(WHO) as change:
        told = {"decision": decision, "decided_on": decided_on}
        states.recognise(change, STUDY, 2024, {"v1": ("met", "b1")}, run="r1", **told)
    assert state_of(store, "v1") == "verified"


def test_a_value_of_a_recognised_village_is_refused_naming_the_decision(store):
    lock(store, "v1")
    with pytest.raises(StoreError, match=r"15/QĐ-UBND.*2025-01-20"):
        enter(store, "v1", 9.0)
    with pytest.raises(StoreError), store.writing(WHO) as change:
        reported.enter(change, STUDY, 2024, "v1", "households", None, kind="recheck")
    many = [{"village_id": v, "field": "road", "kind": "self", "value": 1.0, "seen": 0} for v in ("v0", "v1")]
    with pytest.raises(StoreError, match="15/QĐ-UBND"), store.writing(WHO) as change:
        reported.enter_all(change, STUDY, 2024, many, reason="x")
    with store.writing(WHO) as change:
        reported.enter_all(change, STUDY, 2024, many[:1], reason="x")
    enter(store, "v2", 9.0)
    with store.writing(WHO) as change:
        reported.enter(change, STUDY, 2025, "v1", "households", 7.0)


def test_another_sheet_of_a_recognised_year_needs_that_the_figures_stay(store):
    version, _ = put_sheet(store, [["Thôn"], ["A"]])
    lock(store, "v1", "v2")
    with pytest.raises(StoreError, match="v1, v2"):
        put_sheet(store, [["Thôn"], ["B"]])
    with pytest.raises(StoreError):
        put_sheet(store, [["Thôn"], ["B"]], keeps=[(2024, "v1")])
    # a sheet called after another year that holds the figures of this one
    with pytest.raises(StoreError):
        put_sheet(store, [["Thôn"], ["B"]], source="assessments-2023")
    put_sheet(store, [["Thôn"], ["B"]], source="assessments-2025", year=2025)
    assert put_sheet(store, [["Thôn"], ["B"]], keeps=[(2024, "v1"), (2024, "v2")])[1]
    with pytest.raises(StoreError), store.writing(WHO) as change:
        studies.switch_version(change, STUDY, "assessments-2024", version["number"])
    with pytest.raises(StoreError), store.writing(WHO) as change:
        studies.remove_source(change, STUDY, "assessments-2024")
    with store.writing(WHO) as change:
        studies.remove_source(change, STUDY, "schools")


def test_a_decision_that_touches_a_recognised_village_is_refused(store):
    lock(store, "v1")
    for subject, answer in [({"name": "Thôn X"}, "v1"), ({"name": "Thôn 1"}, "v2")]:
        with pytest.raises(StoreError, match="15/QĐ-UBND"), store.writing(WHO) as change:
            decisions.decide(change, STUDY, "match", subject, answer)
    with pytest.raises(StoreError), store.writing(WHO) as change:
        decisions.withdraw(change, STUDY, "match", {"name": "Thôn 1"})
    about = {"village": "v1", "criterion": "road", "year": "2024"}
    with pytest.raises(StoreError), store.writing(WHO) as change:
        decisions.decide(change, STUDY, "disagreement", about, "map")
    with store.writing(WHO) as change:
        decisions.decide(change, STUDY, "disagreement", {**about, "year": "2025"}, "map")
        decisions.decide(change, STUDY, "match", {"name": "Thôn Y"}, "v2")
        decisions.decide(change, STUDY, "match", {"name": "Thôn X"}, "v1", keeps=[(2024, "v1")])


def test_reopening_needs_a_reason_is_in_the_diary_and_unlocks(store):
    lock(store, "v1")
    with pytest.raises(StoreError, match="reason"), store.writing(WHO) as change:
        states.reopen(change, STUDY, 2024, ["v1"], reason="  ")
    with store.writing(WHO) as change:
        assert states.reopen(change, STUDY, 2024, ["v1", "v2"], reason="Đo lại đường") == ["v2"]
    with store.reading() as connection:
        (line,) = audit.history(connection, study_id=STUDY, action="villages-reopened")
    assert line["after"]["reason"] == "Đo lại đường" and line["after"]["villages"] == ["v1"]
    assert line["after"]["decisions"] == ["15/QĐ-UBND"]
    assert state_of(store, "v1") == "draft"
    enter(store, "v1", 9.0)


def test_a_recognition_that_was_altered_by_hand_is_found(store):
    lock(store, "v1", "v2")
    with store.writing(WHO) as change:
        states.reopen(change, STUDY, 2024, ["v2"], reason="thử")
    assert {problem.code for problem in check(store, deep=True)} == set()
    with store.engine.begin() as connection:
        table = schema.states
        connection.execute(table.update().where(table.c.decision.is_not(None)).values(decision="16/QĐ-UBND"))
    found = [problem for problem in check(store, deep=True) if problem.code == "store-diary-differs"]
    assert [problem.arguments["table"] for problem in found] == ["states"]
    assert found[0].arguments["subject"] == "2024/v1"


def test_states_leave_the_judgement_as_it_is(store):
    with store.reading() as connection:
        before = studies.get_study(connection, STUDY)["revision"]
    lock(store, "v1")
    with store.reading() as connection:
        assert studies.get_study(connection, STUDY)["revision"] == before


def test_evidence_behind_a_recognition_stays(store):
    lock(store, "v1")
    with store.reading() as connection:
        (photo,) = evidence.listed(connection, STUDY)
    with pytest.raises(StoreError, match="15/QĐ-UBND"), store.writing(WHO) as change:
        evidence.remove(change, STUDY, photo["id"])
    with store.writing(WHO) as change:
        states.reopen(change, STUDY, 2024, ["v1"], reason="thử")
        evidence.remove(change, STUDY, photo["id"])


def test_a_backup_brings_states_documents_and_frozen_versions_back(store, tmp_path):
    document, _ = store.files.put_octets([b"%PDF-1.7 decision"])
    frozen, _ = store.files.put_octets([b"a frozen study"], "meeting")
    with store.writing(WHO) as change:
        states.verify(change, STUDY, 2024, {"v1": ("met", "b1")}, run="r1")
        told = {**DECISION, "content": document, "file": "QĐ 15.pdf"}
        states.recognise(change, STUDY, 2024, {"v1": ("met", "b1")}, run="r1", **told)
        row = meetings.add(
            change, STUDY, name="Họp", as_of="2025-01-01", content=frozen, run="r1", headline={"met": 1}
        )
        meetings.withdraw(change, STUDY, row["key"], reason="nhầm ngày")
    backup(store, tmp_path / "all.zip")
    restore(tmp_path / "all.zip", tmp_path / "new", who=WHO)
    back = open_store(tmp_path / "new", checked=True)
    assert check(back, deep=True) == () and back.barred == ()
    with back.reading() as connection, store.reading() as old:
        assert states.history(connection, STUDY, "v1") == states.history(old, STUDY, "v1")
        assert meetings.listed(connection, STUDY) == meetings.listed(old, STUDY)
    assert back.files.path(document, "evidence").read_bytes() == b"%PDF-1.7 decision"
    assert back.files.path(frozen, "meeting").read_bytes() == b"a frozen study"
    with pytest.raises(StoreError, match="15/QĐ-UBND"):
        enter(back, "v1", 9.0)
    back.close()


def test_a_missing_document_or_frozen_version_is_told(store):
    document, _ = store.files.put_octets([b"decision"])
    frozen, _ = store.files.put_octets([b"frozen"], "meeting")
    with store.writing(WHO) as change:
        states.verify(change, STUDY, 2024, {"v1": ("met", "b")}, run="r1")
        told = {**DECISION, "content": document, "file": "a.pdf"}
        states.recognise(change, STUDY, 2024, {"v1": ("met", "b")}, run="r1", **told)
        meetings.add(change, STUDY, name="Họp", as_of="2025", content=frozen, run="r1", headline={})
    store.files.path(document, "evidence").unlink()
    store.files.path(frozen, "meeting").unlink()
    assert {problem.code for problem in check(store)} == {
        "store-decision-file-missing",
        "store-meeting-file-missing",
    }


@pytest.fixture
def theirs(tmp_path):
    opened = open_store(tmp_path / "theirs")
    yield opened
    opened.close()


def carry(source, target, tmp_path, **options):
    export_study(source, STUDY, tmp_path / "study.zip")
    return import_study(target, tmp_path / "study.zip", who="A Blong", **options)


def test_a_package_carries_states_and_a_locked_value_is_a_conflict(store, theirs, tmp_path):
    lock(store, "v1")
    assert carry(store, theirs, tmp_path).taken["state"] == 1
    with theirs.reading() as connection, store.reading() as old:
        taken, given = states.history(connection, STUDY, "v1"), states.history(old, STUDY, "v1")
    for row in (*taken, *given):
        del row["id"]
    assert taken == given
    # the other office reopens the village and enters a value: ours follows, since it knows less
    with theirs.writing(WHO) as change:
        states.reopen(change, STUDY, 2024, ["v1"], reason="Đo lại")
    enter(theirs, "v1", 5.0)
    taken = carry(theirs, store, tmp_path).taken
    assert taken["state"] == 1 and taken["value"] == 1 and state_of(store, "v1") == "draft"
    # recognised here meanwhile, changed there: a person says what counts, and only ours can
    lock(store, "v1")
    enter(theirs, "v1", 6.0)
    enter(theirs, "v1", 3.0, field="road")
    with pytest.raises(ConflictError, match="recognised here"):
        carry(theirs, store, tmp_path)
    with pytest.raises(StoreError, match="15/QĐ-UBND"):
        carry(theirs, store, tmp_path, prefer="theirs")
    carry(theirs, store, tmp_path, prefer="ours")
    with store.reading() as connection:
        now = reported.entered(connection, STUDY)
    now = {(row.village_id, row.field): row.value for row in now.itertuples()}
    assert now["v1", "households"] == 5.0 and ("v1", "road") not in now
    assert state_of(store, "v1") == "recognised"
    assert check(store, deep=True) == () == check(theirs, deep=True)


def test_a_frozen_version_and_its_withdrawal_travel_once(store, theirs, tmp_path):
    frozen, _ = store.files.put_octets([b"frozen"], "meeting")
    with store.writing(WHO) as change:
        row = meetings.add(change, STUDY, name="Họp", as_of="2025", content=frozen, run="r", headline={})
    assert carry(store, theirs, tmp_path).taken["meeting"] == 1
    with store.writing(WHO) as change:
        meetings.withdraw(change, STUDY, row["key"], reason="nhầm")
    assert "meeting" not in carry(store, theirs, tmp_path).taken
    with theirs.reading() as connection:
        (there,) = meetings.listed(connection, STUDY)
    assert there["withdrawn"]["reason"] == "nhầm" and there["withdrawn"]["who"] == WHO
    with pytest.raises(StoreError, match="before"), theirs.writing(WHO) as change:
        meetings.withdraw(change, STUDY, row["key"], reason="nữa")
    with pytest.raises(MissingError), theirs.writing(WHO) as change:
        meetings.withdraw(change, STUDY, "none", reason="nữa")


@pytest.fixture(scope="module")
def district(sample_study, tmp_path_factory):
    """A store with the illustrative district, its id and review."""
    from gis.intake import Reader

    opened = open_store(tmp_path_factory.mktemp("district") / "store")
    with Reader() as reader:
        study_id, study = import_recipe(opened, reader, sample_study, who=WHO)
    yield opened, study_id, judge(study)
    opened.close()


def test_a_judged_village_is_recognised_and_shown_when_today_differs(district):
    store, study, review = district
    wanted = review.criteria.sought
    assert wanted == "unmet"  # a set of disadvantage: what a decision recognises is that it holds
    met = list(review.results.index[review.results["status"] == wanted])
    unmet = list(review.results.index[review.results["status"] == "met"])
    assert met and unmet
    asked = [met[0], unmet[0]]
    assert verify(store, study, review, asked, who=WHO) == {}
    left = recognise(store, study, review, asked, **DECISION, who=WHO)
    assert left == {unmet[0]: "verdict"}
    year = review.study.year
    with store.reading() as connection:
        rows = states.standing(connection, study, year)
    table = stand(review, rows)
    assert list(table.loc[asked, "state"]) == ["recognised", "verified"]
    assert not table["differs"].any() and not table["moved"].any()
    # the same rows beside figures that have become others: the verdict then and now both stay visible
    results = review.results.assign(status=review.results["status"].replace({wanted: "unknown"}))
    now = stand(type(review)(review.study, review.measurements, review.findings, results, review.run), rows)
    assert list(now.index[now["differs"]]) == [met[0]] and now.at[met[0], "status_then"] == wanted
    findings = review.findings.copy()
    findings.loc[findings["village_id"] == met[0], "reported"] += 1
    now = stand(type(review)(review.study, review.measurements, findings, review.results, review.run), rows)
    assert list(now.index[now["moved"]]) == [met[0]] and not now["differs"].any()
    assert recognise(store, study, review, [met[0]], **DECISION, who=WHO) == {met[0]: "recognised"}
    assert reopen(store, study, review, asked, reason="thử", who=WHO) == {}
    with pytest.raises(StoreError, match="no villages"):
        verify(store, study, review, ["nowhere"], who=WHO)


def test_a_sheet_keeps_what_it_does_not_change(district):
    store, study, review = district
    year = review.study.year
    met = review.results.index[review.results["status"] == review.criteria.sought][0]
    with store.reading() as connection:
        rows = studies.current_versions(connection, study)
    record = review.study.reported.at[met, "record"]
    source, version = next(
        (name, row) for name, row in rows.items() if name.startswith("assess") and row["file"] in record
    )
    assert keeps_by_source(store, study, source, version) == ()  # nothing is recognised
    verify(store, study, review, [met], who=WHO)
    recognise(store, study, review, [met], **DECISION, who=WHO)
    assert keeps_by_source(store, study, source, version) == ((year, met),)
    assert keeps_by_source(store, study, source, None) == ()
    row = {"name": review.study.villages.at[met, "name"], "other": None}
    sheets, merged = store.files.get_table(version["content"])
    place = [
        (name, number)
        for name, cells in sheets.items()
        for number, cells_of in enumerate(cells)
        if row["name"] in cells_of or met in cells_of
    ]
    name, number = place[0]
    figures = [at for at, cell in enumerate(sheets[name][number]) if isinstance(cell, float) and cell > 1]
    sheets[name][number][figures[-1]] += 1
    other = {**version, "content": store.files.put_table(sheets, merged)}
    assert keeps_by_source(store, study, source, other) == ()
    assert lock_faults(store, study, version) == ()
    (fault,) = lock_faults(store, study, other)
    assert (fault.code, fault.arguments["villages"]) == ("store-recognised", [met])
    candidate = {name: other[name] for name in ("source", "content", "kind", "file", "entry", "report")}
    with pytest.raises(StoreError, match="15/QĐ-UBND"):
        accept(store, study, candidate, who=WHO)
    # the outlines decide which village a row belongs to; the same ones under another name change nothing
    outlines = {name: rows["villages"][name] for name in candidate}
    assert keeps_by_source(store, study, "villages", outlines) == ((year, met),)
    assert accept(store, study, outlines | {"entry": {**outlines["entry"], "as_of": "2025"}}, who=WHO)[1]
    with pytest.raises(StoreError, match="15/QĐ-UBND"), store.writing(WHO) as change:
        studies.remove_source(change, study, "villages")
    with pytest.raises(StoreError, match="15/QĐ-UBND"), store.writing(WHO) as change:
        told = {name: other[name] for name in ("content", "kind", "file", "entry", "report")}
        studies.add_version(change, study, source, **told, keeps=keeps_by_source(store, study, source, other))
    assert read_stored(store, study).assessments[year].loc[met].equals(review.study.reported.loc[met])
