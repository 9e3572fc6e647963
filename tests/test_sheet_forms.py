"""Review forms as people fill them in: what is read equals what was meant, cell for cell."""

import datetime
import itertools
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.assessments import inspect_sheet, read_sheet
from gis.catalogue import load_catalogue
from gis.errors import TableError
from gis.intake import Reader
from gis.settings import Settings

LAYER = load_catalogue()["assessments"]
WHERE = {"file": "ra-soat.xlsx", "sheet": "Biểu 1"}
NAN = float("nan")

# village, commune code, households, people, minority, poor, poverty %, km, hard km, culture house, m2, 4G
TRUTH = [
    ("Thôn Kon Hring", "23284", 120, 512, 96, 30, 25.0, 1.5, 0.75, 1, 80.0, 1),
    ("Làng Đăk Pxi", "23284", 1250, 5100, NAN, 0, 0.0, 12.25, 12.25, 0, NAN, 1),
    ("Thôn 3", "23287", 60, 240, 60, 15, 25.0, 2.0, 0.0, NAN, NAN, 0),
]
FIELDS = (
    "village", "commune_id", "households", "population", "minority_households", "poor_households",
    "poverty_rate_pct", "road_village_km", "road_village_hard_km", "culture_house", "culture_house_area_m2",
    "mobile_signal",
)  # fmt: skip
TITLES = [
    ("TT", None), ("Xã (mã)", None), ("Thôn/làng", None), ("Số hộ", None), ("Số khẩu", None), ("Hộ DTTS", None),
    ("Hộ nghèo", "Số hộ"), ("Hộ nghèo", "Tỷ lệ (%)"), ("Đường trục thôn", "Tổng (km)"),
    ("Đường trục thôn", "Cứng hóa (km)"), ("Nhà văn hóa", "Có/không"), ("Nhà văn hóa", "m²"),
    ("Nhà văn hóa", "Năm"), ("Sóng 4G", None), ("Ghi chú", None),
]  # fmt: skip
TOTAL = ["Tổng cộng", None, None, 1430, 5852, 156, 45, None, 15.75, 13, None, 80, None, None, None]


def cells_of_truth():
    """The rows as people type them: marks, units, percent signs, words, codes that became numbers."""
    return [
        [1, 23284, "Thôn Kon Hring", "120", "512 khẩu", 96, "30 hộ", "25%", "1,5", "0,75", "x", "80 m²", 2018, "có", None],
        [2, 23284, "Làng Đăk\u00a0Pxi", "1.250", "5 100", "KXĐ", 0, "0 %", 12.25, "12,25", "chưa có", "-", None, "✓", "mới"],
        [3, 23287, "Thôn 3", 60, "２４０", "60", "15", "25,0 %", "2,0", 0, "chưa có số liệu", None, None, "không", None],
    ]  # fmt: skip


def assert_truth(sheet):
    assert list(sheet.rows["village"]) == [row[0] for row in TRUTH]
    for place, field in enumerate(FIELDS[1:], 1):
        found, meant = sheet.rows[field].tolist(), [row[place] for row in TRUTH]
        assert found == pytest.approx(meant, nan_ok=True) if place > 1 else found == meant, field


def lines():
    """A whole form as a grid, merged ranges beside it: titles, two heading rows, column numbers, rows, total, notes."""
    grid = [
        ["ỦY BAN NHÂN DÂN XÃ ĐĂK HÀ"],
        ["BIỂU RÀ SOÁT THÔN NĂM 2024"],
        ["(Kèm theo báo cáo ngày 5 tháng 12 năm 2024)"],
        [],
    ]
    top = len(grid)
    grid.append([first for first, _ in TITLES])
    grid.append([second for _, second in TITLES])
    merged = []
    for _, group in itertools.groupby(range(len(TITLES)), key=lambda at: TITLES[at][0]):
        group = list(group)
        for at in group[1:]:
            grid[top][at] = None
        if TITLES[group[0]][1] is None:
            merged.append((top, group[0], top + 1, group[0]))
        elif len(group) > 1:
            merged.append((top, group[0], top, group[-1]))
    grid.append([f"({number})" for number in range(1, len(TITLES) + 1)])
    grid += cells_of_truth()
    grid += [TOTAL, [], ["Ghi chú: số liệu tạm tính"], [None] * 9 + ["Kon Tum, ngày 5 tháng 12 năm 2024"]]
    grid.append([None, None, "NGƯỜI LẬP BIỂU", *[None] * 6, "TM. UBND XÃ"])
    grid.append([None, None, "Nguyễn Văn A", *[None] * 6, "Y Blan"])
    return grid, merged


def plain(grid):
    """The grid as the reader gives it: numbers as float."""
    return [[float(cell) if isinstance(cell, int) else cell for cell in row] for row in grid]


@pytest.fixture(scope="module")
def reader():
    with Reader(Settings()) as reader:
        yield reader


def by_xlsxwriter(path):
    grid, merged = lines()
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("Biểu 1")
    for at, row in enumerate(grid):
        page.write_row(at, 0, row)
    for top, left, bottom, right in merged:
        page.merge_range(top, left, bottom, right, grid[top][left])
    book.close()


def by_openpyxl(path):
    grid, merged = lines()
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Biểu 1"
    for row in grid:
        page.append(row)
    for top, left, bottom, right in merged:
        page.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    book.save(path)


def by_hand_as_ods(path):
    def cell(value):
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, (int, float)):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join(
        f"<table:table-row>{''.join(map(cell, row or [None]))}</table:table-row>" for row in lines()[0]
    )
    name = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{name}:office:1.0" '
        f'xmlns:table="{name}:table:1.0" xmlns:text="{name}:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Biểu 1">{rows}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{name}:manifest:1.0"/>'
        )


def by_csv(path):
    def text(cell):
        return "" if cell is None else str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)

    rows = (";".join(map(text, row)) for row in lines()[0])
    path.write_text("\n".join(rows) + "\n", encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("write", "name"),
    [(by_xlsxwriter, "a.xlsx"), (by_openpyxl, "b.xlsx"), (by_hand_as_ods, "c.ods"), (by_csv, "d.csv")],
    ids=["xlsxwriter", "openpyxl", "ods", "csv"],
)
def test_the_review_form_is_read_as_it_was_meant_from_every_format(reader, tmp_path, write, name):
    write(tmp_path / name)
    found = reader.table(tmp_path / name)
    ((title, cells),) = found.sheets.items()
    sheet, problems = read_sheet(cells, LAYER, {}, {}, where=WHERE, merged=found.merged.get(title, ()))
    assert_truth(sheet)
    # 13 km stand under Cứng hóa as the sum of 0,75 + 12,25 + 0, 80 m² as that of one house
    assert [problem.code for problem in problems if problem.severity == "warning"] == [
        "sheet-columns-proposed"
    ]
    assert dict(sheet.skipped) == {
        7: "sheet-numbering-rows", 11: "sheet-total-rows", 12: "sheet-blank-rows", 13: "sheet-footer-rows",
        14: "sheet-footer-rows", 15: "sheet-footer-rows", 16: "sheet-footer-rows",
    }  # fmt: skip
    assert sheet.rows_in == len(sheet.rows) + len(sheet.skipped) == 10


def test_without_merged_cells_the_same_form_means_the_same():
    sheet, _ = read_sheet(plain(lines()[0]), LAYER, {}, {}, where=WHERE)
    assert_truth(sheet)


def test_a_form_that_lists_criteria_is_refused_in_one_clear_sentence():
    scores = [
        ["TT", "Tên tiêu chí", "Nội dung tiêu chí", "Chỉ tiêu chung", "Điểm chuẩn", "Điểm tự chấm", "Điểm phúc tra", "Ghi chú"],
        [1.0, "Giao thông", "Đường trục thôn", "70%", 5.0, 4.0, 4.0, None],
    ]  # fmt: skip
    table_10 = [
        ["TT", "Nội dung", "ĐVT", "KQ đến 31/12 năm trước", None, "TH 6 tháng", None, "Ghi chú"],
        [None, None, None, "Kết quả", "Đánh giá", "Kết quả", "Đánh giá", None],
        [1.0, "Giao thông", "km", 5.0, "Đạt", 6.0, "Đạt", None],
    ]
    for cells in (scores, table_10):
        with pytest.raises(TableError) as fault:
            read_sheet(cells, LAYER, {}, {}, where=WHERE)
        assert fault.value.code == "sheet-lists-criteria" and "thôn" in fault.value.say("vi")


def test_groups_give_their_commune_and_their_subtotals_are_checked():
    cells = [
        ["TT", "Thôn", "Số hộ"],
        ["I", "Xã Đăk Hà", 30.0],
        [1.0, "Thôn 1", 10.0],
        [2.0, "Thôn 2", 20.0],
        ["II", "Xã Đăk Tô", 50.0],
        [1.0, "Thôn 1", 40.0],
        [None, "Tổng số thôn: 3", 70.0],
    ]
    sheet, problems = read_sheet(cells, LAYER, {}, {}, where=WHERE)
    assert sheet.rows["commune"].tolist() == ["Xã Đăk Hà", "Xã Đăk Hà", "Xã Đăk Tô"]
    told = {problem.code: problem.arguments for problem in problems}
    assert told["sheet-totals-differ"]["sums"] == ["50 ≠ 40 (5)"]
    assert told["sheet-communes-from-titles"]["communes"] == ["Xã Đăk Hà", "Xã Đăk Tô"]


@pytest.mark.parametrize(
    ("title", "sheet", "commune"),
    [
        ("ỦY BAN NHÂN DÂN XÃ ĐĂK HÀ", "Biểu 1", "Xã ĐĂK HÀ"),
        ("Biểu rà soát các thôn xã Đăk Tô năm 2024", "Biểu 1", "Xã Đăk Tô"),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Xã Ngọk Bay", "Xã Ngọk Bay"),
        ("Bộ tiêu chí xã nông thôn mới", "Biểu 1", None),
        ("Xã Đăk Hà và xã Đăk Tô", "Biểu 1", None),
    ],
)
def test_a_lone_commune_of_the_title_is_that_of_every_row(title, sheet, commune):
    cells = [[title], ["Thôn", "Số hộ"], ["Thôn 1", 5.0]]
    view = inspect_sheet(cells, LAYER, {}, {}, where={"file": "a.xlsx", "sheet": sheet})
    assert view.commune == commune


def test_merged_communes_are_filled_down_and_doubtful_blanks_are_not():
    heading = ["Xã", "Thôn", "Số hộ"]
    rows = [["A", "1", 5.0], [None, "2", 5.0], ["B", "3", 5.0], [None, "4", 5.0]]
    sheet, _ = read_sheet([heading, *rows], LAYER, {}, {}, where=WHERE)
    assert sheet.rows["commune"].tolist() == ["A", "A", "B", "B"]
    sheet, _ = read_sheet([heading, *rows], LAYER, {}, {}, where=WHERE, merged=[(1, 0, 2, 0)])
    assert sheet.rows["commune"].tolist() == ["A", "A", "B", None]
    rows = [["A", "1", 5.0], ["A", "2", 5.0], [None, "3", 5.0]]
    sheet, _ = read_sheet([heading, *rows], LAYER, {}, {}, where=WHERE)
    assert sheet.rows["commune"].tolist() == ["A", "A", None]


def test_codes_that_became_dates_are_lost_and_told():
    cells = [["Mã thôn", "Thôn", "Số hộ"], [str(datetime.date(2026, 2, 1)), "A", 5.0], ["1.01E+2", "B", 6.0]]
    sheet, problems = read_sheet(cells, LAYER, {}, {}, where=WHERE)
    assert sheet.rows["village_id"].tolist() == [None, "101"]
    assert problems[0].code == "sheet-codes-dates" and problems[0].arguments["values"] == ["'2026-02-01' (2)"]


def test_shares_of_one_become_percents_and_thousands_follow_the_other_cells():
    cells = [
        ["Thôn", "Tỷ lệ hộ nghèo (%)", "Km trục thôn"],
        ["A", 0.25, "1.250"],
        ["B", "30%", "12,5"],
        ["C", 0.5, "3"],
    ]
    sheet, problems = read_sheet(cells, LAYER, {}, {}, where=WHERE)
    assert sheet.rows["poverty_rate_pct"].tolist() == [25, 30, 50]
    assert sheet.rows["road_village_km"].tolist() == [1250, 12.5, 3]
    assert [problem.code for problem in problems] == ["sheet-shares-of-one", "sheet-values-thousands"]


WORDS = st.sampled_from(
    [None, "", "Thôn", "Xã", "Số hộ", "TT", "Hộ nghèo", "Tỷ lệ (%)", "Tổng cộng", "I", "Xã Đăk Hà", "Ghi chú:", "x",
     "(1)", "(2)", "1.250", "98 %", "KXĐ", "Km trục thôn / cứng", "Người lập biểu", "ngày 1 tháng 2 năm 2024", "\u200b",
     "１２", "Tên tiêu chí", True, False, 1.0, 2.0, 0.5, -3.0, 1e300, "1e999", "2026-02-01", "None", "*", "(", "A / B"]
)  # fmt: skip
CELL = WORDS | st.floats(allow_nan=False) | st.text(max_size=6)
GRID = st.lists(st.lists(CELL, max_size=6), max_size=12)
RANGE = st.tuples(*[st.integers(0, 12)] * 4)


def read_or_refuse(grid, merged, headed):
    cells = [["TT", "Xã", "Thôn", "Số hộ", "Tỷ lệ hộ nghèo", "Nhà văn hóa"], *grid] if headed else grid
    try:
        sheet, problems = read_sheet(cells, LAYER, {}, {"tap": "yesno"}, where=WHERE, merged=merged)
    except TableError as fault:
        assert fault.code != "sheet-rows-lost"
        return
    assert sheet.rows_in == len(sheet.rows) + len(sheet.skipped)
    assert not set(sheet.rows["row"]) & {number for number, _ in sheet.skipped}
    assert all(problem.say(language) for problem in problems for language in ("vi", "en"))


@settings(max_examples=150)
@given(GRID, st.lists(RANGE, max_size=3), st.booleans())
def test_any_grid_is_read_row_for_row_or_refused(grid, merged, headed):
    read_or_refuse(grid, merged, headed)


@pytest.mark.long
@settings(max_examples=5000)
@given(GRID, st.lists(RANGE, max_size=3), st.booleans())
def test_thousands_of_grids_are_read_row_for_row_or_refused(grid, merged, headed):
    read_or_refuse(grid, merged, headed)
