import { auth } from "./auth.js";
import { announce, byId } from "./dom.js";
import { handleForm, resetForm } from "./forms.js";

// Verifies the email of a signed-in user: of an account from before the server had mail.

let room;
/** The challenge of the mail that was asked for. */
let challengeToken = null;

export function wireVerify(wired) {
  room = wired;
  byId("verify-ask").addEventListener("click", askForMail);
  handleForm(byId("verify-form"), {
    send: ({ code }) => room.ask(auth.mail.email.verify({ challengeToken, code })),
    done: showVerified,
    atField: { invalid_code: { name: "code" } },
  });
}

export function showVerify({ emailVerified }) {
  byId("verify").hidden = !auth.mail || emailVerified;
}

export function emptyVerify() {
  challengeToken = null;
  byId("verify").hidden = true;
  byId("verify-form").hidden = true;
  resetForm(byId("verify-form"));
}

async function askForMail() {
  const { ok, data } = await room.askAloud(auth.mail.email.requestVerification());
  if (!ok) return;
  ({ challengeToken } = data);
  byId("verify-form").hidden = false;
  announce("The mail is on its way.");
  byId("verify-code").focus();
}

async function showVerified(current) {
  emptyVerify();
  room.showMe(current);
  byId("me-heading").focus();
  announce("Your email is verified.");
  await room.trailChanged();
}
