"""Settings of one process, typed, read once from `GIS_*` variables at an entry point."""

from dataclasses import dataclass, field, fields
from pathlib import Path

from gis.errors import SettingError

PREFIX = "GIS_"
FOREIGN = ("GIS_LOCK",)
"""Set by GRASS for its own use."""


def _setting(default, meaning, *, least=None, most=None, choices=None):
    return field(
        default=default, metadata={"meaning": meaning, "least": least, "most": most, "choices": choices}
    )


@dataclass(frozen=True)
class Settings:
    """Everything that may differ from one machine to another; each field is the variable ``GIS_<NAME>``.

    Fields that start with `reader_` limit what one foreign file may cost; a file beyond a limit is refused
    with the limit and the value found.
    """

    studies: Path = _setting(Path("studies"), "folder that holds the study files")
    store: Path = _setting(Path("store"), "folder of the store: records, layers, evidence")
    store_url: str = _setting(
        "", "PostgreSQL database for the records, postgresql+psycopg://…; empty for a file"
    )
    basemaps: Path = _setting(
        Path("basemaps"), "folder of background maps of the office's own, .mbtiles or .pmtiles; need not be there"
    )
    online_tiles: str = _setting(
        "", "address of background tiles in the network, https://…/{z}/{x}/{y}.png; empty for none"
    )
    online_credit: str = _setting("", "who must be named where those tiles are shown")
    host: str = _setting("127.0.0.1", "address the server listens on")
    port: int = _setting(8000, "port the server listens on", least=1, most=65535)
    threads: int = _setting(8, "requests the server answers at the same time", least=1, most=256)
    names: str = _setting(
        "", "names and addresses by which readers reach the server, separated by commas; for other machines"
    )
    proxy: bool = _setting(
        False, "a proxy with TLS stands before the server; what it says of the reader's address is believed"
    )
    without_tls: bool = _setting(
        False, "let other machines sign in without TLS; passwords travel readable in the network"
    )
    workers: int = _setting(
        1, "processes for long work such as imports; with 0 a page waits for it", least=0, most=64
    )
    job_seconds: float = _setting(900.0, "wall-clock seconds for one piece of long work", least=1)
    language: str = _setting("vi", "language where the reader has chosen none", choices=("vi", "en"))
    evidence_mb: int = _setting(25, "largest document or photo as evidence", least=1, most=1000)
    reader_seconds: float = _setting(60.0, "wall-clock and processor seconds for one file", least=0.1)
    reader_memory_mb: int = _setting(2048, "memory of the reading process", least=256)
    reader_file_mb: int = _setting(1024, "largest file", least=1)
    reader_unpacked_mb: int = _setting(2048, "largest content of an archive or a workbook", least=1)
    reader_ratio: int = _setting(200, "largest content of an archive, in times its own size", least=2)
    reader_members: int = _setting(200, "most files in an archive", least=1)
    reader_rows: int = _setting(2_000_000, "most features of a layer or rows of a table", least=1)
    reader_cells: int = _setting(5_000_000, "most cells of a table, rows times columns", least=1)
    reader_pixels: int = _setting(100_000_000, "most cells of a raster", least=1)
    reader_namespace: bool = _setting(
        True, "cut the reading process off the network where the system permits"
    )


def read_settings(environ):
    """Settings from the variables of a process.

    Parameters
    ----------
    environ : Mapping of str to str
        Such as ``os.environ``; names that do not start with ``GIS_`` are not looked at, an empty value counts
        as not given.

    Returns
    -------
    Settings

    Raises
    ------
    SettingError
        If a ``GIS_`` name is not a setting (a slip of the pen would else go unseen), or a value is of the
        wrong type or out of its range.

    Examples
    --------
    >>> read_settings({"GIS_PORT": "9000"}).port
    9000
    """
    known = {PREFIX + setting.name.upper(): setting for setting in fields(Settings)}
    values = {}
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or name in FOREIGN or not text.strip():
            continue
        if name not in known:
            raise SettingError("setting-unknown", setting=name, known=sorted(known))
        setting = known[name]
        values[setting.name] = _checked(name, text.strip(), setting)
    return Settings(**values)


def _checked(name, text, setting):
    value = _parsed(name, text, setting.type)
    limits = setting.metadata
    if limits["choices"] and value not in limits["choices"]:
        raise SettingError("setting-choice", setting=name, value=text, choices=list(limits["choices"]))
    if limits["least"] is not None and not value >= limits["least"]:
        raise SettingError("setting-too-small", setting=name, value=text, least=limits["least"])
    if limits["most"] is not None and value > limits["most"]:
        raise SettingError("setting-too-large", setting=name, value=text, most=limits["most"])
    return value


def _parsed(name, text, kind):
    if kind is bool:
        answers = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }
        if text.lower() not in answers:
            raise SettingError("setting-yes-no", setting=name, value=text)
        return answers[text.lower()]
    if kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            raise SettingError("setting-number", setting=name, value=text) from None
        if value != value or value in (float("inf"), float("-inf")):
            raise SettingError("setting-number", setting=name, value=text)
        return value
    return kind(text)
