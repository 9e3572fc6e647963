"""What a new version of the program changes: every verdict kept before an upgrade, held against the ones after it.

A verdict moves because the program judges otherwise, because a figure of the set was changed, or because the data
are others; each is told apart by what the two judgements say they were made from.
"""

import json
from pathlib import Path

import pandas as pd

import gis
from gis.errors import GisError, TableError
from gis.files import replacing
from gis.store import studies
from gis.tables import STATUSES
from gis.workflows.stored import read_stored
from gis.workflows.studies import judge, read_study

FORM = "langmap-verdicts-1"
LETTERS = dict(zip(STATUSES, "abcdefgh", strict=False))
WORDS = {letter: status for status, letter in LETTERS.items()}
CAUSES = ("program", "rule", "data")
COLUMNS = ("study", "village_id", "village", "commune", "criterion", "before", "after", "cause")
"""Of a list of changes; an empty criterion is the verdict on the whole village, an empty verdict none."""

OF_DATA = ("inputs", "recipe_hash", "criteria", "year")
"""What a judgement was made from that the office itself decides."""


def keep_verdicts(path, verdicts):
    """Write the verdicts of studies into one file.

    Parameters
    ----------
    path : path-like
    verdicts : Mapping of str to Mapping
        As `verdicts_of` gives them.

    Raises
    ------
    ExportError
        If the file cannot be written whole; an old one then stays.
    """
    content = {"form": FORM, "program": gis.__version__, "studies": verdicts}
    with replacing(path) as fresh:
        fresh.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False), encoding="utf-8")


def read_verdicts(path):
    """What `keep_verdicts` wrote: study to its verdicts.

    Raises
    ------
    TableError
        If the file is none of these.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        known = content["form"] == FORM and all(map(_is_whole, content["studies"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        known = False
    if not known:
        raise TableError("upgrade-file", file=str(path))
    return content["studies"]


def judge_all(store, folder, *, settings, report=None):
    """Judge every study of a store and of a folder.

    Parameters
    ----------
    store : Store or None
    folder : Path
        Study files are ``<folder>/<name>/study.yaml`` and ``<folder>/<name>.yaml``.
    settings : Settings
    report : callable, optional
        ``report(fraction, code, **arguments)``.

    Yields
    ------
    (str, Review or GisError)
        A study of a folder is named by its path in it.
    """
    work = []
    if store is not None:
        with store.reading() as connection:
            ids = [row["id"] for row in studies.list_studies(connection)]
        work += [(id_, lambda id_=id_: read_stored(store, id_, report=report)) for id_ in sorted(ids)]
    files = [*folder.glob("*/study.yaml"), *folder.glob("*.yaml")]
    for path in sorted(path for path in files if path.is_file()):
        read = lambda path=path: read_study(path, settings=settings, report=report)  # noqa: E731
        work.append((path.relative_to(folder).as_posix(), read))
    for name, read in work:
        try:
            yield name, judge(read(), report=report)
        except GisError as fault:
            yield name, fault


def changes(before, after):
    """Every verdict that is not what it was.

    Parameters
    ----------
    before, after : Mapping of str to Mapping
        As `read_verdicts` gives them.

    Returns
    -------
    DataFrame
        `COLUMNS`, in order of study, village and criterion, that on the whole village first. `cause` is ``"data"``
        where the inputs or the study's own settings are others, else ``"rule"`` where the set is, else
        ``"program"``.

    Examples
    --------
    >>> kept = {"a": {"villages": {"v1": ["Thôn 1", "Xã A", "ab"]}, "criteria_ids": ["road"], "made_from": {}}}
    >>> now = {"a": {"villages": {"v1": ["Thôn 1", "Xã A", "aa"]}, "criteria_ids": ["road"], "made_from": {}}}
    >>> changes(kept, now)[["village", "criterion", "before", "after", "cause"]].values.tolist()
    [['Thôn 1', 'road', 'unmet', 'met', 'program']]
    """
    rows = []
    for study_id in sorted({*before, *after}):
        old, new = before.get(study_id, {}), after.get(study_id, {})
        places = {**old.get("villages", {}), **new.get("villages", {})}
        cause = _cause(old, new)
        for village_id in sorted(places):
            name, commune = places[village_id][:2]
            was, now = (_verdicts(each, village_id) for each in (old, new))
            for criterion in dict.fromkeys([*now, *was]):
                pair = was.get(criterion, ""), now.get(criterion, "")
                if pair[0] != pair[1]:
                    rows.append((study_id, village_id, name, commune, criterion, *pair, cause))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def unjudged(kept):
    """Study to the sentence why it could not be judged, of those kept so."""
    return {study_id: told["fault"] for study_id, told in kept.items() if "fault" in told}


def verdicts_of(found):
    """The verdicts of a study as plain values, of a review; of a fault its sentence, and no verdict."""
    if isinstance(found, GisError):
        return {"fault": found.say("en"), "villages": {}, "criteria_ids": [], "made_from": {}}
    table, run = found.villages_table, found.run
    ids = [criterion.id for criterion in found.criteria.criteria]
    columns = [[LETTERS[status] for status in table[name]] for name in ("status", *ids)]
    letters = map("".join, zip(*columns, strict=True))
    names = [
        ["" if value != value or value is None else str(value) for value in table[name]]
        for name in ("name", "commune")
    ]
    villages = {
        str(id_): [name, commune, codes]
        for id_, name, commune, codes in zip(table.index, *names, letters, strict=True)
    }
    made_from = {
        "inputs": dict(run.inputs),
        "criteria_hash": run.criteria_hash,
        "recipe_hash": run.recipe_hash,
        "criteria": run.criteria_id,
        "edition": str(run.edition),
        "year": run.year,
    }
    return {"villages": villages, "criteria_ids": ids, "made_from": made_from}


def _is_whole(told):
    """Whether the verdicts of a study have the form that they are kept in."""
    width = len(told["criteria_ids"]) + 1
    return all(
        len(row) == 3 and len(row[2]) == width and set(row[2]) <= set(WORDS)
        for row in told["villages"].values()
    ) and isinstance(told["made_from"], dict)


def _verdicts(told, village_id):
    row = told.get("villages", {}).get(village_id)
    if row is None:
        return {}
    return {name: WORDS[letter] for name, letter in zip(["", *told["criteria_ids"]], row[2], strict=True)}


def _cause(old, new):
    was, now = old.get("made_from", {}), new.get("made_from", {})
    if any(was.get(name) != now.get(name) for name in OF_DATA):
        return "data"
    return "program" if was.get("criteria_hash") == now.get("criteria_hash") else "rule"
