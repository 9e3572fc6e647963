"""The reading door with hostile files of the formats of map programs: nothing is fetched or read besides.

As in `test_intake_hostile` the reader runs without its network namespace, so that a request would be seen.
"""

import json
import time

import geopandas
import pyarrow as pa
import pyarrow.parquet
import pytest
from shapely.geometry import Point

from foreign import GPX, KML, codes, dot, drawing, extract, villages, write
from gis.errors import IntakeError
from gis.intake import Reader
from gis.settings import Settings
from test_intake_hostile import CANARY, Listener, refused, run_sql, zip_with


@pytest.fixture(scope="module")
def listener():
    listener = Listener()
    yield listener
    assert listener.requests == []
    listener.close()


@pytest.fixture
def canary(tmp_path):
    """A layer of another project beside the file, in every form a table can point to."""
    folder = tmp_path / "other"
    frame = geopandas.GeoDataFrame({"name": [CANARY]}, geometry=[Point(1, 2)], crs=4326)
    for suffix in (".tab", ".mif", ".shp"):
        write(folder / f"secret{suffix}", frame)
    return folder


@pytest.fixture(scope="module")
def reader():
    with Reader(Settings(reader_namespace=False, reader_seconds=30)) as reader:
        yield reader


def nowhere(found):
    """The layer holds nothing of the other project."""
    assert CANARY not in found.frame.to_string()
    return found


# KML, GPX and other XML (facts 5 and 6, cases 5 and 6)


DOCTYPES = (
    '<!DOCTYPE {root} [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE {root} [<!ENTITY x SYSTEM "{address}/x">]>',
    '<!DOCTYPE {root} SYSTEM "{address}/x.dtd">',
    '<!DOCTYPE {root} [<!ENTITY % p SYSTEM "{address}/p"> %p;]>',
    '<!DOCTYPE {root} [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;">]>',
)


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize(("root", "text"), [("kml", KML), ("gpx", GPX)])
def test_a_document_type_is_refused(reader, listener, tmp_path, doctype, root, text):
    head, _, body = text.replace("{address}", "x").partition("?>")
    doctype = doctype.replace("{root}", root).replace("{address}", listener.address)
    path = tmp_path / f"a.{root}"
    for body_with in (body, body.replace("<name>", "<name>&x;", 1)):
        for encoding in ("utf-8", "utf-16"):
            declared = f'<?xml version="1.0" encoding="{encoding.upper()}"?>'
            path.write_text(declared + doctype + body_with, encoding=encoding)
            refused(reader.vector, path, code="intake-xml-doctype")
    # Also where it stands so far down that the first look does not reach it.
    path.write_text(f"{head}?><!--{' ' * 6000}-->{doctype}{body}", encoding="utf-8")
    refused(reader.vector, path, code="intake-xml-doctype")
    path = zip_with(tmp_path / "a.zip", [(f"a.{root}", f"{head}?>{doctype}{body}")])
    refused(reader.vector, path, code="intake-xml-doctype")


def test_links_pictures_and_styles_of_kml_are_not_opened(reader, listener, tmp_path):
    path = tmp_path / "a.kml"
    remote = f"<GroundOverlay><Icon><href>{listener.address}/o.png</href></Icon></GroundOverlay>"
    remote += (
        f"<Placemark><styleUrl>{listener.address}/s.kml#s</styleUrl><Model><Link><href>{listener.address}"
    )
    remote += "</href></Link></Model></Placemark>"
    text = KML.replace("{address}", listener.address).replace("</Document>", f"{remote}</Document>")
    path.write_text(text, encoding="utf-8")
    found = reader.vector(path)
    assert len(found.frame) == 7
    kinds = [p.arguments["kind"] for p in found.report.problems if p.code == "intake-kml-links"]
    assert kinds == ["GroundOverlay", "NetworkLink"]
    kmz = zip_with(tmp_path / "a.kmz", [("doc.kml", text), ("files/x.png", b"\x89PNG")])
    assert len(reader.vector(kmz).frame) == 7


@pytest.mark.parametrize(
    ("root", "place"), [("kml", "Folder"), ("gpx", "extensions"), ("kml", "MultiGeometry")]
)
def test_deep_xml_is_refused(reader, tmp_path, root, place):
    path = tmp_path / f"a.{root}"
    for depth in (300, 100_000):
        path.write_text(f"<{root}>{f'<{place}>' * depth}{f'</{place}>' * depth}</{root}>")
        refused(reader.vector, path, code="intake-too-deep")


def test_gml_and_other_xml_stay_out(reader, listener, tmp_path):
    for root in ("gml:FeatureCollection", "wfs:FeatureCollection", "svg", "html", "rss", "osm"):
        path = tmp_path / "a.kml"
        path.write_text(f'<{root} xmlns:xlink="x" xlink:href="{listener.address}/x"><a/></{root}>')
        refused(reader.vector, path, code="intake-format-unknown")


# MapInfo (fact 6)


def tab(folder, body):
    """A .tab with this definition, its other parts those of an honest table."""
    path = write(folder / "a.tab", villages())
    path.write_text(f"!table\n!version 450\n!charset Neutral\n\n{body}\n")
    return path


FIELDS = "  Fields 2\n    ten Char (254) ;\n    dan_so LargeInt ;\n"


@pytest.mark.parametrize(
    "body",
    [
        "Definition Table\n  Type LINKED\n" + FIELDS,
        'Definition Table\n  File "{secret}"\n  Type NATIVE Charset "Neutral"\n' + FIELDS,
        'Definition Table\n  Type RASTER\n  File "{secret}"\n',
        "Definition Table\n  Type ODBC\n" + FIELDS,
        'Open Table "{secret}" Hide\n\nCreate View a As\nSelect name From secret\n',
        'Create View a As\nSelect name From "{secret}"\nDefinition Table\n  Type NATIVE\n' + FIELDS,
        'Definition Table\n  Type NATIVE Charset "Neutral"\n'
        + FIELDS
        + 'begin_metadata\n"\\IsSeamless" = "TRUE"\nend_metadata\n',
        "Definition Table\n  Type VIEW\n",
        "",
    ],
)
def test_a_table_that_points_elsewhere_is_refused(reader, canary, tmp_path, body):
    path = tab(tmp_path / "own", body.replace("{secret}", str(canary / "secret.tab")))
    refused(reader.vector, path, code="intake-mapinfo-elsewhere")


@pytest.mark.parametrize(
    "fields",
    [
        "  Fields 3\n    ten Char (254) ;\n    dan_so LargeInt ;\n",
        '  Fields 2\n    ten Char (254) ;\n    Open Table "{secret}" ;\n',
        "  Fields 0\n",
        "  Fields 99999999\n",
        "  Fields two\n",
    ],
)
def test_fields_that_are_none_are_refused(reader, canary, tmp_path, fields):
    body = 'Definition Table\n  Type NATIVE Charset "Neutral"\n' + fields.replace("{secret}", str(canary))
    refused(reader.vector, tab(tmp_path / "own", body))


def test_metadata_and_views_after_an_honest_table_do_not_reach_the_library(reader, canary, tmp_path):
    body = 'Definition Table\n  Type NATIVE Charset "Neutral"\n' + FIELDS
    body += f'begin_metadata\n"\\Table" = "{canary / "secret.tab"}"\nend_metadata\n'
    assert len(nowhere(reader.vector(tab(tmp_path / "own", body))).frame) == 3


def test_a_link_in_place_of_a_part_is_read_as_what_it_is(reader, canary, tmp_path):
    path = write(tmp_path / "own" / "a.mif", villages())
    path.with_suffix(".mid").unlink()
    path.with_suffix(".mid").mkdir()
    refused(reader.vector, path, code="intake-part-missing")


# DXF


def test_a_drawing_reads_no_other_drawing_or_picture(reader, listener, canary, tmp_path):
    head = "10\n0\n20\n0\n3\nXR\n1\n"
    blocks = "".join(
        f"0\nBLOCK\n8\n0\n2\nXR{number}\n70\n{flags}\n{head}{target}\n0\nENDBLK\n"
        for number, (flags, target) in enumerate(
            [(4, canary / "secret.tab"), (36, "/etc/passwd"), (4, f"{listener.address}/x.dxf")]
        )
    )
    inserts = "".join(f"0\nINSERT\n8\nI\n2\nXR{number}\n10\n0\n20\n0\n" for number in range(3))
    image = f"0\nIMAGEDEF\n5\nA1\n1\n{listener.address}/x.png\n0\nIMAGE\n8\nI\n340\nA1\n10\n0\n20\n0\n"
    path = tmp_path / "a.dxf"
    path.write_text(drawing(inserts, image, dot(1, 2), blocks=blocks))
    found = nowhere(reader.vector(path, "points"))
    assert "root:" not in found.frame.to_string() and Point(1, 2) in list(found.frame.geometry)


def test_blocks_that_multiply_stop_at_the_limit(tmp_path):
    block = "0\nBLOCK\n8\n0\n2\nB\n70\n0\n10\n0\n20\n0\n3\nB\n0\nPOINT\n8\n0\n10\n0\n20\n0\n0\nENDBLK\n"
    many = "0\nINSERT\n8\nI\n2\nB\n10\n0\n20\n0\n70\n30000\n71\n30000\n44\n1\n45\n1\n"
    path = tmp_path / "a.dxf"
    path.write_text(drawing(many, blocks=block))
    with Reader(Settings(reader_namespace=False, reader_seconds=6, reader_memory_mb=1024)) as reader:
        started = time.monotonic()
        error = refused(reader.vector, path)
        assert error.code in ("intake-timeout", "intake-died", "intake-memory", "intake-damaged")
        assert time.monotonic() - started < 15
        path.write_text(drawing(dot(1, 2)))
        assert len(reader.vector(path).frame) == 1


# GeoParquet


def parquet(path, geometry=(b"",), geo=None, **columns):
    geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", **(geo or {})}}}
    table = pa.table({"geometry": pa.array(geometry, pa.binary()), **columns})
    pa.parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path, compression="zstd")
    return path


def test_a_crs_of_geoparquet_that_is_an_address_or_a_file_is_none(reader, listener, canary, tmp_path):
    path = tmp_path / "a.parquet"
    for crs in (
        f"{listener.address}/crs",
        "+init=/etc/passwd:x",
        {"type": "link", "href": listener.address},
        5,
    ):
        parquet(path, [Point(1, 2).wkb], {"crs": crs})
        found = reader.vector(path)
        assert found.frame.crs is None and found.report.crs is None and len(found.frame) == 1


def test_a_parquet_that_says_it_is_huge_is_refused_before_it_is_read(tmp_path):
    path = parquet(tmp_path / "a.parquet", [b"\0" * 4_000_000 + bytes([row]) for row in range(20)])
    assert path.stat().st_size < 100_000
    with Reader(Settings(reader_namespace=False, reader_unpacked_mb=50)) as reader:
        refused(reader.vector, path, code="intake-zip-large")
    path = parquet(tmp_path / "b.parquet", [b""] * 100)
    with Reader(Settings(reader_namespace=False, reader_rows=99)) as reader:
        refused(reader.vector, path, code="intake-rows")


def test_a_parquet_whose_rows_share_one_large_value_ends_at_the_memory_limit(tmp_path):
    path = parquet(tmp_path / "a.parquet", [b"\0" * 5_000_000] * 100)
    assert path.stat().st_size < 100_000
    with Reader(Settings(reader_namespace=False, reader_memory_mb=640)) as reader:
        assert refused(reader.vector, path).code in ("intake-memory", "intake-died")
        assert len(reader.vector(parquet(path, [Point(1, 2).wkb])).frame) == 1


def test_code_in_the_types_of_a_parquet_does_not_run(reader, tmp_path):
    trap = tmp_path / "ran"
    code = f"cposix\nsystem\n(S'touch {trap}'\ntR.".encode()
    field = pa.field(
        "n",
        pa.int64(),
        metadata={"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": code},
    )
    geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    schema = pa.schema([pa.field("geometry", pa.binary()), field], {"geo": json.dumps(geo)})
    path = tmp_path / "a.parquet"
    pa.parquet.write_table(pa.table([pa.array([Point(1, 2).wkb]), pa.array([7])], schema=schema), path)
    assert list(reader.vector(path).frame["n"]) == [7] and not trap.exists()


def test_shapes_of_a_parquet_that_are_none_keep_their_rows(reader, tmp_path):
    path = parquet(
        tmp_path / "a.parquet", [b"", b"\1", b"\1\xff\xff\xff\xff", None, Point(1, 2).wkb], n=list(range(5))
    )
    found = reader.vector(path)
    assert found.frame.geometry.isna().tolist() == [True] * 4 + [False]
    assert set(codes(found)) == {"geometry-unreadable", "geometry-missing"}


# Names and texts that are code elsewhere (facts 8, 20 and 21)


INJECTIONS = (
    'a" UNION SELECT * FROM sqlite_master --',
    "'; DROP TABLE gpkg_contents; --",
    "SELECT * FROM '/etc/passwd'",
    "@pd.io.common.os.system('true')",
    "{{7*7}}",
    "=cmd|'/c calc'!A1",
    "!!python/object/apply:os.system ['true']",
)


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_layer_name_that_is_a_query_is_only_a_name(reader, tmp_path, text):
    frame = villages()
    for suffix in (".gpkg", ".fgb", ".kml", ".mif", ".dxf", ".csv"):
        path = tmp_path / f"a{suffix}"
        if suffix == ".dxf":
            path.write_text(drawing(dot(1, 2)))
        elif suffix == ".csv":
            path.write_text("x,y\n1,2\n")
        else:
            write(path, frame)
        with pytest.raises(IntakeError) as caught:
            reader.vector(path, layer=text)
        assert caught.value.code == "intake-layer-missing" and text in caught.value.say("vi")
    found = reader.vector(write(tmp_path / "b.gpkg", frame.rename(columns={"ten": text}).assign(v=text)))
    assert list(found.frame["v"]) == [text] * 3 and text in found.frame


def test_codes_and_words_stay_as_typed(reader, tmp_path):
    values = ["0101", "no", "12:30:45", "1e5", "010"]
    path = tmp_path / "a.csv"
    path.write_text("ma,x,y\n" + "".join(f"{value},1,2\n" for value in values))
    assert list(reader.vector(path).frame["ma"]) == values


def test_a_virtual_table_over_another_file_is_not_read(reader, canary, tmp_path):
    path = write(tmp_path / "a.gpkg", villages(), layer="villages")
    sql = f"CREATE VIRTUAL TABLE trap USING VirtualOGR(''{canary / 'secret.shp'}'')"
    run_sql(
        path,
        "PRAGMA writable_schema = ON",
        f"INSERT INTO sqlite_master VALUES ('table', 'trap', 'trap', 0, '{sql}')",
        "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('trap', 'features', 4326)",
        "INSERT INTO gpkg_geometry_columns VALUES ('trap', 'geom', 'POINT', 4326, 0, 0)",
    )
    assert len(nowhere(reader.vector(path)).frame) == 3
    refused(reader.vector, path, layer="trap", code="intake-layer-missing")


# OpenStreetMap


def test_an_extract_made_by_hand_comes_in_and_a_damaged_one_is_refused(reader, tmp_path):
    nodes = [(n, 108 + n / 10, 14.5, {}) for n in (1, 2, 3)]
    nodes.append((4, 108.25, 14.75, {"amenity": "school", "name": "Trường Đắk Tô"}))
    roads = [(7, [1, 2, 3], {"highway": "track"}), (8, [1, 3], {"highway": "proposed"})]
    path = extract(tmp_path / "a.osm.pbf", nodes, roads)
    osm = [
        {"from": ["lines"], "tags": {"highway": ["*"]}, "but_not": {"highway": ["proposed"]}, "fields": {}}
    ]
    found = reader.vector(path, osm=osm)
    assert list(found.frame["osm_id"]) == ["way/7"] and found.report.rows_in == 2
    assert found.report.skipped == ((2, "osm-not-in-use"),)
    schools = [{"from": ["points"], "tags": {"amenity": ["school"]}, "fields": {"name": ["name:vi", "name"]}}]
    found = reader.vector(path, osm=schools).frame
    assert list(found["name"]) == ["Trường Đắk Tô"]
    assert found.geometry[0].distance(Point(108.25, 14.75)) < 1e-7
    octets = path.read_bytes()
    for cut in (40, len(octets) // 2, len(octets) - 5):
        path.write_bytes(octets[:cut])
        refused(reader.vector, path, osm=osm)
