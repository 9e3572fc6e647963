"""The money in a programme: which fund pays what of the works that it may choose, and the split of a choice."""

import numpy as np

from gis.plan.programme import INFINITE, Programme

UNIT = 1e6
"""VND of the figures in a programme: with dong the solver's tolerances would be far below what it can tell apart."""


class Payments:
    """Columns and rows for the money of works that a programme may build.

    Works that the same funds may pay to the same share are paid together; that is exact, as what is paid together can
    be divided among them by their cost.

    Parameters
    ----------
    programme : Programme
    money : Money
    commune_of, after : array of int
        Of each option: its commune, and the years from paying to serving.
    built : dict of (int, int) to int
        Option and year to the column that says that it is paid in that year.
    elastic : bool
        Whether money may be short; `short` then has the columns that say by how much.
    """

    def __init__(self, programme, money, commune_of, after, built, *, elastic=False):
        self.programme, self.money, self.built = programme, money, built
        self.commune_of, self.after = commune_of, after
        self.years = money.room.shape[1]
        self.short = {} if elastic else None
        self.making, self.keeping = {}, {}
        self.spent = [[{} for _ in range(self.years)] for _ in money.total]
        self.within = {}
        self._make()
        self._keep()
        self._limit()

    def cost_of_funds(self):
        """An aim that has the funds pay in their order: those named first before the others."""
        columns = {**self.making, **self.keeping}
        return {column: float(at) for payers in columns.values() for at, column in payers.items()}

    def shares(self, values):
        """What part of each option each fund pays where all of its kind are paid together; NaN where none is.

        Parameters
        ----------
        values : array of float
            Of the columns of the programme, also of one that need not be whole.

        Returns
        -------
        array of float, shape (options, funds)
        """
        spent = {}
        for (key, _), columns in self.making.items():
            for fund, column in columns.items():
                spent.setdefault(key, np.zeros(len(self.money.total)))[fund] += max(0.0, values[column])
        found = np.full(self.money.most.shape, np.nan)
        for option in {option for option, _ in self.built}:
            paid = spent.get(self._payers(option)) if self.money.costs[option] > 0 else None
            if paid is not None and paid.sum() > 1e-9:
                found[option] = paid / paid.sum()
        return found

    def split(self, values, year):
        """What funds pay for chosen works.

        Parameters
        ----------
        values : array of float
            Of the columns of the programme.
        year : array of int
            In which each option is paid, -1 for none.

        Returns
        -------
        paid : array of float, shape (options, funds, years)
        upkeep : array of float, shape (funds, years)
            VND.
        """
        paid = np.zeros((len(year), len(self.money.total), self.years))
        upkeep = np.zeros((len(self.money.total), self.years))
        for option in np.flatnonzero(year >= 0):
            cost, key = self.money.costs[option], self._payers(option)
            if cost <= 0 or not key[0]:
                continue
            columns = self.making.get((key, year[option]))
            shares = np.array([max(0.0, values[columns[f]]) for f in key[0]]) if columns else np.ones(1)
            if shares.sum() > 0:
                paid[option, list(key[0]), year[option]] = cost * shares / shares.sum()
        for (_, at), columns in self.keeping.items():
            for fund, column in columns.items():
                upkeep[fund, at] += max(0.0, values[column]) * UNIT
        return paid, upkeep

    def _payers(self, option):
        most, cost = self.money.most[option], self.money.costs[option]
        funds = tuple(np.flatnonzero(most > 0).tolist())
        ratios = tuple(min(1.0, round(most[f] / cost, 9)) for f in funds) if cost > 0 else ()
        bound = any(np.isfinite(self.money.commune[f, self.commune_of[option]]) for f in funds)
        return funds, ratios, int(self.commune_of[option]) if bound else None

    def _make(self):
        pooled = {}
        for (option, year), column in self.built.items():
            cost = self.money.costs[option] / UNIT
            key = self._payers(option) if cost > 0 else None
            if key is None:
                continue
            if len(key[0]) == 1 and key[1] == (1.0,):
                self._spend(key[0][0], year, {column: cost}, key[2])
            else:
                pooled.setdefault((key, year), {})[column] = cost
        for (key, year), costs in pooled.items():
            funds, ratios, commune = key
            columns = {fund: self.programme.column(high=INFINITE, whole=False) for fund in funds}
            owed = {column: -cost for column, cost in costs.items()}
            self.programme.row(0.0, {**dict.fromkeys(columns.values(), 1.0), **owed}, 0.0)
            for fund, ratio in zip(funds, ratios, strict=True):
                if ratio < 1:
                    share = {column: -ratio * cost for column, cost in costs.items()}
                    self.programme.row(-INFINITE, {columns[fund]: 1.0, **share}, 0.0)
                self._spend(fund, year, {columns[fund]: 1.0}, commune)
            self.making[key, year] = columns

    def _keep(self):
        if not self.money.upkeep.any():
            return
        pooled = {}
        for (option, year), column in self.built.items():
            upkeep = self.money.upkeep[option] / UNIT
            funds = tuple(np.flatnonzero(self.money.keeps[option]).tolist())
            for later in range(year + self.after[option] + 1, self.years) if upkeep > 0 else ():
                pooled.setdefault((funds, later), {})[column] = upkeep
        for (funds, year), costs in pooled.items():
            columns = {fund: self.programme.column(high=INFINITE, whole=False) for fund in funds}
            owed = {column: -cost for column, cost in costs.items()}
            if self.short is not None and not funds:
                owed[self._short("upkeep", funds, year)] = 1.0
            self.programme.row(0.0, {**dict.fromkeys(columns.values(), 1.0), **owed}, 0.0)
            for fund, column in columns.items():
                self._spend(fund, year, {column: 1.0}, None)
            self.keeping[funds, year] = columns

    def _spend(self, fund, year, terms, commune):
        _add(self.spent[fund][year], terms)
        if commune is not None:
            _add(self.within.setdefault((fund, commune), {}), terms)

    def _limit(self):
        money = self.money
        for fund, years in enumerate(self.spent):
            in_all = {}
            for at, spent in enumerate(years):
                _add(in_all, spent)
                terms = in_all if money.carry[fund] else spent
                if spent:
                    self._most(terms, money.room[fund, at], "year", fund, at)
            if in_all and np.isfinite(money.total[fund]):
                self._most(in_all, money.total[fund], "total", fund, None)
        for (fund, commune), spent in self.within.items():
            if np.isfinite(money.commune[fund, commune]):
                self._most(spent, money.commune[fund, commune], "commune", fund, commune)

    def _most(self, terms, amount, *what):
        short = {self._short(*what): -1.0} if self.short is not None else {}
        self.programme.row(-INFINITE, {**terms, **short}, float(amount) / UNIT)

    def _short(self, *what):
        self.short[what] = self.programme.column(high=INFINITE, whole=False)
        return self.short[what]


def split(problem, money, year):
    """Who pays what of chosen works: funds in their order, those named first before the others.

    Parameters
    ----------
    problem : Problem
    money : Money
    year : array of int
        In which each option is paid, -1 for none.

    Returns
    -------
    tuple of array or None
        As of `Payments.split`; None where the money does not pay them.
    """
    programme = Programme()
    chosen = np.flatnonzero(year >= 0).tolist()
    if not money.payable[chosen].all():
        return None
    built = {(option, int(year[option])): programme.column(1.0, 1.0, whole=False) for option in chosen}
    after = problem.options["years"].to_numpy()
    payments = Payments(programme, money, problem.commune_of, after, built)
    if not built:
        return payments.split(np.zeros(0), year)
    found = programme.solve(payments.cost_of_funds(), least=True)
    return None if found.values is None else payments.split(found.values, year)


def _add(terms, more):
    for column, value in more.items():
        terms[column] = terms.get(column, 0.0) + value
