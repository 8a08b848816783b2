/** What a batch should take: a login that wants its rows waits about so long. */
const TARGET_MS = 20;
/** A cold table gives about half a millisecond to a row. Fewer rows would be little more than the way to the server. */
const LEAST = 25;
const MOST = 500;

/** Deletes at most `limit` rows, some at a time, and answers how many there were. */
export type TimedBatches = (limit: number, deleteSome: (batch: number) => Promise<number>) => Promise<number>;

/** Begins with few rows at a time, and then deletes as many as the time of a batch allows. */
export function timedBatches(now: () => number): TimedBatches {
  let size = LEAST;
  return async (limit, deleteSome) => {
    let deleted = 0;
    while (deleted < limit) {
      const batch = Math.min(size, limit - deleted);
      const start = now();
      const count = await deleteSome(batch);
      deleted += count;
      if (count < batch) break;
      if (batch === size) size = sizeAfter(size, now() - start);
    }
    return deleted;
  };
}

/** One slow batch says little, and so does a quick one: at most twice as many rows, and at least a quarter. */
function sizeAfter(size: number, tookMs: number): number {
  const factor = Math.min(2, Math.max(0.25, TARGET_MS / tookMs));
  return Math.min(MOST, Math.max(LEAST, Math.floor(size * factor)));
}
