// Menus close when something else is clicked, and with Escape; the rooms stand open where there is room for them.

const wide = matchMedia("(min-width: 60rem)");

function openRooms() {
  for (const rooms of document.querySelectorAll(".rooms > details")) rooms.open = wide.matches;
}

wide.addEventListener("change", openRooms);
openRooms();

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
