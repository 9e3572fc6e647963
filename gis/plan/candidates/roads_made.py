"""Stretches that ways need made into works: each stretch once, however many villages need it."""

from dataclasses import dataclass

import numpy as np
import shapely

from gis.plan.candidates.roads_works import rounded_up
from gis.roadlinks import between

LONGEST_KM = 3.0
"""A longer work is split, so that it can be paid in parts and over several years."""
SLIVER_M = 50.0
"""Nobody builds so short a stretch by itself."""
OVERLAP_M = 1.0
"""Stretches that are rounded outwards overlap by less."""


@dataclass(frozen=True)
class Demand:
    """What one way of closing a gap needs of roads, all of it.

    Attributes
    ----------
    village, criterion : str
    way : object
        Tells the ways of a gap apart, and sorts.
    stretches : list of (str, float, float)
        Road, from and to in metres along it, in the order of going.
    others : tuple of dict
        Further options that it needs: rows of `OPTIONS` with ``option_id``.
    all_year : bool
        Whether it needs the fords on its stretches bridged.
    """

    village: str
    criterion: str
    way: object
    stretches: list
    others: tuple = ()
    all_year: bool = True


def road_options(works, demands):
    """The works that demands lead to, and the ways that they make.

    Parameters
    ----------
    works : RoadWorks
    demands : list of Demand

    Returns
    -------
    options : list of RoadOption
    ways : list of dict
        Rows of `WAYS`. A demand for which something cannot be done, or has no cost, makes none.

    Notes
    -----
    A road is cut only where what is needed of it changes. What the very same ways need, done by the same kind of work, is
    one work, however many roads it is on, up to `LONGEST_KM`.
    """
    demands = sorted(demands, key=lambda one: (one.village, one.criterion, one.way))
    kind, _ = works.opening
    kind_of = dict(zip(works.roads.index, kind, strict=True))
    grouped = {}
    for piece in _pieces(demands, kind_of):
        grouped.setdefault((piece.needed_by, piece.work), []).append(piece)
    options, needs, lost = {}, {}, set()
    for (needed_by, work), group in sorted(grouped.items(), key=lambda each: (each[0][0], str(each[0][1]))):
        made = [None] if work is None else [_option(works, work, part) for part in _parts(group)]
        for option in made:
            if option is None:
                lost.update(needed_by)
                continue
            options[option.id] = option
            for demand in needed_by:
                needs.setdefault(demand, set()).add(option.id)
    ways = []
    for number, demand in enumerate(demands):
        fords = [works.bridge(one) for one in works.fords_on(demand.stretches)] if demand.all_year else []
        more = {each["option_id"]: each for each in [*fords, *demand.others] if each is not None}
        if number in lost or None in (*fords, *demand.others) or not (needs.get(number) or more):
            continue
        for id_, row in more.items():
            options[id_] = RoadOption(id_, row, ())
        ids = sorted(needs.get(number, set()) | set(more))
        way = {"village_id": demand.village, "criterion": demand.criterion, "way": demand.way}
        ways += [
            {**way, "option_id": each, "amount": 1.0, "need": float(len(ids)), "takes": 0.0} for each in ids
        ]
    used = {way["option_id"] for way in ways}
    return [options[each] for each in sorted(options) if each in used], ways


@dataclass(frozen=True)
class RoadOption:
    """An option, and the stretches it is made of: road, from and to."""

    id: str
    row: dict
    stretches: tuple


@dataclass(frozen=True)
class _Piece:
    needed_by: tuple
    work: str | None
    road: str
    from_m: float
    to_m: float
    order: int


def _pieces(demands, kind_of):
    """The stretches of all demands, each road cut where what is needed of it changes."""
    by_road, order = {}, {}
    for number, demand in enumerate(demands):
        for road, begin, end in demand.stretches:
            by_road.setdefault(road, []).append((begin, end, number))
            order.setdefault(road, len(order))
    pieces = []
    for road, wanted in by_road.items():
        ends = sorted({end for each in wanted for end in each[:2]})
        cuts = [
            [begin, end, frozenset(n for first, last, n in wanted if first < end and last > begin)]
            for begin, end in zip(ends, ends[1:], strict=False)
        ]
        for begin, end, needed_by in _without_slivers([cut for cut in cuts if cut[2]]):
            pieces.append(_Piece(tuple(sorted(needed_by)), kind_of[road], road, begin, end, order[road]))
    return sorted(pieces, key=lambda piece: (piece.order, piece.road, piece.from_m))


def _without_slivers(cuts):
    """Stretches one after the other, a very short one made part of a neighbour where whoever needs it needs that too.

    Of two that overlap by less than `OVERLAP_M`, as they are rounded outwards, each keeps its own end.
    """
    kept = []
    cuts = [cut for cut in cuts if cut[1] - cut[0] >= OVERLAP_M or not _overlap(cuts, cut)]
    for begin, end, needed_by in cuts:
        last = kept[-1] if kept and kept[-1][1] == begin else None
        if last and (last[2] == needed_by or (last[2] > needed_by and end - begin < SLIVER_M)):
            last[1] = end
        elif last and needed_by > last[2] and last[1] - last[0] < SLIVER_M:
            last[1:] = [end, needed_by]
        else:
            kept.append([begin, end, needed_by])
    return kept


def _overlap(cuts, cut):
    """Give a sliver to both of its neighbours where that serves all who need it; whether it was done."""
    at = next(number for number, one in enumerate(cuts) if one is cut)
    before, after = (cuts[one] if 0 <= one < len(cuts) else None for one in (at - 1, at + 1))
    if not before or not after or before[1] != cut[0] or after[0] != cut[1]:
        return False
    if not before[2] | after[2] >= cut[2]:
        return False
    before[1], after[0] = cut[1], cut[0]
    return True


def _parts(group):
    """Pieces one after the other as works of at most `LONGEST_KM` each, as equal as may be."""
    total = sum(piece.to_m - piece.from_m for piece in group)
    count = max(1, int(np.ceil(total / (1000 * LONGEST_KM) - 1e-9)))
    share, parts, done = total / count, [[]], 0.0
    for piece in group:
        begin = piece.from_m
        while len(parts) < count and done + piece.to_m - begin > share * len(parts) + 0.1:
            cut = round(begin + share * len(parts) - done, 1)
            if cut - begin >= 0.1:
                parts[-1].append((piece.road, begin, cut))
                done, begin = done + cut - begin, cut
            parts.append([])
        parts[-1].append((piece.road, begin, piece.to_m))
        done += piece.to_m - begin
    return [part for part in parts if part]


def _option(works, work_id, stretches):
    """One work on some stretches; None where no cost is known."""
    work = works.kinds.get(work_id, works.bridging)
    lines = [between(works.lines[road], begin, end) for road, begin, end in stretches]
    km = sum(end - begin for _, begin, end in stretches) / 1000
    inside = works.km_inside(lines)
    village = max(sorted(inside), key=inside.get) if inside else works.village_at(lines[0])
    quantity = float(len(stretches)) if work.unit == "piece" else rounded_up(km, work.step)
    row = works.gaps.priced(work, village, quantity)
    if row is None:
        return None
    edits = [works.improve(work, *stretch) for stretch in stretches]
    edits += works.reports(work, stretches, lines)
    road, begin, end = min(stretches)
    more = f"+{len(stretches) - 1}" if len(stretches) > 1 else ""
    id_ = f"{work.id}@{road}:{begin:.0f}-{end:.0f}{more}"
    row |= {
        "option_id": id_,
        "place": road,
        "edits": tuple(edits),
        "geometry": shapely.line_merge(_union(lines)),
    }
    return RoadOption(id_, row, tuple(stretches))


def _union(lines):
    return shapely.multilinestrings(np.concatenate([shapely.get_parts(line) for line in lines]))
