"""A store with something in it, and all that there is to see of it; shared by the tests of the store."""

import geopandas as gpd
from shapely.geometry import Point

from gis.store import audit, decisions, evidence, reported, runs, studies, uploads
from gis.store.decisions import standing

WHO = "Y Lan"
STUDY = "dak-to"


def layer(*points):
    """A layer of points with a row number each."""
    rows = list(range(1, len(points) + 1))
    return gpd.GeoDataFrame({"source_row": rows}, geometry=[Point(*p) for p in points], crs="EPSG:4326")


def put_layer(store, frame, *, source="schools", who=WHO, study=STUDY, **entry):
    """A new version of a layer; its row."""
    content = store.files.put_vector(frame)
    told = dict(content=content, kind="vector", file=f"{source}.gpkg", entry=entry, report={})
    with store.writing(who) as change:
        return studies.add_version(change, study, source, **told)[0]


def enter(store, village, value, *, who=WHO, study=STUDY, field="households", **more):
    """Enter one value of 2024."""
    with store.writing(who) as change:
        return reported.enter(change, study, 2024, village, field, value, **more)


def fill(store, values=12):
    """A study with a layer, a photo, values with a history, decisions, a run and a file that waits."""
    with store.writing(WHO) as change:
        studies.add_study(change, STUDY, {"title": {"vi": "Đăk Tô"}, "criteria": "sdg-access"})
    put_layer(store, layer((108, 14)))
    put_layer(store, layer((108, 14), (108.1, 14.1)))
    photo, size = store.files.put_octets([b"photo of ", b"a bridge"])
    with store.writing(WHO) as change:
        evidence.attach(change, STUDY, "v1", content=photo, file="cầu.jpg", size=size, year=2024)
        decisions.decide(change, STUDY, "match", {"name": "Thôn 1"}, "v1")
        decisions.decide(change, STUDY, "match", {"name": "Thôn 2"}, None, reason="đã giải thể")
        subject = decisions.disagreement_subject("v1", "road", 2024)
        decisions.decide(change, STUDY, "disagreement", subject, "visit", reason="đường đang sửa")
        runs.record(change, STUDY, run="r1", revision=3, content={"seconds": 0.5}, headline={"passing": 3})
        for number in range(values):
            reported.enter(change, STUDY, 2024, f"v{number}", "households", number + 0.25)
    enter(store, "v1", None)
    enter(store, "v2", "có", field="road", kind="recheck", reason="đi xem lại")
    uploads.receive(store, STUDY, "bản đồ.zip", [b"waiting"], who=WHO, limit_mb=1)


def everything(store, study=STUDY, *, diary=True):
    """All that is shown of a study, as plain values."""
    with store.reading() as connection:
        return {
            "values": reported.entered(connection, study).values.tolist(),
            "past": reported.history(connection, study_id=study, limit=10_000),
            "studies": studies.list_studies(connection),
            "versions": studies.list_versions(connection, study),
            "current": studies.current_versions(connection, study),
            "evidence": evidence.listed(connection, study),
            "decisions": standing(connection, study, "match"),
            "disagreements": standing(connection, study, "disagreement"),
            "runs": runs.listed(connection, study),
            "uploads": uploads.listed(connection, study),
            "diary": audit.history(connection, limit=10_000) if diary else [],
        }
