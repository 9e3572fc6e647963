"""The diary of the whole installation, for administrators: who did what, when and to which study, sign-ins too."""

import datetime
import json

import pandas as pd
from flask import Blueprint, render_template, request

from gis.store import audit
from gis.web import areas, asked, sessions
from gis.web.diary import HIDDEN
from gis.web.downloads import table_file
from gis.web.guard import Refused
from gis.web.intake import source_label
from gis.web.payload import send
from gis.web.texts import date, moment, number, t, t_or

pages = Blueprint("audits", __name__)

ROWS_A_PAGE = 200
MOST_ROWS = 20_000
"""So many lines are looked through for a page."""
MOST_IN_FILE = 200_000
LONGEST, MOST_LETTERS = 300, 30_000
"""Letters that a page shows of what stood before or after, and that a cell of a workbook holds."""
COLUMNS = ("seq", "at", "who", "what", "study", "subject", "before", "after", "hash")


def begin_with(app):
    """Write down every file that is taken out of an application."""
    app.after_request(_note_download)


@pages.get("/audit")
def listed():
    """The lines that the address asks for, the latest first, and whether the chain of them is whole."""
    sessions.allow("manage")
    filters, given = _asked()
    with sessions.store().reading() as connection:
        rows = audit.history(connection, **given, limit=MOST_ROWS)
        choices = {name: audit.known(connection, column) for name, column in
                   (("who", "who"), ("what", "action"), ("study", "study_id"))}  # fmt: skip
        checked = _checked(connection) if request.args.get("check") == "yes" else None
    page, last, part = asked.page_of(rows, ROWS_A_PAGE)
    return render_template(
        "audits/list.html",
        rows=[_told(row) for row in part],
        count=len(rows),
        more=len(rows) == MOST_ROWS,
        page=page,
        last=last,
        filters=filters,
        choices=choices,
        words={action: _word(action) for action in choices["what"]},
        checked=checked,
    )


@pages.get("/audit.<any(xlsx, csv):format>")
def listed_file(format):
    """The same lines as a file, whole, with the hash of each."""
    sessions.allow("manage")
    _, given = _asked()
    with sessions.store().reading() as connection:
        found = audit.history(connection, **given, limit=MOST_IN_FILE)
    rows = [
        _told(row, whole=True) | {"seq": row["seq"], "hash": row["hash"], "study": row["study_id"] or ""}
        for row in found
    ]
    headings = {name: t(f"audits-column-{name}") for name in COLUMNS}
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    title = t("audits-title") + (
        f" · {t('audits-cut', count=MOST_IN_FILE)}" if len(found) == MOST_IN_FILE else ""
    )
    return send(
        table_file(table, headings, format, title=title), cache="no-store", filename=f"audit.{format}"
    )


def _asked():
    """The filters of the address, as they stand in it and as `audit.history` takes them."""
    filters = {
        name: request.args.get(name, "").strip()[:120] for name in ("who", "what", "study", "from", "to")
    }
    given = {"who": filters["who"], "action": filters["what"], "study_id": filters["study"]}
    given["since"] = _day(filters["from"], t("audits-from"))
    given["before"] = _day(filters["to"], t("audits-to"), days=1)
    return filters, {name: value or None for name, value in given.items()}


def _day(text, name, *, days=0):
    """The beginning of a day by the clock of this computer, as the diary writes moments; None without one."""
    if not text:
        return None
    try:
        day = datetime.date.fromisoformat(text) + datetime.timedelta(days=days)
        begins = datetime.datetime.combine(day, datetime.time()).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        allowed = [datetime.date(2026, 1, 31).isoformat()]
        raise Refused(400, "web-bad-filter", name=name, value=text[:20], allowed=allowed) from None
    return begins.isoformat(timespec="seconds")


def _checked(connection):
    broken, last = audit.broken_at(connection), audit.history(connection, limit=1)
    count = last[0]["seq"] if last else 0
    if broken is None:
        return {
            "whole": True,
            "text": t("audits-whole", count=count, hash=last[0]["hash"][:16] if last else "–"),
        }
    return {"whole": False, "text": t("audits-broken", line=broken)}


def _told(row, *, whole=False):
    return {
        "at": moment(row["at"]),
        "who": row["who"],
        "what": _word(row["action"]),
        "study_id": row["study_id"],
        "subject": row["subject"] if whole else _about(row),
        "before": _plain(row["before"], whole),
        "after": _plain(row["after"], whole),
    }


def _about(row):
    """A source as a reader calls it; anything else as it is recorded."""
    return (
        source_label(row["subject"]) if row["action"].startswith(("version-", "source-")) else row["subject"]
    )


def _word(action):
    return t_or(action, f"diary-{action}")


def _plain(value, whole):
    """What stood there before or after: of a file all of it as it is recorded, on a page in words and cut."""
    if value is None:
        return ""
    if whole:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        return text[:MOST_LETTERS]
    if not isinstance(value, dict):
        return str(value)[:LONGEST]
    parts = [
        f"{_name(name)}: {_cell(found)}"
        for name, found in value.items()
        if name not in (*HIDDEN, "options") and found not in (None, "", [])
    ]
    return "; ".join(parts)[:LONGEST]


def _name(name):
    return t_or(name, f"intake-page-diary-{name}")


def _cell(value):
    if isinstance(value, bool):
        return t("web-yes" if value else "audits-no")
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return t_or(t_or(date(str(value)), f"audits-state-{value}"), f"role-{value}")


def _note_download(response):
    """A line for each file that is saved; looking at a page, or asking again for what is known, is none."""
    saved = response.headers.get("Content-Disposition", "").startswith("attachment")
    if request.method == "GET" and response.status_code == 200 and saved:
        query = request.query_string.decode("ascii", "ignore")
        areas.note_read("downloaded", request.path, **({"asked": query[:300]} if query else {}))
    return response
