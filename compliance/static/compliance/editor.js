// What the forms of all records have in common: the bar says what saving would change while somebody types, the last
// reason is offered again, and leaving with unsaved text asks first. Without this script a button shows the changes.
const PAUSE = 700; // milliseconds after the last key
const SIGNED_OUT = "<p><strong>You are signed out.</strong> Sign in again in another tab, then save. What you typed stays here.</p>";
const NO_ANSWER = "<p>What this changes could not be asked. What you typed stays here: “Show what this changes” asks again.</p>";
const preparers = [];
const unsaved = new Map(); // by form, what it held when it was opened; null for one that came back unsaved

// One question at a time: a preview keeps other readers of the database waiting.
let turn = Promise.resolve();
let asking = 0;

function inTurn(ask) {
  asking += 1;
  const answer = turn.then(ask).finally(() => { asking -= 1; });
  turn = answer.catch(() => {});
  return answer;
}

function prepareForms(root) {
  for (const bar of root.querySelectorAll(".form-bar")) {
    for (const prepare of preparers) prepare(bar.closest("form"));
  }
}

function held(form) {
  return JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
}

function isChanged(form) {
  return form.isConnected && unsaved.has(form) && unsaved.get(form) !== held(form);
}

function mayLeave() {
  const changed = [...unsaved.keys()].some(isChanged);
  return !changed || confirm("Leave without saving what you typed?");
}

// The last reason as a button instead of a box.
preparers.push((form) => {
  for (const label of form.querySelectorAll(".same-reason")) {
    const reason = label.closest(".reason-field").querySelector("textarea");
    const use = document.createElement("button");
    use.type = "button";
    use.className = "button quiet use-reason";
    use.textContent = `Use: ${label.dataset.reason}`;
    use.addEventListener("click", () => {
      reason.value = label.dataset.reason;
      reason.dispatchEvent(new Event("input", { bubbles: true }));
      reason.focus();
    });
    label.replaceWith(use);
  }
});

// What saving would change, asked a moment after the last key.
preparers.push((form) => {
  const live = form.querySelector(".live");
  let waiting;

  async function ask() {
    const posted = new FormData(form);
    posted.append("_preview", "1");
    posted.append("_live", "1");
    const address = form.getAttribute("action") || location.href;
    const answer = await fetch(address, { method: "POST", body: posted, redirect: "manual" });
    if (answer.ok) return answer.text();
    return answer.status === 403 ? SIGNED_OUT : NO_ANSWER;
  }

  async function show() {
    const text = isChanged(form) ? await inTurn(ask).catch(() => NO_ANSWER) : "";
    const page = new DOMParser().parseFromString(text, "text/html");
    live.replaceChildren(...page.body.childNodes);
    live.hidden = !text; // the button still shows everything
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "reason") return;
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  });
  form.addEventListener("submit", async (event) => {
    clearTimeout(waiting);
    if (asking) {
      event.preventDefault();
      await turn;
      form.requestSubmit(event.submitter);
      return;
    }
    unsaved.delete(form);
  });
});

// Last, so that a form counts as opened when all others have prepared it.
addEventListener("DOMContentLoaded", () => {
  preparers.push((form) => unsaved.set(form, form.querySelector(".errornote, .consequences") ? null : held(form)));
  prepareForms(document);
});
addEventListener("beforeunload", (event) => {
  if ([...unsaved.keys()].some(isChanged)) event.preventDefault();
});
// The browser shows a form again that was left by its save.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
