"""The base maps of a folder."""

import hashlib

from gis.basemaps.mbtiles import open_mbtiles
from gis.basemaps.pmtiles import open_pmtiles
from gis.basemaps.tiles import BaseMap
from gis.errors import IntakeError, Problem
from gis.names import fold

READERS = {".mbtiles": open_mbtiles, ".pmtiles": open_pmtiles}
MOST_FILES = 50


def find_base_maps(folder, known=()):
    """Every base map of a folder, in order of its file's name.

    Parameters
    ----------
    folder : Path
        Need not be there.
    known : iterable of BaseMap
        What was found before: a file that is as it was is not opened again.

    Returns
    -------
    tuple of BaseMap
        A file that cannot be used is there too, with its `problem`; of more than `MOST_FILES` files the first.
    """
    before = {(one.name, one.mark): one for one in known}
    found, taken = [], set()
    for path in _files(folder):
        plain = fold(path.stem).replace(" ", "-") or "map"
        free = (plain if n == 1 else f"{plain}-{n}" for n in range(1, MOST_FILES + 2))
        id_ = next(each for each in free if each not in taken)
        taken.add(id_)
        try:
            about = path.stat()
            mark = hashlib.sha256(f"{about.st_size} {about.st_mtime_ns}".encode()).hexdigest()[:12]
            earlier = before.get((path.name, mark))
            if earlier is not None and earlier.id == id_:
                found.append(earlier)
                continue
            found.append(BaseMap(id_, path.name, mark, *READERS[path.suffix.lower()](path)))
        except IntakeError as error:
            found.append(BaseMap(id_, path.name, mark, None, None, error.problems[0]))
        except OSError as error:
            problem = Problem("basemap-unreadable", {"file": path.name, "why": error.strerror or ""}, "error")
            found.append(BaseMap(id_, path.name, "", None, None, problem))
    return tuple(found)


def _files(folder):
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in READERS)
    except OSError:
        return []
    return [path for path in paths if path.is_file()][:MOST_FILES]
