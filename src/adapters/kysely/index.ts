export { type KyselyStoreOptions, kyselyStore, migrate, planMigration } from "./kysely-store.ts";
export { kyselyTransaction } from "./kysely-transaction.ts";
export type { MigrationPlan } from "./migrator.ts";
export type { TableOptions } from "./tables.ts";
