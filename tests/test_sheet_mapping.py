"""Which column is which field, and what a person is asked; figures that contradict each other."""

import pytest

from gis.assessments import inspect_sheet, propose_mapping, read_sheet, restore_codes
from gis.assessments.mapping import title_reader
from gis.catalogue import load_catalogue
from gis.errors import TableError

LAYER = load_catalogue()["assessments"]
WHERE = {"file": "a.xlsx", "sheet": "b"}
field_of = title_reader(LAYER)


@pytest.mark.parametrize("field", sorted(LAYER.fields))
def test_every_field_is_known_by_its_own_name_and_its_vietnamese_label(field):
    assert field_of(field) == field
    known = field_of(LAYER.fields[field].label.pick("vi"))
    assert known in (field, None)


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Hộ nghèo / Số hộ", "poor_households"),
        ("Hộ nghèo / Tỷ lệ (%)", "poverty_rate_pct"),
        ("Hộ nghèo (%)", None),  # a share is no count
        ("Đường trục thôn / Cứng hóa (km)", "road_village_hard_km"),
        ("Giao thông / Đường ngõ, xóm / Cứng hóa / km", "road_alley_hard_km"),
        ("Đường trục thôn / Cứng hóa (m)", None),  # metres are no kilometres
        ("Số hộ / Trong đó: DTTS", "minority_households"),
        ("1. Số hộ (hộ)", "households"),
        ("Dân số / Số hộ", "households"),
        ("Hộ thoát nghèo / Số hộ", None),  # the last part alone proves nothing
        ("Nhà văn hóa / Năm", None),
        ("Nhà văn hóa / m²", "culture_house_area_m2"),
        ("Thôn (làng)", "village"),
    ],
)
def test_titles_are_taken_only_where_they_leave_no_doubt(title, field):
    assert field_of(title) == field


def test_likely_columns_are_proposed_with_a_score_and_each_field_once():
    titles = ["Thôn", "Đường thôn đã cứng hóa (km)", "Số hộ nghèo năm 2024", "Hộ nghèo hiện có", "Màu sắc"]
    samples = [["A"], [1.5], [3.0], [4.0], ["đỏ"]]
    matches = propose_mapping(titles, samples, LAYER, {})
    assert [match.field for match in matches][:3] == ["village", "road_village_hard_km", "poor_households"]
    assert [match.taken for match in matches] == [True, False, False, False, False]
    assert matches[3].field != "poor_households" and matches[4].field is None
    fields = [match.field for match in matches if match.field]
    assert len(fields) == len(set(fields)) and all(
        0.55 <= m.score < 1 for m in matches if m.field and not m.taken
    )


def test_values_of_another_kind_speak_against_a_field():
    number, word = (
        propose_mapping(["Hộ nghèo hiện có"], [[cell]], LAYER, {})[0].score for cell in (12.0, "đường xấu")
    )
    assert number > word


def test_a_confirmed_column_is_remembered_by_title_or_letter():
    cells = [["Thôn", "Nghèo", "Nghèo"], ["A", 3.0, 4.0]]
    view = inspect_sheet(cells, LAYER, {}, {}, where=WHERE)
    fields = view.remembered({"poor_households": "C", "village": "A"})
    assert fields == {"poor_households": "column:C", "village": "Thôn"}
    sheet, _ = read_sheet(cells, LAYER, {"fields": fields}, {}, where=WHERE)
    assert sheet.rows["poor_households"].tolist() == [4]


def test_the_study_may_name_a_title_of_two_rows_by_all_its_parts_or_the_last():
    cells = [["Thôn", "Điện", None], [None, "Có điện", "Chưa có"], ["A", 3.0, 4.0]]
    for named in ("Điện / Có điện", "Có điện", "column:b"):
        sheet, _ = read_sheet(cells, LAYER, {"fields": {"grid_households": named}}, {}, where=WHERE)
        assert sheet.rows["grid_households"].tolist() == [3]
    with pytest.raises(TableError) as fault:
        read_sheet(cells, LAYER, {"fields": {"grid_households": "column:F"}}, {}, where=WHERE)
    assert fault.value.code == "sheet-no-column" and "Điện / Có điện" in fault.value.say("vi")


def test_figures_that_contradict_each_other_are_told_with_village_and_row():
    cells = [
        [
            "Thôn",
            "Số hộ",
            "Số khẩu",
            "Hộ nghèo",
            "Hộ cận nghèo",
            "Km trục thôn",
            "Km cứng hóa",
            "Tỷ lệ hộ nghèo",
        ],
        ["A", 100.0, 400.0, 60.0, 50.0, 1.0, 1.5, 60.0],
        ["B", 100.0, 90.0, 10.0, None, 2.0, 2.0, 120.0],
        ["C", 10.0, 400.0, None, None, None, 3.0, 5.0],
    ]
    _, problems = read_sheet(cells, LAYER, {}, {}, where=WHERE)
    told = [(problem.code, problem.severity, *problem.arguments.get("villages", ())) for problem in problems]
    assert told == [
        ("sheet-shares-impossible", "warning"),
        ("sheet-parts-exceed", "warning", "A (2): 110 / 100"),
        ("sheet-parts-exceed", "warning", "A (2): 1.5 / 1"),
        ("sheet-figure-below", "warning", "B (3): 100 / 90"),
        ("sheet-quotient-odd", "note", "B (3): 90 / 100", "C (4): 400 / 10"),
    ]


def test_checks_name_fields_of_the_catalogue():
    for check in LAYER.checks:
        named = [
            *check.get("parts", ()),
            *(check[key] for key in ("whole", "least", "most", "of", "per") if key in check),
        ]
        assert set(named) <= set(LAYER.fields), check


def test_totals_may_be_rounded_but_not_wrong():
    rows = [["A", 1.26, 10.0], ["B", 1.26, 20.0]]
    for stated, households, wrong in [(2.5, 30.0, []), (2.6, 31.0, ["2.6 ≠ 2.52 (4)", "31 ≠ 30 (4)"])]:
        cells = [["Thôn", "Km trục thôn", "Số hộ"], *rows, ["Cộng", stated, households]]
        _, problems = read_sheet(cells, LAYER, {}, {}, where=WHERE)
        assert sorted(sum for problem in problems for sum in problem.arguments["sums"]) == wrong


def test_zeros_come_back_only_where_one_code_fits():
    import pandas as pd

    restored, changed = restore_codes(
        pd.Series(["101", "102", None, "x"], dtype=object), ["0101", "0102", "00102"]
    )
    assert restored.tolist() == ["0101", "102", None, "x"] and changed == [0]
