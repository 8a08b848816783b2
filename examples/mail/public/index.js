import { attempt, byId, client, onSubmit, say, show } from "./shared.js";

/** The mail that this page waits for: its purpose, and the challenge that this browser keeps. */
let waiting = null;

function waitFor(purpose, { challengeToken }) {
  waiting = { purpose, challengeToken };
  const isReset = purpose === "password_reset";
  byId("new-password").hidden = !isReset;
  byId("new-password").querySelector("input").required = isReset;
  byId("code").reset();
  show("asked");
}

async function enter() {
  const { user } = await client.me();
  byId("who").textContent = user.email;
  byId("verified").textContent = user.emailVerified
    ? "This address is verified."
    : "This address is not verified yet.";
  byId("verify").hidden = user.emailVerified;
  show("inside");
}

onSubmit("sign-up", async (typed) => {
  const result = await client.signup(typed);
  if (result.status !== "check_email") return enter();
  client.mail.keep("signup", result);
  waitFor("signup", result);
});

onSubmit("sign-in", async (typed) => {
  const result = await client.login(typed);
  if (result.status === "signed_in") return enter();
  client.mail.keep("login", result);
  waitFor("login", result);
});

onSubmit("forgot", async ({ email }) =>
  waitFor("password_reset", await client.mail.password.requestReset({ email })),
);

const ANSWERS = {
  signup: ({ code }, challengeToken) => client.mail.confirmSignup({ challengeToken, code }),
  login: ({ code }, challengeToken) => client.mail.challenges.email({ challengeToken, code }),
  email_verification: ({ code }, challengeToken) => client.mail.email.verify({ challengeToken, code }),
  password_reset: ({ code, password }, challengeToken) =>
    client.mail.password.reset({ challengeToken, code, password }),
};

onSubmit("code", async (typed) => {
  const { purpose, challengeToken } = waiting;
  await ANSWERS[purpose](typed, challengeToken);
  if (purpose !== "password_reset") return enter();
  show("outside");
  say("Your new password counts now. Sign in with it.");
});

byId("again").addEventListener("click", () =>
  attempt(async () => {
    await client.mail.resend(waiting);
    say("The mail is on its way again.");
  }),
);
byId("back").addEventListener("click", () => show("outside"));
byId("verify").addEventListener("click", () =>
  attempt(async () => waitFor("email_verification", await client.mail.email.requestVerification())),
);
byId("sign-out").addEventListener("click", () =>
  attempt(async () => {
    await client.logout();
    show("outside");
  }),
);

await attempt(enter, () => {
  show("outside");
  return true;
});
