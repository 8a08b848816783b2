import type { Route } from "../contract/route.ts";
import type { Duration } from "../domain/duration.ts";
import type { JsonWebKeySet } from "../domain/signing-key.ts";
import type { WarningCode } from "../domain/warnings.ts";
import type { PurgeResult } from "../ports/auth-store.ts";
import type { Clock } from "../ports/clock.ts";
import type {
  ClientInfo,
  LoginInput,
  PurgeOptions,
  ReauthenticateInput,
  SignupInput,
  VerifyOptions,
} from "./inputs.ts";
import type {
  CurrentUser,
  Health,
  LoginResult,
  NoClaims,
  OnRead,
  Principal,
  Reauthenticated,
  Refreshed,
} from "./results.ts";
import type { SignupApi } from "./signup-api.ts";
import type {
  ChallengesApi,
  EmailApi,
  EventsApi,
  MailApi,
  PasswordApi,
  SessionsApi,
  UsersApi,
} from "./sub-apis.ts";

export type * from "./inputs.ts";
export type * from "./results.ts";
export type * from "./signup-api.ts";
export type * from "./sub-apis.ts";

/**
 * The authentication of one application, as `createAuth` makes it. Every method rejects with an `AuthError` alone, and
 * names its codes. Any method may reject with `internal_error`: a fault of the library, an adapter or a hook.
 */
export interface Auth<Claims extends object = NoClaims, Input extends SignupInput = SignupInput>
  extends SignupApi<Input> {
  /**
   * Signs in with email and password. A success ends the session of `refreshToken`. Unknown, disabled and passwordless
   * accounts answer like a wrong password, in the same time (OWASP Authentication Cheat Sheet; ASVS 5.0, 6.3.8).
   *
   * Codes: `invalid_input`, `rate_limited`, `invalid_credentials`, `overloaded`, `unavailable`.
   *
   * @example
   * ```ts
   * const result = await auth.login({ email, password }, { ip, userAgent });
   * if (result.status === "challenge") {
   *   console.log("One more step:", result.methods, result.challengeToken); // There is no session yet.
   * } else {
   *   console.log(result.accessToken, result.refreshToken, result.deviceToken);
   * }
   * ```
   */
  login(input: LoginInput, client: ClientInfo): Promise<LoginResult>;
  /**
   * Exchanges a refresh token for the next pair of tokens. This uses the refresh token up. Within `session.grace` it
   * still gets the same successor, so two tabs that refresh at once both stay signed in. A later reuse means that
   * two parties hold the token: the session ends (RFC 9700, section 4.14.2).
   *
   * Codes: `invalid_token`, `session_revoked`, `session_expired`, `rate_limited`, `invalid_input` (the
   * client), `unavailable`.
   *
   * @example
   * ```ts
   * const next = await auth.refresh(refreshToken, { ip, userAgent });
   * console.log(next.accessToken, next.refreshToken); // Store both in place of the old pair.
   * ```
   */
  refresh(refreshToken: string, client: ClientInfo): Promise<Refreshed>;
  /**
   * Ends the session of an access or refresh token: from now on every token of the session is refused. An expired
   * or used token still ends its session. An already ended session is a success. Without an answer of the store
   * there is no success.
   *
   * Codes: `invalid_token`, `invalid_input` (the client), `rate_limited` (only after the session has ended),
   * `unavailable`.
   *
   * @example
   * ```ts
   * await auth.logout(refreshToken, { ip, userAgent });
   * ```
   */
  logout(token: string, client?: ClientInfo): Promise<void>;
  /**
   * Returns the identity that a token proves. It checks signature and claims, and, as often as `session.check` says, the
   * session and the user's status. `onRead` gets user and session, if this very call read them: with `"always"` it does.
   *
   * Codes: `invalid_token`, `token_expired`, `session_revoked`, `session_expired`, `forbidden` (the token belongs
   * to another user than `options.userId`), `unavailable`.
   *
   * @example
   * ```ts
   * const principal = await auth.verifyToken(accessToken);
   * await auth.verifyToken(accessToken, { userId }); // Throws `forbidden` for every other user.
   * ```
   */
  verifyToken(accessToken: string, options?: VerifyOptions, onRead?: OnRead): Promise<Principal<Claims>>;
  /**
   * Checks the signed-in user's password again. Call it before an action that a thief of the device must not do. The
   * new access token holds the time of the proof (`auth_time`); older tokens do not (ASVS 5.0, 7.5.1). It answers with
   * the next refresh token too, and the earlier one is used up (ASVS 5.0, 7.2.4).
   *
   * Codes: those of `verifyToken`, `invalid_input`, `invalid_credentials`, `rate_limited`, `overloaded`.
   *
   * @example
   * ```ts
   * const proven = await auth.reauthenticate(accessToken, { password }, { ip, userAgent });
   * auth.requireFresh(await auth.verifyToken(proven.accessToken), "5m");
   * ```
   */
  reauthenticate(
    accessToken: string,
    input: ReauthenticateInput,
    client: ClientInfo,
  ): Promise<Reauthenticated>;
  /**
   * Throws `reauthentication_required` unless the user proved their identity within `maxAge` (default `"5m"`). The
   * principal's token decides. Throws `invalid_input` for a malformed duration.
   */
  requireFresh(principal: Pick<Principal, "authenticatedAt">, maxAge?: Duration): void;
  /**
   * Returns the token's user and session. The event of an ended session's token has the client.
   *
   * Codes: those of `verifyToken`, `invalid_input` (the client).
   *
   * @example
   * ```ts
   * const { user, session } = await auth.getUser(accessToken);
   * ```
   */
  getUser(accessToken: string, client?: ClientInfo): Promise<CurrentUser>;
  readonly password: PasswordApi;
  readonly email: EmailApi;
  readonly challenges: ChallengesApi;
  readonly mail: MailApi;
  readonly sessions: SessionsApi;
  readonly events: EventsApi;
  readonly users: UsersApi;
  /** Whether the option `signup.fields` exists, and the HTTP contract shows `fields`. */
  readonly hasSignupFields: boolean;
  /** The HTTP routes that the features bring. `createHandler` serves them beside its own. */
  readonly routes: readonly Route[];
  /**
   * Deletes events, ended sessions and mail given up that are older than `retention`, and what has expired. It works in
   * short batches. A later failure does not restore a deleted batch. Call it regularly, from any number of processes.
   * `ahead` counts the events that a wrong clock dated more than a day ahead: they stay.
   *
   * Codes: `invalid_input` (`maxMs`), `unavailable`.
   *
   * @example
   * ```ts
   * const { deleted, more } = await auth.purge({ maxMs: 10_000 });
   * ```
   */
  purge(options?: PurgeOptions): Promise<PurgeResult>;
  /**
   * Reports whether this instance can serve, for readiness probes. It waits at most 2 seconds for the store and the
   * limiter. It never rejects. Your application decides who may see the answer.
   *
   * @example
   * ```ts
   * const health = await auth.health();
   * const response = Response.json(health, { status: health.ready ? 200 : 503 });
   * ```
   */
  health(): Promise<Health>;
  /**
   * The public keys of `signingKeys` (RFC 7517). The set is empty if the secret signs the tokens.
   */
  jwks(): JsonWebKeySet;
  /** Warns the operator by `onWarning`, once for each code. `createHandler` calls it. */
  warn(code: WarningCode): void;
  /** The clock of this instance. */
  readonly clock: Clock;
  /**
   * Closes the store, the limiter and the mailer. First it waits for mails that are being sent, 5 seconds at most.
   * Codes: `unavailable`. Calls in flight may fail with `unavailable`.
   *
   * @example
   * ```ts
   * process.once("SIGTERM", () => auth.close());
   * ```
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
