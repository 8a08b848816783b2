import { addMs, parseDuration } from "../domain/duration.ts";
import { MAX_AHEAD } from "../domain/ids.ts";
import { deleteInBatches } from "../lib/in-batches.ts";
import { systemClock } from "../lib/system-clock.ts";
import type { PurgeCutoffs } from "../ports/auth-store.ts";
import { misused, type Surroundings } from "./command.ts";
import { DATABASE_FLAGS, DATABASE_USAGE, readDatabaseFlags } from "./database-flags.ts";
import { type Flags, readFlags } from "./flags.ts";
import { withDatabase } from "./with-database.ts";

const USAGE = `Usage: sallyport purge [options]

Deletes expired one-time tokens and proofs, ended sessions, mail that was given up and old
events, in short batches.
Safe beside running applications, and in many processes at once.

Options:
${DATABASE_USAGE}  --events 180d    How long to keep events: 1d to 3650d.
  --ended-sessions 30d
                   How long to keep ended sessions: 0 to 3650d.
  --dead-mail 7d   How long to keep mail that was given up: 0 to 3650d.
  --max 60s        Begin no batch after this time: the next run goes on.
  -h, --help       Print this text.
`;

const OWN_FLAGS = { events: "text", "ended-sessions": "text", "dead-mail": "text", max: "text" } as const;
const DAY = 24 * 60 * 60 * 1_000;
const TEN_YEARS = 3_650 * DAY;

/** `sallyport purge`. */
export async function purge(argv: readonly string[], surroundings: Surroundings): Promise<void> {
  const { stdout, clock = systemClock } = surroundings;
  const flags = readFlags(argv, { ...DATABASE_FLAGS, ...OWN_FLAGS });
  if (flags.has("help")) return void stdout.write(USAGE);
  const { target, tables } = readDatabaseFlags(flags, surroundings);
  const cutoffs = readCutoffs(flags, clock.now());
  const maxMs = readDuration(flags, "max", { fallback: "60s", min: 1 });
  const { deleted, more, ahead } = await withDatabase(target, "store", async (database) => {
    const store = database.store(tables);
    return deleteInBatches({ deleteBatch: (limit) => store.purge(cutoffs, limit), maxMs });
  });
  stdout.write(
    `Deleted ${deleted} ${deleted === 1 ? "row" : "rows"}; ${more ? "more are left" : "nothing is left to delete"}.\n`,
  );
  if (ahead !== undefined) stdout.write(aheadText(ahead));
}

function aheadText(count: number): string {
  const events = count === 1 ? "1 event is" : `${count === MAX_AHEAD ? "At least " : ""}${count} events are`;
  return `${events} dated more than a day ahead of this clock, so a clock was wrong. What has no known age stays.\n`;
}

function readCutoffs(flags: Flags, now: Date): PurgeCutoffs {
  // At least a day: one command must not be able to empty the audit log.
  const events = readDuration(flags, "events", { fallback: "180d", min: DAY });
  const mayBeNothing = (name: string, fallback: string): number =>
    flags.text(name) === "0" ? 0 : readDuration(flags, name, { fallback, min: 1 });
  return {
    now,
    eventsBefore: addMs(now, -events),
    endedSessionsBefore: addMs(now, -mayBeNothing("ended-sessions", "30d")),
    deadMailBefore: addMs(now, -mayBeNothing("dead-mail", "7d")),
  };
}

interface DurationBounds {
  readonly fallback: string;
  readonly min: number;
}

function readDuration(flags: Flags, name: string, { fallback, min }: DurationBounds): number {
  const ms = parseDuration(flags.text(name) ?? fallback);
  if (ms !== null && ms >= min && ms <= TEN_YEARS) return ms;
  const least = min === DAY ? "from 1d to" : "of at most";
  throw misused(`--${name} takes a duration ${least} 3650d, such as ${fallback}`);
}
