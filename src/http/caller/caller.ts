import type {
  Auth,
  ClientInfo,
  CurrentUser,
  EventsPage,
  EventsPageInput,
  ListedSession,
  NoClaims,
  Principal,
  RevokedSession,
  RevokedSessions,
} from "../../api/auth.ts";
import type { Duration } from "../../domain/duration.ts";

/**
 * The proven user of a request, with the calls that this user may make. It holds the token where neither JSON nor a log
 * shows it. It speaks for this request: a socket asks `handler.authenticate` again.
 */
export interface Caller<Claims extends object = NoClaims> extends Principal<Claims> {
  /**
   * The user and the session. With `session.check: "always"` the check of this request has read them, and for 5 seconds
   * this costs no statement. Otherwise each call reads the session, and throws if it has ended.
   *
   * Codes: those of `auth.getUser`.
   */
  user(): Promise<CurrentUser>;
  /** The calls of `auth.sessions`, for this user. */
  readonly sessions: CallerSessions;
  /** The call of `auth.events`, for this user. */
  readonly events: CallerEvents;
  /** Throws `reauthentication_required` unless the user proved their identity within `maxAge` (default `"5m"`). */
  requireFresh(maxAge?: Duration): void;
  /** The access token, for calls of `auth` and of features that take one. */
  accessToken(): string;
  /** For the same calls. Its `ip` is null if the address is not known. */
  readonly client: ClientInfo;
}

export interface CallerSessions {
  list(): Promise<readonly ListedSession[]>;
  /** In cookie mode, `handler.cookies(null)` ends the cookies if the answer is `{ current: true }`. */
  revoke(sessionId: string): Promise<RevokedSession>;
  revokeOthers(): Promise<RevokedSessions>;
}

export interface CallerEvents {
  list(page?: EventsPageInput): Promise<EventsPage>;
}

/** What was proven of a request. */
export interface Proof<Claims extends object> {
  readonly principal: Principal<Claims>;
  readonly token: string;
  readonly client: ClientInfo;
  /** What the check itself read. Null: it read nothing, or shared a read with other requests. */
  readonly read: CurrentUser | null;
  /** When the check began. */
  readonly at: Date;
}

export interface CallerSource<Claims extends object> {
  readonly auth: Auth<Claims>;
  /** The error as an answer of this handler shows it. */
  refusal(error: unknown): unknown;
}

export function callerOf<Claims extends object>(
  { auth, refusal }: CallerSource<Claims>,
  proof: Proof<Claims>,
): Caller<Claims> {
  const { principal, token, client } = proof;
  const told = <T>(call: Promise<T>): Promise<T> =>
    call.catch((error: unknown) => {
      throw refusal(error);
    });
  const kept = handedOn(auth, proof);
  return Object.freeze<Caller<Claims>>({
    ...principal,
    user: async () => kept.take() ?? told(auth.getUser(token, client)),
    sessions: Object.freeze<CallerSessions>({
      list: () => told(auth.sessions.list(token, client)),
      revoke: (sessionId) => {
        kept.drop();
        return told(auth.sessions.revoke(token, sessionId, client));
      },
      revokeOthers: () => told(auth.sessions.revokeOthers(token, client)),
    }),
    events: Object.freeze<CallerEvents>({ list: (page) => told(auth.events.list(token, page, client)) }),
    requireFresh: (maxAge) => auth.requireFresh(principal, maxAge),
    accessToken: () => token,
    client,
  });
}

/** A request is over by then. A caller that something keeps for longer must not show an ended session as live. */
const HANDED_ON_MS = 5_000;

interface HandedOn {
  /** What the check read, as an object of its own for each call. Null: ask the store. */
  take(): CurrentUser | null;
  drop(): void;
}

function handedOn(
  { clock }: Pick<Auth, "clock">,
  { read, at }: Pick<Proof<object>, "read" | "at">,
): HandedOn {
  let current = read;
  return {
    take() {
      const age = clock.now().getTime() - at.getTime();
      // After the clock was set back the age is negative.
      if (!(age >= 0 && age < HANDED_ON_MS)) current = null;
      return current && { user: { ...current.user }, session: { ...current.session } };
    },
    drop() {
      current = null;
    },
  };
}
