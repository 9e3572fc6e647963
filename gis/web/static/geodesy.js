// Lengths and areas on the ellipsoid of WGS 84, from degrees. No map and no page, so that it can be tried alone.

const A = 6378137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const RADIANS = Math.PI / 180;

// Metres between two places [latitude, longitude]: T. Vincenty, Survey Review 23 (1975), inverse formula.
export function metresBetween([latA, lonA], [latB, lonB]) {
  const L = (lonB - lonA) * RADIANS;
  const U1 = Math.atan((1 - F) * Math.tan(latA * RADIANS));
  const U2 = Math.atan((1 - F) * Math.tan(latB * RADIANS));
  const [sinU1, cosU1, sinU2, cosU2] = [Math.sin(U1), Math.cos(U1), Math.sin(U2), Math.cos(U2)];
  let lambda = L;
  for (let turn = 0; turn < 100; turn++) {
    const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
    const sinS = Math.hypot(cosU2 * sinL, cosU1 * sinU2 - sinU1 * cosU2 * cosL);
    if (sinS === 0) return 0;
    const cosS = sinU1 * sinU2 + cosU1 * cosU2 * cosL;
    const sigma = Math.atan2(sinS, cosS);
    const sinAlpha = (cosU1 * cosU2 * sinL) / sinS;
    const cos2Alpha = 1 - sinAlpha ** 2;
    const cos2M = cos2Alpha === 0 ? 0 : cosS - (2 * sinU1 * sinU2) / cos2Alpha;
    const C = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const before = lambda;
    lambda = L + (1 - C) * F * sinAlpha * (sigma + C * sinS * (cos2M + C * cosS * (2 * cos2M ** 2 - 1)));
    if (Math.abs(lambda - before) > 1e-12) continue;
    const u2 = (cos2Alpha * (A ** 2 - B ** 2)) / B ** 2;
    const P = 1 + (u2 / 16384) * (4096 + u2 * (u2 * (320 - 175 * u2) - 768));
    const Q = (u2 / 1024) * (256 + u2 * (u2 * (74 - 47 * u2) - 128));
    const change = Q * sinS * (cos2M + (Q / 4) * (cosS * (2 * cos2M ** 2 - 1) - (Q / 6) * cos2M * (4 * sinS ** 2 - 3) * (4 * cos2M ** 2 - 3)));
    return B * P * (sigma - change);
  }
  // nearly opposite sides of the world, which no district has
  return NaN;
}

export function lengthOf(places) {
  return places.slice(1).reduce((sum, place, at) => sum + metresBetween(places[at], place), 0);
}

// Square metres of a ring: on the sphere of the same surface, latitudes moved so that each zone keeps its area.
// J. Snyder, Map Projections: A Working Manual (1987), equations 3-11 and 3-12.
export function areaOf(ring) {
  let sum = 0;
  ring.forEach(([lat, lon], at) => {
    const [nextLat, nextLon] = ring[(at + 1) % ring.length];
    let turn = (nextLon - lon) * RADIANS;
    if (turn > Math.PI) turn -= 2 * Math.PI;
    if (turn < -Math.PI) turn += 2 * Math.PI;
    sum += turn * (zone(lat) + zone(nextLat));
  });
  return Math.abs(sum) * (A ** 2 / 4);
}

// q of equation 3-12: the surface from the equator to a latitude, in units of the square of the radius.
function zone(lat) {
  const sin = Math.sin(lat * RADIANS);
  return (1 - E2) * (sin / (1 - E2 * sin ** 2) - (1 / (2 * E)) * Math.log((1 - E * sin) / (1 + E * sin)));
}
