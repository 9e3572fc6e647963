"""How the money of a programme is shared out to communes by coefficients, and which works a simple procedure is for.

Rules are data (`layers/funds/*.yaml`), so that an official replaces figures that nobody has checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from gis.conditions import holds
from gis.errors import PlanError
from gis.labels import Label
from gis.trivalent import UNKNOWN, YES
from gis.yamltext import check_schema, read_yaml

FOLDER = Path(__file__).parents[2] / "layers" / "funds"

SPECIAL_BELOW = 5e9
"""Dong that a work of the special mechanism must stay below: NĐ 161/2016, followed by NĐ 27/2022 whose ceiling was not read."""


@dataclass(frozen=True)
class Coefficients:
    """A rule of points by which money is shared out.

    Attributes
    ----------
    communes : tuple of (float, Mapping)
        Points of a commune that has a village for which the condition holds; the highest counts.
    otherwise : float
        Points of a commune for which none holds.
    villages : tuple of (float, Mapping)
        Points that each village for which it holds adds to its commune.
    verification : str
        How sure the figures are: text, secondary, memory ...
    """

    id: str
    label: Label
    communes: tuple
    otherwise: float
    villages: tuple
    verification: str
    source: str
    note: Label

    @property
    def checked(self):
        """Whether the figures were read in the decision itself."""
        return self.verification == "text"


@dataclass(frozen=True)
class Shared:
    """Who gets how much.

    Attributes
    ----------
    table : DataFrame
        Index commune_id: ``points``, ``vnd``, and ``open``: whether an attribute is blank that could give it more.
    """

    rule: Coefficients
    table: pd.DataFrame

    @property
    def by_commune(self):
        """Commune id to dong."""
        return {name: float(vnd) for name, vnd in self.table["vnd"].items()}


@lru_cache(maxsize=4)
def load_coefficients(folder=FOLDER):
    """Every rule of a folder, by id.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Mapping of str to Coefficients

    Raises
    ------
    PlanError
        If a file is not YAML or not of the form.
    """
    return MappingProxyType({path.stem: _read(path) for path in sorted(Path(folder).glob("*.yaml"))})


def share_out(rule, total, villages, communes):
    """Money shared out to communes in proportion to their points.

    Parameters
    ----------
    rule : Coefficients
    total : float
        VND.
    villages : DataFrame
        ``commune_id`` and the attributes that the rule asks for.
    communes : iterable of str
        Those that get a share.

    Returns
    -------
    Shared

    Examples
    --------
    >>> rule = load_coefficients()["vn-2026-2030"]
    >>> villages = pd.DataFrame({"commune_id": ["a", "b", "b"], "zone": ["III", "I", "I"], "poverty_class": "no"})
    >>> share_out(rule, 8e9, villages, ["a", "b"]).by_commune
    {'a': 5000000000.0, 'b': 3000000000.0}
    """
    names = pd.Index(sorted(communes), name="commune_id")
    points, open_ = np.full(len(names), rule.otherwise), np.zeros(len(names), dtype=bool)
    at = names.get_indexer(villages["commune_id"])
    known = at >= 0
    for gives, condition in sorted(rule.communes, key=lambda each: each[0]):
        answer = holds(condition, villages)
        points[at[known & (answer == YES)]] = gives
        open_[at[known & (answer == UNKNOWN)]] |= condition["attribute"] in villages
    for gives, condition in rule.villages:
        answer = holds(condition, villages)
        np.add.at(points, at[known & (answer == YES)], gives)
        open_[at[known & (answer == UNKNOWN)]] |= condition["attribute"] in villages
    whole = points.sum()
    table = pd.DataFrame(
        {"points": points, "vnd": total * points / whole if whole else 0.0, "open": open_}, names
    )
    return Shared(rule, table)


def special(options):
    """Which works may go by the special mechanism: below `SPECIAL_BELOW`, in one commune, the people take part.

    Whether the design is a simple one, which the rule asks too, nobody can tell from here.

    Parameters
    ----------
    options : DataFrame
        Table `OPTIONS`.

    Returns
    -------
    Series of bool
    """
    fits = (options["cost"] < SPECIAL_BELOW) & (options["people_pct"] > 0) & options["commune_id"].notna()
    return fits.astype(bool)


def _read(path):
    data, lines = read_yaml(path, text_under=("in",), error=PlanError)
    check_schema(data, lines, SCHEMA, path.name, PlanError)
    pairs = {
        side: tuple((float(each["points"]), MappingProxyType(each["when"])) for each in data.get(side, ()))
        for side in ("communes", "villages")
    }
    return Coefficients(
        id=data["id"],
        label=Label(data["label"]),
        otherwise=float(data["otherwise"]),
        verification=data["verification"],
        source=data["source"],
        note=Label(data["note"]),
        **pairs,
    )


LABEL: Mapping = {"type": "object", "required": ["vi", "en"], "additionalProperties": {"type": "string"}}
POINTS: Mapping = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["points", "when"],
        "additionalProperties": False,
        "properties": {
            "points": {"type": "number", "minimum": 0},
            "when": {
                "type": "object",
                "required": ["attribute", "in"],
                "additionalProperties": False,
                "properties": {
                    "attribute": {"type": "string"},
                    "in": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                },
            },
        },
    },
}
SCHEMA: Mapping = {
    "type": "object",
    "required": ["id", "label", "communes", "otherwise", "verification", "source", "note"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "label": LABEL,
        "communes": POINTS,
        "villages": POINTS,
        "otherwise": {"type": "number", "exclusiveMinimum": 0},
        "verification": {"enum": ["text", "secondary", "ocr", "memory", "unknown", "placeholder"]},
        "source": {"type": "string"},
        "note": LABEL,
    },
}
