// What the reader has chosen, kept in the address so that it can be sent, bookmarked and gone back to.

// `at` is where the map looks, `view` and `compare` what is shown and what beside it, `swipe` where the two meet.
export const KEYS = ["part", "commune", "status", "criterion", "criterion_status", "zone", "group", "minority", "confidence", "q", "village", "way", "sort", "side", "layers", "base", "relief", "set", "try", "view", "compare", "swipe", "at"];

export function createState() {
  let current = read();
  const listeners = [];

  function read() {
    const query = new URLSearchParams(location.search);
    return Object.fromEntries(KEYS.map((key) => [key, query.get(key) ?? ""]));
  }

  function tell(before) {
    const changed = new Set(KEYS.filter((key) => before[key] !== current[key]));
    if (changed.size) listeners.forEach((listener) => listener(current, changed));
  }

  addEventListener("popstate", () => {
    const before = current;
    current = read();
    tell(before);
  });

  return {
    get: () => current,
    listen: (listener) => listeners.push(listener),
    // Typing and sorting replace the entry; choosing something is a step one can go back from.
    set(patch, { replace = false } = {}) {
      const before = current;
      current = { ...current, ...patch };
      if (!current.criterion) current.criterion_status = "";
      const address = location.pathname + toQuery(current);
      if (address !== location.pathname + location.search) {
        history[replace ? "replaceState" : "pushState"](null, "", address);
      }
      tell(before);
    },
  };
}

export function toQuery(chosen, keys = KEYS) {
  const query = new URLSearchParams();
  for (const key of keys) if (chosen[key] && !(key === "part" && chosen[key] === "all")) query.set(key, chosen[key]);
  const written = query.toString();
  return written ? `?${written}` : "";
}
