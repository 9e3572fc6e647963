"""Bytes ready to be sent: compressed once, named by their content, answered with 304 when known."""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass

from flask import Response, request

from gis.names import fold

COMPRESSED_ALREADY = ("application/zip", "application/pdf", "application/vnd.openxmlformats", "image/png")


@dataclass(frozen=True)
class Payload:
    """One body as it travels; `body` is gzip where `zipped`."""

    body: bytes
    etag: str
    mimetype: str
    zipped: bool


def pack(data, mimetype):
    """A payload of bytes or text."""
    raw = data.encode("utf-8") if isinstance(data, str) else data
    etag = hashlib.sha256(raw).hexdigest()[:20]
    if mimetype.startswith(COMPRESSED_ALREADY) or len(raw) < 400:
        return Payload(raw, etag, mimetype, False)
    return Payload(gzip.compress(raw, 9, mtime=0), etag, mimetype, True)


def packed(body, mimetype):
    """A payload of bytes that are gzip already."""
    return Payload(body, hashlib.sha256(body).hexdigest()[:20], mimetype, True)


def pack_json(data):
    """A payload of plain values; NaN and infinity are a fault here, they must have become None or text."""
    return pack(
        json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")), "application/json"
    )


def send(payload, *, cache="private, no-cache", filename=None):
    """The response for a payload: gzip for those who take it, 304 for those who have it."""
    takes_gzip = payload.zipped and "gzip" in request.accept_encodings
    body = payload.body if takes_gzip or not payload.zipped else gzip.decompress(payload.body)
    response = Response(body, content_type=_content_type(payload.mimetype))
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    if payload.zipped:
        response.headers["Vary"] = "Accept-Encoding"
    # Two encodings of one text are two representations, so each has its own name.
    response.set_etag(payload.etag + ("-z" if takes_gzip else ""))
    response.headers["Cache-Control"] = cache
    if filename:
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name(filename)}"'
    return response.make_conditional(request)


def file_name(text):
    """A name that a header and every file system take: ASCII letters, digits, dots, hyphens, underscores."""
    stem, _, suffix = text.rpartition(".")
    plain = re.sub(r"[^a-z0-9_-]+", "-", fold(stem)).strip("-")[:80]
    return f"{plain or 'langmap'}.{suffix}"


def _content_type(mimetype):
    texts = mimetype.startswith("text/") or mimetype in ("application/javascript", "image/svg+xml")
    return f"{mimetype}; charset=utf-8" if texts else mimetype
