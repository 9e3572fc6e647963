"""The pages of a study in sections: what the bar at the top offers, and the pages of the section one is in."""

from dataclasses import dataclass

from flask import request, url_for

from gis.web import areas, doing
from gis.web.texts import t


@dataclass(frozen=True)
class Page:
    """A page that the menu offers.

    Attributes
    ----------
    endpoint, code : str
        Its address and the message code of its name.
    stored : bool
        It is there for studies of the store only.
    past : bool
        A frozen study has it too.
    also : tuple of str
        Blueprints and endpoints of the pages that are reached from it.
    """

    endpoint: str
    code: str
    stored: bool = False
    past: bool = True
    also: tuple = ()


SECTIONS = (
    ("web-page-overview", (Page("home.study", "web-page-overview"),)),
    ("workspace-page", (Page("workspace.page", "workspace-page", also=("sides", "differing")),)),
    (
        "menu-places",
        (
            Page("lists.villages", "web-page-villages", also=("scorecards", "todo")),
            Page("lists.communes", "web-page-communes"),
            Page("filling.listed", "filling-page", past=False),
            Page("roads.listed", "roads-title", past=False),
            Page("reaching.reach", "reach-title", past=False),
        ),
    ),
    (
        "menu-review",
        (
            Page(
                "campaigns.listed", "campaign-page-campaigns", True, False, ("campaigns", "campaign_figures")
            ),
            Page("evidence.listed", "evidence-page-title", True, True, ("evidence",)),
            Page("states.listed", "states-page-title", True, False, ("states",)),
            Page("meetings.listed", "meetings-page-title", True, False, ("meetings",)),
        ),
    ),
    (
        "web-page-criteria",
        (
            Page("inputs.criteria", "web-page-criteria"),
            Page("amending.figures", "amend-figures-short", True, False, ("amending",)),
            Page("editions.listed", "amend-editions", True, False),
            Page("beside.compare", "beside-title", past=False),
        ),
    ),
    (
        "years-nav",
        (
            Page("years.years", "years-page-years", past=False),
            Page("targets.target", "years-page-target", past=False),
            Page("years.rescoring", "years-page-rescore", past=False),
            Page("targets.pilots", "years-page-pilots", past=False),
        ),
    ),
    (
        "plan-page-menu",
        (
            Page("options.listed", "plan-page-options-title", past=False, also=("options", "needs")),
            Page("plans.listed", "plan-page-title", past=False, also=("plans",)),
            Page("scenarios.edit", "plan-page-scenario-title", past=False, also=("scenarios",)),
        ),
    ),
    (
        "menu-data",
        (
            Page("inputs.problems", "web-page-problems"),
            Page("disagreeing.listed", "web-page-disagreements", past=False),
            Page("repairing.listed", "web-page-repairs", past=False),
            Page("trusting.listed", "trust-page"),
            Page("inputs.sources", "web-page-sources"),
            Page("intake.files", "intake-page-files", True, False, ("intake", "reviewing", "versions")),
            Page("matches.listed", "intake-page-matches", True, False),
            Page("diary.listed", "intake-page-diary", True, False),
        ),
    ),
    (
        "web-page-papers",
        (Page("papers.papers", "web-page-papers"), Page("printing.form", "printing-page", also=("printing",))),
    ),
)


def menu(study_id, *, past):
    """The sections that a study has.

    Parameters
    ----------
    study_id : str
    past : bool
        Whether the study was frozen for a meeting.

    Returns
    -------
    list of dict
        ``name``, ``address``, ``here`` and ``pages``, each of which has the first three and ``endpoint``. A
        section leads to its first page.
    """
    stored = doing.is_stored(study_id)
    sections = []
    for code, pages in SECTIONS:
        offered = [page for page in pages if (stored or past or not page.stored) and (page.past or not past)]
        listed = [_entry(page, study_id) for page in offered if areas.may_open(page.endpoint)]
        if listed:
            here = any(page["here"] for page in listed)
            sections.append({"name": t(code), "address": listed[0]["address"], "here": here, "pages": listed})
    return sections


def _entry(page, study_id):
    return {
        "name": t(page.code),
        "endpoint": page.endpoint,
        "address": url_for(page.endpoint, study_id=study_id),
        "here": request.endpoint == page.endpoint
        or bool({request.endpoint, request.blueprint} & {*page.also}),
    }
