import type { KeyObject } from "node:crypto";
import { argon2Hasher } from "./adapters/argon2/argon2-hasher.ts";
import { jwtSigner, secretSigningKey } from "./adapters/jose/jwt-signer.ts";
import { memoryRateLimiter } from "./adapters/memory/rate-limiter.ts";
import type { Auth, NoClaims } from "./api/auth.ts";
import type { AuthOptions } from "./api/options.ts";
import { parseOptions, type Settings } from "./config/parse-options.ts";
import type { Context } from "./context.ts";
import { loadCommonPasswords } from "./domain/common-passwords.ts";
import { createIdSource } from "./domain/ids.ts";
import { AuthError, isAuthError } from "./errors.ts";
import { getUser } from "./flows/account/get-user.ts";
import { login } from "./flows/account/login.ts";
import { reauthenticate } from "./flows/account/reauthenticate.ts";
import { requireFresh } from "./flows/account/require-fresh.ts";
import { signup } from "./flows/account/signup.ts";
import { verifyToken } from "./flows/account/verify-token.ts";
import { listEvents } from "./flows/events/list-events.ts";
import { recordCrossSite } from "./flows/events/record-cross-site.ts";
import { deleteUser } from "./flows/operators/delete-user.ts";
import { disableUser } from "./flows/operators/disable-user.ts";
import { enableUser } from "./flows/operators/enable-user.ts";
import { health } from "./flows/operators/health.ts";
import { purge } from "./flows/operators/purge.ts";
import { changePassword } from "./flows/password/change-password.ts";
import { listSessions } from "./flows/sessions/list-sessions.ts";
import { logout } from "./flows/sessions/logout.ts";
import { refresh } from "./flows/sessions/refresh.ts";
import { revokeOtherSessions } from "./flows/sessions/revoke-other-sessions.ts";
import { revokeOwnSession } from "./flows/sessions/revoke-own-session.ts";
import type { SignedRequest } from "./kit/authenticate.ts";
import { deviceTokens } from "./kit/device-tokens.ts";
import { failClosedLimiter, failClosedStore } from "./kit/fail-closed.ts";
import { poolHasher } from "./kit/hash-pool.ts";
import { refreshTokens } from "./kit/refresh-tokens.ts";
import { sessionCheck } from "./kit/session-check.ts";
import { boundedCache } from "./lib/bounded-cache.ts";
import { deriveKeys } from "./lib/secrets.ts";
import { systemClock } from "./lib/system-clock.ts";
import { safeReporter } from "./report.ts";
import type { AccessClaims } from "./tokens/access-claims.ts";

const MAX_CACHED_SIGNATURES = 10_000;

/**
 * Makes the authentication of one application.
 *
 * Throws `invalid_configuration` for anything unsafe, unknown or contradictory, naming option and mend.
 *
 * @example
 * const auth = createAuth({ secret: process.env.SALLYPORT_SECRET, store: sqliteStore("auth.db") });
 */
export function createAuth<Claims extends object = NoClaims>(options: AuthOptions<Claims>): Auth<Claims> {
  // Claims are what the hook answered, through a token that nobody else can sign: that is their type.
  return bindFlows(createContext(parseOptions(options))) as Auth<Claims>;
}

/** The context of one application: settings, and the ports with every default adapter in place. */
export function createContext(settings: Settings): Context {
  const { secrets, signingKeys, ...rest } = settings;
  const { issuer, audience, password } = rest;
  const clock = settings.clock ?? systemClock;
  const store = failClosedStore(settings.store);
  const keys =
    signingKeys.length > 0 ? signingKeys : deriveKeys(secrets, "access-token").map(secretSigningKey);
  const [pseudonymKey] = deriveKeys(secrets, "pseudonym") as readonly [KeyObject];
  return Object.freeze({
    settings: rest,
    store,
    limiter: failClosedLimiter(settings.rateLimiter ?? memoryRateLimiter({ clock })),
    limiterLog: { countsAlone: false },
    hasher: poolHasher(password.hasher ?? argon2Hasher(password.hashing), password.hashing),
    signer: jwtSigner({ keys, issuer, audience }),
    signatures: boundedCache<AccessClaims>(MAX_CACHED_SIGNATURES),
    refreshTokens: refreshTokens(deriveKeys(secrets, "refresh-token")),
    deviceTokens: deviceTokens(deriveKeys(secrets, "device-token")),
    sessionCheck: sessionCheck(rest.session.check, { store, clock }),
    clock,
    newId: createIdSource(),
    pseudonymKey,
    commonPasswords: once(loadCommonPasswords),
    gates: [],
    report: safeReporter(settings.onError),
  });
}

/** The public face over a context. */
export function bindFlows(ctx: Context): Auth {
  const close = bind(ctx, closeAll);
  return Object.freeze<Auth>({
    signup: bind(ctx, signup),
    login: bind(ctx, login),
    refresh: bind(ctx, refresh),
    logout: bind(ctx, logout),
    verifyToken: bind(ctx, verifyToken),
    reauthenticate: bindSigned(ctx, reauthenticate),
    requireFresh: (principal, maxAge) => requireFresh(ctx, principal, maxAge),
    getUser: bind(ctx, getUser),
    password: Object.freeze({ change: bindSigned(ctx, changePassword) }),
    sessions: Object.freeze({
      list: bind(ctx, listSessions),
      revoke: bindSigned(ctx, revokeOwnSession),
      revokeOthers: bind(ctx, revokeOtherSessions),
    }),
    events: Object.freeze({
      list: bind(ctx, listEvents),
      recordCrossSite: bind(ctx, recordCrossSite),
    }),
    users: Object.freeze({
      disable: bind(ctx, disableUser),
      enable: bind(ctx, enableUser),
      delete: bind(ctx, deleteUser),
    }),
    purge: bind(ctx, purge),
    health: bind(ctx, health),
    jwks: () => ctx.signer.jwks,
    clock: ctx.clock,
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

type SignedFlow<Input, Client, Result> = Flow<[request: SignedRequest<Input>, client: Client], Result>;

function bindSigned<Input, Client, Result>(ctx: Context, flow: SignedFlow<Input, Client, Result>) {
  const bound = bind(ctx, flow);
  return (token: string, input: Input, client: Client): Promise<Result> => bound({ token, input }, client);
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
