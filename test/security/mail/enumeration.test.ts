// Class: a call about an address that answers, hashes or asks the store differently for different accounts, and so tells
// a stranger which addresses have one (GoTrue over_email_send_rate_limit; Django CVE-2024-45231).
import type { AuthStore } from "sallyport";
import { describe, expect, test } from "vitest";
import { countingHasher } from "../../support/counting-hasher.ts";
import { CLIENT, type Harness, makeAuth, PASSWORD, STORES, times } from "../../support/harness.ts";
import { countVerbs } from "../../support/intercept-store.ts";
import { type MailHarness, makeMailAuth, NEXT, noLimits } from "../../support/mailbox.ts";
import { userOf } from "../../support/security-change.ts";

const HERE = { ip: null };

interface Stage {
  readonly store: AuthStore;
  /** An instance without a mailer: its signups make accounts at once. */
  readonly before: Harness;
  readonly mail: MailHarness;
}

type Prepare = (stage: Stage, email: string) => Promise<unknown>;

const signUp: Prepare = ({ before }, email) => before.auth.signup({ email, password: PASSWORD }, CLIENT);
const idOf = async ({ store }: Stage, email: string) => (await userOf(store, email)).id;

const verified: Prepare = async ({ before, store }, email) => {
  await signUp({ before, store } as Stage, email);
  const { id, epoch, createdAt } = await userOf(store, email);
  await store.users.verify(id, epoch, createdAt);
};

async function withoutPassword(stage: Stage, email: string): Promise<void> {
  await verified(stage, email);
  const userId = await idOf(stage, email);
  for (const { id } of await stage.store.credentials.list(userId, "password"))
    await stage.store.credentials.remove(userId, id);
}

/** Each state in which an address can be when a stranger asks. */
const STATES: Readonly<Record<string, Prepare>> = {
  unknown: async () => {},
  active: verified,
  unverified: signUp,
  disabled: async (stage, email) => {
    await verified(stage, email);
    await stage.before.auth.users.disable(await idOf(stage, email));
  },
  passwordless: withoutPassword,
  deleting: async (stage, email) => {
    await verified(stage, email);
    const { id, epoch, createdAt } = await userOf(stage.store, email);
    await stage.store.users.change(id, epoch, { status: "deleting", deleteAfter: createdAt, at: createdAt });
  },
  deleted: async (stage, email) => {
    await verified(stage, email);
    await stage.before.auth.users.delete(await idOf(stage, email));
  },
  pending: async ({ mail }, email) => {
    await mail.ask(email);
    await mail.arrive();
  },
  "over its budget": async (stage, email) => {
    await verified(stage, email);
    for (const _ of times(4, Number)) {
      await stage.mail.ask(email);
      await stage.mail.auth.password.requestReset({ email }, HERE);
    }
    await stage.mail.arrive();
  },
};

/** What happens to a proof between the ask and the wrong answer. */
const MEANWHILE: Readonly<Record<string, Prepare>> = {
  nothing: async () => {},
  delivered: ({ mail }) => mail.arrive(),
  "used by the owner": async ({ mail }) => {
    const newest = (await mail.arrive()).find(({ kind }) => kind === "password_reset");
    if (newest) await mail.auth.password.reset({ link: newest.link, password: NEXT }, HERE);
  },
  "the user was deleted": async (stage, email) => {
    await stage.mail.arrive();
    const record = await stage.store.users.findForLogin(email);
    if (record) await stage.before.auth.users.delete(record.user.id);
  },
  "the user was disabled": async (stage, email) => {
    await stage.mail.arrive();
    const record = await stage.store.users.findForLogin(email);
    if (record?.user.status === "active") await stage.before.auth.users.disable(record.user.id);
  },
};

const { mail: _mail, proof: _proof, ...others } = noLimits;

function watched(makeStore: () => AuthStore) {
  const { store, verbs } = countVerbs(makeStore());
  const { hasher, calls: hashes } = countingHasher();
  const before = makeAuth({ store, password: { hasher }, limits: others });
  const limits = { ...others, mail: { address: false }, proof: { address: false } } as const;
  const mail = makeMailAuth({ store, clock: before.clock, password: { hasher }, limits });
  const watch = async (call: () => Promise<unknown>) => {
    verbs.length = 0;
    hashes.length = 0;
    const answer = await call().then(shapeOf, (error) => ({ ...error, message: error.message }));
    return { answer, verbs: [...verbs], hashes: [...hashes] };
  };
  return { stage: { store, before, mail }, watch };
}

/** The answer, with the length of each text in its place. */
function shapeOf(answer: unknown): object {
  const entries = Object.entries(Object(answer));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, name === "challengeToken" ? String(value).length : value]),
  );
}

const addressOf = (state: string): string => `${state.replaceAll(" ", "-")}@example.com`;

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each([
    ["signup", ["begin", "proofs.open", "outbox.put", "events.append", "commit"], ["hash"]],
    ["reset", ["begin", "proofs.open", "outbox.put", "events.append", "commit"], []],
  ])("%s costs and answers the same in every state", async (route, verbs, hashes) => {
    const { stage, watch } = watched(makeStore);
    const { auth, rawSignup } = stage.mail;
    const lengths = new Set<unknown>();
    for (const [state, prepare] of Object.entries(STATES)) {
      const email = addressOf(state);
      await prepare(stage, email);
      const seen = await watch(() =>
        route === "signup"
          ? rawSignup({ email, password: PASSWORD }, HERE)
          : auth.password.requestReset({ email }, HERE),
      );
      lengths.add((seen.answer as { challengeToken: unknown }).challengeToken);
      expect({ state, ...seen }).toEqual({
        state,
        verbs,
        hashes,
        answer: { status: "check_email", challengeToken: expect.any(Number), expiresAt: expect.any(Date) },
      });
    }
    expect(lengths.size).toBe(1);
  });

  test("a resend, and each wrong answer, cost and answer the same whatever became of account and proof", async () => {
    const seen = new Map<string, unknown>();
    for (const [state, prepare] of Object.entries(STATES)) {
      for (const [meanwhile, happen] of Object.entries(MEANWHILE)) {
        const { stage, watch } = watched(makeStore);
        const { auth } = stage.mail;
        const email = "someone@example.com";
        await prepare(stage, email);
        const { challengeToken } = await auth.password.requestReset({ email }, HERE);
        const signup = await stage.mail.ask(email);
        await happen(stage, email);
        const wrong = { challengeToken, code: "not a code", password: PASSWORD };
        const calls = {
          resend: () => auth.mail.resend({ challengeToken }, HERE),
          "wrong code of a reset": () => auth.password.reset(wrong, HERE),
          "wrong code of a signup": () =>
            auth.confirmSignup({ challengeToken: signup.challengeToken, code: "000" }, HERE),
        };
        for (const [name, call] of Object.entries(calls)) {
          const now = await watch(call);
          seen.set(name, seen.get(name) ?? now);
          expect({ state, meanwhile, name, ...now }).toEqual({
            state,
            meanwhile,
            name,
            ...(seen.get(name) as object),
          });
        }
      }
    }
    expect(seen.get("resend")).toMatchObject({
      verbs: ["begin", "outbox.put", "events.append", "commit"],
      answer: { status: "check_email" },
    });
    for (const name of ["wrong code of a reset", "wrong code of a signup"])
      expect(seen.get(name)).toMatchObject({
        verbs: ["proofs.find", "proofs.countAttempt", "events.append"],
        hashes: [],
        answer: { code: "invalid_code", status: 422, message: "The code or link is wrong, used or too old." },
      });
  });

  test("no event of a public call names a user, before the mail is answered", async () => {
    const { stage } = watched(makeStore);
    const { auth, sink } = stage.mail;
    const email = "active@example.com";
    await verified(stage, email);
    const { challengeToken } = await auth.password.requestReset({ email }, HERE);
    await stage.mail.ask(email);
    await auth.mail.resend({ challengeToken }, HERE);
    const wrong = { challengeToken, code: "1", password: PASSWORD };
    await auth.password.reset(wrong, HERE).catch(() => {});
    expect(sink.events.map(({ type, outcome, userId }) => [type, outcome, userId])).toEqual([
      ["request_password_reset", "challenged", null],
      ["signup", "challenged", null],
      ["resend_mail", "challenged", null],
      ["reset_password", "failure", null],
    ]);
    for (const { attemptedEmail } of sink.events) expect(attemptedEmail).toMatch(/^hmac:/);
  });
});
