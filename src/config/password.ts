import { availableParallelism } from "node:os";
import * as z from "zod";
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

const policy = z.strictObject({
  minLength: z.int().min(8, "must be at least 8 (NIST SP 800-63B)").max(64, "must be at most 64"),
  classes: z.array(z.enum(["upper", "lower", "digit"])),
  passphraseLength: z.int().min(15, "must be at least 15").max(64, "must be at most 64").nullable(),
});

const hashing = z.strictObject({
  memoryKiB: whole(19_456, 262_144, " (OWASP Password Storage Cheat Sheet)").default(19_456),
  passes: whole(2, 16, " (OWASP Password Storage Cheat Sheet)").default(2),
  concurrency: whole(1, 1024).default(defaultConcurrency),
  queue: whole(0, 100_000).default(100),
});

export const password: z.ZodType<PasswordSettings> = z.strictObject({
  policy: policy.prefault(() => structuredClone(passwordPolicies.standard) as z.input<typeof policy>),
  isBreached: functionOption<NonNullable<PasswordSettings["isBreached"]>>().optional(),
  hashing: hashing.prefault({}),
  hasher: objectWith<PasswordHasher>("hash", "verify", "needsRehash").optional(),
});

// argon2 and jose share libuv's threads: two stay free, so that no token waits for password hashes.
function defaultConcurrency(): number {
  const threads = Number(process.env["UV_THREADPOOL_SIZE"]) || 4;
  return Math.max(1, Math.min(availableParallelism(), threads - 2));
}
