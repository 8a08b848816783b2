import type { Transaction } from "kysely";
import { misconfigured } from "../../errors.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import type { Tables } from "./tables.ts";

const TRANSACTION: unique symbol = Symbol.for("sallyport.kyselyTransaction");

type Take = () => Transaction<Tables>;

/** The store of a transaction, with the transaction in its pocket. */
export function carryTransaction(tx: AuthStore, take: Take): AuthStore {
  return Object.freeze({ ...tx, [TRANSACTION]: take });
}

/**
 * The Kysely transaction behind the `tx` of a hook: for rows of the application's own tables that must
 * appear together with the library's, or not at all. It has the plugins of the application's Kysely. Await
 * every statement: once the transaction's work is done it takes no more.
 *
 * @example
 * hooks: {
 *   userCreated: ({ user, tx }) =>
 *     kyselyTransaction<Database>(tx).insertInto("profiles").values({ user_id: user.id }).execute(),
 * }
 * @throws AuthError `invalid_configuration`: the store is not one of `kyselyStore` or `sqliteStore`.
 */
export function kyselyTransaction<Database>(tx: AuthStore): Transaction<Database> {
  if (!(TRANSACTION in tx)) {
    throw misconfigured("kyselyTransaction: this store has no Kysely; use kyselyStore or sqliteStore.");
  }
  return (tx[TRANSACTION] as Take)() as unknown as Transaction<Database>;
}
