// The test box shows its reply in place, so that a page with a secret that is shown this once stays.

import { localize } from "./localize.js";

for (const form of document.querySelectorAll("form[data-test-box]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const place = form.parentElement.querySelector("[data-reply]");
    const button = form.querySelector("button.first");
    button.disabled = true;
    place.textContent = "Posting…";
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const reply = page.querySelector("#reply");
      const wrong = page.querySelector("#test-box .wrong, .problem");
      if (reply) place.replaceChildren(document.importNode(reply, true));
      else place.textContent = wrong ? wrong.textContent : "Your session may have ended: open another tab and sign in.";
      localize(place);
    } catch {
      place.textContent = "The console can't be reached just now. Try again.";
    }
    button.disabled = false;
  });
}
