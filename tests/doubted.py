"""Small studies, really measured and judged, for what is said of how sure they are."""

from types import MappingProxyType

import geopandas as gpd
import pandas as pd
from shapely import box

import tiny
from gis.catalogue import load_catalogue
from gis.confidence import rate
from gis.criteria import Binding
from gis.disagreements import disagreements
from gis.findings import evaluate
from gis.labels import Label
from gis.measure import measure
from gis.study import LayerData, Study, Tolerance
from gis.tolerance import with_tolerance
from sets import criteria_set, criterion

CATALOGUE = load_catalogue()
HAS_SCHOOL = Binding("reported_value", (("field", "school"),))


def inside(id_="inside", **changes):
    """A primary school inside the village: a point on the map, and a cell of the sheet."""
    facts = {
        "measured": Binding("present_inside", (("facilities", "schools"), ("kind", "primary"))),
        "reported": HAS_SCHOOL,
        "unit": "bool",
        "compare": "present",
        "thresholds": MappingProxyType({"all": True}),
    }
    return criterion(id_, **{**facts, **changes})


def layer(name, frame, *, complete="yes", as_of="2024", limit_years=None, age_years=None, everywhere=1e5):
    """A layer of a study that covers everything around it."""
    return LayerData(
        layer=CATALOGUE[name],
        frame=frame,
        raster=None,
        complete=complete if isinstance(complete, dict) else {"*": complete},
        as_of=as_of,
        file=f"{name}.gpkg",
        outline=box(-everywhere, -everywhere, everywhere, everywhere),
        counts={},
        age_years=age_years,
        limit_years=limit_years,
    )


def study(
    *criteria,
    villages=None,
    layers=(),
    year=2024,
    matches=None,
    as_of=None,
    max_age_years=None,
    tolerance=None,
    **reported,
):
    """A study over tiny villages whose sheet of `year` reports the columns given by name."""  # fmt: skip
    villages = tiny.villages() if villages is None else villages
    sheet = pd.DataFrame(reported, index=villages.index)
    sheet["record"] = [f"bieu.xlsx · {n + 2}" for n in range(len(villages))] if reported else None
    given = Tolerance(**(tolerance or {}))
    outlines = villages.geometry.dropna()
    communes = gpd.GeoDataFrame(
        {"name": ["Xã Một"]},
        geometry=[outlines.union_all() if len(outlines) else None],
        index=pd.Index(["x1"], name="commune_id"),
        crs=villages.crs,
    )
    return Study(
        id="test",
        label=Label("Thử"),
        path="study.yaml",
        criteria=criteria_set(*criteria, max_age_years=max_age_years),
        groups=pd.Series("all", index=villages.index),
        villages=villages,
        communes=communes,
        layers=dict(layers),
        assessments={year: sheet},
        parameters=given.as_parameters(),
        target={},
        crs=villages.crs,
        year=year,
        as_of=as_of,
        rung=4,
        illustration=False,
        problems=(),
        inputs={},
        citations=(),
        matches=matches or {},
    )


def judged(made):
    """Measurements and rated findings of a study."""
    measurements = measure(made, made.criteria, CATALOGUE)
    findings = evaluate(measurements, made.criteria, made.villages, made.groups)
    return measurements, rate(with_tolerance(findings, measurements, made), made)


def found(made):
    """The disagreements of a study, and its findings."""
    measurements, findings = judged(made)
    return disagreements(made, measurements, findings), findings
