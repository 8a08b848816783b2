// G4, G7: a limiter that counts several attempts in one call changes nothing for whoever logs in.
import { memoryRateLimiter, type RateAttempt, type RateLimiter, type RateVerdict } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { expect, test } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, NOON, PASSWORD, tally, times } from "../support/harness.ts";

const right = { email: EMAIL, password: PASSWORD };
const wrong = { email: EMAIL, password: "Wrong1password" };
const limits = {
  login: { address: "5/1m", account: ["2/15m", "9/24h"] },
  signup: { address: false, account: false },
} as const;

interface Watched {
  readonly limiter: RateLimiter;
  /** How many attempts each call was given, and the scopes of those that were refunded. */
  readonly calls: number[];
  readonly refunds: string[];
}

/** Counts so many attempts in one call, and stops where it must. */
function counting(atOnce: number, fails: (attempt: RateAttempt) => boolean = () => false): Watched {
  const clock = fakeClock(NOON);
  const inner = memoryRateLimiter({ clock });
  const calls: number[] = [];
  const refunds: string[] = [];
  const consumeAll = async (attempts: readonly RateAttempt[]): Promise<readonly RateVerdict[]> => {
    calls.push(attempts.length);
    const verdicts: RateVerdict[] = [];
    for (const attempt of attempts.slice(0, atOnce)) {
      if (fails(attempt) && verdicts.length > 0) break;
      if (fails(attempt)) throw new TypeError("the backend is away");
      verdicts.push(await inner.consume(attempt.key, attempt.rule));
      if (!verdicts.at(-1)?.allowed) break;
    }
    return verdicts;
  };
  const consume = () => Promise.reject(new TypeError("one at a time"));
  const refund: RateLimiter["refund"] = (key, rule, of) => {
    refunds.push(key.split(":")[2] as string);
    return inner.refund(key, rule, of);
  };
  return { limiter: { consume, consumeAll, refund }, calls, refunds };
}

test.for([1, 2, 3, 99])(
  "with %i in a call, guesses are bounded as ever, and a refusal costs nobody else",
  async (atOnce) => {
    const { limiter } = counting(atOnce);
    const { auth } = makeAuth({ rateLimiter: limiter, limits });
    await auth.signup(right, CLIENT);
    const guess = (ip: string) => auth.login(wrong, { ip });
    expect(await tally(times(4, () => guess("192.0.2.1")))).toEqual({
      invalid_credentials: 2,
      rate_limited: 2,
    });
    // The address was counted each time. The account's refusals gave nothing of it back, and left no count of the day.
    expect(
      await tally(times(9, () => auth.login({ ...wrong, email: "other@example.com" }, { ip: "192.0.2.1" }))),
    ).toEqual({ invalid_credentials: 1, rate_limited: 8 });
    expect(await codeOf(auth.login({ ...right, email: "other@example.com" }, { ip: "192.0.2.2" }))).toBe(
      "invalid_credentials",
    );
  },
);

test("a login that a limiter counts in one call makes one, and tells its client of the address", async () => {
  const { limiter, calls, refunds } = counting(99);
  const { auth } = makeAuth({ rateLimiter: limiter, limits });
  await auth.signup(right, CLIENT);
  calls.length = 0;
  const told: unknown[] = [];
  expect(
    await codeOf(auth.login(right, { ip: "192.0.2.1", onRateLimit: (status) => void told.push(status) })),
  ).toBe("fulfilled");
  expect(calls).toEqual([3]);
  expect(refunds).toEqual(["account", "account"]);
  expect(told).toEqual([{ limit: 5, windowSeconds: 60, remaining: 4, resetSeconds: 60 }]);
});

test("before a refusal, what was counted in the same call comes back; what comes after it was never counted", async () => {
  const { limiter, refunds } = counting(99);
  const { auth } = makeAuth({
    rateLimiter: limiter,
    limits: { ...limits, login: { ...limits.login, account: ["9/15m", "2/24h"] } },
  });
  const guess = () => codeOf(auth.login(wrong, CLIENT));
  expect([await guess(), await guess(), await guess()]).toEqual([
    "invalid_credentials",
    "invalid_credentials",
    "rate_limited",
  ]);
  expect(refunds).toEqual(["account"]);
});

test("when a limiter fails in part, what it did count comes back, and nobody passes", async () => {
  const { limiter, calls, refunds } = counting(99, ({ rule }) => rule.points === 9);
  const { auth, store } = makeAuth({ rateLimiter: limiter, limits });
  await auth.signup(right, CLIENT);
  calls.length = 0;
  for (const _ of times(3, Number)) expect(await codeOf(auth.login(right, CLIENT))).toBe("unavailable");
  expect(calls).toEqual([3, 1, 3, 1, 3, 1]);
  expect(refunds).toEqual(["account", "account", "account"]);
  expect(await store.users.findForLogin(EMAIL)).not.toBeNull();
});

const allowed: RateVerdict = { allowed: true, count: 1, resetMs: 1000 };

test.for([
  ["none", async () => []],
  ["too many", async (attempts: readonly unknown[]) => [...attempts, 1].map(() => allowed)],
  ["nothing", async () => undefined],
  ["a failure", () => Promise.reject(new TypeError("away"))],
  [
    "a failure at once",
    () => {
      throw new TypeError("away");
    },
  ],
] as const)("a limiter whose verdicts are %s lets nobody pass", async ([, consumeAll]) => {
  const sound = makeAuth();
  await sound.auth.signup(right, CLIENT);
  const rateLimiter = {
    consume: async () => allowed,
    refund: async () => {},
    consumeAll,
  } as unknown as RateLimiter;
  const { auth } = makeAuth({ store: sound.store, rateLimiter });
  expect(await codeOf(auth.login(right, CLIENT))).toBe("unavailable");
});
