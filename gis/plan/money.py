"""Who may pay what, how much of it and when: the rules of the funds as figures, and a ledger that keeps to them.

What a work costs the funds is paid in one year, by one fund or several; the people's part is paid by nobody here. The
upkeep of a work is paid each year from the year after it serves, out of recurrent money, where the request asks for it.
The ceilings for one work and for one commune are about making works; the money of the years and the total also pay
upkeep.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Money:
    """The rules of all funds.

    Attributes
    ----------
    costs : array of float
        VND that funds pay for each option.
    upkeep : array of float
        VND a year for each option; 0 where nobody asks for it.
    most : array of float, shape (options, funds)
        VND that each fund may pay of each option at most, whatever money it has.
    keeps : array of bool, shape (options, funds)
        Which fund may pay the upkeep of which option.
    room : array of float, shape (funds, years)
        VND that may be spent in the year; by its end in all, where `carry`.
    carry : array of bool
    total : array of float
        VND over all years; inf for none.
    commune : array of float, shape (funds, communes + 1)
        VND in each commune; the last is for works of which nobody says where they lie; inf for none.
    """

    costs: np.ndarray
    upkeep: np.ndarray
    most: np.ndarray
    keeps: np.ndarray
    room: np.ndarray
    carry: np.ndarray
    total: np.ndarray
    commune: np.ndarray

    @property
    def payable(self):
        """Options whose whole cost funds may pay, whatever money they have."""
        return self.most.sum(axis=1) >= self.costs * (1 - 1e-9) - 1e-6

    def affordable(self, commune_of):
        """Options that some fund or funds have the money for, if nothing else were built."""
        have = np.minimum(self.total, self.room.max(axis=1, initial=0))
        within = np.minimum(np.minimum(self.most, have), self.commune.T[commune_of])
        return within.sum(axis=1) >= self.costs * (1 - 1e-9) - 1e-6


def money_of(problem):
    """The rules of the funds of a problem.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Money
    """
    funds, options = problem.request.funds, problem.options
    whole, costs = options["cost"].to_numpy(dtype=float), problem.costs
    most = np.zeros((len(options), len(funds)))
    commune = np.full((len(funds), len(problem.commune_ids) + 1), np.inf)
    for at, fund in enumerate(funds):
        share = np.minimum(costs, whole * fund.share_pct / 100)
        ceiling = np.inf if fund.most_per_work is None else fund.most_per_work
        most[:, at] = np.where(problem.payable[:, at], np.minimum(share, ceiling), 0.0)
        if isinstance(fund.most_per_commune, Mapping):
            known = [fund.most_per_commune.get(one, np.inf) for one in problem.commune_ids]
            commune[at, :-1] = known
        elif fund.most_per_commune is not None:
            commune[at] = fund.most_per_commune
    carry = np.array([fund.carry for fund in funds], dtype=bool)
    owed = np.array([fund.debts for fund in funds], dtype=float)
    left = np.zeros(len(funds)) if problem.debts_left is None else problem.debts_left
    total = np.array([np.inf if fund.total is None else fund.total for fund in funds], dtype=float)
    keeps = problem.keeps if problem.keeps is not None else np.zeros_like(problem.payable)
    upkeep = options["maintenance"].fillna(0).to_numpy(dtype=float)
    return Money(
        costs=costs,
        upkeep=upkeep if problem.request.maintenance else np.zeros(len(options)),
        most=most,
        keeps=keeps,
        room=np.where(carry[:, None], np.cumsum(problem.money, axis=1), problem.money),
        carry=carry,
        # debts are paid out of the total too
        total=np.maximum(total - (owed - left), 0.0),
        commune=commune,
    )


class Ledger:
    """What is left of the money while works are chosen one by one.

    Of several funds that may pay a work, each pays its share where shares are given; for the rest, the one that may pay
    the least of all works pays first. That is simple and never breaks a rule, but may miss a way to divide the payments.

    Parameters
    ----------
    money : Money
    commune_of, serves_after : array of int
    shares : array of float, shape (options, funds), optional
        Of the cost of each option; NaN where nobody says.
    """

    def __init__(self, money, commune_of, serves_after, shares=None):
        self.shares = np.full(money.most.shape, np.nan) if shares is None else shares
        self.money, self.commune_of, self.after = money, commune_of, serves_after
        self.room, self.total, self.commune = money.room.copy(), money.total.copy(), money.commune.copy()
        wide = (money.most > 0).T @ money.costs if len(money.costs) else np.zeros(len(money.total))
        order = np.argsort(wide, kind="stable")
        self.payers = [[int(f) for f in order if row[f] > 0] for row in money.most]
        self.keepers = [[int(f) for f in order if row[f]] for row in money.keeps]
        self.years = money.room.shape[1]

    def pay(self, option, year):
        """Pay a work and its upkeep; the payments as a list of (fund, year, VND, whether upkeep), or None."""
        done = []
        if not self._share(option, year, self.money.costs[option], self.payers[option], done, upkeep=False):
            return self.undo(done, option)
        if self.money.upkeep[option] > 0:
            for later in range(year + self.after[option] + 1, self.years):
                needed = self.money.upkeep[option]
                if not self._share(option, later, needed, self.keepers[option], done, upkeep=True):
                    return self.undo(done, option)
        return done

    def undo(self, payments, option):
        """Take payments for an option back."""
        for fund, year, amount, upkeep in payments:
            self._move(fund, year, -amount, option, upkeep)

    def redo(self, payments, option):
        """Pay an option as it was paid before."""
        for fund, year, amount, upkeep in payments:
            self._move(fund, year, amount, option, upkeep)

    def _share(self, option, year, needed, funds, done, upkeep):
        left, paid = needed, {}
        shares = self.shares[option]
        rounds = [(fund, shares[fund] * needed) for fund in funds if not upkeep and shares[fund] > 0]
        for fund, most in [*rounds, *((fund, np.inf) for fund in funds)]:
            if left <= 1e-6:
                break
            room = self.room[fund, year:].min() if self.money.carry[fund] else self.room[fund, year]
            amount = min(left, most, room, self.total[fund])
            if not upkeep:
                ceiling = self.money.most[option, fund] - paid.get(fund, 0.0)
                amount = min(amount, ceiling, self.commune[fund, self.commune_of[option]])
            if amount > 1e-6:
                paid[fund] = paid.get(fund, 0.0) + amount
                self._move(fund, year, amount, option, upkeep)
                done.append((fund, year, amount, upkeep))
                left -= amount
        return left <= 1e-6

    def _move(self, fund, year, amount, option, upkeep):
        if self.money.carry[fund]:
            self.room[fund, year:] -= amount
        else:
            self.room[fund, year] -= amount
        self.total[fund] -= amount
        if not upkeep:
            self.commune[fund, self.commune_of[option]] -= amount
