import { describeWait } from "./describe.js";
import { alertIn, make } from "./dom.js";

/**
 * Sends a form with `send(values)`. A problem is shown at the fields that it names, at the field that `atField` has
 * for its code (`{ name, message }`), or above the form. After a success, the form is emptied and `done(data, values)`
 * is called.
 */
export function handleForm(form, { send, done, atField = {} }) {
  for (const button of form.querySelectorAll(".reveal")) revealPassword(button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    // Not `disabled`, which would silently remove the focus.
    if (button.getAttribute("aria-disabled") === "true") return;
    clearProblems(form);
    hidePasswords(form);
    button.setAttribute("aria-disabled", "true");
    const values = Object.fromEntries(new FormData(form));
    const { ok, data, problem } = await send(values);
    button.removeAttribute("aria-disabled");
    if (problem) showProblem(form, problem, atField[problem.code]);
    if (!ok) return;
    form.reset();
    await done(data, values);
  });
}

/** Empties a form and removes its errors. */
export function resetForm(form) {
  form.reset();
  clearProblems(form);
  hidePasswords(form);
}

function showProblem(form, problem, place) {
  const errors = [...(problem.errors ?? [])];
  if (place) errors.push({ path: place.name, message: place.message ?? problem.message });
  for (const { path, message } of errors) {
    const input = form.elements.namedItem(path);
    if (input) addFieldError(input, message);
  }
  const firstInvalid = form.querySelector("[aria-invalid]");
  if (!firstInvalid) alertIn(form.querySelector(".alert"), problem.message);
  if (problem.code === "rate_limited") holdBack(form, problem.retryAfterSeconds);
  (firstInvalid ?? form.querySelector("[type=password]") ?? form.querySelector("input")).focus();
}

function addFieldError(input, message) {
  const list = document.getElementById(`${input.id}-errors`);
  list.append(make("li", { textContent: message }));
  list.hidden = false;
  input.setAttribute("aria-invalid", "true");
}

function clearProblems(form) {
  alertIn(form.querySelector(".alert"), null);
  for (const list of form.querySelectorAll(".errors")) {
    list.replaceChildren();
    list.hidden = true;
  }
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

/** The server refuses until this time: the button counts down and stays blocked. */
function holdBack(form, seconds) {
  const alert = form.querySelector(".alert");
  const button = form.querySelector("[type=submit]");
  const label = button.textContent;
  const end = Date.now() + seconds * 1000;
  // A screen reader reads the alert once; the button counts visibly.
  const message = `Too many attempts. You can try again in ${describeWait(seconds)}.`;
  alertIn(alert, message);
  button.setAttribute("aria-disabled", "true");
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.textContent = left > 0 ? `Wait ${describeWait(left)}` : label;
    if (left > 0) return;
    clearInterval(timer);
    button.removeAttribute("aria-disabled");
    if (alert.textContent === message) alertIn(alert, null);
  };
  const timer = setInterval(tick, 250);
  tick();
}

function revealPassword(button) {
  button.addEventListener("click", () => {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    setRevealed(button, input, input.type === "password");
    input.focus();
  });
}

// A password manager reads from a password field, and no person nearby should read the password.
function hidePasswords(form) {
  for (const button of form.querySelectorAll(".reveal")) {
    setRevealed(button, document.getElementById(button.getAttribute("aria-controls")), false);
  }
}

function setRevealed(button, input, revealed) {
  const name = button.dataset.of ?? "password";
  input.type = revealed ? "text" : "password";
  button.textContent = revealed ? "Hide" : "Show";
  button.setAttribute("aria-label", `${revealed ? "Hide" : "Show"} ${name}`);
}
