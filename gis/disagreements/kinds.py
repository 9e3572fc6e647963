"""What kinds of disagreement there are."""

KINDS = ("claimed-met", "claimed-unmet", "claim-alone", "not-compared")
CONTRADICTIONS = KINDS[:2]
"""Kinds in which both sides tell, and not the same."""
