// Two panes: what is typed above a pane hides the rows that aren't like it, its button says how many are ticked, arrows move between ticks.

function watch(pane) {
  const find = pane.querySelector("input[type=search]");
  const rows = [...pane.querySelectorAll("[data-row]")];
  const button = pane.querySelector("[data-moves]");
  if (!rows.length) return;
  const label = button.textContent;
  const ticks = () => rows.filter((row) => !row.hidden).map((row) => row.querySelector("input"));

  function count() {
    const ticked = rows.filter((row) => row.querySelector("input").checked).length;
    button.disabled = ticked === 0;
    button.textContent = ticked ? `${label} (${ticked})` : label;
  }

  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    const digits = wanted.replace(/[^0-9]/g, "");
    for (const row of rows) {
      const text = [...row.querySelectorAll(".breaks")].map((part) => part.textContent).join(" ").toLowerCase();
      row.hidden = !(text.includes(wanted) || (digits && text.replace(/[^0-9]/g, "").includes(digits)));
    }
  });

  pane.addEventListener("change", count);
  pane.addEventListener("keydown", (event) => {
    if (event.target.type !== "checkbox" || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const shown = ticks();
    const next = shown[shown.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) next.focus();
    event.preventDefault();
  });

  const all = document.createElement("button");
  all.type = "button";
  all.className = "quiet";
  all.textContent = "Tick all shown";
  all.addEventListener("click", () => {
    const shown = ticks();
    const tick = shown.some((box) => !box.checked);
    for (const box of shown) box.checked = tick;
    count();
  });
  button.after(" ", all);
  count();
}

for (const pane of document.querySelectorAll("[data-panes] [data-pane]")) watch(pane);
