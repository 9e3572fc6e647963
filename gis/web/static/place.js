// Where the map looks, kept in the address: a copied link opens on the same ground, and Back goes there again.

const WRITE_MS = 200;
const WRITTEN = /^(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?),(\d{1,2}(?:\.\d+)?)$/;

// `box` is where villages are: west, south, east, north. A place far from them shows nothing and is let go.
export function createPlace(map, box, { onMoved }) {
  let timer = 0;
  let home = "";
  let last = "";
  let size = map.getSize();
  let on = false;

  const near = window.L.latLngBounds([[box[1], box[0]], [box[3], box[2]]]).pad(1);

  function now() {
    const { lat, lng } = map.getCenter();
    return `${lat.toFixed(5)},${lng.toFixed(5)},${Number(map.getZoom().toFixed(2))}`;
  }

  map.on("moveend", () => {
    clearTimeout(timer);
    // A map that is given more or less room was not moved by its reader.
    const resized = !map.getSize().equals(size);
    size = map.getSize();
    if (resized && last === home) home = now();
    last = now();
    if (on && !resized) timer = setTimeout(() => onMoved(now() === home ? "" : now()), WRITE_MS);
  });

  return {
    // Looks where the address says; false where it says nothing that can be read.
    go(written) {
      const [, lat, lng, zoom] = WRITTEN.exec(written) ?? [];
      if (zoom === undefined || !near.contains([Number(lat), Number(lng)])) return false;
      if (written !== now()) map.setView([Number(lat), Number(lng)], Number(zoom), { animate: false });
      return true;
    },
    // The whole study is no place worth writing.
    isHome: () => (home = last = now()),
    begin: () => (on = true),
  };
}
