// The overview page: figures, communes, map, scorecard and table all follow one state.

import { calm, config, el, getJson, number, text } from "./dom.js";
import { createMap, drawLayerSigns, drawLegend } from "./map.js";
import { view as viewOf } from "./paint.js";
import { createPlay } from "./play.js";
import { createScorecard } from "./scorecard.js";
import { choose, partOf, readRows } from "./search.js";
import { createState, toQuery } from "./state.js";
import { createTable } from "./table.js";

const LIST_KEYS = ["set", "part", "status", "commune", "criterion", "criterion_status", "q"];
const FILTERS = ["q", "commune", "status", "criterion_status"];

const state = createState();
const form = document.getElementById("filters");
const lists = ["as-list", "as-xlsx", "as-csv", "as-printed"].map((id) => document.getElementById(id));
const plain = new Map(lists.map((link) => [link, link.getAttribute("href").split("?")[0]]));

// Asked for together with the table; who waits for them also hears of their failure.
const outlines = config.hasMap ? getJson("/map.geojson") : null;
const borders = config.hasMap ? getJson("/communes.geojson") : null;
outlines?.catch(() => {});
borders?.catch(() => {});
const place = document.getElementById("table");
const told = await getJson("/map.json", { onWait: () => tell("computing") }).catch(offerAgain);
const rows = readRows(told);
const table = createTable(place, told, {
  onChoose: (village) => state.set({ village }),
  onSort: (key, down) => state.set({ sort: down ? `-${key}` : key }, { replace: true }),
});
const scorecard = createScorecard(document.getElementById("scorecard"), { onClose: () => state.set({ village: "" }, { replace: true }) });
const map = config.hasMap ? createMap(rows, told, { onChoose: (village) => state.set({ village }) }) : null;
const EVERYTHING = new Set(["part", "commune", "status", "criterion", "criterion_status", "q", "village", "sort", "layers"]);
const REPAINT = new Set(["criterion"]);
const play = createPlay(rows, told, {
  onPlayed: () => follow(state.get(), REPAINT),
  onMoved: (written) => state.set({ try: written }, { replace: true }),
});
let kept = rows;
let fresh = true;

function tell(code, ...more) {
  place.replaceChildren(el("p", { class: "teach", role: "status" }, text(code), ...more));
}

// Nothing of the page can follow without the table, so it stops here until the reader asks again.
function offerAgain() {
  tell("failed", " ", el("button", { type: "button", on: { click: () => location.reload() } }, text("retry")));
  return new Promise(() => {});
}

function follow(chosen, changed) {
  const part = partOf(chosen);
  if (has(changed, ["part"])) showPart(part);
  if (has(changed, FILTERS) || has(changed, ["part", "criterion"])) kept = choose(rows, chosen, told.criteria);
  fillForm(chosen, told.criteria);
  const narrowed = kept.length < rows.length;
  const ids = new Set(kept.map((row) => row.id));
  const view = viewOf(rows, chosen, told.criteria, told.words);
  if (map) {
    map.paint(view, narrowed ? ids : null, chosen.village);
    const counts = new Map();
    for (const row of kept) counts.set(view.of(row), (counts.get(view.of(row)) ?? 0) + 1);
    drawLegend(document.getElementById("legend"), view, counts, map.missing());
    if (has(changed, ["commune", "q"]) && (narrowed || !fresh)) map.show(narrowed ? kept.map((row) => row.id) : []);
  }
  document.getElementById("count").textContent = narrowed ? text("count", { shown: number(kept.length), all: number(rows.length) }) : number(rows.length);
  tellNarrowed(chosen, narrowed);
  if (has(changed, [...FILTERS, "part", "criterion", "sort"])) table.show(kept, part, readSort(chosen.sort));
  table.mark(chosen.criterion);
  if (has(changed, ["village"])) chooseVillage(chosen.village);
  mark("[data-commune]", "commune", chosen.commune);
  mark("[data-criterion]", "criterion", chosen.criterion);
  for (const link of lists) link.href = plain.get(link) + toQuery(chosen, LIST_KEYS);
  for (const link of document.querySelectorAll("[data-language]")) {
    const query = new URLSearchParams(toQuery(chosen));
    query.set("lang", link.lang);
    link.href = `?${query}`;
  }
  if (has(changed, ["layers"])) showLayers(chosen.layers.split(",").filter(Boolean));
  if (has(changed, ["try"])) play.follow(chosen.try);
  fresh = false;
}

// The figures and bars of the page are of all villages; a filter says so beside them.
function tellNarrowed(chosen, narrowed) {
  const written = (name) => form.elements[name].selectedOptions[0]?.textContent.trim() ?? "";
  const what = [
    chosen.commune && text("narrowed-commune", { name: written("commune") }),
    chosen.status && written("status"),
    chosen.criterion_status && `${written("criterion")}: ${written("criterion_status")}`,
    chosen.q && `“${chosen.q}”`,
  ].filter(Boolean);
  const line = document.getElementById("narrowed");
  line.hidden = !narrowed;
  line.textContent = narrowed ? text("narrowed", { what: what.join("; "), count: number(kept.length), all: number(rows.length) }) : "";
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

function fillForm(chosen, criteria) {
  for (const name of ["q", "commune", "status", "criterion", "criterion_status"]) {
    const field = form.elements[name];
    // What is being typed stays as it is typed.
    if (name !== "q" || document.activeElement !== field) field.value = chosen[name];
  }
  document.getElementById("criterion-status").hidden = !criteria.some(({ id }) => id === chosen.criterion);
}

function chooseVillage(id) {
  const known = rows.find((row) => row.id === id);
  const side = document.getElementById("side");
  document.getElementById("scorecard").hidden = !known;
  document.getElementById("by-criterion").hidden = Boolean(known);
  side.classList.toggle("open", Boolean(known));
  scorecard.open(known ? id : "");
  table.choose(id);
  if (!known) return;
  if (map?.has(id) && !map.map.getBounds().contains([known.y, known.x])) map.show([id], { most: map.map.getZoom() });
  const seen = side.getBoundingClientRect();
  if (!fresh && (seen.top < 0 || seen.top > innerHeight * 0.7)) {
    (innerWidth < 900 ? side : document.querySelector(".work")).scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
  }
}

function mark(selector, key, value) {
  for (const place of document.querySelectorAll(selector)) place.classList.toggle("chosen", Boolean(value) && place.dataset[key] === value);
}

function readSort(written) {
  return written.startsWith("-") ? { key: written.slice(1), down: true } : { key: written, down: false };
}

function showLayers(ids) {
  for (const box of document.querySelectorAll("#layers input")) {
    const on = ids.includes(box.value);
    const layer = config.layers.find(({ id }) => id === box.value);
    if (box.checked !== on || fresh) box.checked = on;
    map?.overlay(layer, on).catch(() => (box.checked = false));
  }
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  form.elements.q.value = "";
  state.set({ q: "", commune: "", status: "", criterion: "", criterion_status: "" });
});
form.addEventListener("input", (event) => {
  if (event.target.name) state.set({ [event.target.name]: event.target.value }, { replace: event.target.name === "q" });
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
  else if (commune) state.set({ commune: now.commune === commune.dataset.commune ? "" : commune.dataset.commune });
  else state.set({ criterion: now.criterion === criterion.dataset.criterion ? "" : criterion.dataset.criterion });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.get().village) state.set({ village: "" }, { replace: true });
});
document.getElementById("layers")?.addEventListener("change", () => {
  const on = [...document.querySelectorAll("#layers input:checked")].map((box) => box.value);
  state.set({ layers: on.join(",") }, { replace: true });
});

drawLayerSigns();
if (map) {
  try {
    map.add(await outlines);
    borders.then(map.addCommunes, () => {});
  } catch {
    document.getElementById("map").append(el("p", { class: "teach", role: "alert" }, text("failed")));
  }
}
// An address may be old or mistyped: what it names but the study lacks is let go.
const offered = (name) => [...form.elements[name].options].map((option) => option.value);
const strange = ["commune", "status", "criterion", "criterion_status"].filter((name) => !offered(name).includes(state.get()[name]));
state.set(Object.fromEntries(strange.map((name) => [name, ""])), { replace: true });
state.listen(follow);
follow(state.get(), EVERYTHING);
if (state.get().try) await play.follow(state.get().try);
if (map && !state.get().commune && !state.get().q) map.fitAll();
document.body.dataset.ready = "yes";
