import type { Transaction } from "kysely";
import { misconfigured } from "../../errors.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import type { Loan } from "./loan.ts";
import type { CompiledStatement, StatementResult } from "./own-statement.ts";

const TRANSACTION: unique symbol = Symbol.for("sallyport.kyselyTransaction");
const STATEMENTS: unique symbol = Symbol.for("sallyport.sqlIn");

/**
 * The Kysely transaction behind the `tx` of a hook. Rows of your own tables appear together with the library's
 * rows, or not at all. It has the plugins of your Kysely. Await every statement inside the hook: after it, the
 * transaction accepts no more.
 *
 * A statement that fails undoes the whole transaction, also if the hook catches the error. None is sent after it. Its
 * error is the driver's, without values: it has the driver's `code` and `constraint`.
 *
 * @example
 * ```ts
 * import type { HooksOptions } from "sallyport";
 * import { kyselyTransaction } from "sallyport/kysely";
 *
 * interface Database {
 *   profiles: { user_id: string };
 * }
 *
 * const hooks: HooksOptions = {
 *   userCreated: ({ user, tx }) =>
 *     kyselyTransaction<Database>(tx).insertInto("profiles").values({ user_id: user.id }).execute(),
 * };
 * ```
 * @throws AuthError `invalid_configuration`: the store is not one of `kyselyStore` or `sqliteStore`.
 */
export function kyselyTransaction<Database>(tx: AuthStore): Transaction<Database> {
  if (!(TRANSACTION in tx)) {
    throw misconfigured("kyselyTransaction: this store has no Kysely; use kyselyStore or sqliteStore.");
  }
  return (tx[TRANSACTION] as Loan["take"])() as unknown as Transaction<Database>;
}

/**
 * Runs a statement that another library has compiled, in the transaction behind the `tx` of a hook. So the rows of an
 * application with Drizzle, Knex or TypeORM appear together with the user, or not at all. The statement is INSERT,
 * UPDATE, DELETE, SELECT, WITH, MERGE, REPLACE or VALUES. Give values as parameters: a text that databases read in
 * different ways, such as a backslash in quotes, is refused.
 *
 * A statement that fails undoes the whole transaction, also if the hook catches the error. The error's `cause` is the
 * driver's error without values; its `code` and `constraint` tell what was refused.
 *
 * Codes: `invalid_configuration` (a store without SQL, or the store itself in place of `tx`), `internal_error` (the
 * database refuses the statement or its row; the transaction is over; another statement than these), `unavailable`.
 *
 * @example
 * ```ts
 * import { drizzle } from "drizzle-orm/node-postgres";
 * import { pgTable, uuid } from "drizzle-orm/pg-core";
 * import type { HooksOptions } from "sallyport";
 * import { sqlIn } from "sallyport/kysely";
 *
 * const profiles = pgTable("profiles", { userId: uuid("user_id").primaryKey() });
 * const db = drizzle(process.env["DATABASE_URL"] ?? "");
 *
 * const hooks: HooksOptions = {
 *   userCreated: ({ user, tx }) => sqlIn(tx, db.insert(profiles).values({ userId: user.id }).toSQL()),
 * };
 * ```
 */
export async function sqlIn(tx: AuthStore, statement: CompiledStatement): Promise<StatementResult> {
  if (typeof tx !== "object" || tx === null || !(STATEMENTS in tx)) {
    throw misconfigured("sqlIn: needs the `tx` of a hook, of a kyselyStore or sqliteStore.");
  }
  return (tx[STATEMENTS] as Loan["run"])(statement);
}

/** The store of a transaction, with what `kyselyTransaction` and `sqlIn` take from it. */
export function carryTransaction(tx: AuthStore, { take, run }: Loan): AuthStore {
  return Object.freeze({ ...tx, [TRANSACTION]: take, [STATEMENTS]: run });
}
