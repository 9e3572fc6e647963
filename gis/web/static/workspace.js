// The workspace: filters, figures, criteria, map, table and scorecard all follow one state, which is the address.

import { addBase } from "./basemap.js";
import { createCredits } from "./credits.js";
import { calm, closesByEscape, config, el, getJson, number, text } from "./dom.js";
import { createFilters, FIELDS } from "./filters.js";
import { drawCommunes, drawCriteria, drawHeadline } from "./headline.js";
import { showKeys } from "./layerlegend.js";
import { createLevels, fillCommunes } from "./levels.js";
import { createMap, drawLayerSigns, drawLegend } from "./map.js";
import { view as viewOf } from "./paint.js";
import { createPlace } from "./place.js";
import { createPlay } from "./play.js";
import { createScorecard } from "./scorecard.js";
import { choose, partOf, readRows, statusOf } from "./search.js";
import { createSides, NOW } from "./sides.js";
import { createState, KEYS, toQuery } from "./state.js";
import { createSwipe, difference } from "./swipe.js";
import { createTable } from "./table.js";
import { addTools } from "./tools.js";
import { createWays } from "./ways.js";
import { createYears } from "./yearslider.js";

const LIST_KEYS = ["set", "part", ...FIELDS];
const SHOWN = [...FIELDS, "part", "view", "try"];
const REPAINT = new Set(["criterion"]);

const state = createState();
const lists = ["as-list", "as-xlsx", "as-csv", "as-printed"].map((id) => document.getElementById(id));
const plain = new Map(lists.map((link) => [link, link.getAttribute("href").split("?")[0]]));
const looking = document.getElementById("sides");
const panel = document.querySelector(".map-panel");

// Asked for together with the table; who waits for them also hears of their failure.
const outlines = config.hasMap && !config.large ? getJson("/map.geojson") : null;
const borders = config.hasMap && !config.large ? getJson("/communes.geojson") : null;
outlines?.catch(() => {});
borders?.catch(() => {});
const place = document.getElementById("table");
const told = await getJson("/map.json", { onWait: () => tell("computing") }).catch(offerAgain);
const rows = readRows(told);
const onChoose = (village) => state.set({ village, way: "" });
const table = createTable(place, told, {
  onChoose,
  onSort: (key, down) => state.set({ sort: down ? `-${key}` : key }, { replace: true }),
});
const scorecard = createScorecard(document.getElementById("scorecard"), {
  onClose: () => state.set({ village: "", way: "" }, { replace: true }),
  onWay: config.hasMap ? (way) => state.set({ way: state.get().way === way ? "" : way }, { replace: true }) : null,
});
const map = config.hasMap ? createMap(rows, told, { onChoose }) : null;
const ground = map && createPlace(map.map, told.levels?.box ?? boxOf(rows), { onMoved: (at) => state.set({ at }, { replace: true }) });
const credits = map && createCredits(map.map);
const ways = map && createWays(map);
const sides = createSides(rows, told);
const form = document.getElementById("filters");
const filters = createFilters(form, told, {
  // Another commune or another name is another place to look at.
  onChange: (name, value) => state.set({ [name]: value, ...(["q", "commune"].includes(name) ? { at: "" } : {}) }, { replace: name === "q" }),
  onClear: (nothing) => state.set({ ...nothing, at: "" }),
});
// Of very many villages the page holds only those in sight, and the server counts.
const levels = told.levels
  ? createLevels({ map, table, rows, told, keys: LIST_KEYS, legend: document.getElementById("legend"), onRows: repaint, onSummary: countAnew })
  : null;
const play = createPlay(rows, told, {
  onPlayed: () => follow(state.get(), REPAINT),
  onMoved: (written) => state.set({ try: written }, { replace: true }),
  inside: () => (kept.length < rows.length ? kept.map(({ number: at }) => at) : null),
});
const years = createYears(document.getElementById("years"), config.sides, {
  onChoose: (view, options) => state.set({ view, try: "" }, options),
  prepare: (keys) => Promise.all(keys.map((key) => sides.load(key, { years: true }))),
});
const swipe = map && !levels && createSwipe(panel, told, map, { outlines, borders }, {
  onChoose,
  onCut: (cut) => state.set({ swipe: cut }, { replace: true }),
  dress: (second) => addBase(second, state, { set: () => {} }),
});
let kept = rows;
let fresh = true;
let waiting = new Set();
let notice = "";
let shownKey = "";
let openId = "";

function tell(code, ...more) {
  place.replaceChildren(el("p", { class: "teach", role: "status" }, text(code), ...more));
}

// Nothing of the page can follow without the table, so it stops here until the reader asks again.
function offerAgain() {
  tell("failed", " ", el("button", { type: "button", on: { click: () => location.reload() } }, text("retry")));
  return new Promise(() => {});
}

// What a choice needs is fetched before the page follows it; a later choice overtakes an earlier one.
async function settle(chosen, changed) {
  waiting = new Set([...waiting, ...changed]);
  const needed = [sides.load(chosen.view), sides.load(chosen.compare), filters.load(chosen), yearsNeeded(chosen)].filter(Boolean);
  if (needed.length) {
    // The first sight of a page is what there is already.
    if (fresh) follow({ ...chosen, view: "", compare: "", try: "" }, new Set(KEYS));
    say(text("loading"));
    document.body.classList.add("fetching");
    try {
      await Promise.all(needed);
    } catch {
      if (state.get() !== chosen) return;
      notice = text("failed");
      return state.set({ view: "", compare: "", zone: "", group: "", minority: "", confidence: "" }, { replace: true });
    }
    if (state.get() !== chosen) return;
  }
  document.body.classList.remove("fetching");
  const all = waiting;
  waiting = new Set();
  // A figure is tried on the verdicts of today only: they are there before it, and it is put back before others come.
  if (!chosen.view) lookAt("");
  await play.follow(chosen.view ? "" : chosen.try);
  if (chosen.view && state.get() === chosen) lookAt(chosen.view);
  if (state.get() === chosen) follow(chosen, all);
  else waiting = new Set([...waiting, ...all]);
}

// Today has a year before it too, once years have been looked at.
function yearsNeeded({ view }) {
  return !view && looking?.dataset.years ? sides.load(NOW, { years: true }) : null;
}

function repaint() {
  follow(state.get(), new Set());
}

function countAnew({ count, all }) {
  tellCounts(state.get(), count, all);
  repaint();
}

function follow(chosen, changed) {
  const part = partOf(chosen);
  if (has(changed, ["part"])) showPart(part);
  filters.fill(chosen);
  if (levels || has(changed, [...SHOWN, "criterion"])) kept = choose(rows, chosen, told.criteria, filters.facts());
  const narrowed = kept.length < rows.length;
  const playing = document.body.classList.contains("playing");
  if (!playing && !levels) {
    drawHeadline(kept, { target: config.target, whole: FIELDS.every((name) => ["commune", "criterion"].includes(name) || !chosen[name]) });
    drawCriteria(kept, told.criteria);
    drawCommunes(choose(rows, { ...chosen, commune: "" }, told.criteria, filters.facts()), config.target);
  } else if (playing && !has(changed, ["try"]) && changed !== REPAINT) play.refresh();
  drawMap(chosen, changed, narrowed);
  if (!levels) tellCounts(chosen, kept.length, rows.length);
  if (!levels && has(changed, [...SHOWN, "criterion", "sort"])) table.show(kept, part, readSort(chosen.sort));
  table.mark(chosen.criterion);
  if (has(changed, ["village"])) chooseVillage(chosen.village);
  if (has(changed, ["village", "way"])) scorecard.markWay(chosen.way, ways?.show(chosen.village, chosen.way));
  if (has(changed, ["side"])) showSide(chosen, document.getElementById("side").classList.contains("open"));
  mark("[data-commune]", "commune", chosen.commune);
  mark("[data-criterion]", "criterion", chosen.criterion);
  fillLinks(chosen);
  if (has(changed, ["layers"])) showLayers(chosen.layers.split(",").filter(Boolean));
  fresh = false;
}

// The rows of the page take the verdicts of another way to look; a figure can be tried on today's only.
function lookAt(key) {
  if (key === shownKey) return;
  shownKey = key;
  sides.show(key);
  table.words(sides.words(key));
  document.body.classList.toggle("elsewhere", Boolean(key));
  const opener = document.getElementById("play-open");
  if (opener) opener.hidden = Boolean(key);
  if (key) play.close();
  if (years.isStop(key) && key) looking.dataset.years = "yes";
}

function drawMap(chosen, changed, narrowed) {
  const ids = narrowed ? new Set(kept.map((row) => row.id)) : null;
  const other = chosen.compare && swipe ? sides.rows(chosen.compare) : null;
  // One ladder of colours for both sides.
  const view = viewOf(other ? [...rows, ...other] : rows, chosen, told.criteria, sides.words(chosen.view), levels?.most());
  tellSides(chosen, other);
  map?.paint(view, ids, chosen.village);
  const placed = has(changed, ["at"]) && Boolean(chosen.at) && ground?.go(chosen.at);
  if (placed === false && chosen.at && has(changed, ["at"])) state.set({ at: "" }, { replace: true });
  const moved = !placed && has(changed, ["commune", "q"]);
  if (levels) {
    const asks = has(changed, [...FIELDS, "part", "criterion"]);
    levels.follow(chosen, { sorted: has(changed, ["sort"]), narrowed: asks && (changed.size === 1 && changed.has("q") ? "typing" : "chosen"), moved: moved && (!fresh || Boolean(chosen.commune || chosen.q)) });
  }
  if (!map || levels) return;
  const counts = new Map();
  for (const row of kept) counts.set(view.of(row), (counts.get(view.of(row)) ?? 0) + 1);
  drawLegend(document.getElementById("legend"), view, counts, map.missing());
  if (moved && (narrowed || !fresh)) map.show(narrowed ? kept.map((row) => row.id) : []);
  if (!other) return swipe.close();
  const [left, right] = [chosen.view || NOW, chosen.compare].map((key) => config.sides.find((each) => each.key === key).label);
  document.querySelector("#legend details:not([data-over])")?.append(el("p", { class: "muted small" }, text("swipe-counts", { name: left })));
  const on = chosen.layers.split(",");
  const layers = config.layers.map((layer) => [layer, on.includes(layer.id)]);
  swipe.show(other, { view, kept: ids, chosenId: chosen.village, left, right, at: chosen.swipe, layers }).catch(() => say(text("failed")));
}

// A line beside the choice of sides, which a study in levels does not offer.
function say(words, ...more) {
  document.getElementById("side-said")?.replaceChildren(words, ...more);
}

// What is looked at, what a reader must know of it, and how two sides differ.
function tellSides(chosen, other) {
  if (!looking) return;
  years.follow(chosen.view);
  looking.elements.left.value = chosen.view || NOW;
  looking.elements.right.value = chosen.compare;
  const places = kept.map(({ number: at }) => at);
  const notes = [...new Set([chosen.view, chosen.compare].map((key) => key && sides.told(key)?.note).filter(Boolean))];
  const note = document.getElementById("side-note");
  note.hidden = !notes.length;
  note.textContent = notes.join(" ");
  if (other) {
    const at = told.criteria.findIndex(({ id }) => id === chosen.criterion);
    const found = difference(rows, other, places, at < 0 ? (row) => row[partOf(chosen)] : (row) => statusOf(row, at));
    const address = `${looking.getAttribute("action").split("?")[0]}${toQuery(chosen, LIST_KEYS)}`;
    const query = new URLSearchParams({ left: chosen.view || NOW, right: chosen.compare });
    const link = el("a", { href: `${address}${address.includes("?") ? "&" : "?"}${query}` }, text("sides-list"));
    if (!found.count) return say(text("sides-same"));
    return say(text("sides-differ", Object.fromEntries(Object.entries(found).map(([name, value]) => [name, number(value)]))), " ", link);
  }
  const moved = chosen.view || looking.dataset.years ? sides.moved(chosen.view, places) : null;
  say(moved ? text("years-moved", { since: moved.since, fresh: number(moved.fresh), back: number(moved.back), lost: number(moved.lost) }) : notice);
  notice = "";
}

// Which villages the figures are of, and which filter made them so.
function tellCounts(chosen, shown, all) {
  const narrowed = shown < all;
  document.getElementById("count").textContent = narrowed ? text("count", { shown: number(shown), all: number(all) }) : number(all);
  const line = document.getElementById("narrowed");
  line.hidden = !narrowed;
  const told_ = { what: filters.words(chosen).join("; "), count: number(shown), all: number(all) };
  line.textContent = !narrowed ? "" : levels ? text("narrowed-large", told_) : text("narrowed", told_);
}

function boxOf(places) {
  const known = places.filter(({ x }) => x !== null);
  const [xs, ys] = ["x", "y"].map((axis) => known.map((row) => row[axis]));
  const ends = (values) => values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  const [[west, east], [south, north]] = [ends(xs), ends(ys)];
  return [west, south, east, north];
}

function has(changed, keys) {
  return keys.some((key) => changed.has(key));
}

function showPart(part) {
  for (const place of document.querySelectorAll("[data-figures]")) place.hidden = place.dataset.figures !== part;
  for (const link of document.querySelectorAll("[data-part]")) {
    if (link.dataset.part === part) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const row of document.querySelectorAll("[data-not-works]")) row.classList.toggle("aside", part === "infrastructure");
}

// Lists are of today's verdicts; what is looked at otherwise has a list of its own.
function fillLinks(chosen) {
  const query = toQuery(chosen, LIST_KEYS);
  const other = chosen.view && looking;
  const more = new URLSearchParams({ left: chosen.view, right: chosen.view, show: "all" });
  for (const link of lists) {
    const suffix = /\.(xlsx|csv)$/.exec(plain.get(link))?.[0] ?? "";
    const base = link.id === "as-printed" ? location.origin : "";
    link.href = other ? `${base}${looking.getAttribute("action").split("?")[0]}${suffix}${query}${query ? "&" : "?"}${more}` : plain.get(link) + query;
  }
  for (const link of document.querySelectorAll("[data-language]")) {
    const written = new URLSearchParams(toQuery(chosen));
    written.set("lang", link.lang);
    link.href = `?${written}`;
  }
}

async function chooseVillage(id) {
  const known = levels ? await levels.find(id) : rows.find((row) => row.id === id);
  if (levels && state.get().village !== id) return;
  const side = document.getElementById("side");
  side.classList.toggle("open", Boolean(known));
  const at = document.activeElement;
  const [left, reads] = [side.contains(at) ? openId : "", !fresh && place.contains(at)];
  openId = known ? id : "";
  scorecard.open(openId, { reads });
  table.choose(id);
  showSide(state.get(), known);
  // Who closes the card by keyboard goes on where it was opened.
  if (left && !known) table.focus(left);
  if (!known) return;
  if (map && levels) levels.go(known);
  else if (map?.has(id) && !map.map.getBounds().contains([known.y, known.x])) map.show([id], { most: map.map.getZoom() });
  const seen = side.getBoundingClientRect();
  if (!fresh && (seen.top < 0 || seen.top > innerHeight * 0.7)) {
    (innerWidth < 900 ? side : document.querySelector(".work")).scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
  }
}

// Beside the map stands the scorecard of a chosen village, else criteria or communes.
function showSide({ side }, known) {
  const open = known ? "scorecard" : side === "communes" ? "by-commune" : "by-criterion";
  for (const id of ["scorecard", "by-criterion", "by-commune"]) document.getElementById(id).hidden = id !== open;
  document.getElementById("side-tabs").hidden = open === "scorecard";
  for (const tab of document.querySelectorAll("#side-tabs button")) tab.setAttribute("aria-pressed", String((tab.value === "communes") === (side === "communes")));
}

function mark(selector, key, value) {
  for (const place of document.querySelectorAll(selector)) place.classList.toggle("chosen", Boolean(value) && place.dataset[key] === value);
}

function readSort(written) {
  return written.startsWith("-") ? { key: written.slice(1), down: true } : { key: written, down: false };
}

function showLayers(ids) {
  for (const box of document.querySelectorAll("#layers [name=layer]")) {
    const on = ids.includes(box.value);
    const layer = config.layers.find(({ id }) => id === box.value);
    if (box.checked !== on || fresh) box.checked = on;
    showKeys(document.getElementById("legend"), layer, on);
    credits?.set(layer.id, on ? [layer.credit] : []);
    map?.overlay(layer, on).catch(() => (box.checked = false));
  }
}

looking?.addEventListener("submit", (event) => event.preventDefault());
looking?.addEventListener("change", ({ target }) => {
  if (target.name === "left") state.set({ view: target.value === NOW ? "" : target.value, try: "" });
  if (target.name === "right") state.set({ compare: target.value });
});
document.getElementById("side-tabs").addEventListener("click", ({ target }) => {
  if (target.value !== undefined) state.set({ side: target.value }, { replace: true });
});
document.getElementById("table-size").addEventListener("click", ({ currentTarget }) => {
  const large = document.querySelector(".work").classList.toggle("large-table");
  currentTarget.setAttribute("aria-pressed", String(large));
});
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const part = event.target.closest("[data-part]");
  const commune = event.target.closest("[data-commune]");
  const criterion = event.target.closest("a[data-criterion]");
  if (!part && !commune && !criterion) return;
  event.preventDefault();
  const now = state.get();
  if (part) state.set({ part: part.dataset.part });
  else if (commune) state.set({ commune: now.commune === commune.dataset.commune ? "" : commune.dataset.commune, at: "" });
  else state.set({ criterion: now.criterion === criterion.dataset.criterion ? "" : criterion.dataset.criterion });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.get().village) state.set({ village: "", way: "" }, { replace: true });
});
const layersBox = document.getElementById("layers");
if (layersBox) closesByEscape(layersBox);
layersBox?.addEventListener("change", ({ target }) => {
  if (target.name !== "layer") return;
  const on = [...document.querySelectorAll("#layers [name=layer]:checked")].map((box) => box.value);
  state.set({ layers: on.join(",") }, { replace: true });
});

drawLayerSigns();
if (map) {
  addTools(map, { mine: config.mine, onMine: (commune) => state.set({ commune, at: "" }) });
  addBase(map, state, credits);
}
if (map && !levels) {
  try {
    map.add(await outlines);
    borders.then(map.addCommunes, () => {});
    ground.isHome();
  } catch {
    document.getElementById("map").append(el("p", { class: "teach", role: "alert" }, text("failed")));
  }
}
// An address may be old or mistyped: what it names but the study lacks is let go.
const strange = filters.strange(state.get());
const offered = config.sides.map(({ key }) => key);
strange.push(...["view", "compare"].filter((name) => !offered.includes(state.get()[name])));
if (state.get().view === NOW) strange.push("view");
if (state.get().view && !strange.includes("view")) strange.push("try");
state.set(Object.fromEntries(strange.map((name) => [name, ""])), { replace: true });
state.listen(settle);
await settle(state.get(), new Set(KEYS));
if (map && !state.get().commune && !state.get().q && !state.get().at) {
  map.fitAll();
  ground.isHome();
}
if (levels) {
  if (map) await levels.begin();
  fillCommunes(form.elements.commune).catch(() => {});
}
ground?.begin();
document.body.dataset.ready = "yes";
