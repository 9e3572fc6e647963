"""Where map and sheet do not say the same, and why that is likely: by written rules, nothing hidden.

Nothing is corrected here. Each row keeps both figures, and which of them decides stays with the set.
"""

from gis.disagreements.causes import CAUSES
from gis.disagreements.kinds import CONTRADICTIONS, KINDS
from gis.disagreements.table import count_causes, disagreements, not_measured

__all__ = ["CAUSES", "CONTRADICTIONS", "KINDS", "count_causes", "disagreements", "not_measured"]
