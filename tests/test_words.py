"""Every word a reader sees comes from the catalogues, in the form that its number asks for."""

import re
from html.parser import HTMLParser
from pathlib import Path

from gis.messages import catalogue

ROOT = Path(__file__).resolve().parents[1]
LETTERS = re.compile(r"[^\W\d_]")
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
HOLE = "⟦⟧"
"""Stands where a template fills something in."""

NAMES = {"Excel", "CSV", "JSON", "YAML", "ZIP", "PDF", "SHA-256", "EPSG:", "A", "B"}
"""The same in every language."""

SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-label")


class Words(HTMLParser):
    """Words of a template that stand there as they are, each with its line."""

    def __init__(self):
        super().__init__()
        self.found, self._silent = [], 0

    def handle_starttag(self, tag, attributes):
        self._silent += tag in ("script", "style", "code", "pre")
        self.found += [(self.getpos()[0], value or "") for name, value in attributes if name in SPOKEN]

    def handle_endtag(self, tag):
        self._silent -= tag in ("script", "style", "code", "pre")

    def handle_data(self, text):
        if not self._silent:
            self.found.append((self.getpos()[0], text))


def words_of(path):
    """Words of a template outside what is filled in; classes and attributes inside a block are no words."""
    text = re.sub(
        r"\{% (block (?:body_class|head)|macro) .*?\{% end(?:block|macro) %\}",
        "",
        path.read_text("utf-8"),
        flags=re.S,
    )
    parser = Words()
    parser.feed(JINJA.sub(lambda found: HOLE + "\n" * found[0].count("\n"), text))
    for line, words in parser.found:
        left = words.replace(HOLE, "").strip(" \n·–:,()→")
        if LETTERS.search(left) and left not in NAMES:
            yield f"{path.name}:{line}: {left[:60]}"


def test_no_template_has_words_of_its_own():
    wrong = [each for path in sorted((ROOT / "templates").rglob("*.html")) for each in words_of(path)]
    assert not wrong, "\n".join(wrong)


def test_no_script_has_words_of_its_own():
    """A text with letters of Vietnamese, a sentence or two words that begin like one is no name of a thing."""
    wrong = []
    for path in sorted((ROOT / "gis" / "web" / "static").glob("*.js")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            code = re.sub(r"(^|\s)//.*$", "", line)
            for plain, filled in re.findall(r'"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`', code):
                text = plain or re.sub(r"\$\{[^}]*\}", "", filled)
                spoken = re.search(r"[ăâêôơưạ-ỹ]|^[A-Z][a-z]+ [a-z]|[a-z]{2}[.!?](\s|$)", text)
                wrong += [f"{path.name}:{number}: {text}"] if spoken and not text.startswith("/") else []
    assert not wrong, "\n".join(wrong)


def test_a_word_for_one_stands_beside_each_number_that_may_be_one():
    """English: what has two forms in one message has them in all, unless a word between hides the number."""
    texts = catalogue("en")
    forms = {many for text in texts.values() for many in re.findall(r"\{\w+:[^|{}]+\|([^{}]+)\}", text)}
    things = "|".join(
        sorted(form for form in forms if form.endswith("s") and form not in ("is", "has", "was"))
    )
    bare = re.compile(rf"\{{(?!year)\w+\}} (?:{things})\b")
    wrong = [
        f"{code}: {text[:90]}"
        for code, text in texts.items()
        if not code.startswith("map-") and bare.search(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_money_is_called_by_one_name():
    """Amounts are in million VND and «triệu đồng»; billions only where the law says a limit so."""
    for language, name, other in (
        ("vi", "triệu đồng", r"\btr\.?đ\b|\bVND\b|\bVNĐ\b"),
        ("en", "million VND", r"\bdong\b(?!,)|\bmVND\b|VND million"),
    ):
        texts = catalogue(language)
        assert sum(name in text for text in texts.values()) > 40
        wrong = [
            code for code, text in texts.items() if re.search(other, text) and code != "plan-fund-amount"
        ]
        assert not wrong, wrong


def test_everything_the_diary_holds_has_a_name():
    sources = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "gis").rglob("*.py")))
    actions = set(re.findall(r'\.note(?:_all)?\(\s*"([a-z-]+)"', sources))
    actions |= {f"upload-{state}" for state in re.findall(r'uploads\.settle\([^)]*?"(\w+)"', sources)}
    assert {"value-entered", "key-made", "upload-read", "upload-accepted"} < actions
    assert not [action for action in sorted(actions) if f"diary-{action}" not in catalogue("vi")]
