/** The time that a call has. */
export interface Deadline {
  isOver(): boolean;
  /** Throws the error of the deadline once the time is over. */
  assertOpen(): void;
  /** Settles as the work does, or rejects in time with the error of the deadline. The work itself goes on. */
  race<T>(work: T | Promise<T>): Promise<T>;
  /** Ends the wait. Without it, the timer keeps the process alive. */
  clear(): void;
}

/** Starts to wait. `late` makes the error; the default is a `TimeoutError`. */
export function deadlineIn(timeoutMs: number, late: () => unknown = () => noAnswer(timeoutMs)): Deadline {
  const waiting = new Set<(error: unknown) => void>();
  let over: { readonly error: unknown } | undefined;
  const clear = startTimer(timeoutMs, () => {
    over = { error: late() };
    for (const reject of waiting) reject(over.error);
  });
  return {
    isOver: () => over !== undefined,
    assertOpen: () => {
      if (over) throw over.error;
    },
    race: <T>(work: T | Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        if (over) reject(over.error);
        else waiting.add(reject);
        const settled = (): void => void waiting.delete(reject);
        void Promise.resolve(work).then(resolve, reject).then(settled);
      }),
    clear,
  };
}

/** Calls `giveUp` once the time is over. What it returns ends the wait. */
export function startTimer(timeoutMs: number, giveUp: () => void): () => void {
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // First let the process read what has arrived: a busy process must not blame the other side.
    turn = setImmediate(giveUp);
  }, timeoutMs);
  return () => {
    clearTimeout(timer);
    if (turn) clearImmediate(turn);
  };
}

export function noAnswer(timeoutMs: number): DOMException {
  return new DOMException(`No answer within ${timeoutMs} ms`, "TimeoutError");
}
