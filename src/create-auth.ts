import { argon2Hasher } from "./adapters/argon2-hasher.ts";
import { jwtSigner } from "./adapters/jwt-signer.ts";
import { memoryRateLimiter } from "./adapters/memory-rate-limiter.ts";
import { systemClock } from "./adapters/system-clock.ts";
import type { Auth } from "./auth.ts";
import { parseOptions, type Settings } from "./config.ts";
import type { Context } from "./context.ts";
import { loadCommonPasswords } from "./domain/common-passwords.ts";
import { createIdSource } from "./domain/ids.ts";
import { AuthError, isAuthError } from "./errors.ts";
import { deleteUser } from "./flows/delete-user.ts";
import { disableUser } from "./flows/disable-user.ts";
import { enableUser } from "./flows/enable-user.ts";
import { getUser } from "./flows/get-user.ts";
import { listEvents } from "./flows/list-events.ts";
import { listSessions } from "./flows/list-sessions.ts";
import { login } from "./flows/login.ts";
import { logout } from "./flows/logout.ts";
import { purge } from "./flows/purge.ts";
import { signup } from "./flows/signup.ts";
import { verifyToken } from "./flows/verify-token.ts";
import { boundedCache } from "./kit/bounded-cache.ts";
import { failClosedLimiter, failClosedStore } from "./kit/fail-closed.ts";
import { poolHasher } from "./kit/hash-pool.ts";
import { deriveKey } from "./kit/secrets.ts";
import type { AuthOptions } from "./options.ts";
import type { AccessClaims } from "./ports/token-signer.ts";
import { safeReporter } from "./report.ts";

const MAX_CACHED_SIGNATURES = 10_000;

/**
 * Makes the authentication of one application.
 *
 * Throws `invalid_configuration` for anything unsafe, unknown or contradictory, naming option and mend.
 *
 * @example
 * const auth = createAuth({ secret: process.env.SALLYPORT_SECRET, store: sqliteStore("auth.db") });
 */
export function createAuth(options: AuthOptions): Auth {
  return bindFlows(createContext(parseOptions(options)));
}

/** The context of one application: settings, and the ports with every default adapter in place. */
export function createContext(settings: Settings): Context {
  const { secret, ...rest } = settings;
  const { issuer, audience, password } = rest;
  const clock = settings.clock ?? systemClock;
  return Object.freeze({
    settings: rest,
    store: failClosedStore(settings.store),
    limiter: failClosedLimiter(settings.rateLimiter ?? memoryRateLimiter({ clock })),
    hasher: poolHasher(password.hasher ?? argon2Hasher(password.hashing), password.hashing),
    signer: jwtSigner({ key: deriveKey(secret, "access-token"), issuer, audience }),
    signatures: boundedCache<AccessClaims>(MAX_CACHED_SIGNATURES),
    clock,
    newId: createIdSource(),
    pseudonymKey: deriveKey(secret, "pseudonym"),
    commonPasswords: once(loadCommonPasswords),
    gates: [],
    report: safeReporter(settings.onError),
  });
}

/** The public face over a context. */
export function bindFlows(ctx: Context): Auth {
  const close = bind(ctx, closeAll);
  return Object.freeze({
    signup: bind(ctx, signup),
    login: bind(ctx, login),
    logout: bind(ctx, logout),
    verifyToken: bind(ctx, verifyToken),
    getUser: bind(ctx, getUser),
    sessions: Object.freeze({ list: bind(ctx, listSessions) }),
    events: Object.freeze({ list: bind(ctx, listEvents) }),
    users: Object.freeze({
      disable: bind(ctx, disableUser),
      enable: bind(ctx, enableUser),
      delete: bind(ctx, deleteUser),
    }),
    purge: bind(ctx, purge),
    close,
    [Symbol.asyncDispose]: close,
  });
}

async function closeAll(ctx: Context): Promise<void> {
  await Promise.all([ctx.store.close(), ctx.limiter.close?.()]);
}

type Flow<Args extends unknown[], Result> = (ctx: Context, ...args: Args) => Promise<Result>;

/** A flow that rejects with an `AuthError` and nothing else, and whose faults the operator hears of. */
function bind<Args extends unknown[], Result>(ctx: Context, flow: Flow<Args, Result>) {
  return (...args: Args): Promise<Result> => flow(ctx, ...args).catch((thrown) => surface(ctx, thrown));
}

function surface(ctx: Context, thrown: unknown): never {
  const error = isAuthError(thrown) ? thrown : new AuthError("internal_error", { cause: thrown });
  if (error.cause !== undefined || error.status === 500) ctx.report(error);
  throw error;
}

/** Loads at the first call, and then no more. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
