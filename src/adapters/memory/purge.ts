import { firstIdAhead, firstIdAt, MAX_AHEAD } from "../../domain/ids.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import type { Session } from "../../domain/session.ts";
import type { PurgeCutoffs, PurgeResult } from "../../ports/auth-store.ts";
import type { Table } from "./table.ts";
import type { Tables } from "./tables.ts";

interface Doom<Row> {
  readonly key: (row: Row) => string;
  readonly dead: (row: Row) => boolean;
  readonly limit: number;
}

export function purgeMemory(tables: Tables, cutoffs: PurgeCutoffs, limit: number): PurgeResult {
  const firstKeptEvent = firstIdAt(cutoffs.eventsBefore);
  const key = ({ id }: { readonly id: string }): string => id;
  const hasExpired = ({ expiresAt }: { readonly expiresAt: Date }): boolean => expiresAt <= cutoffs.now;
  const counts = [
    drop(tables.tokens, { key: ({ hash }) => hash, dead: hasExpired, limit }),
    drop(tables.proofs, { key, dead: hasExpired, limit }),
    drop(tables.outbox, { key, dead: diedBefore(cutoffs.deadMailBefore), limit }),
    drop(tables.sessions, { key, dead: endedBefore(cutoffs.endedSessionsBefore), limit }),
    drop(tables.events, { key, dead: (event) => event.id < firstKeptEvent, limit }),
  ];
  drop(tables.attempts, { key, dead: (attempt) => attempt.id < firstKeptEvent, limit });
  const ahead = eventsAhead(tables, cutoffs.now);
  const deleted = counts.reduce((sum, count) => sum + count, 0);
  return { deleted, more: counts.includes(limit), ...(ahead > 0 && { ahead }) };
}

function eventsAhead({ events }: Tables, now: Date): number {
  const first = firstIdAhead(now);
  return [...events.all()].filter(({ id }) => id >= first).slice(0, MAX_AHEAD).length;
}

function drop<Row>(table: Table<Row>, { key, dead, limit }: Doom<Row>): number {
  const doomed = [...table.all()].filter(dead).slice(0, limit);
  for (const row of doomed) table.drop(key(row));
  return doomed.length;
}

function diedBefore(cutoff: Date): (mail: QueuedMail) => boolean {
  return ({ deadAt }) => deadAt !== null && deadAt < cutoff;
}

function endedBefore(cutoff: Date): (session: Session) => boolean {
  return ({ expiresAt, revokedAt }) => expiresAt < cutoff || (revokedAt !== null && revokedAt < cutoff);
}
