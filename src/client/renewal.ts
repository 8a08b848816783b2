import { type Answer, ask, isOver, type Send, unexpectedAnswer, wasLost } from "./answer.ts";
import type { Exclusive } from "./exclusive.ts";
import type { Held, HeldSession } from "./held.ts";
import type { Place } from "./place.ts";
import { problem } from "./problem.ts";

const MARGIN = 60_000;
/** A token that seems to live for less says that a clock is wrong; and one that is younger is not refreshed. */
const SHORT = 10_000;
/** A lost answer is asked for again within the server's grace of 10 seconds. */
const FIRST_TIMEOUT = 5_000;

/** What every part of a client needs. */
export interface Parts {
  readonly place: Place;
  readonly send: Send;
  readonly held: Held;
  readonly exclusive: Exclusive;
  readonly now: () => number;
  readonly isBearer: boolean;
}

/** What answers with a new access token may hold. */
export interface TokenBody {
  readonly session?: { readonly id: string };
  readonly accessToken?: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken?: string;
  readonly deviceToken?: string;
}

/**
 * Keeps what an answer says of a session. By the server's own time, since clocks of people's machines are off by
 * hours; where `Date` cannot be read, by the clock here, unless that cannot be right.
 */
export function holdAnswer({ held, now, isBearer }: Parts, { body, date }: Answer<TokenBody>): void {
  const { accessToken: access, accessTokenExpiresAt: until, deviceToken } = body;
  // The server is in the other mode.
  if (isBearer !== Boolean(access)) throw unexpectedAnswer(200);
  const before = held.session();
  const id = body.session?.id ?? before?.id;
  if (!id) return; // a first visit in cookie mode: `me` will tell
  const at = now();
  const left = Date.parse(until) - (date || at);
  const ends = left < SHORT ? null : at + left;
  held.hold({ id, at, ends, until, access, refresh: body.refreshToken ?? before?.refresh }, deviceToken);
}

export interface Renewal {
  /** Refreshes, by one request for all who ask meanwhile, in all tabs. */
  refresh(): Promise<void>;
  /** Refreshes if the access token is about to end. */
  refreshIfDue(): Promise<void>;
  /** Refreshes, unless that has happened since `seen` was held. `false`: it would not help. */
  refreshSince(seen: string | null): Promise<boolean>;
}

export function createRenewal(parts: Parts): Renewal {
  const { held, exclusive, now } = parts;
  let flight: Promise<void> | undefined;
  let failedAt = 0;
  /** For how long a refusal stands, as the server said. */
  let wait = 0;
  const failedWithin = (ms: number): boolean => Math.abs(now() - failedAt) < ms;

  const refresh = (): Promise<void> => {
    if (wait && !failedWithin(wait)) {
      wait = 0;
      flight = undefined;
    }
    const seen = held.text();
    flight ??= exclusive(() => rotate(parts, seen))
      .catch((error) => {
        failedAt = now();
        wait = error.retryAfterSeconds * 1_000 || 0;
        throw error;
      })
      .finally(() => {
        if (!wait) flight = undefined;
      });
    return flight;
  };

  const refreshIfDue = async (): Promise<void> => {
    const { at = 0, ends } = held.session() ?? {};
    if (!ends) return;
    const left = ends - now();
    if (left > Math.min(MARGIN, (ends - at) / 10) || (left > 0 && failedWithin(SHORT))) return;
    await refresh().catch((error) => {
      // The token is good for a while: no call has to fail for that, nor each to wait for it.
      if (left <= 0 || isOver(error)) throw error;
    });
  };

  const refreshSince = async (seen: string | null): Promise<boolean> => {
    if (held.text() !== seen) return true;
    // A token that was new is refused: the next would be, too.
    if (Math.abs(now() - (held.session()?.at ?? 0)) < SHORT) return false;
    await refresh();
    return true;
  };

  return { refresh, refreshIfDue, refreshSince };
}

async function rotate(parts: Parts, seen: string | null): Promise<void> {
  const { held, isBearer } = parts;
  const stands = (): boolean => held.text() === seen;
  // If not, another tab was first, or signed out.
  if (!stands()) return;
  const session = held.session();
  if (isBearer && !session) throw problem("invalid_token", 401, "Nobody is signed in.");
  const answer = await askTwice(parts, session).catch((error) => {
    if (stands()) {
      if (isOver(error)) held.hold(undefined);
      throw error;
    }
  });
  // In a tab without locks a logout or a login may have come between: what it said holds.
  if (answer && stands()) holdAnswer(parts, answer);
}

function askTwice({ place, send }: Parts, session: HeldSession | undefined): Promise<Answer<TokenBody>> {
  const once = (timeout?: number): Promise<Answer<TokenBody>> =>
    ask(send, place.own("refresh", { method: "POST", body: proofOf(session), timeout }));
  return once(FIRST_TIMEOUT).catch((error) => {
    if (wasLost(error)) return once();
    throw error;
  });
}

/** What stands for a session in the body. In cookie mode there is none. */
export function proofOf(session: HeldSession | undefined): object | undefined {
  return session?.refresh ? { refreshToken: session.refresh } : undefined;
}
