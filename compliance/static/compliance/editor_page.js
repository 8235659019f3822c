// The page of a register: a cell opens the form of its row beside the page, and rows are moved by keys and by dragging.
// Without this script cells are links, and each press of a button that moves a row shows the page anew.
const wide = matchMedia("(min-width: 1200px)");
const editor = document.querySelector(".editor");
const panel = editor?.querySelector(".editor-panel");

function focusField(hash) {
  const cell = hash && panel.querySelector(`[id="${CSS.escape(hash.slice(1))}"]`);
  const place = cell || panel.querySelector(".cell") || panel;
  const field = [...place.querySelectorAll("input:not([type=hidden]), select, textarea, summary")]
    .find((one) => one.offsetParent);
  place.scrollIntoView({ block: "nearest" });
  field?.focus();
}

function markRow(address) {
  for (const row of editor.querySelectorAll("tr.current")) row.classList.remove("current");
  editor.querySelector(`tr:has(a[href^="${address.pathname}"])`)?.classList.add("current");
}

async function openBeside(link) {
  const address = new URL(link.href);
  const answer = await inTurn(() => fetch(address));
  if (!answer.ok || answer.redirected) return location.assign(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const opened = page.querySelector(".editor-panel");
  if (!opened) return location.assign(address);
  panel.replaceChildren(...opened.childNodes);
  panel.hidden = false;
  editor.classList.add("with-panel");
  for (const form of panel.querySelectorAll("form")) form.action = address.pathname + address.search;
  history.pushState({ beside: true }, "", address);
  document.title = page.title;
  markRow(address);
  prepareForms(panel);
  panel.scrollTop = 0;
  // The table is narrower now, so what was opened stands elsewhere.
  (link.closest("tr") ?? link).scrollIntoView({ block: "center" });
  focusField(address.hash);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-panel]");
  if (isOrderPending()) return; // the browser asks before the new order is left behind
  if (!link || !panel || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (mayLeave()) openBeside(link);
});
addEventListener("popstate", (event) => { if (!location.hash || event.state) location.reload(); });
addEventListener("DOMContentLoaded", () => {
  // The row is in sight, however far down the table it is; a new row comes after the last one.
  const row = editor?.querySelector("tr.current, .beside tbody:not(:has(.current)) > tr:last-child");
  if (wide.matches || panel?.hidden) row?.scrollIntoView({ block: "center" });
  if (panel && !panel.hidden && location.hash) focusField(location.hash);
});

// The order of the rows

const bar = document.getElementById("order-form");
let isOrderSent = false;

function isOrderPending() {
  return Boolean(bar) && !bar.hidden && !isOrderSent;
}

bar?.addEventListener("submit", () => { isOrderSent = true; });
bar?.querySelector("a").addEventListener("click", () => { isOrderSent = true; });
addEventListener("beforeunload", (event) => { if (isOrderPending()) event.preventDefault(); });

function numberIn(label) {
  return Number(label.match(/\d+/)[0]);
}

function noteOrder(row) {
  const rows = [...row.parentElement.rows];
  // The first row that is shown need not be the first of the page.
  const first = Math.min(...rows.map((one) => numberIn(one.querySelector(".move").ariaLabel)));
  for (const [place, one] of rows.entries()) {
    const [up, down] = one.querySelectorAll(".move");
    up.disabled = !one.previousElementSibling;
    down.disabled = !one.nextElementSibling;
    for (const button of [up, down]) button.ariaLabel = button.ariaLabel.replace(/\d+/, first + place);
  }
  bar.hidden = false;
  const number = numberIn(row.querySelector(".move").ariaLabel);
  bar.querySelector(".order-says").textContent =
    `It is row ${number} now. The rows have another order, which is not saved yet.`;
}

function moveRow(row, down) {
  const other = down ? row.nextElementSibling : row.previousElementSibling;
  if (!other) return;
  if (down) other.after(row); else other.before(row);
  noteOrder(row);
}

if (bar) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.move");
    if (!button) return;
    event.preventDefault();
    moveRow(button.closest("tr"), button.name === "down");
    const next = button.disabled ? button.parentElement.querySelector("button:not(:disabled)") : button;
    next?.focus();
  });
  for (const place of document.querySelectorAll(".row-place")) {
    const row = place.closest("tr");
    const handle = document.createElement("span");
    handle.className = "handle";
    handle.textContent = "⠿";
    handle.title = "Drag to move the row";
    handle.ariaHidden = "true";
    handle.addEventListener("pointerdown", () => { row.draggable = true; });
    place.querySelector(".row-moves").prepend(handle);
    row.addEventListener("dragstart", (event) => {
      row.classList.add("dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.dataset.row);
    });
    row.addEventListener("dragend", () => {
      row.classList.remove("dragged");
      row.draggable = false;
      noteOrder(row);
    });
    row.addEventListener("dragover", (event) => {
      const dragged = row.parentElement.querySelector("tr.dragged");
      if (!dragged || dragged === row) return;
      event.preventDefault();
      const { top, height } = row.getBoundingClientRect();
      if (event.clientY > top + height / 2) row.after(dragged); else row.before(dragged);
    });
    row.addEventListener("drop", (event) => event.preventDefault());
  }
}
