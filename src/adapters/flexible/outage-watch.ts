import type { LimiterOutage, OutageListener } from "../../ports/rate-limiter.ts";

/** A backend that fails now and then has one outage, not many: each outage leaves two events. */
const QUIET_MS = 10_000;

export interface OutageWatch {
  failed(cause: unknown): void;
  succeeded(): void;
  /** Adds a listener; the result removes it. A listener that comes during an outage is told of it at once. */
  listen(listener: OutageListener): () => void;
}

/** Remembers whether the backend fails, and tells the listeners of each change once. */
export function outageWatch(now: () => number = () => performance.now()): OutageWatch {
  const listeners = new Set<OutageListener>();
  let outage: LimiterOutage | null = null;
  let lastFailureAt = 0;
  const tell = (change: LimiterOutage): void => {
    for (const listener of listeners) listener(change);
  };
  return {
    listen(listener) {
      listeners.add(listener);
      if (outage) listener(outage);
      return () => void listeners.delete(listener);
    },
    failed(cause) {
      lastFailureAt = now();
      if (outage) return;
      outage = { phase: "began", cause };
      tell(outage);
    },
    succeeded() {
      if (!outage || now() - lastFailureAt < QUIET_MS) return;
      outage = null;
      tell({ phase: "ended" });
    },
  };
}
