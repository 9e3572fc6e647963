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
    facts = village.index[0], village["commune_id"].iloc[0], village["point"].iloc[0]
    return None if cost is None else priced_by(cost, work, facts, quantity)


def priced_by(cost, work, facts, quantity):
    """The same by a `Cost` that is known to count, for a village given as id, commune and point."""
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
