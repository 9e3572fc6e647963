// How a village is painted: classes, colours and patterns, so that colour is never the only sign.

import { number, text } from "./dom.js";
import { partOf, statusOf } from "./search.js";

const TILE = 8;
const LOOKS = {
  met: { color: "#2b7f86", ink: "#ffffff", sign: "✓" },
  unmet: { color: "#e08a3c", ink: "#33190a", pattern: "dots", mark: "#8a3d0b", sign: "✕" },
  unknown: { color: "#e9ebea", ink: "#3c4643", pattern: "hatch", mark: "#98a19d", sign: "?" },
  exempt: { color: "#ffffff", ink: "#3c4643", pattern: "rare", mark: "#b9c1bd", sign: "–" },
  now: { color: "#5b3a8e", ink: "#ffffff", pattern: "rare", mark: "#d9cdf0", sign: "+" },
  worse: { color: "#b3261e", ink: "#ffffff", pattern: "cross", mark: "#f3b0ab", sign: "!" },
  plain: { color: "#f3f4f2", ink: "#3c4643", sign: "" },
  missed1: { color: "#fbe0b6", ink: "#4a2a0c" },
  missed2: { color: "#f3b465", ink: "#3d210a" },
  missed3: { color: "#d9772b", ink: "#261003" },
  missed4: { color: "#94400f", ink: "#ffffff", pattern: "cross", mark: "#c06a35" },
};

const drawn = new Map();

// A fill for the canvas: a plain colour, or a small tile repeated.
export function fill(name) {
  if (!drawn.has(name)) drawn.set(name, make(LOOKS[name]));
  return drawn.get(name);
}

// What cannot be reached, so that it is no colour among the colours of times.
export const unreached = () => make({ color: "#ffffff", pattern: "hatch", mark: "#3c4643" });

export function look(name) {
  return LOOKS[name];
}

function make({ color, pattern, mark }) {
  if (!pattern) return color;
  const tile = document.createElement("canvas");
  tile.width = tile.height = TILE;
  const pen = tile.getContext("2d");
  pen.fillStyle = color;
  pen.fillRect(0, 0, TILE, TILE);
  pen.strokeStyle = pen.fillStyle = mark;
  pen.lineWidth = 1;
  if (pattern === "dots") {
    pen.fillRect(1, 1, 1.6, 1.6);
    pen.fillRect(5, 5, 1.6, 1.6);
  } else if (pattern === "rare") {
    pen.fillRect(3, 3, 1.5, 1.5);
  } else {
    stroke(pen, [[-2, 2, 2, -2], [0, TILE, TILE, 0], [6, 10, 10, 6]]);
    if (pattern === "cross") stroke(pen, [[-2, 6, 2, 10], [0, 0, TILE, TILE], [6, -2, 10, 2]]);
  }
  return pen.createPattern(tile, "repeat");
}

function stroke(pen, lines) {
  for (const [x1, y1, x2, y2] of lines) {
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  }
}

// The steps of "number missed": each alone while there are few, then in pairs.
export function steps(most) {
  const bounds = most <= 4 ? [[1, 1], [2, 2], [3, 3], [4, 4]] : most <= 7 ? [[1, 1], [2, 3], [4, 5], [6, most]] : [[1, 2], [3, 4], [5, 7], [8, most]];
  return bounds.filter(([low]) => low <= Math.max(most, 1)).map(([low, high], place) => ({ low, high: Math.min(high, Math.max(most, low)), name: `missed${place + 1}` }));
}

// For the chosen view: which class a row is in, what is written on it, and the classes with their words.
// `most` is how many criteria any village misses, where the rows are only some of the villages.
export function view(rows, chosen, criteria, words, mostMissed = null) {
  const index = criteria.findIndex((criterion) => criterion.id === chosen.criterion);
  if (index >= 0) {
    const names = ["met", "unmet", "unknown", "exempt"];
    const words = criteria[index].kind === "trigger" ? "trigger" : "status";
    return {
      title: criteria[index].label,
      of: (row) => statusOf(row, index),
      letter: (row) => LOOKS[statusOf(row, index)].sign,
      classes: names.map((name) => ({ name, words: text(`${words}-${name}`), sign: LOOKS[name].sign })),
    };
  }
  const part = partOf(chosen);
  const missed = (row) => row.missed[part];
  const most = mostMissed ?? rows.reduce((high, row) => Math.max(high, row[part] === "unmet" ? missed(row) : 0), 0);
  const ladder = steps(most);
  const step = (row) => (ladder.find(({ low, high }) => missed(row) >= low && missed(row) <= high) ?? ladder[0]).name;
  return {
    title: text("missed"),
    of: (row) => (row[part] === "unmet" ? step(row) : row[part]),
    letter: (row) => (row[part] === "unmet" ? String(missed(row)) : LOOKS[row[part]].sign),
    classes: [
      { name: "met", words: words[part].met, sign: LOOKS.met.sign },
      ...ladder.map(({ low, high, name }) => ({ name, words: low === high && low === 1 ? text("missed-single") : text("missed-class", { count: low === high ? number(low) : `${low}–${high}` }), sign: low === high ? String(low) : `${low}–${high}` })),
      { name: "unknown", words: words[part].unknown, sign: LOOKS.unknown.sign },
      { name: "exempt", words: words[part].exempt, sign: LOOKS.exempt.sign },
    ],
  };
}

// The pen of a small field for the legend, 34 by 17.
export function signPen() {
  const canvas = document.createElement("canvas");
  const sharp = window.devicePixelRatio || 1;
  canvas.width = 34 * sharp;
  canvas.height = 17 * sharp;
  canvas.className = "swatch";
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  return pen;
}

// A small field of a class for the legend, with the sign that stands on the map.
export function swatch(name, sign) {
  const pen = signPen();
  pen.fillStyle = fill(name);
  pen.fillRect(0, 0, 34, 17);
  pen.strokeStyle = "#5b6662";
  pen.strokeRect(0.5, 0.5, 33, 16);
  pen.font = "600 11px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  if (LOOKS[name].pattern) {
    const width = pen.measureText(sign).width + 4;
    pen.fillStyle = LOOKS[name].color;
    pen.fillRect(17 - width / 2, 2, width, 13);
  }
  pen.fillStyle = LOOKS[name].ink;
  pen.fillText(sign, 17, 9);
  return pen.canvas;
}

// The outline of a facility's sign, centred on 0, 0.
export function trace(pen, shape, x, y, r) {
  const polygon = {
    square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
    triangle: [[0, -1.25], [1.15, 0.9], [-1.15, 0.9]],
    diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
    house: [[0, -1.3], [1.1, -0.3], [1.1, 1], [-1.1, 1], [-1.1, -0.3]],
    cross: [[-0.45, -1.2], [0.45, -1.2], [0.45, -0.45], [1.2, -0.45], [1.2, 0.45], [0.45, 0.45], [0.45, 1.2], [-0.45, 1.2], [-0.45, 0.45], [-1.2, 0.45], [-1.2, -0.45], [-0.45, -0.45]],
    drop: [[0, -1.5], [0.85, -0.1], [0.75, 0.8], [0, 1.2], [-0.75, 0.8], [-0.85, -0.1]],
    star: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((turn) => [Math.sin((turn * Math.PI) / 5) * (turn % 2 ? 0.6 : 1.4), -Math.cos((turn * Math.PI) / 5) * (turn % 2 ? 0.6 : 1.4)]),
  }[shape];
  pen.beginPath();
  if (polygon) polygon.forEach(([px, py], place) => pen[place ? "lineTo" : "moveTo"](x + px * r, y + py * r));
  else pen.arc(x, y, shape === "dot" ? r * 0.6 : r, 0, Math.PI * 2);
  pen.closePath();
}

// A facility on a canvas map by the outline of its sign.
export const Sign = window.L.CircleMarker.extend({
  _updatePath() {
    if (!this._renderer._drawing || this._empty()) return;
    const { shape, radius } = this.options;
    trace(this._renderer._ctx, shape, this._point.x, this._point.y, radius);
    this._renderer._fillStroke(this._renderer._ctx, this);
  },
});

export function layerSwatch(layer) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 18;
  const pen = canvas.getContext("2d");
  pen.fillStyle = pen.strokeStyle = layer.color;
  if (layer.geometry === "line") {
    pen.lineWidth = 2.5;
    pen.beginPath();
    pen.moveTo(1, 14);
    pen.quadraticCurveTo(7, 2, 17, 5);
    pen.stroke();
  } else if (layer.geometry === "polygon") {
    pen.globalAlpha = 0.5;
    pen.fillRect(2, 4, 14, 10);
  } else {
    trace(pen, layer.shape, 9, 9, 5.5);
    pen.fill();
  }
  return canvas;
}

