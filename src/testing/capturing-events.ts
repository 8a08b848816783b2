import type { AuthEvent } from "../domain/auth-event.ts";

/** The audit events of an `Auth`, in order. */
export interface CapturedEvents {
  /** Give this to `createAuth` as `onEvent`. */
  readonly onEvent: (event: AuthEvent) => void;
  readonly events: readonly AuthEvent[];
  clear(): void;
}

/**
 * Collects audit events, for tests.
 *
 * @example
 * ```ts
 * import { createAuth, memoryStore } from "sallyport";
 * import { capturingEvents } from "sallyport/testing";
 *
 * const { onEvent, events } = capturingEvents();
 * const auth = createAuth({ secret: process.env["AUTH_SECRET"], store: memoryStore(), onEvent });
 * const failures = events.filter(({ outcome }) => outcome === "failure");
 * ```
 */
export function capturingEvents(): CapturedEvents {
  const events: AuthEvent[] = [];
  return Object.freeze<CapturedEvents>({
    onEvent: (event) => {
      events.push(event);
    },
    events,
    clear: () => {
      events.length = 0;
    },
  });
}
