// Classes: identity from input, IDOR (SuperTokens CVE-2026-123800), cache mix-ups (fast-jwt CVE-2026-35039),
// ids that come back after deletion (Payload CVE-2025-4644).
import { describe, expect, test } from "vitest";
import { CLIENT, codeOf, makeAuth, PASSWORD, STORES, times } from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";
import { userOf } from "../support/security-change.ts";

describe.each(STORES)("on %s", (_name, makeStore) => {
  async function twoUsers() {
    const store = makeStore();
    const harness = makeAuth({ store });
    const ada = await harness.auth.signup({ email: "ada@example.com", password: PASSWORD }, CLIENT);
    const bob = await harness.auth.signup({ email: "bob@example.com", password: PASSWORD }, CLIENT);
    return { ...harness, ada, bob };
  }

  test("each token shows its own user, sessions and events, and never the other's", async () => {
    const { auth, ada, bob } = await twoUsers();
    for (const [own, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      const seen = JSON.stringify([
        await auth.verifyToken(own.accessToken),
        await auth.getUser(own.accessToken),
        await auth.sessions.list(own.accessToken),
        await auth.events.list(own.accessToken),
      ]);
      for (const foreign of [other.user.id, other.user.email, other.session.id])
        expect(seen).not.toContain(foreign);
      for (const mine of [own.user.id, own.user.email, own.session.id]) expect(seen).toContain(mine);
    }
  });

  test("verifyToken with a userId admits that user alone", async () => {
    const { auth, ada, bob } = await twoUsers();
    expect(await codeOf(auth.verifyToken(ada.accessToken, { userId: ada.user.id }))).toBe("fulfilled");
    for (const userId of [
      bob.user.id,
      "",
      "00000000-0000-0000-0000-000000000000",
      ada.user.id.toUpperCase(),
    ]) {
      expect(await codeOf(auth.verifyToken(ada.accessToken, { userId }))).toBe("forbidden");
    }
    // A misspelt route parameter is no missing check.
    for (const meant of [ada.user.id, null, 1, true, [ada.user.id], { userid: ada.user.id }])
      expect(await codeOf(auth.verifyToken(ada.accessToken, meant as never))).toBe("forbidden");
    for (const userId of [undefined, null, 1, [ada.user.id]]) {
      expect(await codeOf(auth.verifyToken(ada.accessToken, { userId } as never))).toBe("forbidden");
    }
  });

  test("another user's event is no cursor into their events, but a place in time", async () => {
    const { auth, ada, bob } = await twoUsers();
    const [newest] = (await auth.events.list(bob.accessToken)).events;
    const page = await auth.events.list(ada.accessToken, { cursor: newest?.id });
    expect(page.events.every((event) => event.sessionId !== bob.session.id)).toBe(true);
  });

  test("identity in the input is refused, not followed", async () => {
    const { auth, bob } = await twoUsers();
    const input = { email: "eve@example.com", password: PASSWORD };
    for (const extra of [
      "id",
      "userId",
      "status",
      "epoch",
      "emailVerifiedAt",
      "sessionId",
      "__proto__",
      "constructor",
    ]) {
      const smuggled = Object.defineProperty({ ...input }, extra, { value: bob.user.id, enumerable: true });
      expect(await codeOf(auth.signup(smuggled, CLIENT))).toBe("invalid_input");
      expect(await codeOf(auth.login(smuggled, CLIENT))).toBe("invalid_input");
    }
  });

  test("a cached signature never gives one token another's claims", async () => {
    const { auth, ada, bob } = await twoUsers();
    const tokens = times(100, (index) => (index % 2 ? ada : bob));
    const owners = await Promise.all(tokens.map(({ accessToken }) => auth.verifyToken(accessToken)));
    expect(owners.map((owner) => owner.userId)).toEqual(tokens.map(({ user }) => user.id));
    const [header, , signature] = ada.accessToken.split(".");
    const mixed = [header, bob.accessToken.split(".")[1], signature].join(".");
    expect(await codeOf(auth.verifyToken(mixed))).toBe("invalid_token");
  });

  test("what a caller does to a principal stays with that caller", async () => {
    const { auth, ada } = await twoUsers();
    const principal = await auth.verifyToken(ada.accessToken);
    expect(() => (principal.amr as string[]).push("mfa")).toThrow(TypeError);
    for (const date of [principal.authenticatedAt, principal.issuedAt, principal.expiresAt]) date.setTime(0);
    const again = await auth.verifyToken(ada.accessToken);
    expect(again.amr).toEqual(["pwd"]);
    for (const date of [again.authenticatedAt, again.issuedAt, again.expiresAt])
      expect(date.getTime()).toBeGreaterThan(0);
  });

  test("an unknown or malformed id is not found, and a malformed id reaches no query", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth } = makeAuth({ store });
    const { user, session } = await auth.signup({ email: "ada@example.com", password: PASSWORD }, CLIENT);
    const { id } = user;
    const noIds = [
      "",
      " ",
      id.toUpperCase(),
      `${id} `,
      `${id}\n`,
      "ada@example.com",
      "' or 1=1 --",
      "__proto__",
    ];
    const noTexts: readonly unknown[] = [undefined, null, 1, true, [id], { id }, { toString: () => id }];
    for (const call of [auth.users.disable, auth.users.enable, auth.users.delete]) {
      verbs.length = 0;
      for (const wrong of [...noIds, ...noTexts])
        expect(await codeOf(call(wrong as string))).toBe("not_found");
      expect(verbs).toEqual([]);
      for (const unknown of ["00000000-0000-0000-0000-000000000000", session.id]) {
        expect(await codeOf(call(unknown))).toBe("not_found");
      }
      expect(verbs).toEqual(["users.find", "users.find"]);
    }
    expect(await store.users.find(id)).toMatchObject({ status: "active", epoch: 0 });
  });

  test("disabling and deleting one user leaves the other as they were", async () => {
    const { auth, store, ada, bob } = await twoUsers();
    const before = [await userOf(store, "bob@example.com"), await auth.events.list(bob.accessToken)];
    await auth.users.disable(ada.user.id);
    await auth.users.delete(ada.user.id);
    expect(await codeOf(auth.verifyToken(bob.accessToken))).toBe("fulfilled");
    expect([await userOf(store, "bob@example.com"), await auth.events.list(bob.accessToken)]).toEqual(before);
  });

  test("a new user never inherits the id, and so never the token, of a deleted one", async () => {
    const { auth, ada } = await twoUsers();
    await auth.users.delete(ada.user.id);
    const again = await auth.signup({ email: "ada@example.com", password: PASSWORD }, CLIENT);
    expect(again.user.id).not.toBe(ada.user.id);
    expect(await codeOf(auth.verifyToken(ada.accessToken))).toBe("session_revoked");
    expect((await auth.events.list(again.accessToken)).events).toHaveLength(1);
  });
});
