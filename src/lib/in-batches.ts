import { setImmediate } from "node:timers/promises";

/** Rows of each kind in one batch. A store may delete them by several statements. */
const BATCH = 500;

export interface BatchRun {
  /** Deletes at most `limit` rows of each kind, and answers whether there are more. */
  deleteBatch(limit: number): Promise<BatchResult>;
  /** No batch but the first begins after this many milliseconds. Default: no bound. */
  readonly maxMs?: number | undefined;
  readonly limit?: number | undefined;
}

export interface BatchResult {
  readonly deleted: number;
  readonly more: boolean;
  /** As the last batch found it. */
  readonly ahead?: number | undefined;
}

/** Deletes batch by batch until no row is left or the time is up. Other work runs between two batches. */
export async function deleteInBatches({
  deleteBatch,
  maxMs = Number.POSITIVE_INFINITY,
  limit = BATCH,
}: BatchRun): Promise<BatchResult> {
  const until = performance.now() + maxMs; // not the clock port: that may be set back
  let deleted = 0;
  for (;;) {
    const batch = await deleteBatch(limit);
    deleted += batch.deleted;
    if (!batch.more || performance.now() >= until) return { ...batch, deleted };
    await setImmediate();
  }
}
