import { AuthError } from "../errors.ts";
import { deadlineIn } from "../lib/deadline.ts";

const MAX_HOOK_MS = 5_000;

/** The answer of a hook of the application. `isLate`: there was no answer within 5 s, and `error` says so. */
export type HookAnswer<T> = { readonly value: T } | { readonly error: unknown; readonly isLate: boolean };

/** Calls a hook. It never rejects: a hook may fail, throw or hang. */
export async function askHook<T>(name: string, call: () => T | Promise<T>): Promise<HookAnswer<T>> {
  const deadline = deadlineIn(MAX_HOOK_MS, () => late(name));
  const answer = (async () => call())();
  try {
    return { value: await deadline.race(answer) };
  } catch (error) {
    return { error, isLate: deadline.isOver() };
  } finally {
    deadline.clear();
  }
}

function late(name: string): AuthError {
  return new AuthError("unavailable", { cause: `${name} gave no answer within ${MAX_HOOK_MS} ms.` });
}
