import { argon2Hasher } from "./adapters/argon2/argon2-hasher.ts";
import { jwtSigner, secretSigningKey } from "./adapters/jose/jwt-signer.ts";
import { memoryRateLimiter } from "./adapters/memory/rate-limiter.ts";
import type {
  Auth,
  ClientInfo,
  EventsApi,
  NoClaims,
  PasswordApi,
  SessionsApi,
  UsersApi,
} from "./api/auth.ts";
import type { AuthOptions, FeatureOptions } from "./api/options.ts";
import { parseOptions, type Settings } from "./config/parse-options.ts";
import type { Context, FactorWay, Flow } from "./context.ts";
import type { Route } from "./contract/route.ts";
import { loadCommonPasswords } from "./domain/common-passwords.ts";
import { createIdSource } from "./domain/ids.ts";
import type { KeyPurpose } from "./domain/vocabulary.ts";
import { AuthError, isAuthError } from "./errors.ts";
import type { AuthWith, Features } from "./feature.ts";
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
import { secondFactor } from "./gates/second-factor.ts";
import { installFeatures, withApis } from "./install-features.ts";
import type { Bind } from "./installed-feature.ts";
import { deviceTokens } from "./kit/device-tokens.ts";
import { failClosedLimiter, failClosedStore } from "./kit/fail-closed.ts";
import { poolHasher } from "./kit/hash-pool.ts";
import { outageRecorder } from "./kit/limits/outage.ts";
import { refreshTokens } from "./kit/refresh-tokens.ts";
import { sessionCheck } from "./kit/session-check.ts";
import { boundedCache } from "./lib/bounded-cache.ts";
import { keyring } from "./lib/secrets.ts";
import { systemClock } from "./lib/system-clock.ts";
import { safeReporter } from "./report.ts";
import type { AccessClaims } from "./tokens/access-claims.ts";

const MAX_CACHED_SIGNATURES = 10_000;

/**
 * Makes the authentication of one application.
 *
 * Throws `invalid_configuration` for anything unsafe, unknown or contradictory. The message names the option and the fix.
 *
 * @example
 * import { createAuth } from "sallyport";
 * import { sqliteStore } from "sallyport/sqlite";
 *
 * const auth = createAuth({ secret: process.env.SALLYPORT_SECRET, store: sqliteStore("auth.db") });
 */
export function createAuth<Claims extends object = NoClaims>(
  options: AuthOptions<Claims> & { readonly features?: undefined },
): Auth<Claims>;
export function createAuth<Claims extends object = NoClaims, F extends Features = Record<never, never>>(
  options: AuthOptions<Claims> & FeatureOptions<F & { readonly [Name in keyof Auth]?: never }>,
): AuthWith<Claims, F>;
export function createAuth(options: AuthOptions<object>): Auth {
  return assemble(parseOptions(options)).auth;
}

/** The context of one application, with every gate and way in it, and the public face over it. */
export function assemble(settings: Settings): { readonly ctx: Context; readonly auth: Auth } {
  let finished: Context | undefined;
  const installed = installFeatures(
    settings.features,
    binder(() => finished),
  );
  const ctx = createContext(settings, installed.ways);
  finished = ctx;
  return { ctx, auth: withApis(bindFlows(ctx, installed.routes), installed) };
}

/** Flows of features run with the finished context: there is none while they are installed. */
function binder(context: () => Context | undefined): Bind {
  const finished = (): Context => {
    const ctx = context();
    if (!ctx) throw new TypeError("A feature must not call its flows while it is installed");
    return ctx;
  };
  return Object.freeze<Bind>({
    open: (flow) => async (input, client) => run(finished(), flow, { input, client }),
    signed: (flow) => async (token, input, client) => run(finished(), flow, { token, input, client }),
  });
}

/** Settings, and the ports with every default adapter in place. */
export function createContext(settings: Settings, ways: readonly FactorWay[] = []): Context {
  const { secrets, signingKeys, features: _installed, ...rest } = settings;
  const { issuer, audience, password } = rest;
  const clock = settings.clock ?? systemClock;
  const store = failClosedStore(settings.store);
  const keys = keyring<KeyPurpose>(secrets);
  const ctx: Context = Object.freeze({
    settings: rest,
    store,
    limiter: failClosedLimiter(settings.rateLimiter ?? memoryRateLimiter({ clock })),
    hasher: poolHasher(password.hasher ?? argon2Hasher(password.hashing), password.hashing),
    signer: jwtSigner({
      keys: signingKeys.length > 0 ? signingKeys : keys("access-token").map(secretSigningKey),
      issuer,
      audience,
    }),
    signatures: boundedCache<AccessClaims>(MAX_CACHED_SIGNATURES),
    refreshTokens: refreshTokens(keys("refresh-token")),
    deviceTokens: deviceTokens(keys("device-token")),
    sessionCheck: sessionCheck(rest.session.check, { store, clock }),
    clock,
    newId: createIdSource(),
    keys,
    commonPasswords: once(loadCommonPasswords),
    gates: [secondFactor],
    ways,
    report: safeReporter(settings.onError),
  });
  settings.rateLimiter?.onOutage?.(outageRecorder(ctx));
  return ctx;
}

/** Operators' calls may leave the client out: a job or a script has no address. */
const NO_ADDRESS: ClientInfo = Object.freeze({ ip: null });

/** The public face over a context. Here the positional calls become requests. */
export function bindFlows(ctx: Context, routes: readonly Route[] = []): Auth {
  const call = <Request, Result>(flow: Flow<Request, Result>, request: Request): Promise<Result> =>
    run(ctx, flow, request);
  const close = (): Promise<void> => call(closeAll, undefined);
  return Object.freeze<Auth>({
    signup: (input, client) => call(signup, { input, client }),
    login: (input, client) => call(login, { input, client }),
    refresh: (token, client) => call(refresh, { token, client }),
    logout: (token, client = NO_ADDRESS) => call(logout, { token, client }),
    verifyToken: (token, input = {}) => call(verifyToken, { token, input }),
    reauthenticate: (token, input, client) => call(reauthenticate, { token, input, client }),
    requireFresh: (principal, maxAge) => requireFresh(ctx, principal, maxAge),
    getUser: (token) => call(getUser, { token }),
    password: Object.freeze<PasswordApi>({
      change: (token, input, client) => call(changePassword, { token, input, client }),
    }),
    sessions: Object.freeze<SessionsApi>({
      list: (token) => call(listSessions, { token }),
      revoke: (token, input, client = NO_ADDRESS) => call(revokeOwnSession, { token, input, client }),
      revokeOthers: (token, client = NO_ADDRESS) => call(revokeOtherSessions, { token, client }),
    }),
    events: Object.freeze<EventsApi>({
      list: (token, input = {}) => call(listEvents, { token, input }),
      recordCrossSite: (client) => call(recordCrossSite, { client }),
    }),
    users: Object.freeze<UsersApi>({
      disable: (input, client = NO_ADDRESS) => call(disableUser, { input, client }),
      enable: (input, client = NO_ADDRESS) => call(enableUser, { input, client }),
      delete: (input, client = NO_ADDRESS) => call(deleteUser, { input, client }),
    }),
    purge: (input = {}) => call(purge, { input }),
    health: () => call(health, undefined),
    jwks: () => ctx.signer.jwks,
    clock: ctx.clock,
    routes,
    close,
    [Symbol.asyncDispose]: close,
  });
}

async function closeAll(ctx: Context): Promise<void> {
  await Promise.all([ctx.store.close(), ctx.limiter.close?.()]);
}

/** Runs a flow. It rejects with an `AuthError` and nothing else, and the operator hears of its faults. */
async function run<Request, Result>(
  ctx: Context,
  flow: Flow<Request, Result>,
  request: Request,
): Promise<Result> {
  try {
    return await flow(ctx, request);
  } catch (thrown) {
    const error = isAuthError(thrown) ? thrown : new AuthError("internal_error", { cause: thrown });
    if (error.cause !== undefined || error.status === 500) ctx.report(error);
    throw error;
  }
}

/** Loads at the first call, and then no more. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
