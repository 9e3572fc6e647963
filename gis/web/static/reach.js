// How long the way takes: bands or catchments on a map, and the ways of the village that is chosen.

import { calm, config, el, getJson, text } from "./dom.js";
import { Sign, unreached } from "./paint.js";

const L = window.L;
// Brown to green-blue, told apart with any colour vision; letters stand on the map and in the legend as well.
const COLORS = { step0: "#01665e", step1: "#35978f", step2: "#80cdc1", step3: "#f1efba", step4: "#efc27e", step5: "#c4803a", step6: "#8c510a", none: "#ffffff" };
const INKS = { step0: "#ffffff", step1: "#ffffff", step6: "#ffffff" };
const CATCHMENTS = ["#8fb8de", "#e7c27d", "#a9cf9b", "#d9a6c2", "#c9c3e6", "#f0b49a", "#b8d8d4"];
const SHORT_PX = 120;
const WAYS = [
  { color: "#111111", weight: 4, opacity: 0.95 },
  { color: "#111111", weight: 2.5, opacity: 0.8, dashArray: "3 7" },
];

const map = L.map("map", { preferCanvas: true, renderer: L.canvas({ padding: 0.3 }), zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 120, zoomControl: false, attributionControl: false, zoomAnimation: !calm, fadeAnimation: false, minZoom: 5, maxZoom: 17 });
L.control.zoom({ zoomInTitle: text("zoom-in"), zoomOutTitle: text("zoom-out") }).addTo(map);
L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
map.getContainer().append(el("p", { class: "attribution" }, text("reach-attribution")));
map.createPane("letters").style.zIndex = 390;
map.createPane("outlines").style.zIndex = 395;
for (const name of ["letters", "outlines"]) map.getPane(name).style.pointerEvents = "none";
// A canvas hides those under it from the pointer, so all that answers to it stands on one, above what does not.
const below = L.canvas({ pane: "areas", padding: 0.3 });
map.createPane("areas").style.zIndex = 380;

const layers = {};
const villages = new Map();
const places = L.layerGroup().addTo(map);
const ways = L.layerGroup().addTo(map);
let view = config.view;
let chosen = "";
let scale = 1;
let homeZoom = 0;

const HATCH = unreached();

function drawBands(geojson) {
  const style = ({ properties: { name } }) => ({ stroke: true, color: "#ffffff", weight: 0.5, opacity: 0.7, fillColor: name === "none" ? HATCH : COLORS[name], fillOpacity: name === "none" ? 1 : 0.85 });
  const group = L.layerGroup([L.geoJSON(geojson, { style, interactive: false, renderer: below, pane: "areas" })]);
  for (const { properties } of geojson.features) {
    for (const [x, y] of properties.at) group.addLayer(letterAt([y, x], properties.letter, properties.name));
  }
  return group;
}

function letterAt(place, letter, name) {
  return L.marker(place, { pane: "letters", interactive: false, keyboard: false, icon: L.divIcon({ className: `band-letter ${name}`, html: el("span", {}, letter), iconSize: [18, 18] }) });
}

function drawAreas(geojson) {
  return L.geoJSON(geojson, {
    style: ({ properties: { color } }) => ({ color: "#26302d", weight: 1, opacity: 0.55, fillColor: CATCHMENTS[color], fillOpacity: 0.7 }),
    onEachFeature({ properties }, shape) {
      shape.bindTooltip(() => el("div", {}, el("strong", {}, properties.name), el("br"), text("reach-area", { villages: properties.villages, most: properties.most })), { className: "tip", sticky: true });
    },
  });
}

function drawPoints(geojson) {
  L.geoJSON(geojson, {
    pointToLayer({ properties: one }, place) {
      if (one.place) return new Sign(place, { shape: one.shape, radius: radiusOf(one), color: "#ffffff", weight: 1.5, fillColor: one.color, fillOpacity: 1 });
      return L.circleMarker(place, styleOf(one, false));
    },
    onEachFeature({ properties: one }, shape) {
      const lines = one.place ? [el("strong", {}, one.name)] : [el("strong", {}, one.name), el("br"), one.commune, el("br"), one.minutes, one.place_name ? el("br") : null, one.place_name || null];
      shape.bindTooltip(() => el("div", {}, ...lines.map((line) => line?.cloneNode?.(true) ?? line).filter(Boolean)), { className: "tip" });
      places.addLayer(shape);
      if (one.place) return;
      villages.set(one.village, shape);
      shape.on("click", () => choose(one.village));
    },
  });
  raise();
}

// Of many points each is small while all are in sight, and grows as the map comes nearer.
function resize() {
  const few = Math.sqrt(60 / Math.max(places.getLayers().length, 60));
  scale = Math.min(1, Math.max(0.35, few * 2 ** ((map.getZoom() - homeZoom) / 1.5)));
  places.eachLayer((place) => place.setRadius(radiusOf(place.feature.properties)));
}

function radiusOf(one) {
  return one.village === chosen && chosen ? 8 : scale * (one.place ? 9 : 5);
}

// Ways under the places that they join, villages above all.
function raise() {
  ways.eachLayer((way) => way.bringToFront());
  places.eachLayer((place) => place.bringToFront());
  villages.get(chosen)?.bringToFront();
}

function styleOf(one, on) {
  const known = one.band !== "unknown" && one.band !== "none";
  return { radius: radiusOf(one), color: on ? "#111111" : "#26302d", weight: on ? 4 : 1.5 * scale, fillColor: known ? COLORS[one.band] : "#ffffff", fillOpacity: 1, dashArray: one.mark && !on ? "2 3" : null };
}

async function show(wanted) {
  view = wanted;
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const loading = (layers[wanted] ??= fetchJson(config.addresses[wanted]).then(wanted === "bands" ? drawBands : drawAreas));
  const layer = await loading;
  if (view !== wanted) return;
  for (const other of await Promise.all(Object.values(layers))) if (other !== layer) other.remove();
  layer.addTo(map);
  raise();
  drawLegend();
}

function drawLegend() {
  const place = document.getElementById("legend");
  const lines = view === "bands" ? config.bands.map((band) => el("li", {}, el("span", { class: `band ${band.name}` }, band.letter), el("span", {}, band.words))) : [el("li", {}, el("span", { class: "band catchment" }), el("span", {}, text("reach-legend-area")))];
  const points = [el("li", {}, el("span", { class: "spot" }), el("span", {}, text("reach-legend-village"))), el("li", {}, el("span", { class: "spot unsure" }), el("span", {}, text("reach-legend-unsure")))];
  const open = place.firstElementChild ? place.firstElementChild.open : innerWidth > 700;
  place.replaceChildren(el("details", { open }, el("summary", {}, text(`reach-legend-${view}`)), el("ul", {}, ...lines, ...points)));
}

// The server writes the words of a way; only their place in the page is taken over.
async function choose(village, { push = true } = {}) {
  chosen = village;
  mark();
  const address = new URL(location.href);
  address.searchParams.set("village", village);
  address.hash = "";
  if (push) history.pushState(null, "", address);
  const place = document.getElementById("way");
  place.setAttribute("aria-busy", "true");
  const [page, lines] = await Promise.all([fetchPage(address), fetchJson(`${config.addresses.way}&village=${encodeURIComponent(village)}`)]);
  if (chosen !== village) return;
  place.replaceWith(document.importNode(page.getElementById("way"), true));
  drawWays(lines);
}

function drawWays(geojson) {
  ways.clearLayers();
  const box = L.latLngBounds([]);
  for (const feature of [...geojson.features].reverse()) {
    if (!feature.geometry) continue;
    const style = WAYS[feature.properties.choice - 1];
    const halo = L.geoJSON(feature, { interactive: false, style: { color: "#ffffff", weight: style.weight + 4, opacity: 0.9 } });
    ways.addLayer(halo).addLayer(L.geoJSON(feature, { interactive: false, style }));
    if (feature.properties.choice === 1) box.extend(halo.getBounds());
  }
  raise();
  if (!box.isValid()) return;
  const across = map.latLngToContainerPoint(box.getNorthEast()).distanceTo(map.latLngToContainerPoint(box.getSouthWest()));
  if (across < SHORT_PX || !map.getBounds().contains(box)) map.fitBounds(box, { padding: [90, 90], maxZoom: 14, animate: !calm });
}

function mark() {
  for (const [id, shape] of villages) shape.setStyle(styleOf(shape.feature.properties, id === chosen)).setRadius(radiusOf(shape.feature.properties));
  raise();
  for (const link of document.querySelectorAll("a[data-village]")) link.closest("tr").classList.toggle("chosen", link.dataset.village === chosen);
}

async function fetchJson(address) {
  return getJson(address.slice(config.base.length));
}

async function fetchPage(address) {
  for (;;) {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (answer.ok) return new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.status !== 503) throw new Error(`${answer.status}`);
    await new Promise((go) => setTimeout(go, 1000 * (Number(answer.headers.get("Retry-After")) || 2)));
  }
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const wanted = event.target.closest("[data-view]");
  const village = event.target.closest("a[data-village]");
  if (!wanted && !village) return;
  event.preventDefault();
  if (wanted) {
    const address = new URL(location.href);
    address.searchParams.set("view", wanted.dataset.view);
    history.replaceState(null, "", address);
    show(wanted.dataset.view).catch(fail);
  } else {
    choose(village.dataset.village).catch(fail);
    document.querySelector(".reach").scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
  }
});
addEventListener("popstate", () => location.reload());

function fail() {
  map.getContainer().append(el("p", { class: "teach", role: "alert" }, text("failed")));
}

try {
  const [outlines, points] = await Promise.all([fetchJson(config.outlines), fetchJson(config.addresses.points)]);
  const borders = L.geoJSON(outlines, { pane: "outlines", interactive: false, renderer: L.canvas({ pane: "outlines", padding: 0.3 }), pointToLayer: () => null, style: { fill: false, color: "#26302d", weight: outlines.features.length > 200 ? 0.4 : 0.8, opacity: 0.55 } });
  const box = borders.getBounds().isValid() ? borders.getBounds() : L.geoJSON(points).getBounds();
  map.fitBounds(box, { padding: [10, 10], animate: false });
  borders.addTo(map);
  homeZoom = map.getZoom();
  drawPoints(points);
  resize();
  map.on("zoomend", resize);
  await show(view);
  if (config.village) await choose(config.village, { push: false });
} catch {
  fail();
}
new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
document.body.dataset.ready = "yes";
