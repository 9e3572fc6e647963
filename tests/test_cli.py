"""The command line: each command on a small study, exit codes, both languages."""

import json

import pytest
from click.testing import CliRunner

from gis.cli import commands
from gis.cli.base import print_problems
from gis.errors import Problem
from gis.labels import Label
from test_reading import edit, folder  # noqa: F401


def run(*arguments):
    result = CliRunner().invoke(
        commands, [str(argument) for argument in arguments], obj={}, catch_exceptions=False
    )
    return result.exit_code, result.output


def test_check_lists_problems_and_strict_fails_on_them(folder):  # noqa: F811
    code, text = run("check", folder, "--lang", "en")
    assert code == 0 and "2 warnings" in text and "Thôn 3 (v2)" in text
    assert run("check", folder, "--strict")[0] == 1
    edit(folder, "thon.gpkg", "khong.gpkg")
    code, text = run("check", folder, "--json")
    assert code == 2 and json.loads(text)["problems"][0]["code"] == "study-file-missing"


def test_a_list_that_a_sentence_cuts_is_printed_whole_in_one_language(capsys):
    pairs = tuple(Label({"vi": f"cách {n} m", "en": f"{n} m apart"}) for n in range(7))
    print_problems((Problem("facility-pairs", {"pairs": pairs}, "warning"),), "en")
    assert "    0 m apart; 1 m apart; 2 m apart" in capsys.readouterr().out


def test_evaluate_writes_tables_and_prints_the_headline(folder, tmp_path):  # noqa: F811
    out = tmp_path / "ra"
    code, text = run("evaluate", folder, "--out", out, "--json", "--lang", "en")
    assert code == 0
    head = json.loads(text)
    assert head["rural_access"] is None
    assert (head["villages"], head["met"], head["unmet"], head["unknown"]) == (3, 1, 1, 1) and head["trial"]
    assert {"findings.csv", "measurements.csv", "results.csv", "run.json"} <= {
        path.name for path in out.iterdir()
    }
    code, text = run("evaluate", folder, "--out", out, "--format", "geojson")
    assert code == 0 and "SỐ THỬ NGHIỆM" in text and (out / "thu.geojson").is_file()


def test_map_and_export_write_one_file_each(folder, tmp_path):  # noqa: F811
    assert run("map", folder, "--out", tmp_path / "map.html")[0] == 0
    assert (tmp_path / "map.html").stat().st_size > 100_000
    code, text = run("export", folder, "--format", "shapefile", "--out", tmp_path / "thon.zip")
    assert code == 0 and "3 dòng" in text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_bad_input_is_a_sentence_and_exit_code_2(folder, tmp_path, language):  # noqa: F811
    for arguments in (
        ("evaluate", folder / "nothing.yaml", "--out", tmp_path / "o"),
        ("export", folder, "--format", "pdf", "--out", tmp_path / "o.pdf"),
        ("evaluate", folder, "--out", tmp_path / "o", "--criteria", "no-such-set"),
        ("criteria", "no-such-set"),
        ("map", folder, "--out", tmp_path / "no" / "map.html"),
    ):
        code, text = run(*arguments, "--lang", language)
        assert code == 2 and "Traceback" not in text and len(text.strip()) > 20, text
        assert ".export-" not in text and "(+" not in text, text
    assert run("evaluate", folder)[0] == 2


@pytest.mark.parametrize(
    "arguments", [("sample",), ("evaluate", "STUDY", "--out"), ("criteria", "sphere", "--to")]
)
def test_a_place_that_cannot_be_written_is_a_sentence(folder, tmp_path, arguments):  # noqa: F811
    (tmp_path / "tep").write_text("x", encoding="utf-8")
    given = [str(folder) if part == "STUDY" else part for part in arguments]
    code, text = run(*given, tmp_path / "tep" / "x.xlsx")
    assert code == 2 and "Traceback" not in text and len(text.strip()) > 20


def test_settings_hold_for_the_command_line_too(folder, monkeypatch):  # noqa: F811
    monkeypatch.setenv("GIS_LANGUAGE", "en")
    assert "warnings" in run("check", folder)[1]
    monkeypatch.setenv("GIS_READER_ROWS", "1")
    assert run("check", folder)[0] == 2
    monkeypatch.setenv("GIS_READER_ROWZ", "1")
    code, text = run("layers")
    assert code == 2 and "GIS_READER_ROWZ" in text


def test_two_formats_of_one_suffix_are_two_files(folder, tmp_path):  # noqa: F811
    code, _ = run("evaluate", folder, "--out", tmp_path / "ra", "--format", "csv", "--format", "findings_csv")
    assert code == 0 and {"thu-csv.csv", "thu-findings_csv.csv"} <= {
        path.name for path in (tmp_path / "ra").iterdir()
    }


@pytest.mark.parametrize("command", ["layers", "criteria", "indicators"])
def test_the_lists_speak_both_languages(command):
    vietnamese, english = run(command, "--lang", "vi"), run(command, "--lang", "en")
    assert (
        vietnamese[0] == english[0] == 0 and vietnamese[1] != english[1] and len(english[1].splitlines()) > 10
    )


def test_a_set_goes_to_excel_and_comes_back_the_same(tmp_path):
    sheet, copy = tmp_path / "bo.xlsx", tmp_path / "vn-dbkk-village-2021-2025.yaml"
    assert run("criteria", "vn-dbkk-village-2021-2025", "--to", sheet)[0] == 0
    code, text = run("criteria", "--from", sheet, "--out", copy, "--lang", "en")
    assert code == 0 and "vn-dbkk-village-2021-2025" in text
    from gis.criteria import load_criteria

    assert load_criteria(copy).hash == load_criteria("vn-dbkk-village-2021-2025").hash


def test_a_study_is_never_overwritten_by_a_sample(folder):  # noqa: F811
    before = (folder / "study.yaml").read_bytes()
    code, text = run("sample", folder, "--villages", "2", "--rung", "0")
    assert code == 2 and folder.name in text and (folder / "study.yaml").read_bytes() == before


def test_a_sample_is_made_and_judged(tmp_path):
    code, _ = run("sample", tmp_path / "mau", "--villages", "5", "--seed", "3", "--rung", "4")
    assert code == 0
    code, text = run("evaluate", tmp_path / "mau", "--out", tmp_path / "ra", "--json")
    assert code == 0 and json.loads(text)["villages"] == json.loads(text)["rural_access"]["villages"] == 5
