import type { Transaction } from "kysely";
import { AuthError } from "../../errors.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import type { Tables } from "./tables.ts";

const TRANSACTION: unique symbol = Symbol.for("sallyport.kyselyTransaction");

/** The store of a transaction, with the transaction in its pocket. */
export function carryTransaction(tx: AuthStore, trx: Transaction<Tables>): AuthStore {
  return Object.freeze({ ...tx, [TRANSACTION]: trx });
}

/**
 * The Kysely transaction behind the `tx` of a hook: for rows of the application's own tables that must
 * appear together with the library's, or not at all. It has the plugins of the application's Kysely.
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
    throw new AuthError("invalid_configuration", {
      message: "kyselyTransaction: this store has no Kysely; use kyselyStore or sqliteStore.",
    });
  }
  return tx[TRANSACTION] as Transaction<Database>;
}
