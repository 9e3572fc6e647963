"""From a path to private copies of exactly the parts that will be read, named at random."""

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from gis.errors import IntakeError, Problem
from gis.intake.formats import FORMATS, Format, judge
from gis.intake.unpack import CHUNK_BYTES, decompress, unpack


@dataclass(frozen=True)
class Source:
    """One thing to read: its name for people, its format, the copy of its main part and of its other parts.

    `pick` is the layer or sheet still to be chosen inside it, `sha256` and `size` are of what was given.
    """

    name: str
    stem: str
    format: Format
    path: Path
    parts: dict
    pick: str | None
    sha256: str
    size: int
    folder: Path
    problems: list = field(default_factory=list)


def fetch(path, kind, pick, folder, limits):
    """Copy what is needed of a foreign file into `folder` and judge it.

    Parameters
    ----------
    path : Path
        A regular file; of a shapefile its .shp, the other parts are taken from beside it.
    kind : str
        "vector", "table" or "raster": what the caller wants.
    pick : str or None
        A layer or sheet; in an archive with several files it first chooses the file by its stem.
    folder : Path
        Existing private folder.
    limits : Settings

    Returns
    -------
    Source

    Raises
    ------
    IntakeError
        See `formats.judge` and `unpack.unpack`; also if the file is too large, or of another kind.
    """
    digest = hashlib.sha256()
    copy, size = _copy(path, folder, limits, digest)
    found, name = judge(copy, path.name), path.name
    if found.id == "gzip":
        copy, name = _decompressed(copy, path.name, folder, limits)
        found = judge(copy, name)
        if found.kind == "archive" or found.parts:
            raise IntakeError("intake-zip-nested", file=path.name, member=name)
    if found.kind == "archive":
        return _from_archive(copy, path, kind, pick, folder, limits, (digest.hexdigest(), size))
    _check_kind(found, kind, path.name)
    parts, stem = {}, name[: name.rfind(".")] if "." in name else name
    if found.parts:
        parts, size = _beside(found, path, copy, folder, limits, digest, size)
        copy = parts[found.parts[0]]
    else:
        copy = _with_extension(copy, found)
    problems = []
    if not name.lower().endswith(found.extensions):
        arguments = {"file": path.name, "format": found.id}
        problems.append(Problem("intake-extension-differs", arguments, "note"))
    return Source(path.name, stem, found, copy, parts, pick, digest.hexdigest(), size, folder, problems)


def only_layer(source, own_name=None, also=()):
    """Check the layer asked for in a file that has just one; it goes by the name of the file or its own.

    `also` are names that can be asked for besides and are named in the sentence.

    Raises
    ------
    IntakeError
        If another layer was asked for.
    """
    names = [name for name in (source.stem, own_name) if name]
    if source.pick is not None and source.pick not in names:
        raise IntakeError("intake-layer-missing", file=source.name, layer=source.pick, layers=[*names, *also])


def _copy(path, folder, limits, digest):
    # O_NONBLOCK: should a pipe have taken the file's place, opening it must not wait for a writer.
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise IntakeError("intake-not-found", file=path.name) from None
    except OSError as error:
        raise IntakeError("intake-unreadable", file=path.name, reason=error.strerror or "") from None
    with open(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise IntakeError("intake-not-a-file", file=path.name)
        _check_size(status.st_size, path.name, limits)
        target = folder / f"{secrets.token_hex(8)}.part"
        size = 0
        with open(target, "xb") as sink:
            while piece := file.read(CHUNK_BYTES):
                size += len(piece)
                _check_size(size, path.name, limits)
                digest.update(piece)
                sink.write(piece)
    return target, size


def _check_size(size, name, limits):
    if size > limits.reader_file_mb * 1_000_000:
        found = round(size / 1_000_000, 1)
        raise IntakeError("intake-too-large", file=name, found_mb=found, limit_mb=limits.reader_file_mb)


def _beside(found, path, copy, folder, limits, digest, size):
    parts = {found.parts[0]: copy}
    for entry in sorted(path.parent.iterdir()):
        extension = entry.suffix.lower()
        if (
            entry.stem == path.stem
            and extension in found.parts[1:]
            and extension not in parts
            and entry.is_file()
        ):
            digest.update(extension.encode())
            parts[extension], more = _copy(entry, folder, limits, digest)
            size += more
    return _aligned(found, parts, folder, path.name), size


def _aligned(found, parts, folder, name):
    """The parts of one layer renamed so that they stand together in a folder of their own."""
    missing = [part for part in found.needed if part not in parts]
    if missing and found.id == "shapefile":
        raise IntakeError("intake-shapefile-missing", file=name, missing=missing)
    if missing:
        whole = ", ".join((found.parts[0], *found.needed))
        raise IntakeError("intake-part-missing", file=name, missing=missing, parts=whole)
    home = folder / secrets.token_hex(8)
    home.mkdir()
    stem = secrets.token_hex(8)
    return {extension: part.rename(home / f"{stem}{extension}") for extension, part in parts.items()}


def _with_extension(copy, found):
    return copy.rename(copy.with_name(f"{secrets.token_hex(8)}{found.extensions[0]}"))


def _decompressed(copy, name, folder, limits):
    """The file inside a gzip file, and its name: the own one without the last ending."""
    target = folder / f"{secrets.token_hex(8)}.part"
    decompress(copy, target, name=name, limits=limits)
    return target, name[:-3] if name.lower().endswith(".gz") else name


def _from_archive(copy, path, kind, pick, folder, limits, digest_and_size):
    mains = _main_extensions(kind)
    tables = _main_extensions("table") if kind == "vector" else []
    parts = {part for known in FORMATS if known.kind == kind for part in known.parts}
    members, ignored = unpack(copy, folder, {*mains, *tables, *parts}, name=path.name, limits=limits)
    main = [member for member in members if member.extension in mains]
    beside = [member for member in members if member.extension in tables]
    if main:
        ignored = sorted([*ignored, *(member.name for member in beside)])
    else:
        # Only where the archive holds no map layer can a table of coordinates be meant.
        main = beside
    if not main:
        raise IntakeError("intake-zip-nothing", file=path.name, extensions=", ".join(mains))
    named = [member for member in main if pick in (member.stem, member.name)]
    if len(main) > 1 and len(named) != 1:
        code = "intake-layers" if pick is None else "intake-layer-missing"
        layers = [member.name for member in main] if named else [member.stem for member in main]
        raise IntakeError(code, file=path.name, layer=pick, layers=layers)
    chosen = named[0] if named else main[0]
    label = f"{path.name}/{chosen.name}"
    found = judge(chosen.path, label)
    _check_kind(found, kind, label)
    parts, copy = {}, chosen.path
    if found.parts:
        own = {m.extension: m.path for m in members if (m.folder, m.stem) == (chosen.folder, chosen.stem)}
        own = {ext: part for ext, part in own.items() if ext in found.parts} | {found.parts[0]: chosen.path}
        parts = _aligned(found, own, folder, label)
        copy = parts[found.parts[0]]
    else:
        copy = _with_extension(copy, found)
    problems = (
        [Problem("intake-zip-ignored", {"file": path.name, "members": ignored}, "note")] if ignored else []
    )
    left = None if named else pick
    return Source(label, chosen.stem, found, copy, parts, left, *digest_and_size, folder, problems)


def _main_extensions(kind):
    found = [extension for known in FORMATS if known.kind == kind for extension in known.extensions]
    return [extension for extension in found if extension != ".txt"]


def _check_kind(found, kind, name):
    """A table can be asked for as points, where it holds coordinates; nothing else is two things."""
    if found.kind != kind and (found.kind, kind) != ("table", "vector"):
        raise IntakeError(f"intake-not-{kind}", file=name, format=found.id)
