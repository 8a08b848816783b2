import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { kyselyStore } from "sallyport/kysely";
import { nodeSqliteDialect } from "sallyport/sqlite";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sampleUser } from "../../src/testing/store/samples.ts";
import { result, sallyport, sallyportIn, startTogether } from "./support.ts";

const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

let folders = 0;
let folder: string;
let path: string;
let url: string;
beforeEach(() => {
  folder = mkdtempSync(join(directory, `${++folders}-`));
  path = join(folder, "auth.db");
  url = `sqlite:${path}`;
});

/** Everything that SQLite keeps of a schema. */
function schemaOf(file: string): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  const schema = db.prepare("select type, name, tbl_name, sql from sqlite_master order by name").all();
  const versions = db.prepare("select * from auth_schema").all();
  db.close();
  return { schema, versions };
}

test("migrate makes the tables, says each statement, and finds nothing to do afterwards", async () => {
  const first = await sallyport("migrate", "--url", url);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toContain(`SQLite file ${path}: from nothing to version 6.`);
  expect(first.stdout).toContain('create table "auth_users" (');
  expect(result(first)).toBe("Migrated from nothing to version 6.");
  const again = await sallyport("migrate", "--url", url);
  expect(again).toEqual({ code: 0, stdout: "Nothing to do: the tables are at version 6.\n", stderr: "" });
});

test("a store on tables that were never made names the command, and works once it has run", async () => {
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(path) });
  const store = kyselyStore(db);
  await expect(store.users.create(sampleUser())).rejects.toMatchObject({
    code: "invalid_configuration",
    message: expect.stringContaining("`npx sallyport migrate --url <your database>`"),
  });
  expect((await sallyport("migrate", "--url", url)).code).toBe(0);
  expect(await store.users.create(sampleUser())).toBe(true);
  await db.destroy();
});

test("the URL may come from DATABASE_URL, and --url goes before it", async () => {
  const elsewhere = join(folder, "elsewhere.db");
  await sallyportIn({ env: { DATABASE_URL: url } }, "migrate");
  await sallyportIn({ env: { DATABASE_URL: url } }, "migrate", "--url", `sqlite:${elsewhere}`);
  expect(schemaOf(elsewhere)).toEqual(schemaOf(path));
});

test("--prefix names the tables", async () => {
  await sallyport("migrate", "--url", url, "--prefix", "door_");
  const db = new DatabaseSync(path);
  expect(db.prepare("select version from door_schema").all()).toHaveLength(6);
  db.close();
});

test("six processes on an empty file: one migrates, five find nothing to do", async () => {
  const outcomes = await startTogether(6, ["migrate"], url);
  expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array(6).fill([0, ""]));
  expect(outcomes.map(result).sort()).toEqual([
    "Migrated from nothing to version 6.",
    ...Array(5).fill("Nothing to do: the tables are at version 6."),
  ]);
});

describe("--plan", () => {
  test("prints what would be done, and makes no file", async () => {
    const outcome = await sallyport("migrate", "--url", url, "--plan");
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout).toContain("from nothing to version 6.\n");
    expect(outcome.stdout).toContain('create table "auth_events" (');
    expect(result(outcome)).toBe("This is the plan: nothing was changed.");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("leaves a file that is there as it was, to the byte", async () => {
    const db = new DatabaseSync(path);
    db.exec("create table mine (id integer primary key)");
    db.close();
    const before = readFileSync(path);
    expect((await sallyport("migrate", "--url", url, "--plan")).stdout).toContain("create table");
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["auth.db"]);
  });

  test("of a file that is up to date says so", async () => {
    await sallyport("migrate", "--url", url);
    const outcome = await sallyport("migrate", "--url", url, "--plan");
    expect(outcome.stdout).toBe("Nothing to do: the tables are at version 6.\n");
  });
});

describe("--sql", () => {
  test("writes statements that make what migrate makes, and changes nothing", async () => {
    const file = join(folder, "auth.sql");
    const outcome = await sallyport("migrate", "--url", url, "--sql", file);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout).toBe("Wrote 33 statements, from nothing to version 6. Nothing was changed.\n");
    expect(existsSync(path)).toBe(false);

    const text = readFileSync(file, "utf8");
    expect(text).toMatch(/^-- Sallyport \d+\.\d+\.\d+: .*, from nothing to version 6\.\n/);
    const byHand = join(folder, "by-hand.db");
    const db = new DatabaseSync(byHand);
    db.exec(text);
    db.close();
    await sallyport("migrate", "--url", url);
    expect(schemaOf(byHand)).toEqual(schemaOf(path));
    const after = await sallyport("migrate", "--url", `sqlite:${byHand}`);
    expect(after.stdout).toBe("Nothing to do: the tables are at version 6.\n");
  });

  test("run twice fails whole", async () => {
    const { stdout } = await sallyport("migrate", "--url", url, "--sql", "-");
    const db = new DatabaseSync(path);
    db.exec(stdout);
    expect(() => db.exec(stdout)).toThrow(/already exists/);
    db.close();
  });

  test("- is stdout, with nothing but SQL on it", async () => {
    const { stdout, stderr } = await sallyport("migrate", "--url", url, "--sql", "-");
    expect(stdout).toMatch(/^-- Sallyport/);
    expect(stdout).toMatch(/\ncommit;\n$/);
    expect(stderr).toBe("Wrote 33 statements, from nothing to version 6. Nothing was changed.\n");
  });

  test("writes only the statements that are pending", async () => {
    const first = await sallyport("migrate", "--url", url, "--sql", "-");
    const db = new DatabaseSync(path);
    db.exec(`${first.stdout.split('create index "auth_sessions_revoked"')[0]}commit;`);
    const { stdout } = await sallyport("migrate", "--url", url, "--sql", "-");
    expect(stdout).toContain("from version 1 to version 6.");
    expect(stdout).toContain('create table "auth_outbox"');
    expect(stdout).not.toContain('create table "auth_users"');
    db.exec(stdout);
    db.close();
    expect((await sallyport("migrate", "--url", url)).stdout).toMatch(/^Nothing to do/);
  });

  test("writes no file when there is nothing to do", async () => {
    await sallyport("migrate", "--url", url);
    const file = join(folder, "auth.sql");
    const outcome = await sallyport("migrate", "--url", url, "--sql", file);
    expect(outcome.stdout).toBe("Nothing to do: the tables are at version 6.\n");
    expect(existsSync(file)).toBe(false);
  });

  test("never overwrites a file", async () => {
    const file = join(folder, "auth.sql");
    writeFileSync(file, "mine");
    const { code, stdout, stderr } = await sallyport("migrate", "--url", url, "--sql", file);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe("sallyport: the file of --sql was not written: it exists already\n");
    expect(readFileSync(file, "utf8")).toBe("mine");
  });
});

describe("a failure is exit code 1 and one line", () => {
  test("a directory that does not exist", async () => {
    const { code, stderr } = await sallyport("migrate", "--url", `sqlite:${join(folder, "no", "auth.db")}`);
    expect([code, stderr]).toEqual([1, "sallyport: The directory of the SQLite file does not exist.\n"]);
  });

  test("a file that is no database", async () => {
    writeFileSync(path, "this is no database, but it is long enough to look like one ".repeat(20));
    const { code, stderr } = await sallyport("migrate", "--url", url);
    expect([code, stderr]).toEqual([1, `sallyport: SQLite file ${path}: file is not a database\n`]);
  });

  test("a table that is in the way, and nothing is left half done", async () => {
    const db = new DatabaseSync(path);
    db.exec("create table auth_events (in_the_way)");
    const { code, stderr } = await sallyport("migrate", "--url", url);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "sallyport: The database has a table auth_events that is not ours. Choose another prefix.\n",
    );
    expect(db.prepare("select name from sqlite_master").all()).toEqual([{ name: "auth_events" }]);
    db.close();
  });

  test("a file that may only be read", async ({ skip }) => {
    if (process.getuid?.() === 0) skip("root may write everything");
    new DatabaseSync(path).close();
    chmodSync(path, 0o400);
    expect((await sallyport("migrate", "--url", url)).code).toBe(1);
  });

  test("a Node without node:sqlite is told which one is needed", async () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    const { code, stderr } = await sallyport("migrate", "--url", url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sallyport: .* needs Node 22\.16 or newer[^\n]*\n$/);
  });
});

test("migrate --help and -h explain every flag, without a database", async () => {
  const { code, stdout, stderr } = await sallyport("migrate", "--help");
  expect([code, stderr]).toEqual([0, ""]);
  for (const flag of ["--url", "DATABASE_URL", "--schema", "--prefix", "--plan", "--sql"]) {
    expect(stdout).toContain(flag);
  }
  expect(await sallyport("migrate", "-h")).toEqual({ code, stdout, stderr });
});
