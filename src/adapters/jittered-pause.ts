import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

const MAX_PAUSE_MS = 40;

/** Waits a random moment, longer with each attempt: two that collided must not meet again. */
export function jitteredPause(attempt: number): Promise<void> {
  return pause(randomInt(1, Math.min(MAX_PAUSE_MS, 2 ** attempt) + 1));
}
