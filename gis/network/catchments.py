"""What part of the roads is within reach of some places, to the very spot where it ends."""

import numpy as np
import pandas as pd


def catchment(reach, within):
    """The parts of edges from which (or to which) a place is reached within a cost, cut exactly there.

    Parameters
    ----------
    reach : Reach
    within : float
        At most `limit`.

    Returns
    -------
    DataFrame
        ``edge``, the shares ``begin`` and ``stop`` of its length, and the nearest ``place``, in order of edge and
        share. Where the nearest changes along an edge it is cut too.
    """
    routes, network = reach.routes, reach.routes.network
    places = reach.places.reset_index(drop=True)
    costs, ends, _ = reach.spread
    owner = np.append(places["point"].to_numpy(), -1)[ends]
    # a foot as a place of its own that stands on the road
    standing = places.assign(point=np.arange(len(places)), leg_m=0.0)
    own_cost, own_place = reach.at(standing, count=len(places))
    number = np.arange(len(network.start))
    stops = pd.DataFrame(
        {
            "edge": np.concatenate([number, places["edge"], number]),
            "share": np.concatenate([np.zeros(len(number)), places["share"], np.ones(len(number))]),
            "cost": np.concatenate([costs[network.start], own_cost, costs[network.end]]),
            "place": np.concatenate([owner[network.start], own_place, owner[network.end]]),
            "rank": np.repeat([0, 1, 2], [len(number), len(places), len(number)]),
        }
    ).sort_values(["edge", "share", "rank", "cost", "place"])
    edge, share, cost, place = (stops[name].to_numpy() for name in ("edge", "share", "cost", "place"))
    piece = np.flatnonzero((edge[1:] == edge[:-1]) & (share[1:] > share[:-1]))
    edge, low, high = edge[piece], share[piece], share[piece + 1]
    up, down = routes.searched(edge, reach.towards)
    # how far one gets into the piece from either side, as a share of the whole edge
    into = np.clip(_far(within - cost[piece], up), 0, high - low)
    back = np.clip(_far(within - cost[piece + 1], down), 0, high - low)
    meet = _meeting(cost[piece], cost[piece + 1], up, down, high - low)
    left = np.minimum(into, meet)
    right = np.minimum(back, high - low - meet)
    reached = pd.DataFrame(
        {
            "edge": np.concatenate([edge, edge]),
            "begin": np.concatenate([low, high - right]),
            "stop": np.concatenate([low + left, high]),
            "place": np.concatenate([place[piece], place[piece + 1]]),
        }
    )
    reached = reached[(reached["stop"] > reached["begin"]) & (reached["place"] >= 0)]
    return _joined(reached.sort_values(["edge", "begin"], ignore_index=True))


def _far(left, cost):
    """How much of an edge what is left of a cost pays for."""
    far = np.zeros(len(left))
    some = (left > 0) & np.isfinite(cost)
    # an edge without length is passed whole
    far[some] = np.where(cost[some] > 0, left[some] / np.where(cost[some] > 0, cost[some], 1.0), np.inf)
    return far


def _meeting(one, other, up, down, width):
    """Where along a piece, from its first end, both ends cost the same; at an end where only the other is any use."""
    left, right = np.isfinite(one) & np.isfinite(up), np.isfinite(other) & np.isfinite(down)
    both = left & right
    one, other, up, down = (np.where(both, each, 0.0) for each in (one, other, up, down))
    total = up + down
    met = np.where(total > 0, (other - one + down * width) / np.where(total > 0, total, 1.0), width)
    return np.where(both, np.clip(met, 0, width), np.where(right, 0.0, width))


def _joined(parts):
    """Parts that go on from each other with the same place as one."""
    edge, place = parts["edge"].to_numpy(), parts["place"].to_numpy()
    begin, stop = parts["begin"].to_numpy(), parts["stop"].to_numpy()
    goes_on = np.append(
        False, (edge[1:] == edge[:-1]) & (place[1:] == place[:-1]) & (begin[1:] <= stop[:-1] + 1e-12)
    )
    group = np.cumsum(~goes_on[: len(parts)])
    joined = parts.groupby(group).agg({"edge": "first", "begin": "first", "stop": "max", "place": "first"})
    return joined.reset_index(drop=True)
