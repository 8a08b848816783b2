// Owners are told of what happens to their account, in the transaction in which it happens.
import type { SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import { codeOf, EMAIL, makeAuth, PASSWORD, STORES, times } from "../../support/harness.ts";
import { makeMailAuth, NEXT, noLimits, PAGE, withMail } from "../../support/mailbox.ts";

const HERE = { ip: "203.0.113.7", userAgent: "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0" };
const ada = { email: EMAIL, password: PASSWORD };
const change = { currentPassword: PASSWORD, newPassword: NEXT };

describe.each(STORES)("on %s", (_name, makeStore) => {
  const make = (options = {}) => makeMailAuth({ store: makeStore(), ...options });

  test("a new device is told of, and neither a known one nor the first session is", async () => {
    const { auth, open, arrive } = make();
    const { deviceToken } = await open(EMAIL);
    expect(await arrive()).toEqual([]);
    await auth.login({ ...ada, deviceToken }, HERE);
    expect(await arrive()).toEqual([]);
    await auth.login(ada, HERE);
    const mails = await arrive();
    expect(mails).toMatchObject([{ kind: "new_device", to: EMAIL }]);
    expect(mails[0]?.text).toContain("Firefox on Windows");
    expect(await codeOf(auth.login({ ...ada, password: "wrong" }, HERE))).toBe("invalid_credentials");
    expect(await arrive()).toEqual([]);
  });

  test("a change of the password is told of, and a reset too", async () => {
    const { auth, open, reset, arrive } = make();
    const { accessToken } = await open(EMAIL);
    await auth.password.change(accessToken, change, HERE);
    expect(await arrive()).toMatchObject([{ kind: "password_changed", to: EMAIL }]);
    const { link } = (await reset(EMAIL)).mail;
    await auth.password.reset({ link, password: PASSWORD }, HERE);
    expect(await arrive()).toMatchObject([{ kind: "password_changed", to: EMAIL }]);
  });

  test("the end of a session by a stolen token is told of", async () => {
    const { auth, open, arrive, clock } = make();
    const { refreshToken } = await open(EMAIL);
    await auth.refresh(refreshToken, HERE);
    clock.advance("1m");
    expect(await codeOf(auth.refresh(refreshToken, HERE))).toBe("session_revoked");
    expect(await codeOf(auth.refresh(refreshToken, HERE))).toBe("session_revoked");
    expect(await arrive()).toMatchObject([{ kind: "session_reuse", to: EMAIL }]);
  });

  test("ten a day, and the last says so", async () => {
    const { auth, open, arrive, clock } = make();
    await open(EMAIL);
    for (const _ of times(15, Number)) await auth.login(ada, HERE);
    const mails = await arrive();
    expect(mails).toHaveLength(10);
    expect(mails.map(({ text }) => text.includes("the last notice today"))).toEqual([
      ...times(9, () => false),
      true,
    ]);
    clock.advance("24h");
    await auth.login(ada, HERE);
    expect(await arrive()).toHaveLength(1);
  });

  test("a notice goes with its change: without it there is no change", async () => {
    const store = makeStore();
    const { open, auth } = makeMailAuth({ store });
    const { accessToken } = await open(EMAIL);
    const noMail = () => Promise.reject(new TypeError("no"));
    const broken = makeAuth(
      withMail({
        limits: noLimits,
        store: {
          ...store,
          transaction: (work) =>
            store.transaction((tx) => work({ ...tx, outbox: { ...tx.outbox, put: noMail } })),
        },
      }),
    );
    expect(await codeOf(broken.auth.password.change(accessToken, change, HERE))).toBe("unavailable");
    expect((await auth.login(ada, HERE)).status).toBe("signed_in");
  });

  test("an outage of the limiter keeps no notice back, and no thief's session alive", async () => {
    const store = makeStore();
    const first = makeMailAuth({ store });
    const { refreshToken } = await first.open(EMAIL);
    await first.auth.refresh(refreshToken, HERE);
    first.clock.advance("1m");
    const rateLimiter = {
      consume: (key: string) =>
        key.includes("mail-notice")
          ? Promise.reject(new TypeError("away"))
          : Promise.resolve({ allowed: true, count: 1, resetMs: 1_000 }),
      refund: async () => {},
    };
    const { auth, arrive } = makeMailAuth({ store, clock: first.clock, rateLimiter: rateLimiter as never });
    expect(await codeOf(auth.refresh(refreshToken, HERE))).toBe("session_revoked");
    expect(await arrive()).toMatchObject([{ kind: "session_reuse" }]);
  });

  test("an address that was never proven gets no notice: it may be a stranger's", async () => {
    const { auth, arrive } = make({ email: { verification: "off" } });
    const { accessToken } = await auth.signup(ada, HERE);
    await auth.login(ada, HERE);
    await auth.password.change(accessToken, change, HERE);
    expect(await arrive()).toEqual([]);
  });

  test("each notice can be switched off", async () => {
    const notices = { newDevice: false, passwordChanged: false, sessionReuse: false };
    const { auth, open, arrive, clock } = make({ mail: { page: PAGE, delivery: "manual", notices } });
    await open(EMAIL);
    const { accessToken, refreshToken } = (await auth.login(ada, HERE)) as SignedIn;
    await auth.refresh(refreshToken, HERE);
    clock.advance("1m");
    await auth.refresh(refreshToken, HERE).catch(() => {});
    const again = (await auth.login(ada, HERE)) as SignedIn;
    await auth.password.change(again.accessToken, change, HERE);
    expect(accessToken).not.toBe(again.accessToken);
    expect(await arrive()).toEqual([]);
  });
});
