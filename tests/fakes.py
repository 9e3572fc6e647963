"""A tiny finished review: four villages, three criteria, every kind of value, no file read."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gis.labels import Label
from gis.study import Citation, LayerData

CRS = pyproj.CRS("EPSG:9216")
ORIGIN = (540_000.0, 1_620_000.0)
VILLAGES = ("0101", "0102", "0103", "0104")
NAMES = ("Thôn Đăk Rơ Gia", "Làng Kon Pring", "Bản Nậm Ngặt", "Buôn Ế")
CRITERIA = ("school-distance", "road-hard", "culture-house")
PAYLOADS = (
    "{{cycler.__init__.__globals__.os.popen(dict(id=1)|join).read()}}",
    "Thôn {# 3",
    "{% raw",
    "{{ 3",
    '<img src=x onerror="window.HIT=1">',
    "</script><script>window.HIT=1</script>",
    "${window.HIT=1}",
    "`${window.HIT=1}`",
    "<!--<script>",
    "a\u2028b\u2029c & \\u003c",
)

VALUES = {
    # criterion: measured, reported, status, by village; the second cannot reach, the fourth is not measured
    "school-distance": (
        [0.0, np.inf, 2.5, np.nan],
        [1.25, np.nan, 2.0, np.nan],
        ["met", "unmet", "met", "unknown"],
    ),
    "road-hard": ([np.nan] * 4, [70.0, 0.0, 12.345678, np.nan], ["met", "unmet", "unmet", "unknown"]),
    "culture-house": ([1.0, 0.0, 1.0, np.nan], [np.nan] * 4, ["met", "unmet", "met", "exempt"]),
}


def tiny_review(
    *, names=NAMES, criteria=CRITERIA, geometry="mixed", text=None, illustration=True, trial=True
):
    """A review of four villages.

    Parameters
    ----------
    names : sequence of str
        Of the villages.
    criteria : sequence of str
        Ids; values repeat when there are more than three.
    geometry : str
        ``"mixed"`` (two polygons, a point, nothing), ``"polygons"``, ``"points"`` or ``"none"``.
    text : str, optional
        Put wherever a text of the study comes from outside: labels, communes, facilities, sources.
    """
    label = (lambda default: Label(text)) if text else Label
    rules = criteria_set(criteria, label)
    villages = _villages(names, geometry, text or "Xã Măng Đen")
    findings = _findings(rules, text or "Trường Măng Đen")
    status = findings.pivot(index="village_id", columns="criterion", values="status")
    table = villages.drop(columns=["geometry", "point"], errors="ignore").assign(
        status=["met", "unmet", "unmet", "unknown"],
        infra_status=["met", "unmet", "unmet", "unknown"],
        missed=(status == "unmet").sum(axis=1),
        unknown_count=(status == "unknown").sum(axis=1),
        missed_list=[
            [one.id for one in rules.criteria if status.loc[v, one.id] == "unmet"] for v in status.index
        ],
    )
    table = pd.DataFrame(table).join(status, suffixes=("", "_by_criterion"))
    study = SimpleNamespace(
        id="tiny",
        label=label({"vi": "Huyện mẫu", "en": "Sample district"}),
        criteria=rules,
        villages=villages,
        communes=gpd.GeoDataFrame(
            {"name": [text or "Xã Măng Đen"]},
            geometry=[
                shapely.box(ORIGIN[0], ORIGIN[1], ORIGIN[0] + 4000, ORIGIN[1] + 2000)
                if geometry != "none"
                else None
            ],
            index=pd.Index(["24001"], name="commune_id"),
            crs=CRS,
        ),
        layers={} if geometry == "none" else _layers(text),
        parameters={"walk_kmh": 5.0},
        crs=CRS,
        year=2025,
        as_of="2025-12-31",
        illustration=illustration,
        citations=(
            Citation(
                label({"vi": "Trường học", "en": "Schools"}),
                "schools.gpkg",
                "2025",
                label({"vi": "Số liệu mẫu", "en": "Sample data"}),
                text or "CC BY 4.0",
            ),
        ),
        inputs={"villages.gpkg": "ab" * 32},
        problems=(),
    )
    run = SimpleNamespace(
        id="0f1e2d3c",
        criteria_id=rules.id,
        edition=rules.edition,
        criteria_hash="0f" * 32,
        inputs=study.inputs,
        parameters=study.parameters,
        code_version="0.1.0",
        as_of=study.as_of,
        year=2025,
        seconds=0.1,
    )
    communes = pd.DataFrame(
        {
            "name": [text or "Xã Măng Đen"],
            "villages": [4],
            "met": [1],
            "unmet": [2],
            "unknown": [1],
            "exempt": [0],
            "infra_met": [1],
            "short_by": [1],
            "has_sheet": [True],
        },
        index=pd.Index(["24001"], name="commune_id"),
    )
    headline = {
        "villages": 4,
        "met": 1,
        "unmet": 2,
        "unknown": 1,
        "exempt": 0,
        "share_pct": 25.0,
        "target_pct": 50.0,
        "trial": trial,
    }
    return SimpleNamespace(
        study=study,
        findings=findings,
        results=table[["status", "infra_status", "missed"]],
        run=run,
        headline=headline,
        communes=communes,
        villages_table=table,
        sentence=lambda finding, language: (
            f"{text or ''} {language}: {finding['criterion']} {finding['status']} {finding['value']}"
        ),
        geometry=lambda tolerance: _simplified(villages),
    )


def criteria_set(ids, label=Label):
    criteria = tuple(
        SimpleNamespace(
            id=name,
            theme="roads",
            code=f"{number}.1",
            label=label({"vi": f"Tiêu chí số {number}", "en": f"Criterion {number}"}),
            clause="QĐ 33/2020/QĐ-TTg, Điều 6",
            kind="flag",
            unit=("km", "%", "bool")[number % 3],
            compare=("le", "ge", "present")[number % 3],
            thresholds={"chung": (4, 70, 1)[number % 3], "dbscl": None},
            measured=object(),
            reported=object() if number % 3 == 0 else None,
            decides="measured",
            fixable_by="works",
            verification={"chung": "secondary", "dbscl": "unknown"},
            checked={"chung": None},
            in_group=lambda group: True,
            nearly={},
            legal_ref=None,
            source_ref="QĐ 33/2020/QĐ-TTg",
            source_url="https://example.org/33",
        )
        for number, name in enumerate(ids)
    )
    return SimpleNamespace(
        id="tiny-set",
        edition="2026-01-01",
        label=label({"vi": "Bộ tiêu chí mẫu", "en": "Sample set"}),
        legal_ref="QĐ 33/2020/QĐ-TTg",
        sources=("https://example.org/33",),
        outcomes={
            "met": Label({"vi": "Đạt chuẩn", "en": "Pass"}),
            "unmet": Label({"vi": "Chưa đạt chuẩn", "en": "Fail"}),
        },
        groups={"chung": Label("chung"), "dbscl": Label("dbscl")},
        criteria=criteria,
        polarity="flag",
        sought="met",
        logic="all",
        derived_from=None,
    )


def _villages(names, geometry, commune):
    x, y = ORIGIN
    boxes = [shapely.box(x + 1000 * i, y, x + 1000 * (i + 1), y + 1000 + i) for i in range(4)]
    points = [box.point_on_surface() for box in boxes]
    nothing = [None] * 4
    shapes, points = {
        "mixed": ([*boxes[:2], None, None], [*points[:3], None]),
        "polygons": (boxes, points),
        "points": (nothing, points),
        "none": (nothing, nothing),
    }[geometry]
    return gpd.GeoDataFrame(
        {
            "name": list(names),
            "commune_id": "24001",
            "commune": commune,
            "population": [120.0, 0.0, np.nan, 310.0],
            "households": [30.0, 0.0, np.nan, 71.0],
            "approximate": [False, True, False, False],
            "point": gpd.GeoSeries(points, index=list(VILLAGES), crs=CRS),
        },
        geometry=gpd.GeoSeries(shapes, index=list(VILLAGES), crs=CRS),
        index=pd.Index(VILLAGES, name="village_id"),
        crs=CRS,
    )


def _findings(rules, facility):
    rows = []
    for number, village in enumerate(VILLAGES):
        for position, one in enumerate(rules.criteria):
            measured, reported, statuses = VALUES[CRITERIA[position % 3]]
            value = reported[number] if np.isnan(measured[number]) else measured[number]
            status = statuses[number]
            reason = (
                "unreachable" if np.isinf(value) else "by-number" if value == value else "unknown-no-geometry"
            )
            rows.append(
                {
                    "village_id": village,
                    "criterion": one.id,
                    "status": status,
                    "grade": None,
                    "value": value,
                    "threshold": 4.0,
                    "unit": one.unit,
                    "compare": one.compare,
                    "margin": 4.0 - value,
                    "source": "measured",
                    "measured": measured[number],
                    "measured_status": status,
                    "reported": reported[number],
                    "reported_status": status,
                    "agreement": "one-sided",
                    "reason": reason,
                    "doubt": None,
                    "layer": "schools",
                    "facility_id": "F1",
                    "facility_name": facility,
                    "numerator": np.nan,
                    "denominator": np.nan,
                    "record": "assessment.xlsx",
                    "group": "chung",
                    "verification": "secondary",
                    "checked": False,
                    "least": np.nan,
                    "most": np.nan,
                    "median": np.nan,
                    "median_status": None,
                    "near": False,
                    "near_of": None,
                    "confidence": "open" if status == "unknown" else "sure",
                    "confidence_why": "no-answer" if status == "unknown" else None,
                }
            )
    return pd.DataFrame(rows)


def _layers(text):
    x, y = ORIGIN
    schools = gpd.GeoDataFrame(
        {"name": [text or "Trường Măng Đen", None], "kind": ["primary", "primary lower_secondary"]},
        geometry=[shapely.Point(x + 500, y + 300), shapely.Point(x + 2500, y + 700)],
        crs=CRS,
    )
    roads = gpd.GeoDataFrame(
        {"name": [text or "Đường tỉnh 676"], "class": ["provincial"]},
        geometry=[shapely.LineString([(x, y), (x + 1500, y + 500), (x + 4000, y + 600)])],
        crs=CRS,
    )
    return {
        "schools": _layer(
            "schools", {"vi": "Trường học", "en": "Schools"}, schools, "facility", "point", text
        ),
        "roads": _layer("roads", {"vi": "Đường", "en": "Roads"}, roads, "network", "line", text),
    }


def _layer(name, label, frame, role, geometry, text):
    style = {"color": "#1f6f8b", "shape": "circle", "letter": "T", "width": 2}
    layer = SimpleNamespace(
        id=name,
        label=Label(text or label),
        role=role,
        geometry=geometry,
        style=style,
        citation=Label(text or label),
        kind_label=lambda kind: Label(text or kind),
    )
    return LayerData(
        layer, frame, None, {"*": "yes"}, "2025", "a.gpkg", shapely.box(-9e6, -9e6, 9e6, 9e6), {}
    )


def _simplified(villages):
    shapes = villages.geometry.where(villages.geometry.notna(), villages["point"])
    found = gpd.GeoDataFrame(geometry=shapes, crs=CRS)
    return found[found.geometry.notna()].to_crs(4326)
