import type { AuthStore } from "../ports/auth-store.ts";
import type { NoClaims, PublicUser, SessionInfo } from "./auth.ts";

/** Code of your application that runs inside a call and can make it fail. */
export interface HooksOptions<Claims extends object = NoClaims, Fields = undefined> {
  /** Runs in the transaction of a signup. Your own rows are stored together with the user, or not at all. */
  readonly userCreated?: UserCreatedHook<Fields> | undefined;
  /** Returns the claims that each new access token carries beside the library's, such as roles or a tenant. */
  readonly claims?: ClaimsHook<Claims> | undefined;
}

/**
 * Called for each new access token, before anything is stored. At signup it is called afterwards, so that it
 * finds the rows of `userCreated`. It returns at most 1 KiB of plain JSON. The token carries this JSON as one claim,
 * `claims`; `Principal["claims"]` returns it. It stays unchanged until the next token, and every holder of the token
 * can read it. If the hook throws or returns anything else, the call rejects with `internal_error`. If it gives no answer
 * within 5 seconds, the call rejects with `unavailable`. `onError` gets the cause.
 */
export type ClaimsHook<Claims extends object> = (holder: ClaimsHolder) => Claims | Promise<Claims>;

/** The holder of a new token. */
export interface ClaimsHolder {
  readonly user: PublicUser;
  readonly session: SessionInfo;
}

/**
 * Called after the user and the password are stored, and before the session is stored. It may return a promise. The
 * database may repeat the whole transaction, so the hook may run more than once for one signup. Do all work through
 * `tx`. Do nothing that cannot be undone, such as sending mail.
 *
 * An error in the hook undoes the signup and leaves one failure event. An `AuthError` reaches the caller. Any other
 * error becomes `internal_error`, and `onError` gets the cause. If the transaction takes longer than the store's
 * `maxWaitMs` (5 seconds), it is undone, and the call rejects with `unavailable`.
 */
export type UserCreatedHook<Fields = undefined> = (created: UserCreated<Fields>) => unknown;

export interface UserCreated<Fields = undefined> {
  /** The user that `signup` will return. The user is not visible outside the transaction yet. */
  readonly user: PublicUser;
  /** The store of the transaction. It throws after the transaction. The outer store throws inside it. */
  readonly tx: AuthStore;
  /**
   * What the schema of `signup.fields` made of the fields of this signup. Every run of the hook gets the same object,
   * so do not change it. Undefined without that option.
   */
  readonly fields: Fields;
}
