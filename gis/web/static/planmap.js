// The map of works: villages coloured by how they stand, works over them by sector, a choice of two states.

import { calm, config, el, getJson, number, text } from "./dom.js";
import { fill, look, Sign, signPen, swatch, trace } from "./paint.js";

const L = window.L;
const FADED = { color: "#8d9793", weight: 0.8, opacity: 1 };

const map = L.map("map", { preferCanvas: true, renderer: L.canvas({ padding: 0.3 }), zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 120, zoomControl: false, attributionControl: false, zoomAnimation: !calm, fadeAnimation: false, minZoom: 5, maxZoom: 17 });
L.control.zoom({ zoomInTitle: text("zoom-in"), zoomOutTitle: text("zoom-out") }).addTo(map);
L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
map.getContainer().append(el("p", { class: "attribution" }, text("attribution")));
map.createPane("grounds").style.zIndex = 380;
const below = L.canvas({ pane: "grounds", padding: 0.3 });

const shapes = new Map();
let side = config.villages ? config.villages.sides.at(-1).id : "";

function styleOf(id) {
  const name = config.villages ? (config.villages.of[id]?.[side] ?? "exempt") : "plain";
  return { ...FADED, weight: shapes.size > 300 ? 0.4 : 0.8, fillColor: fill(name), fillOpacity: config.villages ? 0.85 : 0.7 };
}

function drawVillages(geojson) {
  return L.geoJSON(geojson, {
    pane: "grounds",
    renderer: below,
    interactive: Boolean(config.villages),
    pointToLayer: (_, place) => L.circleMarker(place, { pane: "grounds", renderer: below, radius: 8 }),
    onEachFeature({ properties }, shape) {
      shapes.set(properties.id, shape);
      const told = config.villages?.of[properties.id];
      if (!told) return;
      shape.bindTooltip(() => el("div", {}, el("strong", {}, told.name), el("br"), words(told[side])), { className: "tip", sticky: true });
    },
  });
}

const words = (name) => config.villages.classes.find((each) => each.name === name)?.words ?? "";

function tipOf(one) {
  const lines = [one.sector, one.cost_text, one.year ? text("plan-year", { year: one.year }) : "", one.villages].filter(Boolean);
  return el("div", {}, el("strong", {}, one.work), ...lines.flatMap((line) => [el("br"), line]));
}

const radiusFor = (many) => (many > 1500 ? 3 : many > 300 ? 4.5 : 7);

function drawWorks(geojson) {
  return L.geoJSON(geojson, {
    // signs keep their white rim: what is styled here would be laid over it
    style: ({ properties: one, geometry }) => (geometry.type.includes("Point") ? {} : { color: one.color, weight: 4.5, opacity: 0.95 }),
    pointToLayer: ({ properties: one }, place) => new Sign(place, { shape: one.shape, radius: radiusFor(geojson.features.length), color: "#ffffff", weight: 1.3, opacity: 1, fillColor: one.color, fillOpacity: 1 }),
    onEachFeature({ properties: one }, shape) {
      shape.bindTooltip(() => tipOf(one), { className: "tip", sticky: true });
    },
  });
}

function paint() {
  for (const [id, shape] of shapes) shape.setStyle(styleOf(id));
  for (const button of document.querySelectorAll("[data-side]")) {
    button.setAttribute("aria-pressed", String(button.dataset.side === side));
  }
  drawLegend();
}

let sectors = [];

function drawLegend() {
  const place = document.getElementById("legend");
  const counts = new Map();
  if (config.villages) for (const told of Object.values(config.villages.of)) counts.set(told[side], (counts.get(told[side]) ?? 0) + 1);
  const classes = (config.villages?.classes ?? []).filter(({ name }) => counts.has(name)).map(({ name, words }) => el("li", {}, swatch(name, look(name).sign), el("span", {}, words), el("span", { class: "legend-count" }, number(counts.get(name)))));
  const kinds = sectors.map(([word, one]) => el("li", {}, sectorSign(one), el("span", {}, word), el("span", { class: "legend-count" }, number(one.count))));
  const open = place.firstElementChild ? place.firstElementChild.open : innerWidth > 700;
  place.replaceChildren(el("details", { open }, el("summary", {}, text("plan-legend")), el("ul", {}, ...classes, ...kinds)));
}

function sectorSign({ color, shape, line }) {
  const pen = signPen();
  pen.fillStyle = pen.strokeStyle = color;
  if (line) {
    pen.lineWidth = 4;
    pen.beginPath();
    pen.moveTo(2, 13);
    pen.quadraticCurveTo(14, 1, 32, 6);
    pen.stroke();
  } else {
    trace(pen, shape, 17, 9, 6);
    pen.fill();
  }
  return pen.canvas;
}

function count(features) {
  const found = new Map();
  for (const { properties: one, geometry } of features) {
    const known = found.get(one.sector) ?? { color: one.color, shape: one.shape, line: geometry?.type.includes("Line"), count: 0 };
    known.count += 1;
    found.set(one.sector, known);
  }
  return [...found].sort((one, other) => other[1].count - one[1].count);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-side]");
  if (!button) return;
  side = button.dataset.side;
  paint();
});

try {
  const [outlines, works] = await Promise.all([getJson(config.outlines.slice(config.base.length)), getJson(config.works.slice(config.base.length))]);
  const ground = drawVillages(outlines);
  const drawn = drawWorks(works);
  const box = ground.getBounds().isValid() ? ground.getBounds() : drawn.getBounds();
  if (box.isValid()) map.fitBounds(box, { padding: [10, 10], animate: false });
  else map.setView([14.5, 108], 8);
  ground.addTo(map);
  drawn.addTo(map);
  sectors = count(works.features);
  paint();
} catch {
  map.getContainer().append(el("p", { class: "teach", role: "alert" }, text("failed")));
}
new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
document.body.dataset.ready = "yes";
