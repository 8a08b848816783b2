// Class: a flood of keys that fills the limiter of a process, and then refuses those who did nothing (a table that all
// share, counters that a few thousand strangers use up).
import { type Auth, memoryRateLimiter, type SignedIn } from "sallyport";
import { fakeClock } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { codeOf, makeAuth, PASSWORD, strangers, times } from "../support/harness.ts";

const OWNERS = 100;
/** Counters of their own, so few that every flood fills its table. */
const MAX_KEYS = 50;

interface Owner extends SignedIn {
  readonly email: string;
}

/** 100 owners of accounts and sessions, at an instance whose tables are soon full. */
async function scene() {
  const clock = fakeClock("2026-01-01T12:00:00Z");
  const rateLimiter = memoryRateLimiter({ clock, maxKeys: MAX_KEYS });
  const harness = makeAuth({ clock, rateLimiter });
  const stranger = strangers();
  const owners = await Promise.all(
    times(OWNERS, async (index): Promise<Owner> => {
      const email = `owner${index}@example.com`;
      return { email, ...(await harness.auth.signup({ email, password: PASSWORD }, stranger())) };
    }),
  );
  clock.advance("1h");
  return { ...harness, clock, owners, stranger };
}

type Flood = (auth: Auth, stranger: () => { readonly ip: string }) => Promise<unknown>;

/** One call after the other: a queue of hashes is not what is flooded. */
async function inTurn<T>(all: readonly T[], call: (each: T, index: number) => Promise<unknown>) {
  const codes: Record<string, number> = {};
  for (const [index, each] of all.entries()) {
    const code = await codeOf(call(each, index));
    codes[code] = (codes[code] ?? 0) + 1;
  }
  return codes;
}

/** 300 invented accounts, which use up all of their points. */
const INVENTED = times(3000, (index) => `invented${index % 300}@example.org`);
const WRONG = "Wrong1password";

const FLOODS: Readonly<Record<string, Flood>> = {
  "wrong logins for invented accounts": (auth, stranger) =>
    inTurn(INVENTED, (email) => auth.login({ email, password: WRONG }, stranger())),
  "wrong logins with forged device tokens": (auth, stranger) =>
    inTurn(INVENTED, (email) => auth.login({ email, password: WRONG, deviceToken: "forged" }, stranger())),
  "signups for invented accounts": (auth, stranger) =>
    inTurn(INVENTED.slice(0, 1500), (email) => auth.signup({ email, password: PASSWORD }, stranger())),
  "forged refresh tokens from one IPv6 /32": (auth) =>
    inTurn(times(20_000, Number), (index) =>
      auth.refresh("forged", { ip: `2001:db8:${index.toString(16)}::1` }),
    ),
  "cross-site requests from many networks": (auth) =>
    inTurn(times(5000, Number), (index) =>
      auth.events.recordCrossSite({ ip: `2001:${(index + 16).toString(16)}::1` }),
    ),
};

const clientAt = (index: number) => ({ ip: `203.0.113.${index}` });

describe.each(Object.entries(FLOODS))("a flood of %s", (_name, flood) => {
  test("refuses at most one of 100 owners with the right password on a new device", async () => {
    const { auth, owners, stranger } = await scene();
    await flood(auth, stranger);
    const answers = await inTurn(owners, ({ email }, index) =>
      auth.login({ email, password: PASSWORD }, clientAt(index)),
    );
    const { fulfilled = 0, rate_limited: refused = 0, ...others } = answers;
    expect([fulfilled + refused, others]).toEqual([OWNERS, {}]);
    expect(refused).toBeLessThanOrEqual(1);
  });

  test("refuses no known device and no signed-in user", async () => {
    const { auth, owners, stranger } = await scene();
    await flood(auth, stranger);
    const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
    const calls: readonly ((owner: Owner, index: number) => Promise<unknown>)[] = [
      ({ email, deviceToken }, index) =>
        auth.login({ email, password: PASSWORD, deviceToken }, clientAt(index)),
      ({ refreshToken }, index) => auth.refresh(refreshToken, clientAt(index)),
      ({ accessToken }, index) => auth.reauthenticate(accessToken, { password: PASSWORD }, clientAt(index)),
      ({ accessToken }, index) => auth.password.change(accessToken, change, clientAt(index)),
    ];
    for (const call of calls) expect(await inTurn(owners, call)).toEqual({ fulfilled: OWNERS });
  });
});

test("no account has more guesses while its table is full", async () => {
  const { auth, stranger, clock } = await scene();
  await inTurn(INVENTED, (email) => auth.login({ email, password: WRONG }, stranger()));
  const guesses = () =>
    inTurn(times(40, Number), () => auth.login({ email: "owner7@example.com", password: "x" }, stranger()));
  expect((await guesses())["invalid_credentials"]).toBeLessThanOrEqual(10);
  clock.advance("14m");
  expect(await guesses()).toEqual({ rate_limited: 40 });
  clock.advance("4m"); // shared counters may refuse a fifth of the window longer
  expect((await guesses())["invalid_credentials"]).toBeLessThanOrEqual(10);
});

describe("a full table", () => {
  test("is in health() while it lasts, and has one event when it begins and one when it ends", async () => {
    const { auth, clock, sink, stranger } = await scene();
    expect((await auth.health()).fullTables).toEqual([]); // what the owners filled is free again
    await new Promise((resolve) => setImmediate(resolve));
    sink.clear();
    await inTurn(INVENTED.slice(0, 200), (email) =>
      auth.login({ email, password: WRONG }, { ip: "198.18.0.1" }),
    );
    expect((await auth.health()).fullTables).toEqual([]); // one address has five attempts: it filled nothing
    await inTurn(INVENTED, (email) => auth.login({ email, password: WRONG }, stranger()));
    const full = [
      { phase: "began", scope: "address", windowMs: 60_000 },
      { phase: "began", scope: "account", windowMs: 900_000 },
      { phase: "began", scope: "account", windowMs: 86_400_000 },
    ];
    expect(await auth.health()).toMatchObject({ ready: true, fullTables: full });
    clock.advance("30h");
    expect((await auth.health()).fullTables).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    const told = sink.events.filter(({ type }) => type === "limiter_full");
    const tables = [
      { limit: "address", windowSeconds: 60 },
      { limit: "account", windowSeconds: 900 },
      { limit: "account", windowSeconds: 86_400 },
    ];
    const noClient = { ip: null, userAgent: null, userId: null, attemptedEmail: null };
    expect(told).toMatchObject([
      ...tables.map((data) => ({ outcome: "failure", reason: "overloaded", data, ...noClient })),
      ...tables.map((data) => ({ outcome: "success", reason: null, data, ...noClient })),
    ]);
  });
});
