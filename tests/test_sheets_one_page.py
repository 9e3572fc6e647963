"""One-page sheets: one page, below a megabyte, nothing too small for a telephone, everything said in words."""

import ctypes
import io
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pypdfium2
import pytest
import shapely
from PIL import Image

import tiny
from gis import sheets
from gis.errors import PaperError
from gis.sheets import strip as strips
from gis.sheets.fonts import drawable
from gis.sheets.locator import _window
from gis.sheets.picture import to_png
from gis.sheets.strip import Strip, to_pdf
from sets import MEASURED, criterion
from test_measure import layer
from test_review import review
from test_sheets import HOSTILE, flat, pages_of
from tests import fakes_web

MOST_BYTES = 1_000_000


def sizes_of(content):
    """Width and height of every page, in points."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_size() for page in document]
    finally:
        document.close()


def smallest_letters(content):
    """The smallest size of letters on the first page of a PDF, in points."""
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0]
        sizes = []
        for piece in page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_TEXT,)):
            size = ctypes.c_float()
            pypdfium2.raw.FPDFTextObj_GetFontSize(piece, size)
            sizes.append(size.value * piece.get_matrix().a)
        return min(sizes)
    finally:
        document.close()


@pytest.fixture(scope="module")
def judged():
    """Villages 0, 1 and 2 km from the school, limit 1 km: met, met, unmet."""
    limit = criterion(measured=MEASURED, reported=None, thresholds=MappingProxyType({"all": 1}))
    villages = tiny.villages(3, commune_id=["x1", "x1", "x2"], commune=["Một", "Một", "Hai"])
    return review(
        limit,
        villages=villages,
        target={"share_pct": 100},
        schools=layer("schools", tiny.facilities((500, 500))),
    )


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", sheets.SHEETS)
def test_a_sheet_is_one_page_below_a_megabyte_in_every_format(sample_review, kind, language):
    part = (
        {"village": sample_review.villages_table.index[0]}
        if kind == "village-sheet"
        else {"commune": "01001"}
    )
    for format in sheets.formats_of(kind):
        content = sheets.make(sample_review, kind, format, language, **part).content
        assert len(content) < MOST_BYTES
        if format == "png":
            picture = Image.open(io.BytesIO(content))
            assert picture.width == 1080 and picture.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
        else:
            ((wide, high),) = sizes_of(content)
            assert wide == pytest.approx(595.28, abs=0.1) and high >= 841
            assert sample_review.run.id in flat(pages_of(content)[0])


def test_no_letter_is_smaller_than_eleven_pixels_on_a_screen_of_390(sample_review):
    for kind, part in (("village-sheet", {"village": "0100101"}), ("commune-sheet", {"commune": "01001"})):
        pdf = sheets.make(sample_review, kind, "pdf", "vi", **part).content
        # the signs in their discs are drawn larger where they are letters
        assert smallest_letters(pdf) * 390 / 595.28 >= 9.5
    assert strips.SMALL >= 11


def test_the_sheet_of_a_village_says_the_verdict_what_is_missing_and_by_how_much(judged):
    (page,) = pages_of(sheets.village_sheet(judged, "v2", "vi"))
    text = flat(page)
    for said in ("Thôn 3", "Xã Hai", "Chưa đạt", "Đạt 0/1 tiêu chí · 1 chưa đạt", "Còn thiếu: 1 tiêu chí",
                 "2 km · yêu cầu ≤ 1 km · vượt 1 km", "Trường 0", judged.run.id, "0 trong 1 mức", "Chưa có minh chứng"):  # fmt: skip
        assert flat(said) in text
    assert text.index(flat("Còn thiếu")) < text.index(flat("Bản đồ"))


def test_the_sheet_of_a_village_lists_the_evidence_and_leaves_a_line_for_who_checked(judged):
    lines = ["anh-truong.jpg · =1+1 · thêm ngày 2025-03-01", "<b>biên bản</b>.pdf"]
    text = flat(pages_of(sheets.village_sheet(judged, "v0", "vi", evidence=lines))[0])
    assert all(flat(line) in text for line in lines) and flat("Minh chứng (2)") in text
    assert flat("Người rà soát: ……") in text


def test_how_sure_the_findings_are_is_said_where_they_say_it(judged):
    plain = flat(pages_of(sheets.village_sheet(judged, "v2", "vi"))[0])
    assert flat("Độ tin cậy") not in plain
    sure = replace(judged, findings=judged.findings.assign(confidence="likely"))
    told = flat(pages_of(sheets.village_sheet(sure, "v2", "vi"))[0])
    assert flat("Độ tin cậy: 0 chắc chắn, 1 khá chắc, 0 còn ngỏ") in told


def test_the_sheet_of_a_commune_counts_its_villages_and_names_what_is_missed(judged):
    text = flat(pages_of(sheets.commune_sheet(judged, "x2", "vi"))[0])
    for said in (
        "Hai",
        "1 thôn",
        "Tỷ lệ thôn đạt: 0 %; chỉ tiêu 100 %, còn thiếu 1 thôn",
        "c1",
        "1/1 thôn",
        "Thôn 3",
    ):
        assert flat(said) in text


def test_a_commune_of_very_many_villages_lists_the_first_and_counts_the_rest():
    limit = criterion(measured=MEASURED, reported=None)
    villages = tiny.villages(60)
    many = review(limit, villages=villages, schools=layer("schools", tiny.facilities((500, 500))))
    pdf = sheets.commune_sheet(many, "x1", "en")
    assert flat("and 20 more villages") in flat(pages_of(pdf)[0])
    assert len(to_png(pdf)) < MOST_BYTES


def test_villages_without_any_place_get_a_sheet_without_a_map(judged):
    bare = judged.study.villages.copy()
    bare["geometry"], bare["point"] = None, None
    nowhere = replace(judged, study=replace(judged.study, villages=bare))
    for content in (sheets.village_sheet(nowhere, "v0", "vi"), sheets.commune_sheet(nowhere, "x1", "vi")):
        assert flat("Chưa có vị trí trên bản đồ") in flat(pages_of(content)[0])
    assert sheets.make(nowhere, "province-villages", "pdf", "vi").content.startswith(b"%PDF")


def test_villages_that_are_points_are_drawn_and_those_without_a_place_are_counted(judged):
    some = judged.study.villages.copy()
    some["geometry"] = None
    some.loc["v1", "point"] = None
    points = replace(judged, study=replace(judged.study, villages=some))
    text = flat(pages_of(sheets.commune_sheet(points, "x1", "vi"))[0])
    assert flat("1 thôn chưa có vị trí") in text


@pytest.fixture(scope="module")
def hostile():
    return fakes_web.build_review(names=(*HOSTILE, *(f"Thôn {number}" for number in range(30))))


def test_hostile_names_come_through_on_a_sheet(hostile):
    for village, name in hostile.villages_table["name"].head(len(HOSTILE)).items():
        content = sheets.village_sheet(hostile, village, "vi")
        assert flat(drawable(name)) in flat(pages_of(content)[0])
        assert len(sizes_of(content)) == 1 and len(content) < MOST_BYTES
    for commune in hostile.communes.index:
        assert len(sheets.make(hostile, "commune-sheet", "png", "vi", commune=commune).content) < MOST_BYTES


def test_a_sheet_of_what_is_not_there_is_refused(judged):
    with pytest.raises(PaperError):
        sheets.village_sheet(judged, "=v9", "vi")
    with pytest.raises(PaperError):
        sheets.commune_sheet(judged, "x9", "vi")
    with pytest.raises(PaperError):
        sheets.make(judged, "village-sheet", "png", "vi")


@pytest.mark.parametrize("format", ["pdf", "png", "a4"])
def test_the_same_sheet_gives_the_same_bytes(sample_review, format):
    first, again = (
        sheets.make(sample_review, "village-sheet", format, "vi", village="0100102") for _ in range(2)
    )
    assert first.content == again.content


def test_the_map_holds_its_villages_whole_and_never_shows_less_than_its_least():
    shape = shapely.box(0, 0, 4000, 1000)
    window = _window(np.array([shape]), 0.5)
    assert window.box.contains(shape) and (window.x, window.y) == (2000, 500)
    point = _window(np.array([shapely.Point(5, 5)]), 0.5).box.bounds
    assert point[2] - point[0] >= 1200 and point[3] - point[1] >= 1200


def stacked(heights):
    """A strip of blocks of some heights."""
    strip = Strip()
    for height in heights:
        strip.block()
        strip.add(height, lambda canvas, top: canvas.circle(100, top, 1))
    return strip


def test_on_paper_blocks_stand_in_two_columns_and_go_on_on_further_pages():
    assert len(sizes_of(to_pdf(stacked([100] * 18), title="a", language="vi", paper=True))) == 1
    assert len(sizes_of(to_pdf(stacked([100] * 60), title="a", language="vi", paper=True))) == 3
    columns = strips._columns(stacked([100] * 60))
    assert columns[0][0] == 0 and all(
        one[1] == two[0] for one, two in zip(columns, columns[1:], strict=False)
    )
    assert all(end - start <= strips.COLUMN for start, end in columns)


def test_a_heading_never_stands_at_the_end_of_a_column():
    strip = Strip()
    for _ in range(12):
        strip.heading("Đầu mục")
        strip.row("met", "dòng")
        strip.row("unmet", "dòng", details=["chi tiết"])
    # after a heading comes no break before its first row
    for heading in strip.headings:
        following = min(y for y in strip.breaks if y > heading)
        assert following - heading > 30


def test_a_picture_that_would_be_too_large_becomes_narrower_or_is_refused(monkeypatch):
    from gis.sheets import picture

    pdf = to_pdf(stacked([200] * 5), title="a", language="vi")
    whole = len(picture.to_png(pdf))
    monkeypatch.setattr(picture, "MOST_BYTES", whole)
    assert Image.open(io.BytesIO(picture.to_png(pdf))).width <= 1080
    monkeypatch.setattr(picture, "MOST_BYTES", 100)
    with pytest.raises(PaperError, match="PDF"):
        picture.to_png(pdf)


def test_a_study_of_one_sheet_without_any_layer_still_gets_papers():
    limit = criterion(measured=MEASURED, reported=None)
    villages = tiny.villages(2)
    villages["geometry"], villages["point"] = None, None
    villages = villages.set_crs(None, allow_override=True)
    bare = review(limit, villages=villages, schools=layer("schools", tiny.facilities((500, 500))))
    bare = replace(bare, study=replace(bare.study, layers=MappingProxyType({}), crs=None))
    for kind in sheets.KINDS:
        part = {"village": "v0"} if kind == "village-sheet" else {}
        if kind in (*sheets.OF_ONE_COMMUNE, "commune-sheet"):
            part = {"commune": "x1"}
        for format in sheets.formats_of(kind):
            assert sheets.make(bare, kind, format, "vi", **part).content


@pytest.mark.real
def test_the_list_of_a_real_district_has_every_village(nandurbar_review):
    pdf = sheets.make(nandurbar_review, "province-villages", "pdf", "en").content
    text = flat("".join(pages_of(pdf)))
    assert all(flat(village) in text for village in nandurbar_review.villages_table.index)
    assert len(pdf) < MOST_BYTES
