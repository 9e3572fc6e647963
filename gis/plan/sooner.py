"""The same works earlier: village by village into the first year in which the money reaches."""

import numpy as np

from gis.plan.answer import NEVER
from gis.plan.money import Ledger
from gis.plan.terms import holds_since, since_when


def sooner(ready, year, kept, paid):
    """The same works as early as the money allows, those of the cheapest villages first.

    Parameters
    ----------
    ready : Ready
    year : array of int
        The year of each option.
    kept : set of int
        The ``hold`` terms for which places are kept.
    paid : array of float, shape (options, funds, years)
        Who pays them.

    Returns
    -------
    array of int or None
        The year of each option; None where upkeep cannot be paid in this simple way.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = paid.sum(axis=2) / paid.sum(axis=(1, 2))[:, None]
    moving = _Moving(ready, year.copy(), Ledger(ready.money, ready.problem.commune_of, ready.after, shares))
    chosen = np.flatnonzero(year >= 0).tolist()
    if not moving.begin(chosen, paid):
        return None
    when = holds_since(ready.found, moving.serves, kept)
    passing = [
        (term, weight) for term, weight, _ in ready.villages if when[term] <= ready.final and weight > 0
    ]
    needs = {
        term: [option for option in ready.found.options_of[term] if year[option] >= 0] for term, _ in passing
    }
    costs = ready.money.costs
    rank = sorted((sum(costs[o] for o in needs[term]) / weight, term) for term, weight in passing)
    # what comes first is moved first, as the rest waits for it
    groups = [needs[term] for _, term in rank] + [[option] for option in chosen]
    for options in [[o for o in one if o not in ready.before] for one in groups] + groups:
        for at in range(ready.final):
            if moving.move([o for o in options if moving.year[o] > at], at):
                break
    return moving.year


class _Moving:
    def __init__(self, ready, year, ledger):
        self.ready, self.year, self.ledger, self.payments = ready, year, ledger, {}

    @property
    def serves(self):
        return np.where(self.year >= 0, self.year + self.ready.after, NEVER)

    def begin(self, chosen, paid):
        for option in chosen:
            at = int(self.year[option])
            if self.ready.money.upkeep[option] > 0:
                payments = self.ledger.pay(option, at)
                if payments is None:
                    return False
            else:
                funds = np.flatnonzero(paid[option, :, at] > 0).tolist()
                payments = [(fund, at, float(paid[option, fund, at]), False) for fund in funds]
                self.ledger.redo(payments, option)
            self.payments[option] = payments
        return True

    def move(self, options, at):
        """All of these into a year, or none."""
        done = []
        for option in options:
            before = self.year[option], self.payments[option]
            self.ledger.undo(before[1], option)
            payments = self.ledger.pay(option, at) if self._may(option, at) else None
            if payments is None:
                self.ledger.redo(before[1], option)
                for other, (year, old) in reversed(done):
                    self.ledger.undo(self.payments[other], other)
                    self.ledger.redo(old, other)
                    self.year[other], self.payments[other] = year, old
                return False
            done.append((option, before))
            self.year[option], self.payments[option] = at, payments
        return True

    def _may(self, option, at):
        terms = self.ready.before.get(option, ())
        if not terms or self.ready.problem.locked[option]:
            return True
        by, serves = min(at + self.ready.after[option], self.ready.final), self.serves
        return all(since_when(self.ready.found.terms, term, serves) <= by for term in terms)
