import { AuthError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { isHeaderOfKeyPair, type KeyOfHeader, type NamedKey } from "../tokens/access-token-jws.ts";
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
 * The keys of an address, kept. They are fetched when they are older than `cacheMaxAge` or have not the key
 * that is asked for, by one caller for all, and not twice in one `cooldown`, counted from the start of a
 * fetch whatever comes of it: neither unknown keys nor an outage make it fetch more.
 *
 * While fetches fail, the last good set is used until it is twice as old as `cacheMaxAge`. Then, and for
 * keys that it has not, the answer is `unavailable`: what cannot be known is no verdict on a token.
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
      if (last === attempt) kept = { keys, at }; // else it was given up, and a later one counts
    });
    last = attempt;
    return attempt;
  };

  /** An address that hangs must not hold up every caller, again and again. */
  const findWhileFailing = (header: string): NamedKey | undefined => {
    const key = isFailing(last) ? keysWithin(2 * cacheMaxAge)?.get(header) : undefined;
    if (key) fetchUnlessRecent();
    return key;
  };

  const findAfterFetch = async (header: string): Promise<NamedKey | undefined> => {
    const attempt = fetchUnlessRecent();
    await endOf(attempt, timeout);
    return findIn(keysWithin(2 * cacheMaxAge), header, attempt);
  };

  return (header) => {
    // No key of ours can have written it: a stranger's headers are not worth a fetch.
    if (!isHeaderOfKeyPair(header)) return undefined;
    return keysWithin(cacheMaxAge)?.get(header) ?? findWhileFailing(header) ?? findAfterFetch(header);
  };
}

interface Kept {
  readonly keys: KeySet;
  /** When the fetch that brought them began: what was removed after it may still be in them. */
  readonly at: number;
}

function findIn(keys: KeySet | undefined, header: string, { progress }: Attempt): NamedKey | undefined {
  const key = keys?.get(header);
  if (key || (keys && progress.state === "succeeded")) return key;
  throw new AuthError("unavailable", { cause: progress.cause });
}

function pauseAfter({ progress }: Attempt, { cooldown, timeout }: RemoteKeysOptions): number {
  // One that is under way for longer than that never ends: a worker stops what its request began.
  return progress.state === "under_way" ? Math.max(cooldown, timeout) : cooldown;
}

/** A clock that was set back makes nothing recent. */
function isWithin(age: number, limit: number): boolean {
  return age >= 0 && age < limit;
}
