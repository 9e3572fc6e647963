"""Documents and photos as evidence: told by content, read in the child, held against the village."""

import io
import struct
import zipfile
import zlib
from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely
from PIL import Image

from gis.errors import IntakeError, MissingError, StoreError
from gis.intake import Reader, photos
from gis.settings import Settings
from gis.store import audit, evidence, open_store, studies
from gis.store.backup import backup, restore
from gis.store.checking import check
from gis.store.package import export_study, import_study
from gis.workflows.evidence import Place, add_evidence, places

WHO, STUDY = "Y Lan", "dak-to"


def jpeg(size=(60, 40), colour="white", exif=None, mark=None):
    """A JPEG; `mark` paints its upper left quarter."""
    image = Image.new("RGB", size, colour)
    if mark:
        image.paste(mark, (0, 0, size[0] // 2, size[1] // 2))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **({} if exif is None else {"exif": exif}))
    return buffer.getvalue()


def exif(*, lat=None, lon=None, sides=("N", "E"), taken=None, turned=None, error_m=None):
    tags = Image.Exif()
    if turned is not None:
        tags[photos.ORIENTATION] = turned
    if taken is not None:
        tags.get_ifd(photos.EXIF)[photos.TAKEN] = taken
    if lat is not None:
        place = tags.get_ifd(photos.GPS)
        place |= {1: sides[0], 2: lat, 3: sides[1], 4: lon}
        if error_m is not None:
            place[photos.ERROR_M] = error_m
    return tags


def png(width, height, rows=b""):
    """A PNG that declares a size, whatever stands in it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def office(*members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member in ("[Content_Types].xml", *members):
            archive.writestr(member, "<x/>")
    return buffer.getvalue()


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"


@pytest.fixture(scope="module")
def reader():
    with Reader(Settings(reader_pixels=1_000_000)) as opened:
        yield opened


@pytest.fixture
def look(reader, tmp_path):
    def look(content, name="tep"):
        (tmp_path / name).write_bytes(content)
        return reader.attachment(tmp_path / name)

    return look


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (jpeg(), "jpg"),
        (png(1, 1, b"\0\1\2\3"), "png"),
        (HEIC, "heic"),
        (PDF, "pdf"),
        (office("word/document.xml"), "docx"),
        (office("xl/workbook.xml"), "xlsx"),
    ],
    ids=["jpg", "png", "heic", "pdf", "docx", "xlsx"],
)
def test_the_content_tells_what_a_file_is(look, content, kind):
    found = look(content, "ten-gi-cung-duoc.svg")
    assert found.kind == kind
    assert (found.preview is not None) == (kind in ("jpg", "png")) == (found.about is not None)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "attachment-kind"),
        (b"<!doctype html><script>1</script>", "attachment-kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "attachment-old-office"),
        (office("word/document.xml", "word/vbaProject.bin"), "attachment-macros"),
        (office("word/document.xml", "xl/workbook.xml"), "attachment-kind"),
        (office("readme.txt"), "attachment-kind"),
        (b"PK\x03\x04 no archive", "attachment-damaged"),
        (PDF[:20], "attachment-damaged"),
        (jpeg()[:300], "attachment-damaged"),
        (b"\xff\xd8\xff\xe0 nothing more", "attachment-damaged"),
        (png(30_000, 30_000), "attachment-pixels"),
        (png(900, 900), "attachment-damaged"),
        (b"MZ\x90\0", "attachment-kind"),
        (b"", "intake-empty"),
    ],
)
def test_what_cannot_be_evidence_is_refused_in_one_sentence(look, content, code):
    with pytest.raises(IntakeError) as caught:
        look(content, "anh.jpg")
    assert [problem.code for problem in caught.value.problems] == [code]
    assert len(caught.value.say("vi").splitlines()) == 1 and "anh.jpg" in caught.value.say("vi")


def test_a_photo_with_a_page_behind_it_is_a_photo_and_its_preview_holds_nothing_of_the_page(look):
    page = b"<html><script>window.HIT=1</script>"
    found = look(jpeg(exif=exif(taken="2024:03:05 08:12:00")) + page)
    assert found.kind == "jpg" and b"script" not in found.preview
    assert Image.open(io.BytesIO(found.preview)).getexif() == {}


def test_time_place_and_size_are_read(look):
    tags = exif(lat=(14.0, 30.0, 36.0), lon=(107.0, 45.0, 0.0), taken="2024:03:05 08:12:00", error_m=12.5)
    found = look(jpeg((60, 40), exif=tags))
    assert found.about == {
        "width": 60,
        "height": 40,
        "taken": "2024-03-05T08:12:00",
        "lon": 107.75,
        "lat": 14.51,
        "accuracy_m": 12.5,
    }
    assert found.notes == ()


@pytest.mark.parametrize(
    ("told", "note"),
    [
        ({"lat": (0.0, 0.0, 0.0), "lon": (0.0, 0.0, 0.0)}, "attachment-place-zero"),
        ({"lat": (91.0, 0.0, 0.0), "lon": (107.0, 0.0, 0.0)}, "attachment-place-absurd"),
        ({"lat": (14.0, 75.0, 0.0), "lon": (107.0, 0.0, 0.0)}, "attachment-place-absurd"),
        ({"lat": (14.0, 0.0, 0.0), "lon": (207.0, 0.0, 0.0)}, "attachment-place-absurd"),
        ({"lat": (14.0, 0.0, 0.0), "lon": (107.0, 0.0, 0.0), "sides": ("", "E")}, "attachment-place-absurd"),
        ({"lat": (14.0, 0.0), "lon": (107.0, 0.0, 0.0)}, "attachment-place-absurd"),
        ({"taken": "1970:01:01 00:00:00"}, "attachment-time-absurd"),
        ({"taken": "9999:99:99 99:99:99"}, "attachment-time-absurd"),
    ],
)
def test_what_a_photo_says_that_cannot_be_is_told_and_not_used(look, told, note):
    found = look(jpeg(exif=exif(**told)))
    assert found.notes == (note,)
    assert (found.about["lon"], found.about["lat"], found.about["taken"]) == (None, None, None)


@pytest.mark.parametrize("cut", [30, 60, 90])
def test_a_broken_header_leaves_the_photo(look, cut):
    tags = exif(lat=(14.0, 30.0, 36.0), lon=(107.0, 45.0, 0.0), taken="2024:03:05 08:12:00").tobytes()
    found = look(jpeg(exif=tags[:cut] + b"\xff" * (len(tags) - cut)))
    assert found.kind == "jpg" and found.preview


def test_south_and_west_are_negative(look):
    found = look(jpeg(exif=exif(lat=(14.0, 0.0, 0.0), lon=(107.0, 0.0, 0.0), sides=("S", "W"))))
    assert (found.about["lon"], found.about["lat"]) == (-107.0, -14.0)


def test_a_preview_stands_upright_and_is_small(look):
    found = look(jpeg((400, 200), mark="red", exif=exif(turned=6)))
    assert (found.about["width"], found.about["height"]) == (400, 200)
    shown = Image.open(io.BytesIO(found.preview)).convert("RGB")
    # turned a quarter clockwise: what was above on the left is above on the right
    assert shown.size == (200, 400)
    red, green, _ = shown.getpixel((150, 50))
    assert red > 200 and green < 60
    assert min(shown.getpixel((50, 50))) > 200
    noise = Image.effect_noise((1000, 900), 120).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "JPEG", quality=95)
    assert len(buffer.getvalue()) > 300_000
    small = look(buffer.getvalue()).preview
    assert len(small) <= photos.PREVIEW_BYTES


@pytest.fixture
def store(tmp_path, records_url):
    opened = open_store(tmp_path / "store", records_url)
    with opened.writing(WHO) as change:
        studies.add_study(change, STUDY, {"title": "Đăk Tô", "criteria": "sdg-access"})
    yield opened
    opened.close()


def bring(store, reader, content, *, village="v1", name="ảnh.jpg", **more):
    return add_evidence(store, reader, STUDY, village, name, [content], who=WHO, limit_mb=1, **more)


def listed(store, **more):
    with store.reading() as connection:
        return evidence.listed(connection, STUDY, **more)


def test_the_original_is_kept_as_it_came_with_who_and_what_it_says(store, reader):
    content = jpeg(exif=exif(lat=(14.0, 30.0, 36.0), lon=(107.0, 45.0, 0.0)))
    added = bring(store, reader, content, criterion="road", year=2024, note=" đường  vào thôn ")
    (row,) = listed(store)
    assert added.is_new and row["id"] == added.number
    assert (row["file"], row["kind"], row["who"], row["note"]) == ("ảnh.jpg", "jpg", WHO, "đường vào thôn")
    assert (row["criterion"], row["year"], row["about"]["lat"]) == ("road", 2024, 14.51)
    assert store.files.path(row["content"], "evidence").read_bytes() == content
    assert store.files.path(row["preview"], "evidence").read_bytes().startswith(b"\xff\xd8\xff")
    assert check(store, deep=True) == ()


def test_the_same_content_is_noticed(store, reader):
    first = bring(store, reader, PDF, name="bb.pdf", year=2024)
    again = bring(store, reader, PDF, name="bien ban.pdf", year=2024)
    assert (again.number, again.is_new) == (first.number, False)
    other = bring(store, reader, PDF, village="v2", year=2024)
    assert other.is_new and [row["village_id"] for row in other.alike] == ["v1"]


def test_what_is_too_large_or_refused_leaves_nothing(store, reader):
    with pytest.raises(StoreError, match="limit of 1 MB"):
        bring(store, reader, PDF + b"x" * 1_000_001)
    with pytest.raises(IntakeError, match="tệp «lạ».jpg"):
        bring(store, reader, b"<svg/>", name="tệp «lạ».jpg")
    with pytest.raises(StoreError):
        bring(store, reader, b"")
    assert listed(store) == [] and list(store.files.all()) == []


def test_removal_is_logged_and_can_be_undone(store, reader):
    number = bring(store, reader, PDF).number
    with store.writing("A Blong") as change:
        evidence.remove(change, STUDY, number)
    assert listed(store) == [] and len(listed(store, deleted=True)) == 1
    with pytest.raises(MissingError), store.reading() as connection:
        evidence.get(connection, STUDY, number)
    with store.writing("A Blong") as change:
        evidence.remove(change, STUDY, number, undo=True)
    assert [row["id"] for row in listed(store)] == [number]
    with store.reading() as connection:
        done = [line["action"] for line in audit.history(connection, study_id=STUDY)]
    assert done[:3] == ["evidence-restored", "evidence-removed", "evidence-added"]


def test_backups_and_packages_bring_originals_and_previews(store, reader, tmp_path):
    bring(store, reader, jpeg(exif=exif(taken="2024:03:05 08:12:00")), year=2024)
    (row,) = listed(store)
    backup(store, tmp_path / "all.zip")
    restore(tmp_path / "all.zip", tmp_path / "back", who=WHO)
    export_study(store, STUDY, tmp_path / "one.zip")
    other = open_store(tmp_path / "other")
    import_study(other, tmp_path / "one.zip", who=WHO)
    for opened in (open_store(tmp_path / "back"), other):
        (there,) = listed(opened)
        assert {**there, "id": 0} == {**row, "id": 0}
        assert check(opened, deep=True) == ()
        opened.close()


CELL_M = 2000.0


@pytest.fixture
def study():
    """Two squares of 2 km beside each other, a village with a point only, one without anything; UTM 48N."""
    squares = [shapely.box(500_000 + x * CELL_M, 1_600_000, 502_000 + x * CELL_M, 1_602_000) for x in (0, 1)]
    points = [square.centroid for square in squares] + [shapely.Point(510_000, 1_601_000), None]
    frame = {"name": ["A", "B", "C", "D"], "point": points}
    index = ["va", "vb", "vc", "vd"]
    villages = gpd.GeoDataFrame(frame, index=index, geometry=[*squares, None, None], crs="EPSG:32648")
    return SimpleNamespace(villages=villages, crs=villages.crs)


def photo(number, village, x, y, *, year=None, taken=None, accuracy_m=None):
    point = gpd.GeoSeries([shapely.Point(x, y)], crs="EPSG:32648").to_crs(4326)[0]
    about = {"lon": point.x, "lat": point.y, "taken": taken, "accuracy_m": accuracy_m}
    return {"id": number, "village_id": village, "year": year, "about": about}


def test_a_photo_is_held_against_the_outline_of_its_village(study):
    rows = [
        photo(1, "va", 501_000, 1_601_000),
        photo(2, "va", 501_000, 1_602_400),
        photo(3, "va", 501_000, 1_602_600),
        photo(4, "va", 501_000, 1_602_600, accuracy_m=150),
        photo(5, "va", 503_000, 1_601_000),
        photo(6, "vc", 510_000, 1_602_900),
        photo(7, "vc", 510_000, 1_604_000),
        photo(8, "vd", 501_000, 1_601_000),
        photo(9, "va", 502_300, 1_601_000),
    ]
    found = places(study, rows)
    told = {
        number: (place.word, round(place.distance_m), place.other)
        for number, place in found.items()
        if place.distance_m is not None
    }
    assert told == {
        1: ("inside", 0, None),
        2: ("near", 400, None),
        3: ("away", 600, None),
        4: ("near", 600, None),
        5: ("away", 1000, "vb"),
        6: ("near", 1900, None),
        7: ("away", 3000, None),
        9: ("near", 300, "vb"),
    }
    assert found[6].from_point and not found[2].from_point
    assert found[8] == Place("unknown", other="va")


@pytest.mark.parametrize(
    ("taken", "year", "word"),
    [
        ("2024-03-05T08:12:00", 2024, "same"),
        ("2021-12-31T23:59:59", 2024, "earlier"),
        ("2025-01-01T00:00:00", 2024, "later"),
        ("2025-01-01T00:00:00", None, None),
        (None, 2024, None),
    ],
)
def test_the_year_of_a_photo_is_held_against_the_year_it_stands_for(study, taken, year, word):
    found = places(study, [photo(1, "va", 501_000, 1_601_000, year=year, taken=taken)])
    assert found[1].year == word


def test_documents_have_no_place(study):
    assert places(study, [{"id": 1, "village_id": "va", "year": 2024, "about": None}]) == {}
