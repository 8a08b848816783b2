// Every promise of the store, whatever the application has set on its pool, its Kysely and its process.
import { randomBytes } from "node:crypto";
import Database from "better-sqlite3";
import {
  CamelCasePlugin,
  type CompiledQuery,
  type Driver,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  type QueryResult,
  SqliteDialect,
  sql,
} from "kysely";
import { createPool, type PoolOptions } from "mysql2";
import { Pool, type PoolConfig, types } from "pg";
import { kyselyStore, migrate, type TableOptions } from "sallyport/kysely";
import { storeSuite } from "sallyport/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseUnderTest } from "../../support/database-under-test.ts";
import { type AnyKysely, emptyTables, type TestDatabase } from "../../support/databases.ts";
import type { DatabaseKind } from "../../support/services.ts";

interface Settings {
  readonly name: string;
  readonly open: (database: TestDatabase) => AnyKysely;
  readonly tables?: TableOptions;
}

interface UnfitSettings extends Pick<Settings, "open"> {
  readonly says: RegExp;
}

const database = databaseUnderTest as TestDatabase;
const { kind, url } = database.ref;

function postgres(config: PoolConfig): () => AnyKysely {
  return () => {
    const pool = new Pool({ connectionString: url, ...config });
    pool.on("error", () => {}); // the database goes before its last connection is quite closed
    return new Kysely({ dialect: new PostgresDialect({ pool }) });
  };
}

function mariadb(options: PoolOptions, ...statements: readonly string[]): () => AnyKysely {
  return () => {
    const pool = createPool({ uri: url, ...options });
    pool.on("connection", (connection) => {
      for (const statement of statements) connection.query(statement);
    });
    return new Kysely({ dialect: new MysqlDialect({ pool }) });
  };
}

/** Names in camel case, and every table in a schema that does not exist: neither is the library's business. */
const withPlugins = ({ db }: TestDatabase): AnyKysely =>
  db.withPlugin(new CamelCasePlugin()).withSchema("nowhere");

const TIMES: readonly number[] = [types.builtins.TIMESTAMPTZ, types.builtins.TIMESTAMP];

function ownParser(oid: number): (text: string) => unknown {
  if (TIMES.includes(oid)) return (text) => text;
  return oid === types.builtins.INT8 ? BigInt : types.getTypeParser(oid, "text");
}

/** pg's own parsers, but for one. */
function withParser(oid: number, parser: (text: string) => unknown): () => AnyKysely {
  const getTypeParser = (wanted: number): unknown =>
    wanted === oid ? parser : types.getTypeParser(wanted, "text");
  return postgres({ types: { getTypeParser } as PoolConfig["types"] });
}

/** A function `typeCast` of mysql2 that changes values of one type. */
function withTypeCast(type: string, change: (text: string | null) => unknown): () => AnyKysely {
  return mariadb({
    typeCast: (field, next) => (field.type === type ? change(field.string()) : next()),
  });
}

/** A driver between Kysely and the database that changes rows, as a wrapper of an application may do. */
function withRows(change: (row: Record<string, unknown>) => unknown): (database: TestDatabase) => AnyKysely {
  return () => {
    const dialect = new SqliteDialect({ database: new Database(url) });
    const createDriver = (): Driver => {
      const driver = dialect.createDriver();
      const acquire = driver.acquireConnection.bind(driver);
      return Object.assign(driver, {
        acquireConnection: async () => {
          const connection = await acquire();
          const executeQuery = connection.executeQuery.bind(connection);
          connection.executeQuery = async <Row>(query: CompiledQuery): Promise<QueryResult<Row>> => {
            const result = await executeQuery<Record<string, unknown>>(query);
            return { ...result, rows: result.rows.map(change) as Row[] };
          };
          return connection;
        },
      });
    };
    return new Kysely({
      dialect: {
        createAdapter: () => dialect.createAdapter(),
        createQueryCompiler: () => dialect.createQueryCompiler(),
        createIntrospector: (db) => dialect.createIntrospector(db),
        createDriver,
      },
    });
  };
}

const camelCased = (row: Record<string, unknown>): unknown =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()),
      value,
    ]),
  );

const latinDatabase = `sallyport_latin_${randomBytes(6).toString("hex")}`;

const SETTINGS: Readonly<Record<DatabaseKind, readonly Settings[]>> = {
  postgres: [
    {
      name: "times as text in a zone of their own, and big integers as such",
      open: postgres({ options: "-c timezone=Asia/Kathmandu", types: { getTypeParser: ownParser } }),
    },
    {
      name: "serializable sessions",
      open: postgres({ options: "-c default_transaction_isolation=serializable" }),
    },
    {
      name: "repeatable-read sessions",
      open: postgres({ options: "-c default_transaction_isolation=repeatable\\ read" }),
    },
    {
      name: "plugins, a schema and a prefix",
      open: withPlugins,
      tables: { schema: "accounts", tablePrefix: "acme_login_" },
    },
  ],
  mariadb: [
    {
      name: "dates and big numbers as text, in a time zone of their own",
      open: mariadb({
        timezone: "+05:45",
        dateStrings: true,
        supportBigNumbers: true,
        bigNumberStrings: true,
      }),
    },
    {
      name: "serializable sessions that count changed rows only, in ANSI mode",
      open: mariadb(
        { flags: ["-FOUND_ROWS"] },
        "set session transaction isolation level serializable",
        "set session sql_mode = 'ANSI,STRICT_TRANS_TABLES'",
      ),
    },
    {
      name: "plugins, another database with Latin letters, and a prefix",
      open: withPlugins,
      tables: { schema: latinDatabase, tablePrefix: "acme_login_" },
    },
  ],
  pglite: [{ name: "plugins and a prefix", open: withPlugins, tables: { tablePrefix: "acme_login_" } }],
  "node-sqlite": [
    { name: "plugins and a prefix", open: withPlugins, tables: { tablePrefix: "acme_login_" } },
  ],
  "better-sqlite3": [
    {
      name: "every integer as a BigInt",
      open: () =>
        new Kysely({ dialect: new SqliteDialect({ database: new Database(url).defaultSafeIntegers(true) }) }),
    },
  ],
};

/** What would break a promise is refused, and named. */
const UNFIT: Readonly<Partial<Record<DatabaseKind, readonly UnfitSettings[]>>> = {
  postgres: [{ says: /^DateStyle must be ISO/, open: postgres({ options: "-c datestyle=SQL,DMY" }) }],
  mariadb: [
    { says: /character set must be utf8mb4/, open: mariadb({ charset: "LATIN1_SWEDISH_CI" }) },
    { says: /must contain STRICT_TRANS_TABLES/, open: mariadb({}, "set session sql_mode = ''") },
    {
      // As SET CHARACTER SET does in a database of another character set.
      says: /character set must be utf8mb4/,
      open: mariadb({}, "set session character_set_connection = latin1"),
    },
    { says: /^autocommit must be on/, open: mariadb({}, "set session autocommit = 0") },
    { says: /^foreign_key_checks must be on/, open: mariadb({}, "set session foreign_key_checks = 0") },
    {
      says: /must not contain NO_BACKSLASH_ESCAPES/,
      open: mariadb({}, "set session sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'"),
    },
  ],
};

/** Drivers that change what they carry. They are refused by name, and before a migration, too. */
const CARELESS: Readonly<Partial<Record<DatabaseKind, readonly UnfitSettings[]>>> = {
  postgres: [
    {
      says: /changes times\..*1184/,
      open: withParser(types.builtins.TIMESTAMPTZ, (text) => text.slice(0, 19)),
    },
    {
      says: /changes times\..*1184/,
      open: withParser(types.builtins.TIMESTAMPTZ, (text) => new Date(text.slice(0, 23))),
    },
    {
      says: /changes whole numbers\..*bigint \(20\)/,
      open: withParser(types.builtins.INT8, (text) => Number(text) | 0),
    },
    { says: /changes whole numbers\./, open: withParser(types.builtins.INT4, (text) => text === "1") },
    {
      says: /changes texts\..*uuid \(2950\)/,
      open: withParser(types.builtins.UUID, (text) => text.replaceAll("-", "")),
    },
    { says: /changes texts\./, open: withParser(types.builtins.TEXT, (text) => text.trim()) },
  ],
  mariadb: [
    { says: /names of their columns\..*rowsAsArray/, open: mariadb({ rowsAsArray: true }) },
    { says: /names of their columns\..*nestTables/, open: mariadb({ nestTables: true }) },
    { says: /names of their columns\..*nestTables/, open: mariadb({ nestTables: "." }) },
    {
      says: /changes whole numbers\..*typeCast/,
      open: withTypeCast("LONGLONG", (text) => new Date(Number(text) * 1_000)),
    },
    { says: /changes texts\..*typeCast/, open: withTypeCast("VAR_STRING", (text) => text?.toUpperCase()) },
  ],
  "better-sqlite3": [
    { says: /names of their columns\./, open: withRows(camelCased) },
    { says: /names of their columns\./, open: withRows(Object.values) },
    {
      says: /changes times\./,
      open: withRows((row) => ({
        ...row,
        echo_winter: Math.round(Number(row["echo_winter"]) / 1_000) * 1_000,
      })),
    },
  ],
};

const zone = process.env["TZ"];

beforeAll(async () => {
  process.env["TZ"] = "America/New_York";
  expect(new Date("2026-01-01T00:00:00Z").getHours()).toBe(19);
  if (kind === "mariadb") {
    await sql`create database ${sql.id(latinDatabase)} character set latin1`.execute(database.db);
  }
});

afterAll(async () => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
  if (kind === "mariadb") await sql`drop database ${sql.id(latinDatabase)}`.execute(database.db);
});

describe.each(SETTINGS[kind])(`${kind} with $name`, ({ open, tables = {} }) => {
  const prefix = `${tables.schema === undefined ? "" : `${tables.schema}.`}${tables.tablePrefix ?? "auth_"}`;
  let db: AnyKysely;

  beforeAll(async () => {
    db = open(database);
    await migrate(db, tables);
  });
  afterAll(async () => {
    if (open !== withPlugins) await db.destroy();
  });

  storeSuite({
    test,
    makeStore: async () => {
      await emptyTables(database.db, prefix);
      return kyselyStore(db, tables);
    },
  });
});

test.for(UNFIT[kind] ?? [])("unfit settings are refused at the first use: $says", async ({ open, says }) => {
  await migrate(database.db);
  const db = open(database);
  const used = kyselyStore(db).users.findForLogin("ada@example.com");
  await expect(used).rejects.toMatchObject({
    code: "invalid_configuration",
    message: expect.stringMatching(says),
  });
  await db.destroy();
});

test.for(CARELESS[kind] ?? [])(
  "a careless driver is refused at the first use: $says",
  async ({ open, says }) => {
    await migrate(database.db);
    const db = open(database);
    const refused = { code: "invalid_configuration", message: expect.stringMatching(says) };
    await expect(kyselyStore(db).users.findForLogin("ada@example.com")).rejects.toMatchObject(refused);
    await expect(migrate(db)).rejects.toMatchObject(refused);
    await db.destroy();
  },
);
