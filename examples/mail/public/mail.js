import { parseMailLink, readMailLink } from "/client-mail.js";
import { attempt, client, onSubmit, say, show } from "./shared.js";

// First of all: from here on the address of the page is no secret.
let found = readMailLink();

function done(text) {
  say(text);
  show("done");
}

/** What the link alone cannot do, and a new password beside it can. */
function askForPassword() {
  show("password");
}

const OPENED = {
  async signup({ link }, challengeToken) {
    if (challengeToken === undefined) return askForPassword();
    await client.mail.confirmSignup({ challengeToken, link });
    done("Welcome. Your address is verified.");
  },
  async login({ link }, challengeToken) {
    if (challengeToken === undefined) return show("elsewhere");
    await client.mail.challenges.email({ challengeToken, link });
    done("You are signed in.");
  },
  async email_verification({ link }) {
    if (client.state() === "signed_out") return show("elsewhere");
    await client.mail.email.verify({ link });
    done("Your address is verified.");
  },
  password_reset: askForPassword,
};

/** In another browser than the one that asked: what goes on there. */
function otherBrowser({ code }) {
  const isOther = ["invalid_code", "token_missing"].includes(code) && found.purpose !== "password_reset";
  if (isOther && found.purpose === "signup") askForPassword();
  else if (isOther) show("elsewhere");
  return isOther;
}

function open() {
  if (!found || !Object.hasOwn(OPENED, found.purpose)) return show("paste");
  const { challengeToken } = client.mail.pending(found.purpose) ?? {};
  return attempt(() => OPENED[found.purpose](found, challengeToken), otherBrowser);
}

onSubmit("new-password", async ({ password }) => {
  const { purpose, link } = found;
  if (purpose === "signup") {
    await client.mail.confirmSignup({ link, password });
    return done("Welcome. Your address is verified.");
  }
  await client.mail.password.reset({ link, password });
  done("Your new password counts now. Sign in with it.");
});

onSubmit("token", async ({ text }) => {
  found = parseMailLink(text);
  if (found) await open();
  else say("This is not a line from one of our mails.");
});

await open();
