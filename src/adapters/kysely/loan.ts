import {
  CompiledQuery,
  type ConnectionProvider,
  type DatabaseConnection,
  type KyselyPlugin,
  type Transaction,
} from "kysely";
import type { CompiledStatement, StatementResult } from "./own-statement.ts";
import type { Runner } from "./runner.ts";
import type { Tables } from "./tables.ts";

/** The application's use of a transaction of ours. */
export interface Loan {
  /** The transaction, with the plugins of the application's Kysely. */
  take(): Transaction<Tables>;
  /** Runs a statement that another library has compiled. */
  run(statement: CompiledStatement): Promise<StatementResult>;
  /** Ends the use. Throws if a statement of the application undid the transaction. */
  settle(): Promise<void>;
}

/** What the transaction does with each statement that the application runs by itself. */
export interface Watch {
  /** Throws if the transaction takes no statement any more. */
  assertOpen(): void;
  /** Throws if nothing may be sent any more. It is asked when the connection is free. */
  assertGoesOn(): void;
  /** Notes an error of the driver, and returns what the application gets of it. */
  failed(error: unknown): unknown;
  /** Keeps the transaction open until this has ended. */
  track<T>(use: Promise<T>): Promise<T>;
}

const SAVEPOINT: CompiledQuery = CompiledQuery.raw("savepoint sallyport_loan");
const RELEASE: CompiledQuery = CompiledQuery.raw("release savepoint sallyport_loan");

/**
 * Lends the transaction to the application. One of its statements may end the transaction, and COMMIT would succeed all
 * the same: InnoDB undoes the victim of a deadlock, and PostgreSQL answers COMMIT with ROLLBACK, which not every Kysely
 * notices. So we set a savepoint before its first statement: it cannot be released once the transaction is undone.
 */
export function lend(trx: Transaction<Tables>, runner: Runner, watch: Watch): Omit<Loan, "run"> {
  let savepoint: Promise<unknown> | undefined;
  let lent: Transaction<Tables> | undefined;
  let over = false;
  const assertOpen = (): void => {
    if (over) throw new TypeError("The transaction is over: await every statement within the hook.");
    watch.assertOpen();
  };
  return {
    take: () => {
      savepoint ??= runner.run(SAVEPOINT).catch(() => {}); // a failure here makes the transaction fail, which reports it
      lent ??= watched(trx, { ...watch, assertOpen });
      return lent;
    },
    settle: async () => {
      over = true;
      if (!savepoint) return;
      await savepoint;
      await runner.run(RELEASE);
    },
  };
}

/** The same transaction. All that it gives access to is watched, also without plugins and by a stream. */
function watched(trx: Transaction<Tables>, watch: Watch): Transaction<Tables> {
  const executor = trx.getExecutor();
  const provider: ConnectionProvider = {
    provideConnection: async (use, options) => {
      watch.assertOpen();
      return watch.track(executor.provideConnection((raw) => use(watchedConnection(raw, watch)), options));
    },
  };
  // It speaks before Kysely itself refuses, without the reason.
  const asking: KyselyPlugin = {
    transformQuery: ({ node }) => {
      watch.assertOpen();
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const own = executor.withConnectionProvider(provider).withPlugin(asking);
  // Kysely has one call that gives a transaction another executor.
  const { withPlugin } = executor;
  executor.withPlugin = () => own;
  try {
    return trx.withPlugin(asking);
  } finally {
    executor.withPlugin = withPlugin;
  }
}

function watchedConnection(raw: DatabaseConnection, { assertGoesOn, failed }: Watch): DatabaseConnection {
  return {
    async executeQuery(query, options) {
      assertGoesOn();
      try {
        return await raw.executeQuery(query, options);
      } catch (error) {
        throw failed(error);
      }
    },
    async *streamQuery(...query) {
      assertGoesOn();
      try {
        yield* raw.streamQuery(...query);
      } catch (error) {
        throw failed(error);
      }
    },
  };
}
