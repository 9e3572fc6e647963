"""Text of formats whose bytes were read as letters, in its true encoding."""

import pyarrow as pa

from gis.intake.texts import decode_columns


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
        What the file says of itself and can be believed. In MapInfo files and drawings "Latin 1" stands whatever
        the text is, so that is none.

    Returns
    -------
    columns : list of (str, pa.Array)
    codec : str
    problems : list of Problem

    Raises
    ------
    IntakeError
        If the bytes are not of the encoding asked for, or of none that is known.
    """
    is_text = [pa.types.is_string(values.type) for _, values in columns]
    raw = [
        (name, values.to_pylist() if text else [])
        for (name, values), text in zip(columns, is_text, strict=True)
    ]
    decoded, codec, problems = decode_columns(raw, source.name, asked=asked, stated=stated)
    whole = [
        (name, pa.array(values, pa.string()) if text else column)
        for (name, values), (_, column), text in zip(decoded, columns, is_text, strict=True)
    ]
    return whole, codec, problems
