"""One file to carry away: a zip whose list of contents names every member with its size and SHA-256.

Nothing of a foreign archive is written by the name it brings along: members are looked up by names of a
known form, read no further than their stated size, and compared with their hash.
"""

import contextlib
import hashlib
import json
import re
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import gis
from gis.errors import StoreError
from gis.store.files import CHUNK_BYTES

LIST = "manifest.json"
FORMAT = 1
LIST_BYTES = 64_000_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,3}\Z")
PACKED = (".parquet", ".npz", ".gpkg", ".xlsx", ".tif", ".bin", ".gz")
"""Endings of what is compressed already, or does not gain by it."""
SAME_DAY = (1980, 1, 1, 0, 0, 0)


class Writer:
    """Writes an archive; a context manager that puts the list of contents last."""

    def __init__(self, path, kind, **about):
        self.zip = zipfile.ZipFile(path, "w", allowZip64=True)
        self.about = {"kind": kind, "format": FORMAT, "program": gis.__version__, **about}
        self.members = {}

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if failure[0] is None:
            text = json.dumps({**self.about, "members": self.members}, ensure_ascii=False, indent=1)
            self.zip.writestr(zipfile.ZipInfo(LIST, SAME_DAY), text, zipfile.ZIP_DEFLATED)
        self.zip.close()

    def add(self, name, pieces):
        """Add a member from pieces of bytes."""
        member = zipfile.ZipInfo(name, SAME_DAY)
        member.compress_type = zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self.zip.open(member, "w", force_zip64=True) as sink:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                sink.write(piece)
        self.members[name] = {"sha256": digest.hexdigest(), "size": size}

    def add_file(self, name, path):
        """Add a file."""
        with open(path, "rb") as file:
            self.add(name, pieces_of(file))


class Archive:
    """An archive of ours, open for reading and checked as far as its list goes.

    Attributes
    ----------
    about : dict
        What its list says beside the members.
    members : dict
        Name to its ``sha256`` and ``size``.
    """

    def __init__(self, path, kind):
        self.name = Path(path).name
        with self._told():
            self.zip = zipfile.ZipFile(path)
            try:
                self.about, self.members = self._listed(kind)
            except BaseException:
                self.zip.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.zip.close()

    def verify(self):
        """Read every member through.

        Raises
        ------
        StoreError
            If one is not what the list says.
        """
        for name in self.members:
            for _ in self.pieces(name):
                pass

    def pieces(self, name):
        """The content of a member, piece by piece; what differs from the list is refused at its end."""
        if name not in self.members:
            raise StoreError("archive-damaged", file=self.name, member=name)
        stated, size, digest = self.members[name], 0, hashlib.sha256()
        with self._told(), self.zip.open(name) as source:
            while piece := source.read(CHUNK_BYTES):
                size += len(piece)
                if size > stated["size"]:
                    break
                digest.update(piece)
                yield piece
        if size != stated["size"] or digest.hexdigest() != stated["sha256"]:
            raise StoreError("archive-damaged", file=self.name, member=name)

    def lines(self, name):
        """The JSON values of a member that holds one a line."""
        rest = b""
        try:
            for piece in self.pieces(name):
                *whole, rest = (rest + piece).split(b"\n")
                for line in whole:
                    yield json.loads(line)
        except ValueError as error:
            if isinstance(error, StoreError):
                raise
            raise StoreError("archive-damaged", file=self.name, member=name) from None

    def check_room(self, folder):
        """Refuse what would not fit on the disk.

        Raises
        ------
        StoreError
        """
        total = sum(member["size"] for member in self.members.values())
        if 2 * total > shutil.disk_usage(folder).free:
            raise StoreError("store-full", reason=f"{2 * total / 1e6:.0f} MB")

    def _listed(self, kind):
        entries = self.zip.infolist()
        names = [entry.filename for entry in entries]
        if LIST not in names:
            raise StoreError("archive-foreign", file=self.name)
        with self.zip.open(LIST) as source:
            text = source.read(LIST_BYTES + 1)
        try:
            about = json.loads(text)
            members = about.pop("members")
            well = all(
                NAME.match(name) and int(stated["size"]) >= 0 and len(stated["sha256"]) == 64
                for name, stated in members.items()
            )
            found, edition = about["kind"], int(about["format"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StoreError("archive-damaged", file=self.name, member=LIST) from None
        if found != kind:
            raise StoreError("archive-foreign", file=self.name)
        if edition > FORMAT:
            raise StoreError("store-newer", found=f"format {edition}", known=f"format {FORMAT}")
        encrypted = any(entry.flag_bits & 1 for entry in entries)
        if not well or encrypted or sorted(names) != sorted([*members, LIST]):
            raise StoreError("archive-damaged", file=self.name, member=LIST)
        return about, members

    @contextlib.contextmanager
    def _told(self):
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, NotImplementedError):
            raise StoreError("archive-damaged", file=self.name, member="zip") from None
        except OSError as error:
            raise StoreError("archive-unreadable", file=self.name, reason=error.strerror or "") from error


def pieces_of(file):
    """The content of an open file, piece by piece."""
    return iter(lambda: file.read(CHUNK_BYTES), b"")
