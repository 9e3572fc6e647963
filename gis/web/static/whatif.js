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
  const reached = new Map();
  for (const [id, figures] of Object.entries(changes)) {
    const one = ready.movable.get(id);
    if (!one) continue;
    const found = judgeOne(ready, one, figures);
    codes[one.at] = found.codes;
    reached.set(one.at, found.reached);
  }
  const holds = ready.trigger ? codes.map((column) => column.map((code) => OPPOSITE[code])) : codes;
  let verdict = ready.rule.points ? addUp(ready.rule, codes, reached, ready.count) : apply(ready.rule, holds, ready.count);
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
  const place = (figure) => (figure === null || figure === undefined ? NaN : 2 * Math.round(figure * one.scale));
  const places = ready.groups.map((group) => place(figures[group] ?? one.figures[group]));
  const easier = ready.groups.map((group) => place(one.nearly[group]));
  const stored = ready.codes[one.at];
  const codes = new Uint8Array(ready.count);
  const reached = new Uint8Array(ready.count);
  for (let at = 0; at < ready.count; at += 1) {
    const limit = ready.group[at] < 0 ? NaN : places[ready.group[at]];
    const lower = ready.group[at] < 0 ? NaN : easier[ready.group[at]];
    const onMap = answer(one, one.measured, at, limit);
    const onSheet = answer(one, one.reported, at, limit);
    codes[at] = decide(one.decides, onMap, onSheet);
    if (!Number.isNaN(lower)) reached[at] = easily(one, answer(one, one.measured, at, lower), answer(one, one.reported, at, lower), onMap, onSheet);
    if (stored[at] === EXEMPT) codes[at] = EXEMPT;
    else if (one.open.has(at)) codes[at] = UNKNOWN;
    if (!Number.isNaN(lower) && [EXEMPT, UNKNOWN].includes(codes[at]) && (stored[at] === EXEMPT || one.open.has(at))) reached[at] = codes[at];
  }
  return { codes, reached };
}

// Whether the easier figure is reached, by the side that decides.
function easily(one, lowerOnMap, lowerOnSheet, onMap, onSheet) {
  if (one.decides === "worse") return decide("worse", lowerOnMap, lowerOnSheet);
  const fromSheet = one.decides === "reported" || !one.measured || (onMap === UNKNOWN && onSheet !== UNKNOWN);
  return fromSheet ? lowerOnSheet : lowerOnMap;
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

// Points as an interval: what is not known gives none at the low end and all it can at the high end.
function addUp(rule, codes, reached, count) {
  const total = rule.points.reduce((sum, { most }) => sum + most, 0);
  const must = rule.required.length ? allOf(rule.required.map((at) => codes[at]), count) : null;
  const result = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) {
    let low = 0;
    let high = 0;
    let applicable = 0;
    for (const entry of rule.points) {
      const code = codes[entry.at][at];
      if (code === EXEMPT) continue;
      const near = reached.get(entry.at)?.[at] ?? Number(entry.reached?.[at]);
      low += entry.low ? entry.low[at] : code === YES ? entry.met : near === YES ? entry.nearly : 0;
      high += entry.high ? entry.high[at] : code === YES || code === UNKNOWN ? entry.met : near === YES || near === UNKNOWN ? entry.nearly : 0;
      applicable += entry.most;
    }
    [low, high] = [low, high].map((points) => nineDigits(points * (total / applicable)));
    const held = !must || must[at] === EXEMPT ? YES : must[at];
    const failed = held === NO || (rule.pass !== null && high < rule.pass);
    const passed = held === YES && rule.pass !== null && low >= rule.pass;
    result[at] = applicable === 0 ? EXEMPT : failed ? NO : passed ? YES : UNKNOWN;
  }
  return result;
}

// As the server rounds: halves to the even digit.
function nineDigits(value) {
  const scaled = value * 1e9;
  const whole = Math.round(scaled);
  return (Math.abs(scaled % 1) === 0.5 && whole % 2 ? whole - 1 : whole) / 1e9;
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
