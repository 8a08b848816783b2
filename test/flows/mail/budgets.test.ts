// Budgets of an address are silent: who spends another's neither silences them nor fills their mailbox.
import { type Mailer, memoryRateLimiter } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { codeOf, EMAIL, NOON, SECRET, STORES, strangers, times } from "../../support/harness.ts";
import { makeMailAuth, NEXT, noLimits } from "../../support/mailbox.ts";

const HERE = { ip: null };
const { mail: _mail, proof: _proof, ...others } = noLimits;
/** The defaults for an address, and no bound for a client. */
const limits = { ...others, mail: { address: false }, proof: { address: false } } as const;
const HOUR = 3_600_000;
const OTHER_SECRET = "qB7xM-2sVw9LtRz4HyKc1NgPfJdUaEo6iXe3vTbW0hQ";

describe.each(STORES)("on %s", (_name, makeStore) => {
  const make = (options = {}) => makeMailAuth({ store: makeStore(), limits, ...options });

  test("1,000 asks in a day, by tags and again, bring eight mails of a purpose, and no error", async () => {
    const { auth, rawSignup, arrive, clock } = make();
    const stranger = strangers();
    let mails = 0;
    for (const round of times(20, Number)) {
      for (const index of times(25, Number)) {
        const email = `ada+${round}-${index}@example.com`;
        const asked = await rawSignup({ email, password: NEXT }, stranger());
        const { challengeToken } = asked as { challengeToken: string };
        expect(asked.status).toBe("check_email");
        expect(await codeOf(auth.mail.resend({ challengeToken }, stranger()))).toBe("fulfilled");
      }
      mails += (await arrive()).length;
      clock.advance(HOUR);
    }
    expect(mails).toBe(8);
  });

  test("a stranger who spends the budget of resets leaves the owner a link that works, and makes no more mail", async () => {
    const { auth, open, arrive, clock } = make();
    const { deviceToken } = await open(EMAIL);
    const stranger = strangers();
    const links: string[] = [];
    for (const _ of times(20, Number)) {
      for (const _each of times(10, Number))
        expect(await codeOf(auth.password.requestReset({ email: EMAIL }, stranger()))).toBe("fulfilled");
      links.push(...(await arrive()).map(({ link }) => link));
      clock.advance(HOUR / 2);
    }
    expect(links).toHaveLength(8);
    await auth.password.requestReset({ email: EMAIL, deviceToken }, HERE);
    expect(await arrive()).toHaveLength(1); // a known device has a budget of its own
    await auth.password.requestReset({ email: EMAIL }, HERE);
    expect(await arrive()).toEqual([]);
    const link = links.at(-1) ?? "";
    expect(await codeOf(auth.password.reset({ link, password: NEXT }, HERE))).toBe("fulfilled");
  });

  test("after a change of the account no earlier link works, and the next ask brings one beyond the budget", async () => {
    const { auth, open, reset, arrive } = make();
    const { user } = await open(EMAIL);
    for (const _ of times(3, Number)) await reset(EMAIL);
    await auth.password.requestReset({ email: EMAIL }, HERE);
    expect(await arrive()).toEqual([]);
    await auth.users.disable(user.id);
    await auth.users.enable(user.id);
    const { mail } = await reset(EMAIL);
    expect(await codeOf(auth.password.reset({ link: mail.link, password: NEXT }, HERE))).toBe("fulfilled");
  });

  test("a stranger who spends the budget of signups leaves the owner a link that makes their account", async () => {
    const { auth, ask, arrive } = make();
    for (const _ of times(30, Number)) await ask(EMAIL, "Stranger9secret");
    const mails = await arrive();
    expect(mails).toHaveLength(3);
    await ask(EMAIL);
    expect(await arrive()).toEqual([]);
    const link = mails.at(-1)?.link ?? "";
    expect(await codeOf(auth.confirmSignup({ link, password: NEXT }, HERE))).toBe("fulfilled");
  });

  test("ten guesses a day over all mails to an address: then codes end, links go on, and the next day is new", async () => {
    const { auth, open, reset, clock } = make();
    await open(EMAIL);
    const guess = async (right: boolean) => {
      const { challengeToken, mail } = await reset(EMAIL);
      const wrong = mail.code === "000000" ? "000001" : "000000";
      const code = right ? mail.code : wrong;
      const password = NEXT;
      for (const _ of times(right ? 1 : 5, Number))
        if ((await codeOf(auth.password.reset({ challengeToken, code, password }, HERE))) === "fulfilled")
          return { mail, code: "fulfilled" };
      return { mail, code: "invalid_code" };
    };
    await guess(false);
    await guess(false);
    const third = await guess(true);
    expect(third.code).toBe("invalid_code");
    expect(await codeOf(auth.password.reset({ link: third.mail.link, password: "weak" }, HERE))).toBe(
      "weak_password",
    );
    clock.advance(24 * HOUR);
    expect((await guess(true)).code).toBe("fulfilled");
  });

  test("instances that rotate the secret share the guesses, whichever secret they have first", async () => {
    const clock = fakeClock(NOON);
    const shared = { store: makeStore(), rateLimiter: memoryRateLimiter({ clock }), clock };
    const instances = [
      make({ ...shared, secret: [SECRET, OTHER_SECRET] }),
      make({ ...shared, secret: [OTHER_SECRET, SECRET] }),
    ];
    await instances[0]?.open(EMAIL);
    let compared = 0;
    for (const { auth, arrive, sink } of [...instances, ...instances]) {
      const { challengeToken } = await auth.password.requestReset({ email: EMAIL }, HERE);
      await arrive();
      sink.clear();
      for (const _ of times(5, Number))
        await codeOf(auth.password.reset({ challengeToken, code: "no code", password: NEXT }, HERE));
      compared += sink.events.filter(({ reason }) => reason === "wrong_code").length;
    }
    expect(compared).toBe(10);
  });

  test("a right code gives its point back: an owner signs up and resets as often as they like", async () => {
    const { auth, open, reset, clock } = make();
    await open(EMAIL);
    for (const index of times(12, Number)) {
      const { challengeToken, mail } = await reset(EMAIL);
      const proof = { challengeToken, code: mail.code, password: `${NEXT}${index}` };
      expect(await codeOf(auth.password.reset(proof, HERE))).toBe("fulfilled");
      clock.advance(4 * HOUR);
    }
  });

  test("a mail is sent again three times at most, with the same link", async () => {
    const options = { limits: noLimits };
    const { auth, ask, arrive } = make(options);
    const { challengeToken, expiresAt } = await ask(EMAIL);
    const links = (await arrive()).map(({ link }) => link);
    for (const _ of times(6, Number)) {
      const again = await auth.mail.resend({ challengeToken }, HERE);
      expect(again).toEqual({ status: "check_email", challengeToken, expiresAt });
      links.push(...(await arrive()).map(({ link }) => link));
    }
    expect(links).toHaveLength(4);
    expect(new Set(links).size).toBe(1);
    const link = links[0] ?? "";
    expect(await codeOf(auth.confirmSignup({ challengeToken, link }, HERE))).toBe("fulfilled");
  });

  test("a mail that is asked for again names the same account, whether it is sent or given up", async () => {
    let isRefused = false;
    const mailer: Mailer = {
      send: async () => {
        if (isRefused) throw Object.assign(new TypeError("no"), { permanent: true });
      },
    };
    const { auth, ask, sink } = make({ limits: noLimits, mailer });
    const { challengeToken } = await ask(EMAIL);
    await auth.mail.deliver();
    await auth.mail.resend({ challengeToken }, HERE);
    await auth.mail.deliver();
    isRefused = true;
    await auth.mail.resend({ challengeToken }, HERE);
    await auth.mail.deliver();
    expect((await auth.mail.dead()).mails).toMatchObject([{ kind: "signup", recipient: EMAIL }]);
    const names = sink.events.map(({ attemptedEmail }) => attemptedEmail);
    expect([names.length, new Set(names).size]).toEqual([6, 1]);
    expect(names[0]).toMatch(/^hmac:/);
  });

  test("a forged challenge is sent nowhere, and an ended one neither", async () => {
    const { auth, ask, arrive, clock } = make();
    const { challengeToken } = await ask(EMAIL);
    await arrive();
    expect(await codeOf(auth.mail.resend({ challengeToken: `${challengeToken}A` }, HERE))).toBe(
      "invalid_code",
    );
    clock.advance(24 * HOUR);
    expect(await codeOf(auth.mail.resend({ challengeToken }, HERE))).toBe("invalid_code");
    expect(await arrive()).toEqual([]);
  });

  test("only the client's own address is told that it asks too often", async () => {
    const { auth, sink } = makeMailAuth({ store: makeStore(), limits: {} });
    const from = { ip: "203.0.113.9" };
    const ask = (index: number) =>
      codeOf(auth.password.requestReset({ email: `a${index}@example.com` }, from));
    const codes = [];
    for (const index of times(6, Number)) codes.push(await ask(index));
    expect(codes).toEqual([...times(5, () => "fulfilled"), "rate_limited"]);
    expect(sink.events.at(-1)).toMatchObject({ outcome: "refused", data: { limit: "address" } });
    const guess = () => codeOf(auth.password.reset({ link: "x", password: NEXT }, from));
    const guesses = [];
    for (const _ of times(11, Number)) guesses.push(await guess());
    expect(guesses).toEqual([...times(10, () => "invalid_code"), "rate_limited"]);
  });

  test("strangers' signups of a taken email use up no budget of its owner, with later", async () => {
    const { auth, arrive } = make({ email: { verification: "later" } });
    const owner = await auth.signup({ email: EMAIL, password: NEXT }, HERE);
    await arrive();
    for (const _ of times(20, Number))
      expect(await codeOf(auth.signup({ email: EMAIL, password: NEXT }, HERE))).toBe("email_taken");
    await auth.email.requestVerification(owner.accessToken, HERE);
    expect(await arrive()).toHaveLength(1);
  });
});
