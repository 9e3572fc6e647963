"""Which language a reader has, and everything a template may call to print in it."""

import datetime
import json
from urllib.parse import quote, urlencode

from flask import current_app, g, has_request_context, request, url_for
from markupsafe import Markup

from gis import sentences
from gis.labels import LANGUAGES, Label, format_date, format_number, format_value
from gis.messages import catalogue, say
from gis.sentences import unit_label

A_YEAR_S = 365 * 24 * 3600


def language():
    """The reader's language: asked for by ``?lang=``, else by cookie, else that of the settings."""
    if not has_request_context():
        return LANGUAGES[0]
    if "language" not in g:
        asked = (request.args.get("lang"), request.cookies.get("lang"))
        g.language = next((known for known in asked if known in LANGUAGES), current_app.config["LANGUAGE"])
    return g.language


def t(code, /, **arguments):
    """The sentence for a code in the reader's language."""
    return say(code, language(), **arguments)


def t_or(otherwise, code, /, **arguments):
    """The sentence for a code in the reader's language; `otherwise` where nobody wrote one."""
    return t(code, **arguments) if code in catalogue(language()) else otherwise


def by_set(criteria, code, /, **arguments):
    """The sentence for a code, in the words of a set of disadvantage where `criteria` is one."""
    return sentences.by_set(criteria, code, language(), **arguments)


def failing(study, code):
    """The sentence for a code about villages short of the target; without one, about those that fail."""
    return t(code) if study.target.get("share_pct") is not None else by_set(study.criteria, f"{code}-failing")


def pick(label, reader=None):
    """A `Label` or plain text in one language, that of the reader where none is given; empty for None."""
    if label is None:
        return ""
    return label.pick(reader or language()) if isinstance(label, Label) else str(label)


def label_of(written):
    """A text as a study file writes it, in one language or in several, in the reader's language."""
    return Label(written or "").pick(language())


def number(value):
    """A number in the reader's notation; a dash where there is none."""
    return "–" if value is None or value != value else format_number(value, language())


def percent(value):
    """A whole percentage as it is spoken of in a headline."""
    return "–" if value is None or value != value else f"{format_number(round(float(value)), language())} %"


def date(written):
    """A date as the language writes it where it was given as year-month-day; anything else as given."""
    return "" if written is None else format_date(written, language())


def moment(written):
    """Day and time of a record, by the clock of this computer; records themselves are kept in UTC."""
    if not written:
        return ""
    local = datetime.datetime.fromisoformat(written).astimezone()
    return f"{date(local.date().isoformat())} {local:%H:%M}"


def moment_of(seconds):
    """Day and time of so many seconds of the wall clock, by the clock of this computer."""
    return moment(datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat())


def quantity(value, unit, reader=None):
    """A value with its unit in words of the language; "not reachable" for infinity."""
    reader = reader or language()
    if value is not None and value in (float("inf"), float("-inf")):
        return say("web-not-reachable", reader)
    return format_value(value, unit_label(unit, reader), reader)


def asset(name):
    """The address of a static file that changes when any of them changes."""
    return url_for("assets.static", name=f"v-{current_app.extensions['assets'].version}/{name}")


def here(**changes):
    """The address of this page with some of its query changed; None takes a part away."""
    query = {name: value for name, value in request.args.items() if name in KNOWN_QUERY} | changes
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    path = quote(request.path)
    return f"{path}?{urlencode(kept)}" if kept else path


KNOWN_QUERY = (
    "lang", "part", "status", "commune", "criterion", "criterion_status", "q", "page", "village", "sort", "layers",
    "state", "show", "zone", "group", "minority", "left", "right",
    "standing", "share", "by", "attribute", "level", "willing", "willingness", "closeness", "population", "spread", "from", "to",
    "set_from", "set_to", "kind", "cause", "decided", "confidence", "sign", "set", "figures", "who", "what", "study", "before", "after",
    "mode", "season", "limits", "view", "sector", "wanted",
)  # fmt: skip


def json_block(data):
    """Data for a ``<script type="application/json">`` block, which no value in it can close."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def script_texts(criteria=None):
    """Code to text for the modules of the page, in the reader's language and the words of the set."""
    known = catalogue(language())
    texts = {code.removeprefix("js-"): text for code, text in known.items() if code.startswith("js-")}
    if criteria is not None and criteria.polarity == "trigger":
        texts |= {
            code.removesuffix(OF_TRIGGERS): text for code, text in texts.items() if code.endswith(OF_TRIGGERS)
        }
    return texts


OF_TRIGGERS = "-trigger"
"""How the code of a text ends that a set of disadvantage has for itself."""


def teach(app):
    """Give the templates these helpers, and remember a language that was asked for."""
    helpers = (
        t,
        by_set,
        failing,
        pick,
        label_of,
        number,
        percent,
        date,
        moment,
        moment_of,
        quantity,
        asset,
        here,
        json_block,
        script_texts,
        language,
    )
    app.jinja_env.globals.update({helper.__name__: helper for helper in helpers})
    app.jinja_env.globals["LANGUAGES"] = LANGUAGES

    @app.after_request
    def remember_language(response):
        if request.args.get("lang") in LANGUAGES and response.mimetype == "text/html":
            response.set_cookie("lang", language(), max_age=A_YEAR_S, samesite="Lax", httponly=True)
        return response
