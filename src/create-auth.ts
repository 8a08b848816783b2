import { argon2Hasher } from "./adapters/argon2/argon2-hasher.ts";
import { secretSigningKey } from "./adapters/jwt/hmac.ts";
import { jwtSigner } from "./adapters/jwt/jwt-signer.ts";
import { memoryRateLimiter } from "./adapters/memory/rate-limiter.ts";
import type { Auth, NoClaims, SignupInputWith } from "./api/auth.ts";
import type { AuthOptions, FeatureOptions } from "./api/options.ts";
import { bindFlows, run } from "./bind-flows.ts";
import { parseOptions, type Settings } from "./config/parse-options.ts";
import { findWarnings } from "./config/warnings.ts";
import type { Context, FactorWay, Flow } from "./context.ts";
import { loadCommonWords } from "./domain/common-passwords.ts";
import { createIdSource } from "./domain/ids.ts";
import type { KeyPurpose } from "./domain/vocabulary.ts";
import type { AuthWith, Features } from "./feature.ts";
import { emailGate } from "./gates/email.ts";
import { secondFactor } from "./gates/second-factor.ts";
import { installFeatures, withApis } from "./install-features.ts";
import type { Bind } from "./installed-feature.ts";
import { deviceTokens } from "./kit/device-tokens.ts";
import { failClosedLimiter, failClosedStore } from "./kit/fail-closed.ts";
import { poolHasher } from "./kit/hash-pool.ts";
import { recordFullTable, recordingChanges, recordOutage } from "./kit/limits/limiter-changes.ts";
import { mailRenderer } from "./kit/mail/mail-renderer.ts";
import { tellingFaults } from "./kit/mail/telling-faults.ts";
import { mailOutage } from "./kit/postman/mail-outage.ts";
import { type Postman, postman } from "./kit/postman/postman.ts";
import { refreshTokens } from "./kit/refresh-tokens.ts";
import { sessionCheck } from "./kit/session-check.ts";
import { boundedCache } from "./lib/bounded-cache.ts";
import { once } from "./lib/once.ts";
import { keyring } from "./lib/secrets.ts";
import { systemClock } from "./lib/system-clock.ts";
import type { MailService } from "./mail-service.ts";
import { type Report, safeReporter, warnOnce } from "./report.ts";
import type { AccessClaims } from "./tokens/access-claims.ts";

const MAX_CACHED_SIGNATURES = 10_000;

/**
 * Makes the authentication of one application.
 *
 * Throws `invalid_configuration` for an unsafe, unknown or contradictory option. The message names the option and the
 * fix.
 *
 * @example
 * ```ts
 * import { createAuth } from "sallyport";
 * import { sqliteStore } from "sallyport/sqlite";
 *
 * const auth = createAuth({ secret: process.env.SALLYPORT_SECRET, store: sqliteStore("auth.db") });
 * ```
 */
export function createAuth<Claims extends object = NoClaims, Fields = unknown, Parsed = undefined>(
  options: AuthOptions<Claims, Fields, Parsed> & { readonly features?: undefined },
): Auth<Claims, SignupInputWith<Fields>>;
export function createAuth<
  Claims extends object = NoClaims,
  F extends Features = Record<never, never>,
  Fields = unknown,
  Parsed = undefined,
>(
  options: AuthOptions<Claims, Fields, Parsed> &
    FeatureOptions<F & { readonly [Name in keyof Auth]?: never }>,
): AuthWith<Claims, F, SignupInputWith<Fields>>;
export function createAuth(options: AuthOptions<object>): Auth {
  return assemble(parseOptions(options)).auth;
}

/** Makes the context of one application, with all gates and ways, and the public calls over it. */
export function assemble(settings: Settings): { readonly ctx: Context; readonly auth: Auth } {
  let finished: Context | undefined;
  const installed = installFeatures(
    settings.features,
    binder(() => finished),
  );
  const ctx = createContext(settings, installed.ways);
  finished = ctx;
  for (const warning of findWarnings(settings)) ctx.warn(warning);
  const sender = ctx.mail && startPostman(ctx, ctx.mail);
  return { ctx, auth: withApis(bindFlows(ctx, { routes: installed.routes, postman: sender }), installed) };
}

function startPostman(ctx: Context, mail: MailService): Postman {
  const made = postman(ctx, mail);
  if (mail.settings.delivery === "in-process") made.start();
  return made;
}

/** Flows of features run with the finished context. It does not exist yet while the features are installed. */
function binder(context: () => Context | undefined): Bind {
  const finished = (): Context => {
    const ctx = context();
    if (!ctx) throw new TypeError("A feature must not call its flows while it is installed");
    return ctx;
  };
  // `async`: a flow of a feature that throws before its first step is a rejection, too.
  const call = <Request, Result>(flow: Flow<Request, Result>, request: Request): Promise<Result> =>
    run(finished(), async (ctx, asked: Request) => flow(ctx, asked), request);
  return Object.freeze<Bind>({
    open: (flow) => async (input, client) => call(flow, { input, client }),
    signed: (flow) => async (token, input, client) => call(flow, { token, input, client }),
  });
}

/** Makes a context from settings. Each port that the settings leave out gets its default adapter. */
export function createContext(settings: Settings, ways: readonly FactorWay[] = []): Context {
  const { secrets, signingKeys, features: _installed, ...rest } = settings;
  const { issuer, audience, password } = rest;
  const clock = settings.clock ?? systemClock;
  const store = failClosedStore(settings.store);
  const keys = keyring<KeyPurpose>(secrets);
  const report = safeReporter(settings.onError);
  const parties = { issuer, audience };
  const ctx: Context = Object.freeze({
    settings: rest,
    store,
    limiter: recordingChanges(failClosedLimiter(settings.rateLimiter ?? memoryRateLimiter({ clock })), {
      outage: (outage) => recordOutage(ctx, outage),
      fullTable: (table) => recordFullTable(ctx, table),
    }),
    hasher: poolHasher(password.hasher ?? argon2Hasher(password.hashing, report), password.hashing),
    signer: jwtSigner({
      keys: signingKeys.length > 0 ? signingKeys : keys("access-token").map(secretSigningKey),
      ...parties,
    }),
    signatures: boundedCache<AccessClaims>(MAX_CACHED_SIGNATURES),
    refreshTokens: refreshTokens(keys("refresh-token"), parties),
    deviceTokens: deviceTokens(keys("device-token"), parties),
    sessionCheck: sessionCheck(rest.session.check, { store, clock, audience }),
    mail: mailService(settings, report),
    clock,
    newId: createIdSource(),
    keys,
    commonWords: once(loadCommonWords),
    gates: [emailGate, secondFactor],
    ways,
    report,
    warn: warnOnce(settings.onWarning, report),
  });
  return ctx;
}

function mailService({ mail, mailer }: Settings, report: Report): MailService | null {
  if (!mail || !mailer) return null;
  const render = tellingFaults(mailRenderer(mail), report);
  return Object.freeze({ settings: mail, mailer, render, outage: mailOutage(report) });
}
