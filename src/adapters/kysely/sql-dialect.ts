import type { CompiledQuery, DatabaseConnection, Kysely, RawBuilder } from "kysely";
import type { StoredInteger, StoredTime, TableNames, Tables } from "./tables.ts";

/** Everything that differs between databases. */
export interface SqlDialect {
  readonly name: "postgres" | "mysql" | "sqlite";
  readonly encodeTime: (at: Date) => StoredTime;
  readonly decodeTime: (stored: StoredTime) => Date;
  /** How a parameter begins in a statement. */
  readonly placeholder: "$" | "?";
  /** What this database alone reads as the begin of a quote or a comment. */
  readonly ownQuotes: RegExp | null;
  /** A unique key or a primary key is taken. */
  readonly isDuplicate: (error: unknown) => boolean;
  /** A foreign key points at nothing. */
  readonly isOrphan: (error: unknown) => boolean;
  /** A foreign key points at nothing, or at a row that was to be deleted. */
  readonly isForeignKey: (error: unknown) => boolean;
  /**
   * A fault that stays. `row`: the row breaks a rule of its table, such as a key, NOT NULL or CHECK. `statement`: a
   * name, a type or the grammar is wrong. Null: an outage.
   */
  readonly faultOf: (error: unknown) => "row" | "statement" | null;
  /** Busy, deadlock, serialization failure: the same statements may succeed when run again. */
  readonly isRetryable: (error: unknown) => boolean;
  /** The driver's error without values, fit for a log: drivers quote the values that failed. */
  readonly withoutValues: (error: unknown) => unknown;
  /**
   * Destroys a connection, so that the pool does not get it back. A statement may still be running on it. Null: the
   * database is in this process.
   */
  readonly sever: ((db: Kysely<Tables>, connection: DatabaseConnection) => Promise<void>) | null;
  /** What may be wrong if the pool never hands over a connection, as a sentence. */
  readonly noConnectionHint: string;
  /** Takes the locks of a transaction where BEGIN does not. Receives the name of a table. */
  readonly opening: ((table: string) => CompiledQuery) | null;
  /** The driver may count only the rows that a write changed, not all that it found (mysql2's `-FOUND_ROWS`). */
  readonly mayCountChanges: boolean;
  /** A new row locks the row that it refers to, against every write. */
  readonly referringLocks: boolean;
  /** A failed statement spoils its transaction, unless it is rolled back to a savepoint. */
  readonly failureSpoils: boolean;
  /** Ends an INSERT so that it does nothing where a key is taken; every other error stays an error. */
  readonly unlessTaken: RawBuilder<unknown>;
  /** Ends a SELECT so that its rows are locked, also against new rows that refer to them. */
  readonly forUpdate: RawBuilder<unknown>;
  /** Deletes the first `limit` rows at most, in one short statement. */
  readonly deleteSome: (doomed: DoomedRows) => RawBuilder<unknown>;
  readonly schema: SchemaDialect;
}

/** How to ask a database about its tables, and how to make them. */
export interface SchemaDialect {
  readonly ddl: (db: Kysely<Tables>) => Promise<Ddl>;
  readonly hasTable: (db: Kysely<Tables>, name: string) => Promise<boolean>;
  /** The statements that create the table's schema, if it does not exist yet. */
  readonly createSchemaFor: (db: Kysely<Tables>, table: string) => Promise<readonly string[]>;
  /** Reads what was sent, and the settings of the database, in one statement. */
  readonly echo: (sent: Sent) => RawBuilder<Echo>;
  /** How to fix a driver that changes values. */
  readonly hints: EchoHints;
  /** The setting in the echo that would break a promise, as a sentence. Null: there is no such setting. */
  readonly unfitness: (echo: Echo) => string | null;
  /** Runs `work` in one process at a time, in one transaction where the database can create tables in it. */
  readonly exclusively: <T>(
    db: Kysely<Tables>,
    lock: string,
    work: (db: Kysely<Tables>) => Promise<T>,
  ) => Promise<T>;
  /** The table, column or index exists, or the index is gone. Null: a migration is never half done here. */
  readonly isAlreadyDone: ((error: unknown) => boolean) | null;
}

/** Values that careless parsers change. They pass the driver twice, like those of real rows. */
export interface Sent {
  /** In winter and in summer: a parser that drops the offset is wrong in one of them at least. */
  readonly winter: StoredTime;
  readonly summer: StoredTime;
  readonly bigint: number;
  readonly integer: number;
  readonly id: string;
  readonly text: string;
}

/** The row that comes back. Drivers that rename columns lose the underscores. */
export interface Echo {
  readonly echo_winter: StoredTime;
  readonly echo_summer: StoredTime;
  readonly echo_bigint: StoredInteger;
  readonly echo_integer: StoredInteger;
  readonly echo_id: string;
  readonly echo_text: string;
  readonly [setting: `setting_${string}`]: unknown;
}

/** What to change, as sentences: one for each kind of value. */
interface EchoHints {
  readonly rows: string;
  readonly time: string;
  readonly integer: string;
  readonly text: string;
}

/** The parts of CREATE TABLE. */
export interface Ddl {
  /** Quotes a name, with or without its schema. */
  readonly quote: (name: string) => string;
  readonly columns: ColumnTypes;
  /** Follows the closing bracket of CREATE TABLE. */
  readonly tableOptions: string;
  /** Limits an index to some rows, where the database can do that. */
  readonly indexOnly: (condition: string) => string;
  /** Drops an index, and creates another that begins with the same column. */
  readonly replaceIndex: (table: string, replacement: IndexReplacement) => readonly string[];
}

interface IndexReplacement {
  /** The end of the name of the index that goes. */
  readonly drop: string;
  /** The end of the name of the new index. */
  readonly create: string;
  readonly columns: string;
}

/** Text columns compare byte by byte: `a`, `A` and `a ` are three texts. */
interface ColumnTypes {
  /** A UUID. */
  readonly id: string;
  readonly time: string;
  readonly integer: string;
  /** Up to 2^32 and beyond. */
  readonly counter: string;
  /** One of our own few words. */
  readonly word: string;
  /** Bounded, fit for an index. */
  readonly key: string;
  /** Any text of at most 512 characters, fit for an index. */
  readonly identifier: string;
  readonly text: string;
}

export interface DoomedRows {
  readonly table: string;
  readonly key: string;
  readonly where: RawBuilder<unknown>;
  /** The column of `where`. In its order, the planner uses the index and not the whole table. */
  readonly by: string;
  readonly limit: number;
}

/** What a store needs to make its queries. */
export interface Schema {
  /** Without plugins: an application's camel case must not rename our columns. */
  readonly db: Kysely<Tables>;
  readonly names: TableNames;
  readonly dialect: SqlDialect;
}
