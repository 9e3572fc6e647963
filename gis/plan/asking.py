"""Requests as people give them: plain data of a form or a YAML file, every fault in one error with its key."""

import json
import math
import unicodedata
from functools import lru_cache
from pathlib import Path

from gis.errors import PlanError, Problem
from gis.labels import Label
from gis.plan.amounts import to_vnd
from gis.plan.request import Fund, Request
from gis.yamltext import check_schema, line_of, read_yaml

SCHEMA_FILE = Path(__file__).with_name("request.schema.json")

TABLES = (".xlsx", ".xls", ".ods", ".csv")

MOST_TOLD = 50
"""Faults that are told one by one; of more it is said how many there are."""
UNSEEN = ("Cc", "Cs")
"""Control characters and halves of letters: no sheet, map layer or store can hold them."""


@lru_cache(maxsize=1)
def request_schema():
    """The JSON Schema of a request as plain data."""
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def read_request(path):
    """A request from a YAML file, or from a table of funds, which says the years and the money and nothing more.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Request

    Raises
    ------
    PlanError
        If the file is not YAML or not of the form of `request_schema`; every fault with its line.
    IntakeError
        If a table cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() in TABLES:
        from gis.plan.fundsheet import funds_from_excel

        years, funds = funds_from_excel(path)
        return request_from({"years": years, "funds": funds}, file=path.name)
    plain, lines = read_yaml(path, text_under=(), error=PlanError)
    return request_from(plain, lines=lines, file=path.name)


def request_from(plain, *, lines=None, file=None):
    """A request from plain data.

    Parameters
    ----------
    plain : Mapping
        Keys of `Request`; ``years`` may be a text ``2026-2030``, amounts may carry a unit (``5 tỷ``), one amount stands
        for every year.
    lines : Mapping, optional
        Path of keys to line, where it was read from a file.
    file : str, optional
        Its name.

    Returns
    -------
    Request

    Raises
    ------
    PlanError
        With every fault.
    """
    faults = Faults(plain, lines or {}, file)
    faults.form()
    return _Building(faults).request(plain)


class Faults:
    """Faults of a request, each said with the file, line and key where it stands."""

    def __init__(self, plain, lines=(), file=None):
        self.plain, self.lines, self.file, self.found = plain, dict(lines), file, {}

    def add(self, code, path, **arguments):
        problem = Problem(code, {"where": self._place(path), **arguments}, "error")
        self.found.setdefault(repr(problem), problem)

    def form(self):
        """Refuse what is not of the form of a request.

        Raises
        ------
        PlanError
        """
        try:
            check_schema(self.plain, {}, request_schema(), "", _Form)
        except _Form as error:
            for one in error.problems:
                told = {k: v for k, v in one.arguments.items() if k not in ("file", "line", "where")}
                if "expected" in told:
                    told["expected"] = _expected(told["expected"])
                path = tuple(
                    int(part) if part.isdigit() else part
                    for part in one.arguments["where"].split(".")
                    if part
                )
                self.add("plan-request-" + one.code.removeprefix("schema-"), path, **told)
        for path, value in _leaves(self.plain):
            # NaN is below no limit and above none, so that no limit of the form keeps it out
            if isinstance(value, float) and not math.isfinite(value):
                self.add("plan-request-not-finite", path, value=str(value))
            if isinstance(value, str) and any(unicodedata.category(letter) in UNSEEN for letter in value):
                self.add("plan-request-unseen", path)
        self.refuse()

    def refuse(self):
        """Raise what was found.

        Raises
        ------
        PlanError
        """
        if self.found:
            told = list(self.found.values())
            if len(told) > MOST_TOLD:
                left = Problem("plan-request-more", {"count": len(told) - MOST_TOLD}, "error")
                told = [*told[:MOST_TOLD], left]
            raise PlanError(problems=told)

    def _place(self, path):
        """Where a key stands, as ``plan.yaml:12 funds.ntm.amounts``; funds are called by their ids."""
        words, node = [], self.plain
        for part in path:
            inside = node[part] if _has(node, part) else None
            name = inside.get("id") if isinstance(part, int) and isinstance(inside, dict) else None
            words.append(
                str(name)[:60] if name else str(part + 1) if isinstance(part, int) else str(part)[:60]
            )
            node = inside
        key = ".".join(words) or "–"
        return key if self.file is None else f"{self.file}:{line_of(self.lines, path)} {key}"


LIMITS = {"minimum": "từ {} trở lên", "maximum": "nhiều nhất {}", "minLength": "ít nhất {} chữ", "maxLength": "nhiều nhất {} chữ",
          "minItems": "ít nhất {} mục", "maxItems": "nhiều nhất {} mục"}  # fmt: skip
TYPES = {"object": "các khóa", "array": "danh sách", "string": "chữ", "integer": "số nguyên", "number": "số",
         "boolean": "true hoặc false", "null": "null"}  # fmt: skip


@lru_cache(maxsize=1)
def _described():
    """What the form says of its parts in English to the same in Vietnamese."""
    return {
        node["description"]: node["description_vi"]
        for node in _mappings(request_schema())
        if "description_vi" in node
    }


def _mappings(node):
    if isinstance(node, dict):
        yield node
    for inside in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _mappings(inside)


def _expected(text):
    """What was expected in both languages, where the form or its limits say it."""
    word, _, rest = text.partition(" ")
    parts = text.split(" | ")
    if text in _described():
        shown = _described()[text]
    elif word in LIMITS and rest:
        shown = LIMITS[word].format(rest)
    elif all(part in TYPES for part in parts):
        shown = " | ".join(TYPES[part] for part in parts)
    else:
        shown = None
    return Label({"vi": shown, "en": text})


def _leaves(node, path=()):
    """Path and value of everything in plain data that holds nothing else; a key is a value too."""
    if isinstance(node, dict):
        for key, inside in node.items():
            yield (*path, key), key
            yield from _leaves(inside, (*path, key))
    elif isinstance(node, (list, tuple)):
        for at, inside in enumerate(node):
            yield from _leaves(inside, (*path, at))
    else:
        yield path, node


class _Form(PlanError):
    """Faults of the form, before they get their places."""


def _has(node, part):
    if isinstance(node, dict):
        return part in node
    return isinstance(node, list) and isinstance(part, int) and part < len(node)


class _Building:
    """Plain data of the right form to a request; what does not fit together is noted."""

    def __init__(self, faults):
        self.faults = faults

    def request(self, plain):
        years = self._years(plain["years"])
        funds = tuple(self._fund(each, ("funds", at), years) for at, each in enumerate(plain["funds"]))
        self._once([each["id"] for each in plain["funds"]], "plan-fund-twice", "funds")
        assumed = plain.get("assumed", [])
        self._once([each["criterion"] for each in assumed], "plan-assumed-twice", "assumed")
        locked, banned = tuple(plain.get("locked") or ()), tuple(plain.get("banned") or ())
        if both := sorted(set(locked) & set(banned)):
            self.faults.add("plan-locked-and-banned", ("locked",), options=both)
        floor = {name: value for name, value in plain.get("floor", {}).items() if value}
        if "vnd" in floor:
            floor["vnd"] = self._vnd(floor["vnd"], ("floor", "vnd"))
        costs = {name: self._vnd(each, ("costs", name)) for name, each in plain.get("costs", {}).items()}
        self.faults.refuse()
        usual = ("part", "maintenance", "seconds", "seed")
        return Request(
            years=years,
            funds=funds,
            assumed=tuple(dict(each) for each in assumed),
            floor=floor,
            essential=tuple(plain.get("essential") or ()),
            weights={name: float(each) for name, each in plain.get("weights", {}).items()},
            locked=locked,
            banned=banned,
            costs=costs,
            **{name: plain[name] for name in usual if name in plain},
        )

    def _years(self, given):
        if isinstance(given, str):
            ends = [int(part) for part in given.replace("–", "-").split("-")]
            given = list(range(ends[0], ends[-1] + 1)) or ends
        given = [given] if isinstance(given, int) else given
        if any(late <= early for early, late in zip(given, given[1:], strict=False)):
            self.faults.add("plan-years-not-rising", ("years",), years=[str(year) for year in given])
        if given[-1] - given[0] >= 30:
            self.faults.add("plan-years-too-many", ("years",), most=30)
        # to the form 2026.0 is a whole number too
        return tuple(map(int, given))

    def _fund(self, plain, path, years):
        given = plain["amounts"]
        if isinstance(given, list):
            amounts = [self._vnd(each, (*path, "amounts", at)) for at, each in enumerate(given)]
            if len(amounts) != len(years):
                self.faults.add("plan-fund-amounts", (*path, "amounts"), count=len(amounts), years=len(years))
        else:
            amounts = [self._vnd(given, (*path, "amounts"))] * len(years)
        more = {
            name: plain[name] for name in ("carry", "share_pct", "by_coefficient", "special") if name in plain
        }
        for name in ("total", "most_per_work", "debts"):
            if plain.get(name) is not None:
                more[name] = self._vnd(plain[name], (*path, name))
        for name in ("sectors", "communes", "kinds"):
            if plain.get(name) is not None:
                more[name] = tuple(plain[name])
        where = plain.get("where")
        if where is not None:
            more["where"] = tuple(map(dict, where)) if isinstance(where, list) else dict(where)
        most = plain.get("most_per_commune")
        if isinstance(most, dict):
            named = {name: self._vnd(each, (*path, "most_per_commune", name)) for name, each in most.items()}
            more["most_per_commune"] = named
        elif most is not None:
            more["most_per_commune"] = self._vnd(most, (*path, "most_per_commune"))
        if more.get("by_coefficient") and most is not None:
            self.faults.add("plan-fund-two-ceilings", (*path, "by_coefficient"))
        return Fund(id=plain["id"], label=plain.get("label") or plain["id"], amounts=tuple(amounts), **more)

    def _vnd(self, given, path):
        found = to_vnd(given)
        if found is None:
            self.faults.add("plan-not-money", path, value=str(given)[:60])
            return 0.0
        return found

    def _once(self, names, code, key):
        for at, name in enumerate(names):
            if name in names[:at]:
                self.faults.add(code, (key, at), name=name)
