/** Settles as the work does, or rejects with a `TimeoutError` in time. The work itself goes on. */
export function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(new DOMException(`No answer within ${timeoutMs} ms`, "TimeoutError"));
    // First let the process read what has arrived: a busy process must not blame the other side.
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}
