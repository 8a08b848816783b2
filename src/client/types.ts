import type * as auth from "../api/auth.ts";

/** As a value comes in JSON: a time is a text (ISO 8601, UTC). */
export type Json<T> = T extends Date
  ? string
  : T extends string
    ? T
    : T extends object
      ? { readonly [Key in keyof T]: Json<T[Key]> }
      : T;

type Token = "accessToken" | "refreshToken" | "deviceToken";

/** A new session. Its tokens stay with the client, or in cookies. */
export interface SignedIn extends Json<Omit<auth.SignedIn, Token>> {}
/** The password was right, and something more is asked for. Nobody is signed in yet. */
export interface LoginChallenge extends Json<auth.LoginChallenge> {}
export type LoginResult = SignedIn | LoginChallenge;
/** When the new access token ends. */
export interface Refreshed extends Json<Pick<auth.Refreshed, "accessTokenExpiresAt">> {}
export interface Reauthenticated extends Json<Omit<auth.Reauthenticated, Token>> {}
export interface PublicUser extends Json<auth.PublicUser> {}
export interface SessionInfo extends Json<auth.SessionInfo> {}
export interface ListedSession extends Json<auth.ListedSession> {}
export interface CurrentUser extends Json<auth.CurrentUser> {}
export interface RevokedSessions extends Json<auth.RevokedSessions> {}
export interface ListedEvent extends Json<auth.ListedEvent> {}
export interface EventsPageInput extends auth.EventsPageInput {}
export interface EventsPage extends Json<auth.EventsPage> {}

/** What is typed into a form. */
export interface Credentials extends auth.SignupInput {}

export interface PasswordChange extends auth.PasswordChangeInput {}

/**
 * Whether somebody is signed in here, as far as the client knows: only the server knows that a session lives.
 * `unknown` is a first visit in cookie mode, whose cookies no script can see: ask `me`.
 */
export type ClientState = "signed_in" | "signed_out" | "unknown";

/**
 * Where the client keeps what it holds: `localStorage`, or one of your own. Not `sessionStorage`: a duplicated tab has a
 * copy of it, and two copies of a refresh token read as a theft.
 */
export interface ClientStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** `navigator.locks`, or what does the same: of all who request one name, one at a time runs its `work`. */
export interface ClientLocks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export interface AuthClientOptions {
  /** The public path of the routes, or their URL on another origin. Default `/auth`. */
  readonly basePath?: string | undefined;
  /** As at the server's `createHandler`. Default `bearer`. */
  readonly transport?: "bearer" | "cookie" | undefined;
  /**
   * In bearer mode the tokens are kept here. Default: in memory, so that a reload signs out, and tabs
   * share nothing. With `localStorage` a session outlives the reload and is one for all tabs. The price: any script
   * that ever runs in the page can read the tokens, and use them elsewhere.
   *
   * In cookie mode only the session's id and times are kept. Default: `localStorage`.
   */
  readonly storage?: ClientStorage | undefined;
  /** Makes the requests. Default: the global one. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** One refresh at a time over all tabs. Default: `navigator.locks`. `null`: one at a time for each client. */
  readonly locks?: ClientLocks | null | undefined;
  /** Milliseconds since 1970, for tests. */
  readonly now?: (() => number) | undefined;
  /** Told when somebody signed in or out, or somebody else in: here, or in a tab with the same storage. */
  readonly onChange?: ((state: ClientState) => unknown) | undefined;
}

/**
 * The browser's side of the HTTP contract. Every method but `fetch` rejects with an `AuthProblem`, and with nothing
 * else.
 */
export interface AuthClient {
  /** Creates an account and signs it in. */
  signup(input: Credentials): Promise<LoginResult>;
  /** Signs in. A challenge is a value: the story goes on. */
  login(input: Credentials): Promise<LoginResult>;
  /**
   * Ends the session at the server, and then here. When it rejects, the session lives, and the client still
   * holds it: a page must not say "signed out".
   */
  logout(): Promise<void>;
  /** Refreshes now, unless another tab just does. The other methods do it when it is time. */
  refresh(): Promise<Refreshed>;
  /** Asks for the password again, before something that a found phone must not do. */
  reauthenticate(input: { readonly password: string }): Promise<Reauthenticated>;
  readonly password: ClientPassword;
  /** Who is signed in. On a first visit in cookie mode, this finds out. */
  me(): Promise<CurrentUser>;
  readonly sessions: ClientSessions;
  readonly events: ClientEvents;
  /**
   * The application's own routes, as the global `fetch`: an answer of any status is a value, and a failed network
   * rejects as there. It brings the token, to the origin of `basePath` and to no other, and refreshes it before it
   * ends. When the server says that it has ended, it is refreshed, and the request sent once more; for that the
   * body is kept until the answer comes. Rejects with an `AuthProblem` when a refresh was due and could not be had.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  state(): ClientState;
  /** Stops listening for other tabs. */
  close(): void;
}

export interface ClientPassword {
  /** Sets a new password. Every session of the user ends; here a new one begins. */
  change(input: PasswordChange): Promise<SignedIn>;
}

export interface ClientSessions {
  /** The live sessions of the user, newest first. */
  list(): Promise<readonly ListedSession[]>;
  /** Ends one: a lost phone's. If it is the current one, nobody is signed in here any more. */
  revoke(sessionId: string): Promise<void>;
  revokeOthers(): Promise<RevokedSessions>;
}

export interface ClientEvents {
  /** The user's audit trail, newest first. */
  list(page?: EventsPageInput): Promise<EventsPage>;
}
