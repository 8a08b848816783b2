import type { HashLoad } from "../api/auth.ts";
import type { HashingSettings } from "../config/parse-options.ts";
import { AuthError } from "../errors.ts";
import type { PasswordHasher } from "../ports/password-hasher.ts";

/**
 * The hasher with bounded work: `concurrency` hashes at once, `queue` callers waiting in order, and
 * `overloaded` for everybody beyond. Hashes take libuv's threads; unbounded they would starve the rest.
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
      next(); // the place passes on: `running` stays
    else running--;
  };
  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
    load: () => ({ running, waiting: waiting.length, concurrency, queue }),
  };
}
