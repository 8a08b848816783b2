import { availableParallelism } from "node:os";
import * as z from "zod/mini";
import { type PasswordPolicy, passwordPolicies } from "../domain/password-policy.ts";
import type { PasswordHasher } from "../ports/password-hasher.ts";
import { functionOption, objectWith, whole } from "./fields.ts";

export interface PasswordSettings {
  readonly policy: PasswordPolicy;
  readonly isBreached?: ((password: string) => boolean | Promise<boolean>) | undefined;
  readonly hashing: HashingSettings;
  readonly hasher?: PasswordHasher | undefined;
}

export interface HashingSettings {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly concurrency: number;
  readonly queue: number;
}

const policy = z.lazy(() =>
  z.strictObject({
    minLength: z
      .int()
      .check(z.minimum(8, "must be at least 8 (NIST SP 800-63B)"), z.maximum(64, "must be at most 64")),
    classes: z.array(z.enum(["upper", "lower", "digit"])),
    passphraseLength: z.nullable(
      z.int().check(z.minimum(15, "must be at least 15"), z.maximum(64, "must be at most 64")),
    ),
  }),
);

const hashing = z.lazy(() =>
  z.strictObject({
    memoryKiB: z._default(whole(19_456, 262_144, " (OWASP Password Storage Cheat Sheet)"), 19_456),
    passes: z._default(whole(2, 16, " (OWASP Password Storage Cheat Sheet)"), 2),
    concurrency: z._default(whole(1, 1024), defaultConcurrency),
    queue: z._default(whole(0, 100_000), 100),
  }),
);

export const password: z.ZodMiniType<PasswordSettings> = z.lazy(() =>
  z.strictObject({
    policy: z.prefault(policy, () => structuredClone(passwordPolicies.standard) as z.input<typeof policy>),
    isBreached: z.optional(functionOption<NonNullable<PasswordSettings["isBreached"]>>()),
    hashing: z.prefault(hashing, {}),
    hasher: z.optional(objectWith<PasswordHasher>("hash", "verify", "needsRehash")),
  }),
);

// Two hashes on two cores leave one core idle for a quarter of the time: the system moves threads late. One more hash
// fills it. Hashes and signatures of key pairs share libuv's threads: one stays free, so that no token waits for hashes.
function defaultConcurrency(): number {
  const threads = Number(process.env["UV_THREADPOOL_SIZE"]) || 4;
  return Math.max(1, Math.min(availableParallelism() + 1, threads - 1));
}
