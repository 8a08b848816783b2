import { deadlineIn } from "./deadline.ts";

/** Settles as the work does, or rejects with a `TimeoutError` in time. The work itself goes on. */
export function within<T>(timeoutMs: number, work: T | Promise<T>): Promise<T> {
  const deadline = deadlineIn(timeoutMs);
  return deadline.race(work).finally(deadline.clear);
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}
