// Where the map looks, kept in the address: a copied link opens on the same ground, and Back goes there again.

const WRITE_MS = 200;
const WRITTEN = /^(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?),(\d{1,2}(?:\.\d+)?)$/;

export function createPlace(map, { onMoved }) {
  let timer = 0;
  let home = "";
  let on = false;

  function now() {
    const { lat, lng } = map.getCenter();
    return `${lat.toFixed(4)},${lng.toFixed(4)},${Number(map.getZoom().toFixed(2))}`;
  }

  map.on("moveend", () => {
    clearTimeout(timer);
    if (on) timer = setTimeout(() => onMoved(now() === home ? "" : now()), WRITE_MS);
  });

  return {
    // Looks where the address says; false where it says nothing that can be read.
    go(written) {
      const [, lat, lng, zoom] = WRITTEN.exec(written) ?? [];
      if (zoom === undefined || Math.abs(lat) > 85 || Math.abs(lng) > 180) return false;
      if (written !== now()) map.setView([Number(lat), Number(lng)], Number(zoom), { animate: false });
      return true;
    },
    // The whole study is no place worth writing.
    isHome: () => (home = now()),
    begin: () => (on = true),
  };
}
