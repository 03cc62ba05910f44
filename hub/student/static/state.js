// Asks how a week stands while something is under way, and shows it in place. Without this script
// the page says the same when it is loaded again.
const FIRST_MS = 700;
const LONGEST_MS = 15000;
const EXTRA_TRIES = 8; // the next word may be a moment behind the last one

async function follow(place, wait, extra) {
  await new Promise((done) => setTimeout(done, wait));
  if (!document.hidden) {
    try {
      const token = document.querySelector("input[name=_xsrf]").value;
      const answer = await fetch(place.dataset.state, {
        headers: { "X-XSRFToken": token }, // the hub takes a request of a script for nobody's
        redirect: "error", // signed out
      });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = page.querySelector("[data-state]");
        place.toggleAttribute("data-moving", next.hasAttribute("data-moving"));
        if (next.innerHTML !== place.innerHTML) {
          place.replaceChildren(...next.childNodes);
          wait = FIRST_MS;
        }
      }
    } catch {
      // no line just now: the next try is later
    }
  }
  extra = place.hasAttribute("data-moving") ? EXTRA_TRIES : extra - 1;
  if (extra > 0) follow(place, Math.min(wait * 1.05, LONGEST_MS), extra);
}

for (const place of document.querySelectorAll("[data-state][data-moving]")) {
  follow(place, FIRST_MS, EXTRA_TRIES);
}
