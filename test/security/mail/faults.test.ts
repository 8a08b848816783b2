// Class: a fault in the middle of a confirmation that leaves it half done, or that uses up the mail for nothing.
import type { AuthStore } from "sallyport";
import { describe, expect, test } from "vitest";
import { readTicket } from "../../../src/kit/proofs/ticket.ts";
import { faultyPorts } from "../../support/faulty-ports.ts";
import { codeOf, EMAIL, makeAuth, NOON, PASSWORD, STORES } from "../../support/harness.ts";
import { type MailHarness, makeMailAuth, NEXT } from "../../support/mailbox.ts";

const HERE = { ip: null };
const EVE = "eve@example.com";
const ada = { email: EMAIL, password: PASSWORD };

interface Prepared {
  readonly call: () => Promise<unknown>;
  /** Of the mail that the call confirms. */
  readonly challengeToken?: string;
}

interface Subject {
  readonly mail: MailHarness;
  /** The access token of Ada, whose address is not verified. */
  readonly accessToken: string;
}

type Prepare = (subject: Subject) => Promise<Prepared>;

async function signupAsked({ mail }: Subject) {
  const { challengeToken } = await mail.ask(EVE);
  return { challengeToken, ...(await newest(mail)) };
}

async function newest(mail: MailHarness) {
  const { link = "", code = "" } = (await mail.arrive()).at(-1) ?? {};
  return { link, code };
}

/** Each call that asks for a mail or answers one. */
const CALLS: Readonly<Record<string, Prepare>> = {
  "signup that asks for a mail": async ({ mail }) => ({
    call: () => mail.rawSignup({ email: EVE, password: PASSWORD }, HERE),
  }),
  "confirmSignup by the code": async (subject) => {
    const { challengeToken, code } = await signupAsked(subject);
    return { challengeToken, call: () => subject.mail.auth.confirmSignup({ challengeToken, code }, HERE) };
  },
  "confirmSignup by the link": async (subject) => {
    const { challengeToken, link } = await signupAsked(subject);
    return { challengeToken, call: () => subject.mail.auth.confirmSignup({ link, password: NEXT }, HERE) };
  },
  "password.requestReset": async ({ mail: { auth } }) => ({
    call: () => auth.password.requestReset({ email: EMAIL }, HERE),
  }),
  "password.reset": async ({ mail }) => {
    const { challengeToken } = await mail.auth.password.requestReset({ email: EMAIL }, HERE);
    const { link } = await newest(mail);
    return { challengeToken, call: () => mail.auth.password.reset({ link, password: NEXT }, HERE) };
  },
  "challenges.email": async ({ mail }) => {
    const { challengeToken } = (await mail.auth.login(ada, HERE)) as unknown as { challengeToken: string };
    const { link } = await newest(mail);
    return { challengeToken, call: () => mail.auth.challenges.email({ challengeToken, link }, HERE) };
  },
  "login that waits for a mail": async ({ mail: { auth } }) => ({ call: () => auth.login(ada, HERE) }),
  "email.requestVerification": async ({ mail: { auth }, accessToken }) => ({
    call: () => auth.email.requestVerification(accessToken, HERE),
  }),
  "email.verify": async ({ mail, accessToken }) => {
    const { challengeToken } = await mail.auth.email.requestVerification(accessToken, HERE);
    const { code } = await newest(mail);
    const proof = { challengeToken, code };
    return { challengeToken, call: () => mail.auth.email.verify(accessToken, proof, HERE) };
  },
  "mail.resend": async ({ mail: { auth } }) => {
    const { challengeToken } = await auth.password.requestReset({ email: EMAIL }, HERE);
    return { call: () => auth.mail.resend({ challengeToken }, HERE) };
  },
};

const PURPOSES = ["signup", "password_reset", "login", "email_verification"] as const;

/** Accounts, sessions, waiting mail, and whether the proof is used. */
async function observe(inner: AuthStore, { ctx }: MailHarness, challengeToken = ""): Promise<unknown> {
  const records = await Promise.all([EMAIL, EVE].map((email) => inner.users.findForLogin(email)));
  const users = records.flatMap((record) => (record ? [record.user] : []));
  const ticket = PURPOSES.map((purpose) => readTicket(ctx, purpose, challengeToken)).find(Boolean);
  return {
    records,
    sessions: await Promise.all(users.map(({ id }) => inner.sessions.listLive(id, new Date(NOON), 100))),
    usedAt: ticket ? (await inner.proofs.find(ticket.id, new Date(NOON)))?.usedAt : undefined,
    waits: await inner.outbox.oldest(new Date("2999-01-01")),
  };
}

function codeOfFault(step: string): string {
  return /^(?:hasher|hooks)\./.test(step) ? "internal_error" : "unavailable";
}

/** A signup asks this hook after its commit: the account is there, and its owner signs in. */
const isAfterTheCommit = (name: string, step: string): boolean =>
  name.startsWith("confirmSignup") && step === "hooks.claims";

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(Object.entries(CALLS))(
    "%s: a fault at each step changes nothing, and passes",
    async (name, prepare) => {
      const reached = new Set<string>();
      for (let at = 1; ; at++) {
        const inner = makeStore();
        const { accessToken } = await makeAuth({ store: inner, hooks: { claims: () => ({}) } }).auth.signup(
          ada,
          HERE,
        );
        const ports = faultyPorts(inner);
        const mail = makeMailAuth({ ...ports.options, limits: {} });
        const { call, challengeToken } = await prepare({ mail, accessToken });
        const before = await observe(inner, mail, challengeToken);
        mail.errors.length = 0;
        ports.failAt(at);
        const outcome = await codeOf(call());
        if (ports.seen.length < at) break; // past the last step
        const step = ports.seen[at - 1] as string;
        reached.add(step.split(".")[0] as string);
        expect(mail.errors).toHaveLength(1);
        ports.failAt(Number.POSITIVE_INFINITY);
        if (outcome === "fulfilled") {
          // A notice does not wait for the limiter.
          expect(["password.reset", "challenges.email"]).toContain(name);
          expect(step).toBe("limiter.consume");
          continue;
        }
        expect({ at, step, outcome }).toEqual({ at, step, outcome: codeOfFault(step) });
        if (isAfterTheCommit(name, step)) continue;
        expect(await observe(inner, mail, challengeToken)).toEqual(before);
        // The cause is gone: the same call works.
        expect({ at, step, again: await codeOf(call()) }).toEqual({ at, step, again: "fulfilled" });
      }
      expect(reached).toContain("events");
      expect(reached).toContain("commit");
    },
  );
});
