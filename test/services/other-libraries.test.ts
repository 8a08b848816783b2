// Own rows of Drizzle and Knex appear with the user, or not at all.
import { sql as drizzleSql, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import createKnex from "knex";
import { Kysely, PostgresDialect } from "kysely";
import { Pool } from "pg";
import { type Auth, AuthError, createAuth, type UserCreated } from "sallyport";
import { type CompiledStatement, kyselyStore, migrate, sqlIn } from "sallyport/kysely";
import { insecureTestHasher } from "sallyport/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TestDatabase } from "../support/databases.ts";
import { createDatabase } from "../support/databases.ts";
import { CLIENT, codeOf, EMAIL, PASSWORD, SECRET, signedIn, tally, times } from "../support/harness.ts";
import { isThere } from "../support/required-services.ts";
import { absenceOf } from "../support/services.ts";

/** The end of a test drops the database: that may end a connection which is about to say goodbye. */
function openPool(connectionString: string | undefined, max: number): Pool {
  const pool = new Pool({ connectionString, max });
  return pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
}

const absence = absenceOf("postgres");
const RIGHT = { email: EMAIL, password: PASSWORD };
const BORN = new Date("1815-12-10T10:11:12.123Z");
const NOTES = { engine: "analytical", parts: [1, 2, { three: 'it\'s "quoted"' }] };

const users = pgTable("auth_users", { id: uuid().primaryKey() });
const profiles = pgTable("profiles", {
  userId: uuid("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  name: text().notNull().unique(),
  born: timestamp({ withTimezone: true, mode: "date" }).notNull(),
  notes: jsonb().notNull(),
});

interface Row {
  readonly userId: string;
  readonly name: string;
}

/** How each library compiles one row. */
type Compile = (row: Row) => CompiledStatement;
const knex = createKnex({ client: "pg" });
const query = drizzle.mock();
const LIBRARIES: Readonly<Record<string, Compile>> = {
  Drizzle: ({ userId, name }) =>
    query.insert(profiles).values({ userId, name, born: BORN, notes: NOTES }).toSQL(),
  Knex: ({ userId, name }) =>
    knex("profiles")
      .insert({ user_id: userId, name, born: BORN, notes: JSON.stringify(NOTES) })
      .toSQL()
      .toNative(),
};
const CASES = Object.keys(LIBRARIES).flatMap((library) => [1, 3].map((size) => [library, size] as const));

describe.runIf(isThere(absence === null, String(absence)))("on PostgreSQL", () => {
  describe.each(CASES)("%s over a pool of %i", (library, size) => {
    const compile = LIBRARIES[library] as Compile;
    let database: TestDatabase;
    let pool: Pool;
    let auth: Auth;
    let userCreated: (created: UserCreated) => unknown;
    let runs: number;

    beforeEach(async () => {
      database = await createDatabase("postgres");
      pool = openPool(database.ref.url, size);
      // One pool: of the store, and of the application's own queries.
      const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
      await migrate(db);
      await pool.query(`create table profiles (user_id uuid primary key references auth_users (id) on delete cascade,
        name text not null unique, born timestamptz not null, notes jsonb not null)`);
      runs = 0;
      userCreated = ({ user, tx }) => sqlIn(tx, compile({ userId: user.id, name: user.email }));
      auth = createAuth({
        secret: SECRET,
        store: kyselyStore(db),
        password: { hasher: insecureTestHasher() },
        limits: { signup: { address: false, account: false } },
        onWarning: () => {},
        hooks: {
          userCreated: (created) => {
            runs++;
            return userCreated(created);
          },
        },
      });
    });
    afterEach(async () => {
      await pool.end();
      await database.drop();
    });

    const read = () => drizzle({ client: pool }).select().from(profiles);
    async function counts(): Promise<readonly number[]> {
      const { rows } = await pool.query(
        "select (select count(*) from auth_users) u, (select count(*) from profiles) p",
      );
      return [Number(rows[0].u), Number(rows[0].p)];
    }

    test("dates and JSON come back, and a deletion takes both rows", async () => {
      const { user } = signedIn(await auth.signup(RIGHT, CLIENT));
      const rows = [{ userId: user.id, name: EMAIL, born: BORN, notes: NOTES }];
      expect(await read()).toEqual(rows);
      expect(await drizzle({ client: pool }).select().from(profiles).where(eq(profiles.born, BORN))).toEqual(
        rows,
      );
      await auth.users.delete(user.id);
      expect(await counts()).toEqual([0, 0]);
    });

    test("a hook that refuses leaves neither row, and the email free", async () => {
      const store = userCreated;
      userCreated = async (created) => {
        await store(created);
        throw new AuthError("forbidden");
      };
      expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("forbidden");
      expect(await counts()).toEqual([0, 0]);
      userCreated = store;
      await auth.signup(RIGHT, CLIENT);
      expect(await counts()).toEqual([1, 1]);
    });

    test("a unique violation leaves neither row, and tells its constraint", async () => {
      await auth.signup(RIGHT, CLIENT);
      const seen: unknown[] = [];
      userCreated = ({ user, tx }) =>
        sqlIn(tx, compile({ userId: user.id, name: EMAIL })).catch((error) => {
          seen.push(error.cause);
          throw error;
        });
      expect(await codeOf(auth.signup({ ...RIGHT, email: "grace@example.com" }, CLIENT))).toBe(
        "internal_error",
      );
      expect(seen).toMatchObject([{ code: "23505", constraint: "profiles_name_key" }]);
      expect(await counts()).toEqual([1, 1]);
    });

    test("of 8 signups at once each makes both rows", async () => {
      const all = times(8, (index) => auth.signup({ ...RIGHT, email: `u${index}@example.com` }, CLIENT));
      expect(await tally(all)).toEqual({ fulfilled: 8 });
      expect(await counts()).toEqual([8, 8]);
    });

    test("a deadlock repeats the hook, and both rows appear once", async () => {
      await pool.query("create table locks (id integer primary key, n integer not null)");
      await pool.query("insert into locks values (1, 0), (2, 0)");
      const other = openPool(database.ref.url, 1);
      const rival = await other.connect();
      await rival.query("begin; set local deadlock_timeout = '10min'; update locks set n = 1 where id = 2");
      const { pid } = (await rival.query("select pg_backend_pid() as pid")).rows[0];
      let theirs: Promise<unknown> | undefined;
      userCreated = async ({ user, tx }) => {
        const lock = (id: number) =>
          sqlIn(tx, { sql: "update locks set n = n + 1 where id = $1", params: [id] });
        await sqlIn(tx, compile({ userId: user.id, name: user.email }));
        await lock(1);
        // The rival waits for us, and we for the rival. We are the one that the server ends.
        theirs ??= rival.query("update locks set n = 1 where id = 1").then(() => rival.query("commit"));
        await waitUntilBlocked(tx, pid);
        await lock(2);
      };
      await auth.signup(RIGHT, CLIENT);
      await theirs;
      rival.release();
      await other.end();
      expect(runs).toBe(2);
      expect(await counts()).toEqual([1, 1]);
      expect(await read()).toMatchObject([{ name: EMAIL }]);
    });

    /** In the second run the rival is done, and nothing waits. */
    async function waitUntilBlocked(tx: UserCreated["tx"], pid: number): Promise<void> {
      while (runs === 1) {
        const { rows } = await sqlIn(tx, {
          sql: "select cardinality(pg_blocking_pids($1)) as n",
          params: [pid],
        });
        if ((rows[0] as { n: number }).n > 0) return;
      }
    }
  });

  test("a statement of Knex without `toNative()` is refused with the remedy", async () => {
    const database = await createDatabase("postgres");
    await migrate(database.db);
    const store = kyselyStore(database.db);
    const statement = knex("profiles").insert({ name: "Ada" }).toSQL();
    const error = await store.transaction((tx) => sqlIn(tx, statement)).catch((thrown) => thrown);
    expect(error.message).toMatch(/toSQL\(\)\.toNative\(\)/);
    const forgotten = store.transaction((tx) => sqlIn(tx, query.select({ one: drizzleSql`1` }) as never));
    await expect(forgotten).rejects.toThrow(/Is a call of toSQL\(\) missing/);
    await database.drop();
  });
});
