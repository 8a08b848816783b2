/** Tells the operator of a fault. It never throws, and what it returns is not waited for. */
export type Report = (error: unknown) => void;

/** Makes `onError` of the application harmless: neither its throws nor its rejections reach a caller. */
export function safeReporter(onError: ((error: unknown) => unknown) | undefined): Report {
  if (!onError) return () => {};
  return (error) => {
    // `onError` itself failed: nothing else can be told.
    void Promise.resolve(error)
      .then(onError)
      .catch(() => {});
  };
}
