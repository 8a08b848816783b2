import { auth, outcomeOf, showDelivery } from "./auth.js";
import { parseMailLink, readMailLink } from "./client-mail.js";
import { byId } from "./dom.js";
import { handleForm } from "./forms.js";
import { openScreen } from "./screens.js";

// The page that links of mails lead to. A mail scanner opens it, runs this script and presses everything. So a link alone
// does nothing: this browser has asked for the mail, or a new password is typed.

// First of all: from here on the address of the page is no secret.
let found = readMailLink();

const OPENED = {
  async signup({ link }) {
    const { challengeToken } = auth.mail.pending("signup") ?? {};
    if (!challengeToken) return show("new-password");
    await finish(auth.mail.confirmSignup({ challengeToken, link }), "new-password");
  },
  async login({ link }) {
    const { challengeToken } = auth.mail.pending("login") ?? {};
    if (!challengeToken) return show("elsewhere");
    await finish(auth.mail.challenges.email({ challengeToken, link }), "elsewhere");
  },
  async email_verification({ link }) {
    if (auth.state() === "signed_out") return show("elsewhere");
    await finish(auth.mail.email.verify({ link }), "elsewhere");
  },
  password_reset: () => show("new-password"),
};

const DONE = {
  signup: ["Welcome", "Your email is confirmed, and you are signed in."],
  login: ["Welcome back", "Your email is confirmed, and you are signed in."],
  email_verification: ["Your email is verified", "Nothing else has changed."],
  password_reset: ["Your new password counts now", "All earlier sessions have ended. Sign in with it."],
};

const PASSWORD_LEADS = {
  signup:
    "This account was requested in another browser. Choose a new password here. The first one does not count.",
  password_reset: "It replaces your old one, and ends all your sessions.",
};

showDelivery();
handleForm(byId("new-password-form"), { send: sendPassword, done, atField: {} });
handleForm(byId("paste-form"), { send: readText, done: open });
byId("retry").addEventListener("click", open);
await open();

async function open() {
  byId("retry").hidden = true;
  if (!found || !Object.hasOwn(OPENED, found.purpose)) return show("paste");
  await OPENED[found.purpose](found);
}

/** Waits for an answer. After `invalid_code`, another browser has asked for the mail: `otherwise` says what goes on here. */
async function finish(call, otherwise) {
  const { ok, data, problem } = await outcomeOf(call);
  if (ok) return done(data);
  if (["invalid_code", "token_missing"].includes(problem.code)) return show(otherwise);
  byId("waiting-title").textContent = "That did not work";
  byId("waiting-text").textContent = problem.message;
  byId("retry").hidden = false;
  show("waiting");
}

function done(result) {
  // A gate of the library may require a second step; this page has none.
  const isIn = !result?.status || result.status === "signed_in";
  const [title, text] = isIn ? DONE[found.purpose] : ["Almost done", "Sign in, and take the second step."];
  byId("done-title").textContent = title;
  byId("done-text").textContent = text;
  show("done");
}

function sendPassword({ password }) {
  const { purpose, link } = found;
  const call = purpose === "signup" ? auth.mail.confirmSignup : auth.mail.password.reset;
  return outcomeOf(call({ link, password }));
}

function readText({ text }) {
  found = parseMailLink(text);
  if (found) return { ok: true };
  return {
    ok: false,
    problem: { errors: [{ path: "text", message: "This is not a line from one of our mails." }] },
  };
}

/** The page changes by itself while it loads, too. So the focus always says where its reader is. */
function show(screen) {
  if (screen === "new-password") byId("new-password-lead").textContent = PASSWORD_LEADS[found.purpose];
  openScreen(screen);
  byId(screen).querySelector("h1").focus();
}
