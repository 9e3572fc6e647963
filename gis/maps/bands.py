"""Bands of travel time as a layer of the map: areas with colours, and words in all languages."""

from gis.crs import WGS84
from gis.labels import LANGUAGES
from gis.maps.shapes import encoded
from gis.reaching import COLOURS, UNREACHED, band_text, step_of, title_of


def bands_layer(far):
    """The bands of a `HowFar` as the page draws them."""
    shapes = far.bands.geometry.to_crs(WGS84)
    last = len(far.bands) - 1
    parts = []
    for at, (above, upto) in enumerate(zip(far.bands["above_min"], far.bands["upto_min"], strict=True)):
        shape = encoded(shapes.iloc[at])
        if shape is not None:
            parts.append(
                {
                    "label": {language: band_text(above, upto, language) for language in LANGUAGES},
                    "color": UNREACHED if at == last else COLOURS[step_of(at, last + 1)],
                    "rings": shape["rings"],
                    "bare": at == last,
                }
            )
    label = {language: title_of(far, language) for language in LANGUAGES}
    return {"id": "reach", "label": label, "style": {"color": COLOURS[1]}, "type": "areas", "parts": parts,
            "shown": len(parts), "total": len(parts)}  # fmt: skip
