// The tools of the map: the whole study, my commune, distance, area, full screen, and where north is.

import { el, svg, text } from "./dom.js";
import { createMeasure } from "./measure.js";

const L = window.L;
const ICONS = {
  fit: "M3 7V3h4M11 3h4v4M15 11v4h-4M7 15H3v-4M6 6h6v6H6z",
  mine: "M9 16s5-5.2 5-9A5 5 0 0 0 4 7c0 3.800 5 9 5 9zM9 5.200v3.600M7.200 7h3.600",
  distance: "M2 12 12 2l4 4L6 16zM6 8l2 2M9 5l2 2",
  area: "M3 14 5 3l9 2 1 8zM3 14h0M5 3h0M14 5h0",
  full: "M2 6V2h4M12 2h4v4M16 12v4h-4M6 16H2v-4",
};

// `handle` is what createMap gives; `mine` the communes that the reader answers for, chosen by `onMine`.
export function addTools(handle, { mine, onMine }) {
  const { map } = handle;
  const panel = map.getContainer().closest(".map-panel") ?? map.getContainer().parentElement;
  const buttons = {};
  const measure = createMeasure(map, panel, { onEnd: () => press() });

  function press() {
    for (const kind of ["distance", "area"]) buttons[kind].setAttribute("aria-pressed", String(measure.kind() === kind));
  }

  function toggle(kind) {
    const on = measure.kind() !== kind;
    if (on) measure.begin(kind);
    else measure.stop();
    press();
  }

  function button(name, act, pressed) {
    const made = el("button", { type: "button", class: "map-tool", "aria-label": text(`tool-${name}`), title: text(`tool-${name}`), "aria-pressed": pressed ? "false" : null, data: { tool: name }, on: { click: act } }, icon(ICONS[name]));
    buttons[name] = made;
    return made;
  }

  const Bar = L.Control.extend({
    options: { position: "topleft" },
    onAdd() {
      const bar = el(
        "div",
        { class: "map-tools leaflet-bar", role: "toolbar", "aria-label": text("tools") },
        button("fit", () => handle.show([])),
        mine.length ? button("mine", () => onMine(mine[0])) : null,
        button("distance", () => toggle("distance"), true),
        button("area", () => toggle("area"), true),
        button("full", () => full(!isFull()), true),
      );
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    },
  });
  map.addControl(new Bar());
  map.getContainer().append(north());

  // Where the browser has no full screen of its own, the panel covers the page.
  const isFull = () => document.fullscreenElement === panel || panel.classList.contains("filled");

  function full(on) {
    if (panel.requestFullscreen && document.fullscreenEnabled) {
      (on ? panel.requestFullscreen() : document.exitFullscreen()).catch(() => fill(on));
    } else fill(on);
  }

  function fill(on) {
    panel.classList.toggle("filled", on);
    document.documentElement.classList.toggle("map-filled", on);
    told();
  }

  function told() {
    const name = text(isFull() ? "tool-full-end" : "tool-full");
    buttons.full.setAttribute("aria-pressed", String(isFull()));
    buttons.full.setAttribute("aria-label", name);
    buttons.full.title = name;
  }
  document.addEventListener("fullscreenchange", told);

  // Heard before the page, which closes the card of a village with the same key.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      const open = measure.kind();
      if (open) {
        measure.stop();
        buttons[open].focus();
      } else if (panel.classList.contains("filled")) fill(false);
      else return;
      event.stopImmediatePropagation();
      event.preventDefault();
    },
    true,
  );
}

function icon(path) {
  const line = svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linejoin": "round", "stroke-linecap": "round" });
  return svg("svg", { viewBox: "0 0 18 18", width: 18, height: 18, "aria-hidden": "true", focusable: "false" }, line);
}

// Maps of the web always have north above; a printed or photographed one must say so.
function north() {
  const needle = svg("path", { d: "M9 1 15 20 9 16 3 20z" });
  const drawing = svg("svg", { viewBox: "0 0 18 22", width: 18, height: 22, "aria-hidden": "true" }, needle);
  return el("p", { class: "north", role: "img", "aria-label": text("north-up") }, drawing, el("span", { "aria-hidden": "true" }, text("north")));
}
