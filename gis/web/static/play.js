// Trying a figure: the page counts and colours anew, nothing is stored.

import { config, el, getJson, number, text } from "./dom.js";
import { byCommune, drawBar, evenly } from "./headline.js";
import { counts, judge, lettersOf, prepare, WORDS } from "./whatif.js";

const SIGNS = { ge: "≥", gt: ">", le: "≤", lt: "<" };
const PARTS = ["all", "infrastructure"];
const WRITE_MS = 250;
const ALL = "*";

// `inside` gives the places of the villages that the figures are told of, null for all.
export function createPlay(rows, told, { onPlayed, onMoved, inside = () => null }) {
  const panel = document.getElementById("play");
  const opener = document.getElementById("play-open");
  if (!panel) return { follow: async () => {}, refresh: () => {}, close: () => {} };
  const stored = rows.map((row) => ({ all: row.all, infrastructure: row.infrastructure, missed: row.missed, unknown: row.unknown, criteria: row.criteria }));
  const untouched = new Map();
  let ready = null;
  let base = null;
  let changes = {};
  let written = "";
  let fields = null;
  let timer = 0;

  async function load() {
    if (ready) return;
    panel.replaceChildren(el("p", { class: "muted", role: "status" }, text("loading")));
    ready = prepare(await getJson("/what-if.json"), stored.map((row) => row.criteria));
    base = judge(ready, {});
    build();
  }

  function build() {
    const options = [...ready.movable.values()].map((one) => {
      const { code, label } = told.criteria[one.at];
      return el("option", { value: one.id }, `${code ? `${code}. ` : ""}${label}`);
    });
    fields = {
      criterion: el("select", { "aria-label": text("play-criterion") }, ...options),
      group: el("select", { "aria-label": text("play-group") }, el("option", { value: ALL }, text("play-all-groups")), ...ready.groups.map((group, at) => el("option", { value: group }, ready.group_labels[at]))),
      slider: el("input", { type: "range", min: "0", "aria-label": text("play-figure") }),
      figure: el("input", { type: "number", min: "0", "aria-label": text("play-figure") }),
      sign: el("span", {}),
      unit: el("span", {}),
      was: el("span", { class: "muted" }),
      moved: el("ul", { class: "play-moved" }),
      said: el("p", { class: "play-said", role: "status" }),
    };
    fields.criterion.addEventListener("change", choose);
    fields.group.addEventListener("change", choose);
    fields.slider.addEventListener("input", () => move(Number(fields.slider.value)));
    fields.figure.addEventListener("input", () => fields.figure.value !== "" && move(Number(fields.figure.value)));
    panel.replaceChildren(
      el(
        "div",
        { class: "play-fields" },
        el("strong", { class: "play-mark" }, text("play-mark")),
        el("label", { class: "field wide" }, el("span", {}, text("play-criterion")), fields.criterion),
        ready.groups.length > 1 ? el("label", { class: "field" }, el("span", {}, text("play-group")), fields.group) : null,
        el("label", { class: "field play-slide" }, el("span", {}, text("play-figure"), " ", fields.was), fields.slider),
        el("span", { class: "play-number" }, fields.sign, fields.figure, fields.unit),
        el("button", { type: "button", on: { click: () => settle({}) } }, text("play-reset")),
      ),
      fields.said,
      fields.moved,
    );
    choose();
  }

  function one() {
    return ready.movable.get(fields.criterion.value);
  }

  function figureOf(wanted, group, from) {
    const groups = group === ALL ? ready.groups : [group];
    return groups.map((each) => from?.[each] ?? wanted.figures[each]).find((figure) => figure !== null && figure !== undefined);
  }

  // Show the chosen criterion and where its figure stands.
  function choose() {
    const wanted = one();
    const group = fields.group.value;
    const now = figureOf(wanted, group, changes[wanted.id]);
    const least = 1 / wanted.scale;
    Object.assign(fields.figure, { step: String(least), value: now ?? "" });
    Object.assign(fields.slider, { max: String(wanted.most), step: String(Math.max(least, 10 ** Math.floor(Math.log10(wanted.most / 100)))), value: String(now ?? 0) });
    fields.sign.textContent = SIGNS[wanted.compare];
    fields.unit.textContent = wanted.unit_text;
    const kept = figureOf(wanted, group, null);
    fields.was.textContent = kept === undefined ? text("play-no-figure") : text("play-stored", { figure: `${SIGNS[wanted.compare]} ${number(kept)} ${wanted.unit_text}`.trim() });
  }

  function move(figure) {
    const wanted = one();
    const on = onGrid(wanted, figure);
    if (on === null) return;
    const groups = fields.group.value === ALL ? ready.groups : [fields.group.value];
    const figures = { ...changes[wanted.id] };
    for (const group of groups) figures[group] = on;
    if (document.activeElement !== fields.figure) fields.figure.value = String(on);
    if (document.activeElement !== fields.slider) fields.slider.value = String(on);
    settle({ ...changes, [wanted.id]: figures }, { live: true });
  }

  // The address follows a moment later: a slider moves faster than a browser lets it be written.
  function settle(next, { live = false } = {}) {
    changes = tidy(next);
    if (!live) choose();
    play();
    clearTimeout(timer);
    timer = setTimeout(() => onMoved((written = write())), live ? WRITE_MS : 0);
  }

  // What equals the stored figure is no change.
  function tidy(next) {
    const kept = {};
    for (const [id, figures] of Object.entries(next)) {
      const wanted = ready.movable.get(id);
      const moved = Object.entries(figures).filter(([group, figure]) => figure !== wanted.figures[group]);
      if (moved.length) kept[id] = Object.fromEntries(moved);
    }
    return kept;
  }

  function write() {
    const parts = [];
    for (const [id, figures] of Object.entries(changes)) {
      const values = ready.groups.map((group) => figures[group]);
      if (values.every((value) => value !== undefined && value === values[0])) parts.push(`${id}~${ALL}~${values[0]}`);
      else for (const [group, figure] of Object.entries(figures)) parts.push(`${id}~${group}~${figure}`);
    }
    return parts.join(",");
  }

  // An address may be old or mistyped: what it names but the set lacks is let go.
  function read(given) {
    const found = {};
    for (const part of given.split(",").filter(Boolean)) {
      const [id, group, figure] = part.split("~");
      const wanted = ready.movable.get(id);
      const on = wanted && figure ? onGrid(wanted, Number(figure)) : null;
      if (on === null || (group !== ALL && !ready.groups.includes(group))) continue;
      for (const each of group === ALL ? ready.groups : [group]) (found[id] ??= {})[each] = on;
    }
    return tidy(found);
  }

  function play() {
    const on = Object.keys(changes).length > 0;
    const result = on ? judge(ready, changes) : base;
    rows.forEach((row, at) => {
      if (!on) return Object.assign(row, stored[at]);
      row.all = WORDS[result.verdict[at]];
      row.infrastructure = WORDS[result.infra[at]];
      row.missed = { all: result.missed[at], infrastructure: result.infraMissed[at] };
      row.unknown = { all: result.unknown[at], infrastructure: result.infraUnknown[at] };
      row.criteria = lettersOf(result.codes, at);
    });
    document.body.classList.toggle("playing", on);
    restore();
    onPlayed();
    show(on, result);
  }

  function show(on, result) {
    const verdicts = { all: [result.verdict, base.verdict], infrastructure: [result.infra, base.infra] };
    restore();
    fields.moved.replaceChildren(...(on ? Object.entries(changes).flatMap(movedLines) : []));
    const [now, was] = verdicts.all.map((verdict) => counts(verdict, ready.target_pct));
    fields.said.textContent = on ? text("play-said", { met: number(now.met), was_met: number(was.met), unmet: number(now.unmet), was_unmet: number(was.unmet), unknown: number(now.unknown), was_unknown: number(was.unknown) }) : text("play-hint");
    if (!on) return;
    const chosen = inside();
    const within = (column) => (chosen ? chosen.map((at) => column[at]) : column);
    for (const part of PARTS) {
      const [verdict, before] = verdicts[part];
      showFigures(part, within(verdict), within(before));
      showCommunes(part, verdict, before);
    }
    for (const [at, criterion] of told.criteria.entries()) {
      if (result.codes[at] !== base.codes[at] || chosen) showCriterion(criterion, within(result.codes[at]), within(base.codes[at]));
    }
  }

  function movedLines([id, figures]) {
    const wanted = ready.movable.get(id);
    const { code, label } = told.criteria[wanted.at];
    return Object.entries(figures).map(([group, figure]) => {
      const kept = wanted.figures[group];
      const groupWords = ready.groups.length > 1 ? ` (${ready.group_labels[ready.groups.indexOf(group)]})` : "";
      const line = text("play-moved", { name: `${code ? `${code}. ` : ""}${label}${groupWords}`, figure: `${SIGNS[wanted.compare]} ${number(figure)} ${wanted.unit_text}`.trim(), was: kept === null ? "–" : number(kept) });
      const back = () => settle({ ...changes, [id]: Object.fromEntries(Object.entries(figures).filter(([each]) => each !== group)) });
      return el("li", {}, line, " ", el("button", { type: "button", class: "quiet", "aria-label": `${text("play-back")}: ${line}`, on: { click: back } }, text("play-back")));
    });
  }

  function showFigures(part, verdict, before) {
    const place = document.querySelector(`.figures[data-figures="${part}"]`);
    const [now, was] = [verdict, before].map((each) => counts(each, ready.target_pct));
    for (const status of ["met", "unmet", "unknown"]) {
      const value = place.querySelector(`.${status} .value`);
      change(value, number(now[status]), number(was[status]));
    }
    change(place.querySelector(".share"), now.judged ? `${number(evenly((100 * now.met) / now.judged))} %` : "–");
    if (part === "all" && ready.target_pct !== null) {
      const short = now.short ? text("play-short", { count: number(now.short) }) : text("play-reached");
      change(place.querySelector(".met .note"), `${text("play-target", { target: number(ready.target_pct) })}, ${short}`);
    }
  }

  function showCommunes(part, verdict, before) {
    const members = byCommune(rows);
    for (const line of document.querySelectorAll(`#communes tbody[data-figures="${part}"] tr`)) {
      const inside = members.get(line.dataset.commune) ?? [];
      const [now, was] = [verdict, before].map((each) => counts(inside.map(({ number: at }) => each[at]), ready.target_pct));
      changeBar(line.querySelector(".bar"), now);
      change(line.querySelector("td.strong"), number(now.short), number(was.short), "play-was-short");
    }
  }

  function showCriterion(criterion, column, before) {
    const link = [...document.querySelectorAll("#criteria a")].find(({ dataset }) => dataset.criterion === criterion.id);
    if (!link) return;
    const [now, was] = [column, before].map((each) => counts(each, null));
    changeBar(link.querySelector(".bar"), now);
    const words = (found) => text(criterion.kind === "trigger" ? "play-trigger-count" : "play-criterion-count", { unmet: number(found.unmet), unknown: number(found.unknown) });
    change(link.querySelector(".criterion-count"), words(now), words(was));
  }

  // A text of the page with the stored one beside it; `restore` brings back the page as it came.
  function change(place, now, was = null, code = "play-was") {
    keep(place);
    place.replaceChildren(now);
    if (was !== null && was !== now) place.append(" ", el("span", { class: "was" }, text(code, { value: was })));
  }

  function changeBar(bar, found) {
    keep(bar);
    drawBar(bar, found);
  }

  function keep(place) {
    if (!untouched.has(place)) untouched.set(place, [...place.childNodes]);
  }

  function restore() {
    for (const [place, children] of untouched) place.replaceChildren(...children);
    untouched.clear();
  }

  opener.hidden = false;
  opener.addEventListener("click", async () => {
    panel.hidden = !panel.hidden;
    opener.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) return;
    await load().catch(fail);
    fields?.criterion.focus();
    if (ready) show(Object.keys(changes).length > 0, Object.keys(changes).length ? judge(ready, changes) : base);
  });

  function fail() {
    panel.replaceChildren(el("p", { role: "alert" }, text("failed")));
  }

  return {
    // The same figures again, of other villages.
    refresh() {
      if (ready && Object.keys(changes).length) show(true, judge(ready, changes));
    },
    close() {
      panel.hidden = true;
      opener.setAttribute("aria-expanded", "false");
    },
    // What the address asks for, where it is not what is shown already.
    async follow(given) {
      if (given === written) return;
      written = given;
      panel.hidden = false;
      opener.setAttribute("aria-expanded", "true");
      try {
        await load();
      } catch {
        return fail();
      }
      changes = read(given);
      const first = Object.keys(changes)[0];
      if (first) fields.criterion.value = first;
      choose();
      play();
    },
  };
}

// The nearest figure that may be written; a percentage between 0 and 1 is a slip that no set takes.
function onGrid(wanted, figure) {
  if (!Number.isFinite(figure) || figure < 0 || figure * wanted.scale > 2 ** 50) return null;
  const on = Math.round(figure * wanted.scale) / wanted.scale;
  return wanted.unit === "%" && ((on > 0 && on < 1) || on > 100) ? null : on;
}
