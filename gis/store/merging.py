"""Two histories of one study compared: which side is behind, and where both went their own way."""

import json
from dataclasses import dataclass

import sqlalchemy as sa

from gis.errors import Problem, StoreError
from gis.store import decisions, locking, reported, schema, studies
from gis.store.states import take as take_states

REMOVED = "removed"


@dataclass(frozen=True)
class Step:
    """One thing in which theirs is ahead of ours, or both differ: `conflict` then says how.

    `kind` is ``recipe``, ``source``, ``value``, ``decision`` or ``state``; `ours` and `theirs` are what that kind holds.
    """

    kind: str
    ours: object
    theirs: object
    conflict: Problem | None


def compare(ours, theirs):
    """The steps that bring theirs into ours, in a fixed order; both are plain data of `package`."""
    moved = list(_progress(ours, theirs))
    opened = [step for step in moved if not _recognises(step.theirs)]
    locked = _locked(ours) - {_place(step.theirs) for step in opened if step.conflict is None}
    return [
        *_recipe(ours, theirs),
        # what they have reopened first, what they have recognised last: figures of a recognition stay
        *opened,
        *_sources(ours, theirs, locked),
        *_values(ours, theirs, locked),
        *_decisions(ours, theirs, locked),
        *(step for step in moved if _recognises(step.theirs)),
    ]


def check_shape(given):
    """Raise ValueError where a history does not end with what it is the history of."""
    if given["recipes"][-1] != given["study"]["recipe"]:
        raise ValueError("recipes")
    for one in given["sources"]:
        if one["states"][-1][1] != (REMOVED if one["removed"] else _state(one)):
            raise ValueError("states")


def take(change, study_id, step, prefer):
    """Take one step; `prefer` decides where it is a conflict."""
    ours_stays = step.conflict is not None and prefer == "ours"
    taking = {
        "recipe": _take_recipe,
        "source": _take_source,
        "value": _take_value,
        "decision": _take_decision,
        "state": _take_state,
    }
    taking[step.kind](change, study_id, step, ours_stays)


def past_recipes(connection, study_id):
    """Every recipe that a study has had, the first one first, as the diary tells it."""
    told = ("study-added", "study-changed")
    asked = sa.select(schema.audit.c.after).where(
        schema.audit.c.study_id == study_id, schema.audit.c.action.in_(told)
    )
    rows = connection.execute(asked.order_by(schema.audit.c.seq)).scalars()
    return [after["recipe"] for after in rows]


def sources_with_past(connection, study_id):
    """The current version of each source, with the states it went through; a removed one in its last version."""
    rows = {(row["source"], row["number"]): row for row in studies.list_versions(connection, study_id)}
    now = sa.select(schema.sources, schema.versions.c.number).join(
        schema.versions, schema.versions.c.id == schema.sources.c.version_id
    )
    found = []
    for row in connection.execute(now.where(schema.sources.c.study_id == study_id)).mappings():
        version = rows[row["source"], row["number"]]
        names = ("source", "content", "kind", "file", "entry", "report", "who", "at")
        told = {name: version[name] for name in names}
        states = _states(connection, study_id, row["source"], rows)
        found.append({**told, "removed": bool(row["deleted_at"]), "states": states})
    return sorted(found, key=lambda one: one["source"])


def _states(connection, study_id, source, rows):
    """Every state of a source as (event, state): the diary's lines, and those that came from another store."""
    asked = sa.select(schema.audit.c.action, schema.audit.c.after, schema.audit.c.hash).where(
        schema.audit.c.study_id == study_id, schema.audit.c.subject == source
    )
    states, last = [], None
    for action, after, event in connection.execute(asked.order_by(schema.audit.c.seq)):
        if action in ("version-added", "version-switched"):
            last = _state(rows[source, after["number"]])
            states.append([event, last])
        elif action in ("source-removed", "source-restored"):
            states.append([event, REMOVED if action == "source-removed" else last])
        elif action == "source-merged":
            states += [pair for pair in after["states"] if pair not in states]
    return states


def _state(version):
    return f"{version['content']} {_text(version['entry'])}"


def _text(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _ahead(ours, theirs):
    """Who is ahead, of two lists of (event, state) the last of which counts: same, ours, theirs or both.

    Events are told apart for certain; where neither side knows the other's last one, the states may still
    show that one side has been where the other is.
    """
    if not theirs or (ours and ours[-1][1] == theirs[-1][1]):
        return "same"
    if not ours:
        return "theirs"
    for mine, other in zip(zip(*ours, strict=True), zip(*theirs, strict=True), strict=True):
        follows, leads = mine[-1] in other, other[-1] in mine
        if follows != leads or other[: len(mine)] == mine or mine[: len(other)] == other:
            return "theirs" if (follows if follows != leads else len(other) > len(mine)) else "ours"
    return "both"


def _step(kind, ours_states, theirs_states, ours, theirs, code, told, locked=()):
    ahead = _ahead(ours_states, theirs_states)
    if ahead in ("theirs", "both"):
        conflict = Problem(code, told, "error") if ahead == "both" else None
        if locked:
            year, village = min(locked)
            conflict = Problem("package-conflict-recognised", {"year": year, "village": village}, "error")
        yield Step(kind, ours, theirs, conflict)


def _recipe(ours, theirs):
    if ours["study"] is None:
        return
    mine, other = ours["study"], theirs["study"]
    past = [[_text(_without_id(recipe)) for recipe in side["recipes"]] for side in (ours, theirs)]
    if past[0][-1] == past[1][-1] and mine["criteria"] != other["criteria"]:
        # The diary does not tell which set was there first.
        past = [[_text(mine["criteria"])], [_text(other["criteria"])]]
    past = [[(state, state) for state in states] for states in past]
    yield from _step("recipe", *past, mine, other, "package-conflict-recipe", {"study": other["id"]})


def _without_id(recipe):
    """What a study says beside its id, which may be another one here."""
    return {name: value for name, value in recipe.items() if name != "id"}


def _sources(ours, theirs, locked):
    here = {one["source"]: one for one in ours["sources"]}
    for other in theirs["sources"]:
        mine = here.get(other["source"])
        told = {"source": other["source"]} | {
            f"{side}_{name}": one[name] if one else "–"
            for side, one in (("ours", mine), ("theirs", other))
            for name in ("file", "who", "at")
        }
        states = mine["states"] if mine else [], other["states"]
        years = locking.years_of(other["source"], locked, mine, other)
        fixed = {place for place in locked if place[0] in years}
        yield from _step("source", *states, mine, other, "package-conflict-source", told, fixed)


def _by_key(rows, names):
    found = {}
    for row in rows:
        found.setdefault(tuple(_text(row[name]) for name in names), []).append(row)
    return found


def _histories(kind, ours, theirs, names, values, code, told, fixed=lambda row: ()):
    """Steps over rows that pile up: the latest of those with the same `names` counts.

    `fixed` gives the recognised figures that a row would change.
    """
    here, there = _by_key(ours, names), _by_key(theirs, names)
    for key in sorted(there):
        mine, other = here.get(key, []), there[key]
        states = [
            [2 * (_text([row[name] for name in (*values, "who", "at")]),) for row in side]
            for side in (mine, other)
        ]
        alike = mine and all(mine[-1][name] == other[-1][name] for name in values if name != "reason")
        if not alike:
            unknown = [row for row, state in zip(other, states[1], strict=True) if state not in states[0]]
            arguments = told(mine[-1] if mine else None, other[-1])
            yield from _step(kind, *states, mine, unknown, code, arguments, fixed(other[-1]))


def _values(ours, theirs, locked):
    def told(mine, other):
        place = {"year": str(other["year"]), "village": other["village_id"], "field": other["field"]}
        return place | _sides(mine, other, "value")

    rows = ours["reported"], theirs["reported"]
    names = ("year", "village_id", "field", "kind")
    fixed = lambda row: {_place([row])} & locked  # noqa: E731
    yield from _histories("value", *rows, names, ("value", "reason"), "package-conflict-value", told, fixed)


def _decisions(ours, theirs, locked):
    def told(mine, other):
        subject = ", ".join(str(part) for part in other["subject"].values())
        return {"subject": subject} | _sides(mine, other, "answer")

    rows = ours["decisions"], theirs["decisions"]
    values = ("answer", "withdrawn", "reason")
    fixed = lambda row: {place for place in locked if place[1] == row["answer"]}  # noqa: E731
    code = "package-conflict-decision"
    yield from _histories("decision", *rows, ("kind", "subject"), values, code, told, fixed)


def _progress(ours, theirs):
    def told(mine, other):
        return {"year": str(other["year"]), "village": other["village_id"]} | _sides(mine, other, "state")

    rows = ours.get("states", []), theirs.get("states", [])
    values = ("state", "status", "basis", "run", "decision", "decided_on", "content", "reason")
    yield from _histories("state", *rows, ("year", "village_id"), values, "package-conflict-state", told)


def _place(rows):
    """Year and village that the last of some rows is about."""
    return rows[-1]["year"], rows[-1]["village_id"]


def _recognises(rows):
    return rows[-1]["state"] == locking.RECOGNISED


def _locked(side):
    """Year and village of every recognition that counts."""
    latest = {_place([row]): row["state"] for row in side.get("states", [])}
    return {place for place, state in latest.items() if state == locking.RECOGNISED}


def _sides(mine, other, value):
    told = {}
    for side, row in (("ours", mine), ("theirs", other)):
        shown = "–" if row is None or row[value] is None else row[value]
        told |= {
            side: shown,
            f"{side}_who": row["who"] if row else "–",
            f"{side}_at": row["at"] if row else "–",
        }
    return told


def _take_recipe(change, study_id, step, ours_stays):
    for told in (step.theirs, step.ours) if ours_stays else (step.theirs,):
        recipe = named(told["recipe"], study_id)
        studies.set_recipe(change, study_id, recipe, criteria=told["criteria"])


def named(recipe, study_id):
    """A recipe under the id that its study has here, where it tells one."""
    return {**recipe, "id": study_id} if "id" in recipe else dict(recipe)


def _take_source(change, study_id, step, ours_stays):
    source, mine, other = step.theirs["source"], step.ours, step.theirs
    # where ours stays, theirs is only put into the history
    keeps = _all(change, study_id) if ours_stays else ()
    before = studies.current_version(change.connection, study_id, source)
    if mine is None or not other["removed"]:
        names = ("content", "kind", "file", "entry", "report")
        by = {"who": str(other["who"]), "at": str(other["at"])}
        told = {name: other[name] for name in names}
        studies.add_version(change, study_id, source, **told, by=by, keeps=keeps)
    if other["removed"] and (mine is None or before):
        studies.remove_source(change, study_id, source, keeps=keeps)
    change.note("source-merged", study=study_id, subject=source, after={"states": other["states"]})
    if not ours_stays:
        return
    if mine is None:
        if not other["removed"]:
            studies.remove_source(change, study_id, source, keeps=keeps)
    elif mine["removed"]:
        studies.remove_source(change, study_id, source, keeps=keeps)
    elif other["removed"]:
        studies.remove_source(change, study_id, source, undo=True, keeps=keeps)
    else:
        studies.switch_version(change, study_id, source, before["number"], keeps=keeps)


def _all(change, study_id):
    """Every recognised figure: they all stay."""
    return tuple(locking.recognised(change.connection, study_id))


def _take_value(change, study_id, step, ours_stays):
    for row in step.theirs:
        cell = row["year"], row["village_id"], row["field"], row["value"]
        more = {"kind": row["kind"], "reason": row["reason"], "by": {"who": row["who"], "at": row["at"]}}
        reported.enter(change, study_id, *cell, **more, settled=ours_stays)
    if ours_stays:
        row = step.ours[-1] if step.ours else {**step.theirs[-1], "value": None, "reason": None}
        cell = row["year"], row["village_id"], row["field"], row["value"]
        reported.enter(change, study_id, *cell, kind=row["kind"], reason=row["reason"], settled=True)


def _take_decision(change, study_id, step, ours_stays):
    keeps = _all(change, study_id) if ours_stays else ()
    for row in [*step.theirs, *(step.ours[-1:] if ours_stays and step.ours else [])]:
        by = None if step.ours and row is step.ours[-1] else {"who": row["who"], "at": row["at"]}
        if row["kind"] not in decisions.KINDS:
            raise StoreError("store-value", value=str(row["kind"])[:60], field="kind")
        if row["withdrawn"]:
            decisions.withdraw(change, study_id, row["kind"], row["subject"], by=by, keeps=keeps)
        else:
            told = {"reason": row["reason"], "by": by, "keeps": keeps}
            decisions.decide(change, study_id, row["kind"], row["subject"], row["answer"], **told)
    if ours_stays and not step.ours:
        last = step.theirs[-1]
        decisions.withdraw(change, study_id, last["kind"], last["subject"], keeps=keeps)


def _take_state(change, study_id, step, ours_stays):
    mine = [{**step.ours[-1], **change.by}] if ours_stays else []
    take_states(change, study_id, [*step.theirs, *mine])
