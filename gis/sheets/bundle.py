"""Papers and sheets as files: one of a kind in a format, or those of all communes in one archive."""

import zipfile
from dataclasses import dataclass

from gis.errors import PaperError
from gis.sheets.annexes import OF_ONE_COMMUNE, PAPERS, annex, file_name
from gis.sheets.commune import commune_sheet
from gis.sheets.document import to_docx
from gis.sheets.pdfpaper import to_pdf
from gis.sheets.picture import to_png
from gis.sheets.village import village_sheet
from gis.sheets.workbook import to_xlsx

SHEETS = ("village-sheet", "commune-sheet")
KINDS = (*PAPERS, *SHEETS)
WRITERS = {"xlsx": to_xlsx, "docx": to_docx, "pdf": to_pdf}
FORMATS = {
    "xlsx": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (".pdf", "application/pdf"),
    "png": (".png", "image/png"),
    "a4": ("-a4.pdf", "application/pdf"),
}
"""Format to the end of its file's name and its media type; ``a4`` is a sheet as a PDF for printing."""


@dataclass(frozen=True)
class File:
    """A finished file: its name in ASCII, its media type, its bytes."""

    name: str
    mimetype: str
    content: bytes


def formats_of(kind):
    """The formats in which a kind of paper or sheet can be had."""
    return tuple(WRITERS) if kind in PAPERS else ("pdf", "png", "a4")


def make(review, kind, format, language, *, commune=None, village=None, heading=None, evidence=None):
    """One paper or sheet as a file.

    Parameters
    ----------
    review : Review
    kind : str
        One of `KINDS`.
    format : str
        One of `formats_of(kind)`.
    language : str
    commune, village : str, optional
        What it is about, where the kind asks for it.
    heading : Heading, optional
        Of a paper.
    evidence : Mapping of str to list of str, optional
        Village id to the lines on its sheet.

    Raises
    ------
    PaperError
        If there is no such kind, format, commune or village, or they do not go together.
    """
    if kind not in KINDS:
        raise PaperError("papers-no-kind", kind=str(kind)[:60], known=" | ".join(KINDS))
    if format not in formats_of(kind):
        raise PaperError("papers-no-format", format=str(format)[:60], known=list(formats_of(kind)))
    if village is not None and kind != "village-sheet":
        raise PaperError("papers-not-of-village", kind=kind)
    suffix, mimetype = FORMATS[format]
    if kind in PAPERS:
        paper = annex(review, kind, language, commune=commune, heading=heading)
        return File(paper.name + suffix, mimetype, WRITERS[format](paper))
    if kind == "village-sheet":
        if village is None:
            raise PaperError("papers-needs-village")
        lines = (evidence or {}).get(village, ())
        pdf = village_sheet(review, village, language, evidence=lines, paper=format == "a4")
        name = file_name(kind, village)
    else:
        if commune is None:
            raise PaperError("papers-needs-commune", kind=kind)
        pdf = commune_sheet(review, commune, language, paper=format == "a4")
        name = file_name(kind, commune)
    return File(name + suffix, mimetype, to_png(pdf) if format == "png" else pdf)


def parts_of(review, kind, *, commune=None):
    """What the archive of a kind holds: one keyword of `make` for each file, communes or villages by id.

    Raises
    ------
    PaperError
        If the kind is one paper of all communes, or there is no such commune.
    """
    if commune is not None and commune not in review.communes.index:
        raise PaperError("papers-no-commune-id", commune=str(commune)[:60])
    if kind == "village-sheet":
        return [{"village": id_} for id_ in review.select(commune=commune).index]
    if kind not in (*OF_ONE_COMMUNE, "recognition", "commune-sheet"):
        raise PaperError("papers-of-all", kind=kind)
    return [{"commune": id_} for id_ in (sorted(review.communes.index) if commune is None else [commune])]


def make_each(review, kind, format, language, parts, **options):
    """Each file of an archive, made when it is asked for; no two have one name.

    Parameters
    ----------
    parts : list of dict
        As `parts_of` gives them.
    **options
        Of `make`.
    """
    taken = set()
    for part in parts:
        made = make(review, kind, format, language, **part, **options)
        name, number = made.name, 1
        while name in taken:
            number += 1
            stem, _, suffix = made.name.rpartition(".")
            name = f"{stem}-{number}.{suffix}"
        taken.add(name)
        yield File(name, made.mimetype, made.content)


def zipped(files):
    """An archive of files, piece by piece as they are made; the same for the same files."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            part = zipfile.ZipInfo(file.name, (2000, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, file.content)
            yield pipe.taken()
    yield pipe.taken()


class _Pipe:
    """What is written into it can be taken out once."""

    def __init__(self):
        self._pieces = []

    def write(self, data):
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self):
        pass

    def taken(self):
        """All that was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
