/** The work's end, or a `TimeoutError` when it takes longer. What is left of it goes on, unheard. */
export function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(new DOMException(`No answer within ${timeoutMs} ms`, "TimeoutError"));
    // After a moment in which what has arrived is read: a process that was busy itself must not blame others.
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}
