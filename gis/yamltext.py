"""YAML as people write it: what looks like text stays text, and every value knows its line.

Plain YAML reads `0123` as 83, `no` as False and 2024-01-01 as a date, and lets a second key silently
replace the first. Here only `true`, `false`, `null` and plain numbers are anything but text.
"""

import re
from functools import lru_cache

import yaml

from gis.errors import GisError, Problem

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?\Z")
MAX_BYTES = 2_000_000
MAX_DEPTH = 40


def read_yaml(path, *, text_under=("fields", "where", "kinds", "matches"), error=GisError):
    """The content of a YAML file and the line of each of its parts.

    Parameters
    ----------
    path : Path
    text_under : tuple of str
        Keys below which every scalar stays text, numbers and `true` too.
    error : type
        Which `GisError` to raise.

    Returns
    -------
    data : dict, list or scalar
    lines : dict
        Path of keys as a tuple, such as ``("layers", "schools", "file")``, to line number from 1.

    Raises
    ------
    GisError
        If the file is missing, not UTF-8, too large, not YAML, or uses a tag, an alias or a key twice.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise error("file-not-found", file=path.name) from None
    except OSError as fault:
        raise error("file-unreadable", file=path.name, why=fault.strerror or "") from None
    return parse_yaml(raw, path.name, text_under=text_under, error=error)


def parse_yaml(raw, file, *, text_under=("fields", "where", "kinds", "matches"), error=GisError):
    """As `read_yaml`, from bytes; `file` is the name used in errors."""
    if len(raw) > MAX_BYTES:
        raise error("yaml-too-large", file=file, limit=MAX_BYTES)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise error("yaml-not-utf8", file=file, line=raw[: fault.start].count(b"\n") + 1) from None
    try:
        _refuse_unsafe(text, file, error)
        node = yaml.compose(text, Loader=_loader())
    except GisError:
        raise
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = mark.line + 1 if mark else 1
        raise error("yaml-syntax", file=file, line=line, why=fault.problem or "") from None
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise error("yaml-syntax", file=file, line=1, why=type(fault).__name__) from None
    lines = {}
    data = None if node is None else _build(node, (), lines, text_under, file, error, keep_text=False)
    return data, lines


def dump_yaml(data):
    """YAML text that `parse_yaml` reads back as the same data, keys in order, text quoted where needed."""

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper, value):
        style = "'" if NUMBER.match(value) or value in ("", "null", "~", "true", "false") else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    Dumper.ignore_aliases = lambda self, value: True
    return yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=110)


def check_schema(data, lines, schema, file, error):
    """Check data against a JSON Schema; all faults come in one error, each with file and line.

    Raises
    ------
    GisError
        Of the given type, with one problem a fault.
    """
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema)
    faults = sorted(
        validator.iter_errors(data), key=lambda fault: [str(part) for part in fault.absolute_path]
    )
    # a file may hold tens of thousands of faults, so each is looked up and not compared with all before it
    problems = {repr(found): found for fault in faults for found in _problems(fault, lines, file)}
    if problems:
        raise error(problems=list(problems.values()))


def line_of(lines, path):
    """Line of the innermost known part of a path, 1 if none is known."""
    path = tuple(path)
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _problems(fault, lines, file):
    path = tuple(fault.absolute_path)
    where = ".".join(str(part) for part in path) or file
    if fault.validator == "additionalProperties":
        known = fault.schema.get("properties", {})
        return [
            _problem(
                "schema-unknown-key", file, line_of(lines, (*path, key)), where, key=key, known=sorted(known)
            )
            for key in sorted(fault.instance)
            if key not in known
        ]
    line = line_of(lines, path)
    if fault.validator == "required":
        missing = [key for key in fault.validator_value if key not in fault.instance]
        return [_problem("schema-missing-key", file, line, where, key=key) for key in missing]
    value = _short(fault.instance)
    if fault.validator == "enum":
        allowed = " | ".join(str(one) for one in fault.validator_value)
        return [_problem("schema-not-one-of", file, line, where, value=value, allowed=allowed)]
    if fault.validator == "type":
        expected = fault.validator_value
        expected = expected if isinstance(expected, str) else " | ".join(expected)
        return [_problem("schema-wrong-type", file, line, where, value=value, expected=expected)]
    expected = fault.schema.get("description") or f"{fault.validator} {_short(fault.validator_value)}"
    return [_problem("schema-wrong-value", file, line, where, value=value, expected=expected)]


def _problem(code, file, line, where, **arguments):
    return Problem(code, {"file": file, "line": line, "where": where, **arguments}, "error")


def _short(value):
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


@lru_cache(maxsize=1)
def _loader():
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _refuse_unsafe(text, file, error):
    """Refuse aliases, and nesting so deep that the C parser would overrun its stack; events alone do not."""
    depth = 0
    for event in yaml.parse(text, Loader=_loader()):
        if isinstance(event, yaml.AliasEvent):
            raise error("yaml-alias", file=file, line=event.start_mark.line + 1)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise error("yaml-too-deep", file=file, line=event.start_mark.line + 1, limit=MAX_DEPTH)


def _build(node, path, lines, text_under, file, error, *, keep_text):
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if node.tag not in _TAGS:
        raise error("yaml-tag", file=file, line=line, tag=node.tag)
    if isinstance(node, yaml.MappingNode):
        built = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise error("yaml-syntax", file=file, line=key_line, why="key")
            key = key_node.value
            if key in built:
                raise error("yaml-key-twice", file=file, line=key_line, key=key)
            lines[(*path, key)] = key_line
            below = keep_text or key in text_under
            built[key] = _build(value_node, (*path, key), lines, text_under, file, error, keep_text=below)
        return built
    if isinstance(node, yaml.SequenceNode):
        return [
            _build(item, (*path, index), lines, text_under, file, error, keep_text=keep_text)
            for index, item in enumerate(node.value)
        ]
    return _scalar(node, keep_text)


_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value", "merge")
)


def _scalar(node, keep_text):
    text = node.value
    if node.style or keep_text:  # plain scalars have none (the C parser says "")
        return text
    if text in ("", "null", "~"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if NUMBER.match(text):
        number = float(text)
        return int(number) if number.is_integer() and "." not in text and "e" not in text.lower() else number
    return text
