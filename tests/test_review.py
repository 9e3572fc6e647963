"""Counts, lists and sentences of a judged study."""

import math
from types import MappingProxyType

import pytest

import tiny
from gis.catalogue import load_catalogue
from gis.errors import TableError
from gis.findings import evaluate
from gis.labels import Label
from gis.measure import measure
from gis.review import Review, Run
from gis.study import Study
from gis.verdicts import judge_set
from sets import MEASURED, criteria_set, criterion
from test_measure import layer

import pandas as pd  # isort: skip

CATALOGUE = load_catalogue()


def review(*criteria, villages=None, target=None, assessments=None, **layers):
    """A judged study of three square villages."""
    villages = tiny.villages(3) if villages is None else villages
    chosen = criteria_set(*(criteria or (criterion(measured=MEASURED, reported=None),)))
    communes = villages.drop_duplicates("commune_id").set_index("commune_id")[["commune", "geometry"]]
    groups = pd.Series("all", index=villages.index)
    study = Study("thu", Label("Thử"), "study.yaml", chosen, groups, villages, communes.rename(columns={"commune": "name"}),
                  MappingProxyType(layers), MappingProxyType(assessments or {}), MappingProxyType({}),
                  MappingProxyType(target or {}), villages.crs, max(assessments, default=None) if assessments else None, None, 4,
                  False, (), MappingProxyType({"a": "1"}), ())  # fmt: skip
    measurements = measure(study, chosen, CATALOGUE)
    findings = evaluate(measurements, chosen, villages, groups)
    run = Run("test-set", "2026", "h", "r", study.inputs, {}, "0", None, None, 0.1)
    return Review(study, measurements, findings, judge_set(findings, chosen, villages), run)


@pytest.fixture
def judged():
    # villages at 0.5, 1.5, 2.5 km; the school at 500,500: distances 0, 1 and 2 km; limit 1 km
    school = layer("schools", tiny.facilities((500, 500)))
    villages = tiny.villages(3, commune_id=["x1", "x1", "x2"], commune=["Xã Một", "Xã Một", "Xã Hai"])
    limit = criterion(measured=MEASURED, reported=None, thresholds={"all": 1})
    return review(limit, villages=villages, target={"share_pct": 100, "by": 2025}, schools=school)


def test_the_headline_counts_every_village_once(judged):
    head = judged.headline
    assert (head["villages"], head["met"], head["unmet"], head["unknown"], head["exempt"]) == (3, 2, 1, 0, 0)
    assert head["share_pct"] == pytest.approx(200 / 3) and head["short_by"] == 1
    assert head["trial"] and head["figures_total"] == 1 and head["figures_checked"] == 0
    assert head["communes_without_sheet"] is None


@pytest.mark.parametrize(("share", "short"), [(50, 0), (66.6, 0), (66.7, 1), (100, 1)])
def test_the_target_is_a_whole_number_of_villages(share, short):
    school = layer("schools", tiny.facilities((500, 500)))
    limit = criterion(measured=MEASURED, reported=None, thresholds={"all": 1})
    assert review(limit, target={"share_pct": share}, schools=school).headline["short_by"] == short


def test_communes_come_by_villages_short(judged):
    assert judged.communes.index.tolist() == ["x2", "x1"] and judged.communes["short_by"].tolist() == [1, 0]
    assert judged.communes["villages"].sum() == 3


def test_every_number_opens_its_list(judged):
    assert judged.select(status="unmet").index.tolist() == ["v2"]
    assert judged.select(commune="x1").index.tolist() == ["v0", "v1"]
    assert judged.select(criterion="c1").index.tolist() == ["v2"]
    assert judged.select(criterion="c1", criterion_status="met", commune="x2").empty
    for word in ("met", "unmet", "unknown", "exempt"):
        assert len(judged.select(status=word)) == judged.headline[word]
        assert len(judged.select(status=word, part="infrastructure")) == judged.headline[f"infra_{word}"]
        assert len(judged.select(criterion="c1", criterion_status=word)) == judged.by_criterion.at["c1", word]


@pytest.mark.parametrize(
    "wrong",
    [{"status": "bad"}, {"part": "x"}, {"criterion": "c9"}, {"criterion_status": "x", "criterion": "c1"}],
)
def test_an_unknown_choice_is_a_sentence(judged, wrong):
    with pytest.raises(TableError) as fault:
        judged.select(**wrong)
    assert fault.value.code == "select-unknown"


def test_a_scorecard_says_value_limit_margin_and_source_in_both_languages(judged):
    card = judged.scorecard("v2", "en")
    (finding,) = card["findings"]
    assert (
        card["status"] == "unmet"
        and finding["status"] == "unmet"
        and finding["value"] == 2
        and finding["limit"] == "≤ 1 km"
    )
    for part in ("2 km", "≤ 1 km", "not met", "1 km over", "Trường 0", "complete", "has not been checked"):
        assert part in finding["sentence"], part
    vietnamese = judged.scorecard("v2", "vi")["findings"][0]["sentence"]
    assert "chưa đạt" in vietnamese and "Vượt 1 km" in vietnamese and "{" not in vietnamese
    with pytest.raises(TableError):
        judged.scorecard("no-such", "vi")


def test_what_cannot_be_known_says_what_is_missing():
    missing = review(criterion(measured=MEASURED, reported=None))
    sentence = missing.scorecard("v0", "vi")["findings"][0]["sentence"]
    assert "Trường học" in sentence and "chưa đủ số liệu" in sentence


def test_geometry_keeps_shared_borders_and_leaves_out_what_has_none(judged):
    shapes = judged.geometry(10)
    assert shapes.crs.to_epsg() == 4326 and shapes.index.tolist() == ["v0", "v1", "v2"]
    shared = shapes.geometry["v0"].intersection(shapes.geometry["v1"])
    assert shared.length > 0.008


def test_a_run_is_the_same_for_the_same_inputs_and_another_for_any_change():
    run = Run("a", "e", "h", "r", {"f": "1"}, {}, "0", None, 2024, 1.0)
    assert run.id == Run("a", "e", "h", "r", {"f": "1"}, {}, "0", None, 2024, 9.0).id
    changed = [
        Run("a", "e", "h2", "r", {"f": "1"}, {}, "0", None, 2024, 1.0), Run("a", "e", "h", "r", {"f": "2"}, {}, "0", None, 2024, 1.0),
        Run("a", "e", "h", "r", {"f": "1"}, {"walk_kmh": 4}, "0", None, 2024, 1.0),
        Run("a", "e", "h", "r", {"f": "1"}, {}, "0", None, 2023, 1.0),
    ]  # fmt: skip
    changed.append(Run("a", "e", "h", "r2", {"f": "1"}, {}, "0", None, 2024, 1.0))
    assert len({run.id, *(other.id for other in changed)}) == 6


def test_a_study_of_exempt_villages_has_no_share():
    none = review(criterion(measured=MEASURED, reported=None, applies={"groups": ("other",)}))
    assert none.headline["exempt"] == 3 and math.isnan(none.headline["share_pct"])


def test_a_facility_inside_is_said_to_be_inside_and_not_the_nearest():
    from gis.criteria import Binding

    inside = Binding("present_inside", (("facilities", "schools"),))
    one = criterion(measured=inside, reported=None, unit="bool", compare="present", thresholds={"all": True})
    judged = review(one, schools=layer("schools", tiny.facilities((500, 500))))
    sentence = judged.scorecard("v0", "en")["findings"][0]["sentence"]
    assert "Inside the village: Trường 0" in sentence and "Nearest" not in sentence
