import { performance } from "node:perf_hooks";
import { AuthError } from "../../errors.ts";
import { isBusy } from "../kysely/dialects/sqlite.ts";
import { jitteredPause } from "../shared/jittered-pause.ts";

const BUSY_WAIT_MS = 5_000;

/**
 * Runs the step again while another connection holds the database's lock, for a bounded time. SQLite's own
 * waiting (`busy_timeout`) would block the event loop, and a holder of the lock in the same process.
 */
export async function retryWhileBusy<T>(step: () => T, maxWaitMs: number = BUSY_WAIT_MS): Promise<T> {
  try {
    return step();
  } catch (error) {
    if (!isBusy(error)) throw error;
    return tryAgain(step, { until: performance.now() + maxWaitMs, attempt: 1 });
  }
}

interface Patience {
  readonly until: number;
  readonly attempt: number;
}

async function tryAgain<T>(step: () => T, { until, attempt }: Patience): Promise<T> {
  await jitteredPause(attempt);
  try {
    return step();
  } catch (error) {
    if (!isBusy(error)) throw error;
    if (performance.now() >= until) throw new AuthError("unavailable", { cause: error });
    return tryAgain(step, { until, attempt: attempt + 1 });
  }
}
