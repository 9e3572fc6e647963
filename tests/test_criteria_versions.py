"""Versions of a set side by side, and sets that change some rows of another."""

from datetime import date

import pytest

from gis.criteria import (
    build_set,
    list_criteria,
    list_editions,
    load_criteria,
    set_for,
    set_from_rows,
    set_to_plain,
    set_to_rows,
)
from gis.errors import CriteriaError

NATIONAL = """\
id: quoc-gia
edition: "2026-01-01"
label: {vi: Bộ quốc gia, en: National set}
level: village
issuer: Thủ tướng
legal_ref: QĐ 1/QĐ-TTg
valid_from: 2026-01-01
valid_to: 2030-12-31
polarity: flag
outcomes: {met: {vi: Đạt}, unmet: {vi: Chưa đạt}}
groups: {zone: {thap: {vi: Vùng thấp}, cao: {vi: Vùng cao}}}
default_group: thap
logic: all
sources: [https://a.vn]
criteria:
  - id: road
    label: {vi: Đường, en: Road}
    clause: Điều 2
    kind: flag
    reported: {indicator: reported_value, field: road_pct}
    unit: "%"
    compare: ge
    thresholds: {thap: 80, cao: 60}
    decides: reported
    fixable_by: works
    theme: roads
    verification: text
    checked: {by: Nguyễn Thị A, on: 2026-01-05, document: QĐ 1}
    source: {ref: QĐ 1, url: https://a.vn}
  - id: water
    label: {vi: Nước}
    kind: flag
    reported: {indicator: reported_value, field: water_pct}
    unit: "%"
    compare: ge
    thresholds: 50
    decides: reported
    fixable_by: works
    theme: water
    verification: secondary
    applies: {groups: [thap, cao]}
    source: {ref: QĐ 1}
"""
PROVINCE = """\
based_on: quoc-gia
id: tinh
edition: "2026-06-01"
label: {vi: Bộ của tỉnh}
issuer: UBND tỉnh
legal_ref: QĐ 9/QĐ-UBND
valid_from: 2026-07-01
sources: [https://b.vn]
criteria:
  - id: road
    thresholds: {cao: 65}
    verification: {cao: memory}
  - id: house
    label: {vi: Nhà văn hóa}
    kind: flag
    reported: {indicator: reported_value, field: house}
    unit: bool
    compare: present
    thresholds: true
    decides: reported
    fixable_by: works
    theme: culture
    verification: text
    source: {ref: QĐ 9}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of sets with the national one and the province's over it."""
    monkeypatch.setattr("gis.criteria.files.FOLDER", tmp_path)
    keep(tmp_path, "quoc-gia", NATIONAL)
    keep(tmp_path, "tinh", PROVINCE)
    return tmp_path


def keep(folder, name, text, *replacements):
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def faults(name="tinh"):
    with pytest.raises(CriteriaError) as caught:
        load_criteria(name)
    english, vietnamese = caught.value.say("en"), caught.value.say("vi")
    assert "{file}" not in english and english != vietnamese
    return [
        (problem.code, problem.arguments["file"], problem.arguments["line"])
        for problem in caught.value.problems
    ]


# --- a province over the nation -----------------------------------------------------------------------------


def test_a_province_changes_rows_adds_rows_and_keeps_the_rest(folder):
    tinh = load_criteria("tinh")
    assert [one.id for one in tinh.criteria] == ["road", "water", "house"]
    road, water, house = tinh.criteria
    assert dict(road.thresholds) == {"thap": 80, "cao": 65} and road.label["en"] == "Road"
    assert (tinh.legal_ref, tinh.issuer, tinh.valid_from, tinh.valid_to) == (
        "QĐ 9/QĐ-UBND",
        "UBND tỉnh",
        "2026-07-01",
        None,
    )
    assert (
        tinh.level == "village"
        and tinh.default_group == "thap"
        and tinh.sources == ("https://b.vn", "https://a.vn")
    )
    assert tinh.derived_from == "quoc-gia@2026-01-01" and tinh.reference == "tinh@2026-06-01"
    # what is the province's own stands in its decision, the rest still in the national one
    assert [one.legal_ref for one in (road, water, house)] == [None, "QĐ 1/QĐ-TTg", None]


def test_a_changed_figure_is_as_sure_as_the_province_says_and_no_longer_checked(folder):
    road = load_criteria("tinh").criterion("road")
    assert dict(road.verification) == {"thap": "text", "cao": "memory"}
    assert road.checked["cao"] is None and road.checked["thap"]["by"] == "Nguyễn Thị A"
    assert (road.source_ref, road.source_url, road.clause) == ("QĐ 9/QĐ-UBND", None, None)
    keep(folder, "tinh", PROVINCE, ("    verification: {cao: memory}\n", ""))
    assert faults() == [("criteria-override-word", "tinh.yaml", 10)]


def test_the_result_is_a_whole_set_that_survives_every_form(folder):
    tinh = load_criteria("tinh")
    assert build_set(set_to_plain(tinh)) == tinh
    assert set_from_rows(set_to_rows(tinh)).hash == tinh.hash


def test_a_null_takes_away_what_the_base_has(folder):
    keep(folder, "tinh", PROVINCE, ("  - id: house", "  - id: water\n    applies: null\n  - id: house"))
    assert load_criteria("tinh").criterion("water").applies is None
    assert load_criteria("quoc-gia").criterion("water").applies is not None


def test_a_row_is_removed_by_its_id(folder):
    keep(folder, "tinh", PROVINCE, ("criteria:", "remove: [water]\ncriteria:"))
    assert [one.id for one in load_criteria("tinh").criteria] == ["road", "house"]
    keep(folder, "tinh", PROVINCE, ("criteria:", "remove: [bridge]\ncriteria:"))
    assert faults() == [("criteria-remove-unknown", "tinh.yaml", 9)]


def test_a_row_that_the_logic_still_names_is_not_removed(folder):
    keep(folder, "quoc-gia", NATIONAL, ("logic: all", "logic: {any_n: 1, of: [road, water]}"))
    keep(folder, "tinh", PROVINCE, ("criteria:", "remove: [water]\ncriteria:"))
    assert ("criteria-remove-used", "tinh.yaml", 9) in faults()
    keep(
        folder,
        "tinh",
        PROVINCE,
        ("criteria:", "remove: [water]\nlogic: {any_n: 1, of: [road, house]}\ncriteria:"),
    )
    assert load_criteria("tinh").logic["of"] == ("road", "house")


def test_other_columns_than_the_base_need_their_figures(folder):
    groups = "groups: {zone: {cao: {vi: Vùng cao}, nui: {vi: Núi}}}\ndefault_group: cao\n"
    keep(folder, "tinh", PROVINCE, ("criteria:", groups + "criteria:"))
    # what is wrong with a changed row stands there; what is wrong with one of the base, where that is named
    assert faults() == [
        ("criteria-unknown-group", "tinh.yaml", 1),
        ("criteria-group-missing", "tinh.yaml", 13),
        ("criteria-group-missing", "tinh.yaml", 14),
    ]
    road = "    thresholds: {cao: 65, nui: 40}\n    verification: memory\n"
    water = "  - id: water\n    thresholds: {nui: 30}\n    verification: {nui: text}\n    applies: null\n"
    keep(
        folder,
        "tinh",
        PROVINCE,
        ("criteria:", groups + "criteria:"),
        ("    thresholds: {cao: 65}\n    verification: {cao: memory}\n", road),
        ("  - id: house", water + "  - id: house"),
    )
    tinh = load_criteria("tinh")
    assert dict(tinh.criterion("road").thresholds) == {"cao": 65, "nui": 40}
    assert dict(tinh.criterion("water").thresholds) == {"cao": 50, "nui": 30}


FAULTS = {
    "figure with its unit": (("{cao: 65}", "{cao: 65 km}"), "criteria-figure-number", 11),
    "unknown column": (("{cao: 65}", "{bien: 65}"), "criteria-unknown-group", 11),
    "unknown key": (("{cao: 65}", "{cao: 65}\n    colour: red"), "schema-unknown-key", 12),
    "a row without id": (("  - id: road", "  - code: road"), "criteria-override-row", 10),
    "a row twice": (("  - id: house", "  - id: road"), "criteria-override-row", 13),
    "a new row that is not whole": (("    kind: flag\n", ""), "schema-missing-key", 13),
    "own decision missing": (("legal_ref: QĐ 9/QĐ-UBND\n", ""), "schema-missing-key", 1),
    "unknown base": (("based_on: quoc-gia", "based_on: quoc"), "criteria-unknown-set", 1),
    "unknown edition": (("quoc-gia", "quoc-gia@2020-01-01"), "criteria-unknown-edition", 1),
    "base that is no id": (("based_on: quoc-gia", "based_on: ../x.yaml"), "criteria-base-name", 1),
    "itself": (("based_on: quoc-gia", "based_on: tinh"), "criteria-base-cycle", 1),
}


@pytest.mark.parametrize(("replacement", "code", "line"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_names_the_file_that_can_be_mended_and_its_line(folder, replacement, code, line):
    keep(folder, "tinh", PROVINCE, replacement)
    assert (code, "tinh.yaml", line) in faults()


@pytest.mark.parametrize(
    "content", ["criteria: 3", "criteria: [1]", "groups: 4", "sources: x", "remove: {a: 1}", "logic: []"]
)
def test_shapeless_changes_are_refused_not_crashed_on(folder, content):
    text = PROVINCE[: PROVINCE.index("sources:")] + content + "\n"
    (folder / "tinh.yaml").write_text(text, encoding="utf-8")
    assert faults()


def test_sets_based_on_each_other_in_a_circle_are_refused_by_name(folder):
    keep(folder, "a", PROVINCE, ("quoc-gia", "b"), ("id: tinh", "id: a"))
    keep(folder, "b", PROVINCE, ("quoc-gia", "a"), ("id: tinh", "id: b"))
    with pytest.raises(CriteriaError) as caught:
        load_criteria("a")
    assert caught.value.code == "criteria-base-cycle" and "a.yaml → b.yaml → a.yaml" in caught.value.say("vi")


def test_a_district_may_build_on_the_province(folder):
    keep(
        folder,
        "xa",
        PROVINCE,
        ("quoc-gia", "tinh"),
        ("id: tinh", "id: xa"),
        ("QĐ 9/QĐ-UBND", "QĐ 77"),
        ("cao: 65", "cao: 70"),
    )
    xa = load_criteria("xa")
    assert xa.criterion("road").thresholds["cao"] == 70 and xa.derived_from == "tinh@2026-06-01"
    assert xa.criterion("water").legal_ref == "QĐ 1/QĐ-TTg"


def test_a_file_anywhere_may_build_on_a_set_of_the_folder(tmp_path):
    head = PROVINCE[: PROVINCE.index("criteria:")].replace("quoc-gia", "vn-ntm-commune-2021-2025")
    rows = "remove: [loudspeaker]\ncriteria:\n  - id: village-road\n"
    rows += "    thresholds: {tay_nguyen: 65}\n    verification: {tay_nguyen: text}\n"
    (tmp_path / "cua-toi.yaml").write_text(head + rows, encoding="utf-8")
    tinh, nation = load_criteria(tmp_path / "cua-toi.yaml"), load_criteria("vn-ntm-commune-2021-2025")
    assert [one.id for one in tinh.criteria] == [one.id for one in nation.criteria if one.id != "loudspeaker"]
    assert tinh.criterion("village-road").thresholds["tay_nguyen"] == 65
    changed = [one.id for one in tinh.criteria if one.legal_ref is None]
    assert changed == ["village-road"] and tinh.derived_from == nation.reference


# --- versions -------------------------------------------------------------------------------------------------


def newer(folder, edition="2026-09-01", *replacements):
    keep(
        folder,
        f"quoc-gia@{edition}",
        NATIONAL,
        ("2026-01-01", edition),
        ("thap: 80", "thap: 90"),
        *replacements,
    )


def test_a_name_alone_is_the_newest_edition(folder):
    newer(folder)
    newer(folder, "2026-09-01-2", ("thap: 90", "thap: 91"))
    newer(folder, "2026-09-01-10", ("thap: 90", "thap: 95"))
    assert list_criteria() == ("quoc-gia", "tinh")
    assert list_editions("quoc-gia") == ("2026-01-01", "2026-09-01", "2026-09-01-2", "2026-09-01-10")
    assert load_criteria("quoc-gia").criterion("road").thresholds["thap"] == 95
    assert load_criteria("quoc-gia@2026-01-01").criterion("road").thresholds["thap"] == 80
    assert load_criteria("quoc-gia@2026-09-01-2").edition == "2026-09-01-2"


def test_an_older_edition_may_be_the_base_of_a_newer_one(folder):
    text = PROVINCE.replace("based_on: quoc-gia", "based_on: quoc-gia@2026-01-01").replace(
        "id: tinh", "id: quoc-gia", 1
    )
    (folder / "quoc-gia@2026-06-01.yaml").write_text(text, encoding="utf-8")
    assert load_criteria("quoc-gia").derived_from == "quoc-gia@2026-01-01"
    # named without its edition it would be its own base
    (folder / "quoc-gia@2026-06-01.yaml").write_text(text.replace("@2026-01-01", ""), encoding="utf-8")
    assert faults("quoc-gia")[0][0] == "criteria-base-cycle"


def test_names_and_editions_must_fit(folder):
    newer(folder)
    keep(folder, "quoc-gia@2026-10-01", NATIONAL, ('"2026-01-01"', '"2026-11-01"'))
    assert faults("quoc-gia") == [("criteria-edition-differs", "quoc-gia@2026-10-01.yaml", 2)]
    keep(
        folder,
        "quoc-gia@2026-10-01",
        NATIONAL,
        ('"2026-01-01"', '"2026-10-01"'),
        ("id: quoc-gia", "id: khac"),
    )
    assert faults("quoc-gia") == [("criteria-id-differs", "quoc-gia@2026-10-01.yaml", 1)]
    (folder / "quoc-gia@2026-10-01.yaml").unlink()
    keep(folder, "quoc-gia", NATIONAL, ('"2026-01-01"', '"2026-09-01"'))
    assert faults("quoc-gia") == [("criteria-edition-twice", "quoc-gia@2026-09-01.yaml", 2)]


def test_sets_kept_elsewhere_stand_beside_those_of_the_folder(folder):
    plain = set_to_plain(load_criteria("quoc-gia"))
    edited = build_set({**plain, "edition": "2026-12-01"})
    own = build_set({**plain, "id": "rieng", "edition": "2026-01-02"})
    also = (edited, own)
    assert load_criteria("quoc-gia", also=also) is edited and load_criteria("rieng", also=also) is own
    assert load_criteria("quoc-gia@2026-01-01", also=also).edition == "2026-01-01"
    assert load_criteria("tinh", also=also).derived_from == "quoc-gia@2026-12-01"
    assert list_editions("quoc-gia", also=also) == ("2026-01-01", "2026-12-01")
    same = build_set({**plain, "issuer": "Văn phòng"})
    assert load_criteria("quoc-gia", also=[same]).issuer == "Văn phòng"


def test_the_version_in_force_is_chosen_by_day_or_year(folder):
    keep(folder, "quoc-gia", NATIONAL, ("valid_to: 2030-12-31", "valid_to: 2026-08-31"))
    newer(folder, "2026-08-20", ("valid_from: 2026-01-01", "valid_from: 2026-09-01"))
    chosen = {
        when: set_for(when, "quoc-gia").edition
        for when in ("2026-08-31", "2026-09-01", date(2030, 1, 1), 2026, 2030)
    }
    assert chosen == {
        "2026-08-31": "2026-01-01", "2026-09-01": "2026-08-20", date(2030, 1, 1): "2026-08-20",
        # of the two in force in 2026 the one that came last judges the year
        2026: "2026-08-20", 2030: "2026-08-20",
    }  # fmt: skip
    with pytest.raises(CriteriaError) as caught:
        set_for(2025, "quoc-gia")
    assert caught.value.code == "criteria-none-in-force" and "2026-01-01 – 2026-08-31" in caught.value.say(
        "vi"
    )


def test_of_two_transcriptions_of_one_decision_the_newer_is_in_force(folder):
    newer(folder)
    assert set_for(2026, "quoc-gia").edition == "2026-09-01"
    assert set_for("2026-02-01", "quoc-gia").edition == "2026-09-01"
