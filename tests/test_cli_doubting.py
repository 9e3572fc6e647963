"""The commands that list contradictions and repairs."""

import json

import pytest
from python_calamine import CalamineWorkbook

from gis.settings import Settings
from gis.store import decisions, open_store
from gis.workflows import decided_by, find_study
from test_cli import run


def cells(path):
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def test_contradictions_are_printed_with_their_causes_and_written_as_excel(sample_study, tmp_path):
    code, text = run("disagreements", sample_study, "--out", tmp_path / "m.xlsx", "--lang", "en")
    assert code == 0 and "near the threshold, within the tolerance" in text and "3 rows, 3 villages" in text
    rows = cells(tmp_path / "m.xlsx")
    assert "Reported against measured" in rows[0][0] and len(rows) == 3 + 3
    code, text = run("disagreements", sample_study, "--all", "--json")
    assert code == 0 and {row["kind"] for row in json.loads(text)} >= {"claimed-met", "not-compared"}


def test_repairs_are_printed_and_written_as_excel(sample_study, tmp_path):
    code, text = run("repairs", sample_study, "--out", tmp_path / "s.xlsx")
    assert code == 0 and "Xác nhận tên «" in text and "điền số liệu «Hộ nghèo»" in text
    rows = cells(tmp_path / "s.xlsx")
    assert rows[1][:2] == ["Thứ tự", "Việc"] and rows[3][0] == 1
    code, text = run("repairs", sample_study, "--json")
    assert code == 0 and json.loads(text)[0]["kind"] == "confirm-name"


def test_a_study_that_is_not_there_is_a_sentence(tmp_path):
    for command in ("disagreements", "repairs"):
        code, text = run(command, tmp_path / "nothing.yaml")
        assert code == 2 and "Traceback" not in text


@pytest.mark.parametrize(
    "tolerance", ["{position_m: -1}", "{speed_pct: 100}", "{position_m: far}", "{metres: 3}", "50"]
)
def test_a_tolerance_that_cannot_be_is_told_with_its_line(sample_study, tmp_path, tolerance):
    text = sample_study.read_text(encoding="utf-8").replace(
        "year: 2024\ntarget", f"tolerance: {tolerance}\nyear: 2024\ntarget"
    )
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    code, said = run("repairs", tmp_path / "study.yaml", "--lang", "en")
    assert code == 2 and "study.yaml" in said and "tolerance" in said


def test_what_was_decided_in_the_store_is_known_to_the_commands(sample_study, tmp_path):
    settings = Settings(store=tmp_path / "store")
    store = open_store(settings.store)
    from gis.intake import Reader
    from gis.workflows import import_recipe

    with Reader(settings) as reader:
        import_recipe(store, reader, sample_study, who="Y Lan")
    with store.writing("Y Lan") as change:
        subject = decisions.disagreement_subject("0100103", "no-road-to-centre", 2024)
        decisions.decide(change, "dak-minh-hoa", "disagreement", subject, "map", reason="đã xem")
    store.close()
    made = decided_by(settings, "dak-minh-hoa", find_study("dak-minh-hoa", settings=settings))
    assert made["0100103", "no-road-to-centre"]["answer"] == "map"
    assert decisions.settled(made) == set(made)
    assert not decisions.settled({("v", "c"): {"answer": "visit"}, ("v", "d"): {"answer": "open"}})
    assert decided_by(settings, str(sample_study), find_study(sample_study)) == {}
