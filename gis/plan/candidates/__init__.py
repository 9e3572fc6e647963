"""What could be built, made from the gaps of a review.

A folder that grows: every module registers functions with `maker`; each is given a `Gaps` and yields what could close
some of them. A work is found by the same id whenever it is made, and two makers that make the same work make one.
"""

from gis.plan.candidates.base import Gaps, Made, discover_makers, maker

__all__ = ["Gaps", "Made", "discover_makers", "maker"]
