"""Papers to hand in: what they say, and that every format can be opened by another program and says the same."""

import io
import unicodedata
from dataclasses import replace
from types import MappingProxyType

import docx
import numpy as np
import openpyxl
import pandas as pd
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny
from gis import sheets
from gis.errors import PaperError
from gis.labels import Label
from gis.sheets import cells, fonts, model
from gis.sheets.model import Cell, Column, Heading, Table, panels, spans
from sets import MEASURED, REPORTED, criteria_set, criterion
from test_measure import layer
from test_review import review
from tests import fakes_web

LETTERS = "".join(map(chr, range(0x1EA0, 0x1EFA))) + "ĂăÂâĐđÊêÔôƠơƯưÀÁÃÈÉÌÍÒÓÕÙÚÝàáãèéìíòóõùúýĨĩŨũŏĭčñ"
HOSTILE = (
    "=HYPERLINK(\"http://x\",\"y\")", "+1+1", "-2", "@SUM(A1)", "<b>đậm</b> & <para>", "tab\tdòng\nhai",
    "chuông\x07 hỏng", "Thôn " + "rất dài " * 40, "D" * 300, "{page} {0} %s %(x)s", "日本 🏠", "&P&N",
)  # fmt: skip
EAST_NORTH = (540_000, 1_620_000)


def pages_of(content):
    """The text of each page of a PDF."""
    document = pypdfium2.PdfDocument(content)
    try:
        texts = []
        for page in document:
            words = page.get_textpage()
            texts.append(unicodedata.normalize("NFC", words.get_text_bounded()))
            words.close()
            page.close()
        return texts
    finally:
        document.close()


def flat(text):
    """A text without spaces, and without the sign that stands for letters that are not there."""
    return "".join(text.split()).translate(dict.fromkeys((0x02, 0xFFFD, 0xFFFE)))


def texts_of(document):
    """Every text of a document with those of its tables."""
    found = [paragraph.text for paragraph in document.paragraphs]
    found += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return found


def workbook(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def values(sheet):
    return [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.fixture(scope="module")
def judged():
    """Villages 0, 1 and 2 km from the school, limit 1 km: met, met, unmet; the sheet says 0.5, nothing, 2.5 km."""
    villages = tiny.villages(3, commune_id=["x1", "x1", "x2"], commune=["Xã Một", "Xã Một", "Xã Hai"])
    # near Kon Tum
    villages = villages.set_geometry(villages.translate(*EAST_NORTH))
    villages["point"] = villages["point"].translate(*EAST_NORTH)
    sheet = pd.DataFrame(
        {
            "distance": [0.5, np.nan, 2.5],
            "self_result": ["Đạt", "Đạt", None],
            "recheck_result": [None, "Chưa đạt", None],
            "record": ["phieu.xlsx · 1", None, "phieu.xlsx · 3"],
        },
        index=villages.index,
    )
    limit = criterion(measured=MEASURED, reported=REPORTED, thresholds=MappingProxyType({"all": 1}))
    return review(limit, villages=villages, target={"share_pct": 100, "by": "2025-12-31"},
                  assessments={2024: sheet}, schools=layer("schools", tiny.facilities((540_500, 1_620_500))))  # fmt: skip


@pytest.fixture(scope="module")
def hostile():
    names = (*HOSTILE, *(f"Thôn {number}" for number in range(30)))
    return fakes_web.build_review(names=names)


def headings(table):
    return [(column.above, column.heading) for column in table.columns]


def row_of(table, number):
    return [cell.text for cell in table.rows[number]]


def test_the_papers_of_a_commune_show_what_was_said_measured_and_found_side_by_side(judged):
    (table,) = sheets.annex(judged, "commune-results", "vi", commune="x1").tables
    assert [column.heading for column in table.columns] == [
        "TT", "Thôn (làng)", "Số hộ", "Tự đánh giá (km)", "Đo trên bản đồ (km)", "Kết quả", "Thôn tự đánh giá chung", "Phúc tra",
        "Số tiêu chí chưa đạt", "Số tiêu chí chưa đủ số liệu", "Kết quả",
    ]  # fmt: skip
    assert table.columns[3].above == table.columns[5].above == "c1 [≤ 1 km]"
    assert row_of(table, 0) == ["1", "Thôn 1", "200", "0,5", "0", "đạt", "Đạt", "", "0", "0", "Đạt"]
    assert row_of(table, 1) == ["2", "Thôn 2", "200", "–", "1", "đạt", "Đạt", "Chưa đạt", "0", "0", "Đạt"]
    assert len(table.rows) == 2


def test_the_summary_of_the_province_adds_up(judged):
    (table,) = sheets.annex(judged, "province-communes", "vi").tables
    # by name: Xã Hai has the village that fails; two of three villages meet, one more must for all of them
    assert row_of(table, 0)[:10] == ["1", "Xã Hai", "x2", "1", "0", "1", "0", "0", "0", "1"]
    assert row_of(table, 1)[:10] == ["2", "Xã Một", "x1", "2", "2", "0", "0", "0", "100", "0"]
    assert row_of(table, 2)[1:10] == ["Cộng", "", "3", "2", "1", "0", "0", "66,7", "1"]
    assert table.totals == 1


def test_the_list_of_villages_names_what_is_missed(judged):
    (table,) = sheets.annex(judged, "province-villages", "en").tables
    missed = [column.heading for column in table.columns].index("Criteria missed")
    assert [row[missed].text for row in table.rows] == ["c1", "", ""]
    assert [row[2].text for row in table.rows] == ["Thôn 3", "Thôn 1", "Thôn 2"]


def test_only_villages_that_meet_are_put_up_for_recognition_and_the_others_are_counted(judged):
    paper = sheets.annex(judged, "recognition", "vi")
    assert [row[2].text for row in paper.tables[0].rows] == ["Thôn 1", "Thôn 2"]
    assert "2 thôn" in paper.notes[0] and "0 thôn chưa đủ số liệu" in paper.notes[0]
    assert "1 thôn có kết quả khác" in paper.notes[0]
    assert sheets.annex(judged, "recognition", "vi", commune="x2").tables[0].rows == ()


def test_of_a_set_of_disadvantage_those_that_are_disadvantaged_are_put_up_for_recognition(judged):
    turned = replace(judged.study, criteria=replace(judged.criteria, polarity="trigger"))
    paper = sheets.annex(replace(judged, study=turned), "recognition", "en")
    assert [row[2].text for row in paper.tables[0].rows] == ["Thôn 3"]
    assert "FAIL" in paper.title


def test_the_scoring_form_has_room_for_the_recheck_and_names_facility_and_record(judged):
    first, second = sheets.annex(judged, "commune-scores", "vi", commune="x1").tables
    heads = [column.heading for column in first.columns]
    row = dict(zip(heads, row_of(first, 0), strict=True))
    assert row["Chỉ tiêu"] == "≤ 1 km" and row["Tự đánh giá"] == "0,5 km" and row["Đo trên bản đồ"] == "0 km"
    assert row["Kết quả"] == "đạt" and row["Phúc tra"] == row["Ghi chú"] == ""
    assert row["Minh chứng, nguồn số liệu"] == "Trường 0"
    assert "Điểm chuẩn" not in heads and second.new_page
    total = dict(zip(heads, row_of(second, 1), strict=True))
    assert total["Tự đánh giá"] == "Đạt" and total["Phúc tra"] == "Chưa đạt" and total["Kết quả"] == "Đạt"


def by_points(judged, entry, **columns):
    """Own points and totals of the forms of a set that gives a criterion some points."""
    logic = MappingProxyType(
        {"points": MappingProxyType({"c1": entry}), "pass": 1, "required": (), "verification": "text"}
    )
    study = replace(judged.study, criteria=replace(judged.criteria, logic=logic))
    moved = replace(judged, study=study, findings=judged.findings.assign(**columns))
    tables = [*sheets.annex(moved, "commune-scores", "vi", commune="x1").tables,
              *sheets.annex(moved, "commune-scores", "vi", commune="x2").tables]  # fmt: skip
    heads = [column.heading for column in tables[0].columns]
    own, whole = heads.index("Điểm tự chấm"), heads.index("Điểm chuẩn")
    return [tuple(row[own].text for row in table.rows) for table in tables], tables[0].rows[1][whole].text


def test_the_scoring_form_of_a_set_of_points_counts_them_only_where_all_are_known(judged):
    # reported: 0.5 km meets, nothing, 2.5 km does not
    assert by_points(judged, {"met": 10}) == ([("10", "10"), ("", ""), ("0", "0")], "10")
    assert by_points(
        judged, MappingProxyType({"met": 10, "nearly": 4}), source="reported", grade="nearly"
    ) == (
        [("10", "10"), ("", ""), ("4", "4")],
        "10",
    )
    # where the map decided, the grade says nothing of the reported value
    assert by_points(judged, {"met": 10, "nearly": 4}, source="measured", grade="nearly")[0][2] == ("", "")
    assert by_points(judged, {"grades": {"a": 3, "b": 7}}, source="reported", grade="b")[0][0] == ("7", "7")


def test_a_verdict_that_nearly_reaches_the_set_says_so(judged):
    graded = judged.results.assign(
        grade=[None, None, "nearly"], points_low=[90.0, 90.0, 75.0], points_high=[90.0, 90.0, 80.0]
    )
    moved = replace(judged, results=graded)
    (table,) = sheets.annex(moved, "province-villages", "vi").tables
    at = [column.heading for column in table.columns].index("Kết quả")
    assert [row[at].text for row in table.rows] == [
        f"Chưa đạt ({cells.grade_word('nearly', 'vi')})",
        "Đạt",
        "Đạt",
    ]
    (form,) = sheets.annex(moved, "commune-scores", "vi", commune="x2").tables
    assert "từ 75 đến 80 điểm" in " ".join(row_of(form, 1))


def test_a_paper_says_by_what_it_was_made_and_that_figures_are_not_checked(judged):
    paper = sheets.annex(judged, "province-villages", "vi")
    assert judged.run.id in paper.foot
    assert any("1 trong 1 mức" in notice for notice in paper.notices)
    assert paper.sources[0].startswith("Mức của bộ tiêu chí: 0 trong 1 mức")
    checked = replace(
        judged.criteria.criteria[0],
        checked=MappingProxyType({"all": {"by": "A", "on": "2026", "document": "B"}}),
    )
    study = replace(judged.study, criteria=replace(judged.criteria, criteria=(checked,)))
    assert sheets.annex(replace(judged, study=study), "province-villages", "vi").notices == ()


def test_heading_lines_stay_blank_until_somebody_says_them(judged):
    blank = sheets.annex(judged, "commune-results", "vi", commune="x1")
    assert blank.national == ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập – Tự do – Hạnh phúc")
    assert blank.issuer == "ỦY BAN NHÂN DÂN XÃ MỘT" and blank.place_date.startswith("…")
    assert [one.office for one in blank.signatures] == [
        ("NGƯỜI LẬP BIỂU",),
        ("TM. ỦY BAN NHÂN DÂN XÃ", "CHỦ TỊCH"),
    ]
    said = Heading("UBND xã Một", "Kon Tum", "2026-11-23")
    paper = sheets.annex(judged, "commune-results", "vi", commune="x1", heading=said)
    assert paper.issuer == "UBND xã Một" and paper.place_date == "Kon Tum, ngày 23 tháng 11 năm 2026"


def test_villages_outside_viet_nam_get_no_heading_of_its_state(judged):
    moved = judged.study.villages.copy()
    moved["point"] = moved["point"].translate(-3_000_000, 0)
    paper = sheets.annex(
        replace(judged, study=replace(judged.study, villages=moved)), "province-villages", "en"
    )
    assert paper.national == () and paper.issuer.startswith("ISSUED BY")
    assert paper.signatures[1].office == ("HEAD OF THE OFFICE",)


@pytest.mark.parametrize(
    ("kind", "commune", "code"),
    [
        ("letter", None, "papers-no-kind"),
        ("commune-results", None, "papers-needs-commune"),
        ("commune-results", "x9", "papers-no-commune-id"),
        ("province-villages", "x1", "papers-of-all"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_sentence(judged, kind, commune, code):
    with pytest.raises(PaperError) as fault:
        sheets.annex(judged, kind, "vi", commune=commune)
    assert fault.value.code == code


def test_a_sheet_in_an_unknown_format_is_refused(judged):
    with pytest.raises(PaperError, match="docx"):
        sheets.make(judged, "village-sheet", "docx", "en", village="v0")
    with pytest.raises(PaperError, match="one village"):
        sheets.make(judged, "province-villages", "pdf", "en", village="v0")


@pytest.mark.parametrize("kind", sheets.PAPERS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_paper_says_the_same_in_every_format(sample_review, kind, language):
    commune = sample_review.communes.index[0] if kind in sheets.OF_ONE_COMMUNE else None
    paper = sheets.annex(sample_review, kind, language, commune=commune)
    made = {
        name: sheets.make(sample_review, kind, name, language, commune=commune)
        for name in sheets.formats_of(kind)
    }
    book = workbook(made["xlsx"].content)
    in_book = flat(" ".join(str(value) for sheet in book for value in values(sheet)))
    in_document = flat(" ".join(texts_of(docx.Document(io.BytesIO(made["docx"].content)))))
    pages = pages_of(made["pdf"].content)
    on_pages = flat(" ".join(pages))
    for said in (
        paper.title,
        paper.issuer,
        *paper.national,
        *paper.notices,
        *paper.notes,
        paper.signatures[1].how,
    ):
        for text in (in_book, in_document, on_pages):
            assert flat(said) in text
    for table in paper.tables:
        for row in table.rows:
            for cell in row[: table.keys]:
                assert (
                    flat(cell.text) in in_book
                    and flat(cell.text) in in_document
                    and flat(cell.text) in on_pages
                )
    assert all(f"{number}/{len(pages)}" in flat(text) for number, text in enumerate(pages, 1))
    assert all(flat(paper.foot) in flat(text) and flat(paper.notices[0]) in flat(text) for text in pages)


@pytest.mark.parametrize("format", ["xlsx", "docx", "pdf"])
def test_the_same_paper_gives_the_same_bytes(judged, format):
    first, again = (sheets.make(judged, "commune-scores", format, "vi", commune="x1") for _ in range(2))
    assert first == again and first.content == again.content


def test_the_order_of_the_rows_that_come_in_does_not_matter(sample_review):
    study = sample_review.study
    mixed = study.villages.sample(frac=1, random_state=3)
    shuffled = replace(
        sample_review,
        study=replace(study, villages=mixed),
        results=sample_review.results.sample(frac=1, random_state=4),
    )
    for kind in ("province-communes", "province-villages", "recognition"):
        assert sheets.annex(shuffled, kind, "vi") == sheets.annex(sample_review, kind, "vi")


def test_numbers_are_numbers_in_the_workbook_and_never_formulas(hostile):
    for kind in sheets.PAPERS:
        commune = hostile.communes.index[0] if kind in sheets.OF_ONE_COMMUNE else None
        book = workbook(sheets.make(hostile, kind, "xlsx", "vi", commune=commune).content)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not any(cell.data_type == "f" or cell.hyperlink for cell in cells)
        assert any(isinstance(cell.value, (int, float)) for cell in cells)
        assert all(len(name) <= 31 for name in book.sheetnames)


@pytest.mark.parametrize("kind", sheets.PAPERS)
def test_hostile_names_come_through_as_they_are(hostile, kind):
    commune = hostile.communes["villages"].idxmax() if kind in sheets.OF_ONE_COMMUNE else None
    made = {
        name: sheets.make(hostile, kind, name, "vi", commune=commune).content
        for name in ("xlsx", "docx", "pdf")
    }
    paper = sheets.annex(hostile, kind, "vi", commune=commune)
    on_pages = flat("".join(pages_of(made["pdf"])))
    in_document = flat("".join(texts_of(docx.Document(io.BytesIO(made["docx"])))))
    at = 2 if kind in ("recognition", "province-villages") else 1
    for table in paper.tables if kind != "province-communes" else ():
        for row in table.rows:
            assert flat(row[at].text) in in_document
            assert flat(fonts.drawable(row[at].text)) in on_pages
    if kind in ("commune-results", "province-villages"):
        assert flat(paper.letters_words) in on_pages


def test_every_vietnamese_letter_comes_back_from_the_pdf(judged):
    heading = Heading(issuer=LETTERS, place="Đắk Tờ Kan, Ŏ")
    pdf = sheets.make(judged, "commune-results", "pdf", "vi", commune="x1", heading=heading).content
    assert LETTERS in flat(pages_of(pdf)[0])
    assert fonts.drawable(LETTERS) == LETTERS
    assert fonts.drawable("日 a") == "\ufffd a" and fonts.drawable("ơ̆") == "ơ̆"


def test_a_document_repeats_its_heading_and_cuts_no_row(judged):
    document = docx.Document(io.BytesIO(sheets.make(judged, "province-villages", "docx", "vi").content))
    table = document.tables[1]._tbl
    rows = table.findall(f"{{{table.nsmap['w']}}}tr")
    assert len(rows) == 1 + 3
    assert "tblHeader" in rows[0].xml and "tblHeader" not in rows[1].xml
    assert all("cantSplit" in row.xml for row in rows)
    section = document.sections[0]
    assert section.page_width > section.page_height
    assert "NUMPAGES" in section.footer._element.xml and "THỬ NGHIỆM" in section.header.paragraphs[0].text


def test_a_workbook_is_set_up_for_printing(judged):
    sheet = workbook(sheets.make(judged, "province-villages", "xlsx", "vi").content).worksheets[0]
    assert sheet.page_setup.orientation == "landscape" and str(sheet.page_setup.paperSize) == "9"
    assert sheet.print_title_rows and sheet.oddFooter.right.text == "Trang &P/&N"


def test_a_row_higher_than_a_page_goes_on_and_loses_nothing(judged):
    villages = judged.study.villages.copy()
    long = " ".join(f"tên{number}" for number in range(600))
    villages.loc["v0", "name"] = long
    moved = replace(judged, study=replace(judged.study, villages=villages))
    pages = pages_of(sheets.make(moved, "commune-results", "pdf", "vi", commune="x1").content)
    assert len(pages) > 2
    assert all(f"tên{number}" in flat("".join(pages)) for number in range(600))


def test_everything_unknown_is_said_and_nobody_is_put_up(judged):
    findings = judged.findings.assign(
        status="unknown", value=np.nan, measured=np.nan, reported=np.nan, margin=np.nan
    )
    results = judged.results.assign(status="unknown", missed=0, unknown=1)
    unknown = replace(judged, findings=findings, results=results)
    (table,) = sheets.annex(unknown, "commune-results", "vi", commune="x1").tables
    assert row_of(table, 0)[3] == "chưa đủ số liệu"
    assert sheets.annex(unknown, "recognition", "vi").tables[0].rows == ()
    for kind in sheets.PAPERS:
        commune = "x1" if kind in sheets.OF_ONE_COMMUNE else None
        assert sheets.make(unknown, kind, "pdf", "vi", commune=commune).content.startswith(b"%PDF")


def test_what_cannot_be_reached_is_said_in_words_and_is_no_number():
    limit = criterion(measured=MEASURED, reported=None)
    school = layer("schools", tiny.facilities((500, 500)))
    judged = review(limit, schools=school)
    findings = judged.findings.assign(measured=np.inf)
    (table,) = sheets.annex(replace(judged, findings=findings), "commune-results", "vi", commune="x1").tables
    assert table.rows[0][3] == Cell("không đến được")


widths = st.lists(st.tuples(st.floats(5, 80), st.sampled_from(["", "A", "B"])), min_size=3, max_size=12)


@given(widths)
def test_a_wide_table_is_parted_without_losing_a_column_or_its_keys(given_widths):
    columns = tuple(Column(str(at), width, above=above) for at, (width, above) in enumerate(given_widths))
    table = Table("", columns, (tuple(Cell(str(at)) for at in range(len(columns))),), keys=1)
    parts = panels(table, 180)
    assert all(part.columns[0] == columns[0] for part in parts)
    assert [column for part in parts for column in part.columns[1:]] == list(columns[1:])
    for part in parts:
        assert [cell.text for cell in part.rows[0]] == [column.heading for column in part.columns]
        whole = sum(column.width_mm for column in part.columns)
        assert whole <= 180 * model.SQUEEZE + 1e-6 or len(part.columns) == 2


def test_neighbours_under_one_heading_share_it():
    columns = (
        Column("a", 1),
        Column("b", 1, above="X"),
        Column("c", 1, above="X"),
        Column("d", 1, above="Y"),
    )
    assert spans(columns) == [(0, 0, "a"), (1, 2, "X"), (3, 3, "Y")]


@given(st.text(st.sampled_from("aăâ ậ\nđ-"), max_size=60), st.floats(8, 80))
def test_wrapping_keeps_every_letter_and_stays_within_the_width(text, room):
    fonts.register()
    lines = fonts.wrap(text, fonts.PLAIN, 9, room)
    assert flat("".join(lines)) == flat(text)
    assert all(fonts.width(line, fonts.PLAIN, 9) <= room or len(line) == 1 for line in lines)


def test_an_archive_holds_one_file_for_each_commune_and_no_two_of_one_name(judged):
    twins = judged.study.villages.assign(commune_id=["X 1", "x-1", "x-1"])
    communes = judged.study.communes.iloc[[0, 0]].set_axis(pd.Index(["X 1", "x-1"], name="commune_id"))
    study = replace(judged.study, villages=twins, communes=communes)
    moved = replace(judged, study=study)
    parts = sheets.parts_of(moved, "commune-results")
    names = [file.name for file in sheets.make_each(moved, "commune-results", "xlsx", "vi", parts)]
    assert len(names) == len(set(names)) == 2 and all(name.isascii() for name in names)


def test_an_archive_is_whole_and_the_same_each_time(judged):
    import zipfile

    def make():
        parts = sheets.parts_of(judged, "commune-results")
        return b"".join(sheets.zipped(sheets.make_each(judged, "commune-results", "docx", "en", parts)))

    archive = zipfile.ZipFile(io.BytesIO(make()))
    assert archive.testzip() is None
    assert archive.namelist() == ["commune-results-x1.docx", "commune-results-x2.docx"]
    assert make() == make()


def test_the_labels_of_the_set_are_never_markup(judged):
    odd = replace(judged.criteria.criteria[0], label=Label("<i>nghiêng</i> & {x}"))
    study = replace(judged.study, criteria=criteria_set(odd))
    moved = replace(judged, study=study)
    for name in ("docx", "pdf", "xlsx"):
        content = sheets.make(moved, "commune-results", name, "vi", commune="x1").content
        texts = {
            "pdf": lambda made: pages_of(made),
            "docx": lambda made: texts_of(docx.Document(io.BytesIO(made))),
            "xlsx": lambda made: [str(value) for value in values(workbook(made).worksheets[0])],
        }[name](content)
        assert "<i>nghiêng</i>&{x}" in flat("".join(texts))
