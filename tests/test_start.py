"""start.py: what it decides and which commands it builds, without network."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

import start

ROOT = Path(start.__file__).parent


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project with requirements, in a folder with spaces and Vietnamese letters."""
    root = tmp_path / "Thôn bản ở Đắk Lắk"
    root.mkdir()
    (root / "requirements.txt").write_text("flask==3.1.3\n", encoding="utf-8")
    (root / "requirements-dev.txt").write_text("-r requirements.txt\npytest==9.2.0\n", encoding="utf-8")
    monkeypatch.setattr(start, "ROOT", root)
    monkeypatch.setattr(start, "VENV", root / ".venv")
    return root


@pytest.fixture
def venv(project):
    (project / ".venv").mkdir()
    return project / ".venv"


@pytest.mark.parametrize(
    ("version", "expected"),
    [((3, 10, 14), False), ((3, 11, 0), True), ((3, 13, 9), True), ((3, 14, 0), False), ((2, 7, 18), False)],
)
def test_python_from_311_to_313_fits(version, expected):
    assert start.fits(version) is expected


def test_versions_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    beyond = (start.NEWEST[0], start.NEWEST[1] + 1)
    assert project["requires-python"] == f">={start.written(start.OLDEST)},<{start.written(beyond)}"


def test_wrong_python_is_told_in_both_languages_what_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setattr(start, "find_python", lambda: None)
    assert start.main([]) == 2
    vietnamese, english = capsys.readouterr().out.splitlines()
    assert vietnamese.startswith("LangMap cần Python 3.11 đến 3.13; đây là Python 3.9.2.")
    assert english.startswith("LangMap needs Python 3.11 to 3.13; this is Python 3.9.2.")


def test_wrong_python_hands_over_to_one_that_fits(monkeypatch):
    called = []
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    monkeypatch.setattr(start, "find_python", lambda: ["py", "-3.13"])
    monkeypatch.setattr(start.subprocess, "call", lambda command: called.append(command) or 7)
    assert start.main(["test", "--", "-k", "x"]) == 7
    assert called == [["py", "-3.13", str(ROOT / "start.py"), "test", "--", "-k", "x"]]


def test_script_keeps_to_what_python_38_reads():
    import ast

    ast.parse((ROOT / "start.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_every_sentence_is_there_twice_with_the_same_arguments():
    from string import Formatter

    for code, texts in start.SENTENCES.items():
        vietnamese, english = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts]
        assert vietnamese == english, code


def test_what_stands_after_two_dashes_goes_to_pytest():
    options, rest = start.parse(["test", "--", "-m", "long", "tests/test_house.py"])
    assert (options.mode, rest) == ("test", ["-m", "long", "tests/test_house.py"])


def test_default_is_to_run_for_this_machine_only(monkeypatch):
    for name in ("GIS_HOST", "GIS_PORT", "GIS_STUDIES"):
        monkeypatch.delenv(name, raising=False)
    options, rest = start.parse([])
    assert (options.mode, options.host, options.port, rest) == ("run", "127.0.0.1", 8000, [])


def test_settings_in_the_environment_are_the_defaults(monkeypatch):
    monkeypatch.setenv("GIS_PORT", "8055")
    monkeypatch.setenv("GIS_STUDIES", "elsewhere")
    options, _ = start.parse([])
    assert (options.port, options.studies) == (8055, "elsewhere")
    assert start.parse(["--port", "8066"])[0].port == 8066


def test_arguments_for_pytest_need_the_test_mode(capsys):
    with pytest.raises(SystemExit) as stopped:
        start.parse(["run", "--", "-k", "x"])
    assert stopped.value.code == 2


def test_fresh_environment_counts_as_not_installed(project, venv):
    assert not start.is_installed(venv, project, "run")


def test_complete_installation_is_not_repeated(project, venv, monkeypatch):
    monkeypatch.setattr(start, "pip_install", lambda *given: 0)
    assert start.ensure_packages(venv, "run") == 0
    monkeypatch.setattr(start, "pip_install", lambda *given: pytest.fail("installed again"))
    assert start.ensure_packages(venv, "run") == 0


def test_installing_for_tests_covers_running(project, venv, monkeypatch):
    monkeypatch.setattr(start, "pip_install", lambda *given: 0)
    start.ensure_packages(venv, "test")
    assert start.is_installed(venv, project, "run")


def test_installing_for_running_does_not_cover_tests(project, venv, monkeypatch):
    monkeypatch.setattr(start, "pip_install", lambda *given: 0)
    start.ensure_packages(venv, "run")
    assert not start.is_installed(venv, project, "test")


def test_changed_requirements_are_installed_again(project, venv, monkeypatch):
    monkeypatch.setattr(start, "pip_install", lambda *given: 0)
    start.ensure_packages(venv, "test")
    (project / "requirements-dev.txt").write_text("-r requirements.txt\npytest==9.3.0\n", encoding="utf-8")
    assert start.is_installed(venv, project, "run")
    assert not start.is_installed(venv, project, "test")


def test_line_endings_do_not_change_the_fingerprint(project):
    before = start.fingerprint(project, "run")
    (project / "requirements.txt").write_bytes(b"flask==3.1.3\r\n")
    assert start.fingerprint(project, "run") == before


def test_failed_installation_leaves_no_stamp_and_a_broken_environment(project, venv, monkeypatch, capsys):
    monkeypatch.setattr(start, "works", lambda command: True)
    monkeypatch.setattr(start, "pip_install", lambda *given: 1)
    assert start.ensure_packages(venv, "run") == 1
    assert not start.is_installed(venv, project, "run")
    assert not start.is_healthy(venv)
    assert "could not be installed" in capsys.readouterr().out


def test_environment_without_python_is_broken(venv):
    assert not start.is_healthy(venv)


def test_environment_that_runs_these_tests_is_healthy():
    assert start.works([sys.executable, "-c", "pass"])
    assert not start.works([sys.executable, "-c", "raise SystemExit(3)"])
    assert not start.works([sys.executable + "-that-is-not-there"])


def test_missing_venv_module_is_named(project, monkeypatch, capsys):
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    assert start.ensure_venv(start.VENV) == 1
    assert "sudo apt install python3-venv" in capsys.readouterr().out
    assert not start.VENV.exists()


def test_broken_environment_is_made_anew(project, venv, monkeypatch, capsys):
    (venv / "rest").write_text("of an interrupted start")
    site = start.site_packages(venv)

    def make(command, env):
        assert command[1:] == ["-m", "venv", str(venv)]
        assert not (venv / "rest").exists()
        site.mkdir(parents=True)
        return 0

    answers = iter([False, True])
    monkeypatch.setattr(start, "is_healthy", lambda venv: next(answers))
    monkeypatch.setattr(start.subprocess, "call", make)
    assert start.ensure_venv(venv) == 0
    assert "making it anew" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="the folders of an environment differ on Windows")
def test_link_leads_from_the_environment_to_the_project(project, venv):
    site = venv / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    start.link_project(venv, project)
    line = (site / "langmap.pth").read_text(encoding="ascii").strip()
    assert (site / line).resolve() == project.resolve()


def test_linked_product_is_found_from_any_folder(tmp_path):
    import sysconfig

    if not (Path(sysconfig.get_path("purelib")) / "langmap.pth").exists():
        pytest.skip("these tests do not run in the environment of start.py")
    command = [sys.executable, "-c", "import gis; print(gis.__file__)"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert Path(said.strip()) == ROOT / "gis" / "__init__.py"


def test_installing_compiles_nothing_and_asks_nothing():
    command = start.pip_command("python", "requirements.txt")
    assert command[-2:] == ["-r", "requirements.txt"]
    assert command[command.index("--only-binary") + 1] == ":all:"
    assert start.environment()["PIP_NO_INPUT"] == "1"


def test_started_programs_inherit_nothing_of_another_installation(monkeypatch):
    for name in start.FOREIGN:
        monkeypatch.setenv(name, "elsewhere")
    assert not set(start.FOREIGN) & set(start.environment())
    assert start.environment(CHROMIUM="x")["CHROMIUM"] == "x"


def test_failure_of_pip_shows_what_pip_said(project, monkeypatch, capsys):
    failing = [sys.executable, "-c", "print('Collecting flask'); print('ERROR: no way'); raise SystemExit(1)"]
    monkeypatch.setattr(start, "pip_command", lambda python, file: failing)
    assert start.pip_install("python", "requirements.txt", 1) == 1
    assert "ERROR: no way" in capsys.readouterr().out


def test_success_of_pip_is_quiet(project, monkeypatch, capsys):
    passing = [sys.executable, "-c", "print('Collecting flask')"]
    monkeypatch.setattr(start, "pip_command", lambda python, file: passing)
    assert start.pip_install("python", "requirements.txt", 1) == 0
    assert capsys.readouterr().out == ""


def test_sample_is_made_once_and_only_whole(project, monkeypatch):
    made = []

    def make(command, **given):
        folder = Path(command[command.index("sample") + 1])
        folder.mkdir()
        (folder / "study.yaml").write_text("id: x\n", encoding="utf-8")
        made.append(folder.name)
        return 0

    monkeypatch.setattr(start.subprocess, "call", make)
    assert start.ensure_sample() == 0
    assert start.ensure_sample() == 0
    assert made == [start.SAMPLE]
    assert [path.name for path in (project / "studies").iterdir()] == [start.SAMPLE]


def test_failed_sample_leaves_nothing_that_looks_complete(project, monkeypatch, capsys):
    def fail(command, **given):
        Path(command[command.index("sample") + 1]).mkdir()
        return 3

    monkeypatch.setattr(start.subprocess, "call", fail)
    assert start.ensure_sample() == 3
    assert list((project / "studies").iterdir()) == []


def test_options_reach_the_server_as_settings(tmp_path):
    options = SimpleNamespace(host="127.0.0.1", port=8123, studies=str(tmp_path))
    settings = start.server_environment(options)
    assert (settings["GIS_HOST"], settings["GIS_PORT"]) == ("127.0.0.1", "8123")
    assert Path(settings["GIS_STUDIES"]) == tmp_path


def test_busy_port_is_named_before_anything_is_installed(monkeypatch, capsys):
    import socket

    monkeypatch.setattr(start, "prepare", lambda purpose: pytest.fail("began to install"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert start.main(["--port", str(port)]) == 1
        assert f"--port {port + 1}" in capsys.readouterr().out
    assert not start.answers("127.0.0.1", port)


def test_listening_everywhere_is_reached_here():
    assert start.reachable("0.0.0.0") == "127.0.0.1"
    assert start.reachable("10.0.0.4") == "10.0.0.4"


def test_status_of_the_server_is_the_status_of_the_script(monkeypatch, capsys):
    failing = [sys.executable, "-c", "raise SystemExit(5)"]
    popen = start.subprocess.Popen
    monkeypatch.setattr(start.subprocess, "Popen", lambda command, **given: popen(failing))
    monkeypatch.setattr(start.signal, "signal", lambda *given: None)
    options = SimpleNamespace(host="127.0.0.1", port=1, studies=None, no_browser=True)
    assert start.serve(options, "http://127.0.0.1:1/") == 5
    assert "code 5" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="stands for browsers with shell scripts")
def test_browser_named_by_the_user_comes_first_and_stubs_are_passed_over(tmp_path, monkeypatch):
    def script(name, status):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\nexit {status}\n")
        path.chmod(0o755)
        return str(path)

    stub, real = script("chromium-browser", 1), script("google-chrome", 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(start, "MAC_BROWSERS", ())
    assert start.find_chromium() == real
    monkeypatch.setenv("CHROMIUM", script("my browser", 0))
    assert start.find_chromium() == str(tmp_path / "my browser")
    monkeypatch.setenv("CHROMIUM", stub)
    assert start.find_chromium() == real


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("ID=debian\nVERSION_ID=12\n", "debian"),
        ("ID=ubuntu\nID_LIKE=debian\n", "ubuntu"),
        ('ID=fedora\nID_LIKE="rhel centos"\n', "other"),
        ("", "other"),
    ],
)
def test_family_of_the_system(text, family):
    assert start.linux_family(text) == family


def test_ubuntu_is_told_about_the_snap_and_nothing_is_installed(monkeypatch, capsys):
    monkeypatch.setattr(start, "read_os_release", lambda: "ID=ubuntu\n")
    monkeypatch.setattr(start, "install_rights", list)
    monkeypatch.setattr(start.subprocess, "call", lambda *given, **more: pytest.fail("tried to install"))
    assert start.install_chromium() is None
    assert "snap install chromium" in capsys.readouterr().out


def test_debian_gets_chromium_a_font_for_vietnamese_and_what_the_driver_needs(monkeypatch):
    called = []
    monkeypatch.setattr(start, "read_os_release", lambda: "ID=debian\n")
    monkeypatch.setattr(start, "install_rights", lambda: ["sudo", "-n"])
    monkeypatch.setattr(start, "find_chromium", lambda: "found")
    monkeypatch.setattr(start.subprocess, "call", lambda command, **given: called.append(command) and 0)
    assert start.install_chromium() == "found"
    assert called[0][:4] == ["sudo", "-n", "apt-get", "update"]
    assert called[1][-3:] == ["chromium", "fonts-dejavu-core", "libatomic1"]


def test_without_rights_the_missing_browser_is_named(monkeypatch, capsys):
    monkeypatch.setattr(start, "read_os_release", lambda: "ID=debian\n")
    monkeypatch.setattr(start, "install_rights", lambda: None)
    assert start.install_chromium() is None
    assert "will be skipped by name" in capsys.readouterr().out


@pytest.mark.parametrize("rights", [[], ["sudo", "-n"]])
def test_debian_and_ubuntu_get_a_database_for_the_tests(monkeypatch, capsys, rights):
    called = []
    monkeypatch.setattr(start, "read_os_release", lambda: "ID=ubuntu\n")
    monkeypatch.setattr(start, "install_rights", lambda: rights)
    monkeypatch.setattr(start, "has_postgres", lambda: len(called) == 2)
    monkeypatch.setattr(start.subprocess, "call", lambda command, **given: called.append(command) and 0)
    start.install_postgres()
    assert [command[: len(rights) + 2] for command in called] == [
        [*rights, "apt-get", "update"],
        [*rights, "apt-get", "install"],
    ]
    assert called[1][-1] == "postgresql"
    assert "skipped by name" not in capsys.readouterr().out


def test_without_rights_the_missing_database_is_named(monkeypatch, capsys):
    monkeypatch.setattr(start, "read_os_release", lambda: "ID=debian\n")
    monkeypatch.setattr(start, "install_rights", lambda: None)
    monkeypatch.setattr(start, "has_postgres", lambda: False)
    start.install_postgres()
    assert "sudo apt install postgresql" in capsys.readouterr().out


def test_modes_are_the_ones_the_makefile_uses():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    used = {line.split("start.py", 1)[1].split()[0] for line in makefile.splitlines() if "start.py " in line}
    assert used == {"run", "test", "setup"}
