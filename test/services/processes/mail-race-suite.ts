import type { SignedIn, SignupResult } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { capturingMailer } from "sallyport/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { UserId } from "../../../src/domain/ids.ts";
import type { AuthStore } from "../../../src/ports/auth-store.ts";
import { newId } from "../../../src/testing/store/samples.ts";
import { createDatabase, type TestDatabase } from "../../support/databases.ts";
import { type CallerProcesses, type Callers, callersHere, startProcesses } from "./callers.ts";
import { mailingOver } from "./mail-orders.ts";
import { type RaceOptions, tally } from "./race-suite.ts";

const ROUNDS = [1, 2, 3, 4];
const HERE = { ip: null };
const FIRST = "Correct1horse";
const NEXT = "Another2staple";
const THIRD = "Third3password";
const ONE = { true: 1, invalid_code: 49 };

/** 50 callers at the same moment, from two processes, with mails in their hands: whole calls of the library. */
export function mailRaceSuite({ kind, itself = false }: RaceOptions): void {
  let database: TestDatabase;
  let processes: CallerProcesses | undefined;
  let callers: Callers;
  let store: AuthStore;

  beforeAll(async () => {
    database = await createDatabase(kind);
    await migrate(database.db);
    store = kyselyStore(database.db, { maxWaitMs: 60_000 });
    if (kind === "pglite") callers = callersHere({ store, db: database.db }, [2, 25]);
    else {
      callers = processes = await startProcesses(2);
      await processes.open({ database: database.ref, itself }, 25);
    }
  });
  afterAll(async () => {
    await callers?.close();
    await database?.drop();
  });

  const mailer = capturingMailer();
  const here = () => mailingOver(store, mailer);
  const newEmail = () => `${newId()}@example.com`;
  const rounds = (name: string, run: () => Promise<void>): void => {
    test(name, async () => {
      for (const _ of ROUNDS) await run();
    });
  };

  /** Asks for a mail, and reads its link. */
  async function mailed(asked: Promise<unknown>) {
    const { challengeToken } = (await asked) as { readonly challengeToken: string };
    mailer.clear();
    await here().mail.deliver();
    // Notices wait beside it. They have no link.
    const links = mailer.all.flatMap((mail) => mail.link?.split(".").slice(-1) ?? []);
    expect(links).toHaveLength(1);
    return { challengeToken, link: links[0] as string };
  }
  const reset = (email: string) => mailed(here().password.requestReset({ email }, HERE));
  const signup = (email: string, password: string) => mailed(here().signup({ email, password }, HERE));

  async function open(email = newEmail()): Promise<SignedIn & { readonly email: string }> {
    const entered: SignupResult = await here().confirmSignup(await signup(email, FIRST), HERE);
    if (entered.status !== "signed_in") throw new TypeError(entered.status);
    return { ...entered, email };
  }

  /** An account of before: its address was never proven. */
  async function unproven(): Promise<SignedIn & { readonly email: string }> {
    const person = await open();
    await database.db
      .updateTable("auth_users")
      .set({ email_verified_at: null })
      .where("id", "=", person.user.id)
      .execute();
    return person;
  }

  /** Which of the passwords sign in. */
  async function working(email: string, passwords: readonly string[]): Promise<readonly string[]> {
    const works = async (password: string): Promise<boolean> =>
      here()
        .login({ email, password }, HERE)
        .then(
          () => true,
          () => false,
        );
    const answers = await Promise.all(passwords.map(works));
    return passwords.filter((_, index) => answers[index]);
  }

  const live = async (userId: string): Promise<number> =>
    (await store.sessions.listLive(userId as UserId, new Date(), 100)).length;

  rounds("one reset link: one resets", async () => {
    const { email, user } = await open();
    const { link } = await reset(email);
    const answers = await callers.race((group) => ({
      verb: "resetPassword",
      link,
      password: group === 0 ? NEXT : THIRD,
    }));
    expect(tally(answers)).toEqual(ONE);
    expect(await live(user.id)).toBe(0);
    expect(await working(email, [FIRST, NEXT, THIRD])).toHaveLength(1);
  });

  rounds("two reset links of one user: one resets, and its password is the only one", async () => {
    const { email } = await open();
    const links = [await reset(email), await reset(email)];
    const answers = await callers.race((group) => ({
      verb: "resetPassword",
      link: links[group]?.link ?? "",
      password: group === 0 ? NEXT : THIRD,
    }));
    expect(tally(answers)).toEqual(ONE);
    const wins = answers.map((answer, index) => (answer === true ? index : -1)).filter((index) => index >= 0);
    expect(await working(email, [FIRST, NEXT, THIRD])).toEqual([(wins[0] ?? 0) < 25 ? NEXT : THIRD]);
  });

  rounds("a reset against logins with the old password: no session of before lives", async () => {
    const { email, user } = await open();
    const { link } = await reset(email);
    const answers = await callers.race((group) =>
      group === 0
        ? { verb: "signIn", email, password: FIRST }
        : { verb: "resetPassword", link, password: NEXT },
    );
    const { true: done = 0, invalid_credentials: refused = 0, ...others } = tally(answers);
    expect([others, done + refused, done >= 1]).toEqual([{ invalid_code: 24 }, 26, true]);
    expect(await live(user.id)).toBe(0);
    expect(await working(email, [FIRST, NEXT])).toEqual([NEXT]);
  });

  rounds("a reset against changes of the password: one of them, never both, never none", async () => {
    const { email, user, accessToken } = await open();
    const { link } = await reset(email);
    const answers = await callers.race((group) =>
      group === 0
        ? { verb: "changePassword", accessToken, from: FIRST, to: THIRD }
        : { verb: "resetPassword", link, password: NEXT },
    );
    const {
      true: done,
      invalid_code = 0,
      session_revoked = 0,
      invalid_credentials = 0,
      ...failed
    } = tally(answers);
    expect([failed, done]).toEqual([{}, 1]);
    expect(invalid_code + session_revoked + invalid_credentials).toBe(49);
    const isReset = answers.slice(25).includes(true);
    expect(await live(user.id)).toBe(isReset ? 0 : 1);
    expect(await working(email, [FIRST, NEXT, THIRD])).toEqual([isReset ? NEXT : THIRD]);
  });

  rounds("confirmations of two signups of one address: one account, one password, one session", async () => {
    const email = newEmail();
    const signups = [await signup(email, FIRST), await signup(email, NEXT)];
    const answers = await callers.race((group) => ({
      verb: "confirmSignup",
      ...(signups[group] ?? { challengeToken: "", link: "" }),
    }));
    const { true: done, invalid_code = 0, email_taken = 0, ...failed } = tally(answers);
    expect([failed, done, invalid_code + email_taken]).toEqual([{}, 1, 49]);
    const record = await store.users.findForLogin(email);
    const userId = record?.user.id as UserId;
    expect(await live(userId)).toBe(1);
    expect(await store.credentials.list(userId)).toHaveLength(1);
    expect(await working(email, [FIRST, NEXT])).toEqual([answers.slice(0, 25).includes(true) ? FIRST : NEXT]);
  });

  rounds("one mail of the gate: one sign-in", async () => {
    const { email, user } = await unproven();
    const gate = await mailed(here().login({ email, password: FIRST }, HERE));
    const answers = await callers.race(() => ({ verb: "answerGate", ...gate }));
    expect(tally(answers)).toEqual(ONE);
    expect(await live(user.id)).toBe(2); // that of the signup, and one
    expect((await store.users.find(user.id as UserId))?.emailVerifiedAt).not.toBeNull();
  });

  rounds("a verification against the gate: the mailbox is proven, and no proof counts twice", async () => {
    const { email, user, accessToken } = await unproven();
    const gate = await mailed(here().login({ email, password: FIRST }, HERE));
    const { link } = await mailed(here().email.requestVerification(accessToken, HERE));
    const answers = await callers.race((group) =>
      group === 0 ? { verb: "answerGate", ...gate } : { verb: "verifyEmail", accessToken, link },
    );
    const winners = [answers.slice(0, 25), answers.slice(25)].map((all) => tally(all));
    for (const { true: done = 0, invalid_code = 0, ...failed } of winners) {
      expect(failed).toEqual({});
      expect([done <= 1, done + invalid_code]).toEqual([true, 25]);
    }
    expect(answers).toContain(true);
    expect(await live(user.id)).toBe(1 + (winners[0]?.["true"] ?? 0));
    expect((await store.users.find(user.id as UserId))?.emailVerifiedAt).not.toBeNull();
    expect(await working(email, [FIRST])).toEqual([FIRST]);
  });
}
