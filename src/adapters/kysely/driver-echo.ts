import type { Kysely } from "kysely";
import { misconfigured } from "../../errors.ts";
import type { Echo, Sent, SqlDialect } from "./sql-dialect.ts";
import type { StoredTime, Tables } from "./tables.ts";

const WINTER = new Date("2001-02-03T04:05:06.789Z");
const SUMMER = new Date("2101-07-08T09:10:11.123Z");
/** The largest that the tables hold: times in milliseconds, and counters. */
const BIGINT = Number.MAX_SAFE_INTEGER;
const INTEGER = 2_147_483_647;
const ID = "0189abcd-ef01-7234-89ab-cdef01234567";
const TEXT = "A a \u00e9 \u{1f511} ";

/**
 * Asks the database for known values, and for its settings, through the driver of the application. Throws
 * `invalid_configuration` if rows or values come back changed: a wrong time would end sessions early or late.
 */
export async function readEcho(db: Kysely<Tables>, dialect: SqlDialect): Promise<Echo> {
  const { hints, echo } = dialect.schema;
  const sent: Sent = {
    winter: dialect.encodeTime(WINTER),
    summer: dialect.encodeTime(SUMMER),
    bigint: BIGINT,
    integer: INTEGER,
    id: ID,
    text: TEXT,
  };
  const [row] = (await echo(sent).execute(db)).rows;
  if (!isRow(row))
    throw misconfigured(`The driver does not give rows by the names of their columns. ${hints.rows}`);
  return row;
}

/** Throws `invalid_configuration` if a value came back changed, or if a setting would break a promise. */
export function assertFit(echo: Echo, dialect: SqlDialect): void {
  // Settings are numbers and plain words. They decide how times and other letters come back.
  const problem = changedWord(echo, dialect) ?? dialect.schema.unfitness(echo) ?? changedValue(echo, dialect);
  if (problem !== null) throw misconfigured(problem);
}

/** Throws `invalid_configuration` if a value came back changed. */
export function assertUnchanged(echo: Echo, dialect: SqlDialect): void {
  const problem = changedWord(echo, dialect) ?? changedValue(echo, dialect);
  if (problem !== null) throw misconfigured(problem);
}

function changedWord(echo: Echo, { schema: { hints } }: SqlDialect): string | null {
  if (Number(echo.echo_bigint) !== BIGINT || Number(echo.echo_integer) !== INTEGER) {
    return `The driver changes whole numbers. ${hints.integer}`;
  }
  return echo.echo_id === ID ? null : `The driver changes texts. ${hints.text}`;
}

function changedValue(echo: Echo, { decodeTime, schema: { hints } }: SqlDialect): string | null {
  const isTime = (stored: StoredTime, at: Date): boolean => decodeTime(stored).getTime() === at.getTime();
  if (!isTime(echo.echo_winter, WINTER) || !isTime(echo.echo_summer, SUMMER)) {
    return `The driver changes times. ${hints.time}`;
  }
  return echo.echo_text === TEXT ? null : `The driver changes texts. ${hints.text}`;
}

function isRow(row: unknown): row is Echo {
  return typeof row === "object" && row !== null && !Array.isArray(row) && "echo_winter" in row;
}
