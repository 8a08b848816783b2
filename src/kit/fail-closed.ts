import { AuthError, isAuthError } from "../errors.ts";
import type {
  AuthStore,
  CredentialStore,
  EventStore,
  SessionStore,
  TokenStore,
  UserStore,
} from "../ports/auth-store.ts";
import type { RateLimiter } from "../ports/rate-limiter.ts";

const USER_VERBS = ["create", "find", "findForLogin", "admit", "change", "remove"] as const;
const CREDENTIAL_VERBS = ["add", "list", "findByIdentifier", "replace", "remove"] as const;
const SESSION_VERBS = [
  "create",
  "find",
  "listLive",
  "rotate",
  "reauthenticate",
  "revoke",
  "revokeAll",
  "revokeOldest",
] as const;
const TOKEN_VERBS = ["issue", "find", "consume", "countAttempt", "revokeAll"] as const;
const EVENT_VERBS = ["append", "list"] as const;

/** The store, whatever it throws turned into `unavailable`: no failure may read as an answer. */
export function failClosedStore(store: AuthStore): AuthStore {
  return Object.freeze({
    users: guardVerbs<UserStore>(store.users, USER_VERBS),
    credentials: guardVerbs<CredentialStore>(store.credentials, CREDENTIAL_VERBS),
    sessions: guardVerbs<SessionStore>(store.sessions, SESSION_VERBS),
    tokens: guardVerbs<TokenStore>(store.tokens, TOKEN_VERBS),
    events: guardVerbs<EventStore>(store.events, EVENT_VERBS),
    // `tx` stays bare: the store must see its own errors to know what to retry.
    transaction: <T>(work: (tx: AuthStore) => Promise<T>) => guard(() => store.transaction(work)),
    purge: guardVerbs<AuthStore>(store, ["purge"]).purge,
    close: () => guard(() => store.close()),
  });
}

/** The limiter, whatever it throws turned into `unavailable`: what was not counted does not pass. */
export function failClosedLimiter(limiter: RateLimiter): RateLimiter {
  return Object.freeze({
    ...guardVerbs<RateLimiter>(limiter, ["consume", "refund"]),
    close: () => guard(async () => limiter.close?.()),
  });
}

function guardVerbs<T extends object>(port: T, verbs: readonly (keyof T)[]): T {
  const guarded: Partial<Record<keyof T, unknown>> = {};
  for (const verb of verbs) {
    const call = port[verb] as (...args: unknown[]) => Promise<unknown>;
    guarded[verb] = (...args: unknown[]) => guard(() => call.apply(port, args));
  }
  return Object.freeze(guarded) as T;
}

async function guard<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isAuthError(error) ? error : new AuthError("unavailable", { cause: error });
  }
}
