import { type Answer, ask, isOver, unexpectedAnswer } from "./answer.ts";
import type { HeldSession } from "./held.ts";
import type { Parts } from "./parts.ts";
import { hasCode, tokenMissing } from "./problem.ts";
import type { PublicUser, SessionInfo } from "./types.ts";

const MARGIN = 60_000;
/** A token that seems to live for less shows that a clock is wrong. A token that is younger is not refreshed. */
const SHORT = 10_000;
/** The client asks again for a lost answer within the server's grace of 10 seconds. */
const FIRST_TIMEOUT = 5_000;

/** What an answer with a new access token says of the session. */
export interface TokenBody {
  readonly user?: PublicUser;
  readonly session?: SessionInfo;
  readonly accessTokenExpiresAt: string;
}

/**
 * Keeps what an answer says of a session. The end of the token is reckoned from the answer's `Date`: the clocks of some
 * machines are off by hours. Without a readable `Date` the clock of this machine counts, unless it is clearly wrong.
 */
export function holdAnswer(parts: Parts, { body, access, refresh, device, date }: Answer<TokenBody>): void {
  const until = body.accessTokenExpiresAt;
  // The server is in the other mode.
  if (parts.isBearer !== Boolean(access)) throw unexpectedAnswer(200);
  const before = parts.session();
  const id = body.session?.id ?? before?.id;
  if (!id) return; // a first visit in cookie mode: `me` will tell
  const at = parts.now();
  const left = Date.parse(until) - (date || at);
  const ends = left < SHORT ? undefined : at + left;
  parts.hold({ id, at, ends, until, access, refresh: refresh ?? before?.refresh }, device, body);
}

export interface Renewal {
  /** Refreshes. One request serves all calls in all tabs that wait for it. */
  refresh(): Promise<void>;
  /** Refreshes if the access token is about to end. */
  refreshIfDue(): Promise<void>;
  /** Refreshes, unless the client refreshed after it held `seen`. `false`: a refresh would not help. */
  refreshSince(seen: string | null | undefined): Promise<boolean>;
}

export function createRenewal(parts: Parts): Renewal {
  const [refresh, failedWithin] = createRefresh(parts);

  const refreshIfDue = async (): Promise<void> => {
    const { at = 0, ends } = parts.session() ?? {};
    if (!ends) return;
    const left = ends - parts.now();
    if (left > Math.min(MARGIN, (ends - at) / 10) || (left > 0 && failedWithin(SHORT))) return;
    await refresh().catch((error) => {
      // The token is still good: the call needs no new one.
      if (left <= 0 || isOver(error)) throw error;
    });
  };

  const refreshSince = async (seen: string | null | undefined): Promise<boolean> => {
    if (parts.text() !== seen) return true;
    // The server refused a new token: it would refuse the next one too.
    if (Math.abs(parts.now() - (parts.session()?.at ?? 0)) < SHORT) return false;
    await refresh();
    return true;
  };

  return { refresh, refreshIfDue, refreshSince };
}

type Refresh = readonly [
  refresh: Renewal["refresh"],
  /** Whether a refresh failed in the last `ms` milliseconds. */
  failedWithin: (ms: number) => boolean,
];

function createRefresh(parts: Parts): Refresh {
  let flight = Promise.resolve();
  let failedAt = 0;
  /** For how many milliseconds `flight` stands: while it is under way, or as the server said when it refused. */
  let stands = 0;
  const failedWithin = (ms: number): boolean => Math.abs(parts.now() - failedAt) < ms;

  const refresh = (): Promise<void> => {
    if (failedWithin(stands)) return flight;
    const seen = parts.text();
    flight = parts
      .exclusive(() => rotate(parts, seen))
      .then(
        () => {
          stands = 0;
        },
        (error) => {
          failedAt = parts.now();
          stands = error.retryAfterSeconds * 1_000 || 0;
          throw error;
        },
      );
    stands = Infinity;
    return flight;
  };

  return [refresh, failedWithin];
}

async function rotate(parts: Parts, seen: string | null | undefined): Promise<void> {
  const stands = (): boolean => parts.text() === seen;
  // Another tab refreshed first, or signed out.
  if (!stands()) return;
  const session = parts.session();
  if (parts.isBearer && !session) throw tokenMissing();
  const answer = await askTwice(parts, session).catch((error) => {
    if (stands()) {
      if (isOver(error)) parts.hold();
      throw error;
    }
  });
  // Without locks another tab may have signed in or out meanwhile. The later state stands.
  if (answer && stands()) holdAnswer(parts, answer);
}

function askTwice(parts: Parts, session: HeldSession | undefined): Promise<Answer<TokenBody>> {
  const once = (timeout?: number): Promise<Answer<TokenBody>> =>
    ask(parts, parts.own("refresh", { method: "POST", body: proofOf(session), timeout }));
  return once(FIRST_TIMEOUT).catch((error) => {
    // The answer was lost on its way: the server may have done what it was asked.
    if (hasCode(error, "unreachable", "unexpected_answer")) return once();
    throw error;
  });
}

/** The body that names a session. In cookie mode the cookies name it, so there is no body. */
export function proofOf(session: HeldSession | undefined): object | undefined {
  return session?.refresh ? { refreshToken: session.refresh } : undefined;
}
