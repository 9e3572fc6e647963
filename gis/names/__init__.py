"""Vietnamese names and headings: compared however they are spelt, and matched one to one.

What matches lists of names needs libraries that the reader of foreign files does without; it is loaded
when it is first asked for.
"""

from gis.names.folding import clean, fold, longest_patterns

MATCHING = ("Candidate", "MatchReport", "NameDecision", "match_names")

__all__ = [*MATCHING, "clean", "fold", "longest_patterns"]


def __getattr__(name):
    if name in MATCHING:
        from gis.names import matching

        return getattr(matching, name)
    raise AttributeError(name)
