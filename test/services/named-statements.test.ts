// Class: a server that no longer knows a statement by its name: after DEALLOCATE ALL, a change of the schema, a pooler.
import { Kysely, PostgresDialect, sql } from "kysely";
import { Pool } from "pg";
import { type Auth, createAuth } from "sallyport";
import { kyselyStore, migrate, namedStatements } from "sallyport/kysely";
import { insecureTestHasher } from "sallyport/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AnyKysely, createDatabase, type TestDatabase } from "../support/databases.ts";
import { PASSWORD, SECRET } from "../support/harness.ts";
import { isThere, reachable } from "../support/required-services.ts";
import { pgbouncerBinary, transactionPooler } from "./processes/pgbouncer.ts";

const CLIENT = { ip: null };
const EMAIL = "ada@example.com";
const input = { email: EMAIL, password: PASSWORD };

describe.runIf(reachable(["postgres"]).length > 0)("named statements", () => {
  let database: TestDatabase;
  const open: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    database = await createDatabase("postgres");
    await migrate(database.db);
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
    await database.drop();
  });

  interface Naming {
    readonly pool: Pool;
    readonly db: AnyKysely;
    readonly auth: Auth;
    readonly errors: unknown[];
  }

  function naming(url: string, max: number): Naming {
    const pool = new Pool({ connectionString: url, max });
    pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
    open.push(() => pool.end());
    const db: AnyKysely = new Kysely({ dialect: new PostgresDialect({ pool: namedStatements(pool) }) });
    const errors: unknown[] = [];
    const auth = createAuth({
      secret: SECRET,
      store: kyselyStore(db),
      password: { hasher: insecureTestHasher() },
      limits: { signup: { address: false, account: false }, login: { address: false, account: false } },
      onError: (error) => errors.push(error),
      onWarning: () => {},
    });
    return { pool, db, auth, errors };
  }

  const statements = async (pool: Pool): Promise<readonly string[]> =>
    (await pool.query("select statement from pg_prepared_statements")).rows.map((row) => row.statement);

  async function tokenOf(auth: Auth): Promise<string> {
    const result = await auth.login(input, CLIENT);
    if (result.status !== "signed_in") throw new TypeError("No challenge was expected.");
    return result.accessToken;
  }

  test("each text is prepared once on a connection, and the pool's own statements are not", async () => {
    const { pool, auth } = naming(database.ref.url, 1);
    await auth.signup(input, CLIENT);
    const token = await tokenOf(auth);
    await auth.verifyToken(token);
    const before = await statements(pool);
    await auth.verifyToken(token);
    await pool.query("select $1::text", ["of the application"]);
    expect(await statements(pool)).toEqual(before);
    expect(new Set(before).size).toBe(before.length);
    expect(before.some((text) => text.includes('from "auth_sessions"'))).toBe(true);
  });

  test("a connection prepares no more than 200 texts, and sends the others without a name", async () => {
    const { pool, db } = naming(database.ref.url, 1);
    for (let i = 0; i < 210; i++) await sql`select ${i}::integer as ${sql.id(`n${i}`)}`.execute(db);
    expect((await statements(pool)).length).toBe(200);
  });

  test("after DEALLOCATE ALL, checks and sign-ins go on, and their statements have names again", async () => {
    const { pool, auth, errors } = naming(database.ref.url, 1);
    await auth.signup(input, CLIENT);
    const token = await tokenOf(auth);
    for (let i = 0; i < 2; i++) {
      await pool.query("deallocate all");
      await auth.verifyToken(token);
      await pool.query("deallocate all");
      await tokenOf(auth);
      await tokenOf(auth);
      expect((await statements(pool)).length).toBeGreaterThan(3);
    }
    expect(errors).toEqual([]);
  });

  test("a schema that changes while it serves costs nobody an answer", async () => {
    const { auth, errors } = naming(database.ref.url, 3);
    await auth.signup(input, CLIENT);
    const token = await tokenOf(auth);
    const calls = () =>
      Promise.all([tokenOf(auth), tokenOf(auth), auth.verifyToken(token), auth.verifyToken(token)]);
    await calls();
    for (const type of ["varchar(400)", "text"]) {
      await sql.raw(`alter table auth_users alter column email type ${type}`).execute(database.db);
      await sql.raw(`alter table auth_credentials alter column data type ${type}`).execute(database.db);
      await calls();
    }
    expect(errors).toEqual([]);
  });

  test("a statement of the application that became stale runs again once, and only once", async () => {
    const { pool, db } = naming(database.ref.url, 1);
    await pool.query("create table counts (n integer)");
    const add = (n: number) => db.insertInto("counts").values({ n }).execute();
    await add(1);
    await pool.query("deallocate all");
    await add(2);
    await add(3);
    expect((await pool.query("select n from counts order by n")).rows).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
  });

  const binary = pgbouncerBinary();
  test.runIf(isThere(binary, "pgbouncer is not installed (Debian: pgbouncer)"))(
    "behind a pooler in transaction mode that tracks no names, 50 callers at once get their answers",
    async () => {
      const pooler = await transactionPooler(binary as string, database.ref.url);
      open.push(pooler.stop);
      const { auth, errors } = naming(pooler.url, 8);
      await auth.signup(input, CLIENT);
      const tokens = await Promise.all(Array.from({ length: 50 }, () => tokenOf(auth)));
      const sessions = await Promise.all(tokens.map((token) => auth.verifyToken(token)));
      expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(50);
      expect(errors).toEqual([]);
    },
  );
});
