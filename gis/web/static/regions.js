// Communes and groups of them on the map, coloured by how many of their villages fail.

import { el, number, text } from "./dom.js";
import { apart, shorten, Words } from "./map.js";
import { fill, look } from "./paint.js";

const L = window.L;
const EDGE = { weight: 1, color: "#26302d", opacity: 0.6 };
const DIM = { fillColor: "#f3f4f2", fillOpacity: 0.9, color: "#d4d9d5" };
const POINT_PX = 12;
const SMALLEST_PX = 24;
const NAME_PX = 82;
const LONGEST_NAME_PX = 140;
const SIGN_FONT = "600 12px system-ui, sans-serif";
const NAME_FONT = "500 11px system-ui, sans-serif";
const BANDS = [[0, 25], [25, 50], [50, 75], [75, 100]];
const [MET, UNMET, UNKNOWN, EXEMPT] = [0, 1, 2, 3];

const judged = (counts) => counts[MET] + counts[UNMET] + counts[UNKNOWN];
const share = (counts) => (100 * counts[UNMET]) / judged(counts);

// Where most villages are not known, neither colour would be true.
function classOf(counts) {
  if (!counts || !judged(counts)) return "exempt";
  if (counts[UNKNOWN] * 2 > judged(counts)) return "unknown";
  if (!counts[UNMET]) return counts[UNKNOWN] ? "unknown" : "met";
  return `missed${BANDS.findIndex(([, high]) => share(counts) <= high) + 1}`;
}

// What a legend says of the classes; `word` is what failing is called.
export function regionView(word) {
  return {
    title: text("levels-title", { word }),
    classes: [
      { name: "met", words: text("levels-none"), sign: "0 %" },
      ...BANDS.map(([low, high], at) => ({ name: `missed${at + 1}`, words: low ? text("levels-band", { low, high }) : text("levels-first-band", { high }), sign: `≤${high}` })),
      { name: "unknown", words: text("levels-unknown"), sign: "?" },
      { name: "exempt", words: text("levels-empty"), sign: "–" },
    ],
  };
}

function nameOf({ name, communes }) {
  if (communes > 1) return text("levels-group", { name, count: number(communes) });
  return name || text("levels-no-commune");
}

export function createRegions(map, { word, onChoose }) {
  const group = L.layerGroup();
  const pieces = new Map();
  const known = new Map();
  // Until the server has counted, areas are plain: not counted yet is not "nothing to count".
  let counts = null;
  let kept = null;
  const lookOf = (id) => (counts ? classOf(counts[id]) : "plain");
  const tip = L.tooltip({ direction: "top", offset: [0, -4], opacity: 1, className: "tip" });
  const words = new Words(draw);

  function add(key, geojson) {
    const piece = L.geoJSON(geojson, {
      pointToLayer: (feature, place) => L.circleMarker(place, { radius: POINT_PX }),
      style: ({ properties }) => styleOf(properties.id),
      onEachFeature({ properties }, layer) {
        known.set(properties.id, { ...properties, layer });
        layer.on("click", () => onChoose(properties, layer.getBounds?.() ?? layer.getLatLng().toBounds(20000)));
        layer.on("mouseover", ({ latlng }) => tell(properties, latlng));
        layer.on("mousemove", ({ latlng }) => tip.setLatLng(latlng));
        layer.on("mouseout", () => tip.remove());
      },
    });
    pieces.set(key, piece);
    piece.addTo(group);
    words.draw();
  }

  function styleOf(id) {
    if (kept && !kept[id]) return { ...EDGE, ...DIM, fill: true };
    return { ...EDGE, fill: true, fillColor: fill(lookOf(id)), fillOpacity: 1 };
  }

  function paint(found) {
    counts = found.regions;
    kept = found.kept;
    for (const [id, { layer }] of known) layer.setStyle(styleOf(id));
    words.draw();
  }

  function tell(region, place) {
    const [met, unmet, unknown] = counts?.[region.id] ?? [0, 0, 0];
    const told = { unmet: number(unmet), all: number(met + unmet + unknown), unknown: number(unknown) };
    const inside = el("div", {}, el("strong", {}, nameOf(region)), el("br"), `${word()}: ${text(unknown ? "levels-counts-unknown" : "levels-counts", told)}`);
    if (kept) inside.append(el("br"), text("count", { shown: number(kept[region.id] ?? 0), all: told.all }));
    tip.setContent(inside).setLatLng(place).addTo(map);
  }

  // With a filter the villages that fit it, else the share that fails.
  function signOf(id) {
    if (kept) return kept[id] ? number(kept[id]) : "";
    const name = lookOf(id);
    return name.startsWith("missed") || name === "met" ? `${number(Math.round(share(counts[id])))} %` : look(name).sign;
  }

  function draw(pen) {
    if (!map.hasLayer(group)) return;
    const view = map.getBounds();
    const taken = [];
    for (const { id, name, x, y, layer } of known.values()) {
      if (!view.contains([y, x])) continue;
      const size = sizeOf(layer);
      if (Math.min(size.x, size.y) < SMALLEST_PX) continue;
      const at = map.latLngToContainerPoint([y, x]);
      const wide = size.x > NAME_PX && size.y > 40;
      plate(pen, signOf(id), at.x, at.y - (wide ? 8 : 0), id, SIGN_FONT, taken);
      pen.font = NAME_FONT;
      if (wide) plate(pen, shorten(pen, name, Math.min(size.x - 8, LONGEST_NAME_PX)), at.x, at.y + 8, id, NAME_FONT, taken);
    }
  }

  function sizeOf(layer) {
    if (!layer.getBounds) return L.point(2 * POINT_PX, 2 * POINT_PX);
    const box = layer.getBounds();
    const low = map.latLngToContainerPoint(box.getSouthWest());
    const high = map.latLngToContainerPoint(box.getNorthEast());
    return L.point(high.x - low.x, low.y - high.y);
  }

  // No word over another: what comes first stays.
  function plate(pen, written, x, y, id, font, taken) {
    pen.font = font;
    const half = pen.measureText(written).width / 2 + 2;
    const box = [x - half, y - 7, x + half, y + 7];
    if (taken.some((other) => !apart(box, other))) return;
    taken.push(box);
    const dim = kept && !kept[id];
    const { color, ink, pattern } = dim ? { color: DIM.fillColor, ink: "#5b6662" } : look(lookOf(id));
    if (pattern) {
      pen.fillStyle = color;
      pen.fillRect(box[0], box[1], 2 * half, 14);
    }
    pen.fillStyle = ink;
    pen.fillText(written, x, y);
  }

  return {
    add,
    paint,
    has: (key) => pieces.has(key),
    // How many regions of the whole study are in each class.
    classes() {
      const found = new Map();
      for (const [id, each] of Object.entries(counts ?? {})) if (!kept || kept[id]) found.set(classOf(each), (found.get(classOf(each)) ?? 0) + 1);
      return found;
    },
    show(on) {
      for (const each of [group, words]) {
        if (on) map.addLayer(each);
        else if (map.hasLayer(each)) map.removeLayer(each);
      }
      if (!on) tip.remove();
    },
  };
}
