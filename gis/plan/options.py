"""All that could be built for a review: made from its gaps, and the planner's own."""

from dataclasses import dataclass, replace

import pandas as pd

from gis.interventions import load_interventions
from gis.plan.candidates import Gaps, discover_makers
from gis.plan.cheapest import cheapest_fixes
from gis.plan.without import without_option
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
        The planner's own proposals; an option of the same id takes the place of a generated one.
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.

    Returns
    -------
    Options
        The same work is one option, whoever makes it, with all that it changes. Ways that take the same options are one
        way; options that do the same are alternatives, each a way of its own.
    """
    gaps = Gaps(review, load_interventions() if interventions is None else interventions)
    makers, options, ways = discover_makers(), {}, []
    for number, make in enumerate(makers):
        if report:
            report(number / len(makers), "plan-options")
        made = make(gaps)
        for row in made.options:
            known = options.setdefault(row["option_id"], row)
            if known is not row:
                more = tuple(edit for edit in row["edits"] if edit not in known["edits"])
                options[row["option_id"]] = {**known, "edits": known["edits"] + more}
        ways += [{**row, "way": (number, row["way"])} for row in made.ways]
    if own is not None:
        options |= {row["option_id"]: row for row in own.table.reset_index().to_dict("records")}
        ways += [{**row, "way": (len(makers), row["way"])} for row in own.ways.to_dict("records")]
    table = pd.DataFrame(options.values(), columns=["option_id", *OPTIONS])
    table = table.set_index("option_id").sort_index()
    found = pd.DataFrame(_numbered(ways), columns=list(WAYS))
    return Options(conform(table, OPTIONS), conform(found, WAYS))


def changed(options, costs):
    """Options at other costs, such as those of the planner.

    Parameters
    ----------
    options : Options
    costs : Mapping of str to float
        VND by option id.

    Returns
    -------
    Options
        These cost so much, no less and no more, and the user stands for it; their upkeep moves along.
    """
    table = options.table.copy()
    named = pd.Series(costs, dtype=float).reindex(table.index).dropna()
    factor = named / table.loc[named.index, "cost"].where(table["cost"] > 0)
    table.loc[named.index, "maintenance"] *= factor.fillna(1.0)
    for column in ("cost", "cost_low", "cost_high"):
        table.loc[named.index, column] = named
    table.loc[named.index, "cost_by"] = "user"
    return replace(options, table=table)


def _numbered(ways):
    """The ways sorted, numbered from 0 within village and criterion, each that takes the same options once."""
    parts = {}
    for row in ways:
        parts.setdefault((row["village_id"], row["criterion"], row["way"]), []).append(row)
    rows, seen, place = [], {}, None
    for (village, criterion, _), part in sorted(parts.items(), key=lambda each: each[0]):
        if place != (village, criterion):
            place, seen = (village, criterion), {}
        part = sorted(part, key=lambda row: row["option_id"])
        same = tuple((row["option_id"], row["amount"], row["need"]) for row in part)
        if same not in seen:
            seen[same] = len(seen)
            rows += [{**row, "way": seen[same]} for row in part]
    return rows


__all__ = ["Options", "changed", "cheapest_fixes", "find_options", "without_option"]
