"""The kinds of long work: each a function of an open store, plain arguments and a report of progress.

They run in a process of their own, which takes the limits of the reader from its own environment.
"""

import os

from gis.intake import Reader
from gis.registry import repeatable
from gis.settings import read_settings
from gis.workflows.imports import import_recipe
from gis.workflows.plan_jobs import plan_job
from gis.workflows.uploads import accept_upload, read_upload


@repeatable
def _read_upload(store, arguments, report):
    chosen = _upload(arguments) | {"settings": read_settings(os.environ), "report": report}
    return read_upload(store, **chosen)


def _accept_upload(store, arguments, report):
    return accept_upload(store, **_upload(arguments), seen=arguments.get("seen"), report=report)


def _import_folder(store, arguments, report):
    with Reader(read_settings(os.environ)) as reader:
        path, who = arguments["path"], arguments["who"]
        study_id, _ = import_recipe(store, reader, path, who=who, report=report)
    return {"study": study_id}


def _upload(arguments):
    return {"study_id": arguments["study"], "identity": arguments["upload"], "who": arguments["who"]}


KINDS = {
    "accept-upload": _accept_upload,
    "import-folder": _import_folder,
    # the plan found first stays, and a second one is kept beside it
    "make-plan": repeatable(plan_job),
    "read-upload": _read_upload,
}
