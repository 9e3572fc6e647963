// A list that waits for figures still being worked out: ask now and then, show the page anew when they are there.

const place = document.querySelector("[data-waits]");

async function look() {
  try {
    const answer = await fetch(place.dataset.waits, { credentials: "same-origin" });
    if (answer.ok && (await answer.json()).state !== "computing") return location.reload();
  } catch {
    // The next look may succeed: the line or the server may be back.
  }
  return setTimeout(look, 2000);
}

if (place) setTimeout(look, 1000);
