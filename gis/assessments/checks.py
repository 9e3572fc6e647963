"""What a criteria set asks of the sheets, and figures in them that cannot be."""

from collections.abc import Mapping

from gis.errors import Problem


def impossible_figures(table, villages, criteria, year):
    """Problems that name the villages whose reported parts are larger than their whole, by criterion."""
    for criterion in criteria.criteria:
        arguments = dict(criterion.reported.arguments) if criterion.reported else {}
        parts = (
            [arguments["numerator"]] if "numerator" in arguments else list(arguments.get("numerators", ()))
        )
        whole = arguments.get("denominator")
        if not parts or whole not in table or not set(parts) <= set(table):
            continue
        wrong = (table[parts].sum(axis=1) > table[whole]) & table[whole].notna()
        if wrong.any():
            named = [f"{name} ({key})" for key, name in villages.loc[wrong, "name"].items()]
            where = {"year": year, "criterion": criterion.label}
            yield Problem("sheet-figures-impossible", {**where, "count": len(named), "villages": named})


def needed_fields(criteria):
    """Fields that a criteria set takes from the assessment, with the type each is read as.

    Returns
    -------
    Mapping of str to str
        ``yesno`` for a value judged by its presence, else ``number``.
    """
    types = {}
    for criterion in criteria.criteria:
        arguments: Mapping = dict(criterion.reported.arguments) if criterion.reported else {}
        if "field" in arguments:
            types[arguments["field"]] = "yesno" if criterion.unit == "bool" else "number"
        for name in (
            arguments.get("numerator"),
            arguments.get("denominator"),
            *arguments.get("numerators", ()),
        ):
            if name:
                types.setdefault(name, "number")
    return types
