"""Builds one zip that installs and starts LangMap on a computer without a network: `make bundle`.

The computer that builds needs the network once, for the libraries of the platform that the bundle is for; it
may be of another platform itself. What a bundle does where it is unpacked is in `start.py`.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging import tags
from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

import start

ROOT = Path(__file__).resolve().parent
REQUIREMENTS = "requirements.txt"
NOTE = "docs/server/bundle-readme.txt"
NOTE_NAME = "DOC-TRUOC.txt"
TAKEN = ("gis", "layers", "templates", "docs")
FILES = ("server.py", "start.py", "start.cmd", REQUIREMENTS, "README.md", "CHANGELOG.md", "LICENSE")
"""What of the project goes in; tests, measurements and notebooks need libraries that a bundle does not bring."""

FOLDER = "langmap"
NEWEST_GLIBC = 28
"""Debian 10, Ubuntu 20.04 and Red Hat 8 have this version 2.28 of the system's C library, or a later one."""

MANYLINUX = [f"manylinux_2_{minor}_x86_64" for minor in range(NEWEST_GLIBC, 4, -1)]
OLD_NAMES = {
    "manylinux_2_17": "manylinux2014",
    "manylinux_2_12": "manylinux2010",
    "manylinux_2_5": "manylinux1",
}
LINUX = [*MANYLINUX, *(f"{name}_x86_64" for name in OLD_NAMES.values()), "linux_x86_64"]


@dataclass(frozen=True)
class Target:
    """The Python and the system that a bundle is for.

    Attributes
    ----------
    system : str
        ``"windows"`` or ``"linux"``, on a 64-bit processor of Intel's or AMD's kind.
    python : tuple of int
        (3, 13).
    """

    system: str
    python: tuple

    @property
    def platforms(self):
        """Names of the platform as a wheel carries them, the best first."""
        return ["win_amd64"] if self.system == "windows" else LINUX

    @property
    def markers(self):
        """What a condition in a list of requirements finds on the computer that the bundle is for."""
        version = start.written(self.python)
        windows = self.system == "windows"
        return default_environment() | {
            "os_name": "nt" if windows else "posix",
            "sys_platform": "win32" if windows else "linux",
            "platform_system": "Windows" if windows else "Linux",
            "platform_machine": "AMD64" if windows else "x86_64",
            "platform_release": "",
            "platform_version": "",
            "python_version": version,
            "python_full_version": f"{version}.0",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "extra": "",
        }

    @property
    def tags(self):
        """Every tag of a wheel that installs there."""
        own = tags.cpython_tags(self.python, platforms=self.platforms)
        pure = tags.compatible_tags(self.python, f"cp{self.python[0]}{self.python[1]}", self.platforms)
        return {*own, *pure}

    @property
    def name(self):
        """Such as ``windows-python3.13``."""
        return f"{self.system}-python{start.written(self.python)}"


class NotWhole(Exception):
    """The libraries in the folder do not make a bundle; one line for each thing that is wrong."""


def needed(requirements, target):
    """The requirements that hold on the target, from the text of a requirements file.

    Examples
    --------
    >>> text = 'Flask==3.1.3\\n\\n# why\\ncolorama==0.4.6; sys_platform == "win32"\\n'
    >>> [each.name for each in needed(text, Target("linux", (3, 13)))]
    ['Flask']
    """
    lines = (line.strip() for line in requirements.splitlines())
    every = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return [each for each in every if each.marker is None or each.marker.evaluate(target.markers)]


def download_command(folder, requirements, target):
    """The command that brings the libraries of a target into a folder; nothing is compiled."""
    major, minor = target.python
    options = [
        "--no-deps",
        "--only-binary",
        ":all:",
        "--implementation",
        "cp",
        "--progress-bar",
        "off",
        "--quiet",
    ]
    options += ["--python-version", f"{major}.{minor}"]
    for abi in (f"cp{major}{minor}", "abi3", "none"):
        options += ["--abi", abi]
    for platform in target.platforms:
        options += ["--platform", platform]
    # Conditions are of the computer that builds, so they are decided before.
    return [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), *map(pin, requirements)]


def pin(requirement):
    """Name and version of a requirement, without the condition that was found to hold."""
    return f"{requirement.name}{requirement.specifier}"


def check_wheels(folder, requirements, target):
    """Prove from what the wheels themselves say that they install there and bring all that they need.

    Parameters
    ----------
    folder : Path
    requirements : list of Requirement
        From `needed`.
    target : Target

    Returns
    -------
    list of Path
        The wheels, one for each requirement, by name.

    Raises
    ------
    NotWhole
        If one is missing, is for another Python or system, or needs a library that is not in the list.
    """
    found, wrong = {}, []
    for path in sorted(folder.glob("*.whl")):
        name, version, _, wheel_tags = parse_wheel_filename(path.name)
        if not wheel_tags & target.tags:
            wrong.append(f"{path.name}: not for {target.name}")
        found.setdefault(name, {})[version] = path
    chosen = {}
    for each in requirements:
        name = canonicalize_name(each.name)
        fitting = [path for version, path in found.get(name, {}).items() if version in each.specifier]
        if not fitting:
            wrong.append(f"{each}: no library of that version for {target.name}")
        else:
            chosen[name] = fitting[0]
    for name, path in chosen.items():
        for text in requires(path):
            wants = parsed(text)
            if wants is None or not (wants.marker is None or wants.marker.evaluate(target.markers)):
                continue
            other = chosen.get(canonicalize_name(wants.name))
            if other is None or parse_wheel_filename(other.name)[1] not in wants.specifier:
                wrong.append(f"{name}: needs {wants}; add it to {REQUIREMENTS}")
    if wrong:
        raise NotWhole("\n".join(wrong))
    return [chosen[name] for name in sorted(chosen)]


def requires(wheel):
    """What a wheel says it needs, a line each."""
    with zipfile.ZipFile(wheel) as archive:
        inside = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = HeaderParser().parsestr(archive.read(inside).decode("utf-8"))
    return told.get_all("Requires-Dist") or []


def parsed(text):
    """A requirement; None where it is written as nothing reads it any more, and pip passes over it too."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def project_files(root):
    """The files of the project that go in, as names relative to it; what git does not know stays out."""
    command = ["git", "ls-files", "-z", "--", *TAKEN, *FILES]
    said = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.decode("utf-8")
    return sorted(name for name in said.split("\0") if name and (root / name).is_file())


def note_for(text, target, installer):
    """The sheet that lies on top: UTF-8 with a mark and line ends that every Notepad reads."""
    command = "start.cmd" if target.system == "windows" else "python3 start.py"
    python = start.written(target.python)
    bare = "python.org" if installer is None else installer
    return (
        ("\ufeff" + text.format(python=python, command=command, installer=bare))
        .replace("\n", "\r\n")
        .encode("utf-8")
    )


def write_zip(path, files, *, moment):
    """Write the zip whole or not at all; the same files make the same bytes.

    Parameters
    ----------
    path : Path
    files : Mapping of str to Path or bytes
        Name inside to where it lies, or to what it holds.
    moment : tuple of int
        Year, month, day, hour, minute and second that every file gets.
    """
    making = path.with_name(path.name + ".part")
    with zipfile.ZipFile(making, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", moment)
            # Wheels are compressed already.
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            content = files[name]
            archive.writestr(entry, content if isinstance(content, bytes) else content.read_bytes())
    os.replace(making, path)


def make_sample(folder):
    """Make the illustrative district, so that the first start has something to show at once."""
    subprocess.run(
        [sys.executable, *start.sample_command(folder)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def committed_at(root):
    """When the last change was recorded: the time of every file in the zip."""
    said = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=root, check=True, capture_output=True
    ).stdout
    return time.gmtime(int(said))[:6]


def build(target, out, *, wheels, installer=None):
    """Build the bundle of a target.

    Parameters
    ----------
    target : Target
    out : Path
        The folder that the zip is written into.
    wheels : Path
        Where libraries are kept between builds.
    installer : Path, optional
        The installer of Python itself, brought by who builds, to lie in the bundle.

    Returns
    -------
    Path
        The zip; beside it stands its SHA-256.

    Raises
    ------
    NotWhole
        If the libraries do not fit together on the target.
    """
    requirements = needed((ROOT / REQUIREMENTS).read_text(encoding="utf-8"), target)
    wheels.mkdir(parents=True, exist_ok=True)
    if subprocess.call(download_command(wheels, requirements, target)):
        raise NotWhole(f"pip could not bring the libraries for {target.name}; see the lines above")
    chosen = check_wheels(wheels, requirements, target)
    told = {"python": start.written(target.python), "system": target.system}
    files = {name: ROOT / name for name in project_files(ROOT)}
    files |= {f"{start.WHEELS}/{path.name}": path for path in chosen}
    files[f"{start.WHEELS}/{start.BUNDLE}"] = (json.dumps(told) + "\n").encode("utf-8")
    note = (ROOT / NOTE).read_text(encoding="utf-8")
    files[NOTE_NAME] = note_for(note, target, installer and installer.name)
    if installer:
        files[installer.name] = installer
    with tempfile.TemporaryDirectory() as made:
        sample = make_sample(Path(made) / start.SAMPLE)
        files |= {f"studies/{start.SAMPLE}/{name}": path for name, path in sample.items()}
        out.mkdir(parents=True, exist_ok=True)
        path = out / f"langmap-{version()}-{target.name}.zip"
        write_zip(path, files, moment=committed_at(ROOT))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n", encoding="ascii")
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {len(files)} files, {len(chosen)} libraries")
    return path


def version():
    """The version of the product."""
    import gis

    return gis.__version__


def main(argv=None):
    """Build what the command line asks for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bundle.py", description="One zip that installs without a network.")
    parser.add_argument("--system", choices=("windows", "linux"), default="windows", help="what it is for")
    newest = start.written(start.NEWEST)
    known = [f"{start.OLDEST[0]}.{minor}" for minor in range(start.OLDEST[1], start.NEWEST[1] + 1)]
    parser.add_argument("--python", choices=known, default=newest, help="the Python it is for")
    parser.add_argument("--installer", type=Path, help="the installer of Python, to lie in the bundle")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder of the zip")
    options = parser.parse_args(argv)
    if options.installer and not options.installer.is_file():
        parser.error(f"--installer: there is no file {options.installer}")
    major, minor = options.python.split(".")
    target = Target(options.system, (int(major), int(minor)))
    try:
        build(
            target, options.out, wheels=ROOT / "build" / "wheels" / target.name, installer=options.installer
        )
    except NotWhole as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
