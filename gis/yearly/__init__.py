"""Lists of years, targets and pilots in a reader's words: what a page, a command and a workbook show alike."""

from gis.yearly.changes import cause_rows, change_rows, criterion_change_rows, finding_change_rows
from gis.yearly.listing import Listing, verdict_word
from gis.yearly.targets import closest_rows, count_rows, pilot_rows, progress_lines, step_rows, without_rows
from gis.yearly.years import event_rows, status_rows, year_rows

__all__ = [
    "Listing",
    "cause_rows",
    "change_rows",
    "closest_rows",
    "count_rows",
    "criterion_change_rows",
    "event_rows",
    "finding_change_rows",
    "pilot_rows",
    "progress_lines",
    "status_rows",
    "step_rows",
    "verdict_word",
    "without_rows",
    "year_rows",
]
