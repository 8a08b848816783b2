import { createHash } from "node:crypto";
import type { ProofId, SessionId, UserId } from "../../src/domain/ids.ts";

const DAY = 86_400_000;

/** When everything is measured: a fixed moment, so that two runs seed the same rows. */
export const NOW: Date = new Date("2026-08-01T12:00:00Z");
export const SESSIONS_EACH = 5;
export const EVENTS_EACH = 10;

/** `count` rows in the order of time, the last one just before `NOW`. */
interface Series {
  readonly count: number;
  readonly firstMs: number;
  readonly stepMs: number;
}

export interface Population {
  readonly users: Series;
  readonly sessions: Series;
  readonly tokens: Series;
  readonly proofs: Series;
  readonly mails: Series;
  readonly events: Series;
}

/**
 * Accounts of two years. A tenth of the events, a quarter of the sessions and most tokens and proofs are due for purge.
 * Of the mails, two thirds were given up, most of them long ago, and the others are due.
 */
export function populationOf(users: number): Population {
  return {
    users: evenly(users, 730 * DAY),
    sessions: evenly(users * SESSIONS_EACH, 80 * DAY),
    tokens: evenly(users, DAY),
    proofs: evenly(users, DAY),
    mails: evenly(users * 2, 20 * DAY),
    events: evenly(users * EVENTS_EACH, 200 * DAY),
  };
}

function evenly(count: number, spanMs: number): Series {
  const stepMs = Math.floor(spanMs / count);
  return { count, stepMs, firstMs: NOW.getTime() - count * stepMs };
}

/** What a session lives at most, and without a refresh; a one-time token; and what the log keeps. */
export const SESSION_MS: number = 30 * DAY;
export const IDLE_MS: number = 14 * DAY;
export const TOKEN_MS: number = DAY / 12;
export const DIED_BEFORE: Date = daysAgo(7);
export const EVENTS_BEFORE: Date = daysAgo(180);
export const ENDED_BEFORE: Date = daysAgo(30);
/** So long ago that no session had expired yet: only revoked ones are purged. */
export const NONE_EXPIRED_BEFORE: Date = daysAgo(51);

export function daysAgo(days: number): Date {
  return new Date(NOW.getTime() - days * DAY);
}

/** No divisor of any population: times a number, modulo the count, it names each row once, far from the one before. */
export const STRIDE = 179_424_673;

export function email(user: number): string {
  return `user${user}@example.com`;
}

/** Three sessions of seven were ended by logout. */
export function isRevoked(session: number): boolean {
  return session % 7 < 3;
}

/** The id that the seeding gave a user. */
export function userIdOf({ users }: Population, user: number): UserId {
  return idOf(users, "user", user) as UserId;
}

/** The id that the seeding gave a proof. */
export function proofIdOf({ proofs }: Population, proof: number): ProofId {
  return idOf(proofs, "proof", proof) as ProofId;
}

/** The id that the seeding gave a session. */
export function sessionIdOf({ sessions }: Population, session: number): SessionId {
  return idOf(sessions, "session", session) as SessionId;
}

function idOf({ firstMs, stepMs }: Series, label: string, row: number): string {
  const time = (firstMs + row * stepMs).toString(16).padStart(12, "0");
  const digest = createHash("md5").update(`${label}${row}`).digest("hex");
  const hex = `${time}7${digest.slice(0, 3)}8${digest.slice(3, 18)}`;
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
