// The sections of a register's form: shows the fields that fit the meaning of a column, adds columns and sections, and
// moves them. Without this script, spare columns and a spare section stand on the form, and their order is typed.
const ASKS = {
  training: ["trains", "does_not_train"],
  retention: ["how_long", "is_kept", "is_not_kept"],
};
const STEP = 10;
// New columns stand by themselves until they are saved, except on the form of a new register.
const MOVABLE = ".sections > .section[data-prefix], .section > .column, div.new-columns > .column";

function field(part, name) {
  return part.querySelector(`[name="${part.dataset.prefix}-${name}"]`);
}

function fitMeaning(column) {
  const role = field(column, "role").value;
  const asked = ASKS[role] ?? [];
  for (const [name, fits] of [["asks", asked.length > 0], ["covers", role === "retention"], ["unit", role === "retention"]]) {
    const select = field(column, name);
    select.closest(".field").hidden = !fits;
    if (!fits) select.value = "";
  }
  const asks = field(column, "asks");
  for (const option of asks.options) {
    option.hidden = option.value !== "" && !asked.includes(option.value);
  }
  if (asks.value && !asked.includes(asks.value)) asks.value = "";
}

function button(text, act, label = text) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.ariaLabel = label;
  made.addEventListener("click", act);
  return made;
}

// Adds a copy of a new part, emptied, with the next number in the names of its fields.
function addLike(part) {
  const prefix = part.dataset.prefix;
  const next = prefix.replace(/[0-9]+$/, (number) => Number(number) + 1);
  const copy = part.cloneNode(true);
  for (const element of [copy, ...copy.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (value.includes(prefix)) element.setAttribute(name, value.replaceAll(prefix, next));
    }
  }
  for (const made of copy.querySelectorAll(".moves, .errorlist")) made.remove();
  for (const input of copy.querySelectorAll("input, textarea, select")) input.value = "";
  part.after(copy);
  return copy;
}

// Moves a part before or after the next one of its kind, and numbers all of them anew.
function move(part, forward) {
  const other = forward ? part.nextElementSibling : part.previousElementSibling;
  if (!other?.matches(".column, .section")) return;
  if (forward) other.after(part); else other.before(part);
  const parts = [...part.parentElement.children].filter((child) => child.dataset.prefix);
  parts.forEach((moved, index) => { field(moved, "position").value = STEP * (index + 1); });
  // So that the same key moves it on.
  part.querySelectorAll(".moves button")[forward ? 1 : 0].focus();
}

function addMoves(part) {
  const moves = document.createElement("p");
  moves.className = "moves";
  moves.append(button("↑", () => move(part, false), "Move up"), button("↓", () => move(part, true), "Move down"));
  part.querySelector(".column-fields").append(moves);
}

function prepareColumn(column) {
  field(column, "role").addEventListener("change", () => fitMeaning(column));
  fitMeaning(column);
}

function prepareNewColumns(section) {
  const last = [...section.querySelectorAll(".new-columns > .column")].at(-1);
  const add = button("Add a column", () => {
    const copy = addLike([...section.querySelectorAll(".new-columns > .column")].at(-1));
    prepareColumn(copy);
    if (copy.matches(MOVABLE)) addMoves(copy);
    field(copy, "label").focus();
  });
  last.parentElement.append(add);
}

for (const column of document.querySelectorAll(".sections .column")) prepareColumn(column);
for (const section of document.querySelectorAll(".sections .section[data-prefix]")) prepareNewColumns(section);
for (const part of document.querySelectorAll(MOVABLE)) addMoves(part);
