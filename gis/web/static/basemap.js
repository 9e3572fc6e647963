// What lies under the villages: light and shade of the ground, and a base map where the office has one.

import { config, text } from "./dom.js";

const L = window.L;
// The villages let the base map through, as much as their classes can bear.
const OVER_BASE = 0.72;

// `handle` is what createMap gives; `state` keeps what was chosen in the address; `credits` names whom it shows.
export function addBase(handle, state, credits) {
  const { map } = handle;
  const offered = config.bases ?? { maps: [], relief: null };
  const form = document.getElementById("bases");
  pane("base", 200);
  const over = pane("relief", 405);
  over.style.pointerEvents = "none";
  const villages = map.getPane("overlayPane");
  let shown = null;
  let shownId = "";
  let relief = null;

  function pane(name, level) {
    const made = map.getPane(name) ?? map.createPane(name);
    made.style.zIndex = level;
    return made;
  }

  function show(id) {
    const wanted = offered.maps.find((each) => each.id === id);
    if ((wanted?.id ?? "") === shownId) return;
    shown?.remove();
    shownId = wanted?.id ?? "";
    shown = wanted ? tiles(wanted).addTo(map) : null;
    villages.style.opacity = wanted ? OVER_BASE : "";
    credits.set("base", wanted ? [wanted.credit || wanted.title] : []);
    tell("");
  }

  function tiles({ address, least, most, bounds }) {
    const layer = L.tileLayer(address, { pane: "base", minNativeZoom: least, maxNativeZoom: most, maxZoom: 22, bounds: bounds ? L.latLngBounds(bounds) : undefined, updateWhenIdle: true, keepBuffer: 1, className: "base-tiles" });
    // A tile that does not come is no fault of the study: the map goes on without it and says so once.
    layer.on("tileerror", () => layer === shown && tell(text("base-not-coming")));
    return layer;
  }

  function tell(words) {
    const said = document.getElementById("base-said");
    if (said) said.textContent = words;
  }

  function shade(on) {
    if (!offered.relief) return;
    if (on && !relief) relief = L.imageOverlay(`${config.base}/relief.png`, offered.relief.bounds, { pane: "relief", interactive: false, alt: "", className: "relief" });
    if (on) relief.addTo(map);
    else relief?.remove();
  }

  function follow(chosen) {
    show(chosen.base);
    // the villages come first
    if (chosen.relief === "off") shade(false);
    else if (document.body.dataset.ready) shade(true);
    else setTimeout(() => shade(state.get().relief !== "off"), 300);
    if (!form) return;
    const box = form.querySelector("[name=relief]");
    if (box) box.checked = chosen.relief !== "off";
    for (const choice of form.querySelectorAll("[name=base]")) choice.checked = choice.value === shownId;
  }

  form?.addEventListener("change", ({ target }) => {
    if (target.name === "base") state.set({ base: target.value }, { replace: true });
    else state.set({ relief: target.checked ? "" : "off" }, { replace: true });
  });
  state.listen((chosen, changed) => {
    if (changed.has("base") || changed.has("relief")) follow(chosen);
  });
  follow(state.get());
}
