"""The kinds of work: every file of the folder, what its form refuses, what no work can close; their costs as a table."""

from pathlib import Path

import pytest

from gis.assessments import needed_fields
from gis.catalogue import load_catalogue
from gis.criteria import list_criteria, load_criteria
from gis.errors import CatalogueError, TableError
from gis.interventions import costs_from_rows, costs_to_rows, load_interventions
from gis.interventions.reading import FOLDER, SECTORS
from gis.labels import LANGUAGES
from gis.workflows import costs_from_excel, costs_to_excel

CATALOGUE = load_catalogue()
WORKS = load_interventions()
SETS = [load_criteria(name) for name in list_criteria()]
FIELDS = {
    *CATALOGUE["assessments"].fields,
    *CATALOGUE["villages"].fields,
    *(field for one in SETS for field in needed_fields(one)),
}

# Criteria that building can change and no kind of work here closes by itself, and why. A planner's own work may.
BY_NO_WORK = {
    "water_queue_min": "how long people queue after a work is known only when they do",
    "water_litres_person_day": "how much water a work brings is known only when it runs",
    "water_collection_min": "the way to the water is reported, not measured, so no work's part in it is known",
    "hard_route_to_school": "somebody judges on the spot what makes the way hard",
    "axis_road_hardened": "a yes or no does not tell how many km are missing",
    "market": "trade is none of the eight sectors",
}


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_a_kind_of_work_speaks_both_languages_and_its_cost_lies_within_its_range(work):
    assert set(work.label) == set(LANGUAGES)
    assert work.note is None or set(work.note) == set(LANGUAGES)
    for cost in work.costs:
        assert 0 < cost.low <= cost.vnd <= cost.high
        assert (cost.verification == "source") == (cost.source is not None)
    assert work.costs[-1].where is None, "somewhere it has no cost at all"


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_a_kind_of_work_changes_only_what_the_catalogue_knows(work):
    for report in work.reports:
        assert {report["field"], report.get("whole", report["field"])} <= FIELDS
        # a yes is reported of one piece; what is counted in km or households is added up
        assert report.get("becomes") is None or work.unit == "piece" or "once" in report
    if work.works is None:
        assert work.reports, "it changes nothing"
        return
    layer = CATALOGUE[work.works["layer"]]
    known = {field: set(layer.vocabularies.get(field, {})) for field in ("kind", "class")}
    assert {work.works["kind"]} <= known["kind"] if "kind" in work.works else True
    assert set(work.works.get("classes", ())) <= known["class"]
    changed = {*work.works.get("set", {}), *([work.works["field"]] if "field" in work.works else [])}
    assert changed <= set(layer.fields)
    for field, value in work.works.get("set", {}).items():
        assert field not in layer.vocabularies or value in layer.vocabularies[field]
    assert work.works.get("from") in {None, *known["kind"], *layer.vocabularies.get("condition", {})}
    assert work.works["does"] != "enlarge" or (work.places < float("inf") and "field" in work.works)


def test_every_sector_has_a_kind_of_work():
    assert {work.sector for work in WORKS.values()} == set(SECTORS)


def test_every_criterion_that_works_can_fix_has_a_work_or_a_reason():
    open_, idle = set(), set(BY_NO_WORK)
    for one in SETS:
        for criterion in one.criteria:
            bindings = [side for side in (criterion.measured, criterion.reported) if side is not None]
            # what is bound to nothing is never known to be a gap
            if criterion.fixable_by != "works" or not bindings:
                continue
            fields = {dict(side.arguments).get("field") for side in bindings}
            idle -= fields
            if not any(_closes(work, side) for work in WORKS.values() for side in bindings):
                open_ |= {f"{one.id}: {criterion.id}"} if not fields & set(BY_NO_WORK) else set()
    assert not open_
    assert not idle, "no criterion asks for these any more"


def _closes(work, binding):
    arguments = dict(binding.arguments)
    if binding.indicator.startswith("reported_"):
        named = {
            arguments.get("field"),
            arguments.get("numerator"),
            *(arguments.get("numerators") or ()),
        }
        return any(report["field"] in named for report in work.reports)
    layer = (work.works or {}).get("layer")
    if binding.indicator in ("road_share", "all_season_link", "cut_off_in_rains"):
        return layer == "roads"
    kinds = arguments.get("kind")
    kinds = {kinds} if isinstance(kinds, str) else kinds
    return layer == arguments["facilities"] and (kinds is None or work.works.get("kind") in kinds)


def test_only_what_a_source_gives_is_more_than_an_assumption():
    sourced = {work.id for work in WORKS.values() for cost in work.costs if cost.verification != "assumption"}
    assert sourced == {"build-telecom-mast"}


def test_the_page_of_the_folder_explains_every_key_in_both_languages():
    from gis.interventions.reading import SCHEMA

    keys = {
        *SCHEMA["properties"],
        *SCHEMA["properties"]["costs"]["items"]["properties"],
        *SCHEMA["properties"]["reports"]["items"]["properties"],
        *SCHEMA["properties"]["works"]["properties"],
        *SCHEMA["properties"]["serves"]["properties"],
    }
    vietnamese, _, english = (FOLDER / "README.md").read_text(encoding="utf-8").partition("\n# Kinds of work")
    assert english
    for page in (vietnamese, english):
        assert not {key for key in keys if f"`{key}`" not in page and f"{key}:" not in page}


WRONG = """id: other
label: {vi: Làm, en: Work}
sector: roads
unit: km
costs:
  - {vnd: 5, low: 6, high: 7, as_of: "2026", verification: source}
  - {vnd: 5, as_of: "2026", verification: assumption, where: {attribute: zone, compare: eq, value: 3}}
reports:
  - {field: road_village_hard_km}
"""


def test_all_faults_of_all_files_come_at_once_each_with_its_line(tmp_path):
    (tmp_path / "one.yaml").write_text(WRONG, encoding="utf-8")
    (tmp_path / "two.yaml").write_text("id: two\nsector: sea\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as fault:
        load_interventions(Path(tmp_path))
    found = [(p.code, p.arguments["file"], p.arguments["line"]) for p in fault.value.problems]
    assert found[:6] == [
        ("catalogue-id-differs", "one.yaml", 1),
        ("interventions-cost-order", "one.yaml", 6),
        ("interventions-cost-source", "one.yaml", 6),
        ("interventions-cost-hidden", "one.yaml", 6),
        ("interventions-condition", "one.yaml", 7),
        ("interventions-report", "one.yaml", 9),
    ]
    assert {"two.yaml"} == {file for _, file, _ in found[6:]}
    for language in LANGUAGES:
        assert len(fault.value.say(language).splitlines()) == len(found)


def test_a_cost_may_hang_on_several_conditions_and_a_blank_attribute_takes_the_general_one(tmp_path):
    import pandas as pd

    text = WRONG.replace("id: other", "id: one").replace("  - {field: road_village_hard_km}\n", "")
    head = text.partition("costs:")[0]
    both = (
        "costs:\n"
        '  - {vnd: 9, as_of: "2026", verification: assumption, where: [{attribute: zone, in: [3, III]}, '
        "{attribute: far_km, compare: ge, value: 10}]}\n"
        '  - {vnd: 5, as_of: "2026", verification: assumption}\n'
    )
    (tmp_path / "one.yaml").write_text(head + both, encoding="utf-8")
    villages = pd.DataFrame({"zone": ["III", "III", None, "3"], "far_km": [12, 4, 12, 10]})
    costs = load_interventions(Path(tmp_path))["one"].cost_in(villages)
    assert [cost.vnd for cost in costs] == [9, 5, 5, 9]


@pytest.mark.parametrize("language", LANGUAGES)
def test_unit_costs_go_to_excel_and_an_unread_assumption_comes_back_as_one(tmp_path, language):
    costs_to_excel(tmp_path / "gia.xlsx", language=language)
    back = costs_from_excel(tmp_path / "gia.xlsx")
    assert {name: work.costs for name, work in back.items()} == {
        name: work.costs for name, work in WORKS.items()
    }


def _rows(*changes):
    """The table with cells changed: (kind of work, which of its rows, column, value)."""
    rows = costs_to_rows(WORKS, "vi")
    at = {
        name: number
        for number, name in enumerate(("id", "", "", "", "where", "cost", "low", "high", "", "as_of"))
    }
    for name, which, column, value in changes:
        row = [row for row in rows if row[0] == name][which]
        row[11 if column == "source" else at[column]] = value
    return rows


def test_a_planner_s_own_cost_takes_the_place_of_the_assumption_with_source_and_day():
    rows = _rows(
        ("harden-alley", 1, "cost", "1.250,5"),
        ("harden-alley", 1, "as_of", "23/11/2026"),
        ("harden-alley", 1, "source", "QĐ 12/2026"),
        ("build-weir", 0, "source", "Sở Nông nghiệp"),
    )
    back = costs_from_rows(rows, WORKS, file="gia.xlsx")
    general = back["harden-alley"].costs[-1]
    assert (general.vnd, general.as_of, general.source) == (1_250_500_000, "2026-11-23", "QĐ 12/2026")
    assert [cost.verification for cost in back["harden-alley"].costs] == ["assumption", "user"]
    assert back["build-weir"].costs[0].verification == "user", "who names a source stands for the cost"
    assert back["build-weir"].costs[0].vnd == WORKS["build-weir"].costs[0].vnd
    assert back["line-canal"] is not None and len(back) == len(WORKS)


def test_a_table_of_few_kinds_of_work_replaces_these_whole_and_leaves_the_others():
    rows = [["Mã loại công trình", "Đơn giá (triệu đồng)", "Giá của năm, ngày", "Nguồn"]]
    rows += [["Xây nhà văn hóa thôn", 900, 2026, "xã"], [None, None, None, None]]
    back = costs_from_rows(rows, WORKS, file="gia.csv")
    (only,) = back["build-culture-house"].costs
    assert (only.vnd, only.low, only.high, only.fixed_vnd, only.as_of) == (9e8, 9e8, 9e8, 0, "2026")
    assert back["harden-alley"] == WORKS["harden-alley"]


def test_every_wrong_row_of_a_cost_table_has_its_sentence():
    rows = _rows(
        ("bridge-ford", 0, "cost", "nhiều"),
        ("build-weir", 0, "cost", None),
        ("line-canal", 0, "low", 9e9),
        ("extend-fibre", 0, "cost", 801),
        ("household-water", 0, "as_of", "hôm qua"),
        ("harden-alley", 0, "where", "zone = 3"),
        ("harden-field-road", 0, "where", None),
        ("harden-field-road", 0, "source", "Sở Xây dựng"),
        ("build-phc", 0, "cost", -5),
        ("treat-water", 0, "cost", "1.250"),
    )
    rows.append(["no-such-work", *[None] * 4, 5, 5, 5, 0, "2026", None, "x"])
    rows[[row[0] for row in rows].index("extend-fibre")][7] = 2000
    with pytest.raises(TableError) as fault:
        costs_from_rows(rows, WORKS, file="gia.xlsx", sheet="Đơn giá")
    found = {(p.code, rows[p.arguments["row"] - 1][0]) for p in fault.value.problems}
    assert found == {
        ("costs-not-money", "bridge-ford"),
        ("costs-no-cost", "build-weir"),
        ("costs-not-money", "line-canal"),
        ("costs-no-source", "extend-fibre"),
        ("costs-day", "household-water"),
        ("costs-condition", "harden-alley"),
        ("costs-twice", "harden-field-road"),
        ("costs-not-money", "build-phc"),
        ("costs-not-money", "treat-water"),
        ("costs-no-work", "no-such-work"),
    }
    for language in LANGUAGES:
        assert "{" not in fault.value.say(language)
    with pytest.raises(TableError, match="missing"):
        costs_from_rows([["a", "b"], [1, 2]], WORKS, file="gia.xlsx")


def test_the_command_lists_what_can_be_built_and_says_what_is_assumed(tmp_path):
    from test_cli import run

    code, text = run("interventions", "--lang", "vi")
    assert code == 0 and text.count("giả định") >= 40 and "Xây trạm thu phát sóng di động" in text
    code, text = run("interventions", "--to", tmp_path / "gia.xlsx", "--lang", "en")
    assert code == 0 and (tmp_path / "gia.xlsx").stat().st_size > 5000
    code, text = run("interventions", "--costs", tmp_path / "gia.xlsx", "--json")
    assert code == 0 and '"verification": "assumption"' in text
    (tmp_path / "gia.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert run("interventions", "--costs", tmp_path / "gia.csv")[0] == 2


def test_garbage_in_a_cost_table_is_a_sentence_and_nothing_else():
    from random import Random

    chance = Random(2)
    head, *rows = costs_to_rows(WORKS, "vi")
    junk = [
        None,
        "",
        "=1+1",
        -1,
        1e308,
        float("nan"),
        float("inf"),
        True,
        "1e999",
        "\x00",
        "a" * 5000,
        10**20,
        "inf",
        "31/31/2026",
    ]
    for _ in range(60):
        some = [list(row) for row in chance.sample(rows, 3)]
        for row in some:
            row[chance.randrange(len(row))] = chance.choice(junk)
        try:
            costs_from_rows([head, *some], WORKS, file="gia.xlsx")
        except TableError as fault:
            assert all(fault.say(language) for language in LANGUAGES)
