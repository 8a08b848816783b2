// Classes: sessions that survive a password change (Strapi CVE-2026-22706, ZITADEL CVE-2023-22492), a change
// without the current password (allauth 0.34), a concurrent change silently lost (Rodauth 2.47), a second
// entry without limits (allauth 65.2.0).
import { insecureTestHasher } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { countingHasher } from "../support/counting-hasher.ts";
import {
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  STORES,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { countVerbs, interceptStore } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };
const NEXT = "Another2staple";
const change = { currentPassword: PASSWORD, newPassword: NEXT };

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("the new password signs in, the old one does not, and the answer is a session of its own", async () => {
    const { auth, clock, sink } = makeAuth({ store: makeStore() });
    const first = await auth.signup(right, CLIENT);
    clock.advance("1h");
    const next = await auth.password.change(first.accessToken, change, CLIENT);
    expect(next.session.id).not.toBe(first.session.id);
    expect(next.user).toEqual(first.user);
    const principal = await auth.verifyToken(next.accessToken);
    expect(principal).toMatchObject({ userId: first.user.id, authenticatedAt: clock.now(), amr: ["pwd"] });
    expect(await codeOf(auth.refresh(next.refreshToken, CLIENT))).toBe("fulfilled");
    expect(await codeOf(auth.login(right, CLIENT))).toBe("invalid_credentials");
    expect(await codeOf(auth.login({ email: EMAIL, password: NEXT }, CLIENT))).toBe("fulfilled");
    expect(sink.events.filter(({ type }) => type === "change_password")).toMatchObject([
      { outcome: "success", reason: null, userId: first.user.id, sessionId: next.session.id, ...CLIENT },
    ]);
  });

  test("every session of before ends, the token's own and its copies too, and nobody else's", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    const first = await auth.signup(right, CLIENT);
    const other = await auth.login(right, CLIENT);
    const bob = await auth.signup({ email: "bob@example.com", password: PASSWORD }, CLIENT);
    if (other.status !== "signed_in") throw new TypeError("No session");
    const next = await auth.password.change(first.accessToken, change, CLIENT);
    for (const { accessToken, refreshToken } of [first, other]) {
      expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
      expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("session_revoked");
    }
    expect(await codeOf(auth.verifyToken(bob.accessToken))).toBe("fulfilled");
    expect((await auth.sessions.list(next.accessToken)).map(({ id }) => id)).toEqual([next.session.id]);
  });

  test("a wrong current password changes nothing, and leaves one event that names the reason", async () => {
    const { auth, sink } = makeAuth({ store: makeStore() });
    const { accessToken, user, session } = await auth.signup(right, CLIENT);
    const wrong = { ...change, currentPassword: "Wrong1password" };
    expect(await codeOf(auth.password.change(accessToken, wrong, CLIENT))).toBe("invalid_credentials");
    expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
    expect(sink.events.filter(({ type }) => type === "change_password")).toMatchObject([
      { outcome: "failure", reason: "wrong_password", userId: user.id, sessionId: session.id },
    ]);
  });

  test("the new password is judged as at signup, before the current one is asked for", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth } = makeAuth({ store, password: undefined });
    const { accessToken } = await auth.signup(right, CLIENT);
    verbs.length = 0;
    const weak = auth.password.change(accessToken, { ...change, newPassword: "weak" }, CLIENT);
    await expect(weak).rejects.toMatchObject({
      code: "weak_password",
      errors: expect.arrayContaining([expect.objectContaining({ path: "newPassword" })]),
    });
    expect(verbs).toEqual(["sessions.find"]);
  });

  test("of 50 who change it at once one wins, and one event tells of it", async () => {
    const limits = { reauthenticate: { address: false, session: false } } as const;
    const { auth, sink } = makeAuth({ store: makeStore(), limits });
    const { accessToken } = await auth.signup(right, CLIENT);
    const calls = times(50, (index) =>
      auth.password.change(accessToken, { ...change, newPassword: `${NEXT}${index}` }, CLIENT),
    );
    const { fulfilled, ...lost } = await tally(calls);
    expect(fulfilled).toBe(1);
    expect(
      Object.keys(lost).filter((code) => !["session_revoked", "invalid_credentials"].includes(code)),
    ).toEqual([]);
    const changes = sink.events.filter(({ type }) => type === "change_password");
    expect(changes.filter(({ outcome }) => outcome === "success")).toHaveLength(1);
  });

  test("a login that renews the hash meanwhile does not stop the change, nor bring the old password back", async () => {
    const inner = makeStore();
    let rehash: (() => Promise<void>) | undefined;
    const store = interceptStore(inner, async (verb) => {
      if (verb === "begin") await rehash?.();
    });
    const { auth } = makeAuth({ store });
    const { accessToken, user } = await auth.signup(right, CLIENT);
    rehash = async () => {
      rehash = undefined;
      const [{ id, version: expectedVersion, data }] = (await inner.credentials.list(user.id)) as [never];
      await inner.credentials.replace({ userId: user.id, id, expectedVersion, data, at: user.createdAt });
    };
    await auth.password.change(accessToken, change, CLIENT);
    expect(await codeOf(auth.login(right, CLIENT))).toBe("invalid_credentials");
    expect(await codeOf(auth.login({ email: EMAIL, password: NEXT }, CLIENT))).toBe("fulfilled");
  });

  test("a store that fails in the middle leaves the old password and every session", async () => {
    for (const broken of [
      "credentials.replace",
      "sessions.revokeAll",
      "sessions.create",
      "events.append",
      "commit",
    ]) {
      let down = false;
      const store = interceptStore(makeStore(), (verb) => {
        if (down && verb === broken) {
          down = false;
          throw new TypeError("disk on fire");
        }
      });
      const { auth } = makeAuth({ store });
      const { accessToken } = await auth.signup(right, CLIENT);
      down = true;
      expect(await codeOf(auth.password.change(accessToken, change, CLIENT))).toBe("unavailable");
      expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
      expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
    }
  });
});

test("guesses with a stolen token are bounded for each session, whichever call asks and from wherever", async () => {
  const stranger = strangers();
  const { auth, clock, sink } = makeAuth();
  const { accessToken } = await auth.signup(right, CLIENT);
  const other = await auth.login(right, CLIENT);
  if (other.status !== "signed_in") throw new TypeError("No session");
  const guess = (index: number) =>
    index % 2
      ? auth.reauthenticate(accessToken, { password: "Wrong1password" }, stranger())
      : auth.password.change(accessToken, { ...change, currentPassword: "Wrong1password" }, stranger());
  expect(await tally(times(30, guess))).toEqual({ invalid_credentials: 10, rate_limited: 20 });
  expect(sink.events.filter(({ outcome }) => outcome === "refused").length).toBeGreaterThan(0);

  // The thief of one session keeps its owner neither from the others nor from a new one.
  expect(await codeOf(auth.reauthenticate(other.accessToken, right.password as never, stranger()))).toBe(
    "invalid_input",
  );
  expect(await codeOf(auth.reauthenticate(other.accessToken, { password: PASSWORD }, stranger()))).toBe(
    "fulfilled",
  );
  clock.advance("15m");
  expect(await codeOf(auth.reauthenticate(accessToken, { password: PASSWORD }, stranger()))).toBe(
    "fulfilled",
  );
  const fromOne = times(15, () =>
    auth.reauthenticate(other.accessToken, { password: "Wrong1password" }, CLIENT),
  );
  expect(await tally(fromOne)).toEqual({ invalid_credentials: 10, rate_limited: 5 });
});

test("whatever fails once the password was proven leaves one event, and the old password", async () => {
  let failing = "";
  const failsAt = (what: string) => () => {
    if (failing === what) throw new TypeError("it is away");
    return {};
  };
  const { hasher } = countingHasher(async () => void failsAt("hash")());
  const { auth, sink, clock } = makeAuth({
    hooks: { claims: failsAt("claims") },
    password: {
      hasher: { ...insecureTestHasher(), hash: hasher.hash },
      isBreached: () => failing === "breach",
    },
  });
  const { accessToken } = await auth.signup(right, CLIENT);
  for (const [what, reason] of [
    ["hash", "internal_error"],
    ["claims", "internal_error"],
    ["breach", "weak_password"],
  ] as const) {
    failing = what;
    const before = sink.events.length;
    expect(await codeOf(auth.password.change(accessToken, change, CLIENT))).toBe(reason);
    expect(sink.events.slice(before)).toMatchObject([
      { type: "change_password", outcome: "failure", reason },
    ]);
  }
  failing = "";
  clock.advance("1m");
  expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
});

test("the new session says every means by which the old one was proven, and the password", async () => {
  const { auth, store, clock } = makeAuth();
  const { accessToken, session, user } = await auth.signup(right, CLIENT);
  const byCode = { userId: user.id, amr: ["otp"], at: clock.now() };
  await store.sessions.reauthenticate(session.id, { ...byCode, expectedCounter: 0 });
  const proven = await auth.reauthenticate(accessToken, { password: PASSWORD }, CLIENT);
  expect((await auth.verifyToken(proven.accessToken)).amr).toEqual(["otp", "pwd"]);
  await store.sessions.reauthenticate(session.id, { ...byCode, expectedCounter: 2 });
  const next = await auth.password.change(accessToken, change, CLIENT);
  expect(next.session.amr).toEqual(["otp", "pwd"]);
});
