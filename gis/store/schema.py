"""The tables of the store. Rows are added and superseded; what was recorded is not written over.

Times are UTC as ISO text and only shown: order is by `id` or `seq`, since a clock may be set back. `who` is
the name of a person. JSON columns hold plain values with text keys.
"""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _number():
    """A key that grows by one a row and is never given twice, also after a deletion."""
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _study():
    return sa.Column("study_id", sa.ForeignKey("studies.id"), nullable=False, index=True)


def _by():
    return sa.Column("who", sa.Text, nullable=False), sa.Column("at", sa.Text, nullable=False)


studies = sa.Table(
    "studies",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # the keys of a study file but for `layers` and `assessments`
    sa.Column("recipe", sa.JSON, nullable=False),
    # a criteria set that came with the study, as plain data; null where the house has it
    sa.Column("criteria", sa.JSON),
    # grows by one with every change of anything below it
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("deleted_at", sa.Text),
    *_by(),
)

versions = sa.Table(
    "versions",
    metadata,
    _number(),
    _study(),
    # `schools`, or `assessments-2024` and `assessments-2024-b`
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    # how the source was bound: the source's entry in a study file, without `file`
    sa.Column("entry", sa.JSON, nullable=False),
    # what the reader said of the file
    sa.Column("report", sa.JSON, nullable=False),
    *_by(),
    sa.UniqueConstraint("study_id", "source", "number"),
    sqlite_autoincrement=True,
)
"""One import of one source; immutable, as is the file named by `content`."""

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("study_id", sa.ForeignKey("studies.id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("version_id", sa.ForeignKey("versions.id"), nullable=False),
    sa.Column("deleted_at", sa.Text),
    *_by(),
)
"""Which version of a source is current; switching it publishes."""

reported = sa.Table(
    "reported",
    metadata,
    _number(),
    _study(),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("village_id", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    # self | recheck
    sa.Column("kind", sa.Text, nullable=False),
    # a number, a text, or null: the entered value is taken back and the sheet's counts again
    sa.Column("value", sa.JSON(none_as_null=True)),
    sa.Column("reason", sa.Text),
    *_by(),
    sa.Index("ix_reported_cell", "study_id", "year", "village_id", "field", "kind"),
    sqlite_autoincrement=True,
)
"""Values that people entered over the sheets; the latest of a cell counts, the earlier ones are its history."""

decisions = sa.Table(
    "decisions",
    metadata,
    _number(),
    _study(),
    # match: a name in a file and the village it means; mapping: a column title and the field it holds;
    # disagreement: a village and criterion of a year, and which of map and report is right
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.JSON, nullable=False),
    # null: none of the candidates
    sa.Column("answer", sa.Text),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text),
    *_by(),
    sqlite_autoincrement=True,
)
"""What a person decided about a study and shall not be asked again; the latest of a subject counts."""

evidence = sa.Table(
    "evidence",
    metadata,
    _number(),
    _study(),
    sa.Column("village_id", sa.Text, nullable=False),
    sa.Column("criterion", sa.Text),
    sa.Column("year", sa.Integer),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("deleted_at", sa.Text),
    *_by(),
    # jpg | png | heic | pdf | docx | xlsx, told from the content
    sa.Column("kind", sa.Text),
    # a small picture of a photo, a stored file of its own
    sa.Column("preview", sa.Text),
    # what a photo says of itself: size, when and where it was taken
    sa.Column("about", sa.JSON(none_as_null=True)),
    sqlite_autoincrement=True,
)

runs = sa.Table(
    "runs",
    metadata,
    _number(),
    _study(),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("headline", sa.JSON, nullable=False),
    *_by(),
    sa.UniqueConstraint("study_id", "run"),
    sqlite_autoincrement=True,
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _study(),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    # waiting | read | refused | accepted | discarded
    sa.Column("state", sa.Text, nullable=False),
    # how the file is to be read: layer, encoding, crs … as in an entry of a study file
    sa.Column("options", sa.JSON, nullable=False),
    # what reading it gave: content, kind, report, proposals
    sa.Column("found", sa.JSON),
    *_by(),
)
"""Files on their way in; nothing of a study changes before a person accepts one."""

jobs = sa.Table(
    "jobs",
    metadata,
    _number(),
    sa.Column("study_id", sa.Text, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("arguments", sa.JSON, nullable=False),
    # queued | running | done | failed | interrupted | cancelled
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("fraction", sa.Float, nullable=False),
    # codes and arguments, from which sentences are made when they are shown
    sa.Column("saying", sa.JSON),
    sa.Column("problems", sa.JSON),
    sa.Column("result", sa.JSON),
    sa.Column("cancel", sa.Boolean, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    # the worker that has it, and when that last gave a sign of life
    sa.Column("worker", sa.Text),
    sa.Column("beat", sa.Float),
    sa.Column("started_at", sa.Text),
    sa.Column("ended_at", sa.Text),
    *_by(),
    sqlite_autoincrement=True,
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("password", sa.Text, nullable=False),
    # viewer | editor | verifier | administrator
    sa.Column("role", sa.Text, nullable=False),
    # communes an editor may change; empty for all
    sa.Column("communes", sa.JSON, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    # grows with every new password: sessions opened before it are over
    sa.Column("stamp", sa.Integer, nullable=False),
    *_by(),
    # studies that are seen; empty for all
    sa.Column("studies", sa.JSON, nullable=False),
    # of these studies only what lies in `communes` is seen
    sa.Column("only_own", sa.Boolean, nullable=False),
    # the password was chosen by somebody else, and another is asked for before anything is shown
    sa.Column("must_change", sa.Boolean, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    # hash of what the cookie carries
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, index=True),
    sa.Column("address", sa.Text, nullable=False),
    # what the browser says it is
    sa.Column("agent", sa.Text, nullable=False),
    # seconds of the wall clock: when it began, and when it was last used
    sa.Column("begun", sa.Float, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),
)
"""Who is signed in where; a row is gone when the session is over."""

invitations = sa.Table(
    "invitations",
    metadata,
    _number(),
    # hash of the code that is handed over
    sa.Column("key", sa.Text, nullable=False),
    # invite | reset
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    # role and area of an account that is to be; null for a new password
    sa.Column("grants", sa.JSON(none_as_null=True)),
    # seconds of the wall clock
    sa.Column("until", sa.Float, nullable=False),
    # open | used | withdrawn
    sa.Column("state", sa.Text, nullable=False),
    *_by(),
    sa.UniqueConstraint("key"),
    sqlite_autoincrement=True,
)
"""Codes by which a person makes an account, or a new password, of their own; each works once."""

tries = sa.Table(
    "tries",
    metadata,
    _number(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("moment", sa.Float, nullable=False),
    sa.Index("ix_tries_moment", "moment"),
    sqlite_autoincrement=True,
)
"""Sign-ins that failed, for the limit on them."""

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)
"""What the installation remembers of itself: the person at this computer, the key that signs sessions."""

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    *_by(),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("study_id", sa.Text, index=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
"""Who changed what, when, from what to what. Append-only: triggers refuse changes, and each row holds the
hash of the one before."""

states = sa.Table(
    "states",
    metadata,
    _number(),
    _study(),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("village_id", sa.Text, nullable=False),
    # draft | verified | recognised
    sa.Column("state", sa.Text, nullable=False),
    # the verdict at that moment, a hash of the findings behind it, and the run that gave them
    sa.Column("status", sa.Text),
    sa.Column("basis", sa.Text),
    sa.Column("run", sa.Text),
    # of a recognition: number and date of the decision, and the stored document with its name
    sa.Column("decision", sa.Text),
    sa.Column("decided_on", sa.Text),
    sa.Column("content", sa.Text),
    sa.Column("file", sa.Text),
    # why it was taken back
    sa.Column("reason", sa.Text),
    *_by(),
    sa.Index("ix_states_village", "study_id", "year", "village_id"),
    sqlite_autoincrement=True,
)
"""How far the verdict on a village is in one year; the latest row counts, without one it is a draft."""

meetings = sa.Table(
    "meetings",
    metadata,
    _number(),
    _study(),
    # the beginning of the content's name, the same in every store that has it
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("as_of", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("headline", sa.JSON, nullable=False),
    # who, at and reason, where it was withdrawn
    sa.Column("withdrawn", sa.JSON(none_as_null=True)),
    *_by(),
    sa.UniqueConstraint("study_id", "key"),
    sqlite_autoincrement=True,
)
"""Judged studies as they were laid before a meeting; the file named by `content` never changes."""

campaigns = sa.Table(
    "campaigns",
    metadata,
    _number(),
    _study(),
    # what workbooks and the reasons of merged values call it; the same in every store
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    # 1 | 2, null for a whole year
    sa.Column("half", sa.Integer),
    sa.Column("deadline", sa.Text, nullable=False),
    sa.Column("criteria", sa.Text, nullable=False),
    # commune ids that were there when it was opened
    sa.Column("communes", sa.JSON, nullable=False),
    # pairs of field and type, as the set asked for them when it was opened
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    # the latest entered value of that moment: what came later was entered meanwhile
    sa.Column("since", sa.Integer, nullable=False),
    sa.Column("closed_at", sa.Text),
    *_by(),
    sa.UniqueConstraint("study_id", "key"),
    sqlite_autoincrement=True,
)
"""A yearly or half-yearly review: which communes are asked for which figures until when."""

submissions = sa.Table(
    "submissions",
    metadata,
    _number(),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False, index=True),
    sa.Column("commune", sa.Text, nullable=False),
    # self | recheck: whose values were taken from it
    sa.Column("kinds", sa.JSON, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    # the values, the cells that could not be read, and what there is to say of the file
    sa.Column("found", sa.JSON, nullable=False),
    *_by(),
    sqlite_autoincrement=True,
)
"""Workbooks that communes sent; the latest of a commune and kind counts, the earlier ones stay."""

answers = sa.Table(
    "answers",
    metadata,
    _number(),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False, index=True),
    sa.Column("submission_id", sa.ForeignKey("submissions.id"), nullable=False),
    # of the question, which holds the values that it asks about
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("village_id", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    # self | recheck
    sa.Column("kind", sa.Text, nullable=False),
    # right | changed: of a figure asked about; kept: of a conflict, what stood there stays
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("value", sa.JSON(none_as_null=True)),
    sa.Column("reason", sa.Text, nullable=False),
    *_by(),
    sqlite_autoincrement=True,
)
"""What was said about single figures that a commune sent."""

editions = sa.Table(
    "editions",
    metadata,
    _number(),
    sa.Column("set_id", sa.Text, nullable=False),
    # a day and a number: 2026-11-23-2
    sa.Column("edition", sa.Text, nullable=False),
    # the whole set, as a set file says it
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    # hash of the set that it was made from
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    *_by(),
    sa.UniqueConstraint("set_id", "edition"),
    sqlite_autoincrement=True,
)
"""Criteria sets as people corrected and checked them; all studies may be judged by each, and none is changed."""

plans = sa.Table(
    "plans",
    metadata,
    _number(),
    # also of a study that is only a file, so no row of `studies` need be there
    sa.Column("study_id", sa.Text, nullable=False, index=True),
    # the beginning of the content's name, the same in every store that has it; links name it
    sa.Column("key", sa.Text, nullable=False),
    # plan | scenario
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("content", sa.Text, nullable=False),
    # of the judgement that it was made from, and the study's revision then; null for a study file
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer),
    # the figures that a list shows
    sa.Column("headline", sa.JSON, nullable=False),
    # who, at and reason, where it was withdrawn
    sa.Column("withdrawn", sa.JSON(none_as_null=True)),
    *_by(),
    sa.UniqueConstraint("study_id", "key"),
    sqlite_autoincrement=True,
)
"""Plans and scenarios; the record is the file named by `content`, which never changes."""
