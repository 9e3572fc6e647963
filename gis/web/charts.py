"""Drawings as plain numbers for a template: a stacked bar for each year, and the line of the target."""

BAR, GAP, LEFT, TOP, HEIGHT = 44, 26, 34, 22, 150
STATUSES = ("met", "unmet", "unknown")


def year_bars(history, target_pct, ahead=None):
    """Bars of the share of villages by status, of all not exempt.

    Parameters
    ----------
    history : History
    target_pct : float or None
    ahead : Progress, optional
        Where something is projected, one more bar: from least to most, and what is expected.

    Returns
    -------
    dict
        ``width``, ``height``, ``bars`` (``year``, ``x``, ``middle`` and ``pieces``: status, y, height, count),
        ``line_y`` of the target or None, ``marks`` of the axis (share, y), and ``ahead`` or None.
    """
    summary = history.summary
    bars = []
    for place, (year, row) in enumerate(summary.iterrows()):
        judged = sum(int(row[status]) for status in STATUSES)
        x, y, pieces = LEFT + GAP / 2 + place * (BAR + GAP), TOP + HEIGHT, []
        for status in STATUSES:
            height = HEIGHT * int(row[status]) / judged if judged else 0
            y -= height
            pieces.append(
                {"status": status, "y": round(y, 2), "height": round(height, 2), "count": int(row[status])}
            )
        bars.append({"year": str(year), "x": x, "middle": x + BAR / 2, "pieces": pieces})
    count = len(bars)
    drawn = None
    if ahead is not None and ahead.expected is not None:
        x = LEFT + GAP / 2 + count * (BAR + GAP)
        count += 1
        low, middle, high = (
            _height(value, ahead.judged)
            for value in (ahead.expected_least, ahead.expected, ahead.expected_most)
        )
        drawn = {"year": str(ahead.by.year), "x": x, "middle": x + BAR / 2, "y": high,
                 "height": round(max(low - high, 1.0), 2), "line_y": middle}  # fmt: skip
    return {
        "width": LEFT + count * (BAR + GAP) + 8,
        "height": TOP + HEIGHT + 24,
        "bar": BAR,
        "left": LEFT,
        "bars": bars,
        "ahead": drawn,
        "line_y": None if target_pct is None else _height(target_pct, 100),
        "marks": [{"share": share, "y": _height(share, 100)} for share in (0, 50, 100)],
    }


def _height(value, whole):
    return round(TOP + HEIGHT * (1 - value / whole), 2)


WIDE, HIGH = 420, 170


def money_curve(rows):
    """Points of villages that pass for their money, and of how many at most could.

    Parameters
    ----------
    rows : list of dict
        Rising ``money`` (VND), ``passing``, ``bound`` and ``asked``: whether it is the money of the plan.

    Returns
    -------
    dict
        ``width``, ``height``, ``points`` (x, y, passing, money, asked), ``line`` and ``bound`` as the points of polylines,
        ``marks`` of the axis of villages (count, y), ``left``, ``bottom`` and ``right``.
    """
    most = max([row["bound"] or row["passing"] for row in rows] + [1])
    dearest = max([row["money"] for row in rows] + [1.0])
    left, right, bottom = LEFT, LEFT + WIDE, TOP + HIGH

    def x_of(row):
        return round(left + WIDE * row["money"] / dearest, 1)

    def y_of(count):
        return round(bottom - HIGH * count / most, 1)

    points = [
        {
            "x": x_of(row),
            "y": y_of(row["passing"]),
            **{name: row[name] for name in ("passing", "money", "asked")},
        }
        for row in rows
    ]
    bounds = [f"{x_of(row)},{y_of(row['bound'])}" for row in rows if row["bound"] is not None]
    step = max(1, round(most / 4))
    return {
        "width": right + 46,
        "height": bottom + 26,
        "left": left,
        "right": right,
        "bottom": bottom,
        "points": points,
        "line": " ".join([f"{left},{bottom}", *(f"{one['x']},{one['y']}" for one in points)]),
        "bound": " ".join(bounds),
        "marks": [{"count": count, "y": y_of(count)} for count in range(0, int(most) + 1, step)],
    }
