// An application's own row and its user: both or none, on every database, through the application's Kysely.
import { inspect } from "node:util";
import { CamelCasePlugin, sql } from "kysely";
import { type Auth, createAuth, type UserCreated } from "sallyport";
import { kyselyStore, kyselyTransaction, migrate, sqlIn } from "sallyport/kysely";
import { insecureTestHasher } from "sallyport/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sampleUser } from "../../src/testing/store/samples.ts";
import type { AnyKysely, TestDatabase } from "../support/databases.ts";
import {
  CLIENT,
  codeOf,
  EMAIL,
  PASSWORD,
  SECRET,
  signedIn,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { reachable } from "../support/required-services.ts";
import type { DatabaseKind } from "../support/services.ts";
import { emptyDatabase } from "./processes/empty-database.ts";

interface Profiles {
  profiles: { userId: string; displayName: string };
}

/** As docs/storage.md gives them. */
const ID_TYPES: Readonly<Record<DatabaseKind, string>> = {
  postgres: "uuid",
  pglite: "uuid",
  mariadb: "char(36) character set ascii collate ascii_bin",
  "node-sqlite": "text",
  "better-sqlite3": "text",
};
const RIGHT = { email: EMAIL, password: PASSWORD };

describe.each(reachable())("%s", (kind) => {
  let database: TestDatabase;
  let db: AnyKysely;
  let writeProfile: (created: UserCreated) => Promise<unknown>;
  let auth: Auth;
  let errors: unknown[];

  // One database for all of them: a schema for each test would take most of the time.
  beforeAll(async () => {
    database = await emptyDatabase(kind);
    db = database.db.withPlugin(new CamelCasePlugin());
    await migrate(db);
    await sql`create table profiles (user_id ${sql.raw(ID_TYPES[kind])} not null primary key,
      display_name varchar(40) not null check (display_name <> 'forbidden'),
      foreign key (user_id) references auth_users (id) on delete cascade)`.execute(db);
  });
  afterAll(() => database.drop());

  beforeEach(async () => {
    for (const table of ["auth_events", "auth_users"]) await sql`delete from ${sql.table(table)}`.execute(db);
    writeProfile = (created) => insertProfile(created, "Ada");
    errors = [];
    auth = createAuth({
      secret: SECRET,
      store: kyselyStore(db),
      password: { hasher: insecureTestHasher() },
      limits: { signup: { address: false, account: false } },
      onWarning: () => {},
      onError: (error) => errors.push(error),
      hooks: { userCreated: (created) => writeProfile(created) },
    });
  });

  test("a signup makes both rows, and deleting the user takes both", async () => {
    const { user } = signedIn(await auth.signup(RIGHT, CLIENT));
    expect(await profiles()).toEqual([{ userId: user.id, displayName: "Ada" }]);
    await auth.users.delete(user.id);
    expect(await profiles()).toEqual([]);
  });

  test("a row that the database refuses leaves neither, and the email stays free", async () => {
    writeProfile = (created) => insertProfile(created, "forbidden");
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    expect(await countRows()).toEqual({ users: 0, sessions: 0, failures: 1, successes: 0 });
    writeProfile = (created) => insertProfile(created, "Ada");
    await auth.signup(RIGHT, CLIENT);
    expect(await countRows()).toEqual({ users: 1, sessions: 1, failures: 1, successes: 1 });
  });

  test("a row whose failure the hook swallows leaves no half either, on any database", async () => {
    writeProfile = (created) => insertProfile(created, "forbidden").catch(() => {});
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    expect(await countRows()).toEqual({ users: 0, sessions: 0, failures: 1, successes: 0 });
  });

  test("after a failed statement none is sent, whichever way the hook takes, and whether it waits or not", async () => {
    const outcomes: string[] = [];
    const note = (way: string, call: Promise<unknown>): Promise<unknown> =>
      call.then(
        () => outcomes.push(`${way}: sent`),
        () => outcomes.push(`${way}: refused`),
      );
    writeProfile = async (created) => {
      const trx = kyselyTransaction<Profiles>(created.tx);
      const insert = () => insertProfile(created, "Ada");
      const compiled = trx.insertInto("profiles").values({ userId: created.user.id, displayName: "Ada" });
      await Promise.all([
        note("first", insertProfile(created, "forbidden")),
        note("at once", insert()),
        note("at once, by a verb", created.tx.users.find(created.user.id as never)),
      ]);
      await note("later", insert());
      await note("without plugins", sql`delete from auth_users`.execute(trx.withoutPlugins()));
      await note("in a schema", trx.withSchema("x").selectFrom("profiles").selectAll().execute());
      await note("compiled", trx.executeQuery(compiled.compile()));
      await note("as a stream", compiled.stream().next());
      await note("by sqlIn", sqlIn(created.tx, { sql: "select 1" }));
    };
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    const ways = ["first", "at once", "at once, by a verb", "later", "without plugins", "in a schema"];
    expect(outcomes).toEqual(
      [...ways, "compiled", "as a stream", "by sqlIn"].map((way) => `${way}: refused`),
    );
    expect(await profiles()).toEqual([]);
    expect(await countRows()).toMatchObject({ users: 0, sessions: 0 });
  });

  test("a statement that waits behind a fault of the hook is not sent any more", async () => {
    writeProfile = async (created) => {
      for (const name of ["Ada", "Grace"]) void insertProfile(created, name).catch(() => {});
      throw new TypeError("the application failed");
    };
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    expect(await profiles()).toEqual([]);
  });

  test("an error of the driver has its code for the hook, and no value for hook and log", async () => {
    const secret = "Augusta-4711";
    const seen: { code?: unknown; constraint?: unknown }[] = [];
    const other = signedIn(await auth.signup(RIGHT, CLIENT)).user.id;
    await sql`update profiles set display_name = ${secret}`.execute(db);
    // The taken key, and a row that PostgreSQL quotes as a whole.
    for (const userId of [other, null])
      for (const rethrows of [true, false]) {
        writeProfile = ({ tx }) =>
          kyselyTransaction<Profiles>(tx)
            .insertInto("profiles")
            .values({ userId: userId as string, displayName: secret })
            .execute()
            .catch((error) => {
              seen.push(error);
              if (rethrows) throw error;
            });
        const signup = auth.signup({ ...RIGHT, email: "grace@example.com" }, CLIENT);
        expect(await codeOf(signup)).toBe("internal_error");
      }
    expect(seen[0]?.code).toBeDefined();
    if (kind === "postgres") expect(seen[0]).toMatchObject({ code: "23505", constraint: "profiles_pkey" });
    const told = [...seen, ...errors].map((error) => inspect(error, { depth: null, showHidden: true }));
    expect([seen.length, errors.length]).toEqual([4, 4]);
    for (const text of told) expect(text).not.toContain("4711");
  });

  test("a fault after the row leaves neither", async () => {
    writeProfile = async (created) => {
      await insertProfile(created, "Ada");
      throw new TypeError("the application failed");
    };
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    expect(await profiles()).toEqual([]);
    expect(await countRows()).toMatchObject({ users: 0, sessions: 0 });
  });

  test("a statement of the application that undoes the transaction is told, awaited or not", async () => {
    const store = kyselyStore(db);
    const user = sampleUser();
    const undone = store.transaction(async (tx) => {
      await tx.users.create(user);
      // As InnoDB does to the victim of a deadlock, which COMMIT then says nothing of.
      await sql`rollback`.execute(kyselyTransaction(tx));
    });
    expect(await codeOf(undone)).toBe("unavailable");
    const nobodyWaits = store.transaction(async (tx) => {
      const trx = kyselyTransaction(tx);
      await tx.users.create(user);
      void sql`rollback`.execute(trx).catch(() => {});
    });
    expect(await codeOf(nobodyWaits)).toBe("unavailable");
    expect(await store.users.find(user.id)).toBeNull();
    expect(await store.users.create(user)).toBe(true);
  });

  test("a transaction that was kept takes no statement once the work is done", async () => {
    const store = kyselyStore(db);
    let kept: ReturnType<typeof kyselyTransaction<Profiles>> | undefined;
    const user = sampleUser();
    await store.transaction(async (tx) => {
      kept = kyselyTransaction<Profiles>(tx);
      await tx.users.create(user);
    });
    const late = kept?.insertInto("profiles").values({ userId: user.id, displayName: "late" }).execute();
    await expect(late).rejects.toThrow(/transaction is over/);
    expect(await profiles()).toEqual([]);
  });

  test("of 50 signups with one email one makes both rows", async () => {
    const stranger = strangers();
    const outcomes = await tally(times(50, () => auth.signup(RIGHT, stranger())));
    expect(outcomes).toEqual({ fulfilled: 1, email_taken: 49 });
    expect(await profiles()).toHaveLength(1);
  });

  function profiles(): Promise<unknown[]> {
    return db.selectFrom("profiles").selectAll().execute();
  }

  async function countRows(): Promise<Record<string, number>> {
    const { rows } = await sql<Record<string, unknown>>`select
      (select count(*) from auth_users) as users, (select count(*) from auth_sessions) as sessions,
      (select count(*) from auth_events where outcome = 'failure') as failures,
      (select count(*) from auth_events where outcome = 'success') as successes`.execute(db);
    return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)]));
  }
});

function insertProfile({ user, tx }: UserCreated, displayName: string): Promise<unknown> {
  const profile = { userId: user.id, displayName };
  return kyselyTransaction<Profiles>(tx).insertInto("profiles").values(profile).execute();
}
