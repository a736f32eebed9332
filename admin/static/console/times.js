// Moments in filters are typed in the reader's own time, and sent in UTC; time zones are offered by name.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const twoDigits = (number) => String(number).padStart(2, "0");

for (const input of document.querySelectorAll("input[type=datetime-local][data-moment]")) {
  if (input.value) {
    const moment = new Date(input.value + "Z");
    if (!Number.isNaN(moment.getTime())) {
      const date = [moment.getFullYear(), twoDigits(moment.getMonth() + 1), twoDigits(moment.getDate())].join("-");
      input.value = `${date}T${twoDigits(moment.getHours())}:${twoDigits(moment.getMinutes())}`;
    }
  }
  const label = document.querySelector(`label[for="${input.id}"] .zone`);
  if (label) label.hidden = true;
  input.form.addEventListener("formdata", (event) => {
    if (input.value) event.formData.set(input.name, new Date(input.value).toISOString().slice(0, 19) + "Z");
  });
}

for (const input of document.querySelectorAll("input[data-zones]")) {
  const names = Intl.supportedValuesOf?.("timeZone") ?? [];
  for (const name of new Set([zone, "UTC", ...names])) document.getElementById("zones").append(new Option(name, name));
}

// What isn't chosen needn't be in the address.
document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
