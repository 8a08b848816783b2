import type { DatabaseAddress, MigrationPlan } from "../adapters/kysely/open-database.ts";
import { databaseName } from "./database-url.ts";

/** `from nothing to version 2`. */
export function fromTo({ from, to }: MigrationPlan): string {
  // MySQL keeps what a migration did before it was killed; its version is written last.
  const start = from === 0 ? "an unfinished migration" : `version ${from}`;
  return `from ${from === null ? "nothing" : start} to version ${to}`;
}

export function nothingToDo({ to }: MigrationPlan): string {
  return `Nothing to do: the tables are at version ${to}.\n`;
}

export function statementList({ statements }: MigrationPlan): string {
  return statements.map((statement) => `${statement};\n`).join("\n");
}

/** For those who run their statements themselves. MySQL commits at each CREATE anyway. */
export function sqlFile(plan: MigrationPlan, kind: DatabaseAddress["kind"], version: string): string {
  const head = `-- Sallyport ${version}: the tables in ${databaseName(kind)}, ${fromTo(plan)}.
-- Run it once, whole, and stop at the first error.
`;
  if (kind === "mysql") return `${head}\n${statementList(plan)}`;
  const begin = kind === "sqlite" ? "begin immediate" : "begin";
  return `${head}\n${begin};\n\n${statementList(plan)}\ncommit;\n`;
}
