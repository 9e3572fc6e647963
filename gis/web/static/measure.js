// Measuring on the map by clicks, touches or keys: the way along some places, or the area within them.

import { el, number, text } from "./dom.js";
import { areaOf, lengthOf } from "./geodesy.js";

const L = window.L;
const INK = "#101615";
const MOVED_PX = 5;
const KM = 1000;
const HECTARE = 10_000;
const KM2 = 1_000_000;

export function createMeasure(map, panel, { onEnd }) {
  const container = map.getContainer();
  map.createPane("measured").style.zIndex = 450;
  map.getPane("measured").style.pointerEvents = "none";
  const renderer = L.svg({ pane: "measured" });
  const drawn = L.layerGroup().addTo(map);
  const said = el("output", { class: "measured", "aria-live": "polite" });
  const hint = el("p", { class: "muted small" });
  const undo = el("button", { type: "button", on: { click: () => back() } }, text("measure-undo"));
  const again = el("button", { type: "button", on: { click: () => begin(kind) } }, text("measure-again"));
  const end = el("button", { type: "button", on: { click: () => stop() } }, text("measure-end"));
  const box = el("div", { class: "measure-box", hidden: true, role: "group" }, said, hint, el("p", { class: "measure-buttons" }, undo, again, end));
  const cross = el("div", { class: "crosshair", "aria-hidden": "true", hidden: true });
  panel.append(box);
  container.append(cross);
  let kind = "";
  let places = [];
  let pressed = null;

  function begin(wanted) {
    kind = wanted;
    places = [];
    box.hidden = false;
    box.setAttribute("aria-label", text(`measure-${kind}`));
    hint.textContent = text(`measure-${kind}-hint`);
    container.classList.add("measuring");
    container.focus({ preventScroll: true });
    draw();
  }

  function stop() {
    if (!kind) return;
    kind = "";
    places = [];
    drawn.clearLayers();
    box.hidden = cross.hidden = true;
    container.classList.remove("measuring");
    onEnd();
  }

  function back() {
    places.pop();
    draw();
  }

  function add({ lat, lng }) {
    places.push([lat, lng]);
    draw();
  }

  function draw() {
    drawn.clearLayers();
    const line = { pane: "measured", renderer, interactive: false, color: INK, weight: 3, dashArray: kind === "area" ? null : "7 4" };
    const shape = kind === "area" ? L.polygon(places, { ...line, fillOpacity: 0.12 }) : L.polyline(places, line);
    const under = L.polyline(kind === "area" && places.length > 2 ? [...places, places[0]] : places, { pane: "measured", renderer, interactive: false, color: "#ffffff", weight: 6, opacity: 0.85 });
    drawn.addLayer(under).addLayer(shape);
    for (const place of places) drawn.addLayer(L.circleMarker(place, { pane: "measured", renderer, interactive: false, radius: 4, color: INK, weight: 2, fillColor: "#ffffff", fillOpacity: 1 }));
    tell();
  }

  function tell() {
    const least = kind === "area" ? 3 : 2;
    undo.disabled = again.disabled = places.length === 0;
    const value = places.length < least ? NaN : kind === "area" ? areaOf(places) : lengthOf(places);
    box.dataset.value = Number.isNaN(value) ? "" : String(value);
    if (places.length < least) said.textContent = text("measure-points", { count: number(places.length) });
    else if (kind === "area") said.textContent = text("measure-area-is", { value: areaText(value), around: lengthText(lengthOf([...places, places[0]])) });
    else said.textContent = text(places.length === 2 ? "measure-distance-one" : "measure-distance-is", { value: lengthText(value), count: number(places.length - 1) });
  }

  // Before the map and its villages hear of it: while one measures, a click chooses no village.
  container.addEventListener("pointerdown", ({ clientX, clientY }) => (pressed = [clientX, clientY]), true);
  container.addEventListener(
    "click",
    (event) => {
      if (!kind || event.target.closest(".leaflet-control, a, button")) return;
      event.stopPropagation();
      const still = !pressed || Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) < MOVED_PX;
      if (still) add(map.mouseEventToLatLng(event));
    },
    true,
  );
  container.addEventListener("dblclick", (event) => kind && event.stopPropagation(), true);
  container.addEventListener("keydown", (event) => {
    if (!kind || event.target !== container) return;
    cross.hidden = false;
    if (["Enter", " "].includes(event.key)) {
      event.preventDefault();
      add(map.getCenter());
    } else if (event.key === "Backspace") {
      event.preventDefault();
      back();
    }
  });

  return { begin, stop, kind: () => kind };
}

function lengthText(metres) {
  return metres < KM ? text("measure-m", { value: number(Math.round(metres)) }) : text("measure-km", { value: number(metres / KM) });
}

function areaText(squareMetres) {
  if (squareMetres < HECTARE) return text("measure-m2", { value: number(Math.round(squareMetres)) });
  if (squareMetres < 10 * KM2) return text("measure-ha", { value: number(squareMetres / HECTARE) });
  return text("measure-km2", { value: number(squareMetres / KM2) });
}
