"""A set judged by points: what each criterion gives, the marks to reach, what must hold whatever the points."""

from collections.abc import Mapping

KEYS = {"points", "pass", "nearly", "required", "verification", "checked"}


def check_points(logic, rows, polarity, faults, used):
    """Note every fault of a logic of points.

    Parameters
    ----------
    logic : dict
        ``{points: {criterion: 10}, pass: 85, nearly: 75, required: [...], verification: text}``.
    rows : dict
        Id of every criterion to its row.
    polarity : str
    faults : Faults
    used : set of str
        Criteria that the logic names are added here.
    """
    path, given = ("logic",), logic["points"]
    required = logic.get("required", [])
    words = "verification" in logic and isinstance(logic["verification"], str)
    if not (
        set(logic) <= KEYS and isinstance(given, dict) and given and isinstance(required, list) and words
    ):
        faults.add("criteria-points-form", path)
        return
    if polarity == "trigger":
        faults.add("criteria-points-trigger", path)
    named = [((*path, "points", name), name) for name in given]
    named += [((*path, "required", number), name) for number, name in enumerate(required)]
    for where, name in named:
        if not isinstance(name, str) or name not in rows:
            faults.add("criteria-logic-unknown", where, criterion=str(name)[:60], known=list(rows))
        elif rows[name].get("kind") == "context":
            faults.add("criteria-logic-context", where, criterion=name)
        else:
            used.add(name)
    sound = [_check_entry(name, entry, rows.get(name), faults) for name, entry in given.items()]
    _check_marks(logic, sum(map(most_of, given.values())) if all(sound) else None, faults)


def full_entry(entry):
    """The points of a criterion written out: a mapping with ``met`` and ``nearly``, or with ``grades``."""
    return entry if isinstance(entry, Mapping) else {"met": entry}


def most_of(entry):
    """The most points that a sound entry gives."""
    entry = full_entry(entry)
    return entry["met"] if "met" in entry else max(entry["grades"].values())


def figures_of(logic):
    """Every figure of a sound logic of points, None where a mark is not known."""
    figures = [logic.get("pass"), *([logic["nearly"]] if "nearly" in logic else [])]
    for entry in logic["points"].values():
        figures += entry["grades"].values() if "grades" in entry else entry.values()
    return figures


def _check_entry(name, entry, row, faults):
    """Note what is wrong with the points of one criterion; True where they are sound."""
    where, full = ("logic", "points", name), full_entry(entry)
    grades = full.get("grades")
    if set(full) == {"grades"} and isinstance(grades, dict) and grades:
        values = grades.values()
    elif {"met"} <= set(full) <= {"met", "nearly"}:
        values = full.values()
    else:
        faults.add("criteria-points-entry", where, criterion=name)
        return False
    if not all(_is_points(value) for value in values) or not any(values):
        faults.add("criteria-points-number", where, criterion=name)
        return False
    if "nearly" in full and not full["nearly"] < full["met"]:
        faults.add("criteria-points-number", where, criterion=name)
        return False
    if row is None:
        return True
    if "nearly" in full and row.get("nearly") in (None, {}):
        faults.add("criteria-points-nearly", where, criterion=name)
    known = _grades(row)
    if grades is not None and set(grades) != known:
        faults.add("criteria-points-grades", where, criterion=name, known=" | ".join(sorted(known)) or "–")
    return True


def _grades(row):
    """Names of the bands of a criterion in any of its groups."""
    given = row.get("thresholds")
    lists = list(given.values()) if isinstance(given, dict) else [given]
    bands = [band for one in lists if isinstance(one, list) for band in one if isinstance(band, dict)]
    return {str(band.get("grade")) for band in bands} if row.get("compare") == "band" else set()


def _check_marks(logic, total, faults):
    reach, nearly = logic.get("pass"), logic.get("nearly")
    for key, mark in (("pass", reach), ("nearly", nearly)):
        wrong = mark is not None and (not _is_points(mark) or mark == 0)
        if wrong or (mark is not None and total is not None and mark > total + 1e-9):
            faults.add("criteria-points-mark", ("logic", key), found=str(mark)[:60], most=total or 0)
            return
    if nearly is not None and reach is not None and nearly >= reach:
        faults.add("criteria-points-marks", ("logic", "nearly"), nearly=nearly, reach=reach)


def _is_points(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")
