import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { kyselyStore } from "sallyport/kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SCHEMA_VERSION } from "../../src/adapters/kysely/migrations.ts";
import { noon, sampleEvent, sampleUser } from "../../src/testing/store/samples.ts";
import { type Outcome, result, startSallyport, startTogether } from "../cli/support.ts";
import { type AnyKysely, createDatabase, type TestDatabase } from "../support/databases.ts";
import { reachable } from "../support/required-services.ts";

const MIGRATED = `Migrated from nothing to version ${SCHEMA_VERSION}.`;
const NOTHING = `Nothing to do: the tables are at version ${SCHEMA_VERSION}.`;
const SCHEMES = { postgres: ["postgres:", "postgresql:"], mariadb: ["mysql:", "mariadb:"] } as const;

for (const kind of reachable(["postgres", "mariadb"]) as ("postgres" | "mariadb")[])
  describe(`sallyport migrate on ${kind}`, () => behaviour(kind));

function behaviour(kind: "postgres" | "mariadb"): void {
  let database: TestDatabase;
  let url: string;
  beforeEach(async () => {
    database = await createDatabase(kind);
    url = database.ref.url;
  });
  afterEach(() => database.drop());

  const migrate = (...argv: string[]): Promise<Outcome> => startSallyport(["migrate", ...argv], url);
  const other = (change: (url: URL) => void): string => {
    const changed = new URL(url);
    change(changed);
    return changed.href;
  };

  test("makes the tables, whatever the scheme is called, and then finds nothing to do", async () => {
    const [first, second] = SCHEMES[kind].map((scheme) => url.replace(/^\w+:/, scheme));
    const made = await startSallyport(["migrate"], first);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(result(made)).toBe(MIGRATED);
    expect(made.stdout).toContain(`, database ${new URL(url).pathname.slice(1)}: from nothing to version 6.`);
    expect(await startSallyport(["migrate"], second)).toEqual({
      code: 0,
      stdout: `${NOTHING}\n`,
      stderr: "",
    });
  });

  test("six processes at once: one migrates, five find nothing to do", async () => {
    const start = () => startTogether(6, ["migrate"], url);
    const outcomes = await (kind === "postgres" ? releasedTogether(6, database.db, start) : start());
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array(6).fill([0, ""]));
    expect(outcomes.map(result).sort()).toEqual([MIGRATED, ...Array(5).fill(NOTHING)]);
    expect(await startSallyport(["migrate", "--plan"], url)).toMatchObject({ stdout: `${NOTHING}\n` });
  });

  // A schema of MySQL is a database, which is not made by us.
  if (kind === "postgres")
    test("six processes at once agree on a new schema too", async () => {
      const outcomes = await startTogether(6, ["migrate", "--schema", "doors"], url);
      expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array(6).fill([0, ""]));
      expect(outcomes.map(result).sort()).toEqual([MIGRATED, ...Array(5).fill(NOTHING)]);
    });

  test("a store names the command until it has run", async () => {
    const store = kyselyStore(database.db);
    await expect(store.users.create(sampleUser())).rejects.toMatchObject({
      code: "invalid_configuration",
      message: expect.stringContaining("`npx sallyport migrate --url <your database>`"),
    });
    await migrate();
    expect(await store.users.create(sampleUser())).toBe(true);
  });

  test("--plan prints the statements and changes nothing", async () => {
    const { code, stdout } = await migrate("--plan");
    expect(code).toBe(0);
    expect(stdout).toMatch(/create table .auth_users. \(/);
    expect(stdout).toMatch(/This is the plan: nothing was changed\.\n$/);
    expect(await schemaOf(kind, database.db)).toEqual(EMPTY);
  });

  test("--sql writes what the database's own client runs, with the schema that migrate makes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-"));
    const file = join(folder, "auth.sql");
    expect(await migrate("--sql", file)).toMatchObject({ code: 0, stderr: "" });
    expect(await schemaOf(kind, database.db)).toEqual(EMPTY);
    await runFile(kind, { url, file, db: database.db });
    const byHand = await schemaOf(kind, database.db);
    expect((await migrate()).stdout).toBe(`${NOTHING}\n`);
    const migrated = await createDatabase(kind);
    await startSallyport(["migrate"], migrated.ref.url);
    expect(byHand).toEqual(await schemaOf(kind, migrated.db));
    await migrated.drop();
    rmSync(folder, { recursive: true });
  });

  // PostgreSQL keeps nothing of it.
  if (kind === "mariadb")
    test("a migration that was killed is taken up where it ended", async () => {
      const statements = (await migrate("--sql", "-")).stdout.split(/;\n/);
      for (const statement of statements.slice(0, 4)) await sql.raw(statement).execute(database.db);
      expect(result(await migrate())).toBe("Migrated from an unfinished migration to version 6.");
      expect(await schemaOf(kind, database.db)).toHaveLength(8 + SCHEMA_VERSION); // eight tables, and a row a version
    });

  test("purge deletes what is old", async () => {
    await migrate();
    const store = kyselyStore(database.db);
    const user = sampleUser();
    await store.users.create(user);
    const old = { userId: user.id, occurredAt: noon(-200 * 24 * 60 * 60 * 1_000) };
    await store.events.append(Array.from({ length: 700 }, () => sampleEvent(old)));
    const { code, stdout } = await startSallyport(["purge"], url);
    expect([code, stdout]).toEqual([0, "Deleted 700 rows; nothing is left to delete.\n"]);
  });

  test("failures are one sentence without the password, with exit code 1", async () => {
    const failures = [
      [other((it) => Object.assign(it, { password: "hunter2", port: "1" })), /connection refused/],
      [other((it) => Object.assign(it, { username: "nobody_", password: "hunter2" })), /access denied/],
      [other((it) => Object.assign(it, { password: "hunter2", host: "no.invalid" })), /host name is unknown/],
      [other((it) => Object.assign(it, { pathname: "sallyport_none" })), /this database does not exist/],
    ] as const;
    for (const [wrong, telling] of failures) {
      const { code, stdout, stderr } = await startSallyport(["migrate"], wrong);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(telling);
      expect(stderr).toMatch(/^sallyport: [^\n]+\n$/);
      expect(stderr).not.toContain("hunter2");
    }
  });

  test("a table that is in the way is told, and stays", async () => {
    await sql`create table auth_events (in_the_way integer)`.execute(database.db);
    const { code, stderr } = await migrate();
    expect(code).toBe(1);
    expect(stderr).toMatch(/table auth_events that is not ours\. Choose another prefix/);
    expect((await sql`select in_the_way from auth_events`.execute(database.db)).rows).toEqual([]);
  });

  test("--schema and --prefix say where the tables are", async () => {
    const schema = kind === "postgres" ? "doors" : new URL(url).pathname.slice(1);
    expect(result(await migrate("--schema", schema, "--prefix", "front_"))).toBe(MIGRATED);
    const versions = sql`select version from ${sql.table(`${schema}.front_schema`)}`;
    expect((await versions.execute(database.db)).rows).toHaveLength(SCHEMA_VERSION);
  });
}

/** Lets no process make its first table before all of them stand in front of it. */
async function releasedTogether<T>(count: number, db: AnyKysely, start: () => Promise<T>): Promise<T> {
  const { started } = await db.connection().execute(async (holder) => {
    await sql`begin`.execute(holder);
    await sql`create table auth_schema (in_the_way integer)`.execute(holder);
    const running = start();
    const waiting = sql<{ count: number }>`select count(*)::integer as count, pg_sleep(0.02)
      from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await waiting.execute(db)).rows[0]?.count !== count);
    await sql`rollback`.execute(holder);
    return { started: running }; // in an object: not awaited here
  });
  return started;
}

const EMPTY: readonly string[] = [];

/** Everything of ours that the database keeps, as text. */
async function schemaOf(kind: "postgres" | "mariadb", db: AnyKysely): Promise<readonly string[]> {
  return kind === "postgres" ? postgresSchema(db) : mariadbSchema(db);
}

async function postgresSchema(db: AnyKysely): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select concat_ws(' ', table_name, column_name, ordinal_position, data_type, is_nullable, column_default,
      collation_name) as line from information_schema.columns where table_schema = 'public'
    union all select indexdef from pg_indexes where schemaname = 'public'
    union all select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace = 'public'::regnamespace
    order by 1`.execute(db);
  return [...rows.map(({ line }) => line), ...(await versionsOf(db, rows.length > 0))];
}

async function mariadbSchema(db: AnyKysely): Promise<readonly string[]> {
  const tables = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = database() order by table_name`.execute(db);
  const texts = tables.rows.map(async ({ name }) => {
    const { rows } = await sql<Record<string, string>>`show create table ${sql.table(name)}`.execute(db);
    return rows[0]?.["Create Table"] as string;
  });
  return [...(await Promise.all(texts)), ...(await versionsOf(db, texts.length > 0))];
}

async function versionsOf(db: AnyKysely, isMade: boolean): Promise<readonly string[]> {
  if (!isMade) return [];
  const { rows } = await sql`select * from auth_schema order by version`.execute(db);
  return rows.map((row) => JSON.stringify(row));
}

interface SqlRun {
  readonly url: string;
  readonly file: string;
  readonly db: AnyKysely;
}

/** Runs a file by `psql` or `mariadb`, as an operator would. Without these programs it runs each statement. */
async function runFile(kind: "postgres" | "mariadb", { url, file, db }: SqlRun): Promise<void> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const [client, ...args] =
    kind === "postgres"
      ? ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", url]
      : ["mariadb", "--host", hostname, "--port", port || "3306", "--user", username, pathname.slice(1)];
  const env = { ...process.env, MYSQL_PWD: decodeURIComponent(password) };
  const text = readFileSync(file, "utf8");
  const done = spawnSync(client as string, args, { input: text, encoding: "utf8", env });
  if ((done.error as NodeJS.ErrnoException | undefined)?.code !== "ENOENT") {
    expect([done.status, done.stderr]).toEqual([0, ""]);
    return;
  }
  const statements = text.split(/;\n/).filter((statement) => statement.trim() !== "");
  await db.connection().execute(async (connection) => {
    for (const statement of statements) await sql.raw(statement).execute(connection);
  });
}
