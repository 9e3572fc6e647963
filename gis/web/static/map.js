// The map: village outlines on a canvas, commune borders over them, infrastructure on request.

import { lineLook, pointLook } from "./layerlegend.js";
import { calm, config, el, getJson, number, text } from "./dom.js";
import { fill, layerSwatch, look, Sign, swatch, unreached } from "./paint.js";

const L = window.L;
const SMALLEST_LABEL_PX = 17;
const NAME_PX = 74;
const EDGE = { weight: 0.6, color: "#ffffff", opacity: 0.9 };
const PALE_EDGE = { weight: 0.8, color: "#8d9793", opacity: 1 };
const POINT_EDGE = { weight: 1, color: "#46524e", opacity: 1 };
const POINT_PX = 8;
const MANY_POINTS = 400;
const MANY_COMMUNES = 120;
const CHOSEN = { weight: 3, color: "#101615", opacity: 1 };
const OVER_GROUND = { weight: 0.8, color: "#26302d", opacity: 0.6 };
const DIM = { fillColor: "#f3f4f2", fillOpacity: 0.9, weight: 0.6, color: "#d4d9d5" };

// Words over the villages and communes, drawn anew when the map comes to rest.
export const Words = L.Layer.extend({
  initialize(draw) {
    this._draw = draw;
  },
  onAdd(map) {
    this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide words");
    map.getPane("words").appendChild(this._canvas);
    map.on("moveend zoomend resize viewreset", this.draw, this);
    this.draw();
  },
  onRemove(map) {
    map.off("moveend zoomend resize viewreset", this.draw, this);
    this._canvas.remove();
  },
  draw() {
    const map = this._map;
    if (!map) return;
    const size = map.getSize();
    const sharp = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this._canvas, map.containerPointToLayerPoint([0, 0]));
    this._canvas.width = size.x * sharp;
    this._canvas.height = size.y * sharp;
    this._canvas.style.width = `${size.x}px`;
    this._canvas.style.height = `${size.y}px`;
    const pen = this._canvas.getContext("2d");
    pen.scale(sharp, sharp);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    this._draw(pen, map);
  },
});

// `place` and `legend` are elements, so that two maps may stand on one page.
export function createMap(rows, table, { place = document.getElementById("map"), legend = document.getElementById("legend"), onChoose }) {
  const map = L.map(place, {
    preferCanvas: true,
    renderer: L.canvas({ padding: 0.3 }),
    zoomSnap: 0.25,
    zoomDelta: 0.5,
    wheelPxPerZoomLevel: 120,
    zoomControl: false,
    attributionControl: false,
    zoomAnimation: !calm,
    fadeAnimation: false,
    minZoom: 5,
    maxZoom: 17,
  });
  L.control.zoom({ zoomInTitle: text("zoom-in"), zoomOutTitle: text("zoom-out") }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  const container = map.getContainer();
  container.append(el("p", { class: "attribution" }, text("attribution")));
  map.createPane("grounds").style.zIndex = 390;
  map.createPane("borders").style.zIndex = 420;
  map.createPane("things").style.zIndex = 430;
  map.createPane("words").style.zIndex = 425;
  for (const pane of ["grounds", "borders", "words"]) map.getPane(pane).style.pointerEvents = "none";

  const shapes = new Map();
  // All villages together, so that a map of very many can show their communes instead.
  const villages = L.layerGroup().addTo(map);
  const boxes = new Map();
  // How each village is painted now: of thousands few change at a time.
  const looks = new Map();
  const overlays = new Map();
  // Layers that colour all the ground: under them villages show their borders, and their answer behind its sign.
  const grounds = new Set();
  let communePlaces = [];
  let painted = { view: null, kept: null, chosenId: "" };
  const tip = L.tooltip({ direction: "top", offset: [0, -4], opacity: 1, className: "tip" });

  const words = new Words((pen) => {
    if (!painted.view) return;
    const names = communeNames(pen);
    drawLetters(pen, names);
    names.forEach((name) => drawCommune(pen, name));
  });

  function add(geojson) {
    addSome(geojson, rows);
    fitAll();
    words.addTo(map);
  }

  function addSome(geojson, some) {
    const byId = new Map(some.map((row) => [row.id, row]));
    L.geoJSON(geojson, {
      ...EDGE,
      pointToLayer: (feature, place) => L.circleMarker(place, { radius: POINT_PX }),
      onEachFeature(feature, layer) {
        const row = byId.get(feature.properties.id);
        if (!row) return;
        shapes.set(row.id, layer);
        boxes.set(row.id, layer.getBounds ? layer.getBounds() : null);
        layer.on("click", () => onChoose(row.id));
        layer.on("mouseover", (event) => hover(row, event.latlng));
        layer.on("mousemove", (event) => tip.setLatLng(event.latlng));
        layer.on("mouseout", () => tip.remove());
        layer.addTo(villages);
      },
    });
  }

  function drop(ids) {
    for (const id of ids) {
      if (shapes.has(id)) villages.removeLayer(shapes.get(id));
      for (const kept of [shapes, boxes, looks]) kept.delete(id);
    }
  }

  function showVillages(on) {
    if (on) map.addLayer(villages);
    else map.removeLayer(villages);
    words.draw();
  }

  function addCommunes(geojson) {
    communePlaces = geojson.features.map(({ properties }) => properties);
    L.geoJSON(geojson, { pane: "borders", interactive: false, fill: false, color: "#26302d", weight: communePlaces.length > MANY_COMMUNES ? 0.8 : 1.4, opacity: 0.75, renderer: L.canvas({ pane: "borders", padding: 0.3 }) }).addTo(map);
    words.draw();
  }

  function hover(row, place) {
    const shownWord = painted.view.classes.find(({ name }) => name === painted.view.of(row));
    const line = shownWord ? `${shownWord.sign.length > 1 ? painted.view.letter(row) : shownWord.sign} ${shownWord.words}` : "";
    const inside = el("div", {}, el("strong", {}, row.name), el("br"), row.commune, el("br"), line);
    if (painted.kept && !painted.kept.has(row.id)) inside.append(el("br"), el("em", {}, text("outside")));
    tip.setContent(inside).setLatLng(place).addTo(map);
  }

  function styleOf(row) {
    const pale = ["unknown", "exempt"].includes(painted.view.of(row));
    const chosen = row.id === painted.chosenId ? CHOSEN : !boxes.get(row.id) ? POINT_EDGE : pale ? PALE_EDGE : EDGE;
    if (painted.kept && !painted.kept.has(row.id)) return { ...DIM, ...(row.id === painted.chosenId ? CHOSEN : {}) };
    const edge = grounds.size && chosen !== CHOSEN ? OVER_GROUND : chosen;
    return { ...edge, fill: true, fillColor: fill(painted.view.of(row)), fillOpacity: grounds.size && boxes.get(row.id) ? 0 : 1 };
  }

  function paint(view, kept, chosenId) {
    painted = { view, kept, chosenId };
    for (const row of rows) {
      const now = `${view.of(row)} ${!kept || kept.has(row.id)} ${row.id === chosenId} ${grounds.size}`;
      if (!shapes.has(row.id) || looks.get(row.id) === now) continue;
      looks.set(row.id, now);
      shapes.get(row.id).setStyle(styleOf(row));
    }
    shapes.get(chosenId)?.bringToFront();
    words.draw();
  }

  function drawLetters(pen, names) {
    if (!map.hasLayer(villages)) return;
    const view = map.getBounds();
    const taken = names.map(({ box }) => box);
    const few = rows.length < MANY_POINTS || map.getZoom() > homeZoom + 1.5;
    for (const row of rows) {
      if (row.x === null || (painted.kept && !painted.kept.has(row.id)) || !view.contains([row.y, row.x])) continue;
      const extent = boxes.get(row.id);
      if (!extent && few) drawOnPoint(pen, row);
      if (!extent) continue;
      const low = map.latLngToContainerPoint(extent.getSouthWest());
      const high = map.latLngToContainerPoint(extent.getNorthEast());
      const width = high.x - low.x;
      const height = low.y - high.y;
      if (Math.min(width, height) < SMALLEST_LABEL_PX) continue;
      const at = map.latLngToContainerPoint([row.y, row.x]);
      pen.font = "600 12px system-ui, sans-serif";
      const letter = painted.view.letter(row);
      const named = width > NAME_PX && height > 34;
      const reach = pen.measureText(letter).width / 2;
      const middle = named ? at.y - 8 : at.y;
      const ground = [at.x - reach, middle - 6, at.x + reach, middle + 6];
      if (!taken.every((other) => apart(ground, other))) continue;
      taken.push(ground);
      if (named) {
        backing(pen, letter, at.x, middle, row);
        pen.font = "500 11px system-ui, sans-serif";
        const name = shorten(pen, row.name, width - 8);
        const half = pen.measureText(name).width / 2 + 2;
        const box = [at.x - half, at.y, at.x + half, at.y + 14];
        if (taken.every((other) => apart(box, other))) {
          taken.push(box);
          backing(pen, name, at.x, at.y + 7, row);
        }
      } else backing(pen, letter, at.x, at.y, row);
    }
  }

  function drawOnPoint(pen, row) {
    if (!shapes.has(row.id)) return;
    const at = map.latLngToContainerPoint([row.y, row.x]);
    pen.font = "600 10px system-ui, sans-serif";
    backing(pen, painted.view.letter(row), at.x, at.y, row, 9);
  }

  // Patterned fills, and the colours of another layer, get a plate behind words; plain ones do not need it. It is
  // round, and ends where its village ends.
  function backing(pen, words, x, y, row, height = 14) {
    const { color, ink, pattern } = look(painted.view.of(row));
    if (pattern || grounds.size) {
      const width = pen.measureText(words).width + 4;
      pen.save();
      clipTo(pen, shapes.get(row.id));
      pen.fillStyle = color;
      pen.beginPath();
      pen.roundRect(x - width / 2, y - height / 2, width, height, height / 2);
      pen.fill();
      pen.restore();
    }
    pen.fillStyle = ink;
    pen.fillText(words, x, y);
  }

  // Rings as Leaflet last drew them; a point has none.
  function clipTo(pen, { _parts: rings }) {
    if (!rings?.length) return;
    pen.beginPath();
    for (const ring of rings) {
      ring.forEach((corner, number_) => {
        const { x, y } = map.layerPointToContainerPoint(corner);
        if (number_) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      });
      pen.closePath();
    }
    pen.clip("evenodd");
  }

  // Names of communes while the map shows many of them, none over another.
  function communeNames(pen) {
    const view = map.getBounds();
    const seen = communePlaces.filter((place) => view.contains([place.y, place.x]));
    if (map.getZoom() > homeZoom + 1.6 || seen.length > MANY_COMMUNES) return [];
    pen.font = "600 12px system-ui, sans-serif";
    const placed = [];
    for (const place of seen) {
      const at = map.latLngToContainerPoint([place.y, place.x]);
      const half = pen.measureText(place.name).width / 2 + 4;
      const box = [at.x - half, at.y - 9, at.x + half, at.y + 9];
      if (placed.every(({ box: other }) => apart(box, other))) {
        placed.push({ at, box, name: place.name });
      }
    }
    return placed;
  }

  function drawCommune(pen, { at, name }) {
    pen.font = "600 12px system-ui, sans-serif";
    pen.lineWidth = 3.5;
    pen.lineJoin = "round";
    pen.strokeStyle = "rgba(255,255,255,0.92)";
    pen.strokeText(name, at.x, at.y);
    pen.fillStyle = "#101615";
    pen.fillText(name, at.x, at.y);
  }

  let home = null;
  let homeZoom = 0;

  function fitAll() {
    home = L.latLngBounds(table?.levels ? corners(table.levels.box) : []);
    for (const layer of shapes.values()) home.extend(layer.getBounds ? layer.getBounds() : layer.getLatLng());
    if (home.isValid()) fit(home, { animate: false, maxZoom: 13 });
    homeZoom = map.getZoom();
  }

  // Beside the legend where that costs at most half a step of zoom, else under it.
  function fit(box, options) {
    const width = (legend?.offsetWidth ?? 0) + 20;
    const beside = map.getBoundsZoom(box, false, L.point(width + 12, 24));
    const under = map.getBoundsZoom(box, false, L.point(24, 24));
    const room = under - beside <= 0.5 ? width : 12;
    map.fitBounds(box, { paddingTopLeft: [12, 12], paddingBottomRight: [room, 12], ...options });
  }

  function show(ids, { most = 14 } = {}) {
    const box = L.latLngBounds([]);
    for (const id of ids) {
      const layer = shapes.get(id);
      if (layer) box.extend(layer.getBounds ? layer.getBounds() : layer.getLatLng());
    }
    showBox(box, { most });
  }

  function showBox(box, { most = 14 } = {}) {
    if (box.isValid()) fit(box, { animate: !calm, maxZoom: most });
    else if (home?.isValid()) fit(home, { animate: !calm });
  }

  async function overlay(layer, on) {
    const known = overlays.get(layer.id);
    if (layer.ground) {
      grounds[on ? "add" : "delete"](layer.id);
      if (painted.view) paint(painted.view, painted.kept, painted.chosenId);
      if (!on) legend?.querySelector(`[data-over="${CSS.escape(layer.id)}"]`)?.remove();
      else if (known) drawKeys(legend, layer, known.keys);
    }
    if (!on) return known?.remove();
    if (known) return known.addTo(map);
    if (layer.picture) {
      const picture = Object.assign(L.imageOverlay(`${config.base}/layers/${encodeURIComponent(layer.id)}.png`, layer.picture, { pane: "grounds", alt: "" }), { keys: layer.keys });
      overlays.set(layer.id, picture);
      drawKeys(legend, layer, layer.keys);
      return picture.addTo(map);
    }
    const geojson = await getJson(`/layers/${encodeURIComponent(layer.id)}.geojson`);
    const drawn = L.geoJSON(geojson, {
      pane: layer.ground ? "grounds" : "things",
      renderer: layer.ground ? groundRenderer : thingRenderer,
      interactive: !layer.ground,
      style: ({ geometry, properties: { band, color, look } }) => (geometry.type.endsWith("Point") ? {} : { color: color ?? layer.color, weight: layer.width, opacity: 0.9, ...(color ? {} : lineLook(layer, look)), fillColor: band === "none" ? unreached() : (color ?? layer.color), fillOpacity: color ? 1 : 0.25 }),
      pointToLayer: (feature, place) => new Sign(place, { pane: "things", renderer: thingRenderer, radius: 5, ...pointLook(layer, feature.properties.look), color: "#ffffff", weight: 1, fillColor: layer.color, fillOpacity: 1 }),
      onEachFeature(feature, shape) {
        const { name, kind } = feature.properties;
        if (!layer.ground) shape.bindTooltip(() => el("div", {}, el("strong", {}, name || layer.label), kind ? el("br") : null, kind ?? ""), { className: "tip" });
      },
    });
    overlays.set(layer.id, drawn);
    if (layer.ground) drawKeys(legend, layer, (drawn.keys = geojson.features.map(({ properties }) => properties)));
    return drawn.addTo(map);
  }
  const groundRenderer = L.canvas({ pane: "grounds", padding: 0.3 });
  const thingRenderer = L.canvas({ pane: "things", padding: 0.3 });

  // Where the map looks, for those who cannot see it: readers of the page's structure and its tests.
  map.on("moveend", () => (container.dataset.bounds = map.getBounds().toBBoxString()));
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(container);

  return { map, add, addCommunes, paint, addSome, drop, showVillages, words, fitAll, show, showBox, overlay, has: (id) => shapes.has(id), missing: () => rows.length - shapes.size };
}

// West, south, east, north as Leaflet takes a box.
export function corners([west, south, east, north]) {
  return [[south, west], [north, east]];
}

export function drawLegend(place, view, counts, missing) {
  const lines = view.classes
    .filter(({ name }) => counts.get(name) || ["met", "unmet", "unknown"].includes(name))
    .map(({ name, words, sign }) => el("li", { data: { class: name } }, swatch(name, sign), el("span", { class: "legend-words" }, words), el("span", { class: "legend-count" }, number(counts.get(name) ?? 0))));
  const note = missing ? el("p", { class: "muted small" }, text("no-shape", { count: number(missing) })) : null;
  const before = place.querySelector("details:not([data-over])");
  const open = before ? before.open : innerWidth > 700;
  const drawn = el("details", { open }, el("summary", {}, view.title), el("ul", {}, ...lines), note);
  if (before) before.replaceWith(drawn);
  else place.append(drawn);
}

// What the colours of a layer mean, over those of the villages.
function drawKeys(legend, layer, keys) {
  const lines = keys.map(({ band, letter, name }) => el("li", {}, el("span", { class: `band ${band}` }, letter), el("span", {}, name)));
  legend?.prepend(el("details", { open: innerWidth > 700, data: { over: layer.id } }, el("summary", {}, layer.label), el("ul", {}, ...lines)));
}

export function drawLayerSigns() {
  for (const place of document.querySelectorAll("[data-layer]")) {
    const layer = config.layers.find(({ id }) => id === place.dataset.layer);
    if (layer) place.replaceChildren(layerSwatch(layer));
  }
}

export function apart(box, other) {
  return box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1];
}

export function shorten(pen, words, width) {
  if (pen.measureText(words).width <= width) return words;
  let kept = words;
  while (kept.length > 1 && pen.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}
