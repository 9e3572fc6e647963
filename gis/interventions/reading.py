"""Read the kinds of work of a folder."""

from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from gis.errors import CatalogueError
from gis.interventions.model import Cost, Intervention
from gis.labels import Label
from gis.yamltext import check_schema, read_yaml

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
        If a file is not YAML or not of the form `SCHEMA`.
    """
    return MappingProxyType({path.stem: _read(path) for path in sorted(Path(folder).glob("*.yaml"))})


def _read(path):
    data, lines = read_yaml(path, text_under=(), error=CatalogueError)
    check_schema(data, lines, SCHEMA, path.name, CatalogueError)
    if data["id"] != path.stem:
        raise CatalogueError(
            "catalogue-id-differs", file=path.name, line=lines.get(("id",), 1), id=data["id"]
        )
    costs = tuple(
        Cost(
            vnd=float(each["vnd"]),
            low=float(each.get("low", each["vnd"])),
            high=float(each.get("high", each["vnd"])),
            as_of=str(each["as_of"]),
            verification=each["verification"],
            fixed_vnd=float(each.get("fixed_vnd", 0)),
            where=each.get("where"),
            source=each.get("source"),
        )
        for each in data["costs"]
    )
    return Intervention(
        id=data["id"],
        label=Label(data["label"]),
        sector=data["sector"],
        unit=data["unit"],
        costs=costs,
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
        "unit": {"enum": ["km", "ha", "household", "piece"]},
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
                    "as_of": {"type": "string"},
                    "verification": {"enum": ["assumption", "user", "source"]},
                    "where": {"type": "object"},
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
