"""Files that come in at the same time: which of them are parts of one, and what such a set lacks."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from gis.errors import IntakeError, Problem
from gis.names import fold

FAMILIES = (
    # main part, what it cannot do without, what may come with it
    ("shp", ("shx", "dbf"), ("prj", "cpg", "cst", "qix", "qpj", "sbn", "sbx")),
    ("tab", ("dat", "map", "id"), ("ind",)),
    ("mif", ("mid",), ()),
)
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Group:
    """Files that are one upload.

    Attributes
    ----------
    name : str
        How the upload is called; a set is called like its main part and packed as a zip.
    positions : tuple of int
        Which of the given files belong to it, the main part first.
    """

    name: str
    positions: tuple

    @property
    def is_set(self):
        """Whether it has to be packed."""
        return len(self.positions) > 1


def group_parts(names):
    """Put files together that are parts of one, such as the .shp, .shx and .dbf of a shapefile.

    Parameters
    ----------
    names : list of str
        As their owner calls them; a path before a name does not count.

    Returns
    -------
    list of Group
        In the order of their first file.

    Raises
    ------
    IntakeError
        If a set lacks a part that it cannot do without; all such sets at once.

    Examples
    --------
    >>> [group.name for group in group_parts(["truong.dbf", "xa.gpkg", "truong.shp", "truong.shx"])]
    ['truong.zip', 'xa.gpkg']
    """
    split = [_split(name) for name in names]
    groups, taken, problems = [], set(), []
    for position, (stem, ending) in enumerate(split):
        if position in taken:
            continue
        family = next((family for family in FAMILIES if ending in (family[0], *family[1])), None)
        if family is None and any(ending in more for _, _, more in FAMILIES):
            family = next(family for family in FAMILIES if ending in family[2])
        if family is None:
            groups.append(Group(_last_part(names[position]), (position,)))
            continue
        main, needed, more = family
        order = {part: number for number, part in enumerate((main, *needed, *more))}
        found = {}
        for other, (other_stem, other_ending) in enumerate(split):
            if other_stem == stem and other_ending in order:
                found.setdefault(other_ending, other)
        taken |= set(found.values())
        missing = [f".{part}" for part in (main, *needed) if part not in found]
        if missing:
            arguments = {"file": _last_part(names[position]), "missing": missing}
            problems.append(Problem("upload-parts-missing", arguments, "error"))
        first = _last_part(names[found.get(main, position)])
        positions = tuple(found[part] for part in sorted(found, key=order.get))
        groups.append(Group(f"{PurePosixPath(first).stem}.zip", positions))
    if problems:
        raise IntakeError(problems=problems)
    return groups


def pack(target, name, parts):
    """Write the parts of a set into one zip under plain names.

    Parameters
    ----------
    target : file object
        Open for binary writing.
    name : str
        Of the set; the parts are called after it.
    parts : iterable of (str, file object)
        Name and content of each part.
    """
    stem = re.sub(r"[^a-z0-9]+", "_", fold(PurePosixPath(name).stem)).strip("_") or "tep"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, file in parts:
            # Always the same date, so that the same parts are the same bytes.
            member = zipfile.ZipInfo(f"{stem[:60]}.{_split(part)[1]}", (2000, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w", force_zip64=True) as sink:
                while piece := file.read(CHUNK_BYTES):
                    sink.write(piece)


def _last_part(name):
    return re.split(r"[/\\]", str(name))[-1].strip()[:200] or "-"


def _split(name):
    """The folded stem and the ending of a name; of ``xa.shp.xml`` the ending is ``xml``."""
    stem, _, ending = _last_part(name).rpartition(".")
    return stem.casefold(), ending.casefold()
