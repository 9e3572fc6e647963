"""The form that asks for a plan: what is written in it as a request, and a request as what would be written."""

from werkzeug.datastructures import MultiDict

from gis.interventions import SECTORS
from gis.names import fold
from gis.plan.shares import load_coefficients
from gis.web import works
from gis.web.guard import Refused
from gis.web.texts import language, pick, t

FUNDS = 4
"""Funds that the form has room for."""
DRAWS = (0, 20, 50, 100)
SECONDS = (10, 30, 60, 300)
FLOORS = ("works", "villages", "vnd")
KINDS = {"capital": ("capital",), "recurrent": ("recurrent",), "both": ("capital", "recurrent")}
MOST_MILLIONS = 1e9
"""More million VND than any programme has."""


def plain_of(form, kept):
    """The request that a form asks for, as plain data for `Request.from_plain`.

    Parameters
    ----------
    form : MultiDict
    kept : Mapping
        What is wanted of single works, as `gis.web.wants.wants_of` gives it.

    Raises
    ------
    Refused
        422 where a number is none, or something is written by half.
    """
    first = _whole(form, "first", 2200)
    last = _whole(form, "last", 2200)
    plain = {
        "part": form.get("part", ""),
        "years": f"{first or ''}-{last or first or ''}",
        "funds": list(_funds(form)),
        "assumed": list(_assumed(form)),
        "essential": form.getlist("essential"),
        "maintenance": form.get("maintenance") == "yes",
        "locked": sorted(key for key, one in kept.items() if one["wanted"] == "in"),
        "banned": sorted(key for key, one in kept.items() if one["wanted"] == "out"),
        "costs": {key: one["cost"] for key, one in sorted(kept.items()) if one["cost"] is not None},
        "seconds": float(_whole(form, "seconds", SECONDS[-1]) or SECONDS[1]),
    }
    floor = form.get("floor", "")
    amount = works.number_of(form.get("floor-amount"), t("plan-page-form-floor-amount"), MOST_MILLIONS)
    if (floor in FLOORS) != bool(amount):
        raise Refused(422, "plan-page-form-floor-half")
    if floor in FLOORS:
        plain["floor"] = {floor: amount * works.MILLION if floor == "vnd" else int(amount)}
    return plain


def _funds(form):
    taken = set()
    for number in range(1, FUNDS + 1):
        label = " ".join(form.get(f"fund-{number}-label", "").split())[:200]
        written = form.get(f"fund-{number}-amounts", "").strip()
        if not (label or written):
            continue
        id_ = fold(label).replace(" ", "-")[:40].strip("-") or f"fund-{number}"
        id_ = "".join(letter for letter in id_ if letter.isalnum() or letter == "-") or f"fund-{number}"
        id_ = id_ if id_ not in taken else f"{id_}-{number}"
        taken.add(id_)
        if not written:
            raise Refused(422, "plan-page-form-no-money", fund=label)
        amounts = [_money(one, "plan-page-form-amounts") or 0.0 for one in written.split(";")]
        fund = {
            "id": id_,
            "label": label or id_,
            "amounts": amounts[0] if len(amounts) == 1 else amounts,
            "carry": form.get(f"fund-{number}-carry", "yes") == "yes",
            "kinds": list(KINDS.get(form.get(f"fund-{number}-kinds"), KINDS["capital"])),
            "special": form.get(f"fund-{number}-special") == "yes",
        }
        for name, key in (
            ("work", "most_per_work"),
            ("commune", "most_per_commune"),
            ("debts", "debts"),
            ("total", "total"),
        ):
            value = _money(form.get(f"fund-{number}-{name}"), f"plan-page-form-{name}")
            if value is not None:
                fund[key] = value
        share = works.number_of(form.get(f"fund-{number}-share"), t("plan-page-form-share"), 100)
        if share is not None:
            fund["share_pct"] = share
        for name in ("sectors", "communes"):
            chosen = [one for one in form.getlist(f"fund-{number}-{name}") if one]
            if chosen:
                fund[name] = chosen
        if form.get(f"fund-{number}-coefficient"):
            fund["by_coefficient"] = form.get(f"fund-{number}-coefficient")
        yield fund


def _assumed(form):
    for name in form:
        criterion = name.removeprefix("assumed-year:")
        if name.startswith("assumed-year:") and not form[name].strip():
            if by := form.get(f"assumed-by:{criterion}", "").strip():
                raise Refused(422, "plan-page-form-assumed-half", by=by[:100])
        elif name.startswith("assumed-year:"):
            by = " ".join(form.get(f"assumed-by:{criterion}", "").split())[:300]
            yield {
                "criterion": criterion,
                "year": _whole(form, name, 2200) or 0,
                "by": by or t("plan-page-form-by-none"),
            }


def _money(written, code):
    value = works.number_of(written, t(code), MOST_MILLIONS)
    return None if value is None else value * works.MILLION


def _whole(form, name, most):
    text = form.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= most else None


def given_of(plain):
    """A request as the fields of the form would be written, to begin another plan from it.

    Parameters
    ----------
    plain : Mapping
        As `Request.to_plain` gives it.

    Returns
    -------
    MultiDict
    """
    years = plain.get("years") or []
    given = MultiDict(
        {
            "part": plain.get("part", "infrastructure"),
            "first": str(years[0]) if years else "",
            "last": str(years[-1]) if years else "",
            "seconds": str(int(plain.get("seconds", SECONDS[1]))),
            "maintenance": "yes" if plain.get("maintenance") else "",
        }
    )
    given.setlist("essential", list(plain.get("essential") or ()))
    for name, value in (plain.get("floor") or {}).items():
        given["floor"], given["floor-amount"] = (
            name,
            _written(value / works.MILLION if name == "vnd" else value),
        )
    for one in plain.get("assumed") or ():
        given[f"assumed-year:{one['criterion']}"] = str(one["year"])
        given[f"assumed-by:{one['criterion']}"] = one["by"]
    for number, fund in enumerate((plain.get("funds") or ())[:FUNDS], 1):
        amounts = [_written(each / works.MILLION) for each in fund["amounts"]]
        kinds = tuple(fund.get("kinds") or KINDS["capital"])
        most = fund.get("most_per_commune")
        told = {
            "label": fund.get("label") or fund["id"],
            "amounts": amounts[0] if len(set(amounts)) == 1 else "; ".join(amounts),
            "carry": "yes" if fund.get("carry", True) else "no",
            "kinds": next((name for name, each in KINDS.items() if set(each) == set(kinds)), "capital"),
            "share": _written(fund.get("share_pct")),
            "work": _millions(fund.get("most_per_work")),
            "commune": "" if isinstance(most, dict) else _millions(most),
            "debts": _millions(fund.get("debts")),
            "total": _millions(fund.get("total")),
            "coefficient": fund.get("by_coefficient") or "",
            "special": "yes" if fund.get("special") else "",
        }
        given.update({f"fund-{number}-{name}": value for name, value in told.items()})
        for name in ("sectors", "communes"):
            given.setlist(f"fund-{number}-{name}", list(fund.get(name) or ()))
    return given


def first_given(year):
    """The form before anything is written in it."""
    return MultiDict(
        {
            "part": "infrastructure",
            "first": str(year),
            "last": str(year + 2),
            "seconds": str(SECONDS[1]),
            "robust": str(DRAWS[1]),
            "curve": "yes",
        }
    )


def parts_of(record):
    """What was asked beside a plan, as the fields of the form would be written."""
    drawn = record.get("robustness") or {}
    given = {name: "yes" for name in ("curve", "fairness", "roadmap") if record.get(name)}
    given["robust"] = str(drawn["asked"] if drawn.get("asked") in DRAWS else DRAWS[0])
    if record.get("roadmap"):
        given["target"] = str(record["roadmap"]["target"])
    return given


def _millions(vnd):
    return "" if vnd is None else _written(vnd / works.MILLION)


def _written(value):
    """A number as the reader's language writes it in a field: no thousands, at most three decimals."""
    if value is None:
        return ""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language() == "vi" else text


def choices(review):
    """What the form offers: sectors, communes, criteria to be assumed, rules of sharing out."""
    names = review.study.communes["name"] if review.study.communes is not None else {}
    communes = sorted(set(review.study.villages["commune_id"].dropna()))
    return {
        "sectors": {each: works.sector_word(each) for each in SECTORS},
        "communes": {id_: str(names.get(id_, id_)) for id_ in communes},
        "criteria": [
            {
                "id": one.id,
                "label": pick(one.label),
                "code": one.code or "",
                "works": one.fixable_by == "works",
            }
            for one in sorted(review.counted, key=lambda one: one.fixable_by == "works")
        ],
        "coefficients": {id_: pick(rule.label) for id_, rule in load_coefficients().items()},
        "draws": DRAWS,
        "seconds": SECONDS,
        "funds": range(1, FUNDS + 1),
    }
