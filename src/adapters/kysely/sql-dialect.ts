import type { CompiledQuery, Kysely, RawBuilder } from "kysely";
import type { StoredTime, TableNames, Tables } from "./tables.ts";

/** Everything in which one database differs from another. */
export interface SqlDialect {
  readonly name: "postgres" | "mysql" | "sqlite";
  readonly encodeTime: (at: Date) => StoredTime;
  readonly decodeTime: (stored: StoredTime) => Date;
  /** A unique key (not the primary key) is taken. */
  readonly isDuplicate: (error: unknown) => boolean;
  /** A foreign key points at nothing. */
  readonly isOrphan: (error: unknown) => boolean;
  /** Busy, deadlock, serialization failure: the same statements may succeed when run again. */
  readonly isRetryable: (error: unknown) => boolean;
  /** The driver's error, fit for a log: drivers quote the values they choked on. */
  readonly withoutValues: (error: unknown) => unknown;
  /** Takes a transaction's locks where BEGIN does not. Given the name of a table. */
  readonly opening: ((table: string) => CompiledQuery) | null;
  /** The driver may count the rows that a write changed, not those it found (mysql2's `-FOUND_ROWS`). */
  readonly mayCountChanges: boolean;
  /** A new row locks the one that it refers to, against every write to it. */
  readonly referringLocks: boolean;
  /** A failed statement spoils its whole transaction, but for what follows a savepoint. */
  readonly failureSpoils: boolean;
  /** Ends an INSERT so that it does nothing where the key is taken; every other error stays an error. */
  readonly unlessTaken: (key: readonly string[]) => RawBuilder<unknown>;
  /** Ends a SELECT so that its rows are locked, also against new rows that refer to them. */
  readonly forUpdate: RawBuilder<unknown>;
  /** Deletes the first `limit` rows at most, in one short statement. */
  readonly deleteSome: (doomed: DoomedRows) => RawBuilder<unknown>;
  readonly schema: SchemaDialect;
}

/** How a database is asked about its tables, and how they are made. */
export interface SchemaDialect {
  readonly ddl: (db: Kysely<Tables>) => Promise<Ddl>;
  readonly hasTable: (db: Kysely<Tables>, name: string) => Promise<boolean>;
  /** What makes the schema that the table is to be in, if there is none yet. */
  readonly createSchemaFor: (db: Kysely<Tables>, table: string) => Promise<readonly string[]>;
  /** What in the database's settings would break a promise, in a sentence. */
  readonly unfitness: (db: Kysely<Tables>) => Promise<string | null>;
  /** Runs `work` while no other process does: in one transaction, where tables can be made in one. */
  readonly exclusively: <T>(
    db: Kysely<Tables>,
    lock: string,
    work: (db: Kysely<Tables>) => Promise<T>,
  ) => Promise<T>;
  /** The table, column or index exists. Null: nothing is ever half made, so it never is an answer. */
  readonly isAlreadyThere: ((error: unknown) => boolean) | null;
}

/** The words of CREATE TABLE. */
export interface Ddl {
  /** Of a name with or without a schema in front. */
  readonly quote: (name: string) => string;
  readonly columns: ColumnTypes;
  /** What follows the closing bracket of CREATE TABLE. */
  readonly tableOptions: string;
  /** What keeps the rows that do not matter out of an index, where that can be said. */
  readonly indexOnly: (condition: string) => string;
}

/** Text columns compare byte by byte: `a`, `A` and `a ` are three texts. */
interface ColumnTypes {
  /** A UUID. */
  readonly id: string;
  readonly time: string;
  readonly integer: string;
  /** Up to 2^32 and beyond. */
  readonly counter: string;
  /** One of a few words of ours. */
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
  /** The column that `where` is about: in its order, the planner cannot prefer the whole table to the index. */
  readonly by: string;
  readonly limit: number;
}

/** What the queries of a store are made from. */
export interface Schema {
  /** Without plugins: an application's camel case is not ours. */
  readonly db: Kysely<Tables>;
  readonly names: TableNames;
  readonly dialect: SqlDialect;
}
