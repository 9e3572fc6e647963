"""Who has sent, and which of the values sent count."""

import datetime
from dataclasses import dataclass

from gis.campaigns.layout import KINDS


@dataclass(frozen=True)
class Sent:
    """How a commune stands.

    Attributes
    ----------
    commune : str
    state : str
        ``sent``, ``sent-late``, ``waiting`` or ``late``.
    days_late : int
        Days from the deadline to the first file, or to the day asked about where none came; 0 where in time.
    files : tuple of dict
        Submissions, the earliest first.
    """

    commune: str
    state: str
    days_late: int
    files: tuple


def progress(campaign, submissions, today):
    """One `Sent` a commune of the campaign, in its order.

    Parameters
    ----------
    campaign : Mapping
    submissions : list of Mapping
        In the order they came; ``on`` is the day, as an ISO date.
    today : date
        The day asked about; a commune is late from the day after the deadline.
    """
    deadline = datetime.date.fromisoformat(campaign["deadline"])
    rows = []
    for commune in campaign["communes"]:
        files = tuple(row for row in submissions if row["commune"] == commune)
        own = [row for row in files if "self" in row["kinds"]]
        until = datetime.date.fromisoformat(own[0]["on"]) if own else today
        days = max(0, (until - deadline).days)
        state = ("sent-late" if days else "sent") if own else ("late" if days else "waiting")
        rows.append(Sent(commune, state, days, files))
    return rows


def sent_values(submissions, answers):
    """The values that count: of the latest workbook of a commune and kind, with what was answered about it.

    Parameters
    ----------
    submissions, answers : list of Mapping
        In the order they came.

    Returns
    -------
    values : dict
        (village id, field, kind) to (value, number of the submission).
    faults : list of dict
        Cells of these workbooks that could not be taken and have no answer yet, with ``submission``.
    """
    latest = {}
    for row in submissions:
        latest |= {(row["commune"], kind): row for kind in row["kinds"]}
    values, faults = {}, {}
    for (_, kind), row in latest.items():
        for village, fields in row["found"]["values"].items():
            for field, kinds in fields.items():
                if kind in kinds:
                    values[village, field, kind] = kinds[kind], row["id"]
        for fault in row["found"]["faults"]:
            if fault["kind"] == kind:
                faults[fault["village_id"], fault["field"], kind] = {**fault, "submission": row["id"]}
    current = {row["id"] for row in latest.values()}
    for row in answers:
        place = row["village_id"], row["field"], row["kind"]
        if row["answer"] == "changed" and row["submission_id"] in current and row["kind"] in KINDS:
            # One database gives 50.0 back as 50.
            value = float(row["value"]) if isinstance(row["value"], int) else row["value"]
            values[place] = value, row["submission_id"]
            faults.pop(place, None)
    return values, list(faults.values())
