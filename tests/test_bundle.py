"""The bundle for an office without a network: what goes in, what proves it whole, how start.py uses it."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import bundle
import start
from bundle import NotWhole, Target, check_wheels, needed

ROOT = Path(bundle.__file__).parent
LINUX, WINDOWS = Target("linux", (3, 11)), Target("windows", (3, 13))


def wheel(folder, name, version="1.0", tag="py3-none-any", requires=()):
    """A wheel that holds nothing but what it says of itself."""
    path = folder / f"{name}-{version}-{tag}.whl"
    told = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    told += "".join(f"Requires-Dist: {each}\n" for each in requires)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-{version}.dist-info/METADATA", told)
    return path


@pytest.fixture
def unpacked(tmp_path, monkeypatch):
    """A bundle as it lies in an office, for this Python and system, with one library."""
    root = tmp_path / "Ủy ban xã" / "langmap"
    (root / "wheels").mkdir(parents=True)
    (root / "requirements.txt").write_text("bare==1.0\n", encoding="utf-8")
    tell(root, python=start.written(sys.version_info[:2]), system=start.system_name())
    monkeypatch.setattr(start, "ROOT", root)
    monkeypatch.setattr(start, "VENV", root / ".venv")
    return root


def tell(root, **told):
    (root / "wheels" / "bundle.json").write_text(json.dumps(told), encoding="utf-8")


def test_conditions_are_those_of_the_target_and_not_of_the_builder():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    names = [{each.name for each in needed(text, target)} for target in (LINUX, WINDOWS)]
    assert names[1] - names[0] == {"colorama"}
    assert not names[0] - names[1]


def test_pip_is_asked_for_libraries_of_the_target_only():
    command = bundle.download_command("out", needed("Flask==3.1.3\n", WINDOWS), WINDOWS)
    assert command[command.index("--platform") + 1] == "win_amd64"
    assert command[command.index("--python-version") + 1] == "3.13"
    assert command[command.index("--abi") + 1] == "cp313"
    assert command[command.index("--only-binary") + 1] == ":all:"
    assert command[-1] == "Flask==3.1.3"


def test_whole_set_of_wheels_is_taken_one_each(tmp_path):
    wheel(
        tmp_path, "geo", tag="cp311-cp311-manylinux_2_17_x86_64", requires=["bare>=1", "test; extra == 'dev'"]
    )
    wheel(tmp_path, "bare")
    wheel(tmp_path, "bare", version="0.9")
    chosen = check_wheels(tmp_path, needed("geo==1.0\nbare==1.0\n", LINUX), LINUX)
    assert [path.name.split("-")[:2] for path in chosen] == [["bare", "1.0"], ["geo", "1.0"]]


@pytest.mark.parametrize(
    ("tag", "requires", "said"),
    [
        ("cp312-cp312-manylinux_2_17_x86_64", (), "not for linux-python3.11"),
        ("cp311-cp311-win_amd64", (), "not for linux-python3.11"),
        ("cp311-cp311-manylinux_2_38_x86_64", (), "not for linux-python3.11"),
        ("py3-none-any", ["colours; sys_platform == 'linux'"], "needs colours"),
        ("py3-none-any", ["bare>=2"], "needs bare>=2"),
    ],
)
def test_what_would_fail_in_the_office_fails_while_building(tmp_path, tag, requires, said):
    wheel(tmp_path, "geo", tag=tag, requires=requires)
    wheel(tmp_path, "bare")
    with pytest.raises(NotWhole, match=said):
        check_wheels(tmp_path, needed("geo==1.0\nbare==1.0\n", LINUX), LINUX)


def test_library_that_is_missing_is_named(tmp_path):
    with pytest.raises(NotWhole, match="geo==1.0: no library of that version for windows-python3.13"):
        check_wheels(tmp_path, needed("geo==1.0\n", WINDOWS), WINDOWS)


def test_project_goes_in_without_tests_and_with_all_that_runs():
    names = bundle.project_files(ROOT)
    assert {"server.py", "start.py", "start.cmd", "gis/__init__.py", "templates/base.html"} <= {*names}
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "notebooks/", "."))]


def test_sheet_on_top_is_for_the_target_and_readable_by_old_editors():
    text = (ROOT / bundle.NOTE).read_text(encoding="utf-8")
    said = bundle.note_for(text, WINDOWS, "python-3.13.9-amd64.exe").decode("utf-8-sig")
    assert "start.cmd" in said and "Python 3.13" in said and "python-3.13.9-amd64.exe" in said
    assert said.count("\n") == said.count("\r\n") and "{" not in said
    assert "python3 start.py" in bundle.note_for(text, LINUX, None).decode("utf-8-sig")


def test_same_files_make_the_same_zip_whole(tmp_path):
    files = {"b.txt": b"x" * 1000, "wheels/a-1-py3-none-any.whl": wheel(tmp_path, "a", "1"), "Đọc.txt": b"y"}
    for name in ("one.zip", "two.zip"):
        bundle.write_zip(tmp_path / name, files, moment=(2026, 1, 1, 0, 0, 0))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == [
            "langmap/b.txt",
            "langmap/wheels/a-1-py3-none-any.whl",
            "langmap/Đọc.txt",
        ]


def test_bundle_installs_from_its_own_folder_and_asks_nobody(unpacked, monkeypatch, capsys):
    command = start.pip_command("python", "requirements.txt")
    assert "--no-index" in command
    assert command[command.index("--find-links") + 1] == str(unpacked / "wheels")
    (unpacked / ".venv").mkdir()
    monkeypatch.setattr(start, "pip_install", lambda *given: 0)
    assert start.ensure_packages(unpacked / ".venv", "run") == 0
    assert "no network needed" in capsys.readouterr().out


def test_bundle_is_set_up_without_what_only_tests_need(unpacked, monkeypatch):
    asked = []
    monkeypatch.setattr(start, "prepare", lambda purpose: asked.append(purpose) or 0)
    assert start.setup(None, []) == 0
    (unpacked / "wheels" / "bundle.json").unlink()
    (unpacked / "wheels").rmdir()
    assert start.setup(None, []) == 0
    assert asked == ["run", "test"]


def test_clone_still_installs_over_the_network(unpacked):
    (unpacked / "wheels" / "bundle.json").unlink()
    (unpacked / "wheels").rmdir()
    assert "--no-index" not in start.pip_command("python", "requirements.txt")
    assert start.limits() == (start.OLDEST, start.NEWEST)


def test_bundle_for_another_python_looks_for_that_one(unpacked, monkeypatch, capsys):
    tell(unpacked, python="3.99", system=start.system_name())
    asked = []
    monkeypatch.setattr(start.shutil, "which", lambda name: asked.append(name))
    assert start.main([]) == 2
    assert asked in (["python3.99"], ["py"])
    assert "needs Python 3.99 itself" in capsys.readouterr().out


def test_bundle_for_another_system_says_so(unpacked, capsys):
    tell(unpacked, python="3.11", system="amiga")
    assert start.main([]) == 2
    assert "This bundle is for amiga" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{}", '{"python": 3, "system": "linux"}', '{"python": "3"}'])
def test_bundle_without_its_description_is_called_damaged(unpacked, capsys, content):
    (unpacked / "wheels" / "bundle.json").write_text(content, encoding="utf-8")
    assert start.main([]) == 2
    assert "bundle.json is missing or cannot be read" in capsys.readouterr().out


def test_pip_installs_from_the_folder_without_a_network(unpacked, tmp_path, monkeypatch):
    made = wheel(unpacked / "wheels", "bare")
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(
            "bare-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("bare.py", "ANSWER = 42\n")
        archive.writestr("bare-1.0.dist-info/RECORD", "bare.py,,\n")
    command = start.pip_command(sys.executable, unpacked / "requirements.txt")
    command += ["--target", str(tmp_path / "there"), "--quiet"]
    dead = start.environment(PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="0")
    subprocess.run(command, env=dead, check=True, capture_output=True)
    assert (tmp_path / "there" / "bare.py").exists()


@pytest.mark.long
@pytest.mark.parametrize("target", [LINUX, WINDOWS], ids=lambda target: target.name)
def test_bundle_is_built_whole(tmp_path, target):
    made = bundle.build(target, tmp_path, wheels=ROOT / "build" / "wheels" / target.name)
    with zipfile.ZipFile(made) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
    assert {
        "langmap/DOC-TRUOC.txt",
        "langmap/wheels/bundle.json",
        "langmap/studies/dak-minh-hoa/study.yaml",
    } <= names
