"""Bytes of older Vietnamese files: their encodings, and which of them a text is in.

Only the standard library is used here, since the reading process has to load it.
"""

from gis.encodings.guessing import Alternative, EncodingGuess, guess_encoding
from gis.encodings.tables import decode, octets_of

__all__ = ["Alternative", "EncodingGuess", "decode", "guess_encoding", "octets_of"]
