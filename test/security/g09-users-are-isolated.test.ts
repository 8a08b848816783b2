// Classes: identity from input, IDOR (SuperTokens CVE-2026-123800), cache mix-ups (fast-jwt CVE-2026-35039),
// ids that come back after deletion (Payload CVE-2025-4644).
import { createHandler } from "sallyport/http";
import { describe, expect, test } from "vitest";
import {
  CLIENT,
  codeOf,
  makeAuth,
  PASSWORD,
  STORES,
  signedIn,
  strangers,
  times,
} from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";
import { userOf } from "../support/security-change.ts";

const UNKNOWN_ID = "018f0000-0000-7000-8000-000000000000";

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

  test("Ada's token ends no session of Bob's, whichever id it names: the answer is not_found, and Bob goes on", async () => {
    const { auth, store, ada, bob } = await twoUsers();
    const second = signedIn(await auth.login({ email: "bob@example.com", password: PASSWORD }, CLIENT));
    const before = [await auth.sessions.list(bob.accessToken), await auth.events.list(bob.accessToken)];
    const [event] = (await auth.events.list(bob.accessToken)).events;
    const ids = [bob.session.id, second.session.id, bob.user.id, event?.id ?? "", UNKNOWN_ID];
    for (const id of ids)
      expect(await codeOf(auth.sessions.revoke(ada.accessToken, id, CLIENT))).toBe("not_found");
    expect(await auth.sessions.revokeOthers(ada.accessToken, CLIENT)).toEqual({ revoked: 0 });
    // Ada's own other session ends, and no session of Bob's.
    await auth.login({ email: "ada@example.com", password: PASSWORD }, CLIENT);
    expect(await auth.sessions.revokeOthers(ada.accessToken, CLIENT)).toEqual({ revoked: 1 });
    await auth.logout(ada.accessToken, CLIENT);
    for (const { accessToken, refreshToken } of [bob, second]) {
      expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
      expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("fulfilled");
    }
    const after = [await auth.sessions.list(bob.accessToken), await auth.events.list(bob.accessToken)];
    expect(after).toEqual(before);
    for (const { session } of [bob, second])
      expect((await store.sessions.find(session.id))?.session.revokedAt).toBeNull();
  });

  test("the write itself names the owner, in case a session changes hands after it was read", async () => {
    const { auth, store, ada, bob, clock } = await twoUsers();
    const byAda = { userId: ada.user.id, audience: "sallyport", reason: "revoke_session", at: clock.now() };
    expect(await store.sessions.revoke(bob.session.id, byAda)).toBe(false);
    expect(await codeOf(auth.verifyToken(bob.accessToken))).toBe("fulfilled");
  });

  test("Ada sees the same for Bob's session as for an unknown one: answer, statements and her own trail", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const seen: unknown[] = [];
    for (const target of ["bob", "unknown"]) {
      const { auth } = makeAuth({ store });
      const email = `${target}-asker@example.com`;
      const { accessToken } = await auth.signup({ email, password: PASSWORD }, CLIENT);
      const bob = await auth.signup({ email: `${target}@example.com`, password: PASSWORD }, strangers()());
      verbs.length = 0;
      const id = target === "bob" ? bob.session.id : UNKNOWN_ID;
      const codes = [];
      for (const _ of times(4, (i) => i))
        codes.push(await codeOf(auth.sessions.revoke(accessToken, id, CLIENT)));
      const calls = [...verbs];
      const { events } = await auth.events.list(accessToken);
      seen.push([codes, calls, events.map(({ id: _id, sessionId: _session, ...event }) => event)]);
    }
    expect(seen[0]).toEqual(seen[1]);
  });

  test("over HTTP, Ada's token at Bob's ids is answered as at unknown ids, and Bob goes on", async () => {
    const { auth, ada, bob } = await twoUsers();
    const handler = createHandler(auth);
    const ask = async (path: string, token: string, method = "GET") => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await handler(
        new Request(`http://localhost/auth${path}`, { method, headers }),
        CLIENT,
      );
      return [response.status, await response.text()] as const;
    };
    const unknown = await ask(`/sessions/${UNKNOWN_ID}`, ada.accessToken, "DELETE");
    expect(unknown[0]).toBe(404);
    for (const id of [bob.session.id, bob.user.id])
      expect(await ask(`/sessions/${id}`, ada.accessToken, "DELETE")).toEqual(unknown);
    expect(await ask("/sessions", ada.accessToken, "DELETE")).toEqual([200, '{"revoked":0}']);
    const [event] = (await auth.events.list(bob.accessToken)).events;
    const pages = ["/me", "/sessions", "/events", `/events?cursor=${event?.id}`, "/events?outcome=success"];
    for (const path of pages) {
      const [status, body] = await ask(path, ada.accessToken);
      expect(status).toBe(200);
      for (const foreign of [bob.user.id, bob.user.email, bob.session.id])
        expect(body).not.toContain(foreign);
    }
    expect((await ask("/me", bob.accessToken))[0]).toBe(200);
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

  test("no user proves themselves with another user's password", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    await auth.signup({ email: "ada@example.com", password: PASSWORD }, CLIENT);
    const own = "Quite7different";
    const bob = await auth.signup({ email: "bob@example.com", password: own }, CLIENT);
    const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
    for (const call of [
      () => auth.login({ email: "bob@example.com", password: PASSWORD }, CLIENT),
      () => auth.reauthenticate(bob.accessToken, { password: PASSWORD }, CLIENT),
      () => auth.password.change(bob.accessToken, change, CLIENT),
    ])
      expect(await codeOf(call())).toBe("invalid_credentials");
    expect(await codeOf(auth.reauthenticate(bob.accessToken, { password: own }, CLIENT))).toBe("fulfilled");
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
      expect(verbs.filter((verb) => verb !== "events.append")).toEqual(["users.find", "users.find"]);
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
