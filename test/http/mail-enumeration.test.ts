// Class: a route that mails, whose answers or work tell a stranger which addresses have an account (GoTrue
// over_email_send_rate_limit; Django CVE-2024-45231). Twelve states of an address, over HTTP, in both modes: equal in
// status, headers, body, hashes and store calls, in order.
import type { AuthStore } from "sallyport";
import { createHandler } from "sallyport/http";
import { describe, expect, test } from "vitest";
import { ACCOUNT_STATES, type AccountState, type Stage } from "../support/account-states.ts";
import { CALLER, cookieHandler, ORIGIN } from "../support/cookies.ts";
import { countingHasher } from "../support/counting-hasher.ts";
import { makeAuth, PASSWORD, STORES } from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";
import { makeMailAuth, noLimits, serving } from "../support/mailbox.ts";

const EMAIL = "someone@example.com";
const ASKED = ["begin", "proofs.open", "outbox.put", "events.append", "commit"];
const GUESSED = ["proofs.find", "proofs.countAttempt", "events.append"];

/** What each call costs, and its status. */
const COSTS: Readonly<Record<string, readonly [status: number, hashes: number, verbs: readonly string[]]>> = {
  "a sign-up": [202, 1, ASKED],
  "a reset": [202, 0, ASKED],
  "a mail again": [202, 0, ["begin", "outbox.put", "events.append", "commit"]],
  "a wrong code of the reset": [422, 0, GUESSED],
  "a wrong code of the sign-up": [422, 0, GUESSED],
  "a code at the route of another mail": [422, 0, ["events.append"]],
  "a link that was made up": [422, 0, ["proofs.find", "events.append"]],
  "a sign-in": [401, 1, ["users.findForLogin", "events.append"]],
};

interface Observed {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** With the length of each token in its place. */
  readonly body: unknown;
  readonly length: number;
  /** How many: an unknown account has no hash to compare, and costs a new one. */
  readonly hashes: number;
  readonly verbs: readonly string[];
}

type Mode = "bearer" | "cookie";

/** The rules of a client's address stay: their headers are compared, too. */
const limits = {
  ...noLimits,
  login: { ...noLimits.login, address: "50/1m" },
  signup: { ...noLimits.signup, address: "50/1m" },
  mail: { address: "50/1m" },
  proof: { address: "50/1m" },
} as const;

function stageOn(made: AuthStore) {
  const { store, verbs } = countVerbs(made);
  const { hasher, calls: hashes } = countingHasher();
  const options = { store, password: { hasher }, limits };
  const before = makeAuth({ ...options, limits: { login: limits.login, signup: limits.signup } });
  const mail = makeMailAuth({ ...options, clock: before.clock });
  const stage: Stage = { store, before, mail };
  return { stage, verbs, hashes };
}

/** Everything that a stranger can ask about an address, in one order, and what each answer shows. */
async function askAll(mode: Mode, state: AccountState, made: AuthStore): Promise<Record<string, Observed>> {
  const { stage, verbs, hashes } = stageOn(made);
  const { auth } = serving(stage.mail);
  const handler = mode === "bearer" ? createHandler(auth) : cookieHandler(auth);
  const observed: Record<string, Observed> = {};
  const ask = async (name: string, path: string, body: object): Promise<string> => {
    verbs.length = 0;
    hashes.length = 0;
    const headers = { origin: ORIGIN, "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await handler(new Request(`${ORIGIN}/auth${path}`, init), CALLER);
    const text = await answer.text();
    const { challengeToken = "", ...rest } = JSON.parse(text) as { challengeToken?: string };
    observed[name] = {
      status: answer.status,
      headers: [...answer.headers],
      body: { ...rest, challengeToken: challengeToken.length },
      length: text.length,
      hashes: hashes.length,
      verbs: [...verbs],
    };
    return challengeToken;
  };
  await state.prepare(stage, EMAIL);
  const signup = await ask("a sign-up", "/signup", { email: EMAIL, password: PASSWORD });
  const reset = await ask("a reset", "/password/reset", { email: EMAIL });
  await state.meanwhile?.(stage, EMAIL);
  const guess = { code: "not it" };
  await ask("a mail again", "/email/resend", { challengeToken: reset });
  const wrong = { ...guess, challengeToken: reset, password: PASSWORD };
  await ask("a wrong code of the reset", "/password/reset/confirm", wrong);
  await ask("a wrong code of the sign-up", "/signup/confirm", { ...guess, challengeToken: signup });
  await ask("a code at the route of another mail", "/challenges/email", { ...guess, challengeToken: reset });
  // It names the proof, which is known to the one who asked.
  const id = Buffer.from(reset, "base64url").subarray(0, 17);
  const link = Buffer.concat([id, Buffer.alloc(32)]).toString("base64url");
  await ask("a link that was made up", "/password/reset/confirm", { link, password: PASSWORD });
  await ask("a sign-in", "/login", { email: EMAIL, password: "Wrong1password" });
  return observed;
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(["bearer", "cookie"] as const)(
    "no answer tells the state of an account, in %s mode",
    async (mode) => {
      const first = await askAll(mode, ACCOUNT_STATES["unknown"] as AccountState, makeStore());
      for (const [name, [status, hashes, verbs]] of Object.entries(COSTS))
        expect({ name, ...first[name] }).toMatchObject({ name, status, hashes, verbs });
      expect(Object.keys(first)).toEqual(Object.keys(COSTS));
      const states = Object.entries(ACCOUNT_STATES);
      expect(states.length).toBe(12);
      for (const [state, steps] of states)
        expect({ state, ...(await askAll(mode, steps, makeStore())) }).toEqual({ state, ...first });
    },
  );
});
