"""A set that changes some rows of another: a province's own figures over the national set."""

from gis.criteria.form import clean
from gis.criteria.model import set_to_plain
from gis.criteria.rows import CHECK

OWN = ("id", "edition", "label", "issuer", "legal_ref", "valid_from", "valid_to", "status")
"""What the file says of itself and never takes over."""
BY_GROUP = ("thresholds", "nearly", "verification", "checked")
FIGURES = ("thresholds", "nearly", "compare", "unit")
OVERRIDE = ("based_on", "remove")


def merge(data, base, faults):
    """The whole content of a set file that names only what it changes.

    Parameters
    ----------
    data : dict
        Content of the file: ``based_on``, its own facts, rows by id, and where given ``remove``. A key that
        is null takes away what the base has there.
    base : CriteriaSet
    faults : Faults
        Faults of the form are noted here; its lines are moved to where the rows stand in the result, and what
        comes from the base stands at the line of ``based_on``.

    Returns
    -------
    dict

    Notes
    -----
    Keys of a row replace those of the base; figures, words and checks by column are joined column by column.
    Where a figure changes, how sure the base was of its own no longer counts: the row must say it anew, and
    check, clause and source of the base are left behind.
    """
    data, whole = _cleaned(data), set_to_plain(base)
    merged = {key: value for key, value in whole.items() if key not in OWN}
    merged |= {key: value for key, value in data.items() if key not in (*OVERRIDE, "criteria")}
    merged["derived_from"] = base.reference
    if isinstance(data.get("sources"), list):
        merged["sources"] = [
            *data["sources"],
            *(s for s in whole.get("sources", ()) if s not in data["sources"]),
        ]
    for row in whole["criteria"]:
        row.setdefault("legal_ref", base.legal_ref)
    groups = _columns(merged["groups"]) or list(base.groups)
    if groups != list(base.groups):
        whole["criteria"] = [_in_groups(row, groups) for row in whole["criteria"]]
    rows = {row["id"]: row for row in whole["criteria"]}
    _remove(data.get("remove") or [], rows, merged["logic"], "logic" in data, faults)
    came_from, given = {}, data.get("criteria") or []
    for number, changes in enumerate(given if isinstance(given, list) else [given]):
        changes = _cleaned(changes) if isinstance(changes, dict) else {}
        name = changes.get("id")
        if not isinstance(name, str) or name in came_from:
            faults.add("criteria-override-row", ("criteria", number))
            continue
        came_from[name] = number
        if name in rows:
            rows[name] = _changed(rows[name], changes, groups, data, ("criteria", number), faults)
        else:
            rows[name] = changes
    merged["criteria"] = [
        {key: value for key, value in row.items() if key != "legal_ref" or value != data.get("legal_ref")}
        for row in rows.values()
    ]
    _move_lines(faults, [came_from.get(name) for name in rows])
    return merged


def _cleaned(mapping):
    """Texts and numbers as a set holds them; keys that are null stay, because here they take something away."""
    return {key: value if key == "criteria" else clean(value, key) for key, value in mapping.items()}


def _columns(groups):
    inner = list(groups.values())[:1] if isinstance(groups, dict) else []
    return list(inner[0]) if inner and isinstance(inner[0], dict) else []


def _remove(names, rows, logic, has_logic, faults):
    used = set() if has_logic else _named(logic)
    for number, name in enumerate(names if isinstance(names, list) else [names]):
        if not isinstance(name, str) or name not in rows:
            faults.add(
                "criteria-remove-unknown", ("remove", number), criterion=str(name)[:60], known=list(rows)
            )
            continue
        del rows[name]
        if name in used:
            faults.add("criteria-remove-used", ("remove", number), criterion=name)


def _named(node):
    """Ids that a plain logic names; none for one word."""
    if not isinstance(node, dict):
        return set()
    if "points" in node:
        return {*node["points"], *node.get("required", ())}
    parts = node.get("all", node.get("of", ()))
    return {name for part in parts for name in ([part] if isinstance(part, str) else _named(part))}


def _in_groups(row, groups):
    """A row of the base without the columns that the new set no longer has."""
    kept = {
        key: {group: value for group, value in row[key].items() if group in groups}
        for key in BY_GROUP
        if key in row
    }
    return {**row, **kept}


def _changed(row, changes, groups, data, path, faults):
    merged = {**row, **{key: value for key, value in changes.items() if key not in BY_GROUP}}
    for key in BY_GROUP:
        if key in changes:
            joined = {**row.get(key, {}), **_by_group(changes[key], groups)}
            keep = key in ("thresholds", "nearly")
            merged[key] = {group: value for group, value in joined.items() if keep or value is not None}
    moved = [group for group in groups if _figures(row, group) != _figures(merged, group)]
    if moved:
        words = _by_group(changes.get("verification", {}), groups)
        unsaid = [
            group for group in moved if group not in words and merged["thresholds"].get(group) is not None
        ]
        if unsaid:
            faults.add("criteria-override-word", path, criterion=row["id"], groups=unsaid)
        checks = _by_group(changes.get("checked", {}), groups)
        merged["checked"] = {
            group: check
            for group, check in merged.get("checked", {}).items()
            if group in checks or group not in moved
        }
        merged["source"] = changes.get("source", {"ref": data.get("legal_ref", "–")})
        if "clause" not in changes:
            merged.pop("clause", None)
    if not merged.get("checked"):
        merged.pop("checked", None)
    merged.pop("legal_ref")
    return merged | ({"legal_ref": changes["legal_ref"]} if "legal_ref" in changes else {})


def _figures(row, group):
    return [row.get(key, {}).get(group) if key in BY_GROUP else row.get(key) for key in FIGURES]


def _by_group(value, groups):
    """A value by column; one that is not written by column stands for all."""
    if isinstance(value, dict) and not (value and set(value) <= CHECK):
        return value
    return dict.fromkeys(groups, value)


def _move_lines(faults, numbers):
    """Lines of the file moved to the rows of the whole; what the base gave stands where it is named."""
    lines = faults.lines
    start = lines.get(("based_on",), lines.get((), 1))
    moved = {path: line for path, line in lines.items() if path[:1] != ("criteria",)}
    moved |= {(): start, ("criteria",): start}
    for place, number in enumerate(numbers):
        moved[("criteria", place)] = start
        if number is not None:
            old = ("criteria", number)
            moved |= {("criteria", place, *path[2:]): line for path, line in lines.items() if path[:2] == old}
    faults.lines = moved
