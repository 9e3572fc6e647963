"""The cheapest change for each gap by itself, as the sentences of a scorecard want it."""

from gis.interventions import load_interventions
from gis.plan.options import cheapest_fixes
from gis.plan.record import plain


def fixes_of(options, fixes=None, interventions=None):
    """Every gap that something closes, with the cheapest that does.

    Parameters
    ----------
    options : Options
    fixes : DataFrame, optional
        As `cheapest_fixes` gives it, where it is there already.
    interventions : Mapping of str to Intervention, optional
        For the names of works; those of the house where left out.

    Returns
    -------
    dict of (str, str) to dict
        Village and criterion to ``cost`` (VND, the people's part included), ``assumed`` (whether nobody stands for a
        part of it) and ``works``: a list of ``option_id``, ``label`` (by language), ``quantity``, ``unit``, ``cost``.
    """
    interventions = load_interventions() if interventions is None else interventions
    fixes = cheapest_fixes(options) if fixes is None else fixes
    names = ["intervention", "name", "quantity", "unit", "cost"]
    rows = dict(zip(options.table.index, options.table[names].to_dict("records"), strict=True))
    works = {}
    for option in {one for chosen in fixes["options"] for one in chosen}:
        row, kind = rows[option], interventions.get(rows[option]["intervention"])
        named = isinstance(row["name"], str) and row["name"]
        label = dict.fromkeys(("vi", "en"), row["name"]) if named else dict(kind.label) if kind else {}
        works[option] = {
            "option_id": option,
            "label": label or {"vi": option, "en": option},
            **{name: plain(row[name]) for name in ("quantity", "unit", "cost")},
        }
    return {
        gap: {
            "cost": float(cost),
            "assumed": bool(assumed),
            "works": [works[one] for one in chosen],
        }
        for gap, cost, assumed, chosen in zip(
            fixes.index, fixes["cost"], fixes["assumed"], fixes["options"], strict=True
        )
    }
