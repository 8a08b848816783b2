// Classes: a token of one application that another one takes for its own (a missing audience check, RFC 9700, section
// 2.3; fast-jwt's and jjwt's `aud` bypasses), a challenge or a device that crosses over, a sign-out next door.
import type { AuthOptions, AuthStore, ChallengeProof, SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import { CODE, challenged, enrolled, RIGHT, sceneOn } from "../support/features/scene.ts";
import {
  codeOf,
  EMAIL,
  type Harness,
  makeAuth,
  PASSWORD,
  STORES,
  signedIn,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { makeMailAuth } from "../support/mailbox.ts";
import { JOB } from "../support/session-endings.ts";

const right = { email: EMAIL, password: PASSWORD };
const wrong = { email: EMAIL, password: "Wrong1password" };
const HOME = { issuer: "accounts", audience: "shop" };

/** Other applications with the same secret and the same store. */
const OTHERS = {
  "another audience": { ...HOME, audience: "admin" },
  "another issuer": { ...HOME, issuer: "elsewhere" },
  "the same letters, divided elsewhere": { issuer: "accountss", audience: "hop" },
  "the names the other way around": { issuer: HOME.audience, audience: HOME.issuer },
} as const;

type Token = "accessToken" | "refreshToken" | "deviceToken";
const TOKENS: readonly Token[] = ["accessToken", "refreshToken", "deviceToken"];

const appOn = (store: AuthStore, options: Partial<AuthOptions>): Harness => makeAuth({ store, ...options });

/** What an application answers to a token in each place in which it takes one. */
async function answersTo(app: Harness, token: string): Promise<Record<string, string>> {
  const stranger = strangers();
  await tally(times(30, () => app.auth.login(wrong, stranger())));
  return {
    verify: await codeOf(app.auth.verifyToken(token)),
    getUser: await codeOf(app.auth.getUser(token)),
    refresh: await codeOf(app.auth.refresh(token, JOB)),
    logout: await codeOf(app.auth.logout(token, JOB)),
    "login as a known device": await codeOf(app.auth.login({ ...right, deviceToken: token }, stranger())),
  };
}

const REFUSED = {
  verify: "invalid_token",
  getUser: "invalid_token",
  refresh: "invalid_token",
  logout: "invalid_token",
  "login as a known device": "rate_limited", // as from any unknown device, while strangers guess
};

describe.each(STORES)("on %s, with one secret and one store", (_name, makeStore) => {
  for (const [name, parties] of Object.entries(OTHERS)) {
    test.each(TOKENS)(`${name}: no call takes the %s`, async (kind) => {
      const store = makeStore();
      const home = appOn(store, HOME);
      const held: SignedIn = await home.auth.signup(right, JOB);
      expect(await answersTo(appOn(store, parties), held[kind])).toEqual(REFUSED);
      await expectUntouched(home, held);
    });

    test(`${name}: a login or signup there ends no session here`, async () => {
      const store = makeStore();
      const home = appOn(store, HOME);
      const held = await home.auth.signup(right, JOB);
      const other = appOn(store, parties);
      const { refreshToken } = held;
      expect(await codeOf(other.auth.login({ ...right, refreshToken }, JOB))).toBe("fulfilled");
      const eve = { email: "eve@example.com", password: PASSWORD, refreshToken };
      expect(await codeOf(other.auth.signup(eve, JOB))).toBe("fulfilled");
      await expectUntouched(home, held);
    });

    test(`${name}: a challenge of this application is unknown there`, async () => {
      const store = makeStore();
      const home = sceneOn(store, HOME);
      await enrolled(home);
      const { challengeToken } = challenged(await home.auth.login(RIGHT, JOB));
      const other = sceneOn(store, parties);
      const answer = { challengeToken, code: CODE };
      expect(await codeOf(other.auth.secondStep.answer(answer, JOB))).toBe("invalid_challenge");
      expect(await codeOf(home.auth.secondStep.answer(answer, JOB))).toBe("fulfilled");
    });
  }

  test("the application itself takes each of them, and nothing else is asked of it", async () => {
    const home = appOn(makeStore(), HOME);
    const held = await home.auth.signup(right, JOB);
    const stranger = strangers();
    await tally(times(30, () => home.auth.login(wrong, stranger())));
    const { accessToken, refreshToken, deviceToken } = held;
    expect(await codeOf(home.auth.verifyToken(accessToken))).toBe("fulfilled");
    expect(await codeOf(home.auth.login({ ...right, deviceToken }, stranger()))).toBe("fulfilled");
    expect(await codeOf(home.auth.refresh(refreshToken, JOB))).toBe("fulfilled");
    expect(await codeOf(home.auth.logout(refreshToken, JOB))).toBe("fulfilled");
  });
});

async function expectUntouched({ auth, sink }: Harness, held: SignedIn): Promise<void> {
  expect(await codeOf(auth.verifyToken(held.accessToken))).toBe("fulfilled");
  expect(await codeOf(auth.refresh(held.refreshToken, JOB))).toBe("fulfilled");
  expect(sink.events.map(({ type }) => type)).toEqual(["signup"]);
}

describe.each(STORES)("two applications over one store, on %s", (_name, makeStore) => {
  async function both(options: Partial<AuthOptions> = {}) {
    const store = makeStore();
    const shop = appOn(store, { ...HOME, ...options });
    const admin = appOn(store, { ...HOME, audience: "admin", ...options });
    const atShop = await shop.auth.signup(right, JOB);
    const atAdmin = signedIn(await admin.auth.login(right, JOB));
    return { store, shop, admin, atShop, atAdmin };
  }

  test("each lists and ends its own sessions only; the other's are unknown", async () => {
    const { shop, admin, atShop, atAdmin } = await both();
    const listed = await admin.auth.sessions.list(atAdmin.accessToken);
    expect(listed.map(({ id }) => id)).toEqual([atAdmin.session.id]);
    const revoke = admin.auth.sessions.revoke(atAdmin.accessToken, atShop.session.id, JOB);
    expect(await codeOf(revoke)).toBe("not_found");
    expect(await admin.auth.sessions.revokeOthers(atAdmin.accessToken, JOB)).toEqual({ revoked: 0 });
    expect(await codeOf(shop.auth.verifyToken(atShop.accessToken))).toBe("fulfilled");
    const done = admin.sink.events.filter(({ outcome }) => outcome === "success");
    expect(done.map(({ type }) => type)).toEqual(["login"]);
  });

  test("session.max counts at each application by itself", async () => {
    const { shop, admin, atShop, atAdmin } = await both({ session: { max: 1 } });
    expect(await codeOf(shop.auth.verifyToken(atShop.accessToken))).toBe("fulfilled");
    const next = signedIn(await shop.auth.login(right, JOB));
    expect(await codeOf(shop.auth.verifyToken(atShop.accessToken))).toBe("session_revoked");
    for (const [app, token] of [
      [shop, next.accessToken],
      [admin, atAdmin.accessToken],
    ] as const) {
      expect(await codeOf(app.auth.verifyToken(token))).toBe("fulfilled");
    }
  });

  test("each sends its own mail, and confirms by its own links and codes", async () => {
    const store = makeStore();
    const [shop, admin] = [HOME, { ...HOME, audience: "admin" }].map((parties) =>
      makeMailAuth({ store, ...parties }),
    );
    if (!shop || !admin) throw new TypeError("There are two");
    const { challengeToken } = await shop.ask(EMAIL);
    expect(await admin.arrive()).toEqual([]);
    const [mail] = await shop.arrive();
    for (const half of [{ link: mail?.link ?? "" }, { code: mail?.code ?? "" }]) {
      const proof = { challengeToken, ...half } as ChallengeProof;
      expect(await codeOf(admin.auth.confirmSignup(proof, JOB))).toBe("invalid_code");
    }
    const link = mail?.link ?? "";
    expect(await codeOf(admin.auth.confirmSignup({ link, password: PASSWORD }, JOB))).toBe("invalid_code");
    expect(await codeOf(shop.auth.confirmSignup({ challengeToken, link }, JOB))).toBe("fulfilled");
  });

  const CHANGES: Readonly<Record<string, (shop: Harness, held: SignedIn) => Promise<unknown>>> = {
    "a password change": (shop, { accessToken }) =>
      shop.auth.password.change(
        accessToken,
        { currentPassword: PASSWORD, newPassword: "Another2horse" },
        JOB,
      ),
    "disabling the user": (shop, { user }) => shop.auth.users.disable(user.id),
    "deleting the user": (shop, { user }) => shop.auth.users.delete(user.id),
  };

  test.each(Object.entries(CHANGES))("%s at one ends the user's sessions at both", async (_what, change) => {
    const { shop, admin, atShop, atAdmin } = await both();
    await change(shop, atShop);
    expect(await codeOf(shop.auth.verifyToken(atShop.accessToken))).toBe("session_revoked");
    expect(await codeOf(admin.auth.verifyToken(atAdmin.accessToken))).toBe("session_revoked");
    const refreshed = await codeOf(admin.auth.refresh(atAdmin.refreshToken, JOB));
    expect(["session_revoked", "invalid_token"]).toContain(refreshed);
  });

  test("a session of another audience in the store is as unknown, whatever token names it", async () => {
    const { store, shop, atShop } = await both();
    const found = await store.sessions.find(atShop.session.id);
    if (!found) throw new TypeError("The session is gone");
    const id = shop.ctx.newId<typeof found.session.id>(shop.clock.now());
    const foreign = { ...found.session, id, audience: "admin" };
    await store.sessions.create(foreign);
    const { user } = found;
    const accessToken = await shop.ctx.signer.sign({
      sub: user.id,
      sid: id,
      jti: id,
      iat: Math.floor(shop.clock.now().getTime() / 1000),
      exp: Math.floor(shop.clock.now().getTime() / 1000) + 600,
      auth_time: Math.floor(shop.clock.now().getTime() / 1000),
      amr: ["pwd"],
    });
    const refreshToken = shop.ctx.refreshTokens.issue({ sessionId: id, counter: 0 });
    expect(await codeOf(shop.auth.verifyToken(accessToken))).toBe("session_revoked");
    expect(await codeOf(shop.auth.getUser(accessToken))).toBe("session_revoked");
    expect(await codeOf(shop.auth.refresh(refreshToken, JOB))).toBe("invalid_token");
    for (const token of [accessToken, refreshToken]) await shop.auth.logout(token, JOB);
    await shop.auth.login({ ...right, refreshToken }, JOB);
    expect((await store.sessions.find(id))?.session).toEqual(foreign);
  });

  test("a session without an audience, of a release before the column, lives on where its tokens are good", async () => {
    const { store, shop, atShop } = await both();
    const found = await store.sessions.find(atShop.session.id);
    if (!found) throw new TypeError("The session is gone");
    const id = shop.ctx.newId<typeof found.session.id>(shop.clock.now());
    await store.sessions.create({ ...found.session, id, audience: null });
    const refreshToken = shop.ctx.refreshTokens.issue({ sessionId: id, counter: 0 });
    const next = await shop.auth.refresh(refreshToken, JOB);
    expect(await codeOf(shop.auth.verifyToken(next.accessToken))).toBe("fulfilled");
    await shop.auth.logout(next.accessToken, JOB);
    expect(await codeOf(shop.auth.verifyToken(next.accessToken))).toBe("session_revoked");
  });
});
