import { createAuthClient, isAuthProblem } from "/client.js";
import { mail } from "/client-mail.js";

export const client = createAuthClient({ transport: "cookie", features: { mail: mail() } });

/** The element with this id. It must exist. */
export function byId(id) {
  return document.getElementById(id);
}

export function show(...ids) {
  for (const { id, hidden } of document.querySelectorAll("main > section")) {
    if (ids.includes(id) === hidden) byId(id).hidden = !hidden;
  }
}

export function say(text, isRefusal = false) {
  byId("status").textContent = text;
  byId("status").classList.toggle("refusal", isRefusal);
}

const WORDS = {
  invalid_code: "The code or link is wrong, used or too old.",
  invalid_credentials: "Email or password is wrong.",
  rate_limited: "Too many attempts. Try again in a minute.",
};

/** Does something for a form, and says what was refused. `told` may take a refusal itself: it answers whether it did. */
export async function attempt(work, told = () => false) {
  say("");
  try {
    await work();
  } catch (error) {
    if (!isAuthProblem(error)) throw error;
    if (!told(error)) say(WORDS[error.code] ?? error.errors?.[0]?.message ?? error.message, true);
  }
}

export function onSubmit(id, work, told) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    return attempt(() => work(Object.fromEntries(new FormData(event.target))), told);
  });
}
