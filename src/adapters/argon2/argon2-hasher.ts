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
  /^\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

// The library obeys the parameters of a stored hash: t=4294967295 would run for hours. A stored hash beyond
// these caps counts as unreadable.
const MAX_MEMORY_KIB = 262_144;
const MAX_PASSES = 16;
const MAX_LANES = 16;
const MIN_MEMORY_KIB = 8;
/** Bytes. Every known tool makes one of these. Nearly every cut of a digest has another length. */
const DIGEST_LENGTHS: readonly number[] = [16, 32, 64];

const DAMAGED =
  "A stored password hash cannot be read, so its user cannot sign in. It was cut or changed: compare the width of " +
  "the column with docs/data-model.md";

/** Told of each stored text that is no hash, and of a binary that cannot be loaded. It must not throw. */
type OnFault = (problem: unknown) => void;

type Argon2 = typeof import("@node-rs/argon2");

/** argon2id (RFC 9106) with one lane, stored as PHC strings. */
export function argon2Hasher(cost: Argon2Cost, onFault: OnFault = () => {}): PasswordHasher {
  // Loaded here, not by an import above: an application with a hasher of its own needs no binary.
  const argon2 = import("@node-rs/argon2");
  argon2.catch(onFault);
  const hashWith = async (password: string, { memoryKiB, passes }: Argon2Cost): Promise<string> =>
    (await argon2).hash(password, { memoryCost: memoryKiB, timeCost: passes, parallelism: 1 });

  return Object.freeze({
    name: "argon2id",
    hash: (password: string) => hashWith(password, cost),
    async verify(stored: string, password: string): Promise<boolean> {
      const storedCost = readCost(stored);
      const matches = storedCost && (await verifyReadable(await argon2, { stored, password }));
      if (matches === null) {
        onFault(new TypeError(DAMAGED));
        await hashWith(password, cost); // a damaged hash must not answer faster than a wrong password
        return false;
      }
      const missing = storedCost && missingCost(storedCost, cost);
      if (missing) await hashWith(password, missing);
      return matches;
    },
    needsRehash(stored: string): boolean {
      const storedCost = readCost(stored);
      return storedCost?.memoryKiB !== cost.memoryKiB || storedCost.passes !== cost.passes;
    },
  });
}

/** Null: the text looks like a hash, but its salt or its digest was cut or changed. */
async function verifyReadable(
  argon2: Argon2,
  { stored, password }: { readonly stored: string; readonly password: string },
): Promise<boolean | null> {
  try {
    return await argon2.verify(stored, password);
  } catch {
    return null;
  }
}

/** The parameters of a stored hash. Null: not a hash, or its parameters are beyond the caps. */
function readCost(stored: unknown): StoredCost | null {
  const match = typeof stored === "string" ? PHC.exec(stored) : null;
  if (!match) return null;
  const [memoryKiB, passes, lanes] = match.slice(1, 4).map(Number) as [number, number, number];
  const [salt, digest] = match.slice(4).map(lengthOf) as [number | null, number | null];
  const whole = salt !== null && digest !== null && DIGEST_LENGTHS.includes(digest);
  const capped = memoryKiB <= MAX_MEMORY_KIB && passes <= MAX_PASSES && lanes <= MAX_LANES;
  return whole && capped && memoryKiB >= MIN_MEMORY_KIB * lanes ? { memoryKiB, passes, lanes } : null;
}

/** The number of bytes of a base64 text without padding. Null: a cut left an incomplete byte. */
function lengthOf(base64: string): number | null {
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === base64 ? bytes.length : null;
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
