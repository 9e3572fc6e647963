"""Invents the district: ground, villages, names, people and roads, all from one seed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.sample import naming, people, places, roads, terrain

MIDDLE = (505_000.0, 1_618_000.0)
CELL_M = 50.0
MAX_CELLS = 4_200_000


@dataclass(frozen=True)
class District:
    """All that was invented, before it is written."""

    places: places.Places
    elevation: terrain.Grid
    streams: terrain.Streams
    settlements: pd.DataFrame
    villages: pd.DataFrame
    names: np.ndarray
    communes: np.ndarray
    codes: np.ndarray
    ways: roads.Roads
    table: pd.DataFrame
    crossings: pd.DataFrame
    seed: int

    @property
    def village_codes(self):
        """Code of each village: that of its commune and a running number in it."""
        commune = pd.Series(self.places.commune)
        number = commune.groupby(commune).cumcount() + 1
        return self.codes[commune] + number.map("{:02d}".format).to_numpy()

    @property
    def name(self):
        """The district goes by the name of the commune its first town is in."""
        return str(self.communes[self.places.commune[self.places.towns[0]]])

    def rng(self, stage):
        """Random numbers of one stage of the work, the same whatever else was drawn."""
        return np.random.default_rng([self.seed, stage])


def invent(villages, communes, seed, report):
    """The district of a seed: ground, villages, names, people and roads."""

    def rng(stage):
        return np.random.default_rng([seed, stage])

    # Small districts have room; a hundred thousand villages at that size would leave the zone of the CRS.
    spacing = np.sqrt(5e6 if villages <= 2000 else 2.5e6)
    side = 1.8 * np.sqrt(villages) * spacing + 8 * spacing
    cell = CELL_M
    while (side / cell) ** 2 > MAX_CELLS * (1 if villages < 20_000 else 5):
        cell *= 2
    side = np.ceil(side / cell) * cell
    west = np.round((MIDDLE[0] - side / 2) / cell) * cell
    north = np.round((MIDDLE[1] + side / 2) / cell) * cell
    report(0.0, "sample-ground")
    elevation, streams = terrain.relief(west, north, side, cell, rng(0))
    sites = places.choose_sites(elevation, streams, side, spacing, rng(1))
    settled = places.settle(sites, elevation, villages, communes, rng(2))
    report(0.15, "sample-roads")
    settlements = people.hamlets(settled, rng(3))
    names, lowland = naming.village_names(settled.commune, rng(4))
    commune_names = np.array(naming.commune_names(communes, rng(5)), dtype=object)
    ways = roads.lay_roads(settled, elevation, streams, settlements, rng(6))
    described = people.describe(settled, elevation, ways.town_km, lowland, rng(7))
    table, crossings = roads.build(ways, described["progress"].to_numpy(), rng(8))
    codes = np.array([f"{1001 + number:05d}" for number in range(communes)], dtype=object)
    return District(
        places=settled,
        elevation=elevation,
        streams=streams,
        settlements=settlements,
        villages=described,
        names=names,
        communes=commune_names,
        codes=codes,
        ways=ways,
        table=table,
        crossings=crossings,
        seed=seed,
    )
