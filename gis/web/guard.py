"""What stands before and after every page: who may ask, which headers leave, how errors are told."""

import gzip
import logging

from flask import current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from gis import errors
from gis.errors import GisError, Problem
from gis.web.texts import language

log = logging.getLogger("gis.web")

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
WILDCARDS = ("0.0.0.0", "::", "")
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATUSES = (
    (errors.ExportError, 500),
    (errors.CatalogueError, 500),
    (errors.MissingError, 404),
    (errors.ConflictError, 409),
    (GisError, 422),
)
"""Error to status, the first that fits; the sentence is the error's own."""

FOR_PROGRAMS = ("/api/v1/", "/ogc/")
"""How addresses begin that answer data whatever they end in."""

SENTENCES = {
    400: "web-bad-request",
    401: "web-sign-in-needed",
    403: "web-not-allowed",
    404: "web-not-found",
    405: "web-method-not-allowed",
    413: "web-too-large",
    414: "web-too-large",
    421: "web-wrong-host",
    500: "web-broken",
    503: "web-busy",
}


class RowNumber(IntegerConverter):
    """A whole number in an address that a database can look for; a larger one is the number of nothing."""

    def __init__(self, map, *args, **limits):
        super().__init__(map, *args, **{"max": 2**31 - 1, **limits})


class Refused(HTTPException):
    """An answer that is not the page: a status and the sentence that explains it."""

    def __init__(self, status, code, *, problems=(), retry_s=None, **arguments):
        super().__init__(description=code)
        self.code = status
        self.problems = tuple(problems) or (Problem(code, arguments, "error"),)
        self.retry_s = retry_s


def let_through(pages, most, *names):
    """Let bodies of ``most()`` bytes through to some views of a blueprint, before anything looks at the form."""

    @pages.url_value_preprocessor
    def take_more(endpoint, _):
        if endpoint in {f"{pages.name}.{name}" for name in names}:
            request.max_content_length = most()


def protect(app, settings):
    """Add the checks, the headers and the error pages to an application."""
    app.url_map.converters["int"] = RowNumber
    app.config["HOSTS"] = {*LOOPBACK, *names_of(settings)}
    app.before_request(_check_host)
    app.after_request(_add_headers)
    app.after_request(_compress_page)
    app.register_error_handler(Exception, _tell)


def names_of(settings):
    """The names beyond this computer's own by which readers may reach the server, as a browser writes them."""
    given = [settings.host if settings.host not in WILDCARDS else "", *settings.names.split(",")]
    names = {name.strip().strip("[]").lower() for name in given} - {"", "127.0.0.1", "localhost", "::1"}
    return {f"[{name}]" if ":" in name else name for name in names}


def _check_host():
    # A page of a stranger whose name was pointed at 127.0.0.1 would carry the stranger's name here.
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if name.lower() not in current_app.config["HOSTS"]:
        raise Refused(421, "web-wrong-host")


def _add_headers(response):
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # What was seen by somebody who signed in is not for who presses "back" after they have left.
    private = current_app.config["ACCOUNTS"] and response.mimetype == "text/html"
    response.headers.setdefault("Cache-Control", "no-store" if private else "private, no-cache")
    return response


def _compress_page(response):
    """Gzip pages, which are made for one reader and small; what is large was compressed beforehand."""
    if (
        response.mimetype != "text/html"
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.update(("Accept-Encoding", "Cookie"))
    body = response.get_data()
    if len(body) > 1400 and "gzip" in request.accept_encodings:
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    if response.status_code == 200 and "ETag" not in response.headers:
        response.add_etag()
        response.make_conditional(request)
    return response


def _tell(error):
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error
    status, problems, retry_s = _outcome(error)
    if status == 500:
        log.exception("page %r failed", request.path, exc_info=error)
    sentences = [problem.say(language()) for problem in problems]
    headers = {"Retry-After": str(retry_s)} if retry_s else {}
    if wants_data():
        listed = [
            {"code": problem.code, "message": text} for problem, text in zip(problems, sentences, strict=True)
        ]
        return {"error": listed, "status": status}, status, headers
    g.setdefault("language", language())
    there = problems[0].code != "web-no-study"
    study_id = (request.view_args or {}).get("study_id") if there else None
    page = render_template(
        "errors/page.html", status=status, sentences=sentences, retry_s=retry_s, study_id=study_id
    )
    return page, status, headers


def _outcome(error):
    if isinstance(error, Refused):
        return error.code, error.problems, error.retry_s
    if isinstance(error, CSRFError):
        return 400, (Problem("web-csrf", {}, "error"),), None
    if isinstance(error, HTTPException):
        code = SENTENCES.get(error.code, SENTENCES[400 if (error.code or 500) < 500 else 500])
        return error.code or 500, (Problem(code, {}, "error"),), None
    for kind, status in STATUSES:
        if isinstance(error, kind):
            return status, error.problems, None
    return 500, (Problem(SENTENCES[500], {}, "error"),), None


def wants_data():
    """Whether a fault is told as data: to a program, and not to a person who opens the same address."""
    by_a_person = "text/html" in request.accept_mimetypes.values()
    data = request.path.endswith((".json", ".geojson")) or f"{request.path}/".startswith(FOR_PROGRAMS)
    return data and not by_a_person
