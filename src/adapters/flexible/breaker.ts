import { AuthError } from "../../errors.ts";
import { isTimeout, within } from "../../lib/within.ts";

const FAILURES_IN_A_ROW = 5;
const PAUSE_MS = 1000;

/** Runs calls of a backend that may be away: none waits for long, and not all of them ask. */
export type Breaker = <T>(call: () => Promise<T>) => Promise<T>;

export interface Patience {
  readonly timeoutMs: number;
  /** How many calls may wait for `timeoutMs` in vain, one after the other. Default: as many as may fail. */
  readonly timeoutsInARow?: number;
}

/**
 * After five failures in a row one call at a time tries the backend, a second after the last one, and the
 * others fail at once: whoever asks gets an answer, and a backend that hangs does not collect calls. Its first
 * answer ends this.
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
