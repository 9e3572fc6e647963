"""A campaign from its opening to the values in the study: what commands and pages do with it."""

import datetime
from dataclasses import dataclass, replace

from gis import campaigns as rules
from gis.catalogue import load_catalogue
from gis.criteria import load_criteria
from gis.errors import Problem, StoreError
from gis.store import campaigns, reported, studies
from gis.store.studies import SHEETS
from gis.workflows.stored import read_stored

YEARS = (1990, 2100)
LONGEST_NAME, LONGEST_CONTACT = 120, 300
LOCKED = "store-recognised"
"""What the store says where a village is recognised for a year."""


@dataclass(frozen=True)
class Situation:
    """How a campaign stands.

    Attributes
    ----------
    campaign : dict
    form : tuple of Asked
    villages : DataFrame
        Of the campaign: index village id; ``name``, ``commune_id``, ``commune``.
    names : dict
        Commune id to name.
    before : tuple of (int or None, DataFrame)
        The year compared with and its values.
    sent : tuple of Sent
        By commune, in order of name.
    questions : tuple of Question
    cells : tuple of Cell
    contacts : dict
        Commune id to who filled in its latest workbook of this study, as text.
    """

    campaign: dict
    form: tuple
    villages: object
    names: dict
    before: tuple
    sent: tuple
    questions: tuple
    cells: tuple
    contacts: dict

    @property
    def open_questions(self):
        return tuple(asked for asked in self.questions if asked.answer == "open")

    def of(self, rows, commune):
        """Those of some questions or cells that are about villages of a commune."""
        ids = set(self.villages.index[self.villages["commune_id"] == commune])
        return tuple(row for row in rows if row.village_id in ids)


def open_campaign(
    store, study, study_id, *, name, year, deadline, who, half=None, criteria=None, communes=None, contact="",
    with_last_year=False,
):  # fmt: skip
    """Open a campaign of a stored study; its row.

    Parameters
    ----------
    store : Store
    study : Study
        As it stands; its communes are asked.
    name : str
    year : int
    deadline : str
        ISO date; a file is late from the day after.
    half : int, optional
        1 or 2 for half a year. Values are kept by whole years: those of the second half take the place of the
        first half's, which stay in the history with the campaign's name.
    criteria : str, optional
        Set whose figures are asked for; that of the study by default.
    communes : list of str, optional
        All by default.
    contact : str
        Whom communes may ask.
    with_last_year : bool
        Ask also for every other figure that last year's sheets have.

    Raises
    ------
    StoreError
        With everything that cannot be used.

    Notes
    -----
    A study that names no year is judged by its latest one, which the first commune's values would make the new
    one while all others are open. So the year that counts now is written into the study.
    """
    layer = load_catalogue()[SHEETS]
    villages = study.villages[study.villages["commune_id"].notna()]
    known = sorted(set(villages["commune_id"]))
    name, contact = " ".join(str(name).split()), " ".join(str(contact).split())[:LONGEST_CONTACT]
    faults = _faults(name, year, half, deadline, communes, known)
    if faults:
        raise StoreError(problems=faults)
    chosen = study.criteria if criteria in (None, "", study.criteria.id) else load_criteria(criteria)
    before = (
        study.assessments[max(earlier)] if (earlier := [y for y in study.assessments if y < year]) else None
    )
    also = [] if before is None or not with_last_year else [n for n in before if before[n].notna().any()]
    also = [
        field for field in also if field in layer.fields and layer.fields[field].type in ("number", "yesno")
    ]
    told = {"name": name, "year": year, "half": half, "deadline": deadline, "criteria": chosen.id,
            "communes": [commune for commune in known if not communes or commune in communes],
            "fields": rules.asked_fields(chosen, layer, also=also), "contact": contact}  # fmt: skip
    with store.writing(who) as change:
        row = studies.get_study(change.connection, study_id)
        if "year" not in row["recipe"] and study.year is not None and year > study.year:
            studies.set_recipe(change, study_id, {**row["recipe"], "year": int(study.year)})
        return campaigns.add(change, study_id, **told)


def _faults(name, year, half, deadline, communes, known):
    faults = []
    if not 0 < len(name) <= LONGEST_NAME:
        faults.append(Problem("campaign-name-needed", {"most": LONGEST_NAME}, "error"))
    if not isinstance(year, int) or not YEARS[0] <= year <= YEARS[1]:
        faults.append(Problem("campaign-year-wrong", {"value": str(year)[:20]}, "error"))
    if half not in (None, 1, 2):
        faults.append(Problem("campaign-half-wrong", {"value": str(half)[:20]}, "error"))
    try:
        datetime.date.fromisoformat(str(deadline))
    except ValueError:
        faults.append(Problem("campaign-deadline-wrong", {"value": str(deadline)[:20]}, "error"))
    strange = sorted(set(communes or ()) - set(known))
    if strange or not known:
        faults.append(Problem("campaign-communes-unknown", {"communes": strange, "known": known}, "error"))
    return faults


def judge_by_year(store, study_id, year, *, who):
    """Have a study judged by a year from now on, such as that of a campaign that is merged.

    Raises
    ------
    StoreError
        If the study has no figures of that year: nobody could open it any more.
    """
    if year not in read_stored(store, study_id).assessments:
        raise StoreError("campaign-year-empty", year=str(year))
    with store.writing(who) as change:
        recipe = studies.get_study(change.connection, study_id)["recipe"]
        if recipe.get("year") != year:
            studies.set_recipe(change, study_id, {**recipe, "year": year})


def campaign_villages(study, campaign):
    """The villages that a campaign asks, index village id."""
    villages = study.villages[["name", "commune_id", "commune"]]
    return villages[villages["commune_id"].isin(campaign["communes"])]


def year_before(study, campaign):
    """The latest year before a campaign's that the study has figures of, and these; None and an empty table."""
    years = [year for year in study.assessments if year < campaign["year"]]
    return (max(years), study.assessments[max(years)]) if years else (None, study.villages[[]])


def situation(store, study, study_id, number, *, today):
    """How a campaign stands on a day.

    Parameters
    ----------
    store : Store
    study : Study
    study_id : str
    number : int or str
        Number or key of the campaign.
    today : date
    """
    layer = load_catalogue()[SHEETS]
    with store.reading() as connection:
        campaign = campaigns.get(connection, study_id, number)
        files, answers = campaigns.received(connection, campaign), campaigns.answered(connection, campaign)
        entries = reported.history(connection, limit=None, study_id=study_id, year=campaign["year"])
        contacts = _contacts(connection, study_id)
    files = [{**row, "on": _day(row["at"])} for row in files]
    form, villages = rules.form_from(campaign["fields"], layer), campaign_villages(study, campaign)
    before = year_before(study, campaign)
    values, faults = rules.sent_values(files, answers)
    asked = rules.questions(values, faults, before[1], answers, form=form, layer=layer, villages=villages)
    sheet = study.assessments.get(campaign["year"])
    cells = rules.three_way(campaign, values, files, entries, sheet, answers)
    names = study.communes["name"].to_dict()
    sent = rules.progress(campaign, files, today)
    return Situation(
        campaign, form, villages, names, before, tuple(sent), tuple(asked), tuple(cells), contacts
    )


def _day(moment):
    """The day of a record by the clock of this computer, by which deadlines are meant."""
    return datetime.datetime.fromisoformat(moment).astimezone().date().isoformat()


def _contacts(connection, study_id):
    """Commune to who filled in its latest workbook, of any campaign of the study."""
    found = {}
    for campaign in reversed(campaigns.listed(connection, study_id)):
        for row in campaigns.received(connection, campaign):
            contact = row["found"].get("contact") or {}
            text = ", ".join(contact[name] for name in ("person", "phone") if contact.get(name))
            if text:
                found[row["commune"]] = text
    return found


def merge(store, now, *, communes, kinds=reported.KINDS, choices=None, who):
    """Enter what was sent into the study, in one transaction.

    Parameters
    ----------
    now : Situation
    communes : iterable of str
        Whose values to enter.
    kinds : iterable of str
        ``"self"`` and ``"recheck"``, or the one that the person may enter; the other waits.
    choices : Mapping, optional
        (village id, field, kind) of a conflict to ``"sent"``, ``"now"`` or ``"other"``; a conflict without a choice
        stays open.

    Returns
    -------
    dict
        ``entered``, ``kept``, ``open`` (conflicts that nobody has decided) and ``locked`` (values of villages that
        are recognised for the year, which stay as they are).

    Raises
    ------
    ConflictError
        If somebody entered another value since `now` was looked at: nothing is entered.
    """
    choices, counts = choices or {}, {"entered": 0, "kept": 0, "open": 0, "locked": 0}
    begun, locked, rest = set(), set(), []
    reason = rules.reason_of(now.campaign)
    cells = [cell for commune in communes for cell in now.of(now.cells, commune) if cell.kind in kinds]
    with store.writing(who) as change:
        study_id, year = now.campaign["study_id"], now.campaign["year"]
        for cell in cells:
            place = cell.village_id, cell.field, cell.kind
            choice = choices.get(place) if cell.state == "conflict" else None
            if cell.state == "conflict" and choice is None:
                counts["open"] += 1
                continue
            if cell.village_id in locked and cell.state not in ("same", "kept"):
                counts["locked"] += 1
                continue
            value = cell.other if choice == "other" else cell.sent
            if cell.state in ("new", "change") or (choice in ("sent", "other") and value is not None):
                if cell.village_id in begun:
                    told = {name: getattr(cell, name) for name in ("village_id", "field", "kind")}
                    rest.append({**told, "value": value, "seen": cell.now_id})
                elif not _begun(change, study_id, year, cell, value, reason):
                    locked.add(cell.village_id)
                    counts["locked"] += 1
                    continue
                begun.add(cell.village_id)
                counts["entered"] += 1
            if choice in ("now", "other") or (choice == "sent" and value is None):
                there = cell.now if value is None or choice == "now" else value
                _keep(change, now.campaign, cell, there)
                counts["kept"] += choice == "now"
        reported.enter_all(change, study_id, year, rest, reason=reason)
        if counts["entered"] or counts["kept"]:
            told = {"communes": ", ".join(communes), **counts}
            change.note("campaign-merged", study=study_id, subject=now.campaign["key"], after=told)
    return counts


def _begun(change, study_id, year, cell, value, reason):
    """Enter the first value of a village; False where the village is recognised for the year."""
    told = {"kind": cell.kind, "reason": reason, "seen": cell.now_id}
    try:
        reported.enter(change, study_id, year, cell.village_id, cell.field, value, **told)
    except StoreError as fault:
        if fault.code != LOCKED:
            raise
        return False
    return True


def _keep(change, campaign, cell, there):
    """Remember that a conflict was decided, as it will look from now on."""
    key = replace(cell, now=there).key
    campaigns.answer(
        change, campaign, cell.submission, key=key, village_id=cell.village_id, field=cell.field,
        kind=cell.kind, answer="kept", value=there, reason="",
    )  # fmt: skip
