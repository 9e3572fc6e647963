"""Printed maps of a judged study: one of villages or communes, or an atlas with a page for each commune."""

import io
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from reportlab.pdfgen.canvas import Canvas

from gis.crs import WGS84
from gis.errors import PaperError
from gis.exports import plain
from gis.labels import format_value
from gis.messages import say
from gis.names import fold
from gis.sentences import capital, outcome_word, status_word
from gis.sheets import cells, front
from gis.sheets.fonts import DRAWING, PLAIN, drawable, register
from gis.sheets.mapsheets import shading
from gis.sheets.mapsheets.page import SIZES, Plate, draw_page, extent_of

SHOWN = ("villages", "communes")
PARTS = ("all", "infrastructure")


@dataclass(frozen=True)
class Ask:
    """What a map is to show.

    Attributes
    ----------
    show : str
        ``"villages"``, or ``"communes"`` by the share of their villages that pass.
    criterion : str or None
        One criterion instead of the whole set.
    commune : str or None
        Only the villages of one commune.
    part : str
        Of the set, where no criterion is named.
    villages : tuple of str or None
        Only these of them.
    said : str
        Which villages those are, in words.
    layers : tuple of str
        Laid over the map.
    size : str
        ``"a4"`` or ``"a3"``, across.
    extent : tuple of float or None
        West, south, east, north in degrees; where it holds all that the map is about, that fills the frame.
    date : str
        Printed below, as year-month-day.
    """

    show: str = "villages"
    criterion: str | None = None
    commune: str | None = None
    part: str = "all"
    villages: tuple | None = None
    said: str = ""
    layers: tuple = ()
    size: str = "a4"
    extent: tuple | None = None
    date: str = ""


@dataclass(frozen=True)
class Ground:
    """Shapes and names of a study, made once for all pages; a polygon, or a point where there is none."""

    villages: dict
    places: dict
    names: dict
    communes: dict
    commune_places: dict
    commune_names: dict
    approximate: bool


def map_sheet(review, ask, language):
    """A map as a PDF of one page, the same for the same review and question.

    Parameters
    ----------
    review : Review
    ask : Ask
    language : str

    Returns
    -------
    bytes

    Raises
    ------
    PaperError
        If the study has no place of any village, or there is no such criterion, commune, layer, part or size.
    """
    ground = _ground(review, language)
    _check(review, ask)
    plate = _plate(review, ask, ground, language)
    return _written(review, [plate], ground, ask, language)


def atlas(review, ask, language, *, report=lambda fraction, code, **arguments: None):
    """An atlas as a PDF: the communes by share, then a page for each commune that has villages on the map.

    Parameters
    ----------
    ask : Ask
        `show`, `commune` and `extent` are not looked at.
    report : callable
        Told how far it is after each page; what it raises ends the work.

    Raises
    ------
    PaperError
        As `map_sheet`.
    """
    ground = _ground(review, language)
    _check(review, ask)
    placed = {review.study.villages.at[id_, "commune_id"] for id_ in ground.places}
    names = ground.commune_names
    communes = sorted((id_ for id_ in names if id_ in placed), key=lambda id_: (fold(names[id_]), id_))
    first = Ask(show="communes", criterion=ask.criterion, part=ask.part, layers=(), size=ask.size)
    asked = [first] if communes else []
    asked += [
        Ask(criterion=ask.criterion, part=ask.part, commune=id_, layers=ask.layers, size=ask.size)
        for id_ in communes
    ]
    plates = (_plate(review, one, ground, language) for one in asked or [ask])
    return _written(review, plates, ground, ask, language, pages=len(asked) or 1, report=report)


def _written(review, plates, ground, ask, language, *, pages=1, report=None):
    register()
    target = io.BytesIO()
    canvas = Canvas(
        target, pagesize=SIZES[ask.size], invariant=1, pageCompression=1, lang=language, initialFontName=PLAIN
    )
    for number, plate in enumerate(plates, 1):
        # one page at a time, so that others who print need not wait for a whole atlas
        with DRAWING:
            if number == 1:
                canvas.setTitle(drawable(plate.title))
                canvas.setSubject(drawable(plate.subtitle))
                canvas.setCreator(f"LangMap {review.run.code_version}")
            if pages > 1:
                canvas.bookmarkPage(f"p{number}")
                canvas.addOutlineEntry(drawable(plate.title), f"p{number}", 0)
            draw_page(
                canvas, review, plate, ground, size=ask.size, date=ask.date, number=number, pages=pages,
                language=language,
            )  # fmt: skip
            canvas.showPage()
        if report is not None:
            report(number / pages, "mapsheet-drawing", page=number, pages=pages)
    with DRAWING:
        canvas.save()
    return target.getvalue()


def _check(review, ask):
    known = {
        "show": (ask.show, SHOWN),
        "size": (ask.size, tuple(SIZES)),
        "part": (ask.part, PARTS),
        "criterion": (ask.criterion, tuple(one.id for one in review.criteria.criteria)),
    }
    for name, (given, allowed) in known.items():
        if given is not None and given not in allowed:
            raise PaperError("mapsheet-unknown", name=name, value=str(given)[:60], known=list(allowed))
    if ask.commune is not None and ask.commune not in review.communes.index:
        raise PaperError("papers-no-commune-id", commune=str(ask.commune)[:60])


def _ground(review, language):
    villages = review.study.villages
    placed = villages[villages["point"].notna()] if villages.crs is not None else villages.iloc[:0]
    if not len(placed):
        raise PaperError("mapsheet-no-places")
    areas = placed.geometry.to_numpy()
    points = placed["point"].to_numpy()
    shapes = [
        point if shapely.is_missing(area) or shapely.get_dimensions(area) < 2 else area
        for area, point in zip(areas, points, strict=True)
    ]
    communes = review.study.communes
    outlined = communes[communes.geometry.notna()] if len(communes) else communes
    borders = dict(zip(outlined.index, outlined.geometry, strict=True)) if len(outlined) else {}
    # where nobody gave an outline, that of its villages stands for it
    for commune in communes.index.difference(list(borders)):
        own = [
            shape
            for id_, shape in zip(placed.index, shapes, strict=True)
            if placed.at[id_, "commune_id"] == commune
        ]
        polygons = [shape for shape in own if shapely.get_dimensions(shape) == 2]
        if own:
            borders[commune] = shapely.union_all(polygons) if polygons else shapely.MultiPoint(own).centroid
    names = placed["name"].to_dict()
    return Ground(
        villages=dict(zip(placed.index, shapes, strict=True)),
        places=dict(zip(placed.index, points, strict=True)),
        names={id_: plain(str(id_ if cells.is_missing(name) else name)) for id_, name in names.items()},
        communes=borders,
        commune_places={id_: shapely.point_on_surface(shape) for id_, shape in borders.items()},
        commune_names={id_: front.commune_name(review, id_, language) for id_ in communes.index},
        approximate=bool(placed["approximate"].any()),
    )


def _plate(review, ask, ground, language):
    villages = review.villages_table
    if ask.commune is not None:
        villages = villages[villages["commune_id"].fillna("") == ask.commune]
    if ask.villages is not None:
        villages = villages[villages.index.isin(ask.villages)]
    if ask.show == "communes":
        shades = shading.by_commune(review, villages, ask.part, ask.criterion, language)
    elif ask.criterion:
        shades = shading.by_criterion(review, villages, ask.criterion, language)
    else:
        shades = shading.by_missed(review, villages, ask.part, language)
    where = plain(review.study.label.pick(language))
    commune = None if ask.commune is None else front.commune_name(review, ask.commune, language)
    title = say("mapsheet-title", language, about=shades.title)
    if commune is not None:
        title = say("mapsheet-title-commune", language, about=shades.title, commune=commune)
    subtitle = " · ".join(text for text in (where, plain(ask.said)) if text)
    return Plate(
        title=title,
        subtitle=subtitle,
        shading=shades,
        of_communes=ask.show == "communes",
        bounds=_bounds(review, ask, ground, shades),
        about=ask.commune,
        told=tuple(_told(review, ask, villages, language)),
        layers=ask.layers,
    )


def _bounds(review, ask, ground, shades):
    own = ground.communes if ask.show == "communes" else ground.villages
    about = [own[id_] for id_ in shades.of if id_ in own]
    if ask.commune in ground.communes and about:
        about.append(ground.communes[ask.commune])
    whole = extent_of(about) or extent_of(ground.villages.values())
    if ask.extent is None:
        return whole
    seen = gpd.GeoSeries([shapely.box(*ask.extent)], crs=WGS84).to_crs(review.study.villages.crs)
    seen = tuple(seen.total_bounds.tolist())
    # who sees all of it on the screen wants all of it, and large
    return whole if shapely.box(*seen).covers(shapely.box(*whole)) else seen


def _told(review, ask, villages, language):
    """How many of the villages shown pass, and the way to the target where all of the study are shown."""
    column = ask.criterion or ("infra_status" if ask.part == "infrastructure" else "status")
    if ask.criterion:
        word = status_word("met", review.criteria.criterion(ask.criterion).kind, language)
    elif ask.part == "infrastructure":
        word = status_word("met", review.criteria.polarity, language)
    else:
        word = outcome_word(review.criteria, "met", language)
    judged, met = int((villages[column] != "exempt").sum()), int((villages[column] == "met").sum())
    share = format_value(100 * met / judged if judged else np.nan, "%", language)
    told = {"word": capital(plain(word)), "met": met, "judged": judged, "share": share}
    yield say("mapsheet-share", language, **told)
    target = review.study.target.get("share_pct")
    if target is not None and ask.criterion is None and ask.part == "all" and ask.villages is None:
        yield say("mapsheet-target", language, share=float(target))
