import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

const MAX_PAUSE_MS = 40;
const MAX_RERUN_PAUSE_MS = 100;

/** Waits a random moment, longer with each attempt: two that collided must not meet again. */
export function jitteredPause(attempt: number): Promise<void> {
  return pause(randomInt(1, Math.min(MAX_PAUSE_MS, 2 ** attempt) + 1));
}

/**
 * Waits before what a server's deadlock undid is run again: longer than the transactions that collided
 * take. When the first of 50 signups with one email rolls back, InnoDB ends all of the others but one;
 * back within milliseconds they would queue behind that one, and end together once more if it rolls back.
 */
export function pauseBeforeRerun(attempt: number): Promise<void> {
  return pause(randomInt(1, MAX_RERUN_PAUSE_MS * 4 ** (attempt - 1) + 1));
}
