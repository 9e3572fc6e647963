"""The papers that a commune and a province hand in, as content: `annex` gives one, `PAPERS` lists the kinds."""

import re

from gis.errors import PaperError
from gis.exports import plain
from gis.messages import say
from gis.names import fold
from gis.sentences import outcome_word
from gis.sheets import cells, front
from gis.sheets.model import Heading, Paper, Signature
from gis.sheets.results import commune_results
from gis.sheets.scoring import scoring_forms
from gis.sheets.summaries import by_commune, recognition, village_list

PAPERS = ("commune-results", "commune-scores", "recognition", "province-communes", "province-villages")
OF_ONE_COMMUNE = ("commune-results", "commune-scores")
"""Papers that are made for one commune; `recognition` can be, the others hold all communes."""


def annex(review, kind, language, *, commune=None, heading=None):
    """One paper of a judged study.

    Parameters
    ----------
    review : Review
    kind : str
        One of `PAPERS`.
    language : str
        ``"vi"`` or ``"en"``.
    commune : str, optional
        Commune id, ``""`` for the villages without one. Needed by `OF_ONE_COMMUNE`, refused by
        ``province-communes`` and ``province-villages``.
    heading : Heading, optional
        Who hands it in, where and when; dotted lines where it is left out.

    Returns
    -------
    Paper

    Raises
    ------
    PaperError
        If there is no such kind or commune, or the kind asks for a commune or has none.
    """
    if kind not in PAPERS:
        raise PaperError("papers-no-kind", kind=str(kind)[:60], known=" | ".join(PAPERS))
    heading = heading or Heading()
    villages = _villages(review, kind, commune)
    tables, notes = _content(review, kind, villages, language)
    word = outcome_word(review.criteria, review.criteria.sought, language)
    nation = front.national(review, language)
    office = ("papers-sign-head",)
    if nation:
        body = "commune" if commune is not None else "province"
        office = (f"papers-sign-for-{body}", "papers-sign-chair")
    return Paper(
        name=file_name(kind, commune),
        language=language,
        issuer=front.issuer(review, heading, commune, language),
        national=nation,
        place_date=front.place_date(heading, language),
        title=say(f"papers-title-{kind}", language, outcome=plain(word).upper()),
        subtitle=front.subtitle(review, commune, language),
        notices=front.warnings(review, language),
        tables=tables,
        notes=(*notes, say("papers-four-answers", language)),
        sources=front.sources(review, language),
        signatures=(
            Signature((say("papers-sign-author", language),), say("papers-sign-name", language)),
            Signature(tuple(say(code, language) for code in office), say("papers-sign-seal", language)),
        ),
        foot=front.foot(review, language),
        page_words=say("papers-page", language),
        letters_words=say("papers-letters", language),
    )


def file_name(kind, part=None):
    """What the file of a paper or sheet is called, without suffix: ASCII letters, digits and hyphens."""
    words = kind if part is None else f"{kind} {part or '0'}"
    return re.sub(r"[^a-z0-9]+", "-", fold(words)).strip("-")[:100]


def _villages(review, kind, commune):
    if commune is None:
        if kind in OF_ONE_COMMUNE:
            raise PaperError("papers-needs-commune", kind=kind)
        return review.villages_table
    if kind not in (*OF_ONE_COMMUNE, "recognition"):
        raise PaperError("papers-of-all", kind=kind)
    if commune not in review.communes.index:
        raise PaperError("papers-no-commune-id", commune=str(commune)[:60])
    return review.select(commune=commune)


def _content(review, kind, villages, language):
    """The tables of a paper and what must be noted below them."""
    if kind == "commune-results":
        return (commune_results(review, villages, language),), ()
    if kind == "commune-scores":
        return scoring_forms(review, villages, language), (say("papers-note-form", language),)
    if kind == "province-communes":
        return (by_commune(review, language),), _target(review, language)
    villages = villages.assign(_commune=villages["commune"].fillna(""), _id=villages.index)
    villages = villages.sort_values(["_commune", "commune_id", "_id"]).drop(columns=["_commune", "_id"])
    if kind == "province-villages":
        return (village_list(review, villages, language),), _numbers(review, language)
    wanted = villages[villages["status"] == review.criteria.sought]
    opened = int((villages["status"] == "unknown").sum())
    others = len(villages) - len(wanted) - opened
    note = say("papers-note-recognition", language, listed=len(wanted), open=opened, others=others)
    return (recognition(review, wanted, language),), (note,)


def _numbers(review, language):
    """What the numbers of criteria stand for, where a list gives nothing else."""
    counted = [(cells.short(one, review.criteria, language), one) for one in review.counted]
    named = [cells.title(one, language) for short, one in counted if short == one.code]
    return (say("papers-note-numbers", language, criteria="; ".join(named)),) if named else ()


def _target(review, language):
    headline = review.headline
    if headline["target_pct"] is None:
        return ()
    by = front.written_date(headline["target_by"], language) if headline["target_by"] else "–"
    return (say("papers-note-target", language, share=float(headline["target_pct"]), by=by),)
