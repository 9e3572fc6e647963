"""The page of a map: folium's skeleton of constants, Leaflet inlined, and a policy that lets nothing out."""

import base64
import hashlib
import html
import re
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import folium
from folium import Figure
from xstatic.pkg import leaflet

from gis.errors import ExportError
from gis.messages import say

HERE = Path(__file__).parent
LEAFLET = Path(leaflet.BASE_DIR)


class Skeleton(folium.Map):
    """A folium map that links to nothing; `Page` puts Leaflet itself into the file."""

    default_js = []
    default_css = []


class Page(Figure):
    """The page around the skeleton: styles, scripts and data in it, and a policy that lets nothing out."""

    def __init__(self, block, language, height):
        super().__init__(width="100%", height=height)
        self.block = block
        self.language = language

    def render(self, **options):
        skeleton = super().render(**options)
        head, rest = skeleton.split("</head>", 1)
        body, end = rest.split("</body>", 1)
        # folium's own line forbids a reader to enlarge the page.
        head = re.sub(r'<meta name="viewport"[^>]*>', "", head)
        head = head.replace("<html>", f'<html lang="{self.language}">', 1)
        frame = (HERE / "page.html").read_text(encoding="utf-8")
        blank = html.escape(say("map-no-script", self.language))
        page = "".join(
            [
                head,
                '<meta name="viewport" content="width=device-width, initial-scale=1"><title>LangMap</title>',
                f"<style>{leaflet_style()}</style><style>{_asset('page.css')}</style>",
                f"<script>{leaflet_script()}</script></head>",
                body.replace("<body>", f"<body>{frame}<noscript>{blank}</noscript>", 1),
                f'<script type="application/json" id="langmap-data">{self.block}</script></body>',
                end.replace("</html>", f"<script>{_asset('page.js')}</script></html>"),
            ]
        )
        found = _Parts(page)
        if found.remote:
            raise ExportError("map-remote-link", links=sorted(found.remote))
        return page.replace("<head>", f"<head>{_policy(found.scripts)}", 1)


class _Parts(HTMLParser):
    """The scripts of a page, and every address it would fetch from."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.scripts, self.remote, self.inside, self.text = [], set(), None, []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        for name in ("src", "href", "srcset", "data", "action", "poster", "background"):
            if given.get(name) and not given[name].lstrip().lower().startswith(("data:", "#")):
                self.remote.add(given[name])
        if tag in ("script", "style"):
            self.inside, self.text = ("data" if given.get("type") == "application/json" else tag), []

    def handle_data(self, text):
        if self.inside:
            self.text.append(text)

    def handle_endtag(self, tag):
        if tag not in ("script", "style"):
            return
        text = "".join(self.text)
        if self.inside == "script":
            self.scripts.append(text)
        elif self.inside == "style":
            self.remote |= set(re.findall(r"@import[^;]*|url\(\s*['\"]?(?!data:|#)[^)]*", text))
        self.inside = None


def _policy(scripts):
    """A content policy under which only these scripts run and no request leaves the page."""
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    rules = f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:"
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'


@lru_cache(maxsize=1)
def leaflet_script():
    """Leaflet's own code."""
    text = (LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    return _closed(re.sub(r"//# sourceMappingURL=.*", "", text))


@lru_cache(maxsize=1)
def leaflet_style():
    """Leaflet's style with its pictures inside."""
    text = (LEAFLET / "leaflet.css").read_text(encoding="utf-8")

    def inlined(found):
        picture = (LEAFLET / found[1]).read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(picture).decode()})"

    return re.sub(r"url\((images/[a-z0-9-]+\.png)\)", inlined, text)


def _asset(name):
    return _closed((HERE / name).read_text(encoding="utf-8"))


def _closed(text):
    """The text of a script or style with line ends as a browser hashes them; it must not end its element."""
    text = text.replace("\r\n", "\n")
    if re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
        raise ExportError("map-remote-link", links=[text[:40]])
    return text
