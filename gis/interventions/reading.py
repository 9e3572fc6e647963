"""Read the kinds of work of a folder."""

from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from gis.criteria.rules import is_condition
from gis.errors import CatalogueError, Problem
from gis.interventions.model import Cost, Intervention
from gis.labels import Label
from gis.yamltext import check_schema, line_of, read_yaml

FOLDER = Path(__file__).parents[2] / "layers" / "interventions"


@lru_cache(maxsize=4)
def load_interventions(folder=FOLDER):
    """Every kind of work of a folder, by id, in order of id.

    Parameters
    ----------
    folder : Path
        One YAML file a kind of work; the file's name is its id.

    Returns
    -------
    Mapping of str to Intervention

    Raises
    ------
    CatalogueError
        If files are not YAML, not of the form `SCHEMA`, or say what cannot be; all faults of all files at once, each
        with file and line.
    """
    found, problems = {}, []
    for path in sorted(Path(folder).glob("*.yaml")):
        try:
            found[path.stem] = _read(path)
        except CatalogueError as fault:
            problems += fault.problems
    if problems:
        raise CatalogueError(problems=problems)
    return MappingProxyType(found)


def _read(path):
    data, lines = read_yaml(path, text_under=("in",), error=CatalogueError)
    check_schema(data, lines, SCHEMA, path.name, CatalogueError)
    problems = list(_faults(data, lines, path))
    if problems:
        raise CatalogueError(problems=problems)
    return Intervention(
        id=data["id"],
        label=Label(data["label"]),
        sector=data["sector"],
        unit=data["unit"],
        costs=tuple(_cost(each) for each in data["costs"]),
        reports=tuple(MappingProxyType(each) for each in data.get("reports", ())),
        works=MappingProxyType(data["works"]) if "works" in data else None,
        serves=MappingProxyType(data.get("serves", {})),
        places=float(data.get("places", "inf")),
        step=float(data.get("step", 1)),
        maintenance_pct=float(data.get("maintenance_pct", 0)),
        people_pct=float(data.get("people_pct", 0)),
        years=int(data.get("years", 0)),
        pays=tuple(data.get("pays", ("capital",))),
        note=Label(data["note"]) if "note" in data else None,
    )


def _cost(each):
    vnd = float(each["vnd"])
    return Cost(
        vnd=vnd,
        low=float(each.get("low", vnd)),
        high=float(each.get("high", vnd)),
        as_of=each["as_of"],
        verification=each["verification"],
        fixed_vnd=float(each.get("fixed_vnd", 0)),
        where=_condition(each.get("where")),
        source=each.get("source"),
    )


def _condition(where):
    return tuple(where) if isinstance(where, list) else where


def _faults(data, lines, path):
    """What the form allows and yet cannot be."""

    def fault(code, *keys, **arguments):
        place = {"file": path.name, "line": line_of(lines, keys)}
        return Problem(code, {**place, **arguments}, "error")

    if data["id"] != path.stem:
        yield fault("catalogue-id-differs", "id", id=data["id"])
    for number, cost in enumerate(data["costs"]):
        key = ("costs", number)
        low, high = cost.get("low", cost["vnd"]), cost.get("high", cost["vnd"])
        if not low <= cost["vnd"] <= high:
            yield fault("interventions-cost-order", *key, low=low, vnd=cost["vnd"], high=high)
        if cost["verification"] == "source" and not cost.get("source"):
            yield fault("interventions-cost-source", *key)
        where = cost.get("where", [])
        conditions = where if isinstance(where, list) else [where]
        if "where" in cost and not (conditions and all(map(is_condition, conditions))):
            yield fault("interventions-condition", *key, "where")
        if "where" not in cost and number < len(data["costs"]) - 1:
            yield fault("interventions-cost-hidden", *key)
    for number, report in enumerate(data.get("reports", ())):
        if len({"whole", "becomes", "less"} & set(report)) != 1:
            yield fault("interventions-report", "reports", number, field=report["field"])


LABEL = {"type": "object", "required": ["vi", "en"], "additionalProperties": {"type": "string"}}
AMOUNT = {"type": "number", "minimum": 0}
SHARE = {"type": "number", "minimum": 0, "maximum": 100}
SECTORS = ("roads", "water", "irrigation", "power", "telecom", "schools", "health", "culture")
SCHEMA = {
    "type": "object",
    "required": ["id", "label", "sector", "unit", "costs"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
        "label": LABEL,
        "sector": {"enum": list(SECTORS)},
        "unit": {"enum": ["km", "ha", "household", "room", "piece"]},
        "step": {"type": "number", "exclusiveMinimum": 0},
        "costs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["vnd", "as_of", "verification"],
                "additionalProperties": False,
                "properties": {
                    "vnd": AMOUNT,
                    "low": AMOUNT,
                    "high": AMOUNT,
                    "fixed_vnd": AMOUNT,
                    "as_of": {
                        "type": "string",
                        "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
                        "description": 'a year, month or day in quotes, as "2026" or "2026-11"',
                    },
                    "verification": {"enum": ["assumption", "user", "source"]},
                    "where": {"type": ["object", "array"]},
                    "source": {"type": "string"},
                },
            },
        },
        "reports": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field"],
                "additionalProperties": False,
                "properties": {
                    "field": {"type": "string"},
                    "whole": {"type": "string"},
                    "becomes": {"type": "number"},
                    "less": {"type": "number", "exclusiveMinimum": 0},
                    "once": {"enum": ["linked"]},
                },
            },
        },
        "works": {
            "type": "object",
            "required": ["layer", "does"],
            "additionalProperties": False,
            "properties": {
                "layer": {"type": "string"},
                "does": {"enum": ["build", "improve", "enlarge", "bridge", "repair"]},
                "kind": {"type": "string"},
                "classes": {"type": "array", "items": {"type": "string"}},
                "from": {"type": "string"},
                "field": {"type": "string"},
                "set": {"type": "object"},
            },
        },
        "serves": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "within_km": {"type": "number", "exclusiveMinimum": 0},
                "within_min": {"type": "number", "exclusiveMinimum": 0},
                "mode": {"type": "string"},
            },
        },
        "places": {"type": "number", "exclusiveMinimum": 0},
        "maintenance_pct": SHARE,
        "people_pct": SHARE,
        "years": {"type": "integer", "minimum": 0, "maximum": 10},
        "pays": {"type": "array", "items": {"enum": ["capital", "recurrent"]}},
        "note": LABEL,
    },
}
