"""The files of a campaign: templates to send, workbooks as they came, and how the communes stand."""

import pandas as pd
from flask import Blueprint, request

from gis.campaigns import title_of
from gis.web import sessions
from gis.web.campaigns import commune_rows, stand
from gis.web.downloads import XLSX, send_list
from gis.web.guard import Refused
from gis.web.payload import Payload, pack, send
from gis.web.texts import language, t
from gis.workflows import campaign_books as books

pages = Blueprint("campaign_files", __name__)


@pages.get("/studies/<study_id>/campaigns/<int:number>/templates.zip")
def templates(study_id, number):
    """The templates of all communes."""
    _, now = stand(study_id, number)
    payload = pack(books.templates_zip(now, language()), "application/zip")
    return send(payload, filename=f"{study_id}-bieu-mau-{now.campaign['year']}.zip")


@pages.get("/studies/<study_id>/campaigns/<int:number>/templates/<commune>.xlsx")
def template(study_id, number, commune):
    """The template of one commune."""
    _, now = stand(study_id, number)
    _known(now, commune)
    name = books.file_name(commune, now.names.get(commune, ""))
    return send(pack(books.template(now, commune, language()), XLSX), filename=name)


def _known(now, commune):
    if commune not in now.campaign["communes"]:
        raise Refused(404, "web-not-found")


@pages.get("/studies/<study_id>/campaigns/<int:number>/files/<file>")
def original(study_id, number, file):
    """A workbook as it was sent."""
    store, (_, now) = sessions.store(), stand(study_id, number)
    row = next((row for sent in now.sent for row in sent.files if str(row["id"]) == file), None)
    if row is None:
        raise Refused(404, "web-not-found")
    body = store.files.path(row["content"], "evidence").read_bytes()
    payload = Payload(body, row["content"][:20], "application/octet-stream", False)
    suffix = row["file"].lower().rpartition(".")[2]
    return send(
        payload,
        filename=f"{row['commune']}-{row['id']}.{suffix if suffix in ('xlsx', 'xls', 'ods') else 'xlsx'}",
    )


@pages.get("/studies/<study_id>/campaigns/<int:number>/communes.<any(xlsx, csv):format>")
def communes_file(study_id, number, format):
    """How every commune stands, as a file; with ``?only=remind`` those to remind."""
    review, now = stand(study_id, number)
    rows = commune_rows(now)
    only = request.args.get("only") == "remind"
    if only:
        rows = [row for row in rows if row["state"] in ("late", "waiting")]
    headings = {name: t(code) for name, code in COMMUNE_COLUMNS.items()}
    table = pd.DataFrame(rows, columns=list(headings))
    table["state"] = [t(f"campaign-state-{state}") for state in table["state"]]
    title = f"{title_of(now.campaign, language())} · {t('campaign-page-remind' if only else 'campaign-page-communes')}"
    name = f"{study_id}-{'nhac' if only else 'xa'}-{now.campaign['year']}"
    return send_list(review, table, headings, format, title=title, name=name)


COMMUNE_COLUMNS = {
    "id": "web-column-id",
    "name": "web-commune",
    "villages": "web-column-villages",
    "state": "campaign-page-state",
    "days_late": "campaign-page-days-late",
    "contact": "campaign-page-contact",
    "files": "campaign-page-files",
    "blanks": "campaign-page-blanks",
    "questions": "campaign-page-questions",
    "conflicts": "campaign-page-conflicts",
    "enter": "campaign-page-enter",
}
"""Column of the file to the message that heads it."""
