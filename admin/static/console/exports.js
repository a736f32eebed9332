// Long exports say how far they are, and one that breaks off leaves no file that would pass for whole. Without it the link does it alone.

const MOST_IN_MEMORY = 512 * 1024 * 1024;
const numbers = new Intl.NumberFormat();
const sizes = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-export]");
  if (!link || !window.ReadableStream || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.getAttribute("aria-disabled") === "true") return;
  const said = document.getElementById("export-said");
  const say = (text) => {
    said.hidden = false;
    said.textContent = text;
  };
  let file = null;
  try {
    if (window.showSaveFilePicker)
      file = await (await showSaveFilePicker({ suggestedName: link.dataset.export, types: [{ accept: { "text/csv": [".csv"] } }] })).createWritable();
  } catch (refusal) {
    if (refusal.name === "AbortError") return;
  }
  link.setAttribute("aria-disabled", "true");
  try {
    await save(link, file, say);
  } catch {
    await file?.abort?.().catch(() => {});
    say("The export broke off, and nothing was saved. Try again; your session may have ended, or the database be away.");
  } finally {
    link.removeAttribute("aria-disabled");
  }
});

async function save(link, file, say) {
  say("Exporting…");
  const reply = await fetch(link.href);
  if (!reply.ok) throw new Error(reply.status);
  const parts = [];
  let bytes = 0;
  let lines = 0;
  let shown = 0;
  const reader = reply.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    for (const byte of value) if (byte === 10) lines += 1;
    if (file) await file.write(value);
    else if (bytes > MOST_IN_MEMORY) return leaveToBrowser(link, reader, say);
    else parts.push(value);
    if (performance.now() - shown > 500) {
      shown = performance.now();
      say(`Exporting: ${numbers.format(Math.max(0, lines - 1))} rows, ${sizes.format(bytes / 1e6)} MB so far.`);
    }
  }
  if (file) await file.close();
  else give(new Blob(parts, { type: "text/csv" }), link.dataset.export);
  say(`Exported ${numbers.format(Math.max(0, lines - 1))} rows, ${sizes.format(bytes / 1e6)} MB.`);
}

function give(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function leaveToBrowser(link, reader, say) {
  reader.cancel();
  say("This is a large file: your browser downloads it.");
  location.assign(link.href);
}
