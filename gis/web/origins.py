"""Where a study of the shelf comes from: a study file in the folder, the store, or what was frozen there."""

from gis.errors import GisError, MissingError
from gis.labels import Label
from gis.store import meetings, studies
from gis.web.stamps import files_beside, files_named, stamps
from gis.workflows.meetings import open_frozen
from gis.yamltext import read_yaml


class FileOrigin:
    """A study file; it has changed when it or a file it names did."""

    def __init__(self, path, folder, open_review):
        self.path, self.key = path, path
        self.place = path.relative_to(folder).as_posix()
        self._open_review = open_review
        self._named, self._seen, self._beside = (path,), {}, {}

    @property
    def title(self):
        """The study's label as its file writes it, else the file's name; never fails."""
        try:
            data, _ = read_yaml(self.path)
            return Label(data.get("label") or data.get("title") or _plain_name(self.path))
        except (GisError, OSError, AttributeError, TypeError):
            return Label(_plain_name(self.path))

    def open(self, report):
        """Read and judge the study."""
        # Before anything is read: what changes while it is read counts as changed.
        self._named = files_named(self.path)
        self._seen, self._beside = stamps(self._named), stamps(files_beside(self.path))
        return self._open_review(self.path, report)

    def has_changed(self, *, failed):
        """Whether the files are not what they were; a study that failed may be waiting for any file beside it."""
        seen, now = self._seen, stamps(self._named)
        if failed:
            seen, now = self._beside | seen, stamps(files_beside(self.path)) | now
        return seen != now


class StoredOrigin:
    """A study of the store; it has changed when its revision did."""

    place = None

    def __init__(self, store, study_id, open_stored):
        self.key, self.study_id = study_id, study_id
        self._store, self._open_stored, self._revision = store, open_stored, None

    @property
    def title(self):
        """The study's title; its id where it is gone."""
        row = self._row()
        return Label(row["recipe"]["title"] if row else self.study_id)

    def is_empty(self):
        """Whether no file was taken into the study yet."""
        with self._store.reading() as connection:
            return not studies.current_versions(connection, self.study_id)

    def open(self, report):
        """Read and judge the study."""
        row = self._row()
        self._revision = row and row["revision"]
        return self._open_stored(self.study_id, report)

    def has_changed(self, *, failed):
        """Whether the study is at another revision."""
        row = self._row()
        return (row and row["revision"]) != self._revision

    def _row(self):
        with self._store.reading() as connection:
            return next((row for row in studies.list_studies(connection) if row["id"] == self.study_id), None)


FROZEN = "@"
"""Stands in the id of a frozen study between that of the study and the key of the version."""


class FrozenOrigin:
    """A study of the store as it was frozen for a meeting; it never changes.

    Attributes
    ----------
    row : dict
        Of the frozen version.
    frozen : Frozen or None
        What was frozen, once it was opened.
    """

    place = None

    def __init__(self, store, row):
        self.study_id = row["study_id"]
        self.key = (self.study_id, row["content"])
        self.row, self.frozen, self._store = row, None, store

    @property
    def title(self):
        """The name of the meeting."""
        return Label(self.row["name"])

    def is_empty(self):
        """Never: something was judged."""
        return False

    def open(self, _):
        """Open what was frozen; nothing is judged."""
        self.frozen = open_frozen(self._store, self.study_id, self.row["key"])
        return self.frozen.review

    def has_changed(self, *, failed):
        """Only a file that could not be read may have been brought back."""
        return failed


def find_frozen(store, study_id):
    """The frozen study of an id such as ``dak-to@0123456789``; None where there is none."""
    study, at, key = study_id.partition(FROZEN)
    if not at or store is None:
        return None
    try:
        with store.reading() as connection:
            studies.get_study(connection, study)
            return FrozenOrigin(store, meetings.get(connection, study, key))
    except MissingError:
        return None


def _plain_name(path):
    return path.parent.name if path.name == "study.yaml" else path.stem
