// A second map over the first, cut off at a divider that can be dragged or moved by the arrows.

import { el, number, text } from "./dom.js";
import { createMap } from "./map.js";

const STEP = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10 };
const LEAST = 2;

// `dress` puts under the second map what lies under the first.
export function createSwipe(panel, told, first, { outlines, borders }, { onChoose, onCut, dress }) {
  let second = null;
  let begun = false;
  let wanted = null;
  let cut = 50;
  let busy = false;
  const rows = [];
  const place = el("div", { class: "map-right", id: "map-right", "aria-label": text("swipe-map") });
  const divider = el("div", { class: "divider", role: "slider", tabindex: "0", "aria-label": text("swipe-divider"), "aria-valuemin": LEAST, "aria-valuemax": 100 - LEAST, "aria-orientation": "horizontal" }, el("span", { "aria-hidden": "true" }, "◂▸"));
  const names = { left: el("p", { class: "side-name left" }), right: el("p", { class: "side-name right" }) };
  const parts = [place, divider, names.left, names.right];

  function move(to, { written = true } = {}) {
    cut = Math.min(100 - LEAST, Math.max(LEAST, to));
    panel.style.setProperty("--cut", `${cut}%`);
    divider.setAttribute("aria-valuenow", String(Math.round(cut)));
    divider.setAttribute("aria-valuetext", text("swipe-at", { share: number(Math.round(cut)) }));
    if (written) onCut(String(Math.round(cut)));
  }

  divider.addEventListener("keydown", (event) => {
    const to = event.key === "Home" ? LEAST : event.key === "End" ? 100 - LEAST : event.key in STEP ? cut + STEP[event.key] : null;
    if (to === null) return;
    event.preventDefault();
    move(to);
  });
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
    divider.focus();
  });
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const box = panel.getBoundingClientRect();
    move((100 * (event.clientX - box.left)) / box.width, { written: false });
  });
  divider.addEventListener("pointerup", () => onCut(String(Math.round(cut))));

  // The one follows the other, whichever is moved.
  function together(one, other) {
    one.on("move", () => {
      if (busy || !place.isConnected) return;
      busy = true;
      other.setView(one.getCenter(), one.getZoom(), { animate: false });
      busy = false;
    });
  }

  async function begin() {
    second = createMap(rows, told, { place, legend: null, onChoose });
    const shapes = await outlines;
    busy = true;
    second.add(shapes);
    busy = false;
    borders.then(second.addCommunes, () => {});
    dress(second);
    begun = true;
    together(first.map, second.map);
    together(second.map, first.map);
  }

  return {
    close() {
      parts.forEach((part) => part.remove());
      panel.classList.remove("swiping");
    },
    // Paints what stands on the right; `view` paints the rows of both sides alike.
    async show(sideRows, { view, kept, chosenId, left, right, at, layers }) {
      if (rows.length) rows.forEach((row, number_) => Object.assign(row, sideRows[number_]));
      else rows.push(...sideRows);
      if (!place.isConnected) {
        panel.append(...parts);
        panel.classList.add("swiping");
        move(/^\d{1,2}$/.test(at) ? Number(at) : 50, { written: false });
      }
      names.left.textContent = left;
      names.right.textContent = right;
      wanted = [view, kept, chosenId];
      if (!second) await begin();
      if (!begun) return;
      busy = true;
      second.map.invalidateSize({ animate: false });
      second.map.setView(first.map.getCenter(), first.map.getZoom(), { animate: false });
      busy = false;
      second.paint(...wanted);
      for (const [layer, on] of layers) second.overlay(layer, on).catch(() => {});
    },
  };
}

// How many villages differ between two lists of rows, of the places given; `of` is what is compared.
export function difference(one, other, places, of) {
  const found = { count: 0, left: 0, right: 0 };
  for (const place_ of places) {
    const [left, right] = [of(one[place_]), of(other[place_])];
    if (left === right) continue;
    found.count += 1;
    if (left === "met") found.left += 1;
    if (right === "met") found.right += 1;
  }
  return { ...found, other: found.count - found.left - found.right };
}
