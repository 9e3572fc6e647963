"""A paper as a Word document: A4 across, headings repeated, rows whole, page numbers as fields.

The tables are written as XML in one go, for the library's own cells take minutes for a thousand rows. Every text
is escaped on its way.
"""

import io
import zipfile
from datetime import datetime
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from gis.sheets.model import panels, spans

FONT = "Times New Roman"
LEFT, RIGHT, TOP, BOTTOM = 20, 15, 18, 18
WIDTH_MM = 297 - LEFT - RIGHT
TWIPS_A_MM = 1440 / 25.4
COLOURS = {"met": "E3EFF8", "unmet": "FBE5D6", "unknown": "EDEDED"}
MOMENT = datetime(2000, 1, 1)
"""Of the file's making: a fixed one, so that the same paper gives the same bytes."""

CENTRE = WD_ALIGN_PARAGRAPH.CENTER
WARNING = RGBColor(0xA3, 0x3B, 0x00)


def to_docx(paper):
    """The bytes of a paper as a document; the same for the same paper."""
    document = Document()
    _set_up(document, paper)
    _front(document, paper)
    for number, table in enumerate(paper.tables):
        for part in panels(table, WIDTH_MM):
            if part.title or (part.new_page and number):
                title = _paragraph(document, part.title, bold=True, size=12)
                title.paragraph_format.page_break_before = bool(part.new_page and number)
                title.paragraph_format.keep_with_next = True
            document.element.body.insert(-1, _table(part))
            _paragraph(document, "", size=6)
    for text in (*paper.notes, *paper.sources):
        _paragraph(document, text, size=10)
    _signatures(document, paper)
    target = io.BytesIO()
    document.save(target)
    return _settled(target.getvalue())


def _set_up(document, paper):
    """Page, letters, the notice above every page and the number below."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
    section.header_distance = section.footer_distance = Mm(8)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.element.rPr.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{_locale(paper.language)}"/>'))
    style.paragraph_format.space_after = Pt(0)
    about = document.core_properties
    about.title, about.author, about.comments = paper.title[:255], "", ""
    about.language = paper.language
    about.created = about.modified = MOMENT
    if paper.notices:
        above = section.header.paragraphs[0]
        above.alignment = CENTRE
        _run(above, paper.notices[0], bold=True, size=10, colour=WARNING)
    below = section.footer.paragraphs[0]
    # the style of a footer has tab stops of its own, for a page upright
    below.style = style
    below.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH_MM), alignment=2)
    _run(below, f"{paper.foot}\t", size=8)
    before, _, rest = paper.page_words.partition("{page}")
    between, _, after = rest.partition("{pages}")
    for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, None)):
        _run(below, text, size=10)
        if field:
            _field(below, field)


def _locale(language):
    return {"vi": "vi-VN", "en": "en-GB"}[language]


def _front(document, paper):
    """Who hands it in beside the name and motto of the state; the title; what to beware of."""
    left = [(paper.issuer, {"bold": True, "size": 12})]
    right = [
        (text, {"bold": True, "size": 12, "underline": number > 0})
        for number, text in enumerate(paper.national)
    ]
    right.append((paper.place_date, {"italic": True, "size": 12}))
    _side_by_side(document, [left, right])
    _paragraph(document, "", size=6)
    _paragraph(document, paper.title, bold=True, size=14, align=CENTRE)
    for text in paper.subtitle:
        _paragraph(document, text, size=12, align=CENTRE)
    for text in paper.notices:
        _paragraph(document, text, bold=True, size=12, align=CENTRE, colour=WARNING)
    _paragraph(document, "", size=6)


def _signatures(document, paper):
    _paragraph(document, "", size=6)
    _side_by_side(
        document,
        [
            [
                *((text, {"bold": True, "size": 12}) for text in one.office),
                (one.how, {"italic": True, "size": 12}),
            ]
            for one in paper.signatures
        ],
    )
    # a document ends with a paragraph, never with a table
    _paragraph(document, "", size=6)


def _side_by_side(document, columns):
    """Columns of centred lines in a table without borders, whole on one page."""
    table = document.add_table(rows=1, cols=len(columns))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, lines in zip(table.rows[0].cells, columns, strict=True):
        for number, (text, look) in enumerate(lines):
            paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
            paragraph.alignment = CENTRE
            _run(paragraph, text, **look)


def _paragraph(document, text, *, align=None, **look):
    paragraph = document.add_paragraph()
    if align is not None:
        paragraph.alignment = align
    _run(paragraph, text, **look)
    return paragraph


def _run(paragraph, text, *, size, bold=False, italic=False, underline=False, colour=None):
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold, run.italic, run.underline = bold or None, italic or None, underline or None
    if colour is not None:
        run.font.color.rgb = colour


def _field(paragraph, code):
    """A number that the program works out when it shows the page."""
    run = paragraph.add_run()
    run.font.size = Pt(10)
    for kind in ("begin", None, "end"):
        if kind is None:
            piece = OxmlElement("w:instrText")
            piece.set(qn("xml:space"), "preserve")
            piece.text = code
        else:
            piece = OxmlElement("w:fldChar")
            piece.set(qn("w:fldCharType"), kind)
        run._r.append(piece)


def _table(table):
    """A table as an element: borders, the heading on every page, no row cut."""
    stretch = WIDTH_MM / sum(column.width_mm for column in table.columns)
    widths = [round(column.width_mm * stretch * TWIPS_A_MM) for column in table.columns]
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="8C979D"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    margins = "".join(f'<w:{side} w:w="50" w:type="dxa"/>' for side in ("left", "right"))
    grid = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in widths)
    parts = [
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders>{borders}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>",
        *_heading(table.columns, widths),
    ]
    for number, row in enumerate(table.rows):
        bold = number >= len(table.rows) - table.totals
        cells = "".join(
            _cell(cell.text, wide, column.align, bold=bold, fill=COLOURS.get(cell.status, ""))
            for cell, wide, column in zip(row, widths, table.columns, strict=True)
        )
        parts.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
    return parse_xml("".join([*parts, "</w:tbl>"]))


def _heading(columns, widths):
    """The rows of a heading of one storey or two."""
    head = "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{}</w:tr>"
    two = any(column.above for column in columns)
    upper, lower = [], []
    for first, last, text in spans(columns):
        if columns[first].above:
            wide = sum(widths[first : last + 1])
            upper.append(_head_cell(text, wide, f'<w:gridSpan w:val="{last - first + 1}"/>'))
            lower += [_head_cell(columns[at].heading, widths[at]) for at in range(first, last + 1)]
        else:
            upper.append(_head_cell(text, widths[first], '<w:vMerge w:val="restart"/>' if two else ""))
            lower.append(_head_cell("", widths[first], "<w:vMerge/>"))
    return [head.format("".join(upper)), *([head.format("".join(lower))] if two else [])]


def _head_cell(text, wide, merged=""):
    return _cell(text, wide, "center", bold=True, fill="E6ECEF", merged=merged, valign="center")


def _cell(text, wide, align, *, bold=False, fill="", merged="", valign="top"):
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    look = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="18"/></w:rPr>'
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{merged}{shade}<w:vAlign w:val="{valign}"/></w:tcPr>'
        f'<w:p><w:pPr><w:jc w:val="{align}"/></w:pPr><w:r>{look}{lines}</w:r></w:p></w:tc>'
    )


def _settled(content):
    """The same package with one fixed time for all its parts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return target.getvalue()
