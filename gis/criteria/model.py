"""Criterion and criteria set: frozen, always valid, with a hash over all they say."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from gis.criteria.binding import Binding
from gis.criteria.points import figures_of
from gis.labels import Label

NONE = MappingProxyType({})


@dataclass(frozen=True)
class Criterion:
    """One row of a set: what is compared with which figure, and which source decides.

    Attributes
    ----------
    code, clause : str or None
        Its number in the legal text, and where it stands there.
    kind : str
        ``flag`` must hold, ``trigger`` is a disadvantage when it holds, ``context`` never counts.
    unit : str or None
        Unit of value and figure; None only where no figure is known.
    thresholds : Mapping of str to number, True, tuple or None
        By group. None is "not known". True with `present` and `absent`. With `band` a tuple of bands, lowest
        first, each a tuple of pairs (``dict(band)``): ``grade`` and, where bounded, ``min`` and ``max``; the
        lower bound belongs to the band, the upper only with ``includes_max``, and then to this band alone.
    verification : Mapping of str to str
        By group, how sure the figure is.
    checked : Mapping of str to Mapping or None
        By group, who compared the figure with the signed annex: ``by``, ``on``, ``document``.
    applies : Mapping or None
        ``{"groups": (...)}``, ``{"attribute": name, "in": (...)}`` or both; elsewhere a village is exempt.
    nearly : Mapping of str to number or None
        By group, the easier figure from which an unmet value counts as nearly met.
    legal_ref : str or None
        The decision that the row stands in, where it is another than the set's.
    """

    id: str
    code: str | None
    label: Label
    clause: str | None
    kind: str
    measured: Binding | None
    reported: Binding | None
    unit: str | None
    compare: str
    thresholds: Mapping
    decides: str
    fixable_by: str
    theme: str
    verification: Mapping
    checked: Mapping
    applies: Mapping | None
    source_ref: str
    source_url: str | None
    note: Label
    nearly: Mapping = field(default_factory=lambda: NONE)
    legal_ref: str | None = None

    def in_group(self, group):
        """Whether the criterion applies in a group."""
        return not self.applies or "groups" not in self.applies or group in self.applies["groups"]


@dataclass(frozen=True)
class CriteriaSet:
    """A law, decision or norm as data; see `layers/criteria/README.md` for the meaning of each part.

    Attributes
    ----------
    edition, valid_from, valid_to : str or None
        Dates as ``2026-11-23``.
    outcomes : Mapping of str to Label
        The words for ``met`` and ``unmet``.
    dimension : str
        What a study binds, such as ``region``.
    groups : Mapping of str to Label
        Its values, in the order of the file.
    group_by : tuple of Mapping
        The rule that chooses a village's group where a study binds none: ``group`` and, but in the last,
        ``when``, a condition or a tuple of conditions that must all hold (see `gis.conditions`).
    logic : str or Mapping
        ``"all"``, ``"independent"`` or nested mappings and tuples as in the file; of points, ``points`` holds
        for every criterion a mapping with ``met`` and ``nearly``, or with ``grades``.
    derived_from : str or None
        Id and edition of the set that this one was made from by changing some rows.
    target : Mapping or None
        ``share_pct``, and where given ``by``, ``of`` (Label) and ``source``.
    path : str
        The file it was read from.
    """

    id: str
    edition: str
    label: Label
    level: str
    issuer: str
    legal_ref: str
    valid_from: str | None
    valid_to: str | None
    status: Label
    polarity: str
    outcomes: Mapping
    dimension: str
    groups: Mapping
    default_group: str | None
    group_rule: Label
    logic: object
    target: Mapping | None
    max_age_years: float | None
    sources: tuple
    verification_note: Label
    criteria: tuple
    group_by: tuple = ()
    derived_from: str | None = None
    path: str = field(default="", compare=False)

    def criterion(self, id_):
        """The criterion with an id.

        Raises
        ------
        KeyError
            If there is none.
        """
        for one in self.criteria:
            if one.id == id_:
                return one
        raise KeyError(id_)

    @cached_property
    def hash(self):
        """SHA-256 of all that the set says: any edit changes it, the order of keys does not."""
        text = json.dumps(set_to_plain(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def reference(self):
        """Id and edition as one text, by which `load_criteria` finds this very version."""
        return f"{self.id}@{self.edition}"

    @property
    def sought(self):
        """The verdict that a decision recognises: met, or of a set of disadvantage that it holds."""
        return "unmet" if self.polarity == "trigger" else "met"

    @property
    def attributes(self):
        """Attributes of villages that the set asks for, each with how it is read: ``text`` or ``number``."""
        conditions = [one.applies for one in self.criteria if one.applies and "attribute" in one.applies]
        conditions += [rule["when"] for rule in _rules_of(self.logic)]
        for entry in self.group_by:
            when = entry.get("when", ())
            conditions += when if isinstance(when, tuple) else [when]
        numbers = {one["attribute"] for one in conditions if "compare" in one}
        asked = dict.fromkeys(one["attribute"] for one in conditions)
        return {name: "number" if name in numbers else "text" for name in asked}

    @property
    def figures(self):
        """How many figures count, how many a named person checked, and by verification word.

        Returns
        -------
        dict
            ``total``, ``checked`` and ``by_word``, of flags and triggers in the groups where they apply, the
            figures for nearly and those of a scale of points among them.
        """
        known = [(word, check) for figure, word, check in self._counting() if figure is not None]
        return {
            "total": len(known),
            "checked": sum(check is not None for _, check in known),
            "by_word": dict(sorted(Counter(word for word, _ in known).items())),
        }

    @property
    def is_trial(self):
        """True until every figure that counts is known and was checked by a named person."""
        counting = self._counting()
        return not counting or any(figure is None or check is None for figure, _, check in counting)

    def _counting(self):
        """Every figure that counts, with its verification word and its check; None where it is not known."""
        found = []
        for one in self.criteria:
            for group in self.groups if one.kind != "context" else ():
                if one.in_group(group):
                    sure = one.verification[group], one.checked[group]
                    found.append((one.thresholds[group], *sure))
                    if one.nearly.get(group) is not None:
                        found.append((one.nearly[group], *sure))
        if isinstance(self.logic, Mapping) and "points" in self.logic:
            sure = self.logic["verification"], self.logic.get("checked")
            found += [(figure, *sure) for figure in figures_of(self.logic)]
        return found


def _rules_of(node):
    """Every ``or_n`` of a nested rule."""
    if not isinstance(node, Mapping):
        return []
    own = [node["or_n"]] if "or_n" in node else []
    return own + [rule for part in node.get("all", node.get("of", ())) for rule in _rules_of(part)]


def set_to_plain(criteria):
    """A set as the plain mapping of a set file, every shorthand written out, nothing empty.

    Parameters
    ----------
    criteria : CriteriaSet

    Returns
    -------
    dict
        Of dicts, lists, texts, numbers, bools and None; `build_set` reads it back to an equal set.
    """
    plain = {
        "id": criteria.id,
        "edition": criteria.edition,
        "label": dict(criteria.label),
        "level": criteria.level,
        "issuer": criteria.issuer,
        "legal_ref": criteria.legal_ref,
        "valid_from": criteria.valid_from,
        "valid_to": criteria.valid_to,
        "status": dict(criteria.status),
        "polarity": criteria.polarity,
        "outcomes": {word: dict(label) for word, label in criteria.outcomes.items()},
        "derived_from": criteria.derived_from,
        "groups": {criteria.dimension: {group: dict(label) for group, label in criteria.groups.items()}},
        "default_group": criteria.default_group,
        "group_rule": dict(criteria.group_rule),
        "group_by": _thaw(criteria.group_by),
        "logic": _thaw(criteria.logic),
        "target": _thaw(criteria.target),
        "max_age_years": criteria.max_age_years,
        "sources": list(criteria.sources),
        "verification_note": dict(criteria.verification_note),
        "criteria": [_criterion_to_plain(one) for one in criteria.criteria],
    }
    return _filled(plain)


def _criterion_to_plain(one):
    plain = {
        "id": one.id,
        "code": one.code,
        "label": dict(one.label),
        "clause": one.clause,
        "legal_ref": one.legal_ref,
        "kind": one.kind,
        "measured": one.measured and one.measured.to_plain(),
        "reported": one.reported and one.reported.to_plain(),
        "unit": one.unit,
        "compare": one.compare,
        "nearly": {group: figure for group, figure in one.nearly.items() if figure is not None},
        "decides": one.decides,
        "fixable_by": one.fixable_by,
        "theme": one.theme,
        "verification": dict(one.verification),
        "checked": {group: dict(check) for group, check in one.checked.items() if check},
        "applies": _thaw(one.applies),
        "source": _filled({"ref": one.source_ref, "url": one.source_url}),
        "note": dict(one.note),
    }
    bands = one.compare == "band"
    thresholds = {
        group: [dict(band) for band in given] if bands and given else given
        for group, given in one.thresholds.items()
    }
    return {**_filled(plain), "thresholds": thresholds}


def _filled(mapping):
    return {key: value for key, value in mapping.items() if value is not None and value not in ({}, [])}


def _thaw(value):
    if isinstance(value, Mapping):
        return {key: _thaw(part) for key, part in value.items()}
    return [_thaw(part) for part in value] if isinstance(value, tuple) else value
