"""What can be built: kinds of work with what they cost, change and serve, read from `layers/interventions/*.yaml`."""

from gis.interventions.costs import costs_from_rows, costs_to_rows, where_text
from gis.interventions.model import Cost, Intervention
from gis.interventions.reading import SECTORS, load_interventions
from gis.interventions.words import cost_word, money_word, sector_word, unit_word

__all__ = [
    "SECTORS",
    "Cost",
    "Intervention",
    "cost_word",
    "costs_from_rows",
    "costs_to_rows",
    "load_interventions",
    "money_word",
    "sector_word",
    "unit_word",
    "where_text",
]
