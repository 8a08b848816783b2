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
