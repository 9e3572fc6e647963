"""The walls of the house: who may import whom, what a message needs, what no file may contain."""

import ast
import builtins
import importlib.metadata
import os
import re
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "gis"
LANGUAGES = ("vi", "en")

# A room imports only rooms of a strictly lower rank; the modules of one folder may import each other.
RANKS = {
    "__init__": 0,
    "labels": 0,
    "kernels": 0,
    "messages": 1,
    "errors": 2,
    "settings": 3,
    "files": 3,
    "tables": 3,
    "registry": 3,
    "passwords": 3,
    "crs": 3,
    "yamltext": 3,
    "encodings": 3,
    "names": 3,
    "histories": 4,
    "geometry": 4,
    "catalogue": 4,
    "criteria": 4,
    "network": 4,
    "rasters": 3,
    "rings": 2,
    "clipping": 3,
    "roadspeeds": 3,
    "surface": 4,
    "regridding": 4,
    "ground": 6,
    "travel": 5,
    "allocation": 5,
    "around": 5,
    "isochrones": 3,
    "reaching": 8,
    "values": 4,
    "trivalent": 3,
    "conditions": 5,
    "scoring": 5,
    "comparing": 4,
    "verdicts": 6,
    "study": 5,
    "findings": 6,
    "recipe": 5,
    "assessments": 5,
    "sentences": 5,
    "amendments": 5,
    "indicators": 6,
    "explanations": 6,
    "extents": 6,
    "basemaps": 4,
    "relief": 4,
    "campaigns": 6,
    "intake": 6,
    "layering": 6,
    "store": 6,
    "measure": 7,
    "trend": 7,
    "confidence": 7,
    "disagreements": 7,
    "roadcrossings": 5,
    "roadgaps": 5,
    "roadlinks": 5,
    "roadfacts": 8,
    "roadislands": 5,
    "tolerance": 7,
    "filling": 7,
    "completing": 8,
    "repairs": 9,
    "narrowing": 9,
    "review": 8,
    "whatif": 9,
    "side_by_side": 9,
    "yearly": 8,
    "reading": 9,
    "interventions": 6,
    "plan": 9,
    "workflows": 10,
    "sample": 10,
    "jobs": 11,
    "accounts": 11,
    "readkeys": 12,
    "invitations": 12,
    "maps": 11,
    "exports": 11,
    "sheets": 12,
    "cli": 14,
    "web": 13,
    "__main__": 15,
    "server": 14,
}

# A library behind a door is imported in these rooms only, or in one file of a room.
DOORS = {
    "folium": {"maps"},
    "branca": {"maps"},
    "xstatic": {"maps", "web"},
    "flask": {"web", "server"},
    "werkzeug": {"web", "server", "accounts"},
    "waitress": {"web"},
    "click": {"cli"},
    "fiona": {"exports/shapefile"},
    "yaml": {"yamltext", "criteria", "sample"},
    "pyogrio": {"intake", "sample", "exports"},
    "rasterio": {"intake", "sample", "exports"},
    "sqlite3": {"intake", "basemaps/mbtiles"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "flask_login": {"web"},
    "flask_wtf": {"web"},
    "rapidfuzz": {"names"},
    "python_calamine": {"intake", "exports/xlsx"},
    "xlsxwriter": {"exports", "sample", "workflows", "sheets"},
    "docx": {"sheets"},
    "reportlab": {"sheets"},
    "pypdfium2": {"sheets"},
    # Pictures of strangers are opened in the reading process; sheets only make their own.
    "PIL": {"sheets", "intake/photos"},
    "font_source_sans_pro": {"sheets"},
    "jsonschema": {"yamltext"},
    "numba": {"kernels"},
    "highspy": {"plan"},
    "babel": {"messages"},
    "subprocess": {"intake"},
    "multiprocessing": {"intake", "jobs"},
    "socket": {"intake", "web"},
    "ctypes": {"intake", "web/memory"},
}
NOWHERE = (
    "pickle",
    "marshal",
    "shelve",
    "requests",
    "urllib3",
    "urllib.request",
    "http.client",
    "marshmallow",
)

# Ranks whose functions are decided by their arguments alone: no environment, no clock, no printing.
PURE_BELOW = 9


def sources():
    """Every source file of the product: the package and the server."""
    files = sorted(PACKAGE.rglob("*.py"))
    server = ROOT / "server.py"
    return [*files, server] if server.exists() else files


def name_of(path):
    """The file as this test speaks of it: ``exports/shapefile``, ``server``."""
    inside = path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT).with_suffix("")
    parts = inside.parts
    return "/".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def room_of(path):
    return name_of(path).split("/")[0]


@cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def imports_of(path):
    """Every dotted name that a file imports anywhere in it, with its line."""
    found = []
    folder = ["gis", *path.relative_to(PACKAGE).parent.parts] if path.is_relative_to(PACKAGE) else []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found += [(f"{base}.{alias.name}", node.lineno) for alias in node.names]
    return tuple(found)


def rooms_imported(path):
    for name, line in imports_of(path):
        parts = name.split(".")
        if parts[0] == "gis":
            # `from gis import __version__` takes from the package itself.
            known = len(parts) > 1 and (
                (PACKAGE / parts[1]).is_dir() or (PACKAGE / f"{parts[1]}.py").exists()
            )
            yield (parts[1] if known else "__init__"), line
        elif parts[0] == "server":
            yield "server", line


def test_every_room_has_a_rank():
    unknown = sorted({room_of(path) for path in sources()} - set(RANKS))
    assert not unknown, f"give these rooms a rank in RANKS: {unknown}"


def test_rooms_import_only_lower_ranks():
    wrong = [
        f"{name_of(path)}:{line} imports {room}"
        for path in sources()
        for room, line in rooms_imported(path)
        if room != room_of(path) and RANKS.get(room, 99) >= RANKS.get(room_of(path), 99)
    ]
    assert not wrong, "\n".join(wrong)


def test_libraries_come_in_through_their_doors():
    wrong = []
    for path in sources():
        for name, line in imports_of(path):
            rooms = DOORS.get(name.split(".")[0])
            if rooms is not None and not {room_of(path), name_of(path)} & rooms:
                wrong.append(f"{name_of(path)}:{line} imports {name}, whose door is {sorted(rooms)}")
    assert not wrong, "\n".join(wrong)


def test_unsafe_and_networking_modules_are_imported_nowhere():
    wrong = [
        f"{name_of(path)}:{line} imports {name}"
        for path in sources()
        for name, line in imports_of(path)
        if any(name == banned or name.startswith(f"{banned}.") for banned in NOWHERE)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_library_is_pinned():
    pinned = {
        _plain(line.split("==")[0])
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    distributions = importlib.metadata.packages_distributions()
    missing = set()
    for path in sources():
        for name, _ in imports_of(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in ("gis", "server"):
                continue
            if not pinned & {_plain(found) for found in distributions.get(top, [top])}:
                missing.add(f"{name_of(path)} imports {top}")
    assert not missing, sorted(missing)


def _plain(name):
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_fixed_versions_without_addresses(name):
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and line != "-r requirements.txt":
            assert re.fullmatch(
                r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*(; (sys_platform|python_version) .+)?", line
            )


def calls(path):
    """Every call in a file as (name of what is called, the call)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield name, node


def test_no_text_is_run_as_code():
    wrong = [
        f"{name_of(path)}:{call.lineno} calls {name}"
        for path in sources()
        for name, call in calls(path)
        if name in ("eval", "exec", "to_pickle", "read_pickle")
        # A spatial index is asked by `query` too; what a frame is asked by it is a text that runs as code.
        or (name == "query" and not re.search("(?i)tree|sindex", ast.unparse(call.func)))
        or (name == "compile" and isinstance(call.func, ast.Name))
        or (name == "load" and ast.unparse(call.func) == "yaml.load" and "Safe" not in ast.unparse(call))
        or any(word.arg == "shell" for word in call.keywords)
    ]
    assert not wrong, "\n".join(wrong)


def test_foreign_files_are_opened_in_intake_only():
    opening = {
        "read_file",
        "read_csv",
        "read_excel",
        "read_table",
        "read_dataframe",
        "list_layers",
        "read_arrow",
    }
    wrong = [
        f"{name_of(path)}:{call.lineno} calls {ast.unparse(call.func)}"
        for path in sources()
        for name, call in calls(path)
        if name in opening
        and room_of(path) not in ("intake", "exports")
        and isinstance(call.func, ast.Attribute)
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_store_knows_the_file_of_the_records():
    # Two copies of SQLite in one process lose locks and changes; a geospatial library brings its own.
    wrong = [
        name_of(path)
        for path in sources()
        if room_of(path) != "store" and re.search(r"records\.sqlite|\bRECORDS\b", path.read_text("utf-8"))
    ]
    assert not wrong


def test_lower_rooms_know_no_environment_clock_or_console():
    banned = re.compile(
        r"os\.(environ|getenv|putenv)|sys\.(stdout|stderr|argv)|(datetime|date)\.(now|today|utcnow)|time\.time"
    )
    wrong = []
    for path in sources():
        if RANKS.get(room_of(path), 99) >= PURE_BELOW or room_of(path) in ("intake", "store"):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and banned.fullmatch(ast.unparse(node)):
                wrong.append(f"{name_of(path)}:{node.lineno} uses {ast.unparse(node)}")
        wrong += [f"{name_of(path)}:{call.lineno} prints" for name, call in calls(path) if name == "print"]
    assert not wrong, "\n".join(wrong)


def python(code):
    """Run code in a new Python that stands in the project; its output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIS_")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_package_itself_loads_no_library():
    loaded = python("import sys; before = set(sys.modules); import gis; print(*(set(sys.modules) - before))")
    assert {name.split(".")[0] for name in loaded.split()} <= {"gis", *sys.stdlib_module_names}


WATCH = """
import importlib, os, pkgutil, sys
root, done = sys.argv[1], []

def importing(frame):
    # The file of ours whose import is going on, when nothing that it imports stands between.
    while frame:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib"):
            return None
        if name.startswith(root) and name != __file__:
            return name
        frame = frame.f_back

def watch(event, arguments):
    if event in ("open", "subprocess.Popen", "socket.connect") and (name := importing(sys._getframe())):
        # the compiler of the kernels looks for what it compiled before, as Python does for its own
        if name.startswith(root + "/kernels/") and event == "open":
            return
        done.append(f"{name[len(root):]}: {event} {arguments[0]}")

class Watched(type(os.environ)):
    def __getitem__(self, key):
        # click words its options in the system's language while they are declared.
        spoken = key in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
        if not spoken and (name := importing(sys._getframe(1))):
            done.append(f"{name[len(root):]}: environment {key}")
        return super().__getitem__(key)

import gis
os.environ.__class__ = Watched
sys.addaudithook(watch)
for module in pkgutil.walk_packages(gis.__path__, "gis."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
for line in done:
    print(line)
"""


def test_importing_any_module_reads_nothing_and_says_nothing(tmp_path):
    script = tmp_path / "watch.py"
    script.write_text(WATCH, encoding="utf-8")
    said = python(
        f"import runpy, sys; sys.argv = ['watch', {str(PACKAGE)!r}]; runpy.run_path({str(script)!r})"
    )
    assert said == ""


@cache
def messages(language):
    """Code to text of one language, with every code that stands twice."""
    from babel.messages.pofile import read_po

    found, twice = {}, []
    for path in sorted((PACKAGE / "translations" / language).glob("*.po")):
        with path.open(encoding="utf-8") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    twice += [message.id] if message.id in found else []
                    found[message.id] = message.string
    return found, twice


def test_both_languages_have_the_same_message_files():
    names = [
        {path.name for path in (PACKAGE / "translations" / language).glob("*.po")} for language in LANGUAGES
    ]
    assert names[0] == names[1]


def test_both_languages_have_the_same_codes_each_once():
    vietnamese, english = messages("vi"), messages("en")
    assert set(vietnamese[0]) == set(english[0])
    assert vietnamese[1] == english[1] == []


def arguments_of(text):
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_message_has_text_and_the_same_arguments_in_both_languages():
    vietnamese, english = messages("vi")[0], messages("en")[0]
    wrong = []
    for code in sorted(set(vietnamese) & set(english)):
        texts = vietnamese[code], english[code]
        if not all(text.strip() for text in texts):
            wrong.append(f"{code}: empty")
        elif arguments_of(texts[0]) != arguments_of(texts[1]):
            wrong.append(f"{code}: {arguments_of(texts[0])} is not {arguments_of(texts[1])}")
        elif "" in arguments_of(texts[0]):
            wrong.append(f"{code}: an argument without a name")
    assert not wrong, "\n".join(wrong)


def codes_spoken():
    """Every message code that stands as plain text where a problem, error, sentence or progress is made."""
    for path in sources():
        for name, call in calls(path):
            place = {"say": 0, "t": 0, "Problem": 0, "report": 1, "Refused": 0}.get(name)
            if place is None and name.endswith("Error") and not hasattr(builtins, name):
                place = 0
            if name == "say" and isinstance(call.func, ast.Attribute):
                continue
            spoken = call.args[place : place + 1] if place is not None else []
            for node in spoken:
                choices = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
                for choice in choices:
                    if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
                        yield choice.value, f"{name_of(path)}:{call.lineno}"


def test_every_code_in_the_source_has_a_message():
    known = set(messages("vi")[0])
    missing = sorted(
        f"{where}: {code}"
        for code, where in codes_spoken()
        if re.fullmatch(r"[a-z0-9-]+", code) and code not in known
    )
    assert not missing, "\n".join(missing)


def test_every_code_in_the_templates_and_scripts_has_a_message():
    known = set(messages("vi")[0])
    spoken = {}
    for path in [*(ROOT / "templates").rglob("*.html"), *(PACKAGE / "web" / "static").rglob("*.js")]:
        if any(part.startswith("vendor") for part in path.parts):
            continue
        for code in re.findall(
            r"""(?<![\w.])t\(\s*["']([\w-]+)["']\s*[,)]""", path.read_text(encoding="utf-8")
        ):
            spoken.setdefault(f"js-{code}" if path.suffix == ".js" else code, path.name)
    missing = sorted(f"{where}: {code}" for code, where in spoken.items() if code not in known)
    assert not missing, "\n".join(missing)


def test_every_message_is_asked_for_somewhere():
    """By its whole code, or by a beginning or an end of it where the rest is filled in."""
    places = [*sources(), *(ROOT / "templates").rglob("*.html")]
    places += [path for folder in ("web/static", "maps") for path in (PACKAGE / folder).glob("*.*")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in places if path.suffix != ".png")
    literals = {found for pair in re.findall(r'"([\w-]+)"|[\'`.]([\w-]+)', text) for found in pair}
    starts = tuple(re.findall(r"[\"'`]([a-z][\w-]*-)(?=[{$\"'])", text))
    ends = tuple(re.findall(r"\}(-[\w-]+)[\"'`]", text))
    unasked = []
    for code in messages("vi")[0]:
        plain = re.sub(r"^(js|map)-|(-trigger)$", "", code)
        forms = {code, plain, plain.removesuffix("-failing"), code.removesuffix("-trigger")}
        forms.add(re.sub("-(missing|altered)$", "", code))
        if not forms & literals and not plain.startswith(starts) and not plain.endswith(ends):
            unasked.append(code)
    assert not unasked, "\n".join(sorted(unasked))


def labels_in(data, where=""):
    """Every `label` below a piece of YAML, with its place."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "label" and not (isinstance(value, dict) and "label" in value):
                yield where, value
            yield from labels_in(value, f"{where}/{key}")
    elif isinstance(data, list):
        for number, item in enumerate(data):
            yield from labels_in(item, f"{where}/{number}")


def descriptions():
    return sorted((ROOT / "layers").rglob("*.yaml"))


@pytest.mark.parametrize("path", descriptions(), ids=lambda path: path.stem)
def test_every_layer_and_criterion_is_labelled_in_both_languages(path):
    import yaml

    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    labels = list(labels_in(data))
    assert data["id"] == path.stem
    assert labels
    bare = [where for where, label in labels if not all(label.get(language) for language in LANGUAGES)]
    assert not bare, bare


SKIPPED_FOLDERS = {"studies", "node_modules", "build", "dist"}
TEXT_SUFFIX = re.compile(
    r"\.(py|md|ya?ml|po|toml|txt|cmd|html|css|js|json|ipynb|svg|csv|cfg|ini|sh)", re.IGNORECASE
)
TEXT_NAMES = {"Makefile", "LICENSE", ".gitignore", ".gitattributes", "run"}


@cache
def texts():
    """Every text file of the project with its content."""
    found = {}
    for folder, folders, names in os.walk(ROOT):
        at_top = Path(folder) == ROOT
        # The studies at the top are what people work on; tests/studies belongs to the project.
        folders[:] = [
            name
            for name in folders
            if (not name.startswith(".") or name == ".ci")
            and name != "__pycache__"
            and not name.endswith(".egg-info")
            and not (at_top and name in SKIPPED_FOLDERS)
        ]
        for name in names:
            path = Path(folder, name)
            if TEXT_SUFFIX.fullmatch(path.suffix) or name in TEXT_NAMES:
                found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
    return found


def test_no_file_names_a_place_on_one_machine():
    # Written in pieces, or this file would be the first one found.
    places = re.compile(
        r"""(?<![\w.<])/(?:work|root|home/\w+|Users/\w+|tmp/bash_jobs)/|[A-Z]:\\\\?Users\\\\?\w"""
    )
    wrong = [
        f"{name}:{number}: {line.strip()[:90]}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if places.search(line) and name != "tests/test_house.py"
    ]
    assert not wrong, "\n".join(wrong)


def test_vietnamese_is_written_in_composed_letters():
    # Tests may hold decomposed letters on purpose.
    wrong = [
        name
        for name, text in texts().items()
        if not name.startswith("tests/") and text != unicodedata.normalize("NFC", text)
    ]
    assert not wrong


def readme():
    path = ROOT / "README.md"
    if not path.exists():
        reason = "README.md is not written yet"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return path.read_text(encoding="utf-8")


def test_readme_names_every_setting():
    from dataclasses import fields

    from gis.settings import PREFIX, Settings

    text = readme()
    missing = [
        PREFIX + setting.name.upper()
        for setting in fields(Settings)
        if PREFIX + setting.name.upper() not in text
    ]
    assert not missing, missing


def commands():
    """Every command of `python -m gis`, groups with their own commands."""
    import click

    from gis import cli

    def below(command, name):
        if isinstance(command, click.Group):
            for child, inner in sorted(command.commands.items()):
                yield from below(inner, f"{name} {child}".strip())
        else:
            yield name

    whole = next(value for value in vars(cli).values() if isinstance(value, click.Group))
    return list(below(whole, ""))


def test_readme_names_every_command():
    text = readme()
    missing = [name for name in commands() if not re.search(rf"(gis|langmap) {re.escape(name)}\b", text)]
    assert not missing, missing


def test_changelog_knows_the_version_or_what_comes_next():
    import gis

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## Unreleased" in changelog or f"## {gis.__version__}" in changelog


def test_windows_starter_has_windows_line_ends_and_its_letters_last():
    content = (ROOT / "start.cmd").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 0
    before_labels, _, rest = content.rpartition(b"\r\n:")
    assert before_labels.isascii() and not rest.isascii()


def test_git_keeps_line_ends_for_each_system():
    text = (ROOT / ".gitattributes").read_text(encoding="utf-8")
    assert "*.cmd text eol=crlf" in text


def test_ci_runs_the_tests_as_a_person_would():
    script = ROOT / ".ci" / "run"
    assert script.read_text(encoding="utf-8").rstrip().endswith("make test")
    assert os.name == "nt" or os.access(script, os.X_OK)


def test_git_ignores_only_the_studies_at_the_top():
    # Without the slash in front, tests/studies would be left out of the repository.
    assert "/studies/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
