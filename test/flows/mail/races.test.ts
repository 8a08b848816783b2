// One mail, many callers: what it opens is opened once, and no session of before outlives a reset.
import type { LoginChallenge, SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import type { ProofId } from "../../../src/domain/ids.ts";
import { readTicket } from "../../../src/kit/proofs/ticket.ts";
import { CALLERS, codeOf, EMAIL, makeAuth, PASSWORD, STORES, tally, times } from "../../support/harness.ts";
import { makeMailAuth, NEXT } from "../../support/mailbox.ts";
import { userOf } from "../../support/security-change.ts";

const HERE = { ip: null };
const old = { email: EMAIL, password: PASSWORD };
const ONE_OF_ALL = { fulfilled: 1, invalid_code: CALLERS - 1 };

describe.each(STORES)("on %s", (_name, makeStore) => {
  const make = (options = {}) => makeMailAuth({ store: makeStore(), ...options });

  test("50 confirmations of one signup by its link make one account", async () => {
    const { auth, ask, arrive, store } = make();
    const { challengeToken } = await ask(EMAIL);
    const link = (await arrive())[0]?.link ?? "";
    const ways = [
      { challengeToken, link },
      { link, password: NEXT },
    ];
    const confirm = (index: number) => auth.confirmSignup(ways[index % 2] as never, HERE);
    expect(await tally(times(CALLERS, confirm))).toEqual(ONE_OF_ALL);
    const { id } = await userOf(store, EMAIL);
    expect(await store.credentials.list(id)).toHaveLength(1);
  });

  test("50 confirmations of one signup by its code: five are compared, one wins", async () => {
    const { auth, ask, arrive } = make();
    const { challengeToken } = await ask(EMAIL);
    const code = (await arrive())[0]?.code ?? "";
    expect(await tally(times(CALLERS, () => auth.confirmSignup({ challengeToken, code }, HERE)))).toEqual(
      ONE_OF_ALL,
    );
  });

  test("confirmations of two signups of one address make one account with one password", async () => {
    const { auth, ask, arrive, store } = make();
    const tokens = [await ask(EMAIL), await ask(EMAIL, NEXT)].map(({ challengeToken }) => challengeToken);
    const links = (await arrive()).map(({ link }) => link);
    const confirm = (index: number) =>
      auth.confirmSignup(
        { challengeToken: tokens[index % 2] as string, link: links[index % 2] as string },
        HERE,
      );
    const { fulfilled } = await tally(times(10, confirm));
    expect(fulfilled).toBe(1);
    const logins = [PASSWORD, NEXT].map((password) => auth.login({ email: EMAIL, password }, HERE));
    expect(await tally(logins)).toEqual({ fulfilled: 1, invalid_credentials: 1 });
    expect(await store.credentials.list((await userOf(store, EMAIL)).id)).toHaveLength(1);
  });

  test("50 resets by one link, and by two links of one user: one wins", async () => {
    const { auth, open, reset } = make();
    await open(EMAIL);
    const { link } = (await reset(EMAIL)).mail;
    const resetBy = (by: string) => auth.password.reset({ link: by, password: NEXT }, HERE);
    expect(await tally(times(CALLERS, () => resetBy(link)))).toEqual(ONE_OF_ALL);
    const links = [(await reset(EMAIL)).mail.link, (await reset(EMAIL)).mail.link];
    const calls = times(CALLERS, (index) => resetBy(links[index % 2] as string));
    expect(await tally(calls)).toEqual(ONE_OF_ALL);
  });

  test("no login with the old password survives a reset that runs beside it", async () => {
    const { auth, open, reset } = make();
    await open(EMAIL);
    const { link } = (await reset(EMAIL)).mail;
    const logins = times(CALLERS, () => auth.login(old, HERE).catch(() => null));
    await auth.password.reset({ link, password: NEXT }, HERE);
    for (const login of await Promise.all(logins)) {
      if (login)
        expect(await codeOf(auth.verifyToken((login as SignedIn).accessToken))).toBe("session_revoked");
    }
    expect(await codeOf(auth.login(old, HERE))).toBe("invalid_credentials");
    expect(await codeOf(auth.login({ ...old, password: NEXT }, HERE))).toBe("fulfilled");
  });

  test("a reset and a password change at once: one of them, never both, never none", async () => {
    const { auth, open, reset } = make();
    const { accessToken } = await open(EMAIL);
    const { link } = (await reset(EMAIL)).mail;
    const change = { currentPassword: PASSWORD, newPassword: "Third3password" };
    const calls = [
      auth.password.reset({ link, password: NEXT }, HERE),
      auth.password.change(accessToken, change, HERE),
    ];
    expect((await Promise.allSettled(calls)).filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const passwords = [NEXT, "Third3password", PASSWORD];
    const logins = passwords.map((password) => auth.login({ email: EMAIL, password }, HERE));
    expect(await tally(logins)).toEqual({ fulfilled: 1, invalid_credentials: 2 });
  });

  test("a reset and a deletion at once leave no account, or none with a proof that counts", async () => {
    const { auth, open, reset, store } = make();
    const { user } = await open(EMAIL);
    const { link } = (await reset(EMAIL)).mail;
    const calls = times(CALLERS, () => auth.password.reset({ link, password: NEXT }, HERE));
    await Promise.all([auth.users.delete(user.id), Promise.allSettled(calls)]);
    expect(await store.users.find(user.id)).toBeNull();
    expect(await codeOf(auth.password.reset({ link, password: NEXT }, HERE))).toBe("invalid_code");
  });

  test("of 200 guesses at once five are compared, the right one is not, and the owner's link still counts", async () => {
    const { auth, ctx, store, clock, open, reset, sink } = make();
    await open(EMAIL);
    const { challengeToken, mail } = await reset(EMAIL);
    const { id } = readTicket(ctx, "password_reset", challengeToken) as { id: ProofId };
    const wrong = (Number(mail.code) + 1).toString().padStart(6, "0").slice(-6);
    sink.clear();
    const guess = (code: string) => auth.password.reset({ challengeToken, code, password: NEXT }, HERE);
    const flood = tally(times(199, () => guess(wrong)));
    // Which of many calls comes first, no test may assume: the right one comes once five are counted.
    await expect.poll(async () => (await store.proofs.find(id, clock.now()))?.attempts).toBe(5);
    expect(await codeOf(guess(mail.code))).toBe("invalid_code");
    expect(await flood).toEqual({ invalid_code: 199 });
    const reasons = sink.events.map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === "wrong_code")).toHaveLength(5);
    expect(reasons.filter((reason) => reason === "attempts_used_up")).toHaveLength(195);
    expect(await codeOf(auth.password.reset({ link: mail.link, password: NEXT }, HERE))).toBe("fulfilled");
  });

  test("50 answers to the gate, and 50 verifications, by one link: one wins", async () => {
    const store = makeStore();
    const before = makeAuth({ store });
    const { accessToken } = await before.auth.signup(old, HERE);
    const { auth, arrive } = makeMailAuth({ store, clock: before.clock });
    const { challengeToken } = (await auth.login(old, HERE)) as unknown as LoginChallenge;
    const link = (await arrive())[0]?.link ?? "";
    expect(await tally(times(CALLERS, () => auth.challenges.email({ challengeToken, link }, HERE)))).toEqual(
      ONE_OF_ALL,
    );
    await auth.email.requestVerification(accessToken, HERE);
    const own = (await arrive()).find(({ kind }) => kind === "email_verification")?.link ?? "";
    expect(await tally(times(CALLERS, () => auth.email.verify(accessToken, { link: own }, HERE)))).toEqual(
      ONE_OF_ALL,
    );
  });
});
