"""What can be built: kinds of work with what they cost, change and serve, read from `layers/interventions/*.yaml`."""

from gis.interventions.model import Cost, Intervention
from gis.interventions.reading import load_interventions

__all__ = ["Cost", "Intervention", "load_interventions"]
