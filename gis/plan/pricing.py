"""What a work of some size costs in a village."""


def priced_by(cost, work, facts, quantity):
    """A row of `OPTIONS` for so much of a work in a village.

    Parameters
    ----------
    cost : Cost
        The one that counts there.
    work : Intervention
    facts : tuple of (str or None, str, Point or None)
        The village's id, commune and point.
    quantity : float
        In the unit of the work.

    Returns
    -------
    dict
    """
    village, commune, point = facts
    return {
        "intervention": work.id,
        "source": "generated",
        "sector": work.sector,
        "village_id": village,
        "commune_id": commune,
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
        "geometry": point,
    }
