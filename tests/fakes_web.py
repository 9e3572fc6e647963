"""A small finished review, shaped as the pages need it, without reading any file."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import Problem
from gis.labels import Label
from gis.review import Review, Run
from gis.tables import MEASUREMENTS, conform

CRS = "EPSG:32649"
ORIGIN = (180_000.0, 1_620_000.0)
COMMUNES = (("24001", "Đăk Tô"), ("24002", "Măng Đen"), ("24003", "Ngọc Linh"))
CRITERIA = (
    # id, code, Vietnamese, English, kind, unit, compare, threshold, fixable by, theme
    ("road", "1", "Đường trục thôn được cứng hóa", "Village road hardened", "flag", "%", "ge", 70, "works", "roads"),
    ("road-link", "2", "Có đường ô tô bốn mùa đến trung tâm xã", "All-season road to the commune centre", "flag",
     "bool", "present", 1, "works", "roads"),
    ("clinic", "3", "Khoảng cách đến trạm y tế", "Distance to a health station", "flag", "km", "le", 5, "works", "health"),
    ("school", "4", "Khoảng cách đến trường tiểu học", "Distance to a primary school", "flag", "km", "le", 4, "works",
     "schools"),
    ("power", "5", "Hộ dùng điện an toàn", "Households with safe power", "flag", "%", "ge", 98, "works", "power"),
    ("water", "6", "Hộ dùng nước hợp vệ sinh", "Households with hygienic water", "flag", "%", "ge", 95, "works", "water"),
    ("culture", "7", "Có nhà văn hóa", "Culture house in the village", "flag", "bool", "present", 1, "works", "culture"),
    ("poverty", "8", "Tỷ lệ hộ nghèo", "Poor households", "flag", "%", "le", 7, "programme", "poverty"),
    ("income", "9", "Thu nhập bình quân", "Income per head", "context", "million", "ge", 45, "none", "income"),
)  # fmt: skip
PAYLOADS = (
    "<script>window.HIT=1</script>",
    "{{7*7}}{% raw %}",
    '"><img src=x onerror=window.HIT=1>',
    "=1+1 ${7*7} `x`",
    "O'Brien & <b>",
)


def criteria_set(*, checked=0):
    criteria = tuple(
        SimpleNamespace(
            id=id_, code=code, label=Label({"vi": vi, "en": en}), clause=f"QĐ 147/QĐ-UBND, mục {code}", kind=kind, unit=unit,
            compare=compare, thresholds={"chung": threshold}, measured=None, reported=None, decides="measured",
            fixable_by=fixable, theme=theme, verification={"chung": "placeholder"}, checked={"chung": None}, applies=None,
            in_group=lambda group: True,
            nearly={}, legal_ref=None,
            source_ref="Bộ tiêu chí minh họa", source_url="https://example.org/criteria", note=Label({}),
        )
        for id_, code, vi, en, kind, unit, compare, threshold, fixable, theme in CRITERIA
    )  # fmt: skip
    total = sum(criterion.kind == "flag" for criterion in criteria)
    return SimpleNamespace(
        id="kontum-dtts-village-2022",
        edition="2026-11-23",
        label=Label(
            {
                "vi": "Bộ tiêu chí thôn (làng) nông thôn mới, tỉnh Kon Tum",
                "en": "Kon Tum new-rural village set",
            }
        ),
        level="village",
        issuer="UBND tỉnh Kon Tum",
        legal_ref="Quyết định 147/QĐ-UBND ngày 28/3/2022",
        valid_from="2022-03-28",
        valid_to="2025-12-31",
        status=Label({"vi": "Hết kỳ 2022–2025", "en": "Period ended"}),
        polarity="flag",
        sought="met",
        outcomes={
            "met": Label({"vi": "Đạt chuẩn", "en": "Meets the standard"}),
            "unmet": Label({"vi": "Chưa đạt", "en": "Falls short"}),
        },
        groups={"chung": Label({"vi": "Chung", "en": "General"})},
        dimension="region",
        default_group="chung",
        group_rule=Label({}),
        logic="all",
        derived_from=None,
        target={"share_pct": 50, "by": "2025-12-31"},
        max_age_years=2,
        sources=("https://example.org/decision",),
        verification_note=Label({"vi": "Các mức là số tạm.", "en": "All figures are placeholders."}),
        criteria=criteria,
        criterion=lambda wanted: next(c for c in criteria if c.id == wanted),
        figures={"total": total, "checked": checked, "placeholder": total - checked},
        is_trial=checked < total,
        hash="0f" * 32,
        path=None,
    )


def build_villages(rows=6, columns=5, cell_m=2000.0, names=()):
    """A grid of villages, each row pair a commune; the last village has only a point, the first no geometry."""
    records, polygons = [], []
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        commune_id, commune = COMMUNES[row * len(COMMUNES) // rows]
        x, y = ORIGIN[0] + column * cell_m, ORIGIN[1] + row * cell_m
        name = (
            names[index]
            if index < len(names)
            else f"Thôn {index + 1}"
            if index % 2
            else f"Làng Đăk Rơ {index + 1}"
        )
        records.append(
            (f"{commune_id}{index + 1:03d}", name, commune_id, commune, 300.0 + 10 * index, 70.0 + index)
        )
        polygons.append(shapely.box(x, y, x + cell_m, y + cell_m))
    frame = pd.DataFrame(
        records, columns=["village_id", "name", "commune_id", "commune", "population", "households"]
    )
    villages = gpd.GeoDataFrame(frame.set_index("village_id"), geometry=polygons, crs=CRS)
    villages["approximate"] = False
    villages["point"] = villages.geometry.representative_point()
    villages.loc[villages.index[-1], "geometry"] = None
    villages.loc[villages.index[0], "geometry"] = None
    villages.loc[villages.index[0], "point"] = None
    return villages


def build_findings(villages, criteria, seed):
    rng = np.random.default_rng(seed)
    rows = []
    for number, village_id in enumerate(villages.index):
        for criterion in criteria.criteria:
            threshold = float(criterion.thresholds["chung"])
            draw = rng.random()
            unknown = draw < 0.06 or (number == 0 and criterion.unit == "km")
            if criterion.unit == "bool":
                value = float(draw < 0.85)
                met, margin = bool(value), np.nan
            else:
                value = round(threshold * (0.75 + rng.random() * 0.7), 2)
                if criterion.compare == "le":
                    value = round(threshold * (0.3 + rng.random() * 0.9), 2)
                met = value >= threshold if criterion.compare == "ge" else value <= threshold
                margin = value - threshold if criterion.compare == "ge" else threshold - value
            status = "unknown" if unknown else "met" if met else "unmet"
            reason = (
                "unknown-not-given" if unknown else "by-yesno" if criterion.unit == "bool" else "by-number"
            )
            rows.append(
                {
                    "village_id": village_id, "criterion": criterion.id, "status": status, "grade": None,
                    "value": np.nan if unknown else value, "threshold": threshold, "unit": criterion.unit,
                    "compare": criterion.compare, "margin": np.nan if unknown else margin,
                    "source": None if unknown else "measured", "measured": np.nan if unknown else value,
                    "measured_status": status, "reported": np.nan, "reported_status": "unknown", "agreement": "one-sided",
                    "reason": reason, "doubt": "layer-missing" if unknown else None, "layer": "clinics",
                    "facility_id": None, "facility_name": None, "numerator": np.nan, "denominator": np.nan,
                    "record": None, "group": "chung", "verification": "placeholder", "checked": False,
                    "least": np.nan, "median": np.nan, "median_status": None, "most": np.nan, "near": False, "near_of": None,
                    "confidence": "open" if unknown else "likely",
                    "confidence_why": "no-answer" if unknown else "layer-undated",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def build_review(*, names=(), seed=7, illustration=True, problems=None, villages=None):
    """A finished review of thirty villages in three communes."""
    criteria = criteria_set()
    villages = build_villages(names=names) if villages is None else villages
    findings = build_findings(villages, criteria, seed)
    deciding = [c for c in criteria.criteria if c.kind != "context"]
    works = [c.id for c in deciding if c.fixable_by == "works"]
    wide = findings.pivot(index="village_id", columns="criterion", values="status").reindex(villages.index)
    wide = wide[[c.id for c in criteria.criteria]]
    results = pd.DataFrame(index=villages.index)
    results["status"] = [_verdict(row) for row in wide[[c.id for c in deciding]].to_numpy()]
    results["infra_status"] = [_verdict(row) for row in wide[works].to_numpy()]
    results["missed"] = (wide[[c.id for c in deciding]] == "unmet").sum(axis=1)
    results["infra_missed"] = (wide[works] == "unmet").sum(axis=1)
    results["unknown"] = (wide[[c.id for c in deciding]] == "unknown").sum(axis=1)
    results["score"] = 0.0
    reported = pd.DataFrame(
        {"record": np.where(villages["commune_id"] == "24003", None, "bieu.xlsx")}, index=villages.index
    )
    communes = pd.Series(dict(COMMUNES), name="name").rename_axis("commune_id").to_frame()
    shapes = gpd.GeoDataFrame(
        {"name": communes["name"]}, geometry=_outlines(villages, communes.index), crs=CRS
    )
    study = SimpleNamespace(
        id="minh-hoa", label=Label({"vi": "Huyện minh họa", "en": "Illustrative district"}), path=None, criteria=criteria,
        groups=pd.Series("chung", index=villages.index), villages=villages, communes=shapes, layers={},
        assessments={2025: reported}, former={}, crosswalk=None, own=pd.DataFrame(), binding={},
        parameters={}, crs=villages.crs, year=2025, as_of="2025-12-31", rung=4,
        target={"share_pct": 50, "by": "2025-12-31"}, reported=reported, illustration=illustration,
        problems=tuple(problems if problems is not None else DEFAULT_PROBLEMS), inputs={"villages.gpkg": "ab" * 32},
        citations=(), matches={}, weak_names=frozenset(), beside={},
    )  # fmt: skip
    run = Run(
        criteria.id, criteria.edition, criteria.hash, "", study.inputs, {}, "0", "2025-12-31", 2025, 0.1
    )
    nothing = conform(pd.DataFrame(columns=list(MEASUREMENTS)), MEASUREMENTS)
    return Review(study, nothing, findings, results, run)


DEFAULT_PROBLEMS = (
    Problem("web-no-village", {"village": "0199"}, "warning"),
    Problem("web-waiting", {}, "note"),
)


def _verdict(row):
    if (row == "unmet").any():
        return "unmet"
    return "unknown" if (row == "unknown").any() else "met"


def _outlines(villages, communes):
    known = villages[villages.geometry.notna() & (villages.geometry.geom_type == "Polygon")]
    return [shapely.union_all(known.geometry[known["commune_id"] == commune]) for commune in communes]
