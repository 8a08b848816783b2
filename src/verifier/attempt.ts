/** One fetch of the keys, shared by all callers that wait for it. */
export interface Attempt {
  /** The start, in milliseconds since the epoch. */
  readonly at: number;
  readonly wasFailing: boolean;
  /** Never rejects. */
  readonly done: Promise<void>;
  readonly progress: Progress;
}

interface Progress {
  state: "under_way" | "succeeded" | "failed";
  /** Why it failed. */
  cause: unknown;
}

interface Beginning {
  readonly at: number;
  readonly after: Attempt | undefined;
}

export function beginAttempt({ at, after }: Beginning, work: () => Promise<void>): Attempt {
  const progress: Progress = { state: "under_way", cause: undefined };
  return { at, wasFailing: isFailing(after), progress, done: follow(progress, work) };
}

async function follow(progress: Progress, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    progress.state = "succeeded";
  } catch (cause) {
    fail(progress, cause);
  }
}

/** Whether the last attempt that ended failed. */
export function isFailing(attempt: Attempt | undefined): boolean {
  if (!attempt) return false;
  const { progress, wasFailing } = attempt;
  return isUnderWay(progress) ? wasFailing : progress.state === "failed";
}

/**
 * Waits for the end of an attempt, at most `timeout` milliseconds. Every caller has its own timer: the timer of
 * the first caller may have ended with its request, and the application's own `fetch` may ignore its signal.
 */
export async function endOf({ done, progress }: Attempt, timeout: number): Promise<void> {
  if (!isUnderWay(progress)) return;
  const signal = AbortSignal.timeout(timeout);
  const tooLate = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([done, tooLate]);
  if (isUnderWay(progress)) fail(progress, signal.reason);
}

function isUnderWay({ state }: Progress): boolean {
  return state === "under_way";
}

function fail(progress: Progress, cause: unknown): void {
  progress.state = "failed";
  progress.cause = cause;
}
