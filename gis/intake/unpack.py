"""Unpacking an archive without trusting it: names checked, bytes counted while they come out."""

import contextlib
import errno
import gzip
import secrets
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gis.errors import IntakeError

NESTED = (".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".kmz")
LITTER = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")
CHUNK_BYTES = 1 << 20
FREE_BYTES = 1 << 20
"""Below this an archive may unpack to any multiple of its own size."""


@dataclass(frozen=True)
class Member:
    """One file of an archive, extracted: its folder, stem and extension there, its path here."""

    name: str
    folder: str
    stem: str
    extension: str
    path: Path


def unpack(path, folder, wanted, *, name, limits):
    """The wanted files of a zip archive, each under a fresh name.

    Parameters
    ----------
    path, folder : Path
        The archive, and an existing folder to extract into.
    wanted : collection of str
        Lower-case extensions, with the dot; other files are left in the archive.
    name : str
        How its owner calls the archive.
    limits : Settings
        `reader_members`, `reader_unpacked_mb` and `reader_ratio` are looked at.

    Returns
    -------
    members : list of Member
        Sorted by name.
    ignored : list of str
        Names of files left in the archive.

    Raises
    ------
    IntakeError
        On names that leave the folder, links, nested or encrypted archives, names given twice, damage, and
        beyond any limit; nothing outside `folder` is ever written.
    """
    with _damage_told(name), zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(archive.infolist()) > limits.reader_members:
            found = len(archive.infolist())
            raise IntakeError("intake-zip-members", file=name, found=found, limit=limits.reader_members)
        members, ignored, seen = [], [], set()
        budget = Budget(name, Path(path).stat().st_size, limits)
        for entry in sorted(entries, key=lambda entry: entry.filename):
            shown = shown_name(entry)
            _check(entry, shown, name)
            inside = PurePosixPath(shown)
            if any(part.lower() in LITTER for part in inside.parts) or inside.name.startswith("._"):
                continue
            if shown.lower() in seen:
                raise IntakeError("intake-zip-damaged", file=name)
            seen.add(shown.lower())
            extension = inside.suffix.lower()
            if extension not in wanted:
                ignored.append(shown)
                continue
            target = Path(folder) / f"{secrets.token_hex(8)}{extension}"
            with archive.open(entry) as source, open(target, "xb") as sink:
                for piece in budget.pieces(source):
                    sink.write(piece)
            members.append(Member(shown, str(inside.parent), inside.stem, extension, target))
    return members, ignored


def decompress(path, target, *, name, limits):
    """Write the one file inside a gzip file, within the limits of an archive.

    Raises
    ------
    IntakeError
        If it is damaged or beyond a limit.
    """
    budget = Budget(name, Path(path).stat().st_size, limits)
    with _damage_told(name), gzip.open(path) as source, open(target, "xb") as sink:
        for piece in budget.pieces(source):
            sink.write(piece)


def repack(path, target, *, name, limits):
    """A stored copy of a zip-based workbook, whose stated sizes are therefore true.

    Raises
    ------
    IntakeError
        As in `unpack`; more members are allowed, since a workbook has one a sheet, picture and chart.
    """
    with (
        _damage_told(name),
        zipfile.ZipFile(path) as archive,
        zipfile.ZipFile(target, "x", zipfile.ZIP_STORED) as copy,
    ):
        entries = archive.infolist()
        if len(entries) > 10 * limits.reader_members:
            raise IntakeError(
                "intake-zip-members", file=name, found=len(entries), limit=10 * limits.reader_members
            )
        budget = Budget(name, Path(path).stat().st_size, limits)
        for entry in entries:
            if entry.is_dir():
                continue
            if entry.flag_bits & 1:
                raise IntakeError("intake-zip-encrypted", file=name)
            with archive.open(entry) as source, copy.open(entry.filename, "w", force_zip64=True) as sink:
                for piece in budget.pieces(source):
                    sink.write(piece)


@contextlib.contextmanager
def _damage_told(name):
    """Every way in which a broken archive fails, as one error."""
    try:
        yield
    except IntakeError:
        raise
    except (
        zipfile.BadZipFile,
        gzip.BadGzipFile,
        zlib.error,
        struct.error,
        EOFError,
        LookupError,
        ValueError,
        RuntimeError,
    ):
        raise IntakeError("intake-zip-damaged", file=name) from None
    except OSError as error:
        # Seeking to where a broken directory points.
        if error.errno != errno.EINVAL:
            raise
        raise IntakeError("intake-zip-damaged", file=name) from None


class Budget:
    """Counts what comes out of one archive and stops it at its limits."""

    def __init__(self, name, packed, limits):
        self.name, self.packed, self.limits, self.out = name, packed, limits, 0

    def pieces(self, source):
        """The content of one member, piece by piece."""
        while piece := source.read(CHUNK_BYTES):
            self.out += len(piece)
            most = self.limits.reader_unpacked_mb * 1_000_000
            if self.out > most:
                raise IntakeError("intake-zip-large", file=self.name, limit_mb=self.limits.reader_unpacked_mb)
            if self.out > max(FREE_BYTES, self.limits.reader_ratio * self.packed):
                raise IntakeError("intake-zip-ratio", file=self.name, limit=self.limits.reader_ratio)
            yield piece


def shown_name(entry):
    """The name of a member; UTF-8 that was stored without saying so is read as UTF-8."""
    if not entry.flag_bits & 0x800:
        try:
            return entry.orig_filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return entry.orig_filename


def _check(entry, shown, name):
    parts = shown.split("/")
    mode = entry.external_attr >> 16
    special = stat.S_IFMT(mode) not in (0, stat.S_IFREG)
    drive = len(parts[0]) > 1 and parts[0][1] == ":"
    if special or drive or "\\" in shown or "\0" in shown or parts[0] == "" or ".." in parts:
        raise IntakeError("intake-zip-unsafe", file=name, member=shown)
    if entry.flag_bits & 1:
        raise IntakeError("intake-zip-encrypted", file=name)
    if PurePosixPath(shown).suffix.lower() in NESTED:
        raise IntakeError("intake-zip-nested", file=name, member=shown)
