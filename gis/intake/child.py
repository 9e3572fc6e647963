"""The reading process: ``python -m gis.intake.child``, a line of JSON in, a line of JSON out.

A request is ``{"id", "kind": vector | table | raster | attachment, "path", "pick", "encoding", "columns", "osm",
"coordinates", "folder"}``; `folder` lies in the working folder of the process and takes the copies and the
result. The answer is ``{"id", "report", ...}`` or ``{"id", "problems": [...]}``. Data goes by file:
``attributes.arrow`` and ``geometry.arrow`` (Arrow IPC, geometry as WKB), ``sheets.json``, ``raster.npy`` or
``preview.jpg``.
Nothing is pickled.
"""

import importlib
import json
import os
import shutil
import sys
from pathlib import Path

from gis.errors import IntakeError, Problem
from gis.intake.confine import leave_network, limit_memory, limit_processor
from gis.intake.reports import FileReport, problem_as_json
from gis.intake.sources import fetch
from gis.settings import Settings

SHEETS_FILE = "sheets.json"


def answer(request, limits):
    """What one request comes to, as a dict for JSON; every failure becomes problems."""
    try:
        limit_processor(limits)
        folder = Path(request["folder"])
        folder.mkdir()
        if request["kind"] == "attachment":
            found = _module("attachments").look(Path(request["path"]), folder, limits)
            return {"id": request["id"], **found}
        source = fetch(Path(request["path"]), request["kind"], request.get("pick"), folder, limits)
        found = _READERS[request["kind"]](source, request, limits)
        return {"id": request["id"], **found}
    except IntakeError as error:
        problems = error.problems
    except MemoryError:
        problems = (
            Problem("intake-memory", {"file": _name(request), "limit_mb": limits.reader_memory_mb}, "error"),
        )
    except RecursionError:
        problems = (Problem("intake-too-deep", {"file": _name(request)}, "error"),)
    except Exception as error:
        # The last wall: whatever a library throws at a broken file is an answer, not the end of the process.
        reason = f"{type(error).__name__}: {str(error)[:160]}"
        problems = (Problem("intake-damaged", {"file": _name(request), "reason": reason}, "error"),)
    return {"id": request["id"], "problems": [problem_as_json(problem) for problem in problems]}


def read_vector(source, request, limits):
    """Read a layer and leave it in ``attributes.arrow`` and ``geometry.arrow``.

    The format's own `read(source, request, limits)` returns layer, encoding, crs, rows_in, rows_out, skipped
    and problems, and has written the files.
    """
    found = _module("placed" if source.format.kind == "table" else source.format.reader).read(
        source, request, limits
    )
    return {"report": _report(source, **found).as_json()}


def read_table(source, request, limits):
    """Read sheets and leave them in ``sheets.json``; the format's own `read` returns lists of rows."""
    found = _module(source.format.reader).read(source, request, limits)
    sheets = found.pop("sheets")
    rows = sum(len(sheet) for sheet in sheets.values())
    sheets = {"sheets": sheets, "merged": found.pop("merged", {})}
    (source.folder / SHEETS_FILE).write_text(json.dumps(sheets, ensure_ascii=True), encoding="ascii")
    names = list(sheets["sheets"])
    layer = names[0] if len(names) == 1 else None
    return {"report": _report(source, layer=layer, rows_in=rows, rows_out=rows, **found).as_json()}


def read_raster(source, request, limits):
    """Read a raster and leave it in ``raster.npy``; the format's own `read` returns its place as well."""
    found = _module(source.format.reader).read(source, request, limits)
    place = {name: found.pop(name) for name in ("transform", "nodata")}
    return {"report": _report(source, **found).as_json(), **place}


_READERS = {"vector": read_vector, "table": read_table, "raster": read_raster}


def _module(name):
    return importlib.import_module(f"gis.intake.{name}")


def _report(source, *, problems=(), skipped=(), **found):
    problems = [
        Problem(problem.code, {"file": source.name, **problem.arguments}, problem.severity)
        for problem in (*source.problems, *problems)
    ]
    return FileReport(
        file=source.name,
        sha256=source.sha256,
        size=source.size,
        format=source.format.id,
        driver=source.format.driver,
        skipped=tuple(skipped),
        problems=tuple(problems),
        **found,
    )


def _name(request):
    return os.path.basename(str(request.get("path", "")))


def main():
    """Answer requests until the input ends."""
    limits = Settings(**json.loads(sys.stdin.readline()))
    # Libraries print; only answers may go out by the first channel.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    os.dup2(2, 1)
    if limits.reader_namespace:
        leave_network()
    limit_memory(limits)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), limits)), file=answers, flush=True)
    # The parent ended without a word: no copy of anybody's data stays behind.
    shutil.rmtree(Path.cwd(), ignore_errors=True)


if __name__ == "__main__":
    main()
