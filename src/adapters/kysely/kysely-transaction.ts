import { CompiledQuery, type KyselyPlugin, type Transaction } from "kysely";
import { misconfigured } from "../../errors.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import type { Runner } from "./runner.ts";
import type { Tables } from "./tables.ts";

const TRANSACTION: unique symbol = Symbol.for("sallyport.kyselyTransaction");

/**
 * The Kysely transaction behind the `tx` of a hook. Rows of your own tables appear together with the library's
 * rows, or not at all. It has the plugins of your Kysely. Await every statement inside the hook: after it, the
 * transaction accepts no more.
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

/** The store of a transaction, from which `kyselyTransaction` takes the transaction. */
export function carryTransaction(tx: AuthStore, { take }: Loan): AuthStore {
  return Object.freeze({ ...tx, [TRANSACTION]: take });
}

/** The application's use of a transaction of ours. */
export interface Loan {
  /** The transaction, with the plugins of the application's Kysely. */
  take(): Transaction<Tables>;
  /** Ends the use. Throws if a statement of the application undid the transaction. */
  settle(): Promise<void>;
}

const SAVEPOINT: CompiledQuery = CompiledQuery.raw("savepoint sallyport_loan");
const RELEASE: CompiledQuery = CompiledQuery.raw("release savepoint sallyport_loan");

/**
 * Lends the transaction to the application, whose statements we do not see. One without an `await` may be the
 * victim of a deadlock after our last statement. InnoDB then undoes everything, and COMMIT succeeds. PostgreSQL
 * answers COMMIT with ROLLBACK, which not every Kysely notices. So we set a savepoint before the application's
 * first statement: it cannot be released once the transaction is undone.
 */
export function lend(trx: Transaction<Tables>, runner: Runner): Loan {
  let lent: Promise<unknown> | undefined;
  let over = false;
  const refuseWhenOver: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (over) throw new TypeError("The transaction is over: await every statement within the hook.");
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return {
    take: () => {
      lent ??= runner.run(SAVEPOINT).catch(() => {}); // a failure here makes the transaction fail, which reports it
      return trx.withPlugin(refuseWhenOver);
    },
    settle: async () => {
      over = true;
      if (!lent) return;
      await lent;
      await runner.run(RELEASE);
    },
  };
}
