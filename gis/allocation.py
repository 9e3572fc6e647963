"""Who is served where, when facilities hold only so many: places filled in the order of time, overflow kept.

People go to the nearest facility that has room. Of all pairs of a village and a facility in its reach the nearest is
served first, then the next, and so on: whoever is nearer to a facility has its places before who is farther. It is the
one division under which no village and facility that are nearer to each other than to what they have would both rather
have each other. Hence more room, one more facility or a longer limit never leaves more people without a place, in all
or of any village. It does not serve the most people that could be served at all, who would have to pass by the nearest
facility to leave it to others; at least half as many it does.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Allocation:
    """What became of the demand of every village and of the room of every facility.

    Attributes
    ----------
    villages : DataFrame
        Index village id: ``demand`` = ``served`` + ``overflow`` + ``beyond``; ``overflow`` found every facility in
        reach full (a gap of capacity), ``beyond`` has none in reach at all (a gap of distance). ``nearest`` is the
        facility where it would have gone first (None where none is in reach) and ``nearest_time`` the way there (inf);
        ``served_time`` is the mean over the served and ``farthest_time`` the longest, NaN where nobody is served.
    facilities : DataFrame
        Index facility id: ``capacity``; ``wanted``, all to whom it is the nearest; ``load``, those whom it serves;
        ``spare`` = ``capacity`` - ``load``; ``over``, by how much ``wanted`` is above ``capacity``; ``turned_away``,
        the overflow of those to whom it is the nearest; ``villages``, how many it serves people of.
    flows : DataFrame
        One row a village and the facility that serves people of it: ``village``, ``facility``, ``time``, ``people``;
        sorted by village, then time.
    """

    villages: pd.DataFrame
    facilities: pd.DataFrame
    flows: pd.DataFrame


def allocate(demand, capacity, ways):
    """Fill the facilities in the order of time.

    Parameters
    ----------
    demand : Series of float
        By village (or by any other place that people start from), >= 0; inf takes all the room it can reach.
    capacity : Series of float
        By facility, in the unit of `demand`, >= 0; inf is never full.
    ways : DataFrame
        ``village``, ``facility``, ``time``: every pair within reach, in any order; a pair at most once.

    Returns
    -------
    Allocation
        In the order of the two indexes.

    Notes
    -----
    Of pairs that are equally near that of the first village by id comes first, then of the first facility. Takes time
    in proportion to the pairs, once sorted.
    """
    village, facility, time = _in_order(demand.index, capacity.index, ways)
    left, people = _fill(demand, capacity, village, facility)
    _, first = np.unique(village, return_index=True)
    used = np.flatnonzero(people > 0)
    used = used[np.lexsort((used, _rank(demand.index)[village[used]]))]
    flows = pd.DataFrame(
        {
            "village": demand.index.to_numpy()[village[used]],
            "facility": capacity.index.to_numpy()[facility[used]],
            "time": time[used],
            "people": people[used],
        }
    )
    villages = _of_villages(demand, left, village, facility, time, first, capacity.index)
    served = flows.assign(weighted=flows["people"] * flows["time"]).groupby("village", sort=False)
    villages["served"] = served["people"].sum().reindex(demand.index).fillna(0.0)
    villages["served_time"] = served["weighted"].sum().reindex(demand.index) / villages["served"]
    villages["farthest_time"] = served["time"].max().reindex(demand.index)
    return Allocation(villages, _of_facilities(villages, flows, capacity), flows)


def without_place(demand, capacity, ways):
    """How many of each village find no place, near or far; takes the same as `allocate` and is quicker."""
    village, facility, _ = _in_order(demand.index, capacity.index, ways)
    return _fill(demand, capacity, village, facility)[0]


def together(allocation, owner, owners):
    """The allocation of those whom several places belong to, such as villages whose people start from many places.

    Parameters
    ----------
    allocation : Allocation
    owner : Series
        To whom each place of it belongs, in the order of its ``villages``.
    owners : Index
        Whoever a row is wanted of.

    Returns
    -------
    Allocation
        Sums of people, means of time over them; ``nearest`` is the facility that most of the demand is nearest to and
        ``nearest_time`` the mean way of those there, None and inf where most have none in reach. A facility's
        ``villages`` are the owners that it serves people of.
    """
    places = allocation.villages.assign(owner=owner.to_numpy())
    counts = ["demand", "served", "overflow", "beyond"]
    summed = places.groupby("owner")[counts].sum().reindex(owners).fillna(0.0)
    flows = allocation.flows.assign(village=allocation.flows["village"].map(owner))
    flows = _merged(flows, ["village", "facility"], "time", "people")
    flows["_at"] = owners.get_indexer(flows["village"])
    flows = flows.sort_values(["_at", "time", "facility"], ignore_index=True).drop(columns="_at")
    most = _merged(places.fillna({"nearest": ""}), ["owner", "nearest"], "nearest_time", "demand")
    most = most.sort_values(["demand", "nearest"], ascending=[False, True]).drop_duplicates("owner")
    most = most.set_index("owner").reindex(owners)
    served = _merged(flows, ["village"], "time", "people").set_index("village")["time"]
    farthest = allocation.villages["farthest_time"].groupby(owner.to_numpy()).max()
    villages = summed.assign(
        nearest=most["nearest"].astype(object).where(most["nearest"] != "", None),
        nearest_time=most["nearest_time"],
        served_time=served.reindex(owners),
        farthest_time=farthest.reindex(owners),
    )
    counted = flows.groupby("facility").size().reindex(allocation.facilities.index).fillna(0).astype(int)
    return Allocation(villages, allocation.facilities.assign(villages=counted), flows)


def _merged(rows, by, time, people):
    """Rows alike in `by` as one: the sum of people and the mean of their times, the plain mean where there are none."""
    weighted = rows.assign(_sum=rows[time] * rows[people].where(rows[people] > 0, 0.0))
    found = weighted.groupby(by, as_index=False).agg(
        **{people: (people, "sum"), "_sum": ("_sum", "sum"), "_mean": (time, "mean")}
    )
    found[time] = np.where(
        found[people] > 0, found["_sum"] / found[people].where(found[people] > 0), found["_mean"]
    )
    return found.drop(columns=["_sum", "_mean"])


def _in_order(villages, facilities, ways):
    """Positions of villages and facilities and times, in the order in which they are served."""
    village, facility = villages.get_indexer(ways["village"]), facilities.get_indexer(ways["facility"])
    time = ways["time"].to_numpy(dtype=float)
    order = np.lexsort((_rank(facilities)[facility], _rank(villages)[village], time))
    return village[order], facility[order], time[order]


def _fill(demand, capacity, village, facility):
    """Who of each village is left, and how many go each way."""
    left, room = demand.to_numpy(dtype=float).tolist(), capacity.to_numpy(dtype=float).tolist()
    people = np.zeros(len(village))
    for at, (here, there) in enumerate(zip(village.tolist(), facility.tolist(), strict=True)):
        if left[here] > 0 and room[there] > 0:
            taken = people[at] = min(left[here], room[there])
            # what is used up is 0 exactly, and inf stays inf
            left[here] = 0.0 if taken == left[here] else left[here] - taken
            room[there] = 0.0 if taken == room[there] < np.inf else room[there] - taken
    return np.array(left), people


def _rank(index):
    """The place of each id among the sorted ids."""
    rank = np.empty(len(index), dtype=int)
    rank[np.argsort(index.to_numpy(dtype=object), kind="stable")] = np.arange(len(index))
    return rank


def _of_villages(demand, left, village, facility, time, first, facilities):
    nearest, away = np.full(len(demand), None, dtype=object), np.full(len(demand), np.inf)
    nearest[village[first]] = facilities.to_numpy()[facility[first]]
    away[village[first]] = time[first]
    within = np.isfinite(away)
    return pd.DataFrame(
        {
            "demand": demand.astype(float),
            "served": 0.0,
            "overflow": np.where(within, left, 0.0),
            "beyond": np.where(within, 0.0, left),
            "nearest": pd.Series(nearest, demand.index, dtype=object),
            "nearest_time": away,
        },
        index=demand.index,
    )


def _of_facilities(villages, flows, capacity):
    by = villages.groupby("nearest")
    told = pd.DataFrame(
        {
            "capacity": capacity.astype(float),
            "wanted": by["demand"].sum().reindex(capacity.index).fillna(0.0),
            "load": flows.groupby("facility")["people"].sum().reindex(capacity.index).fillna(0.0),
        },
        index=capacity.index,
    )
    told["spare"] = np.maximum(told["capacity"] - told["load"], 0.0)
    told["over"] = np.maximum(told["wanted"] - told["capacity"], 0.0)
    told["turned_away"] = by["overflow"].sum().reindex(capacity.index).fillna(0.0)
    told["villages"] = flows.groupby("facility").size().reindex(capacity.index).fillna(0).astype(int)
    return told
