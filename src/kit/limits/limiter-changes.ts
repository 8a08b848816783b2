import type { Context } from "../../context.ts";
import { AuthError } from "../../errors.ts";
import type { FullTable, LimiterOutage, OrderlyLimiter } from "../../ports/rate-limiter.ts";
import type { Client } from "../input.ts";
import { type EventDraft, recordEvent } from "../record-event.ts";

/** A change of the limiter has no client. */
const NO_CLIENT: Client = { ip: null, userAgent: null, requestId: null };
/** Changes of one kind that wait for a store. Beyond it the oldest is dropped, its begin and its end. */
const MOST_WAITING = 16;

/** How the changes of a limiter are recorded. */
export interface ChangeRecords {
  outage(outage: LimiterOutage): Promise<void>;
  fullTable(table: FullTable): Promise<void>;
}

/** A limiter whose changes are recorded. It knows which of its tables are full now. */
export type RecordedLimiter = OrderlyLimiter & { fullTables(): readonly FullTable[] };

/**
 * The limiter, whose outages and full tables are recorded. The attempt that notices a change passes only after the
 * change is recorded. If the store fails, the next attempt records it.
 */
export function recordingChanges(limiter: OrderlyLimiter, records: ChangeRecords): RecordedLimiter {
  const outages = queueOf<LimiterOutage>(records.outage);
  const tables = queueOf<FullTable>(records.fullTable);
  const full = new Map<string, FullTable>();
  const noteTable = (table: FullTable): void => {
    const name = `${table.scope}/${table.windowMs}`;
    if (table.phase === "began") full.set(name, table);
    else full.delete(name);
    tables.add(table);
  };
  const recorded = async <Answer>(counting: Promise<Answer>): Promise<Answer> => {
    const answer = await counting;
    await outages.recordAll();
    await tables.recordAll();
    return answer;
  };
  const stops = [limiter.onOutage?.(outages.add), limiter.onFullTable?.(noteTable)];
  return Object.freeze<RecordedLimiter>({
    ...limiter,
    consume: (key, rule) => recorded(limiter.consume(key, rule)),
    consumeAll: (attempts) => recorded(limiter.consumeAll(attempts)),
    async close() {
      for (const stop of stops) stop?.();
      await limiter.close?.();
    },
    fullTables: () => [...full.values()],
  });
}

interface Queue<Change> {
  add(change: Change): void;
  recordAll(): Promise<void>;
}

function queueOf<Change>(record: (change: Change) => Promise<void>): Queue<Change> {
  const waiting: Change[] = [];
  return {
    add(change) {
      if (waiting.length >= MOST_WAITING) waiting.splice(0, 2);
      waiting.push(change);
    },
    async recordAll() {
      // Taken out before the store is asked: of many callers one records it.
      for (let change = waiting.shift(); change; change = waiting.shift()) {
        const told = change;
        await record(told).catch((error) => {
          waiting.unshift(told);
          throw error;
        });
      }
    },
  };
}

/** Records that a shared limiter begins or stops to count in this process alone. */
export async function recordOutage(ctx: Context, { phase, cause }: LimiterOutage): Promise<void> {
  if (phase === "began") ctx.report(new AuthError("unavailable", { cause }));
  await recordEvent(ctx, { type: "limiter_fallback", ...endingOf(phase, "unavailable") }, NO_CLIENT);
}

/** Records that the new keys of a scope begin or stop to share counters. */
export async function recordFullTable(ctx: Context, { phase, scope, windowMs }: FullTable): Promise<void> {
  const data = { limit: scope ?? "other", windowSeconds: Math.ceil(windowMs / 1000) };
  await recordEvent(ctx, { type: "limiter_full", ...endingOf(phase, "overloaded"), data }, NO_CLIENT);
}

function endingOf(phase: "began" | "ended", reason: string): Pick<EventDraft, "outcome" | "reason"> {
  return phase === "began" ? { outcome: "failure", reason } : { outcome: "success" };
}
