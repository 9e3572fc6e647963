"""Funds on one line, as they are typed at a command: ``ntm:5e9,5e9;sectors=roads+water;share=70``."""

from gis.errors import PlanError
from gis.plan.asking import request_schema
from gis.values import to_number, to_yes

LISTS = {"sectors": "sectors", "communes": "communes", "kinds": "kinds"}
AMOUNTS = {"total": "total", "debts": "debts", "work": "most_per_work", "commune": "most_per_commune"}
FLAGS = {"carry": "carry", "special": "special"}
TEXTS = {"label": "label", "coefficients": "by_coefficient"}
SHARE = "share"
KNOWN = (*LISTS, *AMOUNTS, *FLAGS, *TEXTS, SHARE)


def fund_from_text(text):
    """A fund as plain data for `Request.from_plain`.

    Parameters
    ----------
    text : str
        Id, a colon, amounts a year separated by commas (one stands for every year), then rules behind semicolons:
        ``sectors``, ``communes``, ``kinds`` (several joined by ``+``), ``share`` (percent of a work), ``total``,
        ``debts``, ``work`` and ``commune`` (the most that it pays for one), ``carry`` and ``special`` (yes or no),
        ``coefficients`` (id of the rule by which it is shared out), ``label``. Amounts may carry a unit: ``5ty``.

    Returns
    -------
    dict

    Raises
    ------
    PlanError
        If it is not of this form.

    Examples
    --------
    >>> fund_from_text("ntm:5e9,4e9;sectors=roads+water;share=70")
    {'id': 'ntm', 'amounts': ['5e9', '4e9'], 'sectors': ['roads', 'water'], 'share_pct': 70.0}
    """
    head, *rules = [part.strip() for part in str(text).split(";")]
    name, colon, amounts = head.partition(":")
    given = [each.strip() for each in amounts.split(",")]
    if not colon or not name.strip() or not all(given):
        raise PlanError("plan-fund-text", text=str(text)[:120])
    fund = {"id": name.strip(), "amounts": given if len(given) > 1 else given[0]}
    for rule in filter(None, rules):
        key, sign, value = (part.strip() for part in rule.partition("="))
        if key not in KNOWN or not sign or not value:
            raise PlanError("plan-fund-rule", fund=fund["id"][:60], rule=rule[:60], known=" ".join(KNOWN))
        read = _value(key, value)
        if read is None:
            raise PlanError("plan-fund-value", fund=fund["id"][:60], rule=rule[:60])
        fund[{**LISTS, **AMOUNTS, **FLAGS, **TEXTS, SHARE: "share_pct"}[key]] = read
    return fund


def _value(key, value):
    if key in LISTS:
        return [one.strip() for one in value.split("+") if one.strip()]
    if key in FLAGS:
        answer = to_yes(value)
        return None if answer is None or answer != answer else bool(answer)
    return to_number(value) if key == SHARE else value


def sectors():
    """The sectors that a fund may name."""
    return tuple(request_schema()["$defs"]["sectors"]["items"]["enum"])
