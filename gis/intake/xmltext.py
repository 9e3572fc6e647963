"""XML by the standard library alone: no driver sees the file, and nothing that it declares is followed."""

from xml.etree import ElementTree
from xml.parsers import expat

from gis.errors import IntakeError

MOST_LEVELS = 200


def parsed(source):
    """The root element of an XML file.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Element

    Raises
    ------
    IntakeError
        If the file has a document type (the place of entities, which can fetch or explode), is nested deeper
        than any map, or is no XML.
    """
    octets = source.path.read_bytes()
    _check(octets, source.name)
    try:
        return ElementTree.fromstring(octets)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise IntakeError("intake-damaged", file=source.name, reason=str(error)[:160]) from None


def _check(octets, file):
    """Look through the whole text once before anything is built from it."""
    depth = 0

    def doctype(*_):
        raise IntakeError("intake-xml-doctype", file=file)

    def start(*_):
        nonlocal depth
        depth += 1
        if depth > MOST_LEVELS:
            raise IntakeError("intake-too-deep", file=file)

    def end(*_):
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(octets, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise IntakeError("intake-damaged", file=file, reason=str(error)[:160]) from None


def tag(element):
    """The name of an element without its namespace; "" for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element, name):
    """The first child of this name, or None."""
    return next((inner for inner in element if tag(inner) == name), None)


def text_of(element, name):
    """The text of the first child of this name; None where there is none or it is blank."""
    found = child(element, name)
    return stripped(found)


def stripped(element):
    """The text of an element, None where it is blank."""
    text = "" if element is None else "".join(element.itertext()).strip()
    return text or None
