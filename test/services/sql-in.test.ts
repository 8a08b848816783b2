// Statements that another library compiled, in the transaction of a signup, and faults that no repetition helps: on
// every database.
import { sql } from "kysely";
import { type Auth, AuthError, type AuthStore, createAuth, type UserCreated } from "sallyport";
import { type CompiledStatement, kyselyStore, migrate, type StatementResult, sqlIn } from "sallyport/kysely";
import { insecureTestHasher } from "sallyport/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sampleUser } from "../../src/testing/store/samples.ts";
import type { AnyKysely, TestDatabase } from "../support/databases.ts";
import { CLIENT, codeOf, EMAIL, PASSWORD, SECRET, signedIn, tally, times } from "../support/harness.ts";
import { reachable } from "../support/required-services.ts";
import type { DatabaseKind } from "../support/services.ts";
import { emptyDatabase } from "./processes/empty-database.ts";

const ID_TYPES: Readonly<Record<DatabaseKind, string>> = {
  postgres: "uuid",
  pglite: "uuid",
  mariadb: "char(36) character set ascii collate ascii_bin",
  "node-sqlite": "text",
  "better-sqlite3": "text",
};
const RIGHT = { email: EMAIL, password: PASSWORD };
const SECRET_NAME = "Augusta-4711";

describe.each(reachable())("%s", (kind) => {
  const isPostgres = kind === "postgres" || kind === "pglite";
  let database: TestDatabase;
  let db: AnyKysely;
  let store: AuthStore;
  let auth: Auth;
  let errors: unknown[];
  let userCreated: (created: UserCreated) => unknown;

  // One database for all of them: a schema for each test would take most of the time.
  beforeAll(async () => {
    database = await emptyDatabase(kind);
    db = database.db;
    await migrate(db);
  });
  afterAll(() => database.drop());

  beforeEach(async () => {
    for (const own of ["orders", "profiles"]) await db.schema.dropTable(own).ifExists().execute();
    for (const table of ["auth_events", "auth_users"]) await sql`delete from ${sql.table(table)}`.execute(db);
    await makeTable("profiles", "on delete cascade");
    errors = [];
    store = kyselyStore(db);
    userCreated = (created) => sqlIn(created.tx, insert(created.user.id, "Ada"));
    auth = authOn(store);
  });
  function authOn(of: AuthStore): Auth {
    return createAuth({
      secret: SECRET,
      store: of,
      password: { hasher: insecureTestHasher() },
      limits: { signup: { address: false, account: false } },
      onWarning: () => {},
      onError: (error) => errors.push(error),
      hooks: { userCreated: (created) => userCreated(created) },
    });
  }

  async function makeTable(name: string, rule: string): Promise<void> {
    await sql`create table ${sql.table(name)} (user_id ${sql.raw(ID_TYPES[kind])} not null primary key,
      name varchar(40) not null unique check (name <> 'forbidden'),
      foreign key (user_id) references auth_users (id) ${sql.raw(rule)})`.execute(db);
  }

  /** With the placeholders of this database. */
  function statement(
    text: string,
    ...params: readonly unknown[]
  ): { sql: string; params: readonly unknown[] } {
    let next = 0;
    return { sql: isPostgres ? text.replaceAll("?", () => `$${++next}`) : text, params };
  }

  function insert(
    userId: string,
    name: string,
    table = "profiles",
  ): { sql: string; params: readonly unknown[] } {
    return statement(`insert into ${table} (user_id, name) values (?, ?)`, userId, name);
  }

  async function count(table: string): Promise<number> {
    const { rows } = await sql<{ n: unknown }>`select count(*) as n from ${sql.table(table)}`.execute(db);
    return Number(rows[0]?.n);
  }

  const counts = async (): Promise<readonly number[]> => [await count("auth_users"), await count("profiles")];

  test("a statement answers with its rows and the number of rows that it touched", async () => {
    const results: StatementResult[] = [];
    userCreated = async ({ user, tx }) => {
      const run = async (compiled: CompiledStatement): Promise<void> => {
        results.push(await sqlIn(tx, compiled));
      };
      const { sql: text, params } = insert(user.id, "Ada");
      await run({ sql: text, bindings: params });
      const update = statement("update profiles set name = ? where user_id = ?", "Lovelace", user.id);
      await run([update.sql, update.params]);
      await run(["select name from profiles -- one; commit"]);
      const nested = "(select name from profiles where name = 'no; body')";
      await run({ sql: ` /* ; */ ${kind.includes("sqlite") ? nested.slice(1, -1) : nested} ` });
      await run(statement("delete from profiles where user_id = ?", user.id));
      await run(insert(user.id, "Countess"));
    };
    await auth.signup(RIGHT, CLIENT);
    expect(results.map(({ affected }) => affected)).toEqual([1, 1, 0, 0, 1, 1]);
    expect(results[2]?.rows).toEqual([{ name: "Lovelace" }]);
    expect(results[3]?.rows).toEqual([]);
    expect(await counts()).toEqual([1, 1]);
  });

  test("RETURNING gives rows, and counts them", async () => {
    const text = insert("", "").sql;
    let result: StatementResult | undefined;
    userCreated = async ({ user, tx }) => {
      result = await sqlIn(tx, { sql: `${text} returning name`, params: [user.id, "Ada"] });
    };
    await auth.signup(RIGHT, CLIENT);
    expect(result).toEqual({ rows: [{ name: "Ada" }], affected: 1 });
  });

  test("after a failed statement none is sent any more: the database may have ended the transaction", async () => {
    const outcomes: string[] = [];
    const told = (call: Promise<unknown>): Promise<unknown> =>
      call.then(
        () => outcomes.push("sent"),
        (error) => outcomes.push(error.code),
      );
    userCreated = async ({ user, tx }) => {
      await told(sqlIn(tx, insert(user.id, "forbidden")));
      await told(sqlIn(tx, insert(user.id, "Ada")));
      await told(tx.users.find(user.id));
    };
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    expect(outcomes).toEqual(["internal_error", "internal_error", "internal_error"]);
    expect(await counts()).toEqual([0, 0]);
  });

  test("nor is one that was given at the same time, whatever the database does with a transaction", async () => {
    if (kind.includes("sqlite")) {
      // Here a failed row ends the transaction at once, and the next statement would commit by itself.
      await db.schema.dropTable("profiles").execute();
      await sql`create table profiles (user_id text not null, name text unique on conflict rollback)`.execute(
        db,
      );
    }
    await takeTheName();
    const outcomes: string[] = [];
    userCreated = async ({ user, tx }) => {
      const calls = [SECRET_NAME, "Ada", "Grace"].map((name) => codeOf(sqlIn(tx, insert(user.id, name))));
      outcomes.push(...(await Promise.all(calls)));
    };
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    expect(outcomes).toEqual(["internal_error", "internal_error", "internal_error"]);
    expect(await counts()).toEqual([1, 1]);
  });

  test("what other databases read differently is no matter where it is only data or an operator", async () => {
    const data = [
      "select 'it''s; so' as a -- a comment; and more",
      'select 1 as "a ""quoted"" name; too"',
      "select '/* no comment' as a",
      "select '# -- $$ [' as a",
      "/* a comment; */ select 1 as a /* and another; */",
      ...(isPostgres ? ["select array[1] as a", "select '{\"a\":1}'::json #>> '{a}' as a"] : []),
      ...(kind === "mariadb" ? ["select 1 as `a; b`"] : []),
    ];
    const results: StatementResult[] = [];
    userCreated = async ({ tx }) => {
      for (const text of data) results.push(await sqlIn(tx, { sql: text }));
    };
    await auth.signup(RIGHT, CLIENT);
    expect(results.map(({ rows }) => rows.length)).toEqual(data.map(() => 1));
  });

  test("a refused row leaves neither row, even if the hook catches the error, and quotes no value", async () => {
    await takeTheName();
    for (const swallows of [false, true]) {
      userCreated = ({ user, tx }) =>
        sqlIn(tx, insert(user.id, SECRET_NAME)).catch((error) => {
          if (!swallows) throw error;
        });
      expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
      expect(await counts()).toEqual([1, 1]);
    }
    for (const error of errors) expect(allOf(error)).not.toContain(SECRET_NAME);
    expect(errors).toHaveLength(2);
  });

  /** Another user has the name already. */
  async function takeTheName(): Promise<void> {
    userCreated = ({ user, tx }) => sqlIn(tx, insert(user.id, SECRET_NAME));
    await auth.signup({ ...RIGHT, email: "grace@example.com" }, CLIENT);
    errors.length = 0;
  }

  test("the hook can tell what was refused, and answer in its own words", async () => {
    await takeTheName();
    userCreated = ({ user, tx }) =>
      sqlIn(tx, insert(user.id, SECRET_NAME)).catch((error: AuthError) => {
        const { code } = error.cause as { code: string };
        if (!/^(23505|ER_DUP_ENTRY|ERR_SQLITE_ERROR|SQLITE_CONSTRAINT_UNIQUE)$/.test(code)) throw error;
        const taken = { path: "fields.name", code: "taken", message: "Choose another name." };
        throw new AuthError("invalid_input", { errors: [taken] });
      });
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("invalid_input");
    expect(await counts()).toEqual([1, 1]);
  });

  test.each([
    ["a missing table", "insert into nowhere (user_id) values (?)"],
    ["a mistake in the grammar", "insert profiles into values (?)"],
    ["a missing column", "update profiles set nothing = ?"],
  ])("%s is a fault and no outage", async (_what, text) => {
    userCreated = ({ user, tx }) => sqlIn(tx, statement(text, user.id));
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    expect(await counts()).toEqual([0, 0]);
  });

  const REFUSED = [
    "commit",
    "COMMIT AND CHAIN",
    "rollback",
    "end",
    "abort",
    "begin",
    "start transaction",
    "savepoint a",
    "release savepoint a",
    "set autocommit = 1",
    "set session characteristics as transaction isolation level serializable",
    "lock tables profiles write",
    "create table other (id integer)",
    "truncate table profiles",
    "call leave()",
    "pragma foreign_keys = off",
    "/* insert */ commit",
    "-- insert\ncommit",
    "( commit",
    "/*! commit */ insert",
    "/*M! commit */",
    "insert or rollback into profiles (name) values ('a')",
    "update or/**/rollback profiles set name = 'a'",
    "select 1; commit",
    "select ';'; commit",
    "insert into profiles (name) values ('a''b'); rollback",
    "",
    "inserting",
    // Read differently by another database, or by a setting: what looks quoted here is a statement there.
    "select E'\\'; commit; --'",
    "select e'\\''; commit; -- '",
    "select 'a\\'; commit; -- '",
    'select "a\\"; commit; -- "',
    "select N'\\'; commit; -- '",
    "select 1--1; commit",
    "select 1 -- a\r; commit",
    "/* /* */ insert */ commit",
    "insert into profiles /*! ' */ ; commit; -- '",
    "select a$$ ; commit; $$",
    "select $x$ ; commit; $x$",
    "select 'a; commit",
    'select "a; commit',
    "select `a; commit",
    "select 1 /* ; commit",
    ...(kind === "mariadb" ? ["select 1 # '\n; commit; -- '"] : []),
    ...(kind.includes("sqlite") ? ["select 1 as [a'] ; commit; --'"] : []),
  ];

  test.each(REFUSED)("what could end the transaction is refused: %j", async (text) => {
    const seen: unknown[] = [];
    userCreated = ({ tx }) => sqlIn(tx, { sql: text }).catch((error) => seen.push(error.code, error.message));
    // It was never sent, so the signup itself goes on.
    await auth.signup(RIGHT, CLIENT);
    expect(seen).toEqual([
      "internal_error",
      expect.stringMatching(/^sqlIn: (a statement must begin|give one|OR ROLLBACK|databases read)/),
    ]);
    expect(await count("auth_sessions")).toBe(1);
  });

  test("a fault after the statement leaves neither row", async () => {
    userCreated = async ({ user, tx }) => {
      await sqlIn(tx, insert(user.id, "Ada"));
      throw new TypeError("the application failed");
    };
    expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
    expect(await counts()).toEqual([0, 0]);
  });

  test("a statement without an await is part of the transaction, or makes it fail", async () => {
    userCreated = ({ user, tx }) => void sqlIn(tx, insert(user.id, "Ada")).catch(() => {});
    await auth.signup(RIGHT, CLIENT);
    expect(await counts()).toEqual([1, 1]);
    userCreated = ({ user, tx }) => void sqlIn(tx, insert(user.id, "forbidden")).catch(() => {});
    expect(await codeOf(auth.signup({ ...RIGHT, email: "grace@example.com" }, CLIENT))).toBe(
      "internal_error",
    );
    expect(await counts()).toEqual([1, 1]);
  });

  test("a `tx` of an ended transaction, of another one, and the store itself are refused, and nothing runs", async () => {
    const user = sampleUser();
    let kept: AuthStore | undefined;
    await store.transaction(async (tx) => {
      kept = tx;
      await tx.users.create(user);
    });
    const row = insert(user.id, "late");
    const outcomes = [
      await codeOf(sqlIn(kept as AuthStore, row)),
      await codeOf(sqlIn(store, row)),
      await codeOf(sqlIn({ ...(kept as AuthStore) }, row)),
    ];
    expect(outcomes).toEqual(["internal_error", "invalid_configuration", "internal_error"]);
    if (kind !== "pglite" && !kind.includes("sqlite")) {
      expect(await mixed(row)).toBe("internal_error");
    }
    expect(await count("profiles")).toBe(0);
  });

  /** A hook that kept the `tx` of another signup, which still runs. */
  async function mixed(row: CompiledStatement): Promise<string> {
    const opened = Promise.withResolvers<AuthStore>();
    const done = Promise.withResolvers<void>();
    const other = store.transaction(async (tx) => {
      opened.resolve(tx);
      await done.promise;
    });
    const theirs = await opened.promise;
    const code = await codeOf(store.transaction(() => sqlIn(theirs, row)));
    done.resolve();
    await other;
    return code;
  }

  test("of 8 signups at once each makes both rows", async () => {
    userCreated = ({ user, tx }) => sqlIn(tx, insert(user.id, user.email));
    const outcomes = times(8, (index) => auth.signup({ ...RIGHT, email: `u${index}@example.com` }, CLIENT));
    expect(await tally(outcomes)).toEqual({ fulfilled: 8 });
    expect(await counts()).toEqual([8, 8]);
  });

  describe("a foreign key without a cascade", () => {
    const RULES = ["", "on delete restrict", ...(isPostgres ? ["deferrable initially deferred"] : [])];

    test.each(RULES)("keeps its user (%j), as a fault that names the remedy", async (rule) => {
      await makeTable("orders", rule);
      userCreated = ({ user, tx }) => sqlIn(tx, insert(user.id, SECRET_NAME, "orders"));
      const { user } = signedIn(await auth.signup(RIGHT, CLIENT));
      const error = await auth.users.delete(user.id).catch((thrown) => thrown);
      expect([error.code, error.status]).toEqual(["internal_error", 500]);
      expect(errors).toEqual([error]);
      expect(String(error.cause)).toMatch(/foreign key refused.*ON DELETE CASCADE or ON DELETE SET NULL/i);
      if (isPostgres) expect(error.cause).toMatchObject({ table: "orders" });
      if (kind === "mariadb") expect(allOf(error)).toContain("orders");
      expect(allOf(error)).not.toContain(SECRET_NAME);
      expect(await counts()).toEqual([1, 0]);
      await sql`delete from orders`.execute(db);
      await auth.users.delete(user.id);
      expect(await counts()).toEqual([0, 0]);
    });

    test("a row of the hook that refers to nothing is a fault, too", async () => {
      userCreated = ({ tx }) => sqlIn(tx, insert("00000000-0000-7000-8000-000000000000", "Ada"));
      expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("internal_error");
      expect(String((errors[0] as AuthError).cause)).toMatch(/foreign key refused/i);
    });
  });

  test.runIf(kind === "postgres" || kind === "mariadb")(
    "a statement that hangs ends with `maxWaitMs`",
    async () => {
      auth = authOn(kyselyStore(db, { maxWaitMs: 300 }));
      const wait = isPostgres ? "select pg_sleep(60)" : "select sleep(60)";
      userCreated = async ({ user, tx }) => {
        await sqlIn(tx, insert(user.id, "Ada"));
        await sqlIn(tx, { sql: wait });
      };
      expect(await codeOf(auth.signup(RIGHT, CLIENT))).toBe("unavailable");
      expect(await counts()).toEqual([0, 0]);
    },
  );
});

/** Every text in an error, its causes included. */
function allOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const fields = Object.entries(error).map(([, value]) => String(value));
  return [error.message, String(error.stack), ...fields, allOf(error.cause)].join("\n");
}
