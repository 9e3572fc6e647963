// The legend of a layer, bound to it: there while the layer is seen. Kinds by shape or width, states by dash.

import { el, number } from "./dom.js";
import { signPen, trace } from "./paint.js";

const PX = 22;

// `look` is the pair of positions that the server tells of each thing: its kind and its state in the legend.
export function lineLook(layer, look) {
  const kind = layer.looks?.[look?.[0]];
  const state = layer.wears?.[look?.[1]];
  return { ...(kind ? { color: kind.color, weight: kind.width } : {}), ...(state?.dash ? { dashArray: state.dash, lineCap: "butt" } : {}) };
}

export function pointLook(layer, look) {
  return { shape: layer.looks?.[look?.[0]]?.shape ?? layer.shape };
}

// Layers that colour the ground have their legend from the map, which knows their bands.
export function showKeys(legend, layer, on) {
  if (!legend || layer.ground) return;
  const there = legend.querySelector(`[data-over="${CSS.escape(layer.id)}"]`);
  if (!on) return there?.remove();
  if (there) return;
  const kinds = layer.looks.length ? layer.looks : [{ label: layer.label, count: layer.count, shape: layer.shape, color: layer.color, width: layer.width }];
  const lines = kinds.map((kind) => row(drawKind(layer, kind), kind));
  const states = layer.wears.map((state) => row(drawLine(layer.color, 2.5, state.dash), state));
  const listed = [el("ul", {}, ...lines), states.length ? el("ul", { class: "states" }, ...states) : null];
  legend.prepend(el("details", { open: innerWidth > 700, data: { over: layer.id } }, el("summary", {}, layer.label), ...listed));
}

function row(sign, { label, count }) {
  return el("li", {}, sign, el("span", { class: "legend-words" }, label), el("span", { class: "legend-count" }, count === null ? "" : number(count)));
}

function drawKind(layer, kind) {
  if (layer.geometry === "line") return drawLine(kind.color, kind.width, "");
  const pen = signPen();
  pen.fillStyle = kind.color;
  if (layer.geometry === "polygon") {
    pen.globalAlpha = 0.45;
    pen.fillRect(4, 4, PX, 10);
    pen.globalAlpha = 1;
    pen.strokeStyle = kind.color;
    pen.strokeRect(4.5, 4.5, PX - 1, 9);
  } else {
    trace(pen, kind.shape, 17, 9, 5.5);
    pen.fill();
  }
  return pen.canvas;
}

function drawLine(color, width, dash) {
  const pen = signPen();
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.setLineDash(dash ? dash.split(" ").map(Number) : []);
  pen.beginPath();
  pen.moveTo(1, 9);
  pen.lineTo(33, 9);
  pen.stroke();
  return pen.canvas;
}
