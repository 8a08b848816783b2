import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

const MAX_PAUSE_MS = 40;
const MAX_RERUN_PAUSE_MS = 100;

/** Waits a random time, longer with each attempt: two callers that collided must not collide again. */
export function jitteredPause(attempt: number): Promise<void> {
  return pause(randomInt(1, Math.min(MAX_PAUSE_MS, 2 ** attempt) + 1));
}

/**
 * Waits after a deadlock, before the work runs again. The wait is longer than the transactions that collided.
 * When the first of 50 signups with one email rolls back, InnoDB ends all others but one. After a shorter wait
 * they would queue behind that one, and end together again if it rolls back.
 */
export function pauseBeforeRerun(attempt: number): Promise<void> {
  return pause(randomInt(1, MAX_RERUN_PAUSE_MS * 4 ** (attempt - 1) + 1));
}
