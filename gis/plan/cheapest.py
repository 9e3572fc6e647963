"""The cheapest way to close each gap by itself."""

import numpy as np
import pandas as pd

FEW = 14
"""Of a way with no more options every choice is tried."""


def cheapest_fixes(options):
    """The cheapest way to close each gap by itself.

    Parameters
    ----------
    options : Options

    Returns
    -------
    DataFrame
        Index village_id and criterion; ``cost``, ``cost_low`` and ``cost_high`` VND, the people's part included;
        ``options`` their ids as a tuple; ``assumed``, whether nobody stands for the cost of one of them.

    Notes
    -----
    Of a way whose amounts add up the cheapest choice that reaches the need: exact for up to `FEW` options; of more, the
    cheapest for what they give first, without those that turn out not to be needed.
    """
    columns = ["cost", "cost_low", "cost_high", "cost_by"]
    ways = options.ways.merge(options.table[columns], left_on="option_id", right_index=True)
    ways = ways.assign(assumed=ways["cost_by"] == "assumption")
    key = ["village_id", "criterion", "way"]
    size = ways.groupby(key)["option_id"].transform("size")
    single = (size == 1) & (ways["amount"] >= ways["need"] - 1e-9)
    alone = ways[single].assign(options=[(one,) for one in ways.loc[single, "option_id"]])
    told = ["cost", "cost_low", "cost_high", "options", "assumed"]
    rows = [alone[[*key[:2], *told]]]
    several = []
    for (village, criterion, _), each in ways[size > 1].groupby(key):
        each = each.sort_values("option_id")
        taken = each.iloc[
            _cheapest(*(each[name].to_numpy() for name in ("cost", "amount")), each["need"].max())
        ]
        if len(taken):
            sums = [taken[name].sum() for name in told[:3]]
            several.append((village, criterion, *sums, tuple(taken["option_id"]), taken["assumed"].any()))
    rows.append(pd.DataFrame(several, columns=[*key[:2], *told]))
    found = pd.concat([part for part in rows if len(part)] or rows[:1], ignore_index=True)
    found["assumed"] = found["assumed"].astype(bool)
    found = found.sort_values([*key[:2], "cost", "options"], kind="stable")
    return found.drop_duplicates(key[:2]).set_index(key[:2])


def _cheapest(costs, amounts, need):
    """Positions of the cheapest choice whose amounts reach the need; none where all together do not."""
    need = need - 1e-9
    if amounts.sum() < need:
        return np.zeros(0, dtype=int)
    if (amounts.sum() - amounts < need).all():
        return np.arange(len(costs))
    if len(costs) <= FEW:
        chosen = np.arange(1 << len(costs))[:, None] >> np.arange(len(costs)) & 1
        total = np.where(chosen @ amounts >= need, chosen @ costs, np.inf)
        return np.flatnonzero(chosen[int(np.argmin(total))])
    order = np.lexsort((np.arange(len(costs)), costs / amounts))
    last = int(np.searchsorted(np.cumsum(amounts[order]), need))
    taken = order[: last + 1].tolist()
    for one in sorted(taken, key=lambda at: (-costs[at], at)):
        if amounts[taken].sum() - amounts[one] >= need:
            taken.remove(one)
    return np.sort(taken)
