import { AuthError } from "../../errors.ts";

const LOCK_WAIT_MS = 2_000;

/** One holder at a time, served in the order of asking. */
export interface FifoLock {
  /** Undefined: the lock was free and is yours. Rejects with `unavailable` when the wait is too long. */
  acquire(): Promise<void> | undefined;
  release(): void;
}

interface Waiter {
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout;
}

/** Bounded waiting: behind a holder that hangs, callers fail closed instead of piling up. */
export function fifoLock(maxWaitMs: number = LOCK_WAIT_MS): FifoLock {
  let held = false;
  const queue = new Set<Waiter>();

  return Object.freeze({
    acquire: () => {
      if (held) return waitIn(queue, maxWaitMs);
      held = true;
      return undefined;
    },
    release: () => {
      const [next] = queue;
      if (!next) {
        held = false;
        return;
      }
      queue.delete(next);
      clearTimeout(next.timer);
      next.admit();
    },
  });
}

function waitIn(queue: Set<Waiter>, maxWaitMs: number): Promise<void> {
  return new Promise((admit, refuse) => {
    const timer = setTimeout(() => {
      queue.delete(waiter);
      refuse(new AuthError("unavailable", { cause: `The store was busy for ${maxWaitMs} ms.` }));
    }, maxWaitMs);
    const waiter: Waiter = { admit, timer };
    queue.add(waiter);
  });
}
