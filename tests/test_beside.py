"""One study under several criteria sets: the same answers as one after another, from files read once."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from gis.criteria import load_criteria, set_to_plain
from gis.errors import StudyError
from gis.side_by_side import cross_table, side_by_side
from gis.workflows import judge, read_study
from gis.yamltext import dump_yaml, parse_yaml
from tests.test_cli import run

OTHERS = ("sdg-access", "vn-dbkk-village-2016-2020")


@pytest.fixture(scope="module")
def several(sample_study):
    return judge(read_study(sample_study, also=OTHERS))


def test_every_set_beside_gives_what_it_gives_alone(several, sample_study, sample_review):
    pd.testing.assert_frame_equal(several.findings, sample_review.findings)
    pd.testing.assert_frame_equal(several.measurements, sample_review.measurements)
    assert tuple(several.beside) == OTHERS
    for name, review in several.beside.items():
        alone = judge(read_study(sample_study, criteria=name))
        pd.testing.assert_frame_equal(review.findings, alone.findings)
        pd.testing.assert_frame_equal(review.results, alone.results)
        pd.testing.assert_frame_equal(review.measurements, alone.measurements)
        assert review.headline == alone.headline and review.criteria.id == name


def test_files_are_read_once_and_shared_values_measured_once(sample_study, monkeypatch):
    from gis import intake, measure

    opened, measured = [], []
    vector, one = intake.Reader.vector, measure._measure_one
    monkeypatch.setattr(intake.Reader, "vector", lambda *a, **k: (opened.append(a[1]), vector(*a, **k))[1])
    monkeypatch.setattr(measure, "_measure_one", lambda *a: (measured.append(a[1].measure), one(*a))[1])
    review = judge(read_study(sample_study, also=[review_set_id(sample_study), OTHERS[0]]))
    assert len(opened) == len(set(opened)) and len(measured) == len(set(measured))
    first, second = review, next(iter(review.beside.values()))
    pd.testing.assert_frame_equal(first.findings, second.findings)


def review_set_id(path):
    return parse_yaml(path.read_bytes(), "study.yaml")[0]["criteria"]


def test_a_study_file_names_further_sets_also_by_path(sample_study, tmp_path):
    plain = set_to_plain(load_criteria("sdg-access"))
    (tmp_path / "own.yaml").write_text(dump_yaml(plain | {"id": "own-set"}), encoding="utf-8")
    data, _ = parse_yaml(sample_study.read_bytes(), "study.yaml")
    for entry in [*data["layers"].values(), *data["assessments"]]:
        entry["file"] = str((sample_study.parent / entry["file"]).resolve())
    (tmp_path / "study.yaml").write_text(
        dump_yaml(data | {"also": ["own.yaml", "sdg-access"]}), encoding="utf-8"
    )
    study = read_study(tmp_path)
    assert [other.criteria.id for other in study.beside.values()] == ["own-set", "sdg-access"]
    (tmp_path / "study.yaml").write_text(dump_yaml(data | {"also": ["no-such-set"]}), encoding="utf-8")
    with pytest.raises(Exception, match="no-such-set"):
        read_study(tmp_path)


def test_a_set_that_cannot_be_bound_is_left_out_with_its_reason(sample_study, tmp_path):
    plain = set_to_plain(load_criteria("sdg-access"))
    groups = {"plot": {"a": {"vi": "A", "en": "A"}, "b": {"vi": "B", "en": "B"}}}
    for row in plain["criteria"]:
        row["thresholds"] = dict.fromkeys("ab", next(iter(row["thresholds"].values())))
        row["verification"] = "placeholder"
        row.pop("checked", None)
    path = tmp_path / "two.yaml"
    path.write_text(
        dump_yaml({**plain, "id": "two", "groups": groups, "default_group": None}), encoding="utf-8"
    )
    study = read_study(sample_study, also=[str(path)])
    assert study.beside == {} and {"beside-left-out", "study-no-group"} <= {
        one.code for one in study.problems
    }


def test_fields_read_in_two_ways_are_never_mixed(sample_study, tmp_path):
    criteria = load_criteria(review_set_id(sample_study))
    rows = set_to_plain(criteria)
    field = next(
        row for row in rows["criteria"] if "field" in row.get("reported", {}) and row["unit"] != "bool"
    )
    field |= {"unit": "bool", "compare": "present", "thresholds": True, "verification": "placeholder"}
    field.pop("checked", None)
    path = tmp_path / "mixed.yaml"
    path.write_text(dump_yaml(rows | {"id": "mixed"}), encoding="utf-8")
    study = read_study(sample_study, also=[str(path)])
    assert study.beside == {} and "beside-field-type" in {one.code for one in study.problems}


def test_the_age_that_a_set_allows_is_its_own(sample_study, tmp_path):
    rows = set_to_plain(load_criteria("sdg-access"))
    path = tmp_path / "young.yaml"
    path.write_text(dump_yaml(rows | {"id": "young", "max_age_years": 0.5}), encoding="utf-8")
    review = judge(read_study(sample_study, also=[str(path), "sdg-access"]))
    young, usual = review.beside.values()
    alone = judge(read_study(sample_study, criteria=str(path)))
    pd.testing.assert_frame_equal(young.findings, alone.findings)
    assert usual.criteria.max_age_years != 0.5 and young.study.layers is not usual.study.layers


def test_two_reviews_side_by_side_by_hand(several):
    one = several
    results = one.results.copy()
    ids = list(results.index)
    results["status"] = ["met", "unmet", "unknown", "exempt"] * 6
    other_results = results.assign(status=["met", "met", "unmet", "exempt"] * 6)
    first, second = (replace(one, results=each) for each in (results, other_results))
    table = side_by_side(first, second)
    assert list(table.index) == ids and table["differs"].sum() == 12
    counts = cross_table(table)
    assert counts.loc["met", "met"] == counts.loc["unmet", "met"] == counts.loc["unknown", "unmet"] == 6
    assert counts.to_numpy().sum() == 24 and counts.loc["exempt", "exempt"] == 6
    assert not side_by_side(first, first)["differs"].any()


@pytest.mark.long
def test_the_command_line_judges_by_several_sets_and_compares_two(sample_study, tmp_path):
    code, text = run("evaluate", sample_study, "--out", tmp_path / "ra", "--also", "sdg-access", "--json")
    assert code == 0 and set(json.loads(text)["also"]) == {"sdg-access"}
    assert (tmp_path / "ra" / "sdg-access" / "results.csv").is_file()
    out = tmp_path / "so.xlsx"
    sets = ("vn-dbkk-village-2016-2020", "sdg-access")
    code, text = run("compare-sets", sample_study, *sets, "--out", out, "--lang", "en")
    assert code == 0 and out.is_file() and "villages come out otherwise" in text
    code, text = run("compare-sets", sample_study, *sets, "--json")
    told = json.loads(text)
    assert sum(sum(row.values()) for row in told["counts"].values()) == 24
    assert all(row["first"] != row["second"] for row in told["differing"])
    assert run("compare-sets", sample_study, "sdg-access", "no-such-set")[0] == 2


def test_a_set_that_was_left_out_is_an_error_where_it_was_asked_for(sample_study, tmp_path):
    assert issubclass(StudyError, ValueError)
    rows = set_to_plain(load_criteria("sdg-access"))
    groups = {"plot": {"a": {"vi": "A", "en": "A"}, "b": {"vi": "B", "en": "B"}}}
    for row in rows["criteria"]:
        row |= {
            "thresholds": dict.fromkeys("ab", next(iter(row["thresholds"].values()))),
            "verification": "memory",
        }
        row.pop("checked", None)
    path = tmp_path / "two.yaml"
    path.write_text(
        dump_yaml({**rows, "id": "two", "groups": groups, "default_group": None}), encoding="utf-8"
    )
    code, text = run("compare-sets", sample_study, "sdg-access", path, "--lang", "en")
    assert code == 2 and "beside its own" in text
