// Ways to look at the study: the verdicts of another year, source, set or plan, laid over the rows of the page.

import { getJson } from "./dom.js";
import { countOfWorks, WORD } from "./search.js";

export const NOW = "now";

export function createSides(rows, told) {
  const known = new Map();
  const count = countOfWorks(told);
  const stored = rows.map(({ all, infrastructure, missed, unknown, criteria }) => ({ all, infrastructure, missed, unknown, criteria }));

  function verdict(data, at) {
    if (!data) return stored[at];
    const criteria = data.criteria.map((column) => column[at]).join("");
    return {
      all: WORD[data.status[at]],
      infrastructure: WORD[data.infra[at]],
      missed: { all: data.missed[at], infrastructure: count(criteria, "u") },
      unknown: { all: data.unknown[at], infrastructure: count(criteria, "k") },
      criteria,
    };
  }

  return {
    // What must be fetched before a way can be shown; null where nothing must.
    load(key, { years = false } = {}) {
      if (!key || known.has(key) || (key === NOW && !years)) return null;
      return getJson(`/sides/${encodeURIComponent(key)}.json`).then((data) => {
        if (data.status.length !== rows.length) throw new Error(`${key}: ${data.status.length} villages`);
        known.set(key, data);
      });
    },
    told: (key) => known.get(key || NOW) ?? null,
    words: (key) => (known.has(key) ? { ...told.words, all: known.get(key).words } : told.words),
    // The rows of the page show one way from now on.
    show(key) {
      const data = key && key !== NOW ? known.get(key) : null;
      rows.forEach((row, at) => Object.assign(row, verdict(data, at)));
    },
    // Rows of their own, for what stands beside.
    rows(key) {
      const data = key !== NOW ? known.get(key) : null;
      return rows.map((row, at) => ({ ...row, ...verdict(data, at) }));
    },
    // Of the places given: who came to pass, slid back, or was lost sight of since the year before.
    moved(key, places) {
      const data = known.get(key || NOW);
      if (!data?.before) return null;
      const found = { since: data.since, fresh: 0, back: 0, lost: 0 };
      for (const at of places) {
        const [before, now] = [data.before[at], data.status[at]];
        if (now === "m" && before === "u") found.fresh += 1;
        else if (now === "u" && before === "m") found.back += 1;
        else if (now === "k" && before === "m") found.lost += 1;
      }
      return found;
    },
  };
}
