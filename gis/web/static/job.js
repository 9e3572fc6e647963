// Long work on a page: ask every second how far it is; stop it or run it again without leaving the page.

for (const place of document.querySelectorAll("[data-job]")) follow(place);

function follow(place) {
  const part = (name) => place.querySelector(`[data-${name}]`);
  const act = (name) => place.querySelector(`[data-act="${name}"]`);
  const progress = place.querySelector("progress");
  let watching = false;

  function show(job) {
    place.className = `job ${job.state}`;
    progress.value = job.fraction;
    progress.hidden = part("percent").hidden = job.over;
    part("percent").textContent = job.percent;
    part("message").textContent = job.message;
    part("problems").replaceChildren(...job.problems.map(listed));
    act("cancel").hidden = !job.stoppable;
    act("retry").hidden = !job.repeatable;
    if (job.state === "done" && place.dataset.then) location.assign(place.dataset.then);
    if (job.over) place.dispatchEvent(new CustomEvent("job-over", { bubbles: true, detail: job }));
    watching = !job.over;
    if (watching) setTimeout(look, 1000);
  }

  async function look() {
    try {
      const answer = await fetch(place.dataset.job, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.json());
    } catch {
      // The line or the server may be back by the next look.
      part("message").textContent = place.dataset.lost;
      setTimeout(look, 3000);
    }
  }

  async function send(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const headers = { Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf"]').content };
    try {
      const answer = await fetch(form.action, { method: "POST", credentials: "same-origin", headers });
      // It may have ended a moment before: the next look tells.
      if (answer.ok && watching) form.hidden = true;
      else if (answer.ok) show(await answer.json());
      else if (!watching) look();
    } catch {
      part("message").textContent = place.dataset.lost;
    }
  }

  act("cancel").addEventListener("submit", send);
  act("retry").addEventListener("submit", send);
  look();
}

function listed(problem) {
  const item = document.createElement("li");
  item.className = problem.severity;
  item.textContent = problem.message;
  return item;
}
