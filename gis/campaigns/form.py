"""What a campaign asks: fields with their kind, unit and range, and how a cell is read as one of them."""

from dataclasses import dataclass

from gis.assessments import needed_fields
from gis.labels import Label
from gis.names import fold
from gis.values import COUNTED, is_ambiguous, is_blank, to_count, to_number, to_text, to_yes, without_unit

REMARKS = (("evidence", "text"), ("note", "text"))
"""Asked of every village besides the figures."""

MOST = {"%": 100.0, "months": 12.0, "min": 1440.0, "km": 1000.0, "times": 100.0}
"""Unit to the largest figure of one village that is taken; `MOST_ELSE` for the others."""

MOST_ELSE = 1_000_000.0
LONGEST = 1000
"""Letters of a remark."""


@dataclass(frozen=True)
class Asked:
    """One field that a campaign asks for.

    Attributes
    ----------
    name : str
    kind : str
        ``number``, ``yesno``, ``choice`` or ``text``.
    label : Label
    unit : str or None
    choices : tuple of (str, Label)
        Values of a ``choice``, as they are stored and as they are read.
    """

    name: str
    kind: str
    label: Label
    unit: str | None = None
    choices: tuple = ()

    @property
    def is_whole(self):
        """Whether its figures come whole."""
        return self.kind == "number" and self.unit in COUNTED

    @property
    def is_remark(self):
        """Whether it is a remark, which only the commune writes."""
        return self.kind == "text"


def asked_fields(criteria, layer, *, also=()):
    """Pairs of field and type that a set asks of the communes, in the order of the catalogue, remarks last.

    Parameters
    ----------
    criteria : CriteriaSet
    layer : Layer
        The catalogue's `assessments`.
    also : iterable of str
        Further fields of the catalogue to ask for.
    """
    types = needed_fields(criteria)
    types |= {name: layer.fields[name].type for name in also if name in layer.fields and name not in types}
    remarks = dict(REMARKS)
    known = [name for name in layer.fields if name in types and layer.fields[name].type != "text"]
    own = sorted(set(types) - set(layer.fields))
    return [[name, types[name]] for name in (*known, *own) if name not in remarks] + [
        list(r) for r in REMARKS
    ]


def form_from(fields, layer):
    """The fields of a campaign as `Asked`, from what `asked_fields` gave."""
    form = []
    for name, kind in fields:
        field = layer.fields.get(name)
        words = layer.vocabularies.get(name, {})
        choices = tuple((value, label) for value, (label, _) in words.items())
        kind = "choice" if choices else "number" if kind not in ("yesno", "text") else kind
        form.append(
            Asked(name, kind, field.label if field else Label(name), field.unit if field else None, choices)
        )
    return tuple(form)


def number_limits(asked):
    """The least and the most that a figure may be, both allowed."""
    return 0.0, MOST.get(asked.unit, MOST_ELSE)


def read_cell(value, asked):
    """What stands in a cell, and the code of why it cannot be taken.

    Returns
    -------
    value : float, str or None
        None where the cell is blank or cannot be taken.
    fault : str or None
        ``unreadable`` or ``out-of-range``.

    Examples
    --------
    >>> share = Asked("x", "number", Label("x"), "%")
    >>> read_cell("12,5 %", share), read_cell(120, share), read_cell("nhiều", share), read_cell("-", share)
    ((12.5, None), (None, 'out-of-range'), (None, 'unreadable'), (None, None))
    """
    if is_blank(value):
        return None, None
    if asked.kind == "text":
        text = to_text(value)
        return (text, None) if text is None or len(text) <= LONGEST else (None, "out-of-range")
    if asked.kind == "choice":
        wanted = fold(str(value))
        for stored, label in asked.choices:
            if wanted in {fold(stored), *map(fold, label.values())}:
                return stored, None
        return None, "unreadable"
    if asked.kind == "yesno":
        answer = to_yes(value)
        return (None, "unreadable") if answer is None else (answer, None)
    if isinstance(value, bool):
        return None, "unreadable"
    bare = without_unit(value, asked.unit)
    number = None if bare is None else to_count(bare) if asked.is_whole else to_number(bare)
    if number is None or (not asked.is_whole and is_ambiguous(bare)):
        return None, "unreadable"
    least, most = number_limits(asked)
    return (number, None) if least <= number <= most else (None, "out-of-range")
