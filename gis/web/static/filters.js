// The filter form: what it shows follows the address, and what it needs to know of villages is fetched once.

import { closesByEscape, getJson, number, text } from "./dom.js";
import { NARROW } from "./search.js";

const PLAIN = ["q", "commune", "status", "criterion", "criterion_status"];
export const FIELDS = [...PLAIN, ...NARROW];

export function createFilters(form, told, { onChange, onClear }) {
  let facts = null;
  const fields = FIELDS.filter((name) => form.elements[name]);
  const more = document.getElementById("more-filters");

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    form.elements.q.value = "";
    onClear(Object.fromEntries(FIELDS.map((name) => [name, ""])));
  });
  form.addEventListener("input", ({ target }) => {
    if (fields.includes(target.name)) onChange(target.name, target.value);
  });

  // The further filters lie over the map.
  if (more) closesByEscape(more, { outside: true });

  function written(name) {
    return form.elements[name]?.selectedOptions?.[0]?.textContent.trim() ?? "";
  }

  return {
    load(chosen) {
      if (facts || !NARROW.some((name) => chosen[name])) return null;
      return getJson("/narrow.json").then((found) => (facts = found));
    },
    facts: () => facts,
    // An address may be old or mistyped: what it names but the study lacks is let go.
    strange(chosen) {
      const offered = (name) => [...(form.elements[name]?.options ?? [])].map((option) => option.value);
      return FIELDS.filter((name) => name !== "q" && chosen[name] && !offered(name).includes(chosen[name]));
    },
    fill(chosen) {
      for (const name of fields) {
        const field = form.elements[name];
        // What is being typed stays as it is typed.
        if (name !== "q" || document.activeElement !== field) field.value = chosen[name];
      }
      document.getElementById("criterion-status").hidden = !told.criteria.some(({ id }) => id === chosen.criterion);
      const used = NARROW.filter((name) => chosen[name]).length;
      if (!more) return;
      more.querySelector(".count").textContent = used ? number(used) : "";
      more.querySelector(".count").hidden = !used;
    },
    // What is asked for, in words.
    words(chosen) {
      return [
        chosen.commune && text("narrowed-commune", { name: written("commune") }),
        chosen.status && written("status"),
        chosen.criterion_status && `${written("criterion")}: ${written("criterion_status")}`,
        ...NARROW.map((name) => chosen[name] && `${form.elements[name].labels[0].firstElementChild.textContent.trim()}: ${written(name)}`),
        chosen.q && `“${chosen.q}”`,
      ].filter(Boolean);
    },
  };
}
