import { AuthError } from "../../errors.ts";
import { isTimeout, within } from "../../lib/within.ts";

const FAILURES_IN_A_ROW = 5;
const PAUSE_MS = 1000;

/** Runs calls to a backend that may be down. No call waits for long, and not every call asks the backend. */
export type Breaker = <T>(call: () => Promise<T>) => Promise<T>;

export interface Patience {
  readonly timeoutMs: number;
  /** How many calls in a row may time out. Default: as many as may fail. */
  readonly timeoutsInARow?: number;
}

/**
 * After five failures in a row, one call at a time tries the backend, a second after the last try. The others
 * fail at once. So every caller gets an answer, and a hanging backend does not collect calls. The first answer
 * of the backend ends this.
 */
export function breaker({ timeoutMs, timeoutsInARow = FAILURES_IN_A_ROW }: Patience): Breaker {
  let failures = 0;
  let nextTryAt = 0;
  let lastFailure: unknown;

  const mayTry = (): boolean => {
    if (failures < FAILURES_IN_A_ROW) return true;
    if (performance.now() < nextTryAt) return false;
    nextTryAt = performance.now() + PAUSE_MS + timeoutMs;
    return true;
  };
  return async (call) => {
    if (!mayTry()) throw new AuthError("unavailable", { cause: lastFailure });
    try {
      const answer = await within(timeoutMs, call());
      failures = 0;
      return answer;
    } catch (error) {
      failures += isTimeout(error) ? FAILURES_IN_A_ROW / timeoutsInARow : 1;
      nextTryAt = performance.now() + PAUSE_MS;
      lastFailure = error;
      throw error;
    }
  };
}
