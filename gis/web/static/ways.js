// The way to the place that decided a finding, drawn over the map: walked, ridden, or only a straight line.

import { calm, el, getJson } from "./dom.js";

const L = window.L;
const STYLES = {
  walk: { color: "#101615", weight: 3.5, dashArray: "1 7", lineCap: "round" },
  ride: { color: "#101615", weight: 4 },
  straight: { color: "#5b3a8e", weight: 3, dashArray: "12 6" },
};
// Room for the note above and the legend below.
const ROOM = { paddingTopLeft: [60, 110], paddingBottomRight: [60, 60] };

export function createWays(handle) {
  const { map } = handle;
  map.createPane("ways").style.zIndex = 440;
  map.getPane("ways").style.pointerEvents = "none";
  const renderer = L.svg({ pane: "ways" });
  const drawn = L.layerGroup().addTo(map);
  const note = el("p", { class: "way-note", hidden: true });
  map.getContainer().append(note);
  let wanted = "";

  // Draws it and gives its words: of each part and of the whole; null where none is asked for.
  async function show(village, criterion) {
    const key = (wanted = village && criterion ? `${village} ${criterion}` : "");
    drawn.clearLayers();
    note.hidden = true;
    if (!key) return null;
    const found = await getJson("/decided-way.geojson", { query: { village, criterion } });
    if (wanted !== key) return null;
    return draw(found);
  }

  function draw({ features }) {
    const parts = features.filter(({ properties }) => properties.role === "part");
    const place = features.find(({ properties }) => properties.role === "place");
    const box = L.latLngBounds([]);
    for (const part of parts) {
      const style = STYLES[part.properties.how];
      const under = L.geoJSON(part, { pane: "ways", renderer, interactive: false, style: { color: "#ffffff", weight: style.weight + 4, opacity: 0.9 } });
      drawn.addLayer(under).addLayer(L.geoJSON(part, { pane: "ways", renderer, interactive: false, style: { opacity: 1, ...style } }));
      box.extend(under.getBounds());
    }
    const [x, y] = place.geometry.coordinates;
    drawn.addLayer(L.circleMarker([y, x], { pane: "ways", renderer, interactive: false, radius: 8, color: "#101615", weight: 3, fillColor: "#ffffff", fillOpacity: 1 }));
    note.replaceChildren(el("strong", {}, place.properties.name), ` – ${place.properties.words}`);
    note.hidden = false;
    box.extend([y, x]);
    map.fitBounds(box, { ...ROOM, maxZoom: 15, animate: !calm });
    return { place: place.properties, parts: parts.map(({ properties }) => properties) };
  }

  return { show };
}
