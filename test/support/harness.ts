import {
  type Auth,
  type AuthOptions,
  type AuthStore,
  createAuth,
  memoryStore,
  type SignedIn,
  type SignupResult,
} from "sallyport";
import { sqliteStore } from "sallyport/sqlite";
import { capturingEvents, fakeClock, insecureTestHasher } from "sallyport/testing";
import { parseOptions } from "../../src/config/parse-options.ts";
import type { Context } from "../../src/context.ts";
import { assemble } from "../../src/create-auth.ts";
import { databaseUnderTest, freshStore } from "./database-under-test.ts";
import type { TestDatabase } from "./databases.ts";

/** Strong, and known to nobody but these tests. */
export const SECRET = "wS3nT-9kQvZ1xYb7RcHd0LfMgUpAeJi5oE2tNqKs8uV";
export const PASSWORD = "Correct1horse";
export const EMAIL = "ada@example.com";
/** When every test begins. */
export const NOON = "2026-01-01T12:00:00.000Z";
export const CLIENT = { ip: "203.0.113.7", userAgent: "Tests/1.0" } as const;

/** An `Auth` whose features ask for nothing more than the password: each signup signs in. */
export type PlainAuth = Omit<Auth, "signup"> & {
  signup(...args: Parameters<Auth["signup"]>): Promise<SignedIn>;
};

export interface Harness {
  readonly auth: PlainAuth;
  /** The signup of the library, which may ask for a mail. */
  readonly rawSignup: Auth["signup"];
  readonly ctx: Context;
  readonly store: AuthStore;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly sink: ReturnType<typeof capturingEvents>;
  readonly errors: unknown[];
}

type Store = readonly [name: string, make: () => AuthStore];

/**
 * Every flow is held to the same promises on each of these: the two stores that need no server, and under
 * `npm run test:services` one database after the other.
 */
export const STORES: readonly Store[] = databaseUnderTest
  ? [storesOn(databaseUnderTest)]
  : [
      ["memory", () => memoryStore()],
      ["SQLite", () => sqliteStore(":memory:")],
    ];

function storesOn(database: TestDatabase): Store {
  return [database.ref.kind, () => freshStore(database)];
}

function defaultStore(): AuthStore {
  return databaseUnderTest ? freshStore(databaseUnderTest) : memoryStore();
}

/** An `Auth` on a fake clock with cheap hashes, and everything a test may want to look at. */
export function makeAuth(options: Partial<AuthOptions> = {}): Harness {
  const clock = fakeClock(NOON);
  const sink = capturingEvents();
  const errors: unknown[] = [];
  const store = options.store ?? defaultStore();
  const all: AuthOptions = {
    secret: SECRET,
    store,
    clock,
    password: { hasher: insecureTestHasher() },
    onEvent: sink.onEvent,
    onError: (error) => errors.push(error),
    onWarning: () => {},
    ...options,
  };
  const { auth, ctx } = assemble(parseOptions(all));
  return { auth: plain(auth), rawSignup: auth.signup, ctx, store, clock, sink, errors };
}

/** The public way in, for what must be shown of `createAuth` itself. */
export function makePublicAuth(options: Partial<AuthOptions> = {}): PlainAuth {
  return plain(
    createAuth({
      secret: SECRET,
      store: defaultStore(),
      password: { hasher: insecureTestHasher() },
      onWarning: () => {},
      ...options,
    }),
  );
}

/** The same `Auth`, for tests in which a signup cannot be challenged. */
function plain<A extends Pick<Auth, "signup">>(auth: A): Omit<A, "signup"> & Pick<PlainAuth, "signup"> {
  const signup: PlainAuth["signup"] = async (...args) => signedIn(await auth.signup(...args));
  return Object.freeze({ ...auth, signup });
}

/** The result of a sign-in that no gate stops. */
export function signedIn(result: SignupResult): SignedIn {
  if (result.status === "signed_in") return result;
  throw new TypeError(
    result.status === "challenge" ? `Stopped by the gate ${result.kind}` : "Asked for a mail",
  );
}

/** A fresh address for each call, so that no address limit is in the way. */
export function strangers(): () => { ip: string; userAgent: string } {
  let next = 0;
  return () => ({
    ip: `198.51.${100 + Math.floor(next / 250)}.${(next++ % 250) + 1}`,
    userAgent: "Stranger/1.0",
  });
}

/** The code that a call ends with, or `"fulfilled"`. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "fulfilled",
    (error) => error?.code ?? String(error),
  );
}

/** How many calls ended in which way. */
export async function tally(calls: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const code of await Promise.all(calls.map(codeOf))) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

export const CALLERS = 50;

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
