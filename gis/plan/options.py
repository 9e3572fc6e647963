"""All that could be built for a review: made from its gaps, and the planner's own; and the cheapest for each gap."""

from dataclasses import dataclass

import pandas as pd

from gis.interventions import load_interventions
from gis.plan.candidates import Gaps, discover_makers
from gis.tables import OPTIONS, WAYS, conform


@dataclass(frozen=True)
class Options:
    """What could be built, and which gaps it closes.

    Attributes
    ----------
    table : DataFrame
        Table `OPTIONS`, sorted by id.
    ways : DataFrame
        Table `WAYS`, sorted by village, criterion, way and option.
    """

    table: pd.DataFrame
    ways: pd.DataFrame


def find_options(review, interventions=None, *, own=None, report=None):
    """What could be built for a review.

    Parameters
    ----------
    review : Review
    interventions : Mapping of str to Intervention, optional
        The kinds of work and what they cost; those of the house where left out.
    own : Options, optional
        The planner's own proposals.
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.

    Returns
    -------
    Options
    """
    gaps = Gaps(review, load_interventions() if interventions is None else interventions)
    options, ways = {}, []
    for number, make in enumerate(discover_makers()):
        made = make(gaps)
        options |= {row["option_id"]: row for row in made.options}
        ways += [{**row, "way": (number, row["way"])} for row in made.ways]
    table = (
        pd.DataFrame(options.values(), columns=["option_id", *OPTIONS]).set_index("option_id").sort_index()
    )
    found = pd.DataFrame(ways, columns=list(WAYS))
    # ways of several makers are numbered on
    found["way"] = found.groupby(["village_id", "criterion"])["way"].transform(
        lambda each: pd.factorize(each, sort=True)[0]
    )
    found = found.sort_values(["village_id", "criterion", "way", "option_id"], ignore_index=True)
    return Options(conform(table, OPTIONS), conform(found, WAYS))


def cheapest_fixes(options):
    """The cheapest way to close each gap by itself.

    Parameters
    ----------
    options : Options

    Returns
    -------
    DataFrame
        Index village_id and criterion; ``cost`` VND, ``options`` their ids as a tuple.
    """
    ways = options.ways.merge(options.table[["cost"]], left_on="option_id", right_index=True)
    rows = []
    for (village, criterion, _), each in ways.groupby(["village_id", "criterion", "way"]):
        # of amounts that add up, the cheapest for what they give first
        each = each.assign(rate=each["cost"] / each["amount"]).sort_values(["rate", "option_id"])
        enough = each["amount"].cumsum().shift(fill_value=0) < each["need"] - 1e-9
        taken = each[enough]
        rows.append((village, criterion, taken["cost"].sum(), tuple(sorted(taken["option_id"]))))
    found = pd.DataFrame(rows, columns=["village_id", "criterion", "cost", "options"])
    found = found.sort_values(["village_id", "criterion", "cost", "options"], kind="stable")
    return found.drop_duplicates(["village_id", "criterion"]).set_index(["village_id", "criterion"])
