/** Tells the operator of a fault. It never throws, and what it returns is not waited for. */
export type Report = (error: unknown) => void;

/** Makes `onError` of the application harmless: neither its throws nor its rejections reach anybody. */
export function safeReporter(onError: ((error: unknown) => unknown) | undefined): Report {
  if (!onError) return () => {};
  return (error) => {
    // There is nobody left to tell.
    void Promise.resolve(error)
      .then(onError)
      .catch(() => {});
  };
}
