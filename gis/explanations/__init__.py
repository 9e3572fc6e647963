"""Why a finding is what it is: every part of the reason as data, and the sentences that are made from it."""

from gis.explanations.reason import Behind, Explanation, explanation
from gis.explanations.telling import confidence_text, explain, fix_text, tell

__all__ = ["Behind", "Explanation", "confidence_text", "explain", "explanation", "fix_text", "tell"]
