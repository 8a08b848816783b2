import type {
  ClientInfo,
  EventsPageInput,
  Operator,
  PasswordChangeInput,
  ResetInput,
  ResetRequestInput,
} from "./inputs.ts";
import type {
  EventsPage,
  ListedSession,
  MailSent,
  RevokedSession,
  RevokedSessions,
  SignedIn,
} from "./results.ts";

export type * from "./email-api.ts";
export type * from "./mail-api.ts";

/** `auth.sessions`: what a signed-in user does with their own sessions. */
export interface SessionsApi {
  /**
   * Lists the live sessions of the token's user at this application, newest first.
   *
   * Codes: those of `verifyToken`, `invalid_input` (the client).
   *
   * @example
   * ```ts
   * const sessions = await auth.sessions.list(accessToken);
   * const others = sessions.filter(({ current }) => !current);
   * ```
   */
  list(accessToken: string, client?: ClientInfo): Promise<readonly ListedSession[]>;
  /**
   * Ends one session of the token's user, for example on a lost phone. An already ended session is a success.
   * An unknown id, or a session of another user or application, is `not_found`.
   *
   * Codes: `not_found`, those of `verifyToken`, `rate_limited`, `invalid_input` (the client).
   *
   * @example
   * ```ts
   * const { current } = await auth.sessions.revoke(accessToken, sessionId, { ip, userAgent });
   * if (current) console.log("This was the session of the token itself.");
   * ```
   */
  revoke(accessToken: string, sessionId: string, client?: ClientInfo): Promise<RevokedSession>;
  /**
   * Ends every session of the token's user at this application, except the token's own.
   *
   * Codes: those of `verifyToken`, `rate_limited`, `invalid_input` (the client).
   *
   * @example
   * ```ts
   * const { revoked } = await auth.sessions.revokeOthers(accessToken, { ip, userAgent });
   * console.log(`Signed out ${revoked} other devices.`);
   * ```
   */
  revokeOthers(accessToken: string, client?: ClientInfo): Promise<RevokedSessions>;
}

/** `auth.password`: what a signed-in user does with their own password. */
export interface PasswordApi {
  /**
   * Sets a new password; the current password is the proof. Every session of the user ends, with all copies of
   * its tokens. That includes the session of `accessToken`: the answer is a new session. A login with the old
   * password that is still in flight fails. Every device token ends too; this device gets a new one. Applications that
   * share the store lose their sessions of the user, too.
   *
   * Codes: those of `verifyToken`, `invalid_input`, `weak_password`, `invalid_credentials`, `rate_limited`,
   * `overloaded`.
   *
   * @example
   * ```ts
   * const input = { currentPassword: password, newPassword: "a quiet river at noon" };
   * const signedIn = await auth.password.change(accessToken, input, { ip, userAgent });
   * console.log(signedIn.accessToken, signedIn.refreshToken); // The old tokens no longer work.
   * ```
   */
  change(accessToken: string, input: PasswordChangeInput, client: ClientInfo): Promise<SignedIn>;
  /**
   * Sends a mail with which the owner of the address sets a new password. The answer is the same for every address, with
   * an account and without one. Needs the option `mailer`.
   *
   * Codes: `invalid_input`, `rate_limited` (the client's address only), `unavailable`.
   *
   * @example
   * ```ts
   * const { challengeToken } = await auth.password.requestReset({ email }, { ip, userAgent });
   * ```
   */
  requestReset(input: ResetRequestInput, client: ClientInfo): Promise<MailSent>;
  /**
   * Sets a new password by a mail. Every session of the user ends, and the address counts as verified. It signs no user
   * in: a reset does not replace the second factor. A weak password does not use the mail up. If the address was not
   * verified before, the account loses every other way in: a stranger may have made it.
   *
   * Codes: `invalid_input`, `invalid_code`, `weak_password`, `rate_limited` (the client's address only), `overloaded`,
   * `unavailable`.
   *
   * @example
   * ```ts
   * await auth.password.reset({ link, password: "a quiet river at noon" }, { ip, userAgent }); // in any browser
   * await auth.password.reset({ challengeToken, code, password: "a quiet river at noon" }, { ip, userAgent });
   * ```
   */
  reset(input: ResetInput, client: ClientInfo): Promise<void>;
}

/** `auth.events`: the audit trail. */
export interface EventsApi {
  /**
   * Lists the audit trail of the token's user, newest first. It includes attempts at the account that failed or that a
   * limit of the account refused, since the email is the user's. Their addresses and user agents are those of the
   * client that tried: treat the texts as hostile.
   *
   * With `type` or `outcome`, one page searches at most 10,000 events. So a page may have fewer events than `limit`,
   * or no event, before the last page. Follow `nextCursor` until it is null.
   *
   * Codes: `invalid_input`, those of `verifyToken`.
   *
   * @example
   * ```ts
   * const first = await auth.events.list(accessToken, { limit: 50 });
   * const second = first.nextCursor && (await auth.events.list(accessToken, { cursor: first.nextCursor }));
   * const signIns = await auth.events.list(accessToken, { type: ["signup", "login"], outcome: ["success"] });
   * ```
   */
  list(accessToken: string, page?: EventsPageInput, client?: ClientInfo): Promise<EventsPage>;
  /**
   * Records that a cross-site request was refused. In each minute it records the first request of an address,
   * and one at each doubling. `createHandler` calls it in cookie mode; your own HTTP layer may call it too.
   *
   * Codes: `invalid_input` (the client), `unavailable`.
   */
  recordCrossSite(client: ClientInfo): Promise<void>;
}

/**
 * `auth.users`: calls for operators. They act on any user, so your application must decide who may call them. An
 * unknown or malformed user id is `not_found`. The event of a call has the operator's `by` and `reason` in its `data`.
 */
export interface UsersApi {
  /**
   * Ends every session of the user at once and refuses every further login, those in flight included. A login to
   * a disabled account answers like a wrong password. Disabling a disabled user is a success.
   *
   * Codes: `not_found`, `invalid_input` (the operator), `unavailable`.
   *
   * @example
   * ```ts
   * await auth.users.disable(userId); // A job has no client.
   * await auth.users.disable(userId, { ip, userAgent, by: "staff:7", reason: "chargeback" });
   * ```
   */
  disable(userId: string, operator?: Operator): Promise<void>;
  /**
   * Lets a disabled user sign in again. Earlier sessions stay ended. Enabling an active user is a success.
   *
   * Codes: `not_found`, `invalid_input` (the operator), `unavailable`.
   */
  enable(userId: string, operator?: Operator): Promise<void>;
  /**
   * Deletes the user with their password, sessions and one-time tokens. The email is free again. The user's events
   * stay for the audit, without user id and email: each holds the same keyed hash in place of the email.
   *
   * Codes: `not_found`, `invalid_input` (the operator), `unavailable`.
   *
   * @example
   * ```ts
   * const principal = await auth.verifyToken(accessToken);
   * auth.requireFresh(principal);
   * await auth.users.delete(principal.userId, { ip, userAgent }); // A user closes their own account.
   * ```
   */
  delete(userId: string, operator?: Operator): Promise<void>;
}
