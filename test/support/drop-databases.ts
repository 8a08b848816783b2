import { sql } from "kysely";
import type { TestProject } from "vitest/node";
import { connect } from "./databases.ts";
import { type DatabaseKind, VARIABLES } from "./services.ts";

const NAMES: Readonly<Record<string, string>> = {
  postgres: "select datname as name from pg_database",
  mariadb: "select schema_name as name from information_schema.schemata",
};

/** After the tests on a server: drops the databases of this run. Each process of the run has made one. */
export function setup({ config }: TestProject): () => Promise<void> {
  const { DATABASE_UNDER_TEST: kind, DATABASE_RUN: run } = config.env as Record<string, string>;
  return () => dropAll(kind as DatabaseKind, `sallyport_${run}`);
}

async function dropAll(kind: DatabaseKind, prefix: string): Promise<void> {
  const url = process.env[VARIABLES[kind] as string] as string;
  const server = connect({ kind, url }, 1);
  const { rows } = await sql<{ name: string }>`${sql.raw(NAMES[kind] as string)}`.execute(server);
  const force = kind === "postgres" ? sql` with (force)` : sql``;
  for (const { name } of rows.filter((row) => row.name.startsWith(prefix)))
    await sql`drop database ${sql.id(name)}${force}`.execute(server);
  await server.destroy();
}
