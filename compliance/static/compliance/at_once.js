// Answers a form while it is filled in: fetches the page that its button would open, and shows that page's answer.
const form = document.querySelector("form.ask");
let asked = new AbortController();
let waiting;

async function answer() {
  const values = [...new FormData(form)].filter(([, value]) => value);
  const address = `${form.action}?${new URLSearchParams(values)}`;
  asked.abort();
  asked = new AbortController();
  try {
    const response = await fetch(address, { signal: asked.signal });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of ["count", "answer"]) {
      document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
    }
    history.replaceState(null, "", address);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address); // that page says what is wrong
  }
}

form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(answer, 200);
});
