import type * as auth from "../api/auth.ts";

/** A value as JSON has it: a time is a text (ISO 8601, UTC). */
export type Json<T> = T extends Date
  ? string
  : T extends string
    ? T
    : T extends object
      ? { readonly [Key in keyof T]: Json<T[Key]> }
      : T;

type Token = "accessToken" | "refreshToken" | "deviceToken";

/** A new session. The client or the cookies keep its tokens. */
export interface SignedIn extends Json<Omit<auth.SignedIn, Token>> {}
/** The password was right, and the server asks for one more step, by one of `methods`. No user is signed in yet. */
export interface LoginChallenge extends Json<auth.LoginChallenge> {}
export type LoginResult = SignedIn | LoginChallenge;
/** A mail is on its way, if the address may get one. The answer is the same for every address. */
export interface MailSent extends Json<auth.MailSent> {}
export interface SignedUp extends SignedIn, Json<Pick<auth.SignedUp, "challengeToken">> {}
export type SignupResult = SignedUp | LoginChallenge | MailSent;
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
export interface Credentials extends Omit<auth.SignupInput, Token> {}

/** What is typed into the form of a signup. */
export interface SignupCredentials extends Credentials {
  /** Your own fields, if the server has the option `signup.fields`. Only the server checks them. */
  readonly fields?: object | undefined;
}

export interface PasswordChange extends auth.PasswordChangeInput {}

/** The proof that the user is still there. */
export type ReauthenticateInput = auth.ReauthenticateInput;

/**
 * Whether a user is signed in here, as far as the client knows: only the server knows that a session lives.
 * `unknown` is a first visit in cookie mode: no script can see the cookies, so call `me`. It is also what an
 * `asyncStorage` has before it was read.
 */
export type ClientState = "signed_in" | "signed_out" | "unknown";

/** Who is signed in here, as far as the client knows. It is one object until something changes. */
export interface ClientSnapshot {
  readonly state: ClientState;
  /**
   * The user whom the last sign-in, refresh or `me` named, while their session is the one here. It is in memory: after a
   * reload it is null until `me` answers.
   */
  readonly user: PublicUser | null;
}

/**
 * Where the client keeps what it holds: `localStorage`, or a storage of your own. Do not use `sessionStorage`: a
 * duplicated tab copies it, and the server takes two copies of a refresh token for a theft. A storage whose `getItem`
 * answers with a promise goes through `asyncStorage` of `sallyport/client-storage`.
 */
export interface ClientStorage {
  /** Null: there is no item. Undefined: it is not read yet. */
  getItem(key: string): string | null | undefined;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  /**
   * `asyncStorage` brings it. Every call of the client goes through it: does `work` when the item is read, and
   * resolves when the changes of the work are written.
   */
  around?<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** `navigator.locks`, or the like: of all requests for one name, one at a time runs its `work`. */
export interface ClientLocks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export interface AuthClientOptions<Features = undefined> {
  /** The public path of the routes, or their URL on another origin. Default `/auth`. Without a page it must be a URL. */
  readonly basePath?: string | undefined;
  /** As at the server's `createHandler`. Default `bearer`. */
  readonly transport?: "bearer" | "cookie" | undefined;
  /**
   * In bearer mode the client keeps the tokens here. Default: in memory, so a reload signs out and tabs share nothing.
   * With `localStorage` a session outlives the reload, and all tabs share it. The price: any script that runs in the
   * page can read the tokens and use them elsewhere.
   *
   * In cookie mode the client keeps only the session's id and times. Default: `localStorage`.
   */
  readonly storage?: ClientStorage | null | undefined;
  /** Makes the requests. Default: the global one. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Allow one refresh at a time over all tabs. Default: `navigator.locks`. `null`: one at a time for each client. */
  readonly locks?: ClientLocks | null | undefined;
  /** Milliseconds since 1970, for tests. */
  readonly now?: (() => number) | undefined;
  /** Called when the signed-in user changes: here, or in a tab with the same storage. */
  readonly onChange?: ((state: ClientState) => unknown) | undefined;
  /** Opt-in features, each under its own name. Their calls are in the client under the same name. */
  readonly features?: Features | undefined;
}

/** The browser's side of the HTTP contract. Every method but `fetch` rejects with an `AuthProblem` only. */
export interface AuthClient {
  /**
   * Creates an account and signs in. Where the server requires a proof of the address, the answer is `check_email`, and
   * `sallyport/client-mail` goes on. Refused `fields` are `invalid_input`, and the path of each is `fields.<name>`.
   */
  signup(input: SignupCredentials): Promise<SignupResult>;
  /**
   * Signs in, or answers with a challenge that the user has to pass first.
   *
   * @example
   * ```ts
   * const result = await client.login({ email: "ada@example.com", password: "Analytical1" });
   * if (result.status === "challenge") console.log("One more step:", result.methods);
   * else console.log("Hello,", result.user.email);
   * ```
   */
  login(input: Credentials): Promise<LoginResult>;
  /**
   * Ends the session at the server, and then here. When it rejects, the client still holds the session, which may
   * live: a page must not say "signed out".
   */
  logout(): Promise<void>;
  /** Refreshes now, unless another tab is doing it. The other methods refresh when it is time. */
  refresh(): Promise<Refreshed>;
  /** Proves again who the user is, before an action that the finder of a phone must not do. */
  reauthenticate(input: ReauthenticateInput): Promise<Reauthenticated>;
  readonly password: ClientPassword;
  /** The signed-in user. On a first visit in cookie mode, this call finds out. */
  me(): Promise<CurrentUser>;
  readonly sessions: ClientSessions;
  readonly events: ClientEvents;
  /**
   * Calls the application's own routes, as the global `fetch` does: an answer of any status is a value, and a failed
   * network rejects in the same way. It sends the token to the origin of `basePath` only, and refreshes it before it
   * ends. When the server says that the token has ended, the client refreshes and sends the request once more. For
   * that it keeps the body until the answer comes. Rejects with an `AuthProblem` when a refresh was due and failed.
   *
   * @example
   * ```ts
   * const response = await client.fetch("/api/notes", { method: "POST", body: "Buy milk" });
   * if (response.status === 401) location.assign("/sign-in");
   * ```
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  state(): ClientState;
  /** State and user. It answers with the same object until something changes, as stores of frameworks need it. */
  snapshot(): ClientSnapshot;
  /**
   * Calls the listener, without an argument, after the snapshot has changed: here, or in a tab with the same storage.
   * Returns a function that ends it.
   *
   * @example
   * ```ts
   * const stop = client.subscribe(() => {
   *   document.title = client.snapshot().user?.email ?? "Signed out";
   * });
   * ```
   */
  subscribe(listener: () => unknown): () => void;
  /** Stops listening to other tabs. */
  close(): void;
}

export interface ClientPassword {
  /** Sets a new password. All sessions of the user end, and a new one begins here. */
  change(input: PasswordChange): Promise<SignedIn>;
}

export interface ClientSessions {
  /** The live sessions of the user, newest first. */
  list(): Promise<readonly ListedSession[]>;
  /** Ends one session, for example that of a lost phone. If it is the current one, the client signs out. */
  revoke(sessionId: string): Promise<void>;
  /** Ends all sessions but the current one. */
  revokeOthers(): Promise<RevokedSessions>;
}

export interface ClientEvents {
  /**
   * The user's audit trail, newest first. With `type` or `outcome`, a page may have fewer events than `limit`, or no
   * event, before the last page: follow `nextCursor`.
   */
  list(page?: EventsPageInput): Promise<EventsPage>;
}
