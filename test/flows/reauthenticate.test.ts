// Classes: an elevation that lifts copies of older tokens (Keycloak CVE-2026-7507), a second entry without
// equal work or limits (Django CVE-2025-13473), a proof that outlives a security change.
import { describe, expect, test } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";
import { changePassword, userOf } from "../support/security-change.ts";

const right = { email: EMAIL, password: PASSWORD };
const proof = { password: PASSWORD };

function freshness(auth: ReturnType<typeof makeAuth>["auth"], ...age: ["5m"?]) {
  return async (token: string): Promise<string> => {
    const principal = await auth.verifyToken(token);
    return codeOf((async () => auth.requireFresh(principal, ...age))());
  };
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("what asks for a fresh proof is refused after 5 minutes, and done again after the password", async () => {
    const { auth, clock } = makeAuth({ store: makeStore() });
    const fresh = freshness(auth);
    const { accessToken } = await auth.signup(right, CLIENT);
    clock.advance("5m");
    expect(await fresh(accessToken)).toBe("fulfilled");
    clock.advance(1);
    expect(await fresh(accessToken)).toBe("reauthentication_required");
    const again = await auth.reauthenticate(accessToken, proof, CLIENT);
    expect(await fresh(again.accessToken)).toBe("fulfilled");
    expect(await codeOf(auth.refresh(accessToken, CLIENT))).toBe("invalid_token");
  });

  test("only the new token is fresh: a copy of an older one gains nothing, and both belong to one session", async () => {
    const { auth, clock } = makeAuth({ store: makeStore() });
    const fresh = freshness(auth);
    const { accessToken, session } = await auth.signup(right, CLIENT);
    clock.advance("1h");
    const again = await auth.reauthenticate(accessToken, proof, CLIENT);
    expect(await fresh(accessToken)).toBe("reauthentication_required");
    expect((await auth.verifyToken(again.accessToken)).sessionId).toBe(session.id);
    await auth.logout(accessToken);
    expect(await codeOf(auth.verifyToken(again.accessToken))).toBe("session_revoked");
  });

  test("a token that is refreshed later still says when the user proved it", async () => {
    const { auth, clock } = makeAuth({ store: makeStore() });
    const { accessToken } = await auth.signup(right, CLIENT);
    clock.advance("1h");
    const { refreshToken } = await auth.reauthenticate(accessToken, proof, CLIENT);
    const provenAt = clock.now();
    clock.advance("1m");
    const next = await auth.refresh(refreshToken, CLIENT);
    expect((await auth.verifyToken(next.accessToken)).authenticatedAt).toEqual(provenAt);
  });

  test("the refresh token of before is used up: its thief gets no fresh token, and shows up", async () => {
    const { auth, clock, sink } = makeAuth({ store: makeStore() });
    const stolen = await auth.signup(right, CLIENT);
    clock.advance("1h");
    const again = await auth.reauthenticate(stolen.accessToken, proof, CLIENT);
    expect(again.refreshToken).not.toBe(stolen.refreshToken);
    expect(again.refreshTokenExpiresAt).toEqual(stolen.refreshTokenExpiresAt);
    clock.advance(10_001); // the grace is over
    expect(await codeOf(auth.refresh(stolen.refreshToken, CLIENT))).toBe("session_revoked");
    expect(sink.events.at(-1)).toMatchObject({ type: "refresh", reason: "refresh_reuse" });
    expect(await codeOf(auth.verifyToken(again.accessToken))).toBe("session_revoked");
  });

  test("a tab that refreshes during the proof does not make it fail, and its token still works", async () => {
    const inner = makeStore();
    let overtake: (() => Promise<void>) | undefined;
    const store = interceptStore(inner, async (verb) => {
      if (verb === "begin") await overtake?.();
    });
    const { auth } = makeAuth({ store });
    const { accessToken, refreshToken } = await auth.signup(right, CLIENT);
    let tab = "";
    overtake = async () => {
      overtake = undefined;
      tab = (await auth.refresh(refreshToken, CLIENT)).refreshToken;
    };
    const again = await auth.reauthenticate(accessToken, proof, CLIENT);
    expect((await auth.refresh(tab, CLIENT)).refreshToken).toBe(again.refreshToken); // within the grace
    expect(await codeOf(auth.refresh(again.refreshToken, CLIENT))).toBe("fulfilled");
  });

  test("a wrong password leaves the session as it was, and one event; the right one leaves one too", async () => {
    const { auth, clock, sink, store } = makeAuth({ store: makeStore() });
    const { accessToken, session, user } = await auth.signup(right, CLIENT);
    clock.advance("1h");
    const wrong = auth.reauthenticate(accessToken, { password: "Wrong1password" }, CLIENT);
    expect(await codeOf(wrong)).toBe("invalid_credentials");
    expect((await store.sessions.find(session.id))?.session.authenticatedAt).toEqual(session.createdAt);
    await auth.reauthenticate(accessToken, proof, CLIENT);
    expect((await store.sessions.find(session.id))?.session.authenticatedAt).toEqual(clock.now());
    const named = { userId: user.id, sessionId: session.id, ...CLIENT };
    expect(sink.events.filter(({ type }) => type === "reauthenticate")).toMatchObject([
      { outcome: "failure", reason: "wrong_password", ...named },
      { outcome: "success", reason: null, ...named },
    ]);
  });

  test("a proof that a security change overtakes lifts nothing", async () => {
    const inner = makeStore();
    let overtake: (() => Promise<void>) | undefined;
    const store = interceptStore(inner, async (verb) => {
      if (verb === "begin") await overtake?.();
    });
    const { auth, sink } = makeAuth({ store });
    const { accessToken } = await auth.signup(right, CLIENT);
    const user = await userOf(inner, EMAIL);
    overtake = async () => {
      overtake = undefined;
      await changePassword(inner, user, "changed");
    };
    expect(await codeOf(auth.reauthenticate(accessToken, proof, CLIENT))).toBe("session_revoked");
    expect(sink.events.at(-1)).toMatchObject({
      type: "reauthenticate",
      outcome: "failure",
      reason: "superseded",
    });
  });

  test("a store that fails at its end leaves one event, and the session as old as it was", async () => {
    let armed = false;
    const inner = makeStore();
    const store = interceptStore(inner, (verb) => {
      if (armed && verb === "commit") throw new TypeError("the store is away");
    });
    const { auth, clock, sink } = makeAuth({ store });
    const { accessToken, session } = await auth.signup(right, CLIENT);
    const provenAt = clock.now();
    clock.advance("1h");
    armed = true;
    expect(await codeOf(auth.reauthenticate(accessToken, proof, CLIENT))).toBe("unavailable");
    const events = sink.events.filter(({ type }) => type === "reauthenticate");
    expect(events).toMatchObject([{ outcome: "failure", reason: "unavailable" }]);
    expect((await inner.sessions.find(session.id))?.session.authenticatedAt).toEqual(provenAt);
  });

  test("who has no password is refused at the price of one hash", async () => {
    const { auth, sink, store } = makeAuth({ store: makeStore() });
    const { accessToken, user } = await auth.signup(right, CLIENT);
    for (const { id } of await store.credentials.list(user.id)) await store.credentials.remove(user.id, id);
    expect(await codeOf(auth.reauthenticate(accessToken, proof, CLIENT))).toBe("invalid_credentials");
    expect(sink.events.at(-1)).toMatchObject({ reason: "no_password" });
  });
});

test("requireFresh goes by the given duration, and refuses an invalid duration or date", async () => {
  const { auth, clock } = makeAuth();
  const principal = { authenticatedAt: clock.now() };
  clock.advance("2m");
  expect(() => auth.requireFresh(principal, "2m")).not.toThrow();
  expect(() => auth.requireFresh(principal, "119s")).toThrow(
    expect.objectContaining({ code: "reauthentication_required" }),
  );
  for (const maxAge of ["soon", 0, -1, Number.NaN, null, {}] as never[]) {
    expect(() => auth.requireFresh(principal, maxAge)).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  }
  const junk = [null, 0, Number.POSITIVE_INFINITY, Symbol("now"), "2026-01-01"];
  for (const nobody of [
    null,
    undefined,
    {},
    ...junk.map((authenticatedAt) => ({ authenticatedAt })),
  ] as never[]) {
    expect(() => auth.requireFresh(nobody)).toThrow(
      expect.objectContaining({ code: "reauthentication_required" }),
    );
  }
  const unknown = { authenticatedAt: new Date(Number.NaN) };
  expect(() => auth.requireFresh(unknown)).toThrow(
    expect.objectContaining({ code: "reauthentication_required" }),
  );
});
