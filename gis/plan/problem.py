"""The question that is solved: arrays made of a review, options, ways and a request; nothing here knows a layer."""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
import pandas as pd

from gis.conditions import holds
from gis.plan.answer import NEVER, since
from gis.plan.rules import passing_rules
from gis.trivalent import YES
from gis.verdicts import counted_criteria


@dataclass(frozen=True)
class Way:
    """One way to close a gap: the options, what each gives, how much it takes together, and the places it takes.

    Attributes
    ----------
    options : tuple of int
        Positions in the options of the problem, rising.
    amounts : tuple of float
    need : float
        At most the sum of `amounts`. Where it is that sum, all of them are needed.
    takes : tuple of float
        Of the places of each option.
    """

    options: tuple
    amounts: tuple
    need: float
    takes: tuple


@dataclass(frozen=True)
class Problem:
    """What may be built, what it closes, when a village passes, and the money.

    Attributes
    ----------
    villages : Index of str
    weights, people : array of float
        A value a village; people 0 where not known.
    communes : array of int
        A number a village, of `commune_ids`; -1 for none.
    rules : list
        As of `gis.plan.rules.passing_rules`; None for who is not judged, True for who needs no work: it passes already, or
        within the years by what is assumed alone.
    gaps : dict of (int, str) to tuple of Way
        Village position and criterion, in this order; each has a way.
    options : DataFrame
        Table `OPTIONS`, sorted by id; only those that may be built.
    locked : array of bool
        Options that are in.
    commune_of : array of int
        A number an option, as `communes`.
    payable, keeps : array of bool, shape (options, funds)
        Which fund may pay to make which option, and which its upkeep.
    money : array of float, shape (funds, years)
        VND, debts paid.
    debts_left : array of float
        VND of each fund's debts that its money of all years does not pay.
    first : frozenset of (int, str)
        The gaps of `gaps` that come first: of a criterion whose theme is an essential sector.
    request : Request
    alone : array of int
        A value a village: the year of the plan from which it passes without any work, by what is assumed; -1 where it
        passes already, `NEVER` where it does not.
    """

    villages: pd.Index
    weights: np.ndarray
    people: np.ndarray
    communes: np.ndarray
    commune_ids: tuple
    rules: list
    gaps: dict
    options: pd.DataFrame
    locked: np.ndarray
    commune_of: np.ndarray
    payable: np.ndarray
    money: np.ndarray
    request: object
    keeps: np.ndarray | None = None
    debts_left: np.ndarray | None = None
    first: frozenset = frozenset()
    alone: np.ndarray | None = None

    @property
    def years(self):
        """How many years there are."""
        return self.money.shape[1]

    @property
    def costs(self):
        """VND of each option that funds must pay: without the people's part."""
        return self.options["cost"].to_numpy() * (1 - self.options["people_pct"].to_numpy() / 100)


def make_problem(review, options, ways, request):
    """The problem of a review with what could be built.

    Parameters
    ----------
    review : Review
    options : DataFrame
        Table `OPTIONS`.
    ways : DataFrame
        Table `WAYS`; rows whose option is banned, and those of criteria that no village can miss, are left out.
    request : Request

    Returns
    -------
    Problem
    """
    villages = review.study.villages
    # no money goes into what the set only tells beside
    counted = {one.id for one in counted_criteria(review.criteria)}
    ways = ways[ways["criterion"].isin(counted)]
    first = request.years[0] if request.years else 0
    assumed = [(each["criterion"], max(0, int(each["year"]) - first)) for each in request.assumed]
    banned = set(request.banned) | set(options.index[options["wanted"] == "out"])
    kept = options[~options.index.isin(banned)].sort_index()
    if request.costs:
        named = pd.Series(request.costs, dtype=float).reindex(kept.index)
        kept = kept.assign(cost=named.fillna(kept["cost"]))
    ids = tuple(sorted({one for one in villages["commune_id"] if isinstance(one, str)}))
    place = {one: at for at, one in enumerate(ids)}
    codes = np.array([place.get(one, -1) for one in villages["commune_id"]], dtype=int)
    paid = [_money(fund, len(request.years)) for fund in request.funds]
    themes = {one.id for one in review.criteria.criteria if one.theme in request.essential}
    gaps = _gaps(ways, villages.index, kept.index)
    rules = passing_rules(review, request.part, assumed=assumed)
    now = passing_rules(review, request.part) if assumed else rules
    alone = [
        -1 if one is True else since(rule, lambda _: NEVER) for one, rule in zip(now, rules, strict=True)
    ]
    return Problem(
        villages=villages.index,
        weights=np.array([float(request.weights.get(one, 1.0)) for one in villages.index]),
        people=villages["population"].fillna(0).to_numpy(dtype=float),
        communes=codes,
        commune_ids=ids,
        # no money makes those pass that a programme alone makes pass, whether at once or later
        rules=[
            True if rule is not None and year < len(request.years) else rule
            for rule, year in zip(rules, alone, strict=True)
        ],
        alone=np.array(alone, dtype=int),
        gaps=gaps,
        options=kept,
        locked=(kept["wanted"] == "in").to_numpy() | kept.index.isin(request.locked),
        commune_of=np.array([place.get(one, -1) for one in kept["commune_id"]], dtype=int),
        payable=_by_fund(request.funds, kept, villages, upkeep=False),
        keeps=_by_fund(request.funds, kept, villages, upkeep=True),
        money=np.array([amounts for amounts, _ in paid], dtype=float).reshape(
            len(request.funds), len(request.years)
        ),
        debts_left=np.array([left for _, left in paid], dtype=float),
        first=frozenset(gap for gap in gaps if gap[1] in themes),
        request=request,
    )


def _gaps(ways, villages, options):
    """Village position and criterion to its ways; a way that needs an option that is not there is left out."""
    rows = pd.DataFrame(
        {
            "village": villages.get_indexer(ways["village_id"]),
            "criterion": ways["criterion"].to_numpy(dtype=object),
            "way": ways["way"].to_numpy(),
            "option": options.get_indexer(ways["option_id"]),
            "amount": ways["amount"].to_numpy(dtype=float),
            "need": ways["need"].to_numpy(dtype=float),
            "takes": ways["takes"].to_numpy(dtype=float),
        }
    )
    rows = rows[(rows["village"] >= 0) & (rows["option"] >= 0)]
    rows = rows.sort_values(["village", "criterion", "way", "option"], ignore_index=True)
    gaps = {}
    keys = zip(rows["village"], rows["criterion"], rows["way"], strict=True)
    values = zip(rows["option"], rows["amount"], rows["need"], rows["takes"], strict=True)
    for (village, criterion, _), each in groupby(zip(keys, values, strict=True), key=itemgetter(0)):
        taken, amounts, needs, takes = zip(*(value for _, value in each), strict=True)
        if sum(amounts) >= max(needs) - 1e-9:
            gaps.setdefault((village, criterion), []).append(Way(taken, amounts, max(needs), takes))
    return {key: tuple(found) for key, found in gaps.items()}


def _money(fund, years):
    """The amounts of a fund's years when its debts are paid, and what is still owed."""
    amounts, debts = [0.0] * years, fund.debts
    for at, amount in enumerate(fund.amounts[:years]):
        paid = min(debts, amount)
        amounts[at], debts = amount - paid, debts - paid
    return amounts, debts


def _by_fund(funds, options, villages, *, upkeep):
    able = [_payable(fund, options, villages, upkeep) for fund in funds]
    return np.column_stack(able) if able else np.zeros((len(options), 0), dtype=bool)


def _payable(fund, options, villages, upkeep):
    if upkeep:
        able = np.full(len(options), "recurrent" in fund.kinds)
    else:
        able = np.array([bool(set(fund.kinds) & set(pays.split())) for pays in options["pays"]], dtype=bool)
    if fund.sectors is not None:
        able &= options["sector"].isin(fund.sectors).to_numpy()
    if fund.communes is not None:
        able &= options["commune_id"].isin(fund.communes).to_numpy()
    if fund.where is not None:
        inside = villages.index[holds(fund.where, villages) == YES]
        able &= options["village_id"].isin(inside).to_numpy()
    return able
