"""What the tests of the reading door share: small honest files of every format, and how a refusal looks."""

import struct
import zipfile
import zlib

import geopandas
import pyogrio
import pytest
from shapely.geometry import LineString, Point, Polygon

from gis.errors import IntakeError

VN2000 = (
    "+proj=tmerc +lat_0=0 +lon_0=107.5 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +towgs84=-191.90441429,"
    "-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +type=crs"
)
"""VN-2000 TM-3 107-30 with its shift written out, the only way in which MapInfo keeps it."""


def fails(code, call, *arguments, **options):
    """The error of a call that must fail with this code and say so in both languages."""
    with pytest.raises(IntakeError) as caught:
        call(*arguments, **options)
    error = caught.value
    assert error.code == code, error.say("en")
    for language in ("vi", "en"):
        said = error.say(language)
        assert code not in said and "{" not in said.replace("{x: ", ""), said
    return error


def codes(result):
    return [problem.code for problem in result.report.problems]


def told(result, code):
    """The arguments of the one problem with this code."""
    (problem,) = [problem for problem in result.report.problems if problem.code == code]
    return problem.arguments


def zipped(path, folder, inside=""):
    """A zip of all files in a folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"{inside}{part.name}")
    return path


def villages(crs="EPSG:9216"):
    """Three villages as squares of 1 by 1, with text, numbers and gaps."""
    squares = [Polygon([(x, 0), (x + 1, 0), (x + 1, 1), (x, 1)]) for x in range(3)]
    columns = {"ten": ["Thôn Đăk Rơ Nga", "Bản Nà Ốc", None], "dan_so": [120, 85, 40]}
    return geopandas.GeoDataFrame(columns, geometry=squares, crs=crs)


def write(path, frame=None, **options):
    """A file by the library itself, not by our code; the extension says the format."""
    drivers = {
        ".kml": "KML",
        ".tab": "MapInfo File",
        ".mif": "MapInfo File",
        ".fgb": "FlatGeobuf",
        ".gpx": "GPX",
        ".gpkg": "GPKG",
        ".geojson": "GeoJSON",
        ".shp": "ESRI Shapefile",
    }
    frame = villages() if frame is None else frame
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".mif":
        options["FORMAT"] = "MIF"
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        pyogrio.write_dataframe(frame, path, driver=drivers[path.suffix], **options)
    return path


def drawing(*entities, version="AC1015", page="ANSI_1252", blocks=""):
    """A DXF drawing as text."""
    head = f"0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\n{version}\n9\n$DWGCODEPAGE\n3\n{page}\n0\nENDSEC\n"
    blocks = f"0\nSECTION\n2\nBLOCKS\n{blocks}0\nENDSEC\n" if blocks else ""
    return f"{head}{blocks}0\nSECTION\n2\nENTITIES\n{''.join(entities)}0\nENDSEC\n0\nEOF\n"


def polyline(*positions, closed):
    vertices = "".join(f"10\n{x}\n20\n{y}\n" for x, y in positions)
    marks = f"100\nAcDbEntity\n100\nAcDbPolyline\n90\n{len(positions)}\n70\n{int(closed)}\n"
    return f"0\nLWPOLYLINE\n8\nRANH\n{marks}{vertices}"


def label(x, y, text):
    return f"0\nTEXT\n8\nTEN\n10\n{x}\n20\n{y}\n40\n1\n1\n{text}\n"


def dot(x, y):
    return f"0\nPOINT\n8\nDIEM\n10\n{x}\n20\n{y}\n"


GPX = """<?xml version="1.0"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">
  <wpt lat="14.5" lon="108.25"><ele>612.5</ele><name>Trạm y tế</name></wpt>
  <wpt lat="14.6" lon="108.5"><link href="http://127.0.0.1/x"><text>x</text></link></wpt>
  <wpt lat="north" lon="108.5"/>
  <rte><name>Đường</name><rtept lat="14" lon="108"/><rtept lat="15" lon="108"/></rte>
  <trk><name>Vết</name>
    <trkseg><trkpt lat="14" lon="108"/><trkpt lat="14" lon="109"/></trkseg>
    <trkseg><trkpt lat="15" lon="108"/><trkpt lat="15" lon="109"/></trkseg></trk>
  <trk><trkseg><trkpt lat="14" lon="108"/></trkseg></trk>
</gpx>
"""

KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>
<name>Bản đồ xã</name>
<NetworkLink><Link><href>{address}/link.kml</href></Link></NetworkLink>
<Style id="s"><IconStyle><Icon><href>{address}/icon.png</href></Icon></IconStyle></Style>
<Folder><name>Thôn</name>
<Placemark><name>Thôn 1</name><description><![CDATA[<!DOCTYPE html><b>Đẹp</b>]]></description>
<ExtendedData><Data name="so_ho"><value>85</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>108,14,5 109,14,5 109,15,5</coordinates></LinearRing>
</outerBoundaryIs></Polygon></Placemark>
<Placemark><name>Không hình</name></Placemark>
</Folder><Folder><name>Đường</name>
<Placemark><name>Tuyến</name><MultiGeometry><LineString><coordinates>108,14 109,15</coordinates></LineString>
<LineString><coordinates>108,15 109,16</coordinates></LineString></MultiGeometry></Placemark>
<Placemark><gx:Track><gx:coord>108 14 0</gx:coord><gx:coord>109 14 0</gx:coord></gx:Track></Placemark>
<Placemark><Point><coordinates>một,hai</coordinates></Point></Placemark>
<Placemark><Point><coordinates>1e400,14</coordinates></Point></Placemark>
</Folder></Document></kml>
"""

ROAD = LineString([(108, 14), (109, 15)])
PLACE = Point(108.25, 14.5)


def extract(path, nodes=(), ways=()):
    """An OpenStreetMap extract, written by hand.

    Nodes are ``(id, lon, lat, tags)``, ways ``(id, ids of nodes, tags)``.
    """
    texts = [""]
    groups = b"".join(
        _field(
            1,
            _field(1, _signed(key))
            + _tags(tags, texts)
            + _field(8, _signed(lat * 1e7))
            + _field(9, _signed(lon * 1e7)),
        )
        for key, lon, lat, tags in nodes
    )
    ways = b"".join(
        _field(
            3,
            _field(1, key)
            + _tags(tags, texts)
            + _field(8, b"".join(_varint(_signed(b - a)) for a, b in zip([0, *refs], refs, strict=False))),
        )
        for key, refs, tags in ways
    )
    table = b"".join(_field(1, text.encode()) for text in texts)
    header = _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes")
    blocks = [("OSMHeader", header)]
    blocks += [("OSMData", _field(1, table) + _field(2, group)) for group in (groups, ways) if group]
    with open(path, "wb") as file:
        for kind, block in blocks:
            blob = _field(2, len(block)) + _field(3, zlib.compress(block))
            head = _field(1, kind.encode()) + _field(3, len(blob))
            file.write(struct.pack(">I", len(head)) + head + blob)
    return path


def _varint(number):
    octets = b""
    while number > 0x7F:
        octets, number = octets + bytes([number & 0x7F | 0x80]), number >> 7
    return octets + bytes([number])


def _signed(number):
    number = round(number)
    return number << 1 if number >= 0 else (-number << 1) - 1


def _field(number, value):
    """One field of a protocol buffer: whole numbers as they are, everything else with its length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _tags(tags, texts):
    packed = {2: b"", 3: b""}
    for pair in tags.items():
        for number, text in zip((2, 3), pair, strict=True):
            if text not in texts:
                texts.append(text)
            packed[number] += _varint(texts.index(text))
    return b"".join(_field(number, octets) for number, octets in packed.items() if octets)
