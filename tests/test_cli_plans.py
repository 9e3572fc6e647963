"""Commands from gaps to a plan: what is printed, what is kept, and one sentence for what is wrong."""

import json
import shutil

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from gis.cli import commands
from gis.workflows import planning

PLAN = ("--budget", "6 tỷ", "--years", "2026-2027", "--seconds", "2")


@pytest.fixture
def found(sample_options):
    return sample_options


@pytest.fixture
def run(found, sample_review, stored_sample, tmp_path, monkeypatch):
    """Run a command over the sample; judging it and finding options is tested elsewhere, and takes its time."""
    shutil.copytree(stored_sample, tmp_path / "store")
    monkeypatch.setenv("GIS_STORE", str(tmp_path / "store"))
    monkeypatch.setattr(planning, "find_options", lambda *_, **__: found)
    monkeypatch.setattr("gis.workflows.find_study", lambda *_, **__: sample_review.study)
    monkeypatch.setattr("gis.workflows.judge", lambda study, **_: sample_review)

    def run(*arguments, code=0, language="en"):
        done = CliRunner().invoke(
            commands, [*map(str, arguments), "--lang", language], obj={}, prog_name="gis"
        )
        assert done.exit_code == code, done.output
        return done.output if code == 0 else done.stderr

    return run


@pytest.fixture
def study(sample_study):
    return str(sample_study)


def test_a_plan_is_told_as_a_planner_reads_it(run, study):
    told = run("plan", study, *PLAN)
    for words in ("the plan makes", "million VND", "What stands in the way", "What the plan rests on",
                  "assumed unit costs", "TRIAL", "Judged again", "Villages with most gaps first"):  # fmt: skip
        assert words in told


def test_funds_locks_and_assumptions_reach_the_request(run, study, found, sample_review):
    option, criterion = found.table.index[0], sample_review.criteria.criteria[0].id
    fund = "ntm:5e9,5e9;sectors=roads+water;share=70"
    record = json.loads(run("plan", study, "--fund", fund, "--fund", "own:9ty", "--years", "2026-2027", "--lock", option,
                            "--assume", f"{criterion}=2027:Housing", "--floor", "works=1", "--part", "all", "--json",
                            "--seconds", "2"))  # fmt: skip
    request = record["request"]
    assert [one["id"] for one in request["funds"]] == ["ntm", "own"]
    assert request["funds"][0]["share_pct"] == 70 and request["locked"] == [option]
    assert request["assumed"] == [{"criterion": criterion, "year": 2027, "by": "Housing"}]
    assert (request["part"], request["floor"]) == ("all", {"works": 1})
    assert option in [row["option_id"] for row in record["works"]]


def test_a_request_file_is_read_and_added_to(run, study, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("years: 2026-2027\nfunds: [{id: ntm, amounts: 1 tỷ}]\nseconds: 2\n", encoding="utf-8")
    record = json.loads(run("plan", study, "--request", path, "--fund", "own:2ty", "--json", language="vi"))
    assert [one["id"] for one in record["request"]["funds"]] == ["ntm", "own"]


def test_works_are_written_as_one_file_or_all_into_a_folder(run, study, tmp_path):
    run("plan", study, *PLAN, "--out", tmp_path / "all")
    names = {path.suffix for path in (tmp_path / "all").iterdir()}
    assert names == {".xlsx", ".zip", ".gpkg", ".geojson", ".csv", ".json"}
    record = json.loads((tmp_path / "all" / "plan.json").read_text(encoding="utf-8"))
    lines = json.loads((tmp_path / "all" / "works.geojson").read_text(encoding="utf-8"))["features"]
    assert len(lines) == len(record["works"])
    assert "shp" in run("plan", study, *PLAN, "--out", tmp_path / "works.shp", code=2)


@pytest.mark.parametrize(
    "more, words",
    [
        (("--fund", "ntm"), "ntm"),
        (("--assume", "housing"), "criterion=year:programme"),
        (("--floor", "works=many"), "works=1"),
        (("--lock", "no-such-work"), "no-such-work"),
        (("--target", "500%"), "500%"),
    ],
)
def test_what_is_wrong_is_one_sentence(run, study, more, words):
    assert words in run("plan", study, *PLAN, *more, code=2)


def test_options_are_listed_and_the_cheapest_change_of_a_village(run, study, found):
    told = run("options", study)
    assert f"{len(found.table)} works could be built" in told and "assumed unit costs" in told
    village = found.ways["village_id"].iloc[0]
    assert "cheapest change" in run("options", study, "--village", village)
    known = json.loads(run("options", study, "--sector", "roads", "--json"))
    assert {row["sector"] for row in known["options"]} == {"roads"} and known["fixes"]
    assert "roads" in run("options", study, "--sector", "moon", code=2)
    assert "nowhere" in run("options", study, "--village", "nowhere", code=2)


def test_a_workbook_tells_the_cheapest_change_where_it_is_asked_for(run, study, tmp_path):
    run("export", study, "--format", "xlsx", "--fixes", "--out", tmp_path / "all.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "all.xlsx")).get_sheet_by_name("Findings").to_python()
    assert "cheapest_fix" in book[2]
    assert "xlsx" in run("export", study, "--format", "csv", "--fixes", "--out", tmp_path / "all.csv", code=2)


def test_two_plans_are_kept_listed_and_put_side_by_side(run, sample_review):
    study = sample_review.study.id
    keys = []
    for money in ("1 tỷ", "9 tỷ"):
        told = run("plan", study, "--budget", money, "--years", "2026", "--seconds", "2", "--save", f"Plan {money}",
                   "--who", "Y Lan", "--json")  # fmt: skip
        keys.append(json.loads(told)["key"])
    told = run("plans", study)
    assert all(key in told for key in keys) and "Y Lan" in told
    assert "Plan 1 tỷ" in run("plans", study, "--show", keys[0])
    told = run("compare", f"{study}@{keys[0]}", f"{study}@{keys[1]}")
    assert "Only in the second" in told and "Villages that come out otherwise" in told
    found = json.loads(run("compare", f"{study}@{keys[0]}", f"{study}@{keys[1]}", "--judge", "--json"))
    assert found["headline"]["after_infra_met"] >= found["headline"]["before_infra_met"]
    run("plans", study, "--withdraw", keys[0], "--reason", "old costs", "--who", "Y Lan")
    assert "withdrawn" in run("plans", study)
    assert "no plan" in run("compare", f"{study}@0000000000", f"{study}@{keys[1]}", code=2)


def test_a_record_and_a_study_are_put_side_by_side(run, study, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(run("plan", study, *PLAN, "--json"), encoding="utf-8")
    assert "Infrastructure passes" in run("compare", study, path)
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    assert "no saved plan" in run("compare", study, tmp_path / "other.json", code=2)
    assert "none.json" in run("compare", path, tmp_path / "none.json", code=2)
