"""The study file: the recipe by which files become a study, read and checked before any file is opened."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from gis.criteria import CriteriaSet, load_criteria
from gis.errors import Problem, StudyError
from gis.labels import Label
from gis.yamltext import check_schema, line_of, read_yaml

SCHEMA_FILE = Path(__file__).with_name("study.schema.json")


@dataclass(frozen=True)
class Recipe:
    """A checked study file.

    Attributes
    ----------
    path : Path
    data : Mapping
        As in `study.schema.json`.
    lines : Mapping
        Path of keys to line number.
    criteria : CriteriaSet
    also : Mapping of str to CriteriaSet
        Sets that the study is judged by beside its own, by the name that the file gives them.
    """

    path: Path
    data: Mapping
    lines: Mapping
    criteria: CriteriaSet
    also: Mapping = field(default_factory=dict)

    @property
    def hash(self):
        """SHA-256 of all that the file says; the order of keys and the comments do not matter."""
        canonical = json.dumps(self.data, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def label(self):
        """The title as a `Label`."""
        return Label(self.data["title"])

    def line(self, *keys):
        """Line of a key in the study file."""
        return line_of(self.lines, keys)

    def file(self, *keys):
        """Path of the file named by the entry at `keys`."""
        entry = self.data
        for key in keys:
            entry = entry[key]
        return self.path.parent / entry["file"]


def read_recipe(path, catalogue, criteria=None, also=()):
    """Read a study file.

    Parameters
    ----------
    path : Path
    catalogue : Mapping of str to Layer
    criteria : str, optional
        Judge by this set instead of the one the study names; a path is relative to the current folder.
    also : iterable of str
        Further sets to judge by beside it and those that the study names.

    Returns
    -------
    Recipe

    Raises
    ------
    StudyError
        If the file is not YAML, has an unknown key, a wrong value, a layer or group that does not
        exist, or names a file that is not there; all faults at once, each with its line.
    CriteriaError
        If the criteria set is missing or wrong.
    """
    path = Path(path)
    data, lines = read_yaml(path, error=StudyError)
    check_form(data, lines, path.name)
    if criteria:
        chosen = load_criteria(Path(criteria) if _is_path(criteria) else criteria)
    else:
        name, line = data["criteria"], line_of(lines, ("criteria",))
        chosen = _named(path, name, line)
    beside = {
        name: _named(path, name, line_of(lines, ("also", number)))
        for number, name in enumerate(data.get("also", ()))
    }
    beside |= {name: load_criteria(Path(name) if _is_path(name) else name) for name in also}
    recipe = Recipe(path, data, lines, chosen, beside)
    check_recipe(recipe, catalogue, other_set=bool(criteria), more=_file_faults(recipe))
    return recipe


def _named(path, name, line):
    """A set as a study file names it: a path is relative to the file."""
    if _is_path(name):
        return load_criteria(path.parent / name)
    return load_criteria(name, file=path.name, line=line)


def check_form(data, lines, file):
    """Raise `StudyError` where the data are not of the form of a study file, with all faults and their lines."""
    if not isinstance(data, Mapping):
        raise StudyError("study-not-a-mapping", file=file)
    check_schema(data, lines, _schema(), file, StudyError)


def check_recipe(recipe, catalogue, *, other_set=False, more=()):
    """Raise `StudyError` where a recipe names what there is not; all faults at once.

    Parameters
    ----------
    recipe : Recipe
    catalogue : Mapping of str to Layer
    other_set : bool
        Whether the study is judged by another set than its own, and may bind groups that this one lacks.
    more : iterable of Problem
        Further faults to tell.
    """
    problems = [*_layer_faults(recipe, catalogue), *group_faults(recipe, other_set), *more]
    named = {type_of(name) for name in recipe.data.get("layers", {})}
    if "villages" not in named and not recipe.data.get("assessments"):
        problems.append(Problem("study-without-villages", {"file": recipe.path.name}, "error"))
    if problems:
        raise StudyError(problems=problems)


def type_of(name):
    """The layer type of a key under `layers`: what stands before a plus sign.

    A study may have several files of one type: ``schools``, ``schools+dak-to``.

    Examples
    --------
    >>> type_of("schools+dak-to"), type_of("schools")
    ('schools', 'schools')
    """
    return name.partition("+")[0]


def _is_path(name):
    return name.endswith((".yaml", ".yml")) or "/" in name


@lru_cache(maxsize=1)
def _schema():
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def _layer_faults(recipe, catalogue):
    file = recipe.path.name
    for name in recipe.data.get("layers", {}):
        where = {"file": file, "line": recipe.line("layers", name), "layer": name}
        kind_of = catalogue.get(type_of(name))
        if kind_of is None or kind_of.role == "table" or (kind_of.role == "raster" and kind_of.id != name):
            known = [layer.id for layer in catalogue.values() if layer.role != "table"]
            yield Problem("study-unknown-layer", {**where, "known": known}, "error")
            continue
        if kind_of.id != "roads" and "join_crossings" in recipe.data["layers"][name]:
            line = recipe.line("layers", name, "join_crossings")
            yield Problem("study-crossings-of-roads", {**where, "line": line}, "error")
        kinds = kind_of.vocabularies.get("kind", {})
        for kind in recipe.data["layers"][name].get("kinds", {}):
            if kind != "from" and kind not in kinds:
                line = recipe.line("layers", name, "kinds", kind)
                yield Problem(
                    "study-unknown-kind", {**where, "line": line, "kind": kind, "known": list(kinds)}, "error"
                )


def group_faults(recipe, other_set):
    """Groups that the set does not have, as problems; a study judged by another set than its own may bind others."""
    given, criteria = recipe.data.get("groups", {}), recipe.criteria
    for dimension, group in given.items():
        where = {"file": recipe.path.name, "line": recipe.line("groups", dimension), "criteria": criteria.id}
        if dimension != criteria.dimension:
            if other_set:
                continue
            yield Problem(
                "study-unknown-dimension",
                {**where, "dimension": dimension, "known": criteria.dimension or "–"},
                "error",
            )
        elif isinstance(group, str) and group not in criteria.groups:
            yield Problem(
                "study-unknown-group", {**where, "group": group, "known": list(criteria.groups)}, "error"
            )


def _file_faults(recipe):
    named = [("layers", name) for name in recipe.data.get("layers", {})]
    named += [("assessments", number) for number in range(len(recipe.data.get("assessments", ())))]
    for keys in named:
        found = recipe.file(*keys)
        if not found.is_file():
            where = {"file": recipe.path.name, "line": recipe.line(*keys, "file"), "missing": found.name}
            yield Problem("study-file-missing", where, "error")
    histories = recipe.data.get("histories")
    if histories and not (recipe.path.parent / histories).is_file():
        where = {"file": recipe.path.name, "line": recipe.line("histories"), "missing": histories}
        yield Problem("study-file-missing", where, "error")
