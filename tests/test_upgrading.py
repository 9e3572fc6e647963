"""What an upgrade changes: verdicts kept before, held against those after, each with its cause."""

import json

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from gis.cli import commands
from gis.errors import TableError
from gis.workflows.upgrading import changes, keep_verdicts, read_verdicts, verdicts_of
from tests.fakes_web import build_review


def kept(villages, *, ids=("road",), **made_from):
    return {"villages": villages, "criteria_ids": list(ids), "made_from": made_from}


def moved(old, new):
    return changes({"a": old} if old else {}, {"a": new} if new else {})


ONE = {"v1": ["Thôn 1", "Xã A", "ab"]}
OTHER = {"v1": ["Thôn 1", "Xã A", "bb"]}


def test_same_verdicts_are_no_change():
    assert moved(kept(ONE, inputs={"x": "1"}), kept(ONE, inputs={"x": "2"})).empty


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        (
            {"inputs": {"x": "1"}, "criteria_hash": "1"},
            {"inputs": {"x": "1"}, "criteria_hash": "1"},
            "program",
        ),
        ({"inputs": {"x": "1"}, "criteria_hash": "1"}, {"inputs": {"x": "1"}, "criteria_hash": "2"}, "rule"),
        ({"inputs": {"x": "1"}, "criteria_hash": "1"}, {"inputs": {"x": "2"}, "criteria_hash": "2"}, "data"),
        ({"year": 2024}, {"year": 2025}, "data"),
    ],
)
def test_cause_is_what_differs_first(before, after, cause):
    found = moved(kept(ONE, **before), kept(OTHER, **after))
    assert found[["criterion", "before", "after", "cause"]].values.tolist() == [["", "met", "unmet", cause]]


def test_village_criterion_and_study_that_came_or_went_are_told():
    new = kept({"v2": ["Thôn 2", "Xã A", "aba"]}, ids=("road", "water"))
    rows = moved(kept(ONE), new)[["village", "criterion", "before", "after"]].values.tolist()
    assert rows == [
        ["Thôn 1", "", "met", ""],
        ["Thôn 1", "road", "unmet", ""],
        ["Thôn 2", "", "", "met"],
        ["Thôn 2", "road", "", "unmet"],
        ["Thôn 2", "water", "", "met"],
    ]
    assert len(moved(kept(ONE), None)) == len(moved(None, kept(ONE))) == 2


def test_verdicts_are_read_back_as_they_were_kept(tmp_path):
    told = verdicts_of(build_review())
    keep_verdicts(tmp_path / "before.json", {"x": told})
    read = read_verdicts(tmp_path / "before.json")
    assert changes(read, {"x": told}).empty
    assert len(read["x"]["villages"]) > 3


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"form": "other", "studies": {}}', "[" * 5000,
     '{"form": "langmap-verdicts-1", "studies": {"a": {}}}',
     '{"form": "langmap-verdicts-1", "studies": {"a": {"villages": {"v": ["n", "c", "zz"]}, "criteria_ids": ["r"], "made_from": {}}}}'],
)  # fmt: skip
def test_file_that_is_none_of_ours_is_refused_by_name(tmp_path, text):
    path = tmp_path / "odd.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=r"odd\.json"):
        read_verdicts(path)


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A folder of studies with one small study, and the commands over it."""
    folder = tmp_path / "studies" / "xa"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(
        "id: xa\ntitle: Xã\ncriteria: vn-dbkk-village-2021-2025\nassessments:\n  - {file: s.csv, year: 2024}\n",
        encoding="utf-8",
    )
    sheet = folder / "s.csv"
    sheet.write_text("Xã,Thôn,Tỷ lệ hộ nghèo\nĐăk Tô,Thôn 1,60\nĐăk Tô,Thôn 2,10\n", encoding="utf-8")
    monkeypatch.setenv("GIS_STUDIES", str(tmp_path / "studies"))
    monkeypatch.setenv("GIS_STORE", str(tmp_path / "none"))

    def ask(*arguments):
        return CliRunner().invoke(commands, ["upgrade-check", *map(str, arguments)], obj={})

    return sheet, ask


def test_office_keeps_upgrades_and_sees_what_changed(office, tmp_path):
    sheet, ask = office
    before, out = tmp_path / "before.json", tmp_path / "changes.xlsx"
    done = ask(before, "--keep")
    assert (done.exit_code, "2 thôn" in done.output) == (0, True), done.output
    same = ask(before)
    assert same.exit_code == 0 and same.output.rstrip().endswith("trong 1 đợt rà soát.")
    # What a version would change is played by changing what was kept.
    content = json.loads(before.read_text(encoding="utf-8"))
    row = next(iter(content["studies"]["xa/study.yaml"]["villages"].values()))
    row[2] = ("b" if row[2][0] != "b" else "a") + row[2][1:]
    before.write_text(json.dumps(content), encoding="utf-8")
    changed = ask(before, "--out", out, "--lang", "en")
    assert (
        changed.exit_code == 1 and "the program" in changed.output and "the whole village" in changed.output
    )
    cells = [[cell.value for cell in row] for row in load_workbook(out).active.iter_rows()]
    assert any("the program" in row for row in cells)
    sheet.unlink()
    lost = ask(before, "--json")
    assert lost.exit_code == 1
    assert list(json.loads(lost.output)["unjudged"]) == ["xa/study.yaml"]
    assert ask(tmp_path / "absent.json").exit_code == 2
