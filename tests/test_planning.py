"""From a judged study to a plan in the store, also as long work that can be stopped; and the cheapest change of a gap."""

import shutil
import threading

import pytest
from python_calamine import CalamineWorkbook

from gis.errors import PlanError, StoreError
from gis.exports import export
from gis.jobs import Cancelled
from gis.plan import Edit, Request, Scenario, cheapest_fixes
from gis.plan.fixes import fixes_of
from gis.plan.scenario_record import scenario_of
from gis.store import open_store, reported, runs
from gis.workflows import plan_jobs
from gis.workflows.jobs import KINDS
from gis.workflows.planning import make_plan, save_plan, save_scenario, saved_plan, saved_plans

WHO = "Y Lan"
PLAIN = {"years": "2026-2027", "funds": [{"id": "ntm", "label": "NTM", "amounts": "4 tỷ"}], "seconds": 2}


@pytest.fixture
def options(sample_options):
    return sample_options


@pytest.fixture(scope="module")
def fixes(sample_options):
    return fixes_of(sample_options)


@pytest.fixture
def store(stored_sample, options, tmp_path, monkeypatch):
    # finding them is tested elsewhere, and takes its time
    monkeypatch.setattr(plan_jobs, "find_options", lambda review, **_: options)
    shutil.copytree(stored_sample, tmp_path / "store")
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


def study_of(store):
    from gis.store import studies

    with store.reading() as connection:
        return studies.list_studies(connection)[0]["id"]


def test_a_plan_remembers_what_was_asked_and_what_it_rests_on(sample_review, options):
    made = make_plan(sample_review, Request.from_plain(PLAIN), options=options)
    assert made.plan.passing > 0
    # what was asked comes back as it was, so that the plan can be made again
    assert Request.from_plain(made.record["request"]) == Request.from_plain(PLAIN)
    assert "plan-costs-assumed" in [code for code, _ in made.record["assumptions"]]


def test_what_the_study_does_not_have_cannot_be_asked(sample_review, options):
    asked = Request.from_plain(PLAIN | {"locked": ["no-such-work"]})
    with pytest.raises(PlanError, match="no-such-work"):
        make_plan(sample_review, asked, options=options)


def job(store, report=lambda *_, **__: None, **more):
    told = {"study": study_of(store), "request": PLAIN, "name": "20 tỷ", "who": WHO, **more}
    return KINDS["make-plan"](store, told, report)


def test_long_work_keeps_a_plan_that_knows_when_the_study_changed(store):
    told = []
    done = job(store, lambda fraction, code, **_: told.append(fraction), note="cho cuộc họp")
    study = study_of(store)
    kept = saved_plan(store, study, done["key"])
    assert kept.record["figures"]["passing"] > 0 and kept.row["note"] == "cho cuộc họp"
    assert kept.changed is False and told == sorted(told) and told[-1] < 1
    with store.reading() as connection:
        assert kept.row["run"] in [row["run"] for row in runs.listed(connection, study)]
    with store.writing(WHO) as change:
        village = kept.record["villages"][0]["village_id"]
        reported.enter(change, study, 2024, village, "households", 77)
    assert saved_plan(store, study, done["key"]).changed is True
    assert saved_plan(store, study, done["key"], run=kept.row["run"]).changed is False
    assert [row["changed"] for row in saved_plans(store, study)] == [True]
    # the study judged last is not judged again, unless it has changed
    assert job(store)["key"] != done["key"]


def test_work_stopped_early_keeps_nothing_and_later_its_best(store, sample_review, monkeypatch):
    def judge(study, report):
        report(0.5, "measuring")
        return sample_review

    monkeypatch.setattr(plan_jobs, "judge", judge)
    monkeypatch.setattr(plan_jobs, "read_stored", lambda *_: sample_review.study)

    class Stopped:
        """Progress of a job that is cancelled once `at` of it is done."""

        def __init__(self, at):
            self.at, self.stopped = at, threading.Event()

        def __call__(self, fraction, code, **arguments):
            if self.stopped.is_set():
                raise Cancelled
            self.tell(fraction, code)

        def tell(self, fraction, code, **arguments):
            if fraction >= self.at:
                self.stopped.set()

    late = Stopped(2.0)
    late.stopped.set()
    with pytest.raises(Cancelled):
        job(store, late)
    assert saved_plans(store, study_of(store)) == []
    job(store)
    # it is judged by now, so the search is what the stop meets
    assert job(store, late, name="dừng giữa chừng")["key"]


def test_a_worker_that_dies_begins_the_plan_again():
    assert KINDS["make-plan"].repeatable


def test_a_scenario_is_kept_and_opens_over_the_study(store, sample_review):
    village = sample_review.study.villages.index[0]
    edit = Edit("report", {"village": village, "field": "grid_households", "set": 0})
    scenario = Scenario(sample_review, (edit,), "Mất điện", {"works": 5e8})
    study = study_of(store)
    row = save_scenario(store, study, scenario, note="thử", who=WHO)
    kept = saved_plan(store, study, row["key"])
    assert (row["kind"], row["name"], kept.record["figures"]["cost_after"]) == ("scenario", "Mất điện", 5e8)
    again = scenario_of(kept.record, sample_review)
    assert (again.edits, again.works) == (scenario.edits, scenario.works)
    assert again.after.results.equals(scenario.after.results)
    assert [one["kind"] for one in saved_plans(store, study, "scenario")] == ["scenario"]


def test_a_plan_needs_a_name(store, sample_review, options):
    made = make_plan(sample_review, Request.from_plain(PLAIN), options=options)
    with pytest.raises(StoreError, match="Name"):
        save_plan(store, "x", made.record, name=" ", who=WHO)


def test_a_fix_is_the_cheapest_change_with_its_cost_and_mark(options, fixes):
    frame = cheapest_fixes(options)
    assert set(fixes) == set(frame.index)
    gap = next(iter(fixes))
    assert fixes[gap]["cost"] == sum(work["cost"] for work in fixes[gap]["works"]) == frame.loc[gap, "cost"]
    assert fixes[gap]["assumed"] is True


def test_a_scorecard_says_the_cheapest_change_of_each_gap_only(sample_review, fixes):
    village, criterion = next(iter(fixes))
    bare = sample_review.scorecard(village, "en")
    card = sample_review.scorecard(village, "en", None, fixes)
    for before, row in zip(bare["findings"], card["findings"], strict=True):
        told = row["sentence"].removeprefix(before["sentence"])
        assert bool(told) == ((village, row["criterion"]) in fixes)
        if row["criterion"] == criterion:
            million = f"{round(fixes[village, criterion]['cost'] / 1e6):,}"
            assert "cheapest change" in told and million in told and "assumed" in told
            assert row["explanation"]["cheapest_fix"]["cost"] == fixes[village, criterion]["cost"]


def test_the_workbook_gets_columns_of_the_cheapest_change(sample_review, fixes, tmp_path):
    export(sample_review, tmp_path / "all.xlsx", "xlsx", language="en", fixes=fixes)
    rows = CalamineWorkbook.from_path(str(tmp_path / "all.xlsx")).get_sheet_by_name("Findings").to_python()
    at = {name: rows[2].index(name) for name in ("village_id", "criterion", "status", "cheapest_fix_vnd")}
    found = {(row[at["village_id"]], row[at["criterion"]]): row[at["cheapest_fix_vnd"]] for row in rows[3:]}
    assert {gap: cost for gap, cost in found.items() if cost != ""} == {
        gap: fix["cost"] for gap, fix in fixes.items()
    }


def test_a_plan_stopped_anywhere_is_whole_and_tells_what_it_left_out(sample_review, options):
    asked = Request.from_plain(PLAIN | {"seconds": 1})
    parts, seen = ("confirmed", "curve", "fairness", "reasons", "roadmap", "robustness"), set()
    for most in (0, 8, 11, 17, 26):
        calls = iter(range(most))
        made = make_plan(sample_review, asked, options=options, parts=parts, draws=2, target="60%",
                         cancelled=lambda calls=calls: next(calls, None) is None)  # fmt: skip
        left = [told for code, told in made.record["assumptions"] if code == "plan-left-out"]
        missing = [name for name in parts if name != "reasons" and name not in made.record]
        seen.add(len(missing))
        assert bool(left) >= bool(missing)
        assert len(left[0]["parts"] if left else ()) >= len(missing)
    assert len(seen) > 2


def test_a_plan_ends_before_its_worker_is_ended(store, monkeypatch):
    monkeypatch.setenv("GIS_JOB_SECONDS", "1")

    class Told:
        stopped = threading.Event()

        def __call__(self, *_, **__):
            pass

        tell = __call__

    done = job(
        store, Told(), request=PLAIN | {"seconds": 60}, parts=["confirmed", "curve", "roadmap"], target="60%"
    )
    record = saved_plan(store, study_of(store), done["key"]).record
    assert "plan-left-out" in [code for code, _ in record["assumptions"]]
