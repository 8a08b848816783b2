export { type KyselyStoreOptions, kyselyStore, migrate, planMigration } from "./kysely-store.ts";
export { kyselyTransaction, sqlIn } from "./kysely-transaction.ts";
export type { MigrationPlan } from "./migrator.ts";
export { namedStatements } from "./named-statements.ts";
export type { CompiledStatement, StatementResult } from "./own-statement.ts";
export type { TableOptions } from "./tables.ts";
