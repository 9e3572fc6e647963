// The page of a study that is still being computed: ask how far it is, open it when it is done.

const place = document.getElementById("waiting");
const progress = document.getElementById("progress");
const doing = document.getElementById("doing");

async function look() {
  try {
    const told = await (await fetch(place.dataset.state, { credentials: "same-origin" })).json();
    if (told.state !== "computing") return location.reload();
    progress.value = told.fraction;
    doing.textContent = told.message;
  } catch {
    // The next look may succeed: the line or the server may be back.
  }
  return setTimeout(look, 1000);
}

setTimeout(look, 500);
