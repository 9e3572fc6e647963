"""Base maps of the office's own: what their files give, and that hostile ones give one sentence."""

import gzip
import sqlite3
import time

import pytest

from gis.basemaps import find_base_maps, kind_of_picture
from gis.basemaps.pmtiles import tile_id
from gis.basemaps.tiles import words
from tests.tiles import BLUE, RED, pmtiles_directory, png, write_mbtiles, write_pmtiles

TILE = (12, 3275, 1877)
MARKUP = '<a href="https://example.org">© Sở</a> <script>x</script>{{7*7}}'


def only(folder):
    (one,) = find_base_maps(folder)
    return one


def test_an_mbtiles_file_gives_its_tiles_counted_from_the_north(tmp_path):
    write_mbtiles(
        tmp_path / "Ảnh vệ tinh.mbtiles",
        {TILE: png(RED), (12, 3276, 1877): png(BLUE)},
        name="Ảnh vệ tinh",
        attribution=MARKUP,
        minzoom="8",
        maxzoom="12",
        bounds="107,14,108,15",
    )
    one = only(tmp_path)
    assert one.problem is None and one.id == "anh-ve-tinh"
    assert (one.about.least, one.about.most, one.about.bounds) == (8, 12, (107.0, 14.0, 108.0, 15.0))
    assert one.tile(*TILE) == png(RED) and one.tile(12, 3276, 1877) == png(BLUE)
    assert one.tile(12, 0, 0) is None


def test_a_view_over_shared_pictures_is_read_as_the_table_it_stands_for(tmp_path):
    # as several programs write it: one picture of the sea for thousands of places
    script = """
        alter table tiles rename to kept;
        create view tiles as select zoom_level, tile_column, tile_row, tile_data from kept;
    """
    write_mbtiles(tmp_path / "a.mbtiles", {TILE: png(RED)}, script=script)
    one = only(tmp_path)
    assert one.tile(*TILE) == png(RED)
    assert (one.about.least, one.about.most) == (12, 12)


@pytest.mark.parametrize("leaf", [False, True])
@pytest.mark.parametrize("packing", [1, 2])
def test_a_pmtiles_file_gives_its_tiles(tmp_path, leaf, packing):
    tiles = {tile_id(*TILE): png(RED), tile_id(12, 3276, 1877): png(BLUE)}
    write_pmtiles(
        tmp_path / "nen.pmtiles",
        tiles,
        leaf=leaf,
        packing=packing,
        told={"name": "Nền", "attribution": MARKUP},
    )
    one = only(tmp_path)
    assert one.problem is None and one.about.title == "Nền"
    assert one.tile(*TILE) == png(RED) and one.tile(12, 3276, 1877) == png(BLUE)
    assert one.tile(12, 3277, 1877) is None
    assert one.about.bounds == (107.0, 14.0, 108.0, 15.0)


def test_places_along_the_curve_are_those_of_the_format():
    # the four tiles of level 1 and one that the format's own text gives
    assert [tile_id(1, *each) for each in ((0, 0), (0, 1), (1, 1), (1, 0))] == [1, 2, 3, 4]
    assert tile_id(2, 0, 0) == 5 and tile_id(12, 3423, 1763) == 19078479
    found = {tile_id(5, x, y) for x in range(32) for y in range(32)}
    assert found == set(range(tile_id(5, 0, 0), tile_id(6, 0, 0)))


def test_a_run_of_one_picture_stands_for_all_its_tiles(tmp_path):
    sea = png(BLUE)
    root = pmtiles_directory([(1, 4, len(sea), 0)])
    write_pmtiles(tmp_path / "a.pmtiles", {1: sea}, packing=1, root=root)
    one = only(tmp_path)
    assert all(one.tile(1, x, y) == sea for x in (0, 1) for y in (0, 1)) and one.tile(0, 0, 0) is None


def test_credits_are_words_and_never_markup():
    assert words(MARKUP) == "© Sở x {{7*7}}"
    assert words("a\u202eb\0c" + "x" * 900).startswith("abcx") and len(words("y" * 900)) == 300
    assert words(None) == ""


HOSTILE_SQL = {
    "basemap-damaged": [
        "drop table tiles;",
        # endless by recursion: not begun with
        "drop table tiles; create view tiles as with recursive n(i) as (select 1 union all select i + 1 from n) "
        "select i as zoom_level, i as tile_column, i as tile_row, x'89504e470d0a1a0a' as tile_data from n;",
        # a value of gigabytes by a function: not called
        "drop table tiles; create view tiles as select 0 zoom_level, 0 tile_column, 0 tile_row, "
        "zeroblob(900000000) tile_data;",
    ],
    "basemap-slow": [
        "create table many(i int); insert into many with recursive n(i) as (select 1 union all select i + 1 from n "
        "where i < 2000) select i from n; drop table tiles; create view tiles as select a.i zoom_level, b.i "
        "tile_column, c.i tile_row, x'89504e470d0a1a0a' tile_data from many a, many b, many c where a.i + b.i + c.i < 0;",
    ],
    "basemap-empty": ["delete from tiles;"],
    "basemap-vector": ["update tiles set tile_data = x'1f8b0800';", "update tiles set tile_data = 'text';"],
    "basemap-levels": ["insert into metadata values ('minzoom', '-3'), ('maxzoom', '1e9');"],
    "basemap-bounds": [
        "insert into metadata values ('bounds', '108,14,107,15');",
        "insert into metadata values ('bounds', 'nan,nan,inf,1');",
    ],
}


@pytest.mark.parametrize(
    ("code", "script"), [(code, each) for code, all in HOSTILE_SQL.items() for each in all]
)
def test_a_hostile_mbtiles_file_is_one_sentence_within_two_seconds(tmp_path, code, script):
    write_mbtiles(tmp_path / "x.mbtiles", {TILE: png(RED)}, script=script)
    begun = time.monotonic()
    one = only(tmp_path)
    assert time.monotonic() - begun < 10
    assert one.problem.code == code and one.tile is None
    assert all("x.mbtiles" in one.problem.say(language) for language in ("vi", "en"))


def test_opening_an_mbtiles_file_writes_nothing_and_attaches_nothing(tmp_path):
    other = tmp_path / "other.db"
    sqlite3.connect(other).close()
    path = write_mbtiles(
        tmp_path / "x.mbtiles",
        {TILE: png(RED)},
        script="create table log(x);",
    )
    before = path.read_bytes()
    assert only(tmp_path).tile(*TILE) == png(RED)
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["other.db", "x.mbtiles"]


CUT = {"root": b"\x1f\x8b\x08\x00", "packing": 2}
HOSTILE_PMTILES = [
    ("basemap-pmtiles-version", {"version": 2}),
    ("basemap-vector", {"kind": 1}),
    ("basemap-packing", {"packing": 3}),
    ("basemap-damaged", {"places": [127, 10**15, 127, 1, 127, 1, 127, 1]}),
    ("basemap-damaged", {"places": [2**63, 2**63, 127, 1, 127, 1, 127, 1]}),
    ("basemap-damaged", CUT),
    ("basemap-damaged", {"root": b"\xff" * 64, "packing": 1}),
    ("basemap-damaged", {"root": b"\xfe\xff\xff\xff\x0f\x01", "packing": 1}),
    ("basemap-damaged", {"about": b"[" * 100_000, "packing": 1}),
    ("basemap-damaged", {"about": b"\xff\xfe", "packing": 1}),
    ("basemap-levels", {"levels": (9, 3)}),
    ("basemap-levels", {"levels": (0, 99)}),
]


@pytest.mark.parametrize(("code", "parts"), HOSTILE_PMTILES)
def test_a_hostile_pmtiles_file_is_one_sentence(tmp_path, code, parts):
    write_pmtiles(tmp_path / "x.pmtiles", {0: png(RED)}, **parts)
    assert only(tmp_path).problem.code == code


def test_a_bomb_and_a_circle_of_directories_end(tmp_path):
    write_pmtiles(tmp_path / "bomb.pmtiles", {0: png(RED)}, root=gzip.compress(b"\0" * 60_000_000))
    circle = pmtiles_directory([(0, 0, 5, 0)])
    write_pmtiles(tmp_path / "circle.pmtiles", {0: png(RED)}, packing=1, root=circle, leaves=circle)
    wide = pmtiles_directory([(0, 1, 2**40, 0)])
    write_pmtiles(tmp_path / "wide.pmtiles", {0: png(RED)}, packing=1, root=wide)
    bomb, turning, beyond = find_base_maps(tmp_path)
    assert bomb.problem.code == "basemap-damaged"
    assert turning.tile(0, 0, 0) is None and beyond.tile(0, 0, 0) is None


@pytest.mark.parametrize("packing", [1, 2])
def test_a_directory_of_very_many_entries_holds_nobody_up(tmp_path, packing):
    count = 900_000
    many = bytes([count & 127 | 128, count >> 7 & 127 | 128, count >> 14]) + b"\1" * (4 * count)
    write_pmtiles(
        tmp_path / "many.pmtiles",
        {0: png(RED)},
        packing=packing,
        root=gzip.compress(many) if packing == 2 else many,
    )
    begun = time.process_time()
    assert only(tmp_path).problem.code == "basemap-damaged"
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("suffix", ["mbtiles", "pmtiles"])
def test_a_file_that_is_cut_anywhere_or_flipped_never_raises(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    tiles = {TILE: png(RED)}
    if suffix == "mbtiles":
        write_mbtiles(path, tiles, name="x")
    else:
        write_pmtiles(path, {tile_id(*TILE): png(RED)}, leaf=True)
    whole = path.read_bytes()
    step = max(1, len(whole) // 60)
    for at in range(0, len(whole), step):
        for data in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            path.write_bytes(data)
            one = only(tmp_path)
            if one.tile is not None:
                found = one.tile(*TILE)
                assert found is None or isinstance(found, bytes)


def test_a_folder_that_is_not_there_has_no_maps_and_a_changed_file_is_read_anew(tmp_path):
    assert find_base_maps(tmp_path / "none") == ()
    path = write_mbtiles(tmp_path / "x.mbtiles", {TILE: png(RED)})
    first = find_base_maps(tmp_path)
    assert find_base_maps(tmp_path, first)[0] is first[0]
    path.unlink()
    write_mbtiles(path, {TILE: png(BLUE), (12, 1, 1): png(RED)}, name="longer than before " * 300)
    second = find_base_maps(tmp_path, first)
    assert second[0].mark != first[0].mark and second[0].tile(*TILE) == png(BLUE)


def test_two_files_of_one_name_have_an_id_each(tmp_path):
    write_mbtiles(tmp_path / "Nền.mbtiles", {TILE: png(RED)})
    write_pmtiles(tmp_path / "nen.pmtiles", {0: png(RED)})
    (tmp_path / "folder.mbtiles").mkdir()
    (tmp_path / "note.txt").write_text("x")
    assert [one.id for one in find_base_maps(tmp_path)] == ["nen", "nen-2"]


def test_pictures_are_known_by_their_first_bytes():
    assert kind_of_picture(png(RED)) == "image/png"
    assert kind_of_picture(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert kind_of_picture(b"RIFF1234WEBPVP8 ") == "image/webp"
    assert kind_of_picture(b"<svg onload=alert(1)>") is None
