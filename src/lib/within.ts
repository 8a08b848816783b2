import { noAnswer, startTimer } from "./deadline.ts";

/** Settles as the work does, or rejects with a `TimeoutError` in time. The work itself goes on. */
export function within<T>(timeoutMs: number, work: T | Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = startTimer(timeoutMs, () => reject(noAnswer(timeoutMs)));
    Promise.resolve(work).then(
      (value) => {
        stop();
        resolve(value);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}
