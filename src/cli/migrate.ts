import { writeFileSync } from "node:fs";
import type { MigrationPlan } from "../adapters/kysely/open-database.ts";
import { AuthError } from "../errors.ts";
import { misused, type Surroundings } from "./command.ts";
import { DATABASE_FLAGS, DATABASE_USAGE, type DatabaseFlags, readDatabaseFlags } from "./database-flags.ts";
import type { DatabaseTarget } from "./database-url.ts";
import { readFlags } from "./flags.ts";
import { fromTo, nothingToDo, sqlFile, statementList } from "./migration-text.ts";
import { readVersion } from "./version.ts";
import { withDatabase } from "./with-database.ts";

const STDOUT = "-";

const USAGE = `Usage: sallyport migrate [options]

Creates the tables, or brings them to the version of this release. Safe to start
in many processes at once: one works, the others wait and find nothing to do.

Options:
${DATABASE_USAGE}  --plan           Print what would be done, and change nothing.
  --sql FILE       Write the statements to a new file (-: to stdout), and change nothing.
  -h, --help       Print this text.
`;

/** `sallyport migrate`. */
export async function migrate(argv: readonly string[], surroundings: Surroundings): Promise<void> {
  const flags = readFlags(argv, { ...DATABASE_FLAGS, plan: "switch", sql: "text" });
  if (flags.has("help")) return void surroundings.stdout.write(USAGE);
  const database = readDatabaseFlags(flags, surroundings);
  const file = flags.text("sql");
  if (file !== undefined && flags.has("plan")) throw misused("--plan and --sql exclude each other");
  if (file !== undefined) return writeSql(database, file, surroundings);
  return flags.has("plan") ? showPlan(database, surroundings) : carryOut(database, surroundings);
}

async function carryOut({ target, tables }: DatabaseFlags, { stdout }: Surroundings): Promise<void> {
  await withDatabase(target, "migrate", async (database) => {
    const plan = await database.plan(tables);
    if (plan.statements.length > 0) stdout.write(announcement(target, plan));
    const done = await database.migrate(tables);
    // Another process may have been faster: then there was nothing left.
    stdout.write(done.statements.length > 0 ? `Migrated ${fromTo(done)}.\n` : nothingToDo(done));
  });
}

async function showPlan({ target, tables }: DatabaseFlags, { stdout }: Surroundings): Promise<void> {
  const plan = await withDatabase(target, "plan", (database) => database.plan(tables));
  if (plan.statements.length === 0) return void stdout.write(nothingToDo(plan));
  stdout.write(`${announcement(target, plan)}This is the plan: nothing was changed.\n`);
}

async function writeSql(
  { target, tables }: DatabaseFlags,
  file: string,
  { stdout, stderr }: Surroundings,
): Promise<void> {
  const plan = await withDatabase(target, "plan", (database) => database.plan(tables));
  const remark = file === STDOUT ? stderr : stdout;
  if (plan.statements.length === 0) return void remark.write(nothingToDo(plan));
  const text = sqlFile(plan, target.kind, readVersion());
  if (file === STDOUT) stdout.write(text);
  else writeNew(file, text);
  remark.write(`Wrote ${plan.statements.length} statements, ${fromTo(plan)}. Nothing was changed.\n`);
}

function announcement({ place }: DatabaseTarget, plan: MigrationPlan): string {
  return `${place}: ${fromTo(plan)}.\n\n${statementList(plan)}\n`;
}

function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "EEXIST" ? "it exists already" : `${code}`;
    throw new AuthError("unavailable", { message: `the file of --sql was not written: ${reason}` });
  }
}
