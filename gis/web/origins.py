"""Where a study of the shelf comes from: a study file in the folder, or the store."""

from gis.errors import GisError
from gis.labels import Label
from gis.store import studies
from gis.web.stamps import files_beside, files_named, stamps
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


def _plain_name(path):
    return path.parent.name if path.name == "study.yaml" else path.stem
