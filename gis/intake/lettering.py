"""Text of formats whose bytes were read as letters: given its true encoding, or asked for."""

import pyarrow as pa

from gis.errors import IntakeError
from gis.intake.texts import codec_named, notes_on, redecode


def lettered(columns, source, asked, stated):
    """Columns in their true encoding.

    Parameters
    ----------
    columns : list of (str, pa.Array)
        Names and text as ISO 8859-1, in which every byte is one letter; other columns stay as they are.
    source : Source
    asked : str or None
        The encoding that the owner says.
    stated : str or None
        The codec that the file states and that can be believed. Most programs write "Latin 1" whatever the
        text is, so that is none.

    Returns
    -------
    columns : list of (str, pa.Array)
    codec : str
    problems : list of Problem

    Raises
    ------
    IntakeError
        If the bytes are not of the encoding, or none is known and they are not UTF-8.
    """
    is_text = [pa.types.is_string(values.type) for _, values in columns]
    raw = [
        (name, values.to_pylist() if text else [])
        for (name, values), text in zip(columns, is_text, strict=True)
    ]
    codec = codec_named(asked, source.name) if asked else None
    decoded = None
    if codec is None and stated is not None:
        # Text that reads as UTF-8 from end to end is UTF-8, whatever the file says of it.
        try:
            decoded, cut = redecode(raw, None, source.name, told=None)
        except IntakeError:
            codec = stated
    if decoded is None:
        decoded, cut = redecode(raw, codec, source.name, told=asked or stated)
    whole = [
        (name, pa.array(values, pa.string()) if text else column)
        for (name, values), (_, column), text in zip(decoded, columns, is_text, strict=True)
    ]
    return whole, codec or "utf-8", notes_on(cut)
