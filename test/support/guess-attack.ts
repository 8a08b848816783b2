import { type AuthOptions, memoryStore, type RateLimiter } from "sallyport";
import { countingHasher } from "./counting-hasher.ts";
import { codeOf, makeAuth, PASSWORD } from "./harness.ts";

const OWNER = "owner@example.com";
const START = Date.parse("2026-01-01T00:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Guess {
  readonly email: string;
  readonly ip: string;
}

/** What is tried at one moment, all of it at once. */
export interface Step {
  /** Milliseconds since the attack began. */
  readonly at: number;
  readonly guesses: readonly Guess[];
}

export interface Carried {
  /** Passwords that were hashed for the guesses. */
  readonly hashed: number;
  /** How the owner fared, who signs in with a known device, once a minute. Null: it was too early. */
  readonly owner: string | null;
}

/** One instance under attack, with the owner's account; time is what each step says. */
export interface Target {
  carry(step: Step): Promise<Carried>;
}

export async function makeTarget(rateLimiter?: RateLimiter, ownerIp = "192.0.2.200"): Promise<Target> {
  const counting = countingHasher();
  const options: Partial<AuthOptions> = {
    store: memoryStore(),
    password: { hasher: counting.hasher },
    rateLimiter,
  };
  const { auth, clock } = makeAuth(options);
  clock.set(new Date(START));
  const right = { email: OWNER, password: PASSWORD };
  const { deviceToken } = await auth.signup(right, { ip: null });
  let ownerAt = Number.NEGATIVE_INFINITY;
  const signInOwner = async (at: number): Promise<string | null> => {
    if (at - ownerAt < MINUTE) return null;
    ownerAt = at;
    return codeOf(auth.login({ ...right, deviceToken }, { ip: ownerIp }));
  };
  return {
    async carry({ at, guesses }) {
      clock.set(new Date(START + at));
      const before = counting.calls.length;
      const login = ({ email, ip }: Guess) => auth.login({ email, password: "Wrong1password" }, { ip });
      await Promise.all(guesses.map((guess) => codeOf(login(guess))));
      const hashed = counting.calls.length - before;
      return { hashed, owner: await signInOwner(at) };
    },
  };
}

/** The most guesses that were hashed in any span of this length. */
export function mostWithin(
  spanMs: number,
  hashes: readonly (readonly [at: number, hashed: number])[],
): number {
  return Math.max(
    ...hashes.map(([from]) =>
      hashes.reduce((sum, [at, hashed]) => (at >= from && at < from + spanMs ? sum + hashed : sum), 0),
    ),
  );
}

type Attack = readonly [name: string, steps: readonly Step[]];

/** Guesses for one account, each from the next of 10,000 addresses, for 26 hours. */
export function attacksOnOneAccount(): readonly Attack[] {
  const address = rotating(10_000, (index) => `10.1.${index >> 8}.${index & 255}`);
  const burst = (at: number, count: number): Step => ({
    at,
    guesses: Array.from({ length: count }, () => ({ email: OWNER, ip: address() })),
  });
  const until = 26 * HOUR;
  return [
    ["as fast as it can", everyMs(5 * MINUTE, until).map((at) => burst(at, 40))],
    ["at the edges of windows", edges(15 * MINUTE, until).map((at) => burst(at, 15))],
    [
      "one to open a window, the rest at its end",
      edges(15 * MINUTE, until).map((at, i) => burst(at, i === 0 ? 1 : 12)),
    ],
    ["whenever chance says", irregular(400, until).map((at, i) => burst(at, (i * 7) % 13))],
  ];
}

/** Guesses of one address for 10,000 accounts, one each. */
export function attacksOfOneAddress(): readonly Attack[] {
  const account = rotating(10_000, (index) => `user${index}@example.com`);
  const burst = (at: number, count: number): Step => ({
    at,
    guesses: Array.from({ length: count }, () => ({ email: account(), ip: "203.0.113.66" })),
  });
  const until = HOUR;
  return [
    ["as fast as it can", everyMs(20_000, until).map((at) => burst(at, 10))],
    [
      "one to open a window, the rest at its end",
      edges(MINUTE, until).map((at, i) => burst(at, i === 0 ? 1 : 8)),
    ],
    ["whenever chance says", irregular(250, until).map((at, i) => burst(at, (i * 5) % 9))],
  ];
}

function rotating<T>(count: number, make: (index: number) => T): () => T {
  let next = 0;
  return () => make(next++ % count);
}

function everyMs(step: number, until: number): readonly number[] {
  return Array.from({ length: Math.floor(until / step) }, (_, index) => index * step);
}

/** A second before each edge, and at it. */
function edges(window: number, until: number): readonly number[] {
  return everyMs(window, until).flatMap((edge) => (edge === 0 ? [0] : [edge - 1000, edge]));
}

/** The same moments in each run, on whole seconds. */
function irregular(count: number, until: number): readonly number[] {
  let state = 20261121;
  const draw = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, () => Math.floor((draw() * until) / 1000) * 1000).sort(
    (a, b) => a - b,
  );
}
