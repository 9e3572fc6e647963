"""The same hostile files through both doors, the page and the command line: one sentence, nothing fetched or kept."""

import io
import json
import sqlite3
import zipfile

import pytest
from click.testing import CliRunner

from gis.cli import commands
from gis.settings import Settings
from gis.store import audit, open_store, studies, uploads
from gis.web import create_app
from gis.workflows import start_study
from tests.test_intake_hostile import CANARY, Listener
from tests.test_web_intake import Planner, words

PASSWORDS = "root:x:0:0"
RAW_PIXELS = (
    b"<VRTDataset rasterXSize='4' rasterYSize='4'><VRTRasterBand dataType='Byte' band='1'"
    b" subClass='VRTRawRasterBand'><SourceFilename>/etc/passwd</SourceFilename></VRTRasterBand></VRTDataset>"
)


def vrt(target):
    return (
        f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{target}</SrcDataSource>"
        "<GeometryType>wkbPoint</GeometryType></OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def zipped(*members):
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return octets.getvalue()


def endless(folder):
    path = folder / "endless.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA application_id = 1196444487")
        database.execute(
            "CREATE VIEW villages AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        )
    database.close()
    return path.read_bytes()


FILES = {
    "vrt-of-a-file.geojson": lambda folder, http: vrt(folder / "secret.csv"),
    "vrt-of-passwords.gpkg": lambda folder, http: vrt("CSV:/etc/passwd"),
    "vrt-of-an-address.kml": lambda folder, http: vrt(f"/vsicurl/{http}/a.geojson"),
    "vrt-in-a-zip.zip": lambda folder, http: zipped(("thon.geojson", vrt(folder / "secret.csv"))),
    "map-server.tif": lambda folder, http: (
        f"<GDAL_WMS><Service name='WMS'><ServerUrl>{http}</ServerUrl></Service></GDAL_WMS>".encode()
    ),
    "coverage.fgb": lambda folder, http: f"<WCS_GDAL><ServiceURL>{http}/?</ServiceURL></WCS_GDAL>".encode(),
    "pixels.tif": lambda folder, http: RAW_PIXELS,
    "climbs-out.zip": lambda folder, http: zipped(("../../thon.geojson", "{}")),
    "nested.zip": lambda folder, http: zipped(("in.zip", zipped(("thon.geojson", "{}")))),
    "bomb.zip": lambda folder, http: zipped(("thon.geojson", b"0" * 300_000_000)),
    "deep.geojson": lambda folder, http: b'{"type":"FeatureCollection","features":' + b"[" * 200_000,
    "entities.kml": lambda folder, http: (
        f"<!DOCTYPE kml [<!ENTITY a SYSTEM '{http}'>]><kml><Document>&a;</Document></kml>".encode()
    ),
    "endless.gpkg": lambda folder, http: endless(folder),
    "nothing.shp": lambda folder, http: b"\x00\x00\x27\x0a" + b"\0" * 200,
    "program.xlsx": lambda folder, http: b"MZ" + bytes(range(256)),
}


@pytest.fixture(scope="module")
def listener():
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture(scope="module")
def other_project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("other-project")
    (folder / "secret.csv").write_text(f"name,x,y\n{CANARY},1,2\n")
    return folder


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doors")
    (folder / "studies").mkdir()
    # Without its own network namespace, so that a request would reach the listener.
    return Settings(
        studies=folder / "studies",
        store=folder / "store",
        workers=0,
        reader_namespace=False,
        reader_seconds=20,
    )


@pytest.fixture(scope="module")
def store(settings):
    opened = open_store(settings.store)
    start_study(opened, "dak-to", {"title": "Đăk Tô", "criteria": "sdg-access"}, who="Y Lan")
    from gis.accounts import name_person

    name_person(opened, "Y Lan")
    yield opened
    opened.close()


def state(store):
    with store.reading() as connection:
        return studies.get_study(connection, "dak-to"), list(studies.current_versions(connection, "dak-to"))


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_ends_in_a_sentence_at_both_doors(
    name, listener, other_project, settings, store, monkeypatch
):
    content = FILES[name](other_project, listener.address)
    before = state(store)

    planner = Planner(create_app(settings, store))
    dropped = planner.drop("dak-to", (name, content))
    seen = words(planner.get(dropped.location)) if dropped.status_code == 303 else words(dropped)
    assert (
        dropped.status_code < 500 and CANARY not in seen and PASSWORDS not in seen and "Traceback" not in seen
    )
    with store.reading() as connection:
        waiting = uploads.listed(connection, "dak-to")
    assert all(row["state"] == "refused" or row["found"]["faults"] for row in waiting)

    (other_project / name).write_bytes(content)
    for variable in ("studies", "store", "workers", "reader_namespace", "reader_seconds"):
        monkeypatch.setenv(f"GIS_{variable.upper()}", str(getattr(settings, variable)))
    told = CliRunner().invoke(commands, ["import", "dak-to", str(other_project / name), "--json"], obj={})
    assert told.exit_code == 2 and isinstance(told.exception, SystemExit), told.output
    assert CANARY not in told.output and PASSWORDS not in told.output
    (outcome,) = json.loads(told.output)
    assert outcome["faults"] and all(fault["sentence"] != fault["code"] for fault in outcome["faults"])

    assert listener.requests == []
    assert state(store) == before
    with store.reading() as connection:
        assert audit.broken_at(connection) is None


def test_a_link_in_geojson_is_dropped_with_a_word_and_never_followed(
    listener, settings, store, tmp_path, monkeypatch
):
    feature = {
        "type": "Feature",
        "properties": {"ten truong": "A"},
        "geometry": {"type": "Point", "coordinates": [108, 14]},
    }
    link = {"type": "link", "properties": {"href": f"{listener.address}/crs", "type": "proj4"}}
    content = json.dumps({"type": "FeatureCollection", "crs": link, "features": [feature]}).encode()
    planner = Planner(create_app(settings, store))
    dropped = planner.drop("dak-to", ("truong hoc.geojson", content))
    assert dropped.status_code == 303 and planner.get(dropped.location).status_code == 200
    assert listener.requests == []


@pytest.mark.parametrize(
    "text", ["/vsicurl/http://127.0.0.1:9/a.geojson", "http://127.0.0.1:9/a", "PG:dbname=a", "zip:///a.zip"]
)
def test_an_address_is_no_path(text, settings, store, monkeypatch):
    monkeypatch.setenv("GIS_STORE", str(settings.store))
    for arguments in (("import", "dak-to", text), ("check", text), ("import", text)):
        told = CliRunner().invoke(commands, list(arguments), obj={})
        assert told.exit_code == 2 and isinstance(told.exception, SystemExit), told.output
