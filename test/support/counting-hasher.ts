import type { PasswordHasher } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";

export interface CountingHasher {
  readonly hasher: PasswordHasher;
  /** `hash` or `verify`, in the order of the calls. */
  readonly calls: string[];
  readonly inFlight: { now: number; most: number };
}

/** The test hasher, which also tells how often and how parallel it was used. */
export function countingHasher(pause: () => Promise<void> = async () => {}): CountingHasher {
  const inner = insecureTestHasher();
  const calls: string[] = [];
  const inFlight = { now: 0, most: 0 };
  const counted = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    calls.push(name);
    inFlight.most = Math.max(inFlight.most, ++inFlight.now);
    await pause();
    return work().finally(() => inFlight.now--);
  };
  return {
    calls,
    inFlight,
    hasher: {
      ...inner,
      hash: (password) => counted("hash", () => inner.hash(password)),
      verify: (stored, password) => counted("verify", () => inner.verify(stored, password)),
    },
  };
}
