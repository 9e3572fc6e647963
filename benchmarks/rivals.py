"""`python -m benchmarks.rivals`: sets up the rivals that the product does not need itself, in `.venv-rivals`.

Each is installed by itself, so that one that cannot be had here leaves the others. Nothing else installs anything: a
rival that is absent is named in the table and skipped.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import start
from benchmarks.table import ROOT, Absent, told

HOME = ROOT / ".venv-rivals"
PINS = ROOT / "benchmarks" / "requirements.txt"
PACKAGES = {
    "exactextract": ("exactextract", "geopandas"),
    "pandana": ("pandana",),
    "skimage": ("scikit-image",),
    "spopt": ("spopt", "pulp"),
}
"""What to install for each module that `benchmarks.asked` imports."""


def rival(name, inputs):
    """A function that has a rival work on arrays in its own environment, as `compared` asks for it; or `Absent`.

    Parameters
    ----------
    name : str
        A module of `PACKAGES`.
    inputs : dict
        Arrays by name, or frames; `benchmarks.asked` finds them as files.
    """
    if not is_here(name):
        return Absent("`python -m benchmarks.rivals` installs it")

    def work():
        with tempfile.TemporaryDirectory() as folder:
            for label, values in inputs.items():
                if hasattr(values, "to_file"):
                    values.to_file(Path(folder) / f"{label}.gpkg")
                else:
                    np.save(Path(folder) / f"{label}.npy", values)
            seconds, memory = told([start.venv_python(HOME), "-m", "benchmarks.asked", name, folder])
            return seconds, memory, np.load(Path(folder) / "answer.npy")

    return work


def is_here(name):
    """Whether the rivals' environment has a module."""
    python = start.venv_python(HOME)
    return python.exists() and start.works([str(python), "-c", f"import {name}"])


def main():
    """Install what is absent, and say what could not be."""
    python = str(start.venv_python(HOME))
    if not start.works([python, "-c", "import pip"]):
        # Started by a Python inside an environment, the new one must not lean on that.
        own = getattr(sys, "_base_executable", None) or sys.executable
        if subprocess.call([own, "-m", "venv", "--clear", str(HOME)], env=start.environment()):
            return print(f"{HOME} could not be made; the table names what is skipped.", file=sys.stderr)
    install = [python, "-m", "pip", "install", "-q", "-c", str(PINS)]
    for name, packages in PACKAGES.items():
        if not is_here(name):
            words = ", ".join(packages)
            print(f"Installing {words} into {HOME.name} …", flush=True)
            if subprocess.call([*install, *packages], env=start.environment()):
                print(f"{words} could not be installed; the table names what is skipped.", file=sys.stderr)


if __name__ == "__main__":
    main()
