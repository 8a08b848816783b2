import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { hash, verify } from "@node-rs/argon2";
import { type Auth, type AuthOptions, type AuthStore, createAuth, type PasswordHasher } from "sallyport";

export const PASSWORD = "Correct-Horse-7-Battery";
/** A job's: no address, so no address limit. */
export const CLIENT = { ip: null } as const;
/** The default cost of a hash (OWASP), as the library `@node-rs/argon2` takes it. */
export const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** What the library does by default: one more than cores, and one of libuv's threads stays free. */
export const HASHES_AT_ONCE: number = Math.max(
  1,
  Math.min(availableParallelism() + 1, (Number(process.env["UV_THREADPOOL_SIZE"]) || 4) - 1),
);

const LIMITS_OFF = {
  login: { address: false, account: false },
  signup: { address: false, account: false },
} as const;
const SECRET = randomBytes(32).toString("base64url");

/** The library as it comes, but without limits: otherwise they are what is measured. */
export function benchAuth(store: AuthStore, options: Partial<AuthOptions> = {}): Auth {
  return createAuth({ secret: SECRET, store, limits: LIMITS_OFF, onWarning: () => {}, ...options });
}

/** Makes accounts, and says their emails. */
export async function signUpUsers(auth: Auth, count: number): Promise<readonly string[]> {
  const emails = emailsOf(count);
  for (const email of emails) await auth.signup({ email, password: PASSWORD }, CLIENT);
  return emails;
}

export function emailsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `user${index}@example.com`);
}

export async function accessToken(auth: Auth, email: string): Promise<string> {
  const result = await auth.login({ email, password: PASSWORD }, CLIENT);
  if (result.status !== "signed_in") throw new Error("Nobody asked for a challenge.");
  return result.accessToken;
}

/** argon2id at the default cost, telling how many run at once. */
export function countingHasher(): PasswordHasher & { takeMaxInFlight(): number } {
  let inFlight = 0;
  let most = 0;
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    most = Math.max(most, ++inFlight);
    return work.finally(() => inFlight--);
  };
  return {
    name: "argon2id, counted",
    hash: (password) => counted(hash(password, ARGON2)),
    verify: (stored, password) => counted(verify(stored, password)),
    needsRehash: () => false,
    takeMaxInFlight: () => {
      const seen = most;
      most = inFlight;
      return seen;
    },
  };
}

/** Free of charge, to make thousands of sessions for what measures no password. */
export const freeHasher: PasswordHasher = {
  name: "none",
  hash: async (password) => password,
  verify: async (stored, password) => stored === password,
  needsRehash: () => false,
};

/** Runs with a new folder, which is gone afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
