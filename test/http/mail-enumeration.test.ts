// Class: a route that mails, whose answers or work tell a stranger which addresses have an account (GoTrue
// over_email_send_rate_limit; Django CVE-2024-45231). Twelve states of an address, over HTTP, in both modes: equal in
// status, headers, body, hashes and store calls, in order. And equal again, whatever the mail server does meanwhile.
import type { AuthOptions, AuthStore, Mailer } from "sallyport";
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

interface Asked {
  readonly mode: Mode;
  readonly state: AccountState;
  readonly options?: Partial<AuthOptions>;
}

function stageOn(made: AuthStore, more: Partial<AuthOptions> = {}) {
  const { store, verbs } = countVerbs(made);
  const { hasher, calls: hashes } = countingHasher();
  const options = { store, password: { hasher }, limits };
  const before = makeAuth({ ...options, limits: { login: limits.login, signup: limits.signup } });
  const mail = makeMailAuth({ ...options, clock: before.clock, ...more });
  const stage: Stage = { store, before, mail };
  return { stage, verbs, hashes };
}

/** Everything that a stranger can ask about an address, in one order, and what each answer shows. */
async function askAll(made: AuthStore, { mode, state, options }: Asked): Promise<Record<string, Observed>> {
  const { stage, verbs, hashes } = stageOn(made, options);
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

const stateOf = (name: string): AccountState => ACCOUNT_STATES[name] as AccountState;
const UNKNOWN = stateOf("unknown");
const pendingSignup: AccountState["prepare"] = ({ mail }, email) => mail.ask(email);

type Send = (ended: Promise<void>) => Promise<void>;

const MAIL_SERVERS: Readonly<Record<string, Send>> = {
  "throws at once": () => {
    throw new TypeError("no mail server");
  },
  "is away": async () => {
    throw Object.assign(new TypeError("away"), { code: "ECONNECTION" });
  },
  "refuses the reader for good": async () => {
    throw Object.assign(new TypeError("550"), { permanent: true, code: "EENVELOPE", responseCode: 550 });
  },
  hangs: (ended) => ended,
};

/** A mailer that knows how many mails it was given. */
function counting(send: Send) {
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const mailer = {
    given: 0,
    send: () => {
      mailer.given++;
      begun.resolve();
      return send(ended.promise);
    },
  } satisfies Mailer & { given: number };
  return { mailer, end: ended.resolve, begun: begun.promise };
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(["bearer", "cookie"] as const)(
    "no answer tells the state of an account, in %s mode",
    async (mode) => {
      const first = await askAll(makeStore(), { mode, state: UNKNOWN });
      for (const [name, [status, hashes, verbs]] of Object.entries(COSTS))
        expect({ name, ...first[name] }).toMatchObject({ name, status, hashes, verbs });
      expect(Object.keys(first)).toEqual(Object.keys(COSTS));
      const states = Object.entries(ACCOUNT_STATES);
      expect(states.length).toBe(12);
      for (const [name, state] of states)
        expect({ name, ...(await askAll(makeStore(), { mode, state })) }).toEqual({ name, ...first });
    },
  );

  test.each(Object.entries(MAIL_SERVERS))("and none does while the mail server %s", async (_does, send) => {
    const first = await askAll(makeStore(), { mode: "bearer", state: UNKNOWN });
    for (const name of ["unknown", "active", "unverified", "disabled", "signup pending"]) {
      const store = makeStore();
      const { mailer, end, begun } = counting(send);
      let delivery: Promise<unknown> | undefined;
      // Between the first answers and the later ones, what waits is tried. It is no work of any request.
      const meanwhile: AccountState["meanwhile"] = async ({ mail: { clock } }) => {
        delivery = makeMailAuth({ store, clock, mailer }).auth.mail.deliver();
        await Promise.race([delivery, begun]);
      };
      const prepare = name === "signup pending" ? pendingSignup : stateOf(name).prepare;
      const options = { mailer };
      const observed = await askAll(store, { mode: "bearer", state: { prepare, meanwhile }, options });
      expect({ name, ...observed }).toEqual({ name, ...first });
      expect([name, mailer.given > 0]).toEqual([name, name !== "disabled"]);
      end();
      await delivery;
    }
  });
});
