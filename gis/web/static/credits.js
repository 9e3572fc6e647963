// Who must be named for what the map shows now: borders always, layers and base map while they are seen.

import { config, text } from "./dom.js";

export function createCredits(map) {
  const place = map.getContainer().querySelector(".attribution");
  const parts = new Map([["study", config.credits?.length ? config.credits : [text("attribution")]]]);

  function draw() {
    const all = [...new Set([...parts.values()].flat().filter(Boolean)), "Leaflet"];
    place.textContent = all.join(" · ");
  }

  // The legend stands above it, however many lines it takes.
  const panel = place.closest(".map-panel");
  if (panel) new ResizeObserver(() => panel.style.setProperty("--credits", `${place.offsetHeight}px`)).observe(place);
  draw();
  return {
    set(key, names) {
      if (names.length) parts.set(key, names);
      else parts.delete(key);
      draw();
    },
  };
}
