// Judging anew in the browser when a figure is moved: the same answers as the server would give.
// Values come as places on the grid of the figure (2 k on point k, 2 k + 1 above it), so nothing is rounded here.

const NO = 0;
const YES = 1;
const UNKNOWN = 2;
const EXEMPT = 3;
const LETTERS = "umkx";
const OPPOSITE = [YES, NO, UNKNOWN, EXEMPT];

// letters: for each village the stored statuses by criterion, as the table of the map has them.
export function prepare(data, letters) {
  const count = letters.length;
  const criteria = [...(letters[0] ?? "")].keys();
  const codes = Array.from(criteria, (at) => Uint8Array.from(letters, (row) => LETTERS.indexOf(row[at])));
  const movable = new Map(data.movable.map((one) => [one.id, { ...one, measured: side(one.measured, count), reported: side(one.reported, count), open: new Set(one.open) }]));
  const group = typeof data.group === "number" ? new Int16Array(count).fill(data.group) : Int16Array.from(data.group);
  return { ...data, count, codes, movable, group };
}

function side(sent, count) {
  if (!sent) return null;
  const low = Float64Array.from(sent.low, (place) => place ?? NaN);
  const high = low.slice();
  for (const [at, place] of Object.entries(sent.high)) high[at] = place ?? NaN;
  return { low, high, count };
}

// changes: id of a criterion to { group: figure }; the statuses of all villages then.
export function judge(ready, changes) {
  const codes = ready.codes.slice();
  for (const [id, figures] of Object.entries(changes)) {
    const one = ready.movable.get(id);
    if (one) codes[one.at] = judgeOne(ready, one, figures);
  }
  const holds = ready.trigger ? codes.map((column) => column.map((code) => OPPOSITE[code])) : codes;
  let verdict = apply(ready.rule, holds, ready.count);
  if (ready.trigger) verdict = verdict.map((code) => OPPOSITE[code]);
  const works = ready.works.map((at) => codes[at]);
  return {
    codes,
    verdict,
    infra: works.length ? allOf(works, ready.count) : new Uint8Array(ready.count).fill(EXEMPT),
    missed: tally(ready.counted, codes, NO, ready.count),
    unknown: tally(ready.counted, codes, UNKNOWN, ready.count),
    infraMissed: tally(ready.works, codes, NO, ready.count),
    infraUnknown: tally(ready.works, codes, UNKNOWN, ready.count),
  };
}

function judgeOne(ready, one, figures) {
  const places = ready.groups.map((group) => {
    const figure = figures[group] ?? one.figures[group];
    return figure === null || figure === undefined ? NaN : 2 * Math.round(figure * one.scale);
  });
  const stored = ready.codes[one.at];
  const result = new Uint8Array(ready.count);
  for (let at = 0; at < ready.count; at += 1) {
    if (stored[at] === EXEMPT) result[at] = EXEMPT;
    else if (one.open.has(at)) result[at] = UNKNOWN;
    else {
      const limit = ready.group[at] < 0 ? NaN : places[ready.group[at]];
      const onMap = answer(one, one.measured, at, limit);
      const onSheet = answer(one, one.reported, at, limit);
      result[at] = decide(one.decides, onMap, onSheet);
    }
  }
  return result;
}

function answer(one, side, at, limit) {
  if (!side) return UNKNOWN;
  const low = side.low[at];
  const high = side.high[at];
  if (Number.isNaN(limit) || Number.isNaN(low) || Number.isNaN(high)) return UNKNOWN;
  const [yes, no] = {
    ge: [low >= limit, high < limit],
    gt: [low > limit, high <= limit],
    le: [high <= limit, low > limit],
    lt: [high < limit, low >= limit],
  }[one.compare];
  const code = yes ? YES : no ? NO : UNKNOWN;
  return one.trigger ? OPPOSITE[code] : code;
}

function decide(decides, onMap, onSheet) {
  if (decides === "reported") return onSheet;
  if (decides === "measured") return onMap === UNKNOWN ? onSheet : onMap;
  if (onMap === NO || onSheet === NO) return NO;
  return onMap === UNKNOWN || onSheet === UNKNOWN ? UNKNOWN : YES;
}

function apply(rule, codes, count) {
  if (typeof rule === "number") return codes[rule];
  const parts = (rule.all ?? rule.of).map((part) => apply(part, codes, count));
  if (rule.all) return allOf(parts, count);
  const usual = atLeast(rule.n, parts, count);
  if (rule.or === undefined) return usual;
  const other = atLeast(rule.or, parts, count);
  return usual.map((code, at) => {
    const special = Number(rule.when[at]);
    if (special === YES) return other[at];
    return special === NO || code === other[at] ? code : UNKNOWN;
  });
}

function allOf(parts, count) {
  const result = new Uint8Array(count).fill(EXEMPT);
  for (const part of parts) {
    for (let at = 0; at < count; at += 1) {
      const code = part[at];
      if (code === NO) result[at] = NO;
      else if (result[at] !== NO && code === UNKNOWN) result[at] = UNKNOWN;
      else if (result[at] === EXEMPT && code === YES) result[at] = YES;
    }
  }
  return result;
}

function atLeast(wanted, parts, count) {
  const result = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) {
    let sure = 0;
    let open = 0;
    let out = 0;
    for (const part of parts) {
      if (part[at] === YES) sure += 1;
      else if (part[at] === UNKNOWN) open += 1;
      else if (part[at] === EXEMPT) out += 1;
    }
    const asked = Math.min(wanted, parts.length - out);
    result[at] = out === parts.length ? EXEMPT : sure >= asked ? YES : sure + open < asked ? NO : UNKNOWN;
  }
  return result;
}

function tally(places, codes, wanted, count) {
  const result = new Uint16Array(count);
  for (const place of places) {
    for (let at = 0; at < count; at += 1) if (codes[place][at] === wanted) result[at] += 1;
  }
  return result;
}

export function lettersOf(codes, at) {
  let letters = "";
  for (const column of codes) letters += LETTERS[column[at]];
  return letters;
}

export const WORDS = ["unmet", "met", "unknown", "exempt"];

// How many villages are in each state, and how many more must pass for the target share.
export function counts(verdict, target) {
  const found = { unmet: 0, met: 0, unknown: 0, exempt: 0 };
  for (const code of verdict) found[WORDS[code]] += 1;
  const judged = found.met + found.unmet + found.unknown;
  const short = target === null ? found.unmet : Math.max(0, Math.ceil((judged * target) / 100 - 1e-9) - found.met);
  return { ...found, judged, short };
}
