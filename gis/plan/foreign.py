"""Records of plans and scenarios from files: made here once, or changed since by whoever had them."""

import json
from functools import lru_cache
from pathlib import Path

from gis.errors import PlanError
from gis.plan.record import check_record
from gis.yamltext import check_schema

SCHEMA_FILE = Path(__file__).with_name("record.schema.json")
MOST_BYTES = 200_000_000


@lru_cache(maxsize=1)
def record_schema():
    """The JSON Schema of what every record holds, as plain data."""
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def read_record(path):
    """A record from a file that ``gis plan --json`` wrote.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    PlanError
        If there is no such file, or it is no whole record of a plan or scenario: the first fault, with its place.
    """
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise PlanError("plan-compare-file", file=path.name)
    try:
        # NaN and Infinity are no JSON, though Python reads them
        record = check_record(json.loads(path.read_text(encoding="utf-8"), parse_constant=_refused))
    except (ValueError, RecursionError) as fault:
        if isinstance(fault, PlanError):
            raise
        raise PlanError("plan-record-none") from None
    try:
        check_schema(record, {}, record_schema(), path.name, PlanError)
    except PlanError as fault:
        raise PlanError("plan-record-broken", file=path.name, where=fault.arguments["where"]) from None
    _once([row["village_id"] for row in record["villages"]], path, "villages")
    if record["kind"] == "plan":
        _once([row["option_id"] for row in record["works"]], path, "works")
    return record


def _refused(word):
    raise ValueError(word)


def _once(ids, path, where):
    if len(set(ids)) < len(ids):
        raise PlanError("plan-record-broken", file=path.name, where=where)
