"""A set file's content checked, all faults at once, and made into a `CriteriaSet`."""

import json
import math
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from gis.criteria.binding import Binding
from gis.criteria.faults import Faults
from gis.criteria.model import CriteriaSet, Criterion
from gis.criteria.points import full_entry
from gis.criteria.rows import VERIFICATION, check_criterion, check_scale, parts_by_group
from gis.criteria.rules import check_group_by, check_logic, is_date
from gis.errors import CriteriaError
from gis.labels import Label
from gis.yamltext import check_schema

__all__ = ["VERIFICATION", "build_set"]

SCHEMA_FILE = Path(__file__).parents[1] / "criteria.schema.json"
NOTHING = Label({})


def build_set(data, lines=None, *, file="", path=""):
    """A criteria set from the plain content of a set file.

    Parameters
    ----------
    data : dict
        As `criteria.schema.json` describes it.
    lines : Mapping, optional
        Path of keys to line number, or to a text that says where a reader finds it.
    file : str
        Name used in errors.
    path : str
        Where the set came from; kept with it.

    Returns
    -------
    CriteriaSet
        Texts in NFC and without surrounding spaces; shorthands written out for every group.

    Raises
    ------
    CriteriaError
        If anything in it is wrong: all faults at once, each with file and line, in the order of lines.
    """
    if not isinstance(data, dict):
        raise CriteriaError("criteria-not-a-mapping", file=file)
    data, faults = clean(data), Faults(file, lines or {})
    try:
        check_schema(data, faults.lines, _schema(), file, CriteriaError)
    except CriteriaError as error:
        faults.problems += error.problems
    _check(data, faults)
    faults.raise_any()
    return _build(data, path)


def clean(value, key=None):
    """Plain content with NFC texts, whole numbers as int, and keys without a value left out.

    A figure or pass mark that is null stays: there it means "not known".
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if isinstance(value, dict):
        cleaned = {name: clean(part, name) for name, part in value.items()}
        keep = key in ("thresholds", "nearly")
        return {
            name: part
            for name, part in cleaned.items()
            if part is not None or keep or name in ("thresholds", "pass")
            if not (name == "code" and part in ("null", "~"))
        }
    if isinstance(value, (list, tuple)):
        return [clean(part) for part in value]
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value


@lru_cache(maxsize=1)
def _schema():
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def _check(data, faults):
    """What a schema cannot say; parts of a wrong type are the schema's business and are passed over."""
    for key in ("edition", "valid_from", "valid_to"):
        if isinstance(data.get(key), str) and not is_date(data[key][:10] if key == "edition" else data[key]):
            faults.add("criteria-date", (key,), value=data[key])
    target = data.get("target")
    if isinstance(target, dict) and isinstance(target.get("by"), str) and not is_date(target["by"]):
        faults.add("criteria-date", ("target", "by"), value=target["by"])
    first, last = data.get("valid_from"), data.get("valid_to")
    if isinstance(first, str) and isinstance(last, str) and is_date(first) and is_date(last) and first > last:
        faults.add("criteria-dates-reversed", ("valid_to",), first=first, last=last)
    groups = _groups(data)
    if groups and isinstance(data.get("default_group"), str) and data["default_group"] not in groups:
        faults.add("criteria-unknown-group", ("default_group",), group=data["default_group"], known=groups)
    if "group_by" in data:
        check_group_by(data["group_by"], groups, faults)
    rows = data.get("criteria")
    by_id = {}
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, dict):
            continue
        if isinstance(row.get("id"), str):
            if row["id"] in by_id:
                faults.add("criteria-id-twice", ("criteria", number, "id"), criterion=row["id"])
            by_id[row["id"]] = row
        check_criterion(row, ("criteria", number), groups, data.get("polarity"), faults)
    if "logic" in data:
        check_logic(data["logic"], by_id, data.get("polarity"), faults)
    if isinstance(data.get("logic"), dict) and "points" in data["logic"]:
        check_scale(data["logic"], faults)


def _groups(data):
    groups = data.get("groups")
    inner = next(iter(groups.values())) if isinstance(groups, dict) and len(groups) == 1 else None
    return list(inner) if isinstance(inner, dict) else []


def _build(data, path):
    dimension, groups = next(iter(data["groups"].items()))
    return CriteriaSet(
        id=data["id"],
        edition=data["edition"],
        label=Label(data["label"]),
        level=data["level"],
        issuer=data["issuer"],
        derived_from=data.get("derived_from"),
        legal_ref=data["legal_ref"],
        valid_from=data.get("valid_from"),
        valid_to=data.get("valid_to"),
        status=Label(data.get("status", NOTHING)),
        polarity=data["polarity"],
        outcomes=_frozen({word: Label(text) for word, text in data["outcomes"].items()}),
        dimension=dimension,
        groups=_frozen({group: Label(text) for group, text in groups.items()}),
        default_group=data.get("default_group"),
        group_rule=Label(data.get("group_rule", NOTHING)),
        group_by=freeze(data.get("group_by", [])),
        logic=freeze(_logic(data)),
        target=_target(data.get("target")),
        max_age_years=data.get("max_age_years"),
        sources=tuple(data.get("sources", ())),
        verification_note=Label(data.get("verification_note", NOTHING)),
        criteria=tuple(_criterion(row, list(groups)) for row in data["criteria"]),
        path=path,
    )


def _logic(data):
    """The logic with its shorthands written out: points as mappings, what is required in the order of rows."""
    logic = data["logic"]
    if not isinstance(logic, dict) or "points" not in logic:
        return logic
    named = logic.get("required", [])
    required = [row["id"] for row in data["criteria"] if row["id"] in named]
    points = {name: full_entry(entry) for name, entry in logic["points"].items()}
    return {**logic, "points": points, "pass": logic.get("pass")} | {"required": required}


def _criterion(row, groups):
    parts = parts_by_group(row, groups)
    return Criterion(
        id=row["id"],
        code=row.get("code"),
        label=Label(row["label"]),
        clause=row.get("clause"),
        kind=row["kind"],
        measured=_binding(row.get("measured")),
        reported=_binding(row.get("reported")),
        unit=row.get("unit"),
        compare=row["compare"],
        thresholds=_frozen(parts["thresholds"]),
        nearly=_frozen(parts["nearly"]),
        legal_ref=row.get("legal_ref"),
        decides=row["decides"],
        fixable_by=row["fixable_by"],
        theme=row["theme"],
        verification=_frozen(parts["verification"]),
        checked=_frozen({group: check and _frozen(check) for group, check in parts["checked"].items()}),
        applies=freeze(row.get("applies")),
        source_ref=row["source"]["ref"],
        source_url=row["source"].get("url"),
        note=Label(row.get("note", NOTHING)),
    )


def _binding(plain):
    return None if plain is None else Binding.from_plain(plain)


def _target(plain):
    if not plain:
        return None
    return _frozen({key: Label(value) if key == "of" else value for key, value in plain.items()})


def freeze(value):
    """Nested dicts and lists as read-only mappings and tuples."""
    if isinstance(value, Mapping):
        return _frozen({key: freeze(part) for key, part in value.items()})
    return tuple(freeze(part) for part in value) if isinstance(value, list) else value


def _frozen(mapping):
    return MappingProxyType(dict(mapping))
