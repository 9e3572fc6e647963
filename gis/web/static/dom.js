// Elements, texts and numbers. Text from data always becomes a text node, never markup.

export const config = JSON.parse(document.getElementById("config").textContent);

const numbers = new Intl.NumberFormat(config.language === "vi" ? "vi-VN" : "en-US", { maximumFractionDigits: 2 });

export function number(value) {
  return typeof value === "number" ? numbers.format(value) : "–";
}

// "{count} {count:village|villages}": a word for one and a word for many, as the language has them.
export function text(code, values = {}) {
  const template = config.texts[code] ?? code;
  return template.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, name, one, many) => {
    if (!(name in values)) return many ?? whole;
    const written = String(values[name]);
    return many === undefined ? written : written === "1" ? one : many;
  });
}

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function statusMark(status, words) {
  const sign = el("span", { class: "sign", "aria-hidden": "true" }, config.symbols[status]);
  return el("span", { class: `status ${status}` }, sign, " ", words);
}

export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A study that is being computed anew answers 503 and says when to ask again; a refusal is told in the server's words.
export async function getJson(path, { onWait = () => {}, query = {} } = {}) {
  const asked = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(config.query ?? "")), ...query }).toString();
  for (;;) {
    const answer = await fetch(config.base + path + (asked && `?${asked}`), { credentials: "same-origin" });
    if (answer.ok) return answer.json();
    if (answer.status !== 503) {
      const told = await answer.json().catch(() => null);
      throw new Error(told?.error?.[0]?.message ?? text("failed"));
    }
    onWait();
    await new Promise((go) => setTimeout(go, 1000 * (Number(answer.headers.get("Retry-After")) || 2)));
  }
}

// What lies over a page is put away by Escape, or by a press elsewhere where `outside`.
export function closesByEscape(details, { outside = false } = {}) {
  if (outside) document.addEventListener("pointerdown", ({ target }) => details.contains(target) || details.removeAttribute("open"));
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.stopPropagation();
    details.open = false;
    details.querySelector("summary").focus();
  });
}

export const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
