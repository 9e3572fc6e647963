"""Maps that open with the network cable out: one file, Leaflet inside, no text from data in any template.

folium makes the skeleton from constants. Whatever comes from a study (names, labels, sentences, sources)
stands in one block of JSON written outside folium, and the page's own script puts it in place as text.
"""

from pathlib import Path

from gis.errors import ExportError
from gis.files import replacing
from gis.maps.content import content_of, json_block
from gis.maps.page import Page, Skeleton

__all__ = ["findings_map", "save_map"]


def findings_map(review, *, language="vi", criterion=None, far=None, height="640px"):
    """An interactive map of a review, for a notebook cell or `save`.

    Parameters
    ----------
    review : Review
    language : str
        Shown first; the page switches between Vietnamese and English.
    criterion : str, optional
        Coloured by this criterion first; by the number of missed criteria where it is None.
    far : HowFar, optional
        Its bands become a layer that is off at first, where the page stays below 10 MB with it.
    height : str
        Of the notebook cell, as CSS writes it.

    Returns
    -------
    folium.Map
        Its page holds everything it needs and asks for nothing from any network.

    Raises
    ------
    ExportError
        If the set holds no such criterion, or the page would fetch something.
    """
    known = [one.id for one in review.study.criteria.criteria]
    if criterion is not None and criterion not in known:
        raise ExportError("map-no-criterion", criterion=criterion, known=known)
    page = Page(json_block(content_of(review, language, criterion, far)), language, height)
    skeleton = Skeleton(
        tiles=None, zoom_start=8, attributionControl=False, zoomSnap=0.25, maxZoom=18, minZoom=4
    )
    # folium numbers its elements at random; the same review must give the same file.
    skeleton._id = "langmap"
    page.add_child(skeleton)
    return skeleton


def save_map(review, path, *, language="vi", criterion=None, far=None):
    """Write the map as one HTML file; return its path.

    Raises
    ------
    ExportError
        If it cannot be written whole; a file that was there before then stays.
    """
    path = Path(path)
    text = findings_map(review, language=language, criterion=criterion, far=far).get_root().render()
    with replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="\n")
    return path
