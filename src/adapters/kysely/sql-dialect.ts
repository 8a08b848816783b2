import type { Kysely, RawBuilder } from "kysely";
import type { StoredTime, TableNames, Tables } from "./tables.ts";

/** Everything in which one database differs from another. */
export interface SqlDialect {
  readonly columns: ColumnTypes;
  /** What follows the closing bracket of CREATE TABLE. */
  readonly tableOptions: string;
  readonly encodeTime: (at: Date) => StoredTime;
  readonly decodeTime: (stored: StoredTime) => Date;
  /** A unique key (not the primary key) is taken. */
  readonly isDuplicate: (error: unknown) => boolean;
  /** Busy, deadlock, serialization failure: the same transaction may succeed when run again. */
  readonly isRetryable: (error: unknown) => boolean;
  /** The driver's error, fit for a log: drivers quote the values they choked on. */
  readonly withoutValues: (error: unknown) => unknown;
  /** Ends an INSERT so that it does nothing where the key is taken; every other error stays an error. */
  readonly unlessTaken: (key: readonly string[]) => RawBuilder<unknown>;
  /** Deletes at most `limit` rows in one short statement. */
  readonly deleteSome: (doomed: DoomedRows) => RawBuilder<unknown>;
  readonly hasTable: (db: Kysely<Tables>, name: string) => Promise<boolean>;
}

/** Text columns compare byte by byte: `a`, `A` and `a ` are three texts. */
interface ColumnTypes {
  /** A UUID. */
  readonly id: string;
  readonly time: string;
  readonly integer: string;
  /** ASCII, bounded, fit for an index. */
  readonly key: string;
  /** Any text, fit for an index. */
  readonly identifier: string;
  readonly text: string;
}

export interface DoomedRows {
  readonly table: string;
  readonly key: string;
  readonly where: RawBuilder<unknown>;
  readonly limit: number;
}

/** What the queries of a store are made from. */
export interface Schema {
  readonly db: Kysely<Tables>;
  readonly names: TableNames;
  readonly dialect: SqlDialect;
}
