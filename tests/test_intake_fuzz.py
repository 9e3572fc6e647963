"""Mutated files of every format: each ends in a layer or in a sentence, and nothing is fetched."""

import random

import geopandas
import numpy as np
import pytest
from shapely.geometry import Polygon

from foreign import GPX, KML, dot, drawing, extract, label, polyline, write
from gis.errors import IntakeError
from gis.intake import Reader
from gis.intake.reports import FileReport, Foreign, RasterData, Sheets
from gis.settings import Settings
from test_intake_hostile import Listener, cell, raster, workbook, zip_with

OSM = [{"from": ["points", "lines"], "tags": {"highway": ["*"]}, "fields": {"name": ["name"]}}]


def seeds(folder):
    """One small honest file of every format as (kind, file to mutate, file to read, options)."""
    squares = [Polygon([(x, 0), (x + 1, 0), (x + 1, 1)]) for x in range(4)]
    columns = {"ten": ["Thôn 1", "Bản 2", None, "x"], "v": [1, 2, 3, 4]}
    frame = geopandas.GeoDataFrame(columns, geometry=squares, crs=4326)
    alone = [
        write(folder / f"a{suffix}", frame) for suffix in (".gpkg", ".geojson", ".fgb", ".parquet", ".kml")
    ]
    for name, text in (
        ("b.kml", KML.format(address="x")),
        ("a.gpx", GPX),
        ("a.dxf", drawing(polyline((0, 0), (1, 0), (1, 1), closed=True), label(0.9, 0.5, "A"), dot(1, 2))),
        ("a.csv", 'ten,Vĩ độ,Kinh độ\nA,14°30\'B,"108,25"\nB,14.6,108.5\n'),
        ("b.csv", "ten;wkt\nA;POINT (108 14)\nB;LINESTRING (1 2, 3 4)\n"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        alone.append(folder / name)
    shape = write(folder / "parts" / "a.shp", frame, encoding="UTF-8")
    alone.append(
        zip_with(folder / "a.zip", [(p.name, p.read_bytes()) for p in sorted(shape.parent.iterdir())])
    )
    workbook(folder / "a.xlsx", f"<sheetData>{cell('A1')}{cell('B2')}</sheetData>")
    raster(folder / "a.tif", np.arange(64, dtype="int16").reshape(8, 8), compress="deflate")
    nodes = [(1, 108, 14, {}), (2, 109, 14, {"highway": "crossing", "name": "Ngã ba"})]
    osm = extract(folder / "a.osm.pbf", nodes, [(3, [1, 2], {"highway": "track"})])
    found = [
        ("vector", path, path, {"layer": "waypoints"} if path.suffix == ".gpx" else {}) for path in alone
    ]
    found += [
        ("table", folder / "a.xlsx", folder / "a.xlsx", {}),
        ("raster", folder / "a.tif", folder / "a.tif", {}),
    ]
    found.append(("vector", osm, osm, {"osm": OSM}))
    tab, mif = write(folder / "tab" / "a.tab", frame), write(folder / "mif" / "a.mif", frame)
    for main, parts in ((shape, ".shp .shx .dbf .prj"), (tab, ".tab .dat .map .id"), (mif, ".mif .mid")):
        found += [("vector", main.with_suffix(part), main, {}) for part in parts.split()]
    return found


def mutated(octets, chance):
    octets = bytearray(octets)
    for _ in range(chance.choice((1, 4, 40))):
        if not octets:
            break
        place = chance.randrange(min(len(octets), chance.choice((200, len(octets)))))
        action = chance.randrange(4)
        if action == 0:
            octets[place] ^= 1 << chance.randrange(8)
        elif action == 1:
            octets[place : place + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"))
        elif action == 2:
            octets[place : place + chance.randrange(1, 50)] = b""
        else:
            octets[place:place] = octets[place : place + chance.randrange(1, 50)]
    return bytes(octets)


def read_mutated(folder, count, seed):
    """Read `count` mutated files; how many still were a layer, by format."""
    chance, listener, read = random.Random(seed), Listener(), {}
    files = seeds(folder)
    whole = {path: path.read_bytes() for _, path, _, _ in files}
    with Reader(Settings(reader_namespace=False, reader_seconds=10, reader_memory_mb=1024)) as reader:
        for number in range(count):
            kind, path, target, options = files[number % len(files)]
            path.write_bytes(mutated(whole[path], chance))
            try:
                found = getattr(reader, kind)(target, **options)
            except IntakeError as error:
                for language in ("vi", "en"):
                    assert error.say(language) and error.code not in error.say(language)
            else:
                read[path.name] = read.get(path.name, 0) + 1
                assert isinstance(found, Foreign | Sheets | RasterData)
                assert isinstance(found.report, FileReport)
                if kind == "vector":
                    assert len(found.frame) == found.report.rows_out
            path.write_bytes(whole[path])
        for kind, _, target, options in files:
            assert getattr(reader, kind)(target, **options).report.rows_in
    requests = listener.requests
    listener.close()
    assert requests == []
    return read


def test_mutated_files_end_in_a_layer_or_a_sentence(tmp_path):
    assert len(read_mutated(tmp_path, 300, 20261123)) > 15


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_ten_thousand_mutated_files_end_in_a_layer_or_a_sentence(tmp_path, seed):
    assert len(read_mutated(tmp_path, 1000, seed)) > 15
