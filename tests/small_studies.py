"""Small studies drawn at random: villages, facilities, roads and sheets, and criteria of every kind that works can fix."""

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import tiny
from gis.catalogue import load_catalogue
from gis.criteria import Binding
from gis.findings import evaluate
from gis.labels import Label
from gis.measure import measure_checked
from gis.registry import discover
from gis.review import Review
from gis.study import LayerData, Study, frozen
from sets import criteria_set, criterion

CATALOGUE = load_catalogue()
AREA = shapely.box(-50_000, -50_000, 60_000, 60_000)
KINDS = {
    "schools": ("primary", "preschool"),
    "clinics": ("station", "village_post"),
    "culture_houses": (None,),
}


def drawn_review(seed, villages=9, criteria=18):
    """A review of a study and a set drawn at random; without heights, so that it takes no time."""
    discover("gis.indicators")
    random = np.random.default_rng(seed)
    study = _study(random, villages, criteria)
    measurements = measure_checked(study, study.criteria)
    findings = evaluate(measurements, study.criteria, study.villages, study.groups)
    return Review(study, measurements, findings, pd.DataFrame(index=study.villages.index), None)


def _study(random, count, asked):
    villages = tiny.villages(
        count,
        population=random.integers(100, 900, count).astype(float),
        approximate=random.random(count) < 0.1,
    )
    villages["households"] = np.ceil(villages["population"] / 4)
    villages["commune_id"] = [f"x{n % 2}" for n in range(count)]
    spots = shapely.points(
        random.uniform(100, 900, (count, 2)) + np.column_stack([np.arange(count) * 1000, np.zeros(count)])
    )
    villages["point"] = gpd.GeoSeries(spots, index=villages.index, crs=tiny.CRS)
    if random.random() < 0.3:
        villages.loc["v0", "point"] = None
    layers = {
        name: _layer(random, name, kinds, count) for name, kinds in KINDS.items() if random.random() < 0.9
    }
    along = [
        shapely.LineString([(n * 1000, 500), ((n + 1) * 1000, 500)])
        for n in range(count)
        if random.random() < 0.9
    ]
    layers["roads"] = _data("roads", tiny.roads(*along))
    sheet = _sheet(random, villages)
    return Study(
        id="drawn", label=Label({"vi": "Thử", "en": "Drawn"}), path="", criteria=_criteria(random, asked),
        groups=pd.Series("all", villages.index), villages=villages,
        communes=gpd.GeoDataFrame({"name": ["x0", "x1"]}, geometry=[None, None], index=["x0", "x1"], crs=tiny.CRS),
        layers=frozen(layers), assessments=frozen({2025: sheet}), parameters=frozen({}), target=frozen({}), crs=tiny.CRS,
        year=2025, as_of=None, rung=0, illustration=True, problems=(), inputs=frozen({}), citations=(),
    )  # fmt: skip


def _layer(random, name, kinds, count):
    places = [
        (*random.uniform(0, [count * 1000, 1000]), str(random.choice(kinds)) if kinds[0] else None)
        for _ in range(random.integers(2, count))
    ]
    frame = tiny.facilities(*places).assign(capacity=random.integers(20, 400, len(places)).astype(float))
    shut = random.random(len(frame)) < 0.3
    shut[0] = False
    return _data(
        name, frame[~shut], frame[shut].assign(working=0.0), "unknown" if random.random() < 0.1 else "yes"
    )


def _data(name, frame, closed=None, complete="yes"):
    counts = {"rows_in": len(frame), "rows_used": len(frame), "rows_reported": 0}
    return LayerData(
        CATALOGUE[name], frame, None, {"*": complete}, "2025", "f.gpkg", AREA, counts, closed=closed
    )


def _sheet(random, villages):
    count = len(villages)
    sheet = pd.DataFrame({"record": "a.xlsx · 1", "households": villages["households"]}, index=villages.index)
    for name in (
        "safe_power_households",
        "hygienic_water_households",
        "piped_water_households",
        "grid_households",
    ):
        sheet[name] = np.floor(villages["households"] * random.uniform(0.3, 1, count))
    for part, whole in (
        ("road_alley_clean_km", "road_alley_km"),
        ("irrigated_ha", "farmland_ha"),
        ("canal_lined_km", "canal_km"),
    ):
        sheet[whole] = random.uniform(0.5, 9, count).round(2)
        sheet[part] = (sheet[whole] * random.uniform(0.1, 1, count)).round(2)
    sheet["kindergarten_rooms"] = random.integers(1, 9, count).astype(float)
    sheet["kindergarten_rooms_not_solid"] = np.floor(
        sheet["kindergarten_rooms"] * random.uniform(0, 1, count)
    )
    for name in ("culture_house", "mobile_signal", "primary_school_govt"):
        sheet[name] = random.choice([0.0, 1.0, np.nan], count, p=[0.5, 0.4, 0.1])
    return sheet


def _criteria(random, asked):
    def share(part, whole, low, high):
        return {
            "reported": _bound("reported_share", numerator=part, denominator=whole),
            "unit": "%",
            "figure": int(random.integers(low, high)),
        }

    schools, clinics = (
        {"facilities": "schools", "kind": "primary"},
        {"facilities": "clinics", "kind": "station"},
    )
    both = str(random.choice(["reported", "measured", "worse"]))
    drawn = [
        {**share("safe_power_households", "households", 50, 100), "compare": str(random.choice(["ge", "gt"]))},
        {**share("hygienic_water_households", "households", 50, 100), "compare": "lt", "kind": "trigger"},
        {**share("piped_water_households", "households", 40, 100), "compare": "ge"},
        {**share("road_alley_clean_km", "road_alley_km", 50, 101), "compare": "ge"},
        {**share("irrigated_ha", "farmland_ha", 50, 100), "compare": "gt"},
        {**share("kindergarten_rooms_not_solid", "kindergarten_rooms", 10, 60), "compare": "ge", "kind": "trigger"},
        {
            "reported": _bound("reported_missing_share", numerator="grid_households", denominator="households"),
            "unit": "%", "figure": int(random.integers(1, 40)), "compare": "gt", "kind": "trigger",
        },
        {
            "reported": _bound("reported_sum_share", numerators=("canal_lined_km",), denominator="canal_km"),
            "unit": "%", "figure": 45, "compare": "ge",
        },
        {"reported": _bound("reported_value", field="mobile_signal"), "unit": "bool", "figure": True, "compare": "present"},
        {
            "measured": _bound("present_inside", facilities="culture_houses"),
            "reported": _bound("reported_value", field="culture_house"),
            "unit": "bool", "figure": True, "compare": "present", "decides": both,
        },
        {
            "measured": _bound("present_inside", **schools),
            "reported": _bound("reported_value", field="primary_school_govt"),
            "unit": "bool", "figure": True, "compare": "absent", "kind": "trigger", "decides": both,
        },
        {"measured": _bound("nearest_distance", **schools), "unit": "km", "figure": round(random.uniform(0.2, 3), 2), "compare": "le"},
        {
            "measured": _bound("network_distance", **schools), "unit": "km",
            "figure": round(random.uniform(0.5, 3), 2), "compare": "ge", "kind": "trigger",
        },
        {"measured": _bound("walking_time", **clinics), "unit": "min", "figure": int(random.integers(5, 40)), "compare": "lt"},
        {
            "measured": _bound("people_per_facility", **schools), "unit": "people",
            "figure": int(random.integers(600, 2000)), "compare": "le",
        },
        {
            "measured": _bound("capacity_gap", within_km=2.5, **clinics), "unit": "people",
            "figure": int(random.integers(0, 200)), "compare": "le",
        },
        {"measured": _bound("served_share", within_km=2.5, **clinics), "unit": "%", "figure": 70, "compare": "ge"},
        {"measured": _bound("facilities_per_1000", **clinics), "unit": "per 1,000 people", "figure": 1, "compare": "ge"},
    ]  # fmt: skip
    chosen = np.sort(random.permutation(len(drawn))[:asked])
    return criteria_set(*(_criterion(f"c{at:02d}", **drawn[at]) for at in chosen))


def _bound(indicator, **arguments):
    return Binding(indicator, tuple(sorted(arguments.items())))


def _criterion(id_, *, figure, measured=None, reported=None, decides=None, **rest):
    decides = decides or ("measured" if reported is None else "reported")
    return criterion(
        id_,
        measured=measured,
        reported=reported,
        decides=decides,
        thresholds=MappingProxyType({"all": figure}),
        **rest,
    )
