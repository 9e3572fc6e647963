"""Conditions on attributes, groups chosen by them, and where a study takes the attributes from."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import tiny
from gis.conditions import choose_group, holds
from gis.trivalent import NO, UNKNOWN, YES
from gis.workflows import judge, read_study

LISTED = {"attribute": "zone", "in": ("II", "3")}


def answers(condition, **columns):
    count = len(next(iter(columns.values())))
    return holds(condition, pd.DataFrame(columns, index=[f"v{i}" for i in range(count)])).tolist()


def test_a_listed_text_holds_a_blank_one_is_open():
    assert answers(LISTED, zone=["II", "III", None, " ", "3", 3.0, "–"]) == [
        YES,
        NO,
        UNKNOWN,
        UNKNOWN,
        YES,
        YES,
        UNKNOWN,
    ]
    assert answers(LISTED, other=[1]) == [UNKNOWN]


@pytest.mark.parametrize(
    ("compare", "expected"),
    [("ge", [NO, YES, YES]), ("gt", [NO, NO, YES]), ("le", [YES, YES, NO]), ("lt", [YES, NO, NO])],
)
def test_a_number_is_compared_as_written_and_what_is_none_is_open(compare, expected):
    condition = {"attribute": "share", "compare": compare, "value": 80}
    assert answers(condition, share=[79.9, 80, 80.1]) == expected
    assert answers(condition, share=["x", None, np.nan]) == [UNKNOWN] * 3
    assert answers({**condition, "compare": "ge"}, share=["80,5", "98 %", "12"]) == [YES, YES, NO]


def test_several_conditions_must_all_hold():
    both = (LISTED, {"attribute": "people", "compare": "ge", "value": 100})
    found = answers(both, zone=["II", "II", "I", None, "II", None], people=[100, 99, 100, 99, None, 100])
    assert found == [YES, NO, NO, NO, UNKNOWN, UNKNOWN]


RULE = (
    {"group": "zone3", "when": {"attribute": "zone", "in": ("III",)}},
    {"group": "zone2", "when": ({"attribute": "zone", "in": ("II",)}, {"attribute": "poor_pct", "compare": "ge", "value": 20})},
    {"group": "zone3", "when": {"attribute": "border", "in": ("có",)}},
    {"group": "zone1"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "poor", "border", "expected"),
    [
        ("III", 0, "không", "zone3"),
        ("II", 20, "có", "zone2"),  # the first that holds
        ("II", 19, "có", "zone3"),
        ("II", 19, "không", "zone1"),
        ("I", None, "không", "zone1"),  # not zone II whatever the poverty
        ("II", None, "không", None),  # zone2 or zone1
        ("II", None, "có", None),  # zone2 or zone3
        (None, 0, "không", None),  # zone3 or zone1
        (None, 0, "có", "zone3"),  # by the zone or by the border, zone3 either way
        (None, 30, "có", None),  # zone3 or zone2
    ],
)
def test_the_first_group_whose_condition_holds_is_taken_and_a_blank_leaves_it_open(
    zone, poor, border, expected
):
    villages = pd.DataFrame({"zone": [zone], "poor_pct": [poor], "border": [border]}, index=["v0"])
    groups, open_ = choose_group(RULE, villages)
    assert groups.tolist() == [expected] and open_.tolist() == [expected is None]


def test_a_village_of_which_no_condition_holds_has_no_group_and_is_not_open():
    groups, open_ = choose_group(RULE[:1], pd.DataFrame({"zone": ["I", None]}, index=["v0", "v1"]))
    assert groups.tolist() == [None, None] and open_.tolist() == [False, True]


# --- in a study ---------------------------------------------------------------------------------------------

SET = """\
id: theo-vung
edition: "2026-01-01"
label: {vi: Bộ theo vùng, en: Set by zone}
level: village
issuer: Thử
legal_ref: Thử
polarity: flag
outcomes: {met: {vi: Đạt}, unmet: {vi: Chưa đạt}}
groups: {zone: {zone1: {vi: Khu vực I}, zone3: {vi: Khu vực III}}}
default_group: zone1
group_by:
  - {group: zone3, when: {attribute: khu_vuc, in: [III]}}
logic: all
criteria:
  - id: poor
    label: {vi: Nghèo}
    kind: flag
    reported: {indicator: reported_share, numerator: poor_households, denominator: households}
    unit: "%"
    compare: le
    thresholds: {zone1: 10, zone3: 30}
    decides: reported
    fixable_by: programme
    theme: poverty
    verification: memory
    source: {ref: Thử}
"""
STUDY = """\
id: thu
title: {vi: Thử, en: Trial}
criteria: theo-vung.yaml
layers:
  villages: {file: thon.gpkg}
  communes: {file: xa.gpkg}
assessments:
  - {file: phieu.csv, year: 2026}
"""


@pytest.fixture
def folder(tmp_path):
    """Four villages in two communes, each with 20 poor of 100 households; zones only in the communes."""
    villages = tiny.villages(4)[["name", "geometry"]].assign(commune_id=["x1", "x1", "x2", "x2"])
    villages.reset_index().to_file(tmp_path / "thon.gpkg", engine="pyogrio")
    save_communes(tmp_path, khu_vuc=["III", "I"])
    save_sheet(tmp_path)
    (tmp_path / "theo-vung.yaml").write_text(SET, encoding="utf-8")
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def save_communes(folder, **columns):
    shapes = [box(0, 0, 2000, 1000), box(2000, 0, 4000, 1000)]
    frame = gpd.GeoDataFrame(
        {"commune_id": ["x1", "x2"], "name": ["Một", "Hai"], **columns}, geometry=shapes, crs=tiny.CRS
    )
    frame.to_file(folder / "xa.gpkg", engine="pyogrio")


def save_sheet(folder, zones=None):
    head = "Mã thôn,Số hộ,Hộ nghèo" + (",khu_vuc" if zones else "")
    rows = [f"v{i},100,20" + (f",{zones[i]}" if zones else "") for i in range(4)]
    (folder / "phieu.csv").write_text("\n".join([head, *rows]), encoding="utf-8")


def told(study):
    return [problem.code for problem in study.problems if problem.code.startswith("criteria-")]


def test_the_zone_of_a_commune_chooses_the_figures_of_its_villages(folder):
    study = read_study(folder)
    assert study.groups.tolist() == ["zone3", "zone3", "zone1", "zone1"]
    assert judge(study).results["status"].tolist() == ["met", "met", "unmet", "unmet"] and told(study) == []


def test_a_village_of_its_own_zone_comes_before_sheet_and_commune(folder):
    save_sheet(folder, ["I", "", "III", ""])
    assert read_study(folder).groups.tolist() == ["zone1", "zone3", "zone3", "zone1"]
    villages = tiny.villages(4)[["name", "geometry"]].assign(
        commune_id=["x1", "x1", "x2", "x2"], khu_vuc=["III", None, "I", "III"]
    )
    villages.reset_index().to_file(folder / "thon.gpkg", engine="pyogrio")
    assert read_study(folder).groups.tolist() == ["zone3", "zone3", "zone1", "zone3"]


def test_a_blank_zone_is_unknown_and_told_never_the_default(folder):
    save_communes(folder, khu_vuc=["III", None])
    study = read_study(folder)
    assert study.groups.tolist() == ["zone3", "zone3", None, None] and told(study) == ["criteria-groups-open"]
    review = judge(study)
    assert review.results["status"].tolist() == ["met", "met", "unknown", "unknown"]
    assert set(review.findings["reason"].tolist()[2:]) == {"unknown-group"}
    problem = next(one for one in study.problems if one.code == "criteria-groups-open")
    assert "Thôn 3 (v2)" in problem.say("vi") and "Thôn 3 (v2)" in problem.say("en")


def test_an_attribute_that_nobody_has_is_told(folder):
    save_communes(folder)
    study = read_study(folder)
    assert (
        told(study) == ["criteria-attributes-missing", "criteria-groups-open"] and study.groups.isna().all()
    )


def test_the_studys_own_binding_still_decides(folder):
    text = STUDY.replace("layers:", "groups: {zone: zone1}\nlayers:")
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    assert read_study(folder).groups.tolist() == ["zone1"] * 4


def test_people_of_a_commune_are_not_those_of_a_village(folder):
    text = SET.replace("{attribute: khu_vuc, in: [III]}", "{attribute: population, compare: ge, value: 100}")
    (folder / "theo-vung.yaml").write_text(text, encoding="utf-8")
    save_communes(folder, population=[5000, 5000])
    assert read_study(folder).groups.isna().all()
