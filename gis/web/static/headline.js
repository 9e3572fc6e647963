// The figures in one line, the criteria and the communes: counted anew whenever the villages in question change.

import { config, number, svg, text } from "./dom.js";
import { WORD } from "./search.js";
import { counts } from "./whatif.js";

const CODE = { unmet: 0, met: 1, unknown: 2, exempt: 3 };
const PARTS = ["all", "infrastructure"];

// rows: of the villages in question; `whole` is false where they are a part that the target does not speak of.
export function drawHeadline(rows, { target, whole }) {
  for (const part of PARTS) {
    const place = document.querySelector(`.figures[data-figures="${part}"]`);
    const found = counts(rows.map((row) => CODE[row[part]]), target);
    for (const status of ["met", "unmet", "unknown"]) place.querySelector(`.${status} .value`).textContent = number(found[status]);
    place.querySelector(".share").textContent = found.judged ? `${number(evenly((100 * found.met) / found.judged))} %` : "–";
    drawBar(place.querySelector(".bar"), found);
    const note = place.querySelector(".met .note");
    if (part === "all" && target !== null && whole) {
      const short = found.short ? text("play-short", { count: number(found.short) }) : text("play-reached");
      note.textContent = `${text("play-target", { target: number(target) })}, ${short}`;
    } else note.textContent = text("head-of", { count: number(rows.length) });
  }
}

export function drawCriteria(rows, criteria) {
  const links = new Map([...document.querySelectorAll("#criteria a")].map((link) => [link.dataset.criterion, link]));
  criteria.forEach((criterion, at) => {
    const link = links.get(criterion.id);
    if (!link) return;
    const found = tally(rows, (row) => WORD[row.criteria[at]]);
    drawBar(link.querySelector(".bar"), found);
    const asked = found.met + found.unmet + found.unknown > 0;
    const words = text(criterion.kind === "trigger" ? "play-trigger-count" : "play-criterion-count", { unmet: number(found.unmet), unknown: number(found.unknown) });
    link.querySelector(".criterion-count").textContent = asked ? words : text("status-exempt");
  });
}

export function drawCommunes(rows, target) {
  const members = byCommune(rows);
  for (const line of document.querySelectorAll("#communes tbody tr")) {
    const inside = members.get(line.dataset.commune) ?? [];
    const found = counts(inside.map((row) => CODE[row[line.parentElement.dataset.figures]]), target);
    line.children[1].textContent = number(inside.length);
    drawBar(line.querySelector(".bar"), found);
    line.querySelector("td.strong").textContent = number(found.short);
  }
}

export function byCommune(rows) {
  const members = new Map();
  for (const row of rows) (members.get(row.communeId) ?? members.set(row.communeId, []).get(row.communeId)).push(row);
  return members;
}

function tally(rows, of) {
  const found = { met: 0, unmet: 0, unknown: 0, exempt: 0 };
  for (const row of rows) found[of(row)] += 1;
  return found;
}

export function drawBar(bar, found) {
  const total = Math.max(found.met + found.unmet + found.unknown + found.exempt, 1);
  let x = 0;
  for (const old of bar.querySelectorAll(":scope > :not(.target)")) old.remove();
  const pieces = ["met", "unmet", "unknown"].map((status) => {
    const width = (100 * found[status]) / total;
    const piece = svg("rect", { class: status, x, y: 0, width, height: 8 });
    x += width;
    return piece;
  });
  bar.prepend(...pieces);
  if (bar.hasAttribute("aria-label")) bar.setAttribute("aria-label", text("head-bar", { met: number(found.met), unmet: number(found.unmet), unknown: number(found.unknown), target: config.target ?? "–" }));
}

// Halves go to the even number, as they do in the headline of the server.
export function evenly(value) {
  const whole = Math.round(value);
  return Math.abs(value % 1) === 0.5 && whole % 2 ? whole - 1 : whole;
}
