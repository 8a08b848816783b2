import { hash, verify } from "@node-rs/argon2";
import type { PasswordHasher } from "../../ports/password-hasher.ts";

/** Cost of one hash: `memoryKiB` KiB of memory, passed over `passes` times. */
export interface Argon2Cost {
  readonly memoryKiB: number;
  readonly passes: number;
}

interface StoredCost extends Argon2Cost {
  readonly lanes: number;
}

const PHC =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;

// The library obeys the parameters of a stored hash: t=4294967295 would run for hours. A stored hash beyond
// these caps counts as unreadable.
const MAX_MEMORY_KIB = 262_144;
const MAX_PASSES = 16;
const MAX_LANES = 16;
const MIN_MEMORY_KIB = 8;

/** argon2id (RFC 9106) with one lane, stored as PHC strings. */
export function argon2Hasher(cost: Argon2Cost): PasswordHasher {
  const hashWith = (password: string, { memoryKiB, passes }: Argon2Cost): Promise<string> =>
    hash(password, { memoryCost: memoryKiB, timeCost: passes, parallelism: 1 });

  return Object.freeze({
    name: "argon2id",
    hash: (password: string) => hashWith(password, cost),
    async verify(stored: string, password: string): Promise<boolean> {
      const storedCost = readCost(stored);
      if (!storedCost) {
        await hashWith(password, cost); // an unreadable hash must not answer faster than a wrong password
        return false;
      }
      const matches = await verify(stored, password);
      const missing = missingCost(storedCost, cost);
      if (missing) await hashWith(password, missing);
      return matches;
    },
    needsRehash(stored: string): boolean {
      const storedCost = readCost(stored);
      return storedCost?.memoryKiB !== cost.memoryKiB || storedCost.passes !== cost.passes;
    },
  });
}

/** The parameters of a stored hash. Null: not a hash, or its parameters are beyond the caps. */
function readCost(stored: string): StoredCost | null {
  const match = PHC.exec(stored);
  if (!match) return null;
  const [memoryKiB, passes, lanes] = match.slice(1).map(Number) as [number, number, number];
  const capped = memoryKiB <= MAX_MEMORY_KIB && passes <= MAX_PASSES && lanes <= MAX_LANES;
  return capped && memoryKiB >= MIN_MEMORY_KIB * lanes ? { memoryKiB, passes, lanes } : null;
}

/**
 * The work that a cheaper stored hash saves, or null. We do it as well, so that the time of a login does not
 * tell an old account from an unknown one (Django CVE-2016-2513). Time grows with memory times passes.
 */
function missingCost(stored: StoredCost, current: Argon2Cost): Argon2Cost | null {
  const missing = current.memoryKiB * current.passes - stored.memoryKiB * stored.passes;
  const memoryKiB = Math.floor(missing / current.passes);
  return memoryKiB >= MIN_MEMORY_KIB ? { memoryKiB, passes: current.passes } : null;
}
