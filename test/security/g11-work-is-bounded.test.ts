// Classes: unbounded hashing, normalising and parsing (Django CVE-2013-1443, CVE-2025-27556), stored
// parameters obeyed, caches without an end.
import { hash as hashText } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { hash } from "@node-rs/argon2";
import { memoryRateLimiter, memoryStore } from "sallyport";
import { createHandler } from "sallyport/http";
import { fakeClock } from "sallyport/testing";
import { expect, test } from "vitest";
import { argon2Hasher } from "../../src/adapters/argon2/argon2-hasher.ts";
import { MAX_BODY_BYTES } from "../../src/contract/message.ts";
import { poolHasher } from "../../src/kit/hash-pool.ts";
import { boundedCache } from "../../src/lib/bounded-cache.ts";
import { countingHasher } from "../support/counting-hasher.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, strangers, tally, times } from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** The bytes that are in use, without those that nothing refers to. */
function heapInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("a flood of 500 logins keeps at most the configured hashes in flight, and is told so beyond the queue", async () => {
  // No hash ends before everybody has come: a database lets them in a few at a time.
  const full = Promise.withResolvers<void>();
  const counting = countingHasher(() => full.promise);
  const hashing = { concurrency: 3, queue: 100 };
  const { auth, sink } = makeAuth({ password: { hasher: counting.hasher, hashing } });
  const stranger = strangers();
  let refused = 0;
  const logins = times(500, (index) =>
    auth.login({ email: `user${index}@example.com`, password: "x" }, stranger()).catch((error) => {
      if (++refused === 397) full.resolve();
      throw error;
    }),
  );
  expect(await tally(logins)).toEqual({ invalid_credentials: 103, overloaded: 397 });
  expect(counting.inFlight.most).toBe(3);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sink.events.filter((event) => event.reason === "overloaded")).toHaveLength(397);

  const ofOne = times(200, () => auth.login({ email: EMAIL, password: "x" }, { ip: null }));
  const errors = await Promise.all(ofOne.map((login) => login.catch((error) => error)));
  const turnedAway = errors.filter(({ code }) => code !== "invalid_credentials");
  expect(turnedAway.length).toBeGreaterThan(100);
  for (const { code, retryAfterSeconds } of turnedAway) {
    expect(["overloaded", "rate_limited"]).toContain(code);
    expect(retryAfterSeconds).toBeGreaterThan(0);
  }
});

test("the pool lives on after hashes that fail", async () => {
  const { hasher } = countingHasher();
  let broken = true;
  const flaky = {
    ...hasher,
    hash: (password: string) => (broken ? Promise.reject(new TypeError("x")) : hasher.hash(password)),
  };
  const { auth } = makeAuth({ password: { hasher: flaky, hashing: { concurrency: 1, queue: 1 } } });
  const stranger = strangers();
  for (const index of times(5, (i) => i)) {
    expect(
      await codeOf(auth.signup({ email: `u${index}@example.com`, password: PASSWORD }, stranger())),
    ).toBe("internal_error");
  }
  broken = false;
  expect(await codeOf(auth.signup({ email: EMAIL, password: PASSWORD }, stranger()))).toBe("fulfilled");
});

/** A text that does not repeat itself. */
function varied(length: number): string {
  return times(20, (index) => hashText("sha512", String(index), "base64"))
    .join("")
    .slice(0, length);
}

test("oversized input costs no query and no hash", async () => {
  const counting = countingHasher();
  const { store, verbs } = countVerbs(makeAuth().store);
  const { auth } = makeAuth({ store, password: { hasher: counting.hasher } });
  const megabytes = "x".repeat(2_000_000);
  const inputs = [
    { email: EMAIL, password: megabytes },
    { email: EMAIL, password: "é".repeat(513) }, // 1,026 bytes
    { email: `${megabytes}@example.com`, password: PASSWORD },
    { email: `a@${"b".repeat(250)}.com`, password: PASSWORD },
    { email: `${"a".repeat(65)}@example.com`, password: PASSWORD },
    { email: `${"a".repeat(64)}@${`${"b".repeat(60)}.`.repeat(4)}example`, password: PASSWORD },
    { email: EMAIL, password: PASSWORD, more: megabytes },
  ];
  for (const input of inputs) {
    expect(await codeOf(auth.signup(input, CLIENT))).toBe("invalid_input");
    expect(await codeOf(auth.login(input, CLIENT))).toBe("invalid_input");
  }
  for (const token of [megabytes, `${"a".repeat(4096)}.b.c`, ".".repeat(5000)]) {
    expect(await codeOf(auth.verifyToken(token))).toBe("invalid_token");
    expect(await codeOf(auth.logout(token))).toBe("invalid_token");
  }
  expect([verbs, counting.calls]).toEqual([[], []]);
  // The longest there may be is welcome.
  const longest = {
    email: `${"a".repeat(64)}@${"b".repeat(60)}.example`,
    password: `Aa1é${varied(1018)}z`,
  };
  expect(await codeOf(auth.signup(longest, CLIENT))).toBe("fulfilled");
  expect(await codeOf(auth.login(longest, CLIENT))).toBe("fulfilled");
});

test.each([
  ["the hasher of the tests", {}],
  ["argon2id", { password: undefined }],
])("the whole password is significant, to its last byte: with %s", async (_hasher, options) => {
  const { auth } = makeAuth(options);
  const password = `Aa1${varied(1020)}`;
  await auth.signup({ email: EMAIL, password: `${password}y` }, CLIENT);
  expect(await codeOf(auth.login({ email: EMAIL, password: `${password}z` }, CLIENT))).toBe(
    "invalid_credentials",
  );
  expect(await codeOf(auth.login({ email: EMAIL, password }, CLIENT))).toBe("invalid_credentials");
  expect(await codeOf(auth.login({ email: EMAIL, password: `${password}y` }, CLIENT))).toBe("fulfilled");
});

test("caches forget what is old, and keep what is used", () => {
  const cache = boundedCache<number>(1000);
  cache.set("warm", 1);
  for (const index of times(100_000, (i) => i)) {
    cache.set(`key ${index}`, index);
    if (index % 100 === 0) expect(cache.get("warm")).toBe(1);
  }
  const kept = times(100_000, (index) => cache.get(`key ${index}`)).filter((value) => value !== undefined);
  expect(kept.length).toBeLessThanOrEqual(1000);
});

test("a session list and an event page are bounded, whatever is stored", async () => {
  const { auth, ctx, store, clock } = makeAuth({ store: memoryStore() });
  const { accessToken, user, session } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  const found = await store.sessions.find(session.id);
  if (!found) throw new TypeError("No session");
  // More than any `session.max` lets a user have, and more than any page holds.
  for (const _ of times(10_001, Number))
    await store.sessions.create({ ...found.session, id: ctx.newId(clock.now()) });
  const [event] = await store.events.list({ userId: user.id, limit: 1 });
  if (!event) throw new TypeError("No event");
  await store.events.append(times(150, () => ({ ...event, id: ctx.newId(clock.now()) })));

  expect(await auth.sessions.list(accessToken)).toHaveLength(10_000);
  expect((await auth.events.list(accessToken)).events).toHaveLength(20);
  expect((await auth.events.list(accessToken, { limit: 100 })).events).toHaveLength(100);
  expect(await codeOf(auth.events.list(accessToken, { limit: 101 }))).toBe("invalid_input");
});

test("a user has at most session.max live sessions, however many logins there were", async () => {
  const { auth, clock } = makeAuth({
    session: { max: 5 },
    limits: { login: { address: false, account: false } },
  });
  let { accessToken } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  for (const _ of times(30, Number)) {
    clock.advance("1s");
    const result = await auth.login({ email: EMAIL, password: PASSWORD }, CLIENT);
    if (result.status === "signed_in") accessToken = result.accessToken;
  }
  expect(await auth.sessions.list(accessToken)).toHaveLength(5);
});

test("a limiter under a flood of keys stays within its table", async () => {
  const rule = { points: 5, windowMs: 60_000 };
  const flood = async (keys: number): Promise<number> => {
    const limiter = memoryRateLimiter({ clock: fakeClock(), maxKeys: 10_000 });
    const before = heapInUse();
    for (let index = 0; index < keys; index++) await limiter.consume(`key ${index}`, rule);
    const grown = heapInUse() - before;
    await limiter.consume("key 0", rule); // it was not collected before the measurement
    return grown;
  };
  const filled = await flood(60_000);
  // Each further key would take more than 100 bytes: 24 MB.
  expect((await flood(300_000)) - filled).toBeLessThan(8e6);
});

test("a body is read no further than its bound, whatever its header says", async () => {
  const handler = createHandler(makeAuth().auth);
  const ask = async (body: ReadableStream<Uint8Array>, headers: Record<string, string>): Promise<unknown> => {
    const all = { "content-type": "application/json", ...headers };
    const init = { method: "POST", headers: all, body, duplex: "half" } as const;
    const response = await handler(new Request("http://localhost/auth/login", init), { ip: null });
    return ((await response.json()) as { code: unknown }).code;
  };
  let sent = 0;
  const stream = () => {
    sent = 0;
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          sent += 1024;
          if (sent > 1e6) controller.close();
          else controller.enqueue(new TextEncoder().encode(" ".repeat(1024)));
        },
      },
      { highWaterMark: 0 },
    );
  };
  expect(await ask(stream(), {})).toBe("payload_too_large");
  expect(sent).toBeLessThanOrEqual(MAX_BODY_BYTES + 2048);
  expect(await ask(stream(), { "content-length": "1" })).toBe("payload_too_large");
  expect(sent).toBeLessThanOrEqual(MAX_BODY_BYTES + 2048);
  expect(await ask(stream(), { "content-length": String(MAX_BODY_BYTES + 1) })).toBe("payload_too_large");
  expect(sent).toBe(0);
});

test("a stored hash with parameters beyond the caps is never computed", async () => {
  const cheap = { memoryKiB: 128, passes: 1 };
  const hasher = argon2Hasher(cheap);
  const atTheCaps = [
    await hash(PASSWORD, { memoryCost: 128, timeCost: 16, parallelism: 1 }),
    await hash(PASSWORD, { memoryCost: 128, timeCost: 1, parallelism: 16 }),
  ];
  const beyond = [
    await hash(PASSWORD, { memoryCost: 128, timeCost: 17, parallelism: 1 }),
    await hash(PASSWORD, { memoryCost: 136, timeCost: 1, parallelism: 17 }),
    (await hasher.hash(PASSWORD)).replace("m=128", "m=262145"),
  ];
  for (const stored of atTheCaps) expect(await hasher.verify(stored, PASSWORD)).toBe(true);
  for (const stored of beyond) expect(await hasher.verify(stored, PASSWORD)).toBe(false);
});

test("who waits for a hash is served in the order of asking", async () => {
  const { hasher } = countingHasher(() => new Promise((resolve) => setImmediate(resolve)));
  const pooled = poolHasher(hasher, { concurrency: 1, queue: 10 });
  const served: number[] = [];
  await Promise.all(times(6, (index) => pooled.hash("x").then(() => served.push(index))));
  expect(served).toEqual([0, 1, 2, 3, 4, 5]);
});
