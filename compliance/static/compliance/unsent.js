// Leaving a screen with text that was typed and not sent asks first, also where another form of it is sent.
let sent = null;
document.addEventListener("submit", (event) => { sent = event.target; });
addEventListener("beforeunload", (event) => {
  const typed = [...document.querySelectorAll("main textarea")];
  if (typed.some((field) => field.form !== sent && field.value !== field.defaultValue)) event.preventDefault();
  sent = null; // whoever stays may send something else
});
