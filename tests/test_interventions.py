"""The kinds of work: every file of the folder, what its form refuses, and what no work can close."""

from pathlib import Path

import pytest

from gis.assessments import needed_fields
from gis.catalogue import load_catalogue
from gis.criteria import list_criteria, load_criteria
from gis.errors import CatalogueError
from gis.interventions import load_interventions
from gis.interventions.reading import FOLDER, SECTORS
from gis.labels import LANGUAGES

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
