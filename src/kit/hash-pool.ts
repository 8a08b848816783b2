import type { HashLoad } from "../api/auth.ts";
import type { HashingSettings } from "../config/parse-options.ts";
import { AuthError } from "../errors.ts";
import { deadlineIn } from "../lib/deadline.ts";
import type { PasswordHasher } from "../ports/password-hasher.ts";

/** Longer than any hash takes. A hasher that hangs must not hold its place for ever. */
const MAX_HASH_MS = 30_000;

/**
 * Bounds the work of a hasher. `concurrency` hashes run at once, and `queue` callers wait in order. A further caller
 * gets `overloaded`. Hashes occupy libuv's threads: without a bound they would starve all other work.
 */
export function poolHasher(
  hasher: PasswordHasher,
  bounds: Pick<HashingSettings, "concurrency" | "queue">,
): PasswordHasher & { load(): HashLoad } {
  const { run, load } = createPool(bounds);
  return Object.freeze({
    name: hasher.name,
    hash: (password: string) => run(() => hasher.hash(password)),
    verify: (stored: string, password: string) => run(() => hasher.verify(stored, password)),
    needsRehash: (stored: string) => hasher.needsRehash(stored),
    load,
  });
}

interface Pool {
  run<T>(work: () => Promise<T>): Promise<T>;
  load(): HashLoad;
}

function createPool({ concurrency, queue }: Pick<HashingSettings, "concurrency" | "queue">): Pool {
  const waiting: (() => void)[] = [];
  let running = 0;

  const enter = async (): Promise<void> => {
    if (running < concurrency) {
      running++;
      return;
    }
    if (waiting.length >= queue) throw new AuthError("overloaded");
    await new Promise<void>((admit) => waiting.push(admit));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next)
      next(); // The next caller takes the place, so `running` stays the same.
    else running--;
  };
  return {
    async run(work) {
      await enter();
      const deadline = deadlineIn(MAX_HASH_MS, late);
      try {
        return await deadline.race(work());
      } finally {
        deadline.clear();
        leave();
      }
    },
    load: () => ({ running, waiting: waiting.length, concurrency, queue }),
  };
}

function late(): AuthError {
  return new AuthError("unavailable", { cause: `The hasher gave no answer within ${MAX_HASH_MS} ms.` });
}
