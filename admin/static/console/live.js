// The postback log, live: new rows appear at the top as the server tells of them, unless paused.

import { localize } from "./localize.js";

const MOST_ROWS = 200;
const ANNOUNCE_EVERY = 5000;

const live = document.getElementById("live");
if (live) begin();

function idOf(html) {
  return /id="([^"]+)"/.exec(html)?.[1];
}

function begin() {
  const word = document.getElementById("live-word");
  const pause = document.getElementById("live-pause");
  const said = document.getElementById("live-said");
  const table = document.getElementById("postbacks");
  const rows = table.tBodies[0];
  let held = [];
  let isPaused = false;
  let isOver = false;
  let unsaid = 0;
  let stream;
  live.hidden = false;

  const show = (text, kind) => {
    word.textContent = text;
    word.className = `word ${kind}`;
  };
  const showHeld = () => {
    pause.textContent = isPaused ? (held.length ? `Go on (${held.length} new)` : "Go on") : "Pause";
    pause.setAttribute("aria-pressed", String(isPaused));
  };
  const add = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    const row = template.content.querySelector("tr");
    if (!row || document.getElementById(row.id)) return;
    localize(template.content);
    row.classList.add("new");
    rows.prepend(row);
    table.hidden = false;
    document.getElementById("nothing").hidden = true;
    while (rows.rows.length > MOST_ROWS) rows.lastElementChild.remove();
    unsaid += 1;
  };
  const end = (text) => {
    isOver = true;
    stream.close();
    show(text, "warn");
    pause.textContent = "Load again";
    said.textContent = `${text} Load the page again to go on.`;
  };

  function connect() {
    stream = new EventSource(live.dataset.live);
    stream.addEventListener("open", () => show(isPaused ? "Paused" : "Live", isPaused ? "soft" : "good"));
    stream.addEventListener("postback", (event) => {
      if (!isPaused) return add(event.data);
      if (held.some((html) => idOf(html) === idOf(event.data))) return; // told again by a stream that was connected again
      held = [...held, event.data].slice(-MOST_ROWS);
      showHeld();
    });
    stream.addEventListener("ended", () => end("No longer live: you are signed out, or may not see this any more."));
    stream.addEventListener("error", () => {
      if (isOver) return;
      if (stream.readyState === EventSource.CLOSED) end("Not live.");
      else show("Connecting again", "warn");
    });
  }

  pause.addEventListener("click", () => {
    if (isOver) return location.reload();
    isPaused = !isPaused;
    if (!isPaused) for (const html of held.splice(0)) add(html);
    show(isPaused ? "Paused" : "Live", isPaused ? "soft" : "good");
    showHeld();
  });
  setInterval(() => {
    if (!unsaid) return;
    said.textContent = unsaid === 1 ? "One new postback." : `${unsaid} new postbacks.`;
    unsaid = 0;
  }, ANNOUNCE_EVERY);
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => event.persisted && !isOver && connect());
  connect();
}
