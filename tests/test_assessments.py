"""Sheets of cells to one row a village, every row accounted for."""

import pandas as pd
import pytest

import tiny
from gis.assessments import join_sheet, read_sheet, villages_from
from gis.catalogue import load_catalogue
from gis.errors import TableError
from gis.names import NameDecision

LAYER = load_catalogue()["assessments"]
WHERE = {"file": "ra-soat.xlsx", "sheet": "Biểu 1"}
HEADING = ["TT", "Mã xã", "Xã", "Thôn, làng", "Số hộ", "Hộ nghèo", "Nhà văn hóa"]


def read(rows, entry=None, types=None):
    return read_sheet(rows, LAYER, entry or {}, types or {}, where=WHERE)


CELLS = [
    ["BIỂU TỔNG HỢP RÀ SOÁT THÔN NĂM 2024"],
    [],
    HEADING,
    [1, "x1", "Xã Một", "Thôn 1", 120.0, "12", "x"],
    [2, "x1", "Xã Một", "thôn 2", "1.200", None, "không"],
    [],
    [3, "x1", "Xã Một", "Thôn Lạ", 10.0, 1.0, None],
    [None, None, None, "Tổng cộng", 1330.0, 13.0, None],
    [4, "x1", "Xã Một", None, 5.0, None, None],
]


def test_the_heading_is_found_below_titles_and_every_row_is_accounted_for():
    sheet, problems = read(CELLS)
    assert not problems
    assert list(sheet.rows["village"]) == ["Thôn 1", "thôn 2", "Thôn Lạ"]
    assert sheet.rows["households"].tolist() == [120, 1200, 10]  # households come whole
    assert sheet.rows["culture_house"].tolist()[:2] == [1, 0] and sheet.rows["culture_house"].isna().iloc[2]
    assert dict(sheet.skipped) == {6: "sheet-blank-rows", 8: "sheet-total-rows", 9: "sheet-rows-without-name"}
    assert sheet.rows_in == len(sheet.rows) + len(sheet.skipped) == 6
    assert sheet.rows["record"].iloc[0] == "ra-soat.xlsx · Biểu 1 · 4"


def test_rows_join_by_commune_and_folded_name_and_the_rest_is_listed():
    sheet, _ = read(CELLS)
    table, problems, _ = join_sheet(sheet, tiny.villages(3), where=WHERE)
    assert table["households"].tolist()[:2] == [120, 1200] and table.loc["v2"].isna().all()
    told = {problem.code: problem for problem in problems}
    assert told["sheet-rows-without-village"].arguments["rows"] == ["Thôn Lạ (7)"]
    assert told["villages-without-row"].arguments["villages"] == ["Thôn 3 (v2)"]
    assert told["sheet-total-rows"].arguments["rows"] == [8]


def test_homonyms_of_other_communes_are_never_mixed_and_within_one_join_neither():
    villages = tiny.villages(3, name="Plei Rông", commune_id=["x1", "x2", "x2"], commune=["A", "B", "B"])
    rows = [["Mã xã", "Thôn", "Số hộ"], ["x1", "Plei Rong", 1.0], ["x2", "Plei Rong", 2.0]]
    table, problems, _ = join_sheet(read(rows)[0], villages, where=WHERE)
    assert table["households"].tolist()[0] == 1 and table["households"].iloc[1:].isna().all()
    assert problems[0].arguments["count"] == 1


def test_the_code_wins_over_the_name():
    rows = [["Mã thôn", "Thôn", "Số hộ"], ["v1", "Thôn 1", 7.0]]
    table, *_ = join_sheet(read(rows)[0], tiny.villages(2), where=WHERE)
    assert table["households"].isna().tolist() == [True, False]


def test_a_village_twice_keeps_the_first_row_and_says_so():
    rows = [["Mã thôn", "Thôn", "Số hộ"], ["v0", "Thôn 1", 7.0], ["v0", "Thôn 1", 9.0]]
    table, problems, _ = join_sheet(read(rows)[0], tiny.villages(1), where=WHERE)
    assert table["households"].tolist() == [7] and problems[0].code == "sheet-village-twice"


def test_cells_that_are_no_figure_become_missing_and_are_listed():
    sheet, problems = read([["Thôn", "Số hộ"], ["A", "nhiều"], ["B", 3.0]])
    assert sheet.rows["households"].isna().tolist() == [True, False]
    assert problems[0].arguments["values"] == ["'nhiều' (2)"] and "nhiều" in problems[0].say("vi")


@pytest.mark.parametrize(
    ("rows", "entry", "code"),
    [
        ([["a", "b"], ["1", "2"]], {}, "sheet-no-heading"),
        ([["Thôn", "Số hộ"], ["A", 1.0]], {"fields": {"poor_households": "HN"}}, "sheet-no-column"),
        ([["Xã", "Số hộ"], ["A", 1.0]], {}, "sheet-no-village-column"),
    ],
)
def test_a_sheet_that_cannot_be_understood_is_one_clear_error(rows, entry, code):
    with pytest.raises(TableError) as fault:
        read(rows, entry)
    assert fault.value.code == code and "ra-soat.xlsx" in fault.value.say("vi")


def test_fields_of_the_criteria_are_taken_by_their_own_name():
    sheet, _ = read([["Thôn", "tap_treated"], ["A", "yes"], ["B", "no"]], types={"tap_treated": "yesno"})
    assert sheet.rows["tap_treated"].tolist() == [1, 0]


def test_villages_of_a_lone_sheet_get_a_key_of_commune_and_name():
    villages = villages_from([(read(CELLS)[0], WHERE)])
    assert villages.index.tolist() == ["x1/thon-1", "x1/thon-2", "x1/thon-la"]
    twice = [["Xã", "Thôn", "Số hộ"], ["A", "Thôn 1", 1.0], ["A", "THÔN  1", 2.0]]
    with pytest.raises(TableError) as fault:
        villages_from([(read(twice)[0], WHERE)])
    assert fault.value.code == "village-code-twice" and fault.value.arguments["rows"] == [2, 3]


def test_the_order_of_rows_does_not_change_the_table():
    forward, *_ = join_sheet(read(CELLS)[0], tiny.villages(3), where=WHERE)
    backward, *_ = join_sheet(read([*CELLS[:3], *CELLS[:2:-1]])[0], tiny.villages(3), where=WHERE)
    pd.testing.assert_frame_equal(forward.drop(columns="record"), backward.drop(columns="record"))


def test_a_sheet_without_communes_joins_the_villages_it_made():
    sheet, _ = read([["Thôn", "Số hộ"], ["Thôn 1", 5.0], ["Thôn 2", 6.0]])
    villages = villages_from([(sheet, WHERE)])
    table, *_ = join_sheet(sheet, villages, where=WHERE)
    assert villages.index.tolist() == ["thon-1", "thon-2"] and table["households"].tolist() == [5, 6]


def test_sheets_of_several_communes_make_one_list_of_villages():
    first, _ = read([["Xã", "Thôn", "Số hộ"], ["A", "Thôn 1", 5.0]])
    second, _ = read([["Xã", "Thôn", "Số hộ"], ["B", "Thôn 1", 6.0], ["A", "Thôn 1", 7.0]])
    assert villages_from([(first, WHERE), (second, WHERE)]).index.tolist() == ["a/thon-1", "b/thon-1"]


def test_a_figure_that_can_be_read_two_ways_is_told():
    sheet, problems = read([["Thôn", "Km trục thôn"], ["A", "1.250"], ["B", "0.125"], ["C", "1,5"]])
    assert sheet.rows["road_village_km"].tolist() == [1.25, 0.125, 1.5]
    assert [problem.arguments["values"] for problem in problems] == [["1.250 (2)"]]


def test_names_in_another_script_are_told_apart():
    villages = tiny.villages(2, name=["ບ້ານ ກ", "ບ້ານ ຂ"])
    table, *_ = join_sheet(read([["Mã xã", "Thôn", "Số hộ"], ["x1", "ບ້ານ ຂ", 4.0]])[0], villages, where=WHERE)
    assert table["households"].isna().tolist() == [True, False]


NAMED = ["Thôn 1", "Kon Rbàng Thượng", "Kon Rbàng Hạ"]


def test_a_doubtful_name_is_not_joined_but_told_with_its_candidates():
    villages = tiny.villages(3, name=NAMED)
    sheet, _ = read([["Mã xã", "Thôn", "Số hộ"], ["x1", "Kon Rbang", 4.0], ["x1", "T1", 5.0]])
    table, problems, matches = join_sheet(sheet, villages, where=WHERE)
    assert table["households"].dropna().to_dict() == {"v0": 5}
    told = {problem.code: problem for problem in problems}
    assert told["sheet-names-to-review"].arguments["count"] == 1 and "sheet-rows-without-village" not in told
    assert "Kon Rbàng Hạ (v2) / Kon Rbàng Thượng (v1)" in told["sheet-names-to-review"].say("vi")
    assert matches.table.set_index("left_id")["outcome"].to_dict() == {2: "review", 3: "automatic"}


def test_what_a_person_decided_joins_first_and_none_of_these_joins_nothing():
    villages = tiny.villages(3, name=NAMED)
    sheet, _ = read([["Xã", "Thôn", "Số hộ"], ["Xã Một", "Kon Rbang", 4.0], ["Xã Một", "Thôn 1", 5.0]])
    made = [NameDecision("kon  rbang", "Xã Một", "v2"), NameDecision("Thôn 1", "x1", None)]
    table, problems, _ = join_sheet(sheet, villages, where=WHERE, decisions=made)
    assert table["households"].dropna().to_dict() == {"v2": 4}
    assert problems[0].code == "sheet-rows-without-village" and problems[0].arguments["rows"] == [
        "Thôn 1 (3)"
    ]


def test_a_decision_for_a_village_that_is_gone_is_told_and_not_used():
    made = [NameDecision("Thôn 1", "x1", "v9")]
    sheet, _ = read([["Mã xã", "Thôn", "Số hộ"], ["x1", "Thôn 1", 4.0]])
    table, problems, _ = join_sheet(sheet, tiny.villages(2), where=WHERE, decisions=made)
    assert table["households"].dropna().to_dict() == {"v0": 4}
    assert problems[0].arguments["names"] == ["Thôn 1 → v9"]


def test_a_code_that_lost_its_zeros_joins_where_one_village_can_have_had_it():
    villages = tiny.villages(3).set_axis(["0101", "00102", "0102"])
    sheet, _ = read([["Mã thôn", "Số hộ"], ["101", 4.0], ["101.0", 6.0], ["102", 5.0]])
    table, problems, _ = join_sheet(sheet, villages, where=WHERE)
    told = {problem.code: problem for problem in problems}
    assert table["households"].dropna().to_dict() == {"0101": 4}
    restored = told["sheet-codes-restored"]
    assert restored.severity == "note" and restored.arguments["values"] == ["101 → 0101"]
    assert restored.arguments["count"] == 2
    assert told["sheet-rows-without-village"].arguments["rows"] == ["102 (4)"]


def test_communes_of_a_sheet_are_known_by_name_with_prefix_and_spelling():
    names = ["Đăk Tô", "Đăk Hà", "Quyết Thắng"]
    villages = tiny.villages(3, name="Thôn 1", commune_id=["1", "2", "3"], commune=names)
    rows = [
        ["Xã", "Thôn", "Số hộ"],
        ["Xã Đắk Tô", "T1", 1.0],
        ["TT. Đak Hà", "Thôn 1", 2.0],
        ["P. QUYẾT THẮNG", "Thôn 01", 3.0],
    ]
    table, problems, _ = join_sheet(read(rows)[0], villages, where=WHERE)
    assert table["households"].tolist() == [1, 2, 3] and not problems


def test_a_row_of_a_commune_that_is_not_in_the_study_joins_no_homonym():
    rows = [["Xã", "Thôn", "Số hộ"], ["Xã Khác", "Thôn 1", 1.0], ["Xã Khác", "Plei Rơng", 2.0]]
    table, *_ = join_sheet(read(rows)[0], tiny.villages(2, name=["Thôn 1", "Plei Rơng"]), where=WHERE)
    assert table["households"].isna().all()
