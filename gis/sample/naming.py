"""Invented names in the manner of the Central Highlands, and the ways in which two offices spell them."""

import unicodedata

import numpy as np

from gis.names import fold

UNJOINED_ROWS = 2
"""Rows of the last workbook whose village name no folded comparison can join."""

RIVERS = ("Đăk", "Đăk", "Đăk", "Ia", "Ngọc", "Măng", "Ya", "Pô", "Sa")
FIRST = (
    "Rơ", "Pơ", "Tơ", "Kơ", "Hơ", "Mơ", "Bơ", "Xơ", "Rờ", "Tu", "Ja", "Long", "Ring", "Choong", "Nhoong",
    "Pla",
)  # fmt: skip
SECOND = (
    "Nai", "Lang", "Mia", "Ruông", "Niêng", "Đeh", "Tung", "Bôi", "Hnor", "Kia", "Plông", "Xăng", "Veh",
    "Đoa", "Trăp", "Klêng", "Wăk", "Ngăm", "Drei", "Púk", "Bla", "Suông", "Gleng", "Mốt", "Hla", "Nghe",
)  # fmt: skip
HAMLETS = ("Kon", "Plei", "Làng", "Đăk", "Thôn Đăk", "Làng Kon", "Kon", "Plei")
LOWLAND = (
    "Hoà Bình", "Thống Nhất", "Tân Lập", "Quyết Tiến", "Đoàn Kết", "Hoà Thuận", "Bình Minh", "Tiến Thuỷ",
)  # fmt: skip
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
BORDER = "Bờ Y Thượng"


def commune_names(count, rng):
    """As many different names, none equal to another when folded."""
    stems = ("Đăk", "Ia", "Ngọc", "Măng", "Ya")
    pool = [f"{stem} {first} {second}" for stem in stems for first in FIRST for second in SECOND]
    short = [f"{stem} {second}" for stem in ("Đăk", "Ia", "Măng") for second in SECOND]
    names = [BORDER, *rng.permutation(short), *rng.permutation(pool)]
    while len(names) < count:
        names += [f"{name} {ROMAN[len(names) // len(pool) % 12]}" for name in names[: count - len(names)]]
    return _distinct(names[:count], np.zeros(count, dtype=int))


def village_names(commune, rng):
    """A name for each village, different within its commune; the same one may occur in several.

    Returns
    -------
    names : array of str
    lowland : array of bool
        Named in the manner of settlers from the plains.
    """
    villages = len(commune)
    style = rng.integers(0, 4, commune.max() + 1)[commune]  # 0, 1: own names; 2: numbers; 3: Roman numbers
    lowland = rng.random(villages) < 0.16
    order = np.argsort(commune, kind="stable")
    start = np.searchsorted(commune[order], commune)
    place = np.empty(villages, dtype=int)
    place[order] = np.arange(villages)
    place -= start
    hamlet = rng.integers(0, len(HAMLETS), villages)
    first, second = rng.integers(0, len(FIRST), villages), rng.integers(0, len(SECOND), villages)
    plain = rng.integers(0, len(LOWLAND), villages)
    names = []
    for village in range(villages):
        number = place[village]
        if style[village] == 2 and number < 9:
            names.append(f"Thôn {number + 1}")
        elif style[village] == 3 and number < 6:
            names.append(f"Thôn {ROMAN[number]}")
        elif lowland[village]:
            names.append(f"Thôn {LOWLAND[plain[village]]}")
        else:
            one = f"{FIRST[first[village]]} " if first[village] % 3 else ""
            names.append(f"{HAMLETS[hamlet[village]]} {one}{SECOND[second[village]]}")
    return np.array(_distinct(names, commune), dtype=object), lowland


def respell(names, commune, rng, *, share=0.35, unjoined=0):
    """The names as another office writes them.

    Parameters
    ----------
    names : array of str
    commune : array of int
    share : float
        Share of names spelt in another way that a folded comparison still joins.
    unjoined : int
        How many names to change so that no folded comparison joins them.

    Returns
    -------
    spelt : array of str
    lost : array of int
        Positions of the unjoined.
    """
    spelt = np.array(names, dtype=object)
    for place in np.flatnonzero(rng.random(len(names)) < share):
        ways = [other for other in (trap(names[place]) for trap in _TRAPS) if other != names[place]]
        spelt[place] = ways[int(rng.integers(0, len(ways)))]
    lost = np.sort(rng.choice(len(names), min(unjoined, len(names) // 10), replace=False))
    known = {(group, fold(name)) for group, name in zip(commune.tolist(), names, strict=True)}
    for place in lost:
        other = _another_name(names[place])
        while (int(commune[place]), fold(other)) in known:
            other += " mới"
        spelt[place] = other
    return spelt, lost


def _another_name(name):
    """What the place is called by someone else: a Roman number, or what it sounds like."""
    for number, roman in enumerate(ROMAN, 1):
        if name == f"Thôn {roman}":
            return f"Thôn {number}"
        if name == f"Thôn {number}":
            return f"Thôn {roman}"
    other = name.replace("Kon ", "Công ").replace("Plei", "Pờ Lây").replace("Đăk", "Nước")
    return f"{other} cũ"


def _tone_moved(name):
    return name.replace("oà", "òa").replace("uỷ", "ủy")


# Where the tone mark stands is the commonest difference, so it is there three times.
_TRAPS = (
    lambda name: name.replace("Đăk", "Đắk"),
    lambda name: name.replace("Đăk", "Đak"),
    _tone_moved,
    _tone_moved,
    _tone_moved,
    lambda name: name.upper(),
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: name.replace(" ", "  ") + " ",
    lambda name: name.replace(" ", "-") if name.count(" ") == 2 else name,
    lambda name: name.replace("ơ", "o").replace("ờ", "o").replace("ô", "o"),
    lambda name: name.replace("Bờ Y", "Bơ Y").replace("Plei", "PLei"),
)


def _distinct(names, group):
    seen, distinct = set(), []
    for name, owner in zip(names, group.tolist(), strict=True):
        tried, number = name, 1
        while (owner, fold(tried)) in seen:
            number += 1
            tried = f"{name} {number}"
        seen.add((owner, fold(tried)))
        distinct.append(tried)
    return distinct
