// The lists of a row's form: models, providers and documents are searched or created in a combobox, ordered by keys and
// by dragging, and given footnotes from a menu. The text area of lines stays the field that is sent; without this script
// people write the lines.
const KINDS = {
  models: { word: "model", withTexts: true },
  providers: { word: "provider", withTexts: true, fresh: "new_provider" },
  documents: { word: "document", withTexts: false, fresh: "new_document" },
};
const MARKS = /\s*\[([0-9\s,]{0,200})\]$/;

function make(tag, values = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (name in made && !name.includes("-")) made[name] = value; else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// A line as components/lines.py reads it. What does not come out as it was stays as it is.
function readLine(raw, withTexts) {
  const item = { name: raw, text: "", numbers: [], raw: null };
  const marks = raw.match(MARKS);
  if (marks) {
    item.numbers = marks[1].split(/[\s,]+/).filter(Boolean).map(Number);
    item.name = raw.slice(0, marks.index);
  }
  const bar = withTexts ? item.name.lastIndexOf(" | ") : -1;
  if (bar >= 0) {
    item.text = item.name.slice(bar + 3).trim();
    item.name = item.name.slice(0, bar).trim();
  }
  if (writeLine(item) !== raw) item.raw = raw;
  return item;
}

function writeLine(item) {
  if (item.raw !== null) return item.raw;
  const line = item.text ? `${item.name} | ${item.text}` : item.name;
  const isMarked = item.numbers.length || line.endsWith("]");
  return isMarked ? `${line} [${item.numbers.join(", ")}]` : line;
}

// The found name that is meant: the same one, or else one that differs in capitals, dashes or spaces.
function known(results, wanted) {
  const names = results.map(({ name }) => name);
  return names.find((name) => name === wanted) ?? names.find((name) => plain(name) === plain(wanted));
}

function plain(name) {
  return name.toLowerCase().replace(/[\u2010-\u2015\u2212]/g, "-").replace(/\s+/g, " ").trim();
}

// The footnotes of the page, and new ones that are described on the form.
function notesOf(form) {
  const known = [...form.querySelectorAll(".notes [data-note]")]
    .map(({ dataset }) => ({ number: Number(dataset.note), text: dataset.text }));
  const fresh = [...form.querySelectorAll(".new-record[data-kind=new_footnote]:not(:disabled)")]
    .map(({ dataset }) => ({ number: Number(dataset.name), text: "new" }));
  return [...known, ...fresh];
}

// The fields of a new record below the cell that names it.
function describe(form, kind, name, cell) {
  for (const present of form.querySelectorAll(`.new-record[data-kind=${kind}]`)) {
    if (present.dataset.name === name) {
      present.hidden = present.disabled = false;
      return present;
    }
  }
  const template = form.querySelector(`template[data-kind=${kind}]`);
  if (!template) return null;
  const indexes = [...form.querySelectorAll(`[name^=${kind}-][name$=-name]`)]
    .map((field) => Number(field.name.split("-")[1]) + 1);
  const index = Math.max(0, ...indexes);
  const made = template.content.cloneNode(true).firstElementChild;
  for (const element of [made, ...made.querySelectorAll("*")]) {
    for (const { name: attribute, value } of [...element.attributes]) {
      const filled = value.replaceAll("__index__", index).replaceAll("__name__", name);
      if (filled !== value) element.setAttribute(attribute, filled);
    }
  }
  const heading = made.querySelector("legend strong");
  heading.textContent = heading.textContent.replace("__name__", name);
  const whose = made.querySelector("select[name$=-provider]");
  if (whose) {
    const names = form.querySelector(".cell-providers textarea")?.value.split("\n") ?? [];
    const options = names.map((line) => readLine(line, true).name).filter(Boolean);
    whose.replaceChildren(...options.map((option) => make("option", { value: option, textContent: option })));
  }
  cell.append(made);
  return made;
}

function forget(form, kind, name) {
  for (const present of form.querySelectorAll(`.new-record[data-kind=${kind}]`)) {
    if (present.dataset.name === name) present.hidden = present.disabled = true;
  }
}

// The fields of the notes that some numbers name and the page lacks.
function askForNotes(form, numbers, cell) {
  const known = new Set(notesOf(form).map((note) => note.number));
  for (const number of numbers) {
    if (!known.has(number) && number > 0) describe(form, "new_footnote", String(number), cell);
  }
}

// Check boxes for footnotes. `change` gets the numbers that are ticked.
function noteMenu(form, cell, numbers, change) {
  const menu = make("fieldset", { className: "note-menu" }, make("legend", { textContent: "Footnotes" }));
  const chosen = new Set(numbers);
  function add({ number, text }) {
    const box = make("input", { type: "checkbox", checked: chosen.has(number) });
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(number); else chosen.delete(number);
      change([...chosen].sort((one, other) => one - other));
    });
    menu.append(make("label", {}, box, ` ${number}: ${text}`));
  }
  const notes = notesOf(form);
  for (const note of notes) add(note);
  for (const number of numbers) if (!notes.some((note) => note.number === number)) add({ number, text: "new" });
  if (form.querySelector("template[data-kind=new_footnote]")) {
    const fresh = make("button", { type: "button", className: "button quiet", textContent: "New footnote…" });
    fresh.addEventListener("click", () => {
      const number = Math.max(0, ...notesOf(form).map((note) => note.number)) + 1;
      const fields = describe(form, "new_footnote", String(number), cell);
      chosen.add(number);
      add({ number, text: "new" });
      menu.append(fresh);
      change([...chosen].sort((one, other) => one - other));
      fields.querySelector("textarea").focus();
    });
    menu.append(fresh);
  }
  return menu;
}

class Combobox {
  constructor(form, cell, textarea, kind) {
    Object.assign(this, { form, cell, textarea, kind, ...KINDS[kind] });
    // In the place of the text area, so that the label, the help and links to the field lead to it.
    this.id = textarea.id;
    textarea.id = `${this.id}-lines`;
    this.address = form.querySelector("[data-lookups]").dataset.lookups.replace("/models/", `/${kind}/`);
    this.items = textarea.value.split("\n").filter((line) => line.trim()).map((line) => readLine(line.trim(), this.withTexts));
    this.options = [];
    this.active = -1;
    this.build();
    this.paint();
  }

  build() {
    this.list = make("ul", { className: "combo-items", role: "list" });
    this.input = make("input", {
      type: "text", id: this.id, autocomplete: "off", spellcheck: false, placeholder: `Add a ${this.word}`,
      role: "combobox", "aria-expanded": "false", "aria-controls": `${this.id}-options`, "aria-autocomplete": "list",
    });
    if (this.textarea.getAttribute("aria-describedby")) {
      this.input.setAttribute("aria-describedby", this.textarea.getAttribute("aria-describedby"));
    }
    if (this.textarea.getAttribute("aria-invalid")) this.input.setAttribute("aria-invalid", "true");
    this.box = make("ul", { id: `${this.id}-options`, className: "combo-options", role: "listbox", hidden: true });
    this.box.setAttribute("aria-label", `Found ${this.word}s`);
    this.status = make("p", { className: "visually-hidden", role: "status" });
    const asLines = make("button", { type: "button", className: "button quiet as-lines", textContent: "Write as lines" });
    asLines.addEventListener("click", () => this.writeAsLines());
    this.unsettled = make("p", { className: "errorlist", role: "alert", hidden: true });
    const search = make("div", { className: "combo-search" }, this.input, this.box);
    this.root = make("div", { className: "combo" }, this.list, this.unsettled, search, this.status);
    (this.textarea.parentElement.querySelector(".help-fold") ?? this.root).append(asLines);
    this.asLines = asLines;
    this.textarea.hidden = true;
    this.textarea.after(this.root);
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("paste", (event) => this.paste(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("dragover", (event) => this.dragOver(event));
  }

  writeAsLines() {
    this.store();
    this.root.remove();
    this.asLines.remove();
    this.textarea.hidden = false;
    this.textarea.id = this.id;
    this.textarea.focus();
  }

  say(words) { this.status.textContent = words; }

  // Writes the lines into the field that is sent, with what stands in the search box.
  store() {
    const pending = this.input.value.trim();
    const lines = this.items.map(writeLine);
    if (pending) lines.push(pending);
    const value = lines.join("\n");
    if (value === this.textarea.value) return;
    this.textarea.value = value;
    const which = this.cell.querySelector("select[name$=_which]");
    if (which) which.value = "stated";
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  paint(focused = -1, openOptions = false) {
    this.list.replaceChildren(...this.items.map((item, index) => this.itemElement(item, index)));
    this.list.hidden = !this.items.length;
    if (focused >= 0) {
      const button = this.list.children[focused]?.querySelector(".combo-name");
      button?.focus();
      if (openOptions) button?.click();
    }
  }

  itemElement(item, index) {
    const name = make("button", { type: "button", className: "combo-name" }, item.raw ?? item.name);
    name.setAttribute("aria-expanded", "false");
    if (item.numbers.length && item.raw === null) {
      name.append(make("sup", {}, make("span", { className: "visually-hidden", textContent: " footnotes " }), item.numbers.join(", ")));
    }
    if (item.text) name.append(make("span", { className: "quiet", textContent: ` prints ${item.text}` }));
    if (item.isNew) name.append(make("span", { className: "chip chip-draft", textContent: "new" }));
    const handle = make("span", { className: "handle", textContent: "⠿", title: "Drag to move" });
    handle.ariaHidden = "true";
    const remove = make("button", { type: "button", className: "combo-remove", textContent: "×" });
    remove.setAttribute("aria-label", `Remove ${item.name}`);
    remove.addEventListener("click", () => this.remove(index));
    const made = make("li", { className: "combo-item" }, handle, name, remove);
    name.addEventListener("click", () => this.toggleOptions(made, item, index));
    name.addEventListener("keydown", (event) => this.pressItem(event, index));
    handle.addEventListener("pointerdown", () => { made.draggable = true; });
    made.addEventListener("dragstart", (event) => {
      made.classList.add("dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", item.name);
    });
    made.addEventListener("dragend", () => {
      const order = [...this.list.children].map((element) => element.item);
      this.items = order;
      this.paint();
      this.store();
    });
    made.item = item;
    return made;
  }

  dragOver(event) {
    const dragged = this.list.querySelector(".dragged");
    const over = event.target.closest(".combo-item");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY > top + height / 2) over.after(dragged); else over.before(dragged);
  }

  rename(item, name) {
    Object.assign(item, { name, raw: null });
    const element = this.list.children[this.items.indexOf(item)];
    if (!element) return;
    element.querySelector(".combo-name").firstChild.textContent = name;
    element.querySelector(".combo-remove").setAttribute("aria-label", `Remove ${name}`);
    this.store();
  }

  toggleOptions(element, item, index) {
    const button = element.querySelector(".combo-name");
    const present = element.querySelector(".combo-details");
    if (present) {
      present.remove();
      button.setAttribute("aria-expanded", "false");
      return;
    }
    button.setAttribute("aria-expanded", "true");
    const details = make("div", { className: "combo-details" });
    if (item.raw === null) {
      const named = make("input", { type: "text", id: `${this.id}-name-${index}`, value: item.name, spellcheck: false });
      const names = make("datalist", { id: `${named.id}-names` });
      named.setAttribute("list", names.id);
      named.addEventListener("input", () => {
        this.rename(item, named.value.trim() || item.name);
        clearTimeout(this.waiting);
        this.waiting = setTimeout(() => this.suggest(named.value.trim(), names), 150);
      });
      named.addEventListener("change", () => this.check(item));
      named.addEventListener("keydown", (event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          named.blur();
          button.focus();
        }
      });
      details.append(make("label", { htmlFor: named.id, textContent: `Replace ${item.name} by` }), named, names);
    }
    if (this.withTexts && item.raw === null) {
      const printed = make("input", { type: "text", id: `${this.id}-text-${index}`, value: item.text });
      printed.addEventListener("input", () => { item.text = printed.value.trim(); this.store(); });
      details.append(make("label", { htmlFor: printed.id, textContent: "The page prints" }), printed);
    }
    if (item.raw === null) {
      details.append(noteMenu(this.form, this.cell, item.numbers, (numbers) => { item.numbers = numbers; this.store(); }));
    }
    const up = make("button", { type: "button", className: "button", textContent: "Move up", disabled: index === 0 });
    const down = make("button", {
      type: "button", className: "button", textContent: "Move down", disabled: index === this.items.length - 1,
    });
    up.addEventListener("click", () => this.move(index, -1));
    down.addEventListener("click", () => this.move(index, 1));
    details.append(make("p", { className: "cluster" }, up, down));
    element.append(details);
  }

  move(index, by) {
    const to = index + by;
    if (to < 0 || to >= this.items.length) return;
    const [item] = this.items.splice(index, 1);
    this.items.splice(to, 0, item);
    this.paint(to);
    this.store();
    this.say(`${item.name} is now ${to + 1} of ${this.items.length}.`);
  }

  remove(index) {
    const [item] = this.items.splice(index, 1);
    if (this.fresh) forget(this.form, this.fresh, item.name);
    this.paint(Math.min(index, this.items.length - 1));
    if (!this.items.length) this.input.focus();
    this.store();
    this.say(`Removed ${item.name}.`);
  }

  pressItem(event, index) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step && event.altKey) this.move(index, step);
    else if (step && index + step >= this.items.length) this.input.focus();
    else if (step) this.list.children[index + step]?.querySelector(".combo-name").focus();
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(index);
    else return;
    event.preventDefault();
  }

  // The search box

  press(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step && event.altKey && this.items.length && !this.input.value) {
      this.move(this.items.length - 1, step);
    } else if (step && !this.box.hidden) {
      this.activate((this.active + step + this.options.length) % this.options.length);
    } else if (step === -1 && !this.input.value) {
      this.list.lastElementChild?.querySelector(".combo-name").focus();
    } else if (event.key === "Enter") {
      if (this.active >= 0) this.choose(this.options[this.active]); else this.addTyped();
    } else if (event.key === "Escape" && !this.box.hidden) {
      this.close();
    } else if (event.key === "Escape" && this.input.value) {
      this.input.value = "";
      this.store();
    } else if (event.key === "Backspace" && !this.input.value && this.items.length) {
      const item = this.items.pop();
      if (this.fresh) forget(this.form, this.fresh, item.name);
      this.input.value = writeLine(item);
      this.paint();
      this.store();
      this.say(`${item.name} is in the search box. Press Enter to put it back.`);
    } else {
      return;
    }
    event.preventDefault();
  }

  // Before the form is sent: a name in the search box that is not known yet has to be added first, so that no slip
  // becomes a record. Returns whether it may be sent.
  async settle() {
    const typed = readLine(this.input.value.trim(), this.withTexts);
    if (!typed.name || !this.input.isConnected) return true;
    const { results } = await this.find(typed.name);
    const name = known(results, typed.name);
    if (name) {
      if (name !== typed.name) this.choose({ name });
      return true;
    }
    this.unsettled.textContent = `“${typed.name}” is not in the list. Press Enter to add it as a new ${this.word}, or choose another.`;
    this.unsettled.hidden = false;
    this.input.focus();
    this.search();
    return false;
  }

  typed() {
    this.unsettled.hidden = true;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.search(), 150);
    this.store();
  }

  paste(event) {
    const lines = event.clipboardData.getData("text").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    for (const line of lines) this.add(line);
  }

  async find(query) {
    return inTurn(() => this.lookUp(query));
  }

  async lookUp(query) {
    const answer = await fetch(`${this.address}?${new URLSearchParams({ q: query })}`);
    const isSignedIn = answer.ok && !answer.redirected;
    return isSignedIn ? answer.json() : { results: [], more: false };
  }

  async search() {
    const query = readLine(this.input.value.trim(), this.withTexts).name;
    if (!query) return this.close();
    const { results, more } = await this.find(query);
    if (query !== readLine(this.input.value.trim(), this.withTexts).name) return;
    this.options = results.map(({ name, note }) => ({ name, note }));
    if (!known(results, query)) this.options.push({ name: query, isNew: true });
    this.box.replaceChildren(...this.options.map((option, index) => this.optionElement(option, index)));
    this.box.hidden = !this.options.length || document.activeElement !== this.input;
    this.input.setAttribute("aria-expanded", String(!this.box.hidden));
    this.activate(-1);
    this.say(`${results.length}${more ? " or more" : ""} found.`);
  }

  // Fills the names that the browser offers below the field of a replacement.
  async suggest(query, names) {
    const { results } = query ? await this.find(query) : { results: [] };
    names.replaceChildren(...results.map(({ name }) => make("option", { value: name })));
  }

  optionElement(option, index) {
    const words = option.isNew ? `Add “${option.name}” as a new ${this.word}` : option.name;
    const made = make("li", { id: `${this.id}-option-${index}`, role: "option", "aria-selected": "false" }, words);
    if (option.note) made.append(make("span", { className: "quiet", textContent: ` ${option.note}` }));
    made.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the search box keeps the focus
      this.choose(option);
    });
    return made;
  }

  activate(index) {
    this.active = index;
    [...this.box.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === index));
      if (place === index) option.scrollIntoView({ block: "nearest" });
    });
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.id}-option-${index}`);
  }

  close() {
    this.box.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  choose(option) {
    const typed = readLine(this.input.value.trim(), this.withTexts);
    this.add(writeLine({ ...typed, raw: null, name: option.name }), option.isNew ?? false);
  }

  addTyped() {
    const line = this.input.value.trim();
    if (line) this.add(line);
  }

  // Adds a line; whether its name is new is looked up where nobody knows yet.
  async add(line, isNew = null) {
    const item = readLine(line, this.withTexts);
    clearTimeout(this.waiting);
    this.input.value = "";
    this.unsettled.hidden = true;
    this.close();
    const present = this.items.find(({ name }) => plain(name) === plain(item.name));
    if (present) {
      Object.assign(present, { numbers: item.numbers, text: item.text, raw: item.raw });
      this.say(`${present.name} is listed already.`);
    } else {
      this.items.push(item);
      this.say(`Added ${item.name}, ${this.items.length} of ${this.items.length}.`);
    }
    this.paint();
    this.store();
    askForNotes(this.form, item.numbers, this.cell);
    if (!present) await this.check(item, isNew);
  }

  // Takes the name that is known, whatever its capitals, and asks for what a new one needs.
  async check(item, isNew = null) {
    if (isNew === null) {
      const name = await inTurn(async () => {
        const found = known((await this.lookUp(item.name)).results, item.name);
        if (found && found !== item.name) this.rename(item, found);
        return found;
      });
      isNew = !name;
    }
    item.isNew = isNew;
    if (!isNew || !this.items.includes(item)) return;
    this.list.children[this.items.indexOf(item)]?.querySelector(".combo-name")
      .append(make("span", { className: "chip chip-draft", textContent: "new" }));
    const fields = this.fresh && describe(this.form, this.fresh, item.name, this.cell);
    if (fields) {
      fields.scrollIntoView({ block: "nearest" });
      this.say(`${item.name} is a new ${this.word}. Its fields follow.`);
      this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

preparers.push((form) => {
  const lists = [];
  for (const kind of Object.keys(KINDS)) {
    for (const cell of form.querySelectorAll(`.cell-${kind}`)) {
      const textarea = cell.querySelector("textarea.lines");
      if (textarea) lists.push(new Combobox(form, cell, textarea, kind));
    }
  }
  let isSettled = false;
  form.addEventListener("submit", async (event) => {
    if (isSettled || lists.every((list) => !list.input.value.trim())) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // nothing is sent yet
    for (const list of lists) if (!(await list.settle())) return;
    isSettled = true;
    form.requestSubmit(event.submitter);
    isSettled = false;
  }, true);
  // Footnotes of claims: a menu below the numbers.
  for (const field of form.querySelectorAll(".cell [name$=_footnotes]:not([type=hidden])")) {
    const cell = field.closest(".cell");
    const numbers = field.value.split(/[\s,]+/).filter(Boolean).map(Number);
    const menu = noteMenu(form, cell, numbers, (chosen) => {
      field.value = chosen.join(", ");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    field.addEventListener("change", () => {
      askForNotes(form, field.value.split(/[\s,]+/).filter(Boolean).map(Number), cell);
    });
    const fold = make("details", { className: "help-fold" }, make("summary", { textContent: "Choose footnotes" }), menu);
    field.after(fold);
  }
});
