import type { AuthEvent } from "../domain/auth-event.ts";

/** What `onEvent` was told, in order. */
export interface CapturedEvents {
  /** Give this to `createAuth` as `onEvent`. */
  readonly onEvent: (event: AuthEvent) => void;
  readonly events: readonly AuthEvent[];
  clear(): void;
}

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
