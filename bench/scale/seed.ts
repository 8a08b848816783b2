import { sql } from "kysely";
import { migrate } from "../../src/adapters/kysely/index.ts";
import type { Tables } from "../../src/adapters/kysely/tables.ts";
import { type Population, populationOf } from "./population.ts";
import { seedingOf, type TableSeed, type Words } from "./seed-rows.ts";
import type { ScratchDatabase, Server } from "./server.ts";

/** Rows a statement makes: short enough that an interrupt is heard soon. */
const CHUNK = 50_000;

export interface Seeding {
  readonly server: Server;
  readonly users: number;
  readonly signal: AbortSignal;
}

/** Makes the tables as `migrate` does and fills them on the server, rows in the order of their ids. */
export async function seed({ db }: ScratchDatabase, { server, users, signal }: Seeding): Promise<Population> {
  const population = populationOf(users);
  const { words, before, after, atLast } = SPEECH[server.name];
  await migrate(db);
  await db.connection().execute(async (connection) => {
    for (const statement of before) await sql.raw(statement).execute(connection);
    for (const table of seedingOf(population, words))
      for (let from = 0; from < table.rows; from += CHUNK) {
        signal.throwIfAborted();
        await sql.raw(insertion(table, words, from)).execute(connection);
      }
    for (const table of TABLES) await sql.raw(after(table)).execute(connection);
    for (const statement of atLast) await sql.raw(statement).execute(connection);
  });
  return population;
}

export const TABLES: readonly (keyof Tables)[] = [
  "auth_users",
  "auth_credentials",
  "auth_sessions",
  "auth_one_time_tokens",
  "auth_email_proofs",
  "auth_outbox",
  "auth_events",
];

function insertion({ table, columns, rows }: TableSeed, { series }: Words, from: number): string {
  const last = Math.min(from + CHUNK, rows) - 1;
  return `insert into ${table} (${Object.keys(columns).join(", ")})
    select ${Object.values(columns).join(", ")} from ${series(from, last)}`;
}

interface Speech {
  readonly words: Words;
  readonly before: readonly string[];
  /** Statistics, and on PostgreSQL what autovacuum would else do while we measure. */
  readonly after: (table: string) => string;
  /** The connection goes back to the pool, as it came. */
  readonly atLast: readonly string[];
}

const SPEECH: Readonly<Record<Server["name"], Speech>> = {
  postgres: {
    words: {
      series: (from, last) => `generate_series(${from}::bigint, ${last}) as series (n)`,
      hex: (number) => `to_hex(${number})`,
      id: (hex) => `cast(${hex} as uuid)`,
      time: (ms) => `to_timestamp((${ms}) / 1000.0)`,
    },
    before: [],
    after: (table) => `vacuum analyze ${table}`,
    atLast: [],
  },
  mariadb: {
    words: {
      series: (from, last) => `(select seq as n from seq_${from}_to_${last}) as series`,
      hex: (number) => `lower(hex(${number}))`,
      id: (hex) => [21, 17, 13, 9].reduce((dashed, place) => `insert(${dashed}, ${place}, 0, '-')`, hex),
      time: (ms) => ms,
    },
    // Our own rows refer to our own users.
    before: ["set foreign_key_checks = 0", "set unique_checks = 0"],
    after: (table) => `analyze table ${table}`,
    atLast: ["set foreign_key_checks = 1", "set unique_checks = 1"],
  },
};
