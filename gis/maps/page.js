// Fills the page from the JSON block. Every text from data goes in by textContent; nothing is parsed as HTML.
(function () {
  "use strict";

  const data = JSON.parse(document.getElementById("langmap-data").textContent);
  const map = window.map_langmap;
  const STATUSES = ["met", "unmet", "unknown", "exempt"];
  const SIGNS = { met: "✓", unmet: "✗", unknown: "?", exempt: "–" };
  // Blue against orange keeps apart with any colour vision; unknown and exempt are patterns.
  const FILLS = { met: "#4a97c9", unmet: "#d95f0e", unknown: "url(#hatch)", exempt: "url(#dots)" };
  const PLAIN = { "url(#hatch)": "#b5b5b5", "url(#dots)": "#ffffff" };
  const STEPS = ["#fee391", "#fe9929", "#d95f0e", "#8c2d04"];
  const MANY_SHAPES = 4000;
  const MANY_PINS = 3000;
  const MOST_RESULTS = 12;

  const villages = data.villages.id.map((id, at) => ({
    at, id,
    name: data.villages.name[at] || id,
    commune: data.villages.commune[at] || "",
    status: data.villages.status[at] || "unknown",
    infra: data.villages.infra_status[at] || "unknown",
    missed: data.villages.missed[at] || 0,
    unknown: data.villages.unknown_count[at] || 0,
    population: data.villages.population[at],
    approximate: data.villages.approximate[at],
    shape: data.villages.shape[at],
    findings: data.findings.rows[at],
  }));
  const drawn = villages.filter((village) => village.shape);
  let language = data.language;
  let mode = data.mode;
  let open = null;
  let tableShown = drawn.length === 0;

  // ---- texts and numbers

  const byId = (id) => document.getElementById(id);
  const narrow = () => window.innerWidth <= 720;

  function t(code, values) {
    const text = data.texts[language][code] || code;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
  }

  const pick = (label) => (label && (label[language] || label.vi || label.en)) || "";

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }

  function number(value) {
    return new Intl.NumberFormat(language === "vi" ? "vi-VN" : "en-US", { maximumFractionDigits: 2 }).format(value);
  }

  function shown(value, criterion) {
    if (value === null || value === undefined) return "–";
    if (value === "inf" || value === "-inf") return t("unreachable");
    if (criterion.yesno) return t(value ? "yes" : "no");
    return `${number(value)} ${pick(criterion.unit)}`.trim();
  }

  function word(status, criterion) {
    const kind = criterion ? criterion.kind : data.set.polarity;
    return t((kind === "trigger" ? "trigger-" : "flag-") + status);
  }

  // In a set of disadvantage a criterion that is missed is one that applies.
  const tm = (code, values) => t(data.set.polarity === "trigger" ? `${code}-trigger` : code, values);

  const outcome = (status) => pick(data.set.outcomes[status]) || word(status);

  // As a reader types it: no tones, no case, đ as d.
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();

  function finding(village, at) {
    const row = village.findings[at];
    if (!row) return null;
    const text = (place) => (row[place] < 0 ? null : data.findings.texts[row[place]]);
    return {
      status: STATUSES[row[0]], value: row[1], margin: row[2], measured: row[3], reported: row[4], source: text(5),
      facility: text(6), grade: text(7), limit: text(language === "vi" ? 8 : 9), sentence: text(language === "vi" ? 10 : 11),
    };
  }

  // ---- classes of colour

  // The steps of the web page: each number alone while there are few, then in pairs.
  const mostMissed = villages.reduce((most, village) => Math.max(most, village.status === "unmet" ? village.missed : 0), 1);
  const UPPER = mostMissed <= 4 ? [1, 2, 3, 4] : mostMissed <= 7 ? [1, 3, 5, mostMissed] : [2, 4, 7, mostMissed];
  const edges = UPPER.filter((edge, at) => !at || UPPER[at - 1] < mostMissed).map((edge) => Math.min(edge, mostMissed));

  function classOf(village) {
    if (mode === "status") return village.status;
    if (mode === "infra") return village.infra;
    if (mode !== "missed") {
      const found = finding(village, data.criteria.findIndex((criterion) => criterion.id === mode));
      return found ? found.status : "unknown";
    }
    // the verdict first: by the logic of a set a village may miss a criterion and still pass
    if (village.status !== "unmet") return village.status;
    return "step" + Math.max(0, edges.findIndex((edge) => village.missed <= edge));
  }

  function classes() {
    if (mode !== "missed") {
      const criterion = data.criteria.find((one) => one.id === mode);
      const label = (status) => (mode === "status" ? outcome(status) : word(status, criterion));
      return STATUSES.map((status) => ({ key: status, fill: FILLS[status], label: label(status), sign: SIGNS[status] }));
    }
    const steps = edges.map((edge, at) => {
      const from = at ? edges[at - 1] + 1 : 1;
      const fill = STEPS[edges.length > 1 ? Math.round((at * (STEPS.length - 1)) / (edges.length - 1)) : 1];
      return { key: "step" + at, fill, label: tm("missed-class", { n: from === edge ? edge : `${from}–${edge}` }), sign: "" };
    });
    return [
      { key: "met", fill: FILLS.met, label: outcome("met"), sign: SIGNS.met },
      ...steps,
      { key: "unknown", fill: FILLS.unknown, label: outcome("unknown"), sign: SIGNS.unknown },
      { key: "exempt", fill: FILLS.exempt, label: outcome("exempt"), sign: SIGNS.exempt },
    ];
  }

  // ---- the map

  const THIN = drawn.length > 300 ? 0.4 : 0.8;
  const useCanvas = drawn.length > MANY_SHAPES;
  const layers = new Map();
  const extras = [];

  function ring(steps) {
    const places = [];
    let x = 0;
    let y = 0;
    for (let at = 0; at < steps.length; at += 2) {
      x += steps[at];
      y += steps[at + 1];
      places.push([y / 1e5, x / 1e5]);
    }
    return places;
  }

  const polygon = (shape) => shape.rings.map((rings) => rings.map(ring));

  function style(village) {
    const fill = classes().find((one) => one.key === classOf(village)).fill;
    return look(village, fill);
  }

  function look(village, fill) {
    return {
      fillColor: useCanvas ? PLAIN[fill] || fill : fill,
      fillOpacity: 0.88,
      color: village.shape.at ? "#1d2a30" : "#47565e",
      weight: village.shape.at ? 1.2 : THIN,
      dashArray: village.approximate ? "4 3" : null,
    };
  }

  function recolour() {
    const fills = Object.fromEntries(classes().map((one) => [one.key, one.fill]));
    for (const village of drawn) layers.get(village.at).setStyle(look(village, fills[classOf(village)]));
  }

  function hint(village) {
    const lines = [el("strong", {}, village.name)];
    if (village.commune) lines.push(el("span", {}, village.commune), el("br"));
    if (mode === "missed" || mode === "status" || mode === "infra") {
      lines.push(el("span", {}, `${outcome(village.status)} · ${tm("missed-count", { n: village.missed })}`));
      if (village.unknown) lines.push(el("br"), el("span", {}, t("unknown-count", { n: village.unknown })));
    } else {
      const at = data.criteria.findIndex((criterion) => criterion.id === mode);
      const found = finding(village, at);
      if (found) {
        const value = found.value === null ? "" : ` · ${shown(found.value, data.criteria[at])}`;
        lines.push(el("span", {}, word(found.status, data.criteria[at]) + value));
      }
    }
    return el("div", {}, ...lines);
  }

  function drawVillages() {
    const renderer = useCanvas ? L.canvas({ padding: 0.3 }) : L.svg({ padding: 0.5 });
    const group = L.featureGroup();
    for (const village of drawn) {
      const shape = village.shape;
      const layer = shape.at
        ? L.circleMarker([shape.at[1] / 1e5, shape.at[0] / 1e5], { radius: 7, renderer, ...style(village) })
        : L.polygon(polygon(shape), { renderer, smoothFactor: 0.5, ...style(village) });
      layer.bindTooltip(() => hint(village), { sticky: true, opacity: 0.96 });
      layer.on("mouseover", () => { layer.setStyle({ weight: 3, color: "#000" }); layer.bringToFront(); });
      layer.on("mouseout", () => rest(village));
      layer.on("click", () => choose(village));
      layers.set(village.at, layer);
      group.addLayer(layer);
    }
    group.addTo(map);
    return group;
  }

  function rest(village) {
    const layer = layers.get(village.at);
    if (!layer) return;
    const chosen = open === village;
    const plain = look(village, "");
    layer.setStyle({ weight: chosen ? 3.5 : plain.weight, color: chosen ? "#000" : plain.color });
    if (chosen) layer.bringToFront();
  }

  function pane(name, level, through) {
    const node = map.createPane(name);
    node.style.zIndex = level;
    if (through) node.style.pointerEvents = "none";
    return name;
  }

  function drawCommunes() {
    const lines = data.communes.filter((commune) => commune.shape && commune.shape.rings).flatMap((commune) => commune.shape.rings.flat());
    if (!lines.length) return null;
    const rings = lines.map((steps) => { const places = ring(steps); return [...places, places[0]]; });
    return L.polyline(rings, { pane: pane("communes", 410, true), color: "#1d2a30", weight: 2.2, opacity: 0.75, interactive: false, smoothFactor: 0.5 });
  }

  function colour(style) {
    return /^#[0-9a-f]{3,8}$/i.test(style.color || "") ? style.color : "#444444";
  }

  function drawLayer(layer) {
    if (layer.type === "lines") {
      const renderer = L.canvas({ pane: pane(layer.id + "-lines", 420, true), padding: 0.3 });
      return L.polyline(layer.lines.map(ring), {
        renderer, pane: layer.id + "-lines", color: colour(layer.style), weight: Math.min(Number(layer.style.width) || 2, 5), opacity: 0.9, interactive: false,
      });
    }
    if (layer.type === "areas") {
      const renderer = L.canvas({ pane: pane(layer.id, 405, true), padding: 0.3 });
      return L.layerGroup(layer.parts.map((part) => L.polygon(part.rings.map((rings) => rings.map(ring)), {
        renderer, pane: layer.id, interactive: false, color: colour(part), weight: part.bare ? 1.5 : 0.5, dashArray: part.bare ? "4 4" : null, fill: !part.bare, fillOpacity: 1, smoothFactor: 0.5,
      })));
    }
    const group = L.layerGroup();
    const many = layer.shown > MANY_PINS;
    const renderer = many ? L.canvas({ pane: pane(layer.id + "-pins", 430, true), padding: 0.3 }) : null;
    for (let at = 0; at < layer.shown; at += 1) {
      const place = [layer.places[2 * at + 1] / 1e5, layer.places[2 * at] / 1e5];
      if (many) {
        L.circleMarker(place, { renderer, pane: layer.id + "-pins", radius: 3, weight: 1, color: "#fff", fillColor: colour(layer.style), fillOpacity: 1, interactive: false }).addTo(group);
        continue;
      }
      const icon = L.divIcon({ className: "", iconSize: [16, 16], html: pin(layer) });
      L.marker(place, { icon, keyboard: false }).bindTooltip(() => el("div", {}, el("strong", {}, layer.names[at] || pick(layer.label)), kinds(layer, at))).addTo(group);
    }
    return group;
  }

  const kinds = (layer, at) => el("span", {}, layer.kind[at].map((kind) => pick(layer.kinds[kind])).join(", ") || pick(layer.label));

  function pin(layer) {
    const node = el("span", { class: layer.style.shape === "square" ? "pin square" : "pin", "aria-hidden": "true" }, String(layer.style.letter || "").slice(0, 2));
    node.style.background = colour(layer.style);
    return node;
  }

  function box(position, id) {
    const control = L.control({ position });
    control.onAdd = () => {
      const node = el("div", { class: "box", id });
      L.DomEvent.disableClickPropagation(node);
      L.DomEvent.disableScrollPropagation(node);
      return node;
    };
    control.addTo(map);
    return control.getContainer();
  }

  // ---- parts of the page

  const SVG = "http://www.w3.org/2000/svg";

  function swatch(fill) {
    const svg = document.createElementNS(SVG, "svg");
    const rect = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ width: 24, height: 16 })) { svg.setAttribute(name, value); rect.setAttribute(name, value); }
    rect.setAttribute("fill", fill);
    rect.setAttribute("stroke", "#47565e");
    svg.append(rect);
    return svg;
  }

  function fillLegend(node) {
    const counts = {};
    for (const village of villages) { const key = classOf(village); counts[key] = (counts[key] || 0) + 1; }
    const items = classes().filter((one) => counts[one.key] || one.key === "unknown").map((one) =>
      el("li", { "data-class": one.key }, swatch(one.fill), el("span", {}, `${one.sign} ${one.label}`.trim()), el("span", { class: "count" }, number(counts[one.key] || 0))));
    const notes = [];
    const blank = villages.length - drawn.length;
    if (blank) notes.push(el("p", { class: "note" }, t("not-drawn", { n: number(blank) })));
    if (villages.some((village) => village.approximate)) notes.push(el("p", { class: "note" }, t("approximate-note")));
    const kept = node.querySelector("details");
    const shut = kept ? !kept.open : window.innerHeight < 500;
    node.replaceChildren(el("details", { open: !shut }, el("summary", {}, `${modeLabel(mode)} (${t("villages-word")})`), el("ul", {}, ...items), ...notes));
  }

  function fillLayers(node) {
    const kept = node.querySelector("details");
    const opened = kept ? kept.open : false;
    const items = extras.map((extra) => {
      const check = el("input", { type: "checkbox", checked: map.hasLayer(extra.layer) });
      check.addEventListener("change", () => (check.checked ? map.addLayer(extra.layer) : map.removeLayer(extra.layer)));
      const given = extra.given;
      const mark = given && given.type === "points" ? pin(given) : swatch(given ? colour(given.style) : "#1d2a30");
      const count = given ? (given.shown < given.total ? t("shown-of", { n: number(given.shown), total: number(given.total) }) : number(given.total)) : "";
      return el("li", {}, el("label", {}, check, mark, el("span", {}, given ? pick(given.label) : t("communes"))), el("span", { class: "count" }, given && given.type === "areas" ? "" : count), given && given.type === "areas" ? el("ul", { class: "parts" }, ...given.parts.map((part) => el("li", {}, swatch(part.bare ? "#ffffff" : colour(part)), el("span", {}, pick(part.label))))) : null);
    });
    node.hidden = !items.length;
    node.replaceChildren(el("details", { open: opened }, el("summary", {}, t("layers")), el("ul", {}, ...items)));
  }

  function modeLabel(key) {
    if (key === "missed") return tm("mode-missed");
    if (key === "status" || key === "infra") return t("mode-" + key);
    const criterion = data.criteria.find((one) => one.id === key);
    return `${criterion.code} ${pick(criterion.label)}`.trim();
  }

  const chip = (status, text) => el("span", { class: "chip " + status }, el("span", { "aria-hidden": "true" }, SIGNS[status]), text);

  function closeButton() {
    const button = el("button", { type: "button", class: "close" }, t("close"));
    button.addEventListener("click", () => choose(null));
    return button;
  }

  function findingBlock(village, criterion, at) {
    const found = finding(village, at);
    if (!found) return null;
    const facts = [];
    const fact = (code, value) => value && value !== "–" && facts.push(el("dt", {}, t(code)), el("dd", {}, value));
    if (found.status !== "exempt") fact("value", shown(found.value, criterion) + (found.grade ? ` (${found.grade})` : ""));
    if (found.status !== "exempt") fact("threshold", found.limit);
    if (typeof found.margin === "number" && !criterion.yesno && found.status !== "exempt") {
      fact("margin", t(found.margin >= 0 ? "margin-spare" : criterion.up ? "margin-short" : "margin-exceeds", { n: shown(Math.abs(found.margin), criterion) }));
    }
    if (found.source) fact("source", t("source-" + found.source));
    if (found.measured !== null && found.reported !== null) {
      fact("both", t("both-values", { measured: shown(found.measured, criterion), reported: shown(found.reported, criterion) }));
    }
    fact("facility", found.facility);
    fact("clause", criterion.clause);
    return el("section", { class: "finding" },
      el("h3", {}, el("span", {}, `${criterion.code} ${pick(criterion.label)}`.trim()), chip(found.status, word(found.status, criterion))),
      found.sentence ? el("p", {}, found.sentence) : null,
      el("dl", {}, ...facts));
  }

  function fillPanel() {
    const panel = byId("panel");
    panel.hidden = open === null;
    if (open === null) { panel.replaceChildren(); return; }
    if (open === "origin") { panel.replaceChildren(closeButton(), el("h2", {}, t("origin")), origin()); return; }
    const facts = [open.commune, open.id, open.population === null ? "" : t("people", { n: number(open.population) }), open.approximate ? t("approximate") : ""];
    panel.replaceChildren(
      closeButton(),
      el("h2", {}, open.name),
      el("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
      el("p", { class: "verdict" }, chip(open.status, outcome(open.status)), chip(open.infra, t("infra-is", { status: word(open.infra) }))),
      el("p", { class: "facts" }, `${tm("missed-count", { n: open.missed })} · ${t("unknown-count", { n: open.unknown })}`),
      ...data.criteria.map((criterion, at) => findingBlock(open, criterion, at)).filter(Boolean));
    panel.scrollTop = 0;
  }

  function origin() {
    const rows = [["set", `${pick(data.set.label)} (${data.set.edition})`], ...data.run, ...data.sources.map((source) => ["input-layer", pick(source)])];
    return el("dl", { class: "origin" }, ...rows.flatMap(([key, value]) => [el("dt", {}, t("run-" + key)), el("dd", {}, value)]));
  }

  function choose(village) {
    const before = open;
    open = village;
    fillPanel();
    map.invalidateSize({ animate: false });
    for (const one of [before, open]) if (one && one.id) rest(one);
    if (village) byId("panel").focus({ preventScroll: true });
  }

  function goTo(village) {
    choose(village);
    if (!village.shape || tableShown) return;
    const layer = layers.get(village.at);
    const bounds = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
    // On a narrow screen the panel lies over the map.
    const covered = narrow() ? byId("panel").offsetHeight : 0;
    map.fitBounds(bounds, { maxZoom: 14, padding: [50, 50], animate: false });
    if (covered) map.panBy([0, covered / 2], { animate: false });
  }

  function fillTable() {
    const section = byId("table");
    section.hidden = !tableShown;
    byId("table-button").setAttribute("aria-pressed", String(tableShown));
    if (!tableShown) { section.replaceChildren(); return; }
    const titles = [t("village"), t("commune"), t("verdict"), tm("mode-missed"), t("unknown-word"), tm("missed-names")];
    const heads = titles.map((title) => el("th", { scope: "col" }, title));
    const rows = villages.map((village) => {
      const button = el("button", { type: "button" }, village.name);
      button.addEventListener("click", () => goTo(village));
      const missed = data.criteria.filter((criterion, at) => criterion.kind !== "context" && (finding(village, at) || {}).status === "unmet");
      return el("tr", {}, el("td", {}, button), el("td", {}, village.commune), el("td", {}, chip(village.status, outcome(village.status))),
        el("td", { class: "number" }, number(village.missed)), el("td", { class: "number" }, number(village.unknown)),
        el("td", {}, missed.map((criterion) => pick(criterion.label)).join("; ")));
    });
    const lead = drawn.length ? "" : el("p", { class: "lead" }, t("no-geometry"));
    section.replaceChildren(...[lead, el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows))].filter(Boolean));
  }

  function search() {
    const wanted = fold(byId("search").value.trim());
    const list = byId("results");
    list.hidden = !wanted;
    byId("search").setAttribute("aria-expanded", String(Boolean(wanted)));
    if (!wanted) { list.replaceChildren(); return; }
    const words = wanted.split(/\s+/);
    const hits = villages.filter((village) => words.every((part) => village.key.includes(part)));
    hits.sort((one, other) => (other.first.startsWith(wanted) ? 1 : 0) - (one.first.startsWith(wanted) ? 1 : 0));
    const items = hits.slice(0, MOST_RESULTS).map((village) => {
      const button = el("button", { type: "button" }, village.name, el("small", {}, village.commune));
      button.addEventListener("click", () => { list.hidden = true; byId("search").value = village.name; goTo(village); });
      return el("li", {}, button);
    });
    if (hits.length > MOST_RESULTS) items.push(el("li", { class: "none" }, t("more-results", { n: number(hits.length - MOST_RESULTS) })));
    list.replaceChildren(...(items.length ? items : [el("li", { class: "none" }, t("no-results"))]));
  }

  function fillTop() {
    document.documentElement.lang = language;
    document.title = `${pick(data.study.label)} – ${pick(data.set.label)}`;
    const head = data.headline;
    const share = typeof head.share_pct === "number" ? ` (${number(head.share_pct)} %)` : "";
    byId("title").textContent = pick(data.study.label);
    byId("subtitle").textContent = `${pick(data.set.label)} · ${t("headline", { met: number(head.met), villages: number(head.villages), word: outcome("met") })}${share}`;
    const notices = data.study.notices.map((name) => t("notice-" + name)).join(" · ");
    byId("notice").textContent = notices;
    const mark = byId("watermark");
    if (mark) mark.replaceChildren(el("span", {}, data.study.notices.map((name) => t("mark-" + name)).join(" · ")));
    byId("search-label").textContent = t("search");
    byId("search").placeholder = t("search-hint");
    byId("mode-label").textContent = t("colour-by");
    byId("table-button").textContent = t("table");
    byId("table-button").hidden = drawn.length === 0;
    byId("origin").textContent = t("origin");
    const cited = data.sources.map(pick).join("; ");
    const run = data.run.find((row) => row[0] === "run");
    byId("citations").textContent = [run && `${t("run-run")} ${run[1]}`, cited && `${t("sources")}: ${cited}`].filter(Boolean).join(" · ");
    byId("citations").title = cited;
    const options = ["missed", "status", "infra", ...data.criteria.map((criterion) => criterion.id)];
    byId("mode").replaceChildren(...options.map((key) => el("option", { value: key, selected: key === mode }, modeLabel(key))));
    for (const button of document.querySelectorAll("#languages button")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }

  let legend = null;
  let control = null;

  function fillAll() {
    fillTop();
    if (legend) { fillLegend(legend); fillLayers(control); }
    fillPanel();
    fillTable();
  }

  function start() {
    for (const village of villages) {
      village.first = fold(village.name);
      village.key = `${village.first} ${fold(village.commune)} ${fold(village.id)}`;
    }
    const host = document.querySelector(".folium-map");
    if (drawn.length) {
      host.append(el("div", { id: "watermark", "aria-hidden": "true" }));
      const bounds = drawVillages().getBounds();
      map.fitBounds(bounds, { animate: false });
      const communes = drawCommunes();
      if (communes) extras.push({ given: null, layer: communes.addTo(map) });
      for (const given of data.layers) {
        const layer = drawLayer(given);
        if (given.type === "lines") layer.addTo(map);
        extras.push({ given, layer });
      }
      L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
      control = box("topright", "layers");
      legend = box("bottomright", "legend");
      fillLegend(legend);
      const covered = narrow() ? legend.offsetHeight : 0;
      map.fitBounds(bounds, { paddingTopLeft: [15, 15], paddingBottomRight: [15, 15 + covered], animate: false });
    } else {
      host.hidden = true;
    }
    byId("mode").addEventListener("change", (event) => { mode = event.target.value; recolour(); if (legend) fillLegend(legend); });
    byId("search").addEventListener("input", search);
    byId("search").addEventListener("keydown", (event) => {
      const first = byId("results").querySelector("button");
      if (event.key === "Enter" && first) first.click();
      if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
    });
    byId("table-button").addEventListener("click", () => { tableShown = !tableShown; fillTable(); });
    byId("origin").addEventListener("click", () => choose(open === "origin" ? null : "origin"));
    for (const button of document.querySelectorAll("#languages button")) {
      button.addEventListener("click", () => { language = button.dataset.language; fillAll(); });
    }
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (!byId("results").hidden) byId("results").hidden = true;
      else choose(null);
    });
    fillAll();
  }

  start();
})();
