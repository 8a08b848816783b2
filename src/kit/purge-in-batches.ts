import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import type { AuthStore, PurgeCutoffs, PurgeResult } from "../ports/auth-store.ts";

/** Rows of each kind in one batch: whoever signs in meanwhile waits behind one batch, not behind all. */
const BATCH = 500;

export interface PurgeRun {
  readonly cutoffs: PurgeCutoffs;
  /** No batch begins after so many milliseconds; the first always does. Default: no bound. */
  readonly maxMs?: number | undefined;
  readonly limit?: number | undefined;
}

/** Purges batch by batch until no dead row is left or the time is up; in between others have their turn. */
export async function purgeInBatches(
  store: Pick<AuthStore, "purge">,
  { cutoffs, maxMs = Number.POSITIVE_INFINITY, limit = BATCH }: PurgeRun,
): Promise<PurgeResult> {
  const until = performance.now() + maxMs; // not the clock: that one may be set
  let deleted = 0;
  for (;;) {
    const batch = await store.purge(cutoffs, limit);
    deleted += batch.deleted;
    if (!batch.more || performance.now() >= until) return { deleted, more: batch.more };
    await setImmediate();
  }
}
