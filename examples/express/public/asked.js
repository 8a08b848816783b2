import { auth, outcomeOf } from "./auth.js";
import { alertIn, byId } from "./dom.js";
import { handleForm, resetForm } from "./forms.js";
import { openScreen } from "./screens.js";

// The way through a mail: the screen that asks for one, and the screen that takes its code. Its link leads to /mail.

const LEADS = {
  signup: (email) => `We sent a mail to ${email}. Type its code here, or open its link.`,
  login: (email) =>
    `Your email was never confirmed. We sent a mail to ${email}. Type its code here, or open its link.`,
  password_reset: (email) =>
    `If ${email} has an account, a mail is on its way. Type its code and a new password here, or open its link.`,
};

const ANSWERS = {
  signup: ({ code, challengeToken }) => auth.mail.confirmSignup({ challengeToken, code }),
  login: ({ code, challengeToken }) => auth.mail.challenges.email({ challengeToken, code }),
  password_reset: (proof) => auth.mail.password.reset(proof),
};

const RESET = "Your new password counts now, and all earlier sessions have ended. Sign in with it.";

/** The mail that this page waits for, with the challenge that this browser keeps: `{ purpose, challengeToken, email }`. */
let waiting = null;
let door;

/** `goOn(result, input)` takes the next answer of a sign-in; `toDoor(options)` leads back. */
export function wireAsked(wired) {
  door = wired;
  byId("forgot-open").addEventListener("click", openForgot);
  for (const id of ["forgot-back", "asked-back"]) byId(id).addEventListener("click", () => door.toDoor());
  byId("asked-again").addEventListener("click", sendAgain);
  handleForm(byId("forgot-form"), {
    send: (input) => outcomeOf(auth.mail.password.requestReset(input)),
    done: (sent, { email }) => waitForMail("password_reset", sent, email),
  });
  handleForm(byId("asked-form"), {
    send: answer,
    done: goOn,
    atField: { invalid_code: { name: "code" } },
  });
}

/** Opens the screen that waits for a mail. The page that its link opens in this browser finds the challenge. */
export function waitForMail(purpose, { challengeToken, expiresAt }, email) {
  emptyAsked();
  auth.mail.keep(purpose, { challengeToken, expiresAt });
  waiting = { purpose, challengeToken, email };
  byId("asked-lead").textContent = LEADS[purpose](email);
  byId("asked-owner").value = email; // password managers need the user name
  byId("asked-new-password").hidden = purpose !== "password_reset";
  openScreen("asked");
}

/** Removes what was typed, and what a mail was asked for. */
export function emptyAsked() {
  waiting = null;
  for (const id of ["forgot-form", "asked-form"]) resetForm(byId(id));
  byId("asked-lead").textContent = "";
  alertIn(byId("asked-said"), null);
}

function openForgot() {
  const { value } = byId("sign-in-email");
  emptyAsked();
  byId("forgot-email").value = value;
  openScreen("forgot");
}

function answer({ code, password }) {
  alertIn(byId("asked-said"), null);
  const { purpose, challengeToken } = waiting;
  return outcomeOf(ANSWERS[purpose]({ challengeToken, code, password }));
}

function goOn(result) {
  if (waiting?.purpose === "password_reset") door.toDoor({ notice: RESET, isGood: true });
  else if (waiting) door.goOn(result, waiting);
}

async function sendAgain() {
  const { challengeToken } = waiting;
  alertIn(byId("asked-said"), null);
  alertIn(byId("asked-alert"), null);
  const { ok, problem } = await outcomeOf(auth.mail.resend({ challengeToken }));
  if (waiting?.challengeToken !== challengeToken) return; // the user has left
  if (ok) alertIn(byId("asked-said"), "The mail is on its way again. It has the same code.");
  else alertIn(byId("asked-alert"), problem.message);
}
