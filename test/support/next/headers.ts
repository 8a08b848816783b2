// In place of `next/headers`, which only Next.js can load: a test says which request is being answered.
import { AsyncLocalStorage } from "node:async_hooks";

const arrived = new AsyncLocalStorage<Headers>();

/** As in Next.js: without a request, as in a build, it stops what is being made. */
export async function headers(): Promise<Headers> {
  const found = arrived.getStore();
  if (!found) throw new TypeError("headers was called outside a request scope");
  return found;
}

export function inRequest<Result>(told: HeadersInit, work: () => Result): Result {
  return arrived.run(new Headers(told), work);
}
