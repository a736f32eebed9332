// Long lists of ticks are searched while one types; Enter in another field sends the form rather than the search.

for (const side of document.querySelectorAll("[data-ticks]")) {
  const search = side.querySelector("input[type=search]");
  search?.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    for (const row of side.querySelectorAll("li")) {
      const isTicked = row.querySelector("input").checked;
      row.hidden = !isTicked && !row.textContent.toLowerCase().includes(wanted);
    }
  });
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || field.tagName !== "INPUT" || field.type === "search" || !field.form?.querySelector("[data-ticks]")) return;
  event.preventDefault();
  field.form.requestSubmit(field.form.querySelector("button.first"));
});
