// The first screen: a map that only shows the results and leads to the workspace.

import { config, el, getJson, text } from "./dom.js";
import { createMap, drawLegend } from "./map.js";
import { look } from "./paint.js";
import { partOf, readRows } from "./search.js";

const STATUSES = ["met", "unmet", "unknown", "exempt"];

const part = partOf(config);

function open(row) {
  const query = new URLSearchParams(config.query);
  if (config.part !== "all") query.set("part", config.part);
  if (row.communeId) query.set("commune", row.communeId);
  if (!config.byCommune) query.set("village", row.id);
  location.assign(`${config.base}/map?${query}`);
}

function results(words) {
  return {
    title: text("result"),
    of: (row) => row[part],
    letter: (row) => look(row[part]).sign,
    classes: STATUSES.map((name) => ({ name, words: words[name], sign: look(name).sign })),
  };
}

// Of very many villages: what each commune is, drawn as if it were one.
async function communes() {
  const outlines = await getJson("/communes.geojson");
  const rows = outlines.features.map(({ properties: { id, name, x, y } }) => ({ id, name, x, y, communeId: id, commune: "", all: config.byCommune[id] ?? "exempt", infrastructure: config.byCommune[id] ?? "exempt" }));
  const words = Object.fromEntries(STATUSES.map((status) => [status, text(`commune-${status}`)]));
  return { rows, words, outlines, borders: Promise.resolve(outlines) };
}

async function villages() {
  const borders = getJson("/communes.geojson");
  borders.catch(() => {});
  const [told, outlines] = await Promise.all([getJson("/map.json"), getJson("/map.geojson")]);
  return { rows: readRows(told), words: told.words[part], outlines, borders };
}

function draw({ rows, words, outlines, borders }) {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const map = createMap(rows, {}, { onChoose: (id) => open(byId.get(id)) });
  const view = results(words);
  const counts = new Map();
  for (const row of rows) counts.set(row[part], (counts.get(row[part]) ?? 0) + 1);
  map.add(outlines);
  map.paint(view, null, "");
  drawLegend(document.getElementById("legend"), view, counts, map.missing());
  map.fitAll();
  borders.then(map.addCommunes, () => {});
}

// Only what does not come is told to the reader: a mistake of the script is to be heard of.
const told = await (config.byCommune ? communes() : villages()).catch(() => null);
if (told) draw(told);
else document.getElementById("map").append(el("p", { class: "teach", role: "alert" }, text("failed")));
document.body.dataset.ready = "yes";
