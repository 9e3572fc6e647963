"""Edits of a study: what a work, a closure or a changed rule does to it, as data that can be kept and sent.

An edit is plain data (`Edit.to_plain`), so that a scenario is a list of them. `edited` makes the study that they lead
to; the study itself is never changed. Coordinates are those of the study, in metres; metres along a road are those of
the road as the study has it, so that edits of several stretches may come in any order.
"""

from gis.plan.edits.edit import DOES, Edit
from gis.plan.edits.making import edited, scenario_edits

__all__ = ["DOES", "Edit", "edited", "scenario_edits"]
