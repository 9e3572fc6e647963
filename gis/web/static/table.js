// The table of villages: only the rows in sight are in the page, so ten thousand scroll as well as ten.

import { config, el, number, statusMark, text } from "./dom.js";
import { statusOf } from "./search.js";

const ROW_PX = 30;
const SPARE = 12;
const MOST_PRINTED = 1000;

export function createTable(place, table, { onChoose, onSort }) {
  const criteria = table.criteria;
  const columns = [
    { key: "name", label: text("column-name"), value: (row) => row.folded },
    { key: "commune", label: text("column-commune"), value: (row) => row.commune },
    { key: "status", label: text("column-status"), value: (row, part) => ["unmet", "unknown", "met", "exempt"].indexOf(row[part]) },
    { key: "missed", label: text("column-missed"), value: (row, part) => -row.missed[part], number: true },
    { key: "unknown", label: text("column-unknown"), value: (row, part) => -row.unknown[part], number: true },
    { key: "households", label: text("column-households"), value: (row) => -(row.households ?? -1), number: true },
  ];
  let rows = [];
  let part = "all";
  let sort = { key: "", down: false };
  let chosenId = "";
  let words = table.words;

  const head = el("tr", { "aria-rowindex": "1" });
  const body = el("tbody");
  const above = el("tr", { class: "space", "aria-hidden": "true" }, el("td", { colspan: columns.length + criteria.length }));
  const below = above.cloneNode(true);
  const sheet = el("table", { class: "rows villages" }, el("thead", {}, head), body);
  const empty = el("p", { class: "teach", hidden: true }, text("none"));
  place.replaceChildren(sheet, empty);

  for (const column of columns) {
    const button = el("button", { type: "button", title: text("sort", { column: column.label }), on: { click: () => onSort(column.key, sort.key === column.key && !sort.down) } }, column.label, el("span", { class: "arrow", "aria-hidden": "true" }));
    head.append(el("th", { scope: "col", class: column.number ? "number" : null, data: { key: column.key } }, button));
  }
  criteria.forEach((criterion, place_) => {
    const mark = criterion.code || String(place_ + 1);
    head.append(el("th", { scope: "col", class: "mark", title: criterion.label, data: { criterion: criterion.id } }, el("abbr", { title: criterion.label }, mark)));
  });

  function order() {
    const column = columns.find(({ key }) => key === sort.key);
    const compare = new Intl.Collator(config.language === "vi" ? "vi" : "en", { numeric: true }).compare;
    if (!column) return rows;
    const keyed = rows.map((row) => [column.value(row, part), row]);
    keyed.sort(([a, first], [b, second]) => (typeof a === "string" ? compare(a, b) : a - b) * (sort.down ? -1 : 1) || first.number - second.number);
    return keyed.map(([, row]) => row);
  }

  let ordered = [];
  // Where the server holds the rows: how to ask for a page of them, and which were asked for.
  let remote = null;
  let shown = [-1, -1];

  function draw(force = false) {
    const first = Math.max(0, Math.floor(place.scrollTop / ROW_PX) - SPARE);
    const last = Math.min(ordered.length, Math.ceil((place.scrollTop + place.clientHeight) / ROW_PX) + SPARE);
    if (!force && first === shown[0] && last === shown[1]) return;
    shown = [first, last];
    above.firstChild.style.height = `${first * ROW_PX}px`;
    below.firstChild.style.height = `${(ordered.length - last) * ROW_PX}px`;
    const had = document.activeElement?.closest?.("tr[data-id]")?.dataset.id;
    body.replaceChildren(above, ...Array.from(ordered.slice(first, last), (row, offset) => (row ? line(row, offset) : waitingLine(offset))), below);
    if (remote) askFor(first, last);
    if (had) body.querySelector(`tr[data-id="${CSS.escape(had)}"] a`)?.focus({ preventScroll: true });
  }

  function waitingLine(offset) {
    return el("tr", { class: "waits", "aria-rowindex": String(shown[0] + offset + 2) }, el("td", { colspan: columns.length + criteria.length, class: "muted" }, text("levels-more")));
  }

  function askFor(first, last) {
    const from = remote;
    for (let page = Math.floor(first / from.size); page * from.size < last; page += 1) {
      if (from.asked.has(page)) continue;
      from.asked.add(page);
      from.ask(page + 1).then(
        (found) => {
          if (remote !== from) return;
          found.forEach((row, at) => (ordered[page * from.size + at] = row));
          draw(true);
        },
        () => setTimeout(() => from.asked.delete(page), 2000),
      );
    }
  }

  function line(row, offset) {
    const address = `${config.base}/villages/${encodeURIComponent(row.id)}${config.query ?? ""}`;
    const link = el("a", { href: address }, row.name);
    const cells = criteria.map((criterion, at) => {
      const status = statusOf(row, at);
      return el("td", { class: `mark ${status}`, title: `${criterion.label}: ${text(`${criterion.kind === "trigger" ? "trigger" : "status"}-${status}`)}` }, config.symbols[status]);
    });
    return el(
      "tr",
      { data: { id: row.id }, class: row.id === chosenId ? "chosen" : null, "aria-rowindex": String(shown[0] + offset + 2), "aria-selected": row.id === chosenId ? "true" : null },
      el("th", { scope: "row" }, link),
      el("td", {}, row.commune),
      el("td", {}, statusMark(row[part], words[part][row[part]])),
      el("td", { class: "number" }, number(row.missed[part])),
      el("td", { class: "number" }, number(row.unknown[part])),
      el("td", { class: "number" }, number(row.households)),
      ...cells,
    );
  }

  // On paper nobody scrolls: all rows are printed, where they are here and no book.
  addEventListener("beforeprint", () => {
    if (ordered.length > MOST_PRINTED || !Array.from(ordered).every(Boolean)) return;
    body.replaceChildren(...ordered.map(line));
    place.dataset.printed = "all";
  });
  addEventListener("afterprint", () => {
    delete place.dataset.printed;
    draw(true);
  });

  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onChoose(row.dataset.id);
  });
  let waiting = false;
  place.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  });
  new ResizeObserver(() => draw()).observe(place);

  function begin(moved) {
    sheet.setAttribute("aria-rowcount", String(ordered.length + 1));
    for (const cell of head.querySelectorAll("[data-key]")) {
      const here = cell.dataset.key === sort.key;
      cell.setAttribute("aria-sort", here ? (sort.down ? "descending" : "ascending") : "none");
    }
    empty.hidden = ordered.length > 0;
    if (moved) place.scrollTop = 0;
    draw(true);
  }

  return {
    show(chosenRows, chosenPart, chosenSort) {
      const moved = rows !== chosenRows || chosenSort.key !== sort.key || chosenSort.down !== sort.down;
      [rows, part, sort] = [chosenRows, chosenPart, chosenSort];
      ordered = order();
      begin(moved);
    },
    // What verdicts are called under the set that is looked at.
    words(now) {
      words = now;
    },
    // `count` rows that the server holds in order; `ask(page)` gives a page of `size` of them, from 1.
    showPages(count, size, ask, chosenPart, chosenSort) {
      [part, sort] = [chosenPart, chosenSort];
      ordered = new Array(count);
      remote = { size, ask, asked: new Set() };
      begin(true);
    },
    find: (id) => ordered.find((row) => row?.id === id),
    choose(id) {
      chosenId = id;
      const at = ordered.findIndex((row) => row?.id === id);
      const top = at * ROW_PX;
      if (at >= 0 && (top < place.scrollTop || top > place.scrollTop + place.clientHeight - 3 * ROW_PX)) {
        place.scrollTo({ top: Math.max(0, top - place.clientHeight / 2) });
      }
      draw(true);
    },
    // Back to the row of a village, or to the table where that row is not in it any more.
    focus(id) {
      (body.querySelector(`tr[data-id="${CSS.escape(id)}"] a`) ?? place).focus({ preventScroll: true });
    },
    mark(criterionId) {
      for (const cell of head.querySelectorAll("[data-criterion]")) cell.classList.toggle("on", cell.dataset.criterion === criterionId);
    },
  };
}
