"""Why a finding is what it is, as data and in sentences."""

import json

import numpy as np
import pytest

import tiny
from doubted import inside, judged, layer, study
from gis.explanations import explain, explanation
from sets import criterion

DECISION = {"answer": "visit", "reason": "đường đang sửa", "who": "Y Lan", "at": "2026-11-02T08:00:00+00:00"}


def one(made):
    return judged(made)[1].iloc[0].to_dict()


def near_school(**options):
    return study(
        criterion(), villages=tiny.villages(1),
        layers={"schools": layer("schools", tiny.facilities((3450, 500)), complete={"x1": "yes"})}, **options,
    )  # fmt: skip


def test_every_part_of_the_reason_is_there():
    made = near_school(distance=[2.0])
    told = explanation(one(made), made, DECISION)
    assert (told.status, told.clause, told.threshold, told.verification) == ("met", "Điều 1", 3.0, "text")
    assert told.value == pytest.approx(2.95) and told.margin == pytest.approx(0.05)
    assert told.path == {
        "way": "straight", "start": "village-point", "end": "f0", "end_name": "Trường 0", "length": told.value, "unit": "km",
    }  # fmt: skip
    behind = told.layers[0]
    assert (behind.id, behind.as_of, behind.complete, behind.stale) == ("schools", "2024", "yes", False)
    assert (told.confidence, told.confidence_why) == ("likely", ("near-threshold",))
    assert told.within == {
        "least": pytest.approx(2.85), "median": pytest.approx(float("nan"), nan_ok=True), "median_status": None,
        "most": pytest.approx(3.05),
        "position_m": 50, "speed_pct": 20, "date_years": 1,
    }  # fmt: skip
    assert told.near_of == "position"
    assert told.decision == DECISION and told.cheapest_fix is None


def test_a_claim_names_its_record_and_year():
    made = study(inside(measured=None, decides="reported"), villages=tiny.villages(1), school=[1.0])
    told = explanation(one(made), made)
    assert (told.record, told.record_year, told.path, told.layers) == ("bieu.xlsx · 2", 2024, None, ())


def test_who_checked_a_threshold_is_told_only_where_somebody_did():
    check = {"by": "Y Lan", "on": "2026-01-05", "document": "QĐ 1"}
    made = study(
        inside(checked={"all": check}),
        villages=tiny.villages(1),
        layers={"schools": layer("schools", tiny.facilities((500, 500)))},
    )
    assert explanation(one(made), made).checked == check
    assert explanation(one(near_school()), near_school()).checked is None


def test_it_is_plain_data_for_json():
    made = study(
        criterion(), villages=tiny.villages(1), layers={"schools": layer("schools", tiny.facilities())}
    )
    plain = explanation(one(made), made).to_plain()
    assert plain["value"] == "inf" and plain["reported"] is None
    assert plain["layers"][0]["label"] == {"vi": "Trường học", "en": "Schools"}
    json.dumps(plain, allow_nan=False)


def test_the_sentence_is_made_of_it_in_both_languages():
    made = near_school(distance=[4.0])
    english, vietnamese = (explain(one(made), made, language, DECISION) for language in ("en", "vi"))
    assert english == (
        "2.95 km against the limit ≤ 3 km: met. 0.05 km to spare. "
        "Nearest in a straight line from the village point: Trường 0. Layer Schools, data of 2024, complete. "
        "Within the tolerance: 2.85 km to 3.05 km. The result depends on where the village and the facility lie. "
        "Reported 4 km, measured 2.95 km; the measured value decides. "
        "Y Lan decided on 2026-11-02: a visit is needed. Reason: đường đang sửa. "
        "Confidence: open (map and report contradict each other; the answer changes within the tolerance). "
        "The limit has not been checked against the signed annex (read in a copy of the text)."
    )
    assert (
        "Độ tin cậy: còn ngỏ (bản đồ và báo cáo mâu thuẫn; kết quả đổi trong phạm vi sai số)." in vietnamese
    )
    assert "Y Lan đã kết luận ngày 02/11/2026: cần đi kiểm tra." in vietnamese


def test_it_is_said_of_bands_too_whether_they_were_checked(sample_review):
    findings = sample_review.findings
    banded = findings[(findings["compare"] == "band") & findings["value"].notna()].iloc[0].to_dict()
    assert "has not been checked against the signed annex" in sample_review.sentence(banded, "en")


def test_nothing_is_said_of_the_confidence_of_what_does_not_apply():
    made = study(
        inside(applies={"attribute": "commune", "in": ("Xã Hai",)}), villages=tiny.villages(1),
        layers={"schools": layer("schools", tiny.facilities((500, 500)))},
    )  # fmt: skip
    assert "Confidence" not in explain(one(made), made, "en")


def test_every_finding_of_the_sample_is_explained(sample_review):
    for finding in sample_review.findings.iloc[::7].to_dict("records"):
        told = sample_review.explain(finding)
        json.dumps(told.to_plain(), allow_nan=False)
        for language in ("vi", "en"):
            text = sample_review.sentence(finding, language)
            assert text and "{" not in text and "confidence-" not in text
    assert np.isin(sample_review.findings["confidence"].dropna(), ["sure", "likely", "open"]).all()
