import type { AuthHandler, Caller, RequestHead, Requirements } from "sallyport/http";

/** What the guards of one factory found out about each request, and the only way to read it. */
export interface Callers<Incoming extends object, Claims extends object> {
  /** `asked` are the requirements of a guard, as it got them. An empty list asks for nothing. */
  readonly prove: (request: Incoming, asked: readonly Requirements<Claims>[]) => Promise<void>;
  readonly find: (request: Incoming) => Promise<void>;
  /** A `TypeError` without a guard in front, and if an optional guard found no user. */
  readonly authOf: (request: Incoming) => Caller<Claims>;
  /** A `TypeError` without a guard in front. Null: an optional guard found no user. */
  readonly authOrNull: (request: Incoming) => Caller<Claims> | null;
}

export function callersOf<Incoming extends object, Claims extends object>(
  handler: AuthHandler<Claims>,
  headOf: (request: Incoming) => RequestHead,
): Callers<Incoming, Claims> {
  // Beside the request, not on it: no parser, no other code and no other handler can write a caller here.
  const callers = new WeakMap<Incoming, Caller<Claims> | null>();
  const authOrNull = (request: Incoming): Caller<Claims> | null => {
    const caller = callers.get(request);
    if (caller === undefined) throw new TypeError("authOf needs a guard of the same factory in front of it");
    return caller;
  };
  return {
    prove: async (request, asked) =>
      void callers.set(request, await handler.authenticate(headOf(request), ...asked)),
    find: async (request) => void callers.set(request, await handler.identify(headOf(request))),
    authOrNull,
    authOf(request) {
      const caller = authOrNull(request);
      if (!caller) throw new TypeError("authOf: no user is signed in; behind optionalAuth use authOrNull");
      return caller;
    },
  };
}

/** Requires the user whom the path names. */
export function userInPath(parameter: string, value: unknown): { readonly userId: string } {
  // A misspelt parameter must not skip the check.
  if (typeof value !== "string") throw new TypeError(`This path has no parameter :${parameter}`);
  return { userId: value };
}
