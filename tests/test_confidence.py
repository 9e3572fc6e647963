"""How far findings can be relied on: every sign by itself, and that the gravest decides."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import tiny
from doubted import inside, judged, layer, study
from gis.confidence import LEVELS, SIGNS, count_levels, rate
from gis.exports import export
from gis.findings import evaluate
from gis.messages import catalogue, say
from gis.study import Tolerance
from gis.tolerance import with_tolerance
from sets import criterion

MIDDLE = tiny.facilities((500, 500))


def rated(made):
    return judged(made)[1][["confidence", "confidence_why"]].iloc[0].tolist()


def one_village(*criteria, **options):
    return study(*criteria, villages=options.pop("villages", tiny.villages(1)), **options)


def test_a_measurement_that_nothing_speaks_against_is_sure():
    assert rated(one_village(inside(), layers={"schools": layer("schools", MIDDLE)})) == ["sure", None]


def test_a_claim_that_the_map_confirms_is_sure():
    made = one_village(inside(decides="reported"), layers={"schools": layer("schools", MIDDLE)}, school=[1.0])
    assert rated(made) == ["sure", None]


def test_a_claim_that_nothing_else_tells_is_likely():
    assert rated(one_village(inside(measured=None, decides="reported"), school=[1.0])) == [
        "likely",
        "claim-alone",
    ]


def test_a_claim_that_the_map_contradicts_is_open():
    made = one_village(inside(), layers={"schools": layer("schools", MIDDLE)}, school=[0.0])
    assert rated(made) == ["open", "contradicted"]


def test_what_a_layer_may_lack_leaves_a_result_open():
    made = one_village(
        inside(reported=None),
        layers={"schools": layer("schools", tiny.facilities((9000, 0)), complete="unknown")},
    )
    assert rated(made) == ["open", "data-gaps"]


def test_a_missing_threshold_is_not_blamed_on_the_layer():
    made = one_village(
        inside(reported=None, thresholds={"all": None}),
        layers={"schools": layer("schools", tiny.facilities((9000, 0)), complete="unknown")},
    )
    assert rated(made) == ["open", "no-answer"]


def test_what_nobody_reported_leaves_a_result_open():
    assert rated(one_village(inside(measured=None, decides="reported"), school=[float("nan")])) == [
        "open",
        "no-answer",
    ]


def test_a_result_within_the_tolerance_is_likely():
    made = one_village(
        criterion(reported=None), layers={"schools": layer("schools", tiny.facilities((3450, 500)))}
    )
    assert rated(made) == ["likely", "near-threshold"]


def test_old_and_undated_layers_make_a_result_likely():
    old = layer("schools", MIDDLE, age_years=5.0, limit_years=3.0)
    assert rated(one_village(inside(), layers={"schools": old})) == ["likely", "layer-old"]
    undated = layer("schools", MIDDLE, as_of=None)
    assert rated(one_village(inside(), layers={"schools": undated})) == ["likely", "layer-undated"]


def test_an_old_claim_is_likely_at_most():
    reported = inside(measured=None, decides="reported")
    made = one_village(reported, school=[1.0], year=2020, as_of="2024-06-01", max_age_years=2)
    assert rated(made) == ["likely", "claim-alone claim-old"]
    made = one_village(reported, school=[1.0], year=2023, as_of="2024-06-01", max_age_years=2)
    assert rated(made) == ["likely", "claim-alone"]


def names_joined_by(reason):
    table = pd.DataFrame({"left_id": [2], "right_id": ["v0"], "outcome": ["automatic"], "reason": [reason]})
    return {"bieu.xlsx": SimpleNamespace(table=table)}


def test_a_row_joined_by_a_name_with_other_letters_is_likely():
    layers = {"schools": layer("schools", MIDDLE)}
    for reason, expected in (("typing", ["likely", "name-weak"]), ("spelling", ["sure", None])):
        made = one_village(
            inside(decides="reported"), layers=layers, school=[1.0], matches=names_joined_by(reason)
        )
        assert rated(made) == expected


def test_a_weak_name_in_the_sheet_of_another_year_is_no_sign():
    table = pd.DataFrame({"left_id": [2], "right_id": ["v0"], "outcome": ["automatic"], "reason": ["typing"]})
    made = one_village(
        inside(measured=None, decides="reported"),
        school=[1.0],
        matches={"nam-ngoai.xlsx": SimpleNamespace(table=table)},
    )
    assert rated(made) == ["likely", "claim-alone"]


def test_an_approximate_extent_is_likely_at_most():
    rough = tiny.villages(1, approximate=[True], extent_doubt_m=[10.0])
    made = one_village(criterion(reported=None), villages=rough, layers={"schools": layer("schools", MIDDLE)})
    assert rated(made) == ["likely", "extent-approximate"]


def test_a_criterion_that_does_not_apply_has_no_confidence():
    made = one_village(
        inside(applies={"attribute": "commune", "in": ("Xã Hai",)}),
        layers={"schools": layer("schools", MIDDLE)},
    )
    assert rated(made) == [None, None]


def test_how_sure_the_threshold_is_is_not_mixed_in():
    layers = {"schools": layer("schools", MIDDLE)}
    for word in ("text", "placeholder"):
        assert rated(one_village(inside(verification={"all": word}), layers=layers)) == ["sure", None]


def test_every_level_is_counted(sample_review):
    counts = count_levels(sample_review.findings)
    assert list(counts) == list(LEVELS)
    assert sum(counts.values()) == (sample_review.findings["status"] != "exempt").sum()


def test_every_sign_is_said_in_both_languages():
    for language in ("vi", "en"):
        known = catalogue(language)
        for sign in SIGNS:
            assert {f"confidence-why-{sign.code}", f"confidence-when-{sign.code}"} <= set(known)
            assert f"confidence-about-{sign.about}" in known


WORDS = st.sampled_from(["met", "unmet", "unknown", "exempt"])


@given(
    status=WORDS, on_map=st.sampled_from(["met", "unmet", "unknown"]), on_sheet=st.sampled_from(["met", "unmet", "unknown"]),
    source=st.sampled_from(["measured", "reported", "both", None]), near=st.booleans(), stale=st.booleans(),
    rough=st.booleans(),
)  # fmt: skip
@settings(max_examples=100)
def test_a_sign_more_never_makes_a_finding_surer(status, on_map, on_sheet, source, near, stale, rough):
    def level(near, stale, rough):
        finding = pd.DataFrame(
            {
                "village_id": ["v0"], "criterion": ["c1"], "status": [status], "source": [source],
                "measured_status": [on_map], "reported_status": [on_sheet], "agreement": ["none"], "doubt": [None],
                "layer": ["schools"], "near": [near], "reason": ["by-number"],
            }
        )  # fmt: skip
        made = one_village(
            criterion(),
            villages=tiny.villages(1, approximate=[rough]),
            layers={"schools": layer("schools", MIDDLE, age_years=9.0 if stale else 1.0, limit_years=3.0)},
        )
        return rate(finding, made)["confidence"].iloc[0]

    plain, all_of_them = level(False, False, False), level(near, stale, rough)
    if status == "exempt":
        assert plain is None and all_of_them is None
    else:
        assert LEVELS.index(all_of_them) >= LEVELS.index(plain)
        assert (status == "unknown") <= (all_of_them == "open")


def test_a_set_without_measures_and_a_study_without_layers_are_rated():
    made = one_village(criterion(measured=None, decides="reported"), distance=[2.0])
    assert rated(made) == ["likely", "claim-alone"] and Tolerance.of(made) == Tolerance()


def test_the_rules_stand_in_the_documents_as_they_are():
    told = (Path(__file__).parents[1] / "docs" / "confidence.md").read_text(encoding="utf-8")
    for language in ("vi", "en"):
        for sign in SIGNS:
            assert say(f"confidence-when-{sign.code}", language) in told
            assert say(f"confidence-why-{sign.code}", language) in told
        assert say("trust-verification", language) in told
    usual = Tolerance()
    assert f"{usual.position_m:g} m" in told and f"{usual.speed_pct:g} %" in told


def test_a_hundred_orders_of_the_measurements_give_the_same_findings_to_the_bit():
    schools = {
        "schools": layer("schools", tiny.facilities((400, 500), (3450, 500), (5600, 10)), complete="unknown")
    }
    made = study(criterion(), inside(), villages=tiny.villages(6), layers=schools, school=[1.0, 0.0, 1.0, 0.0, 1.0, 0.0],
                 distance=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])  # fmt: skip
    measurements, expected = judged(made)
    rng = np.random.default_rng(4)
    for _ in range(100):
        shuffled = measurements.iloc[rng.permutation(len(measurements))]
        findings = evaluate(shuffled, made.criteria, made.villages, made.groups)
        assert rate(with_tolerance(findings, shuffled, made), made).equals(expected)


def test_the_workbook_says_the_confidence_of_every_finding_in_words(sample_review, tmp_path):
    report = export(sample_review, tmp_path / "a.xlsx", "xlsx", language="vi")
    rows = CalamineWorkbook.from_path(str(report.path)).get_sheet_by_name("Kết quả chi tiết").to_python()
    at = rows[2].index("confidence")
    assert rows[1][at : at + 2] == ["Độ tin cậy", "Lý do của độ tin cậy"]
    assert {row[at] for row in rows[3:]} == {"chắc chắn", "khá chắc", "còn ngỏ", ""}
    assert "chỉ có số báo cáo, bản đồ không kiểm được" in {row[at + 1] for row in rows[3:]}
