import type { SessionCheckSetting } from "../config/parse-options.ts";
import type { Context } from "../context.ts";
import type { SessionId } from "../domain/ids.ts";
import { isSessionOf, REPLACED, type Session, type SessionState, sessionState } from "../domain/session.ts";
import { AuthError, sparingCookies } from "../errors.ts";
import { boundedCache } from "../lib/bounded-cache.ts";
import type { SessionRecord } from "../ports/auth-store.ts";
import type { AccessClaims } from "../tokens/access-claims.ts";

type SessionCheck = Context["sessionCheck"];
type Sources = Pick<Context, "store" | "clock"> & { readonly audience: string };

/** An entry takes about 300 bytes. */
const MAX_CACHED_SESSIONS = 10_000;

/** Whose session it must be, at which application, and when. */
interface Expected {
  readonly userId: string;
  readonly audience: string;
  readonly now: Date;
}

/** Returns the live session and the user of a token. Throws `session_revoked` or `session_expired`. */
export function requireLive(found: SessionRecord | null, { userId, audience, now }: Expected): SessionRecord {
  // The deletion of a user also deletes their sessions, so `found` is null then.
  const isTheirs = found?.session.userId === userId && isSessionOf(audience, found.session);
  if (!isTheirs || found.user.status !== "active") throw new AuthError("session_revoked");
  const state = sessionState(found.session, now);
  if (state !== "live") throw endedBy(found, state);
  return found;
}

/** A browser whose sign-in has replaced the session has other cookies by now. */
function endedBy({ session }: SessionRecord, state: SessionState): AuthError {
  const refusal = new AuthError(state === "revoked" ? "session_revoked" : "session_expired");
  return session.revokeReason === REPLACED ? sparingCookies(refusal) : refusal;
}

/** Makes the check for a setting of `session.check`. */
export function sessionCheck(setting: SessionCheckSetting, sources: Sources): SessionCheck {
  if (setting === "never") return { ...NOTHING_KEPT, assertLive: async () => null };
  if (setting !== "always") return cachedCheck(setting.atMostEvery, sources);
  return Object.freeze<SessionCheck>({
    ...NOTHING_KEPT,
    assertLive: (claims) => readLive(sources, claims),
  });
}

const NOTHING_KEPT: Pick<SessionCheck, "forgetSession" | "forgetUser"> = {
  forgetSession: () => undefined,
  forgetUser: () => undefined,
};

async function readLive({ store, clock, audience }: Sources, claims: AccessClaims): Promise<SessionRecord> {
  const found = await store.sessions.find(claims.sid as SessionId);
  return requireLive(found, { userId: claims.sub, audience, now: clock.now() });
}

/** A session that was live when its read began. */
interface Seen {
  readonly session: Session;
  readonly readAt: number;
}

/** A read that has not finished. */
interface Flight {
  readonly session: Promise<Session>;
  readonly readAt: number;
}

function cachedCheck(atMostEvery: number, sources: Sources): SessionCheck {
  const seen = boundedCache<Seen>(MAX_CACHED_SESSIONS);
  const flights = new Map<string, Flight>();
  const now = (): Date => sources.clock.now();
  // All callers that need a session share one read. Only live sessions are cached.
  const read = (claims: AccessClaims): Flight => {
    const { sid } = claims;
    const readAt = now().getTime();
    const flight = { readAt, session: readLive(sources, claims).then(({ session }) => session) };
    flights.set(sid, flight);
    // A read that began before this process ended the session must not bring it back.
    const land = (session?: Session): void => {
      if (flights.get(sid) !== flight) return;
      flights.delete(sid);
      if (session) seen.set(sid, { session, readAt });
    };
    flight.session.then(land, () => land());
    return flight;
  };

  return Object.freeze<SessionCheck>({
    assertLive: async (claims) => {
      const known = seen.get(claims.sid);
      if (known && isStillGood(known, now(), atMostEvery) && known.session.userId === claims.sub) return null;
      const underWay = flights.get(claims.sid);
      const isYoung = underWay && isRecent(underWay, now(), atMostEvery);
      const session = await (isYoung ? underWay : read(claims)).session;
      if (session.userId !== claims.sub) throw new AuthError("session_revoked");
      return null;
    },
    forgetSession: (id) => {
      seen.delete(id);
      flights.delete(id);
    },
    forgetUser: (id) => {
      seen.deleteWhere(({ session }) => session.userId === id);
      flights.clear(); // Their users are not known yet, so the next check of each session reads it again.
    },
  });
}

// The cached ends may be old: a refresh may have moved them. So a session past its cached end is read again.
function isStillGood(seen: Seen, now: Date, atMostEvery: number): boolean {
  return isRecent(seen, now, atMostEvery) && sessionState(seen.session, now) === "live";
}

// After the clock was set back, the age is negative, and no read counts as recent.
function isRecent({ readAt }: Pick<Seen, "readAt">, now: Date, atMostEvery: number): boolean {
  const age = now.getTime() - readAt;
  return age >= 0 && age < atMostEvery;
}
