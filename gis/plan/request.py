"""What a planner asks a plan for: the part that must pass, the years, the funds and their rules, what is assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from gis.plan.rules import PARTS


@dataclass(frozen=True)
class Fund:
    """Money of one programme and the rules by which it may be spent.

    Attributes
    ----------
    amounts : tuple of float
        VND a year of the plan.
    carry : bool
        What is left of a year may be spent in a later one.
    total : float or None
        A ceiling over all years.
    sectors, communes : tuple of str or None
        What and where it may pay for; None for all.
    where : Mapping or None
        A condition on the village that a work lies in (see `gis.conditions`).
    kinds : tuple of str
        Kinds of money: capital, recurrent.
    share_pct : float
        Percent of a work's cost that it pays at most.
    most_per_work : float or None
        VND.
    most_per_commune : float, Mapping of str to float, or None
        VND; a mapping gives each commune its own, none where it is not named.
    by_coefficient : str or None
        Id of the rule of `gis.plan.shares` by which the fund's total is shared out to communes; `settled` makes the
        mapping `most_per_commune` of it.
    special : bool
        It pays only for works of the special mechanism (see `gis.plan.shares.special`).
    debts : float
        VND that it owes and pays first, out of the earliest years.
    """

    id: str
    label: str
    amounts: tuple
    carry: bool = True
    total: float | None = None
    sectors: tuple | None = None
    communes: tuple | None = None
    where: Mapping | None = None
    kinds: tuple = ("capital",)
    share_pct: float = 100.0
    most_per_work: float | None = None
    most_per_commune: float | Mapping | None = None
    debts: float = 0.0
    by_coefficient: str | None = None
    special: bool = False

    @property
    def money(self):
        """VND that it has in all years: what it is given, at most its ceiling."""
        return min(sum(self.amounts), float("inf") if self.total is None else self.total)


@dataclass(frozen=True)
class Request:
    """All that decides a plan beside the review and the options; plain data, kept with the plan.

    Attributes
    ----------
    part : str
        Of `gis.plan.rules.PARTS`.
    years : tuple of int
    funds : tuple of Fund
    assumed : tuple of Mapping
        ``criterion``, ``year``, ``by``: what is taken as met from a year on, and through which programme.
    floor : Mapping
        What no commune is left without: ``works`` or ``villages`` (a number) or ``vnd``; empty for none.
    essential : tuple of str
        Sectors that come first: no money goes to others while one of theirs could be closed. Empty for no order.
    weights : Mapping
        Village id to its weight; 1 where it is not named.
    maintenance : bool
        Whether upkeep of what is built is paid out of recurrent money.
    locked, banned : tuple of str
        Option ids that are in, or out, in any case.
    costs : Mapping
        Option id to the VND that the planner says it costs.
    seconds : float
        How long to look for a better plan.
    seed : int
    """

    part: str = "infrastructure"
    years: tuple = ()
    funds: tuple = ()
    assumed: tuple = ()
    floor: Mapping = field(default_factory=dict)
    essential: tuple = ()
    weights: Mapping = field(default_factory=dict)
    maintenance: bool = False
    locked: tuple = ()
    banned: tuple = ()
    costs: Mapping = field(default_factory=dict)
    seconds: float = 60.0
    seed: int = 0

    @classmethod
    def from_plain(cls, plain):
        """A request from plain data, such as `to_plain` gives, a form or a YAML file.

        Raises
        ------
        PlanError
            With every fault of its form, each with the key it stands under; see `gis.plan.asking.request_from`.
        """
        from gis.plan.asking import request_from

        return request_from(plain)

    def to_plain(self):
        """As plain data that JSON and YAML hold, without what was left out; `from_plain` reads it back."""
        return _plain(self)


NEEDED = ("years", "funds")
"""Keys that every request has."""


def _plain(value):
    if isinstance(value, (Fund, Request)):
        given = ((one.name, getattr(value, one.name), one.default) for one in fields(value))
        # what was never asked for is not written, so that a person can read the file; funds are, though there be none
        return {
            name: _plain(part)
            for name, part, usual in given
            if name in NEEDED or (part != usual and part not in ({}, ()))
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


__all__ = ["PARTS", "Fund", "Request"]
