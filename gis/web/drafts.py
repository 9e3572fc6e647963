"""A scenario while it is put together: a list of changes that an address writes, and what they come to."""

from dataclasses import dataclass, replace

import geopandas as gpd
from flask import request, url_for

from gis.plan import Edit, Scenario, changes
from gis.web import facts, flips, sessions, works
from gis.web.buildable import options_of, works_drawn
from gis.web.guard import Refused
from gis.web.texts import t
from gis.web.years import patient
from gis.workflows.planning import saved_plan

MOST = 300
"""Changes that an address holds; more of them come from a plan."""
LISTS = ("work", "without", "close", "figure", "speed")


@dataclass(frozen=True)
class Draft:
    """A scenario as its address writes it.

    Attributes
    ----------
    base : str
        Key of the plan or scenario that it begins with; empty for none.
    work, without : tuple of str
        Ids of works that are added, and of works of the base that are left out.
    close : tuple of str
        ``layer/id`` of places that are closed.
    figure : tuple of str
        ``criterion/group/figure``; an empty group is every group.
    speed : tuple of str
        ``class/surface/season/mode/kmh``.
    """

    base: str = ""
    work: tuple = ()
    without: tuple = ()
    close: tuple = ()
    figure: tuple = ()
    speed: tuple = ()

    def address(self, endpoint, study_id, **more):
        """The address of a page about it."""
        lists = {name: list(getattr(self, name)) for name in LISTS}
        return url_for(endpoint, study_id=study_id, base=self.base or None, **lists, **more)

    def with_one(self, name, value):
        """With one change more."""
        return replace(self, **{name: (*(one for one in getattr(self, name) if one != value), value)})

    def without_one(self, name, value):
        """With one change less."""
        return replace(self, **{name: tuple(one for one in getattr(self, name) if one != value)})

    def to_plain(self):
        """As plain data."""
        return {"base": self.base, **{name: list(getattr(self, name)) for name in LISTS}}

    @classmethod
    def from_plain(cls, plain):
        """From plain data, as `to_plain` gives it."""
        return cls(str(plain.get("base") or ""), **{name: tuple(plain.get(name) or ()) for name in LISTS})

    @property
    def is_empty(self):
        """Whether it changes nothing."""
        return not (self.base or any(getattr(self, name) for name in LISTS))


def asked():
    """The scenario that an address writes.

    Raises
    ------
    Refused
        400 where it holds more changes than an address may.
    """
    lists = {
        name: tuple(dict.fromkeys(one[:200] for one in request.args.getlist(name) if one)) for name in LISTS
    }
    if sum(map(len, lists.values())) > MOST:
        raise Refused(400, "plan-page-scenario-too-long", most=MOST)
    return Draft(request.args.get("base", "")[:40], **lists)


def base_of(study_id, draft):
    """The row and record that a draft begins with."""
    saved = saved_plan(sessions.store(), study_id, draft.base)
    return saved.row, saved.record


def made_of(study_id, standing, draft):
    """The scenario of a draft, judged, with what it changes; None where it changes nothing.

    Raises
    ------
    Refused
        503 while it is judged.
    PlanError
        If it names what the study does not have.
    """
    if draft.is_empty:
        return None
    edits, words, costs, assumed = [], [], {}, False
    for id_, name, cost, by, each in _parts(study_id, standing, draft):
        edits += each
        words += [name] * len(each)
        if cost is not None:
            costs[id_] = cost
            assumed |= by == "assumption"
    scenario = Scenario(standing.review, tuple(edits), "", costs)

    def work():
        return scenario, changes(standing.review, scenario.after, edits=scenario.edits)

    key = ("scenario", draft.base, *(getattr(draft, name) for name in LISTS))
    judged, found = patient(standing, key, work)
    return Made(judged, found, words, sum(costs.values()), "assumption" if assumed else "")


@dataclass(frozen=True)
class Made:
    """A draft as it was judged.

    Attributes
    ----------
    scenario : Scenario
    changes : Changes
    words : list of str
        What each of its edits is called.
    cost : float
        VND of its works.
    by : str
        ``assumption`` where any of it is one.
    """

    scenario: Scenario
    changes: object
    words: list
    cost: float
    by: str


def _parts(study_id, standing, draft):
    """Id, name, cost, who stands for the cost, and edits of each part of a draft, in order."""
    review, taken = standing.review, set()
    row, record = base_of(study_id, draft) if draft.base else (None, None)
    if record is not None and row["kind"] == "scenario":
        yield from _of_scenario(row, record)
    elif record is not None:
        for each in record["works"]:
            if each["option_id"] not in draft.without:
                taken.add(each["option_id"])
                told = [Edit.from_plain(one) for one in each["edits"]]
                yield each["option_id"], named(review.study, each), each["cost"], each["cost_by"], told
        told = [Edit.from_plain(one) for one in record.get("edits") or ()]
        yield "plan", t("plan-page-edits-of-plan"), None, "", [] if draft.without else told
    table = options_of(standing).table if draft.work else None
    for option in draft.work:
        if option not in table.index:
            raise Refused(404, "plan-page-no-option", option=option[:60])
        if option not in taken:
            each = table.loc[option]
            yield option, named(review.study, each), float(each["cost"]), each["cost_by"], list(each["edits"])
    for plain in plain_edits(draft):
        each = Edit.from_plain(plain)
        yield None, flips.edit_words(review, each), None, "", [each]


def _of_scenario(row, record):
    words = record.get("words") or []
    for at, plain in enumerate(record["edits"]):
        name = words[at] if at < len(words) else row["name"]
        yield None, name, None, "", [Edit.from_plain(plain)]
    for id_, cost in record["works"].items():
        yield id_, id_, cost, record.get("by") or "", []


def named(study, row):
    """A work with the village that it is for."""
    village = row["village_id"]
    names = study.villages["name"]
    name = works.work_name(row)
    return f"{name} – {facts.text_of(names[village]) or village}" if village in names.index else name


def plain_edits(draft):
    """Closures, figures and speeds of a draft as plain edits.

    Raises
    ------
    Refused
        400 where one is not written as they are.
    """
    for one in draft.close:
        layer, _, id_ = one.partition("/")
        yield {"does": "close", "layer": layer, "id": id_}
    for one in draft.figure:
        criterion, group, figure = _several(one, 3)
        told = {"does": "figure", "criterion": criterion, "figure": _value(figure)}
        yield told | ({"group": group} if group else {})
    for one in draft.speed:
        kind, surface, season, mode, kmh = _several(one, 5)
        yield {
            "does": "speed",
            "class": kind,
            "surface": surface,
            "season": season,
            "mode": mode,
            "kmh": _value(kmh),
        }


def _several(text, count):
    parts = text.split("/")
    if len(parts) != count:
        raise Refused(400, "web-bad-request")
    return parts


def _value(text):
    try:
        return float(text)
    except ValueError:
        raise Refused(400, "web-bad-request") from None


def drawn_of(study_id, standing, draft):
    """GeoJSON of the works of a draft."""
    study, rows, shapes = standing.review.study, [], []
    if draft.base:
        row, record = base_of(study_id, draft)
        if row["kind"] == "plan":
            found, there = flips.drawn_works(record, left_out=draft.without)
            rows += found
            shapes += list(gpd.GeoSeries(there, crs=4326).to_crs(study.crs)) if there else []
        elif record.get("draft"):
            inner = Draft.from_plain(record["draft"])
            draft = replace(draft, work=(*inner.work, *draft.work), close=(*inner.close, *draft.close))
    table = options_of(standing).table if draft.work else None
    for option in draft.work:
        if option in table.index:
            each = table.loc[option]
            rows.append(
                {
                    "id": option,
                    "work": named(study, each),
                    "sector_id": each["sector"],
                    "sector": works.sector_word(each["sector"]),
                    "cost_text": works.amount(each["cost"]),
                    "villages": [],
                }
            )
            shapes.append(each["geometry"])
    for value in draft.close:
        layer, _, id_ = value.partition("/")
        frame = study.layers[layer].frame if layer in study.layers else None
        if frame is not None and id_ in frame.index:
            name = flips.edit_words(
                standing.review, Edit.from_plain({"does": "close", "layer": layer, "id": id_})
            )
            rows.append(
                {
                    "id": value,
                    "work": name,
                    "sector_id": "closed",
                    "sector": t("plan-page-closed"),
                    "cost_text": "",
                    "villages": [],
                }
            )
            shapes.append(frame.geometry[id_])
    return works_drawn(shapes, rows, study.crs)
