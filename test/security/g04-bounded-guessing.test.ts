// Classes: limits by address only, by path or by spelling; lost increments; counters that a success or a
// flood resets (allauth 0.44, 65.8.1; Devise CVE-2019-5421; better-auth CVE-2026-45364).
import { type Clock, memoryRateLimiter, type RateLimiter, type RateRule } from "sallyport";
import { fakeClock, insecureTestHasher } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { countingHasher } from "../support/counting-hasher.ts";
import {
  CALLERS,
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

const wrong = { email: EMAIL, password: "Wrong1password" };
const right = { email: EMAIL, password: PASSWORD };

test("one address has five login attempts a minute, right ones included, over all accounts", async () => {
  const { auth, clock } = makeAuth();
  await auth.signup(right, CLIENT);
  for (const index of times(5, (i) => i)) {
    const email = `user${index}@example.com`;
    expect(await codeOf(auth.login(index === 2 ? right : { email, password: "x" }, CLIENT))).not.toBe(
      "rate_limited",
    );
  }
  const refused = await auth.login(right, CLIENT).catch((error) => error);
  expect(refused).toMatchObject({ code: "rate_limited", status: 429 });
  expect(refused.retryAfterSeconds).toBeGreaterThanOrEqual(60);
  clock.advance("59s");
  expect(await codeOf(auth.login(right, CLIENT))).toBe("rate_limited");
  clock.advance("1s");
  expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
});

test("one account has ten guesses in 15 minutes from all addresses together, and a hundred a day", async () => {
  const counting = countingHasher();
  const { auth, clock } = makeAuth({ password: { hasher: counting.hasher } });
  await auth.signup(right, CLIENT);
  const stranger = strangers();
  counting.calls.length = 0;
  for (let quarter = 0; quarter < 12; quarter++) {
    await tally(times(20, () => auth.login(wrong, stranger())));
    expect(counting.calls.length).toBe(Math.min(10 * (quarter + 1), 100));
    clock.advance("15m");
  }
});

test("spellings of one account share one budget", async () => {
  const { auth } = makeAuth();
  const stranger = strangers();
  const spellings = ["ada@example.com", "ADA@EXAMPLE.COM", "Ada@example.Com"];
  const calls = times(30, (index) =>
    auth.login({ email: spellings[index % 3] as string, password: "x" }, stranger()),
  );
  expect(await tally(calls)).toEqual({ invalid_credentials: 10, rate_limited: 20 });
});

test("50 parallel guesses count as 50", async () => {
  const { auth } = makeAuth();
  const stranger = strangers();
  expect(await tally(times(CALLERS, () => auth.login(wrong, CLIENT)))).toEqual({
    invalid_credentials: 5,
    rate_limited: 45,
  });
  expect(
    await tally(times(CALLERS, () => auth.login({ ...wrong, email: "bob@example.com" }, stranger()))),
  ).toEqual({
    invalid_credentials: 10,
    rate_limited: 40,
  });
});

test("an owner's success gives back its own point only: the stranger's guesses stay counted", async () => {
  const { auth } = makeAuth();
  const stranger = strangers();
  await auth.signup(right, stranger());
  await tally(times(6, () => auth.login(wrong, stranger())));
  for (const _ of times(20, (i) => i)) await auth.login(right, stranger());
  expect(await tally(times(10, () => auth.login(wrong, stranger())))).toEqual({
    invalid_credentials: 4,
    rate_limited: 6,
  });
});

test("what the address rule refuses does not use up the account's budget", async () => {
  const { auth } = makeAuth();
  await auth.signup(right, { ip: "198.51.100.1" });
  await tally(times(60, () => auth.login(wrong, CLIENT)));
  expect(await codeOf(auth.login(right, { ip: "198.51.100.2" }))).toBe("fulfilled");
});

test("a busy server does not use up an account's budget", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const busy = Promise.withResolvers<void>();
  const { hasher } = countingHasher(() => {
    busy.resolve();
    return promise;
  });
  const { auth } = makeAuth({ password: { hasher, hashing: { concurrency: 1, queue: 0 } } });
  const stranger = strangers();
  const first = auth.login(wrong, stranger());
  await busy.promise; // a pool may answer the second caller's lookup before the first one's
  for (const _ of times(30, (i) => i)) expect(await codeOf(auth.login(wrong, stranger()))).toBe("overloaded");
  resolve();
  expect(await codeOf(first)).toBe("invalid_credentials");
});

describe("addresses", () => {
  const attempt = (ip: string) => ({ ip });
  const spend = async (addresses: readonly string[]) => {
    const password = { hasher: insecureTestHasher(), hashing: { queue: 1000 } };
    const { auth } = makeAuth({ password, limits: { login: { account: false } } });
    return tally(addresses.map((ip) => auth.login(wrong, attempt(ip))));
  };

  test("one IPv6 customer is one address: a /64 counts together, in every spelling", async () => {
    // They share the /64 and nothing longer: the next bit differs, and so do all /80s.
    const addresses = times(10, (i) => `2001:db8:1:2:${i % 2 ? "8" : "0"}00${i}:${i}:${i}:${i}`);
    expect(await spend(addresses)).toEqual({ invalid_credentials: 5, rate_limited: 5 });
    // The last bit of the /64 differs: the next customer.
    const neighbours = times(10, (i) => `2001:db8:1:${i % 2 ? "2" : "3"}::${i + 1}`);
    expect(await spend(neighbours)).toEqual({ invalid_credentials: 10 });
    const spellings = [
      "2001:db8:1:2::1",
      "2001:0DB8:0001:0002::0001",
      "2001:db8:1:2:0:0:0:9",
      "2001:db8:1:2::1%eth0",
    ];
    expect(await spend([...spellings, ...spellings])).toEqual({ invalid_credentials: 5, rate_limited: 3 });
  });

  test.each([
    [48, 50, (i: number) => `2001:db8:1:${i.toString(16)}::1`],
    [40, 200, (i: number) => `2001:db8:${(0x1200 + (i % 256)).toString(16)}:${i.toString(16)}::1`],
    [32, 800, (i: number) => `2001:db8:${(i * 64).toString(16)}:1::1`],
  ] as const)("a /%i has %i attempts, however many networks are in it", async (_bits, points, addressOf) => {
    const tried = await spend(times(1000, addressOf));
    expect(tried).toEqual({ invalid_credentials: points, rate_limited: 1000 - points });
  });

  test("the attempts that a wide network may not make leave no counters of narrower networks", async () => {
    const keys = new Set<string>();
    const inner = memoryRateLimiter({ clock: fakeClock() });
    const consume: RateLimiter["consume"] = (key, rule) => {
      keys.add(key);
      return inner.consume(key, rule);
    };
    const { auth } = makeAuth({ rateLimiter: { ...inner, consume } });
    const forged = times(20_000, (i) => auth.refresh("forged", { ip: `2001:db8:${i.toString(16)}::1` }));
    expect(await tally(forged)).toEqual({ invalid_token: 4800, rate_limited: 15_200 });
    for (const network of ["/48", "/64"])
      expect([...keys].filter((key) => key.endsWith(network))).toHaveLength(4800);
  });

  test("IPv4 in IPv6 is IPv4", async () => {
    const addresses = ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"];
    expect(await spend([...addresses, ...addresses])).toEqual({ invalid_credentials: 5, rate_limited: 3 });
  });

  test("what is no address is refused, never one shared bucket or none", async () => {
    const { auth } = makeAuth();
    for (const ip of ["unknown", "", "1.2.3.4:80", "[::1]", "1.2.3", "::1, 1.2.3.4"]) {
      const error = await auth.login(wrong, attempt(ip)).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: "invalid_input", errors: [{ path: "client.ip" }] });
    }
    expect(await codeOf(auth.login(wrong, {} as never))).toBe("invalid_input");
    expect(await codeOf(auth.login(wrong, undefined as never))).toBe("invalid_input");
  });

  test("a caller without an address still has the account limit", async () => {
    const { auth } = makeAuth();
    expect(await tally(times(20, () => auth.login(wrong, { ip: null })))).toEqual({
      invalid_credentials: 10,
      rate_limited: 10,
    });
  });
});

test("signups of one address are limited, weak or malformed ones are not counted", async () => {
  const { auth } = makeAuth();
  const signup = (index: number, password = PASSWORD) =>
    auth.signup({ email: `user${index}@example.com`, password }, CLIENT);
  expect(await tally(times(20, (index) => signup(index, "weak")))).toEqual({ weak_password: 20 });
  expect(await tally(times(8, (index) => signup(index)))).toEqual({ fulfilled: 5, rate_limited: 3 });
});

test("forged refresh tokens count for their address, and genuine ones for their session alone", async () => {
  const { auth } = makeAuth({ session: { grace: "60s" } });
  const { refreshToken } = await auth.signup(right, CLIENT);
  const forged = times(40, (index) => auth.refresh(`forged ${index}`, CLIENT));
  expect(await tally(forged)).toEqual({ invalid_token: 30, rate_limited: 10 });
  const stranger = strangers();
  const genuine = times(40, (index) => auth.refresh(refreshToken, index % 2 ? stranger() : CLIENT));
  expect(await tally(genuine)).toEqual({ fulfilled: 30, rate_limited: 10 });
  const other = await auth.login(right, stranger());
  if (other.status !== "signed_in") throw new TypeError("No session");
  expect(await codeOf(auth.refresh(other.refreshToken, CLIENT))).toBe("fulfilled");
});

test("a flood of new keys cannot erase a live counter", async () => {
  const clock = fakeClock();
  const limiter = memoryRateLimiter({ clock, maxKeys: 1000 });
  const rule = { points: 5, windowMs: 60_000 };
  for (const _ of times(6, (i) => i)) await limiter.consume("victim", rule);
  for (const index of times(20_000, (i) => i)) await limiter.consume(`flood ${index}`, rule);
  expect(await limiter.consume("victim", rule)).toMatchObject({ allowed: false, count: 7 });

  // While the table is full, new keys are counted together: fewer points, never more.
  const counts = await Promise.all(times(50, () => limiter.consume("late", rule)));
  expect(counts.filter((verdict) => verdict.allowed).length).toBeLessThanOrEqual(rule.points);
  clock.advance("73s"); // a shared counter forgets by fifths of the window: after 72 seconds at the latest
  expect(await limiter.consume("fresh", rule)).toMatchObject({ allowed: true, count: 1 });
});

test("an outage uses up no account's budget", async () => {
  let broken = true;
  const store = interceptStore(makeAuth().store, (verb) => {
    if (broken && verb === "users.findForLogin") throw new TypeError("the store is away");
  });
  const { auth } = makeAuth({ store });
  const stranger = strangers();
  await auth.signup(right, stranger());
  for (const _ of times(30, (i) => i))
    expect(await codeOf(auth.login(right, stranger()))).toBe("unavailable");
  broken = false;
  expect(await codeOf(auth.login(right, stranger()))).toBe("fulfilled");
});

describe("who is signed in", () => {
  const stranger = strangers();
  const wrongProof = { password: "Wrong1password" };
  const wrongChange = { currentPassword: "Wrong1password", newPassword: "Another2staple" };

  test("one session has ten wrong answers in 15 minutes, whichever call asks", async () => {
    const { auth } = makeAuth();
    const { accessToken } = await auth.signup(right, stranger());
    for (const _ of times(6, Number)) await codeOf(auth.reauthenticate(accessToken, wrongProof, CLIENT));
    for (const _ of times(4, Number)) await codeOf(auth.password.change(accessToken, wrongChange, CLIENT));
    for (const call of [
      () => auth.reauthenticate(accessToken, { password: PASSWORD }, CLIENT),
      () => auth.password.change(accessToken, wrongChange, CLIENT),
    ])
      expect(await codeOf(call())).toBe("rate_limited");
  });

  test("a colleague's wrong answers at one address stop no other user, however many tries the colleague makes", async () => {
    const { auth } = makeAuth();
    const colleague = await auth.signup(right, stranger());
    const bob = await auth.signup({ email: "bob@example.com", password: PASSWORD }, stranger());
    const tries = times(200, () => auth.reauthenticate(colleague.accessToken, wrongProof, CLIENT));
    expect(await tally(tries)).toEqual({ invalid_credentials: 10, rate_limited: 190 });
    expect(await codeOf(auth.reauthenticate(bob.accessToken, wrongProof, CLIENT))).toBe(
      "invalid_credentials",
    );
    expect(await codeOf(auth.reauthenticate(bob.accessToken, { password: PASSWORD }, CLIENT))).toBe(
      "fulfilled",
    );
    const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
    expect(await codeOf(auth.password.change(bob.accessToken, change, CLIENT))).toBe("fulfilled");
  });

  test("an address has sixty wrong answers a minute over all sessions, and right ones cost it none", async () => {
    const { auth } = makeAuth();
    const sessions = await Promise.all(
      times(8, async (index) => auth.signup({ ...right, email: `user${index}@example.com` }, stranger())),
    );
    const ask = (password: string, each: number) =>
      sessions.flatMap(({ accessToken }) =>
        times(each, () => auth.reauthenticate(accessToken, { password }, CLIENT)),
      );
    for (const _ of times(10, Number)) expect(await tally(ask(PASSWORD, 1))).toEqual({ fulfilled: 8 });
    expect(await tally(ask(wrongProof.password, 9))).toEqual({ invalid_credentials: 60, rate_limited: 12 });
  });

  test("one session has sixty questions a minute, right answers included: each costs a hash", async () => {
    const counting = countingHasher();
    const { auth } = makeAuth({ password: { hasher: counting.hasher } });
    const { accessToken } = await auth.signup(right, stranger());
    const bob = await auth.signup({ email: "bob@example.com", password: PASSWORD }, stranger());
    counting.calls.length = 0;
    for (const _ of times(80, Number))
      await codeOf(auth.reauthenticate(accessToken, { password: PASSWORD }, stranger()));
    expect(counting.calls).toHaveLength(60);
    expect(await codeOf(auth.reauthenticate(bob.accessToken, { password: PASSWORD }, CLIENT))).toBe(
      "fulfilled",
    );
  });

  test("a refresh gives a session no new budget, and a right answer costs none", async () => {
    const { auth, clock } = makeAuth();
    const { accessToken, ...signedUp } = await auth.signup(right, stranger());
    let { refreshToken } = signedUp;
    for (const _ of times(12, (i) => i))
      ({ refreshToken } = await auth.reauthenticate(accessToken, { password: PASSWORD }, stranger()));
    for (const _ of times(10, (i) => i))
      await codeOf(auth.reauthenticate(accessToken, wrongProof, stranger()));
    const next = await auth.refresh(refreshToken, CLIENT);
    const proof = { password: PASSWORD };
    expect(await codeOf(auth.reauthenticate(next.accessToken, proof, stranger()))).toBe("rate_limited");
    clock.advance("15m");
    expect(await codeOf(auth.reauthenticate(next.accessToken, proof, stranger()))).toBe("fulfilled");
  });

  test("neither a busy server nor an outage uses up a session's budget", async () => {
    let failing = "";
    const store = interceptStore(makeAuth().store, (verb) => {
      if (verb === failing) throw new TypeError("the store is away");
    });
    const { hasher } = countingHasher(async () => {
      if (failing === "hasher") throw new TypeError("the hasher is away");
    });
    const { auth } = makeAuth({ store, password: { hasher } });
    const { accessToken } = await auth.signup(right, stranger());
    const ask = () => codeOf(auth.reauthenticate(accessToken, { password: PASSWORD }, stranger()));
    for (const [what, code] of [
      ["credentials.list", "unavailable"],
      ["hasher", "internal_error"],
    ] as const) {
      failing = what;
      for (const _ of times(11, (i) => i)) expect(await ask()).toBe(code);
    }
    failing = "";
    expect(await ask()).toBe("fulfilled");
  });
});

test("a wait is rounded up and never too short; clients that wait together return at different times", async () => {
  for (const [resetMs, least, most] of [
    [0, 1, 2],
    [1, 1, 2],
    [1000, 1, 2],
    [1500, 2, 3],
    [60_000, 60, 72],
    [86_400_000, 86_400, 86_460],
  ] as const) {
    const refusing = { consume: async () => ({ allowed: false, count: 6, resetMs }), refund: async () => {} };
    const { auth } = makeAuth({ rateLimiter: refusing });
    const waits = await Promise.all(
      times(200, () => auth.login(right, CLIENT).catch((error) => error.retryAfterSeconds)),
    );
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...waits)).toBeLessThanOrEqual(most);
    expect(new Set(waits).size).toBeGreaterThan(1);
  }
});

test("limiter keys are apart by flow, and hold no email", async () => {
  const keys: string[] = [];
  const allowed = { allowed: true, count: 1, resetMs: 1 };
  const consume = async (key: string) => {
    keys.push(key);
    return allowed;
  };
  const rateLimiter = { consume, refund: async () => {} };
  const { auth } = makeAuth({ rateLimiter, limits: { namespace: "pool" } });
  await auth.signup(right, CLIENT);
  const known = await auth.login(right, CLIENT);
  if (known.status === "signed_in") await auth.login({ ...right, deviceToken: known.deviceToken }, CLIENT);
  expect(keys).toEqual([
    "pool:signup:address:203.0.113.7",
    expect.stringMatching(/^pool:signup:account:hmac:[\w-]{8}:[\w-]{22}$/),
    "pool:login:address:203.0.113.7",
    ...times(2, () => expect.stringMatching(/^pool:login:account:hmac:[\w-]{8}:[\w-]{22}$/)),
    "pool:login:address:known:203.0.113.7",
    ...times(2, () => expect.stringMatching(/^pool:login:device:[\w-]{22}$/)),
    ...times(2, () => expect.stringMatching(/^pool:login:devices:[\w-]{36}:0$/)),
  ]);
});

describe("a limiter that is down in part, or late", () => {
  const limiterWithout = (isDown: (rule: RateRule) => boolean, clock: Clock): RateLimiter => {
    const inner = memoryRateLimiter({ clock });
    return {
      ...inner,
      consume: async (key, rule) => {
        if (isDown(rule)) throw new TypeError("this part of the limiter is away");
        return inner.consume(key, rule);
      },
    };
  };

  test("uses up no budget of an owner who knows the password", async () => {
    const clock = fakeClock();
    let down = true;
    const rateLimiter = limiterWithout(({ windowMs }) => down && windowMs > 3_600_000, clock);
    const { auth } = makeAuth({ rateLimiter, clock });
    const stranger = strangers();
    await auth.signup(right, stranger());
    for (const _ of times(30, Number))
      expect(await codeOf(auth.login(right, stranger()))).toBe("unavailable");
    down = false;
    expect(await codeOf(auth.login(right, stranger()))).toBe("fulfilled");
  });

  test("what comes back after its window frees nobody else's guess", async () => {
    const clock = fakeClock();
    const { promise, resolve } = Promise.withResolvers<void>();
    let hangs = true;
    const { hasher } = countingHasher(() => (hangs ? promise : Promise.resolve()));
    const options = { password: { hasher, hashing: { concurrency: 9, queue: 9 } } };
    const { auth } = makeAuth({ ...options, clock, limits: { login: { account: "10/15m" } } });
    const stranger = strangers();
    hangs = false;
    await auth.signup(right, stranger());
    hangs = true;
    const slow = times(5, () => auth.login(right, stranger()));
    await new Promise((done) => setImmediate(done));
    hangs = false;
    clock.advance("15m");
    const guesses = () => tally(times(12, () => auth.login(wrong, stranger())));
    expect(await guesses()).toEqual({ invalid_credentials: 10, rate_limited: 2 });
    resolve();
    expect(await tally(slow)).toEqual({ fulfilled: 5 });
    expect(await guesses()).toEqual({ rate_limited: 12 });
  });

  test("nor, on a backend of fixed windows, a guess of the next one", async () => {
    const clock = fakeClock();
    const inner = memoryRateLimiter({ clock });
    const refunded: string[] = [];
    const rateLimiter: RateLimiter = {
      consume: async (key, rule) => ({ ...(await inner.consume(key, rule)), resetMs: 300 }), // its window is nearly over
      refund: async (key) => void refunded.push(key),
    };
    let slow = false;
    const { hasher } = countingHasher(async () => void (slow && clock.advance("1s")));
    const { auth } = makeAuth({ rateLimiter, clock, password: { hasher } });
    await auth.signup(right, CLIENT);
    await auth.login(right, CLIENT);
    expect(refunded).toHaveLength(2);
    slow = true;
    expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
    expect(refunded).toHaveLength(2);
  });
});
