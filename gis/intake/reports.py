"""What comes out of the reading door: frames, tables and rasters, each with the report of its file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from gis.errors import Problem
from gis.labels import Label


@dataclass(frozen=True)
class FileReport:
    """What one file was, and what became of each of its rows.

    `rows_in` are the features, table rows or raster rows the file declares, `rows_out` those handed on,
    `skipped` the (row number, reason code) of every other one; the sum always holds.
    """

    file: str
    sha256: str
    size: int
    format: str
    driver: str
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    rows_in: int = 0
    rows_out: int = 0
    skipped: tuple = ()
    problems: tuple = field(default=())

    def __post_init__(self):
        if self.rows_in != self.rows_out + len(self.skipped):
            raise ValueError(
                f"{self.file}: {self.rows_in} rows in, {self.rows_out} out, {len(self.skipped)} skipped"
            )

    def as_json(self):
        """The report as a dict of plain values."""
        return asdict(self) | {"problems": [problem_as_json(problem) for problem in self.problems]}

    @classmethod
    def from_json(cls, values):
        """The report from what `as_json` gave; fails on anything else."""
        values = dict(values)
        values["skipped"] = tuple((int(row), str(reason)) for row, reason in values["skipped"])
        values["problems"] = tuple(problem_from_json(problem) for problem in values["problems"])
        for name in ("rows_in", "rows_out", "size"):
            values[name] = int(values[name])
        return cls(**values)


@dataclass(frozen=True)
class Foreign:
    """A vector layer: `frame` (GeoDataFrame, the file's own CRS or None) and `report`.

    Columns: ``source_row`` (1-based number of the feature in its file), the file's own columns (text as str
    or None; whole numbers as int64, or Int64 where some are missing; numbers as float64; yes/no as bool, or
    object with None; dates as ISO text) and ``geometry`` (2D, not repaired; None where the file has none that
    can be used).
    """

    frame: object
    report: FileReport


@dataclass(frozen=True)
class Sheets:
    """A table file: `sheets` is a dict of sheet name to rows, a row a list of str, float, bool or None.

    Dates are ISO text. Row 1 of the file is the first row of the list, empty rows at the end are cut off and
    rows are as long as their last filled cell. A CSV file is one sheet, named like the file, all text.
    `merged` is a dict of sheet name to merged ranges (top, left, bottom, right), counted from 0, both ends
    inside; the value stands in the first cell. Empty where the format has none or does not tell.
    """

    sheets: dict
    report: FileReport
    merged: dict = field(default_factory=dict)


@dataclass(frozen=True)
class RasterData:
    """Band 1 of a raster.

    `array` is float32, or float64 where float32 cannot hold the values; NaN where the raster has no data.
    `transform` is an Affine from (column, row) to map units, `crs` a pyproj CRS or None, `nodata` the value
    that marked missing cells in the file.
    """

    array: object
    transform: object
    crs: object
    nodata: float | None
    report: FileReport


@dataclass(frozen=True)
class Attachment:
    """A document or photo.

    `kind` is ``jpg``, ``png``, ``heic``, ``pdf``, ``docx`` or ``xlsx``. Of a photo that can be shown `about` has
    ``width``, ``height``, ``taken``, ``lon``, ``lat`` and ``accuracy_m``, each None where unknown, and `preview`
    is a small JPEG; else both are None. `notes` are codes of what a photo says that cannot be.
    """

    kind: str
    about: dict | None
    preview: bytes | None
    notes: tuple


def problem_as_json(problem):
    """A problem as a dict of plain values; what says it, says it the same way afterwards."""
    arguments = {name: _plain(value) for name, value in problem.arguments.items()}
    return {"code": problem.code, "arguments": arguments, "severity": problem.severity}


def problem_from_json(values):
    """A problem from what `problem_as_json` gave."""
    arguments = {name: _revived(value) for name, value in dict(values["arguments"]).items()}
    return Problem(str(values["code"]), arguments, str(values["severity"]))


def _plain(value):
    if isinstance(value, Label):
        return {"label": dict(value)}
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value - value != 0:
        # neither NaN nor infinity is JSON; as text they read the same
        return str(value)
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def _revived(value):
    if isinstance(value, Mapping) and set(value) == {"label"} and isinstance(value["label"], Mapping):
        return Label(value["label"])
    return [_revived(item) for item in value] if isinstance(value, list) else value


def counted(code, rows, severity="warning", **arguments):
    """A problem that many rows share: how many, and the numbers of the first five."""
    return Problem(code, {**arguments, "count": len(rows), "rows": [int(row) for row in rows[:5]]}, severity)
