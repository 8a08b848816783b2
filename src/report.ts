import type { AuthWarning, WarningCode } from "./domain/warnings.ts";

/** Reports a fault to the operator. It never throws, and it does not wait. */
export type Report = (error: unknown) => void;

/** Wraps the application's `onError`, so that neither its throws nor its rejections reach a caller. */
export function safeReporter(onError: ((error: unknown) => unknown) | undefined): Report {
  if (!onError) return () => {};
  return (error) => {
    // An error of `onError` itself has no other receiver, so it is dropped.
    void Promise.resolve(error)
      .then(onError)
      .catch(() => {});
  };
}

/** Warns the operator, once for each code. It never throws, and it does not wait. */
export type Warn = (warning: AuthWarning) => void;

/** Wraps the application's `onWarning`. By default the process emits the warnings. */
export function warnOnce(onWarning: ((warning: AuthWarning) => unknown) | undefined, report: Report): Warn {
  const told = new Set<WarningCode>();
  return (warning) => {
    if (told.has(warning.code)) return;
    told.add(warning.code);
    void Promise.resolve(warning)
      .then(onWarning ?? emitWarning)
      .catch(report);
  };
}

function emitWarning({ code, message }: AuthWarning): void {
  process.emitWarning(message, { type: "SallyportWarning", code });
}
