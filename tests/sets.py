"""Criteria sets for tests, made in code."""

from types import MappingProxyType

from gis.criteria import Binding, CriteriaSet, Criterion
from gis.labels import Label

MEASURED = Binding("nearest_distance", (("facilities", "schools"), ("kind", "primary")))
REPORTED = Binding("reported_value", (("field", "distance"),))


def criterion(id_="c1", **changes):
    """A flag: nearest primary school at most 3 km, measured value decides."""
    facts = {
        "id": id_, "code": None, "label": Label({"vi": id_, "en": id_}), "clause": "Điều 1", "kind": "flag",
        "measured": MEASURED, "reported": REPORTED, "unit": "km", "compare": "le",
        "thresholds": MappingProxyType({"all": 3}), "decides": "measured", "fixable_by": "works", "theme": "schools",
        "verification": MappingProxyType({"all": "text"}), "checked": MappingProxyType({"all": None}), "applies": None,
        "source_ref": "QĐ 1", "source_url": None, "note": Label({}),
    }  # fmt: skip
    return Criterion(**{**facts, **changes})


def criteria_set(*criteria, **changes):
    """A set of flags that must all hold, with one group `all`."""
    facts = {
        "id": "test-set", "edition": "2026-01-01", "label": Label({"vi": "Bộ thử", "en": "Test set"}), "level": "village",
        "issuer": "–", "legal_ref": "QĐ 1", "valid_from": None, "valid_to": None, "status": Label({}), "polarity": "flag",
        "outcomes": MappingProxyType({"met": Label({"vi": "đạt", "en": "pass"}), "unmet": Label({"vi": "chưa đạt", "en": "fail"})}),
        "dimension": "region", "groups": MappingProxyType({"all": Label({"vi": "chung", "en": "all"})}),
        "default_group": "all", "group_rule": Label({}), "logic": "all", "target": None, "max_age_years": None,
        "sources": (), "verification_note": Label({}), "criteria": tuple(criteria), "path": "test-set.yaml",
    }  # fmt: skip
    return CriteriaSet(**{**facts, **changes})
