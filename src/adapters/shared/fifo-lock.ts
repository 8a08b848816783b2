import { AuthError } from "../../errors.ts";

const LOCK_WAIT_MS = 2_000;

/** A lock with one holder at a time. Callers get it in the order of their calls. */
export interface FifoLock {
  /** Undefined: the lock was free, and the caller has it. Rejects with `unavailable` when the wait is too long. */
  acquire(): Promise<void> | undefined;
  release(): void;
}

interface Waiter {
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout;
}

/** The wait is bounded: behind a hanging holder callers fail, and do not pile up. */
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
