import { setTimeout as pause } from "node:timers/promises";
import { type Auth, createAuth, memoryStore } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import type {
  LimiterOutage,
  RateAttempt,
  RateLimiter,
  RateRule,
  RateVerdict,
} from "../../../src/ports/rate-limiter.ts";
import { PASSWORD, SECRET } from "../../support/harness.ts";

/** Between two logins: 200 a second, every other one a guess. */
const INTERVAL_MS = 5;
const OWNERS = Array.from({ length: 20 }, (_, index) => `owner-${index}@example.com`);
/** Half of them nobody's. */
export const GUESSED: readonly string[] = Array.from(
  { length: 20 },
  (_, index) => `guessed-${index}@example.com`,
);
/** For each account, in an hour. */
export const GUESSES = 10;
const CLIENT = { ip: "203.0.113.7" };

export interface Guarded {
  readonly auth: Auth;
  readonly errors: readonly unknown[];
  /** What the limiter told of times without its backend. */
  readonly outages: readonly LimiterOutage[];
  /** How many passwords were hashed for logins, and how many of them for a guess at this account. */
  hashed(): number;
  guessedAt(email: string): number;
  /** How many logins the limiter has counted. */
  counted(): Promise<number>;
}

/** An `auth` with users, on this limiter, where everything is looked at. */
export async function guardedBy(limiter: RateLimiter): Promise<Guarded> {
  const errors: unknown[] = [];
  const outages: LimiterOutage[] = [];
  const passwords: string[] = [];
  let ofAddress: readonly [key: string, rule: RateRule] | undefined;
  limiter.onOutage?.((outage) => void outages.push(outage));
  const auth = createAuth({
    secret: SECRET,
    store: memoryStore(),
    password: { hasher: watchedHasher(passwords) },
    onError: (error) => errors.push(error),
    onWarning: () => {},
    limits: {
      signup: { address: false, account: false },
      login: { address: "100000/1h", account: `${GUESSES}/1h` },
    },
    rateLimiter: {
      consume: (key, rule) => limiter.consume(key, rule),
      consumeAll: async (attempts) => {
        for (const { key, rule } of attempts) if (key.includes(":address:")) ofAddress = [key, rule];
        return consumeAll(limiter, attempts);
      },
      refund: (...args) => limiter.refund(...args),
      onOutage: (listener) => limiter.onOutage?.(listener) ?? (() => {}),
    },
  });
  for (const email of [...OWNERS, ...GUESSED.slice(10)])
    await auth.signup({ email, password: PASSWORD }, CLIENT);
  passwords.length = 0;
  return {
    auth,
    errors,
    outages,
    hashed: () => passwords.length,
    guessedAt: (email) => passwords.filter((password) => password === guessAt(email)).length,
    counted: async () => (await limiter.consume(...(ofAddress as [string, RateRule]))).count - 1,
  };
}

async function consumeAll(
  limiter: RateLimiter,
  attempts: readonly RateAttempt[],
): Promise<readonly RateVerdict[]> {
  if (limiter.consumeAll) return limiter.consumeAll(attempts);
  return Promise.all(attempts.slice(0, 1).map(({ key, rule }) => limiter.consume(key, rule)));
}

function watchedHasher(passwords: string[]): ReturnType<typeof insecureTestHasher> {
  const hasher = insecureTestHasher();
  return {
    ...hasher,
    hash: (password) => {
      passwords.push(password);
      return hasher.hash(password);
    },
    verify: (stored, password) => {
      passwords.push(password);
      return hasher.verify(stored, password);
    },
  };
}

function guessAt(email: string): string {
  return `Wrong1-${email}`;
}

export interface Load {
  /** How many logins ended how: `signed_in`, or by a code. */
  readonly ends: Readonly<Record<string, number>>;
  /** Until each login that is under way now has its answer. */
  answered(): Promise<void>;
  /** Until so many more have ended so. */
  until(end: string, more: number): Promise<void>;
  /** Offers no more, and waits for those under way. */
  stop(): Promise<void>;
}

/** Logins that come whether or not the earlier ones were answered, as people do. */
export function offerLogins(auth: Auth): Load {
  const ends: Record<string, number> = {};
  const underWay = new Set<Promise<void>>();
  let offered = 0;

  const logIn = async (): Promise<void> => {
    const account = (of: readonly string[]): string => of[(offered >> 1) % of.length] as string;
    const isGuess = offered++ % 2 === 1;
    const email = account(isGuess ? GUESSED : OWNERS);
    const password = isGuess ? guessAt(email) : PASSWORD;
    const end = await auth.login({ email, password }, CLIENT).then(
      ({ status }) => status,
      (error) => error.code ?? String(error),
    );
    ends[end] = (ends[end] ?? 0) + 1;
  };
  const timer = setInterval(() => {
    const login = logIn().finally(() => underWay.delete(login));
    underWay.add(login);
  }, INTERVAL_MS);
  return {
    ends,
    answered: async () => void (await Promise.all(underWay)),
    until: async (end, more) => {
      for (const enough = (ends[end] ?? 0) + more; (ends[end] ?? 0) < enough; ) await pause(INTERVAL_MS);
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}
