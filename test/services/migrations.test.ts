import { randomBytes } from "node:crypto";
import { CompiledQuery, sql } from "kysely";
import { kyselyStore, type MigrationPlan, migrate, planMigration } from "sallyport/kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MIGRATIONS, SCHEMA_VERSION } from "../../src/adapters/kysely/migrations.ts";
import { sampleUser } from "../../src/testing/store/samples.ts";
import type { AnyKysely, TestDatabase } from "../support/databases.ts";
import { reachable } from "../support/required-services.ts";
import { type CallerProcesses, callersHere, startProcesses } from "./processes/callers.ts";
import { catalogOf } from "./processes/catalog.ts";
import { emptyDatabase } from "./processes/empty-database.ts";
import { buildVersion, expectAllRows, fillTables } from "./processes/old-schema.ts";

const OLDER = MIGRATIONS.map(({ version }) => version).filter((version) => version < SCHEMA_VERSION);

let processes: CallerProcesses;
beforeAll(async () => {
  processes = await startProcesses(6);
});
afterAll(() => processes.close());

describe.for(reachable())("on %s", (kind) => {
  let database: TestDatabase;
  let fresh: { readonly plan: MigrationPlan; readonly catalog: readonly unknown[] };

  const catalog = () => catalogOf(kind, database.db);

  beforeAll(async () => {
    database = await emptyDatabase(kind);
    fresh = { plan: await migrate(database.db), catalog: await catalog() };
    await database.drop();
  });
  beforeEach(async () => {
    database = await emptyDatabase(kind);
  });
  afterEach(() => database.drop());

  test.for(OLDER)("version %i with rows becomes the schema of today, and keeps them", async (version) => {
    await buildVersion(database.db, version);
    await fillTables(kind, database.db);
    expect(await migrate(database.db)).toMatchObject({ from: version, to: SCHEMA_VERSION });
    await expectAllRows(kyselyStore(database.db));
    expect(await catalog()).toEqual(fresh.catalog);
    expect((await migrate(database.db)).statements).toEqual([]);
  });

  test.for([0, ...OLDER])(
    "six processes migrate at once from version %i: one does the work",
    async (version) => {
      await sql`select 1`.execute(database.db); // makes the file
      if (version > 0) await buildVersion(database.db, version);
      const { statements } = await planMigration(database.db);
      const store = kyselyStore(database.db);
      const callers = kind === "pglite" ? callersHere({ store, db: database.db }, [6, 2]) : processes;
      if (callers === processes) await processes.open({ database: database.ref, itself: false }, 2);
      const answers = await callers.race(() => ({ verb: "migrate" }));
      expect(answers.sort()).toEqual([...Array(11).fill(0), statements.length]);
      expect(await catalog()).toEqual(fresh.catalog);
      expect(await store.users.create(sampleUser())).toBe(true);
    },
  );

  test("a plan changes nothing, and lists exactly what the migration runs", async () => {
    const before = await catalog();
    const plan = await planMigration(database.db);
    expect(await catalog()).toEqual(before);
    expect(plan).toEqual(fresh.plan);
    for (const statement of plan.statements) await database.db.executeQuery(CompiledQuery.raw(statement));
    expect(await catalog()).toEqual(fresh.catalog);
    const done = { from: SCHEMA_VERSION, to: SCHEMA_VERSION, statements: [] };
    expect(await planMigration(database.db)).toEqual(done);
  });

  test("a missing or older schema is named with what to run, and the next call after it works", async () => {
    const store = kyselyStore(database.db);
    const signUp = () => store.users.create(sampleUser());
    const misconfigured = {
      code: "invalid_configuration",
      message: expect.stringContaining("npx sallyport migrate"),
    };
    await expect(signUp()).rejects.toMatchObject(misconfigured);
    for (const version of OLDER) {
      await buildVersion(database.db, version);
      await expect(signUp()).rejects.toMatchObject(misconfigured);
    }
    await expect(store.transaction(async () => {})).rejects.toMatchObject(misconfigured);
    await migrate(database.db);
    expect(await signUp()).toBe(true);
  });

  test("beside a newer schema this release works as long as that one says so", async () => {
    await migrate(database.db);
    const newer = { version: 99, works_since: SCHEMA_VERSION };
    await database.db.insertInto("auth_schema").values(newer).execute();
    expect(await kyselyStore(database.db).users.create(sampleUser())).toBe(true);
    expect(await migrate(database.db)).toEqual({ from: 99, to: 99, statements: [] });

    await database.db.insertInto("auth_schema").values({ version: 100, works_since: 99 }).execute();
    await expect(kyselyStore(database.db).users.create(sampleUser())).rejects.toMatchObject({
      code: "invalid_configuration",
      message: expect.stringContaining("Update sallyport"),
    });
  });

  test("a foreign table of the same name is never taken over, and nothing is left behind", async () => {
    await sql`create table auth_events (in_the_way integer)`.execute(database.db);
    const before = await catalog();
    for (const _ of [1, 2]) {
      await expect(migrate(database.db)).rejects.toThrow(/auth_events/);
      expect(await catalog()).toEqual(before);
    }
    await sql`drop table auth_events`.execute(database.db);
    await migrate(database.db);
    expect(await catalog()).toEqual(fresh.catalog);
  });

  test.for([
    [4, "auth_outbox"],
    [4, "auth_email_proofs"],
    [1, "auth_outbox"],
  ] as const)(
    "from version %i no foreign table %s is taken over, and nothing changes",
    async ([from, table]) => {
      await buildVersion(database.db, from);
      await sql`create table ${sql.table(table)} (id integer, data integer)`.execute(database.db);
      const before = await catalog();
      for (const _ of [1, 2]) {
        await expect(migrate(database.db)).rejects.toMatchObject({
          code: "invalid_configuration",
          message: expect.stringContaining(`${table} that is not ours`),
        });
        expect(await catalog()).toEqual(before);
      }
      await sql`drop table ${sql.table(table)}`.execute(database.db);
      await migrate(database.db);
      expect(await catalog()).toEqual(fresh.catalog);
    },
  );
});

describe.for(reachable(["mariadb"]))("on %s, where each statement commits at once", (kind) => {
  test("a migration that was killed after any of its statements is taken up by the next", async () => {
    const database = await emptyDatabase(kind);
    const { statements } = await planMigration(database.db);
    await migrate(database.db);
    const fresh = await catalogOf(kind, database.db);
    for (let done = 1; done < statements.length; done++) {
      await dropTables(database.db);
      for (const statement of statements.slice(0, done)) await sql.raw(statement).execute(database.db);
      await migrate(database.db);
      expect(await catalogOf(kind, database.db)).toEqual(fresh);
      expect(await kyselyStore(database.db).users.create(sampleUser())).toBe(true);
    }
    await database.drop();
  });
});

describe.for(reachable(["postgres"]))(
  "on %s, where a statement locks its table until all have run",
  (kind) => {
    test("a sign-in that has begun ends well, and so does the migration beside it", async () => {
      const database = await emptyDatabase(kind);
      const { db } = database;
      await buildVersion(db, 5);
      const waiting = sql`select 1 from pg_locks where not granted
      and database = (select oid from pg_database where datname = current_database())`;
      const migrating = await db.transaction().execute(async (tx) => {
        await sql`select id from auth_sessions`.execute(tx);
        const migration = migrate(db);
        await expect.poll(async () => (await waiting.execute(db)).rows.length).toBeGreaterThan(0);
        await sql`delete from auth_sessions`.execute(tx);
        return { migration }; // not awaited before the commit
      });
      expect(await migrating.migration).toMatchObject({ from: 5, to: SCHEMA_VERSION });
      await database.drop();
    });
  },
);

describe.for(reachable(["postgres", "mariadb"]))("in a schema of its own, on %s", (kind) => {
  const options = { schema: `login_${randomBytes(6).toString("hex")}`, tablePrefix: "acme_" };

  test("tables are made, used and found there, and nowhere else", async () => {
    const database = await emptyDatabase(kind);
    const { db } = database;
    const { ref, where } = { ref: sql.ref(`${options.schema}.acme_users`), where: sql.id(options.schema) };
    if (kind === "mariadb") await sql`create database ${where}`.execute(db); // a schema is a database there
    const store = kyselyStore(db, options);
    await expect(store.users.create(sampleUser())).rejects.toMatchObject({
      code: "invalid_configuration",
      message: expect.stringContaining(`${options.schema}.acme_schema`),
    });
    const plan = await planMigration(db, options);
    const plans = await Promise.all([1, 2, 3, 4].map(() => migrate(db, options)));
    expect(plans.filter(({ statements }) => statements.length > 0)).toEqual([plan]);
    const user = sampleUser();
    expect(await store.users.create(user)).toBe(true);
    expect(await store.users.find(user.id)).toEqual(user);
    expect((await sql`select id from ${ref}`.execute(db)).rows).toEqual([{ id: user.id }]);
    expect(await planMigration(db)).toMatchObject({ from: null });
    if (kind === "mariadb") await sql`drop database ${where}`.execute(db);
    await database.drop();
  });
});

async function dropTables(db: AnyKysely): Promise<void> {
  const owned = ["events", "outbox", "email_proofs", "one_time_tokens", "sessions", "credentials"];
  for (const table of [...owned, "users", "schema"]) {
    await sql`drop table if exists ${sql.table(`auth_${table}`)}`.execute(db);
  }
}
