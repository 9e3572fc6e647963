"""For which village, or only which commune, each row of a needs list is."""

import pandas as pd

from gis.assessments import Sheet, join_sheet
from gis.errors import Problem
from gis.names import fold
from gis.values import to_text

KEYS = ("village_id", "village", "commune_id", "commune")
MOST_TURNS = 20
TOLD = ("sheet-names-to-review", "sheet-rows-without-village", "sheet-village-twice")
"""What the matching of names says that matters to a list of works."""


class Placing:
    """Finds the villages of the rows of one list; what it cannot find it tells in `problems`.

    Parameters
    ----------
    study : Study
    where : Mapping
        ``file`` and ``sheet``, for the sentences.
    """

    def __init__(self, study, where):
        self.study, self.where, self.problems = study, where, []

    def placed(self, rows):
        """The rows with the village, or only the commune, that each is for."""
        villages = self.study.villages
        found = {}
        for row in rows:
            id_ = to_text(row.get("village_id"))
            if id_ in villages.index:
                found[row["row"]] = id_
            elif all(to_text(row.get(name)) is None for name in ("village_id", "village")):
                found[row["row"]] = self._around(row["geometry"])
        self._match([row for row in rows if row["row"] not in found], found)
        placed = []
        for row in rows:
            village = found.get(row["row"])
            if village is not None:
                placed.append(
                    {**row, "village_id": village, "commune_id": villages.at[village, "commune_id"]}
                )
            elif row["row"] in found and (commune := self._commune(row)) is not None:
                placed.append({**row, "village_id": None, "commune_id": commune})
            elif row["row"] in found:
                self.problems.append(Problem("needs-no-village", {**self.where, "row": row["row"]}))
        return placed

    def _match(self, rows, found):
        """Names of villages by the matching of review sheets, which says itself what it could not match."""
        villages, left = self.study.villages, rows
        for _ in range(MOST_TURNS):
            ways = {}
            for row in left:
                ways.setdefault(tuple(to_text(row.get(name)) for name in KEYS), []).append(row)
            if not ways:
                return
            frame = pd.DataFrame(list(ways), columns=list(KEYS), dtype=object)
            frame = frame.dropna(axis=1, how="all").assign(
                way=range(len(ways)), row=[e[0]["row"] for e in ways.values()]
            )
            table, problems, _ = join_sheet(Sheet(frame, (), len(frame)), villages, where=self.where)
            joined = {list(ways)[int(way)]: village for village, way in table["way"].dropna().items()}
            for way, village in joined.items():
                found.update({row["row"]: village for row in ways[way]})
            left = [row for way, same in ways.items() if way not in joined for row in same]
            # two spellings of one village take turns
            if not joined or not left:
                break
        if left:
            self.problems += [problem for problem in problems if problem.code in TOLD]

    def _around(self, geometry):
        """The village in which something lies, by its middle; None where that is in none."""
        if geometry is None or geometry.is_empty:
            return None
        villages = self.study.villages
        outlines = villages.geometry
        inside = villages.index[outlines.notna() & outlines.intersects(geometry.representative_point())]
        return inside[0] if len(inside) else None

    def _commune(self, row):
        communes = self.study.communes
        for name in ("commune_id", "commune"):
            text = to_text(row.get(name))
            for key, known in communes["name"].items():
                if text is not None and fold(text) in (fold(str(key)), fold(str(known))):
                    return key
        return None
