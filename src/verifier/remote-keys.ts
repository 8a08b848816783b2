import { AuthError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { isHeaderOfKeyPair, type KeyOfHeader, type ReadSigned } from "../tokens/access-token-jws.ts";
import { type Attempt, beginAttempt, endOf, isFailing } from "./attempt.ts";
import type { KeySet } from "./key-set.ts";

/** Times in milliseconds. */
export interface RemoteKeysOptions {
  readonly fetchKeys: () => Promise<KeySet>;
  readonly clock: Clock;
  readonly cacheMaxAge: number;
  readonly cooldown: number;
  readonly timeout: number;
}

/**
 * Keeps the keys of an address. It fetches them when they are older than `cacheMaxAge`, or when they lack the
 * wanted key. One caller fetches for all, and at most once in a `cooldown`, counted from the start of a fetch:
 * neither unknown keys nor an outage cause more fetches.
 *
 * While fetches fail, the last good set is used until it is twice as old as `cacheMaxAge`. After that, and for
 * keys that it lacks, the answer is `unavailable`: without the keys there is no verdict on a token.
 */
export function remoteKeys(options: RemoteKeysOptions): KeyOfHeader {
  const { clock, cacheMaxAge, timeout } = options;
  let kept: Kept | undefined;
  let last: Attempt | undefined;

  const keysWithin = (maxAge: number): KeySet | undefined =>
    kept && isWithin(clock.now().getTime() - kept.at, maxAge) ? kept.keys : undefined;

  const fetchUnlessRecent = (): Attempt => {
    const at = clock.now().getTime();
    if (last && isWithin(at - last.at, pauseAfter(last, options))) return last;
    const attempt = beginAttempt({ at, after: last }, async () => {
      const keys = await options.fetchKeys();
      if (last === attempt) kept = { keys, at }; // otherwise it was given up, and a later fetch counts
    });
    last = attempt;
    return attempt;
  };

  /** A hanging address must not delay every caller again and again. */
  const findWhileFailing = (header: string): ReadSigned | undefined => {
    const key = isFailing(last) ? keysWithin(2 * cacheMaxAge)?.get(header) : undefined;
    if (key) fetchUnlessRecent();
    return key;
  };

  const findAfterFetch = async (header: string): Promise<ReadSigned | undefined> => {
    const attempt = fetchUnlessRecent();
    await endOf(attempt, timeout);
    return findIn(keysWithin(2 * cacheMaxAge), header, attempt);
  };

  return (header) => {
    // None of our keys can have this header: a forged header must not cause a fetch.
    if (!isHeaderOfKeyPair(header)) return undefined;
    return keysWithin(cacheMaxAge)?.get(header) ?? findWhileFailing(header) ?? findAfterFetch(header);
  };
}

interface Kept {
  readonly keys: KeySet;
  /** The start of their fetch: a key that was removed later may still be in the set. */
  readonly at: number;
}

function findIn(keys: KeySet | undefined, header: string, { progress }: Attempt): ReadSigned | undefined {
  const key = keys?.get(header);
  if (key || (keys && progress.state === "succeeded")) return key;
  throw new AuthError("unavailable", { cause: progress.cause });
}

function pauseAfter({ progress }: Attempt, { cooldown, timeout }: RemoteKeysOptions): number {
  // A fetch that takes longer never ends: a worker stops the fetches of an ended request.
  return progress.state === "under_way" ? Math.max(cooldown, timeout) : cooldown;
}

/** False also for a negative age: after the clock is set back, nothing is recent. */
function isWithin(age: number, limit: number): boolean {
  return age >= 0 && age < limit;
}
