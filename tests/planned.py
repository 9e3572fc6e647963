"""Studies of one sheet, judged by the real engines, for plans that can be worked out by hand."""

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point, box

from gis.criteria import Binding
from gis.interventions import Cost, Intervention
from gis.labels import Label
from gis.study import Study, frozen
from gis.tables import OPTIONS, WAYS, conform
from gis.workflows import judge
from sets import criteria_set, criterion

CRS = "EPSG:9216"
SHARES = {
    "water": ("hygienic_water_households", "households", 90, "water"),
    "power": ("safe_power_households", "households", 98, "power"),
    "road": ("road_village_hard_km", "road_village_km", 70, "roads"),
}


def kind(id_, sector, unit, vnd, reports, **changes):
    """A kind of work that costs the same everywhere."""
    cost = Cost(vnd, 0.7 * vnd, 1.3 * vnd, "2026", "assumption", **changes.pop("cost", {}))
    label = Label({"vi": id_, "en": id_})
    return Intervention(
        id_, label, sector, unit, (cost,), reports=tuple(map(MappingProxyType, reports)), **changes
    )


HOUSES = {"field": "culture_house", "becomes": 1}
HARD = {"field": "road_village_hard_km", "whole": "road_village_km"}
WATER = {"field": "hygienic_water_households", "whole": "households"}
KINDS = {
    "house": kind("house", "culture", "piece", 1.2e9, [HOUSES], people_pct=10.0),
    "road": kind("road", "roads", "km", 1.5e9, [HARD], step=0.1),
    "scheme": kind("scheme", "water", "household", 15e6, [WATER], cost={"fixed_vnd": 5e8}),
}
"""Kinds of work whose costs stay, whatever those of the house become."""


def share(id_, part, whole, figure, theme, **changes):
    """A criterion on a share of what the village reports."""
    return criterion(
        id_,
        measured=None,
        reported=Binding("reported_share", (("numerator", part), ("denominator", whole))),
        unit="%",
        compare="ge",
        thresholds=MappingProxyType({"all": figure}),
        decides="reported",
        theme=theme,
        **changes,
    )


def presence(id_, field, theme, **changes):
    """A criterion on something that the village says it has."""
    return criterion(
        id_,
        measured=None,
        reported=Binding("reported_value", (("field", field),)),
        unit="bool",
        compare="present",
        thresholds=MappingProxyType({"all": True}),
        decides="reported",
        theme=theme,
        **changes,
    )


def usual_set(**changes):
    """Water, power, roads and a culture house by works; housing by a programme."""
    rows = [share(name, *facts) for name, facts in SHARES.items()]
    rows += [presence("house", "culture_house", "culture")]
    rows += [share("housing", "solid_houses", "houses", 75, "housing", fixable_by="programme")]
    return criteria_set(*rows, **changes)


def passing_row(**changes):
    """What a village of 100 households reports that passes everything."""
    return {
        "hygienic_water_households": 100.0,
        "safe_power_households": 100.0,
        "road_village_km": 10.0,
        "road_village_hard_km": 10.0,
        "culture_house": 1.0,
        "houses": 100.0,
        "solid_houses": 100.0,
        **changes,
    }


def judged(rows, *, criteria=None, communes=None, **attributes):
    """A review of villages v0, v1, ... of 100 households, 400 people each, by what they report."""
    ids = pd.Index([f"v{at:03d}" for at in range(len(rows))], name="village_id")
    communes = communes or ["x1"] * len(rows)
    squares = [box(at * 1000, 0, at * 1000 + 1000, 1000) for at in range(len(rows))]
    villages = gpd.GeoDataFrame(
        {
            "name": [f"Thôn {at}" for at in range(len(rows))],
            "commune_id": communes,
            "commune": [f"Xã {one}" for one in communes],
            "population": 400.0,
            "households": 100.0,
            "approximate": False,
            "extent_doubt_m": np.nan,
            **attributes,
        },
        geometry=squares,
        index=ids,
        crs=CRS,
    )
    villages["point"] = gpd.GeoSeries([Point(at * 1000 + 500, 500) for at in range(len(rows))], ids, crs=CRS)
    sheet = pd.DataFrame([passing_row(**row) for row in rows], index=ids).assign(households=100.0)
    sheet["record"] = [f"ra-soat.xlsx · {at + 2}" for at in range(len(rows))]
    named = sorted(set(communes))
    study = Study(
        id="tiny",
        label=Label({"vi": "Huyện mẫu", "en": "Sample district"}),
        path="study.yaml",
        criteria=criteria or usual_set(),
        groups=pd.Series("all", index=ids),
        villages=villages,
        communes=gpd.GeoDataFrame(
            {"name": [f"Xã {one}" for one in named]}, geometry=[None] * len(named), index=pd.Index(named, name="commune_id"), crs=CRS
        ),
        layers=frozen({}),
        assessments=frozen({2025: sheet}),
        parameters=frozen({}),
        target=frozen({"share_pct": 50.0, "by": "2030"}),
        crs=villages.crs,
        year=2025,
        as_of="2025",
        rung=0,
        illustration=True,
        problems=(),
        inputs=frozen({}),
        citations=(),
    )  # fmt: skip
    return judge(study)


def work(id_, cost, *, village, commune="x1", sector="roads", **changes):
    """A row of `OPTIONS` by hand."""
    row = {
        "option_id": id_, "intervention": None, "name": id_, "source": "proposed", "sector": sector, "village_id": village,
        "commune_id": commune, "place": None, "quantity": 1.0, "unit": "piece", "cost": float(cost),
        "cost_low": 0.7 * cost, "cost_high": 1.3 * cost, "cost_by": "assumption", "maintenance": 0.0, "people_pct": 0.0,
        "places": np.inf, "pays": "capital", "years": 0, "wanted": None, "edits": (), "geometry": None,
    }  # fmt: skip
    return {**row, **changes}


def options_of(works, closes):
    """`Options` from works and rows (village, criterion, way, option, amount, need)."""
    from gis.plan import Options

    table = pd.DataFrame(works, columns=["option_id", *OPTIONS]).set_index("option_id").sort_index()
    rows = [dict(zip(WAYS, (*row, 0.0), strict=True)) for row in closes]
    ways = pd.DataFrame(rows, columns=list(WAYS))
    return Options(conform(table, OPTIONS), conform(ways, WAYS))
