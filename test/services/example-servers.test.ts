import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type ExampleName,
  type Run,
  run,
  signUpToSignOut,
  started,
  useFolder,
} from "../examples/server-process.ts";
import { type AnyKysely, createDatabase, type TestDatabase } from "../support/databases.ts";
import { SECRET } from "../support/harness.ts";
import { isThere } from "../support/required-services.ts";

const EXAMPLES: readonly ExampleName[] = ["express", "fastify", "web"];

describe.runIf(isThere(process.env["POSTGRES_URL"], "postgres: POSTGRES_URL is not set"))(
  "the examples on postgres",
  () => {
    let database: TestDatabase;
    useFolder();

    beforeEach(async () => {
      database = await createDatabase("postgres");
    });

    afterEach(() => database.drop());

    test.each(EXAMPLES)(
      "%s: two processes started at once on an empty database are one application",
      async (name) => {
        const env = { DATABASE_URL: database.ref.url, SALLYPORT_SECRET: SECRET };
        const both = [run(name, env), run(name, env)] as const;
        const [one, other] = await Promise.all(both.map(started));
        await signUpToSignOut(one as string, other);
        for (const { child } of both) child.kill("SIGTERM");
        expect(await Promise.all(both.map(({ exit }) => exit))).toEqual([0, 0]);
        expect(both.map(({ errors }) => errors())).toEqual(["", ""]);
      },
    );

    test("two processes that both find no table of notes do not stand in each other's way", async () => {
      const env = { DATABASE_URL: database.ref.url, SALLYPORT_SECRET: SECRET };
      const both = await releasedTogether(database.db, () => [run("web", env), run("web", env)]);
      const [one, other] = await Promise.all(both.map(started));
      await signUpToSignOut(one as string, other);
    });

    test("a database that may only be read stops the start with one line", async () => {
      const { db, ref } = database;
      await sql`alter database ${sql.id(new URL(ref.url).pathname.slice(1))} set default_transaction_read_only = on`.execute(
        db,
      );
      const server = run("fastify", { DATABASE_URL: ref.url, SALLYPORT_SECRET: SECRET });
      expect(await server.exit).toBe(1);
      expect(server.errors()).toMatch(/^DATABASE_URL: [^\n]*read-only transaction\n$/);
    });
  },
);

/** Lets neither process make the table before both stand in front of it. */
async function releasedTogether(db: AnyKysely, start: () => readonly Run[]): Promise<readonly Run[]> {
  return db.connection().execute(async (holder) => {
    await sql`begin`.execute(holder);
    await sql`create table notes (in_the_way integer)`.execute(holder);
    const both = start();
    const waiting = sql<{ count: number }>`select count(*)::integer as count, pg_sleep(0.02)
      from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await waiting.execute(db)).rows[0]?.count !== both.length);
    await sql`rollback`.execute(holder);
    return both;
  });
}
