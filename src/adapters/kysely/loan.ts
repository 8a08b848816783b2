import { CompiledQuery, type KyselyPlugin, type Transaction } from "kysely";
import type { Lane } from "./lane.ts";
import type { Tables } from "./tables.ts";

/** The application's use of a transaction of ours. */
export interface Loan {
  /** The transaction, with the plugins of the application's Kysely. */
  take(): Transaction<Tables>;
  /** Ends the use. Throws if a statement of the application undid the transaction behind our back. */
  settle(): Promise<void>;
}

const SAVEPOINT: CompiledQuery = CompiledQuery.raw("savepoint sallyport_loan");
const RELEASE: CompiledQuery = CompiledQuery.raw("release savepoint sallyport_loan");

/**
 * Lends the transaction to the application, whose statements are not ours to watch: one that nobody awaits
 * may be a deadlock's victim after our own last one. InnoDB then undoes everything and COMMIT succeeds;
 * PostgreSQL answers COMMIT with ROLLBACK, which not every Kysely notices. A savepoint tells: it is set
 * before the application's first statement, and cannot be released once the transaction is undone.
 */
export function loanOf(trx: Transaction<Tables>, lane: Lane): Loan {
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
      lent ??= lane.run(SAVEPOINT).catch(() => {}); // its failure is the transaction's, and told there
      return trx.withPlugin(refuseWhenOver);
    },
    settle: async () => {
      over = true;
      if (!lent) return;
      await lent;
      await lane.run(RELEASE);
    },
  };
}
