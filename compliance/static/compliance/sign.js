// Asks for the passkey's signature of what a form decides, and sends it with the form.
for (const form of document.querySelectorAll("form[data-sign]")) {
  const button = form.querySelector("input[type=submit]");
  const fault = form.querySelector("[role=alert]");

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true; // a second request would end the first
    fault.hidden = true;
    try {
      const signature = await webauthnJSON.get(JSON.parse(form.dataset.sign));
      form.elements.assertion.value = JSON.stringify(signature);
    } catch {
      fault.hidden = false;
      button.disabled = false;
      return;
    }
    form.submit(); // the button stays off: a second click would send the decision twice
  });

  // Whoever comes back gets the page as they left it.
  window.addEventListener("pageshow", () => {
    button.disabled = false;
  });
}
