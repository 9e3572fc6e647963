"""What a work of some size costs in a village."""


def priced(work, village, quantity):
    """A row of `OPTIONS` for a work in a village; None where no cost is known there.

    Parameters
    ----------
    work : Intervention
    village : GeoDataFrame
        One row of the study's villages.
    quantity : float
        In the unit of the work.

    Returns
    -------
    dict or None
    """
    cost = work.cost_in(village)[0]
    if cost is None:
        return None
    return {
        "intervention": work.id,
        "source": "generated",
        "sector": work.sector,
        "village_id": village.index[0],
        "commune_id": village["commune_id"].iloc[0],
        "quantity": float(quantity),
        "unit": work.unit,
        "cost": cost.fixed_vnd + cost.vnd * quantity,
        "cost_low": cost.fixed_vnd + cost.low * quantity,
        "cost_high": cost.fixed_vnd + cost.high * quantity,
        "cost_by": cost.verification,
        "maintenance": (cost.fixed_vnd + cost.vnd * quantity) * work.maintenance_pct / 100,
        "people_pct": work.people_pct,
        "places": work.places,
        "pays": " ".join(work.pays),
        "years": work.years,
        "geometry": village["point"].iloc[0],
    }
