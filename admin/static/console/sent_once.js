// A form that is on its way isn't sent a second time by a double click: two publishers would be made, or a key rotated twice.

const GIVEN_UP_AFTER_MS = 10_000; // somebody may have stopped the loading, and tries again

const onTheirWay = new Map();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.target === "_blank") return;
  const sentAt = onTheirWay.get(form);
  if (sentAt !== undefined && event.timeStamp - sentAt < GIVEN_UP_AFTER_MS) event.preventDefault();
  else onTheirWay.set(form, event.timeStamp);
});
addEventListener("pageshow", () => onTheirWay.clear());
