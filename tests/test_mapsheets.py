"""Printed maps: true to scale, counts as the findings have them, every text as it was given, the same bytes again."""

import ctypes
import dataclasses
import io
import math
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pypdfium2
import pytest
import shapely
from reportlab.pdfgen.canvas import Canvas

import tiny
from gis.errors import PaperError
from gis.sheets.fonts import drawable, register
from gis.sheets.mapsheets import Ask, atlas, map_sheet, shading
from gis.sheets.mapsheets.frame import Frame, bar_length, degree_text, draw_bar, fit, round_scale, ticks
from gis.sheets.mapsheets.labels import RADIUS, Room, draw_names, draw_seals
from gis.sheets.mapsheets.looks import LOOKS, paint
from gis.sheets.mapsheets.overlays import draw_places, overlays
from test_measure import layer
from test_sheets import HOSTILE, flat, pages_of
from tests import fakes_web

A4, A3 = (841.89, 595.28), (1190.55, 841.89)


@pytest.fixture(scope="module")
def review():
    return fakes_web.build_review(names=HOSTILE)


@pytest.fixture(scope="module")
def plain():
    return fakes_web.build_review()


def document(content):
    return pypdfium2.PdfDocument(content)


def boxes_of(content):
    """Left, bottom, right and top of everything that is drawn as lines or fills on the first page."""
    found = document(content)
    try:
        return [one.get_bounds() for one in found[0].get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_PATH,))]
    finally:
        found.close()


@pytest.mark.parametrize("size", ["a4", "a3"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_map_is_one_page_across_that_says_all_a_map_must_say(plain, size, language):
    content = map_sheet(plain, Ask(size=size, date="2026-11-26"), language)
    found = document(content)
    assert len(found) == 1 and found[0].get_size() == pytest.approx({"a4": A4, "a3": A3}[size], abs=0.1)
    assert found.get_metadata_dict()["Title"] in pages_of(content)[0].replace("\r\n", " ")
    assert f"/Lang ({language})".encode() in content
    text = flat(pages_of(content)[0])
    said = {
        "vi": (
            "Huyện minh họa",
            "MINH HỌA",
            "Tỷ lệ 1:",
            "SỐ THỬ NGHIỆM",
            "Đăk Tô",
            "26/11/2026",
            "′ B",
            "′ Đ",
        ),
        "en": ("Illustrative district", "ILLUSTRATION", "Scale 1:", "TRIAL FIGURES", "Đăk Tô", "′ N", "′ E"),
    }
    for words in (
        *said[language],
        plain.run.id,
        plain.criteria.edition if language == "en" else "147/QĐ-UBND",
    ):
        assert flat(words) in text, words


def test_the_same_map_gives_the_same_bytes_and_embeds_its_letters(plain):
    first, again = (map_sheet(plain, Ask(layers=()), "vi") for _ in range(2))
    assert first == again
    assert b"Helvetica" not in first and b"/FontFile2" in first


def test_a_kilometre_is_as_long_on_paper_as_the_scale_says():
    frame = Frame(0, 0, 600, 400, 1000.0, 2000.0, 50_000)
    (x0, y0), (x1, y1) = frame.place([(1000, 2000), (2000, 2000)])
    # 1 km at 1:50,000 is 2 cm
    assert (x1 - x0) / 72 * 2.54 == pytest.approx(2.0) and y0 == y1 == 200
    # in a page whose unit is 1.25 points it is 2 cm as well
    larger = dataclasses.replace(frame, unit=1.25)
    (x0, _), (x1, _) = larger.place([(0, 0), (1000, 0)])
    assert (x1 - x0) * 1.25 / 72 * 2.54 == pytest.approx(2.0)


def test_the_scale_bar_is_as_long_as_its_figure_says():
    register()
    frame = Frame(0, 0, 600, 400, 0.0, 0.0, 50_000)
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(300, 100), invariant=1)
    draw_bar(canvas, frame, 20, 40, 166, "vi")
    canvas.showPage()
    canvas.save()
    boxes = boxes_of(target.getvalue())
    metres = bar_length(frame, 140)
    # 140 points at 1:50,000 are 2,469 m, so the bar is of 2 km: 4 cm
    assert metres == 2000
    # from the left edge of the first of four equal parts to that of the last are three of them
    edges = sorted(left for left, *_ in boxes)
    long = (edges[-1] - edges[0]) * 4 / 3
    assert long / 72 * 2.54 == pytest.approx(4.0, abs=0.02)
    assert flat("0 1 2 km") in flat(pages_of(target.getvalue())[0]).replace("Tỷlệ1:50.000", "")


def test_villages_lie_on_the_page_where_their_coordinates_say(plain):
    """The grid of the study is 2 km wide: on the page its cells are as wide as the scale says."""
    content = map_sheet(plain, Ask(show="communes"), "en")
    text = pages_of(content)[0]
    figure = text[text.index("Scale 1:") + 8 :].split()[0].replace(",", "")
    cell = 5 * 2000 / int(figure) / 0.0254 * 72
    wide = [right - left for left, _, right, _ in boxes_of(content)]
    assert any(one == pytest.approx(cell, abs=1.2) for one in wide)


@pytest.mark.parametrize(
    ("least", "chosen"),
    [(41_000, 45_000), (50_000, 50_000), (50_001, 60_000), (9_500, 10_000), (999, 1000), (205_000, 220_000)],
)
def test_the_scale_is_rounded_up_to_a_figure_people_reckon_with(least, chosen):
    assert round_scale(least) == pytest.approx(chosen)


def test_all_that_is_asked_for_lies_inside_the_frame_and_a_point_does_not_fill_it():
    frame = fit((0, 0, 30_000, 10_000), 10, 20, 600, 400)
    assert frame.box.covers(shapely.box(0, 0, 30_000, 10_000))
    point = fit((5, 5, 5, 5), 0, 0, 600, 400)
    west, _, east, _ = point.ground
    assert east - west >= 1500 and math.isfinite(point.scale)


def test_degrees_stand_where_they_are(plain):
    crs = plain.study.crs
    frame = fit((180_000, 1_620_000, 190_000, 1_632_000), 0, 0, 600, 400)
    found = list(ticks(frame, crs))
    assert {axis for axis, *_ in found} == {"lon", "lat"}
    for axis, side, degrees, at in found:
        across = at / frame.scale + (frame.ground[0] if axis == "lon" else frame.ground[1])
        other = frame.ground[(1, 3)[side] if axis == "lon" else (0, 2)[side]]
        place = shapely.Point(across, other) if axis == "lon" else shapely.Point(other, across)
        (point,) = gpd.GeoSeries([place], crs=crs).to_crs(4326)
        assert (point.x if axis == "lon" else point.y) == pytest.approx(degrees, abs=2e-5)
    assert (
        degree_text(107.5, "lon", "vi") == "107°30′ Đ" and degree_text(-1 / 3600, "lat", "en") == "0°00′01″ S"
    )


def test_the_counts_of_the_legend_are_those_of_the_findings(plain):
    table = plain.villages_table
    missed = shading.by_missed(plain, table, "all", "vi")
    counts = {one.name: one.count for one in missed.classes}
    assert sum(counts.values()) == len(table) == missed.count
    for status in ("met", "unknown", "exempt"):
        assert counts[status] == (table["status"] == status).sum()
    steps = [one.count for one in missed.classes if one.name.startswith("missed")]
    assert sum(steps) == (table["status"] == "unmet").sum()
    for criterion in plain.criteria.criteria:
        one = shading.by_criterion(plain, table, criterion.id, "vi")
        assert {each.name: each.count for each in one.classes} == {
            status: plain.by_criterion.at[criterion.id, status]
            for status in ("met", "unmet", "unknown", "exempt")
        }
        words = flat(pages_of(map_sheet(plain, Ask(criterion=criterion.id), "vi"))[0])
        assert flat(criterion.label.pick("vi")) in words


def test_a_commune_nobody_has_judged_is_unknown_and_no_zero(plain):
    table = plain.villages_table.copy()
    table.loc[table["commune_id"] == "24002", "status"] = "unknown"
    table.loc[table["commune_id"] == "24003", "status"] = "unmet"
    table.loc[table["commune_id"] == "24001", "status"] = "met"
    found = shading.by_commune(plain, table, "all", None, "vi")
    assert found.of == {"24001": "share4", "24002": "unknown", "24003": "share0"}
    assert found.marks["24003"] == "0/10"
    assert [shading._share_class(met, 4) for met in range(5)] == [f"share{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("most", "steps"),
    [
        (0, [(1, 1)]),
        (3, [(1, 1), (2, 2), (3, 3)]),
        (6, [(1, 1), (2, 3), (4, 5), (6, 6)]),
        (11, [(1, 2), (3, 4), (5, 7), (8, 11)]),
    ],
)
def test_the_steps_are_those_of_the_page(most, steps):
    assert [(low, high) for low, high, _ in shading.steps(most)] == steps


def test_hostile_names_are_written_as_they_are(review):
    placed = review.study.villages.index[review.study.villages["point"].notna()]
    written = 0
    for commune in review.communes.index:
        text = flat(pages_of(map_sheet(review, Ask(commune=commune, size="a3"), "vi"))[0])
        named = review.select(commune=commune)["name"]
        for name in named[named.index.isin(placed)]:
            if name in HOSTILE and len(name) < 30:
                assert flat(drawable(name)) in text, name
                written += 1
    assert written >= 8


def test_names_and_signs_never_lie_over_one_another():
    register()
    frame = Frame(0, 0, 200, 100, 0.0, 0.0, 1000)
    room = Room(frame)
    canvas = Canvas(io.BytesIO(), pagesize=(200, 100))
    places = {str(number): (20.0 + 7 * number, 50.0) for number in range(20)}
    draw_seals(canvas, room, places, dict.fromkeys(places, "?"), {})
    draw_names(canvas, room, places, {id_: f"Thôn {id_}" for id_ in places}, "village")
    taken = [shapely.box(*box) for box in room._taken[: room._count]]
    assert len(taken) > 10
    for at, one in enumerate(taken):
        assert all(one.intersection(other).area < 1e-6 for other in taken[at + 1 :])
        assert shapely.box(0, 0, 200, 100).covers(one)


def test_a_sign_stays_in_its_village():
    register()
    room = Room(Frame(0, 0, 200, 100, 0.0, 0.0, 1000))
    room.take((40, 40, 60, 60))
    inside = shapely.box(35, 35, 85, 65)
    at = room.near(50, 50, RADIUS, within=inside)
    assert at is None or inside.covers(shapely.Point(at))
    assert room.near(50, 50, RADIUS, within=shapely.box(45, 45, 55, 55)) is None


def test_a_hole_in_a_village_stays_open_and_its_pattern_ends_at_its_border():
    outer = shapely.box(20, 20, 80, 80).difference(shapely.box(40, 40, 60, 60))
    shape = shapely.orient_polygons(outer)
    rings = [shapely.get_coordinates(ring) for ring in (shape.exterior, *shape.interiors)]
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(100, 100), invariant=1)
    paint(canvas, rings, (), LOOKS["unknown"])
    canvas.showPage()
    canvas.save()
    found = document(target.getvalue())
    picture = np.asarray(found[0].render(scale=4).to_pil().convert("L"))
    found.close()
    assert (picture[200 - 30 : 200 + 30, 200 - 30 : 200 + 30] == 255).all()
    assert (picture[:70] == 255).all() and picture[100:300, 90:150].min() < 160


def test_every_class_is_told_apart_without_colours():
    """In greys no two classes of one map look alike: they differ in shade or in pattern."""
    families = [
        ("met", "missed1", "missed2", "missed3", "missed4", "unknown", "exempt"),
        ("met", "unmet", "unknown", "exempt"),
        ("share0", "share1", "share2", "share3", "share4", "unknown"),
    ]
    square = np.array([(0, 0), (60, 0), (60, 60), (0, 60), (0, 0)], dtype=float)
    seen = {}
    for name in dict.fromkeys(name for family in families for name in family):
        target = io.BytesIO()
        canvas = Canvas(target, pagesize=(60, 60), invariant=1)
        paint(canvas, [square], (), LOOKS[name])
        canvas.showPage()
        canvas.save()
        found = document(target.getvalue())
        grey = np.asarray(found[0].render(scale=2).to_pil().convert("L")).astype(float)
        found.close()
        seen[name] = (grey.mean(), grey.std())
    for family in families:
        for at, one in enumerate(family):
            for other in family[at + 1 :]:
                shade, pattern = (abs(a - b) for a, b in zip(seen[one], seen[other], strict=True))
                assert shade > 22 or pattern > 9, (one, other, seen[one], seen[other])


def test_villages_without_outlines_are_points_and_those_without_a_place_are_counted(plain):
    bare = plain.study.villages.copy()
    bare["geometry"] = None
    communes = plain.study.communes.copy()
    communes["geometry"] = None
    study = SimpleNamespace(**{**vars(plain.study), "villages": bare, "communes": communes})
    points = dataclasses.replace(plain, study=study)
    text = flat(pages_of(map_sheet(points, Ask(), "vi"))[0])
    # the first village of the grid has no place at all
    assert flat("có 1 đơn vị chưa có vị trí") in text and flat("Măng Đen") in text
    assert map_sheet(points, Ask(show="communes"), "vi").startswith(b"%PDF")


def test_what_lies_outside_of_the_part_that_is_seen_is_counted(plain):
    west, south, east, north = gpd.GeoSeries(plain.study.villages.geometry).to_crs(4326).total_bounds
    middle = (west + (east - west) * 0.4, south + (north - south) * 0.4, east, north)
    text = flat(pages_of(map_sheet(plain, Ask(extent=middle), "vi"))[0])
    assert flat("nằm ngoài khung bản đồ") in text
    everything = (west - 1, south - 1, east + 1, north + 1)
    assert map_sheet(plain, Ask(extent=everything), "vi") == map_sheet(plain, Ask(), "vi")


def test_an_atlas_has_a_page_for_each_commune_after_the_overview(plain):
    told = []
    content = atlas(
        plain, Ask(), "vi", report=lambda fraction, code, **arguments: told.append((fraction, code))
    )
    pages = pages_of(content)
    assert len(pages) == 4 and "Trang 4/4" in " ".join(pages[3].split())
    for name, page in zip(("Đăk Tô", "Măng Đen", "Ngọc Linh"), pages[1:], strict=True):
        assert flat(f"{name}:") in flat(page)
    assert told[-1] == (1.0, "mapsheet-drawing") and len(told) == 4
    found = document(content)
    assert len(list(found.get_toc())) == 4
    found.close()


def test_an_atlas_that_is_stopped_ends_with_the_page_it_is_at(plain):
    def report(fraction, code, **arguments):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        atlas(plain, Ask(), "vi", report=report)


@pytest.fixture(scope="module")
def layered(plain):
    """The grid with two schools in one place and one further east, a road through it and one far away."""
    x, y = fakes_web.ORIGIN
    schools = tiny.facilities((x + 3000, y + 3000), (x + 3000, y + 3000), (x + 9000, y + 9000)).set_crs(
        fakes_web.CRS, allow_override=True
    )
    lines = [shapely.LineString([(x, y), (x + 10_000, y + 12_000)]), shapely.LineString([(0, 0), (9, 9)])]
    roads = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=lines, index=["r0", "r1"], crs=fakes_web.CRS)
    layers = {"roads": layer("roads", roads), "schools": layer("schools", schools)}
    return dataclasses.replace(plain, study=SimpleNamespace(**{**vars(plain.study), "layers": layers}))


@pytest.mark.parametrize(
    ("language", "words"), [("vi", ("Đường giao thông1", "Trường học3")), ("en", ("Roads1",))]
)
def test_layers_are_drawn_and_counted_within_the_frame(layered, language, words):
    text = flat(pages_of(map_sheet(layered, Ask(layers=("schools", "roads")), language))[0])
    for one in words:
        assert flat(one) in text, text
    # the letter of each school is seen, also of those in one place
    assert text.count("T") >= 3


def test_two_facilities_in_one_place_stand_beside_one_another(layered):
    frame = fit(layered.study.villages.total_bounds, 0, 0, 600, 440)
    (laid,) = overlays(layered, frame, ("schools",), "vi")
    assert laid.count == 3 and laid.pieces[0] == laid.pieces[1]
    room, canvas = Room(frame), Canvas(io.BytesIO(), pagesize=(600, 440))
    register()
    draw_places(canvas, room, [laid])
    boxes = [shapely.box(*box) for box in room._taken[: room._count]]
    assert len(boxes) == 3 and boxes[0].intersection(boxes[1]).area < 1e-6


def test_what_cannot_be_printed_is_said_in_one_sentence(plain):
    for ask in (
        Ask(criterion="nope"), Ask(size="a0"), Ask(show="cows"), Ask(part="half"), Ask(commune="x9"), Ask(layers=("nope",)),
    ):  # fmt: skip
        with pytest.raises(PaperError) as fault:
            map_sheet(plain, ask, "vi")
        assert len(fault.value.say("vi")) > 20
    nowhere = plain.study.villages.copy()
    nowhere["geometry"], nowhere["point"] = None, None
    bare = dataclasses.replace(plain, study=SimpleNamespace(**{**vars(plain.study), "villages": nowhere}))
    with pytest.raises(PaperError, match="(?i)vị trí|place"):
        map_sheet(bare, Ask(), "vi")


def test_no_letter_on_a_map_is_smaller_than_two_millimetres_on_paper(plain):
    found = document(map_sheet(plain, Ask(), "vi"))
    sizes = []
    for piece in found[0].get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_TEXT,)):
        size = ctypes.c_float()
        pypdfium2.raw.FPDFTextObj_GetFontSize(piece, size)
        sizes.append(size.value * math.hypot(piece.get_matrix().a, piece.get_matrix().b))
    found.close()
    assert min(sizes) >= 5.5
