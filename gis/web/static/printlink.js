// The map on paper: its size on the screen, for a canvas cannot be drawn anew while a page is printed.
// Pixels that a sheet of A4 across has for it, beside its legend and below the figures.
const ROOM = [720, 390];

addEventListener("beforeprint", () => {
  const map = document.getElementById("map");
  if (!map) return;
  const [wide, high] = [map.offsetWidth, map.offsetHeight];
  const told = { "--map-width": `${wide}px`, "--map-height": `${high}px`, "--map-zoom": Math.min(1, ROOM[0] / wide, ROOM[1] / high) };
  for (const [name, value] of Object.entries(told)) document.documentElement.style.setProperty(name, value);
});

// The way from the map on the screen to the one on paper: it takes along what is chosen and the part that is seen.

const link = document.querySelector("[data-print-map]");
const plain = link?.getAttribute("href").split("?");

link?.addEventListener("click", () => {
  const query = new URLSearchParams(location.search);
  const kept = new URLSearchParams(plain[1] ?? "");
  for (const [name, value] of kept) query.set(name, value);
  const bounds = document.getElementById("map")?.dataset.bounds;
  if (bounds) query.set("extent", bounds);
  link.href = `${plain[0]}?${query}`;
});
