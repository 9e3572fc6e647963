"""Village lists of two offices with the truth beside them: spellings, slips, near names, absent villages.

Names are put together from real words of the Central Highlands and of settlers' villages. What one office
does to a name is written here as people do it, without regard to how names are compared.
"""

import re
import unicodedata

import numpy as np
import pandas as pd

OWN = (
    "Rơ Wa", "Rơ Nga", "Rbàng", "Klor", "Hring", "Hra Chot", "Tum Kơ Nâm", "Tum Kơ Pơng", "Jơ Ri", "Mơ Nay", "Sơ Lam",
    "Rơ Bang", "Xơ Mluh", "Kơ La", "Kơ Tu", "Gur", "Trang", "Brap Yu", "Jong", "Đơn", "Lay", "Krot", "Sâm Lũ", "Ktủ",
    "Biêu", "Vang", "Pring", "Pao", "Keng", "Kram", "Ngo Kơ Tu", "Hnor", "Klêch", "Xốp Dùi", "Lôk", "Mơ Nhoong",
    "Tăng", "Wâk", "Nhên", "Plông", "Chênh", "Tu Rằng", "Văng", "Năng Nhỏ", "Mut", "Tân Túc", "Rô", "Ven", "Bring",
    "Leang", "Đuân", "Rơ Mâm", "Rắc", "Chứ", "Tum", "Tu", "Sút", "Kôm", "Trấp", "Hnẻ", "Nâng", "Rơ Men", "Djrâu",
)  # fmt: skip
WATERS = ("Tô", "Mar", "Pék", "Rơ Ông", "Tờ Kan", "Xú", "Ang", "Dục", "Glei", "Blà", "Long", "Nhoong", "Man", "Choong",
          "Ui", "Krăk", "Wek", "Răng", "Hà", "Nu", "Lung", "Mế", "Klong", "Tăng", "Ka", "Ác", "Bối", "Ung")  # fmt: skip
SETTLERS = (
    "Hoà Bình", "Thống Nhất", "Tân Lập", "Quyết Tiến", "Đoàn Kết", "Hoà Thuận", "Bình Minh", "Tiến Thuỷ", "Tân An",
    "Quyết Thắng", "Kiến Xương", "Ninh Đức", "Bình Giang", "Nghĩa Dũng", "Phú Thọ", "Thanh Xuân", "Tân Sơn", "Kỳ Sơn",
    "Hà Lăng", "Mỹ Tân", "Bình Tây", "Thái Hoà", "Nông Trường", "Tân Bình", "Hoà Mỹ", "Lý Thường Kiệt", "Phương Quý",
    "Trung Nghĩa", "Kà Tu", "Đại An", "Đông Hưng", "Hải Nguyên", "Long Loi", "Cống Hoà", "Nhơn Bình", "Hưng Thịnh",
)  # fmt: skip
ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")
SAID = (
    "",
    "một",
    "hai",
    "ba",
    "bốn",
    "năm",
    "sáu",
    "bảy",
    "tám",
    "chín",
    "mười",
    "mười một",
    "mười hai",
    "mười ba",
)
TONES = "\u0300\u0301\u0303\u0309\u0323"


def lists(seed, communes=450):
    """Two lists of village names and what the left one means.

    Returns
    -------
    left : DataFrame
        Columns ``id``, ``name``, ``commune``, ``truth`` (right id or None), ``rule`` (what was done).
    right : DataFrame
        Columns ``id``, ``name``, ``commune``.
    """
    rng = np.random.default_rng(seed)
    left, right = [], []
    for commune in range(communes):
        place = f"{23000 + 3 * commune}"
        names = _villages(rng)
        for number, name in enumerate(names):
            key, fate = f"{place}-{number}", rng.random()
            if fate > 0.06:  # the others are in the left list only
                right.append((key, name, place))
            if fate < 0.93:
                rule, spelt = _respelt(name, rng)
                left.append((spelt, place, key if fate > 0.06 else None, rule if fate > 0.06 else "absent"))
        for name in rng.permutation(names)[: rng.binomial(3, 0.12)]:
            stranger = _neighbour(name, rng)
            if _bare(stranger) not in {_bare(other) for other in names}:
                left.append((_respelt(stranger, rng)[1], place, None, "near name"))
    order = rng.permutation(len(left))
    left = pd.DataFrame([left[at] for at in order], columns=["name", "commune", "truth", "rule"])
    left.insert(0, "id", np.arange(len(left)))
    right = pd.DataFrame(right, columns=["id", "name", "commune"])
    return left, right.iloc[rng.permutation(len(right))]


def _villages(rng):
    """The villages of one commune; several are near each other, and other communes have the same names."""
    style, names = rng.random(), []
    count = int(rng.integers(6, 14))
    if style < 0.3:
        names += [f"Thôn {number}" for number in range(1, count - 2)]
    elif style < 0.4:
        names += [f"Tổ dân phố {number}" for number in range(1, count - 2)]
    elif style < 0.45:
        names += [f"Thôn {number}" for number in range(1, 4)] + [
            f"Tổ dân phố {number}" for number in range(1, 3)
        ]
    while len(names) < count:
        pick = rng.random()
        if pick < 0.5:
            name = f"{_one(('Kon', 'Kon', 'Plei', 'Làng', 'Thôn', 'Làng Kon', 'Thôn Kon', ''), rng)} {_one(OWN, rng)}"
        elif pick < 0.75:
            name = f"{_one(('', 'Thôn', 'Làng'), rng)} {_one(('Đăk', 'Đăk', 'Đắk', 'Ia', 'Ngọc', 'Măng'), rng)} {_one(WATERS, rng)}"
        else:
            name = f"{_one(('Thôn', 'Thôn', ''), rng)} {_one(SETTLERS, rng)}"
        name = name.strip()
        more = rng.random()
        if more < 0.06:
            names += [f"{name} 1", f"{name} 2"]
        elif more < 0.1:
            names += [
                f"{name} {mark}"
                for mark in _one((("Thượng", "Hạ"), ("Đông", "Tây"), ("A", "B"), ("Mới", "Cũ")), rng)
            ]
        elif more < 0.13:
            names.append(f"Thôn {len(names) + 1} ({name})")
        elif more < 0.15:
            names += [name, _neighbour(name, rng)]
        else:
            names.append(name)
    seen = {}
    for name in names:
        seen.setdefault(_bare(name), name)
    return list(seen.values())


def _neighbour(name, rng):
    """Another village whose name is near."""
    numbers = re.findall(r"\d+", name)
    if numbers:
        return name.replace(numbers[-1], str(int(numbers[-1]) + int(rng.choice([1, 10, 7]))))
    way = rng.random()
    if way < 0.25:
        return f"{name} {_one(('Thượng', 'Nam', 'B', '2', 'Mới'), rng)}"
    if way < 0.45 and len(name.split()[-1]) > 2:
        return name[:-1]
    words = name.split()
    if way < 0.65:
        at = int(rng.integers(0, len(words[-1])))
        letter = _one(tuple("abcghiklmnoprstu"), rng)
        return " ".join([*words[:-1], (words[-1][:at] + letter + words[-1][at + 1 :]).capitalize()])
    return " ".join([*words[:-1], _one(OWN + WATERS, rng).split()[-1]])


def _respelt(name, rng):
    """What was done to a name, and the name as the left office writes it."""
    rules = list(RULES)
    share = np.array([RULES[rule][0] for rule in rules])
    for _ in range(40):
        rule = rules[int(rng.choice(len(rules), p=share / share.sum()))]
        spelt = RULES[rule][1](name, rng)
        if spelt and (spelt != name or rule == "as it is"):
            if rng.random() < 0.3 and rule not in ("as it is", "decomposed"):
                spelt = RULES[_one(("capitals", "spaces", "no tones", "đăk"), rng)][1](spelt, rng) or spelt
            return rule, spelt
    return "as it is", name


def _one(choices, rng):
    return choices[int(rng.integers(0, len(choices)))]


def _bare(name):
    text = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return re.sub("[^a-z0-9]+", "", text)


def _without(name, signs=None):
    kept = [
        sign
        for sign in unicodedata.normalize("NFD", name)
        if not unicodedata.combining(sign) or signs and sign not in signs
    ]
    text = unicodedata.normalize("NFC", "".join(kept))
    return text if signs else text.replace("đ", "d").replace("Đ", "D")


def _tone_moved(name, rng):
    for one, other in (("oà", "òa"), ("uỷ", "ủy"), ("uý", "úy"), ("oá", "óa")):
        name = name.replace(one, other)
    return name


def _tone_wrong(name, rng):
    text = unicodedata.normalize("NFD", name)
    places = [place for place, sign in enumerate(text) if sign in TONES]
    if not places:
        return None
    place = _one(places, rng)
    return unicodedata.normalize("NFC", text[:place] + _one(TONES, rng) + text[place + 1 :])


def _number(name, words):
    found = re.search(r"\d+", name)
    if not found or int(found[0]) >= len(words):
        return None
    return name[: found.start()] + words[int(found[0])] + name[found.end() :]


def _zero(name, rng):
    return re.sub(r"\b(\d)\b", r"0\1", name)


def _short(name, rng):
    found = re.match(r"Thôn (\d+)$", name)
    if found:
        return _one((f"T{found[1]}", f"T.{found[1]}", f"T. {found[1]}", f"thon {int(found[1]):02d}"), rng)
    found = re.match(r"Tổ dân phố (\d+)$", name)
    if found:
        return _one(
            (f"TDP {found[1]}", f"Tổ {found[1]}", f"tổ dân phố số {found[1]}", f"TDP.{found[1]}"), rng
        )
    return re.sub("^Thôn ", "T. ", name) if name.startswith("Thôn ") else None


def _no_prefix(name, rng):
    return re.sub(r"^(Thôn|Làng) (?=\D{3})", "", name)


def _no_native(name, rng):
    return re.sub(r"^(Thôn |Làng )?(Kon|Plei) (?=\S{4})", r"\1", name)


def _prefix(name, rng):
    if name.startswith("Thôn ") and not re.match(r"Thôn \d", name):
        return "Làng " + name[5:]
    if name.startswith("Làng "):
        return "Thôn " + name[5:]
    return (
        None if name.startswith("Tổ") or name.startswith("Thôn") else f"{_one(('Thôn', 'Làng'), rng)} {name}"
    )


def _dak(name, rng):
    return re.sub("Đ[ăắ]k", lambda _: _one(("Đắk", "Đak", "Dak", "ĐĂK", "Đắc", "Đăk"), rng), name)


def _sound(name, rng):
    pairs = (
        ("Ngọc", "Ngọk"),
        ("Ia ", "Ya "),
        ("Plei", "Plây"),
        ("Mỹ", "Mĩ"),
        ("Lý", "Lí"),
        ("Kỳ", "Kì"),
        ("Quý", "Quí"),
    )
    for one, other in pairs:
        if one in name:
            return name.replace(one, other)
    return None


def _apostrophe(name, rng):
    return (
        re.sub(r"\b([RHMKJ])ơ ", r"\1'", name)
        if "ơ " in name
        else re.sub(r"\b([RKHJM])(?=[lrbtn])", r"\1'", name)
    )


def _brackets(name, rng):
    found = re.match(r"(Thôn \d+) \((.+)\)$", name)
    if not found:
        return None
    return _one(
        (
            found[1],
            found[2],
            f"{found[2]} ({found[1]})",
            f"{found[1]} - {found[2]}",
            f"{found[1]} {found[2]}",
        ),
        rng,
    )


def _slip(name, rng):
    """One letter typed wrongly, left out, doubled or in the place of its neighbour."""
    letters = [place for place, sign in enumerate(name) if sign.isalpha() and place]
    at, way = _one(letters, rng), rng.integers(0, 4)
    if way == 0:
        return name[:at] + name[at + 1 :]
    if way == 1:
        return name[:at] + name[at] + name[at:]
    if way == 2 and at + 1 < len(name) and name[at + 1].isalpha():
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + _one(tuple("aeioubcdghklmnrstv"), rng) + name[at + 1 :]


def _swapped(name, rng):
    words = name.split()
    return " ".join([*words[:-2], words[-1], words[-2]]) if len(words) > 2 and "(" not in name else None


RULES = {
    "as it is": (20, lambda name, rng: name),
    "capitals": (8, lambda name, rng: _one((name.upper(), name.lower()), rng)),
    "spaces": (5, lambda name, rng: _one((name.replace(" ", "  "), name.replace(" ", "-"), f" {name}.", name + "\u200b"), rng)),
    "decomposed": (4, lambda name, rng: unicodedata.normalize("NFD", name)),
    "no tones": (6, lambda name, rng: _without(name, TONES)),
    "no marks": (8, lambda name, rng: _without(name)),
    "other tone": (3, _tone_wrong),
    "tone moved": (6, _tone_moved),
    "đăk": (8, _dak),
    "i and y": (4, _sound),
    "apostrophe": (3, _apostrophe),
    "roman": (5, lambda name, rng: _number(name, ROMAN)),
    "in words": (4, lambda name, rng: _number(name, SAID)),
    "zero": (3, _zero),
    "short": (7, _short),
    "no prefix": (6, _no_prefix),
    "no native": (2, _no_native),
    "other prefix": (6, _prefix),
    "brackets": (6, _brackets),
    "slip": (4, _slip),
    "swapped": (0.5, _swapped),
}  # fmt: skip
"""What is done to a name: how often, and how."""


def interval(hits, count, z=1.96):
    """Wilson's 95 % interval of a share."""
    share, wide = hits / count, z * z / count
    middle = (share + wide / 2) / (1 + wide)
    half = z * np.sqrt(share * (1 - share) / count + wide / (4 * count)) / (1 + wide)
    return middle - half, middle + half


def scores(table, truth):
    """Of a match table and the true right ids by left id: right automatic ones, automatic ones, true pairs."""
    found = table.set_index("left_id")
    automatic = found[found["outcome"] == "automatic"]
    right = automatic["right_id"] == truth.reindex(automatic.index)
    return int(right.sum()), len(automatic), int(truth.notna().sum())
