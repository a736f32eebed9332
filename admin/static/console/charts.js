// The values of a chart's columns, under the pointer and by the arrow keys, in the reader's time. The table has them without it.

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const hours = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const days = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

for (const chart of document.querySelectorAll("[data-chart]")) {
  const picture = chart.querySelector("svg.columns");
  const columns = [...picture.querySelectorAll("g.column")];
  const value = chart.querySelector(".value");
  const before = value.innerHTML;
  let chosen = -1;
  for (const text of picture.querySelectorAll("text[data-at]"))
    text.textContent = ("days" in picture.dataset ? days : hours).format(new Date(text.dataset.at));
  for (const hint of chart.querySelectorAll(".with-script")) hint.hidden = false;
  for (const zone of chart.querySelectorAll(".zone")) zone.hidden = true;

  const choose = (number) => {
    columns[chosen]?.classList.remove("chosen");
    chosen = number;
    const column = columns[chosen];
    if (!column) return;
    column.classList.add("chosen");
    const name = column.dataset.at ? moments.format(new Date(column.dataset.at)) : column.dataset.name;
    value.textContent = `${name}: ${column.dataset.said}`;
  };
  const leave = () => {
    choose(-1);
    value.innerHTML = before;
    for (const hint of value.querySelectorAll(".with-script")) hint.hidden = false;
    for (const zone of value.querySelectorAll(".zone")) zone.hidden = true;
  };

  for (const title of picture.querySelectorAll("title")) title.remove(); // the browser would show it late, over what is said below
  picture.setAttribute("tabindex", "0");
  columns.forEach((column, number) => column.addEventListener("pointerenter", () => choose(number)));
  picture.addEventListener("pointerleave", leave);
  picture.addEventListener("blur", leave);
  picture.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: chosen - 1, ArrowRight: chosen + 1, Home: 0, End: columns.length - 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(columns.length - 1, chosen < 0 && event.key === "ArrowLeft" ? columns.length - 1 : steps[event.key])));
  });
}
