// Classes: failures that leave no trace, or a trace that rolls back with them (Vikunja CVE-2026-35597).
import type { AuthStore, SignedIn } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import { describe, expect, test } from "vitest";
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
import { interceptStore } from "../support/intercept-store.ts";
import { userOf } from "../support/security-change.ts";

const right = { email: EMAIL, password: PASSWORD };
const unlimited = { login: { address: false, account: false }, signup: { address: false } } as const;

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("each attempt leaves exactly one event, successes and failures alike", async () => {
    const store = makeStore();
    const { auth, sink } = makeAuth({ store, limits: unlimited });
    const client = { ...CLIENT, requestId: "req-1" };
    const recorded = async (call: () => Promise<unknown>) => {
      sink.clear();
      await codeOf(call());
      await new Promise((resolve) => setImmediate(resolve));
      return sink.events.map(({ type, outcome, reason, userId, attemptedEmail }) => {
        return [type, outcome, reason, userId !== null, attemptedEmail?.replace(/^(hmac:).*/, "$1…") ?? null];
      });
    };
    const login = (email: string, password: string) => () => auth.login({ email, password }, client);

    expect(await recorded(() => auth.signup(right, client))).toEqual([
      ["signup", "success", null, true, EMAIL],
    ]);
    expect(await recorded(() => auth.signup(right, client))).toEqual([
      ["signup", "failure", "email_taken", true, EMAIL],
    ]);
    expect(await recorded(login(EMAIL, PASSWORD))).toEqual([["login", "success", null, true, EMAIL]]);
    expect(await recorded(login(EMAIL, "wrong"))).toEqual([
      ["login", "failure", "wrong_password", true, EMAIL],
    ]);
    expect(await recorded(login("nobody@example.com", "x"))).toEqual([
      ["login", "failure", "unknown_email", false, "hmac:…"],
    ]);
    const second = (await auth.login(right, client)) as SignedIn;
    const { accessToken } = second;
    await new Promise((resolve) => setImmediate(resolve));
    expect(await recorded(() => auth.reauthenticate(accessToken, { password: "wrong" }, client))).toEqual([
      ["reauthenticate", "failure", "wrong_password", true, null],
    ]);
    expect(await recorded(() => auth.reauthenticate(accessToken, { password: PASSWORD }, client))).toEqual([
      ["reauthenticate", "success", null, true, null],
    ]);
    // The row says when and from where; it is no attempt at anything.
    expect(await recorded(() => auth.refresh(second.refreshToken, client))).toEqual([]);
    expect(await recorded(() => auth.refresh("forged", client))).toEqual([]);
    expect(await recorded(() => auth.sessions.revokeOthers(accessToken, client))).toEqual([
      ["revoke_other_sessions", "success", null, true, null],
    ]);
    expect(await recorded(() => auth.logout(accessToken, client))).toEqual([
      ["logout", "success", null, true, null],
    ]);
    expect(await recorded(() => auth.logout(accessToken, client))).toEqual([]); // nothing happened
    expect(await recorded(() => auth.refresh(second.refreshToken, client))).toEqual([
      ["refresh", "failure", "session_revoked", true, null],
    ]);

    const { id } = await userOf(store, EMAIL);
    expect(await recorded(() => auth.users.disable(id, client))).toEqual([
      ["disable", "success", null, true, null],
    ]);
    expect(await recorded(() => auth.users.disable(id, client))).toEqual([]); // nothing happened
    expect(await recorded(login(EMAIL, PASSWORD))).toEqual([["login", "failure", "disabled", true, EMAIL]]);
    expect(await recorded(() => auth.users.enable(id, client))).toEqual([
      ["enable", "success", null, true, null],
    ]);
    expect(await recorded(() => auth.users.enable(id, client))).toEqual([]);
    expect(await recorded(() => auth.users.delete(id, client))).toEqual([
      ["delete", "success", null, false, "hmac:…"],
    ]);
    expect(await recorded(() => auth.users.delete(id, client))).toEqual([
      ["delete", "failure", "not_found", false, null],
    ]);
    expect(await recorded(login(EMAIL, PASSWORD))).toEqual([
      ["login", "failure", "unknown_email", false, "hmac:…"],
    ]);
  });

  test("what an operator does says from where, or that there was no address; the user reads it in their trail", async () => {
    const { auth, sink } = makeAuth({ store: makeStore(), limits: unlimited });
    const { user } = await auth.signup(right, CLIENT);
    await auth.users.disable(user.id, { ...CLIENT, requestId: "ticket-7" });
    await auth.users.enable(user.id);
    const { ip, userAgent } = CLIENT;
    expect(sink.events.slice(1)).toMatchObject([
      { type: "disable", ip, userAgent, requestId: "ticket-7", userId: user.id },
      { type: "enable", ip: null, userAgent: null, requestId: null, userId: user.id },
    ]);
    const { accessToken } = (await auth.login(right, CLIENT)) as { accessToken: string };
    const { events } = await auth.events.list(accessToken);
    expect(events.map(({ type }) => type)).toEqual(["login", "enable", "disable", "signup"]);
  });

  test("what an operator does says who did it and why; the texts are cut and cleaned, and no user sees them", async () => {
    const { auth, sink, store } = makeAuth({ store: makeStore(), limits: unlimited });
    const { user } = await auth.signup(right, CLIENT);
    const operator = { ...CLIENT, by: "a\n\u202eb".padEnd(500, "c"), reason: "d\0".padEnd(900, "e") };
    await auth.users.disable(user.id, operator);
    await auth.users.enable(user.id, { ip: null, by: "", reason: undefined });
    const [, disabled, enabled] = sink.events;
    expect(disabled?.data).toEqual({ by: "a  b".padEnd(120, "c"), reason: "d ".padEnd(500, "e") });
    expect(enabled?.data).toBeNull();
    const { accessToken } = (await auth.login(right, CLIENT)) as { accessToken: string };
    expect(JSON.stringify(await auth.events.list(accessToken))).not.toMatch(/c{20}|e{20}/);
    for (const wrong of [{ by: 1 }, { reason: ["x"] }, { by: {} }]) {
      const call = auth.users.disable(user.id, { ...CLIENT, ...wrong } as never);
      expect(await codeOf(call)).toBe("invalid_input");
    }
    expect((await userOf(store, EMAIL)).status).toBe("active");
  });

  test("a signup with a taken email stands in the trail of the account that has it", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    const { accessToken } = await auth.signup(right, CLIENT);
    const stranger = { ip: "198.51.100.9", userAgent: "Stranger/1.0" };
    expect(await codeOf(auth.signup({ ...right, email: "ADA@example.com" }, stranger))).toBe("email_taken");
    const [newest] = (await auth.events.list(accessToken)).events;
    expect(newest).toMatchObject({ type: "signup", outcome: "failure", reason: "email_taken", ...stranger });
  });

  test("a taken email whose account vanished meanwhile is recorded under its pseudonym", async () => {
    const inner = makeStore();
    const { user } = await makeAuth({ store: inner }).auth.signup(right, CLIENT);
    const store = interceptStore(inner, async (verb) => {
      if (verb === "users.findForLogin") await inner.users.remove(user.id, "hmac:pseudonym");
    });
    const { auth, sink } = makeAuth({ store });
    expect(await codeOf(auth.signup(right, CLIENT))).toBe("email_taken");
    const attemptedEmail = expect.stringMatching(/^hmac:/);
    expect(sink.events).toMatchObject([{ reason: "email_taken", userId: null, attemptedEmail }]);
  });

  test("an event says who, from where, with what and in which request", async () => {
    const { auth, sink, clock } = makeAuth({ store: makeStore() });
    const client = { ip: "::ffff:203.0.113.9", userAgent: "A\u0000\nB".padEnd(2000, "x"), requestId: "r1" };
    const { user, session } = await auth.signup(right, client);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sink.events).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        type: "signup",
        outcome: "success",
        reason: null,
        userId: user.id,
        attemptedEmail: EMAIL,
        sessionId: session.id,
        ip: "203.0.113.9",
        userAgent: `A  B${"x".repeat(508)}`,
        requestId: "r1",
        data: null,
        occurredAt: clock.now(),
      },
    ]);
  });

  test("refusals leave one event when a key crosses its limit and one at each doubling", async () => {
    const { auth, sink } = makeAuth({ store: makeStore() });
    for (const _ of times(41, (i) => i)) await codeOf(auth.login({ email: EMAIL, password: "x" }, CLIENT));
    await new Promise((resolve) => setImmediate(resolve));
    const refusals = sink.events.filter((event) => event.outcome === "refused");
    expect(refusals.map((event) => event.data?.["count"])).toEqual([6, 10, 20, 40]);
    // Whether an account has the address was not looked up: the event holds none.
    expect(refusals.map((event) => event.attemptedEmail)).toEqual(
      times(4, () => expect.stringMatching(/^hmac:/)),
    );
    expect(refusals[0]).toMatchObject({ type: "login", reason: "rate_limited", data: { limit: "address" } });
  });

  test("no success without its event: if the event cannot be stored, nothing happened", async () => {
    let broken = false;
    const inner = makeStore();
    const store = interceptStore(inner, (verb) => {
      if (broken && verb === "events.append") throw new TypeError("no space for events");
    });
    const { auth } = makeAuth({ store, limits: unlimited });
    broken = true;
    expect(await codeOf(auth.signup(right, CLIENT))).toBe("unavailable");
    expect(await inner.users.findForLogin(EMAIL)).toBeNull();
    broken = false;
    const { accessToken } = await auth.signup(right, CLIENT);
    broken = true;
    expect(await codeOf(auth.login(right, CLIENT))).toBe("unavailable");
    expect(await codeOf(auth.login({ ...right, password: "wrong" }, CLIENT))).toBe("unavailable");
    expect(await codeOf(auth.logout(accessToken))).toBe("unavailable");
    const { id } = await userOf(inner, EMAIL);
    expect(await codeOf(auth.users.disable(id))).toBe("unavailable");
    expect(await codeOf(auth.users.delete(id))).toBe("unavailable");
    broken = false;
    expect(await auth.sessions.list(accessToken)).toHaveLength(1);
  });

  test("50 callers who end the other sessions at once leave one event: one of them ended something", async () => {
    const { auth, sink } = makeAuth({ store: makeStore(), limits: { changes: { session: false } } });
    const { accessToken } = await auth.signup(right, CLIENT);
    await auth.login(right, CLIENT);
    const calls = times(50, () => auth.sessions.revokeOthers(accessToken, CLIENT));
    const revoked = (await Promise.all(calls)).map((answer) => answer.revoked);
    expect(revoked.filter((count) => count > 0)).toEqual([1]);
    expect(sink.events.filter(({ type }) => type === "revoke_other_sessions")).toHaveLength(1);
  });

  test("failure events survive what fails beside them: 25 failed logins among transactions that roll back", async () => {
    const store = makeStore();
    const { auth, sink } = makeAuth({ store, limits: unlimited });
    await auth.signup(right, CLIENT);
    const user = await userOf(store, EMAIL);
    const rollBack = (tx: AuthStore) =>
      tx.users.find(user.id).then(() => Promise.reject(new TypeError("roll back")));
    const calls = times(50, (index) =>
      index % 2 ? auth.login({ ...right, password: "wrong" }, CLIENT) : store.transaction(rollBack),
    );
    await tally(calls);
    await new Promise((resolve) => setImmediate(resolve));
    const stored = await store.events.list({ userId: user.id, limit: 100 });
    expect(stored.filter((event) => event.reason === "wrong_password")).toHaveLength(25);
    expect(sink.events.filter((event) => event.reason === "wrong_password")).toHaveLength(25);
  });
});

test("an attempt that passed its limits is recorded, also when the limiter then fails at the refund", async () => {
  const allowed = { allowed: true, count: 1, resetMs: 1 };
  const refund = () => Promise.reject(new TypeError("limiter is gone"));
  const { auth, sink } = makeAuth({ rateLimiter: { consume: async () => allowed, refund } });
  await auth.signup(right, CLIENT);
  expect(await codeOf(auth.login(right, CLIENT))).toBe("unavailable");
  expect(sink.events.at(-1)).toMatchObject({ type: "login", outcome: "failure", reason: "unavailable" });
});

test("onEvent can neither break nor delay a flow", async () => {
  const errors: unknown[] = [];
  for (const onEvent of [
    () => {
      throw new TypeError("sink is broken");
    },
    () => Promise.reject(new TypeError("sink is down")),
    () => new Promise(() => {}),
  ]) {
    const { auth } = makeAuth({ onEvent, onError: (error) => errors.push(error) });
    const { accessToken } = await auth.signup(right, strangers()());
    await auth.logout(accessToken);
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors.map(String)).toEqual([
    ...times(2, () => "TypeError: sink is broken"),
    ...times(2, () => "TypeError: sink is down"),
  ]);
});

test("the trail is the owner's to read, newest first, page by page", async () => {
  for (const [, makeStore] of STORES) {
    const { auth } = makeAuth({ store: makeStore(), limits: unlimited });
    const { accessToken } = await auth.signup(right, CLIENT);
    for (const _ of times(6, (i) => i)) await codeOf(auth.login({ ...right, password: "wrong" }, CLIENT));

    const first = await auth.events.list(accessToken, { limit: 4 });
    const second = await auth.events.list(accessToken, { limit: 4, cursor: first.nextCursor ?? undefined });
    expect([first.events.length, second.events.length, second.nextCursor]).toEqual([4, 3, null]);
    expect(second.events.at(-1)).toMatchObject({ type: "signup", outcome: "success" });
    const ids = [...first.events, ...second.events].map((event) => event.id);
    expect(ids).toEqual([...ids].sort().reverse());
    for (const page of [
      { limit: 0 },
      { limit: 101 },
      { limit: 1.5 },
      { cursor: "1 OR 1=1" },
      { cursor: "" },
      { x: 1 },
    ]) {
      expect(await codeOf(auth.events.list(accessToken, page as never))).toBe("invalid_input");
    }
  }
});

test("a breached password is an attempt, and leaves its event", async () => {
  const { auth, sink } = makeAuth({ password: { isBreached: () => true, hasher: insecureTestHasher() } });
  expect(await codeOf(auth.signup(right, CLIENT))).toBe("weak_password");
  expect(sink.events).toMatchObject([{ type: "signup", outcome: "failure", reason: "weak_password" }]);
});

test("an attempt that a failing store ends is recorded as soon as events can be written", async () => {
  for (const failing of ["users.findForLogin", "commit"]) {
    let broken = false;
    const store = interceptStore(makeAuth().store, (verb) => {
      if (broken && verb === failing) throw new TypeError("fault");
    });
    const { auth, sink } = makeAuth({ store });
    await auth.signup(right, CLIENT);
    broken = true;
    sink.clear();
    expect(await codeOf(auth.login(right, CLIENT))).toBe("unavailable");
    if (failing === "commit") {
      expect(await codeOf(auth.signup({ ...right, email: "bob@example.com" }, CLIENT))).toBe("unavailable");
    }
    const recorded = sink.events.map(({ type, outcome, reason }) => [type, outcome, reason]);
    const login = ["login", "failure", "unavailable"];
    expect(recorded).toEqual(failing === "commit" ? [login, ["signup", "failure", "unavailable"]] : [login]);
  }
});
