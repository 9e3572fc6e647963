"""Documents and photos as evidence, in the child: told by their content, never by their name."""

import os
import zipfile

from gis.errors import IntakeError
from gis.intake import photos

HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
MACROS = "vbaproject.bin"
HEAD_BYTES, TAIL_BYTES = 64, 2048


def look(path, folder, limits):
    """What a file is, and of a photo what it says of itself.

    Parameters
    ----------
    path : Path
    folder : Path
        Takes the small picture of a photo.
    limits : Settings

    Returns
    -------
    dict
        ``kind``; ``about`` of a photo, else None; ``notes``, problems as codes with arguments.

    Raises
    ------
    IntakeError
        If it is no document or photo of the kinds there are, damaged, or too large a picture.
    """
    kind = kind_of(path)
    if kind in photos.FORMATS:
        about, notes = photos.read(path, kind, folder, limits)
        return {"kind": kind, "about": about, "notes": notes}
    return {"kind": kind, "about": None, "notes": []}


def kind_of(path):
    """``"jpg"``, ``"png"``, ``"heic"``, ``"pdf"``, ``"docx"`` or ``"xlsx"``."""
    name = path.name
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
        tail = file.read(TAIL_BYTES)
    if not head:
        raise IntakeError("intake-empty", file=name)
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return "heic"
    if head.startswith(b"%PDF-"):
        if b"%%EOF" not in tail:
            raise IntakeError("attachment-damaged", file=name)
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    raise IntakeError(
        "attachment-old-office" if head.startswith(OLD_OFFICE) else "attachment-kind", file=name
    )


def _office(path):
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise IntakeError("attachment-damaged", file=path.name) from None
    if any(member.lower().endswith(MACROS) for member in members):
        raise IntakeError("attachment-macros", file=path.name)
    kinds = [kind for main, kind in OFFICE.items() if main in members]
    if "[Content_Types].xml" not in members or len(kinds) != 1:
        raise IntakeError("attachment-kind", file=path.name)
    return kinds[0]
