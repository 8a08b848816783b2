import { type AuthOptions, memoryStore, type RateLimiter, type RateVerdict } from "sallyport";
import { afterEach, expect, test, vi } from "vitest";
import { countingHasher } from "../support/counting-hasher.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

afterEach(() => void vi.useRealTimers());

const wrong = { email: EMAIL, password: PASSWORD };
const nothing = async (): Promise<void> => {};

function limiterOf(consume: () => Promise<RateVerdict>): RateLimiter {
  return { consume, refund: nothing };
}

test.each(STORES)("on %s an instance whose parts answer is ready", async (_, makeStore) => {
  const { auth, errors } = makeAuth({
    store: makeStore(),
    password: { hasher: countingHasher().hasher, hashing: { concurrency: 3, queue: 7 } },
  });
  const hashing = { running: 0, waiting: 0, concurrency: 3, queue: 7 };
  expect(await auth.health()).toEqual({
    ready: true,
    store: "up",
    limiter: "up",
    mail: "off",
    fullTables: [],
    hashing,
  });
  expect(errors).toEqual([]);
  await auth.close();
  expect(await auth.health()).toMatchObject({ ready: false, store: "down" });
});

test("a store or a limiter that fails is down, and the operator is told", async () => {
  const failing = interceptStore(makeAuth().store, (verb) => {
    if (verb === "sessions.find") throw new TypeError("the store is away");
  });
  const failed = makeAuth({ store: failing });
  expect(await failed.auth.health()).toMatchObject({ ready: false, store: "down", limiter: "up" });
  const rateLimiter = limiterOf(() => Promise.reject(new TypeError("the limiter is away")));
  const limitless = makeAuth({ rateLimiter });
  expect(await limitless.auth.health()).toMatchObject({ ready: false, store: "up", limiter: "down" });
  await new Promise((resolve) => setImmediate(resolve));
  for (const { errors } of [failed, limitless])
    expect(errors).toEqual([expect.objectContaining({ code: "unavailable" })]);
});

const HANGING: readonly (readonly [what: "store" | "limiter", options: Partial<AuthOptions>])[] = [
  ["store", { store: interceptStore(memoryStore(), () => new Promise(() => {})) }],
  ["limiter", { store: memoryStore(), rateLimiter: limiterOf(() => new Promise(() => {})) }],
];

test.each(HANGING)("a %s that hangs is down, after two seconds and not before", async (what, options) => {
  const { auth, errors } = makeAuth(options);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let answer: unknown = "none yet";
  const asked = auth.health().then((health) => {
    answer = health;
  });
  await vi.advanceTimersByTimeAsync(1999);
  expect(answer).toBe("none yet");
  await vi.advanceTimersByTimeAsync(1);
  await asked;
  expect(answer).toMatchObject({ ready: false, store: "up", limiter: "up", [what]: "down" });
  await vi.advanceTimersByTimeAsync(0);
  expect(errors).toHaveLength(1);
});

test("an instance whose hash queue is full is not ready, and is again when it is not", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { hasher } = countingHasher(() => promise);
  const { auth } = makeAuth({
    password: { hasher, hashing: { concurrency: 1, queue: 1 } },
    limits: { login: { address: false } },
  });
  const logins = [codeOf(auth.login(wrong, CLIENT)), codeOf(auth.login(wrong, CLIENT))];
  const hashing = async (): Promise<unknown> => (await auth.health()).hashing;
  await expect.poll(hashing).toMatchObject({ running: 1, waiting: 1 });
  expect(await auth.health()).toMatchObject({ ready: false, store: "up", limiter: "up" });
  const refused = await auth.login(wrong, CLIENT).catch((error) => error);
  expect(refused).toMatchObject({ code: "overloaded", status: 503, retryAfterSeconds: 1 });
  resolve();
  await Promise.all(logins);
  expect(await auth.health()).toMatchObject({ ready: true, hashing: { running: 0, waiting: 0 } });
});

test("a limiter that counts here alone is ready, and says so", async () => {
  const verdict = { allowed: true, count: 1, resetMs: 1000 };
  const shares = [25, 25, undefined] as const;
  let call = 0;
  const limiter = limiterOf(async () => ({ ...verdict, points: shares[call++] }));
  const { auth } = makeAuth({ rateLimiter: limiter });
  const answers = [];
  for (const _ of shares) answers.push(await auth.health());
  expect(answers.map((health) => health.limiter)).toEqual(["local", "local", "up"]);
  expect(answers.map((health) => health.ready)).toEqual([true, true, true]);
});
