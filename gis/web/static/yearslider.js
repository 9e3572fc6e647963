// The years of the assessments as stops of a slider, and playing through them.

import { el, text } from "./dom.js";

const STOP_MS = 1600;

// sides: what the study can be looked at in; those that have a year are the stops, today's among them.
export function createYears(place, sides, { onChoose, prepare }) {
  const stops = sides.filter(({ kind, year }) => kind === "year" || (kind === "now" && year)).sort((a, b) => a.year - b.year);
  if (!place || stops.length < 2) return { follow: () => {}, isStop: () => false };
  let timer = 0;

  const slider = el("input", { type: "range", id: "year", min: "0", max: String(stops.length - 1), step: "1", list: "year-stops", "aria-label": text("years-slider") });
  const said = el("output", { for: "year" });
  const play = el("button", { type: "button", class: "play-years", "aria-pressed": "false", on: { click: () => (timer ? stop() : begin()) } }, text("years-play"));
  place.append(el("span", { class: "years-label" }, text("years-slider")), slider, said, play, el("datalist", { id: "year-stops" }, ...stops.map((_, at) => el("option", { value: String(at) }))));
  place.hidden = false;

  const keyOf = ({ key, kind }) => (kind === "now" ? "" : key);

  slider.addEventListener("input", () => {
    stop();
    onChoose(keyOf(stops[Number(slider.value)]), {});
  });

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.setAttribute("aria-pressed", "false");
    play.textContent = text("years-play");
  }

  async function begin() {
    play.setAttribute("aria-pressed", "true");
    play.textContent = text("years-stop");
    // truthy at once, so that a second press stops
    timer = -1;
    try {
      await prepare(stops.map(({ key }) => key));
    } catch {
      return stop();
    }
    if (!timer) return;
    let at = 0;
    const step = () => {
      onChoose(keyOf(stops[at]), { replace: at > 0 });
      at += 1;
      if (at >= stops.length) stop();
    };
    step();
    if (at < stops.length) timer = setInterval(step, STOP_MS);
  }

  return {
    isStop: (key) => stops.some((each) => keyOf(each) === key),
    follow(key) {
      const at = stops.findIndex((each) => keyOf(each) === key);
      slider.classList.toggle("elsewhere", at < 0);
      if (at >= 0) slider.value = String(at);
      said.textContent = at >= 0 ? String(stops[at].year) : "–";
      slider.setAttribute("aria-valuetext", said.textContent);
    },
  };
}
