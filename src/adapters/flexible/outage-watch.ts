import type { LimiterOutage, OutageListener } from "../../ports/rate-limiter.ts";

/** A backend that fails now and then has one outage, not many: each outage leaves two events. */
const QUIET_MS = 10_000;

export interface OutageWatch {
  failed(cause: unknown): Promise<void>;
  succeeded(): Promise<void>;
  listen(listener: OutageListener): void;
}

interface Listening {
  readonly listener: OutageListener;
  knowsOfOutage: boolean;
}

/** Remembers whether the backend fails, and tells each listener of a change once. */
export function outageWatch(now: () => number = () => performance.now()): OutageWatch {
  const listening: Listening[] = [];
  let lastFailureAt = Number.NEGATIVE_INFINITY;
  const tell = async (outage: LimiterOutage): Promise<void> => {
    await Promise.all(listening.map((one) => tellOnce(one, outage)));
  };
  return {
    listen: (listener) => void listening.push({ listener, knowsOfOutage: false }),
    failed(cause) {
      lastFailureAt = now();
      return tell({ phase: "began", cause });
    },
    async succeeded() {
      if (now() - lastFailureAt >= QUIET_MS) await tell({ phase: "ended" });
    },
  };
}

async function tellOnce(one: Listening, outage: LimiterOutage): Promise<void> {
  const isOut = outage.phase === "began";
  if (one.knowsOfOutage === isOut) return;
  one.knowsOfOutage = isOut; // before the listener is asked: of many callers one tells it
  try {
    await one.listener(outage);
  } catch (error) {
    if (one.knowsOfOutage === isOut) one.knowsOfOutage = !isOut;
    throw error;
  }
}
