"""A sheet as a picture to send: 1,080 pixels wide, below a megabyte."""

import io

import pypdfium2
from PIL import Image

from gis.errors import PaperError
from gis.sheets.fonts import DRAWING

WIDTH_PX = 1080
MOST_BYTES = 1_000_000
MOST_PIXELS_HIGH = 16_000
"""A longer sheet becomes narrower, for the programs that show pictures have their limits."""

SHARES = (1.0, 0.75, 0.5)
"""Of the width, until the picture is small enough."""


def to_png(pdf):
    """The first page of a PDF as a PNG below a megabyte; the same for the same bytes.

    Raises
    ------
    PaperError
        If not even the smallest picture is small enough.
    """
    with DRAWING:
        document = pypdfium2.PdfDocument(pdf)
        try:
            page = document[0]
            wide, high = page.get_size()
            scale = min(WIDTH_PX / wide, MOST_PIXELS_HIGH / high)
            picture = page.render(scale=scale).to_pil().convert("RGB")
            page.close()
        finally:
            document.close()
    for share in SHARES:
        size = (round(picture.width * share), round(picture.height * share))
        smaller = picture if share == 1 else picture.resize(size, Image.Resampling.LANCZOS)
        target = io.BytesIO()
        # few flat colours: a palette is a third of the size and looks the same; this way of choosing it keeps rare ones
        palette = smaller.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        palette.save(target, "PNG")
        if target.tell() < MOST_BYTES:
            return target.getvalue()
    raise PaperError("papers-picture-too-large", pixels=picture.height)
