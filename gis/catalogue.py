"""What a layer is: its role, its fields and the names they go by, read from `layers/*.yaml`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from gis.errors import CatalogueError
from gis.labels import Label
from gis.names import fold
from gis.yamltext import check_schema, read_yaml

FOLDER = Path(__file__).parent.parent / "layers"
ROLES = ("boundary", "facility", "network", "area", "raster", "table")
TYPES = ("text", "number", "integer", "yesno", "kind", "date", "year")
VOCABULARIES = MappingProxyType(
    {
        "kinds": "kind",
        "classes": "class",
        "surfaces": "surface",
        "conditions": "condition",
        "structures": "structure",
    }
)
"""Key of a layer file to the field whose values it lists."""


@dataclass(frozen=True)
class Field:
    """One field of a layer: canonical name, type, unit and the folded names it goes by in files."""

    name: str
    type: str
    unit: str | None
    label: Label
    names: frozenset


@dataclass(frozen=True)
class Layer:
    """A declared layer type.

    Attributes
    ----------
    fields : Mapping of str to Field
    vocabularies : Mapping of str to Mapping
        Field name to canonical value to ``(Label, patterns)``; for roads: class, surface, condition, structure.
    speeds : Mapping
        ``speeds[class][surface][season][mode]`` in km/h; empty for other layers.
    condition_factors : Mapping
        The share of the speed that is left on a road in each condition; empty for other layers.
    classes_table : Mapping
        Raster code to its meaning, for land cover; else empty.
    meaning : str
        What the numbers of a raster are, as `gis.regridding.regrid` takes it.
    between : tuple of float
        The least and the most that a cell of a raster can hold; what lies beyond is a slip of the file.
    checks : tuple of Mapping
        What must hold between fields: the ``parts`` there are up to ``whole``, ``least`` up to ``most``, ``of`` / ``per``
        ``between`` two numbers; ``severity`` of a row that breaks it.
    osm : tuple of dict
        Which features of an OpenStreetMap extract are of this layer, as `Reader.vector` takes it; else empty.
    """

    id: str
    label: Label
    role: str
    geometry: str
    fields: Mapping
    vocabularies: Mapping
    style: Mapping
    citation: Label
    max_age_years: float | None
    speeds: Mapping
    condition_factors: Mapping
    classes_table: Mapping
    meaning: str = "value"
    between: tuple = (-math.inf, math.inf)
    checks: tuple = ()
    osm: tuple = ()

    def patterns(self, field):
        """Pairs of canonical value and pattern for a field with a vocabulary, for `longest_patterns`."""
        return tuple(
            (value, pattern)
            for value, (_, patterns) in self.vocabularies.get(field, {}).items()
            for pattern in (value.replace("_", " "), *patterns)
        )

    def kind_label(self, kind):
        """The label of a facility kind, or the kind itself where the layer has none."""
        known = self.vocabularies.get("kind", {}).get(kind)
        return known[0] if known else Label(kind)

    def match_fields(self, columns):
        """Canonical field to column for every column whose name a field is known by.

        The canonical name itself wins over a synonym, an earlier column over a later one.
        """
        by_name = {}
        for column in columns:
            by_name.setdefault(fold(column), column)
        found = {}
        for field in self.fields.values():
            own = fold(field.name)
            names = [own] if own in by_name else [name for name in by_name if name in field.names]
            if names and by_name[names[0]] not in found.values():
                found[field.name] = by_name[names[0]]
        return found


@lru_cache(maxsize=4)
def load_catalogue(folder=FOLDER):
    """Every layer type of a folder.

    Parameters
    ----------
    folder : Path
        Holds one YAML file a layer; the file's name is the layer's id.

    Returns
    -------
    Mapping of str to Layer
        In order of id.

    Raises
    ------
    CatalogueError
        If a file is not YAML or not of the form in `catalogue.schema.json`.
    """
    return MappingProxyType({path.stem: _read_layer(path) for path in sorted(Path(folder).glob("*.yaml"))})


def _read_layer(path):
    data, lines = read_yaml(path, text_under=(), error=CatalogueError)
    check_schema(data, lines, SCHEMA, path.name, CatalogueError)
    if data["id"] != path.stem:
        raise CatalogueError(
            "catalogue-id-differs", file=path.name, line=lines.get(("id",), 1), id=data["id"]
        )
    fields = {
        name: Field(
            name,
            entry["type"],
            entry.get("unit"),
            Label(entry["label"]),
            frozenset({fold(name), *(fold(known) for known in entry.get("names", ()))}),
        )
        for name, entry in data.get("fields", {}).items()
    }
    vocabularies = {
        field: MappingProxyType(
            {
                value: (Label(entry["label"]), tuple(str(name) for name in entry.get("names", ())))
                for value, entry in data[key].items()
            }
        )
        for key, field in VOCABULARIES.items()
        if key in data and data["role"] != "raster"
    }
    return Layer(
        id=data["id"],
        label=Label(data["label"]),
        role=data["role"],
        geometry=data["geometry"],
        fields=MappingProxyType(fields),
        vocabularies=MappingProxyType(vocabularies),
        style=MappingProxyType(data.get("style", {})),
        citation=Label(data.get("citation", {})),
        max_age_years=data.get("max_age_years"),
        speeds=MappingProxyType(data.get("speeds", {})),
        classes_table=MappingProxyType(data.get("codes", {})),
        meaning=data.get("band", {}).get("meaning", "value"),
        between=tuple(data.get("band", {}).get("between", Layer.between)),
        checks=tuple(MappingProxyType(check) for check in data.get("checks", ())),
        osm=tuple(_tagged(entry, fields, path) for entry in data.get("osm", ())),
        condition_factors=MappingProxyType(data.get("condition_factors", {})),
    )


def _tagged(entry, fields, path):
    """An entry of `osm` in full; a field that the layer does not have is a slip of the pen."""
    named = {**entry.get("fields", {}), **entry.get("set", {})}
    strange = sorted(set(named) - set(fields))
    if strange:
        raise CatalogueError("catalogue-osm-field", file=path.name, fields=strange, known=sorted(fields))
    spare = {key: entry.get(key, {}) for key in ("fields", "set", "but_not")}
    return {"from": entry["from"], "tags": entry["tags"], **spare}


LABEL = {"type": "object", "required": ["vi", "en"], "additionalProperties": {"type": "string"}}
_VALUES = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["label"],
        "properties": {"label": LABEL, "names": {"type": "array"}},
    },
}
_KEY = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_:]*$"}
_TAGS = {
    "type": "object",
    "propertyNames": _KEY,
    "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string"}},
}
_OSM = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["from", "tags"],
        "additionalProperties": False,
        "properties": {
            "from": {
                "type": "array",
                "minItems": 1,
                "items": {"enum": ["points", "lines", "multilinestrings", "multipolygons"]},
            },
            "tags": {**_TAGS, "minProperties": 1},
            "but_not": _TAGS,
            "fields": {
                "type": "object",
                "additionalProperties": {
                    "anyOf": [
                        _KEY,
                        {"type": "array", "minItems": 1, "items": _KEY},
                        {
                            "type": "object",
                            "minProperties": 1,
                            "propertyNames": _KEY,
                            "additionalProperties": {"type": "string"},
                        },
                    ]
                },
            },
            "set": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    },
}
SCHEMA = {
    "type": "object",
    "required": ["id", "label", "role", "geometry"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "label": LABEL,
        "role": {"enum": list(ROLES)},
        "geometry": {"enum": ["point", "line", "polygon", "raster", "none"]},
        "fields": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["type", "label"],
                "properties": {
                    "type": {"enum": list(TYPES)},
                    "unit": {"type": ["string", "null"]},
                    "label": LABEL,
                    "names": {"type": "array"},
                    "note": LABEL,
                },
                "additionalProperties": False,
            },
        },
        "kinds": _VALUES,
        "classes": _VALUES,
        "surfaces": _VALUES,
        "conditions": _VALUES,
        "structures": _VALUES,
        "condition_factors": {
            "type": "object",
            "additionalProperties": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        },
        "seasons": _VALUES,
        "speeds": {"type": "object"},
        "codes": {"type": "object"},
        "band": {
            "type": "object",
            "properties": {
                "meaning": {"enum": ["value", "class", "count"]},
                "between": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
            },
        },
        "checks": {
            "type": "array",
            "items": {
                "type": "object",
                "oneOf": [
                    {"required": ["parts", "whole"]},
                    {"required": ["least", "most"]},
                    {"required": ["of", "per", "between"]},
                ],
                "properties": {
                    "parts": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                    "whole": {"type": "string"},
                    "least": {"type": "string"},
                    "most": {"type": "string"},
                    "of": {"type": "string"},
                    "per": {"type": "string"},
                    "between": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
                    "severity": {"enum": ["warning", "note"]},
                },
                "additionalProperties": False,
            },
        },
        "style": {"type": "object"},
        "citation": LABEL,
        "max_age_years": {"type": ["number", "null"]},
        "osm": _OSM,
    },
}
