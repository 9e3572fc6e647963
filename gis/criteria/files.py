"""Criteria sets in their folder: dropping a file in is the whole registration, one file a version."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gis.criteria.faults import Faults
from gis.criteria.form import build_set
from gis.criteria.model import CriteriaSet
from gis.criteria.override import merge
from gis.errors import CriteriaError
from gis.yamltext import line_of, read_yaml

FOLDER = Path(__file__).parents[2] / "layers" / "criteria"
NAME = re.compile(r"([a-z][a-z0-9-]*)(?:@(\d{4}-\d{2}-\d{2}(?:-[1-9]\d{0,2})?))?\Z")
TEXT_UNDER = ("code", "grade", "in")


def list_criteria():
    """The ids of all sets in the folder, sorted; versions of one set are one id."""
    return tuple(sorted({path.stem.partition("@")[0] for path in FOLDER.glob("*.yaml")}))


def load_criteria(name, *, also=(), file="", line=1):
    """Read a criteria set.

    Parameters
    ----------
    name : str or Path
        Id of a set in `layers/criteria`, which gives its newest edition; id and edition as
        ``vn-ntm-commune-2026-2030@2026-11-23``; or the path of a set's file.
    also : iterable of CriteriaSet
        Further sets and versions that a name may mean. One of the same id and edition as a file stands in the
        file's place.
    file, line
        Where the set is named, for the error when there is no such id.

    Returns
    -------
    CriteriaSet

    Raises
    ------
    CriteriaError
        If there is no such set or edition, or its file is wrong; all faults at once, each with file and line.
    """
    return _load(name, tuple(also), file, line, ())


def list_editions(name, *, also=()):
    """The editions of a set, the oldest first.

    Raises
    ------
    CriteriaError
        If there is no set of that id, or a file of it cannot be read.
    """
    return tuple(sorted(_versions(name, tuple(also), "", 1), key=_order))


def set_for(when, name, *, also=()):
    """The version of a set that was in force on a day or in a year.

    Parameters
    ----------
    when : date, str or int
        A day, as a date or as ``2026-11-23``, or a year: then the version that came into force last of those
        in force in that year.
    name : str
        Id of the set.
    also : iterable of CriteriaSet
        As in `load_criteria`.

    Returns
    -------
    CriteriaSet
        Of several in force the one that came into force last, and of those the newest edition.

    Raises
    ------
    CriteriaError
        If none was in force, or a file is wrong.
    """
    first, last = (f"{when}-01-01", f"{when}-12-31") if isinstance(when, int) else (str(when), str(when))
    date.fromisoformat(first)
    also = tuple(also)
    found = [_opened(one, name, also, ()) for one in _versions(name, also, "", 1).values()]
    valid = [one for one in found if (one.valid_from or "") <= last and first <= (one.valid_to or "9999")]
    if not valid:
        known = [f"{one.edition}: {one.valid_from or '…'} – {one.valid_to or '…'}" for one in found]
        raise CriteriaError("criteria-none-in-force", id=name, when=str(when), known=sorted(known))
    return max(valid, key=lambda one: (one.valid_from or "", _order(one.edition)))


@dataclass(frozen=True)
class _File:
    """A set's file as it was read."""

    path: Path
    data: object
    lines: dict

    @classmethod
    def read(cls, path):
        return cls(path, *read_yaml(path, text_under=TEXT_UNDER, error=CriteriaError))

    @property
    def edition(self):
        edition = self.data.get("edition") if isinstance(self.data, dict) else None
        return edition if isinstance(edition, str) else ""

    def place(self, key):
        return {"file": self.path.name, "line": line_of(self.lines, (key,))}


def _load(name, also, file, line, within):
    """As `load_criteria`; `within` are the files that are being read because they are based on this one."""
    found = NAME.match(name) if isinstance(name, str) else None
    if not found:
        return _built(_File.read(Path(name)), also, within)
    versions = _versions(found[1], also, file, line)
    edition = found[2] or max(versions, key=_order)
    if edition not in versions:
        where, known = {"file": file or f"{found[1]}.yaml", "line": line}, sorted(versions, key=_order)
        raise CriteriaError(
            "criteria-unknown-edition", **where, id=found[1], edition=edition, known=" | ".join(known)
        )
    return _opened(versions[edition], found[1], also, within)


def _opened(version, name, also, within):
    if isinstance(version, CriteriaSet):
        return version
    criteria = _built(version, also, within)
    # only the folder finds sets by name; elsewhere a file may be called anything
    if criteria.id != name:
        raise CriteriaError("criteria-id-differs", **version.place("id"), id=criteria.id)
    return criteria


def _versions(name, also, file, line):
    """Edition of a set to its file, or to the set itself where it was handed in."""
    versions, plain = {}, FOLDER / f"{name}.yaml"
    for path in [*([plain] if plain.is_file() else []), *sorted(FOLDER.glob(f"{name}@*.yaml"))]:
        one, stated = _File.read(path), path.stem.partition("@")[2]
        if stated and one.edition != stated:
            raise CriteriaError("criteria-edition-differs", **one.place("edition"), edition=one.edition)
        if one.edition in versions:
            other = versions[one.edition].path.name
            raise CriteriaError(
                "criteria-edition-twice", **one.place("edition"), edition=one.edition, other=other
            )
        versions[one.edition] = one
    versions |= {one.edition: one for one in also if one.id == name}
    if not versions:
        known = " | ".join(sorted({*list_criteria(), *(one.id for one in also)}))
        if not file:
            raise CriteriaError("criteria-no-set", id=name, known=known)
        raise CriteriaError("criteria-unknown-set", file=file, line=line, id=name, known=known)
    return versions


def _order(edition):
    """Editions by day, then by their number on that day."""
    number = edition[11:] or "1"
    return edition[:10], int(number) if number.isdecimal() else 0


def _built(version, also, within):
    data, lines, path = version.data, version.lines, version.path
    if not isinstance(data, dict) or "based_on" not in data:
        return build_set(data, lines, file=path.name, path=str(path))
    place, here = version.place("based_on"), path.resolve()
    if here in within:
        files = " → ".join([*(one.name for one in within), path.name])
        raise CriteriaError("criteria-base-cycle", **place, files=files)
    if not isinstance(data["based_on"], str) or not NAME.match(data["based_on"]):
        raise CriteriaError("criteria-base-name", **place, found=str(data["based_on"])[:60])
    base = _load(data["based_on"], also, path.name, place["line"], (*within, here))
    faults = Faults(path.name, lines)
    merged = merge(data, base, faults)
    faults.raise_any()
    return build_set(merged, faults.lines, file=path.name, path=str(path))
