import type { AuthStore } from "../ports/auth-store.ts";
import type { NoClaims, PublicUser, SessionInfo } from "./auth.ts";

/** Code of the application that runs inside a call, and can make it fail. */
export interface HooksOptions<Claims extends object = NoClaims> {
  /** Runs in the transaction of a signup: your own rows appear together with the user, or not at all. */
  readonly userCreated?: UserCreatedHook | undefined;
  /** Returns what each new access token carries beside our claims: roles, a tenant. */
  readonly claims?: ClaimsHook<Claims> | undefined;
}

/**
 * Called for each new access token, before anything is stored. At signup it is called afterwards, so that it
 * finds the rows of `userCreated`. It returns at most 1 KiB of plain JSON. The token carries it as one claim,
 * `claims`, and so does `Principal["claims"]`, unchanged until the next token. Every holder of the token can
 * read it. If it throws, or returns anything else, the call ends in `internal_error`, and `onError` gets the cause.
 */
export type ClaimsHook<Claims extends object> = (holder: ClaimsHolder) => Claims | Promise<Claims>;

/** The holder of a new token. */
export interface ClaimsHolder {
  readonly user: PublicUser;
  readonly session: SessionInfo;
}

/**
 * Called after user and password are stored, and before the session is. It may return a promise. The database
 * may ask for the whole transaction again, so it may run more than once for one signup: do everything through
 * `tx`, and nothing that cannot be undone, such as mail.
 *
 * An error in it undoes the signup and leaves one failure event. An `AuthError` reaches the caller; any other
 * error becomes `internal_error`, and `onError` gets the cause.
 */
export type UserCreatedHook = (created: UserCreated) => unknown;

export interface UserCreated {
  /** The user as `signup` will answer it. It is not visible outside the transaction yet. */
  readonly user: PublicUser;
  /** The store of the transaction. It throws after the transaction; the outer store throws inside it. */
  readonly tx: AuthStore;
}
