// Pages about files: drop them, see how far they are, look at them on a map. Without this module plain forms do.

import { calm, config, el, text } from "./dom.js";

const COLOURS = { gone: "#b3261e", come: "#14595c", before: "#e08a3c", after: "#5b4b9a" };
const OUTLINE = { weight: 1, color: "#55615c", fill: false, opacity: 0.7 };

const drop = document.getElementById("drop");
if (drop) takeDrops(drop);
const choices = document.getElementById("choices");
if (choices) choices.addEventListener("change", () => document.getElementById("changed")?.removeAttribute("hidden"));
const place = document.getElementById("preview");
if (place && config.preview) showMap(place);

function takeDrops(form) {
  const input = form.querySelector("input[type=file]");
  const stop = (event) => {
    event.preventDefault();
    form.classList.toggle("over", event.type === "dragenter" || event.type === "dragover");
  };
  for (const event of ["dragenter", "dragover", "dragleave", "drop"]) form.addEventListener(event, stop);
  // A file that misses the field would else replace the page.
  for (const event of ["dragover", "drop"]) window.addEventListener(event, (missed) => missed.preventDefault());
  form.addEventListener("drop", ({ dataTransfer }) => {
    if (!dataTransfer.files.length) return;
    input.files = dataTransfer.files;
    send(form, input.files);
  });
  input.addEventListener("change", () => input.files.length && send(form, input.files));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.files.length) send(form, input.files);
  });
  form.dataset.ready = "";
}

function send(form, files) {
  const progress = form.querySelector("progress");
  const say = (words, isFault = false) => {
    const said = form.querySelector(".drop-said");
    said.textContent = words;
    said.classList.toggle("fault", isFault);
  };
  const body = new FormData();
  for (const file of files) body.append("file", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", form.dataset.script);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrf_token]").value);
  request.upload.addEventListener("progress", ({ loaded, total }) => (progress.value = loaded / total));
  request.addEventListener("load", () => {
    const told = answered(request);
    if (told?.location) return location.assign(told.location);
    finish();
    return say(told?.error?.map(({ message }) => message).join(" ") ?? text("files-failed"), true);
  });
  request.addEventListener("error", () => {
    finish();
    say(text("files-failed"), true);
  });
  const finish = () => {
    progress.hidden = true;
    form.classList.remove("busy");
    form.querySelector("input[type=file]").value = "";
  };
  progress.value = 0;
  progress.hidden = false;
  form.classList.add("busy");
  say(text("files-sending", { names: [...files].map(({ name }) => name).join(", ") }));
  request.send(body);
}

function answered(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}

async function showMap(container) {
  const L = window.L;
  const map = L.map(container, { preferCanvas: true, renderer: L.canvas({ padding: 0.3 }), zoomSnap: 0.25, zoomControl: false, attributionControl: false, zoomAnimation: !calm, fadeAnimation: false, minZoom: 3, maxZoom: 18 });
  L.control.zoom({ zoomInTitle: text("zoom-in"), zoomOutTitle: text("zoom-out") }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  container.append(el("p", { class: "attribution" }, text("files-attribution")));
  map.setView([14.5, 108], 8);
  if (config.outlines) {
    const known = await ask(config.outlines);
    if (known) L.geoJSON(known, { ...OUTLINE, style: OUTLINE, interactive: false }).addTo(map);
  }
  const found = await ask(config.preview);
  if (!found) return;
  const drawn = L.geoJSON(found, { style: look, pointToLayer: (feature, at) => L.circleMarker(at, { radius: 5, ...look(feature) }), onEachFeature: label }).addTo(map);
  const box = drawn.getBounds();
  if (box.isValid()) map.fitBounds(box, { padding: [16, 16], maxZoom: 14, animate: false });
  container.dataset.shown = found.features.length;
}

async function ask(address) {
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function look({ properties, geometry }) {
  const color = COLOURS[properties.kind] ?? config.style.color ?? COLOURS.come;
  const isLine = geometry?.type.endsWith("LineString");
  return { color: isLine ? color : "#ffffff", weight: isLine ? 2 : 1, fillColor: color, fillOpacity: geometry?.type.endsWith("Point") ? 1 : 0.45, opacity: 1, fill: !isLine };
}

function label({ properties }, layer) {
  if (!properties.name) return;
  layer.bindTooltip(() => el("div", {}, el("strong", {}, properties.name)), { className: "tip" });
}
