"""What a planner asks a plan for: the part that must pass, the years, the funds and their rules, what is assumed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

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
    most_per_work, most_per_commune : float or None
        VND.
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
    most_per_commune: float | None = None
    debts: float = 0.0


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

    def to_plain(self):
        """As plain data that JSON and YAML hold."""
        return asdict(self)


__all__ = ["PARTS", "Fund", "Request"]
