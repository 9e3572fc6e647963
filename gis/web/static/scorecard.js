// One village beside the map: verdicts first, then every criterion, shortfalls on top.

import { config, el, getJson, number, statusMark, text } from "./dom.js";

// `onWay(criterion)` draws the way to the place that decided a finding, and takes it off when asked again.
export function createScorecard(place, { onClose, onWay = null }) {
  let wanted = "";
  let way = "";
  let told = null;

  // `reads`: the reader came by keyboard, so the card takes the focus.
  async function open(id, { reads = false } = {}) {
    wanted = id;
    if (!id) {
      place.replaceChildren();
      return;
    }
    place.replaceChildren(bar(), el("p", { class: "muted", role: "status" }, text("loading")));
    try {
      const card = await getJson(`/villages/${encodeURIComponent(id)}.json`);
      if (wanted !== id) return;
      draw(card);
      if (reads) place.querySelector("h2").focus({ preventScroll: true });
    } catch {
      const again = el("button", { type: "button", on: { click: () => open(id, { reads: true }) } }, text("retry"));
      if (wanted !== id) return;
      place.replaceChildren(bar(), el("p", { role: "alert" }, text("failed")), again);
      if (reads) again.focus({ preventScroll: true });
    }
  }

  function bar(...children) {
    const close = el("button", { type: "button", class: "close", "aria-label": text("close"), title: text("close"), on: { click: onClose } }, "×");
    return el("div", { class: "card-bar" }, ...children, close);
  }

  function draw(card) {
    const page = `${config.base}/villages/${encodeURIComponent(card.id)}${config.query ?? ""}`;
    const facts = [
      typeof card.households === "number" && text("households", { count: number(card.households) }),
      typeof card.population === "number" && text("people", { count: number(card.population) }),
      card.approximate && text("approximate"),
    ].filter(Boolean);
    place.replaceChildren(
      bar(el("h2", { tabindex: "-1" }, card.name)),
      el("p", { class: "card-facts" }, [card.commune, ...facts].join(" · ")),
      el("dl", { class: "verdicts" }, verdict(text("all"), card.status, card.status_text), verdict(text("infra"), card.infra_status, card.infra_text)),
      el("ol", { class: "findings" }, ...card.findings.map((row) => finding(row, onWay))),
      el("p", {}, el("a", { class: "button", href: page }, text("full"))),
    );
    tellWays();
  }

  // Which finding's way is on the map; `words` comes to what is to be said of it.
  async function markWay(criterion, words) {
    way = criterion;
    told = null;
    tellWays();
    if (!words) return;
    try {
      const found = await words;
      told = found && [...found.parts.map((part) => part.words)];
    } catch (error) {
      told = [error.message];
    }
    if (way === criterion) tellWays();
  }

  function tellWays() {
    for (const button of place.querySelectorAll("[data-way]")) {
      const on = button.dataset.way === way;
      button.setAttribute("aria-pressed", String(on));
      const lines = place.querySelector(`[data-way-of="${CSS.escape(button.dataset.way)}"]`);
      lines.replaceChildren(...(on && told ? told.map((words) => el("li", {}, words)) : []));
    }
  }

  return { open, markWay };
}

function verdict(label, status, words) {
  return el("div", {}, el("dt", {}, label), el("dd", {}, statusMark(status, words)));
}

function need(row) {
  if (row.threshold === null && !["present", "absent"].includes(row.compare)) return row.threshold_text;
  return text(row.kind === "trigger" ? "limit" : "required", { text: row.threshold_text });
}

function finding(row, onWay) {
  const known = row.status !== "unknown" || row.value !== null;
  const head = el(
    "summary",
    {},
    el("span", { class: `sign ${row.status}`, "aria-hidden": "true" }, config.symbols[row.status]),
    el("span", { class: "finding-label" }, row.code ? el("span", { class: "code" }, row.code, " ") : null, row.label, row.kind === "context" ? el("span", { class: "muted" }, ` (${text("context")})`) : null),
    el("span", { class: "finding-value" }, known ? row.value_text : row.status_text),
    el("span", { class: "finding-need" }, need(row), row.margin_text ? ` · ${row.margin_text}` : ""),
  );
  const under = [
    row.source && `${text("source")}: ${row.source_text}`,
    row.disagree && `${text("measured")}: ${row.measured_text}, ${text("reported")}: ${row.reported_text}`,
    row.clause && `${text("clause")}: ${row.clause}`,
    `${text("verification")}: ${config.figureSigns[row.figure_state]} ${row.verification_text}`,
  ].filter(Boolean);
  const inside = el("p", { class: "under" }, under.join(" · "));
  return el("li", { class: row.status }, el("details", { open: row.status === "unmet" }, head, el("p", { class: "sentence" }, row.sentence), onWay && row.facility_id ? way(row, onWay) : null, inside));
}

function way(row, onWay) {
  const button = el("button", { type: "button", class: "quiet", "aria-pressed": "false", data: { way: row.criterion }, on: { click: () => onWay(row.criterion) } }, text("way-show"));
  return el("div", { class: "way" }, button, el("ul", { class: "way-parts", "aria-live": "polite", data: { wayOf: row.criterion } }));
}
