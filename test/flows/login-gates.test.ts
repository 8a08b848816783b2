// Class: a session that exists before the second factor (better-auth GHSA-xg6x-h9c9-2m83).
import { expect, test } from "vitest";
import type { Gate } from "../../src/context.ts";
import { hashSecretToken } from "../../src/lib/secrets.ts";
import { sampleToken } from "../../src/testing/store/samples.ts";
import { loginThrough } from "../support/gates.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES } from "../support/harness.ts";

const right = { email: EMAIL, password: PASSWORD };

test.each(STORES)(
  "a gate that applies parks the login before any session exists: %s",
  async (_name, makeStore) => {
    const { auth, ctx, store, sink, clock } = makeAuth({ store: makeStore() });
    const { user } = await auth.signup(right, CLIENT);
    await auth.users.disable(user.id);
    await auth.users.enable(user.id); // an epoch that is not the first one
    const { accessToken } = (await auth.login(right, CLIENT)) as { accessToken: string };
    const asked: string[] = [];
    const gate = (kind: string, applies: boolean): Gate => ({
      kind,
      ask: async (_ctx, attempt) => {
        asked.push(`${kind}:${attempt.user.id}:${attempt.amr}`);
        return applies ? { methods: ["one", "other"] } : null;
      },
    });
    const gates = [gate("first", false), gate("second", true), gate("third", true)];
    const result = await loginThrough(ctx, gates, right, CLIENT);

    expect(result).toEqual({
      status: "challenge",
      kind: "second",
      methods: ["one", "other"],
      challengeToken: expect.stringMatching(/^[\w-]{43}$/),
      expiresAt: new Date(clock.now().getTime() + 600_000),
    });
    expect(asked).toEqual([`first:${user.id}:pwd`, `second:${user.id}:pwd`]);
    expect(await auth.sessions.list(accessToken)).toHaveLength(1);
    expect(sink.events.at(-1)).toMatchObject({ outcome: "challenged", reason: "second", sessionId: null });

    if (result.status !== "challenge") throw new TypeError("No challenge");
    expect(await codeOf(auth.verifyToken(result.challengeToken))).toBe("invalid_token");
    const hash = hashSecretToken(result.challengeToken);
    const parked = await store.tokens.consume("challenge", hash, clock.now());
    expect(parked).toMatchObject({
      userId: user.id,
      epoch: 2,
      attempts: 0,
      data: JSON.stringify({
        ...{ v: 2, issuer: "sallyport", audience: "sallyport", kind: "second" },
        ...{ methods: ["one", "other"], amr: ["pwd"], device: null, replaces: null },
      }),
    });
  },
);

test("a gate is not asked before the password was right", async () => {
  const { auth, ctx } = makeAuth();
  await auth.signup(right, CLIENT);
  const gate: Gate = { kind: "x", ask: () => Promise.reject(new TypeError("asked too early")) };
  const wrong = loginThrough(ctx, [gate], { ...right, password: "wrong" }, CLIENT);
  expect(await codeOf(wrong)).toBe("invalid_credentials");
});

test("a gate that fails lets nobody through", async () => {
  const { auth, ctx, sink } = makeAuth();
  await auth.signup(right, CLIENT);
  const gate: Gate = { kind: "x", ask: () => Promise.reject(new TypeError("broken gate")) };
  await expect(loginThrough(ctx, [gate], right, CLIENT)).rejects.toThrow();
  expect(sink.events.filter((event) => event.type === "login")).toMatchObject([
    { outcome: "failure", reason: "internal_error" },
  ]);
});

test.each(STORES)("a login that cannot be parked leaves one event: %s", async (_name, makeStore) => {
  const { auth, ctx, store, sink } = makeAuth({ store: makeStore() });
  const { user } = await auth.signup(right, CLIENT);
  const ask: Gate["ask"] = async () => {
    await store.users.remove(user.id, "hmac:pseudonym"); // in this very moment
    return { methods: ["test"] };
  };
  sink.clear();
  expect(await codeOf(loginThrough(ctx, [{ kind: "test", ask }], right, CLIENT))).toBe("unavailable");
  expect(sink.events).toMatchObject([{ type: "login", outcome: "failure", reason: "unavailable" }]);
});

test.each(STORES)(
  "a gate may park a sign-in its own way, in the same transaction: %s",
  async (_name, makeStore) => {
    const { auth, ctx, store, sink, clock } = makeAuth({ store: makeStore() });
    const { user } = await auth.signup(right, CLIENT);
    let fails = true;
    const ticket = { challengeToken: "of-the-gate", expiresAt: new Date(clock.now().getTime() + 60_000) };
    const gate: Gate = {
      kind: "email",
      ask: async (_ctx, { user: { id: userId } }) => ({
        methods: ["code"],
        park: async (tx) => {
          await tx.tokens.issue(sampleToken({ userId, purpose: "email_verification", hash: "h" }));
          if (fails) throw new TypeError("the gate is broken");
          return ticket;
        },
      }),
    };
    expect(await codeOf(loginThrough(ctx, [gate], right, CLIENT))).toBe("unavailable");
    expect(await store.tokens.find("email_verification", "h", user.createdAt)).toBeNull();
    fails = false;
    const parked = await loginThrough(ctx, [gate], right, CLIENT);
    expect(parked).toEqual({ status: "challenge", kind: "email", methods: ["code"], ...ticket });
    expect(await store.tokens.find("email_verification", "h", user.createdAt)).not.toBeNull();
    expect(sink.events.slice(-2)).toMatchObject([
      { outcome: "failure", reason: "unavailable" },
      { outcome: "challenged", reason: "email" },
    ]);
  },
);
