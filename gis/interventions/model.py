"""A kind of work as data: frozen, always valid."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gis.conditions import holds
from gis.labels import Label
from gis.trivalent import YES


@dataclass(frozen=True)
class Cost:
    """What one unit of a work costs somewhere, at some time.

    Attributes
    ----------
    vnd, low, high : float
        Dong a unit: what is reckoned with, and the ends between which it may lie.
    fixed_vnd : float
        Dong a work, however large it is.
    where : Mapping, tuple of Mapping or None
        A condition on the village (see `gis.conditions`); None for everywhere.
    as_of : str
        Of which prices.
    verification : str
        ``assumption`` (nobody stands for it), ``user`` (the planner's own table) or ``source`` (read in `source`).
    source : str or None
    """

    vnd: float
    low: float
    high: float
    as_of: str
    verification: str
    fixed_vnd: float = 0.0
    where: object = None
    source: str | None = None


@dataclass(frozen=True)
class Intervention:
    """A declared kind of work.

    Attributes
    ----------
    sector : str
        Theme of the criteria that it is for: roads, water, irrigation, power, telecom, schools, health, culture.
    unit : str
        What its quantity counts: km, ha, household, room, piece.
    step : float
        Quantities are rounded up to a multiple of it.
    costs : tuple of Cost
        The first whose condition holds for a village counts.
    reports : tuple of Mapping
        What the village reports afterwards: ``field`` with ``whole`` (the quantity is added, up to that other field),
        ``becomes`` (a value, 1 for yes) or ``less`` (so much a unit is taken off, down to 0); with ``once: linked`` it
        reports so when its way to the centre is whole, not by this work alone.
    works : Mapping or None
        What it changes on the map: ``layer``, ``does`` (build | improve | enlarge | bridge | repair) and by kind of change
        ``kind``, ``classes``, ``set``, ``field``, ``from``.
    serves : Mapping
        ``within_km`` or ``within_min`` and ``mode``: how far what it builds serves; empty for the village alone.
    places : float
        How many units of demand one unit of its quantity holds or adds; inf where it does not matter.
    maintenance_pct : float
        Percent of its cost a year.
    people_pct : float
        Percent of its cost that the people contribute.
    years : int
        How long it takes, from the year that pays to the year in which it serves: 0 the same year.
    pays : tuple of str
        Kinds of money that may pay it: capital, recurrent.
    """

    id: str
    label: Label
    sector: str
    unit: str
    costs: tuple
    reports: tuple = ()
    works: Mapping | None = None
    serves: Mapping = field(default_factory=dict)
    places: float = float("inf")
    step: float = 1.0
    maintenance_pct: float = 0.0
    people_pct: float = 0.0
    years: int = 0
    pays: tuple = ("capital",)
    note: Label | None = None

    @property
    def needs_place(self):
        """Whether it can be done only where such a place already is: one to enlarge, to repair or to bridge."""
        return self.works is not None and self.works["does"] in ("enlarge", "repair", "bridge")

    def cost_in(self, villages):
        """The `Cost` that counts for each village, None where none does.

        Parameters
        ----------
        villages : DataFrame

        Returns
        -------
        list of Cost or None
        """
        found = np.full(len(villages), None, dtype=object)
        for cost in reversed(self.costs):
            here = cost.where is None or holds(cost.where, villages) == YES
            found[np.broadcast_to(here, len(villages))] = cost
        return found.tolist()
