// A study of very many villages: communes while the map is wide, villages near by, each piece asked for as it is seen.

import { el, getJson, text } from "./dom.js";
import { corners, drawLegend } from "./map.js";
import { steps, view as viewOf } from "./paint.js";
import { createRegions, regionView } from "./regions.js";
import { partOf, readRows } from "./search.js";

const L = window.L;
const MOST_VILLAGES_SEEN = 1500;
const MOST_REGIONS_SEEN = 250;
const MOST_LEAVES_KEPT = 24;
const ROWS_A_PAGE = 200;
const REST_MS = 120;
const TYPING_MS = 180;
const BORDER = { interactive: false, fill: false, pane: "borders", color: "#26302d", weight: 1.4, opacity: 0.75 };

// `rows` and `map` begin without villages and are filled as the map moves. `keys` are the filters an address may hold;
// `onRows` is called when other villages are there, `onSummary` with what the server counted.
export function createLevels({ map, table, rows, told, legend, keys, onRows, onSummary }) {
  const { levels } = told.levels;
  const leavesOf = Object.fromEntries(levels.map(({ name, leaves }) => [name, leaves]));
  const wide = levels.filter(({ name }) => name !== "villages").map(({ name }) => name);
  // Least lately seen first: leaf of villages to the ids it brought.
  const loaded = new Map();
  const asking = new Map();
  const borders = new Map();
  const summaries = new Map();
  let level = wide[0];
  let chosen = {};
  let summary = null;
  let turn = 0;
  let timer = 0;
  const word = () => failingWord(chosen, told);
  const regions = map ? Object.fromEntries(wide.map((name) => [name, createRegions(map.map, { word, onChoose: (region, box) => map.map.fitBounds(box, { padding: [24, 24] }) })])) : {};
  const borderPen = map ? L.canvas({ pane: "borders", padding: 0.3 }) : null;
  const note = el("p", { class: "levels-note", role: "status" });

  const seen = (leaf, box) => box.intersects(L.latLngBounds(corners(leaf)));

  // How many are in view, as if each leaf held its own evenly.
  function estimate(name, box) {
    return leavesOf[name].reduce((sum, leaf) => {
      const [west, south, east, north] = leaf;
      const across = Math.min(east, box.getEast()) - Math.max(west, box.getWest());
      const up = Math.min(north, box.getNorth()) - Math.max(south, box.getSouth());
      return across <= 0 || up <= 0 ? sum : sum + (leaf[4] * across * up) / ((east - west) * (north - south));
    }, 0);
  }

  function levelFor(box) {
    if (estimate("villages", box) <= MOST_VILLAGES_SEEN) return "villages";
    return wide.findLast((name) => estimate(name, box) <= MOST_REGIONS_SEEN) ?? wide[0];
  }

  async function look() {
    const box = map.map.getBounds();
    const now = levelFor(box);
    if (now !== level || !map.map.getContainer().dataset.level) change(now);
    const inView = (name) => leavesOf[name].map((leaf, at) => [leaf, at]).filter(([leaf]) => seen(leaf, box)).map(([, at]) => at);
    const waits = now === "villages" ? [...inView("villages").map(loadVillages), ...inView("communes").map(loadBorders)] : inView(now).map((at) => loadRegions(now, at));
    const outcomes = await Promise.allSettled(waits);
    note.textContent = outcomes.some(({ status }) => status === "rejected") ? text("levels-failed") : hint();
    map.map.getContainer().dataset.rest = String(Number(map.map.getContainer().dataset.rest ?? 0) + 1);
  }

  function hint() {
    return level === "villages" ? "" : text(`levels-hint-${level}`);
  }

  function change(now) {
    level = now;
    map.map.getContainer().dataset.level = now;
    map.showVillages(now === "villages");
    for (const name of wide) regions[name].show(name === now);
    for (const line of borders.values()) now === "villages" ? map.map.addLayer(line) : map.map.removeLayer(line);
    if (summary) ask();
  }

  // Each piece is asked for once at a time.
  function once(key, work) {
    if (!asking.has(key)) asking.set(key, work().finally(() => asking.delete(key)));
    return asking.get(key);
  }

  function loadRegions(name, at) {
    if (regions[name].has(at)) return null;
    return once(`${name}/${at}`, async () => regions[name].add(at, await getJson(`/levels/${name}/${at}.geojson`)));
  }

  function loadBorders(at) {
    if (borders.has(at)) return null;
    return once(`borders/${at}`, async () => {
      const line = L.geoJSON(await getJson(`/levels/communes/${at}.geojson`), { ...BORDER, renderer: borderPen, filter: ({ geometry }) => geometry.type !== "Point" });
      borders.set(at, line);
      if (level === "villages") line.addTo(map.map);
    });
  }

  function loadVillages(at) {
    if (loaded.has(at)) {
      const ids = loaded.get(at);
      loaded.delete(at);
      loaded.set(at, ids);
      return null;
    }
    return once(`villages/${at}`, async () => {
      const [geojson, found] = await Promise.all([getJson(`/levels/villages/${at}.geojson`), getJson(`/levels/villages/${at}.json`)]);
      const some = readRows({ ...told, ...found });
      loaded.set(at, new Set(some.map(({ id }) => id)));
      rows.push(...some);
      map.addSome(geojson, some);
      letGo();
      onRows();
    });
  }

  function letGo() {
    const box = map.map.getBounds();
    for (const [at, ids] of loaded) {
      if (loaded.size <= MOST_LEAVES_KEPT) return;
      if (seen(leavesOf.villages[at], box)) continue;
      loaded.delete(at);
      map.drop(ids);
      rows.splice(0, rows.length, ...rows.filter(({ id }) => !ids.has(id)));
    }
  }

  function filters(extra = {}) {
    return { ...Object.fromEntries(keys.filter((key) => key !== "set" && chosen[key]).map((key) => [key, chosen[key]])), ...extra };
  }

  async function ask({ moved = false } = {}) {
    const mine = (turn += 1);
    const query = filters({ level: level === "villages" ? wide.at(-1) : level });
    const key = new URLSearchParams(query).toString();
    if (!summaries.has(key)) summaries.set(key, getJson("/levels/summary.json", { query }));
    let found;
    try {
      found = await summaries.get(key);
    } catch {
      summaries.delete(key);
      note.textContent = text("failed");
      return;
    }
    if (summaries.size > 30) summaries.delete(summaries.keys().next().value);
    if (mine !== turn) return;
    const fresh = summary?.key !== key;
    summary = { ...found, key };
    if (fresh) onSummary(found);
    if (map) {
      if (level !== "villages") regions[level].paint(found);
      tellLegend();
      if (moved) found.kept && found.box ? map.showBox(L.latLngBounds(corners(found.box))) : map.fitAll();
    }
  }

  function tellLegend() {
    const missing = told.villages - told.levels.placed;
    if (level !== "villages") return drawLegend(legend, regionView(word()), regions[level].classes(), missing);
    const view = viewOf(rows, chosen, told.criteria, told.words, summary.most);
    drawLegend(legend, view, villageCounts(summary, chosen, told), missing);
  }

  function showTable() {
    const query = filters(chosen.sort ? { sort: chosen.sort } : {});
    const askPage = async (page) => readRows({ ...told, ...(await getJson("/levels/rows.json", { query: { ...query, page } })) });
    const [key, down] = [chosen.sort.replace(/^-/, ""), chosen.sort.startsWith("-")];
    table.showPages(summary.count, ROWS_A_PAGE, askPage, partOf(chosen), { key, down });
  }

  if (map) {
    map.fitAll();
    map.map.getContainer().append(note);
    map.words.addTo(map.map);
    let rest = 0;
    map.map.on("moveend", () => {
      clearTimeout(rest);
      rest = setTimeout(look, REST_MS);
    });
  }

  return {
    most: () => summary?.most ?? 0,
    begin: look,
    // What the reader chose now; `sorted` and `narrowed` say which of it changed.
    follow(now, { sorted, narrowed, moved }) {
      chosen = now;
      // A map that comes to rest must not put off for ever what was typed before.
      if (!narrowed) return sorted && summary && showTable();
      clearTimeout(timer);
      timer = setTimeout(() => ask({ moved }).then(() => summary && showTable()), narrowed === "typing" ? TYPING_MS : 0);
    },
    // A village wherever it is; undefined where the study has none of that id.
    async find(id) {
      const here = rows.find((row) => row.id === id) ?? table.find(id);
      if (here || !id) return here;
      const found = await getJson("/levels/rows.json", { query: { village: id } }).catch(() => null);
      return found ? readRows({ ...told, ...found })[0] : undefined;
    },
    // Bring a village into sight, as near as villages are drawn.
    go(row) {
      if (level === "villages" && map.map.getBounds().contains([row.y, row.x])) return;
      const leaf = row.x === null ? null : leavesOf.villages.find(([west, south, east, north]) => row.x >= west && row.x <= east && row.y >= south && row.y <= north);
      if (leaf) map.map.setView([row.y, row.x], Math.min(map.map.getBoundsZoom(corners(leaf)) + 0.5, 14));
    },
  };
}

// What failing is called in the chosen view.
function failingWord(chosen, told) {
  const criterion = told.criteria.find(({ id }) => id === chosen.criterion);
  return criterion ? text(`${criterion.kind === "trigger" ? "trigger" : "status"}-unmet`) : told.words[partOf(chosen)].unmet;
}

// Villages in each class of the legend, from what the server counted.
function villageCounts({ counts, missed, most }, chosen, told) {
  const found = new Map(Object.entries(counts));
  if (told.criteria.some(({ id }) => id === chosen.criterion)) return found;
  for (const { low, high, name } of steps(most)) found.set(name, missed.reduce((sum, [each, count]) => (each >= low && each <= high ? sum + count : sum), 0));
  return found;
}

// All communes of the study, into a choice that came with a few of them.
export async function fillCommunes(field) {
  const there = new Map([...field.options].map((option) => [option.value, option]));
  const all = await getJson("/levels/communes.json");
  const chosen = field.value;
  field.replaceChildren(field.options[0], ...all.map(([id, name]) => there.get(id) ?? el("option", { value: id }, name)));
  field.value = chosen;
}
