"""The layers that ways go by, and what is made of them once for all modes, seasons and kinds of place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from gis.catalogue import Layer, load_catalogue
from gis.network import DETOUR, Network, Routes, edge_seconds
from gis.rasters import Raster
from gis.roadspeeds import fastest_kmh
from gis.surface import build_surface
from gis.surface.water import CROSSING_M
from gis.travel.again import SAME, Ground
from gis.travel.climbing import climb
from gis.travel.differing import GOES, SHAPES, rows_differing, surface_again, tracks_again
from gis.travel.onroads import RoadReach
from gis.travel.reaching import Reach
from gis.travel.riding import ride_on
from gis.travel.riding_again import ride_again
from gis.travel.tracks import lay_tracks
from gis.travel.wearing import wear

LAYERS = ("elevation", "roads", "rivers", "crossings", "land_cover")
"""What ways depend on, by the names of the parameters of `Travel` and of the indicators that ask for it."""
KEPT_CELLS, KEPT = 100_000_000, 16
"""So many cells of times are kept for whoever asks again, 400 MB, in so many reaches."""
FEW = 100
"""So many places, or a tenth of all, may be others than before where times are worked out from those of before."""


@dataclass(frozen=True)
class Travel:
    """The layers that ways go by, and what was made of them so far.

    Attributes
    ----------
    elevation : Raster or None
        Without heights there are times by road only.
    roads, rivers, crossings : GeoDataFrame, optional
    land_cover : Raster, optional
        As for `gis.surface.build_surface`.
    rules : Layer, optional
        The layer of roads in the catalogue, for its ``speeds`` and ``condition_factors``; ours where left out.
    ground : Mapping
        How a study wants its ground to be taken, as `gis.surface.build_surface` takes it.
    before : Travel or None
        Over layers that differ by little; what it knows is not worked out from the beginning.
    """

    elevation: Raster | None
    roads: object = None
    rivers: object = None
    crossings: object = None
    land_cover: Raster | None = None
    rules: Layer | None = None
    ground: Mapping = field(default_factory=dict)
    before: "Travel | None" = field(default=None, repr=False, compare=False)
    _made: dict = field(default_factory=dict, repr=False, compare=False)
    _reaches: dict = field(default_factory=dict, repr=False, compare=False)

    def again(self, *, roads=None, crossings=None, rules=None):
        """The same over other roads or crossings, nothing asked of it yet.

        What is asked is worked out from what this one was asked before, where that is faster; see `gis.travel.again`.
        """
        roads = self.roads if roads is None else roads
        crossings = self.crossings if crossings is None else crossings
        rules = self.rules if rules is None else rules
        same = roads is self.roads and crossings is self.crossings and rules is self.rules
        if same:
            return replace(self, before=self, _reaches={})
        known = self.before is None and self.elevation is not None and self.roads is not None
        given = {"roads": roads, "crossings": crossings, "rules": rules, "_made": {}, "_reaches": {}}
        return replace(self, before=self if known else None, **given)

    def forget(self):
        """Let go of the times it keeps, 4 bytes a cell each; whoever asks again has them worked out again."""
        self._reaches.clear()

    def within(self, bounds):
        """The same over the part of the ground that touches west, south, east, north."""
        near = {name: _near(getattr(self, name), bounds) for name in LAYERS[1:]}
        return Travel(self.elevation.window(bounds), **near, rules=self.rules, ground=self.ground)

    def surface(self, *, season="dry", walk_kmh=5.04, off_path_pct=60.0):
        """The surface of walking at a speed in a season; made once."""
        how = {"season": season, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
        key = ("surface", *how.values())
        if self._is_edited:
            return self._once(key, lambda: self._surface_again(how))[0]
        return self._once(
            key,
            lambda: build_surface(
                self.elevation,
                roads=self.roads,
                rivers=self.rivers,
                crossings=self.crossings,
                land_cover=self.land_cover,
                season=season,
                walk_kmh=walk_kmh,
                off_path_pct=off_path_pct,
                **self.ground,
            ),
        )

    def ride(self, *, mode, season="dry", walk_kmh=5.04, off_path_pct=60.0):
        """The roads as one rides on them; None for walking and where there are no roads."""
        if mode == "walk" or self.roads is None or not len(self.roads):
            return None
        how = {"season": season, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}

        if self._is_edited:
            return self._once(("ride", mode, *how.values()), lambda: self._ride_again(mode, how))[0]

        return self._once(("ride", mode, *how.values()), lambda: self._ride(mode, how))

    def _ride(self, mode, how, dead=()):
        """The ride over all roads; `dead` are edges of the tracks that are there no more."""
        rules, tracks = self.rules_of_roads, self.tracks
        said = {"mode": mode, "season": how["season"], "factors": rules.condition_factors}
        if how["season"] == "wet":
            said |= self._once(
                "wear", lambda: wear(self.elevation, tracks, self.roads, self.rivers, self.crossings)
            )
        seconds, estimated = edge_seconds(tracks, self.roads, rules.speeds, **said)
        seconds[np.asarray(dead, dtype=bool).nonzero()] = np.inf
        if mode == "bicycle":
            seconds = climb(self.elevation, tracks, self.roads, seconds, walk_kmh=how["walk_kmh"])
        return ride_on(tracks, self.surface(**how), seconds, estimated)

    @property
    def tracks(self):
        """The roads over the cells of the heights; made once."""
        if self._is_edited:
            return self._tracks_again[0]
        return self._once("tracks", lambda: lay_tracks(self.elevation, Network.of_roads(self.roads)))

    def fastest_kmh(self, *, mode="walk", season="dry", walk_kmh=5.04, off_path_pct=60.0):
        """The fastest that one gets on at all, on roads that the layer lacks too."""
        if self.elevation is None:
            return max(walk_kmh, fastest_kmh(self.rules_of_roads.speeds, mode=mode, season=season))
        walking = self.surface(season=season, walk_kmh=walk_kmh, off_path_pct=off_path_pct).fastest_kmh
        if mode == "walk":
            return walking
        return max(walking, fastest_kmh(self.rules_of_roads.speeds, mode=mode, season=season))

    def reach(
        self,
        places,
        *,
        mode="walk",
        season="dry",
        towards=True,
        limit_min=np.inf,
        walk_kmh=5.04,
        off_path_pct=60.0,
    ):
        """The times between everywhere and the nearest of some places.

        Parameters
        ----------
        places : array of float, shape (n, 2)
            Coordinates in metres.
        mode : str
            Of `gis.surface.MODES`: "walk" all the way, or walking to a road, riding and walking again.
        season : str
            Of `gis.surface.SEASONS`.
        towards : bool
            True for going to the places, False for coming from them.
        limit_min : float
            What takes longer is not reached.
        walk_kmh, off_path_pct : float
            As for `gis.surface.build_surface`.

        Returns
        -------
        Reach
            Without heights a `RoadReach`: by road alone, for whoever rides.
        """
        how = {"season": season, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
        places = np.asarray(places, dtype=float).reshape(-1, 2)

        def make():
            if self.elevation is None:
                routes, estimated = self._routes(mode=mode, season=season, walk_kmh=walk_kmh)
                return RoadReach(routes, estimated, places, towards, 60 * limit_min)
            surface, ride = self.surface(**how), self.ride(mode=mode, **how)
            before = self._known(places, (mode, *how.values(), towards, limit_min))
            entries = surface.entries(places)
            ground = SAME if before is None else self._ground(mode, how)
            if ground is None:
                before = None
            return Reach(surface, places, entries, towards, ride, 60 * limit_min, (), before, ground or SAME)

        return self._kept((places.tobytes(), mode, *how.values(), towards, limit_min), make)

    def to_edge(self, *, mode="walk", season="dry", limit_min=np.inf, walk_kmh=5.04, off_path_pct=60.0):
        """As `reach`, to where the heights or the roads beyond them end; its places are the middles of the cells there."""
        how = {"season": season, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
        if self.before is not None and self._made is self.before._made:
            return self.before.to_edge(mode=mode, limit_min=limit_min, **how)

        def make():
            surface, ride = self.surface(**how), self.ride(mode=mode, **how)
            before = ground = None
            if self._is_edited:
                before = self.before._reaches.get(("edge", mode, *how.values(), limit_min))
                ground = self._ground(mode, how)
            rim = (
                surface.rim()
                if before is None or not _alike(before.surface, surface, ground)
                else before.begins
            )
            loose = np.flatnonzero(~surface.is_known(ride.tracks.xy)) if ride else ()
            known = {} if before is None or ground is None else {"before": before, "ground": ground}
            return Reach(surface, surface.middles(rim[0]), rim, True, ride, 60 * limit_min, loose, **known)

        return self._kept(("edge", mode, *how.values(), limit_min), make)

    def _known(self, places, how):
        """The reach over the ground of before to the places that differ least from some; None where all differ by much."""
        if self.before is None:
            return None
        mine, best, least = {row.tobytes() for row in places}, None, max(FEW, len(places) // 10)
        for key, reach in self.before._reaches.items():
            if key[1:] == how:
                apart = len(mine ^ {row.tobytes() for row in reach.places})
                if apart <= least:
                    best, least = reach, apart - 1
        return best

    def _routes(self, *, mode, season, walk_kmh):
        """The roads by themselves with the seconds of riding, and which of them are estimated."""
        said = {"mode": mode, "season": season, "factors": self.rules_of_roads.condition_factors}

        def make():
            network = Network.of_roads(self.roads)
            seconds, estimated = edge_seconds(network, self.roads, self.rules_of_roads.speeds, **said)
            return Routes(network, seconds, DETOUR * 3.6 / walk_kmh), estimated

        return self._once(("routes", mode, season, walk_kmh), make)

    def _kept(self, key, make):
        """One of the latest reaches, as many as the memory is to hold."""
        kept = self._reaches
        kept[key] = kept.pop(key) if key in kept else make()
        cells = 1 if self.elevation is None else self.elevation.values.size
        while len(kept) > min(max(2, KEPT_CELLS // cells), KEPT):
            kept.pop(next(iter(kept)))
        return kept[key]

    @property
    def _is_edited(self):
        """Whether roads or crossings differ from those of before."""
        return self.before is not None and self._made is not self.before._made

    @property
    def _rows(self):
        """Which roads and which crossings differ from those of before; None where nobody can tell."""
        return self._once(
            "rows",
            lambda: (
                rows_differing(self.before.roads, self.roads, SHAPES, GOES),
                rows_differing(
                    self.before.crossings, self.crossings, (), ("kind", "all_season", "structure")
                ),
            ),
        )

    @property
    def _differing(self):
        """The shapes of roads and crossings that differ, of before and of now; None where nobody can tell."""
        found = []
        for rows, old, new in zip(
            self._rows, (self.before.roads, self.before.crossings), (self.roads, self.crossings), strict=True
        ):
            if rows is None:
                return None
            if rows:
                found += [old.geometry.to_numpy()[rows.gone], new.geometry.to_numpy()[rows.new]]
                found.append(new.geometry.to_numpy()[rows.other])
        return np.concatenate(found) if found else np.zeros(0, dtype=object)

    def _surface_again(self, how):
        """The surface, and the cells of it that differ and that are worse than before; None for both where all may."""
        places = self._differing
        again = None if places is None else surface_again(self.before.surface(**how), self, places, how)
        if again is not None:
            return again
        layers = {name: getattr(self, name) for name in LAYERS[1:]}
        return build_surface(self.elevation, **layers, **how, **self.ground), None, None

    @property
    def _tracks_again(self):
        """The tracks, and which of their edges are dead; None where all are new."""

        def make():
            rows, before = self._rows[0], self.before.tracks
            if rows is None or before.network is None:
                return lay_tracks(self.elevation, Network.of_roads(self.roads)), None
            return tracks_again(before, self.elevation, self.before.roads, self.roads, rows)

        return self._once("tracks", make)

    def _ride_again(self, mode, how):
        """The ride, and what differs from that before; None where all may."""
        (surface, cells, _), (tracks, dead) = (
            self._once(("surface", *how.values()), lambda: self._surface_again(how)),
            self._tracks_again,
        )
        before = self.before.ride(mode=mode, **how)
        if cells is None or dead is None or before is None or self._rows[1] is None:
            return self._ride(mode, how, () if dead is None else dead), None
        roads, crossings = self._rows
        rows = np.arange(len(self.roads))
        if self.rules is self.before.rules:
            rows = np.union1d(roads.new, roads.other)
            if crossings:
                # where a crossing leads over a stream, the stream wears no road
                old, new = self.before.crossings.geometry.to_numpy(), self.crossings.geometry.to_numpy()
                shapes = np.concatenate([old[crossings.gone], new[crossings.new]])
                tree = shapely.STRtree(self.roads.geometry.to_numpy())
                near = tree.query(shapes, predicate="dwithin", distance=CROSSING_M + 1)[1]
                rows = np.union1d(rows, near)
        return ride_again(
            before, self, surface, tracks, dead, rows.astype(int), cells,
            mode=mode, season=how["season"], walk_kmh=how["walk_kmh"],
        )  # fmt: skip

    def _ground(self, mode, how):
        """What differs from the ground before for one who goes in a way; None where all may."""
        if not self._is_edited:
            return SAME
        surface, cells, worse = self._once(("surface", *how.values()), lambda: self._surface_again(how))
        if cells is None:
            return None
        if mode == "walk" or self.before.ride(mode=mode, **how) is None:
            return Ground(cells=cells, worse=worse)
        _, ground = self._once(("ride", mode, *how.values()), lambda: self._ride_again(mode, how))
        return ground and replace(ground, cells=cells, worse=worse)

    @property
    def rules_of_roads(self):
        """The layer of roads by whose rules one rides."""
        return self.rules or load_catalogue()["roads"]

    def _once(self, key, make):
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def _alike(one, other, ground):
    """Whether two surfaces have their barriers in the same cells, `ground` being what differs."""
    if ground is None:
        return False
    barred = [surface.classes.reshape(-1)[ground.cells] == 0 for surface in (one, other)]
    return bool((barred[0] == barred[1]).all())


def _near(layer, bounds):
    """Those features of a layer that may touch a window; rasters as they are."""
    if layer is None or isinstance(layer, Raster):
        return layer
    return layer.iloc[np.sort(layer.sindex.query(shapely.box(*bounds)))]
