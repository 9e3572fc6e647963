"""The files that decide about a study, and whether one of them is still what it was."""

import glob
from collections.abc import Mapping
from itertools import islice

from gis.criteria import FOLDER
from gis.errors import GisError
from gis.yamltext import read_yaml

MOST_FILES = 5_000


def files_named(path):
    """The study file, its criteria set and every input it names, as far as it can be read; never fails.

    Parameters
    ----------
    path : Path
        The study file. Names in it are relative to its folder; the files need not exist.

    Returns
    -------
    tuple of Path
    """
    try:
        data, _ = read_yaml(path)
    except GisError:
        return (path,)
    data = data if isinstance(data, Mapping) else {}
    layers, sheets, criteria = data.get("layers"), data.get("assessments"), data.get("criteria")
    entries = [*(layers.values() if isinstance(layers, Mapping) else ())]
    entries += sheets if isinstance(sheets, list) else []
    names = [entry.get("file") for entry in entries if isinstance(entry, Mapping)]
    files = [path.parent / name for name in names if isinstance(name, str)]
    if isinstance(criteria, str):
        of_the_house = not criteria.endswith((".yaml", ".yml")) and "/" not in criteria
        files.append(FOLDER / f"{criteria}.yaml" if of_the_house else path.parent / criteria)
    return (path, *files)


def files_beside(path):
    """What a study that failed may be waiting for: the files in its own folder, which it need not name."""
    found = path.parent.rglob("*") if path.name == "study.yaml" else path.parent.glob("*")
    return tuple(sorted(islice((file for file in found if file.is_file()), MOST_FILES)))


def stamps(paths):
    """File to time and size, None where there is no such file."""
    return {file: _stamp(file) for path in paths for file in _parts(path)}


def _parts(path):
    # a shapefile is several files of one name
    if path.suffix.lower() != ".shp":
        return (path,)
    return (path, *sorted(path.parent.glob(f"{glob.escape(path.stem)}.*")))


def _stamp(path):
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size
