import { setImmediate } from "node:timers";

const MAX_TURN_MS = 5;

/** Undefined: go on. A promise: wait for it, so that timers and sockets have their turn. */
export type Breathe = () => Promise<void> | undefined;

/**
 * A promise that settles at once lets only other promises run. A loop over such calls would stop every timer and
 * every socket of the process. So after 5 ms without a turn of the event loop, the next caller waits for one.
 */
export function breather(): Breathe {
  let turnBegan: number | undefined;
  return () => {
    const now = performance.now();
    if (turnBegan === undefined) {
      turnBegan = now;
      setImmediate(() => {
        turnBegan = undefined;
      });
      return undefined;
    }
    if (now - turnBegan < MAX_TURN_MS) return undefined;
    return new Promise((resolve) => setImmediate(resolve));
  };
}
